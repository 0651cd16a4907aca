"""The keyboard as a pointer: the linked cursor is moved in the active view, and the tool in hand is pressed there.

What is drawn or measured by clicks and drags can so be drawn without a mouse, to the voxel.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, QPointF, Qt
from qtpy.QtGui import QMouseEvent
from qtpy.QtWidgets import QApplication

from rtvis.app.planes import PlaneKind
from rtvis.gui.feature import Feature
from rtvis.gui.menus import Need

if TYPE_CHECKING:
    from qtpy.QtWidgets import QAction

    from rtvis.gui.main_window import MainWindow
    from rtvis.gui.menus import Menus
    from rtvis.gui.slice_view import SliceView
    from rtvis.gui.views import Views

WAYS = (("left", "Left", -1, 0), ("right", "Right", 1, 0), ("up", "Up", 0, -1), ("down", "Down", 0, 1))
"""Direction on the screen, key, and steps to the right and down."""

FAR = 10
"""Voxels that Alt and Shift move by, as PgUp and PgDn do slices."""

NO_VIEW = "Choose a slice view first (F6)"
HELD = "Shift and the arrow keys draw; the same key lets go"
NO_TOOL = "Choose a tool that draws or measures first"


class KeyPointer(Feature):
    """View > Cursor: its entries work while a view has the focus; elsewhere arrow keys mean something else."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._actions: list[QAction] = []
        self._held: tuple[SliceView, str] | None = None

    def fill(self, menus: Menus) -> None:
        """Entries of View > Cursor."""
        menu = menus.submenu("View", "C&ursor")
        for way, key, right, down in WAYS:
            near, far = partial(self.move, right, down), partial(self.move, right * FAR, down * FAR)
            self._actions += [
                menus.add(menu, f"Cursor {way}", near, f"Shift+{key}", needs=Need.PLANES),
                menus.add(menu, f"Cursor far {way}", far, f"Alt+Shift+{key}", needs=Need.PLANES),
            ]
        menu.addSeparator()
        self._actions.append(menus.add(menu, "Click at the cursor", self.click, ".", needs=Need.PLANES))
        hold = menus.add(menu, "Press or let go at the cursor", self.hold, ",", needs=Need.PLANES)
        self._actions.append(hold)
        for action in self._actions:
            action.setShortcutContext(Qt.WidgetWithChildrenShortcut)

    def views_made(self, views: Views) -> None:
        """There the keys work."""
        views.addActions(self._actions)

    def move(self, right: int, down: int) -> None:
        """Move the cursor by voxels of the active view, by columns and rows as it shows them."""
        view = self._view()
        if view is None or view.planes is None:
            return
        self.session.move_cursor(view.planes.moved(view.kind, self.session.cursor_lps, right, down))
        if self._held == (view, self.window.tools.key):
            self._send(view, QEvent.MouseMove, Qt.LeftButton)

    def click(self) -> None:
        """Have the tool in hand do at the cursor what a click there would."""
        view = self._drawing_view()
        if view is not None:
            self._send(view, QEvent.MouseMove, Qt.NoButton)
            self._send(view, QEvent.MouseButtonPress, Qt.LeftButton)
            self._send(view, QEvent.MouseButtonRelease, Qt.NoButton)

    def hold(self) -> None:
        """Press the tool at the cursor, which it then follows as in a drag; the second time, let go there."""
        view = self._drawing_view()
        if view is None:
            return
        held, self._held = self._held, None
        if held == (view, self.window.tools.key):
            self._send(view, QEvent.MouseButtonRelease, Qt.NoButton)
            return
        self._held = (view, self.window.tools.key)
        self._send(view, QEvent.MouseMove, Qt.NoButton)
        self._send(view, QEvent.MouseButtonPress, Qt.LeftButton)
        self.window.say(HELD)

    def _send(self, view: SliceView, kind: QEvent.Type, buttons: Qt.MouseButtons) -> None:
        place = self._place(view)
        if place is not None:
            button = Qt.NoButton if kind == QEvent.MouseMove else Qt.LeftButton
            QApplication.sendEvent(view, QMouseEvent(kind, place, button, buttons, Qt.NoModifier))

    def _drawing_view(self) -> SliceView | None:
        view = self._view()
        if view is not None and self.window.tools.drawing is None:
            self.window.say(NO_TOOL)
            return None
        return view

    def _view(self) -> SliceView | None:
        views = self.window.views
        view = None
        if views is not None and views.active_name in {kind.value for kind in PlaneKind}:
            view = views.slices[PlaneKind(views.active_name)]
        if view is None:
            self.window.say(NO_VIEW)
        return view

    def _place(self, view: SliceView) -> QPointF | None:
        """Where a mouse event would name the cursor: events name the corner of a pixel and mean its centre."""
        framing = view.scene.framing
        if framing is None:
            return None
        half = 0.5 / framing.device_pixel_ratio
        x, y = framing.patient_to_display(self.session.cursor_lps)
        return QPointF(float(x) - half, float(y) - half)
