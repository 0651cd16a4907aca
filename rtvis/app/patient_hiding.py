"""What tells who the patient is, taken out of texts for a screen that others see.

Hidden are name, ID and whatever else of group 0010 (PS3.6), in descriptions that were typed as well (of studies, series
and structure sets), and names of files and folders, which often hold either. Not hidden: what is burned into images,
what else such descriptions tell, names of ROIs in lists, UIDs, dates, the staff's names, the system's own file dialogs,
and what is written to a terminal or to files.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from rtvis.app.patient_name import SHORTEST, is_telling, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rtvis.app.session import Session
    from rtvis.model.volume import Patient

FILE_HIDDEN = "file hidden"
NAME_HIDDEN = "…"

_PATH = re.compile(r"(?<![\w:/\\])(?:[A-Za-z]:)?[\\/][^\s\\/][^\n]*?(?=$|\n|['\"]|: |; |, | \()")
"""From where a path begins to the end of the line or clause: folders may have spaces in their names."""


def names_of(patients: Iterable[Patient]) -> frozenset[str]:
    """Names, parts of them and IDs, as they may stand in texts."""
    found: set[str] = set()
    for patient in patients:
        found |= words_of(patient.name) | {one for one in (patient.patient_id,) if is_telling(one)}
    return frozenset(found)


def without_patient_words(session: Session, text: str) -> str:
    """A text as it may be shown: as it is, or without names, IDs, files and folders while the patient is hidden."""
    if not session.patient_hidden:
        return text
    study = session.study
    paths = [one.path for one in (*study.structure_sets, *session.structure_sets)]
    paths += [one.path for one in study.others] + [one.path for one in study.unreadable]
    paths += [one.path for volume in study.volumes for one in volume.slices]
    whole = {str(path) for path in paths if path is not None} | {str(path.parent) for path in paths if path is not None}
    names = {path.name for path in paths if path is not None}
    for path in sorted((one for one in whole if len(one) > 1), key=len, reverse=True):
        if path in text:
            text = text.replace(path, FILE_HIDDEN)
    text = _PATH.sub(FILE_HIDDEN, text)
    for name in sorted((one for one in names if len(one) >= SHORTEST), key=len, reverse=True):
        if name in text:
            text = _whole_words(name).sub(FILE_HIDDEN, text)
    return without_patient_names(session, text)


def without_patient_names(session: Session, text: str) -> str:
    """A description as it may be shown: as it is, or without names and IDs while the patient is hidden."""
    if not session.patient_hidden:
        return text
    study = session.study
    patients = {one.patient for one in study.volumes} | {one.patient for one in session.structure_sets}
    ids = frozenset(one.patient_id for one in study.others if is_telling(one.patient_id))
    for name in _longest_first(frozenset(patients), ids):
        if name.casefold() in text.casefold():
            text = _whole_words(name).sub(NAME_HIDDEN, text)
    return text


@lru_cache(maxsize=4)
def _longest_first(patients: frozenset[Patient], ids: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(names_of(patients) | ids, key=len, reverse=True))


def _whole_words(text: str) -> re.Pattern[str]:
    folded = re.escape(text.casefold()).replace("ss", "(?:ss|\u00df)")  # capitals, and many programs, write SS for it
    # An underscore parts words in names of studies.
    return re.compile(rf"(?<![^\W_])(?:{re.escape(text)}|{folded})(?![^\W_])", re.IGNORECASE)
