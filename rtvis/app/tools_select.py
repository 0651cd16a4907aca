"""Choosing contours, moving and joining them, and what is done with those that are chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from psygnal import Signal

from rtvis.app.commits import commit_roi
from rtvis.app.tools_reach import contour_at
from rtvis.app.tools_shape import ShapeTool
from rtvis.editing import reshaping
from rtvis.editing.reshaping import own_points
from rtvis.editing.slice_edits import without
from rtvis.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike

    from rtvis.app.session import Session
    from rtvis.app.tools import Finished, Line
    from rtvis.geometry.plane import Plane
    from rtvis.model.structure_set import Contour, Roi


class ContourSelection:
    """The contours that are chosen, all of one ROI; `changed` follows each change.

    Attributes:
        roi: number of the ROI; None while none are chosen.
        contours: the chosen ones, as they are in the set.
    """

    changed = Signal()

    def __init__(self) -> None:
        self.roi: int | None = None
        self.contours: tuple[Contour, ...] = ()
        self._places: tuple[int, ...] = ()
        self._count = 0

    def indices(self, roi: Roi | None) -> tuple[int, ...]:
        """Where the chosen contours are in an ROI; none in another than theirs."""
        if roi is None or roi.number != self.roi:
            return ()
        chosen = {id(one) for one in self.contours}
        return tuple(n for n, one in enumerate(roi.contours) if id(one) in chosen)

    def choose(self, roi: Roi, indices: Iterable[int], *, add: bool = False) -> None:
        """Choose contours of an ROI; with `add` beside those of it that are chosen, or no longer where they were."""
        wanted = set(indices)
        if add:
            wanted ^= set(self.indices(roi))
        self._set(roi, sorted(wanted))

    def clear(self) -> None:
        """Choose none."""
        if self.contours:
            self.roi, self.contours, self._places, self._count = None, (), (), 0
            self.changed.emit()

    def follow(self, roi: Roi | None) -> None:
        """The ROI was edited: keep what is still there.

        Where contours changed and their number did not, those in the same places are the chosen ones as they are now.
        """
        if not self.contours:
            return
        if roi is None or roi.number != self.roi:
            self.clear()
        elif len(roi.contours) == self._count:
            self._set(roi, self._places)
        else:
            self._set(roi, self.indices(roi))

    def _set(self, roi: Roi, places: Iterable[int]) -> None:
        places = tuple(places)
        contours = tuple(roi.contours[n] for n in places)
        same = len(contours) == len(self.contours) and all(
            one is other for one, other in zip(contours, self.contours, strict=True)
        )
        self.roi, self._places, self._count = (roi.number if places else None), places, len(roi.contours)
        if not same:
            self.contours = contours
            self.changed.emit()


class SelectTool(ShapeTool):
    """Chooses contours by clicks, and drags those that are chosen in the plane of the view.

    Args:
        selection: what is chosen.
        slack_mm: a shorter drag was meant as a click.
    """

    name = "Select"
    hint = "Click a contour, Ctrl+click more; drag to move them, Delete to delete them."

    def __init__(self, selection: ContourSelection, *, slack_mm: float = 1.0) -> None:
        super().__init__()
        self.selection = selection
        self.slack_mm = slack_mm
        self.extend = False
        """Whether the next press adds to what is chosen; whoever binds the tool sets it by the keys held."""

    @property
    def lines(self) -> list[Line]:
        """The chosen contours where they are dragged to."""
        if self._roi is None or not self._is_dragged():
            return []
        held = [self._roi.contours[index] for index in self.selection.indices(self._roi)]
        return [(own_points(one) + self._shift(), one.is_closed) for one in held]

    def press(self, point_lps: ArrayLike, plane: Plane) -> Finished | None:
        """Choose the contour that is there, or none; what is chosen already can be dragged as a whole."""
        self.cancel()
        index = contour_at(self.target, point_lps, plane, self.grab_mm, self.depth_mm)
        if self.target is None or index is None:
            if not self.extend:
                self.selection.clear()
            return None
        if self.extend or index not in self.selection.indices(self.target):
            self.selection.choose(self.target, [index], add=self.extend)
        if index in self.selection.indices(self.target):
            self._hold(index, point_lps, plane)
        return None

    def release(self, point_lps: ArrayLike, plane: Plane) -> Finished | None:
        """Leave the contours where they are."""
        self.move(point_lps, plane)
        roi = self._roi
        if roi is None or not self._is_dragged():
            self.cancel()
            return None
        shift = self._shift()
        chosen = self.selection.indices(roi)
        changed = {index: (reshaping.moved(roi.contours[index], shift),) for index in chosen}
        return self._done(changed, "Move contour of" if len(chosen) == 1 else f"Move {len(chosen)} contours of")

    def _is_dragged(self) -> bool:
        return self._from is not None and bool(np.linalg.norm(self._shift()) >= self.slack_mm)


class JoinTool(ShapeTool):
    """Joins two open contours that are clicked in turn, by their nearest ends; closes one that is clicked twice."""

    name = "Join"
    hint = "Click two open contours, one after the other; click the same one twice to close it."

    def __init__(self) -> None:
        super().__init__()
        self._first: Contour | None = None

    @property
    def is_active(self) -> bool:
        """Whether the first contour was clicked."""
        return self._first is not None

    @property
    def lines(self) -> list[Line]:
        """The contour that was clicked first."""
        return [] if self._first is None else [(own_points(self._first), False)]

    def press(self, point_lps: ArrayLike, plane: Plane) -> Finished | None:
        """Take the first contour, or join it with this one.

        Raises:
            UsageError: when the contour is closed.
        """
        roi, first = self.target, self._first
        index = contour_at(roi, point_lps, plane, self.grab_mm, self.depth_mm)
        if roi is None or index is None:
            self.cancel()
            return None
        contour = roi.contours[index]
        if contour.is_closed or len(contour.points_lps) < 2:
            raise UsageError("only open contours can be joined", remedy="areas are united with the brush, or as ROIs")
        places = [n for n, one in enumerate(roi.contours) if one is first]
        if first is None or not places:
            self._first = contour
            return None
        self._roi = roi
        if contour is first:
            return self._done({index: (reshaping.closed_up(contour),)}, "Close contour of")
        return self._done({places[0]: (reshaping.joined(first, contour),), index: ()}, "Join contours of")

    def cancel(self) -> None:
        """Forget the first contour."""
        super().cancel()
        self._first = None


def delete_chosen(session: Session, selection: ContourSelection) -> str | None:
    """Delete the chosen contours, as one undo step; the edit's name, None where none are chosen."""
    roi = _roi_of(session, selection)
    chosen = selection.indices(roi)
    if roi is None or not chosen:
        return None
    return commit_roi(session, without(roi, chosen), f"{_counted('Delete', chosen)} of {roi.name}")


def reverse_chosen(session: Session, selection: ContourSelection) -> str | None:
    """Turn the direction of the chosen contours round; the edit's name, None where none are chosen."""
    roi = _roi_of(session, selection)
    chosen = selection.indices(roi)
    if roi is None or not chosen:
        return None
    changed = {index: (reshaping.reverse(roi.contours[index]),) for index in chosen}
    return commit_roi(session, reshaping.with_contours(roi, changed), f"{_counted('Reverse', chosen)} of {roi.name}")


def join_chosen(session: Session, selection: ContourSelection) -> str | None:
    """Join the two chosen contours by their nearest ends.

    Raises:
        UsageError: unless two open contours are chosen.
    """
    roi = _roi_of(session, selection)
    chosen = selection.indices(roi)
    if roi is None or len(chosen) != 2:
        raise UsageError("two open contours must be chosen", remedy="Ctrl+click them with the tool Select")
    try:
        joined = reshaping.joined(*(roi.contours[index] for index in chosen))
    except ValueError as error:
        raise UsageError(str(error), remedy="choose two open contours") from error
    changed = reshaping.with_contours(roi, {chosen[0]: (joined,), chosen[1]: ()})
    return commit_roi(session, changed, f"Join contours of {roi.name}")


def _counted(verb: str, chosen: tuple[int, ...]) -> str:
    return f"{verb} contour" if len(chosen) == 1 else f"{verb} {len(chosen)} contours"


def _roi_of(session: Session, selection: ContourSelection) -> Roi | None:
    current = session.structure_set
    if current is None or selection.roi is None:
        return None
    return next((one for one in current.rois if one.number == selection.roi), None)
