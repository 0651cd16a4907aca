"""The surfaces of ROIs in 3D, computed off the window's thread once edits have been quiet for a moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, QTimer, Signal

from rtvis.surfaces.coarse_mesh import coarse_meshes
from rtvis.surfaces.roi_surface import RoiSurface, roi_surface

if TYPE_CHECKING:
    from vtkmodules.vtkCommonDataModel import vtkPolyData

    from rtvis.app.session import Session
    from rtvis.gui.background import BackgroundTasks, Task
    from rtvis.model.progress import Report
    from rtvis.model.structure_set import Roi
    from rtvis.scene.scene3d import Scene3D

    Made = tuple[Roi, RoiSurface, tuple[vtkPolyData, ...]]

QUIET_MS = 250
"""Surfaces are computed once edits have been quiet for this long."""


class SurfaceMaking(QObject):
    """Makes the surfaces that a scene lacks, and hands each to it as soon as it is there.

    `begun` follows when some are being made, `shown` each one that the scene got, `ended` when no more are coming.

    Args:
        session: whose volume tells how thick a contour without neighbours is.
        tasks: where the work runs.
        scene: what lacks surfaces.
        parent: the view.
    """

    begun = Signal()
    shown = Signal()
    ended = Signal()

    def __init__(self, session: Session, tasks: BackgroundTasks, scene: Scene3D, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._tasks = tasks
        self._scene = scene
        self._task: Task | None = None
        self.quiet = QTimer(self)
        self.quiet.setSingleShot(True)
        self.quiet.setInterval(QUIET_MS)
        self.quiet.timeout.connect(self._make)
        tasks.ended.connect(self._task_ended)

    @property
    def is_busy(self) -> bool:
        """Whether surfaces are being made."""
        return self._task is not None

    def ask(self) -> None:
        """Contours changed: make what is lacking, soon."""
        if not self._scene.rois_without_surface():
            self.cancel()  # what it makes is shown no more
        self.quiet.start()

    def cancel(self) -> None:
        """Make no more of what is being made."""
        if self._task is not None:
            self._task.cancel()

    def stop(self) -> None:
        """Make nothing any more."""
        self.quiet.stop()
        self.cancel()

    def _make(self) -> None:
        if self._task is not None:
            self.quiet.start()  # look again when the surfaces under way are there
            return
        rois = self._scene.rois_without_surface()
        if not rois:
            return

        volume = self._session.volume
        gap_mm = 1.0 if volume is None else volume.grid.spacing_mm[0]

        def work(report: Report, show: Callable[[Made], None]) -> None:
            # Small ones first: something is seen at once, and the patient's outline can wait.
            for done, roi in enumerate(sorted(rois, key=_point_count)):
                report(done, len(rois))
                surface = roi_surface(roi, single_mm=gap_mm)
                show((roi, surface, coarse_meshes(surface.mesh)))

        self._task = self._tasks.start("Making surfaces", work, lambda _none: None, self._show)
        self.begun.emit()

    def _show(self, made: Made) -> None:
        self._scene.set_surface(*made)
        self.shown.emit()

    def _task_ended(self) -> None:
        # A quick task is over before anybody could connect to it: what runs is asked, not what was heard.
        if self._task is not None and self._task not in self._tasks.running:
            self._task = None
            self.ended.emit()


def _point_count(roi: Roi) -> int:
    return sum(len(contour.points_lps) for contour in roi.contours)
