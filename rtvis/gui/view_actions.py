"""What the View menu does: layouts, directions, levels, pictures of the views."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal

from rtvis.app.levels import show_region
from rtvis.app.measuring import Measured
from rtvis.app.oblique import Oblique
from rtvis.app.session import Session
from rtvis.app.window_presets import Preset, presets_for
from rtvis.gui.edit_actions import EditActions
from rtvis.gui.oblique_dialog import ObliqueDialog
from rtvis.gui.pictures import picture_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from rtvis.gui.views import Views


class ViewActions(QObject):
    """Acts on the views once they are there; before that nothing happens. `said` carries a passing line."""

    said = Signal(str)

    def __init__(self, session: Session, edits: EditActions, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._edits = edits
        self.views: Views | None = None

    def save_picture(self) -> None:
        """Save the views as they are."""
        if self.views is not None:
            self._edits.save_picture(picture_of(self.views, self._session))

    def copy_picture(self) -> None:
        """Copy the views as they are."""
        if self.views is not None:
            self._edits.copy_picture(picture_of(self.views, self._session))

    def show_alone(self, name: str | None) -> None:
        """One view alone, or all of them with None."""
        if self.views is not None and self.views.maximised_view != name:
            if name is not None and not self.views.has(name):
                self.views.show_oblique(shown=True)
            self.views.maximise(name)

    def four_views(self) -> None:
        """All four, of equal size; the oblique view goes."""
        if self.views is not None:
            self.show_alone(None)
            self.views.show_oblique(shown=False)
            self.views.share_evenly()

    def enlarge_active(self) -> None:
        """The active view large, the other three small."""
        if self.views is not None:
            self.show_alone(None)
            self.views.enlarge(self.views.active_name)

    def maximise_active(self) -> None:
        """The active view alone, or all four again."""
        if self.views is not None:
            self.views.maximise(None if self.views.maximised_view else self.views.active_name)

    def next_view(self, step: int) -> None:
        """Give the focus to the next view, or with -1 to the one before."""
        if self.views is not None:
            self.views.focus_next(step)

    def toggle_oblique(self) -> None:
        """Add the oblique view, or take it away."""
        if self.views is not None:
            self.views.show_oblique(shown=not self.views.oblique_shown)

    def turn_oblique(self, oblique: Oblique) -> None:
        """Have the oblique view face a way, and show it."""
        self._session.turn_oblique(oblique)
        if self.views is not None:
            self.views.show_oblique(shown=True)

    def ask_oblique(self) -> None:
        """Turn the oblique plane by angles, seen while they are chosen."""
        if self.views is not None and self._session.grid is not None:
            was_shown = self.views.oblique_shown
            self.views.show_oblique(shown=True)
            dialog = ObliqueDialog(self._session, self.views.window())
            dialog.rejected.connect(partial(self.views.show_oblique, shown=was_shown))
            dialog.finished.connect(dialog.deleteLater)
            dialog.open()

    def oblique_through(self, points_lps_mm: NDArray[np.float64]) -> None:
        """Have the oblique plane go through three points ``(3, 3)`` LPS mm."""
        try:
            oblique = Oblique.through(points_lps_mm)
        except ValueError as error:
            self.said.emit(f"No plane: {error}")
            return
        self.turn_oblique(oblique)
        self._session.move_cursor(points_lps_mm.mean(axis=0))

    def measured(self, measured: Measured) -> None:
        """Keep what a measuring tool finished, or turn the oblique plane or the levels to it."""
        session = self._session
        if measured.kind == "plane":
            self.oblique_through(measured.points)
        elif measured.kind == "levels":
            self.said.emit(show_region(session, measured.points))
        else:
            session.measurements.add(measured, session.measured_frame, session.measured_study)
            self.said.emit(f"{measured.kind.capitalize()}: {measured.text(session.volume)}")

    def fit(self) -> None:
        """Fit every view."""
        if self.views is not None:
            self.views.fit()

    def show_actual_size(self) -> None:
        """One pixel of the screen for each of the volume's."""
        if self.views is not None:
            self.views.show_actual_size()

    def reset(self) -> None:
        """Views as they were when the volume was first shown; layout, ROIs and measurements stay as they are."""
        if self.views is not None:
            self._session.reset_view()
            self.views.fit()
            self.views.view3d.fit()
            self.said.emit("Views reset")

    def look_from(self, letter: str) -> None:
        """Turn the 3D view."""
        if self.views is not None:
            self.views.view3d.look_from(letter)

    def presets(self) -> tuple[Preset, ...]:
        """Windows and levels for what is shown."""
        volume = self._session.volume
        return () if volume is None else presets_for(volume.modality, volume.units)

    def apply_preset(self, number: int) -> None:
        """Set the window and level of a preset, counted from 0; nothing where there are fewer."""
        volume, presets = self._session.volume, self.presets()
        if volume is not None and number < len(presets):
            preset = presets[number]
            self._session.set_window(*preset.window_of(volume))
            self.said.emit(f"Window/level: {preset.title}")

    def go_to_active_roi(self) -> None:
        """Move the cursor to the active ROI."""
        if self._session.active_roi is not None:
            self.go_to_roi(self._session.active_roi)

    def go_to_roi(self, number: int) -> None:
        """Move the cursor to the middle contour of an ROI."""
        current = self._session.structure_set
        contours = current.roi(number).contours if current is not None else ()
        if contours:
            self._session.move_cursor(contours[len(contours) // 2].points_lps.mean(axis=0))
        elif current is not None:
            self.said.emit(f"{current.roi(number).name} has no contours yet")
