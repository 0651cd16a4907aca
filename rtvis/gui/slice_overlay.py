"""What lies over a slice, in pieces that change at different times and are kept until then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtGui import QFont, QPainter

from rtvis.app.session import Session
from rtvis.gui.contour_layers import ContourLayers, painted_layer
from rtvis.gui.oblique_handles import ObliqueHandles
from rtvis.gui.overlay_painter import make_labels, paint_overlay
from rtvis.gui.view_text import view_texts
from rtvis.scene.contour_pick import ContourPick
from rtvis.scene.measure_overlay import measure_overlay
from rtvis.scene.overlay import Overlay, contours_overlay, edges_overlay, preview_overlay

if TYPE_CHECKING:
    from collections.abc import Callable

    from rtvis.app.planes import ViewPlane, VolumePlanes
    from rtvis.scene.contour_lines import ContourLines, RoiLines
    from rtvis.scene.framing import Framing
    from rtvis.scene.slice_scene import SliceScene


class SliceOverlay:
    """Contours, letters, texts, cursor lines and measurements, for one view.

    Attributes:
        below: gives what lies below the contours for a framing, such as isodose lines; asked when a plane or another
            part of it is shown.
    """

    def __init__(
        self, session: Session, lines: ContourLines, oblique: ObliqueHandles, layers: ContourLayers | None = None
    ) -> None:
        self._session = session
        self._lines = lines
        self._oblique = oblique
        self._layers = ContourLayers() if layers is None else layers
        self._cut: tuple[RoiLines, ...] | None = None
        self._contours: Overlay | None = None
        self._edges: tuple[tuple[object, ...], Overlay] | None = None
        self._texts: Overlay | None = None
        self._under: Overlay | None = None
        self._pick: ContourPick | None = None
        self._drag: str | None = None
        self.below: Callable[[Framing], Overlay] | None = None

    def plane_changed(self) -> None:
        """Another plane is shown, or other contours: all is made anew."""
        self._cut = None
        self.framing_changed()

    def framing_changed(self) -> None:
        """Another part of the plane is shown: contours are not cut again."""
        self._contours = self._texts = self._under = self._pick = None

    def texts_changed(self) -> None:
        """Something that is written changed; contours are not laid out again."""
        self._texts = None

    def set_drag(self, drag: str | None) -> bool:
        """A gesture goes on, or ended (None): texts fade meanwhile. Whether they look different now."""
        if drag == self._drag:
            return False
        self._drag, self._texts = drag, None
        return True

    def roi_at(self, scene: SliceScene, x: float, y: float, reach_px: float) -> RoiLines | None:
        """The ROI whose line is nearest to a display place and within `reach_px` of it."""
        framing, view = scene.framing, scene.view
        if framing is None or view is None:
            return None
        if self._pick is None:
            if self._cut is None:
                self._cut = self._lines.cut(view)
            self._pick = ContourPick(framing, self._cut)
        return self._pick.at(x, y, reach_px)

    def of(self, scene: SliceScene, planes: VolumePlanes | None) -> Overlay:
        """The whole display list for what a scene shows now."""
        framing, view = scene.framing, scene.view
        if framing is None or view is None:
            return Overlay()
        if self._contours is None:
            self._contours = self._laid_out(framing, view)
        return self._below_contours(framing) + self._contours + self.over_contours(scene, planes)

    def over_contours(self, scene: SliceScene, planes: VolumePlanes | None) -> Overlay:
        """The display list but for contours: letters, texts, the cursor and measurements."""
        framing, view = scene.framing, scene.view
        if framing is None or view is None:
            return Overlay()
        if self._texts is None:
            self._texts = self._letters(framing, view)
            self._texts += view_texts(framing, view, self._session, interpolated=scene.is_interpolated, drag=self._drag)
        cursor = Overlay() if planes is None else self._oblique.overlay(framing, planes)
        return self._texts + cursor + self._measured(framing, view)

    def paint_contours(self, painter: QPainter, scene: SliceScene, font: QFont) -> None:
        """Paint the contours of what a scene shows now, from the picture of them where there is one."""
        if scene.framing is not None and scene.view is not None:
            if self.below is not None:
                paint_overlay(painter, self._below_contours(scene.framing), font)
            key = self._key(scene.framing)
            layer = self._layers.get(key)
            if layer is None:
                if self._contours is None:
                    self._contours = self._laid_out(scene.framing, scene.view)
                layer = painted_layer(self._contours, scene.framing, font)
                self._layers.keep(key, layer)
            layer.paint(painter)

    def paint_ahead(self, framing: Framing, view: ViewPlane, font: QFont, *, interpolated: bool) -> bool:
        """Have contours and texts ready of a plane that isn't shown yet; False where contours were kept already."""
        key = self._key(framing)
        if key in self._layers:
            return False
        texts = view_texts(framing, view, self._session, interpolated=interpolated)
        make_labels(texts, font, framing.device_pixel_ratio)
        overlay = contours_overlay(
            framing, self._lines.cut(view), active=self._session.active_roi, style=self._session.contour_style
        )
        overlay += preview_overlay(framing, self._lines.cut_preview(view))
        self._layers.keep(key, painted_layer(overlay, framing, font))
        return True

    def _letters(self, framing: Framing, view: ViewPlane) -> Overlay:
        """Letters and the scale bar, the same on all slices."""
        plane, scale = framing.plane, self._session.text_scale
        key = (plane.u.tobytes(), plane.v.tobytes(), framing.mm_per_pixel, framing.width, framing.height, scale)
        if self._edges is None or self._edges[0] != key:
            self._edges = key, edges_overlay(framing, view, scale=scale)
        return self._edges[1]

    def _below_contours(self, framing: Framing) -> Overlay:
        if self._under is None:
            self._under = Overlay() if self.below is None else self.below(framing)
        return self._under

    def _laid_out(self, framing: Framing, view: ViewPlane) -> Overlay:
        if self._cut is None:
            self._cut = self._lines.cut(view)
        overlay = contours_overlay(
            framing, self._cut, active=self._session.active_roi, style=self._session.contour_style
        )
        return overlay + preview_overlay(framing, self._lines.cut_preview(view))

    def _key(self, framing: Framing) -> tuple[object, ...]:
        """All that the look of contours depends on."""
        return (framing.key, self._lines.version, self._session.active_roi, self._session.contour_style)

    def _measured(self, framing: Framing, view: ViewPlane) -> Overlay:
        volume = self._session.volume
        if volume is None:
            return Overlay()
        shown = self._session.measurements.of(volume.frame_of_reference_uid)
        return measure_overlay(framing, view, shown, volume, scale=self._session.text_scale)
