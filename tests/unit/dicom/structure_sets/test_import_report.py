from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from rtvis.dicom.import_report import import_report
from rtvis.dicom.matching import match
from rtvis.dicom.readers import how_others_read
from rtvis.dicom.rtstruct_reader import read_structure_set
from rtvis.dicom.series import find_series
from rtvis.model.structure_set import Contour, ImageReference, Roi

SQUARE = np.array([[2.0, 2, 1], [6, 2, 1], [6, 6, 1], [2, 6, 1]])


def found(structure_set, contour):
    """Codes told of a contour that is alone in its ROI, and the messages."""
    only = replace(structure_set, rois=(Roi(4, "it", (contour,), frame_of_reference_uid="1.2.826.0.1.9"),))
    report = import_report(only)
    assert all(one.roi == 4 for one in report)
    return {one.code: one.message for one in report if one.contour in {0, None}}


@pytest.mark.parametrize(
    ("index", "kind", "codes"),
    [
        (SQUARE, "CLOSED_PLANAR", set()),
        (np.add(SQUARE, [0, 0, 0.3]), "CLOSED_PLANAR", {"off-slice"}),
        (np.add(SQUARE, [0, 0, 0.3]), "OPEN_NONPLANAR", set()),
        (SQUARE[:2], "CLOSED_PLANAR", {"too-few-points"}),
        (SQUARE[[0, 1, 2, 3, 0]], "CLOSED_PLANAR", {"first-point-repeated"}),
        (SQUARE[[0, 1, 1, 2, 3]], "CLOSED_PLANAR", {"repeated-points"}),
        (SQUARE[[0, 2, 1, 3]], "CLOSED_PLANAR", {"self-intersection"}),
        (SQUARE[[0, 2, 1, 3]], "OPEN_PLANAR", set()),
        (
            np.add(SQUARE, [[0, 0, 0.5], [0, 0, 0], [0, 0, 0.5], [0, 0, 0]]),
            "CLOSED_PLANAR",
            {"not-coplanar", "off-slice"},
        ),
        (np.add(SQUARE, [100, 0, 0]), "CLOSED_PLANAR", {"outside-images"}),
        (SQUARE, "SPLINE", {"unknown-geometric-type"}),
    ],
)
def test_each_oddity_is_told_with_its_place(structure_set, volume, index, kind, codes):
    image = volume.slices[1]
    images = (ImageReference(image.sop_class_uid, image.sop_instance_uid),)
    told = found(structure_set, Contour(volume.grid.to_patient(index), kind, images))
    assert set(told) == codes
    if "off-slice" in codes:
        assert "mm off" in told["off-slice"]


def test_residual_of_a_bent_contour_is_in_mm(structure_set, volume):
    bent = np.add(volume.grid.to_patient(SQUARE), [[0, 0, 0.5], [0, 0, -0.5], [0, 0, 0.5], [0, 0, -0.5]])
    assert "leaves its plane by 0.5 mm" in found(structure_set, Contour(bent, "CLOSED_PLANAR"))["not-coplanar"]


def test_self_touching_on_an_oblique_plane(structure_set, volume_maker):
    volume = volume_maker(orientation=(1.0, 0.0, 0.0, 0.0, 0.8, 0.6))
    eight = volume.grid.to_patient(SQUARE[[0, 2, 1, 3]])
    told = found(replace(structure_set, volume=volume), Contour(eight, "CLOSED_PLANAR"))
    assert "crosses itself" in told["self-intersection"]


def test_empty_rois_and_references_to_nothing(structure_set, volume):
    lost = Contour(volume.grid.to_patient(SQUARE), "CLOSED_PLANAR", (ImageReference("1.2", "1.2.3.4"),))
    only = replace(structure_set, rois=(Roi(4, "lost", (lost, lost)), Roi(5, "empty")))
    told = [(one.code, one.roi) for one in import_report(only)]
    assert told == [
        ("frame-of-reference-missing", 4),
        ("references-to-nothing", 4),
        ("duplicate-contour", 4),
        ("empty-roi", 5),
        ("frame-of-reference-missing", 5),
    ]


def test_known_oddities_of_a_real_pair(field_data):
    scan = find_series([field_data / "pairs" / "LUNG1-002_XiO"])
    report = import_report(match(read_structure_set(scan.structure_sets[0]), scan.plans))
    counts = Counter(one.code for one in report)
    assert counts["self-intersection"] == 68
    assert sum("touches itself" in one.message for one in report) == 27
    assert counts["first-point-repeated"] == 778
    assert counts["off-slice"] == counts["outside-images"] == 0


def test_empty_rois_of_a_real_set(field_data):
    path = field_data / "pairs" / "synthetic_lung_plastimatch" / "rtss.dcm"
    assert sum(one.code == "empty-roi" for one in import_report(read_structure_set(path))) == 29


def test_how_others_read_what_was_drawn(structure_set):
    read = how_others_read(structure_set)
    assert read["plastimatch"] == [
        "2 OPEN_NONPLANAR contours lost (ROI 'needle')",
        "1 OPEN_PLANAR contour lost (ROI 'needle')",
        "1 POINT contour lost (ROI 'needle')",
        "1 CLOSEDPLANAR_XOR contour lost (ROI 'xor')",
    ]
    assert read["OHIF"] == [
        "2 OPEN_NONPLANAR contours lost (ROI 'needle')",
        "1 CLOSEDPLANAR_XOR contour lost (ROI 'xor')",
    ]
    assert read["Slicer"] == [
        "2 OPEN_NONPLANAR contours closed (ROI 'needle')",
        "1 OPEN_PLANAR contour closed (ROI 'needle')",
        "1 POINT contour taken for a closed contour (ROI 'needle')",
    ]
    assert "3 CLOSED_PLANAR contours lost: a contour of its ROI leaves its slice (ROI 'Œsophagus')" in read["PlatiPy"]
    assert "1 CLOSEDPLANAR_XOR contour lost: its ROI doesn't start with CLOSED_PLANAR (ROI 'xor')" in read["PlatiPy"]


def test_plain_sets_are_read_by_all(structure_set, volume):
    image = volume.slices[1]
    images = (ImageReference(image.sop_class_uid, image.sop_instance_uid),)
    plain = Contour(volume.grid.to_patient(SQUARE), "CLOSED_PLANAR", images)
    marker = Contour(volume.grid.to_patient(SQUARE[:1]), "POINT", images)
    assert all(not said for said in how_others_read(replace(structure_set, rois=(Roi(1, "a", (plain,)),))).values())
    read = how_others_read(replace(structure_set, rois=(Roi(1, "a", (marker,)),)))
    assert read["Slicer"] == ["1 POINT becomes a fiducial (ROI 'a')"]
    assert read["rt-utils"] == ["1 POINT contour filled as if closed (ROI 'a')"]


def test_needles_of_a_real_set(field_data):
    path = field_data / "rt_without_images" / "brachy_OPEN_NONPLANAR" / "SS001_2.dcm"
    said = how_others_read(read_structure_set(path))["rt-utils"]
    assert len(said) == 1
    assert said[0].startswith("14 OPEN_NONPLANAR contours lost: no reference to an image of the series")
