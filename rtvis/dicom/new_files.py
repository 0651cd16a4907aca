"""Several files written as one piece of work: all of them, or none."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


@contextmanager
def taken_back_unless_done(targets: Iterable[Path]) -> Iterator[list[Path]]:
    """Take new files away again, with the folders made for them, where the block is left early.

    Args:
        targets: where files are to be; those of their folders that aren't there yet go again as well, unless somebody
            put something of their own there meanwhile.

    Yields:
        A list to which the block adds each file once it is written; no other file is touched.
    """
    folders = {folder for target in targets for folder in target.parents if not folder.exists()}
    written: list[Path] = []
    try:
        yield written
    except BaseException:
        for path in written:
            with suppress(OSError):
                path.unlink(missing_ok=True)
        for folder in sorted(folders, key=lambda one: len(one.parts), reverse=True):
            with suppress(OSError):
                folder.rmdir()
        raise
