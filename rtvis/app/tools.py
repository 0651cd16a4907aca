"""Drawing tools as state machines that know patient points and planes, and neither windows nor structure sets.

A view feeds a tool with patient points (LPS mm) and the plane they were pointed at on; the tool gives lines to preview
and, when something is done, what it is: a new contour (`Drawn`), an area added or taken away (`Painted`, or `ToPaint`
where that is yet to be worked out), or an ROI with other contours (`Reshaped`). Committing is the caller's:
`rtvis.app.commits.commit(session, finished)`.

More tools: `tools_control` (control points that stay movable), `tools_spline` (splines, curves in space), `tools_brush`
(brush, eraser, areas by freehand), `tools_image` (livewire, threshold, flood fill), `tools_shape` (dragging points,
nudging, cutting), `tools_select` (choosing, moving and joining contours). `tools_catalogue` names those that a window
offers, `tools_active` is the one in hand.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from rtvis.editing.history import History
from rtvis.editing.painting import Area
from rtvis.geometry.plane import Plane
from rtvis.geometry.polyline import without_repeats
from rtvis.model.structure_set import Roi

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

LEAST_STEP_MM = 0.05
"""Points of a freehand stroke closer than this to the one before add bytes, not shape."""

SAME_PLANE_TOLERANCE_MM = 1e-3
"""A view that was scrolled since a polygon began is a different plane; rounding isn't."""


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A finished contour: ``(n, 3)`` LPS mm, and whether its last point joins its first (which isn't repeated)."""

    points: NDArray[np.float64]
    closed: bool


@dataclass(frozen=True, slots=True, eq=False)
class Painted:
    """Areas to be added to the active ROI, or taken from it.

    Attributes:
        areas: each on a plane of its own.
        erase: whether they are taken away.
        name: of the edit; the ROI's name goes after it ("Brush stroke on").
    """

    areas: tuple[Area, ...]
    erase: bool
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Reshaped:
    """The target ROI with other contours.

    Attributes:
        name: of the edit; the ROI's name goes after it ("Nudge").
    """

    roi: Roi
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class ToPaint:
    """Areas that are yet to be worked out, from so much that it may take seconds: in a thread, where there is a window.

    Attributes:
        find: works them out; touches nothing but what it was made from. Raises UsageError where there is no area.
        erase: whether they are to be taken away.
    """

    find: Callable[[], Painted]
    erase: bool


Finished: TypeAlias = Drawn | Painted | ToPaint | Reshaped
Built: TypeAlias = "tuple[NDArray[np.float64], ...]"
"""Points that were clicked, each ``(3,)`` LPS mm."""

SET_POINT = "point"
"""Name of the step that sets a point, as the Edit menu shows it after "Undo"."""

Line: TypeAlias = "tuple[NDArray[np.float64], bool]"
"""Points ``(n, 3)`` LPS mm, and whether the last joins the first."""


class Tool(ABC):
    """What all drawing tools share; a tool by itself draws nothing.

    Events return what was finished by them, or None. `preview` is what to draw meanwhile.

    What clicks build can be taken back step by step, and put forward again, until it is finished: see `built`.

    Attributes:
        closed: whether the contour that is being drawn will be closed.
        built: the steps of what clicks have built so far; none for tools that are dragged.
        hint: one line that tells what to do next, for the status bar.
        target: the active ROI as it is now, for tools that change contours; whoever binds the tool keeps it current.
        in_space: whether what is drawn need not lie in one plane, so that all views show it as it grows.
    """

    name = ""
    hint = ""
    in_space = False

    def __init__(self, *, closed: bool = False) -> None:
        self.closed = closed
        self._points: list[NDArray[np.float64]] = []
        self._pointer: NDArray[np.float64] | None = None
        self.built: History[Built] = History(())
        self.target: Roi | None = None

    @property
    def is_active(self) -> bool:
        """Whether a contour has been begun and not finished."""
        return bool(self._points)

    def takes(self, plane: Plane) -> bool:
        """Whether what was begun goes on by clicks in a view with this plane."""
        del plane
        return True

    def leave(self) -> None:
        """The pointer left the view, no button down: nothing follows it until it is back."""
        self._pointer = None

    @property
    def preview(self) -> NDArray[np.float64]:
        """Points ``(n, 3)`` of the contour so far, the pointer's included where the next point would go there."""
        points = [*self._points, *([self._pointer] if self._pointer is not None and self._points else [])]
        return np.array(points, dtype=np.float64).reshape(-1, 3)

    @property
    def clicked(self) -> NDArray[np.float64]:
        """The points ``(n, 3)`` that are fixed so far."""
        return np.array(self._points, dtype=np.float64).reshape(-1, 3)

    @property
    def nothing(self) -> str:
        """What to say where that which was begun ends as nothing; empty where nobody would miss it."""
        return f"{'a closed' if self.closed else 'an open'} contour needs {'three' if self.closed else 'two'} points"

    @property
    def lines(self) -> list[Line]:
        """All lines to preview; most tools have one, `preview`."""
        return [(self.preview, False)] if len(self.preview) else []

    @abstractmethod
    def press(self, point_lps: ArrayLike, plane: Plane) -> Finished | None:
        """The button went down at a patient point ``(3,)`` of a view with this plane."""

    def move(self, point_lps: ArrayLike, plane: Plane) -> Finished | None:
        """The pointer moved, with or without the button down."""
        del plane
        self._pointer = patient_point(point_lps)
        return None

    def release(self, point_lps: ArrayLike, plane: Plane) -> Finished | None:
        """The button went up."""
        del point_lps, plane
        return None

    def double_click(self, point_lps: ArrayLike, plane: Plane) -> Finished | None:
        """The second press of a double click (it comes instead of a second `press`): finishes what clicks build."""
        del point_lps, plane
        return self.finish()

    def remove_last(self) -> None:
        """Take back the last clicked point (Backspace)."""
        if self.built.undo_name == SET_POINT:
            self.step_back()
        elif self.built.can_undo and self._points:
            self._points.pop()
            self._made_step("point removed")

    def step_back(self) -> None:
        """Take back the last step of what is being built; what can't be built in steps is given up."""
        if self.built.undo() is None:
            self.cancel()
        else:
            self._rebuild(self.built.value)

    def step_forward(self) -> None:
        """Do the step again that was last taken back."""
        if self.built.redo() is not None:
            self._rebuild(self.built.value)

    def _made_step(self, name: str) -> None:
        """What is built is other than before, by one step."""
        self.built.apply(name, tuple(self._points))

    def _rebuild(self, points: Built) -> None:
        """Have the points of another step."""
        self._points = list(points)

    def cancel(self) -> None:
        """Give up the contour that is being drawn."""
        self._points.clear()
        self._pointer = None
        if self.built.step_count:
            self.built = History(())

    def finish(self) -> Finished | None:
        """End the contour with the points it has (Enter); None, and nothing drawn, when they are too few."""
        points = without_repeats(np.array(self._points).reshape(-1, 3), tolerance_mm=0.0)
        closed = self.closed
        self.cancel()
        if len(points) < (3 if closed else 2):
            return None
        return Drawn(points, closed)


class PointTool(Tool):
    """One click, one point."""

    name = "Point"
    hint = "Click to set a point."

    def press(self, point_lps: ArrayLike, plane: Plane) -> Finished | None:
        """Set the point, on the plane of the view."""
        return Drawn(on_plane(point_lps, plane)[None, :], closed=False)


class FreehandTool(Tool):
    """Press, draw, release. Every point lies on the plane of the view where the stroke began."""

    name = "Freehand"
    hint = "Drag to draw; release to finish."

    def __init__(self, *, closed: bool = True) -> None:
        super().__init__(closed=closed)
        self._plane: Plane | None = None
        self._line = np.empty((256, 3))
        self._laid = 0

    @property
    def nothing(self) -> str:
        """See `Tool.nothing`: a click draws nothing with a tool that is dragged."""
        return "nothing was drawn: keep the button down and drag"

    @property
    def preview(self) -> NDArray[np.float64]:
        """The stroke so far; points that were in it before are not gathered again."""
        count = len(self._points)
        if count > len(self._line):
            self._line = np.concatenate([self._line, np.empty_like(self._line)])
        if self._laid < count:
            self._line[self._laid : count] = self._points[self._laid :]
            self._laid = count
        return self._line[:count]

    def press(self, point_lps: ArrayLike, plane: Plane) -> Finished | None:
        """Begin the stroke."""
        self.cancel()
        self._plane = plane
        self._points.append(on_plane(point_lps, plane))
        return None

    def move(self, point_lps: ArrayLike, plane: Plane) -> Finished | None:
        """Draw on, while the button is down."""
        del plane
        if self._plane is not None:
            point = on_plane(point_lps, self._plane)
            if np.linalg.norm(point - self._points[-1]) >= LEAST_STEP_MM:
                self._points.append(point)
        return None

    def release(self, point_lps: ArrayLike, plane: Plane) -> Finished | None:
        """End the stroke."""
        self.move(point_lps, plane)
        return self.finish()

    def double_click(self, point_lps: ArrayLike, plane: Plane) -> Finished | None:
        """A press like any other."""
        return self.press(point_lps, plane)

    def cancel(self) -> None:
        """Give up the stroke."""
        super().cancel()
        self._plane = None
        self._laid = 0


class LineTool(FreehandTool):
    """Press, drag, release: a straight line from the one place to the other."""

    name = "Straight line"
    hint = "Drag from one end to the other."

    def __init__(self) -> None:
        super().__init__(closed=False)

    def move(self, point_lps: ArrayLike, plane: Plane) -> Finished | None:
        """Let the end follow the pointer, while the button is down."""
        del plane
        if self._plane is not None:
            self._points[1:] = [on_plane(point_lps, self._plane)]
            self._laid = min(self._laid, 1)
        return None


class ClickTool(Tool):
    """Built click by click in the plane where it began; clicks in views of others are left alone.

    Args:
        closed: whether the last click joins the first.
        snap_mm: a click so near to the first one finishes a closed line.
    """

    def __init__(self, *, closed: bool = True, snap_mm: float = 1.0) -> None:
        super().__init__(closed=closed)
        self.snap_mm = snap_mm
        self._plane: Plane | None = None

    def _clicked_at(self, point_lps: ArrayLike, plane: Plane) -> NDArray[np.float64] | None:
        """Where a click is on the plane where the line began, or begins with it; None in a view of another."""
        if self._plane is None or not self._points:
            self._plane = plane
        return on_plane(point_lps, self._plane) if same_plane(self._plane, plane) else None

    def _closes(self, point: NDArray[np.float64]) -> bool:
        """Whether a click there is meant for the first one."""
        near = self.closed and len(self._points) >= 3
        return near and float(np.linalg.norm(point - self._points[0])) <= self.snap_mm

    def move(self, point_lps: ArrayLike, plane: Plane) -> Finished | None:
        """Let what leads to the next click follow the pointer, in views of the same plane."""
        if self._plane is not None and self._points:
            self._pointer = on_plane(point_lps, self._plane) if same_plane(self._plane, plane) else None
        return None

    def takes(self, plane: Plane) -> bool:
        """See `Tool.takes`."""
        return self._plane is None or same_plane(self._plane, plane)

    def cancel(self) -> None:
        """Give the line up."""
        super().cancel()
        self._plane = None


class PolygonTool(ClickTool):
    """Click the corners; double-click, Enter, or a click on the first corner finishes."""

    name = "Polygon"
    hint = "Click corners; double-click or Enter to finish, Esc to give up, Backspace to take one back."

    def press(self, point_lps: ArrayLike, plane: Plane) -> Finished | None:
        """Set a corner."""
        point = self._clicked_at(point_lps, plane)
        if point is None:
            return None
        if self._closes(point):
            return self.finish()
        self._points.append(point)
        self._made_step(SET_POINT)
        return None


def patient_point(point_lps: ArrayLike) -> NDArray[np.float64]:
    """A point ``(3,)`` as an array of its own.

    Raises:
        ValueError: when it isn't three finite coordinates.
    """
    point = np.array(point_lps, dtype=np.float64)
    if point.shape != (3,) or not np.all(np.isfinite(point)):
        raise ValueError(f"a patient point must be three finite coordinates, not {point_lps!r}")
    return point


def on_plane(point_lps: ArrayLike, plane: Plane) -> NDArray[np.float64]:
    """The point dropped onto the plane, along its normal."""
    point = patient_point(point_lps)
    return np.asarray(point - float(plane.distances_mm(point)) * plane.normal)


def same_plane(one: Plane, other: Plane) -> bool:
    """Whether two views show the same plane, from whichever side."""
    parallel = abs(float(one.normal @ other.normal)) > 1 - 1e-9
    return parallel and abs(float(one.distances_mm(other.origin_lps_mm))) <= SAME_PLANE_TOLERANCE_MM
