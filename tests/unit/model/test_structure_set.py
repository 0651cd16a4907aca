from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from rtvis.model.structure_set import LARGEST_IS, Contour, GeometricType, ImageReference, Roi, StructureSet

SQUARE = np.array([[0.0, 0, 5], [10, 0, 5], [10, 10, 5], [0, 10, 5]])
BENT = SQUARE * 1.0
BENT[[1, 3], 2] += 1


def turn(seed: int) -> NDArray[np.float64]:
    matrix, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))
    return np.asarray(matrix)


@pytest.mark.parametrize(
    ("points", "closed", "expected", "count"),
    [
        (SQUARE, True, GeometricType.CLOSED_PLANAR, 4),
        (SQUARE, False, GeometricType.OPEN_PLANAR, 4),
        (BENT, False, GeometricType.OPEN_NONPLANAR, 4),
        (BENT, True, GeometricType.OPEN_NONPLANAR, 5),
        (SQUARE[:1], False, GeometricType.POINT, 1),
        (SQUARE[:2], False, GeometricType.OPEN_PLANAR, 2),
        (SQUARE[:3], True, GeometricType.CLOSED_PLANAR, 3),
        (np.vstack([SQUARE, SQUARE[:1]]), True, GeometricType.CLOSED_PLANAR, 4),
        (np.vstack([SQUARE, SQUARE[:1], SQUARE[:1]]), True, GeometricType.CLOSED_PLANAR, 4),
        (np.vstack([BENT, BENT[:1]]), True, GeometricType.OPEN_NONPLANAR, 5),
    ],
)
def test_the_type_of_a_drawn_contour_is_found_from_its_points(
    points: NDArray[np.float64], closed: bool, expected: str, count: int
) -> None:
    contour = Contour.drawn(points, closed=closed)
    assert contour.geometric_type == expected
    assert len(contour.points_lps) == count
    assert contour.is_closed == closed
    assert contour.origin is None


def test_a_closed_nonplanar_contour_repeats_its_first_point_exactly() -> None:
    contour = Contour.drawn(BENT / 3, closed=True)
    np.testing.assert_array_equal(contour.points_lps[0], contour.points_lps[-1])


@given(seed=st.integers(0, 2**32), count=st.integers(4, 60), bulge=st.sampled_from([0.0, 0.1]))
@settings(max_examples=60, deadline=None)
def test_planar_is_planar_in_any_direction(seed: int, count: int, bulge: float) -> None:
    rng = np.random.default_rng(seed)
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    flat = np.column_stack([40 * np.cos(angle), 25 * np.sin(angle), bulge * (-1) ** np.arange(count)])
    contour = Contour.drawn(flat @ turn(seed).T + rng.uniform(-800, 800, 3), closed=True)
    assert contour.geometric_type == ("OPEN_NONPLANAR" if bulge else "CLOSED_PLANAR")


def test_drawn_points_are_what_ds_can_carry() -> None:
    contour = Contour.drawn(SQUARE / 3 - 100, closed=False)
    np.testing.assert_allclose(contour.points_lps, SQUARE / 3 - 100, atol=1e-12)
    assert contour.points_lps[1, 0] == -96.666666666667
    assert float("-96.666666666667") != 10 / 3 - 100


@pytest.mark.parametrize(
    ("points", "closed"),
    [
        (np.empty((0, 3)), False),
        (np.array([[0, 0, np.nan]]), False),
        (np.array([[0, 0, np.inf]]), False),
        (SQUARE[:1], True),
        (SQUARE[:2], True),
        (np.repeat(SQUARE[:2], 3, axis=0), True),
        (np.array([[0.0, 0, 0], [1, 2, 3], [2, 4, 6], [10, 20, 30]]), True),  # on one line
        (np.full((5, 3), 1.0), True),
    ],
)
def test_what_is_no_contour_is_refused(points: NDArray[np.float64], closed: bool) -> None:
    with pytest.raises(ValueError, match="contour needs"):
        Contour.drawn(points, closed=closed)


def test_a_figure_of_eight_is_a_closed_planar_contour() -> None:
    eight = np.array([[0.0, 0, 0], [10, 10, 0], [10, 0, 0], [0, 10, 0]])
    assert Contour.drawn(eight, closed=True).geometric_type == "CLOSED_PLANAR"


@pytest.mark.parametrize("kind", ["CLOSED_PLANAR", "CLOSEDPLANAR_XOR", "CLOSED_PLANAR_XOR"])
def test_closed_types_are_closed(kind: str) -> None:
    assert Contour(SQUARE, kind).is_closed


@pytest.mark.parametrize("kind", ["OPEN_PLANAR", "OPEN_NONPLANAR", "POINT", "SOMETHING"])
def test_other_types_are_closed_only_by_a_repeated_first_point(kind: str) -> None:
    assert not Contour(SQUARE, kind).is_closed
    assert Contour(np.vstack([SQUARE, SQUARE[:1]]), kind).is_closed
    assert not Contour(np.vstack([SQUARE, SQUARE[:1] + 1e-9]), kind).is_closed
    assert not Contour(SQUARE[[0, 1, 0]], kind).is_closed  # there and back is no loop


def test_points_can_not_be_changed_by_anyone() -> None:
    points = SQUARE.copy()
    view = points[:]
    view.flags.writeable = False
    contours = [Contour(points, "OPEN_PLANAR"), Contour(view, "OPEN_PLANAR"), Contour(view[1:], "OPEN_PLANAR")]
    points[:] = -1
    np.testing.assert_array_equal(contours[0].points_lps, SQUARE)
    np.testing.assert_array_equal(contours[1].points_lps, SQUARE)
    np.testing.assert_array_equal(contours[2].points_lps, SQUARE[1:])
    for contour in contours:
        with pytest.raises(ValueError, match="read-only"):
            contour.points_lps[0, 0] = 1


def test_points_that_can_not_change_are_shared() -> None:
    points = SQUARE.copy()
    points.flags.writeable = False
    assert Contour(points, "POINT").points_lps is points
    assert np.shares_memory(Contour(points[2:], "POINT").points_lps, points)
    buffer = np.frombuffer(SQUARE.tobytes()).reshape(-1, 3)
    assert Contour(buffer, "POINT").points_lps is buffer
    whole_numbers = np.array([[1, 2, 3]])
    assert Contour(whole_numbers, "POINT").points_lps.dtype == np.float64


@pytest.mark.parametrize("shape", [(3,), (2, 2), (1, 3, 1)])
def test_points_have_three_coordinates(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"\(n, 3\)"):
        Contour(np.zeros(shape), "POINT")


def contour(z: float) -> Contour:
    return Contour(
        SQUARE + np.array([0, 0, z]), "CLOSED_PLANAR", (ImageReference("1.2", f"1.2.{int(z)}"),), origin=object()
    )


def test_edits_share_all_that_did_not_change() -> None:
    first, second = Roi(1, "a", (contour(0), contour(1), contour(2))), Roi(2, "b", (contour(3),))
    before = StructureSet("plan", (first, second), origin=object())
    after = before.with_roi(first.without_contour(1).with_contour(contour(9)))
    assert [one.number for one in after.rois] == [1, 2]
    assert after.rois[1] is second
    assert after.origin is before.origin
    assert after.rois[0].contours[0] is first.contours[0]
    assert after.rois[0].contours[1] is first.contours[2]
    assert len(before.rois[0].contours) == 3  # the value before the edit is as it was
    assert before.roi(1) is first
    assert before.contour_count == 4
    assert after.without_roi(1).rois == (second,)
    assert before.with_roi(Roi(7, "c")).rois[:2] == (first, second)


@pytest.mark.parametrize("index", [-1, 2, 99])
def test_a_contour_that_is_not_there_can_not_be_taken_out(index: int) -> None:
    roi = Roi(1, "a", (contour(0), contour(1)))
    with pytest.raises(IndexError):
        roi.without_contour(index)


def test_counts() -> None:
    roi = Roi(1, "a", (contour(0), Contour(SQUARE[:1], "POINT"), contour(1)))
    assert list(roi.contour_counts.items()) == [("CLOSED_PLANAR", 2), ("POINT", 1)]
    assert roi.point_count == 9


def test_a_roi_that_is_not_there() -> None:
    with pytest.raises(KeyError):
        StructureSet("", (Roi(1, "a"),)).roi(2)


@pytest.mark.parametrize(
    ("numbers", "expected"), [((), 1), ((1, 2), 3), ((5, 2), 6), ((-3,), 1), ((0,), 1), ((1, 2, LARGEST_IS), 3)]
)
def test_a_free_number(numbers: tuple[int, ...], expected: int) -> None:
    assert StructureSet("", tuple(Roi(number, "") for number in numbers)).next_number() == expected


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("a", "b"), ("a", "b")),
        (("a", "a", "b"), ("a_1", "a_2", "b")),
        (("a", "a", "a_1"), ("a_1", "a_2", "a_1_3")),
        (("", ""), ("_1", "_2")),
    ],
)
def test_names_become_unique(names: tuple[str, ...], expected: tuple[str, ...]) -> None:
    rois = tuple(Roi(number, name) for number, name in enumerate(names, start=1))
    assert tuple(StructureSet("", rois).unique_names().values()) == expected


@given(st.lists(st.sampled_from(["a", "a_1", "a_2", "a_1_3", "b", "b_4_4"]), max_size=9))
def test_names_made_unique_are_unique(names: list[str]) -> None:
    rois = tuple(Roi(number, name) for number, name in enumerate(names, start=1))
    unique = StructureSet("", rois).unique_names()
    assert len(set(unique.values())) == len(names)
    assert list(unique) == [roi.number for roi in rois]
