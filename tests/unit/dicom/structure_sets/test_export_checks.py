from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rtvis.dicom.export_checks import check_export
from rtvis.dicom.readers import how_others_read
from rtvis.model.structure_set import Contour, Roi, StructureSet

SQUARE = np.array([[0.0, 0, 0], [10, 0, 0], [10, 10, 0], [0, 10, 0]])


def plan(*rois: Roi, label: str = "Plan") -> StructureSet:
    return StructureSet(label, tuple(replace(one, frame_of_reference_uid="1.2.3") for one in rois))


def drawn(points=SQUARE, kind: str = "CLOSED_PLANAR") -> Contour:
    return Contour(np.array(points, dtype=np.float64), kind)


def bent(rise_mm: float) -> np.ndarray:
    """The square with one corner out of its plane."""
    return SQUARE + np.outer([0, 0, rise_mm, 0], [0, 0, 1])


def codes(problems) -> list[str]:
    return [one.code for one in problems]


def test_two_rois_of_one_name_or_number_bind_what_was_made_here() -> None:
    assert codes(check_export(plan(Roi(1, "A"), Roi(2, "B")))[0]) == []
    errors, _ = check_export(plan(Roi(1, "A"), Roi(1, "B")))
    assert [(one.code, one.roi) for one in errors] == [("roi-number-doubled", 1)] * 2
    errors, _ = check_export(plan(Roi(1, "A"), Roi(2, "A")))
    assert [(one.code, one.roi) for one in errors] == [("roi-name-doubled", 1), ("roi-name-doubled", 2)]


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("A" * 64, None),
        ("A" * 65, "roi-name-unfit"),
        ("A\\B", "roi-name-unfit"),
        ("A\x7f", "roi-name-unfit"),
        (" ", "roi-name-missing"),
    ],
)
def test_names_of_rois_fit_their_vr(name, fault) -> None:
    assert codes(check_export(plan(Roi(1, name)))[0]) == ([] if fault is None else [fault])


@pytest.mark.parametrize(
    ("label", "fault"),
    [("L" * 16, []), ("L" * 17, ["label-unfit"]), ("", ["label-missing"]), ("a\tb", ["label-unfit"])],
)
def test_the_label_fits_its_vr(label, fault) -> None:
    assert codes(check_export(plan(Roi(1, "A"), label=label))[0]) == fault


@pytest.mark.parametrize(
    ("points", "kind", "faults"),
    [
        (SQUARE[:3], "CLOSED_PLANAR", []),
        (SQUARE[:2], "CLOSED_PLANAR", ["too-few-points"]),
        (SQUARE[:2], "OPEN_PLANAR", []),
        (SQUARE[:1], "OPEN_NONPLANAR", ["too-few-points"]),
        (SQUARE[:1], "POINT", []),
        (SQUARE[:2], "POINT", ["too-many-points"]),
        ([*SQUARE, SQUARE[0]], "CLOSED_PLANAR", ["first-point-repeated"]),
        ([*SQUARE, SQUARE[0]], "OPEN_PLANAR", []),
        (bent(1.0), "CLOSED_PLANAR", ["not-coplanar"]),
        (bent(0.01), "CLOSED_PLANAR", []),
        (SQUARE, "CLOSED_SPLINE", ["unknown-geometric-type"]),
        ([[0, 0, np.inf]], "POINT", ["not-finite"]),
    ],
)
def test_contours_are_what_their_type_says(points, kind, faults) -> None:
    errors, _ = check_export(plan(Roi(1, "A", (drawn(points, kind),))))
    assert [(one.code, one.roi, one.contour) for one in errors] == [(one, 1, 0) for one in faults]


@pytest.mark.parametrize("color", [(256, 0, 0), (0, -1, 0)])
def test_colours_beyond_a_byte_are_refused(color) -> None:
    assert codes(check_export(plan(Roi(1, "A", (), color)))[0]) == ["bad-color"]
    assert codes(check_export(plan(Roi(1, "A", (), (0, 255, 0))))[0]) == []


def test_platipy_tells_each_contour_once() -> None:
    line, square = drawn(SQUARE[:2], "OPEN_PLANAR"), drawn()
    rois = (
        Roi(1, "bent", (square, drawn(bent(4.0)))),
        Roi(2, "mixed", (square, line)),
        Roi(3, "lines", (line, square)),
    )
    assert how_others_read(plan(*rois))["PlatiPy"] == [
        "1 OPEN_PLANAR contour lost: its ROI doesn't start with CLOSED_PLANAR (ROI 'lines')",
        "1 CLOSED_PLANAR contour lost: its ROI doesn't start with CLOSED_PLANAR (ROI 'lines')",
        "2 CLOSED_PLANAR contours lost: a contour of its ROI leaves its slice (ROI 'bent')",
        "1 OPEN_PLANAR contour closed (ROI 'mixed')",
    ]
