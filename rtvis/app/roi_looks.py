"""How single ROIs look in 3D, by study: they look so again when the study is opened again.

On disk studies and ROIs are told by digests only: names of ROIs may tell of a patient.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from psygnal import Signal

from rtvis.app.file_version import refuse_newer
from rtvis.app.folder_lock import alone_in
from rtvis.dicom.files import written_whole
from rtvis.model.errors import NewerVersionError, OutputError, RtvisError, UnreadableError

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
        for study_uid in sorted(unwritten):
            path = self._path(study_uid)
            if path is not None and study_uid not in self._newer:
                self._write(path, study_uid)

    # --- files -----------------------------------------------------------------------------------------------------

    def _path(self, study_uid: str) -> Path | None:
        if self.folder is None or not study_uid:
            return None
        return self.folder / f"{_digest(study_uid)}.json"

    def _of(self, study_uid: str) -> dict[str, RoiLook]:
        if study_uid not in self._studies:
            path = self._path(study_uid)
            self._studies[study_uid] = {} if path is None else self._read(path, study_uid) or {}
        return self._studies[study_uid]

    def _read(self, path: Path, study_uid: str) -> dict[str, RoiLook] | None:
        """What is in a file, nothing where there is none; None when it can't be read, which is told.

        One that a newer version wrote stays as it is, and is told of once.
        """
        try:
            return read_looks(path)
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except NewerVersionError as error:
            self._newer.add(study_uid)
            self.failed.emit(error)
            return None
        except RtvisError as error:
            with suppress(OSError):  # out of the way of the next ones; where even that fails they replace it
                path.replace(path.with_suffix(".damaged"))
            self.failed.emit(error)
            return None

    def _write(self, path: Path, study_uid: str) -> None:
        looks, changed = self._studies[study_uid], self._changed[study_uid]
        try:
            with alone_in(path.parent):
                found = self._read(path, study_uid)
                if study_uid in self._newer:
                    return
                if found is not None:
                    others = {key: look for key, look in found.items() if key not in changed}
                    looks = others | {key: look for key, look in looks.items() if key in changed}
                if looks:
                    write_looks(path, looks)
                else:
                    path.unlink(missing_ok=True)
            self._studies[study_uid] = looks
            changed.clear()
        except OSError as error:
            problem = f"how ROIs look in 3D can't be forgotten ({error.strerror})"
            self.failed.emit(OutputError(problem, path=path, remedy="remove the file"))
        except RtvisError as error:
            self.failed.emit(error)


def write_looks(path: Path, looks: dict[str, RoiLook]) -> None:
    """Write what was chosen for the ROIs of a study to a file, readable by its owner only.

    Raises:
        OutputError: when it can't be written; a file that was there stays.
    """
    entries = {key: {"style": one.style, "opacity": one.opacity} for key, one in sorted(looks.items())}
    with written_whole(path, overwrite=True) as handle:
        os.fchmod(handle.fileno(), 0o600)
        handle.write(json.dumps({"version": VERSION, "looks": entries}, indent=1).encode())


def read_looks(path: Path) -> dict[str, RoiLook]:
    """What `write_looks` wrote.

    Raises:
        FileNotFoundError, NotADirectoryError: when there is none, or its folder can't be one.
        UnreadableError: when it can't be read, or isn't one of looks.
        NewerVersionError: when a newer version wrote it.
    """
    try:
        content = json.loads(path.read_bytes())
        refuse_newer(content, VERSION, path, "choices of how ROIs look in 3D")
        if content["version"] != VERSION:
            raise ValueError("another version")
        return {str(key): _look(entry) for key, entry in content["looks"].items()}
    except (FileNotFoundError, NotADirectoryError):
        raise
    except OSError as error:
        raise UnreadableError(f"how ROIs looked in 3D can't be read ({error.strerror})", path=path) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UnreadableError("how ROIs looked in 3D can't be read: the file is damaged", path=path) from error


def _look(entry: dict[str, object]) -> RoiLook:
    style, opacity = entry["style"], entry["opacity"]
    if opacity is not None and not (isinstance(opacity, int | float) and 0 <= opacity <= 1):
        raise ValueError("no opacity")
    return RoiLook(None if style is None else RoiStyle(str(style)), None if opacity is None else float(opacity))


def _key(study_uid: str, roi: Roi) -> str:
    return _digest(f"{study_uid}\0{roi.number}\0{roi.name}")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:32]
