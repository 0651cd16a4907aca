"""What is edited: structure sets with undo and redo, locks on their ROIs, and the journals that keep it all.

Toolkit-free: signals are psygnal's, and are emitted in the thread that made the change.
"""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from psygnal import Signal

from rtvis.app.contour_grid import grid_around, holds
from rtvis.app.planes import middle_voxel_lps_mm
from rtvis.app.safekeeping import Safekeeping
from rtvis.app.saving import SavingRemarks, previous_kept
from rtvis.app.view_state import ViewState
from rtvis.dicom.rtstruct_writer import write_structure_set
from rtvis.editing.change_place import changed_place
from rtvis.editing.history import History
from rtvis.model.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from rtvis.editing.journal_folder import JournalFolder
    from rtvis.model.errors import OutputError
    from rtvis.model.problem import Problem
    from rtvis.model.structure_set import Roi, StructureSet
    from rtvis.model.volume import Volume


class EditState(ViewState):
    """Structure sets as they are now, one of them active, and what was done to each; `Session` opens them.

    Attributes:
        last_change_lps: where the last edit, undo or redo changed a contour, ``(3,)`` LPS mm, for views to go to; None
            where it changed none.

    Args:
        journals: where every edit is written down as it is made, so that no crash loses it; None keeps none.
    """

    structure_set_changed = Signal()
    """Another set is active, or the active one was edited, undone or saved."""
    journal_changed = Signal()
    """Edits are no longer on disk as soon as they are made, or are again: see `journal_failure`."""
    saving_remarks_changed = Signal()
    """A structure set was saved: see `saving_remarks`."""

    def __init__(self, journals: JournalFolder | None = None) -> None:
        super().__init__()
        self.last_change_lps: NDArray[np.float64] | None = None
        self._locked: dict[str, frozenset[int]] = {}
        self._histories: dict[str, History[StructureSet]] = {}
        self._saving_remarks: dict[str, SavingRemarks] = {}
        self._active_set: str | None = None
        self._safe = Safekeeping(journals)
        self._told_failure: OutputError | None = None
        self.structure_set_changed.connect(self._keep_contours_in)

    # --- structure sets --------------------------------------------------------------------------------------------

    @property
    def structure_sets(self) -> tuple[StructureSet, ...]:
        """All structure sets as they are now, edits included."""
        return tuple(history.value for history in self._histories.values())

    @property
    def history(self) -> History[StructureSet] | None:
        """Undo and redo of the active structure set."""
        return None if self._active_set is None else self._histories[self._active_set]

    @property
    def structure_set(self) -> StructureSet | None:
        """The active structure set, or None."""
        history = self.history
        return None if history is None else history.value

    @property
    def unsaved(self) -> bool:
        """Whether any structure set has edits that no file holds."""
        return any(not history.is_saved for history in self._histories.values())

    @property
    def unsaved_sets(self) -> tuple[str, ...]:
        """Keys (`StructureSet.key`) of the structure sets with edits that no file holds."""
        return tuple(uid for uid, history in self._histories.items() if not history.is_saved)

    @property
    def locked_rois(self) -> frozenset[int]:
        """Numbers of ROIs of the active set that edits, undo and redo are refused for; this isn't saved."""
        return self._locked.get(self._active_set or "", frozenset())

    def lock_roi(self, number: int, *, locked: bool) -> None:
        """Lock an ROI against edits, or unlock it."""
        if self._active_set is not None:
            was = self.locked_rois
            self._locked[self._active_set] = was | {number} if locked else was - {number}
            if self.locked_rois != was:
                self.visibility_changed.emit()

    def visible_rois(self) -> tuple[Roi, ...]:
        """ROIs of the active set that are not hidden."""
        current = self.structure_set
        return () if current is None else tuple(one for one in current.rois if one.number not in self.hidden_rois)

    # --- contours without images -----------------------------------------------------------------------------------

    def show_volume(self, volume: Volume | None) -> None:
        """See `ViewState.show_volume`; without one, planes are laid around the contours of the active set."""
        self._grid = None
        super().show_volume(volume)
        self._lay_grid()

    def _lay_grid(self) -> None:
        """Lay planes around contours without images; the cursor stays where it is in them."""
        current, before = self.structure_set, self._grid
        if self.volume is not None:
            return
        grid = None if current is None else grid_around(current.rois, current.frame_of_reference_uid)
        self._grid = grid
        if grid is None:
            if before is not None:
                self.volume_changed.emit()
            return
        same_frame = before is not None and before.frame_of_reference_uid == grid.frame_of_reference_uid
        if before is not None and not same_frame:
            self.view3d.frame_changed()
        if not same_frame or not bool(grid.contains(self.cursor_lps)):
            self.cursor_lps = middle_voxel_lps_mm(grid)
        self.volume_changed.emit()
        self.cursor_changed.emit()

    def _keep_contours_in(self) -> None:
        current = self.structure_set
        if self.volume is None and current is not None and not (self._grid and holds(self._grid, current.rois)):
            self._lay_grid()

    # --- edits -----------------------------------------------------------------------------------------------------

    def apply(self, name: str, edited: StructureSet) -> None:
        """Commit an edit of the active structure set as one undo step.

        Args:
            name: as the Edit menu shows it after "Undo", such as "Add contour to Liver".
            edited: the set after the edit.

        Raises:
            UsageError: when it changes a locked ROI; nothing happens then.
        """
        history = self.history
        if history is None:
            raise ValueError("no structure set is active")
        locked = self._locked_and_changed(history.value, edited)
        if locked is not None:
            raise UsageError(f"{locked.name} is locked", remedy="unlock it in the list of ROIs first")
        self.last_change_lps = changed_place(history.value, edited)
        history.apply(name, edited)
        self._write_down(name, "edit")
        self._keep_active_roi()
        self.structure_set_changed.emit()

    def undo(self) -> str | None:
        """Take back the last edit of the active set; its name, or None when there is none.

        Raises:
            UsageError: when that would change a locked ROI; nothing happens then.
        """
        return self._step(forward=False)

    def redo(self) -> str | None:
        """Do again what was taken back; its name, or None when there is nothing.

        Raises:
            UsageError: when that would change a locked ROI; nothing happens then.
        """
        return self._step(forward=True)

    def go_to_step(self, place: int) -> None:
        """Take edits of the active set back, or do them again, until `place` of those that are kept are done.

        One change for views and one record in the journal, however many steps it is.

        Raises:
            IndexError: when there are fewer.
            UsageError: when that would change a locked ROI; nothing happens then.
        """
        history, before = self.history, self.structure_set
        if history is None or before is None or place == history.place:
            return
        forward, was = place > history.place, history.place
        history.go_to(place)
        self._refuse_locked(history, before, was, "going there")
        self.last_change_lps = changed_place(before, history.value)
        name = f"Forward to {history.undo_name}" if forward else f"Back to {history.undo_name or 'the beginning'}"
        self._write_down(name, "redo" if forward else "undo")
        self._keep_active_roi()
        self.structure_set_changed.emit()

    def _step(self, *, forward: bool) -> str | None:
        history = self.history
        before = self.structure_set
        was = 0 if history is None else history.place
        name = None if history is None else (history.redo() if forward else history.undo())
        if name is not None and history is not None and before is not None:
            self._refuse_locked(history, before, was, f"{'redoing' if forward else 'undoing'} {name}")
            self.last_change_lps = changed_place(before, history.value)
            self._write_down(name, "redo" if forward else "undo")
            self._keep_active_roi()
            self.structure_set_changed.emit()
        return name

    def _refuse_locked(self, history: History[StructureSet], before: StructureSet, place: int, words: str) -> None:
        """Go back to a place in the history where the way from it changed a locked ROI."""
        locked = self._locked_and_changed(before, history.value)
        if locked is not None:
            history.go_to(place)
            raise UsageError(
                f"{words} would change {locked.name}, which is locked", remedy="unlock it in the list of ROIs first"
            )

    def _locked_and_changed(self, before: StructureSet, after: StructureSet) -> Roi | None:
        """An ROI that is locked and that an edit changes or takes away."""
        kept = {id(one) for one in after.rois}
        return next((one for one in before.rois if one.number in self.locked_rois and id(one) not in kept), None)

    def _keep_active_roi(self) -> None:
        current = self.structure_set
        if current is None or self.active_roi not in [one.number for one in current.rois]:
            self.activate_roi(None)

    # --- nothing is lost -------------------------------------------------------------------------------------------

    def save(self, path: str | Path, *, overwrite: bool = False, history: bool = False) -> list[Problem]:
        """Save the active structure set; warnings are returned. A file that is replaced stays beside it as ``NAME~``.

        Args:
            path: where to.
            overwrite: whether a file that is there may be replaced.
            history: whether what was done since the set was opened is saved beside it, as ``NAME.history``; this needs
                a session that keeps journals.

        Raises:
            ExportError: when a contour made here breaks the standard; nothing is written.
            OutputError, UsageError: when the file can't be written, or is there and `overwrite` is False.
        """
        steps, key = self.history, self._active_set
        if steps is None or key is None:
            raise ValueError("no structure set is active")
        if history and not self._safe.keeps_journals:
            raise UsageError("there is no history to save", remedy="open the set in a session that keeps journals")
        with previous_kept(path) if overwrite else nullcontext():
            warnings = write_structure_set(steps.value, path, overwrite=overwrite)
        steps.mark_saved()
        self._saving_remarks[key] = SavingRemarks(Path(path), tuple(warnings))
        try:
            self._safe.saved(key, Path(path), steps.value, history=history)
        finally:
            self._tell_failure()
            self.structure_set_changed.emit()
            self.saving_remarks_changed.emit()
        return warnings

    def saving_remarks(self, key: str) -> SavingRemarks | None:
        """What was remarked when the set with this `StructureSet.key` was saved last since it was opened."""
        return self._saving_remarks.get(key)

    @property
    def journal_failure(self) -> OutputError | None:
        """Why edits are not on disk at this moment; None when they are, or when no journals are kept."""
        return self._safe.failure

    @property
    def is_kept(self) -> bool:
        """Whether every edit that no file holds is in a journal, from which the next start can have it back."""
        return self._safe.keeps(self.unsaved_sets)

    def discard_unsaved(self) -> None:
        """Forget edits that were not saved, their journals too: what a person wants who closes without saving."""
        self._safe.end(discard=True)

    def close(self) -> None:
        """Stop writing journals; those of edits that were not saved stay, and are `recoverable` at the next start."""
        self._safe.end()

    def _write_down(self, name: str, kind: str) -> None:
        if self._active_set is not None and self.structure_set is not None:
            self._safe.record(self._active_set, name, self.structure_set, kind)
            self._tell_failure()

    def _tell_failure(self) -> None:
        failure = self._safe.failure
        if (failure is None) != (self._told_failure is None):
            self._told_failure = failure
            self.journal_changed.emit()
