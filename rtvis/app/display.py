"""Whether there is a display to open a window on."""

from __future__ import annotations

import os
import re
import socket
import sys
from pathlib import Path

from rtvis.model.errors import UsageError

X11_SOCKETS = Path("/tmp/.X11-unix")  # noqa: S108  (where every X server on the machine listens)
ANSWER_TIMEOUT_S = 2.0


def has_display() -> bool:
    """Whether a window system answers (always so where Qt needs none to be named).

    A DISPLAY that nobody answers for counts as none: Qt would abort the process on it.
    """
    if not sys.platform.startswith("linux"):
        return True
    wayland = os.environ.get("WAYLAND_DISPLAY")
    if wayland:
        place = Path(os.environ.get("XDG_RUNTIME_DIR", "/nowhere"), wayland)
        if _answers(str(place)):
            return True
    return _x_server_answers(os.environ.get("DISPLAY", ""))


def require_display() -> None:
    """Stop with one line where there is no display.

    Raises:
        UsageError: when DISPLAY and WAYLAND_DISPLAY are missing, or nobody answers for them.
    """
    if has_display():
        return
    named = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY")
    what = f"nobody answers for the display {named}" if named else "there is no display"
    raise UsageError(what, remedy="use `rtvis render` for a picture, or set DISPLAY")


def _x_server_answers(display: str) -> bool:
    found = re.fullmatch(r"(?:unix)?:(\d+)(?:\.\d+)?", display)
    if found is None:
        return bool(display)  # another machine's display: only Qt's own library knows every way to it
    path = str(X11_SOCKETS / f"X{found[1]}")
    return _answers(path) or _answers(f"\0{path}")


def _answers(path: str) -> bool:
    """Whether somebody listens on a local socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as trial:
        trial.settimeout(ANSWER_TIMEOUT_S)
        try:
            trial.connect(path)
        except OSError:
            return False
    return True
