"""The words in the corners of a view."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from qtpy.QtGui import QFont, QFontMetricsF

from rtvis.app.color_maps import GRAY
from rtvis.app.number_text import number_text
from rtvis.app.palette import PLANE_COLORS, roi_color
from rtvis.app.patient_hiding import without_patient_names
from rtvis.app.planes import PlaneKind, ViewPlane
from rtvis.app.session import Session
from rtvis.gui.patient_text import patient_text
from rtvis.scene.corner_texts import CornerLine, boxes_of, corner_labels
from rtvis.scene.overlay import TEXT_COLOR, Label, Overlay, edges_overlay
from rtvis.scene.text_color import text_color

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rtvis.app.palette import Rgb
    from rtvis.scene.boxes import Box
    from rtvis.scene.framing import Framing

POSITION_LETTERS = {PlaneKind.AXIAL: "S", PlaneKind.CORONAL: "P", PlaneKind.SAGITTAL: "L"}
TITLE_SIZE, TEXT_SIZE = 13.0, 12.0
FADED_OPACITY = 0.25

WARNING_COLOR: Rgb = (240, 190, 90)
QUIET_COLOR: Rgb = (182, 190, 200)
"""Quieter than the rest, and still to be read over white."""

NO_IMAGES = "no images"
LOSSY = "lossy"
"""Values were lost to compression (PS3.3 C.7.6.1.1.5): what is measured in such images is less sure."""

KEPT_WHILE = {"window": "levels", "zoom": "zoom", "navigate": "slice"}
"""Which line stays while the others fade, by the drag that changes what it says."""


def view_texts(
    framing: Framing, view: ViewPlane, session: Session, *, interpolated: bool, drag: str | None = None
) -> Overlay:
    """Plane, slice and position; patient and series; window, level and zoom; what has no room is left out.

    Args:
        framing: of the view.
        view: its plane.
        session: what is shown.
        interpolated: whether what is shown lies between voxels.
        drag: the gesture under way: texts fade but for the line that it changes; None without one.
    """
    edges = edges_overlay(framing, view, scale=session.text_scale)
    lines = [*standing_lines(view, session, interpolated=interpolated), *number_lines(framing, session)]
    placed = placed_lines(lines, framing, session, boxes_of(edges, text_width), drag)
    return Overlay(labels=tuple(label for _, label in placed))


def standing_lines(view: ViewPlane, session: Session, *, interpolated: bool) -> list[CornerLine]:
    """The lines that stay while levels and zoom change."""
    return [*_first_corner(view, session, interpolated=interpolated), *_series(session)]


def placed_lines(
    lines: Sequence[CornerLine], framing: Framing, session: Session, taken: Sequence[Box], drag: str | None = None
) -> tuple[tuple[CornerLine, Label], ...]:
    """Lines and where they go; what has no room is left out.

    Args:
        lines: from `standing_lines` and `number_lines`.
        framing: of the view.
        session: what is shown.
        taken: what else is written in the view.
        drag: the gesture under way, as for `view_texts`.
    """
    scale = session.text_scale
    if scale != 1:
        lines = [replace(line, size=line.size * scale) for line in lines]
    placed = corner_labels(lines, (framing.width, framing.height), taken, text_width)
    if drag is None:
        return placed
    kept = KEPT_WHILE.get(drag)
    return tuple(
        (line, label if line.about in {kept, "view"} else replace(label, opacity=FADED_OPACITY))
        for line, label in placed
    )


def _first_corner(view: ViewPlane, session: Session, *, interpolated: bool) -> list[CornerLine]:
    """What is shown, and which ROI is active or alone."""
    volume, color = session.volume, PLANE_COLORS[view.kind]
    title, letter = view.kind.value.capitalize(), POSITION_LETTERS.get(view.kind, "")
    place = f"{view.slice_text}   {letter} {view.position_mm:z.1f} mm" if letter else view.slice_text
    lines = [
        CornerLine("lt", title, 100, color, TITLE_SIZE, bold=True, about="view"),
        CornerLine("lt", "" if volume is None else volume.modality, 95, size=TITLE_SIZE, beside=True, about="view"),
        CornerLine("lt", place, 80, about="slice"),
        CornerLine("lt", "" if letter else _middle_text(view), 75, about="slice"),
        CornerLine("lt", NO_IMAGES if volume is None else "", 88, QUIET_COLOR),
        CornerLine("lt", ", ".join([LOSSY] * session.is_lossy + ["interpolated"] * interpolated), 85, QUIET_COLOR),
    ]
    # Why an overlay is doubtful is said in the smallest view.
    doubts = (without_patient_names(session, text) for text in session.overlay.captions[1:])
    lines += [CornerLine("lt", text, 90, WARNING_COLOR) for text in doubts]
    current, number = session.structure_set, session.active_roi
    if current is not None and number is not None:
        roi = current.roi(number)
        name = without_patient_names(session, roi.name)
        lines.append(CornerLine("lt", name, 60, text_color(roi_color(roi)), shortened=True))
        locked = "locked" if number in session.locked_rois else ""
        lines.append(CornerLine("lt", locked, 60, WARNING_COLOR, beside=True))
    lines.append(CornerLine("lt", hidden_text(session), 50, QUIET_COLOR, shortened=True))
    return lines


def _middle_text(view: ViewPlane) -> str:
    """Where the middle of a plane is that is at right angles to no axis: one number wouldn't say it."""
    x, y, z = view.plane.origin_lps_mm.tolist()
    return f"L {x:z.1f}  P {y:z.1f}  S {z:z.1f} mm"


def hidden_text(session: Session) -> str:
    """Which ROIs aren't drawn, such as ``only PTV shown``; empty when all are."""
    current, hidden = session.structure_set, session.hidden_rois
    if current is None or not hidden:
        return ""
    shown = [roi.name for roi in current.rois if roi.number not in hidden]
    count = len(current.rois) - len(shown)
    if not count:
        return ""
    if not shown:
        return "all ROIs hidden"
    if len(shown) == 1:
        return f"only {without_patient_names(session, shown[0])} shown"
    return f"{count} of {len(current.rois)} ROIs hidden"


def _series(session: Session) -> list[CornerLine]:
    """Whose images these are, and which."""
    shown = session.volume or session.structure_set
    if shown is None:
        return []
    name, patient_id = patient_text(session), shown.patient.patient_id
    series = "" if session.volume is None else without_patient_names(session, session.volume.description)
    shown_id = "" if session.patient_hidden or patient_id == name else patient_id
    return [
        CornerLine("rt", name, 70, QUIET_COLOR if session.patient_hidden else TEXT_COLOR, shortened=True),
        CornerLine("rt", shown_id, 45, shortened=True),
        CornerLine("rt", series, 40, QUIET_COLOR, shortened=True),
    ]


def number_lines(framing: Framing, session: Session) -> list[CornerLine]:
    """Overlay, window and level with their colours, zoom."""
    zoom = CornerLine("lb", f"{1 / framing.mm_per_pixel:.2f} px/mm", 30, about="zoom")
    if session.volume is None:
        return [zoom]
    colors = "" if session.color_map is GRAY else session.color_map.title
    if session.inverse:
        colors = f"{colors} inverse".lstrip()
    return [
        *(
            CornerLine("lb", without_patient_names(session, text), 55, shortened=True)
            for text in session.overlay.captions[:1]
        ),
        CornerLine("lb", levels_text(session), 65, about="levels"),
        CornerLine("lb", colors, 62, QUIET_COLOR, about="levels"),
        zoom,
    ]


def levels_text(session: Session) -> str:
    """Window width and level, as the corner tells them."""
    width, level = session.window
    return f"W {number_text(width)}  L {number_text(level)}"


@lru_cache(maxsize=4096)
def text_width(text: str, size: float, bold: bool) -> float:
    """Width of a line of text in logical pixels, in the font that views are labelled with."""
    return float(_metrics(round(size), bold).horizontalAdvance(text))


@lru_cache(maxsize=32)
def _metrics(size: int, bold: bool) -> QFontMetricsF:
    font = QFont()
    font.setPixelSize(size)
    font.setBold(bold)
    return QFontMetricsF(font)
