"""Names as people read them, the patient's kept off the screen where that is hidden; and the window's title."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtvis.app.patient_hiding import FILE_HIDDEN, without_patient_names, without_patient_words
from rtvis.app.patient_name import name_text

if TYPE_CHECKING:
    from pathlib import Path

    from qtpy.QtWidgets import QWidget

    from rtvis.app.session import Session
    from rtvis.model.volume import Patient

PATIENT_HIDDEN = "Patient hidden"

NO_NAME = "(no name)"


def patient_name(patient: Patient) -> str:
    """The patient's name for people, see `rtvis.app.patient_name`; empty where there is none."""
    return name_text(patient.name)


def patient_text(session: Session) -> str:
    """Name of the patient who is shown, the ID where there is no name; nothing of them while they are hidden."""
    volume, current = session.volume, session.structure_set
    patient = volume.patient if volume is not None else current.patient if current is not None else None
    if patient is None:
        return ""
    return PATIENT_HIDDEN if session.patient_hidden else patient_name(patient) or patient.patient_id


def roi_name(session: Session, name: str) -> str:
    """The name of an ROI as it is told: without the patient's in it while that is hidden, words where there is none."""
    told = without_patient_names(session, name)
    return told if told.strip() else NO_NAME


def title_text(session: Session) -> str:
    """Title of the window: the patient and the structure set that are shown, with a star while work is unsaved."""
    volume, current = session.volume, session.structure_set
    if volume is None and current is None:
        return "rtvis"
    words = [
        patient_text(session) or "No name",
        *([] if current is None else [without_patient_names(session, current.label)]),
    ]
    return f"{'*' if session.unsaved else ''}{', '.join(words)} - rtvis"


def file_text(session: Session, path: Path) -> str:
    """Name of a file, or that it is hidden with the patient."""
    return FILE_HIDDEN.capitalize() if session.patient_hidden else path.name


def text_in(widget: QWidget | None, text: str) -> str:
    """A text as a dialog of a window may show it (`rtvis.app.patient_hiding`); as it is where there is no window."""
    session = _session_of(widget)
    return text if session is None else without_patient_words(session, text)


def name_in(widget: QWidget | None, name: str) -> str:
    """A name of an ROI as a widget of a window may show it; as it is where there is no window."""
    session = _session_of(widget)
    return name if session is None else without_patient_names(session, name)


def is_hidden_in(widget: QWidget | None) -> bool:
    """Whether a dialog of a window has to keep the patient to itself."""
    session = _session_of(widget)
    return session is not None and session.patient_hidden


def _session_of(widget: QWidget | None) -> Session | None:
    while widget is not None:
        session: Session | None = getattr(widget, "session", None)
        if session is not None:
            return session
        widget = widget.parentWidget()
    return None
