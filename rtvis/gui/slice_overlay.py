"""What lies over a slice, in pieces that change at different times and are kept until then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtvis.app.session import Session
from rtvis.gui.oblique_handles import ObliqueHandles
from rtvis.gui.view_text import view_texts
from rtvis.scene.measure_overlay import measure_overlay
from rtvis.scene.overlay import Overlay, contours_overlay, edges_overlay, preview_overlay

if TYPE_CHECKING:
    from rtvis.app.planes import ViewPlane, VolumePlanes
    from rtvis.scene.contour_lines import ContourLines, RoiLines
    from rtvis.scene.framing import Framing
    from rtvis.scene.slice_scene import SliceScene


class SliceOverlay:
    """Contours, letters, texts, cursor lines and measurements, for one view."""

    def __init__(self, session: Session, lines: ContourLines, oblique: ObliqueHandles) -> None:
        self._session = session
        self._lines = lines
        self._oblique = oblique
        self._cut: tuple[RoiLines, ...] | None = None
        self._contours: Overlay | None = None
        self._texts: Overlay | None = None

    def plane_changed(self) -> None:
        """Another plane is shown, or other contours: all is made anew."""
        self._cut = self._contours = self._texts = None

    def framing_changed(self) -> None:
        """Another part of the plane is shown: contours are not cut again."""
        self._contours = self._texts = None

    def texts_changed(self) -> None:
        """Something that is written changed; contours are not laid out again."""
        self._texts = None

    def of(self, scene: SliceScene, planes: VolumePlanes | None) -> Overlay:
        """The display list for what a scene shows now."""
        framing, view = scene.framing, scene.view
        if framing is None or view is None:
            return Overlay()
        if self._cut is None:
            self._cut, self._contours = self._lines.cut(view), None
        if self._contours is None:
            self._contours = contours_overlay(
                framing, self._cut, active=self._session.active_roi, style=self._session.contour_style
            )
            self._contours += preview_overlay(framing, self._lines.cut_preview(view))
            self._contours += edges_overlay(framing, view)
        if self._texts is None:
            self._texts = view_texts(framing, view, self._session, interpolated=scene.is_interpolated)
        cursor = Overlay() if planes is None else self._oblique.overlay(framing, planes)
        return self._contours + self._texts + cursor + self._measured(framing, view)

    def _measured(self, framing: Framing, view: ViewPlane) -> Overlay:
        volume = self._session.volume
        if volume is None:
            return Overlay()
        shown = self._session.measurements.of(volume.frame_of_reference_uid)
        return measure_overlay(framing, view, shown, volume)
