"""Clicks on lines of the report, with a real mouse: the views go where the line is about."""

from __future__ import annotations

from dataclasses import replace

import pydicom
import pytest
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest

from rtvis.app.opening import open_study
from rtvis.model.problem import Problem
from rtvis.model.structure_set import Roi
from rtvis.model.study import Study
from tests.unit.gui.conftest import make_set, make_volume, settle

PROBLEMS = (
    Problem("odd-contour", "Contour 6 is odd", 1, 5),
    Problem("empty-roi", "Nothing is drawn", 3),
    Problem("frame-of-reference-differs", "Another frame", 2),
    Problem("odd-contour", "Contour 100 is odd", 1, 99),
    Problem("missing-images", "Of the whole set"),
)


@pytest.fixture
def listed(window):
    volume = make_volume()
    one = make_set(volume)
    odd = replace(one, rois=(*one.rois, Roi(3, "Empty")), problems=PROBLEMS)
    window.show_study(Study(volumes=(volume,), structure_sets=(odd,)))
    window.docks["problems"].raise_()
    settle()
    return window


def click(window, row):
    listing = window.problem_list
    item = listing.item(row)
    listing.scrollToItem(item)
    QTest.mouseClick(listing.viewport(), Qt.LeftButton, pos=listing.visualItemRect(item).center())
    settle()


def test_a_click_takes_the_views_to_the_contour(listed):
    assert listed.problem_list.isVisible()
    click(listed, 0)
    contour = listed.session.structure_set.roi(1).contours[5]
    assert listed.session.cursor_lps == pytest.approx(contour.points_lps.mean(axis=0))
    assert listed.session.active_roi == 1
    axial = listed.views.view("axial")
    plane = axial.plane.plane
    assert float(plane.normal @ (contour.points_lps[0] - plane.origin_lps_mm)) == pytest.approx(0.0, abs=1e-6)


def test_a_line_about_an_roi_without_contours_selects_it(listed):
    before = listed.session.cursor_lps.copy()
    click(listed, 1)
    assert listed.session.active_roi == 3
    assert [item.text(0) for item in listed.roi_panel.tree.selectedItems()] == ["Empty"]
    assert listed.session.cursor_lps == pytest.approx(before)


def test_a_line_about_a_whole_roi_takes_the_views_to_it(listed):
    click(listed, 2)
    assert listed.session.active_roi == 2
    assert listed.session.cursor_lps == pytest.approx([1.0, 2.0, -10.0])


def test_a_line_about_a_contour_that_is_gone_or_about_the_set_moves_nothing(listed):
    before = listed.session.cursor_lps.copy()
    click(listed, 3)
    assert listed.session.active_roi == 1
    click(listed, 4)
    assert listed.session.cursor_lps == pytest.approx(before)


def test_a_long_uid_goes_on_in_the_next_line_and_a_number_does_not(window):
    volume = make_volume()
    uid = "1.3.6.1.4.1.40744.29.232988001551799080.1234567890"
    odd = replace(make_set(volume), problems=(Problem("missing-images", f"off by 12.5 mm in {uid}"),))
    window.show_study(Study(volumes=(volume,), structure_sets=(odd,)))
    where, said = window.problem_list.item(0).text().split("\n")
    assert where == "RTSTRUCT Plan"
    assert said.replace("\u200b", "") == f"off by 12.5 mm in {uid}"
    assert "12.5" in said
    assert all(len(piece) < 24 for piece in said.split("in ")[1].split("\u200b"))


def closed_twice(source, target):
    """Write a set as other programs do: closed contours repeat their first point."""
    dataset = pydicom.dcmread(source)
    for contour in dataset.ROIContourSequence[0].ContourSequence:
        contour.ContourData = [*contour.ContourData, *contour.ContourData[:3]]
        contour.NumberOfContourPoints += 1
    dataset.save_as(target)


def test_what_is_remarked_on_saving_is_listed_until_the_next_study(window, small_study, tmp_path):
    closed_twice(small_study / "structure-set.dcm", tmp_path / "theirs.dcm")
    study = open_study([small_study / "ct", tmp_path / "theirs.dcm"])
    window.show_study(study)
    window.docks["problems"].raise_()
    before = window.problem_list.problem_count
    assert window.edits.save_to(tmp_path / "rs.dcm")
    settle()
    assert window.problem_list.problem_count == before + 1
    row = window.problem_list.count() - 1
    where, said = window.problem_list.item(row).text().replace("\u200b", "").split("\n")
    assert where == "RTSTRUCT SMALL, Block, saved as rs.dcm"
    assert "repeats its first point" in said
    assert said.endswith("(and 1 more like this)")
    assert window.docks["problems"].windowTitle() == f"Report ({before + 1})"
    click(window, row)
    contour = window.session.structure_set.roi(1).contours[0]
    assert window.session.cursor_lps == pytest.approx(contour.points_lps.mean(axis=0))
    assert window.edits.save_to(tmp_path / "rs.dcm")
    assert window.problem_list.problem_count == before + 1
    window.show_study(study)
    assert window.problem_list.problem_count == before
