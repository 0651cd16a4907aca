"""Shows what another window measures in the same study, as soon as it does."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, QFileSystemWatcher, QObject, QTimer

from rtvis.gui.feature import Feature

if TYPE_CHECKING:
    from rtvis.gui.main_window import MainWindow

SETTLE_MS = 100
"""A file that is written whole is a new one, then another name: both are told of."""


class MeasurementsShared(Feature):
    """Has the session look again when the folder of measurements changes, and when the window is turned to.

    The folder is watched rather than its files: each is a new one whenever it is written. On a network disk the system
    doesn't tell what other computers write; there the second way is what helps. Nothing is asked for again and again.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._watcher = QFileSystemWatcher(self)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SETTLE_MS)
        self._timer.timeout.connect(self.session.measurements.refresh)
        self._watcher.directoryChanged.connect(self._timer.start)
        self.session.study_changed.connect(self._watch)
        window.installEventFilter(self)

    def release(self) -> None:
        """Look no more."""
        self.window.removeEventFilter(self)
        self.session.study_changed.disconnect(self._watch)
        self._timer.stop()
        if self._watcher.directories():
            self._watcher.removePaths(self._watcher.directories())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Turning to the window."""
        if event.type() == QEvent.WindowActivate:
            self._watch()
            self._timer.start()
        return super().eventFilter(watched, event)

    def _watch(self) -> None:
        """Begin to watch, once something is open that may be measured; a folder that was removed is watched anew."""
        folder = self.session.measurements.folder
        if folder is None or not self.window.has_study or self._watcher.directories():
            return
        with suppress(OSError):  # where it can't be made, what is measured says so
            folder.mkdir(parents=True, exist_ok=True)
            self._watcher.addPath(str(folder))
