"""How a person paints overlays: there again for the next one of its kind, in this program and in later ones.

What follows from values (the ends of the window, what is hidden below, isodose levels) belongs to what is shown, and
begins anew with it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from rtvis.app.color_maps import COLOR_MAPS

if TYPE_CHECKING:
    from rtvis.app.isodoses import Isodoses
    from rtvis.app.overlay_state import OverlayLook

FAINTEST = 0.1
"""What was painted more faintly when it was seen last begins as usual: a choice that shows nothing looks broken."""

WIDTHS_PX = (0.2, 20.0)
"""Of isodose lines that make sense."""


@dataclass(frozen=True, slots=True)
class OverlayPaint:
    """How a kind of overlay is painted; fields as in `OverlayLook` and `Isodoses`."""

    opacity: float
    color_map: str
    inverse: bool
    fade: bool
    wash: bool = True
    lines: bool = True
    line_px: float = 1.4


class OverlayPaints:
    """How each kind of overlay was painted last; a kind is a word, such as a modality."""

    def __init__(self, text: str = "") -> None:
        self._kept = _kept_in(text)

    def to_text(self) -> str:
        """As settings keep them."""
        return json.dumps({kind: asdict(paint) for kind, paint in self._kept.items()})

    def keep(self, kind: str, look: OverlayLook, lines: Isodoses | None) -> None:
        """Paint the next overlay of a kind like this one; `lines` of a dose."""
        paint = OverlayPaint(look.opacity, look.color_map.key, look.inverse, look.fade)
        if lines is not None:
            paint = replace(paint, wash=look.wash, lines=lines.shown, line_px=lines.width_px)
        self._kept[kind] = paint

    def look(self, kind: str, first: OverlayLook) -> OverlayLook:
        """The look an overlay begins with.

        Args:
            kind: what it is.
            first: how it would be painted if nobody had chosen anything; its window and threshold stay.
        """
        paint = self._kept.get(kind)
        if paint is None:
            return first
        return replace(
            first,
            opacity=paint.opacity if FAINTEST <= paint.opacity <= 1 else first.opacity,
            color_map=COLOR_MAPS.get(paint.color_map, first.color_map),
            inverse=paint.inverse,
            fade=paint.fade,
            wash=paint.wash or not paint.lines,
        )

    def lines(self, kind: str, first: Isodoses) -> Isodoses:
        """The lines a dose begins with: levels of `first`, drawn or not and as thick as they were last."""
        paint = self._kept.get(kind)
        if paint is None:
            return first
        least, most = WIDTHS_PX
        return replace(first, shown=paint.lines, width_px=paint.line_px if least <= paint.line_px <= most else 1.4)


def _kept_in(text: str) -> dict[str, OverlayPaint]:
    """What settings hold; what makes no sense (of another version, say) is left out."""
    try:
        kinds = dict(json.loads(text or "{}"))
    except (ValueError, TypeError):
        return {}
    found = {}
    for kind, words in kinds.items():
        try:
            paint = OverlayPaint(**words)
            found[kind] = replace(
                paint,
                opacity=float(paint.opacity),
                color_map=str(paint.color_map),
                line_px=float(paint.line_px),
                **{name: bool(getattr(paint, name)) for name in ("inverse", "fade", "wash", "lines")},
            )
        except (ValueError, TypeError):
            continue
    return found
