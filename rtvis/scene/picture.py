"""A picture of a study without a display: one view or four, with what a reader needs to know beside them."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

import numpy as np
from PIL import Image, ImageDraw

from rtvis.app.color_maps import GRAY
from rtvis.app.contour_grid import grid_around
from rtvis.app.number_text import number_text
from rtvis.app.palette import PLANE_COLORS, VIEW_3D_COLOR, Rgb, roi_color
from rtvis.app.patient_name import name_text
from rtvis.app.planes import STANDARD_KINDS, PlaneKind, VolumePlanes
from rtvis.dicom.files import written_whole
from rtvis.model.errors import InputError, UsageError
from rtvis.model.progress import no_report
from rtvis.scene.contour_lines import ContourLines
from rtvis.scene.fusion import Fusion
from rtvis.scene.isodose_lines import IsodoseLines
from rtvis.scene.offscreen import Offscreen, require_rendering
from rtvis.scene.overlay import (
    QUIET_TEXT_COLOR,
    TEXT_COLOR,
    Label,
    Overlay,
    Stroke,
    contours_overlay,
    cursor_overlay,
    edges_overlay,
)
from rtvis.scene.overlay_legend import DoseBar, legend_overlay
from rtvis.scene.overlay_painter import paint, text_width
from rtvis.scene.scene3d import Scene3D
from rtvis.scene.slice_scene import SliceScene
from rtvis.scene.volume_image import VolumeImage
from rtvis.surfaces.roi_surface import roi_surface

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import ArrayLike, NDArray

    from rtvis.app.color_maps import ColorMap
    from rtvis.app.contour_style import ContourStyle
    from rtvis.app.overlay_state import OverlayState
    from rtvis.app.planes import ViewPlane
    from rtvis.model.progress import Report
    from rtvis.model.structure_set import Roi, StructureSet
    from rtvis.model.volume import Volume
    from rtvis.scene.framing import Framing
    from rtvis.scene.slice_scene import Blend

View: TypeAlias = Literal["four", "axial", "sagittal", "coronal", "3d"]

PAPER: Rgb = (20, 22, 27)
PANEL: Rgb = (27, 30, 36)
GUTTER = 4
PANEL_WIDTH = 248
LEAST_WIDTH_WITH_PANEL = 800
LEAST_SIZE, MOST_SIZE = 64, 16384


class Shown(Protocol):
    """What a picture shows; `rtvis.app.session.Session` is one."""

    volume: Volume | None
    cursor_lps: NDArray[np.float64]
    window: tuple[float, float]
    color_map: ColorMap
    inverse: bool
    contour_style: ContourStyle
    overlay: OverlayState

    @property
    def structure_set(self) -> StructureSet | None:
        """The active structure set."""

    def visible_rois(self) -> tuple[Roi, ...]:
        """Its ROIs that are not hidden."""


def save_picture(pixels: NDArray[np.uint8], path: str | Path, *, overwrite: bool = False) -> None:
    """Write pixels ``(height, width, 3)`` as a PNG file, whole or not at all.

    Raises:
        UsageError, OutputError: see `rtvis.dicom.files.written_whole`.
    """
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", optimize=True)
    with written_whole(path, overwrite=overwrite) as handle:
        handle.write(buffer.getvalue())


def render_picture(
    shown: Shown,
    *,
    view: View = "four",
    at: ArrayLike | None = None,
    size: tuple[int, int] = (1600, 1200),
    window: tuple[float, float] | None = None,
    report: Report = no_report,
) -> NDArray[np.uint8]:
    """A picture of what is shown, without a display.

    Args:
        shown: the session, or anything with the same attributes.
        view: four views, or one of them.
        at: where the planes are, ``(3,)`` LPS mm; by default `focus_of` what is shown.
        size: (width, height) in pixels.
        window: (width, level) in the volume's units; by default the session's.
        report: called while surfaces are made.

    Returns:
        ``(height, width, 3)`` RGB.

    Raises:
        UsageError: for an unknown view or a size that is no picture.
        InputError: when there is nothing to show, or for 3D no OpenGL on this machine.
    """
    width, height = size
    if view not in ("four", "axial", "sagittal", "coronal", "3d"):
        raise UsageError(f"there is no view {view!r}", remedy="use four, axial, sagittal, coronal or 3d")
    if not (LEAST_SIZE <= width <= MOST_SIZE and LEAST_SIZE <= height <= MOST_SIZE):
        raise UsageError(
            f"a picture of {width}x{height} can't be made", remedy=f"use sizes from {LEAST_SIZE} to {MOST_SIZE}"
        )
    cursor = focus_of(shown) if at is None else np.asarray(at, dtype=np.float64)
    grid = shown.volume.grid if shown.volume is not None else grid_around(shown.visible_rois())
    if grid is None:
        raise InputError("there is nothing to show: no images and no contours", remedy="name a folder with images")
    if view in ("four", "3d"):
        require_rendering()
    painting = _Painting(shown, VolumePlanes(grid), cursor, window or shown.window, report)
    picture = Image.new("RGB", size, PAPER)
    panel = PANEL_WIDTH if width >= LEAST_WIDTH_WITH_PANEL else 0
    for name, area in _layout(view, width - panel, height):
        painting.view(picture, name, area)
    if panel:
        painting.panel(picture, _Area(width - panel, 0, panel, height))
    return np.asarray(picture)


def focus_of(shown: Shown) -> NDArray[np.float64]:
    """Where to look: the middle of what is contoured, if that is in the volume, else the cursor; ``(3,)`` LPS mm."""
    drawn = [contour.points_lps for roi in shown.visible_rois() for contour in roi.contours if len(contour.points_lps)]
    if drawn:
        points = np.vstack(drawn)
        middle = (points.min(axis=0) + points.max(axis=0)) / 2
        if shown.volume is None or bool(shown.volume.grid.contains(middle)):
            return np.asarray(middle)
    return np.asarray(shown.cursor_lps, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class _Area:
    """A rectangle of the picture, pixels."""

    x: int
    y: int
    width: int
    height: int


def _layout(view: View, width: int, height: int) -> list[tuple[str, _Area]]:
    if view != "four":
        return [(view, _Area(0, 0, width, height))]
    left, top = (width - GUTTER) // 2, (height - GUTTER) // 2
    right, bottom = width - GUTTER - left, height - GUTTER - top
    return [
        ("axial", _Area(0, 0, left, top)),
        ("coronal", _Area(left + GUTTER, 0, right, top)),
        ("sagittal", _Area(0, top + GUTTER, left, bottom)),
        ("3d", _Area(left + GUTTER, top + GUTTER, right, bottom)),
    ]


class _Painting:
    """One picture in the making."""

    def __init__(
        self,
        shown: Shown,
        planes: VolumePlanes,
        cursor: NDArray[np.float64],
        window: tuple[float, float],
        report: Report,
    ) -> None:
        self._shown = shown
        self._rois = shown.visible_rois()
        self._planes = planes
        self._cursor = cursor
        self._window = window
        self._report = report
        self._image = None if shown.volume is None else VolumeImage(shown.volume)
        self._lines = ContourLines()
        self._lines.set_rois(self._rois)
        over = shown.overlay
        self._fusion: Blend | None = None
        self._isodoses: IsodoseLines | None = None
        self._over = None if over.volume is None or not over.is_drawn else VolumeImage(over.volume)
        if self._over is not None:
            self._fusion = DoseBar(self._colors) if over.alone else Fusion(self._over, over.look)
            self._isodoses = None if over.dose is None else IsodoseLines(over.dose, self._over)

    @property
    def _colors(self) -> NDArray[np.uint8]:
        return self._shown.color_map.table(inverse=self._shown.inverse)

    def view(self, picture: Image.Image, name: str, area: _Area) -> None:
        """Paint one view."""
        if name == "3d":
            self._view_3d(picture, area)
        else:
            self._slice_view(picture, PlaneKind(name), area)

    def _slice_view(self, picture: Image.Image, kind: PlaneKind, area: _Area) -> None:
        view = self._planes.at(kind, self._cursor)
        scene = SliceScene()
        scene.set_size(area.width, area.height)
        scene.set_image(self._image, self._planes)
        scene.set_window(*self._window)
        if self._shown.color_map is not GRAY or self._shown.inverse:
            scene.set_color_map(self._colors)
        scene.set_blends(() if self._fusion is None else (self._fusion,))
        scene.set_view(view)
        pixels = scene.picture()
        if pixels is not None:
            shades = pixels if pixels.ndim == 2 else np.ascontiguousarray(pixels[..., 2::-1])  # red, green, blue
            picture.paste(Image.fromarray(shades).convert("RGB"), (area.x, area.y))
        else:
            picture.paste((0, 0, 0), (area.x, area.y, area.x + area.width, area.y + area.height))
        framing, interpolated = scene.framing, scene.is_interpolated
        scene.close()
        assert framing is not None
        overlay = self._below_contours(framing) + cursor_overlay(framing, self._cursor, kind)
        overlay += contours_overlay(framing, self._lines.cut(view), style=self._shown.contour_style)
        overlay += edges_overlay(framing, view)
        overlay += _title([kind.value.upper(), *self._view_texts(view, interpolated=interpolated)], kind, area)
        paint(picture, overlay, (area.x, area.y), (area.width, area.height))

    def _below_contours(self, framing: Framing) -> Overlay:
        """Isodose lines, and what says which colours and lines mean which values."""
        over = self._shown.overlay
        lines = Overlay() if self._isodoses is None else self._isodoses.overlay(framing, over.isodoses)
        return lines + legend_overlay(framing, over, _bounds(self._window) if over.alone else None)

    def _view_texts(self, view: ViewPlane, *, interpolated: bool) -> list[str]:
        axis = {PlaneKind.AXIAL: "z", PlaneKind.CORONAL: "y", PlaneKind.SAGITTAL: "x"}[view.kind]
        counted = f"slice {view.slice_text}" if view.native and self._image is not None else ""
        place = f"{axis} {view.position_mm:z.1f} mm"
        texts = [f"{counted}   {place}" if counted else place]
        if interpolated:
            texts.append("interpolated")
        if self._image is None:
            texts.append("no images")
        return [*texts, *self._shown.overlay.captions]

    def _view_3d(self, picture: Image.Image, area: _Area) -> None:
        with Offscreen(area.width, area.height, samples=8) as screen:
            scene = Scene3D(screen.renderer)
            scene.set_image(self._image, self._planes)
            scene.set_window(*self._window)
            scene.planes.set_color_map(self._colors)
            if self._shown.overlay.is_painted:
                scene.planes.set_overlay(self._over, self._shown.overlay.look)
            scene.set_views([self._planes.at(kind, self._cursor) for kind in STANDARD_KINDS])
            scene.set_rois(self._rois)
            wanted = scene.rois_without_surface()
            gap_mm = 1.0 if self._image is None else self._planes.grid.spacing_mm[0]
            for done, roi in enumerate(wanted):
                self._report(done, len(wanted))
                scene.set_surface(roi, roi_surface(roi, single_mm=gap_mm))
            self._report(len(wanted), len(wanted))
            scene.camera.reset()
            picture.paste(Image.fromarray(screen.capture()), (area.x, area.y))
            scene.close()
        paint(picture, _title(["3D"], None, area), (area.x, area.y), (area.width, area.height))

    def panel(self, picture: Image.Image, area: _Area) -> None:
        """The column beside the views: patient, series, levels, position, and the ROIs with their colours."""
        draw = ImageDraw.Draw(picture)
        draw.rectangle((area.x + GUTTER, area.y, area.x + area.width, area.y + area.height), fill=PANEL)
        left, room = 20.0, area.width - 20 - 16
        labels: list[Label] = []
        y = 20.0
        for heading, texts in self._facts():
            labels.append(Label(left, y, heading, QUIET_TEXT_COLOR, "lt", 11.0))
            y += 18
            for text in texts:
                labels.append(Label(left, y, _shortened(text, 13.0, room), TEXT_COLOR, "lt", 13.0))
                y += 19
            y += 13
        shown = [roi for roi in self._rois if roi.contours]
        empty = len(self._rois) - len(shown)
        if self._rois:
            labels.append(Label(left, y, "ROIs", QUIET_TEXT_COLOR, "lt", 11.0))
        y += 20
        fit = max(int((area.height - y - 56) // 21) - (1 if empty else 0), 0)
        strokes: list[Stroke] = []
        for roi in shown if len(shown) <= fit else shown[: max(fit - 1, 0)]:
            swatch = np.array([[left, y + 8.0], [left + 12, y + 8.0]])
            strokes.append(Stroke(swatch, roi_color(roi), width=11.0))
            labels.append(Label(left + 22, y, _shortened(roi.name, 13.0, room - 22), TEXT_COLOR, "lt", 13.0))
            y += 21
        if len(shown) > fit:
            labels.append(Label(left + 22, y, f"and {len(shown) - max(fit - 1, 0)} more", QUIET_TEXT_COLOR, "lt", 13.0))
            y += 21
        if empty:
            text = f"{empty} ROI{'s' if empty > 1 else ''} without contours"
            labels.append(Label(left, y, text, QUIET_TEXT_COLOR, "lt", 13.0))
        labels.append(Label(left, area.height - 20.0, "rtvis · not for clinical use", QUIET_TEXT_COLOR, "lb", 11.0))
        overlay = Overlay(tuple(strokes), (), tuple(labels))
        paint(picture, overlay, (area.x, area.y), (area.width, area.height), halo=False)

    def _facts(self) -> list[tuple[str, list[str]]]:
        """Headings with their lines; without a volume what the structure set knows."""
        volume, structure_set = self._shown.volume, self._shown.structure_set
        patient = volume.patient if volume is not None else structure_set.patient if structure_set is not None else None
        facts: list[tuple[str, list[str]]] = []
        if patient is not None:
            names = [name_text(patient.name), patient.patient_id]
            facts.append(("Patient", [text for text in dict.fromkeys(names) if text] or ["no name"]))
        if volume is not None:
            slices, rows, columns = volume.grid.shape
            series = " ".join(text for text in (volume.modality, volume.description) if text)
            facts.append(("Images", [series, f"{slices} x {rows} x {columns}"]))
            unit = f" {volume.units}" if volume.units else ""
            facts.append(("Window", [f"W {number_text(self._window[0])}  L {number_text(self._window[1])}{unit}"]))
        else:
            facts.append(("Images", ["missing: contours only"]))
        over = self._shown.overlay
        if over.volume is not None and not over.alone:
            series = " ".join(text for text in (over.volume.modality, over.volume.description) if text)
            low, high = (number_text(value) for value in over.look.bounds)
            facts.append(("Over the images", [series, f"{low} to {high} {over.unit_text}".rstrip()]))
        if structure_set is not None:
            facts.append(("Structure set", [structure_set.label or "no label"]))
        x, y, z = self._cursor
        facts.append(("Position (LPS mm)", [f"{x:z.1f}  {y:z.1f}  {z:z.1f}"]))
        return facts


def _bounds(window: tuple[float, float]) -> tuple[float, float]:
    width, level = window
    return level - width / 2, level + width / 2


def _title(texts: Sequence[str], kind: PlaneKind | None, area: _Area) -> Overlay:
    """A view's name in its plane's colour with a line along the upper edge, and what is to be said below the name."""
    color = VIEW_3D_COLOR if kind is None else PLANE_COLORS[kind]
    edge = Stroke(np.array([[0.0, 1.0], [float(area.width), 1.0]]), color, width=2.0)
    labels = [Label(10.0, 10.0, texts[0], color, "lt", 13.0)]
    labels += [Label(10.0, 28.0 + 17 * n, text, TEXT_COLOR, "lt", 13.0) for n, text in enumerate(texts[1:])]
    return Overlay(strokes=(edge,), labels=tuple(labels))


def _shortened(text: str, size: float, room: float) -> str:
    """A text cut to the room there is, with an ellipsis where something was cut."""
    if text_width(text, size) <= room:
        return text
    while text and text_width(text + "…", size) > room:
        text = text[:-1]
    return text.rstrip() + "…"
