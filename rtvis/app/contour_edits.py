"""Edits of the active ROI's contours that menus offer, each one undo step: by slice, by contour, between ROIs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from rtvis.app.commits import commit_roi
from rtvis.app.planes import VolumePlanes
from rtvis.editing import reshaping
from rtvis.editing.slice_edits import between_rois, contours_within, copied_by, without
from rtvis.model.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rtvis.app.planes import PlaneKind, ViewPlane
    from rtvis.app.session import Session
    from rtvis.geometry.grid import Grid
    from rtvis.model.structure_set import Contour, Roi


def contours_on_slice(roi: Roi, view: ViewPlane) -> tuple[int, ...]:
    """Contours that lie as a whole on the slice that a view shows: within half the gap to its neighbours."""
    return contours_within(roi, view.plane, view.gap_mm / 2, view.gap_mm / 2)


def delete_on_slice(session: Session, number: int, view: ViewPlane) -> str | None:
    """Delete an ROI's contours on the slice that a view shows; the edit's name, or None where there are none."""
    roi = _find(session, number)
    fewer = without(roi, contours_on_slice(roi, view))
    return commit_roi(session, fewer, f"Delete contours on slice of {roi.name}")


def delete_between(session: Session, number: int, first: ViewPlane, last: ViewPlane) -> str | None:
    """Delete an ROI's contours from one slice of a kind of view to another, both included."""
    roi = _find(session, number)
    way = float(first.plane.distances_mm(last.plane.origin_lps_mm))
    below, above = first.gap_mm / 2 + max(-way, 0.0), first.gap_mm / 2 + max(way, 0.0)
    indices = contours_within(roi, first.plane, below, above)
    return commit_roi(session, without(roi, indices), f"Delete contours on slices of {roi.name}")


def delete_all(session: Session, number: int) -> str | None:
    """Delete all contours of an ROI; the ROI stays."""
    roi = _find(session, number)
    return commit_roi(session, without(roi, range(len(roi.contours))), f"Delete all contours of {roi.name}")


def copy_to_slices(session: Session, number: int, kind: PlaneKind, steps: Sequence[int]) -> str | None:
    """Copy an ROI's contours of the slice under the cursor to other slices of the same kind of view.

    Args:
        session: whose cursor tells the slice.
        number: of the ROI.
        kind: of the view.
        steps: how many slices further on, in the direction that scrolling goes: ``[1]`` the next, ``[-1]`` the one
            before, ``[1, 2, 3]`` three on. Slices outside the volume are left out.

    Raises:
        UsageError: when there is no contour on the slice, or no slice to copy to.
    """
    roi = _find(session, number)
    grid = _grid(session)
    planes = VolumePlanes(grid)
    here = planes.at(kind, session.cursor_lps)
    indices = contours_on_slice(roi, here)
    if not indices:
        raise UsageError(f"{roi.name} has no contour on this slice", remedy="scroll to one, or draw it first")
    shifts = _shifts(planes, kind, session.cursor_lps, here, steps)
    if not shifts:
        raise UsageError("there is no such slice", remedy="copy to slices within the volume")
    slices = "slice" if len(shifts) == 1 else f"{len(shifts)} slices"
    return commit_roi(session, copied_by(roi, indices, shifts), f"Copy contours to {slices} in {roi.name}")


def _shifts(
    planes: VolumePlanes, kind: PlaneKind, cursor: NDArray[np.float64], here: ViewPlane, steps: Iterable[int]
) -> list[NDArray[np.float64]]:
    found = []
    for step in steps:
        there = planes.at(kind, planes.step(kind, cursor, step))
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


def _grid(session: Session) -> Grid:
    if session.volume is None:
        raise UsageError("no volume is shown", remedy="open the images first")
    return session.volume.grid
