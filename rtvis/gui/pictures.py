"""Pictures of the views as they are on the screen, with or without what is written of the patient."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtvis.gui.settings import settings

if TYPE_CHECKING:
    from qtpy.QtGui import QPixmap

    from rtvis.app.session import Session
    from rtvis.gui.views import Views

PATIENT_KEY = "pictures/patient"


def shows_patient() -> bool:
    """Whether pictures tell the patient's name and ID; at first they do, as the screen does."""
    return str(settings().value(PATIENT_KEY, "true")) == "true"


def set_shows_patient(*, shown: bool) -> None:
    """Have pictures tell the patient from now on, or not."""
    settings().setValue(PATIENT_KEY, "true" if shown else "false")


def picture_of(views: Views, session: Session, name: str | None = None) -> QPixmap:
    """A picture at the screen's resolution.

    Args:
        views: of the window.
        session: whose patient is kept out where `shows_patient` says so.
        name: of a view; None for all of them as they are laid out.
    """
    hidden_before = session.patient_hidden
    session.hide_patient(hidden=hidden_before or not shows_patient())
    session.texts_changed.emit()  # views write numbers of levels now and then only while these are dragged
    try:
        views.finish()
        return views.picture() if name is None else views.view(name).grab()
    finally:
        session.hide_patient(hidden=hidden_before)
