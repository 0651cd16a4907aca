"""Undo and redo over persistent values: a history keeps values, not recipes, so undo is a pointer.

    history = History(structure_set, max_steps=200, cost=edit_bytes)
    history.apply("Draw contour", structure_set.with_roi(roi))
    history.undo()          # "Draw contour"; history.value is the first structure set again, the very same object

Nothing here knows a toolkit. Who shows the value listens to whoever calls `apply`, `undo` and `redo`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Generic, TypeVar

from rtvis.model.structure_set import StructureSet

T = TypeVar("T")

DEFAULT_MAX_STEPS = 1_000_000
"""More than a person makes: what bounds a history is its memory."""

DEFAULT_MAX_BYTES = 256 * 1024 * 1024
"""A redrawn contour of 200 points costs about 7 kB: room for some 35,000 of them."""

STEP_BYTES = 400
"""What a step keeps alive besides points: itself, a structure set, an ROI, their places in lists."""


@dataclass(frozen=True, slots=True)
class Step:
    """One edit: its name, the value before it, the value after it, what keeping it costs, and when it was made."""

    name: str
    before: object
    after: object
    cost: int
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


class History(Generic[T]):
    """What was done to a value, and the way back.

    Values must not be changed in place: the history hands out the very objects that it was given.

    Args:
        value: where it starts.
        max_steps: how many edits can be undone at most; the oldest are forgotten first.
        max_bytes: how much the kept edits may cost together. The last edit can always be undone, whatever it costs.
        cost: what one edit keeps alive, in bytes, from the values before and after it; nothing counts without it.
        saved: whether the first value counts as saved.

    Raises:
        ValueError: when a bound is not positive.
    """

    def __init__(
        self,
        value: T,
        *,
        max_steps: int = DEFAULT_MAX_STEPS,
        max_bytes: int = DEFAULT_MAX_BYTES,
        cost: Callable[[T, T], int] | None = None,
        saved: bool = True,
    ) -> None:
        if max_steps < 1 or max_bytes < 1:
            raise ValueError(f"a history of {max_steps} steps and {max_bytes} bytes can't undo anything")
        self._value = value
        self._max_steps = max_steps
        self._max_bytes = max_bytes
        self._cost = cost
        self._undo: list[Step] = []  # oldest first
        self._redo: list[Step] = []  # next one last
        self._undo_cost = 0
        self._forgotten = 0
        # The value that was saved, in a tuple, since None may be a value; compared by identity, never by content.
        self._saved: tuple[T] | None = (value,) if saved else None

    @property
    def value(self) -> T:
        """The value as it is now."""
        return self._value

    @property
    def can_undo(self) -> bool:
        """Whether there is an edit to take back."""
        return bool(self._undo)

    @property
    def can_redo(self) -> bool:
        """Whether there is an edit that was taken back and can be done again."""
        return bool(self._redo)

    @property
    def undo_name(self) -> str | None:
        """The name of the edit that `undo` would take back."""
        return self._undo[-1].name if self._undo else None

    @property
    def redo_name(self) -> str | None:
        """The name of the edit that `redo` would do again."""
        return self._redo[-1].name if self._redo else None

    @property
    def place(self) -> int:
        """How many of the kept edits are done: `step(place - 1)` is what `undo` would take back."""
        return len(self._undo)

    @property
    def step_count(self) -> int:
        """How many edits are kept, those that were taken back included."""
        return len(self._undo) + len(self._redo)

    @property
    def forgotten(self) -> int:
        """How many edits are no longer kept, since together they cost too much."""
        return self._forgotten

    def step(self, index: int) -> Step:
        """One of the kept edits, oldest first.

        Raises:
            IndexError: when there is none.
        """
        if not 0 <= index < self.step_count:
            raise IndexError(f"of {self.step_count} steps there is no {index}")
        done = len(self._undo)
        return self._undo[index] if index < done else self._redo[done - index - 1]

    @property
    def is_saved(self) -> bool:
        """Whether the value is the one that was last marked as saved, also when undo or redo led back to it."""
        return self._saved is not None and self._saved[0] is self._value

    def apply(self, name: str, value: T) -> T:
        """Make an edit: `value` is the value now, and what was undone before can't be redone any more.

        Giving the very object that is the value already isn't an edit and changes nothing.

        Args:
            name: of the edit, as a menu shows it (``Draw contour``).
            value: the new value.

        Returns:
            `value`, for chaining.
        """
        if value is self._value:
            return value
        cost = 0 if self._cost is None else max(0, self._cost(self._value, value))
        self._redo.clear()
        self._undo.append(Step(name, self._value, value, cost))
        self._undo_cost += cost
        self._value = value
        self._forget_oldest()
        return value

    def undo(self) -> str | None:
        """Take the last edit back.

        Returns:
            Its name, or None when there is nothing to take back.
        """
        if not self._undo:
            return None
        step = self._undo.pop()
        self._undo_cost -= step.cost
        self._redo.append(step)
        self._value = step.before  # type: ignore[assignment]  # a step of this history holds T
        return step.name

    def redo(self) -> str | None:
        """Do the edit again that was last taken back.

        Returns:
            Its name, or None when there is none.
        """
        if not self._redo:
            return None
        step = self._redo.pop()
        self._undo.append(step)
        self._undo_cost += step.cost
        self._value = step.after  # type: ignore[assignment]  # a step of this history holds T
        return step.name

    def go_to(self, place: int) -> None:
        """Take edits back, or do them again, until `place` of them are done.

        Raises:
            IndexError: when there are fewer.
        """
        if not 0 <= place <= self.step_count:
            raise IndexError(f"of {self.step_count} steps {place} can't be done")
        while self.place > place:
            self.undo()
        while self.place < place:
            self.redo()

    def mark_saved(self) -> None:
        """Remember that the value as it is now is safely stored."""
        self._saved = (self._value,)

    def _forget_oldest(self) -> None:
        surplus = 0
        while len(self._undo) - surplus > self._max_steps or (
            self._undo_cost > self._max_bytes and surplus < len(self._undo) - 1
        ):
            self._undo_cost -= self._undo[surplus].cost
            surplus += 1
        if surplus:
            del self._undo[:surplus]
            self._forgotten += surplus


def edit_bytes(before: StructureSet, after: StructureSet) -> int:
    """What undoing one edit of a structure set keeps alive: the points that only the value before the edit has.

    Only ROIs that the edit changed are looked into, so that it costs no more than the edit.

    Points that both values share cost nothing, which is what makes a history of structure sets cheap.
    """
    same = {id(roi) for roi in after.rois} & {id(roi) for roi in before.rois}
    kept = {id(one.points_lps) for roi in after.rois if id(roi) not in same for one in roi.contours}
    cost = STEP_BYTES + 8 * len(after.rois)
    for roi in before.rois:
        if id(roi) not in same:
            cost += 8 * len(roi.contours)
            dropped = {id(one.points_lps): one.points_lps.nbytes for one in roi.contours}
            cost += sum(size for key, size in dropped.items() if key not in kept)
    return cost
