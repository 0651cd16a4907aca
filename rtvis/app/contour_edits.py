"""Edits of single contours of an ROI, each one undo step; `rtvis.app.planned_contours` has those by slices."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from rtvis.app.commits import commit_roi
from rtvis.editing import reshaping
from rtvis.editing.slice_edits import between_rois, contours_within
from rtvis.model.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from rtvis.app.planes import PlaneKind, ViewPlane, VolumePlanes
    from rtvis.app.session import Session
    from rtvis.model.structure_set import Contour, Roi


def contours_on_slice(roi: Roi, view: ViewPlane) -> tuple[int, ...]:
    """Contours that lie as a whole on the slice that a view shows: within half the gap to its neighbours."""
    return contours_within(roi, view.plane, *view.reach_mm)


def shifts_to_slices(
    planes: VolumePlanes, kind: PlaneKind, cursor_lps: NDArray[np.float64], steps: Iterable[int]
) -> list[NDArray[np.float64]]:
    """How far contours of a view's slice move to lie on others of the same view.

    Args:
        planes: of the volume.
        kind: of the view.
        cursor_lps: ``(3,)`` LPS mm on the slice.
        steps: how many slices further on, in the direction that scrolling goes: 1 the next, -1 the one before. Slices
            outside the volume are left out.

    Returns:
        ``(3,)`` LPS mm for each slice there is.
    """
    here = planes.at(kind, cursor_lps)
    found = []
    for step in steps:
        there = planes.at(kind, planes.step(kind, cursor_lps, step))
        if here.slice_index is None or there.slice_index is None:
            continue
        if step and abs(there.slice_index - here.slice_index) == abs(step):
            along = float(here.plane.distances_mm(there.plane.origin_lps_mm))
            found.append(along * here.plane.normal)
    return found


def give_to(session: Session, source: int, indices: Sequence[int], target: int, *, keep: bool) -> str | None:
    """Move contours to another ROI, or copy them there (`keep`); the edit's name, or None where nothing changes."""
    one, other = _find(session, source), _find(session, target)
    current = session.structure_set
    assert current is not None
    edited = between_rois(current, source, indices, target, keep=keep)
    if edited is current:
        return None
    name = f"{'Copy' if keep else 'Move'} contours from {one.name} to {other.name}"
    session.apply(name, edited)
    return name


def _each(
    session: Session, number: int, indices: Sequence[int] | None, name: str, change: Callable[[Contour], Contour]
) -> str | None:
    roi = _find(session, number)
    chosen = range(len(roi.contours)) if indices is None else indices
    changed = {index: (change(roi.contours[index]),) for index in chosen}
    return commit_roi(session, reshaping.with_contours(roi, changed), f"{name} {roi.name}")


def smooth(session: Session, number: int, width_mm: float, indices: Sequence[int] | None = None) -> str | None:
    """Smooth contours of an ROI (all where `indices` is None), bends smaller than `width_mm`."""
    return _each(session, number, indices, "Smooth", lambda one: reshaping.smooth(one, width_mm))


def simplify(session: Session, number: int, tolerance_mm: float, indices: Sequence[int] | None = None) -> str | None:
    """Leave out points that are within `tolerance_mm` of the line without them."""
    return _each(session, number, indices, "Simplify", lambda one: reshaping.simplify(one, tolerance_mm))


def reverse(session: Session, number: int, indices: Sequence[int] | None = None) -> str | None:
    """Turn the direction of contours round."""
    return _each(session, number, indices, "Reverse", reshaping.reverse)


def join(session: Session, number: int, one: int, other: int) -> str | None:
    """Join two open contours of an ROI by their nearest ends.

    Raises:
        UsageError: when one of them is closed, or both are the same.
    """
    roi = _find(session, number)
    if one == other:
        raise UsageError("a contour can't be joined with itself", remedy="choose two open contours")
    try:
        joined = reshaping.joined(roi.contours[one], roi.contours[other])
    except ValueError as error:
        raise UsageError(str(error), remedy="choose two open contours") from error
    changed = reshaping.with_contours(roi, {one: (joined,), other: ()})
    return commit_roi(session, changed, f"Join contours of {roi.name}")


def _find(session: Session, number: int) -> Roi:
    current = session.structure_set
    if current is None:
        raise UsageError("no structure set is open", remedy="draw a contour first; that makes one")
    return current.roi(number)
