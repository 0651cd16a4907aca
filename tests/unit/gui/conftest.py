"""A window on a small study made in memory, driven by real events, closed after each test."""

from __future__ import annotations

import numpy as np
import pytest
from qtpy.QtCore import QCoreApplication, QEvent, QPoint, QPointF, QSettings, Qt
from qtpy.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication

from rtvis.app.session import Session
from rtvis.geometry.grid import Grid
from rtvis.gui.application import make_application
from rtvis.gui.main_window import MainWindow
from rtvis.model.structure_set import Contour, Roi, StructureSet
from rtvis.model.study import Study
from rtvis.model.volume import Patient, Slice, Volume

ORIGIN = (-30.0, -25.0, -40.0)
SHAPE = (20, 40, 50)
SPACING = (3.0, 1.5, 1.2)
AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
UID = "1.2.826.0.1.3680043.10.1.{}"


def make_volume(number: int = 1) -> Volume:
    slices, rows, columns = SHAPE
    origins = np.array(ORIGIN) + np.arange(slices)[:, None] * np.array([0.0, 0.0, SPACING[0]])
    grid = Grid.from_slices(origins, AXIAL, SPACING[1:], (rows, columns), frame_of_reference_uid=UID.format("9"))
    k, j, i = np.indices(SHAPE)
    voxels = ((i * 7 + j * 5 + k * 11) % 200 + 900).astype(np.int16)
    return Volume(
        volume_id=UID.format(f"2.{number}"),
        series_instance_uid=UID.format(f"2.{number}"),
        study_instance_uid=UID.format("3"),
        modality="CT",
        patient=Patient("P1", "Doe^Jo"),
        grid=grid,
        voxels=voxels,
        slices=tuple(
            Slice(
                UID.format(f"4.{number}.{n + 1}"),
                "1.2.840.10008.5.1.4.1.1.2",
                tuple(origin),
                AXIAL,
                SPACING[1:],
                rows,
                columns,
                rescale_intercept=-1000.0,
            )
            for n, origin in enumerate(origins.tolist())
        ),
        description="Thorax",
        units="HU",
    )


def make_set(volume: Volume) -> StructureSet:
    z = ORIGIN[2] + SPACING[0] * np.arange(5, 12)
    square = np.array([[-10.0, -8.0], [10.0, -8.0], [10.0, 8.0], [-10.0, 8.0]])
    contours = [Contour.drawn(np.column_stack([square, np.full(4, height)]), closed=True) for height in z]
    return StructureSet(
        label="Plan",
        rois=(
            Roi(1, "Box", tuple(contours), (255, 80, 40), "ORGAN", frame_of_reference_uid=UID.format("9")),
            Roi(2, "Marker", (Contour.drawn([[1.0, 2.0, -10.0]], closed=False),), (40, 200, 255)),
        ),
        patient=volume.patient,
        study_instance_uid=volume.study_instance_uid,
        series_instance_uid=UID.format("5"),
        sop_instance_uid=UID.format("6"),
        frame_of_reference_uid=UID.format("9"),
        referenced_series_uids=(volume.series_instance_uid,),
        volume=volume,
        matched_by="references",
    )


@pytest.fixture(scope="session")
def qapp(tmp_path_factory):
    QSettings.setPath(QSettings.NativeFormat, QSettings.UserScope, str(tmp_path_factory.mktemp("settings")))
    application = make_application()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield application
    application.closeAllWindows()


@pytest.fixture
def study():
    volume = make_volume()
    return Study(volumes=(volume,), structure_sets=(make_set(volume),))


def close_for_good(window: MainWindow) -> None:
    window.release()
    window.hide()
    window.deleteLater()
    settle()


def settle() -> None:
    QApplication.sendPostedEvents()
    QCoreApplication.sendPostedEvents(None, QEvent.DeferredDelete)
    QApplication.processEvents()


def open_window() -> MainWindow:
    QSettings("rtvis", "rtvis").clear()
    window = MainWindow(Session())
    window.setGeometry(0, 0, 1100, 800)
    window.show()
    QTest.qWaitForWindowExposed(window)
    return window


def next_window(window: MainWindow, study: Study) -> MainWindow:
    """The study in the window of the next start, as large as this one was when it closed."""
    window.close()
    following = MainWindow(Session())
    following.setGeometry(window.geometry())
    following.show()
    QTest.qWaitForWindowExposed(following)
    following.show_study(study)
    settle()
    return following


def show(window: MainWindow, study: Study, qtbot) -> MainWindow:
    window.show_study(study)
    qtbot.waitUntil(lambda: not window.tasks.running, timeout=20_000)
    settle()
    return window


@pytest.fixture
def empty_window(qapp, qtbot):
    """A window of the test's own."""
    window = open_window()
    yield window
    close_for_good(window)


@pytest.fixture
def own_window(empty_window, study, qtbot):
    """The study in a window of the test's own, which may be closed."""
    return show(empty_window, study, qtbot)


@pytest.fixture(scope="module")
def shared_window(qapp):
    window = open_window()
    yield window
    close_for_good(window)


@pytest.fixture
def window(shared_window, study, qtbot):
    """The study in a window that the tests of a module share: four views take a second to make."""
    shared_window.tools.choose("navigate")
    if shared_window.views is not None:
        shared_window.views.maximise(None)
    return show(shared_window, study, qtbot)


class Mouse:
    """Sends the events a mouse makes to one widget, without moving the real pointer."""

    def __init__(self, widget) -> None:
        self.widget = widget

    def _send(self, kind, x, y, button, buttons, modifiers) -> None:
        QApplication.sendEvent(self.widget, QMouseEvent(kind, QPointF(x, y), button, buttons, modifiers))

    def press(self, x, y, button=Qt.LeftButton, modifiers=Qt.NoModifier) -> None:
        self._send(QEvent.MouseButtonPress, x, y, button, button, modifiers)

    def move(self, x, y, buttons=Qt.NoButton, modifiers=Qt.NoModifier) -> None:
        self._send(QEvent.MouseMove, x, y, Qt.NoButton, buttons, modifiers)

    def release(self, x, y, button=Qt.LeftButton, modifiers=Qt.NoModifier) -> None:
        self._send(QEvent.MouseButtonRelease, x, y, button, Qt.NoButton, modifiers)

    def click(self, x, y, modifiers=Qt.NoModifier) -> None:
        self.press(x, y, modifiers=modifiers)
        self.release(x, y, modifiers=modifiers)

    def double_click(self, x, y) -> None:
        self.click(x, y)
        self._send(QEvent.MouseButtonDblClick, x, y, Qt.LeftButton, Qt.LeftButton, Qt.NoModifier)
        self.release(x, y)

    def drag(self, path, button=Qt.LeftButton) -> None:
        self.press(*path[0], button)
        for x, y in path[1:]:
            self.move(x, y, button)
        self.release(*path[-1], button)

    def wheel(self, notches, x=50, y=50, modifiers=Qt.NoModifier) -> None:
        position = QPointF(x, y)
        event = QWheelEvent(
            position,
            position,
            QPoint(),
            QPoint(0, round(120 * notches)),
            Qt.NoButton,
            modifiers,
            Qt.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(self.widget, event)

    def key(self, key, text="") -> None:
        QApplication.sendEvent(self.widget, QKeyEvent(QEvent.KeyPress, key, Qt.NoModifier, text))


@pytest.fixture
def axial(window):
    return window.views.view("axial")


@pytest.fixture
def mouse(axial):
    return Mouse(axial)
