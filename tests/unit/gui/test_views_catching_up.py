"""Many new contours are looked at piece by piece; nothing of another set is seen meanwhile."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rtvis.app.planes import PlaneKind
from rtvis.model.structure_set import Contour
from rtvis.model.study import Study

from .conftest import make_set, make_volume, show


def moved(structure_set, by_mm, **changes):
    """The set with its first ROI moved in x, under the same number."""
    roi = structure_set.rois[0]
    contours = tuple(Contour.drawn(one.points_lps + np.array([by_mm, 0.0, 0.0]), closed=True) for one in roi.contours)
    return replace(structure_set, rois=(replace(roi, contours=contours), *structure_set.rois[1:]), **changes)


def least_x(views):
    """Where the first ROI begins in x, in mm, on the axial slice that is shown; None where nothing is seen of it."""
    view = views.slices[PlaneKind.AXIAL]
    found = [one for one in views._lines.cut(view.scene.view) if one.number == 1]
    return None if not found else float(min(line.points_lps_mm[:, 0].min() for line in found[0].lines))


@pytest.fixture
def piece_by_piece(monkeypatch):
    monkeypatch.setattr("rtvis.gui.views.POINTS_AT_ONCE", 1)


def centred(window):
    window.session.move_cursor(np.array([0.0, 0.0, -16.0]))
    window.views.slices[PlaneKind.AXIAL].repaint()


@pytest.mark.usefixtures("piece_by_piece")
def test_contours_of_the_patient_before_are_not_seen_in_the_new_one(own_window, qtbot):
    window = own_window
    window.views.finish()
    centred(window)
    assert least_x(window.views) == pytest.approx(-10)
    volume = make_volume(7)
    marker = make_set(volume).rois[1]
    other = moved(make_set(volume), 6.0, sop_instance_uid="1.2.3.77")
    # What comes first is looked at at once; the ROI whose number another had waits.
    other = replace(other, rois=(replace(marker, number=5), *other.rois))
    window.show_study(Study(volumes=(volume,), structure_sets=(other,)))
    assert window.views._lines.is_behind
    centred(window)
    assert least_x(window.views) is None
    window.views.finish()
    assert least_x(window.views) == pytest.approx(-4)


@pytest.mark.usefixtures("piece_by_piece")
def test_contours_of_another_set_of_the_study_are_not_seen_in_this_one(empty_window, study, qtbot):
    first = study.structure_sets[0]
    marker = replace(first.rois[1], number=5)
    second = moved(first, 6.0, sop_instance_uid="1.2.3.78")
    second = replace(second, rois=(marker, *second.rois))
    window = show(empty_window, Study(volumes=study.volumes, structure_sets=(first, second)), qtbot)
    window.views.finish()
    centred(window)
    assert least_x(window.views) == pytest.approx(-10)
    window.session.activate_structure_set(second.key)
    assert least_x(window.views) is None
    window.views.finish()
    assert least_x(window.views) == pytest.approx(-4)


def moved_with_one_more(current):
    """A set with its contours 6 mm away and a further ROI, new objects all of them: each is to be looked at."""
    far = moved(current, 6.0)
    extra = replace(current.rois[1], number=5, contours=tuple(replace(one) for one in current.rois[1].contours))
    return replace(far, rois=(extra, *far.rois))


@pytest.mark.usefixtures("piece_by_piece")
def test_an_edit_of_many_contours_lets_none_vanish(own_window):
    window = own_window
    window.views.finish()
    centred(window)
    edited = moved_with_one_more(window.session.structure_set)
    window.session.apply("Move", edited)
    assert least_x(window.views) == pytest.approx(-10)
    window.views.finish()
    assert least_x(window.views) == pytest.approx(-4)


@pytest.mark.usefixtures("piece_by_piece")
def test_views_are_painted_anew_once_all_was_looked_at(own_window, qtbot):
    window = own_window
    window.views.finish()
    centred(window)
    edited = moved_with_one_more(window.session.structure_set)
    view = window.views.slices[PlaneKind.AXIAL]
    window.session.apply("Move", edited)
    before = view.grab().toImage()
    qtbot.waitUntil(lambda: not window.views._lines.is_behind, timeout=10_000)
    qtbot.waitUntil(lambda: view.grab().toImage() != before, timeout=10_000)
