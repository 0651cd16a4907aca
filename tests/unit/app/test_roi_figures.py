from __future__ import annotations

import numpy as np
import pytest

from rtvis.app.roi_figures import RoiFigures, roi_figures, volume_text
from rtvis.model.structure_set import Contour, Roi

SQUARE = np.array([[0.0, 0, 0], [10, 0, 0], [10, 10, 0], [0, 10, 0]])


def figures(*contours: Contour) -> RoiFigures:
    return roi_figures(Roi(1, "r", contours), 3.0)


def test_what_an_roi_has_is_told_in_its_own_unit() -> None:
    assert figures().size_text == "empty"
    assert figures(Contour(SQUARE, "CLOSED_PLANAR")).size_text == "0.3 cc"
    assert figures(Contour(SQUARE, "OPEN_PLANAR")).size_text == "30 mm"
    assert figures(Contour(SQUARE[:1], "POINT")).size_text == "1 point"
    assert figures(*[Contour(SQUARE[:1], "POINT")] * 2).size_text == "2 points"


def test_a_closed_curve_in_no_plane_has_a_length() -> None:
    bent = SQUARE.copy()
    bent[2, 2] = 5.0
    found = figures(Contour(bent, "CLOSED_PLANAR"))
    assert (found.volume_cc, found.size_text) == (None, f"{20 + 2 * np.hypot(10, 5):.3g} mm")


@pytest.mark.parametrize(
    ("cc", "text"),
    [
        (0.05, "0.05 cc"),
        (99.4, "99.4 cc"),
        (99.6, "100 cc"),
        (999.6, "1000 cc"),
        (1960.0, "1.96 l"),
        (12345.0, "12.3 l"),
    ],
)
def test_volumes_have_three_digits(cc, text) -> None:
    assert volume_text(cc) == text


def test_lengths_are_never_told_in_powers_of_ten() -> None:
    assert [RoiFigures(length_mm=one).size_text for one in (9.996, 99.6, 999.6, 2345.6)] == [
        "10 mm",
        "100 mm",
        "1000 mm",
        "2346 mm",
    ]


def test_areas_of_unknown_thickness_have_no_volume_and_are_not_nothing() -> None:
    flat, upright = Contour(SQUARE, "CLOSED_PLANAR"), Contour(SQUARE[:, [0, 2, 1]], "CLOSED_PLANAR")
    assert figures(flat, upright).size_text == "no volume"
    assert roi_figures(Roi(1, "r", (flat,)), None).size_text == "no volume"
    thick = Contour(SQUARE + np.array([0, 0, 3.0]), "CLOSED_PLANAR")
    assert figures(flat, thick).size_text == "0.6 cc"
