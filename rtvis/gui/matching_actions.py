"""Structure sets whose images aren't here: shown where they fit by geometry, their references repaired in a copy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QWidget

from rtvis.app.repairing import write_repaired
from rtvis.app.session import Session
from rtvis.gui.background import BackgroundTasks
from rtvis.gui.edit_actions import free_path
from rtvis.gui.messages import ask
from rtvis.gui.opening_actions import OpeningActions
from rtvis.gui.paths import ask_save
from rtvis.model.errors import RtvisError

if TYPE_CHECKING:
    from rtvis.app.matched_set import GeometricFit
    from rtvis.model.problem import Problem
    from rtvis.model.progress import Report
    from rtvis.model.structure_set import StructureSet
    from rtvis.model.study import Study

LISTED = 8
"""Structure sets that one question names; of more it tells how many."""
NOTHING_CHANGES = "No file is changed. The report says that it was matched by geometry."


class MatchingActions(QObject):
    """`said` carries a passing line, `failed` an error.

    Args:
        session: whose structure sets are matched and repaired.
        tasks: where the work runs.
        opening: opens a repaired copy.
        saved_first: saves what is unsaved before what its argument names; False when it isn't, and the file isn't
            what is seen.
        window: parent of dialogs.
    """

    said = Signal(str)
    failed = Signal(object)

    def __init__(
        self,
        session: Session,
        tasks: BackgroundTasks,
        opening: OpeningActions,
        saved_first: Callable[[str], bool],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._session = session
        self._tasks = tasks
        self._opening = opening
        self._saved_first = saved_first
        self._window = window
        self._wanted: Path | None = None
        opening.ended.connect(self._opening_ended)

    # --- match by geometry -----------------------------------------------------------------------------------------

    @property
    def unmatched(self) -> tuple[StructureSet, ...]:
        """Structure sets whose images aren't here, though images are."""
        return tuple(one for one in self._session.structure_sets if one.volume is None and self._session.study.volumes)

    def study_shown(self, _study: Study) -> None:
        """A study was opened: ask once about what fits by geometry, or show the copy that it was opened for."""
        copy, self._wanted = self._wanted, None
        if copy is None:
            self._look(asked=False)
        for one in self._session.structure_sets if copy is not None else ():
            if one.path is not None and one.path.resolve() == copy:
                self._session.activate_structure_set(one.key)

    def match(self) -> None:
        """From the menu: the same question, and where nothing fits it says so."""
        if self.unmatched:
            self._look(asked=True)
        else:
            self.said.emit("No structure set here is without its images")

    def _look(self, *, asked: bool) -> None:
        sets, study = self.unmatched, self._session.study
        if not sets:
            return

        def work(_report: Report) -> list[GeometricFit]:
            from rtvis.app.matched_set import fits_by_geometry  # noqa: PLC0415  (loads in the thread)

            return fits_by_geometry(sets, study.volumes)

        def done(fits: list[GeometricFit]) -> None:
            if study.volumes is not self._session.study.volumes:
                return  # another study came meanwhile
            if fits:
                text, detail = _question(fits)
                ask(self._window, text, detail, ("Show it there", "Leave it"), lambda: self._show(study, fits))
            elif asked:
                self.said.emit("By geometry it fits none of the images that are open")

        self._tasks.start("Comparing contours with images", work, done)

    def _show(self, study: Study, fits: Sequence[GeometricFit]) -> None:
        if study.volumes is not self._session.study.volumes:
            return
        shown, still = 0, {one.key for one in self.unmatched}  # one may have been recovered with its images meanwhile
        for fit in reversed([one for one in fits if one.matched.key in still]):  # the first is active in the end
            try:
                self._session.show_on(fit.matched)
            except RtvisError as error:
                self.failed.emit(error)
            else:
                shown += 1
        if shown:
            self.said.emit("Matched by geometry; no file was changed")

    # --- repair ----------------------------------------------------------------------------------------------------

    def repair(self) -> None:
        """Save what is unsaved, tell what a repair of the active set's references would mend, and ask for the copy."""
        current = self._session.structure_set if self._saved_first("repairing its references") else None
        if current is None:
            return

        def work(_report: Report) -> str:
            from rtvis.app.repairing import planned_repair  # noqa: PLC0415  (loads in the thread)

            return planned_repair(current)

        self._tasks.start("Looking at references", work, lambda plan: self._ask_repair(current, plan))

    def _ask_repair(self, current: StructureSet, plan: str) -> None:
        original = current.path.name if current.path is not None else "the original"
        text = f"Write a copy of '{current.label}' with mended references?"
        detail = f"In the copy: {plan}. Points and types stay as they are, and {original} is not changed."
        ask(self._window, text, detail, ("Choose a file…", "Cancel"), lambda: self._choose_file(current))

    def _choose_file(self, current: StructureSet) -> None:
        name = str(free_path(current, "repaired"))
        path = ask_save(self._window, "Write the repaired copy", name, "DICOM (*.dcm);;All files (*)")
        if path:
            self.repair_to(current, Path(path))

    def repair_to(self, current: StructureSet, path: Path) -> None:
        """Write the copy to a file that isn't there yet, and offer to open it."""

        def work(_report: Report) -> list[Problem]:
            return write_repaired(current, path)

        self._tasks.start("Writing the repaired copy", work, lambda done: self._offer_copy(path, done), lasting=True)

    def _offer_copy(self, path: Path, done: Sequence[Problem]) -> None:
        told = "\n".join(f"{one.message[:1].upper()}{one.message[1:]}." for one in done[:LISTED])
        ask(
            self._window,
            f"{path.name} is written. Open it?",
            f"{told}\n{path}",
            ("Open the copy", "Not now"),
            lambda: self._open(path),
        )

    def _open(self, path: Path) -> None:
        place, paths = path.resolve(), list(self._opening.paths)
        if not any(place.is_relative_to(Path(one).resolve()) for one in paths):
            paths.append(str(path))
        self._wanted = place
        self._opening.open_asking(paths)
        if not self._opening.is_busy:
            self._wanted = None  # what is open was not let go

    def _opening_ended(self) -> None:
        self._wanted = None


def _question(fits: Sequence[GeometricFit]) -> tuple[str, str]:
    """What is asked about structure sets that fit by geometry, and the details."""
    if len(fits) == 1:
        text = f"'{fits[0].matched.label}' names images that aren't here. It fits {_images(fits[0])}. Show it there?"
        return text, NOTHING_CHANGES
    lines = [f"'{fit.matched.label}' fits {_images(fit)}" for fit in fits[:LISTED]]
    if len(fits) > LISTED:
        lines.append(f"… and {len(fits) - LISTED} more")
    text = f"{len(fits)} structure sets name images that aren't here. By geometry they fit others. Show them there?"
    return text, "\n".join([*lines, NOTHING_CHANGES])


def _images(fit: GeometricFit) -> str:
    volume = fit.matched.volume
    assert volume is not None
    name = f"{volume.modality} {volume.description}".strip()
    distance = f"with {fit.residual_mm:.3f} mm between its contours and the image planes"
    return f"{name} ({len(volume.slices)} images) {distance}"
