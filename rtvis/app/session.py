"""What one window (or one script) has open: the study, what is shown of it, and every edit.

Toolkit-free: signals are psygnal's, and are emitted in the thread that made the change.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from psygnal import Signal

from rtvis.app.edit_state import EditState
from rtvis.app.measurements import Measurements, frame_of, study_of
from rtvis.app.opening import open_study
from rtvis.app.palette import ROI_PALETTE
from rtvis.app.roi_edits import free_name, roi_text
from rtvis.app.types_by_names import type_by_name
from rtvis.dicom.image_references import references_of
from rtvis.dicom.rtstruct_writer import new_structure_set
from rtvis.editing.history import History, edit_bytes
from rtvis.model.errors import UsageError
from rtvis.model.progress import no_report
from rtvis.model.structure_set import Contour, Roi, StructureSet
from rtvis.model.study import Study

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike

    from rtvis.editing.journal_folder import JournalFolder, Unsaved
    from rtvis.model.progress import Report
    from rtvis.model.volume import Volume


class Session(EditState):
    """The state behind the views: what is open, what of it is shown (`ViewState`), and every edit (`EditState`).

    Signals carry nothing: listeners read the attribute they are about.

    Attributes:
        study: what is open, as it was read.
        measurements: what was measured in it.

    Args:
        journals: where every edit is written down as it is made, so that no crash loses it; None keeps none.
        measured: folder where what is measured is kept, and beside it how ROIs look in 3D and isodose levels; None
            keeps them as long as the session.
    """

    study_changed = Signal()

    def __init__(self, journals: JournalFolder | None = None, measured: Path | None = None) -> None:
        super().__init__(journals)
        self.study = Study()
        self.measurements = Measurements(measured)
        self.overlay.kept.folder = None if measured is None else measured.with_name("isodoses")
        self.view3d.kept.folder = None if measured is None else measured.with_name("roi_looks")

    # --- opening ---------------------------------------------------------------------------------------------------

    def open(self, paths: Iterable[str | Path], report: Report = no_report, *, suv: bool = False) -> None:
        """Open PATHs and show the first structure set that fits images, with these; else the first volume.

        Of several sets the one that was named as a file comes first, then the newest
        (`rtvis.app.opening.foremost_first`). What was open before is replaced.

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
        self.measurements.open((*study.volumes, *study.structure_sets))
        self.overlay.clear()
        self.study_opened()
        self.study = study
        self._histories = {one.key: History(one, cost=edit_bytes) for one in study.structure_sets}
        self._saving_remarks = {}
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
        """Take a volume of the same voxels in another unit for the one with its `volume_id`.

        Cursor and sets stay, and so does the picture: levels are those of before, in the other unit.
        """
        before, cursor = self.volume, self.cursor_lps
        self.study = self.study.with_volume(changed)
        if self.overlay.volume is not None and self.overlay.volume.volume_id == changed.volume_id:
            self.overlay.replaced(changed)
        if before is not None and before.volume_id == changed.volume_id:
            times, (width, level) = changed.value_factor / before.value_factor, self.window
            self.show_volume(changed)
            self.move_cursor(cursor)
            self.set_window(width * times, level * times)
        self.study_changed.emit()

    def activate_structure_set(self, key: str | None) -> None:
        """Make the structure set with this `StructureSet.key` the one that is shown and edited, and show its volume.

        None of its ROIs is active until one is chosen: a careless stroke must not change what is there.
        """
        self._active_set = key
        structure_set = self.structure_set
        self.hidden_rois = frozenset()
        self.active_roi = None
        self.view3d.show_set(structure_set)
        if structure_set is not None and structure_set.volume is not None:
            self.show_volume(self._volume_of(structure_set))
        else:
            self._lay_grid()
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

    # --- measuring -------------------------------------------------------------------------------------------------

    @property
    def measured_frame(self) -> str:
        """`rtvis.app.measurements.frame_of` what is shown, images or contours alone; empty without either."""
        shown = self.volume or self.structure_set
        return "" if shown is None else frame_of(shown)

    @property
    def measured_study(self) -> str:
        """`rtvis.app.measurements.study_of` what is shown; empty without anything."""
        shown = self.volume or self.structure_set
        return "" if shown is None else study_of(shown)

    # --- drawing ---------------------------------------------------------------------------------------------------

    def ensure_structure_set(self, label: str = "RTVIS") -> StructureSet:
        """The active structure set; a new, empty one on the shown volume where there is none.

        Raises:
            ValueError: when no volume is shown.
            UsageError: when a dose is shown instead of images: contours are drawn on these.
        """
        if self.structure_set is not None:
            return self.structure_set
        if self.volume is None:
            raise ValueError("there is no volume to draw on")
        if self.volume.is_dose:
            raise UsageError("a new structure set needs images, and only a dose is shown", remedy="open its images too")
        fresh = new_structure_set(self.volume, label)
        self._histories[fresh.key] = History(fresh, cost=edit_bytes)
        self.activate_structure_set(fresh.key)
        self.study_changed.emit()
        return fresh

    @property
    def may_add_rois(self) -> bool:
        """Whether there is a structure set, or images that one could be made for."""
        return self.structure_set is not None or (self.volume is not None and not self.volume.is_dose)

    def add_roi(self, name: str, interpreted_type: str = "", color: tuple[int, int, int] | None = None) -> Roi:
        """Add an empty ROI, typed by its name where that is sure, and make it the active one; one undo step."""
        current = self.ensure_structure_set()
        roi = _new_roi(current, name, interpreted_type, color)
        self.apply(f"Add {roi_text(name)}", current.with_roi(roi))
        self.activate_roi(roi.number)
        return roi

    def roi_to_draw_in(self) -> Roi:
        """The active ROI, or a new, empty one that isn't part of the set before something is drawn in it.

        Raises:
            ValueError: when no volume is shown and there is no set.
        """
        return self.fresh_roi() if self.active_roi is None else self.ensure_structure_set().roi(self.active_roi)

    def fresh_roi(self) -> Roi:
        """A new, empty ROI that isn't part of the set before something is drawn in it.

        Raises:
            ValueError: when no volume is shown and there is no set.
        """
        current = self.ensure_structure_set()
        return _new_roi(current, free_name(current))

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
        contour = replace(contour, images=references_of(current)(contour.points_lps))
        self.apply(f"Add contour to {roi.name}", current.with_roi(roi.with_contour(contour)))
        self.activate_roi(roi.number)
        return contour

    # --- what a sudden end left behind -----------------------------------------------------------------------------

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


def _new_roi(
    current: StructureSet, name: str, interpreted_type: str = "", color: tuple[int, int, int] | None = None
) -> Roi:
    number = current.next_number()
    return Roi(
        number=number,
        name=name,
        color=color or ROI_PALETTE[(number - 1) % len(ROI_PALETTE)],
        interpreted_type=interpreted_type or type_by_name(name, current.rois),
        algorithm="MANUAL",
        frame_of_reference_uid=current.frame_of_reference_uid,
    )
