"""Slices in a renderer: where they are, what is bright, and that nothing is left behind."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest
from vtkmodules.vtkRenderingCore import vtkCoordinate

from rtvis.app.planes import STANDARD_KINDS, PlaneKind, VolumePlanes
from rtvis.scene.slice_scene import SliceScene
from rtvis.scene.volume_image import VolumeImage

from .conftest import landmark_voxels, made_volume

ORIENTATIONS = {
    "HFS": (1, 0, 0, 0, 1, 0),
    "FFS": (-1, 0, 0, 0, 1, 0),
    "HFP": (-1, 0, 0, 0, -1, 0),
    "sagittal slices": (0, 1, 0, 0, 0, -1),
    "oblique": (np.cos(0.2), 0, np.sin(0.2), 0, 1, 0),
}
LANDMARK = np.array([22, 13, 4])


def scene_of(screen, volume, kind, cursor, *, window=(1000, 500)):
    scene = SliceScene(screen.renderer)
    scene.set_size(300, 200)
    scene.set_image(VolumeImage(volume))
    scene.set_window(*window)
    scene.set_view(VolumePlanes(volume.grid).at(kind, cursor))
    return scene


def bright_centre(picture):
    """Centre of gravity of the picture's brightness, continuous coordinates (x right, y down)."""
    grey = picture[..., 0].astype(float)
    assert grey.max() > 100, "the landmark isn't in the picture"
    rows, columns = np.mgrid[: grey.shape[0], : grey.shape[1]] + 0.5
    return np.array([(grey * columns).sum(), (grey * rows).sum()]) / grey.sum()


@pytest.mark.parametrize("kind", list(STANDARD_KINDS))
@pytest.mark.parametrize("name", ORIENTATIONS)
def test_a_landmark_appears_at_its_pixel_in_each_view(screen, name, kind):
    volume = made_volume(landmark_voxels(), orientation=ORIENTATIONS[name])
    point = volume.grid.to_patient(LANDMARK)
    scene = scene_of(screen, volume, kind, point)
    scene.zoom(2.0, *scene.patient_to_display(point))
    expected = scene.patient_to_display(point)
    assert np.all((expected > 20) & (expected < [280, 180]))
    np.testing.assert_allclose(bright_centre(screen.capture()), expected, atol=0.5)
    scene.close()


@pytest.mark.parametrize("name", [*ORIENTATIONS, "FFP", "decubitus"])
def test_a_landmark_is_on_the_side_its_letter_says(screen, name):
    """Whatever way the patient lay: what is furthest to a side of the patient is seen at that side's letter."""
    orientation = {**ORIENTATIONS, "FFP": (1, 0, 0, 0, -1, 0), "decubitus": (0, 1, 0, -1, 0, 0)}[name]
    empty = made_volume(landmark_voxels(), orientation=orientation)
    k, j, i = np.indices(empty.grid.shape)
    centres = empty.grid.to_patient(np.stack([i, j, k], axis=-1).reshape(-1, 3).astype(float))
    for axis, sides in enumerate(("RL", "AP", "IS")):
        middle = empty.grid.centre_lps_mm
        beside = np.abs(np.delete(centres - middle, axis, axis=1)).max(axis=1) < 6.0
        for sign, letter in zip((-1, 1), sides, strict=True):
            reach = np.where(beside, sign * centres[:, axis], -np.inf)
            index = np.unravel_index(int(np.argmax(reach)), empty.grid.shape)
            volume = made_volume(landmark_voxels(index), orientation=orientation)
            point = volume.grid.to_patient(np.array(index[::-1], float))
            for kind in STANDARD_KINDS:
                scene = scene_of(screen, volume, kind, point)
                letters = scene.view.letters
                middle_seen = scene.patient_to_display(middle)
                away = bright_centre(screen.capture()) - middle_seen
                edges = {
                    letters.left[0]: -away[0], letters.right[0]: away[0],
                    letters.top[0]: -away[1], letters.bottom[0]: away[1],
                }  # fmt: skip
                if letter in edges:
                    assert edges[letter] > 0.8 * np.abs(away).max() > 5, (kind, letter)
                scene.close()


@pytest.mark.parametrize("distances", [(0, 2, 4, 6, 8, 10, 15, 20, 25, 30, 35, 40), None])
@pytest.mark.parametrize("shear", [(0, 0, 0), (0, 0.25, 0)])
def test_a_landmark_of_an_uneven_or_tilted_stack_is_where_the_grid_says(screen, distances, shear):
    volume = made_volume(landmark_voxels(), distances=distances, shear=shear)
    point = volume.grid.to_patient(LANDMARK)
    for kind in STANDARD_KINDS:
        scene = scene_of(screen, volume, kind, point)
        scene.zoom(1.5, *scene.patient_to_display(point))
        # Between uneven slices the bright spot is lopsided: its half-widths are the two gaps.
        tolerance = 0.6 if kind is PlaneKind.AXIAL else 1.2 / scene.framing.mm_per_pixel
        np.testing.assert_allclose(bright_centre(screen.capture()), scene.patient_to_display(point), atol=tolerance)
        assert scene.is_interpolated is (kind is not PlaneKind.AXIAL and not volume.grid.regular)
        scene.close()


def test_display_and_patient_agree_with_vtk(screen):
    volume = made_volume(landmark_voxels(), orientation=ORIENTATIONS["oblique"])
    scene = scene_of(screen, volume, PlaneKind.CORONAL, volume.grid.centre_lps_mm)
    scene.zoom(3.0, 100, 50)
    scene.pan(13.5, -7.25)
    screen.capture()
    coordinate = vtkCoordinate()
    coordinate.SetCoordinateSystemToWorld()
    for x, y in [(0, 0), (300, 200), (12.25, 150.75)]:
        point = scene.display_to_patient(x, y)
        coordinate.SetValue(*point)
        theirs = coordinate.GetComputedDoubleDisplayValue(screen.renderer)
        np.testing.assert_allclose([theirs[0], 200 - theirs[1]], [x, y], atol=0.01)
        np.testing.assert_allclose(scene.patient_to_display(point), [x, y], atol=1e-9)
    scene.close()


def test_a_pointer_names_the_middle_of_a_device_pixel(screen):
    volume = made_volume(landmark_voxels())
    scene = scene_of(screen, volume, PlaneKind.AXIAL, volume.grid.centre_lps_mm)
    np.testing.assert_allclose(scene.patient_to_display(scene.pointer_to_patient(10, 20)), [10.5, 20.5])
    scene.set_size(300, 200, 2.0)
    np.testing.assert_allclose(scene.patient_to_display(scene.pointer_to_patient(10.5, 20)), [10.75, 20.25])
    scene.close()


def test_zoom_keeps_the_point_under_the_pointer_and_pan_follows_it(screen):
    volume = made_volume(landmark_voxels())
    scene = scene_of(screen, volume, PlaneKind.AXIAL, volume.grid.centre_lps_mm)
    point = scene.display_to_patient(40, 70)
    scene.zoom(2.5, 40, 70)
    np.testing.assert_allclose(scene.patient_to_display(point), [40, 70], atol=1e-9)
    scene.pan(5, -3)
    np.testing.assert_allclose(scene.patient_to_display(point), [45, 67], atol=1e-9)
    scene.fit()
    corners = scene.patient_to_display(volume.grid.corners_lps_mm())
    assert corners.min() >= 0
    assert np.all(corners.max(axis=0) <= [300, 200])
    scene.close()


def test_scrolling_keeps_zoom_and_pan(screen):
    volume = made_volume(landmark_voxels())
    planes = VolumePlanes(volume.grid)
    cursor = volume.grid.centre_lps_mm
    scene = scene_of(screen, volume, PlaneKind.AXIAL, cursor)
    scene.zoom(2.5, 40, 70)
    before = scene.display_to_patient(10, 10)
    scene.set_view(planes.at(PlaneKind.AXIAL, planes.step(PlaneKind.AXIAL, cursor, 2)))
    np.testing.assert_allclose(scene.display_to_patient(10, 10) - before, [0, 0, 6], atol=1e-9)
    scene.close()


@pytest.mark.parametrize(
    ("dtype", "slope", "intercept"), [(np.int16, 1.0, 0.0), (np.uint16, 0.5, -1024.0), (np.int16, -1.0, 7.0)]
)
def test_levels_are_in_the_volumes_units(screen, dtype, slope, intercept):
    stored = 2000
    volume = made_volume(np.full((4, 30, 40), stored, dtype), slopes=[slope] * 4, intercept=intercept)
    value = stored * slope + intercept
    scene = scene_of(screen, volume, PlaneKind.AXIAL, volume.grid.centre_lps_mm, window=(400, value))
    assert screen.capture()[100, 150, 0] == pytest.approx(127.5, abs=1)
    scene.set_window(400, value - 100)
    assert screen.capture()[100, 150, 0] == pytest.approx(0.75 * 255, abs=1)
    scene.set_window(400, value + 201)
    assert screen.capture()[100, 150, 0] == 0
    scene.close()


def test_slices_with_slopes_of_their_own_show_values(screen):
    volume = made_volume(np.full((2, 30, 40), 100, np.int16), slopes=[1.0, 3.0], modality="PT")
    greys = []
    for k in (0, 1):
        scene = scene_of(screen, volume, PlaneKind.AXIAL, volume.grid.to_patient([20, 15, k]), window=(400, 200))
        greys.append(int(screen.capture()[100, 150, 0]))
        scene.close()
    np.testing.assert_allclose(greys, [255 / 4, 255 * 3 / 4], atol=1)


def test_the_array_is_shared_not_copied():
    volume = made_volume(landmark_voxels())
    image = VolumeImage(volume)
    scalars = image.whole.GetPointData().GetScalars()
    view = VolumePlanes(volume.grid).at(PlaneKind.AXIAL, volume.grid.centre_lps_mm)
    assert image.for_view(view) is image.whole
    assert np.shares_memory(np.asarray(memoryview(scalars)), volume.voxels)


def test_native_slices_of_a_tilted_stack_share_the_array():
    volume = made_volume(landmark_voxels(), shear=(0, 0.25, 0))
    view = VolumePlanes(volume.grid).at(PlaneKind.AXIAL, volume.grid.centre_lps_mm)
    scalars = VolumeImage(volume).for_view(view).GetPointData().GetScalars()
    assert np.shares_memory(np.asarray(memoryview(scalars)), volume.voxels)


def test_nothing_outlives_the_scene(screen):
    volume = made_volume(landmark_voxels())
    scene = scene_of(screen, volume, PlaneKind.AXIAL, volume.grid.centre_lps_mm)
    screen.capture()
    left = [weakref.ref(one) for one in (scene, scene._actor, scene._mapper, scene._image, scene._image.whole)]
    scene.close()
    assert screen.renderer.GetViewProps().GetNumberOfItems() == 0
    del scene
    gc.collect()
    assert [one() for one in left] == [None] * len(left)


def test_an_empty_scene_renders_and_knows_no_point(screen):
    scene = SliceScene(screen.renderer)
    scene.set_size(300, 200)
    assert scene.display_to_patient(1, 1) is None
    assert scene.patient_to_display([0, 0, 0]) is None
    assert screen.capture().max() == 0
    scene.close()
