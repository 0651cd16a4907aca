"""Studies that were opened lately."""

from __future__ import annotations

import os
from pathlib import Path

from rtvis.gui.settings import settings

RECENT_KEY = "recent"
MOST_RECENT = 6


def recent_paths() -> list[str]:
    """Studies opened lately that are still there, newest first."""
    stored = settings().value(RECENT_KEY, [])
    paths = [stored] if isinstance(stored, str) else list(stored or [])
    there = [path for path in paths if os.path.exists(path)]  # noqa: PTH110  (Path's raises where a drive was lost)
    return there[:MOST_RECENT]


def remember_path(path: str) -> None:
    """Put a path on top of the recent ones."""
    kept = [path, *[one for one in recent_paths() if one != path]]
    settings().setValue(RECENT_KEY, kept[:MOST_RECENT])


def recent_text(number: int, path: str, *, hidden: bool) -> str:
    """Folder of a recent study and where that is, or its number (from 1) while the patient is hidden."""
    place = Path(path)
    return f"Recent study {number}" if hidden else f"{place.name}    {place.parent}"
