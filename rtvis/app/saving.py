"""Saving over a file without losing what it was."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rtvis.model.errors import OutputError

if TYPE_CHECKING:
    from rtvis.model.problem import Problem


@dataclass(frozen=True, slots=True)
class SavingRemarks:
    """What was remarked on a structure set when it was saved last.

    Attributes:
        path: the file it was saved as.
        remarks: such as contours that aren't as the standard asks, and were kept as they are.
    """

    path: Path
    remarks: tuple[Problem, ...]


def backup_path(path: Path) -> Path:
    """Where the file that was at `path` before the last save is: ``rs.dcm~`` beside ``rs.dcm``.

    The ending is one that searches for DICOM files by name don't take for one, and that file managers hide.
    """
    return path.with_name(f"{path.name}~")


def history_path(path: Path) -> Path:
    """Where the history of the structure set at `path` is saved on request: ``rs.dcm.history``."""
    return path.with_name(f"{path.name}.history")


@contextmanager
def previous_kept(path: str | Path) -> Iterator[None]:
    """Keep the file that is at `path` as `backup_path` when the block, which replaces it, ends without an error.

    After an error both the file and the backup of an earlier time are as they were.

    Raises:
        OutputError: when no backup can be made; the block isn't entered then.
    """
    target = Path(path)
    if not os.path.isfile(target):  # noqa: PTH113  (Path.is_file raises where a folder may not be entered)
        yield  # what writes the file says what is in the way
        return
    temporary = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.part")
    try:
        try:
            os.link(target, temporary)  # no bytes are copied: the file that takes its place is another one
        except OSError:  # a file system without links
            shutil.copy2(target, temporary)
        yield
        temporary.replace(backup_path(target))
    except OSError as error:
        raise OutputError(
            f"the file that is there can't be kept as {backup_path(target).name} ({error.strerror})",
            path=target,
            remedy="choose another name",
        ) from error
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()
