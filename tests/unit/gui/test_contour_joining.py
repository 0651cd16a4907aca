"""The joint index of a window's contours: made in the background once edits are over, and only where it is worth it."""

from __future__ import annotations

import numpy as np
import pytest
from qtpy.QtCore import QObject

from rtvis.gui.background import BackgroundTasks
from rtvis.gui.contour_joining import ContourJoining
from rtvis.model.structure_set import Contour, Roi
from rtvis.scene.contour_lines import MOST_UNJOINED, ContourLines

from .conftest import settle


def rois(count):
    square = np.array([[0.0, 0, 0], [9, 0, 0], [9, 9, 0], [0, 9, 0]])
    return tuple(Roi(n, f"ROI {n}", (Contour.drawn(square + n, closed=True),)) for n in range(1, count + 1))


@pytest.fixture
def joining(qapp):
    parent = QObject()
    made = ContourJoining(ContourLines(), BackgroundTasks(parent), parent)
    yield made
    made.stop()
    parent.deleteLater()
    settle()


def test_many_are_joined_once_edits_are_over(joining, qtbot):
    joining._lines.set_rois(rois(10))
    joining.rois_changed()
    assert joining.quiet.isActive()
    assert not joining._tasks.running
    joining.join()
    qtbot.waitUntil(lambda: joining._lines.unjoined == ())
    joining.join()
    assert not joining._tasks.running


def test_few_are_left_as_they_are(joining):
    joining._lines.set_rois(rois(MOST_UNJOINED))
    joining.join()
    assert not joining._tasks.running


def test_a_stopped_one_begins_nothing(joining):
    joining._lines.set_rois(rois(10))
    joining.rois_changed()
    joining.stop()
    assert not joining.quiet.isActive()
