"""Whether there is a display to open a window on."""

from __future__ import annotations

import os
import sys

from rtvis.model.errors import UsageError


def has_display() -> bool:
    """Whether a window system is named by the environment (always so where Qt needs no such name)."""
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def require_display() -> None:
    """Stop with one line where there is no display: Qt itself would abort the process.

    Raises:
        UsageError: without DISPLAY and WAYLAND_DISPLAY.
    """
    if not has_display():
        raise UsageError("there is no display", remedy="use `rtvis render` for a picture, or set DISPLAY")
