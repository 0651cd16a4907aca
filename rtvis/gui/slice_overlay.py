"""What lies over a slice, in pieces that change at different times and are kept until then."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from qtpy.QtCore import QPointF
from qtpy.QtGui import QFont, QPainter

from rtvis.app.session import Session
from rtvis.gui.contour_layers import ContourLayers, Layer, painted_layer, trimmed
from rtvis.gui.kept_pieces import KeptPieces
from rtvis.gui.oblique_handles import ObliqueHandles
from rtvis.gui.overlay_painter import PlacedLabel, make_labels, paint_overlay, placed_labels
from rtvis.gui.slice_texts import SliceTexts
from rtvis.gui.view_text import text_width, view_texts
from rtvis.scene.contour_pick import ContourPick
from rtvis.scene.measure_overlay import measure_overlay
from rtvis.scene.overlay import Overlay, contours_overlay, preview_overlay

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rtvis.app.planes import ViewPlane, VolumePlanes
    from rtvis.scene.contour_lines import ContourLines, RoiLines
    from rtvis.scene.framing import Framing
    from rtvis.scene.slice_scene import SliceScene

NOTHING = Overlay()
CURSOR_DECIMALS = 6
"""Of logical pixels; differences below are those of rounding between slices."""

NUMBERS_EVERY_S = 0.1
"""While levels are dragged their numbers are written so often: nobody reads them quicker, and writing them takes as
long as laying down all that lies over the image."""

RESTED_S = 3 * NUMBERS_EVERY_S
"""Numbers that changed after so long are written with the image; others between two steps of the mouse."""


class Still(NamedTuple):
    """Pictures of all that lies over an image, for as long as nothing but levels changes.

    Attributes:
        labels: the numbers as they were painted; while slices are scrolled nothing else is ever asked of them.
        numbers: what of `labels` is laid down again and again; None until then.
    """

    framing: Framing
    ratio: float
    layers: tuple[Layer, ...]
    standing: Overlay
    labels: tuple[PlacedLabel, ...]
    numbers: tuple[Layer, ...] | None = None

    def is_of(self, framing: Framing, ratio: float) -> bool:
        """Whether they are of what is shown."""
        return self.framing is framing and self.ratio == ratio

    def paint(self, painter: QPainter) -> None:
        """Lay them down: a call for each and no more, as there are fifteen of them in a step of half a millisecond."""
        for picture, corner in self.layers:
            painter.drawImage(corner, picture)
        for picture, corner in self.numbers or ():
            painter.drawImage(corner, picture)

    def ready(self) -> Still:
        """The same, to be painted."""
        return self if self.numbers is not None else self._replace(numbers=_layers(self.labels))


class SliceOverlay:
    """Contours, letters, texts, cursor lines and measurements, for one view.

    Attributes:
        below: gives what lies below the contours for a framing, such as isodose lines; asked when a plane or another
            part of it is shown.
        later: called when numbers weren't written because they were so a moment ago; who is called soon calls
            `write_numbers` and has all of it painted again.
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
        self._texts = SliceTexts(session)
        self._cursor: tuple[tuple[object, ...], Overlay] | None = None
        self._pieces = {name: KeptPieces() for name in ("bar", "cursor", "standing")}
        self._still: Still | None = None
        self._under: Overlay | None = None
        self._pick: ContourPick | None = None
        self._written_s = -RESTED_S
        self._asked = False
        self.below: Callable[[Framing], Overlay] | None = None
        self.later: Callable[[], None] | None = None

    def plane_changed(self) -> None:
        """Another plane is shown, or other contours: all is made anew."""
        self._cut = None
        self.framing_changed()

    def framing_changed(self) -> None:
        """Another part of the plane is shown: contours are not cut again."""
        self._contours = self._under = self._pick = self._still = None
        self._texts.changed()

    def texts_changed(self) -> None:
        """Something that is written changed; contours are not laid out again."""
        self._still = None
        self._texts.changed()

    def cursor_changed(self) -> None:
        """The cursor, the oblique plane or measurements changed."""
        self._still = None

    def levels_changed(self) -> None:
        """Only the window and level that are written changed."""
        self._texts.levels_changed()

    def write_numbers(self) -> None:
        """The next painting writes the window and level of then, whenever they were written before."""
        self._asked = True

    def set_drag(self, drag: str | None) -> bool:
        """A gesture goes on, or ended (None): texts fade meanwhile. Whether they look different now."""
        if not self._texts.set_drag(drag):
            return False
        self._still = None
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
        bar, standing, changing = self._texts.of(framing, view, interpolated=scene.is_interpolated)
        return bar + standing + changing + self._lines_of(framing, planes) + self._measured(framing, view)

    def paint(self, painter: QPainter, scene: SliceScene, planes: VolumePlanes | None, font: QFont) -> None:
        """Paint all that lies over what a scene shows now, from pictures of what was painted before."""
        framing, view = scene.framing, scene.view
        if framing is None or view is None:
            return
        ratio = painter.device().devicePixelRatioF()
        if self._still is not None and self._still.is_of(framing, ratio):
            if self._texts.due:
                self._write_numbers(scene, framing, view, font)
            if self._still is not None:
                self._still = self._still.ready()
                self._still.paint(painter)
                return
        contours = self.paint_contours(painter, scene, font)
        if self._measured(framing, view) is not NOTHING:  # lines and dots of all lie below all texts
            paint_overlay(painter, self.over_contours(scene, planes), font)
            return
        bar, standing, changing = self._texts.of(framing, view, interpolated=scene.is_interpolated)
        parts = {"bar": bar, "cursor": self._lines_of(framing, planes), "standing": standing}
        pieces = [contours] if contours.picture is not None else []
        whole = self.below is None
        for name, overlay in parts.items():
            self._pieces[name].paint(painter, overlay, font)
            kept = self._pieces[name].pieces
            whole = whole and kept is not None
            pieces += kept or ()
        numbers = placed_labels(changing.labels, font, ratio)
        for label in numbers:
            label.paint(painter)
        self._still = Still(framing, ratio, tuple(pieces), standing, numbers) if whole else None

    def _write_numbers(self, scene: SliceScene, framing: Framing, view: ViewPlane, font: QFont) -> None:
        """Have the window and level of now among what is still, unless they were written a moment ago.

        Where they take more room than before other texts may give way: then nothing is still.
        """
        assert self._still is not None
        now = monotonic()
        if self.later is not None and not self._asked and now - self._written_s < RESTED_S:
            self.later()
            return
        self._written_s, self._asked = now, False
        _, standing, changing = self._texts.of(framing, view, interpolated=scene.is_interpolated)
        if standing is not self._still.standing:
            self._still = None
            return
        labels = placed_labels(changing.labels, font, self._still.ratio)
        self._still = self._still._replace(labels=labels, numbers=None)

    def _lines_of(self, framing: Framing, planes: VolumePlanes | None) -> Overlay:
        """The cursor; the same list for as long as it looks the same."""
        if planes is None:
            return NOTHING
        if self._oblique.is_turned:
            return self._oblique.overlay(framing, planes)
        x, y = framing.patient_to_display(self._session.cursor_lps).tolist()
        key = (round(x, CURSOR_DECIMALS), round(y, CURSOR_DECIMALS), framing.width, framing.height)
        if self._cursor is None or self._cursor[0] != key:
            self._cursor = key, self._oblique.overlay(framing, planes)
        return self._cursor[1]

    def paint_contours(self, painter: QPainter, scene: SliceScene, font: QFont) -> Layer:
        """Paint the contours of what a scene shows now, from the picture of them where there is one.

        Returns:
            The picture, without what lies below the contours.
        """
        if scene.framing is None or scene.view is None:
            return Layer(None, QPointF())
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
        return layer

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
        session = self._session
        shown = session.measurements.of(session.measured_frame)
        if not shown:
            return NOTHING
        return measure_overlay(framing, view, shown, session.volume, text_width, scale=session.text_scale)


def _layers(labels: Iterable[PlacedLabel]) -> tuple[Layer, ...]:
    """Texts as they are laid down again and again: no larger than what is written, and faded already."""
    every = (trimmed(Layer(one.picture, one.corner), one.opacity) for one in labels)
    return tuple(one for one in every if one.picture is not None)
