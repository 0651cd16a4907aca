"""What changes or stores a structure set: drawing, undo, save."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

from qtpy.QtCore import QBuffer, QIODevice, QObject, Signal
from qtpy.QtGui import QPixmap
from qtpy.QtWidgets import QApplication, QWidget

from rtvis.app.commits import commit, takes_long
from rtvis.app.roi_edits import delete_last_contour, roi_text
from rtvis.app.saving import history_path
from rtvis.app.session import Session
from rtvis.app.tools import Drawn, Finished, Painted, ToPaint
from rtvis.app.tools_active import ActiveTool
from rtvis.dicom.files import written_whole
from rtvis.geometry.curve_planes import LAYER_TOLERANCE_MM
from rtvis.gui.background import BackgroundTasks
from rtvis.gui.paths import ask_save
from rtvis.gui.tool_strokes import StrokeQueue
from rtvis.model.errors import RtvisError, UsageError
from rtvis.model.structure_set import StructureSet

if TYPE_CHECKING:
    from rtvis.geometry.plane import Depth

PATTERN = "DICOM (*.dcm);;All files (*)"
SAVE_TITLE = "Save structure set"


class EditActions(QObject):
    """Acts on the session and tells how it went: `said` carries a line for the status bar, `failed` an error.

    `saved` follows each set that was saved, `working` what `is_working` tells.
    """

    working = Signal()
    saved = Signal()
    said = Signal(str)
    failed = Signal(object)

    def __init__(self, session: Session, active: ActiveTool, tasks: BackgroundTasks, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._active = active
        self._strokes = StrokeQueue(session, tasks, self)
        self._strokes.changed.connect(self.working)
        self._strokes.said.connect(self.said)
        self._strokes.failed.connect(self.failed)
        self._window = window
        self._saved_to: dict[str, Path] = {}
        self._written: dict[Path, tuple[int, ...]] = {}  # what the files looked like when they were saved here

    @property
    def saved_paths(self) -> tuple[Path, ...]:
        """Where structure sets were saved from this window."""
        return tuple(self._saved_to.values())

    def path_of(self, current: StructureSet) -> Path | None:
        """The file of a set: where this window saved it last, or where it was opened from; None where there is none."""
        return self._saved_to.get(current.key) or current.path

    def forget(self) -> None:
        """Another study was opened."""
        self._strokes.clear()
        self._saved_to.clear()
        self._written.clear()

    def commit(self, drawn: Finished, *, tolerance_mm: Depth = LAYER_TOLERANCE_MM) -> None:
        """Make what a tool finished one undo step: a contour or an area of the active ROI, or of a new one.

        Args:
            drawn: what the tool gave.
            tolerance_mm: see `rtvis.app.commits.commit`.
        """
        if not isinstance(drawn, Drawn):
            try:
                if self._takes_long(drawn):
                    self._strokes.add(drawn, tolerance_mm)
                    return
                name = commit(self._session, drawn, tolerance_mm=tolerance_mm)
            except RtvisError as error:
                self.failed.emit(error)
            except ValueError as error:
                self.failed.emit(UsageError(f"nothing was changed: {error}", remedy="try it again, a little larger"))
            else:
                self.said.emit(name or "Nothing changed")
            return
        fresh = self._session.active_roi is None
        try:
            contour = self._session.add_contour(drawn.points, closed=drawn.closed)
        except ValueError as error:
            self.failed.emit(UsageError(f"nothing was added: {error}", remedy="draw it again, a little larger"))
            return
        except RtvisError as error:
            self.failed.emit(error)
            return
        current, number = self._session.structure_set, self._session.active_roi
        name = current.roi(number).name if current is not None and number is not None else ""
        kind = contour.geometric_type
        points = len(contour.points_lps)
        where = f"New {roi_text(name)}" if fresh else f"Added to {name}"
        self.said.emit(f"{where}: {kind}, {points} point" + ("" if points == 1 else "s"))

    @property
    def is_working(self) -> bool:
        """Whether something that was drawn isn't an edit yet: it is still being worked out."""
        return self._strokes.is_busy

    def _takes_long(self, drawn: Finished) -> TypeGuard[Painted | ToPaint]:
        current, number = self._session.structure_set, self._session.active_roi
        roi = None if current is None or number is None else current.roi(number)
        return isinstance(drawn, Painted | ToPaint) and (self._strokes.is_busy or takes_long(drawn, roi))

    def undo(self) -> None:
        """Take the last point back of what is being built; otherwise the last edit, and show where it was."""
        if self._active.step_back():
            return
        if self._strokes.cancel_last():
            self.said.emit("The stroke that was being worked out is given up")
            return
        try:
            name = self._session.undo()
        except RtvisError as error:  # of a locked ROI
            self.failed.emit(error)
            return
        self._go_there(name)
        self.said.emit(f"Undone: {name}" if name else "Nothing to undo")

    def redo(self) -> None:
        """Put a point forward that was taken back; otherwise do the edit again, and show where."""
        if self._active.step_forward() or self._active.undo_name is not None:
            return  # an edit is not redone beneath what is being built
        try:
            name = self._session.redo()
        except RtvisError as error:  # of a locked ROI
            self.failed.emit(error)
            return
        self._go_there(name)
        self.said.emit(f"Redone: {name}" if name else "Nothing to redo")

    def go_to_step(self, place: int) -> None:
        """Take edits back, or do them again, until so many of those that are kept are done; and show where that was."""
        history = self._session.history
        if history is not None and place != history.place:
            try:
                self._session.go_to_step(place)
            except RtvisError as error:  # of a locked ROI
                self.failed.emit(error)
                return
            self._go_there(history.undo_name or "")
            self.said.emit(f"After: {history.undo_name}" if history.undo_name else "As it was opened")

    def _go_there(self, name: str | None) -> None:
        """The linked cursor goes to where a step changed a contour."""
        place = self._session.last_change_lps
        if name is not None and place is not None:
            self._session.move_cursor(place)

    def delete_last_contour(self) -> None:
        """Delete the active ROI's last contour."""
        try:
            done = self._session.active_roi is not None and delete_last_contour(self._session, self._session.active_roi)
        except RtvisError as error:  # a locked ROI, say
            self.failed.emit(error)
            return
        if done:
            self.said.emit("Contour deleted; undo brings it back")

    # --- saving --------------------------------------------------------------------------------------------------

    def saved_first(self, doing: str) -> bool:
        """Save what is unsaved, before something is done with files; False when it isn't.

        Args:
            doing: what that is, for the title of the dialog that asks where to: "signing".
        """
        return not self._session.unsaved or self.save(f"Save the structure set before {doing}")

    def save(self, title: str = SAVE_TITLE) -> bool:
        """Save to where this window saved before; the file that was opened is not replaced without asking.

        Nor is what another window or program saved there meanwhile: it may be somebody's work.

        Args:
            title: of the dialog that asks where to, where one is needed.
        """
        current = self._session.structure_set
        if current is None:
            return False
        path = self._saved_to.get(current.key)
        if path is not None and _look(path) not in {(), self._written.get(path)}:
            title = f"{path.name} was changed since it was saved from here: choose another name, or replace it"
            chosen = ask_save(self._window, title, str(_free_beside(path)), PATTERN)
            return bool(chosen) and self.save_to(Path(chosen))
        return self.save_as(title) if path is None else self.save_to(path)

    def save_with_history(self, title: str = "Save structure set with history") -> bool:
        """Ask where to save the set together with the history of its edits; False when it wasn't saved."""
        return self.save_as(title, history=True)

    def save_as(self, title: str = SAVE_TITLE, *, history: bool = False) -> bool:
        """Ask where to save; False when it wasn't saved."""
        current = self._session.structure_set
        if current is None:
            return False
        name = str(self._saved_to.get(current.key) or suggested_path(current))
        path = ask_save(self._window, title, name, PATTERN)
        return bool(path) and self.save_to(Path(path), history=history)

    def save_to(self, path: Path, *, history: bool = False) -> bool:
        """Save the active structure set; errors are told, and nothing half-written is left.

        With `history`, what was done to it since it was opened is saved beside it.
        """
        current = self._session.structure_set
        assert current is not None
        if self._strokes.is_busy:
            self.failed.emit(
                UsageError("a stroke is still being worked out", remedy="wait for it, or undo it; then save")
            )
            return False
        try:
            warnings = self._session.save(path, overwrite=True, history=history)
        except RtvisError as error:
            self.failed.emit(error)
            return False
        self._saved_to[current.key] = path
        self._written[path] = _look(path)
        self.saved.emit()
        remarks = f"; 1 remark: {warnings[0].message}" if warnings else ""
        if len(warnings) > 1:
            remarks = f"; {len(warnings)} remarks are in the Report, such as: {warnings[0].message}"
        beside = ""
        if history:
            written = history_path(path)
            beside = f" with {written.name}" if written.exists() else "; nothing was edited, so there is no history"
        self.said.emit(f"Saved {path}{beside}{remarks}")
        return True

    # --- pictures ------------------------------------------------------------------------------------------------

    def copy_picture(self, picture: QPixmap) -> None:
        """Put a picture on the clipboard."""
        QApplication.clipboard().setPixmap(picture)
        self.said.emit("Picture copied")

    def save_picture(self, picture: QPixmap) -> bool:
        """Ask where to, and save a picture as PNG."""
        path = ask_save(self._window, "Save picture", "views.png", "PNG (*.png)")
        return bool(path) and self.write_picture(picture, Path(path))

    def write_picture(self, picture: QPixmap, path: Path) -> bool:
        """Write a picture as PNG, whole or not at all."""
        buffer = QBuffer()
        buffer.open(QIODevice.WriteOnly)
        picture.save(buffer, "PNG")
        try:
            with written_whole(path, overwrite=True) as handle:
                handle.write(bytes(buffer.data()))
        except RtvisError as error:
            self.failed.emit(error)
            return False
        self.said.emit(f"Saved {path}")
        return True


def suggested_path(current: StructureSet) -> Path:
    """Where a set that this window hasn't saved yet could go: beside its file under a name that is free.

    The file that was opened is somebody's plan; it is never what is offered to be written over.
    """
    return free_path(current, "edited")


def free_path(current: StructureSet, ending: str) -> Path:
    """A name that is free beside a set's file: ``rs-ENDING.dcm``, ``rs-ENDING-2.dcm`` and so on."""
    if current.path is None:
        return Path(f"{_file_name(current.label)}.dcm")
    number = 1
    while True:
        again = "" if number == 1 else f"-{number}"
        place = current.path.with_name(f"{current.path.stem}-{ending}{again}.dcm")
        if not place.exists():
            return place
        number += 1


def _free_beside(path: Path) -> Path:
    """A name that is free beside a file: ``rs-2.dcm``, ``rs-3.dcm`` and so on."""
    places = (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in count(2))
    return next(place for place in places if not place.exists())


def _look(path: Path) -> tuple[int, ...]:
    """What tells a file from one that took its place; nothing where there is none."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return (found.st_ino, found.st_size, found.st_mtime_ns)


def _file_name(label: str) -> str:
    name = "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in label)
    return name or "structure-set"
