"""A view of one plane: the image and what lies over it; gestures on it are `SliceGestures`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, QPointF, QSize, Qt, Signal
from qtpy.QtGui import QCursor, QKeyEvent, QMouseEvent, QPainter, QResizeEvent, QWheelEvent
from qtpy.QtWidgets import QWidget

from rtvis.app.color_maps import GRAY
from rtvis.app.planes import PlaneKind, ViewPlane, VolumePlanes
from rtvis.app.session import Session
from rtvis.gui.contour_names import REACH_PX, ContourName
from rtvis.gui.cursor_plane import CursorPlane
from rtvis.gui.late_numbers import LateNumbers
from rtvis.gui.oblique_handles import ObliqueHandles
from rtvis.gui.slice_ahead import SliceAhead, plane_ahead
from rtvis.gui.slice_canvas import SliceCanvas
from rtvis.gui.slice_fit import SliceFit
from rtvis.gui.slice_gestures import SliceGestures
from rtvis.gui.slice_overlay import SliceOverlay
from rtvis.gui.tool_choice import ToolChoice
from rtvis.gui.tool_layer import ToolLayer
from rtvis.scene.overlay import Overlay
from rtvis.scene.slice_scene import SliceScene

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray
    from psygnal import SignalInstance

    from rtvis.gui.contour_layers import ContourLayers
    from rtvis.scene.contour_lines import ContourLines, RoiLines
    from rtvis.scene.framing import Framing
    from rtvis.scene.slice_scene import Blend
    from rtvis.scene.volume_image import VolumeImage


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
        self,
        kind: PlaneKind,
        session: Session,
        tools: ToolChoice,
        lines: ContourLines,
        parent: QWidget | None = None,
        *,
        layers: ContourLayers | None = None,
    ) -> None:
        super().__init__(parent)
        self.kind = kind
        self._session = session
        self._tools = tools
        self._oblique = ObliqueHandles(kind, session)
        self._overlay = SliceOverlay(session, lines, self._oblique, layers)
        self._gestures = SliceGestures(self, session, tools, self._oblique)
        self.setFocusPolicy(Qt.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(160, 120)
        self.scene = SliceScene()
        self._place = CursorPlane(kind, session, self.scene)
        self._fit = SliceFit(self.scene)
        self._canvas = SliceCanvas(self, self._picture, self._paint_over)
        self._ahead = SliceAhead(self._paint_ahead, self)
        self._numbers_due = LateNumbers(self._write_numbers, self)
        self._overlay.later = self._numbers_due.ask
        self._made_ahead: Callable[[Framing, ViewPlane], bool] | None = None
        self._layer = ToolLayer(self, tools, session, self._settled_scene)
        self.name = ContourName(self)
        self._connect()

    def sizeHint(self) -> QSize:
        """Views share the space evenly, whatever they show."""
        return QSize(400, 400)

    def _connect(self) -> None:
        for signal, slot in self._heard():
            signal.connect(slot)
        self._colors_changed()
        self._tools.changed.connect(self._gestures.show_cursor)
        self._gestures.show_cursor()

    def _heard(self) -> tuple[tuple[SignalInstance, Callable[..., None]], ...]:
        """What of the session the view follows."""
        session = self._session
        return (
            (session.cursor_changed, self._cursor_moved),
            (session.oblique_changed, self._oblique_turned),
            (session.measurements.changed, self._canvas_update),
            (session.window_changed, self._window_moved),
            (session.color_map_changed, self._colors_changed),
            (session.active_roi_changed, self.contours_changed),
            (session.contour_style_changed, self._redraw),
            (session.texts_changed, self._texts_changed),
            (session.visibility_changed, self._texts_changed),
        )

    def release(self) -> None:
        """Let go of the session; the view is of no use afterwards."""
        for signal, slot in self._heard():
            signal.disconnect(slot)
        self._ahead.stop()
        self._numbers_due.stop()
        self.scene.close()
        self._canvas.shut()

    # --- what is shown -------------------------------------------------------------------------------------------

    @property
    def plane(self) -> ViewPlane | None:
        """The plane that is shown."""
        self._place.settle()
        return self.scene.view

    @property
    def planes(self) -> VolumePlanes | None:
        """The planes of the volume that is shown; None without one."""
        return self._place.planes

    def set_image(self, image: VolumeImage | None) -> None:
        """Show another volume at the session's cursor, fitted unless it is the same in another unit.

        With None contours alone are shown on the session's grid, or nothing where there is none.
        """
        self._gestures.cancel_drawing()
        grid = self._session.grid if image is None else image.volume.grid
        planes = None if grid is None else VolumePlanes(grid, self._session.oblique)
        self._place.set_planes(planes)
        self.scene.set_image(image, planes)
        if planes is not None:
            view = planes.at(self.kind, self._session.cursor_lps)
            first = self.scene.framing is None  # the same voxels in another unit stay where they are
            self.scene.set_view(view)
            if first:
                self._fit.fit()
            self._resize_scene()
            self.scene.set_window(*self._session.window)
            self._tell_slice(view)
        else:
            self.sliced.emit(-1, 0, True)
        self._overlay.plane_changed()
        self._redraw()

    def _tell_slice(self, view: ViewPlane) -> None:
        index = -1 if view.slice_index is None else view.slice_index
        self.sliced.emit(index, view.slice_count, self._place.is_upward)

    def go_to_slice(self, index: int) -> None:
        """Show a slice, counted from 0; the linked cursor goes with it."""
        there = self._place.at_slice(index)
        if there is not None:
            self._session.move_cursor(there)

    def values_changed(self) -> None:
        """The voxels were filled on: draw them anew."""
        self.scene.values_changed()
        self._redraw()

    def contours_changed(self) -> None:
        """Contours, colours or visibility changed: draw them anew; the image stays."""
        self._overlay.plane_changed()
        self._canvas.update()

    def set_layers(
        self,
        blends: tuple[Blend, ...],
        below: Callable[[Framing], Overlay] | None = None,
        ahead: Callable[[Framing, ViewPlane], bool] | None = None,
    ) -> None:
        """What is blended over the image, and what is drawn over it below the contours.

        Args:
            blends: in turn.
            below: gives what is drawn for a framing.
            ahead: makes ready what both need for a plane that may be shown next; False where there is nothing to do.
        """
        self._made_ahead = ahead
        self.scene.set_blends(blends)
        self._overlay.below = below
        self._redraw()

    def fit(self) -> None:
        """Show all of the volume, until it is zoomed or panned, whatever the size of the view."""
        self._fit.fit()
        self._redraw()

    def show_actual_size(self, voxel_mm: float) -> None:
        """Show a voxel of this size as one pixel of the screen, the cursor in the middle."""
        self._place.settle()
        self._fit.show_at(voxel_mm * self.devicePixelRatioF(), self._session.cursor_lps)
        self._redraw()

    def _picture(self) -> NDArray[np.uint8] | None:
        self._place.settle()
        return self.scene.picture()

    def overlay(self) -> Overlay:
        """What lies over the image now, that of the tool in hand last."""
        return self._overlay.of(self._settled_scene(), self._place.planes) + self._layer.overlay()

    def _paint_over(self, painter: QPainter) -> None:
        self._overlay.paint(painter, self._settled_scene(), self._place.planes, self.font())
        self._ahead.painted()

    def _paint_ahead(self, stride_mm: float, steps: int) -> bool:
        """Paint what lies over a slice so many steps along the plane's normal from here."""
        framing, view, planes = self.scene.framing, self.scene.view, self._place.planes
        if planes is None or framing is None or view is None or not self.isVisible():
            return False
        there = plane_ahead(planes, view, self._session.cursor_lps, stride_mm, steps)
        interpolated, seen = self.scene.is_interpolated, framing.on(there.plane)
        made = self._made_ahead is not None and self._made_ahead(seen, there)
        return self._overlay.paint_ahead(seen, there, self.font(), interpolated=interpolated) or made

    def _settled_scene(self) -> SliceScene:
        self._place.settle()
        return self.scene

    def show_oblique(self, *, shown: bool) -> None:
        """Show where the oblique plane cuts this view, with handles to turn it by; or don't."""
        self._oblique.shown = shown
        self._canvas_update()

    def _canvas_update(self) -> None:
        self._overlay.cursor_changed()
        self._canvas.update()

    def _oblique_turned(self) -> None:
        view = self._place.turn()
        if view is not None:
            self._fit.turn(view, self._session.cursor_lps)
            self._overlay.plane_changed()
            self._redraw()
            self._tell_slice(view)
        self._canvas_update()

    def _cursor_moved(self) -> None:
        if self._place.planes is None:
            return
        followed = self._place.follow()
        if followed is not None:
            view, moved_mm = followed
            self.name.hide()  # of a contour of the slice before
            self._ahead.moved(moved_mm)
            self._overlay.plane_changed()
            self._tell_slice(view)
        self._canvas_update()

    def _window_moved(self) -> None:
        self.scene.set_window(*self._session.window)
        self._overlay.levels_changed()
        self._canvas.update()

    def _write_numbers(self) -> None:
        self._overlay.write_numbers()
        self._canvas.update()

    def _colors_changed(self) -> None:
        self._overlay.texts_changed()
        chosen, inverse = self._session.color_map, self._session.inverse
        self.scene.set_color_map(None if chosen is GRAY and not inverse else chosen.table(inverse=inverse))
        self._canvas.update()

    def _texts_changed(self) -> None:
        self._overlay.texts_changed()
        self._canvas.update()

    def _redraw(self) -> None:
        self._overlay.framing_changed()
        self._canvas.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit again, or show the same part as before where it was zoomed or panned."""
        super().resizeEvent(event)
        self._canvas.setGeometry(self.rect())
        self._layer.setGeometry(self.rect())
        self._resize_scene()
        self._redraw()

    def _resize_scene(self) -> None:
        self._fit.resize(self.width(), self.height(), self.devicePixelRatioF())

    # --- gestures ------------------------------------------------------------------------------------------------

    def point_at(self, position: QPointF) -> NDArray[np.float64] | None:
        """Patient point ``(3,)`` LPS mm under a mouse event's local position; None while nothing is shown."""
        self._place.settle()
        return self.scene.pointer_to_patient(position.x(), position.y())

    def step(self, slices: int) -> None:
        """Scroll by whole slices; the linked cursor goes with it."""
        there = self._place.stepped(slices)
        if there is not None:
            self._session.move_cursor(there)
            if self.underMouse():
                self.pointed.emit(self.point_at(QPointF(self.mapFromGlobal(QCursor.pos()))))

    def pan_by(self, dx: float, dy: float) -> None:
        """Move the image by logical pixels."""
        self._fit.pan(dx, dy)
        self._redraw()

    def zoom_about(self, factor: float, position: QPointF) -> None:
        """Enlarge by `factor`; what is under a mouse event's local position stays there."""
        half = 0.5 / self.devicePixelRatioF()
        self._fit.zoom(factor, position.x() + half, position.y() + half)
        self._redraw()

    def roi_at(self, position: QPointF) -> RoiLines | None:
        """The ROI with a contour under a mouse event's local position."""
        half = 0.5 / self.devicePixelRatioF()
        return self._overlay.roi_at(self._settled_scene(), position.x() + half, position.y() + half, REACH_PX)

    def choose_roi(self, position: QPointF) -> bool:
        """Make the ROI under the mouse the active one; False where there is none."""
        found = self.roi_at(position)
        if found is not None:
            self._session.activate_roi(found.number)
        return found is not None

    def _name_contour(self, position: QPointF) -> None:
        drawing = self._tools.drawing
        resting = self._gestures.drag is None and (drawing is None or not drawing.is_active)
        self.name.show_at(position, self.roi_at(position) if resting else None, self._session.text_scale)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """See `SliceGestures.wheel`."""
        self._gestures.wheel(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """See `SliceGestures.press`."""
        self.name.hide()
        self.setFocus(Qt.MouseFocusReason)
        self._gestures.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """See `SliceGestures.move`."""
        self._gestures.move(event)
        if self._overlay.set_drag(self._gestures.drag):
            self._canvas.update()
        self._name_contour(event.localPos())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """See `SliceGestures.release`."""
        self._gestures.release(event)
        if self._overlay.set_drag(None):
            self._canvas.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """See `SliceGestures.double_click`."""
        self._gestures.double_click(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """See `SliceGestures.key`."""
        if not self._gestures.key(event):
            super().keyPressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """The pointer is over no point any more."""
        super().leaveEvent(event)
        self._gestures.leave()
        self.name.hide()
        self.pointed.emit(None)

    def focusInEvent(self, event: QEvent) -> None:
        """Tell the frame around it."""
        super().focusInEvent(event)
        self.touched.emit()
