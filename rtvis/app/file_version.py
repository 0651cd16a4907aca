"""Versions of the files in which rtvis keeps what is no DICOM: what a newer one wrote is left to that one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtvis.model.errors import NewerVersionError

if TYPE_CHECKING:
    from pathlib import Path


def refuse_newer(content: object, known: int, path: Path, what: str) -> None:
    """Let pass what this version can read, and what isn't one of these files at all.

    Args:
        content: of a JSON file.
        known: the newest version that is known here.
        path: of the file.
        what: it keeps, such as "measurements of this study".

    Raises:
        NewerVersionError: when its ``version`` is a whole number above `known`.
    """
    version = content.get("version") if isinstance(content, dict) else None
    if type(version) is int and version > known:
        raise NewerVersionError(
            f"{what} were kept by a newer version of rtvis; they aren't shown, and the file stays as it is",
            path=path,
            remedy="use that version; until then what is chosen or measured here lasts as long as the window",
        )
