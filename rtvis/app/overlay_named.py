"""A series or a dose put over the images of a session by its name: a file, a folder or a UID."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rtvis.app.dose_alone import is_dose_alone, show_dose_alone
from rtvis.app.dose_in_study import read_dose_in_study
from rtvis.app.opening import open_study
from rtvis.model.errors import UsageError
from rtvis.model.progress import no_report
from rtvis.model.volume import DOSE_MODALITY

if TYPE_CHECKING:
    from rtvis.app.session import Session
    from rtvis.model.progress import Report
    from rtvis.model.volume import Volume


def show_named_series(
    session: Session, name: str, *, suv: bool = False, anyway: bool = False, report: Report = no_report
) -> None:
    """Put a series over the images; where it is what is shown itself, another series of its frame is shown below it.

    Args:
        session: with images.
        name: a `volume_id` or a SeriesInstanceUID of what is open, or a file or folder with one series.
        suv: whether PET of a file that isn't open yet is to be in SUV.
        anyway: see `rtvis.app.overlay_state.OverlayState.show_series`.
        report: told what `rtvis.app.opening.open_study` tells.

    Raises:
        UsageError: when there is no such series, or several, or it can't go over the images.
        InputError: when it can't be read.
    """
    over = _named(session, name, suv=suv, report=report)
    if over is session.volume:
        frame = over.frame_of_reference_uid
        below = (one for one in session.study.volumes if one is not over and one.frame_of_reference_uid == frame)
        base = next(below, None)
        if base is not None:
            session.activate_volume(base.volume_id)
    session.overlay.show_series(over, session.volume, anyway=anyway)


def _named(session: Session, name: str, *, suv: bool, report: Report) -> Volume:
    volumes = session.study.volumes
    found = [one for one in volumes if name in {one.volume_id, one.series_instance_uid}]
    place = Path(name)
    if not found and place.exists():
        whole = place.resolve()
        found = [one for one in volumes if any(_lies_in(each.path, whole) for each in one.slices)]
        if not found or found == [session.volume]:  # a folder with what is shown and another series means the other
            known = {one.volume_id for one in found}
            read = open_study([place], suv=suv, report=report).volumes
            found = [one for one in read if one.volume_id not in known] or found
        if not found:
            raise UsageError("has no images to show over others", path=place, remedy="name a series of images")
    if not found:
        raise UsageError(f"there is no series or file {name}", remedy="name one that 'rtvis info' lists, or a file")
    if len(found) > 1:
        raise UsageError(f"{name} has {len(found)} series", remedy="name one by its UID: 'rtvis info' lists them")
    return found[0]


def _lies_in(path: Path | None, place: Path) -> bool:
    return path is not None and path.resolve().is_relative_to(place)


def show_named_dose(session: Session, path: Path, *, anyway: bool = False, report: Report = no_report) -> None:
    """Put a dose over the images, or show it on its own where there are none.

    Args:
        session: images are optional; a plan that is open says which dose is 100 %.
        path: an RT Dose file, or a folder with one.
        anyway: see `rtvis.app.overlay_state.OverlayState.show_dose`.
        report: told (frames read, frames in all).

    Raises:
        UsageError: when it can't go over the images, or a folder has no dose or several.
        UnreadableError: when it can't be read as a dose.
    """
    found = read_dose_in_study(_dose_in(path), session.study, report)
    if session.volume is None or is_dose_alone(session):
        show_dose_alone(session, found.dose, found.prescribed_gy)
    else:
        session.overlay.show_dose(found.dose, session.volume, anyway=anyway, prescribed=found.prescribed_gy)


def _dose_in(place: Path) -> Path:
    if not place.is_dir():
        return place
    doses = [one.path for one in open_study([place]).others if one.modality == DOSE_MODALITY]
    if len(doses) != 1:
        what = f"is a folder with {len(doses)} doses" if doses else "is a folder without a dose"
        raise UsageError(what, path=place, remedy="name one RT Dose file: 'rtvis info' lists them")
    return doses[0]


def show_lone_dose(session: Session, report: Report = no_report) -> None:
    """Show the first dose of what is open where there is nothing else to show: neither images nor contours.

    Raises:
        UnreadableError: when it can't be read.
    """
    doses = [one for one in session.study.others if one.modality == DOSE_MODALITY]
    if session.volume is None and doses and not session.structure_sets:
        show_named_dose(session, doses[0].path, report=report)
