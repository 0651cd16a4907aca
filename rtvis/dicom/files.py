"""Files written whole or not at all."""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager, suppress
from errno import ENAMETOOLONG
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import TYPE_CHECKING

from rtvis.model.errors import OutputError, UnreadableError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO


def refuse_what_is_no_file(path: Path) -> None:
    """Let pass files and folders, and what isn't there: opening it tells.

    Raises:
        UnreadableError: of a pipe, which would be waited for, a device, which may never end, or a socket.
    """
    try:
        mode = path.stat().st_mode
    except OSError:
        return
    if not (S_ISREG(mode) or S_ISDIR(mode)):
        raise UnreadableError("isn't a file but a pipe, socket or device", path=path, remedy="choose a file")


@contextmanager
def written_whole(path: str | Path, *, overwrite: bool = False) -> Iterator[BinaryIO]:
    """Open a file for writing that appears at `path` only when the block ends without an error.

    The bytes go to a temporary name in the same folder, are synced, and are renamed: after a crash or a full disk there
    is the old file or none, never half of one. Missing parent folders are made.

    Args:
        path: where the file is to be.
        overwrite: whether a file that is already there may be replaced.

    Raises:
        UsageError: when the file is there and `overwrite` is False, or a folder is.
        OutputError: when the folder can't be made or written to.
    """
    target = Path(path)
    try:
        # Whether it is there can't even be asked for a name that is too long or a folder that may not be entered.
        if target.is_dir():
            raise UsageError("is a folder", path=target, remedy="name a file in it")
        if target.exists() and not overwrite:
            raise UsageError("already exists", path=target, remedy="choose another name, or use --force to replace it")
        temporary = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.part")
        target.parent.mkdir(parents=True, exist_ok=True)
        handle = _begun(temporary)
    except OSError as error:
        remedy = "choose a shorter name" if error.errno == ENAMETOOLONG else "choose another folder"
        raise OutputError(f"can't be written ({error.strerror})", path=target, remedy=remedy) from error
    try:
        with handle:
            yield handle
            handle.flush()
            os.fsync(handle.fileno())
        temporary.replace(target)
        sync(target.parent)  # POSIX asks for the folder itself, or a power cut may undo the rename
    except OSError as error:
        remedy = "free some space or choose another folder"
        raise OutputError(f"can't be written ({error.strerror or error})", path=target, remedy=remedy) from error
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()
        _UNFINISHED.discard(temporary)


_UNFINISHED: set[Path] = set()
"""Temporary names of files that are being written."""


def _begun(temporary: Path) -> BinaryIO:
    _UNFINISHED.add(temporary)  # before it is there: a signal may come at once
    try:
        return temporary.open("xb")
    except OSError:
        _UNFINISHED.discard(temporary)
        raise


def discard_unfinished() -> None:
    """Take away what `written_whole` is writing at this moment, for a process that is ended by a signal."""
    for temporary in tuple(_UNFINISHED):
        with suppress(OSError):
            temporary.unlink()


def sync(path: Path) -> None:
    """Make what a file holds, or which names a folder has, survive a power cut.

    Raises:
        OSError: when it can't be opened, or the disk doesn't take it.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
