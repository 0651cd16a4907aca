"""Places of the 3D view and what is seen there."""

from __future__ import annotations

import numpy as np
import pytest

from rtvis.app.planes import PlaneKind, VolumePlanes
from rtvis.model.structure_set import Contour, Roi
from rtvis.scene.picking import PickedKind
from rtvis.scene.scene3d import Scene3D
from rtvis.scene.volume_image import VolumeImage
from rtvis.surfaces.roi_surface import roi_surface

from .conftest import made_volume, square_roi

SIZE = (300, 200)


@pytest.fixture
def scene(screen):
    scene = Scene3D(screen.renderer)
    scene.camera.set_size(*SIZE)
    yield scene
    scene.close()


def seen_at(screen, point):
    """Where VTK draws a patient point: the view's pixels from the top left corner."""
    renderer = screen.renderer
    renderer.SetWorldPoint(*np.asarray(point).tolist(), 1.0)
    renderer.WorldToDisplay()
    x, y, _ = renderer.GetDisplayPoint()
    return x, SIZE[1] - y


def cube(centre, half=10.0, **kwargs):
    return square_roi(centre, half, heights=np.arange(-half, half + 1, 2.0), **kwargs)


def test_a_ray_goes_where_vtk_draws(screen, scene):
    scene.set_rois([cube([5.0, -3.0, 20.0])])
    for parallel in (False, True):
        camera = screen.renderer.GetActiveCamera()
        camera.SetParallelProjection(parallel)
        scene.camera.reset()
        for point in ([5.0, -3.0, 20.0], [15.0, 7.0, 30.0], [-4.0, -13.0, 11.0]):
            ray = scene.camera.ray(*seen_at(screen, point))
            off = np.array(point) - ray.origin_lps_mm
            away = np.linalg.norm(off - (off @ ray.direction) * ray.direction)
            assert away < 1e-6


@pytest.mark.parametrize("letter", "APLRSI")
def test_the_side_of_a_cube_is_picked_where_it_is(screen, scene, letter):
    centre = np.array([5.0, -3.0, 20.0])
    roi = cube(centre, number=7)
    scene.set_rois([roi])
    surface = roi_surface(roi)
    scene.set_surface(roi, surface)
    scene.camera.look_from(letter)
    towards = -np.array(screen.renderer.GetActiveCamera().GetDirectionOfProjection())
    on_side = centre + 10.0 * towards
    picked = scene.pick(*seen_at(screen, on_side))
    assert picked is not None
    assert (picked.roi, picked.kind) == (7, PickedKind.SURFACE)
    # Flat ends are half a gap beyond the outermost contour.
    expected = centre + (11.0 if letter in "SI" else 10.0) * towards
    assert picked.point_lps_mm @ towards == pytest.approx(expected @ towards, abs=0.05)
    across = picked.point_lps_mm - expected
    assert np.linalg.norm(across - (across @ towards) * towards) < 0.05
    assert picked.normal @ towards > 0.99
    assert scene.pick(2.0, 2.0) is None


def test_what_is_picked_is_what_is_drawn_to_half_a_pixel(screen, scene):
    """Along the edge of a ball-like surface: where a pixel shows it, it is picked, and nowhere else."""
    turn = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    contours = [
        Contour(
            np.column_stack([r * np.cos(turn), r * np.sin(turn), np.full(60, z)]),
            "CLOSED_PLANAR",
        )
        for z in np.arange(-19.0, 20.0, 2.0)
        for r in [np.sqrt(400 - z * z)]
    ]
    roi = Roi(1, "ball", tuple(contours), (255, 0, 0))
    scene.set_rois([roi])
    scene.set_surface(roi, roi_surface(roi))
    background = screen.capture()[0, 0]
    picture = screen.capture()
    row = SIZE[1] // 2
    shown = np.abs(picture[row].astype(int) - background).sum(axis=1) > 12
    picked = np.array([scene.pick(x + 0.5, row + 0.5) is not None for x in range(SIZE[0])])
    assert shown.sum() > 50
    inner = slice(70, None)  # the cube with the letters stands in the corner
    assert np.count_nonzero(shown[inner] != picked[inner]) == 0


def test_what_is_seen_through_glass_is_picked_and_glass_where_nothing_else_is(screen, scene):
    centre = np.array([0.0, 0.0, 0.0])
    outer, inner = cube(centre, 20.0), cube(centre, 5.0, number=2)
    scene.set_rois([outer, inner])
    for roi in (outer, inner):
        scene.set_surface(roi, roi_surface(roi))
    scene.camera.look_from("A")
    assert scene.pick(*seen_at(screen, [0.0, -5.0, 0.0])).roi == 2
    assert scene.pick(*seen_at(screen, [15.0, -20.0, 0.0])).roi == 1


def test_needles_and_points_lead_to_what_was_drawn(screen, scene):
    needle = Roi(3, "needle", (Contour(np.array([[-20.0, 0, 0], [20.0, 5.0, 10.0]]), "OPEN_PLANAR"),), (0, 255, 0))
    marker = Roi(4, "marker", (Contour(np.array([[0.0, -10.0, 20.0]]), "POINT"),), (0, 0, 255))
    scene.set_rois([needle, marker])
    scene.camera.look_from("A")
    on_needle = scene.pick(*seen_at(screen, [0.0, 2.5, 5.0]))
    assert (on_needle.roi, on_needle.kind) == (3, PickedKind.TUBE)
    np.testing.assert_allclose(on_needle.anchor_lps_mm, [0.0, 2.5, 5.0], atol=0.2)
    assert 0.7 < np.linalg.norm(on_needle.point_lps_mm - on_needle.anchor_lps_mm) < 1.0
    on_marker = scene.pick(*seen_at(screen, [0.8, -10.0, 20.5]))
    assert (on_marker.roi, on_marker.kind) == (4, PickedKind.BALL)
    np.testing.assert_array_equal(on_marker.anchor_lps_mm, [0.0, -10.0, 20.0])


def test_an_image_plane_is_picked_where_there_is_tissue(screen, scene):
    voxels = np.full((12, 30, 40), -900, np.int16)
    voxels[:, :, :20] = 40
    volume = made_volume(voxels)
    planes = VolumePlanes(volume.grid)
    scene.set_image(VolumeImage(volume), planes)
    view = planes.at(PlaneKind.CORONAL, volume.grid.centre_lps_mm)
    scene.set_views([view])
    scene.camera.look_from("A")
    tissue, air = volume.grid.to_patient([[5, 0, 4], [35, 0, 4]])
    tissue[1] = air[1] = view.plane.origin_lps_mm[1]
    picked = scene.pick(*seen_at(screen, tissue))
    assert picked.kind is PickedKind.PLANE
    np.testing.assert_allclose(picked.point_lps_mm, tissue, atol=1e-6)
    np.testing.assert_allclose(picked.normal, [0, -1, 0], atol=1e-9)
    assert scene.pick(*seen_at(screen, air)) is None
    scene.planes.set_visible(())
    assert scene.pick(*seen_at(screen, tissue)) is None
