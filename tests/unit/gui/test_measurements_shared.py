"""Two windows on one study: what is measured in one is seen in the other."""

from __future__ import annotations

import pytest
from qtpy.QtCore import QEvent
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication

from rtvis.app.measurements import Measurements
from rtvis.app.session import Session
from rtvis.gui.main_window import MainWindow
from rtvis.gui.measurements_shared import MeasurementsShared
from tests.unit.app.test_measurements import keep
from tests.unit.gui.conftest import close_for_good, show


@pytest.fixture
def watching(qapp, qtbot, study, tmp_path):
    window = MainWindow(Session(measured=tmp_path / "state" / "measurements"))
    window.setGeometry(0, 0, 1100, 800)
    window.show()
    QTest.qWaitForWindowExposed(window)
    yield show(window, study, qtbot)
    close_for_good(window)


@pytest.fixture
def other(watching):
    """Another program on the same study."""
    measurements = Measurements(watching.session.measurements.folder)
    measurements.open(watching.session.study.volumes)
    return measurements


def test_what_another_window_measures_and_removes_is_seen_at_once(watching, other, qtbot):
    mine = watching.session.measurements
    for kind in ("distance", "angle"):
        keep(other, kind)
        qtbot.waitUntil(lambda: mine.count == other.count, timeout=5000)
    keep(mine, "probe")
    other.refresh()
    assert mine.count == other.count == 3
    other.clear()
    qtbot.waitUntil(lambda: mine.count == 0, timeout=5000)


def test_what_the_system_does_not_tell_is_seen_when_the_window_is_turned_to(watching, other, qtbot):
    feature = next(one for one in watching.features if isinstance(one, MeasurementsShared))
    feature._watcher.blockSignals(True)
    keep(other, "distance")
    assert watching.session.measurements.count == 0
    QApplication.sendEvent(watching, QEvent(QEvent.WindowActivate))
    qtbot.waitUntil(lambda: watching.session.measurements.count == 1, timeout=5000)


def test_nothing_is_watched_or_made_without_a_study(qapp, tmp_path):
    window = MainWindow(Session(measured=tmp_path / "state"))
    window.show()
    QApplication.sendEvent(window, QEvent(QEvent.WindowActivate))
    close_for_good(window)
    assert not (tmp_path / "state").exists()
