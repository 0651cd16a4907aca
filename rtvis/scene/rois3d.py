"""The ROIs in 3D: surfaces, contour lines, needles as tubes, points as balls."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from rtvis.app.palette import roi_color
from rtvis.app.roi_looks import RoiLook, RoiStyle
from rtvis.scene.clipping import clip
from rtvis.scene.dashes import dashes
from rtvis.scene.meshes import line_actor, set_width, sphere_actor, surface_actor, surface_mapper, tube_actor
from rtvis.scene.solid import Solid

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray
    from vtkmodules.vtkCommonDataModel import vtkPolyData
    from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper, vtkRenderer

    from rtvis.app.view3d_state import HalfSpace
    from rtvis.model.structure_set import Roi
    from rtvis.surfaces.roi_surface import RoiSurface

Level = TypeVar("Level")

LINE_WIDTH = 1.5
"""Logical pixels; see `Rois3D.set_line_scale`."""

PREVIEW_WIDTH = 3.0
"""Of what an edit would give: wider than all that is there."""

MOST_UNTIL_SURFACE, FEWEST_OF_LINE = 2000, 12
"""Points of an ROI's contours that are drawn until its surface is made, and of each contour at least so many: all of
thirty ROIs would take longer to draw than their surfaces do."""

LINES_CLEARER = 0.7
"""Lines cover less than surfaces: they are as clear as their surface's opacity to this power."""

EXTERNAL_OPACITY = 0.14
ENCLOSING_OPACITY = 0.38


class Form(StrEnum):
    """What an ROI, or a part of it, looks like in 3D."""

    SURFACE = "surface"
    TUBE = "tube"
    BALL = "ball"


@dataclass(slots=True, eq=False)
class Part:
    """A part of an ROI that can be picked.

    Attributes:
        drawn: the curves ``(n, 3)`` or points LPS mm that tubes and balls stand for; none for a surface.
    """

    form: Form
    solid: Solid
    actor: vtkActor
    drawn: tuple[NDArray[np.float64], ...] = ()


@dataclass(slots=True, eq=False)
class ShownRoi:
    """What stands in the scene for one ROI.

    Attributes:
        actors: all of its actors.
        parts: those that can be picked.
        loose_actor: closed contours that no surface goes through (yet).
        lines_actor: the others, once contour lines were asked for.
        mappers: what the surface can be drawn with: all of it, then ever fewer triangles.
        triangles: how many each of them draws; asking them for it at each frame takes as long as drawing a small one.
        box: ``(2, 3)`` LPS mm, the corners of the box around its closed contours; None without any.
    """

    roi: Roi
    surface: RoiSurface | None = None
    box: NDArray[np.float64] | None = None
    actors: list[vtkActor] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    surface_actor: vtkActor | None = None
    loose_actor: vtkActor | None = None
    lines_actor: vtkActor | None = None
    mappers: list[vtkPolyDataMapper] = field(default_factory=list)
    triangles: list[int] = field(default_factory=list)

    def add_mapper(self, mapper: vtkPolyDataMapper) -> None:
        """Have one more to draw the surface with."""
        self.mappers.append(mapper)
        self.triangles.append(mapper.GetInput().GetNumberOfCells())

    def bounds(self) -> Iterator[tuple[float, ...]]:
        """(x least, x most, y ...) LPS mm of each of its actors, however coarsely the surface is drawn now."""
        for actor in self.actors:
            mapper = self.mappers[0] if actor is self.surface_actor else actor.GetMapper()
            yield mapper.GetBounds()


class Rois3D:
    """The ROIs of one 3D scene.

    Attributes:
        is_coarse: whether surfaces have fewer triangles now than there are.
    """

    def __init__(self, renderer: vtkRenderer) -> None:
        self._renderer = renderer
        self._shown: dict[int, ShownRoi] = {}
        self._style = RoiStyle.SURFACES
        self._opacity = 1.0
        self._looks: Mapping[int, RoiLook] = {}
        self._kept: Sequence[HalfSpace] = ()
        self._previews: list[vtkActor] = []
        self._line_scale = 1.0
        self._own: dict[int, float] | None = None
        self.is_coarse = False

    def __iter__(self) -> Iterator[ShownRoi]:
        """What is shown, ROI by ROI."""
        return iter(self._shown.values())

    def set_rois(self, rois: Iterable[Roi]) -> None:
        """Show these ROIs (the visible ones). Surfaces of ROIs whose contours changed are taken away."""
        self._own = None
        wanted = {roi.number: roi for roi in rois}
        for number in [one for one in self._shown if one not in wanted]:
            self._drop(self._shown.pop(number))
        for number, roi in wanted.items():
            known = self._shown.get(number)
            if known is not None and known.roi.contours is roi.contours and known.roi.color == roi.color:
                known.roi = roi
                continue
            surface = known.surface if known is not None and known.roi.contours is roi.contours else None
            if known is not None:
                self._drop(known)
            self._shown[number] = self._built(ShownRoi(roi, surface))
        self._dress()

    def set_preview(self, rois: Iterable[Roi]) -> None:
        """Draw the outlines of what an edit would give, dashed as in slices; none takes them away."""
        for actor in self._previews:
            self._renderer.RemoveViewProp(actor)
        self._previews = []
        for roi in rois:
            drawn = [one for one in roi.contours if len(one.points_lps) > 1]
            whole = [np.vstack([one.points_lps, one.points_lps[: one.is_closed]]) for one in drawn]
            lines = [piece for line in whole for piece in dashes(line)]
            if lines:
                self._previews.append(self._lines(lines, roi, PREVIEW_WIDTH))
        for actor in self._previews:
            self._renderer.AddViewProp(actor)

    def set_style(self, style: RoiStyle, opacity: float = 1.0, looks: Mapping[int, RoiLook] | None = None) -> None:
        """How ROIs are drawn.

        Args:
            style: surfaces, lines, both or none.
            opacity: 0 to 1, which every surface's own opacity is multiplied by.
            looks: what was chosen for single ROIs, by number.
        """
        self._style, self._opacity, self._looks = style, opacity, looks or {}
        self._dress()

    def set_kept(self, kept: Sequence[HalfSpace]) -> None:
        """Show surfaces and contour lines only within all of these.

        Needles and points stay whole: they hide nothing, and where a needle goes on is what a cut is made for.
        """
        self._kept = kept
        self._dress()

    def set_line_scale(self, scale: float) -> None:
        """Draw lines so many pixels of the picture wide for each logical pixel of their width."""
        if scale == self._line_scale:
            return
        self._line_scale = scale
        for one in self._shown.values():
            for actor in (one.loose_actor, one.lines_actor):
                if actor is not None:
                    set_width(actor, LINE_WIDTH * scale)
        for actor in self._previews:
            set_width(actor, PREVIEW_WIDTH * scale)

    def _lines(self, lines: Sequence[NDArray[np.float64]], roi: Roi, width: float, *, closed: bool = False) -> vtkActor:
        return line_actor(lines, roi_color(roi), width=width * self._line_scale, closed=closed)

    def without_surface(self) -> tuple[Roi, ...]:
        """Shown ROIs with closed contours whose surface is still to be made (by `roi_surface`, in any thread)."""
        return tuple(
            one.roi
            for one in self._shown.values()
            if one.surface is None and any(contour.is_closed for contour in one.roi.contours)
        )

    def set_surface(self, roi: Roi, surface: RoiSurface, coarse: Sequence[vtkPolyData] = ()) -> None:
        """Show the surface of an ROI; ignored when the ROI was hidden or edited since it was asked for.

        Args:
            roi: whose surface it is.
            surface: the surface.
            coarse: from `rtvis.surfaces.coarse_mesh.coarse_meshes`, for `draw_at_most`.
        """
        known = self._shown.get(roi.number)
        if known is None or known.roi.contours is not roi.contours:
            return
        self._drop(known)
        self._shown[roi.number] = self._built(ShownRoi(known.roi, surface))
        for mesh in coarse:
            if mesh.GetNumberOfCells():
                self._shown[roi.number].add_mapper(surface_mapper(mesh))
        self._dress()

    def draw_at_most(self, triangles: float) -> int:
        """Draw the surfaces that are seen with no more triangles than these, if they can be had with so few.

        Returns:
            How many triangles that gives.
        """
        seen = [one for one in self._shown.values() if one.surface_actor and one.surface_actor.GetVisibility()]
        levels = max((len(one.mappers) for one in seen), default=1)
        counts = [sum(_at(one.triangles, level) for one in seen) for level in range(levels)]
        level = next((n for n, count in enumerate(counts) if count <= triangles), levels - 1)
        self.is_coarse = counts[level] < counts[0]
        for one in self._shown.values():
            if one.surface_actor is not None:
                mapper = _at(one.mappers, level)
                if one.surface_actor.GetMapper() is not mapper:
                    one.surface_actor.SetMapper(mapper)
        return counts[level]

    def _built(self, shown: ShownRoi) -> ShownRoi:
        roi, surface = shown.roi, shown.surface
        color = roi_color(roi)
        in_surface = frozenset(() if surface is None else surface.used)
        closed: list[NDArray[np.float64]] = []
        curves: list[NDArray[np.float64]] = []
        points: list[NDArray[np.float64]] = []
        for index, contour in enumerate(roi.contours):
            drawn = contour.points_lps
            if len(drawn) == 1 or contour.geometric_type == "POINT":
                points.append(drawn)
            elif contour.geometric_type.startswith("OPEN"):
                curves.append(drawn)
            elif index not in in_surface:
                closed.append(drawn)
        if closed:
            lines = _thinned(closed) if surface is None else closed
            shown.loose_actor = self._lines(lines, roi, LINE_WIDTH, closed=True)
            shown.actors.append(shown.loose_actor)
        shown.box = _box_around_closed(roi)
        if curves:
            shown.parts.append(_part(Form.TUBE, tube_actor(curves, color), curves))
        if points:
            shown.parts.append(_part(Form.BALL, sphere_actor(np.vstack(points), color), points))
        if surface is not None and surface.mesh.GetNumberOfCells():
            shown.surface_actor = surface_actor(surface.mesh, color)
            shown.add_mapper(shown.surface_actor.GetMapper())
            shown.parts.append(Part(Form.SURFACE, Solid(surface.mesh), shown.surface_actor))
        shown.actors.extend(part.actor for part in shown.parts)
        for actor in shown.actors:
            self._renderer.AddViewProp(actor)
        return shown

    def _dress(self) -> None:
        """Give what is shown the style, the opacities and the cut that were chosen."""
        own = self._own_opacities()
        for number, one in self._shown.items():
            look = self._looks.get(number, RoiLook())
            # With no ROIs at all nothing chosen for one of them counts.
            style = RoiStyle.NONE if self._style is RoiStyle.NONE else look.style or self._style
            with_surfaces = style in {RoiStyle.SURFACES, RoiStyle.BOTH}
            with_lines = style in {RoiStyle.LINES, RoiStyle.BOTH}
            if with_lines and one.lines_actor is None and one.surface is not None:
                self._add_lines(one, one.surface)
            for part in one.parts:
                part.actor.SetVisibility(with_surfaces if part.form is Form.SURFACE else style != RoiStyle.NONE)
            if one.loose_actor is not None:
                one.loose_actor.SetVisibility(style != RoiStyle.NONE)
            if one.lines_actor is not None:
                one.lines_actor.SetVisibility(with_lines)
            lines = [actor.GetMapper() for actor in (one.loose_actor, one.lines_actor) if actor is not None]
            for mapper in (*one.mappers, *lines):
                clip(mapper, self._kept)
            if one.surface_actor is not None:
                properties = one.surface_actor.GetProperty()
                opacity = own[number] * self._opacity if look.opacity is None else look.opacity
                properties.SetOpacity(opacity)
                # One looks into a shell that is cut open; what is seen through anyway would be seen twice.
                properties.SetBackfaceCulling(not self._kept or opacity < 1)
                if one.lines_actor is not None:
                    one.lines_actor.GetProperty().SetOpacity(opacity**LINES_CLEARER)
                if with_surfaces:
                    one.surface_actor.SetVisibility(opacity > 0)

    def _add_lines(self, shown: ShownRoi, surface: RoiSurface) -> None:
        """Lines of the contours that a surface goes through."""
        used = [shown.roi.contours[n].points_lps for n in surface.used]
        if used:
            shown.lines_actor = self._lines(used, shown.roi, LINE_WIDTH, closed=True)
            shown.actors.append(shown.lines_actor)
            self._renderer.AddViewProp(shown.lines_actor)

    def own_opacity(self, number: int) -> float:
        """The opacity that suits what lies in an ROI's surface, if nobody chooses another."""
        return self._own_opacities().get(number, 1.0)

    def _own_opacities(self) -> dict[int, float]:
        """Let surfaces that others lie in be seen through: the patient's outline most of all.

        Told from the contours: a surface that is still to come, or is being made anew after an edit, counts as well, so
        that what is around it doesn't become opaque and clear again.
        """
        if self._own is not None:  # hundreds of surfaces that come one by one change nothing in this
            return self._own
        boxes = {number: one.box for number, one in self._shown.items() if one.box is not None}
        found = {}
        for number, inside in zip(boxes, _boxes_inside(list(boxes.values())), strict=True):
            external = self._shown[number].roi.interpreted_type == "EXTERNAL"
            external = external or inside >= max(3, len(boxes) // 2)
            found[number] = EXTERNAL_OPACITY if external else ENCLOSING_OPACITY if inside else 1.0
        self._own = found
        return found

    def _drop(self, shown: ShownRoi) -> None:
        for actor in shown.actors:
            self._renderer.RemoveViewProp(actor)
        shown.actors.clear()
        shown.parts.clear()
        shown.mappers.clear()
        shown.triangles.clear()
        shown.surface_actor = shown.loose_actor = shown.lines_actor = None


def _at(levels: Sequence[Level], level: int) -> Level:
    return levels[min(level, len(levels) - 1)]


def _part(form: Form, actor: vtkActor, drawn: Iterable[NDArray[np.float64]]) -> Part:
    actor.GetMapper().Update()
    return Part(form, Solid(actor.GetMapper().GetInput()), actor, tuple(drawn))


def _box_around_closed(roi: Roi) -> NDArray[np.float64] | None:
    drawn = [contour.points_lps for contour in roi.contours if contour.is_closed and len(contour.points_lps)]
    if not drawn:
        return None
    columns = np.concatenate(drawn).T  # by columns numpy is twenty times as quick
    return np.array([[one.min() for one in columns], [one.max() for one in columns]])


def _thinned(lines: Sequence[NDArray[np.float64]]) -> list[NDArray[np.float64]]:
    """What is seen of contours until their surface is there: no more points than are drawn in no time."""
    step = -(-sum(map(len, lines)) // MOST_UNTIL_SURFACE)
    return [line[:: min(step, max(len(line) // FEWEST_OF_LINE, 1))] for line in lines]


def _boxes_inside(boxes: Sequence[NDArray[np.float64]]) -> list[int]:
    """How many of the other boxes ``(2, 3)`` lie in each."""
    if not boxes:
        return []
    low, high = np.array(boxes).transpose(1, 0, 2)
    encloses = np.all(low[:, None] <= low, axis=2) & np.all(high[:, None] >= high, axis=2)
    return (encloses.sum(axis=1) - 1).tolist()
