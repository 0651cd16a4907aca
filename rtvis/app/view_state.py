"""What of an open study is shown: which volume, where the planes are, at what levels, which ROIs.

Toolkit-free: signals are psygnal's, and are emitted in the thread that made the change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from psygnal import Signal

from rtvis.app.color_maps import GRAY
from rtvis.app.contour_style import DEFAULT_STYLE
from rtvis.app.overlay_state import OverlayState
from rtvis.app.planes import DEFAULT_OBLIQUE, middle_voxel_lps_mm
from rtvis.app.view3d_state import View3DState
from rtvis.app.window_presets import first_window

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from rtvis.app.color_maps import ColorMap
    from rtvis.app.contour_style import ContourStyle
    from rtvis.app.oblique import Oblique
    from rtvis.geometry.grid import Grid
    from rtvis.model.structure_set import Roi
    from rtvis.model.volume import Volume

LEAST_WIDTH = 1e-9
"""Of a window, in whatever unit: fractions of a PET or of a normalised MR may be as small as a millionth."""


class ViewState:
    """What all views share. None of it is saved or undone.

    Attributes:
        volume: the volume that is shown, or None.
        is_lossy: whether values of the volume were lost to compression (PS3.3 C.7.6.1.1.5).
        cursor_lps: the linked cursor, ``(3,)`` LPS mm, which every plane goes through.
        oblique: how the oblique plane faces.
        window: (width, level) in the volume's units.
        color_map: what the window is painted with, in slices and in the planes in 3D.
        inverse: whether the colour map is turned round.
        contour_style: how contours are drawn in slice views.
        view3d: what the 3D view shows, and how.
        patient_hidden: whether views and titles keep the patient to themselves, on a screen that others see.
        text_scale: how much larger than usual texts in views are.
        hidden_rois: numbers of ROIs that are not drawn.
        active_roi: number of the ROI that strokes go to; None makes a new one.
        overlay: what is shown over the images: a second series, or a dose.
        previewed_rois: what an edit would give that isn't made yet; drawn dashed over everything else.
    """

    volume_changed = Signal()
    """Another volume is shown, none, or planes lie around contours instead: see `grid`."""
    cursor_changed = Signal()
    oblique_changed = Signal()
    window_changed = Signal()
    color_map_changed = Signal()
    """Another colour map, or turned round."""
    contour_style_changed = Signal()
    texts_changed = Signal()
    """The patient was hidden or shown, or texts became larger or smaller."""
    visibility_changed = Signal()
    """ROIs were shown, hidden, locked or unlocked."""
    active_roi_changed = Signal()
    preview_changed = Signal()

    def __init__(self) -> None:
        self.volume: Volume | None = None
        self.is_lossy = False
        self.cursor_lps: NDArray[np.float64] = np.zeros(3)
        self.oblique: Oblique = DEFAULT_OBLIQUE
        self.window: tuple[float, float] = (400.0, 40.0)
        self.color_map: ColorMap = GRAY
        self.inverse = False
        self.contour_style: ContourStyle = DEFAULT_STYLE
        self.view3d = View3DState()
        self.patient_hidden = False
        self.text_scale = 1.0
        self.hidden_rois: frozenset[int] = frozenset()
        self.active_roi: int | None = None
        self.overlay = OverlayState()
        self.previewed_rois: tuple[Roi, ...] = ()
        self._is_new_study = True
        self._grid: Grid | None = None

    @property
    def grid(self) -> Grid | None:
        """What planes are of: the grid of the volume; without one that laid around contours; None without these."""
        return self._grid if self.volume is None else self.volume.grid

    def study_opened(self) -> None:
        """Another study was opened, were it the same one again: it is shown from its middle."""
        self._is_new_study = True
        self.view3d.study_opened()

    def show_volume(self, volume: Volume | None) -> None:
        """Show another volume: the cursor goes to its middle, window and level to what suits it.

        Within a study the cursor stays where it is when both are in one frame of reference and it lies in the new one.
        """
        is_new, self._is_new_study = self._is_new_study, False
        if volume is self.volume and volume is not None:
            return
        same_frame = _frame(volume) == _frame(self.volume)
        if not same_frame:
            self.view3d.frame_changed()
        self.volume = volume
        self.is_lossy = volume is not None and any(one.lossy for one in volume.slices)
        if volume is not None:
            if is_new or not same_frame or not volume.grid.contains(self.cursor_lps):
                self.cursor_lps = middle_voxel_lps_mm(volume.grid)
            self.window = first_window(volume)
        self.overlay.rebase(volume)
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
        """Set window width and level, in the volume's units; the width is above 0 (PS3.3 C.11.2.1.3.2)."""
        window = (max(float(width), LEAST_WIDTH), float(level))
        if window != self.window:
            self.window = window
            self.window_changed.emit()

    def reset_window(self) -> None:
        """The window and level that the volume was first shown at."""
        if self.volume is not None:
            self.set_window(*first_window(self.volume))

    def reset_view(self) -> None:
        """Cursor, oblique plane, window and level as they were when the volume was first shown."""
        if self.grid is not None:
            self.move_cursor(middle_voxel_lps_mm(self.grid))
            self.turn_oblique(DEFAULT_OBLIQUE)
            self.reset_window()

    def set_bounds(self, lower: float, upper: float) -> None:
        """Set window and level by the values at both ends, in the volume's units, in either order."""
        self.set_window(abs(upper - lower), (lower + upper) / 2)

    @property
    def bounds(self) -> tuple[float, float]:
        """The values, in the volume's units, at the lower and the upper end of the window."""
        width, level = self.window
        return level - width / 2, level + width / 2

    def set_color_map(self, color_map: ColorMap, *, inverse: bool | None = None) -> None:
        """Paint the window with a colour map; `inverse` turns it round, None leaves that as it is."""
        chosen = (color_map, self.inverse if inverse is None else inverse)
        if chosen != (self.color_map, self.inverse):
            self.color_map, self.inverse = chosen
            self.color_map_changed.emit()

    def set_contour_style(self, style: ContourStyle) -> None:
        """Draw contours in another way."""
        if style != self.contour_style:
            self.contour_style = style
            self.contour_style_changed.emit()

    def hide_patient(self, *, hidden: bool) -> None:
        """Keep name and ID of the patient off the screen, or show them again."""
        if hidden != self.patient_hidden:
            self.patient_hidden = hidden
            self.texts_changed.emit()

    def scale_texts(self, scale: float) -> None:
        """Write in views larger or smaller than usual (1)."""
        if not scale > 0:
            raise ValueError(f"texts can't be {scale!r} times as large")
        if scale != self.text_scale:
            self.text_scale = scale
            self.texts_changed.emit()

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


def _frame(volume: Volume | None) -> str:
    """The frame of reference that a volume's coordinates are in; its own where it names none."""
    return "" if volume is None else volume.frame_of_reference_uid or volume.volume_id
