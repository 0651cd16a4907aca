"""What lies over an image: lines, dots and texts as a display list, in one definition for every painter.

The window paints it with its own antialiased painter in a few milliseconds, without a VTK render; `picture` paints the
same list into a file. Coordinates are the continuous display coordinates of `rtvis.scene.framing` (logical pixels,
y DOWN).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from rtvis.app.contour_style import DEFAULT_STYLE
from rtvis.app.palette import PLANE_COLORS, Rgb
from rtvis.scene.contour_areas import filled_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import ArrayLike, NDArray

    from rtvis.app.contour_style import ContourStyle
    from rtvis.app.planes import PlaneKind, ViewPlane
    from rtvis.scene.contour_lines import RoiLines
    from rtvis.scene.framing import Framing

Anchor: TypeAlias = Literal["lt", "mt", "rt", "lm", "mm", "rm", "lb", "mb", "rb"]
"""Which point of a text's box its coordinates name: left, middle or right, then top, middle or bottom."""

TEXT_COLOR: Rgb = (205, 212, 220)
QUIET_TEXT_COLOR: Rgb = (150, 158, 168)
LETTER_COLOR: Rgb = (240, 205, 120)

CONTOUR_WIDTH = DEFAULT_STYLE.width_px
ACTIVE_WIDER_PX = 0.6
PREVIEW_WIDTH = 2.2
PREVIEW_GROUND: Rgb = (0, 0, 0)
FAINT = 0.55
EDGE_MARGIN = 8.0
LETTER_SIZE = 15.0
HANDLE_SHARE = 0.3
"""Of a view's shorter side: how far from the cursor the handles of an oblique plane are."""

PARALLEL_SINE = 1e-3

TEXT_RIM = ((3.5, 40), (2.5, 70), (1.3, 150))
"""(reach in logical pixels, opacity of 255) of the dark rim around letters: soft outside, dark enough inside to read
light letters over the brightest bone."""


@dataclass(frozen=True, slots=True, eq=False)
class Stroke:
    """A polyline: points ``(n, 2)`` in display coordinates, width in logical pixels, opacity 0 to 1."""

    points: NDArray[np.float64]
    color: Rgb
    width: float = CONTOUR_WIDTH
    closed: bool = False
    dashed: bool = False
    opacity: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Area:
    """What closed lines enclose by the even-odd rule: a ring within a ring is a hole.

    Rings ``(n, 2)`` in display coordinates, opacity 0 to 1.
    """

    rings: tuple[NDArray[np.float64], ...]
    color: Rgb
    opacity: float = 1.0


@dataclass(frozen=True, slots=True)
class Dot:
    """A filled disc with a thin dark rim; radius in logical pixels."""

    x: float
    y: float
    color: Rgb
    radius: float = 3.5
    opacity: float = 1.0


@dataclass(frozen=True, slots=True)
class Label:
    """A line of text; `size` is the font's pixel size (logical), `anchor` says which point of its box (x, y) is."""

    x: float
    y: float
    text: str
    color: Rgb = TEXT_COLOR
    anchor: Anchor = "lt"
    size: float = 12.0
    bold: bool = False
    opacity: float = 1.0

    def upper_left(self, width: float, height: float) -> tuple[float, float]:
        """Where a box of this size, that of the text, has its upper left corner."""
        across, down = self.anchor
        left = self.x - {"l": 0.0, "m": width / 2, "r": width}[across]
        return left, self.y - {"t": 0.0, "m": height / 2, "b": height}[down]


@dataclass(frozen=True, slots=True)
class Overlay:
    """A display list, painted areas first, then strokes, then dots, then labels."""

    strokes: tuple[Stroke, ...] = ()
    dots: tuple[Dot, ...] = ()
    labels: tuple[Label, ...] = ()
    areas: tuple[Area, ...] = ()

    def __add__(self, other: Overlay) -> Overlay:
        return Overlay(
            self.strokes + other.strokes,
            self.dots + other.dots,
            self.labels + other.labels,
            self.areas + other.areas,
        )


def contours_overlay(
    framing: Framing,
    lines: Iterable[RoiLines],
    *,
    active: int | None = None,
    style: ContourStyle = DEFAULT_STYLE,
) -> Overlay:
    """Contours of a view: solid in the plane, dashed where they were drawn up to half a slice away from it.

    Args:
        framing: of the view.
        lines: from `rtvis.scene.contour_lines.ContourLines.cut` with the plane of `framing`.
        active: number of the ROI that is drawn last and a little wider.
        style: lines, areas or both.
    """
    strokes: list[Stroke] = []
    dots: list[Dot] = []
    areas: list[Area] = []
    for roi in sorted(lines, key=lambda one: one.number == active):
        width = style.width_px + (ACTIVE_WIDER_PX if roi.number == active else 0.0)
        for line in roi.lines:
            if style.has_lines or not line.closed:
                points = framing.patient_to_display(line.points_lps_mm)
                strokes.append(
                    Stroke(points, roi.color, width, line.closed, dashed=line.off_plane, opacity=style.opacity)
                )
        if style.has_areas:
            rings = [framing.patient_to_display(line.points_lps_mm) for line in filled_lines(framing.plane, roi)]
            areas += [Area(tuple(rings), roi.color, style.fill_opacity)] if rings else []
        for mark in roi.points:
            opacity = FAINT if mark.off_plane else 1.0
            for x, y in framing.patient_to_display(mark.points_lps_mm):
                dots.append(Dot(float(x), float(y), roi.color, opacity=opacity))
    return Overlay(tuple(strokes), tuple(dots), areas=tuple(areas))


def preview_overlay(framing: Framing, lines: Iterable[RoiLines]) -> Overlay:
    """What an edit that isn't made yet would give: dashed, on a dark line that parts it from what is there already.

    Args:
        framing: of the view.
        lines: from `rtvis.scene.contour_lines.ContourLines.cut_preview` with the plane of `framing`.
    """
    strokes: list[Stroke] = []
    dots: list[Dot] = []
    for roi in lines:
        for line in roi.lines:
            points = framing.patient_to_display(line.points_lps_mm)
            strokes.append(Stroke(points, PREVIEW_GROUND, PREVIEW_WIDTH, closed=line.closed))
            strokes.append(Stroke(points, roi.color, PREVIEW_WIDTH, closed=line.closed, dashed=True))
        for mark in roi.points:
            for x, y in framing.patient_to_display(mark.points_lps_mm):
                dots.append(Dot(float(x), float(y), roi.color, radius=4.5, opacity=FAINT))
    return Overlay(tuple(strokes), tuple(dots))


def cursor_overlay(framing: Framing, cursor_lps_mm: ArrayLike, kind: PlaneKind) -> Overlay:
    """The linked cursor: where the other two planes cut this view, each in its plane's colour, open in the middle.

    Args:
        framing: of the view.
        cursor_lps_mm: ``(3,)`` LPS mm.
        kind: of the view; decides which plane is the vertical line and which the horizontal.
    """
    x, y = (float(value) for value in framing.patient_to_display(cursor_lps_mm))
    across, down = _CURSOR_PLANES[kind.value]
    gap = 10.0
    colors = {other.value: color for other, color in PLANE_COLORS.items()}
    segments = [
        ([[x, 0.0], [x, y - gap]], colors[across]),
        ([[x, y + gap], [x, framing.height]], colors[across]),
        ([[0.0, y], [x - gap, y]], colors[down]),
        ([[x + gap, y], [framing.width, y]], colors[down]),
    ]
    return Overlay(
        tuple(
            Stroke(np.array(points), color, width=1.0, opacity=FAINT) for points, color in segments if _visible(points)
        )
    )


def oblique_overlay(
    framing: Framing, cursor_lps_mm: ArrayLike, others: Iterable[tuple[PlaneKind, ArrayLike]], *, handles: bool
) -> Overlay:
    """Where planes through the cursor that lie at any angle cut this view, each in its colour, open in the middle.

    Args:
        framing: of the view.
        cursor_lps_mm: ``(3,)`` LPS mm.
        others: kinds and normals ``(3,)`` of the planes; those parallel to the view show nothing.
        handles: whether there are handles to turn them by (see `turn_handles`).
    """
    strokes: list[Stroke] = []
    dots: list[Dot] = []
    middle = framing.patient_to_display(cursor_lps_mm)
    reach = 2 * float(np.hypot(framing.width, framing.height))
    for kind, normal in others:
        along = _line_direction(framing, normal)
        if along is None:
            continue
        color = PLANE_COLORS[kind]
        for side in (1.0, -1.0):
            ends = np.array([middle + side * 10.0 * along, middle + side * reach * along])
            strokes.append(Stroke(ends, color, width=1.0, opacity=FAINT))
        if handles:
            dots += [
                Dot(float(x), float(y), color, radius=4.5) for x, y in turn_handles(framing, cursor_lps_mm, normal)
            ]
    return Overlay(tuple(strokes), tuple(dots))


def turn_handles(framing: Framing, cursor_lps_mm: ArrayLike, normal: ArrayLike) -> NDArray[np.float64]:
    """Display places ``(2, 2)`` of the handles that turn a plane through the cursor; none where it is parallel."""
    along = _line_direction(framing, normal)
    if along is None:
        return np.empty((0, 2))
    middle = framing.patient_to_display(cursor_lps_mm)
    reach = HANDLE_SHARE * min(framing.width, framing.height)
    return np.array([middle + reach * along, middle - reach * along])


def _line_direction(framing: Framing, normal: ArrayLike) -> NDArray[np.float64] | None:
    """Unit direction ``(2,)`` on the display of the line where a plane cuts the view."""
    plane = framing.plane
    along = np.cross(plane.normal, np.asarray(normal, dtype=np.float64))
    shown = np.array([along @ plane.u, along @ plane.v])
    length = float(np.linalg.norm(shown))
    return None if length < PARALLEL_SINE else shown / length


def edges_overlay(framing: Framing, view: ViewPlane, *, scale: float = 1.0) -> Overlay:
    """Orientation letters at the four edges and a scale bar, for the plane shown; `scale` makes them larger."""
    letters = view.letters
    middle_x, middle_y = framing.width / 2, framing.height / 2
    right, bottom = framing.width - EDGE_MARGIN, framing.height - EDGE_MARGIN
    places: list[tuple[float, float, str, Anchor]] = [
        (EDGE_MARGIN, middle_y, letters.left, "lm"),
        (right, middle_y, letters.right, "rm"),
        (middle_x, EDGE_MARGIN, letters.top, "mt"),
        (middle_x, bottom, letters.bottom, "mb"),
    ]
    labels = tuple(
        Label(x, y, text, LETTER_COLOR, anchor, LETTER_SIZE * scale, bold=True) for x, y, text, anchor in places
    )
    return Overlay(labels=labels) + scale_bar_overlay(framing, scale=scale)


def scale_bar_overlay(framing: Framing, *, scale: float = 1.0) -> Overlay:
    """A bar of a round length in the bottom right corner, at most a quarter of the view wide."""
    longest_mm = framing.width * framing.mm_per_pixel / 4
    decade = 10.0 ** np.floor(np.log10(longest_mm))
    length_mm = next(step * decade for step in (5.0, 2.0, 1.0) if step * decade <= longest_mm)
    right, y = framing.width - EDGE_MARGIN - 4, framing.height - EDGE_MARGIN - 4
    left = right - length_mm / framing.mm_per_pixel
    bar = np.array([[left, y - 5], [left, y], [right, y], [right, y - 5]])
    text = f"{length_mm / 10:g} cm" if length_mm >= 10 else f"{length_mm:g} mm"
    return Overlay(
        # A dark rim below keeps it readable over bright tissue, as the texts' halo does.
        strokes=(Stroke(bar, (0, 0, 0), width=3.5), Stroke(bar, TEXT_COLOR, width=1.5)),
        labels=(Label((left + right) / 2, y - 7, text, TEXT_COLOR, "mb", 11.0 * scale),),
    )


_CURSOR_PLANES = {
    "axial": ("sagittal", "coronal"),
    "coronal": ("sagittal", "axial"),
    "sagittal": ("coronal", "axial"),
}
"""Which plane is seen as the vertical line, and which as the horizontal one."""


def _visible(points: Sequence[Sequence[float]]) -> bool:
    (x0, y0), (x1, y1) = points
    return x1 > x0 or y1 > y0
