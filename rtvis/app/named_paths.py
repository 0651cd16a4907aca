"""PATHs that somebody named, looked at before anything that takes time is begun or loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtvis.model.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def require_paths(paths: Iterable[Path]) -> None:
    """Stop at a PATH that isn't there.

    Raises:
        InputError: naming it.
    """
    for path in paths:
        if not path.exists():
            raise InputError("no such file or folder", path=path, remedy="check the name")
