"""Random events, the same ones each time: what is on the screen afterwards is what painting all anew gives.

Views keep pictures of what they painted, each for as long as nothing that it shows changes. One that is kept too long
is a contour that isn't there any more, or a number that was.
"""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from qtpy.QtCore import Qt
from qtpy.QtGui import QImage
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QDialog

from rtvis.gui.kept_pieces import KeptPieces
from rtvis.gui.slice_texts import SliceTexts
from rtvis.model.structure_set import Contour
from rtvis.model.study import Study
from tests.unit.gui.conftest import Mouse

EVENTS, EVERY = 120, 10

ACTIONS = (
    *("Undo", "Undo", "Redo", "Preset 1", "Preset 2", "Reset window/level", "Hot iron", "Grey", "Invert"),
    *("Outline contours", "Filled contours", "Outline and filled contours", "Thicker contours", "Thinner contours"),
    *("Show or hide all ROIs", "Show only this ROI", "Hide patient", "Large texts", "Normal texts", "Light theme"),
    *("Duplicate ROI", "Copy contours to next slice", "Delete contours on slice", "Type PTV", "Lock or unlock ROI"),
    *("Axial alone", "Four views", "Four views", "Oblique view", "Fit views", "Reset views", "Cursor right"),
    *("Remove last measurement", "Click at the cursor"),
)
TOOLS = ("navigate", "window", "pan", "freehand", "polygon", "brush", "eraser", "nudge", "distance", "probe", "select")
KEYS = (Qt.Key_Up, Qt.Key_Down, Qt.Key_PageUp, Qt.Key_Home, Qt.Key_R, Qt.Key_Return, Qt.Key_Escape, Qt.Key_Backspace)


class Monkey:
    """Does one thing after the other to a window, by chance."""

    def __init__(self, window, seed):
        self.window = window
        self.chance = random.Random(seed)
        self.done = []

    def act(self):
        """Do something, and let the window answer half of the time."""
        name = self.chance.choice(("wheel", "wheel", "drag", "drag", "click", "key", "action", "action", "tool", "roi"))
        getattr(self, f"_{name}")()
        if self.chance.random() < 0.5:
            QApplication.processEvents()
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, QDialog) and widget.isVisible():
                widget.reject()  # what a tool refused

    def _view(self):
        shown = [view for view in self.window.views.slices.values() if view.isVisible()]
        return self.chance.choice(shown)

    def _place(self, view):
        return self.chance.uniform(3, view.width() - 4), self.chance.uniform(3, view.height() - 4)

    def _wheel(self):
        view, notches = self._view(), self.chance.choice((-3, -1, -1, 1, 1, 2, 0.5))
        keys = self.chance.choice((Qt.NoModifier, Qt.NoModifier, Qt.NoModifier, Qt.ControlModifier))
        self.done.append(f"wheel {notches} {view.kind}")
        Mouse(view).wheel(notches, *self._place(view), keys)

    def _drag(self):
        view = self._view()
        button = self.chance.choice((Qt.LeftButton,) * 4 + (Qt.MiddleButton, Qt.RightButton))
        self.done.append(f"drag {int(button)} {view.kind} {self.window.tools.key}")
        Mouse(view).drag([self._place(view) for _ in range(self.chance.randint(2, 5))], button)

    def _click(self):
        view = self._view()
        self.done.append(f"click {view.kind} {self.window.tools.key}")
        Mouse(view).click(*self._place(view))

    def _key(self):
        view, key = self._view(), self.chance.choice(KEYS)
        self.done.append(f"key {key:#x} {view.kind}")
        QTest.keyClick(view, key)

    def _action(self):
        name = self.chance.choice(ACTIONS)
        self.done.append(name)
        self.window.menus.actions[name].trigger()

    def _tool(self):
        key = self.chance.choice(TOOLS)
        self.done.append(f"tool {key}")
        self.window.menus.tools[key].trigger()

    def _roi(self):
        session = self.window.session
        roi = self.chance.choice(session.structure_set.rois)
        what = self.chance.choice(("active", "shown"))
        self.done.append(f"{what} {roi.number}")
        if what == "active":
            session.activate_roi(self.chance.choice((roi.number, None)))
        else:
            session.set_roi_visible(roi.number, visible=self.chance.random() < 0.6)


def on_screen(window):
    """What the window system has of the window, ``(rows, columns, 3)``: asking a widget would have it paint."""
    image = window.screen().grabWindow(window.winId()).toImage().convertToFormat(QImage.Format_RGB32)
    memory = image.constBits()
    memory.setsize(image.byteCount())
    return np.frombuffer(memory, np.uint8).reshape(image.height(), image.width(), 4)[..., :3].astype(int)


def wait_until_painted(window, qtbot):
    qtbot.waitUntil(lambda: not any(view._numbers_due.isActive() for view in window.views.slices.values()))
    QApplication.sendPostedEvents()
    QApplication.processEvents()


def paint_all_anew(window):
    """Have the slice views forget all that they keep."""
    views, session = window.views, window.session
    views._layers.clear()
    views._lines._indexed, views._lines._joint = {}, None
    views._lines.set_rois(session.visible_rois())
    views._lines.set_preview(session.previewed_rois)
    for view in views.slices.values():
        over = view._overlay
        over.plane_changed()
        over._cursor = None
        over._texts = SliceTexts(session)
        over._pieces = {name: KeptPieces() for name in over._pieces}
        view.scene.values_changed()
        view._layer._made = None
        view._canvas.update()
        view._layer.update()


def differences(window, before, after):
    """Names of the slice views that look different."""
    ratio, found = window.devicePixelRatioF(), []
    for name, view in ((kind.value, view) for kind, view in window.views.slices.items() if view.isVisible()):
        corner = view.mapTo(window, view.rect().topLeft())
        left, top = round(corner.x() * ratio), round(corner.y() * ratio)
        part = np.s_[top : top + round(view.height() * ratio), left : left + round(view.width() * ratio)]
        if np.abs(before[part] - after[part]).max(initial=0) > 3:
            found.append(name)
    return found


def rounder(study):
    """The study with contours of more than four points, some of them between slices, so that there is more to see."""
    current = study.structure_sets[0]
    turns = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    ring = np.column_stack([14 * np.cos(turns), 11 * np.sin(turns), np.zeros(40)])
    rings = tuple(Contour.drawn(ring + np.array([2.0, 1.0, z]), closed=True) for z in np.arange(-30.0, 8.0, 3.7))
    rois = (*current.rois, replace(current.rois[0], number=3, name="Ring", contours=rings, color=(40, 220, 90)))
    return Study(volumes=study.volumes, structure_sets=(replace(current, rois=rois),))


@pytest.mark.parametrize("seed", [1, 2])
def test_what_is_seen_is_what_painting_anew_gives(own_window, study, qtbot, monkeypatch, seed):
    window = own_window
    monkeypatch.setattr(window.views.view3d._canvas, "_draw", lambda *_: None)  # slices only, and quicker
    window.show_study(rounder(study))
    qtbot.waitUntil(lambda: not window.tasks.running)
    monkey = Monkey(window, seed)
    for _ in range(EVENTS // EVERY):
        for _ in range(EVERY):
            monkey.act()
        wait_until_painted(window, qtbot)
        before = on_screen(window)
        paint_all_anew(window)
        wait_until_painted(window, qtbot)
        assert differences(window, before, on_screen(window)) == [], monkey.done[-EVERY:]
