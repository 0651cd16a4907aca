"""A view of one plane: the image, what lies over it, and every gesture on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, QPointF, QSize, Qt, Signal
from qtpy.QtGui import QCursor, QKeyEvent, QMouseEvent, QResizeEvent, QWheelEvent
from qtpy.QtWidgets import QWidget

from rtvis.app.planes import PlaneKind, ViewPlane, VolumePlanes
from rtvis.app.session import Session
from rtvis.app.tools import Finished, FreehandTool, PolygonTool
from rtvis.gui.canvas import Canvas
from rtvis.gui.glass import Glass
from rtvis.gui.oblique_handles import ObliqueHandles
from rtvis.gui.slice_overlay import SliceOverlay
from rtvis.gui.tool_choice import ToolChoice
from rtvis.scene.overlay import Overlay
from rtvis.scene.slice_scene import SliceScene

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from rtvis.scene.contour_lines import ContourLines
    from rtvis.scene.volume_image import VolumeImage

WHEEL_NOTCH = 120
"""Eighths of a degree in one notch of a wheel (QWheelEvent); finer wheels send parts of it, which are added up."""

ZOOM_PER_NOTCH = 1.15
ZOOM_PER_PIXEL = 1.01
PAGE = 10
SNAP_PIXELS = 8.0
"""A click this close to a polygon's first corner closes it."""

WINDOW_PER_PIXEL = 1 / 200
"""Share of the window's width, as it was when the drag began, by which a pixel of drag changes width or level."""


class SliceView(QWidget):
    """One plane of the session's volume.

    `pointed` carries the patient point ``(3,)`` under the mouse, or None; `maximise` follows a double click; `drawn`
    carries what a tool finished; `touched` that it got the focus; `sliced` the slice that is shown (from 0, or -1), how
    many there are, and whether their numbers grow the way the wheel scrolls forward.
    """

    pointed = Signal(object)
    maximise = Signal()
    drawn = Signal(object)
    touched = Signal()
    sliced = Signal(int, int, bool)

    def __init__(
        self, kind: PlaneKind, session: Session, tools: ToolChoice, lines: ContourLines, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.kind = kind
        self._session = session
        self._tools = tools
        self._planes: VolumePlanes | None = None
        self._upward = True
        self._stale_plane = False
        self._fitted = True
        self._oblique = ObliqueHandles(kind, session)
        self._overlay = SliceOverlay(session, tools, lines, self._oblique)
        self._wheel_rest = 0
        self._drag: str | None = None
        self._drag_from = QPointF()
        self._drag_last = QPointF()
        self._window_at_press = session.window
        self.setFocusPolicy(Qt.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(160, 120)
        self._canvas = Canvas(self, self._settle)
        self.scene = SliceScene(self._canvas.renderer)
        self._glass = Glass(self, self.overlay)
        self._glass.raise_()
        self._connect()

    def sizeHint(self) -> QSize:
        """Views share the space evenly, whatever they show."""
        return QSize(400, 400)

    def _connect(self) -> None:
        session = self._session
        session.cursor_changed.connect(self._cursor_moved)
        session.oblique_changed.connect(self._oblique_turned)
        session.measurements.changed.connect(self._glass_update)
        session.window_changed.connect(self._window_moved)
        session.active_roi_changed.connect(self.contours_changed)
        self._tools.previewed.connect(self._glass.update)
        self._tools.changed.connect(self._show_cursor)
        self._show_cursor()

    def release(self) -> None:
        """Let go of the session and free what VTK holds; the view is of no use afterwards."""
        self._session.cursor_changed.disconnect(self._cursor_moved)
        self._session.oblique_changed.disconnect(self._oblique_turned)
        self._session.measurements.changed.disconnect(self._glass_update)
        self._session.window_changed.disconnect(self._window_moved)
        self._session.active_roi_changed.disconnect(self.contours_changed)
        self.scene.close()
        self._canvas.shut()

    # --- what is shown -------------------------------------------------------------------------------------------

    @property
    def plane(self) -> ViewPlane | None:
        """The plane that is shown."""
        self._settle()
        return self.scene.view

    def set_image(self, image: VolumeImage | None) -> None:
        """Show another volume, fitted, at the session's cursor; or none."""
        self._cancel_drawing()
        self.scene.set_image(image)
        self._planes = VolumePlanes(image.volume.grid, self._session.oblique) if image is not None else None
        if self._planes is not None:
            view = self._planes.at(self.kind, self._session.cursor_lps)
            self.scene.set_view(view)
            self._fitted = True
            self._resize_scene()
            self.scene.set_window(*self._session.window)
            lowest = self._planes.at_slice(self.kind, self._session.cursor_lps, 0)
            next_one = self._planes.at(self.kind, self._planes.step(self.kind, lowest, 1))
            self._upward = next_one.slice_index != 0
            self._tell_slice(view)
        else:
            self.sliced.emit(-1, 0, True)
        self._overlay.plane_changed()
        self._redraw()

    def _tell_slice(self, view: ViewPlane) -> None:
        index = -1 if view.slice_index is None else view.slice_index
        self.sliced.emit(index, view.slice_count, self._upward)

    def go_to_slice(self, index: int) -> None:
        """Show a slice, counted from 0; the linked cursor goes with it."""
        if self._planes is not None:
            self._session.move_cursor(self._planes.at_slice(self.kind, self._session.cursor_lps, index))

    def values_changed(self) -> None:
        """The voxels were filled on: draw them anew."""
        self._redraw()

    def contours_changed(self) -> None:
        """Contours, colours or visibility changed: draw them anew, without a VTK render."""
        self._overlay.plane_changed()
        self._glass.update()

    def fit(self) -> None:
        """Show all of the volume, until it is zoomed or panned, whatever the size of the view."""
        self._fitted = True
        self.scene.fit()
        self._redraw()

    def overlay(self) -> Overlay:
        """What lies over the image now."""
        self._settle()
        return self._overlay.of(self.scene, self._planes)

    def show_oblique(self, *, shown: bool) -> None:
        """Show where the oblique plane cuts this view, with handles to turn it by; or don't."""
        self._oblique.shown = shown
        self._glass.update()

    def _glass_update(self) -> None:
        self._glass.update()

    def _oblique_turned(self) -> None:
        framing = self.scene.framing
        if self._planes is not None and self.kind is PlaneKind.OBLIQUE and framing is not None:
            self._planes.oblique = self._session.oblique
            cursor = self._session.cursor_lps
            view = self._planes.at(self.kind, cursor)
            self.scene.set_view(view)
            if self._fitted:
                self.scene.fit()
            else:  # what is turned about stays where it is
                moved = framing.patient_to_display(cursor) - framing.on(view.plane).patient_to_display(cursor)
                self.scene.pan(*moved.tolist())
            self._overlay.plane_changed()
            self._redraw()
            self._tell_slice(view)
        self._glass.update()

    def _settle(self) -> None:
        """Bring the scene to the session's cursor; called once for a batch of changes."""
        if self._stale_plane and self._planes is not None:
            self._stale_plane = False
            self.scene.set_view(self._planes.at(self.kind, self._session.cursor_lps))

    def _cursor_moved(self) -> None:
        if self._planes is None:
            return
        old, new = self.scene.view, self._planes.at(self.kind, self._session.cursor_lps)
        if old is None or abs(float(old.plane.distances_mm(new.plane.origin_lps_mm))) > 1e-9:
            self._stale_plane = True
            self._overlay.plane_changed()
            self._canvas.update()
            self._tell_slice(new)
        self._glass.update()

    def _window_moved(self) -> None:
        self.scene.set_window(*self._session.window)
        self._overlay.texts_changed()
        self._canvas.update()
        self._glass.update()

    def _redraw(self) -> None:
        self._overlay.framing_changed()
        self._canvas.update()
        self._glass.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit again, or show the same part as before where it was zoomed or panned."""
        super().resizeEvent(event)
        self._canvas.setGeometry(self.rect())
        self._glass.setGeometry(self.rect())
        self._resize_scene()
        self._redraw()

    def _resize_scene(self) -> None:
        framing = self.scene.framing
        if framing is None:
            return
        scale = min(self.width(), self.height()) / min(framing.width, framing.height)
        self.scene.set_size(self.width(), self.height(), self.devicePixelRatioF())
        if self._fitted:
            self.scene.fit()
        elif scale > 0:  # what was seen stays seen when the window or a splitter changes
            self.scene.zoom(scale, self.width() / 2, self.height() / 2)

    # --- the mouse -----------------------------------------------------------------------------------------------

    def _point(self, position: QPointF) -> NDArray[np.float64] | None:
        self._settle()
        return self.scene.pointer_to_patient(position.x(), position.y())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """One notch is one slice; with Ctrl it zooms about the pointer."""
        self._wheel_rest += event.angleDelta().y()
        notches = int(self._wheel_rest / WHEEL_NOTCH)
        self._wheel_rest -= notches * WHEEL_NOTCH
        if notches and event.modifiers() & Qt.ControlModifier:
            self._zoom(ZOOM_PER_NOTCH**notches, event.position())
        elif notches:
            self.step(notches)
        event.accept()

    def step(self, slices: int) -> None:
        """Scroll by whole slices; the linked cursor goes with it."""
        if self._planes is not None:
            self._session.move_cursor(self._planes.step(self.kind, self._session.cursor_lps, slices))
            if self.underMouse():
                self.pointed.emit(self._point(QPointF(self.mapFromGlobal(QCursor.pos()))))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a gesture: left is the active tool, middle pans, right zooms."""
        self.setFocus(Qt.MouseFocusReason)
        if self._drag is not None or self._planes is None:
            return
        position = event.localPos()
        self._drag_from = self._drag_last = position
        self._window_at_press = self._session.window
        self._drag = {Qt.LeftButton: self._tools.key, Qt.MiddleButton: "pan", Qt.RightButton: "zoom"}.get(
            event.button()
        )
        point, view = self._point(position), self.scene.view
        if point is None or view is None:
            return
        if self._drag == "navigate" and self._oblique.is_at(self.scene, position.x(), position.y()):
            self._drag = "turn"
        elif self._drag == "navigate":
            self._session.move_cursor(point)
        elif event.button() == Qt.LeftButton and self._tools.drawing is not None:
            self._set_snap()
            self._finish(self._tools.drawing.press(point, view.plane))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with the gesture, and tell what is under the pointer."""
        position = event.localPos()
        point, view = self._point(position), self.scene.view
        self.pointed.emit(point)
        if point is None or view is None:
            return
        delta = position - self._drag_last
        total = position - self._drag_from
        before, self._drag_last = self._point(self._drag_last), position
        if self._drag == "pan":
            self._fitted = False
            self.scene.pan(delta.x(), delta.y())
            self._redraw()
        elif self._drag == "turn" and before is not None:
            self._oblique.turn(view.plane, before, point)
        elif self._drag == "zoom":
            self._zoom(ZOOM_PER_PIXEL ** -delta.y(), self._drag_from)
        elif self._drag == "window":
            width, level = self._window_at_press
            change = max(width, 1.0) * WINDOW_PER_PIXEL
            self._session.set_window(width + total.x() * change, level - total.y() * change)
        elif self._drag == "navigate" or (self._drag is None and event.modifiers() & Qt.ShiftModifier):
            self._session.move_cursor(point)
        elif self._tools.drawing is not None and self._drag in {None, self._tools.key}:
            self._finish(self._tools.drawing.move(point, view.plane))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the gesture."""
        point, view = self._point(event.localPos()), self.scene.view
        drag, self._drag = self._drag, None
        drawing = self._tools.drawing
        if drawing is not None and drag == self._tools.key and point is not None and view is not None:
            self._finish(drawing.release(point, view.plane))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Finish what clicks build; otherwise fill the window with this view, or make room for the others again."""
        if event.button() != Qt.LeftButton:
            self.mousePressEvent(event)
            return
        drawing = self._tools.drawing
        point, view = self._point(event.localPos()), self.scene.view
        if drawing is None:
            self.maximise.emit()
        elif point is not None and view is not None:
            self._drag = self._tools.key
            self._finish(drawing.double_click(point, view.plane))

    def leaveEvent(self, event: QEvent) -> None:
        """The pointer is over no point any more."""
        super().leaveEvent(event)
        self.pointed.emit(None)

    def focusInEvent(self, event: QEvent) -> None:
        """Tell the frame around it."""
        super().focusInEvent(event)
        self.touched.emit()

    def _zoom(self, factor: float, position: QPointF) -> None:
        self._fitted = False
        half = 0.5 / self.devicePixelRatioF()
        self.scene.zoom(factor, position.x() + half, position.y() + half)
        self._redraw()

    # --- keys and drawing ----------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up, Down, PgUp, PgDn, Home, End scroll; R fits.

        While drawing, Enter finishes, Esc gives up and Backspace takes the last point back.
        """
        steps = {Qt.Key_Up: 1, Qt.Key_Down: -1, Qt.Key_PageUp: PAGE, Qt.Key_PageDown: -PAGE}
        key, drawing = event.key(), self._tools.drawing
        if key in steps:
            self.step(steps[key])
        elif key in {Qt.Key_Home, Qt.Key_End} and self._planes is not None and self.scene.view is not None:
            self.go_to_slice(0 if key == Qt.Key_Home else self.scene.view.slice_count - 1)
        elif key == Qt.Key_R and not event.modifiers():
            self.fit()
        elif drawing is not None and key in {Qt.Key_Return, Qt.Key_Enter}:
            self._finish(drawing.finish())
        elif drawing is not None and key == Qt.Key_Escape:
            self._cancel_drawing()
        elif drawing is not None and key == Qt.Key_Backspace:
            drawing.remove_last()
            self._tools.previewed.emit()
        else:
            super().keyPressEvent(event)

    def _finish(self, drawn: Finished | None) -> None:
        drawing = self._tools.drawing
        if drawn is None and isinstance(drawing, FreehandTool) and drawing.is_active:
            self._glass.update()  # a stroke lies in this view's plane: others would only show it from the side
        else:
            self._tools.previewed.emit()
        if drawn is not None:
            self.drawn.emit(drawn)

    def _cancel_drawing(self) -> None:
        if self._tools.drawing is not None:
            self._tools.drawing.cancel()
            self._tools.previewed.emit()

    def _set_snap(self) -> None:
        """A click near the first corner closes a polygon: near is meant on the screen, whatever the zoom."""
        framing, drawing = self.scene.framing, self._tools.drawing
        if framing is not None and isinstance(drawing, PolygonTool):
            drawing.snap_mm = SNAP_PIXELS * framing.mm_per_pixel

    def _show_cursor(self) -> None:
        shapes = {"pan": Qt.OpenHandCursor, "window": Qt.SizeAllCursor, "navigate": Qt.ArrowCursor}
        self.setCursor(shapes.get(self._tools.key, Qt.CrossCursor))
