"""What of an open study is shown: which volume, where the planes are, at what levels, which ROIs.

Toolkit-free: signals are psygnal's, and are emitted in the thread that made the change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from psygnal import Signal

from rtvis.app.planes import DEFAULT_OBLIQUE
from rtvis.app.window_presets import first_window

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from rtvis.app.oblique import Oblique
    from rtvis.model.structure_set import Roi
    from rtvis.model.volume import Volume


class ViewState:
    """What all views share. None of it is saved or undone.

    Attributes:
        volume: the volume that is shown, or None.
        cursor_lps: the linked cursor, ``(3,)`` LPS mm, which every plane goes through.
        oblique: how the oblique plane faces.
        window: (width, level) in the volume's units.
        hidden_rois: numbers of ROIs that are not drawn.
        active_roi: number of the ROI that strokes go to; None makes a new one.
        previewed_rois: what an edit would give that isn't made yet; drawn dashed over everything else.
    """

    volume_changed = Signal()
    cursor_changed = Signal()
    oblique_changed = Signal()
    window_changed = Signal()
    visibility_changed = Signal()
    """ROIs were shown, hidden, locked or unlocked."""
    active_roi_changed = Signal()
    preview_changed = Signal()

    def __init__(self) -> None:
        self.volume: Volume | None = None
        self.cursor_lps: NDArray[np.float64] = np.zeros(3)
        self.oblique: Oblique = DEFAULT_OBLIQUE
        self.window: tuple[float, float] = (400.0, 40.0)
        self.hidden_rois: frozenset[int] = frozenset()
        self.active_roi: int | None = None
        self.previewed_rois: tuple[Roi, ...] = ()

    def show_volume(self, volume: Volume | None) -> None:
        """Show another volume: the cursor goes to its middle, window and level to what suits it."""
        if volume is self.volume and volume is not None:
            return
        self.volume = volume
        if volume is not None:
            self.cursor_lps = volume.grid.centre_lps_mm
            self.window = first_window(volume)
        self.volume_changed.emit()
        self.window_changed.emit()
        self.cursor_changed.emit()

    def move_cursor(self, point_lps: ArrayLike) -> None:
        """Move the linked cursor to a patient point ``(3,)`` LPS mm; every view follows."""
        point = np.array(point_lps, dtype=np.float64)
        if point.shape != (3,) or not np.all(np.isfinite(point)):
            raise ValueError(f"cursor must be three finite coordinates, not {point_lps!r}")
        if not np.array_equal(point, self.cursor_lps):
            self.cursor_lps = point
            self.cursor_changed.emit()

    def turn_oblique(self, oblique: Oblique) -> None:
        """Have the oblique plane face another way; it goes through the cursor as before."""
        self.oblique = oblique
        self.oblique_changed.emit()

    def set_window(self, width: float, level: float) -> None:
        """Set window width and level, in the volume's units; the width is at least a thousandth (PS3.3 C.11.2.1.2)."""
        window = (max(float(width), 1e-3), float(level))
        if window != self.window:
            self.window = window
            self.window_changed.emit()

    def reset_window(self) -> None:
        """The window and level that the volume was first shown at."""
        if self.volume is not None:
            self.set_window(*first_window(self.volume))

    def set_roi_visible(self, number: int, *, visible: bool) -> None:
        """Show or hide an ROI; this isn't an edit and isn't saved."""
        hidden = self.hidden_rois - {number} if visible else self.hidden_rois | {number}
        if hidden != self.hidden_rois:
            self.hidden_rois = hidden
            self.visibility_changed.emit()

    def activate_roi(self, number: int | None) -> None:
        """Choose the ROI that new contours go to."""
        if number != self.active_roi:
            self.active_roi = number
            self.active_roi_changed.emit()

    def preview_rois(self, rois: tuple[Roi, ...]) -> None:
        """Show what an edit would give, without making it; nothing with none."""
        if rois or self.previewed_rois:
            self.previewed_rois = rois
            self.preview_changed.emit()
