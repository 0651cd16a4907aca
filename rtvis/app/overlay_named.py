"""A series put over the images of a session by what people call it: a file, a folder, a modality, a UID."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rtvis.app.opening import open_study
from rtvis.model.errors import UsageError
from rtvis.model.progress import no_report

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rtvis.app.session import Session
    from rtvis.model.progress import Report
    from rtvis.model.volume import Volume

MODALITY_WORDS = {"pet": "pt", "mri": "mr"}
"""What people call modalities, and the defined terms (PS3.3 C.7.3.1.1.1), in lower case."""
MOST_CHOICES = 5
MOST_DIGITS = 6


def show_named_series(
    session: Session, name: str, *, suv: bool = False, anyway: bool = False, report: Report = no_report
) -> None:
    """Put a series over the images; where it is what is shown itself, another series of its frame is shown below it.

    Args:
        session: with images.
        name: a `volume_id` or a SeriesInstanceUID of what is open, a file or folder with one series, or of what is open
            a number (1 is what `rtvis info` lists first), a modality or a part of a description.
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
    found = found or _called(session, name)
    if not found:
        raise UsageError(f"there is no series or file {name}", remedy=_choices(session, volumes))
    if len(found) > 1:
        raise UsageError(f"{name} has {len(found)} series", remedy=_choices(session, found))
    return found[0]


def _called(session: Session, name: str) -> list[Volume]:
    """Series that a number, a modality or a part of a description means; the shown one only when it is the only one."""
    volumes, word = session.study.volumes, name.strip().casefold()
    if word.isdecimal():
        number = int(word) if len(word) < MOST_DIGITS else 0
        return [volumes[number - 1]] if 1 <= number <= len(volumes) else []
    modality = MODALITY_WORDS.get(word, word)
    found = [one for one in volumes if one.modality.casefold() == modality]
    found = found or [one for one in volumes if word and word in one.description.casefold()]
    return [one for one in found if one is not session.volume] or found


def _choices(session: Session, volumes: Sequence[Volume]) -> str:
    """What could be named instead, in one line: numbers of what is open, UIDs of what isn't."""
    others = [one for one in volumes if one is not session.volume]
    if not others:
        return "name a file or folder with another series"
    numbers = {one.volume_id: number for number, one in enumerate(session.study.volumes, start=1)}
    listed = [
        f"{numbers.get(one.volume_id, one.volume_id)} ({f'{one.modality} {one.description}'.strip()})"
        for one in others[:MOST_CHOICES]
    ]
    more = [f"{len(others) - MOST_CHOICES} more"] if len(others) > MOST_CHOICES else []
    return f"name {' or '.join([*listed, *more])}, or a file"


def _lies_in(path: Path | None, place: Path) -> bool:
    return path is not None and path.resolve().is_relative_to(place)
