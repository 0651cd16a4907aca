"""Drawing in the 3D view: points of a curve on surfaces, image planes and rendered tissue, and dragging them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import QEvent, QObject, QPointF, Qt
from qtpy.QtGui import QPaintEvent
from qtpy.QtWidgets import QWidget

from rtvis.app.planes import PlaneKind, ViewPlane
from rtvis.app.tools import PointTool
from rtvis.app.tools_aiming import GRAB_PIXELS
from rtvis.app.tools_control import ControlPointTool
from rtvis.gui.overlay_painter import paint_overlay
from rtvis.gui.painting import painting
from rtvis.gui.tool_choice import ToolChoice
from rtvis.scene.picking import Picked, PickedKind
from rtvis.scene.projection3d import Projection3D
from rtvis.scene.tool_overlay import space_overlay

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rtvis.app.tools import Finished
    from rtvis.geometry.plane import Plane
    from rtvis.gui.view3d import View3D

KEYS = {Qt.Key_Return, Qt.Key_Enter, Qt.Key_Escape, Qt.Key_Backspace}


class Layer3D(QWidget):
    """The curve as it grows, over the 3D view."""

    def __init__(self, view: View3D, tools: ToolChoice) -> None:
        super().__init__(view)
        self._view = view
        self._tools = tools
        self.setAttribute(Qt.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WA_NoSystemBackground)
        self.setGeometry(view.rect())
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it as the camera stands now."""
        del event
        tool = self._tools.drawing
        if tool is not None and tool.in_space:
            with painting(self) as painter:
                paint_overlay(painter, space_overlay(Projection3D.of(self._view.scene.camera), tool), self.font())


class ToolBinding3D(QObject):
    """Feeds the tool in hand with what is clicked and dragged in the 3D view.

    Only tools that draw in space, and points, work there; with others the view's own gestures do.

    Args:
        view: the 3D view.
        tools: the tool in hand.
        finished: called with what a tool finished.
    """

    def __init__(self, view: View3D, tools: ToolChoice, finished: Callable[[Finished], None]) -> None:
        super().__init__(view)
        self._view = view
        self._tools = tools
        self._finished = finished
        self._dragged: tuple[Plane, float] | None = None
        self._was_active = False
        self.layer = Layer3D(view, tools)
        view.take_click = self.take_click
        view.installEventFilter(self)
        tools.previewed.connect(self._previewed)

    @property
    def _draws(self) -> bool:
        tool = self._tools.drawing
        return tool is not None and (tool.in_space or isinstance(tool, PointTool))

    def _previewed(self) -> None:
        active = self._tools.drawing is not None and self._tools.drawing.in_space and self._tools.drawing.is_active
        if active or self._was_active:
            self.layer.update()
        self._was_active = active

    def take_click(self, picked: Picked) -> bool:
        """Set a point where something was clicked; False when the tool in hand doesn't draw in space."""
        if not self._draws:
            return False
        point = picked.anchor_lps_mm if picked.kind is PickedKind.BALL else picked.point_lps_mm
        projection = Projection3D.of(self._view.scene.camera)
        plane, scale = projection.plane_at(point), projection.mm_per_pixel(point)
        active = self._tools.active
        self._feed(lambda: active.press(point, _shown(plane), scale))
        self._feed(lambda: active.release_button(point, _shown(plane)))
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take what is the tool's from the view's events."""
        kind = event.type()
        if kind == QEvent.Resize:
            self.layer.setGeometry(self._view.rect())
        elif kind == QEvent.MouseButtonPress and event.button() == Qt.LeftButton:
            return self._hold(event.localPos())
        elif kind == QEvent.MouseMove and self._dragged is not None:
            self._drag(event.localPos())
            return True
        elif kind == QEvent.MouseButtonRelease and self._dragged is not None and event.button() == Qt.LeftButton:
            plane, _ = self._dragged
            self._dragged = None
            self._feed(lambda: self._tools.active.release_button(plane.origin_lps_mm, _shown(plane)))
            return True
        elif kind == QEvent.MouseButtonDblClick and self._is_building:
            self._feed(self._tools.active.finish)
            return True
        elif kind == QEvent.KeyPress and self._is_building and event.key() in KEYS:
            self._key(event.key())
            return True
        return bool(super().eventFilter(watched, event))

    @property
    def _is_building(self) -> bool:
        return self._draws and self._tools.drawing is not None and self._tools.drawing.is_active

    def _key(self, key: int) -> None:
        active = self._tools.active
        if key == Qt.Key_Escape:
            active.cancel()
        elif key == Qt.Key_Backspace:
            active.remove_last()
        else:
            self._feed(active.finish)

    def _hold(self, place: QPointF) -> bool:
        """Take the control point under the pointer, if there is one."""
        tool = self._tools.drawing
        if not isinstance(tool, ControlPointTool) or not tool.in_space or not tool.is_active:
            return False
        projection = Projection3D.of(self._view.scene.camera)
        away = np.linalg.norm(projection.to_display(tool.controls) - [place.x(), place.y()], axis=1)
        if not np.isfinite(away).any() or np.nanmin(away) > GRAB_PIXELS:
            return False
        point = tool.controls[int(np.nanargmin(away))]
        plane, scale = projection.plane_at(point), projection.mm_per_pixel(point)
        self._dragged = (plane, scale)
        # It is taken where it is, not where the pointer is: a click that isn't dragged leaves it there.
        self._feed(lambda: self._tools.active.press(point, _shown(plane), scale))
        return True

    def _drag(self, place: QPointF) -> None:
        assert self._dragged is not None
        plane, scale = self._dragged
        point = self._on(plane, place)
        self._feed(lambda: self._tools.active.move(point, _shown(plane), scale))

    def _on(self, plane: Plane, place: QPointF) -> NDArray[np.float64]:
        """Where the line of sight through a place meets a plane that the display is parallel to."""
        ray = self._view.scene.camera.ray(place.x(), place.y())
        height = float(plane.distances_mm(ray.origin_lps_mm))
        return ray.at(-height / float(ray.direction @ plane.normal))

    def _feed(self, act: Callable[[], Finished | None]) -> None:
        finished = self._tools.feed(act)
        if finished is not None:
            self._finished(finished)


def _shown(plane: Plane) -> ViewPlane:
    return ViewPlane(PlaneKind.OBLIQUE, plane, native=False, slice_index=None, slice_count=0, gap_mm=0.0)
