"""How single ROIs look in 3D, by study: they look so again when the study is opened again.

On disk studies and ROIs are told by digests only: names of ROIs may tell of a patient.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from psygnal import Signal

from rtvis.app.study_files import StudyFiles, digest_of
from rtvis.model.errors import NewerVersionError, RtvisError

if TYPE_CHECKING:
    from pathlib import Path

    from rtvis.model.structure_set import Roi

VERSION = 1


class RoiStyle(StrEnum):
    """How ROIs are drawn in 3D; needles and points are drawn in each but `NONE`."""

    SURFACES = "surfaces"
    LINES = "lines"
    BOTH = "both"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class RoiLook:
    """What was chosen for one ROI.

    Attributes:
        style: how it is drawn; None: as all others.
        opacity: 0 to 1, of its surface; None: as suits what lies in it.
    """

    style: RoiStyle | None = None
    opacity: float | None = None


class RoiLooks:
    """What was chosen for single ROIs; `failed` carries why it isn't on disk.

    ROIs are told by their study, number and name: a file has another UID once edits were saved to it. What another
    program chose for other ROIs of a study meanwhile isn't lost: a file is read again before it is written.

    Attributes:
        folder: where a file for each study is kept; None keeps them as long as the program runs.
    """

    failed = Signal(object)

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self._studies: dict[str, dict[str, RoiLook]] = {}
        self._changed: dict[str, set[str]] = {}
        self._unwritten: set[str] = set()
        self._newer: set[str] = set()

    def look(self, study_uid: str, roi: Roi) -> RoiLook:
        """What was chosen for an ROI of a study, now or another day."""
        return self._of(study_uid).get(_key(study_uid, roi), RoiLook())

    def choose(self, study_uid: str, roi: Roi, look: RoiLook) -> None:
        """Have an ROI look so from now on; `write` puts it on disk."""
        looks, key = self._of(study_uid), _key(study_uid, roi)
        if look == RoiLook():
            looks.pop(key, None)
        else:
            looks[key] = look
        self._changed.setdefault(study_uid, set()).add(key)
        self._unwritten.add(study_uid)

    def write(self) -> None:
        """Put on disk what was chosen since; that of sets without a study (or folder) lasts as long as the program."""
        unwritten, self._unwritten = self._unwritten, set()
        for study_uid in sorted(unwritten - self._newer):
            files = self._files_for(study_uid)
            if files is not None:
                self._write(files, study_uid)

    # --- files -----------------------------------------------------------------------------------------------------

    def _files_for(self, study_uid: str) -> StudyFiles | None:
        if self.folder is None or not study_uid:
            return None
        return StudyFiles(self.folder, VERSION, "choices of how ROIs look in 3D")

    def _of(self, study_uid: str) -> dict[str, RoiLook]:
        if study_uid not in self._studies:
            files = self._files_for(study_uid)
            self._studies[study_uid] = {} if files is None else self._read(files, study_uid) or {}
        return self._studies[study_uid]

    def _read(self, files: StudyFiles, study_uid: str) -> dict[str, RoiLook] | None:
        """What is in the file of a study, nothing where there is none; None when it can't be read, which is told.

        One that a newer version wrote is told of once.
        """
        try:
            return files.read(study_uid, _parsed) or {}
        except RtvisError as error:
            if isinstance(error, NewerVersionError):
                self._newer.add(study_uid)
            self.failed.emit(error)
            return None

    def _write(self, files: StudyFiles, study_uid: str) -> None:
        looks, changed = self._studies[study_uid], self._changed[study_uid]
        try:
            with files.alone():
                found = self._read(files, study_uid)
                if study_uid in self._newer:
                    return
                if found is not None:
                    others = {key: look for key, look in found.items() if key not in changed}
                    looks = others | {key: look for key, look in looks.items() if key in changed}
                files.write(study_uid, _content(looks) if looks else None)
            self._studies[study_uid] = looks
            changed.clear()
        except RtvisError as error:
            self.failed.emit(error)


def _content(looks: dict[str, RoiLook]) -> dict[str, Any]:
    return {"looks": {key: {"style": one.style, "opacity": one.opacity} for key, one in sorted(looks.items())}}


def _parsed(content: dict[str, Any]) -> dict[str, RoiLook]:
    return {str(key): _look(entry) for key, entry in content["looks"].items()}


def _look(entry: dict[str, object]) -> RoiLook:
    style, opacity = entry["style"], entry["opacity"]
    if opacity is not None and not (isinstance(opacity, int | float) and 0 <= opacity <= 1):
        raise ValueError("no opacity")
    return RoiLook(None if style is None else RoiStyle(str(style)), None if opacity is None else float(opacity))


def _key(study_uid: str, roi: Roi) -> str:
    return digest_of(f"{study_uid}\0{roi.number}\0{roi.name}")
