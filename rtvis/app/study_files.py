"""A folder with a file for each study that was worked on, which several programs may have open at the same time."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from rtvis.app.folder_lock import alone_in
from rtvis.dicom.files import written_whole
from rtvis.model.errors import NewerVersionError, OutputError, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

Content = TypeVar("Content")


@dataclass(frozen=True, slots=True)
class StudyFiles:
    """Files of JSON, readable by their owner only, whose names don't tell the study.

    Attributes:
        folder: made when it is first needed.
        version: the newest of what is in the files that is known here; a newer one's files are left to it.
        what: is in them, for messages: "measurements of this study", say.
    """

    folder: Path
    version: int
    what: str

    def path(self, study: str) -> Path:
        """The file of a study, be it there or not."""
        return self.folder / f"{digest_of(study)}.json"

    def state(self, study: str) -> tuple[int, ...]:
        """What tells the file of a study from one that was written since; nothing where there is none."""
        try:
            found = self.path(study).stat()
        except OSError:
            return ()
        return found.st_ino, found.st_mtime_ns, found.st_size

    def alone(self) -> AbstractContextManager[None]:
        """No other program changes the files meanwhile: for reading, and writing what is there and more."""
        return alone_in(self.folder)

    def read(self, study: str, parsed: Callable[[dict[str, Any]], Content]) -> Content | None:
        """What is kept of a study; None when there is no file, or its folder can't be one.

        Args:
            study: which.
            parsed: makes it of what `write` was given; it raises ValueError, KeyError, TypeError, AttributeError or
                OverflowError for what can't have been written so.

        Raises:
            UnreadableError: when the file can't be read or is damaged; it is put aside as ``.damaged``.
            NewerVersionError: when a newer version of rtvis wrote it; it stays as it is.
        """
        path = self.path(study)
        try:
            content = json.loads(path.read_bytes())
            self._refuse_newer(content, path)
            if content["version"] != self.version:
                raise ValueError("another version")
            return parsed(content)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            _put_aside(path)
            raise UnreadableError(f"{self.what} can't be read ({error.strerror})", path=path) from error
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
            _put_aside(path)
            raise UnreadableError(f"{self.what} can't be read: the file is damaged", path=path) from error

    def write(self, study: str, content: Mapping[str, Any] | None) -> None:
        """Keep something of a study instead of what was kept; with None nothing any more.

        Raises:
            OutputError: when it can't be written or removed; the file stays as it was.
        """
        path = self.path(study)
        if content is not None:
            with written_whole(path, overwrite=True) as handle:
                os.fchmod(handle.fileno(), 0o600)
                handle.write(json.dumps({"version": self.version, **content}, indent=1).encode())
            return
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            problem = f"{self.what} can't be forgotten ({error.strerror})"
            raise OutputError(problem, path=path, remedy="remove the file") from error

    def _refuse_newer(self, content: object, path: Path) -> None:
        version = content.get("version") if isinstance(content, dict) else None
        if type(version) is int and version > self.version:
            raise NewerVersionError(
                f"{self.what} were kept by a newer version of rtvis; they aren't shown, and the file stays as it is",
                path=path,
                remedy="use that version; until then what is chosen or measured here lasts as long as the window",
            )


def digest_of(text: str) -> str:
    """What stands for a text that may tell of a patient: 32 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:32]


def _put_aside(path: Path) -> None:
    """Out of the way of the next file; where even that fails it is replaced by it."""
    with suppress(OSError):
        path.replace(path.with_suffix(".damaged"))
