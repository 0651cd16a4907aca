"""What mouse, wheel and keys do on a slice view: look around, and feed the active tool with patient points."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QPointF, Qt

from rtvis.app.tools_aiming import Keys
from rtvis.app.window_presets import usual_range
from rtvis.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from qtpy.QtGui import QKeyEvent, QMouseEvent, QWheelEvent

    from rtvis.app.session import Session
    from rtvis.app.tools import Finished, Tool
    from rtvis.gui.oblique_handles import ObliqueHandles
    from rtvis.gui.slice_view import SliceView
    from rtvis.gui.tool_choice import ToolChoice

WHEEL_NOTCH = 120
"""Eighths of a degree in one notch of a wheel (QWheelEvent); finer wheels send parts of it, which are added up."""

ZOOM_PER_NOTCH = 1.15
ZOOM_PER_PIXEL = 1.01
PAGE = 10
LEAST_WINDOW_PIXELS = 0.1
"""A window isn't dragged narrower than what so much of a pixel changes it by: it has to come open again."""

CURSORS = {
    "navigate": Qt.ArrowCursor,
    "window": Qt.SizeAllCursor,
    "pan": Qt.OpenHandCursor,
    "select": Qt.ArrowCursor,
    "join": Qt.PointingHandCursor,
    "points": Qt.PointingHandCursor,
}
"""Shapes of the pointer; tools that draw have a cross, whose middle is where they do."""


class SliceGestures:
    """The gestures of one slice view.

    Left is the active tool, middle pans, right zooms, whatever the tool.

    Args:
        view: which gets the events and hands them on.
        session: whose cursor, window and level the looking gestures change.
        tools: which tool is active.
        oblique: handles of the view that can be dragged while navigating.
    """

    def __init__(self, view: SliceView, session: Session, tools: ToolChoice, oblique: ObliqueHandles) -> None:
        self._view = view
        self._session = session
        self._tools = tools
        self._oblique = oblique
        self._wheel_rest = 0
        self._drag: str | None = None
        self._button = Qt.NoButton
        self._drag_from = QPointF()
        self._drag_last = QPointF()
        self._window_at_press = session.window
        self._levels_per_pixel = 1.0

    @property
    def drag(self) -> str | None:
        """What the button that is down does, such as ``pan``; None while none is down."""
        return self._drag

    @property
    def _drawing(self) -> Tool | None:
        """The tool in hand that draws or measures; one that works on images rests where there are none."""
        rests = self._session.volume is None and self._tools.info.needs_image
        return None if rests else self._tools.drawing

    # --- the mouse -----------------------------------------------------------------------------------------------

    def wheel(self, event: QWheelEvent) -> None:
        """One notch is one slice; with Ctrl it zooms about the pointer. Brushes get larger with Ctrl or Shift."""
        self._wheel_rest += event.angleDelta().y()
        notches = int(self._wheel_rest / WHEEL_NOTCH)
        self._wheel_rest -= notches * WHEEL_NOTCH
        sized = self._tools.active.radius_option is not None
        if notches and sized and event.modifiers() & (Qt.ControlModifier | Qt.ShiftModifier):
            self._tools.active.step_radius(notches)
        elif notches and event.modifiers() & Qt.ControlModifier:
            self._view.zoom_about(ZOOM_PER_NOTCH**notches, event.position())
        elif notches:
            self._view.step(notches)
        event.accept()

    def press(self, event: QMouseEvent) -> None:
        """Begin a gesture."""
        if self._drag is not None and event.button() == self._button:
            self._let_go()
        if self._drag is not None or self._view.planes is None:
            return
        position = event.localPos()
        self._drag_from = self._drag_last = position
        self._window_at_press = self._session.window
        self._button = event.button()
        self._drag = {Qt.LeftButton: self._tools.key, Qt.MiddleButton: "pan", Qt.RightButton: "zoom"}.get(
            event.button()
        )
        point, shown = self._view.point_at(position), self._view.scene.view
        if point is None or shown is None:
            return
        if self._drag == "window":
            self._begin_levels(of_overlay=self._levels_overlay(event))
        elif self._drag == "navigate" and self._oblique.is_at(self._view.scene, position.x(), position.y()):
            self._drag = "turn"
        elif self._drag == "navigate" and event.modifiers() & Qt.ControlModifier and self._view.choose_roi(position):
            self._drag = None
        elif self._drag == "navigate":
            self._session.move_cursor(point)
        elif event.button() == Qt.LeftButton and self._drawing is None and self._tools.drawing is not None:
            self._drag = None
            what = f"there are no images here, which {self._tools.info.title} needs"
            self._tools.refused.emit(UsageError(what, remedy="open the images of these contours, too"))
        elif event.button() == Qt.LeftButton and self._drawing is not None:
            keys = _keys(event)
            self._feed(lambda: self._tools.active.press(point, shown, self._mm_per_pixel, keys))

    def move(self, event: QMouseEvent) -> None:
        """Go on with the gesture, and tell what is under the pointer."""
        if self._drag is not None and not event.buttons() & self._button:
            self._let_go()
        position = event.localPos()
        point, shown = self._view.point_at(position), self._view.scene.view
        self._view.pointed.emit(point)
        if point is None or shown is None:
            return
        delta = position - self._drag_last
        total = position - self._drag_from
        before, self._drag_last = self._view.point_at(self._drag_last), position
        if self._drag == "pan":
            self._view.pan_by(delta.x(), delta.y())
        elif self._drag == "turn" and before is not None:
            self._oblique.turn(shown.plane, before, point)
        elif self._drag == "zoom":
            self._view.zoom_about(ZOOM_PER_PIXEL ** -delta.y(), self._drag_from)
        elif self._drag in {"window", "overlay window"}:
            self._drag_levels(total)
        elif self._drag == "navigate" or (self._drag is None and self._moves_cursor(event)):
            self._session.move_cursor(point)
        elif self._drawing is not None and self._drag in {None, self._tools.key}:
            self._feed(lambda: self._tools.active.move(point, shown, self._mm_per_pixel))

    def _begin_levels(self, *, of_overlay: bool) -> None:
        """Across the shorter side of the view window and level change by the range of values, as in 3D Slicer.

        By the window where that is wider: of a phantom of a single value the range says nothing.
        """
        overlay = self._session.overlay
        volume = overlay.volume if of_overlay else self._session.volume
        if volume is None:
            self._drag = None
        else:
            self._drag = "overlay window" if of_overlay else "window"
            self._window_at_press = overlay.window if of_overlay else self._session.window
            reach = max(usual_range(volume), self._window_at_press[0])
            self._levels_per_pixel = reach / max(min(self._view.width(), self._view.height()), 1)

    def _drag_levels(self, total: QPointF) -> None:
        """Wider to the right, higher level upwards: of the images, or of what is over them."""
        width, level = self._window_at_press
        change = self._levels_per_pixel
        width = max(width + total.x() * change, LEAST_WINDOW_PIXELS * change)
        level -= total.y() * change
        if self._drag == "overlay window":
            self._session.overlay.set_bounds(level - width / 2, level + width / 2)
        else:
            self._session.set_window(width, level)

    def release(self, event: QMouseEvent) -> None:
        """End the gesture, when it is its button that goes up; other buttons pressed meanwhile mean nothing."""
        if self._drag is not None and event.button() != self._button:
            return
        self._end(event.localPos())

    def _let_go(self) -> None:
        """The button went up where nobody told, over a dialog that had come between: end where the pointer was last."""
        self._end(self._drag_last)

    def _end(self, position: QPointF) -> None:
        point, shown = self._view.point_at(position), self._view.scene.view
        drag, self._drag = self._drag, None
        drawing = self._drawing
        if drawing is not None and drag == self._tools.key and point is not None and shown is not None:
            self._feed(lambda: self._tools.active.release_button(point, shown))

    def double_click(self, event: QMouseEvent) -> None:
        """Finish what clicks build; otherwise fill the window with this view, or make room for the others again."""
        if event.button() != Qt.LeftButton:
            self.press(event)
            return
        if self._drag is not None:
            return
        drawing = self._drawing
        point, shown = self._view.point_at(event.localPos()), self._view.scene.view
        if drawing is None:
            self._view.maximise.emit()
        elif point is not None and shown is not None:
            self._drag, self._button = self._tools.key, event.button()
            keys = _keys(event)
            self._feed(lambda: self._tools.active.double_click(point, shown, self._mm_per_pixel, keys))

    # --- keys ----------------------------------------------------------------------------------------------------

    def key(self, event: QKeyEvent) -> bool:
        """Up, Down, PgUp, PgDn, Home, End scroll; R fits. Whether the key was one of these.

        While drawing, Enter finishes, Esc gives up and Backspace takes the last point back.
        """
        view = self._view
        steps = {Qt.Key_Up: 1, Qt.Key_Down: -1, Qt.Key_PageUp: PAGE, Qt.Key_PageDown: -PAGE}
        key, drawing = event.key(), self._drawing
        if key in steps:
            view.step(steps[key])
        elif key in {Qt.Key_Home, Qt.Key_End} and view.planes is not None and view.scene.view is not None:
            view.go_to_slice(0 if key == Qt.Key_Home else view.scene.view.slice_count - 1)
        elif key == Qt.Key_R and not event.modifiers():
            view.fit()
        elif drawing is not None and key in {Qt.Key_Return, Qt.Key_Enter}:
            self._feed(self._tools.active.finish)
        elif drawing is not None and key == Qt.Key_Escape:
            self.cancel_drawing()
        elif drawing is not None and key == Qt.Key_Backspace:
            self._tools.active.remove_last()
        else:
            return False
        return True

    # --- drawing -------------------------------------------------------------------------------------------------

    @property
    def _mm_per_pixel(self) -> float:
        framing = self._view.scene.framing
        return 1.0 if framing is None else framing.mm_per_pixel

    def _feed(self, act: Callable[[], Finished | None]) -> None:
        """Let the tool have an event; what it finished goes to whoever commits it."""
        finished = self._tools.feed(act)
        if finished is not None:
            self._view.drawn.emit(finished)

    def _moves_cursor(self, event: QMouseEvent) -> bool:
        """Shift moves the linked cursor, but not where it means another thing: under a brush it takes away."""
        shift = bool(event.modifiers() & Qt.ShiftModifier)
        return shift and self._tools.info.group not in {"paint", "edit"} and not self._levels_overlay(event)

    def _levels_overlay(self, event: QMouseEvent) -> bool:
        """Whether dragging levels changes those of what is over the images."""
        shift = bool(event.modifiers() & Qt.ShiftModifier)
        return shift and self._tools.key == "window" and self._session.overlay.is_painted

    def leave(self) -> None:
        """The pointer left the view."""
        if self._drag is None:
            self._tools.active.leave()

    def cancel_drawing(self) -> None:
        """Give up what is being drawn."""
        self._tools.active.cancel()

    def show_cursor(self) -> None:
        """Give the pointer the shape of the active tool."""
        self._view.setCursor(CURSORS.get(self._tools.key, Qt.CrossCursor))


def _keys(event: QMouseEvent) -> Keys:
    held = event.modifiers()
    return Keys(
        shift=bool(held & Qt.ShiftModifier), ctrl=bool(held & Qt.ControlModifier), alt=bool(held & Qt.AltModifier)
    )
