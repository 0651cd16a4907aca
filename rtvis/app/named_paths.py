"""PATHs that somebody named, looked at before anything that takes time is begun or loaded."""

from __future__ import annotations

from errno import ENOENT, ENOTDIR
from typing import TYPE_CHECKING

from rtvis.model.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def require_paths(paths: Iterable[Path]) -> None:
    """Stop at a PATH that isn't there, or can't be reached.

    Raises:
        InputError: naming it.
    """
    for path in paths:
        try:
            path.stat()
        except OSError as error:
            if error.errno in {ENOENT, ENOTDIR}:
                raise InputError("no such file or folder", path=path, remedy="check the name") from error
            raise InputError(f"can't be opened ({error.strerror})", path=path) from error
