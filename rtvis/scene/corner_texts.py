"""Lines of text in the corners of a view, the least important left out where there isn't room for all."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from rtvis.scene.overlay import EDGE_MARGIN, TEXT_COLOR, Label

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rtvis.app.palette import Rgb
    from rtvis.scene.boxes import Box
    from rtvis.scene.overlay import Anchor, Overlay

Measure: TypeAlias = "Callable[[str, float, bool], float]"
"""Width in logical pixels of a text of a size, bold or not."""

LINE_HEIGHT = 1.4
"""Of a line, in its font size."""

LEAST_SHORTENED_PX = 48.0
"""A text cut shorter than this says nothing any more."""

GAP_PX = 8.0
"""Between texts side by side."""

LETTER_SHARE = 1.25
"""Height of letters with their rim, in the font size."""


@dataclass(frozen=True, slots=True)
class CornerLine:
    """One line of a corner.

    Attributes:
        corner: ``lt``, ``rt``, ``lb`` or ``rb``; lines of one corner stand below each other in the order given.
        text: what it says; an empty one takes no room.
        importance: lines with less are left out first.
        beside: whether it goes on in the row of the line before, instead of below it.
        shortened: whether its end may be cut off where it is too long: names may, numbers may not.
        about: what a gesture that changes this says, so that it stays while the others fade.
    """

    corner: Anchor
    text: str
    importance: int
    color: Rgb = TEXT_COLOR
    size: float = 12.0
    bold: bool = False
    beside: bool = False
    shortened: bool = False
    about: str = ""


def corner_labels(
    lines: Sequence[CornerLine], size: tuple[float, float], taken: Sequence[Box], measure: Measure
) -> tuple[tuple[CornerLine, Label], ...]:
    """Where lines go, so that nothing lies over anything else.

    Args:
        lines: in the order of their rows, the uppermost first.
        size: (width, height) of the view in logical pixels.
        taken: what else is written there: letters at the edges, a scale bar.
        measure: widths of texts.

    Returns:
        Those that have room, with their labels.
    """
    rooms = {corner: _room(corner, size, taken) for corner in {line.corner for line in lines}}
    shown = [one for one in (_fitting(line, rooms[line.corner], measure) for line in lines) if one is not None]
    blocks = tuple(
        _Block(one.corner, one.importance, one.size, one.beside, measure(one.text, one.size, one.bold)) for one in shown
    )
    labels = []
    for n, x, y in _arranged(blocks, size, tuple(taken)):
        line = shown[n]
        labels.append((line, Label(x, y, line.text, line.color, line.corner, line.size, line.bold)))
    return tuple(labels)


class _Block(NamedTuple):
    """What of a line decides where it goes: numbers that change mostly stay as wide as they are."""

    corner: Anchor
    importance: int
    size: float
    beside: bool
    width: float


@lru_cache(maxsize=256)
def _arranged(
    blocks: tuple[_Block, ...], size: tuple[float, float], taken: tuple[Box, ...]
) -> tuple[tuple[int, float, float], ...]:
    """Which blocks have room, and the display coordinates of their labels."""
    shown = list(range(len(blocks)))
    while True:
        placed = _placed(blocks, shown, size)
        clashes = _clashes([box for _, _, _, box in placed], size, taken)
        if not clashes:
            return tuple((n, x, y) for n, x, y, _ in placed)
        least = min((placed[place][0] for place in clashes), key=lambda n: blocks[n].importance)
        shown.remove(least)


def _room(corner: Anchor, size: tuple[float, float], taken: Sequence[Box]) -> float:
    """How wide lines of a corner may be: half of the view, or up to the letter in the middle of the corner's edge."""
    width, height = size
    room = (width - 2 * EDGE_MARGIN - GAP_PX) / 2
    for left, top, right, bottom in taken:
        beside = bottom < height / 2 if corner.endswith("t") else top > height / 2
        if beside and left <= width / 2 <= right:
            away = left if corner.startswith("l") else width - right
            room = min(room, away - EDGE_MARGIN - GAP_PX)
    return room


def _fitting(line: CornerLine, room: float, measure: Measure) -> CornerLine | None:
    """The line, cut to the room there is where it may be cut; None where nothing of it is left."""
    if not line.text:
        return None
    if not line.shortened or measure(line.text, line.size, line.bold) <= room:
        return line
    if room < LEAST_SHORTENED_PX:
        return None
    low, high = 0, len(line.text)
    while low < high:  # the most letters that fit
        middle = (low + high + 1) // 2
        fits = measure(line.text[:middle].rstrip() + "…", line.size, line.bold) <= room
        low, high = (middle, high) if fits else (low, middle - 1)
    return CornerLine(
        line.corner, line.text[:low].rstrip() + "…", line.importance, line.color, line.size, line.bold, line.beside,
        about=line.about,
    )  # fmt: skip


def _placed(
    blocks: Sequence[_Block], shown: Sequence[int], size: tuple[float, float]
) -> list[tuple[int, float, float, Box]]:
    placed: list[tuple[int, float, float, Box]] = []
    for corner in dict.fromkeys(blocks[n].corner for n in shown):
        rows: list[list[int]] = []
        for n in shown:
            if blocks[n].corner == corner:
                if blocks[n].beside and rows:
                    rows[-1].append(n)
                else:
                    rows.append([n])
        heights = [LINE_HEIGHT * max(blocks[n].size for n in row) for row in rows]
        y = EDGE_MARGIN if corner.endswith("t") else size[1] - EDGE_MARGIN - sum(heights)
        for row, height in zip(rows, heights, strict=True):
            wide = sum(blocks[n].width for n in row) + GAP_PX * (len(row) - 1)
            x = EDGE_MARGIN if corner.startswith("l") else size[0] - EDGE_MARGIN - wide
            for n in row:
                right = x + blocks[n].width
                label_x = x if corner.startswith("l") else right
                label_y = y if corner.endswith("t") else y + height
                placed.append((n, label_x, label_y, (x, y, right, y + height)))
                x = right + GAP_PX
            y += height
    return placed


def _clashes(boxes: Sequence[Box], size: tuple[float, float], taken: Sequence[Box]) -> set[int]:
    """Numbers of boxes that lie over another, over what is taken, or beyond the view."""
    found: set[int] = set()
    for n, box in enumerate(boxes):
        others = [m for m in range(n) if _overlap(box, boxes[m])]
        found.update(others)
        outside = box[0] < 0 or box[1] < 0 or box[2] > size[0] or box[3] > size[1]
        if others or outside or any(_overlap(box, one) for one in taken):
            found.add(n)
    return found


def _overlap(one: Box, other: Box) -> bool:
    slack = 0.5  # rows touch each other
    return (
        one[0] < other[2] - slack
        and other[0] < one[2] - slack
        and one[1] < other[3] - slack
        and other[1] < one[3] - slack
    )


def boxes_of(overlay: Overlay, measure: Measure) -> list[Box]:
    """What the labels and strokes of a display list take of a view."""
    boxes: list[Box] = []
    for label in overlay.labels:
        wide, high = measure(label.text, label.size, label.bold), LETTER_SHARE * label.size
        left, top = label.upper_left(wide, high)
        boxes.append((left, top, left + wide, top + high))
    for stroke in overlay.strokes:
        (left, top), (right, bottom) = stroke.points.min(axis=0).tolist(), stroke.points.max(axis=0).tolist()
        boxes.append((left, top, right, bottom))
    return boxes
