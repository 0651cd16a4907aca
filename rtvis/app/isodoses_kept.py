"""Isodose levels that were set by hand, by study: its doses are drawn so again when it is opened again.

Levels are kept for doses in one unit with one prescription, differences of doses apart from doses. On disk studies and
doses are told by digests only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isclose, isfinite
from typing import TYPE_CHECKING, Any

from rtvis.app.isodoses import IsodoseLevel
from rtvis.app.study_entries import StudyEntries
from rtvis.app.study_files import digest_of

if TYPE_CHECKING:
    from rtvis.app.isodoses import Isodoses
    from rtvis.model.dose import Dose

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


class IsodosesKept(StudyEntries[KeptLevels]):
    """Levels by study."""

    NAME = "isodoses"
    VERSION = 1
    WHAT = "isodose levels of this study"

    def lines(self, dose: Dose, prescribed: float | None, first: Isodoses) -> Isodoses:
        """The lines a dose begins with.

        Args:
            dose: which.
            prescribed: what its plan prescribes, in its unit; None where nothing tells.
            first: what they would be if nobody had set any; whether and how thick they are drawn stays.
        """
        kept = self.get(dose.volume.study_instance_uid, _key(dose, prescribed))
        if kept is None:
            return first
        own = kept.reference is not None and kept.dose in {"", digest_of(dose.volume.volume_id)}
        reference = kept.reference if own and kept.reference is not None else first.reference
        return replace(first, levels=kept.levels, in_percent=kept.in_percent, reference=reference)

    def choose(self, dose: Dose, prescribed: float | None, lines: Isodoses, first: Isodoses) -> None:
        """Draw doses like this one so from now on; `write` puts it on disk. As at `first`, nothing is kept of it."""
        kept = None
        if is_changed(lines, first):
            own = lines.reference != first.reference
            of = digest_of(dose.volume.volume_id) if own and prescribed is None else ""
            kept = KeptLevels(lines.levels, lines.in_percent, lines.reference if own else None, of)
        self.put(dose.volume.study_instance_uid, _key(dose, prescribed), kept)

    def content_of(self, entry: KeptLevels) -> dict[str, Any]:
        """Levels, and what their values mean."""
        levels = [{"value": one.value, "color": list(one.color), "shown": one.shown} for one in entry.levels]
        return {"levels": levels, "in_percent": entry.in_percent, "reference": entry.reference, "dose": entry.dose}

    def entry_of(self, content: dict[str, Any]) -> KeptLevels:
        """The inverse of `content_of`."""
        levels, reference = tuple(_level(one) for one in content["levels"][:MOST_LEVELS]), content["reference"]
        if reference is not None and not (isfinite(reference) and reference > 0):
            raise ValueError("no dose")
        ordered = tuple(sorted(levels, key=lambda one: -one.value))
        own = None if reference is None else float(reference)
        return KeptLevels(ordered, bool(content["in_percent"]), own, str(content["dose"]))


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


def _level(entry: dict[str, Any]) -> IsodoseLevel:
    value, (red, green, blue) = float(entry["value"]), (int(one) for one in entry["color"])
    if not isfinite(value) or not all(0 <= one <= 255 for one in (red, green, blue)):
        raise ValueError("no level")
    return IsodoseLevel(value, (red, green, blue), bool(entry["shown"]))
