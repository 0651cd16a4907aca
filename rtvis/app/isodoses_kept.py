"""Isodose levels that were set by hand, by study: its doses are drawn so again when it is opened again.

Levels are kept for doses in one unit with one prescription, differences of doses apart from doses. On disk studies and
doses are told by digests only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isclose, isfinite
from typing import TYPE_CHECKING, Any

from psygnal import Signal

from rtvis.app.isodoses import IsodoseLevel
from rtvis.app.study_files import StudyFiles, digest_of
from rtvis.model.errors import NewerVersionError, RtvisError

if TYPE_CHECKING:
    from pathlib import Path

    from rtvis.app.isodoses import Isodoses
    from rtvis.model.dose import Dose

VERSION = 1
MOST_LEVELS = 200
"""More make no sense, and aren't read."""


@dataclass(frozen=True, slots=True)
class KeptLevels:
    """Fields as in `Isodoses`.

    Attributes:
        reference: None where it is what is prescribed, or the largest dose.
        dose: digest of the dose that the reference is of where nothing is prescribed; empty otherwise.
    """

    levels: tuple[IsodoseLevel, ...]
    in_percent: bool
    reference: float | None
    dose: str


class IsodosesKept:
    """Levels by study; `failed` carries why they aren't on disk.

    What another program kept of a study meanwhile isn't lost: a file is read again before it is written.

    Attributes:
        folder: where a file for each study is; None keeps levels as long as the program runs.
    """

    failed = Signal(object)

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self._studies: dict[str, dict[str, KeptLevels]] = {}
        self._changed: dict[str, set[str]] = {}
        self._newer: set[str] = set()

    def lines(self, dose: Dose, prescribed: float | None, first: Isodoses) -> Isodoses:
        """The lines a dose begins with.

        Args:
            dose: which.
            prescribed: what its plan prescribes, in its unit; None where nothing tells.
            first: what they would be if nobody had set any; whether and how thick they are drawn stays.
        """
        kept = self._of(dose.volume.study_instance_uid).get(_key(dose, prescribed))
        if kept is None:
            return first
        own = kept.reference is not None and kept.dose in {"", digest_of(dose.volume.volume_id)}
        reference = kept.reference if own and kept.reference is not None else first.reference
        return replace(first, levels=kept.levels, in_percent=kept.in_percent, reference=reference)

    def choose(self, dose: Dose, prescribed: float | None, lines: Isodoses, first: Isodoses) -> None:
        """Draw doses like this one so from now on; `write` puts it on disk. As at `first`, nothing is kept of it."""
        study, key = dose.volume.study_instance_uid, _key(dose, prescribed)
        there = self._of(study)
        before = there.pop(key, None)
        if is_changed(lines, first):
            own = lines.reference != first.reference
            of = digest_of(dose.volume.volume_id) if own and prescribed is None else ""
            there[key] = KeptLevels(lines.levels, lines.in_percent, lines.reference if own else None, of)
        if there.get(key) != before:
            self._changed.setdefault(study, set()).add(key)

    def write(self) -> None:
        """Put on disk what was set since; that of doses without a study lasts as long as the program."""
        waiting, self._changed = self._changed, {}
        for study, keys in waiting.items():
            files = self._files(study)
            if files is not None and study not in self._newer:
                self._write(files, study, keys)

    def _files(self, study: str) -> StudyFiles | None:
        if self.folder is None or not study:
            return None
        return StudyFiles(self.folder, VERSION, "isodose levels of this study")

    def _of(self, study: str) -> dict[str, KeptLevels]:
        if study not in self._studies:
            files = self._files(study)
            self._studies[study] = {} if files is None else self._read(files, study) or {}
        return self._studies[study]

    def _read(self, files: StudyFiles, study: str) -> dict[str, KeptLevels] | None:
        """What the file of a study has; None when it can't be read, which is told."""
        try:
            return files.read(study, _parsed) or {}
        except RtvisError as error:
            if isinstance(error, NewerVersionError):
                self._newer.add(study)
            self.failed.emit(error)
            return None

    def _write(self, files: StudyFiles, study: str, keys: set[str]) -> None:
        try:
            with files.alone():
                found = self._read(files, study)
                if study in self._newer:
                    return
                others = {key: one for key, one in (found or {}).items() if key not in keys}
                self._studies[study] |= others
                content = {key: _content(one) for key, one in sorted(self._studies[study].items())}
                files.write(study, {"isodoses": content} if content else None)
        except RtvisError as error:
            self.failed.emit(error)


def is_changed(lines: Isodoses, first: Isodoses) -> bool:
    """Whether levels, what their values mean, or the dose that is 100 % are others than at first."""
    if lines.in_percent != first.in_percent or len(lines.levels) != len(first.levels):
        return True
    pairs = zip(lines.levels, first.levels, strict=True)
    # Counted in Gy and in percent again, values may be others in their last digit.
    same = all(replace(one, value=two.value) == two and isclose(one.value, two.value) for one, two in pairs)
    return not (same and isclose(lines.reference, first.reference))


def _key(dose: Dose, prescribed: float | None) -> str:
    return digest_of(f"{dose.units}\0{'difference' if dose.minimum < 0 else ''}\0{prescribed}")


def _content(kept: KeptLevels) -> dict[str, Any]:
    levels = [{"value": one.value, "color": list(one.color), "shown": one.shown} for one in kept.levels]
    return {"levels": levels, "in_percent": kept.in_percent, "reference": kept.reference, "dose": kept.dose}


def _parsed(content: dict[str, Any]) -> dict[str, KeptLevels]:
    return {str(key): _kept(entry) for key, entry in content["isodoses"].items()}


def _kept(entry: dict[str, Any]) -> KeptLevels:
    levels, reference = tuple(_level(one) for one in entry["levels"][:MOST_LEVELS]), entry["reference"]
    if reference is not None and not (isfinite(reference) and reference > 0):
        raise ValueError("no dose")
    ordered = tuple(sorted(levels, key=lambda one: -one.value))
    return KeptLevels(
        ordered, bool(entry["in_percent"]), None if reference is None else float(reference), str(entry["dose"])
    )


def _level(entry: dict[str, Any]) -> IsodoseLevel:
    value, (red, green, blue) = float(entry["value"]), (int(one) for one in entry["color"])
    if not isfinite(value) or not all(0 <= one <= 255 for one in (red, green, blue)):
        raise ValueError("no level")
    return IsodoseLevel(value, (red, green, blue), bool(entry["shown"]))
