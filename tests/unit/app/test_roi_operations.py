from __future__ import annotations

import numpy as np
import pytest

import rtvis
from rtvis.app.roi_interpolation import interpolated_contours
from rtvis.app.roi_operations import (
    clipped_contours,
    combined_contours,
    contours_with_margins,
    ring_contours,
    smoothed_contours,
)
from rtvis.geometry.distance_volumes import Margins
from rtvis.geometry.plane import Plane
from rtvis.model.errors import UsageError
from rtvis.model.masks import roi_mask
from rtvis.model.structure_set import Contour, Roi


@pytest.fixture(scope="module")
def volume(small_study):
    return rtvis.open_study(small_study / "ct").volumes[0]


def box(volume, low, high, slices) -> Roi:
    corners = [(low[0], low[1]), (high[0], low[1]), (high[0], high[1]), (low[0], high[1])]
    curves = [volume.grid.to_patient([[i, j, k] for i, j in corners]) for k in slices]
    return Roi(1, "box", tuple(Contour.drawn(one, closed=True) for one in curves))


def voxels(contours, volume) -> int:
    mask = roi_mask(Roi(2, "r", tuple(contours)), volume.grid).mask
    return 0 if mask is None else int(mask.sum())


@pytest.mark.parametrize("planes", [(2, 3, 4, 5), (2.5, 3.5, 4.5)])
def test_operations_on_contours_and_on_masks(volume, planes) -> None:
    one, other = box(volume, (3.5, 3.5), (19.5, 13.5), (2, 3, 4, 5)), box(volume, (11.5, 5.5), (27.5, 15.5), planes)
    first, second = (roi_mask(roi, volume.grid).mask for roi in (one, other))
    expected = {"union": first | second, "intersection": first & second}
    expected |= {"difference": first & ~second, "xor": first ^ second}
    for name, mask in expected.items():
        contours = combined_contours(one, other, name, volume)
        assert voxels(contours, volume) == mask.sum(), name
        assert all(part.images for part in contours)
    with pytest.raises(UsageError, match="operation"):
        combined_contours(one, other, "minus", volume)


def test_holes_that_are_mere_rounding_are_left_out(volume) -> None:
    # A slot of a ten-millionth of a millimetre, closed by the other ROI: what is left of it is no hole.
    corners = [(3, 3), (20, 3), (20, 10 - 1e-7), (6, 10 - 1e-7), (6, 10), (20, 10), (20, 16), (3, 16)]
    roi = Roi(1, "slot", (Contour.drawn(volume.grid.to_patient([[i, j, 4] for i, j in corners]), closed=True),))
    lid = box(volume, (18.5, 5.5), (22.5, 13.5), (4,))
    assert len(combined_contours(roi, lid, "union", volume)) == 1


def test_margins_ring_smoothing_and_clipping(volume) -> None:
    roi = box(volume, (9.5, 7.5), (21.5, 13.5), (4, 5))
    assert voxels(contours_with_margins(roi, Margins(1, 2, 0, 2, 0, 3), volume), volume) > 144
    assert voxels(contours_with_margins(roi, Margins(1, 2, 2, 2, 0, 0), volume, inwards=True), volume) == 6 * 4 * 2
    around = ring_contours(roi, 0.6, 0.6, volume)
    assert 0 < voxels(around, volume) < 144
    assert voxels(smoothed_contours(roi, 0.3, volume), volume) == pytest.approx(144, abs=16)
    grid = volume.grid
    cut = Plane(grid.to_patient([15.5, 0, 0]), grid.column_direction, grid.normal)
    half = voxels(clipped_contours(roi, cut, volume), volume)
    assert half == 72


def slices_of(contours, volume) -> set[int]:
    return {int(np.rint(volume.grid.to_index(one.points_lps[:1])[0, 2])) for one in contours}


def test_slices_between_contours_are_filled_and_no_others(volume) -> None:
    roi = box(volume, (9.5, 7.5), (21.5, 13.5), (2, 5, 8))
    found = interpolated_contours(roi, volume)
    assert slices_of(found, volume) == {3, 4, 6, 7}  # neither those drawn on nor the half gap beyond both ends
    assert voxels(found, volume) == 4 * 12 * 6


def test_a_gap_that_no_body_bridges_is_filled_from_the_contours_on_both_sides_of_it_alone(volume) -> None:
    drawn = (1, 2, 3, 5, 6)  # one slice left out, twice the median gap
    roi = box(volume, (9.5, 7.5), (21.5, 13.5), drawn)
    found = interpolated_contours(roi, volume)
    assert slices_of(found, volume) == {4}
    assert voxels(found, volume) == 12 * 6
    assert interpolated_contours(box(volume, (9.5, 7.5), (21.5, 13.5), (4,)), volume) == ()
