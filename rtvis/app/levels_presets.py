"""Windows and levels that a person keeps under a name, for each modality."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from math import isfinite
from typing import TYPE_CHECKING

from rtvis.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_TITLE = 40


@dataclass(frozen=True, slots=True)
class OwnPreset:
    """A window under a name: width and level in the units of volumes of a modality."""

    title: str
    modality: str
    width: float
    level: float


class OwnPresets:
    """A person's presets, oldest first; titles of a modality differ.

    Args:
        kept: those there are already.
    """

    def __init__(self, kept: Iterable[OwnPreset] = ()) -> None:
        self._kept = tuple(kept)

    def of(self, modality: str) -> tuple[OwnPreset, ...]:
        """Those for a modality."""
        return tuple(one for one in self._kept if one.modality == modality)

    def with_preset(self, preset: OwnPreset) -> OwnPresets:
        """With one more; it takes the place of one of the same title.

        Raises:
            UsageError: when the title is empty or too long for a button.
        """
        title = " ".join(preset.title.split())
        if not title or len(title) > LONGEST_TITLE:
            raise UsageError(
                "a preset needs a name" if not title else f"{title[:LONGEST_TITLE]}… is too long a name",
                remedy=f"give it 1 to {LONGEST_TITLE} letters",
            )
        preset = replace(preset, title=title)
        others = tuple(one for one in self._kept if (one.title, one.modality) != (title, preset.modality))
        return OwnPresets((*others, preset))

    def without(self, preset: OwnPreset) -> OwnPresets:
        """Without one of them."""
        return OwnPresets(one for one in self._kept if one != preset)

    def to_text(self) -> str:
        """As settings keep them."""
        return json.dumps([asdict(one) for one in self._kept], ensure_ascii=False)

    @classmethod
    def from_text(cls, text: str) -> OwnPresets:
        """From settings; what somebody else wrote there and can't be read is left out."""
        try:
            entries = json.loads(text) if text else []
        except json.JSONDecodeError:
            return cls()
        found = [_preset(entry) for entry in entries] if isinstance(entries, list) else []
        return cls(one for one in found if one is not None)


def _preset(entry: object) -> OwnPreset | None:
    match entry:
        case {"title": str(title), "modality": str(modality), "width": float() | int() as width} if title.strip():
            level = entry.get("level") if isinstance(entry, dict) else None
            if isinstance(level, (int, float)) and isfinite(width) and isfinite(level) and width > 0:
                return OwnPreset(title, modality, float(width), float(level))
    return None
