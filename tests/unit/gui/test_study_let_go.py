"""Nothing of a study outlives its closing, or the opening of another one: what runs in threads is told to stop."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace
from threading import Event

import numpy as np
import pytest

from rtvis.gui import contour_joining, surface_making
from rtvis.gui.contour_joining import ContourJoining
from rtvis.gui.roi_sizes import RoiSizes
from rtvis.model.structure_set import Contour, Roi
from rtvis.model.study import Study
from rtvis.scene.contour_lines import JointIndex
from rtvis.surfaces.roi_surface import roi_surface

from .conftest import make_set, make_volume, settle

ROIS = 8


def make_study(number=1):
    volume = make_volume(number)
    square = np.array([[-9.0, -7.0, 0.0], [9.0, -7.0, 0.0], [9.0, 7.0, 0.0], [-9.0, 7.0, 0.0]])
    rois = tuple(
        Roi(n, f"ROI {n}", tuple(Contour.drawn(np.add(square, (n, n, 3 * z - 25)), closed=True) for z in range(3)))
        for n in range(1, ROIS + 1)
    )
    return Study(volumes=(volume,), structure_sets=(replace(make_set(volume), rois=rois),))


def held_of(study):
    """Weak references to the study, its voxels and the points of all its contours."""
    held = {"study": weakref.ref(study), "voxels": weakref.ref(study.volumes[0].voxels)}
    for roi in study.structure_sets[0].rois:
        held |= {f"{roi.name} contour {n}": weakref.ref(one.points_lps) for n, one in enumerate(roi.contours)}
    return held


def left_of(held):
    gc.collect()
    return [name for name, ref in held.items() if ref() is not None]


def settled(window, qtbot):
    """Let all come to its end that was begun, timers of quick edits included."""
    joining, sizes = window.views.findChild(ContourJoining), window.findChild(RoiSizes)
    for timer in (joining.quiet, window.views.view3d.surfaces.quiet, sizes._timer):
        if timer.isActive():
            timer.stop()
            timer.timeout.emit()
    qtbot.waitUntil(lambda: not window.tasks.running, timeout=20_000)
    settle()


@pytest.fixture
def opened(empty_window, qtbot):
    """A window with the study, and what tells whether anything is left of that."""
    study = make_study()
    empty_window.show_study(study)
    return empty_window, held_of(study)


def close(window):
    window.close_study()


def show_another(window):
    window.show_study(make_study(2))


@pytest.mark.parametrize("leave", [close, show_another])
def test_nothing_is_left_once_all_that_ran_had_ended(opened, leave, qtbot):
    window, held = opened
    settled(window, qtbot)
    assert not window.views._lines.unjoined  # they were joined
    assert not window.views.view3d.scene.rois_without_surface()
    leave(window)
    settled(window, qtbot)
    assert left_of(held) == []


@pytest.mark.parametrize("leave", [close, show_another])
def test_nothing_is_left_of_work_that_was_under_way(empty_window, leave, qtbot, monkeypatch):
    go, begun, finished = Event(), [Event(), Event()], []

    class SlowIndex(JointIndex):
        def __init__(self, rois, report):
            begun[0].set()
            assert go.wait(20)
            super().__init__(rois, report)
            finished.append("index")

    def slow_surface(roi, **options):
        begun[1].set()
        assert go.wait(20)
        finished.append("surface")
        return roi_surface(roi, **options)

    monkeypatch.setattr(contour_joining, "JointIndex", SlowIndex)
    monkeypatch.setattr(surface_making, "roi_surface", slow_surface)
    study = make_study()
    empty_window.show_study(study)
    held = held_of(study)
    del study
    views = empty_window.views
    views._joining.join()
    views.view3d.surfaces.quiet.timeout.emit()
    assert all(one.wait(20) for one in begun)
    under_way = [one for one in empty_window.tasks.running if one.label in {"Laying out contours", "Making surfaces"}]
    leave(empty_window)
    assert len(under_way) == 2
    assert all(one.cancelled for one in under_way)
    del under_way
    go.set()
    settled(empty_window, qtbot)
    assert left_of(held) == []
    if leave is close:
        assert finished == ["surface"]  # the one that was being made; no other was begun, and the index was given up
