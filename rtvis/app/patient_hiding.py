"""What tells who the patient is, taken out of texts for a screen that others see.

Hidden are name, ID, day of birth and whatever else of group 0010 (PS3.6), however they are written
(`rtvis.app.patient_words`), in whatever was typed as well (descriptions of studies, series and structure sets, names of
ROIs and beams), and names of files and folders, which often hold either. Not hidden: what is burned into images, what
else such descriptions tell, UIDs, other dates, the staff's names, the system's own file dialogs, names in the field
where they are being typed, and what is written to a terminal or to files.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from rtvis.app.patient_name import SHORTEST
from rtvis.app.patient_words import ids_of, names_of, patient_words

if TYPE_CHECKING:
    from rtvis.app.session import Session
    from rtvis.model.volume import Patient

FILE_HIDDEN = "file hidden"

_PATH = re.compile(r"(?<![\w:/\\])(?:[A-Za-z]:)?[\\/][^\s\\/][^\n]*?(?=$|\n|['\"]|: |; |, | \()")
"""From where a path begins to the end of the line or clause: folders may have spaces in their names."""


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
            text = re.sub(rf"(?<![^\W_]){re.escape(name)}(?![^\W_])", FILE_HIDDEN, text)
    return without_patient_names(session, text)


def without_patient_names(session: Session, text: str) -> str:
    """A description as it may be shown: as it is, or without names and IDs while the patient is hidden."""
    if not session.patient_hidden:
        return text
    return patient_words(words_of_session(session)).taken_out(text)


def words_of_session(session: Session) -> frozenset[str]:
    """Words that tell whose the open files are, see `rtvis.app.patient_words.names_of`."""
    study = session.study
    patients = {one.patient for one in study.volumes} | {one.patient for one in study.structure_sets}
    patients |= {one.patient for one in session.structure_sets}
    return _words_of(frozenset(patients), frozenset(one.patient_id for one in study.others))


@lru_cache(maxsize=4)
def _words_of(patients: frozenset[Patient], ids: frozenset[str]) -> frozenset[str]:
    return names_of(patients).union(*map(ids_of, ids))
