"""The volume rendered in 3D, and what is cut away."""

from __future__ import annotations

import gc
import weakref
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from rtvis.app.planes import STANDARD_KINDS, PlaneKind, VolumePlanes
from rtvis.app.roi_looks import RoiLook, RoiStyle
from rtvis.app.tissue_presets import tissue_presets
from rtvis.app.view3d_state import CutAtPlane, CutToBox, Look3D
from rtvis.scene import display_volume as display_volume_module
from rtvis.scene.display_volume import display_volume
from rtvis.scene.picking import PickedKind
from rtvis.scene.ray import Ray
from rtvis.scene.scene3d import Scene3D
from rtvis.scene.tissue import FINER, MOVING_MS, SHARP_MS, STILL_MS, draws_in_software
from rtvis.scene.tissue_mapper import ready_mapper
from rtvis.scene.volume_image import VolumeImage
from rtvis.surfaces.roi_surface import roi_surface

from .conftest import made_volume, square_roi
from .test_picking import SIZE, seen_at

SHAPE = (24, 40, 40)
GAP = 3.0


@pytest.fixture
def scene(screen):
    scene = Scene3D(screen.renderer)
    scene.camera.set_size(*SIZE)
    yield scene
    scene.close()


def bone_block(**kwargs):
    """Air with a block of bone: indices 8 to 15 of slices, 10 to 19 of rows, 20 to 29 of columns."""
    voxels = np.full(SHAPE, -1000, np.int16)
    voxels[8:16, 10:20, 20:30] = 800
    return made_volume(voxels, **kwargs)


def show(scene, volume, look):
    image = VolumeImage(volume)
    planes = VolumePlanes(volume.grid)
    scene.set_image(image, planes)
    scene.set_views([planes.at(kind, volume.grid.centre_lps_mm) for kind in STANDARD_KINDS])
    preset = next((one for one in tissue_presets(volume) if one.key == look.tissue), None)
    scene.tissue.set_data(display_volume(image))
    scene.set_look(look, preset)
    return planes


def lit(screen, scene, point):
    """Whether something bright is drawn at a patient point."""
    scene.prepare()
    picture = screen.capture()
    x, y = (int(one) for one in seen_at(screen, point))
    return bool(picture[y, x].astype(int).sum() > 150)


BONE = Look3D(tissue="bone", planes=frozenset())


@pytest.mark.parametrize("orientation", [(1, 0, 0, 0, 1, 0), (0, 1, 0, 0, 0, -1), (1, 0, 0, 0, -1, 0)])
@pytest.mark.parametrize("letter", ["A", "L", "S"])
def test_bone_is_seen_where_it_is(screen, scene, orientation, letter):
    volume = bone_block(orientation=orientation)
    show(scene, volume, BONE)
    scene.camera.look_from(letter)
    scene.camera.zoom(0.4)
    assert lit(screen, scene, volume.grid.to_patient([24.5, 14.5, 11.5]))
    corners = np.array([[20, 10, 8], [29, 19, 15]])
    low, high = np.sort(volume.grid.to_patient(corners), axis=0)
    size = high - low
    inner = volume.grid.to_patient([24.5, 14.5, 11.5])
    ahead = np.array(screen.renderer.GetActiveCamera().GetDirectionOfProjection())
    for axis in np.flatnonzero(np.abs(ahead) < 0.5):
        step = np.eye(3)[axis] * size[axis] / 2
        for sign in (-1, 1):
            assert lit(screen, scene, inner + sign * 0.7 * step)
            assert not lit(screen, scene, inner + sign * 1.5 * step)


@pytest.mark.parametrize("letter", ["A", "S"])
def test_a_graphics_card_draws_it_in_the_same_place(screen, scene, monkeypatch, letter):
    """Here the card's program runs on the processor too; where it draws is the same."""
    volume = bone_block(orientation=(1, 0, 0, 0, -1, 0))
    show(scene, volume, BONE)
    scene.tissue.fixed_pixels = 1.0
    scene.camera.look_from(letter)
    scene.prepare()
    by_processor = screen.capture().astype(int)
    scene.tissue.close()
    monkeypatch.setattr("rtvis.scene.tissue.draws_in_software", lambda _window: False)
    scene.tissue.set_data(display_volume(VolumeImage(volume)))
    scene.prepare()
    by_card = screen.capture().astype(int)
    there = [picture[:, 75:].sum(axis=2) > 150 for picture in (by_processor, by_card)]
    assert there[0].mean() > 0.05
    assert np.mean(there[0] != there[1]) < 0.02


def test_bone_is_picked_on_its_side(screen, scene):
    volume = bone_block()
    show(scene, volume, BONE)
    scene.camera.look_from("A")
    front = volume.grid.to_patient([24.5, 9.5, 11.5])
    picked = scene.pick(*seen_at(screen, front))
    assert picked.kind is PickedKind.TISSUE
    assert np.linalg.norm(picked.point_lps_mm - front) < 1.0
    np.testing.assert_allclose(picked.normal, [0, -1, 0], atol=0.05)
    assert scene.pick(*seen_at(screen, volume.grid.to_patient([5, 9.5, 20]))) is None


@pytest.mark.parametrize("kwargs", [{"shear": (0.0, 0.3, 0.0)}, {"distances": np.cumsum([0, *[3.0, 5.0] * 11, 3.0])}])
def test_bone_on_tilted_and_uneven_slices_is_rendered_and_picked_where_it_is(screen, scene, kwargs):
    volume = bone_block(**kwargs)
    show(scene, volume, BONE)
    scene.camera.look_from("A")
    scene.camera.zoom(0.5)
    for index in ([24.5, 9.5, 9], [21, 9.5, 14], [28, 9.5, 14]):
        front = volume.grid.to_patient(index)
        assert lit(screen, scene, front)
        picked = scene.pick(*seen_at(screen, front))
        assert np.linalg.norm(picked.point_lps_mm - front) < 1.5
    above = volume.grid.to_patient([24.5, 9.5, 18])
    assert not lit(screen, scene, above)


def test_what_is_rendered_is_fitted_not_the_air_around_it(screen, scene):
    volume = bone_block()
    show(scene, volume, BONE)
    scene.camera.look_from("A")
    corners = volume.grid.to_patient([[19.5, 9.5, 7.5], [29.5, 19.5, 15.5]])
    places = np.array([seen_at(screen, corner) for corner in corners])
    assert np.ptp(places[:, 1]) > 0.75 * SIZE[1]
    assert np.abs(places.mean(axis=0) - np.array(SIZE) / 2).max() < 12


def test_slow_machines_get_as_many_rays_as_there_is_time_for(screen, scene):
    show(scene, bone_block(), BONE)
    tissue = scene.tissue
    assert tissue.sharper == (2.0, 1.0)  # nothing is known yet
    for _ in range(8):
        scene.prepare()
        tissue.drawn(16 * MOVING_MS / tissue.pixels_between_rays**2)
    assert tissue.pixels_between_rays == pytest.approx(4.0)
    tissue.drawn_sharply(2.0, 4 * SHARP_MS / 2.0**2)
    assert tissue.sharper == pytest.approx((2 * (SHARP_MS / STILL_MS) ** 0.5, 2.0))
    for _ in range(2):
        tissue.drawn_sharply(1.0, 0.5 * STILL_MS)
    assert tissue.sharper == (1.0,)  # at once, where that is quick
    scene.set_look(Look3D())
    assert tissue.sharper == ()


def test_one_drawing_that_was_quick_does_not_make_the_next_one_slow(screen, scene):
    show(scene, bone_block(), BONE)
    tissue = scene.tissue
    for _ in range(8):
        scene.prepare()
        tissue.drawn(16 * MOVING_MS / tissue.pixels_between_rays**2)
    before = tissue.pixels_between_rays
    scene.prepare()
    tissue.drawn(MOVING_MS / 50)
    assert FINER * before <= tissue.pixels_between_rays <= before
    scene.prepare()
    tissue.drawn(20 * MOVING_MS)  # one that was slow makes the next one quick at once
    assert tissue.pixels_between_rays > 1.5 * before


def test_what_was_made_ready_in_another_thread_draws_the_same_picture(screen, scene):
    volume = bone_block()
    show(scene, volume, BONE)
    scene.camera.reset()
    scene.prepare()
    picture = screen.capture()
    data = display_volume(VolumeImage(volume))
    with ThreadPoolExecutor(1) as pool:
        mapper = pool.submit(ready_mapper, data).result()
    if mapper is None:
        pytest.skip("a graphics card draws here, or pictures need a display")
    scene.tissue.set_data(data, mapper)
    scene.prepare()
    assert scene.tissue._mapper is mapper
    assert np.array_equal(screen.capture(), picture)
    assert (picture.max(axis=2) > 150).mean() > 0.01


def test_only_strips_are_drawn_sharply(screen, scene):
    show(scene, bone_block(), BONE)
    scene.prepare()
    screen.capture()
    mapper = scene.tissue._mapper
    coarse = mapper.GetImageSampleDistance(), mapper.GetSampleDistance()
    with scene.tissue.sharply(1.0):
        assert mapper.GetImageSampleDistance() == 1.0 < coarse[0]
        assert mapper.GetSampleDistance() < coarse[1]
    assert (mapper.GetImageSampleDistance(), mapper.GetSampleDistance()) == coarse


def test_what_the_machine_draws_with_is_known_before_anything_is_drawn(screen):
    before = draws_in_software(screen.window)
    screen.capture()
    assert draws_in_software(screen.window) == before


@pytest.mark.parametrize(
    "kwargs", [{}, {"distances": np.cumsum([0, *[3.0, 5.0] * 11, 3.0])}, {"shear": (0.0, 0.2, 0.0)}]
)
def test_a_display_volume_has_the_values_of_the_volume(kwargs):
    volume = bone_block(**kwargs)
    data = display_volume(VolumeImage(volume))
    start, end = volume.grid.to_patient([[24, -5, 12], [24, 45, 12]])
    ray = Ray(start, (end - start) / np.linalg.norm(end - start))
    distances, values = data.values_along(ray, 0.5)
    middle = volume.grid.to_patient([24, 14.5, 12])
    at = float((middle - start) @ ray.direction)
    assert np.interp(at, distances, values) == pytest.approx(800)
    assert np.interp(at + 20, distances, values) == pytest.approx(-1000)


def test_a_large_volume_is_rendered_from_means_and_stays_in_its_place(monkeypatch):
    monkeypatch.setattr(display_volume_module, "LARGEST_VOXELS", 6000)
    volume = bone_block()
    data = display_volume(VolumeImage(volume))
    assert data.factors != (1, 1, 1)
    assert data.voxels.size <= 6000
    assert data.voxels.dtype == volume.voxels.dtype
    weights = data.voxels.astype(float) + 1000
    places = np.stack(np.meshgrid(*[np.arange(n) for n in data.voxels.shape], indexing="ij"), axis=-1)
    middle = (weights[..., None] * places).sum(axis=(0, 1, 2)) / weights.sum()
    own = middle[::-1] * np.array(data.image.GetSpacing())
    expected = volume.grid.to_patient([24.5, 14.5, 11.5])
    np.testing.assert_allclose(data.matrix[:3, :3] @ own + data.matrix[:3, 3], expected, atol=0.6)


def test_a_small_volume_isnt_copied():
    volume = bone_block()
    assert np.shares_memory(display_volume(VolumeImage(volume)).voxels, volume.voxels)


@pytest.mark.parametrize("flipped", [False, True])
def test_a_cut_takes_away_tissue_on_its_side(screen, scene, flipped):
    volume = bone_block()
    planes = show(scene, volume, BONE)
    cursor = volume.grid.to_patient([24.5, 14.5, 11.0])
    scene.set_views([planes.at(kind, cursor) for kind in STANDARD_KINDS])
    scene.camera.look_from("A")
    above, below = volume.grid.to_patient([[24.5, 10, 13.5], [24.5, 10, 9.0]])
    assert lit(screen, scene, above)
    assert lit(screen, scene, below)
    scene.set_look(
        Look3D(tissue="bone", planes=frozenset(), cut=CutAtPlane(PlaneKind.AXIAL, flipped)), tissue_presets(volume)[0]
    )
    assert lit(screen, scene, above) is flipped
    assert lit(screen, scene, below) is not flipped
    assert (scene.pick(*seen_at(screen, above)) is not None) is flipped
    # It follows the cursor.
    scene.set_views([planes.at(kind, volume.grid.to_patient([24.5, 14.5, 16.0])) for kind in STANDARD_KINDS])
    assert lit(screen, scene, above) is not flipped


def test_a_box_leaves_surfaces_and_tissue_within_it(screen, scene):
    volume = bone_block()
    centre = volume.grid.to_patient([24.5, 14.5, 11.5])
    roi = square_roi(centre, 10.0, heights=np.arange(-12, 13, 3.0), color=(255, 255, 255))
    show(scene, volume, BONE)
    scene.set_rois([roi])
    scene.set_surface(roi, roi_surface(roi))
    scene.camera.look_from("A")
    left, right = centre + np.array([[6, -10, 0], [-6, -10, 0]])
    assert lit(screen, scene, left)
    assert lit(screen, scene, right)
    low, high = centre + np.array([[0, -50, -50], [50, 50, 50]])
    scene.set_look(
        Look3D(tissue="bone", planes=frozenset(), cut=CutToBox(tuple(low), tuple(high))), tissue_presets(volume)[0]
    )
    assert lit(screen, scene, left)
    assert not lit(screen, scene, right)
    assert scene.pick(*seen_at(screen, left)).roi == 1
    assert scene.pick(*seen_at(screen, right)) is None


def test_what_a_box_leaves_is_fitted(screen, scene):
    volume = bone_block()
    centre = volume.grid.centre_lps_mm
    cut = CutToBox(tuple(centre - 5.0), tuple(centre + 5.0))
    show(scene, volume, Look3D(cut=cut))
    scene.camera.look_from("A")
    places = [seen_at(screen, centre + np.array([0, -5, z])) for z in (-5, 5)]
    assert places[0][1] - places[1][1] > 0.85 * SIZE[1]


def test_the_plane_that_cuts_stays_whole_and_the_others_are_cut(screen, scene):
    volume = made_volume(np.full(SHAPE, 900, np.int16))
    planes = show(scene, volume, Look3D())
    scene.set_window(1000.0, 500.0)
    scene.camera.look_from("A")
    coronal = planes.at(PlaneKind.CORONAL, volume.grid.centre_lps_mm).plane
    above, below = coronal.origin_lps_mm + np.array([[9, 0, 20], [9, 0, -20]])
    assert lit(screen, scene, above)
    scene.set_look(Look3D(cut=CutAtPlane(PlaneKind.AXIAL)))
    assert not lit(screen, scene, above)
    assert lit(screen, scene, below)
    scene.set_look(Look3D(cut=CutAtPlane(PlaneKind.CORONAL)))
    assert lit(screen, scene, above)


def test_styles_of_rois(screen, scene):
    roi = square_roi([0.0, 0.0, 0.0], 10.0, heights=np.arange(-12, 13, 6.0), color=(255, 255, 255))
    scene.set_rois([roi])
    scene.set_surface(roi, roi_surface(roi))
    scene.camera.look_from("A")
    between, on_line = [0.0, -10.0, 3.0], [0.0, -10.0, 0.0]
    seen = {}
    looks = {style.value: Look3D(roi_style=style) for style in RoiStyle}
    looks["lines of one"] = Look3D(roi_looks={roi.number: RoiLook(style=RoiStyle.LINES)})
    looks["none, nor of one"] = Look3D(RoiStyle.NONE, roi_looks={roi.number: RoiLook(style=RoiStyle.BOTH)})
    for name, look in looks.items():
        scene.set_look(look)
        picture = screen.capture().astype(int).sum(axis=2)
        found = []
        for point in (between, on_line):
            x, y = (int(one) for one in seen_at(screen, point))
            found.append(bool(picture[y - 1 : y + 2, x].max() > 150))
        seen[name] = tuple(found)
    assert seen == {
        "surfaces": (True, True),
        "lines": (False, True),
        "both": (True, True),
        "none": (False, False),
        "lines of one": (False, True),
        "none, nor of one": (False, False),
    }


def test_opacity_of_all_and_of_one(screen, scene):
    rois = [square_roi([20.0 * n, 0, 0], 8.0, number=n + 1, heights=np.arange(-6, 7, 3.0)) for n in range(2)]
    scene.set_rois(rois)
    for roi in rois:
        scene.set_surface(roi, roi_surface(roi))
    scene.set_look(Look3D(opacity=0.5, roi_looks={2: RoiLook(opacity=0.2)}))
    assert [one.surface_actor.GetProperty().GetOpacity() for one in scene.rois] == [0.5, 0.2]
    scene.set_look(Look3D(roi_looks={2: RoiLook(opacity=0.0)}))
    scene.camera.look_from("A")
    assert scene.pick(*seen_at(screen, [20.0, -8.0, 0.0])) is None
    assert scene.pick(*seen_at(screen, [0.0, -8.0, 0.0])).roi == 1


def test_parallel_lines_of_sight_keep_what_is_seen(screen, scene):
    volume = bone_block()
    show(scene, volume, BONE)
    scene.camera.look_from("A")
    scene.set_look(Look3D(parallel=True))
    assert scene.camera.is_parallel
    corners = np.array([seen_at(screen, point) for point in volume.grid.corners_lps_mm()])
    assert corners.min() >= 0
    assert np.all(corners <= SIZE)
    before = seen_at(screen, volume.grid.centre_lps_mm)
    scene.camera.pan(30, 20, SIZE[1])
    after = seen_at(screen, volume.grid.centre_lps_mm)
    np.testing.assert_allclose(np.subtract(after, before), [30, 20], atol=1e-6)
    scene.camera.zoom(2.0)
    scene.set_look(Look3D(parallel=False))
    assert not scene.camera.is_parallel


def test_nothing_of_a_rendered_volume_outlives_its_scene(screen):
    scene = Scene3D(screen.renderer)
    show(scene, bone_block(), Look3D(tissue="bone", cut=CutAtPlane(PlaneKind.AXIAL)))
    scene.prepare()
    screen.capture()
    left = [weakref.ref(one) for one in (scene, scene.tissue, scene.tissue.data.image, scene.tissue._volume)]
    scene.close()
    assert screen.renderer.GetViewProps().GetNumberOfItems() == 0
    del scene
    gc.collect()
    assert [one() for one in left] == [None] * len(left)
