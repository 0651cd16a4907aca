from __future__ import annotations

import numpy as np

from rtvis.dicom.duplicate_contours import duplicates
from rtvis.dicom.import_report import import_report
from rtvis.dicom.rtstruct_reader import read_structure_set
from rtvis.model.structure_set import Contour, Roi

SQUARE = np.array([[0, 0, 5], [10, 0, 5], [10, 10, 5], [0, 10, 5]], float)


def test_copies_and_near_copies_lead_to_the_first():
    more_points = np.array([[0, 0, 5], [5, 0, 5], [10, 0, 5], [10, 10, 5], [0, 10, 5], [0, 0, 5]], float)
    kinds = [
        (SQUARE, "CLOSED_PLANAR"),
        (SQUARE + np.array([0, 0, 2.5]), "CLOSED_PLANAR"),
        (SQUARE, "CLOSED_PLANAR"),
        (more_points, "CLOSED_PLANAR"),
        (SQUARE[::-1] * 0.9, "CLOSED_PLANAR"),
        (SQUARE, "OPEN_PLANAR"),
        (SQUARE, "OPEN_PLANAR"),
        (SQUARE[:3], "CLOSED_PLANAR"),  # the same box, half the area
        (np.empty((0, 3)), "CLOSED_PLANAR"),
        (np.empty((0, 3)), "CLOSED_PLANAR"),
    ]
    assert duplicates(Roi(1, "a", tuple(Contour(*one) for one in kinds))) == {2: 0, 3: 0, 6: 5}


def test_many_near_copies_are_all_found():
    curves = [SQUARE + np.array([0.001 * n, 0, 0]) for n in range(30)]
    assert duplicates(Roi(1, "a", tuple(Contour(one, "CLOSED_PLANAR") for one in curves))) == dict.fromkeys(
        range(1, 30), 0
    )


def test_a_real_set_with_copies(field_data):
    read = read_structure_set(field_data / "pairs" / "LUNG1-002_XiO" / "RTSTRUCT.dcm")
    told = [one for one in import_report(read) if one.code == "duplicate-contour"]
    assert len(told) == 62
    assert all(one.roi is not None and one.contour is not None for one in told)


def test_two_halves_of_a_square_are_no_copies_though_their_boxes_and_areas_agree() -> None:
    lower = np.array([[0.0, 0, 5], [20, 0, 5], [0, 20, 5]])
    upper = np.array([[20.0, 20, 5], [0, 20, 5], [20, 0, 5]])
    again = np.array([[20.0, 0, 5], [10, 10, 5], [0, 20, 5], [0, 0, 5]])
    contours = tuple(Contour(points, "CLOSED_PLANAR") for points in (lower, upper, again))
    assert duplicates(Roi(1, "Square", contours)) == {2: 0}
