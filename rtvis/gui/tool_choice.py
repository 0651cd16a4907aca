"""Which tool the mouse is, in all views at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal

from rtvis.app.tools_active import ActiveTool
from rtvis.model.errors import RtvisError

if TYPE_CHECKING:
    from collections.abc import Callable

    from rtvis.app.session import Session
    from rtvis.app.tools import Finished, Tool
    from rtvis.app.tools_catalogue import ToolInfo


class ToolChoice(QObject):
    """The window's active tool (`active`), its signals as Qt's.

    `changed` follows a choice, `previewed` each change of what is being drawn, `options_changed` those of the options,
    `steps_changed` those of what undo and redo mean meanwhile; `refused` carries why nothing could be begun.
    """

    changed = Signal()
    previewed = Signal()
    options_changed = Signal()
    steps_changed = Signal()
    refused = Signal(object)

    def __init__(self, parent: QObject | None = None, session: Session | None = None) -> None:
        super().__init__(parent)
        self.active = ActiveTool(session)
        self.active.changed.connect(self._tell_changed)
        self.active.previewed.connect(self._tell_previewed)
        self.active.options_changed.connect(self._tell_options)
        self.active.steps_changed.connect(self._tell_steps)

    def release(self) -> None:
        """Let go of the session."""
        self.active.changed.disconnect(self._tell_changed)
        self.active.previewed.disconnect(self._tell_previewed)
        self.active.options_changed.disconnect(self._tell_options)
        self.active.steps_changed.disconnect(self._tell_steps)
        self.active.release()

    @property
    def info(self) -> ToolInfo:
        """What is chosen."""
        return self.active.info

    @property
    def drawing(self) -> Tool | None:
        """The state machine of the active tool; None for those that only look."""
        return self.active.tool

    @property
    def key(self) -> str:
        """The active tool's key."""
        return self.active.info.key

    def choose(self, key: str) -> None:
        """Make a tool the active one; a contour that is being drawn is given up.

        Raises:
            KeyError: when there is no such tool.
        """
        self.active.choose(key)

    def feed(self, act: Callable[[], Finished | None]) -> Finished | None:
        """Let the tool have an event: what it finished, or None; why it refused goes to whoever tells (`refused`)."""
        try:
            return act()
        except RtvisError as error:
            self.refused.emit(error)
            return None

    def _tell_changed(self) -> None:
        self.changed.emit()

    def _tell_previewed(self) -> None:
        self.previewed.emit()

    def _tell_options(self) -> None:
        self.options_changed.emit()

    def _tell_steps(self) -> None:
        self.steps_changed.emit()
