"""The uppermost layer of a slice view: what the tool in hand shows. Only what changed of it is painted anew."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, floor
from typing import TYPE_CHECKING

from qtpy.QtCore import QRect, QRectF, Qt
from qtpy.QtGui import QImage, QPainter, QPaintEvent, QRegion
from qtpy.QtWidgets import QWidget

from rtvis.app.palette import roi_color
from rtvis.app.slice_image import SliceImages
from rtvis.app.tools_image import ThresholdTool
from rtvis.gui.overlay_painter import paint_overlay
from rtvis.gui.painting import painting
from rtvis.gui.swath_painter import paint_swaths
from rtvis.gui.tool_choice import ToolChoice
from rtvis.scene.overlay import Overlay
from rtvis.scene.overlay_change import changed_boxes, within
from rtvis.scene.range_tint import image_box, range_tint
from rtvis.scene.swath import Swath, swath_boxes, swaths_of
from rtvis.scene.tool_overlay import WHITE, tool_overlay

if TYPE_CHECKING:
    from rtvis.app.planes import ViewPlane
    from rtvis.app.session import Session
    from rtvis.app.slice_image import SliceImage
    from rtvis.scene.framing import Framing
    from rtvis.scene.slice_scene import SliceScene


class ToolLayer(QWidget):
    """Paints what the tool in hand shows, over all else of a view.

    Args:
        parent: the view.
        tools: the tool in hand.
        session: whose volume it works on.
        scene: gives the scene as it is to be painted now.
    """

    def __init__(self, parent: QWidget, tools: ToolChoice, session: Session, scene: Callable[[], SliceScene]) -> None:
        super().__init__(parent)
        self._tools = tools
        self._session = session
        self._scene = scene
        self._painted = Overlay()
        self._swaths: tuple[Swath, ...] = ()
        self._made: tuple[Framing, ViewPlane, Overlay] | None = None
        self._tint_of: tuple[object, ...] = ()
        self._tint: tuple[QImage, SliceImage] | None = None
        self._images: SliceImages | None = None
        self.setAttribute(Qt.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WA_NoSystemBackground)
        tools.previewed.connect(self.refresh)

    def overlay(self) -> Overlay:
        """The display list as it is now."""
        scene = self._scene()
        framing, view = scene.framing, scene.view
        if framing is None or view is None:
            return Overlay()
        if self._made is None or self._made[0] is not framing or self._made[1] is not view:
            self._made = (framing, view, tool_overlay(framing, view, self._tools.active))
        return self._made[2]

    def swaths(self) -> tuple[Swath, ...]:
        """What a brush has covered so far."""
        scene = self._scene()
        if scene.framing is None or scene.view is None:
            return ()
        return swaths_of(scene.framing, scene.view, self._tools.active)

    def refresh(self) -> None:
        """What the tool shows changed: paint what looks different."""
        self._made = None
        if not self.isVisible():
            return
        if self._tint_key() != self._tint_of:
            self.update()
            return
        region = QRegion()
        boxes = changed_boxes(self._painted, self.overlay()) + swath_boxes(self._swaths, self.swaths())
        for left, top, right, bottom in boxes:
            region += QRect(floor(left), floor(top), ceil(right - left) + 2, ceil(bottom - top) + 2)
        if not region.isEmpty():
            self.update(region)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the tint of a threshold's range, then lines and points."""
        rect = event.rect()
        box = (rect.left(), rect.top(), rect.right() + 1, rect.bottom() + 1)
        with painting(self) as painter:
            self._paint_tint(painter)
            self._swaths = self.swaths()
            for part in event.region().rects() if self._swaths else ():
                paint_swaths(painter, self._swaths, part)
            self._painted = self.overlay()
            paint_overlay(painter, within(self._painted, box), self.font())

    # --- the range of a threshold ----------------------------------------------------------------------------------

    def _tint_key(self) -> tuple[object, ...]:
        """What the tint depends on; empty where there is none."""
        tool, view = self._tools.drawing, self._scene().view
        if not isinstance(tool, ThresholdTool) or view is None or self._session.volume is None:
            return ()
        plane = view.plane
        place = (tuple(plane.origin_lps_mm.tolist()), tuple(plane.u.tolist()), tuple(plane.v.tolist()))
        return (id(self._session.volume), place, tool.low, tool.high, self._color())

    def _color(self) -> tuple[int, int, int]:
        target = None if self._tools.drawing is None else self._tools.drawing.target
        return WHITE if target is None else roi_color(target)

    def _paint_tint(self, painter: QPainter) -> None:
        key = self._tint_key()
        framing, view = self._scene().framing, self._scene().view
        if key != self._tint_of:
            self._tint_of, self._tint = key, self._make_tint(view) if key and view is not None else None
        if self._tint is not None and framing is not None:
            picture, image = self._tint
            painter.drawImage(_box(image, framing), picture)

    def _make_tint(self, view: ViewPlane) -> tuple[QImage, SliceImage] | None:
        tool, volume = self._tools.drawing, self._session.volume
        if not isinstance(tool, ThresholdTool) or volume is None:
            return None
        if self._images is None or self._images.volume is not volume:
            self._images = SliceImages(volume)  # each view has its own: they keep one plane
        image = self._images(view.plane)
        rgba = range_tint(image, tool.low, tool.high, self._color())
        rows, columns = rgba.shape[:2]
        picture = QImage(rgba.tobytes(), columns, rows, 4 * columns, QImage.Format_RGBA8888)
        return picture.copy(), image  # the copy has memory of its own


def _box(image: SliceImage, framing: Framing) -> QRectF:
    left, top, right, bottom = image_box(image, framing)
    return QRectF(left, top, right - left, bottom - top)
