"""The planes in 3D show what slices show: an overlay with its own grid, its colours, its threshold."""

from __future__ import annotations

import numpy as np
import pytest

from rtvis.app.color_maps import COLOR_MAPS, GRAY
from rtvis.app.oblique import Oblique
from rtvis.app.overlay_state import OverlayLook
from rtvis.app.planes import PlaneKind, VolumePlanes
from rtvis.app.view3d_state import CutToBox, Look3D
from rtvis.model.structure_set import Contour, Roi
from rtvis.scene.fusion import Fusion
from rtvis.scene.picking import PickedKind
from rtvis.scene.scene3d import Scene3D
from rtvis.scene.slice_scene import SliceScene
from rtvis.scene.twin import Twin
from rtvis.scene.volume_image import VolumeImage

from .conftest import made_volume

HOT = OverlayLook(0.6, COLOR_MAPS["hot_iron"], bounds=(0.0, 1000.0), fade=True)
WASH = OverlayLook(0.35, COLOR_MAPS["rainbow"], bounds=(0.0, 800.0), threshold=500.0)
INVERSE = OverlayLook(0.5, GRAY, inverse=True, bounds=(200.0, 600.0))

AMONG_COLORS = 10
"""Of 255: a texture mixes colours between pixels, a slice mixes values."""


def sloping(shape, slopes, start=0.0):
    """Values that change evenly along each axis."""
    k, j, i = np.mgrid[: shape[0], : shape[1], : shape[2]]
    return np.asarray(start + slopes[0] * k + slopes[1] * j + slopes[2] * i).astype(np.int16)


@pytest.fixture
def scene(screen):
    made = Scene3D(screen.renderer)
    made.camera.set_parallel(parallel=True)
    yield made
    made.close()


@pytest.fixture
def base():
    return made_volume(sloping((12, 30, 40), (5, 4, 3), 50), modality="MR")


@pytest.fixture
def over():
    """Coarser, tilted, and smaller than the images."""
    turned = (np.cos(0.2), 0, np.sin(0.2), 0, 1, 0)
    return made_volume(sloping((8, 10, 12), (40, 20, 45), 10), orientation=turned, spacing=(3.5, 4.0), modality="PT")


def pixel(camera, point, size):
    """The (row, column) of the pixel that a patient point is seen at."""
    matrix = camera.GetCompositeProjectionTransformMatrix(size[0] / size[1], -1, 1)
    rows = np.array([[matrix.GetElement(i, j) for j in range(4)] for i in range(4)])
    x, y = (rows @ [*point, 1.0])[:2]
    return int((1 - y) / 2 * size[1]), int((x + 1) / 2 * size[0])


def shown(scene, base, over, look, kind=PlaneKind.AXIAL):
    planes = VolumePlanes(base.grid)
    view = planes.at(kind, base.grid.centre_lps_mm)
    scene.set_image(VolumeImage(base), planes)
    scene.set_window(400.0, 200.0)
    scene.set_views([view])
    scene.planes.set_overlay(None if over is None else VolumeImage(over), look)
    return view


def slice_colours(base, over, look, view, points):
    scene = SliceScene()
    scene.set_size(900, 900, 1.0)
    scene.set_image(VolumeImage(base))
    scene.set_window(400.0, 200.0)
    scene.set_view(view)
    if over is not None:
        scene.set_blends((Fusion(VolumeImage(over), look),))
    picture = scene.picture()
    columns, rows = np.asarray(scene.framing.patient_to_display(points)).T.astype(int)
    colours = np.atleast_3d(picture)[rows, columns, :3][:, ::-1].astype(int)  # grey where nothing is blended
    scene.close()
    return colours


@pytest.mark.parametrize("look", [HOT, WASH, INVERSE], ids=["hot", "wash", "inverse"])
@pytest.mark.parametrize(
    ("kind", "letter"), [(PlaneKind.AXIAL, "S"), (PlaneKind.CORONAL, "A"), (PlaneKind.SAGITTAL, "L")]
)
def test_a_plane_has_the_colours_of_its_slice(screen, scene, base, over, look, kind, letter):
    view = shown(scene, base, over, look, kind)
    scene.camera.look_from(letter)
    picture = screen.capture().astype(int)
    centre = base.grid.centre_lps_mm
    offsets = np.array([(a, b) for a in np.arange(-13.0, 14.0, 2.6) for b in np.arange(-13.0, 14.0, 2.6)])
    points = centre + offsets @ np.array([view.plane.u, view.plane.v])
    seen = np.array([picture[pixel(screen.renderer.GetActiveCamera(), point, screen.size)] for point in points])
    expected = slice_colours(base, over, look, view, points)
    bare = slice_colours(base, None, look, view, points)
    assert (np.abs(expected - bare).max(axis=1) > 25).mean() > 0.15  # the overlay is seen
    far = np.abs(seen - expected).max(axis=1) > AMONG_COLORS
    assert far.mean() < 0.06, f"{seen[far]} instead of {expected[far]}"  # pixels on the edge of a threshold


def test_an_overlay_goes_and_comes(screen, scene, base, over):
    shown(scene, base, None, HOT)
    scene.camera.look_from("S")
    bare = screen.capture()
    image = VolumeImage(over)
    scene.planes.set_overlay(image, HOT)
    assert scene.planes.has_overlay
    with_overlay = screen.capture()
    assert (with_overlay != bare).mean() > 0.02
    scene.planes.set_overlay(image, WASH)
    assert (with_overlay != screen.capture()).mean() > 0.02
    scene.planes.set_overlay(None, WASH)
    assert not scene.planes.has_overlay
    assert np.array_equal(screen.capture(), bare)


def test_an_overlay_on_air_hides_what_is_behind_it_and_is_picked(screen, scene):
    """As in a slice: where a dose is painted on lung, it is the dose on black that one sees."""
    voxels = np.full((12, 30, 40), -900, np.int16)
    voxels[:, :4] = 40  # tissue elsewhere: air is seen through
    base = made_volume(voxels)
    dose = made_volume(np.full((12, 30, 40), 500, np.int16), modality="RTDOSE")
    point = base.grid.to_patient([20, 25, 4])
    behind = Roi(1, "point", (Contour(point[None], "POINT"),), (0, 255, 0))
    scene.set_rois([behind])  # there before the planes are
    shown(scene, base, None, WASH, PlaneKind.CORONAL)
    scene.camera.look_from("A")
    where = pixel(screen.renderer.GetActiveCamera(), point, screen.size)
    assert screen.capture()[where][1] > 150
    assert scene.pick(where[1] + 0.5, where[0] + 0.5).kind is PickedKind.BALL
    scene.planes.set_overlay(VolumeImage(dose), OverlayLook(0.5, COLOR_MAPS["rainbow"], bounds=(0.0, 500.0)))
    seen = screen.capture()[where].astype(int)
    most = COLOR_MAPS["rainbow"].table()[-1]
    assert seen == pytest.approx(most / 2, abs=12)  # half of it on the dark background
    assert scene.pick(where[1] + 0.5, where[0] + 0.5).kind is PickedKind.PLANE


def test_a_picture_of_the_view_has_the_overlay(screen, scene, base, over):
    shown(scene, base, over, HOT)
    scene.camera.look_from("S")
    with Twin(scene.shown(), *screen.size) as twin:
        assert twin.scene.planes.has_overlay
        difference = np.abs(twin.capture().astype(int) - screen.capture().astype(int)).max(axis=2)
    assert (difference > 40).mean() < 0.02


@pytest.mark.parametrize("shear", [(0.0, 1.5, 0.0), (1.0, -1.5, 0.0)])
@pytest.mark.parametrize("inverse", [False, True])
@pytest.mark.parametrize("boxed", [False, True])
def test_beside_a_tilted_stack_planes_show_nothing(screen, scene, shear, inverse, boxed):
    tilted = made_volume(np.full((12, 30, 40), 100, np.int16), modality="MR", shear=shear)
    grid = tilted.grid
    planes = VolumePlanes(grid)
    view = planes.at(PlaneKind.SAGITTAL, grid.centre_lps_mm)
    scene.set_image(VolumeImage(tilted), planes)
    scene.set_window(100.0, 100.0)
    scene.planes.set_color_map(GRAY.table(inverse=inverse))
    low, high = grid.corners_lps_mm().min(axis=0), grid.corners_lps_mm().max(axis=0)
    least, most = low - 9.0, high + np.array([9.0, -14.0, 9.0])
    # What has to be cut from a plane depends on its place: it is elsewhere at first.
    scene.set_views([planes.at(PlaneKind.SAGITTAL, high + 20.0)])
    scene.camera.look_from("L")
    if boxed:
        cut = CutToBox(tuple(least), tuple(most))
        scene.set_look(Look3D(planes=frozenset({PlaneKind.SAGITTAL}), cut=cut, parallel=True))
    scene.set_views([view])
    picture = screen.capture().astype(int)
    steps = np.linspace(0.06, 0.94, 12)
    points = np.array(
        [
            [grid.centre_lps_mm[0], low[1] + a * (high - low)[1], low[2] + b * (high - low)[2]]
            for a in steps
            for b in steps
        ]
    )
    seen = np.array([picture[pixel(screen.renderer.GetActiveCamera(), point, screen.size)].max() for point in points])

    def seen_there(places):
        return grid.contains(places) & (not boxed or np.all((places > least) & (places < most), axis=1))

    inside = seen_there(points)
    around = np.array([[0, 1.5, 0], [0, -1.5, 0], [0, 0, 1.5], [0, 0, -1.5]])
    edge = np.array([seen_there(point + around) for point in points])
    within, beside = inside & edge.all(axis=1), ~inside & ~edge.any(axis=1)
    assert within.sum() > 30
    assert beside.sum() > 5
    assert np.abs(seen[within] - 127).max() < 12
    assert seen[beside].max() < 60, "the background"


def test_planes_and_frames_move_without_being_made_anew(screen, scene, base):
    planes, middle = VolumePlanes(base.grid), base.grid.centre_lps_mm
    scene.set_image(VolumeImage(base), planes)
    scene.set_window(400, 200)
    kinds = (PlaneKind.AXIAL, PlaneKind.CORONAL, PlaneKind.SAGITTAL)
    scene.set_views([planes.at(kind, middle) for kind in kinds])
    scene.camera.turn(60, 35, 200)
    scene.camera.fit()
    before, drawn = scene.planes.props, screen.draw()
    scene.set_views([planes.at(kind, middle + 7.0) for kind in kinds])
    assert [id(one) for one in scene.planes.props] == [id(one) for one in before]
    moved, camera = screen.draw(), scene.camera.copied()
    assert not np.array_equal(moved, drawn)
    scene.planes.close()
    scene.set_image(VolumeImage(base), planes)
    scene.set_window(400, 200)
    scene.set_views([planes.at(kind, middle + 7.0) for kind in kinds])
    scene.camera.see_as(camera)
    np.testing.assert_array_equal(screen.draw(), moved)


def test_the_frame_of_an_oblique_plane_has_as_many_corners_as_it_cuts(scene, base):
    planes, middle = VolumePlanes(base.grid), base.grid.centre_lps_mm
    scene.set_image(VolumeImage(base), planes)
    corners = []
    for normal in ((0, 0, 1), (1, 1, 1), (1, 2, 1), (0, 1, 0)):  # rectangles, six sides
        planes.oblique = Oblique.facing(normal)
        view = planes.at(PlaneKind.OBLIQUE, middle)
        scene.set_views([view])
        frame = scene.planes.props[-1]
        assert np.array(frame.GetBounds()) == pytest.approx(
            np.column_stack([planes.outline(view).min(axis=0), planes.outline(view).max(axis=0)]).ravel()
        )
        corners.append(frame.GetMapper().GetInput().GetNumberOfPoints())
    assert len(set(corners)) > 1


def test_air_is_seen_through_once_images_that_were_being_read_show_tissue(scene):
    filled = np.zeros((12, 30, 40), np.int16)
    volume = made_volume(filled[:], intercept=-1000.0)
    planes = VolumePlanes(volume.grid)
    scene.set_image(VolumeImage(volume), planes)
    scene.set_window(400, 40)
    scene.set_views([planes.at(PlaneKind.AXIAL, volume.grid.centre_lps_mm)])
    assert not scene.planes.is_seen_through(np.array(-900.0))  # nothing was read yet
    filled[4:, 8:20, 10:30] = 1050
    scene.planes.values_changed()
    assert scene.planes.is_seen_through(np.array(-900.0))
    assert not scene.planes.is_seen_through(np.array(50.0))
