"""A journal as a history that is given away: the same records, without the folders of the machine it was written on.

A journal names its files by their whole paths, so that work is found again after a crash. Beside a structure set that
is passed on they would tell names of users, folders and, with those, of patients; file names stay.
"""

from __future__ import annotations

from pathlib import PurePath

from rtvis.editing.record_chain import FIRST_SEAL, MAGIC, read_chain, sealed
from rtvis.model.errors import UnreadableError

PATHS = ("path", "images")
"""Keys of a header that name a file or folder (`rtvis.editing.journal.Source`)."""


def published(journal: bytes) -> bytes:
    """The bytes of a history with all records of a journal; each path is its last part, and all is sealed anew.

    The same records give the same bytes, so that a history that is saved again begins as it did before.

    Raises:
        UnreadableError: when a record isn't what was sealed.
    """
    chain = read_chain(journal)
    if chain.problem:
        raise UnreadableError(f"the journal can't be made a history: {chain.problem}")
    parts, seal = [MAGIC], FIRST_SEAL
    for record in chain.records:
        header = {
            key: PurePath(value).name if key in PATHS and isinstance(value, str) else value
            for key, value in record.header.items()
        }
        content, seal = sealed(seal, header, bytes(record.blob))
        parts.append(content)
    return b"".join(parts)
