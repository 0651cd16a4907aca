"""Tools that change contours of the active ROI: dragging points and whole contours, nudging, cutting.

They look at `Tool.target`, which whoever binds them keeps at the active ROI as it is. A press meets a contour by what
is seen: the distance in the plane of the view, among contours that are near enough to the plane to be drawn there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import shapely

from rtvis.app.tools import Reshaped, Tool, on_plane
from rtvis.app.tools_reach import nearest_line, nearest_point, seen_contours
from rtvis.editing.reshaping import (
    cut_across,
    cut_at,
    own_points,
    point_added,
    point_moved,
    points_deleted,
    reshaped,
    with_contours,
)
from rtvis.geometry.curve_shaping import pushed
from rtvis.model.structure_set import CLOSED_TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from rtvis.app.tools import Finished, Line
    from rtvis.geometry.plane import Depth, Plane
    from rtvis.model.structure_set import Contour, Roi

RIM_CORNERS = 64
DEPTH_MM = 1.0
"""Points farther than this from a view's plane are not met by a press there, unless the binder says otherwise (half the
slice gap is what a person expects)."""


class ShapeTool(Tool):
    """What tools share that press on a contour of the target.

    Args:
        grab_mm: how far from a point or line a press may be.
        depth_mm: how far from the view's plane what is met may be.
    """

    def __init__(self, *, grab_mm: float = 2.0, depth_mm: Depth = DEPTH_MM) -> None:
        super().__init__()
        self.grab_mm = grab_mm
        self.depth_mm = depth_mm
        self._plane: Plane | None = None
        self._roi: Roi | None = None
        self._index = -1
        self._from: NDArray[np.float64] | None = None

    @property
    def is_active(self) -> bool:
        """Whether something is held."""
        return self._roi is not None

    @property
    def held(self) -> Contour | None:
        """The contour that is held, as it was."""
        return None if self._roi is None else self._roi.contours[self._index]

    @property
    def nothing(self) -> str:
        """See `Tool.nothing`: what was held and let go again is where it was."""
        return ""

    @property
    def preview(self) -> NDArray[np.float64]:
        """The first of `lines`."""
        return self.lines[0][0] if self.lines else np.empty((0, 3))

    def cancel(self) -> None:
        """Let go; nothing changes."""
        super().cancel()
        self._plane = self._roi = self._from = None
        self._index = -1

    def finish(self) -> Finished | None:
        """Nothing waits to be finished: what is held changes when the button goes up."""
        self.cancel()
        return None

    def double_click(self, point_lps: ArrayLike, plane: Plane) -> Finished | None:
        """A press like any other."""
        return self.press(point_lps, plane)

    def _hold(self, index: int, point_lps: ArrayLike, plane: Plane) -> None:
        self._roi, self._index, self._plane = self.target, index, plane
        self._from = self._pointer = on_plane(point_lps, plane)

    def _shift(self) -> NDArray[np.float64]:
        """From where the button went down to the pointer, in the plane of the view."""
        assert self._from is not None
        assert self._pointer is not None
        return np.asarray(self._pointer - self._from)

    def move(self, point_lps: ArrayLike, plane: Plane) -> Finished | None:
        """Take along what is held."""
        del plane
        if self._plane is not None:
            self._pointer = on_plane(point_lps, self._plane)
        return None

    def _done(self, changed: Mapping[int, Sequence[Contour]], name: str) -> Finished | None:
        """The target with contours replaced; None where they are what they were, or can't be contours."""
        roi = self._roi
        self.cancel()
        if roi is None:
            return None
        result = with_contours(roi, changed)
        return None if result is roi else Reshaped(result, name)

    def nearest_point(self, point_lps: ArrayLike, plane: Plane) -> tuple[int, int] | None:
        """(contour, point) of the target that is nearest to a place in a view; None where none is in reach."""
        return nearest_point(self.target, point_lps, plane, self.grab_mm, self.depth_mm)

    def nearest_line(self, point_lps: ArrayLike, plane: Plane) -> tuple[int, int, NDArray[np.float64]] | None:
        """(contour, point that the line comes from, place on it) nearest to a place in a view; None out of reach."""
        return nearest_line(self.target, point_lps, plane, self.grab_mm, self.depth_mm)


class PointEditTool(ShapeTool):
    """Drags, adds or deletes one point of a contour; in any view, in the plane of that view.

    Args:
        action: ``drag``, ``add`` (a press on a line sets a point there, which then can be dragged) or ``delete``.
        grab_mm: see `ShapeTool`.
        depth_mm: see `ShapeTool`.
    """

    def __init__(
        self,
        action: Literal["drag", "add", "delete"] = "drag",
        *,
        grab_mm: float = 2.0,
        depth_mm: Depth = DEPTH_MM,
    ) -> None:
        super().__init__(grab_mm=grab_mm, depth_mm=depth_mm)
        self.action = action
        self.name = {"drag": "Drag point", "add": "Add point", "delete": "Delete point"}[action]
        self.hint = {
            "drag": "Drag a point of the active ROI.",
            "add": "Press on a line to set a point there, and drag it.",
            "delete": "Click a point of the active ROI to delete it.",
        }[action]
        self._point = -1
        self._held_points: NDArray[np.float64] | None = None

    @property
    def lines(self) -> list[Line]:
        """The contour with the point where it is dragged to."""
        held = self.held
        if held is None or self._held_points is None:
            return []
        return [(self._moved_points(), held.is_closed)]

    def press(self, point_lps: ArrayLike, plane: Plane) -> Finished | None:
        """Take the point, set one on the line, or delete it."""
        self.cancel()
        if self.target is None:
            return None
        if self.action == "add":
            line = self.nearest_line(point_lps, plane)
            if line is not None:
                index, before, place = line
                self._hold(index, place, plane)
                self._point = before + 1
                self._held_points = np.insert(own_points(self.target.contours[index]), before + 1, place, axis=0)
            return None
        found = self.nearest_point(point_lps, plane)
        if found is None:
            return None
        index, self._point = found
        self._hold(index, point_lps, plane)
        contour = self.target.contours[index]
        self._held_points = own_points(contour)
        if self.action == "delete":
            fewer = points_deleted(contour, [self._point])
            return self._done({index: () if fewer is None else (fewer,)}, "Delete point of")
        return None

    def release(self, point_lps: ArrayLike, plane: Plane) -> Finished | None:
        """Leave the point where it is."""
        self.move(point_lps, plane)
        held = self.held
        if held is None or self._held_points is None:
            return None
        where = self._moved_points()[self._point]
        if self.action == "add":
            return self._done({self._index: (point_added(held, self._point - 1, where),)}, "Add point to")
        if np.array_equal(where, self._held_points[self._point]):
            self.cancel()
            return None
        return self._done({self._index: (point_moved(held, self._point, where),)}, "Move point of")

    def cancel(self) -> None:
        """Let go; nothing changes."""
        super().cancel()
        self._point, self._held_points = -1, None

    def _moved_points(self) -> NDArray[np.float64]:
        assert self._held_points is not None
        points = self._held_points.copy()
        points[self._point] += self._shift()
        return points


class NudgeTool(ShapeTool):
    """A round pusher that bends the lines it is moved against.

    Args:
        radius_mm: of the pusher.
        depth_mm: lines farther from the view's plane aren't met.
    """

    name = "Nudge"
    hint = "Press beside a line and push it; from inside it widens, from outside it dents."

    def __init__(self, *, radius_mm: float = 8.0, depth_mm: Depth = DEPTH_MM) -> None:
        super().__init__(depth_mm=depth_mm)
        self.radius_mm = radius_mm
        self._bent: dict[int, NDArray[np.float64]] = {}
        self._hover: Plane | None = None

    @property
    def worked(self) -> list[Line]:
        """The lines as they are bent."""
        if self._roi is None:
            return []
        return [(points, self._roi.contours[index].is_closed) for index, points in self._bent.items()]

    @property
    def rim(self) -> NDArray[np.float64]:
        """The pusher at the pointer, ``(n, 3)`` on the plane of the view; none while it is nowhere."""
        view = self._plane if self._plane is not None else self._hover
        if self._pointer is None or view is None:
            return np.empty((0, 3))
        turn = np.linspace(0, 2 * np.pi, RIM_CORNERS, endpoint=False)[:, None]
        return np.asarray(self._pointer + self.radius_mm * (np.cos(turn) * view.u + np.sin(turn) * view.v))

    @property
    def lines(self) -> list[Line]:
        """The lines as they are bent, and the pusher."""
        return [*self.worked, *([(self.rim, True)] if len(self.rim) else [])]

    def press(self, point_lps: ArrayLike, plane: Plane) -> Finished | None:
        """Set the pusher down; what it is set down on gives way at once."""
        self.cancel()
        if self.target is not None:
            self._hold(0, point_lps, plane)
            self._push(self._from, self._from)
        return None

    def move(self, point_lps: ArrayLike, plane: Plane) -> Finished | None:
        """Push, while the button is down; the pusher follows the pointer in any case."""
        if self._plane is not None and self._pointer is not None:
            last, self._pointer = self._pointer, on_plane(point_lps, self._plane)
            self._push(last, self._pointer)
        else:
            self._hover, self._pointer = plane, on_plane(point_lps, plane)
        return None

    def release(self, point_lps: ArrayLike, plane: Plane) -> Finished | None:
        """Leave the lines as they are bent."""
        self.move(point_lps, plane)
        if self._roi is None:
            return None
        roi = self._roi
        changed = {index: (reshaped(roi.contours[index], points),) for index, points in self._bent.items()}
        pointer, view = self._pointer, self._plane
        done = self._done(changed, "Nudge")
        self._pointer, self._hover = pointer, view
        return done

    def cancel(self) -> None:
        """Let go; nothing changes."""
        super().cancel()
        self._bent, self._hover = {}, None

    def _push(self, start: NDArray[np.float64] | None, end: NDArray[np.float64] | None) -> None:
        assert self._plane is not None
        assert self._roi is not None
        assert start is not None
        assert end is not None
        way = np.array([start, end])
        for index, points, *_ in seen_contours(self._roi, self._plane, self.depth_mm):
            closed = self._roi.contours[index].is_closed
            before = self._bent.get(index, points)
            after = pushed(before, self._plane, way, self.radius_mm, closed=closed, depth_mm=self.depth_mm)
            if len(after) != len(before) or not np.array_equal(after, before):
                self._bent[index] = after


class CutTool(ShapeTool):
    """Drag a line: closed contours of the view's plane that it goes across are parted; click a point: an open one is.

    Parting an open contour takes a press on one of its points without dragging.
    """

    name = "Cut"
    hint = "Drag right across a closed contour, or click a point of an open one."

    @property
    def nothing(self) -> str:
        """See `Tool.nothing`."""
        return "nothing was cut: the line must go right across a closed contour of the active ROI"

    @property
    def lines(self) -> list[Line]:
        """The cut."""
        if self._from is None or self._pointer is None:
            return []
        return [(np.array([self._from, self._pointer]), False)]

    def press(self, point_lps: ArrayLike, plane: Plane) -> Finished | None:
        """Set the knife down."""
        self.cancel()
        if self.target is not None:
            self._hold(0, point_lps, plane)
        return None

    def release(self, point_lps: ArrayLike, plane: Plane) -> Finished | None:
        """Cut."""
        self.move(point_lps, plane)
        if self._roi is None or self._plane is None or self._from is None:
            return None
        roi, view = self._roi, self._plane
        if np.linalg.norm(self._shift()) < self.grab_mm / 4:
            found = self.nearest_point(self._from, view)
            if found is not None and not roi.contours[found[0]].is_closed:
                count = len(own_points(roi.contours[found[0]]))
                if 0 < found[1] < count - 1:
                    return self._done({found[0]: cut_at(roi.contours[found[0]], found[1])}, "Cut")
            self.cancel()
            return None
        line = np.array([self._from, self._from + self._shift()])
        knife = shapely.LineString(view.to_plane(line))
        changed: dict[int, Sequence[Contour]] = {}
        for index, _, flat, near, _ in seen_contours(roi, view, self.depth_mm):
            contour = roi.contours[index]
            if contour.geometric_type in CLOSED_TYPES and near.all() and knife.intersects(shapely.LinearRing(flat)):
                parts = cut_across(contour, line)
                if len(parts) > 1:
                    changed[index] = parts
        return self._done(changed, "Cut")
