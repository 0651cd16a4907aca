"""Lays the contours of all ROIs out together, in the background, for cutting them in a third of the time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, QTimer

from rtvis.gui.background import BackgroundTasks, Task
from rtvis.scene.contour_lines import ContourLines, JointIndex

if TYPE_CHECKING:
    from rtvis.model.progress import Report

QUIET_MS = 400
"""Edits come in bursts: they are over when nothing came for this long."""


class ContourJoining(QObject):
    """Keeps the joint index of a window's contours up to date.

    Args:
        lines: what is cut.
        tasks: where the index is made.
        parent: the views.
    """

    def __init__(self, lines: ContourLines, tasks: BackgroundTasks, parent: QObject) -> None:
        super().__init__(parent)
        self._lines = lines
        self._tasks = tasks
        self._task: Task | None = None
        self.quiet = QTimer(self)
        self.quiet.setSingleShot(True)
        self.quiet.setInterval(QUIET_MS)
        self.quiet.timeout.connect(self.join)

    def rois_changed(self) -> None:
        """Others are shown, or they were edited: join them anew once that is over.

        What is being made is given up: it would be of what was shown before, of a study that was closed perhaps.
        """
        if self._task is not None:
            self._task.cancel()
        self.quiet.start()

    def join(self) -> None:
        """Make the index now, in a thread, where it is worth it."""
        if self._task is not None and self._task in self._tasks.running:
            self.quiet.start()
            return
        rois = self._lines.unjoined
        if rois:

            def work(report: Report) -> JointIndex:
                return JointIndex(rois, report)

            self._task = self._tasks.start("Laying out contours", work, self._lines.set_joint)

    def stop(self) -> None:
        """Make none any more."""
        self.quiet.stop()
        if self._task is not None:
            self._task.cancel()
            self._task = None
