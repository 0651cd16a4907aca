"""Work that was left behind by a sudden end: offered at the start, restored, discarded, or kept for later."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QWidget

from rtvis.app.session import Session
from rtvis.gui.messages import confirm
from rtvis.gui.opening_actions import OpeningActions
from rtvis.gui.recovery_dialog import RecoveryDialog
from rtvis.model.errors import InputError, RtvisError

if TYPE_CHECKING:
    from rtvis.editing.journal_folder import Unsaved
    from rtvis.model.study import Study


class RecoveryActions(QObject):
    """Acts on the session's journals; `said` carries a passing line, `failed` an error.

    Args:
        session: whose journals are looked through.
        opening: opens the images that restored work belongs to.
        window: parent of dialogs.
    """

    said = Signal(str)
    failed = Signal(object)

    def __init__(self, session: Session, opening: OpeningActions, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._opening = opening
        self._window = window
        self._wanted: Unsaved | None = None
        self._offer_due = False
        self.dialog: RecoveryDialog | None = None
        opening.ended.connect(self._opening_ended)

    def offer(self) -> None:
        """At the start: offer what is there, once nothing is being opened any more; nothing where nothing is."""
        if self._opening.is_busy:
            self._offer_due = True
        elif works := self._session.recoverable():
            self._show(works)

    def show(self) -> None:
        """From the menu: the same, and where nothing is there it says so."""
        works = self._session.recoverable()
        if works:
            self._show(works)
        else:
            self.said.emit("There is no unsaved work of an earlier time")

    def _show(self, works: list[Unsaved]) -> None:
        if self.dialog is not None:
            return
        here = {one.series_instance_uid for one in self._session.study.volumes}
        works.sort(key=lambda one: one.source.series_instance_uid not in here)  # what fits what is open comes first
        self.dialog = RecoveryDialog(works, self._window)
        self.dialog.restore.connect(self.restore)
        self.dialog.discard.connect(self._discard)
        self.dialog.finished.connect(self._closed)
        self.dialog.open()

    def _closed(self) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
            self.dialog = None

    # --- restore ---------------------------------------------------------------------------------------------------

    def restore(self, work: Unsaved) -> None:
        """Have work back; its study is opened first where it isn't open."""
        if self._is_open(work):
            self._recover(work)
            return
        paths = [str(path) for path in _sources(work) if os.path.exists(path)]  # noqa: PTH110  (Path's may raise)
        if not paths:
            named = next(iter(_sources(work)), None)
            self.failed.emit(
                InputError(
                    "what was edited is not there any more",
                    path=named,
                    remedy=f"put it back and start again; the edits are kept in {work.journal}",
                )
            )
            return
        self._wanted = work
        self._opening.open_asking(paths)
        if not self._opening.is_busy:
            self._wanted = None  # what is open was not let go

    def _is_open(self, work: Unsaved) -> bool:
        study, source = self._session.study, work.source
        if source.series_instance_uid:
            return any(one.series_instance_uid == source.series_instance_uid for one in study.volumes)
        return any(one.path is not None and one.path.absolute() == source.path for one in study.structure_sets)

    def study_shown(self, _study: Study | None = None) -> None:
        """What was opened is there: go on with what it was opened for."""
        work, self._wanted = self._wanted, None
        if work is not None:
            self._recover(work)

    def _opening_ended(self) -> None:
        self._wanted = None  # it can't be opened, which was told, or opening was cancelled
        if self._offer_due:
            self._offer_due = False
            self.offer()

    def _recover(self, work: Unsaved) -> None:
        try:
            self._session.recover(work)
        except RtvisError as error:
            self.failed.emit(error)
        else:
            count = f"{work.edits} edit" + ("" if work.edits == 1 else "s")
            self.said.emit(f"Restored {count} of {work.label or 'the structure set'}; save when it is as it should be")

    # --- discard ---------------------------------------------------------------------------------------------------

    def _discard(self, work: Unsaved) -> None:
        count = f"{work.edits} edit" + ("" if work.edits == 1 else "s")
        if not confirm(
            self._window, f"Discard {count} of {work.label or 'a structure set'}?", "They can't be had back.", "Discard"
        ):
            return
        try:
            self._session.give_up(work)
        except RtvisError as error:
            self.failed.emit(error)
            return
        if self.dialog is not None:
            self.dialog.forget(work)


def _sources(work: Unsaved) -> list[Path]:
    """Where the images and the structure set are that were edited, images first."""
    images, path = work.source.images, work.source.path
    return [one for one in (images, path) if one is not None and not (one is path and path.parent == images)]
