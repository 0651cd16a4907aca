"""What the mouse does on the 3D view: turn, pan, zoom, point at things and pick them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, QPointF, Qt, QTimer

if TYPE_CHECKING:
    from qtpy.QtGui import QMouseEvent, QWheelEvent

    from rtvis.scene.picking import Picked
    from rtvis.scene.scene3d import Scene3D

ZOOM_PER_NOTCH = 1.15
ZOOM_PER_PIXEL = 1.01

CLICK_PX = 3.0
"""A press that moved no further than this was a click."""

HOVER_MS = 60
"""What is under the mouse is looked up once the mouse has rested for this long."""


class View3DGestures(QObject):
    """The gestures of one 3D view.

    Left drag turns, with Shift it pans; middle drag pans; right drag and the wheel zoom; a left click picks.

    Args:
        parent: the view.
        scene: whose camera is moved.
        moved: called after each movement of the camera.
        clicked: called with what was picked by a click, or None.
        hovered: called with what the mouse rests on, or None, and where.
    """

    def __init__(
        self,
        parent: QObject,
        scene: Scene3D,
        moved: Callable[[], None],
        clicked: Callable[[Picked | None], None],
        hovered: Callable[[Picked | None, QPointF], None],
    ) -> None:
        super().__init__(parent)
        self._scene = scene
        self._moved = moved
        self._clicked = clicked
        self._hovered = hovered
        self._button: int | None = None
        self._from = QPointF()
        self._last = QPointF()
        self._is_click = False
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(HOVER_MS)
        self._rest.timeout.connect(self.look_up)

    def wheel(self, event: QWheelEvent) -> None:
        """Come nearer or go away."""
        self._scene.camera.zoom(ZOOM_PER_NOTCH ** (event.angleDelta().y() / 120))
        self._moved()
        event.accept()

    def press(self, event: QMouseEvent) -> None:
        """Begin a drag, or a click."""
        if self._button is None:
            self.leave()
            self._button = event.button()
            self._from = self._last = event.localPos()
            self._is_click = event.button() == Qt.LeftButton and not event.modifiers()

    def move(self, event: QMouseEvent) -> None:
        """Turn, pan or zoom on; without a button, look what is there once the mouse rests."""
        if self._button is None:
            self._last = event.localPos()
            self._rest.start()
            return
        if self._is_click:
            if (event.localPos() - self._from).manhattanLength() <= CLICK_PX:
                return
            self._is_click = False
        delta = event.localPos() - self._last
        self._last = event.localPos()
        camera = self._scene.camera
        height = camera.size[1]
        shifted = bool(event.modifiers() & Qt.ShiftModifier)
        if self._button == Qt.MiddleButton or (self._button == Qt.LeftButton and shifted):
            camera.pan(delta.x(), delta.y(), height)
        elif self._button == Qt.RightButton:
            camera.zoom(ZOOM_PER_PIXEL ** -delta.y())
        else:
            camera.turn(delta.x(), delta.y(), height)
        self._moved()

    def release(self, event: QMouseEvent) -> None:
        """End the gesture; a click picks."""
        if event.button() != self._button:
            return
        self._button = None
        if self._is_click:
            self._is_click = False
            self._clicked(self._scene.pick(self._from.x(), self._from.y()))

    def leave(self) -> None:
        """The mouse is elsewhere, or busy."""
        self._rest.stop()
        self._hovered(None, self._last)

    def look_up(self) -> None:
        """Tell what the mouse rests on."""
        self._rest.stop()
        self._hovered(self._scene.pick(self._last.x(), self._last.y()), self._last)

    def stop(self) -> None:
        """Look nothing up any more."""
        self._rest.stop()
