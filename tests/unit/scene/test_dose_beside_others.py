"""Doses of every kind of grid, value by value beside SimpleITK and beside scipy on the frames as the file has them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813  (its usual name)
from scipy.interpolate import RegularGridInterpolator

from rtvis.app.overlay_state import OverlayState, first_dose_look
from rtvis.dicom.rtdose import read_dose
from rtvis.geometry.plane import Plane
from rtvis.scene.isodose_lines import IsodoseLines
from rtvis.scene.volume_image import VolumeImage
from tests.unit.made_dose import dose_dataset

POSITION = np.array([-31.0, 12.5, -140.0])
SPACING = (2.5, 2.0)
SHAPE = (9, 14, 17)
EVEN, UNEVEN = np.arange(9) * 3.0, np.array([0, 2, 4, 7, 12, 15, 16, 20, 26.0])
FLAT = (1.0, 0, 0, 0, 1.0, 0)
TILTED = (np.cos(0.3), 0.0, np.sin(0.3), 0.0, 1.0, 0.0)
TWICE_TILTED = (0.96, 0.0, 0.28, 0.28 * 0.6, 0.8, -0.96 * 0.6)

GRIDS = {
    "transverse": (FLAT, EVEN, 0.0),
    "absolute z": (FLAT, EVEN, POSITION[2]),
    "descending": (FLAT, -EVEN, 0.0),
    "uneven": (FLAT, UNEVEN, 0.0),
    "uneven, absolute z, descending": (FLAT, -UNEVEN, POSITION[2]),
    "tilted": (TILTED, EVEN, 0.0),
    "tilted twice, descending": (TWICE_TILTED, -EVEN, 0.0),
    "tilted, uneven": (TILTED, UNEVEN, 0.0),
}


def smooth(sign=1):
    """Stored values of a field that linear interpolation can be told from nearest neighbours in."""
    k, j, i = np.indices(SHAPE)
    field = 20_000 + 9_000 * np.sin(k / 2) * np.cos(j / 3) + 4_000 * np.sin(i / 2 + k)
    return np.rint(field - (20_000 if sign < 0 else 0)).astype(np.int32 if sign < 0 else np.uint32)


def made(folder, name, *, sign=1, **said):
    orientation, heights, first = GRIDS[name]
    dataset = dose_dataset(
        smooth(sign), position=POSITION.tolist(), orientation=orientation, spacing=SPACING, offsets=heights + first
    )
    for key, value in said.items():
        setattr(dataset, key, value)
    dataset.save_as(folder / "dose.dcm", enforce_file_format=True)
    return read_dose(folder / "dose.dcm")


def points_within(name, count=400):
    """Patient points, and the dose that scipy finds there between the frames as they are in the file."""
    orientation, heights, _ = GRIDS[name]
    x, y = np.array(orientation).reshape(2, 3)
    random = np.random.default_rng(3)
    along = random.uniform(min(heights), max(heights), count)
    down, across = random.uniform(0, 13 * SPACING[0], count), random.uniform(0, 16 * SPACING[1], count)
    points = POSITION + np.outer(across, x) + np.outer(down, y) + np.outer(along, np.cross(x, y))
    order = np.argsort(heights)
    axes = (heights[order], np.arange(14) * SPACING[0], np.arange(17) * SPACING[1])
    return points, axes, order, np.column_stack([along, down, across])


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("name", GRIDS)
def test_values_are_those_of_scipy(tmp_path, name, sign):
    dose = made(tmp_path, name, sign=sign)
    points, axes, order, places = points_within(name)
    wanted = RegularGridInterpolator(axes, smooth(sign)[order] * 0.001)(places)
    np.testing.assert_allclose(dose.at(points), wanted, atol=1e-6)
    assert dose.minimum == pytest.approx(smooth(sign).min() * 0.001)
    assert dose.maximum == pytest.approx(smooth(sign).max() * 0.001)


@pytest.mark.parametrize("name", [one for one in GRIDS if "uneven" not in one])
def test_values_are_those_of_simpleitk(tmp_path, name):
    orientation, heights, _ = GRIDS[name]
    x, y = np.array(orientation).reshape(2, 3)
    image = sitk.GetImageFromArray(smooth().astype(np.float64) * 0.001)
    image.SetOrigin(POSITION.tolist())
    image.SetSpacing((SPACING[1], SPACING[0], 3.0))
    image.SetDirection(np.column_stack([x, y, np.cross(x, y) * np.sign(heights[1])]).reshape(-1).tolist())
    dose = made(tmp_path, name)
    points, *_ = points_within(name, 100)
    wanted = [image.EvaluateAtPhysicalPoint(point.tolist(), sitk.sitkLinear) for point in points]
    np.testing.assert_allclose(dose.at(points), wanted, atol=1e-6)


@pytest.mark.parametrize("name", GRIDS)
def test_lines_lie_where_the_dose_is_on_planes_of_any_turn(tmp_path, name):
    """On planes across uneven grids a resampled copy is cut: lines are off by little, not by a voxel."""
    dose = made(tmp_path, name)
    lines = IsodoseLines(dose, VolumeImage(dose.volume))
    centre = dose.volume.grid.centre_lps_mm
    for normal in ([0, 0, 1.0], [0, 1.0, 0], [0.5, 0.3, 0.8]):
        u = np.cross(normal, [0.1, 1.0, 0.2] if normal[1] < 0.9 else [1.0, 0, 0])
        plane = Plane(centre, u / np.linalg.norm(u), np.cross(normal, u) / np.linalg.norm(np.cross(normal, u)))
        found = lines.cut(plane, (18.0, 22.0))
        assert any(found)
        for level, pieces in zip((18.0, 22.0), found, strict=True):
            values = dose.at(np.vstack(pieces))
            values = values[~np.isnan(values)]
            assert np.median(np.abs(values - level)) < (0.2 if "uneven" not in name else 0.7)


def test_a_difference_is_painted_about_0_and_has_lines_below_it(tmp_path):
    dose = made(tmp_path, "transverse", sign=-1, DoseType="ERROR")
    look = first_dose_look(dose)
    assert look.bounds[0] == pytest.approx(-look.bounds[1])
    assert look.threshold is None
    lines = IsodoseLines(dose, VolumeImage(dose.volume))
    (found,) = lines.cut(Plane(dose.volume.grid.centre_lps_mm, [1, 0, 0], [0, 1, 0]), (-4.0,))
    np.testing.assert_allclose(dose.at(np.vstack(found)), -4.0, atol=0.4)


def test_relative_doses_of_a_beam_and_lossy_ones_say_so(tmp_path):
    dose = made(tmp_path, "transverse", DoseUnits="RELATIVE", DoseSummationType="BEAM", LossyImageCompression="01")
    state = OverlayState()
    base = replace(dose.volume, modality="CT", units="HU", volume_id="1.2.77")
    state.show_dose(dose, base)
    assert state.unit_text == "relative"
    assert state.captions == ("+ 35 %  RTDOSE  BEAM  lossy",)
    assert state.value_text(dose.volume.grid.to_patient([4.0, 4.0, 4.0])).endswith(" relative")
    assert [one.code for one in dose.volume.problems] == ["lossy"]
    assert all(one.lossy for one in dose.volume.slices)
