"""Slices as pictures: where they are, what is bright, and that nothing is left behind."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest
from scipy.ndimage import map_coordinates
from vtkmodules.vtkCommonDataModel import vtkPlane
from vtkmodules.vtkRenderingCore import vtkImageSlice
from vtkmodules.vtkRenderingImage import vtkImageResliceMapper

from rtvis.app.oblique import Oblique
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


def scene_of(volume, kind, cursor, *, window=(1000, 500)):
    scene = SliceScene()
    scene.set_size(300, 200)
    scene.set_image(VolumeImage(volume))
    scene.set_window(*window)
    scene.set_view(VolumePlanes(volume.grid).at(kind, cursor))
    return scene


def bright_centre(picture):
    """Centre of gravity of the picture's brightness, continuous coordinates (x right, y down)."""
    grey = picture.astype(float)
    assert grey.max() > 100, "the landmark isn't in the picture"
    rows, columns = np.mgrid[: grey.shape[0], : grey.shape[1]] + 0.5
    return np.array([(grey * columns).sum(), (grey * rows).sum()]) / grey.sum()


@pytest.mark.parametrize("kind", list(STANDARD_KINDS))
@pytest.mark.parametrize("name", ORIENTATIONS)
def test_a_landmark_appears_at_its_pixel_in_each_view(name, kind):
    volume = made_volume(landmark_voxels(), orientation=ORIENTATIONS[name])
    point = volume.grid.to_patient(LANDMARK)
    scene = scene_of(volume, kind, point)
    scene.zoom(2.0, *scene.patient_to_display(point))
    expected = scene.patient_to_display(point)
    assert np.all((expected > 20) & (expected < [280, 180]))
    np.testing.assert_allclose(bright_centre(scene.picture()), expected, atol=0.5)
    scene.close()


@pytest.mark.parametrize("name", [*ORIENTATIONS, "FFP", "decubitus"])
def test_a_landmark_is_on_the_side_its_letter_says(name):
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
                scene = scene_of(volume, kind, point)
                letters = scene.view.letters
                middle_seen = scene.patient_to_display(middle)
                away = bright_centre(scene.picture()) - middle_seen
                edges = {
                    letters.left[0]: -away[0], letters.right[0]: away[0],
                    letters.top[0]: -away[1], letters.bottom[0]: away[1],
                }  # fmt: skip
                if letter in edges:
                    assert edges[letter] > 0.8 * np.abs(away).max() > 5, (kind, letter)
                scene.close()


@pytest.mark.parametrize("distances", [(0, 2, 4, 6, 8, 10, 15, 20, 25, 30, 35, 40), None])
@pytest.mark.parametrize("shear", [(0, 0, 0), (0, 0.25, 0)])
def test_a_landmark_of_an_uneven_or_tilted_stack_is_where_the_grid_says(distances, shear):
    volume = made_volume(landmark_voxels(), distances=distances, shear=shear)
    point = volume.grid.to_patient(LANDMARK)
    for kind in STANDARD_KINDS:
        scene = scene_of(volume, kind, point)
        scene.zoom(1.5, *scene.patient_to_display(point))
        # Between uneven slices the bright spot is lopsided: its half-widths are the two gaps.
        tolerance = 0.6 if kind is PlaneKind.AXIAL else 1.2 / scene.framing.mm_per_pixel
        np.testing.assert_allclose(bright_centre(scene.picture()), scene.patient_to_display(point), atol=tolerance)
        assert scene.is_interpolated is (kind is not PlaneKind.AXIAL and not volume.grid.regular)
        scene.close()


def smooth_voxels(shape=(12, 30, 40)):
    k, j, i = np.indices(shape)
    return (500 + 200 * np.sin(i / 3.0) + 150 * np.cos(j / 4.0 + k / 2.0)).astype(np.int16)


OBLIQUE = Oblique.by_angles(37.0, 20.0)


@pytest.mark.parametrize("kind", list(PlaneKind))
@pytest.mark.parametrize("name", ORIENTATIONS)
@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_each_device_pixel_shows_the_value_at_its_patient_point(name, kind, ratio):
    volume = made_volume(smooth_voxels(), orientation=ORIENTATIONS[name])
    planes = VolumePlanes(volume.grid, OBLIQUE)
    scene = SliceScene()
    scene.set_size(120, 80, ratio)
    scene.set_image(VolumeImage(volume))
    scene.set_window(255.0, 500.0)  # a shade is a unit
    scene.set_view(planes.at(kind, volume.grid.centre_lps_mm + 0.3))
    scene.zoom(1.7, 40, 30)
    scene.pan(3.25, -1.5)
    picture = scene.picture().astype(float)
    assert picture.shape == (80 * ratio, 120 * ratio)
    x, y = np.meshgrid(*((np.arange(n * ratio) + 0.5) / ratio for n in (120, 80)))
    index = volume.grid.to_index(scene.framing.display_to_patient(x, y).reshape(-1, 3))[:, ::-1].T
    inside = np.all((index > 0) & (index < np.array(volume.grid.shape)[:, None] - 1), axis=0)
    values = map_coordinates(volume.voxels.astype(float), index, order=1, mode="nearest")
    expected = np.clip(values - 500 + 127.5, 0, 255).reshape(picture.shape)
    inside = inside.reshape(picture.shape)
    assert inside.mean() > 0.2
    np.testing.assert_allclose(picture[inside], expected[inside], atol=0.6)
    scene.close()


@pytest.mark.parametrize("kind", list(PlaneKind))
def test_the_picture_is_the_one_that_vtk_renders(screen, kind):
    volume = made_volume(smooth_voxels(), orientation=ORIENTATIONS["oblique"])
    image = VolumeImage(volume)
    scene = SliceScene()
    scene.set_size(300, 200)
    scene.set_image(image)
    scene.set_window(600, 500)
    scene.set_view(VolumePlanes(volume.grid, OBLIQUE).at(kind, volume.grid.centre_lps_mm))
    scene.zoom(1.3, 100, 50)
    scene.pan(13.5, -7.25)
    theirs = rendered(screen, image, scene)[..., 0].astype(int)
    ours = scene.picture().astype(int)
    assert np.count_nonzero((theirs > 0) != (ours > 0)) < 0.01 * ours.size  # outermost pixels may differ by rounding
    both = (theirs > 0) & (ours > 0)
    assert np.percentile(np.abs(ours - theirs)[both], 99) <= 1
    scene.close()


def rendered(screen, image, scene):
    """The same plane through a slice mapper and a camera."""
    framing, view = scene.framing, scene.view
    mapper = vtkImageResliceMapper()
    mapper.ResampleToScreenPixelsOn()
    mapper.SliceFacesCameraOff()
    mapper.SliceAtFocalPointOff()
    mapper.BorderOn()
    mapper.SetInputData(image.for_view(view))
    plane = vtkPlane()
    plane.SetOrigin(*view.plane.origin_lps_mm)
    plane.SetNormal(*view.plane.normal)
    mapper.SetSlicePlane(plane)
    actor = vtkImageSlice()
    actor.SetMapper(mapper)
    actor.GetProperty().SetInterpolationTypeToLinear()
    actor.GetProperty().SetColorWindow(600)
    actor.GetProperty().SetColorLevel(500)
    screen.renderer.AddViewProp(actor)
    camera = screen.renderer.GetActiveCamera()
    focal = framing.display_to_patient(framing.width / 2, framing.height / 2)
    camera.ParallelProjectionOn()
    camera.SetFocalPoint(*focal)
    camera.SetPosition(*(focal - 1000 * view.plane.normal))
    camera.SetViewUp(*-view.plane.v)
    camera.SetParallelScale(framing.height * framing.mm_per_pixel / 2)
    camera.SetClippingRange(990, 1010)
    return screen.capture()


def test_a_native_slice_at_one_to_one_is_shown_as_it_is():
    values = np.random.default_rng(3).integers(0, 256, (5, 30, 40)).astype(np.int16)
    volume = made_volume(values, spacing=(1.0, 1.0))
    scene = SliceScene()
    scene.set_size(40, 30)
    scene.set_image(VolumeImage(volume))
    scene.set_window(255, 127.5)
    scene.set_view(VolumePlanes(volume.grid).at(PlaneKind.AXIAL, volume.grid.to_patient([20, 15, 2])))
    scene.zoom(scene.framing.mm_per_pixel, 20, 15)
    np.testing.assert_array_equal(scene.picture(), values[2])
    scene.close()


def test_directions_with_the_rounding_of_files_take_the_quick_way():
    """Six decimals leave sines of 1e-7: a native slice is to be the same picture, voxel by voxel."""
    values = np.random.default_rng(3).integers(0, 256, (5, 30, 40)).astype(np.int16)
    turned = np.round([np.cos(0.2), 0, np.sin(0.2), 0, 1, 0], 6)
    volume = made_volume(values, spacing=(1.0, 1.0), orientation=turned)
    scene = SliceScene()
    scene.set_size(40, 30)
    scene.set_image(VolumeImage(volume))
    scene.set_window(255, 127.5)
    scene.set_view(VolumePlanes(volume.grid).at(PlaneKind.AXIAL, volume.grid.to_patient([20, 15, 2])))
    scene.zoom(scene.framing.mm_per_pixel, 20, 15)
    np.testing.assert_array_equal(scene.picture(), values[2])
    matrix = scene._sampler._matrix
    assert sum(matrix.GetElement(i, j) != 0 for i in range(3) for j in range(3)) == 3
    scene.close()


def test_a_picture_is_made_anew_only_of_what_changed():
    volume = made_volume(smooth_voxels())
    scene = scene_of(volume, PlaneKind.AXIAL, volume.grid.centre_lps_mm)
    first, values = scene.picture(), scene._values
    assert scene.picture() is first
    scene.set_window(300, 400)
    assert scene.picture() is not first
    assert scene._values is values
    scene.pan(1, 0)
    scene.picture()
    assert scene._values is not values
    scene.close()


def test_values_filled_on_are_shown():
    voxels = smooth_voxels()
    volume = made_volume(voxels)
    scene = scene_of(volume, PlaneKind.AXIAL, volume.grid.centre_lps_mm)
    before = scene.picture().copy()
    voxels.flags.writeable = True
    voxels[:] = 0
    scene._image.values_changed()
    scene.values_changed()
    assert before[100, 150] > 0 == scene.picture()[100, 150]
    scene.close()


def test_a_colour_map_paints_the_window_and_nothing_beside_the_volume():
    table = np.zeros((256, 3), np.uint8)
    table[:, 0], table[:, 2] = np.arange(256), 7
    volume = made_volume(np.full((4, 30, 40), 500, np.int16))
    scene = scene_of(volume, PlaneKind.AXIAL, volume.grid.centre_lps_mm)
    scene.set_color_map(table)
    assert scene.picture()[100, 150].tolist() == [7, 0, 128, 255]  # blue, green, red
    assert scene.picture()[0, 0].tolist() == [0, 0, 0, 255]
    scene.set_color_map(None)
    assert scene.picture().shape == (200, 300)
    scene.close()


def test_blends_are_laid_over_the_picture_in_turn():
    volume = made_volume(np.full((4, 30, 40), 500, np.int16))
    scene = scene_of(volume, PlaneKind.AXIAL, volume.grid.centre_lps_mm)
    seen = []

    class Red:
        def blend(self, picture, framing, view, *, grey=False):
            seen.append((framing, view))
            picture[..., 2] = 255

    red = Red()
    scene.set_blends((red,))
    assert scene.picture()[100, 150].tolist() == [128, 128, 255, 255]
    scene.picture()
    assert seen == [(scene.framing, scene.view)]
    scene.set_blends((red,))
    scene.picture()
    assert len(seen) == 2
    scene.set_blends(())
    assert scene.picture().ndim == 2
    scene.close()


def test_a_pointer_names_the_middle_of_a_device_pixel():
    volume = made_volume(landmark_voxels())
    scene = scene_of(volume, PlaneKind.AXIAL, volume.grid.centre_lps_mm)
    np.testing.assert_allclose(scene.patient_to_display(scene.pointer_to_patient(10, 20)), [10.5, 20.5])
    scene.set_size(300, 200, 2.0)
    np.testing.assert_allclose(scene.patient_to_display(scene.pointer_to_patient(10.5, 20)), [10.75, 20.25])
    scene.close()


def test_zoom_keeps_the_point_under_the_pointer_and_pan_follows_it():
    volume = made_volume(landmark_voxels())
    scene = scene_of(volume, PlaneKind.AXIAL, volume.grid.centre_lps_mm)
    point = scene.framing.display_to_patient(40, 70)
    scene.zoom(2.5, 40, 70)
    np.testing.assert_allclose(scene.patient_to_display(point), [40, 70], atol=1e-9)
    scene.pan(5, -3)
    np.testing.assert_allclose(scene.patient_to_display(point), [45, 67], atol=1e-9)
    scene.fit()
    corners = scene.patient_to_display(volume.grid.corners_lps_mm())
    assert corners.min() >= 0
    assert np.all(corners.max(axis=0) <= [300, 200])
    scene.close()


def test_scrolling_keeps_zoom_and_pan():
    volume = made_volume(landmark_voxels())
    planes = VolumePlanes(volume.grid)
    cursor = volume.grid.centre_lps_mm
    scene = scene_of(volume, PlaneKind.AXIAL, cursor)
    scene.zoom(2.5, 40, 70)
    before = scene.framing.display_to_patient(10, 10)
    scene.set_view(planes.at(PlaneKind.AXIAL, planes.step(PlaneKind.AXIAL, cursor, 2)))
    np.testing.assert_allclose(scene.framing.display_to_patient(10, 10) - before, [0, 0, 6], atol=1e-9)
    scene.close()


@pytest.mark.parametrize(
    ("dtype", "slope", "intercept"), [(np.int16, 1.0, 0.0), (np.uint16, 0.5, -1024.0), (np.int16, -1.0, 7.0)]
)
def test_levels_are_in_the_volumes_units(dtype, slope, intercept):
    stored = 2000
    volume = made_volume(np.full((4, 30, 40), stored, dtype), slopes=[slope] * 4, intercept=intercept)
    value = stored * slope + intercept
    scene = scene_of(volume, PlaneKind.AXIAL, volume.grid.centre_lps_mm, window=(400, value))
    assert scene.picture()[100, 150] == pytest.approx(127.5, abs=1)
    scene.set_window(400, value - 100)
    assert scene.picture()[100, 150] == pytest.approx(0.75 * 255, abs=1)
    scene.set_window(400, value + 201)
    assert scene.picture()[100, 150] == 0
    scene.close()


@pytest.mark.parametrize(("dtype", "stored"), [(np.uint32, 4_000_000_000), (np.int32, -2_000_000_000)])
def test_numbers_of_32_bits_are_told_apart(dtype, stored):
    """Single precision knows only every 256th of them."""
    voxels = np.full((4, 30, 40), stored, dtype)
    voxels[:, :, 20:] += 40
    volume = made_volume(voxels)
    scene = scene_of(volume, PlaneKind.AXIAL, volume.grid.to_patient([20, 15, 2]), window=(100, stored + 20))
    place = scene.patient_to_display(volume.grid.to_patient([[10, 15, 2], [30, 15, 2]])).astype(int)
    shades = [int(scene.picture()[y, x]) for x, y in place]
    assert shades == pytest.approx([255 * 0.3, 255 * 0.7], abs=1)
    assert scene.picture()[0, 0] == 0  # beside the volume
    scene.close()


@pytest.mark.parametrize("slope", [1e-9, 1e-6, 1e6])
def test_values_of_any_size_are_shown_at_windows_as_narrow_as_they_are(slope):
    """Slices that differ in slope are shown by their values; beside them, far below any of these, it stays black."""
    voxels = np.full((2, 30, 40), 100, np.int16)
    voxels[:, :, 20:] += 10
    volume = made_volume(voxels, slopes=[slope, 2 * slope], modality="PT")
    place = volume.grid.to_patient([20, 15, 0])
    scene = scene_of(volume, PlaneKind.AXIAL, place, window=(20 * slope, 105 * slope))
    x, y = scene.patient_to_display(volume.grid.to_patient([[10, 15, 0], [30, 15, 0]])).astype(int).T
    assert scene.picture()[y, x] == pytest.approx(np.array([255 * 0.25, 255 * 0.75]), abs=1)
    scene.set_window(1e-9, 105 * slope)
    assert scene.picture()[0, 0] == 0
    scene.close()


def test_slices_with_slopes_of_their_own_show_values():
    volume = made_volume(np.full((2, 30, 40), 100, np.int16), slopes=[1.0, 3.0], modality="PT")
    greys = []
    for k in (0, 1):
        scene = scene_of(volume, PlaneKind.AXIAL, volume.grid.to_patient([20, 15, k]), window=(400, 200))
        greys.append(int(scene.picture()[100, 150]))
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


def test_nothing_outlives_the_scene():
    volume = made_volume(landmark_voxels())
    scene = scene_of(volume, PlaneKind.AXIAL, volume.grid.centre_lps_mm)
    scene.picture()
    left = [weakref.ref(one) for one in (scene, scene._sampler, scene._image, scene._image.whole)]
    scene.close()
    del scene
    gc.collect()
    assert [one() for one in left] == [None] * len(left)


def test_an_empty_scene_has_no_picture_and_knows_no_point():
    scene = SliceScene()
    scene.set_size(300, 200)
    assert scene.pointer_to_patient(1, 1) is None
    assert scene.patient_to_display([0, 0, 0]) is None
    assert scene.picture() is None
    scene.close()
