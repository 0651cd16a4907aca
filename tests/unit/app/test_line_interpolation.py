"""Open lines between drawn ones, made as one step with areas or without."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rtvis.app.opening import open_study
from rtvis.app.planned_interpolation import Interpolate
from rtvis.geometry.grid import Grid
from rtvis.model.errors import UsageError
from rtvis.model.progress import no_report
from rtvis.model.structure_set import Contour, Roi, StructureSet


@pytest.fixture(scope="module")
def volume(small_study):
    return open_study(small_study / "ct").volumes[0]


@pytest.fixture
def line(volume):
    """A line from column `i` on, six columns long, on row `j` of a slice."""

    def make(k: int, i: float, j: float = 5.0, *, backwards: bool = False) -> Contour:
        points = volume.grid.to_patient([[i, j, k], [i + 2, j, k], [i + 6, j, k]])
        return Contour.drawn(points[::-1] if backwards else points, closed=False)

    return make


def made(volume, *contours: Contour) -> tuple[tuple[Contour, ...], str]:
    drawn = StructureSet("Plan", (Roi(1, "Nerve", contours),), volume=volume)
    planned = Interpolate(1)(drawn, volume, no_report)
    after = planned.edited.roi(1).contours
    assert after[: len(contours)] == contours
    return after[len(contours) :], planned.remark


def places(volume, contour: Contour) -> list[float]:
    """(i, j, k) of both ends."""
    return volume.grid.to_index(contour.points_lps[[0, -1]]).round(6).ravel().tolist()


def test_a_line_is_made_on_every_slice_between(volume, line) -> None:
    new, remark = made(volume, line(2, 4.0), line(6, 8.0, backwards=True))
    assert remark == "3 contours on 3 slices"
    assert [places(volume, one) for one in new] == [[i, 5, k, i + 6, 5, k] for i, k in ((5, 3), (6, 4), (7, 5))]
    assert {one.geometric_type for one in new} == {"OPEN_PLANAR"}
    assert [one.images[0].sop_instance_uid for one in new] == [volume.slices[k].sop_instance_uid for k in (3, 4, 5)]


def test_between_uneven_slices_a_line_is_where_the_gaps_say(volume, line) -> None:
    heights = np.array([0.0, 1, 2, 4, 8, 9, 10, 11, 12, 13])
    origins = volume.grid.slice_origins_lps_mm[0] + heights[:, None] * volume.grid.normal
    spacing, orientation = volume.grid.spacing_mm[1:], [*volume.grid.row_direction, *volume.grid.column_direction]
    uneven = replace(volume, grid=Grid.from_slices(origins, orientation, spacing, volume.grid.shape[1:]))
    low, high = (
        Contour.drawn(uneven.grid.to_patient([[i, 5, k], [i + 6, 5, k]]), closed=False) for i, k in ((4, 2), (10, 4))
    )
    (new,), _ = made(uneven, low, high)
    assert places(uneven, new) == [6, 5, 3, 12, 5, 3]  # a third of the way up, not half


def test_several_lines_go_to_the_nearest_of_the_next_slice(volume, line) -> None:
    new, _ = made(volume, line(2, 4.0, 3.0), line(2, 4.0, 12.0), line(4, 4.0, 14.0), line(4, 4.0, 5.0))
    assert sorted(places(volume, one)[1] for one in new) == [4.0, 13.0]


def test_where_numbers_differ_nothing_is_guessed(volume, line) -> None:
    contours = (line(1, 4.0), line(3, 4.0), line(5, 4.0), line(5, 4.0, 12.0))
    new, remark = made(volume, *contours)
    assert [places(volume, one)[2] for one in new] == [2.0]
    assert remark == "1 contour on 1 slice; 1 gap between unlike numbers of lines left open"
    with pytest.raises(UsageError, match="unlike numbers"):
        made(volume, *contours[1:])


def test_areas_and_lines_of_one_roi_are_both_filled(volume, line) -> None:
    corners = np.array([[4.0, 4], [12, 4], [12, 12], [4, 12]])
    areas = [
        Contour.drawn(volume.grid.to_patient(np.column_stack([corners, np.full(4, k)])), closed=True) for k in (2, 4)
    ]
    new, _ = made(volume, *areas, line(2, 4.0), line(4, 4.0))
    assert sorted(one.geometric_type for one in new) == ["CLOSED_PLANAR", "OPEN_PLANAR"]


def test_lines_across_slices_and_points_are_left_alone(volume, line) -> None:
    across = Contour.drawn(volume.grid.to_patient([[4, 4, 2], [4, 4, 8]]), closed=False)
    point = Contour.drawn(volume.grid.to_patient([[4, 4, 2]]), closed=False)
    with pytest.raises(UsageError, match="no closed contours"):
        made(volume, point)
    with pytest.raises(UsageError, match="no empty slice"):
        made(volume, line(2, 4.0), line(3, 4.0), across, point)
