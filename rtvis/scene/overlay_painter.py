"""Paints an overlay's display list into a picture, without a window system."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, TypedDict

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFont

from rtvis.scene.overlay import TEXT_RIM

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.ImageFont import FreeTypeFont

    from rtvis.app.palette import Rgb
    from rtvis.scene.overlay import Area, Label, Overlay, Stroke

FINENESS = 3
"""Lines and letters are painted this many times larger and averaged: that is their antialiasing."""

DASH, GAP = 5.0, 4.0
"""Of dashed lines, in pixels."""

OUTSIDE = 50.0
"""Pixels beyond the picture at which lines are cut off, so that a deep zoom doesn't paint kilometres."""


FARTHEST = 1e5
"""Coordinates beyond this are cut to it: the imaging library counts in whole numbers of 32 bits."""


class _Placed(TypedDict):
    """Where Pillow is to write a label, and in which font."""

    xy: tuple[float, float]
    text: str
    font: FreeTypeFont | ImageFont.ImageFont
    anchor: str


def paint(
    picture: Image.Image, overlay: Overlay, origin: tuple[int, int], size: tuple[int, int], *, halo: bool = True
) -> None:
    """Paint an overlay over a part of a picture.

    Args:
        picture: RGB; changed in place.
        overlay: in display coordinates of the view.
        origin: (x, y) of the view's top left corner in the picture.
        size: (width, height) of the view; nothing is painted outside.
        halo: whether texts get a dark rim, which keeps them readable over an image.
    """
    part = picture.crop((*origin, origin[0] + size[0], origin[1] + size[1])).convert("RGBA")
    for area in overlay.areas:
        part.alpha_composite(_area(area, size))
    opacities = {one.opacity for one in overlay.strokes} | {one.opacity for one in overlay.dots}
    for opacity in sorted(opacities):
        layer = _layer(size)
        draw = ImageDraw.Draw(layer)
        for stroke in overlay.strokes:
            if stroke.opacity == opacity:
                _stroke(draw, stroke, size)
        for dot in overlay.dots:
            if dot.opacity == opacity:
                _disc(draw, dot.x, dot.y, dot.radius + 1.0, (0, 0, 0))
                _disc(draw, dot.x, dot.y, dot.radius, dot.color)
        part.alpha_composite(_reduced(layer, opacity))
    if overlay.labels:
        if halo:
            part.alpha_composite(_rim(overlay, size))
        layer = _layer(size)
        draw = ImageDraw.Draw(layer)
        for label in overlay.labels:
            _text(draw, label)
        part.alpha_composite(_reduced(layer, 1.0))
    picture.paste(part.convert("RGB"), origin)


def _layer(size: tuple[int, int]) -> Image.Image:
    return Image.new("RGBA", (size[0] * FINENESS, size[1] * FINENESS), (0, 0, 0, 0))


def text_width(text: str, size: float) -> float:
    """Width of a line of text in pixels."""
    return float(_font(size * FINENESS, _is_latin(text)).getlength(text)) / FINENESS


def _reduced(layer: Image.Image, opacity: float) -> Image.Image:
    """The layer at its true size; colours averaged by their alpha, so that edges don't darken."""
    small = layer.convert("RGBa").reduce(FINENESS).convert("RGBA")
    if opacity < 1:
        small.putalpha(small.getchannel("A").point([round(value * opacity) for value in range(256)]))
    return small


def _area(area: Area, size: tuple[int, int]) -> Image.Image:
    """What rings enclose by the even-odd rule."""
    enclosed = Image.new("1", (size[0] * FINENESS, size[1] * FINENESS))
    for ring in area.rings:
        one = Image.new("1", enclosed.size)
        corners = [(float(x), float(y)) for x, y in np.clip(ring * FINENESS - 0.5, -FARTHEST, FARTHEST)]
        if len(corners) > 1:
            ImageDraw.Draw(one).polygon(corners, fill=1)
        enclosed = ImageChops.logical_xor(enclosed, one)
    layer = Image.new("RGBA", size, (*area.color, 0))
    layer.putalpha(enclosed.convert("L").reduce(FINENESS).point([round(n * area.opacity) for n in range(256)]))
    return layer


def _stroke(draw: ImageDraw.ImageDraw, stroke: Stroke, size: tuple[int, int]) -> None:
    points = stroke.points
    if stroke.closed and len(points) > 1:
        points = np.vstack([points, points[:1]])
    width = max(1, round(stroke.width * FINENESS))
    for piece in _dashes(points) if stroke.dashed else [points]:
        for seen in _near(piece, size):
            # Pillow names pixels by their centres: a continuous coordinate c lies at c - 1/2.
            corners = [(float(x), float(y)) for x, y in seen * FINENESS - 0.5]
            draw.line(corners, fill=(*stroke.color, 255), width=width, joint="curve")


def _near(points: NDArray[np.float64], size: tuple[int, int]) -> list[NDArray[np.float64]]:
    """The runs of a polyline that can be seen."""
    low = np.minimum(points[:-1], points[1:])
    high = np.maximum(points[:-1], points[1:])
    seen = np.all((high >= -OUTSIDE) & (low <= np.array(size) + OUTSIDE), axis=1)
    change = np.diff(np.concatenate([[0], seen.astype(np.int8), [0]]))
    runs = zip(np.flatnonzero(change > 0), np.flatnonzero(change < 0), strict=True)
    return [np.clip(points[begin : end + 1], -FARTHEST, FARTHEST) for begin, end in runs]


def _dashes(points: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Pieces of a polyline, a dash each."""
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    pieces = []
    for begin in np.arange(0.0, along[-1], DASH + GAP):
        end = min(begin + DASH, along[-1])
        inner = points[(along > begin) & (along < end)]
        ends = [[np.interp(place, along, points[:, axis]) for axis in range(2)] for place in (begin, end)]
        pieces.append(np.vstack([ends[:1], inner, ends[1:]]))
    return pieces


def _disc(draw: ImageDraw.ImageDraw, x: float, y: float, radius: float, color: Rgb) -> None:
    cx, cy, r = x * FINENESS - 0.5, y * FINENESS - 0.5, radius * FINENESS
    draw.ellipse((cx - r, cy - r, cx + r, cy + r), fill=(*color, 255))


def _rim(overlay: Overlay, size: tuple[int, int]) -> Image.Image:
    """The dark rim around letters, soft outside: reaches are laid over each other, widest and faintest first."""
    rim = Image.new("L", size, 0)
    for reach, alpha in TEXT_RIM:
        mask = Image.new("L", (size[0] * FINENESS, size[1] * FINENESS), 0)
        draw = ImageDraw.Draw(mask)
        for label in overlay.labels:
            draw.text(**_placed(label), fill=255, stroke_width=round(reach * FINENESS), stroke_fill=255)
        layer = np.asarray(mask.reduce(FINENESS), dtype=np.float32) * (alpha / 255)
        under = np.asarray(rim, dtype=np.float32)
        rim = Image.fromarray(np.rint(layer + under * (1 - layer / 255)).astype(np.uint8))
    black = Image.new("RGBA", size, (0, 0, 0, 0))
    black.putalpha(rim)
    return black


def _text(draw: ImageDraw.ImageDraw, label: Label) -> None:
    draw.text(**_placed(label), fill=(*label.color, 255))


def _placed(label: Label) -> _Placed:
    # Pillow calls the top of a line its ascender ("a") and the bottom its descender ("d").
    return {
        "xy": (label.x * FINENESS, label.y * FINENESS),
        "text": label.text,
        "font": _font(label.size * FINENESS, _is_latin(label.text)),
        "anchor": label.anchor[0] + {"t": "a", "m": "m", "b": "d"}[label.anchor[1]],
    }


def _is_latin(text: str) -> bool:
    return all(ord(letter) < 0x180 or letter in "–—’…" for letter in text)


@cache
def _font(size: float, latin: bool) -> FreeTypeFont | ImageFont.ImageFont:
    """The imaging library's own font; for names in other scripts one of the system's that has most of them."""
    if not latin:
        for name in ("DejaVuSans.ttf", "NotoSansCJK-Regular.ttc"):
            try:
                return ImageFont.truetype(name, size)
            except OSError:
                continue
    return ImageFont.load_default(size)
