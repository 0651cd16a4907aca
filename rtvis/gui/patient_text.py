"""The patient's name as people read it, or that it is kept off the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rtvis.app.session import Session
    from rtvis.model.volume import Patient

PATIENT_HIDDEN = "Patient hidden"


def patient_name(patient: Patient) -> str:
    """The parts of a person name (PS3.5 6.2.1.1) with spaces between them; empty where there is none."""
    return " ".join(part for part in patient.name.split("^") if part)


def patient_text(session: Session) -> str:
    """Name of the patient who is shown, the ID where there is no name; nothing of them while they are hidden."""
    volume, current = session.volume, session.structure_set
    patient = volume.patient if volume is not None else current.patient if current is not None else None
    if patient is None:
        return ""
    return PATIENT_HIDDEN if session.patient_hidden else patient_name(patient) or patient.patient_id
