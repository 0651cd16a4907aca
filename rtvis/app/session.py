"""What one window (or one script) has open: the study, what is shown of it, and every edit.

Toolkit-free: signals are psygnal's, and are emitted in the thread that made the change.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from psygnal import Signal

from rtvis.app.measuring import Measurements
from rtvis.app.opening import open_study
from rtvis.app.palette import ROI_PALETTE
from rtvis.app.roi_edits import free_name
from rtvis.app.safekeeping import Safekeeping
from rtvis.app.saving import previous_kept
from rtvis.app.view_state import ViewState
from rtvis.dicom.rtstruct_writer import image_references, new_structure_set, write_structure_set
from rtvis.editing.change_place import changed_place
from rtvis.editing.history import History, edit_bytes
from rtvis.model.errors import UsageError
from rtvis.model.progress import no_report
from rtvis.model.structure_set import Contour, Roi, StructureSet
from rtvis.model.study import Study

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike, NDArray

    from rtvis.editing.journal_folder import JournalFolder, Unsaved
    from rtvis.model.errors import OutputError
    from rtvis.model.problem import Problem
    from rtvis.model.progress import Report
    from rtvis.model.volume import Volume


class Session(ViewState):
    """The state behind the views: what is open, what of it is shown (`ViewState`), and every edit.

    Signals carry nothing: listeners read the attribute they are about.

    Attributes:
        last_change_lps: where the last edit, undo or redo changed a contour, ``(3,)`` LPS mm, for views to go to; None
            where it changed none.

    Args:
        journals: where every edit is written down as it is made, so that no crash loses it; None keeps none.
    """

    study_changed = Signal()
    structure_set_changed = Signal()
    """Another set is active, or the active one was edited, undone or saved."""
    journal_changed = Signal()
    """Edits are no longer on disk as soon as they are made, or are again: see `journal_failure`."""

    def __init__(self, journals: JournalFolder | None = None) -> None:
        super().__init__()
        self.study = Study()
        self.measurements = Measurements()
        self._locked: dict[str, frozenset[int]] = {}
        self.last_change_lps: NDArray[np.float64] | None = None
        self._histories: dict[str, History[StructureSet]] = {}
        self._active_set: str | None = None
        self._safe = Safekeeping(journals)
        self._told_failure: OutputError | None = None

    # --- opening -------------------------------------------------------------------------------------------------

    def open(self, paths: Iterable[str | Path], report: Report = no_report, *, suv: bool = False) -> None:
        """Open PATHs and show the first volume with its structure set; what was open before is replaced.

        With `suv`, PET values are shown as SUV by body weight where they can be (see `rtvis.app.opening.open_study`).

        Raises:
            RtvisError: when nothing in PATHs can be read; the session then stays as it was.
        """
        self.show(open_study(paths, suv=suv, report=report))

    def show(self, study: Study) -> None:
        """Show a study that is already open (one read by a background task, say).

        Edits of what was open before that were not saved stay in their journals; see `discard_unsaved`.
        """
        self._safe.end()
        self.measurements.clear()
        self.overlay.clear()
        self.study = study
        self._histories = {one.key: History(one, cost=edit_bytes) for one in study.structure_sets}
        self._locked = {}
        self._active_set = None
        self.study_changed.emit()
        matched = [one for one in study.structure_sets if one.volume is not None]
        if matched:
            self.activate_structure_set(matched[0].key)
        elif study.volumes:
            # A set whose images aren't here may be of somebody else: nothing drawn on this volume is to go into it.
            self.show_volume(study.volumes[0])
            self.activate_structure_set(None)
        else:
            self.show_volume(None)
            self.activate_structure_set(study.structure_sets[0].key if study.structure_sets else None)

    def activate_volume(self, volume_id: str) -> None:
        """Show another volume of the study, with the first structure set that was drawn on it."""
        volume = next(one for one in self.study.volumes if one.volume_id == volume_id)
        self.show_volume(volume)
        sets = [one for one in self.structure_sets if self._volume_of(one) is volume]
        self.activate_structure_set(sets[0].key if sets else None)

    def replace_volume(self, changed: Volume) -> None:
        """Take a volume of the same voxels in another unit for the one with its `volume_id`; cursor and sets stay."""
        before, cursor = self.volume, self.cursor_lps
        self.study = self.study.with_volume(changed)
        if self.overlay.volume is not None and self.overlay.volume.volume_id == changed.volume_id:
            self.overlay.replaced(changed)
        if before is not None and before.volume_id == changed.volume_id:
            self.show_volume(changed)
            self.move_cursor(cursor)
        self.study_changed.emit()

    def activate_structure_set(self, key: str | None) -> None:
        """Make the structure set with this `StructureSet.key` the one that is shown and edited, and show its volume.

        None of its ROIs is active until one is chosen: a careless stroke must not change what is there.
        """
        self._active_set = key
        structure_set = self.structure_set
        self.hidden_rois = frozenset()
        self.active_roi = None
        if structure_set is not None and structure_set.volume is not None:
            self.show_volume(self._volume_of(structure_set))
        if key is not None and structure_set is not None:
            self._safe.begin(key, structure_set, self._volume_of(structure_set))
        self.structure_set_changed.emit()
        self.active_roi_changed.emit()

    def show_on(self, matched: StructureSet) -> None:
        """Show a structure set on images that it was matched to after it was opened; no file and no point changes.

        Its undo steps end here: they lead to sets without images.

        Args:
            matched: of `rtvis.app.matched_set.fits_by_geometry`.

        Raises:
            UsageError: when it has edits that no file holds; nothing happens then.
        """
        steps = self._histories[matched.key]
        if not steps.is_saved:
            raise UsageError(f"{matched.label} was edited since it was opened", remedy="save it, then try again")
        shown = replace(steps.value, volume=matched.volume, matched_by=matched.matched_by, problems=matched.problems)
        self._safe.leave(shown.key)
        self._histories[shown.key] = History(shown, cost=edit_bytes)
        self.study = self.study.with_structure_set(shown)
        self.activate_structure_set(shown.key)
        self.study_changed.emit()

    def _volume_of(self, structure_set: StructureSet) -> Volume | None:
        header = structure_set.volume
        return next((one for one in self.study.volumes if header and one.volume_id == header.volume_id), None)

    # --- ROIs -----------------------------------------------------------------------------------------------------

    @property
    def locked_rois(self) -> frozenset[int]:
        """Numbers of ROIs of the active set that edits are refused for; this isn't saved, and undo doesn't ask."""
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

    # --- structure sets and edits --------------------------------------------------------------------------------

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
        kept = {id(one) for one in edited.rois}
        for roi in history.value.rois:
            if roi.number in self.locked_rois and id(roi) not in kept:
                raise UsageError(f"{roi.name} is locked", remedy="unlock it in the list of ROIs first")
        self.last_change_lps = changed_place(history.value, edited)
        history.apply(name, edited)
        self._write_down(name, "edit")
        self._keep_active_roi()
        self.structure_set_changed.emit()

    def undo(self) -> str | None:
        """Take back the last edit of the active set; its name, or None when there is none."""
        return self._step(forward=False)

    def redo(self) -> str | None:
        """Do again what was taken back; its name, or None when there is nothing."""
        return self._step(forward=True)

    def go_to_step(self, place: int) -> None:
        """Take edits of the active set back, or do them again, until `place` of those that are kept are done.

        One change for views and one record in the journal, however many steps it is.

        Raises:
            IndexError: when there are fewer.
        """
        history, before = self.history, self.structure_set
        if history is None or before is None or place == history.place:
            return
        forward = place > history.place
        history.go_to(place)
        self.last_change_lps = changed_place(before, history.value)
        name = f"Forward to {history.undo_name}" if forward else f"Back to {history.undo_name or 'the beginning'}"
        self._write_down(name, "redo" if forward else "undo")
        self._keep_active_roi()
        self.structure_set_changed.emit()

    def _step(self, *, forward: bool) -> str | None:
        history = self.history
        before = self.structure_set
        name = None if history is None else (history.redo() if forward else history.undo())
        if name is not None and history is not None and before is not None:
            self.last_change_lps = changed_place(before, history.value)
            self._write_down(name, "redo" if forward else "undo")
            self._keep_active_roi()
            self.structure_set_changed.emit()
        return name

    def _keep_active_roi(self) -> None:
        current = self.structure_set
        if current is None or self.active_roi not in [one.number for one in current.rois]:
            self.activate_roi(None)

    def ensure_structure_set(self, label: str = "RTVIS") -> StructureSet:
        """The active structure set; a new, empty one on the shown volume where there is none.

        Raises:
            ValueError: when no volume is shown.
        """
        if self.structure_set is not None:
            return self.structure_set
        if self.volume is None:
            raise ValueError("there is no volume to draw on")
        fresh = new_structure_set(self.volume, label)
        self._histories[fresh.key] = History(fresh, cost=edit_bytes)
        self.activate_structure_set(fresh.key)
        self.study_changed.emit()
        return fresh

    def add_roi(self, name: str, interpreted_type: str = "", color: tuple[int, int, int] | None = None) -> Roi:
        """Add an empty ROI and make it the active one; one undo step."""
        current = self.ensure_structure_set()
        roi = _new_roi(current, name, interpreted_type, color)
        self.apply(f"Add ROI {name}", current.with_roi(roi))
        self.activate_roi(roi.number)
        return roi

    def roi_to_draw_in(self) -> Roi:
        """The active ROI, or a new, empty one that isn't part of the set before something is drawn in it.

        Raises:
            ValueError: when no volume is shown and there is no set.
        """
        current = self.ensure_structure_set()
        return _new_roi(current, free_name(current)) if self.active_roi is None else current.roi(self.active_roi)

    def add_contour(self, points_lps: ArrayLike, *, closed: bool) -> Contour:
        """Add a drawn contour to the active ROI; where none is active a new one is made and is active then.

        One undo step either way.

        Args:
            points_lps: ``(n, 3)`` LPS mm, as drawn.
            closed: whether the last point joins the first.

        Returns:
            The contour as it will be saved: rounded to DS, its geometric type found from the points.

        Raises:
            ValueError: when the points make no contour (see `Contour.drawn`).
        """
        contour = Contour.drawn(points_lps, closed=closed)
        current, roi = self.ensure_structure_set(), self.roi_to_draw_in()
        if current.volume is not None:
            contour = replace(contour, images=image_references(contour.points_lps, current.volume))
        self.apply(f"Add contour to {roi.name}", current.with_roi(roi.with_contour(contour)))
        self.activate_roi(roi.number)
        return contour

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
        try:
            self._safe.saved(key, Path(path), steps.value, history=history)
        finally:
            self._tell_failure()
            self.structure_set_changed.emit()
        return warnings

    # --- nothing is lost -------------------------------------------------------------------------------------------

    @property
    def journal_failure(self) -> OutputError | None:
        """Why edits are not on disk at this moment; None when they are, or when no journals are kept."""
        return self._safe.failure

    def recoverable(self) -> list[Unsaved]:
        """Work that programs left behind that ended suddenly, latest first."""
        return self._safe.unsaved()

    def recover(self, unsaved: Unsaved) -> StructureSet:
        """Have work back: the set that was edited is active then, with all edits up to the last as one undo step.

        Args:
            unsaved: one of `recoverable()`. Its images should be open, and its structure set may be.

        Raises:
            InputError: when the set or its images can't be had; the journal stays.
        """
        base, value, journal = self._safe.recovered(unsaved, self.study)
        if base.key in self._histories and not self._histories[base.key].is_saved:
            journal.close(remove=False)
            raise UsageError("this structure set was edited since it was opened", remedy="save it, then try again")
        self._safe.adopt(base.key, journal)
        steps = History(base, cost=edit_bytes)
        steps.apply(f"Recover {unsaved.edits} edits", value)
        self._histories[base.key] = steps
        self.study = self.study.with_structure_set(base)
        self.activate_structure_set(base.key)
        self.study_changed.emit()
        return value

    def give_up(self, unsaved: Unsaved) -> None:
        """Forget work that was left behind, for good.

        Raises:
            InputError: when its journal can't be removed.
        """
        self._safe.give_up(unsaved)

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


def _new_roi(
    current: StructureSet, name: str, interpreted_type: str = "", color: tuple[int, int, int] | None = None
) -> Roi:
    number = current.next_number()
    return Roi(
        number=number,
        name=name,
        color=color or ROI_PALETTE[(number - 1) % len(ROI_PALETTE)],
        interpreted_type=interpreted_type,
        algorithm="MANUAL",
        frame_of_reference_uid=current.frame_of_reference_uid,
    )
