"""A second volume over a slice: where it is, how it mixes, and where nothing of it is painted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rtvis.app.color_maps import COLOR_MAPS, GRAY
from rtvis.app.overlay_state import OverlayLook
from rtvis.app.planes import PlaneKind, VolumePlanes
from rtvis.geometry.grid import Grid
from rtvis.scene import fusion as fusion_module
from rtvis.scene.fusion import Fusion
from rtvis.scene.overlay_legend import bar_place
from rtvis.scene.slice_scene import SliceScene
from rtvis.scene.volume_image import VolumeImage

from .conftest import landmark_voxels, made_volume

WHITE_HOT = OverlayLook(1.0, GRAY, bounds=(0.0, 1000.0))

ORIENTATIONS = {
    "axial": (1, 0, 0, 0, 1, 0),
    "prone": (-1, 0, 0, 0, -1, 0),
    "sagittal slices": (0, 1, 0, 0, 0, -1),
    "oblique": (np.cos(0.3), 0, np.sin(0.3), 0, 1, 0),
}


def scene_over(base, over, look, *, kind=PlaneKind.AXIAL, cursor=None, size=(300, 200, 1.0)):
    """A scene of `base` with `over` over it, and what blends it."""
    scene = SliceScene()
    scene.set_size(*size)
    scene.set_image(VolumeImage(base))
    scene.set_window(1000.0, 500.0)
    scene.set_view(VolumePlanes(base.grid).at(kind, base.grid.centre_lps_mm if cursor is None else cursor))
    fusion = Fusion(VolumeImage(over), look)
    scene.set_blends((fusion,))
    return scene, fusion


def moved_to(volume, index_kji, point):
    """The volume shifted so that the centre of a voxel lies at a patient point."""
    grid = volume.grid
    shift = np.asarray(point) - grid.to_patient(np.array(index_kji[::-1], float))
    affine = grid.affine_lps.copy()
    affine[:3, 3] += shift
    moved = Grid(grid.shape, affine, grid.slice_origins_lps_mm + shift, grid.frame_of_reference_uid)
    return replace(volume, grid=moved, slices=tuple(replace(one) for one in volume.slices))


def centre_of(picture):
    grey = picture[..., 0].astype(float)
    assert grey.max() > 60, "the hot spot isn't in the picture"
    rows, columns = np.mgrid[: grey.shape[0], : grey.shape[1]] + 0.5
    return np.array([(grey * columns).sum(), (grey * rows).sum()]) / grey.sum()


@pytest.mark.parametrize("kind", list(PlaneKind))
@pytest.mark.parametrize("name", ORIENTATIONS)
@pytest.mark.parametrize("base_name", ["axial", "oblique"])
def test_a_hot_spot_of_another_grid_is_at_its_pixel_in_each_view(name, base_name, kind):
    base = made_volume(np.zeros((12, 30, 40), np.int16), orientation=ORIENTATIONS[base_name])
    place = base.grid.to_patient(np.array([19.3, 14.6, 5.2]))
    spot = made_volume(landmark_voxels((5, 9, 11), (11, 20, 21)), orientation=ORIENTATIONS[name], spacing=(4.0, 4.0))
    over = moved_to(spot, (5, 9, 11), place)
    scene, _ = scene_over(base, over, WHITE_HOT, kind=kind, cursor=place)
    if kind is PlaneKind.AXIAL:  # a native slice lies beside the spot: the nearest one is half a gap away at the most
        assert abs(float(scene.view.plane.distances_mm(place))) < 1.5
    scene.zoom(2.0, *scene.patient_to_display(place))
    in_plane = place - scene.view.plane.distances_mm(place) * scene.view.plane.normal
    seen = centre_of(scene.picture())
    # A cell that the plane cuts aslant is seen off its middle by as much as the plane is away from it.
    slack = 1.0 if name == base_name else 1.0 + abs(float(scene.view.plane.distances_mm(place)))
    np.testing.assert_allclose(seen, scene.patient_to_display(in_plane), atol=slack)


@pytest.mark.parametrize("opacity", [0.0, 0.25, 0.5, 0.8, 1.0])
@pytest.mark.parametrize("key", ["hot_iron", "pet_20_step", "cool_warm"])
def test_pixels_are_the_mix_of_both(opacity, key):
    """``base x (1 - opacity) + colour x opacity``, to two of 255, over greys and over colours."""
    _, j, i = np.indices((12, 30, 40))
    base = made_volume((i * 25).astype(np.int16))
    over = made_volume((j * 33).astype(np.int16))
    look = OverlayLook(opacity, COLOR_MAPS[key], bounds=(200.0, 700.0))
    for table in (None, COLOR_MAPS["viridis"].table()):
        scene, _ = scene_over(base, over, look)
        scene.set_color_map(table)
        mixed = scene.picture().copy()
        scene.set_blends(())
        bare = scene.picture().astype(float)
        bare = np.repeat(bare[..., None], 3, axis=2) if bare.ndim == 2 else bare[..., 2::-1]
        for index in [(5, 6, 7), (5, 9, 30), (5, 15, 20), (5, 20, 3), (5, 27, 38)]:
            x, y = scene.patient_to_display(base.grid.to_patient(np.array(index[::-1], float)))
            value = float(over.voxels[index])
            place = np.clip((value - 200.0) / 500.0, 0, 1)
            colors = COLOR_MAPS[key].table().astype(float)
            color = colors[round(float(place) * 255)]
            near = [
                colors[max(round(float(place) * 255) - 3, 0)],
                colors[min(round(float(place) * 255) + 3, 255)],
                color,
            ]
            expected = [bare[int(y), int(x)] * (1 - opacity) + one * opacity for one in near]
            got = mixed[int(y), int(x), 2::-1].astype(float)
            low, high = np.min(expected, axis=0) - 2.5, np.max(expected, axis=0) + 2.5
            assert np.all((got >= low) & (got <= high)), (index, got, expected)


def test_low_values_that_fade_leave_the_image_as_it_is():
    base = made_volume(np.full((12, 30, 40), 600, np.int16))
    over = made_volume(np.indices((12, 30, 40))[2].astype(np.int16) * 25)
    look = OverlayLook(1.0, COLOR_MAPS["hot_iron"], bounds=(0.0, 1000.0), fade=True)
    scene, _ = scene_over(base, over, look)
    row = scene.patient_to_display(base.grid.to_patient([[0.0, 15, 5], [4.0, 15, 5], [12.0, 15, 5]]))
    picture = scene.picture()
    first, tenth, third = (picture[int(y), int(x), :3].astype(float) for x, y in row)
    assert first == pytest.approx([153, 153, 153], abs=2)  # 600 of a window from 0 to 1000
    assert tenth == pytest.approx([0.6 * 153, 0.6 * 153, 0.6 * 153 + 0.4 * 51], abs=4)
    assert third[0] == pytest.approx(0, abs=2)  # a third of hot iron is red, and it covers all


def test_below_the_threshold_and_outside_nothing_is_painted():
    base = made_volume(np.full((12, 30, 40), 600, np.int16))
    over = made_volume(np.indices((12, 15, 20))[2].astype(np.int16) * 50)
    look = OverlayLook(1.0, GRAY, bounds=(0.0, 1000.0), threshold=500.0)
    scene, fusion = scene_over(base, over, look, size=(600, 400, 1.0))
    places = base.grid.to_patient([[9.8, 7, 5], [10.2, 7, 5], [19.0, 7, 5], [25.0, 7, 5], [10.2, 20, 5]])

    def greys():
        picture = scene.picture()
        return [int(picture[int(y), int(x), 1]) for x, y in scene.patient_to_display(places)]

    below, above, high, right, under = greys()
    assert (below, right, under) == (153, 153, 153)
    assert above == pytest.approx(130, abs=3)
    assert high == pytest.approx(242, abs=3)
    fusion.set_look(replace(look, threshold=None))
    scene.set_blends((fusion,))
    assert greys()[0] == pytest.approx(125, abs=3)
    fusion.set_look(replace(look, wash=False))
    scene.set_blends((fusion,))
    assert greys() == [153] * 5


def test_the_window_is_in_the_volumes_units_whatever_its_rescale():
    base = made_volume(np.zeros((12, 30, 40), np.int16))
    over = made_volume(np.full((12, 30, 40), 1500, np.uint32), slopes=[0.01] * 12)
    varied = made_volume(np.full((12, 30, 40), 1500, np.int16), slopes=[0.01] * 11 + [0.02])
    look = OverlayLook(1.0, GRAY, bounds=(10.0, 20.0))
    for one in (over, varied):
        scene, _ = scene_over(base, one, look)
        x, y = scene.patient_to_display(base.grid.centre_lps_mm)
        assert int(scene.picture()[int(y), int(x), 0]) == pytest.approx(127, abs=2)


def test_a_volume_that_the_plane_or_the_view_misses_changes_nothing():
    base = made_volume(np.full((12, 30, 40), 600, np.int16))
    away = moved_to(base, (0, 0, 0), [-31.0, 12.5, 300.0])
    beside = moved_to(base, (0, 0, 0), [500.0, 12.5, -140.0])
    for one in (away, beside):
        scene, _ = scene_over(base, one, WHITE_HOT)
        mixed = scene.picture().copy()
        scene.set_blends(())
        bare = scene.picture()
        np.testing.assert_array_equal(mixed[..., 0], bare)


def test_on_dense_screens_it_is_at_the_same_place():
    base = made_volume(np.zeros((12, 30, 40), np.int16))
    place = base.grid.to_patient(np.array([19.0, 14.0, 5.0]))
    over = moved_to(made_volume(landmark_voxels((5, 9, 11), (11, 20, 21)), spacing=(4.0, 4.0)), (5, 9, 11), place)
    scene, _ = scene_over(base, over, WHITE_HOT, cursor=place, size=(300, 200, 2.0))
    scene.zoom(2.0, *scene.patient_to_display(place))
    picture = scene.picture()
    assert picture.shape[:2] == (400, 600)
    np.testing.assert_allclose(centre_of(picture) / 2, scene.patient_to_display(place), atol=0.5)


def test_the_bar_at_the_edge_has_the_colours_from_its_lower_end_to_its_upper_one():
    base = made_volume(np.zeros((12, 30, 40), np.int16))
    look = OverlayLook(0.5, COLOR_MAPS["hot_iron"], bounds=(0.0, 1000.0))
    scene, fusion = scene_over(base, base, look, size=(400, 400, 1.0))
    left, top, bottom = (round(value) for value in bar_place(scene.framing))
    column = scene.picture()[top:bottom, left + 3, 2::-1]
    np.testing.assert_array_equal(column[[0, -1]], COLOR_MAPS["hot_iron"].table()[[255, 0]])
    middle = column[len(column) // 2]
    assert middle == pytest.approx(COLOR_MAPS["hot_iron"].table()[127], abs=4)
    fusion.set_look(replace(look, wash=False))
    scene.set_blends((fusion,))
    assert not scene.picture()[top:bottom, left + 3, :3].any()


@pytest.mark.parametrize("size", [(300, 200, 1.0), (301, 203, 1.0), (150, 101, 2.0)])
def test_voxels_of_many_pixels_are_at_the_same_place_and_nearly_the_same(monkeypatch, size):
    base = made_volume(np.zeros((12, 30, 40), np.int16))
    place = base.grid.to_patient(np.array([19.0, 14.0, 5.0]))
    over = moved_to(made_volume(landmark_voxels((5, 9, 11), (11, 20, 21)), spacing=(4.0, 4.0)), (5, 9, 11), place)
    scene, fusion = scene_over(base, over, WHITE_HOT, cursor=place, size=size)
    scene.zoom(8.0, *scene.patient_to_display(place))
    assert 3.0 / scene.framing.mm_per_pixel * size[2] > fusion_module.COARSE_FROM_PIXELS
    coarse = scene.picture().copy()
    monkeypatch.setattr(fusion_module, "COARSE_FROM_PIXELS", 1e9)
    scene.set_blends((fusion,))
    fine = scene.picture()
    np.testing.assert_allclose(coarse[..., 0].astype(float), fine[..., 0].astype(float), atol=255 / 16)
    np.testing.assert_allclose(centre_of(coarse), centre_of(fine), atol=0.1)


def blob_over_ramp():
    k, j, i = np.indices((12, 30, 40))
    base = made_volume((i * 25).astype(np.int16))
    return base, made_volume((900 - 4 * ((i - 20) ** 2 + (j - 15) ** 2) - 30 * abs(k - 6)).astype(np.int16))


def test_over_greys_pixels_are_the_same_as_by_the_way_that_takes_colours():
    scene, _ = scene_over(*blob_over_ramp(), OverlayLook(0.4, COLOR_MAPS["hot_iron"], bounds=(0.0, 800.0), fade=True))
    over_greys = scene.picture().copy()
    scene.set_color_map(GRAY.table())
    np.testing.assert_array_equal(scene.picture(), over_greys)
    assert (over_greys[..., 0] != over_greys[..., 2]).any()


def test_a_plane_made_ahead_is_the_same_and_costs_no_more_cutting(monkeypatch):
    base, over = blob_over_ramp()
    look = OverlayLook(0.4, COLOR_MAPS["hot_iron"], bounds=(0.0, 800.0), threshold=100.0)
    scene, fusion = scene_over(base, over, look)
    planes = VolumePlanes(base.grid)
    next_view = planes.at(PlaneKind.AXIAL, planes.step(PlaneKind.AXIAL, base.grid.centre_lps_mm, 1))
    first = scene.picture().copy()
    assert fusion.prepare(scene.framing.on(next_view.plane), next_view)
    assert not fusion.prepare(scene.framing.on(next_view.plane), next_view)
    cuts = []
    monkeypatch.setattr(fusion, "_found", lambda *asked: cuts.append(asked))
    scene.set_view(next_view)
    ahead = scene.picture().copy()
    assert cuts == []
    assert (ahead != first).any()
    fresh, _ = scene_over(base, over, look, cursor=next_view.plane.origin_lps_mm)
    fresh.set_view(next_view)
    np.testing.assert_array_equal(fresh.picture(), ahead)


@pytest.mark.parametrize(
    "changed", [{"bounds": (0.0, 300.0)}, {"threshold": 500.0}, {"opacity": 0.9}, {"color_map": GRAY}, {"fade": True}]
)
def test_planes_that_are_kept_follow_every_change_of_the_look(changed):
    base, over = blob_over_ramp()
    look = OverlayLook(0.4, COLOR_MAPS["hot_iron"], bounds=(0.0, 800.0))
    scene, fusion = scene_over(base, over, look)
    before = scene.picture().copy()
    fusion.set_look(replace(look, **changed))
    scene.set_blends((fusion,))
    fresh, _ = scene_over(base, over, replace(look, **changed))
    np.testing.assert_array_equal(scene.picture(), fresh.picture())
    assert (scene.picture() != before).any()


def test_only_so_many_planes_are_kept(monkeypatch):
    base, over = blob_over_ramp()
    scene, fusion = scene_over(base, over, WHITE_HOT)
    scene.picture()
    monkeypatch.setattr(fusion_module, "MOST_KEPT_BYTES", 3 * fusion._kept[scene.framing.key].places.nbytes)
    planes, point = VolumePlanes(base.grid), base.grid.centre_lps_mm
    for _ in range(5):
        point = planes.step(PlaneKind.AXIAL, point, 1)
        scene.set_view(planes.at(PlaneKind.AXIAL, point))
        scene.picture()
    assert len(fusion._kept) == 3
    assert scene.framing.key in fusion._kept


@pytest.mark.parametrize("kind", [PlaneKind.CORONAL, PlaneKind.SAGITTAL, PlaneKind.AXIAL])
def test_nothing_is_painted_beside_a_tilted_stack(kind):
    """Where the lowest values are painted brightest, too: the box that holds the stack has corners beside it."""
    base = made_volume(np.zeros((30, 60, 60), np.int16))
    tilted = made_volume(np.full((8, 12, 14), 400, np.int16), shear=(0.5, 0.4, 0), spacing=(2.0, 2.0))
    over = moved_to(tilted, (4, 6, 7), base.grid.centre_lps_mm)
    scene, _ = scene_over(base, over, replace(WHITE_HOT, inverse=True), kind=kind)
    painted = scene.picture()[..., 0] > 60
    columns, rows = scene.framing.device_size
    x, y = np.meshgrid(np.arange(columns) + 0.5, np.arange(rows) + 0.5)
    index = over.grid.to_index(scene.framing.display_to_patient(x, y))
    away = np.maximum(-0.5 - index, index - (np.array(over.grid.shape[::-1]) - 0.5)).max(axis=-1)
    assert bar_place(scene.framing) is None  # which would be painted as well
    assert np.count_nonzero(away < -0.3) > 200
    assert painted[away < -0.3].all()
    assert not painted[away > 0.3].any()


def test_windows_as_narrow_as_they_are_overflow_nothing_and_paint_nothing_beside():
    base = made_volume(landmark_voxels())
    over = made_volume(np.full((5, 8, 8), 500, np.int16), modality="PT")
    over = moved_to(over, (2, 4, 4), base.grid.centre_lps_mm)
    scene, _ = scene_over(base, over, replace(WHITE_HOT, bounds=(100.0, 100.0 + 1e-7)))
    bare, _ = scene_over(base, over, replace(WHITE_HOT, wash=False))
    painted = scene.picture()[..., 0]
    assert (painted == 255).any()
    assert np.array_equal(painted[:20], bare.picture()[:20].reshape(20, painted.shape[1], -1)[..., 0])
