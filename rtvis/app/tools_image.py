"""Tools that look at the image: a wire along edges, a threshold within an area, flood fill."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import scipy
import shapely

from rtvis.app.slice_image import SliceImage
from rtvis.app.tools import SET_POINT, ClickTool, Drawn, FreehandTool, Painted, Tool, ToPaint, on_plane
from rtvis.editing.painting import Area, polygon_area
from rtvis.geometry.contouring import outlines
from rtvis.geometry.curve_shaping import simplified
from rtvis.geometry.livewire import REACH, Wire
from rtvis.geometry.plane import Plane
from rtvis.geometry.polyline import without_repeats
from rtvis.geometry.regions import area_within

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from rtvis.app.tools import Built, Finished

ImageOf: TypeAlias = Callable[[Plane], SliceImage]
"""Gives the image on a plane: `rtvis.app.slice_image.SliceImages(volume)`."""

AT_ONCE = 8000
"""More pixels of a mask whose neighbour isn't in it may have so many outlines that finding them is felt."""

STAIRS = 0.5
"""Of a pixel: the wire goes from pixel centre to pixel centre, and steps smaller than this are straightened."""


class LivewireTool(ClickTool):
    """Click on an edge; the line follows it to the pointer; click to fix what is good. In the plane where it began.

    Args:
        image: of a plane.
        closed: whether it comes back to its first point.
        snap_mm: a click so near to the first point finishes a closed one.
        smoothness: standard deviation, in pixels, of the Gaussian that edges are looked for with; more of it leaves out
            small bends and noise.
    """

    name = "Livewire"
    hint = "Click along an edge; Enter ends it."

    def __init__(self, image: ImageOf, *, closed: bool = True, snap_mm: float = 1.0, smoothness: float = 1.0) -> None:
        super().__init__(closed=closed, snap_mm=snap_mm)
        self.image = image
        self.smoothness = smoothness
        self._wire: Wire | None = None
        self._pieces: list[NDArray[np.float64]] = []  # what leads to each click but the first
        self._taken_back: list[NDArray[np.float64]] = []  # with those of clicks that were taken back

    @property
    def preview(self) -> NDArray[np.float64]:
        """The fixed line, and the wire to the pointer."""
        parts = [*self._fixed(), *([self._to(self._pointer)] if self._pointer is not None and self._points else [])]
        return np.vstack(parts) if parts else np.empty((0, 3))

    def press(self, point_lps: ArrayLike, plane: Plane) -> Finished | None:
        """Fix the wire as far as the pointer."""
        point = self._clicked_at(point_lps, plane)
        if point is None or self._plane is None:
            return None
        image = self.image(self._plane)
        if not image.contains(*image.pixel_at(point)):
            return None  # beside the image there is no edge
        if self._closes(point):
            return self.finish()
        if self._points:
            self._pieces.append(self._to(point))
        self._fix(point)
        self._made_step(SET_POINT)
        return None

    def _rebuild(self, points: Built) -> None:
        """One click more, or fewer: the wire goes on from the last one, and a piece that comes back is what it was."""
        self._taken_back = [*self._pieces, *self._taken_back[len(self._pieces) :]]
        self._pieces = self._taken_back[: max(len(points) - 1, 0)]
        self._points, self._wire = list(points[:-1]), None
        for point in points[-1:]:
            self._fix(point)

    def cancel(self) -> None:
        """Give the line up."""
        super().cancel()
        self._wire = None
        self._pieces, self._taken_back = [], []

    def finish(self) -> Finished | None:
        """The fixed line, each click a point of it; a closed one goes back to its first point along the edge, too."""
        clicks, closed, plane = [*self._points], self.closed, self._plane
        pieces = [*self._pieces]
        if closed and len(clicks) >= 2:
            pieces.append(self._to(clicks[0]))
        self.cancel()
        if plane is None or not pieces:
            return None
        tolerance = STAIRS * min(self.image(plane).pixel_mm)
        ways = [
            np.vstack([start, piece]) for start, piece in zip(clicks, pieces, strict=False)
        ]  # one more click, if open
        ways = [simplified(way, tolerance, closed=False) for way in ways]
        points = np.vstack([*(way[:-1] for way in ways), *([] if closed else [ways[-1][-1:]])])
        points = without_repeats(points, tolerance_mm=0.0)
        return None if len(points) < (3 if closed else 2) else Drawn(points, closed)

    def _fixed(self) -> list[NDArray[np.float64]]:
        return [np.array(self._points[:1]), *self._pieces] if self._points else []

    def _fix(self, point: NDArray[np.float64]) -> None:
        assert self._plane is not None
        image = self.image(self._plane)
        self._points.append(point)
        self._wire = Wire.fixed_at(image.values, *image.pixel_at(point), reach=REACH, sigma=self.smoothness)

    def _to(self, point: NDArray[np.float64]) -> NDArray[np.float64]:
        """The wire from the last click to a point, without its begin; a straight line where it doesn't reach."""
        assert self._plane is not None
        assert self._wire is not None
        image = self.image(self._plane)
        row, column = image.pixel_at(point)
        way = self._wire.to(row, column)
        middle = self._plane.to_patient(image.coordinates(way[1:-1, 0], way[1:-1, 1]))
        return np.vstack([middle, point])


class ThresholdTool(FreehandTool):
    """Draw around something: pixels inside whose values are in a range are added to the active ROI, or taken away.

    Args:
        image: of a plane.
        low: least value, in the volume's units.
        high: largest value.
        erase: whether they are taken away.
    """

    name = "Threshold"
    hint = "Drag around what is to be filled; pixels in the range of values become area."

    def __init__(self, image: ImageOf, *, low: float, high: float = np.inf, erase: bool = False) -> None:
        super().__init__(closed=True)
        self.image = image
        self.low, self.high, self.erase = low, high, erase

    @property
    def nothing(self) -> str:
        """See `Tool.nothing`."""
        if self.low > self.high:
            return f"nothing is from {self.low:g} to {self.high:g}: the lower value is above the upper one"
        if len(self._points) < 3:
            return super().nothing
        return f"no pixel inside the line has a value from {self.low:g} to {self.high:g}"

    def finish(self) -> Finished | None:
        """The pixels in range within the line, by their centres."""
        plane, points = self._plane, np.array(self._points).reshape(-1, 3)
        self.cancel()
        if plane is None or len(points) < 3:
            return None
        image = self.image(plane)
        within = polygon_area(plane, points).region
        rows, columns = np.nonzero((image.values >= self.low) & (image.values <= self.high))
        flat = image.coordinates(rows, columns)
        inside = shapely.contains_xy(within, flat[:, 0], flat[:, 1])
        mask = np.zeros(image.values.shape, dtype=bool)
        mask[rows[inside], columns[inside]] = True
        return _painted(image, mask, self.erase, "Threshold in")


class FloodTool(Tool):
    """Click: pixels that hang together with the clicked one and have values like it become area.

    Args:
        image: of a plane.
        spread: values may be this much below or above that of the clicked pixel, in the volume's units.
        fill_holes: whether what is all around enclosed belongs to it.
        erase: whether the area is taken away.
        within_mm: no farther from the click than this, so that a leak stays small; None for no limit.
    """

    name = "Flood fill"
    hint = "Click into an area of even values."

    def __init__(
        self,
        image: ImageOf,
        *,
        spread: float,
        fill_holes: bool = False,
        erase: bool = False,
        within_mm: float | None = None,
    ) -> None:
        super().__init__(closed=True)
        self.image = image
        self.spread, self.fill_holes, self.erase, self.within_mm = spread, fill_holes, erase, within_mm

    def press(self, point_lps: ArrayLike, plane: Plane) -> Finished | None:
        """Fill from here; None beside the image."""
        point = on_plane(point_lps, plane)
        image = self.image(plane)
        row, column = image.pixel_at(point)
        if not image.contains(row, column):
            return None
        like = np.abs(image.values - image.values[row, column]) <= self.spread  # NaN is like nothing
        if self.within_mm is not None:
            every = np.indices(like.shape)
            flat = image.coordinates(every[0], every[1]) - plane.to_plane(point)
            like &= np.linalg.norm(flat, axis=-1) <= self.within_mm
            like[row, column] = True
        parts, _ = scipy.ndimage.label(like)
        mask = parts == parts[row, column]
        if self.fill_holes:
            mask = np.asarray(scipy.ndimage.binary_fill_holes(mask))
        return _painted(image, mask, self.erase, "Flood fill in")

    def double_click(self, point_lps: ArrayLike, plane: Plane) -> Finished | None:
        """The first press filled already."""
        del point_lps, plane
        return None


def _painted(image: SliceImage, mask: NDArray[np.bool_], erase: bool, name: str) -> Painted | ToPaint | None:
    if not mask.any():
        return None

    def find() -> Painted:
        return Painted((Area(image.plane, region_of_mask(image, mask)),), erase, name)

    # Where noise is in the range, every other pixel has an outline of its own.
    return ToPaint(find, erase) if np.count_nonzero(mask[1:] != mask[:-1]) > AT_ONCE else find()


def region_of_mask(image: SliceImage, mask: NDArray[np.bool_]) -> Any:
    """The area of the pixels of a mask ``(rows, columns)``, as a shapely geometry in the plane's coordinates.

    Its outline passes half way between pixels inside and outside (`rtvis.geometry.contouring`): the centres inside it
    are those of the mask, exactly.
    """
    found = outlines(mask[None], (image.pixel_mm[1], image.pixel_mm[0]))
    flat = image.coordinates(found.corners_ij[:, 1], found.corners_ij[:, 0])
    rings = [shapely.LinearRing(ring) for ring in np.split(flat, found.starts[1:]) if len(ring) >= 3]
    return area_within(np.array(rings, dtype=object))
