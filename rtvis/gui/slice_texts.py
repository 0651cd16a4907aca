"""What is written over a slice: in parts, of which only those are made again that say something else now."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rtvis.app.session import Session
from rtvis.gui.view_text import levels_text, number_lines, placed_lines, standing_lines, text_width
from rtvis.scene.corner_texts import boxes_of
from rtvis.scene.overlay import Overlay, edges_overlay

if TYPE_CHECKING:
    from rtvis.app.planes import ViewPlane
    from rtvis.scene.boxes import Box
    from rtvis.scene.corner_texts import CornerLine
    from rtvis.scene.framing import Framing

CHANGING = {"slice", "levels", "zoom"}
"""What lines are about that change while one scrolls or drags."""


class SliceTexts:
    """Letters at the edges, the scale bar and the corners of one view."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._edges: tuple[tuple[object, ...], Overlay, tuple[Box, ...]] | None = None
        self._bar = self._standing = Overlay()
        self._changing: Overlay | None = None
        self._levels: str | None = None
        self._lines: list[CornerLine] | None = None
        self._drag: str | None = None
        self._due = False

    def changed(self) -> None:
        """Anything that is written may say something else now."""
        self._lines = self._changing = self._levels = None

    def levels_changed(self) -> None:
        """Only the window and level say something else."""
        self._due = True

    @property
    def due(self) -> bool:
        """Whether the window and level that `of` gave last are no longer those of now."""
        return self._due

    def _write_levels(self) -> None:
        """Numbers as wide as those before take their place; for others all texts are placed anew."""
        self._due = False
        text, before, changing = levels_text(self._session), self._levels, self._changing
        if before is None or changing is None:
            self._changing = None
            return
        self._levels = text
        labels = tuple(replace(label, text=text) if label.text == before else label for label in changing.labels)
        if all(
            text_width(new.text, new.size, new.bold) == text_width(old.text, old.size, old.bold)
            for new, old in zip(labels, changing.labels, strict=True)
            if new is not old
        ):
            self._changing = Overlay(labels=labels)
        else:
            self._changing = None

    def set_drag(self, drag: str | None) -> bool:
        """A gesture goes on, or ended (None): texts fade meanwhile. Whether they look different now."""
        if drag == self._drag:
            return False
        self._drag = drag
        self.changed()
        return True

    def of(self, framing: Framing, view: ViewPlane, *, interpolated: bool) -> tuple[Overlay, Overlay, Overlay]:
        """The bar of the scale, texts that stay and texts that change; the same lists as before where they look so."""
        if self._due:
            self._write_levels()
        if self._changing is None:
            session = self._session
            self._levels = levels_text(session)
            edges, taken = self._letters(framing, view)
            if self._lines is None:
                self._lines = standing_lines(view, session, interpolated=interpolated)
            placed = placed_lines([*self._lines, *number_lines(framing, session)], framing, session, taken, self._drag)
            standing = edges.labels + tuple(label for line, label in placed if line.about not in CHANGING)
            if standing != self._standing.labels:
                self._standing = Overlay(labels=standing)
            self._changing = Overlay(labels=tuple(label for line, label in placed if line.about in CHANGING))
        return self._bar, self._standing, self._changing

    def _letters(self, framing: Framing, view: ViewPlane) -> tuple[Overlay, tuple[Box, ...]]:
        """Letters and the scale bar, the same on all slices, and what they take of the view."""
        plane, scale = framing.plane, self._session.text_scale
        key = (plane.u.tobytes(), plane.v.tobytes(), framing.mm_per_pixel, framing.width, framing.height, scale)
        if self._edges is None or self._edges[0] != key:
            edges = edges_overlay(framing, view, scale=scale)
            self._edges = key, edges, tuple(boxes_of(edges, text_width))
            self._bar = Overlay(strokes=edges.strokes)
        return self._edges[1:]
