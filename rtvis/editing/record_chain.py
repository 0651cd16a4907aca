"""Records in a file, one after the other, each sealed with a hash over all that came before it.

    file   = MAGIC, record, record ...
    record = length of the payload (8 bytes, little endian), payload, seal (32 bytes)
    payload = length of the header (4 bytes, little endian), header (JSON, UTF-8), blob
    seal   = SHA-256(the seal before + length of the payload + payload); the first one follows SHA-256(MAGIC)

A file that was cut anywhere holds all records before the cut: the length tells that the last one isn't whole, the seal
that it isn't what was written. Seals also make the file a hash chain: nothing before a known seal can be changed, left
out, put in or moved. They are no signature: who can write the file can also make a new chain, so that it proves as much
as the place where its last seal is kept.
"""

from __future__ import annotations

import hashlib
import json
import struct
from dataclasses import dataclass
from typing import Any, TypeAlias

MAGIC = b"rtvis edit history 1\n"
SEAL_BYTES = 32
FIRST_SEAL = hashlib.sha256(MAGIC).digest()

Header: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Record:
    """One record.

    Attributes:
        header: what it says.
        blob: the arrays that go with it.
        seal: see the module.
        end: where the next record begins in the file.
    """

    header: Header
    blob: memoryview
    seal: bytes
    end: int


@dataclass(frozen=True, slots=True)
class Chain:
    """The whole records at the beginning of a file.

    Attributes:
        records: in order.
        length: bytes of MAGIC and the records; what follows is no whole record.
        problem: why reading ended before the end of the file; empty when it didn't.
        cut: whether the file only ends too early, as after a power cut; False where bytes differ from what was sealed.
    """

    records: tuple[Record, ...]
    length: int
    problem: str = ""
    cut: bool = False

    @property
    def seal(self) -> bytes:
        """The last seal, which stands for the whole chain."""
        return self.records[-1].seal if self.records else FIRST_SEAL


def sealed(previous: bytes, header: Header, blob: bytes = b"") -> tuple[bytes, bytes]:
    """The bytes of a record that follows the seal `previous`, and its seal."""
    text = json.dumps(header, separators=(",", ":"), allow_nan=False).encode()
    payload = struct.pack("<I", len(text)) + text + blob
    length = struct.pack("<Q", len(payload))
    seal = hashlib.sha256(previous + length + payload).digest()
    return length + payload + seal, seal


def read_chain(data: bytes) -> Chain:
    """All whole records of a file's bytes, and why there are no more. It raises nothing, whatever the bytes are."""
    if not data.startswith(MAGIC):
        cut = MAGIC.startswith(data)
        return Chain((), 0, "it is empty" if not data else "it doesn't begin as an edit history does", cut)
    records: list[Record] = []
    view = memoryview(data)
    place, seal = len(MAGIC), FIRST_SEAL
    while place < len(data):
        number = len(records) + 1
        if place + 8 > len(data):
            return Chain(tuple(records), place, f"it ends within record {number}", cut=True)
        (length,) = struct.unpack_from("<Q", data, place)
        end = place + 8 + length + SEAL_BYTES
        if end > len(data):
            return Chain(tuple(records), place, f"it ends within record {number}", cut=True)
        hasher = hashlib.sha256(seal)
        hasher.update(view[place : place + 8 + length])
        if hasher.digest() != data[end - SEAL_BYTES : end]:
            return Chain(tuple(records), place, f"record {number} is not what was sealed")
        seal = data[end - SEAL_BYTES : end]
        record = _parsed(view[place + 8 : place + 8 + length], seal, end)
        if record is None:
            return Chain(tuple(records), place, f"record {number} can't be read")
        records.append(record)
        place = end
    return Chain(tuple(records), place)


def _parsed(payload: memoryview, seal: bytes, end: int) -> Record | None:
    if len(payload) < 4:
        return None
    (size,) = struct.unpack_from("<I", payload)
    if 4 + size > len(payload):
        return None
    try:
        header = json.loads(bytes(payload[4 : 4 + size]))
    except (ValueError, RecursionError):
        return None
    return Record(header, payload[4 + size :], seal, end) if isinstance(header, dict) else None
