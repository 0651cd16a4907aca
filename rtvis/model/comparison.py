"""Two structure sets, ROI by ROI: what is the same, and how far apart the rest is."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import scipy

from rtvis.geometry.measures import dice, surface_distances
from rtvis.model.masks import roi_mask
from rtvis.model.progress import no_report

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rtvis.geometry.grid import Grid
    from rtvis.geometry.measures import SurfaceDistances
    from rtvis.model.progress import Report
    from rtvis.model.structure_set import Contour, Roi, StructureSet


@dataclass(frozen=True, slots=True)
class RoiDifference:
    """One ROI of two sets.

    Attributes:
        name: as in the first set that has it, with ``_<number>`` appended where two ROIs share it.
        status: ``same``, ``changed``, ``only_a`` or ``only_b``.
        max_mm: the largest distance from a point of either to the other's curves; None when only one has contours.
        contours_a, contours_b: how many contours each has.
        overlap: how far both agree on a grid; None without one, or when either has no volume on it.
        changes: what differs besides the points: ``name``, ``color``, ``interpreted_type``, ``geometric_types``,
            ``contours`` (their number or order), ``points``.
    """

    name: str
    status: str
    max_mm: float | None
    contours_a: int
    contours_b: int
    changes: tuple[str, ...] = ()
    overlap: Overlap | None = None


@dataclass(frozen=True, slots=True)
class Overlap:
    """How far two ROIs agree, in voxels of a grid.

    Attributes:
        dice: Dice's coefficient: 1 for the same voxels, 0 for none in common.
        distances: between their surfaces, mm.
    """

    dice: float
    distances: SurfaceDistances


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two structure sets compared.

    Attributes:
        identical: whether they have the same ROIs in the same order, and all of them are the same.
        rois: in the order of the first set, then those only the second has.
    """

    identical: bool
    rois: tuple[RoiDifference, ...]


def compare(a: StructureSet, b: StructureSet, grid: Grid | None = None, report: Report = no_report) -> Comparison:
    """Compare two structure sets by geometry, names, colors and types.

    ROIs are paired by number and name; then those left by name, in order; then those left by number (renamed ones).

    Args:
        a: a structure set.
        b: another, in the same patient coordinates.
        grid: on whose voxels the overlap of ROIs is counted; it isn't when None.
        report: told (ROIs done, ROIs in all).
    """
    pairs, only_b = _paired(a.rois, b.rois)
    differences = []
    for done, (one, other) in enumerate(pairs):
        report(done, len(pairs))
        overlap = None if grid is None or other is None else roi_overlap(one, other, grid)
        differences.append(replace(_difference(one, other), overlap=overlap))
    report(len(pairs), len(pairs))
    differences += [RoiDifference(one.name, "only_b", None, 0, len(one.contours)) for one in only_b]
    listed = [one for one, _ in pairs] + only_b
    counts = Counter(one.name for one in listed)
    differences = [
        replace(difference, name=f"{one.name}_{one.number}") if counts[one.name] > 1 else difference
        for one, difference in zip(listed, differences, strict=True)
    ]
    same_order = [id(other) for _, other in pairs if other is not None] == [id(other) for other in b.rois]
    identical = same_order and all(one.status == "same" for one in differences)
    return Comparison(identical, tuple(differences))


def _paired(a: tuple[Roi, ...], b: tuple[Roi, ...]) -> tuple[list[tuple[Roi, Roi | None]], list[Roi]]:
    left = list(b)
    partners: dict[int, Roi] = {}
    for same in (
        lambda one, other: (one.number, one.name) == (other.number, other.name),
        lambda one, other: one.name == other.name,
        lambda one, other: one.number == other.number,
    ):
        for index, one in enumerate(a):
            if index in partners:
                continue
            found = next((other for other in left if same(one, other)), None)
            if found is not None:
                partners[index] = found
                left = [other for other in left if other is not found]
    return [(one, partners.get(index)) for index, one in enumerate(a)], left


def _difference(one: Roi, other: Roi | None) -> RoiDifference:
    if other is None:
        return RoiDifference(one.name, "only_a", None, len(one.contours), 0)
    changes = [what for what in ("name", "color", "interpreted_type") if getattr(one, what) != getattr(other, what)]
    ours, theirs = one.contours, other.contours
    if [c.geometric_type for c in ours] != [c.geometric_type for c in theirs]:
        changes.append("geometric_types")
    if len(ours) != len(theirs):
        changes.append("contours")
    elif not all(np.array_equal(c.points_lps, d.points_lps) for c, d in zip(ours, theirs, strict=True)):
        changes.append("points")
    same_points = not {"contours", "points"} & set(changes)
    max_mm = 0.0 if same_points else largest_distance_mm(ours, theirs)
    status = "changed" if changes else "same"
    return RoiDifference(one.name, status, max_mm, len(ours), len(theirs), tuple(changes))


def roi_overlap(one: Roi, other: Roi, grid: Grid) -> Overlap | None:
    """How far two ROIs agree in the voxels of a grid; None when either has none."""
    ours, theirs = roi_mask(one, grid).mask, roi_mask(other, grid).mask
    if ours is None or theirs is None:
        return None
    distances = surface_distances(ours, theirs, grid)
    return None if distances is None else Overlap(dice(ours, theirs), distances)


def largest_distance_mm(ours: tuple[Contour, ...], theirs: tuple[Contour, ...]) -> float | None:
    """The largest distance from a point of either to the curves of the other (Hausdorff at the points), mm.

    0 where both have no points, None where only one has.
    """
    starts_a, ends_a = _segments(ours)
    starts_b, ends_b = _segments(theirs)
    if len(starts_a) == 0 or len(starts_b) == 0:
        return 0.0 if len(starts_a) == len(starts_b) else None
    return max(_farthest_mm(starts_a, starts_b, ends_b), _farthest_mm(starts_b, starts_a, ends_a))


def _segments(contours: tuple[Contour, ...]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Starts and ends of all segments; the last point of an open curve is a segment of no length."""
    starts, ends = [np.empty((0, 3))], [np.empty((0, 3))]
    for one in contours:
        points = one.points_lps
        if len(points) == 0:
            continue
        last = points[:1] if one.is_closed else points[-1:]
        starts.append(points)
        ends.append(np.concatenate([points[1:], last]))
    return np.concatenate(starts), np.concatenate(ends)


def _farthest_mm(points: NDArray[np.float64], starts: NDArray[np.float64], ends: NDArray[np.float64]) -> float:
    """The largest of the distances of points ``(n, 3)`` to the nearest of the segments ``(m, 3)``, exact.

    The distance to the segment with the nearest middle is an upper bound for each point, and no nearer segment has its
    middle farther than that bound plus half the longest segment. Points are taken from the largest bound down, until
    none that is left can raise the result.
    """
    middles = (starts + ends) / 2
    half_longest = float(np.linalg.norm(ends - starts, axis=1).max()) / 2
    tree = scipy.spatial.cKDTree(middles)
    nearest = tree.query(points)[1]
    bounds = _to_segments_mm(points, starts[nearest], ends[nearest])
    largest = 0.0
    for index in np.argsort(-bounds):
        if bounds[index] <= largest:
            break
        near = tree.query_ball_point(points[index], bounds[index] + half_longest + 1e-9)
        exact = _to_segments_mm(points[index][None], starts[near], ends[near]).min()
        largest = max(largest, float(exact))
    return largest


def _to_segments_mm(
    points: NDArray[np.float64], starts: NDArray[np.float64], ends: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Distances of points to segments, row by row."""
    along = ends - starts
    squared = np.einsum("ij,ij->i", along, along)
    share = np.einsum("ij,ij->i", points - starts, along) / np.where(squared > 0, squared, 1.0)
    nearest = starts + np.clip(share, 0.0, 1.0)[:, None] * along
    return np.asarray(np.linalg.norm(points - nearest, axis=1), dtype=np.float64)
