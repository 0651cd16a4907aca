"""What becomes of unsaved work, and of work under way, when another study comes or the window closes."""

from __future__ import annotations

import logging

from qtpy.QtCore import QObject
from qtpy.QtWidgets import QApplication, QWidget

from rtvis.app.session import Session
from rtvis.gui.background import BackgroundTasks
from rtvis.gui.edit_actions import EditActions
from rtvis.gui.messages import ask_unsaved, confirm

log = logging.getLogger(__name__)


class Leaving(QObject):
    """Asks before unsaved work goes.

    What a person lets go with "Don't save" leaves the journal too, when what is open goes and not before; what is kept
    for later stays there.
    """

    def __init__(self, session: Session, edits: EditActions, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._edits = edits
        self._window = window
        self._asking = False
        self._asked_again = False
        self._ending = False
        self._discarding = False

    def may_lose_edits(self) -> bool:
        """Whether what is open may go: nothing is unsaved, or it was saved now, or the person lets it go."""
        self._discarding = False
        if not (self._session.unsaved or self._edits.is_working) or (self._ending and self._session.is_kept):
            return True
        self._asking = True
        try:
            answer = ask_unsaved(self._window, may_keep=self._session.is_kept)
            self._discarding = answer == "discard"
            return answer in {"discard", "keep"} or (answer == "save" and self._save_all()) or self._asked_again
        finally:
            self._asking = False
            self._ending = False

    def may_stop(self, tasks: BackgroundTasks) -> bool:
        """Whether the window may close: nothing is being written or sent, or the person lets it be stopped."""
        wanted = [one for one in tasks.running if one.lasting and not one.cancelled]
        if not wanted or self._ending:
            return True
        task = wanted[-1]
        return confirm(
            self._window, f"{task.label} is under way.", f"Closing stops it: {task.if_stopped}.", "Stop and close"
        )

    def let_go(self) -> None:
        """What is open goes now."""
        if self._discarding:
            self._discarding = False
            self._session.discard_unsaved()

    def end(self) -> None:
        """Close the window because the terminal or the system says so (Ctrl-C, SIGTERM).

        Work that is in its journal is offered at the next start, and nothing is asked. Where edits are not on disk, the
        person is asked once; when it is said again while the question stands, the window closes.
        """
        self._ending = True
        if self._session.unsaved and self._session.is_kept:
            log.warning("unsaved work is kept; rtvis offers it at the next start")
        self._asked_again = self._asking
        while (dialog := QApplication.activeModalWidget()) is not None and dialog.close():
            dialog.hide()
        if not self._asking:
            self._window.close()

    def _save_all(self) -> bool:
        """Save every structure set with edits; False as soon as one wasn't."""
        if self._edits.is_working and not self._session.unsaved:
            return self._edits.save()  # which tells that something is still being worked out
        return all(self._save_one(key) for key in self._session.unsaved_sets)

    def _save_one(self, key: str) -> bool:
        current = self._session.structure_set
        if current is None or current.key != key:
            self._session.activate_structure_set(key)
        return self._edits.save()
