"""A dose that is shown without images: on its own grid, with the contours that lie in its frame of reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtvis.app.overlay_state import first_dose_colors, first_dose_look, patient_id_of

if TYPE_CHECKING:
    from rtvis.app.session import Session
    from rtvis.app.view_state import ViewState
    from rtvis.model.dose import Dose
    from rtvis.model.structure_set import StructureSet
    from rtvis.model.study import OtherObject
    from rtvis.model.volume import VolumeHeader


def show_dose_alone(session: Session, dose: Dose, prescribed: float | None = None) -> None:
    """Show a dose in the place of images, painted in colours, with its isodose lines.

    The structure set that is active stays where it lies in the frame of reference of the dose; else the first that
    does is active then, or none: coordinates of another frame mean other places (PS3.3 C.7.4.1).

    Args:
        session: without images.
        dose: the dose.
        prescribed: see `rtvis.app.overlay_state.OverlayState.show_dose`.
    """
    cursor, was_dose = session.cursor_lps, is_dose_alone(session)
    if not was_dose:  # before it is shown: the colours that somebody chose for doses are put back then
        session.set_color_map(first_dose_colors(dose, alone=True), inverse=False)
    session.show_volume(dose.volume)
    if was_dose and bool(dose.volume.grid.contains(cursor)):
        session.move_cursor(cursor)
    session.set_bounds(*first_dose_look(dose, prescribed).bounds)
    current = session.structure_set
    if current is None or not lies_in_frame(current, dose.volume):
        fitting = (one for one in session.structure_sets if lies_in_frame(one, dose.volume))
        session.activate_structure_set(next((one.key for one in fitting), None))
    session.overlay.show_dose(dose, dose.volume, prescribed=prescribed)


def is_dose_alone(state: ViewState) -> bool:
    """Whether a dose is shown in the place of images."""
    return state.volume is not None and state.volume.is_dose


def lies_in_frame(structure_set: StructureSet, dose: VolumeHeader | OtherObject) -> bool:
    """Whether coordinates of a structure set mean the same places as those of a dose."""
    frames = {structure_set.frame_of_reference_uid, *(one.frame_of_reference_uid for one in structure_set.rois)}
    return structure_set.patient.patient_id == patient_id_of(dose) and dose.frame_of_reference_uid in frames - {""}
