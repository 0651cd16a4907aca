"""Contours of the slices that are likely to be shown next, painted while nothing else is to be done."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, QTimer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from rtvis.app.planes import ViewPlane, VolumePlanes

STILL_MS = 10
"""After a step was painted, before anything is painted ahead: the window answers first."""

SLICES_AHEAD = 3


class SliceAhead(QObject):
    """Works ahead in the direction in which a view is scrolled, a slice at a time, with the event loop in between.

    Args:
        paint: takes by how many mm the view went on last, along the normal of its plane, and paints a slice so many
            steps away, negative backwards; False where there is nothing to do.
        parent: the view.
    """

    def __init__(self, paint: Callable[[float, int], bool], parent: QObject) -> None:
        super().__init__(parent)
        self._paint: Callable[[float, int], bool] | None = paint
        self._moved_mm = self._stride_mm = 0.0
        self._step = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(STILL_MS)
        self._timer.timeout.connect(self.work)

    def moved(self, along_mm: float) -> None:
        """The view went on, along the normal of its plane, and will be painted."""
        self._moved_mm = along_mm

    def painted(self) -> None:
        """The view was painted: if it went on before, begin anew from there, soon."""
        if self._moved_mm:
            self._stride_mm, self._moved_mm = self._moved_mm, 0.0
            self._step = 0
            self._timer.start()

    def work(self) -> None:
        """Paint the next slice that isn't painted yet."""
        while self._paint is not None and self._step < SLICES_AHEAD:
            self._step += 1
            if self._paint(self._stride_mm, -self._step if self._stride_mm < 0 else self._step):
                self._timer.start()
                return

    def stop(self) -> None:
        """Paint nothing any more."""
        self._timer.stop()
        self._paint = None


def plane_ahead(
    planes: VolumePlanes, view: ViewPlane, cursor_lps_mm: NDArray[np.float64], stride_mm: float, steps: int
) -> ViewPlane:
    """The plane that is likely to be shown so many steps from here.

    A cursor that went on by less than two slices, between voxels perhaps, is taken to go on so; where it came from
    further away slices are taken to follow each other.

    Args:
        planes: of the volume shown.
        view: what is shown.
        cursor_lps_mm: ``(3,)`` LPS mm.
        stride_mm: along the normal of `view`, by how much it went on last.
        steps: how many, negative against the normal.
    """
    normal = view.plane.normal
    if abs(stride_mm) < 2 * view.gap_mm:
        return planes.at(view.kind, cursor_lps_mm + abs(steps) * stride_mm * normal)
    upwards = float((planes.step(view.kind, cursor_lps_mm, 1) - cursor_lps_mm) @ normal) >= 0
    return planes.at(view.kind, planes.step(view.kind, cursor_lps_mm, steps if upwards else -steps))
