"""The one tree of errors. Each message names the file or object, what is wrong, and what to do.

RtvisError
├── InputError              what was named can't be read or used             -> exit status 2
│   ├── NothingFoundError       no DICOM where it was looked for
│   ├── UnreadableError         a file that can't be read (truncated, damaged, hostile, undecodable)
│   │   └── MalformedError          its bytes break PS3.5 or PS3.10 (`rtvis.integrity.scanning`)
│   ├── NewerVersionError       a file that a newer version of rtvis wrote
│   ├── ReplayError             a record of edits that doesn't follow from those before (`rtvis.editing.replay`)
│   └── UsageError              options that don't go together, a missing passphrase, an existing file
│       └── NothingToRepairError    all references hold already
├── OutputError             a result can't be written                        -> exit status 2
├── CheckFailedError        the thing checked doesn't hold                   -> exit status 1
│   ├── ExportError             a structure set breaks the standard and was not written
│   ├── SignatureError          a signature doesn't hold
│   └── DeliveryError           a device refused, or didn't answer (finer ones in `rtvis.transfer`)
└── CancelledError          a person asked to stop (`rtvis.model.progress`); no command raises it

Other exceptions stay within their room, whose callers turn them into one of these: a walk over bytes that ends early
(`rtvis.dicom.elements`), a peer that breaks the protocol (`rtvis.transfer.protocol`).
"""

from __future__ import annotations

from pathlib import Path

from rtvis.model.one_line import one_line


class RtvisError(Exception):
    """Anything rtvis can explain to the person in front of it, in one line.

    Args:
        what: what is wrong, in words, without the path.
        path: the file or folder it is about, if any; printed before `what`.
        remedy: what to do about it; printed after `what`.
    """

    exit_status = 2

    def __init__(self, what: str, *, path: str | Path | None = None, remedy: str = "") -> None:
        self.what = what
        self.path = None if path is None else Path(path)
        self.remedy = remedy
        place = "" if path is None else f"{path}: "
        action = f"; {remedy}" if remedy else ""
        super().__init__(one_line(f"{place}{what}{action}"))


class InputError(RtvisError):
    """What was named can't be read or used."""


class NothingFoundError(InputError):
    """No DICOM of the kind asked for where it was looked for."""


class UnreadableError(InputError):
    """A file that can't be read: truncated, damaged, hostile, or in an encoding no decoder here knows."""


class NewerVersionError(InputError):
    """A file that a newer version of rtvis wrote; it is left as it is, and never written over."""


class UsageError(InputError):
    """Options that don't go together, a missing passphrase, an existing output file."""


class NothingToRepairError(UsageError):
    """All references of a structure set hold already."""


class OutputError(RtvisError):
    """A result can't be written; nothing half-written is left behind."""


class CheckFailedError(RtvisError):
    """The thing checked doesn't hold."""

    exit_status = 1


class ExportError(CheckFailedError):
    """A structure set breaks the standard where rtvis made or edited it, and was not written."""


class SignatureError(CheckFailedError):
    """A signature doesn't hold."""


class DeliveryError(CheckFailedError):
    """A device refused a volume, or didn't answer."""
