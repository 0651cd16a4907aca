"""Messages of the device protocol: what each frame says, and the strict reading of it.

Every message is a frozen value with `encode()`; `decode` takes a frame and refuses anything that isn't exactly one.
"""

from __future__ import annotations

import json
import re
import struct
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

from rtvis.transfer.frames import Frame, FrameError, FrameType, encode_frame

PROTOCOL = "rtvis-device"
VERSION = 1
NONCE_BYTES = 32
MAX_TEXT = 1000
"""Characters of a reason or a name that came from the other side and may be shown to a person."""

_FILE = struct.Struct(">IQ")
_INDEX = struct.Struct(">I")
_SIGNED = struct.Struct(">H")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


class MessageError(ValueError):
    """A frame whose content isn't what its type asks for."""


def canonical_json(value: object) -> bytes:
    """One spelling for each value: keys sorted, no spaces, UTF-8. This is what is hashed and signed."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def parse_json_object(data: bytes) -> dict[str, Any]:
    """The JSON object in `data`.

    Raises:
        MessageError: for anything else, including nesting too deep for the parser.
    """
    try:
        value = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        raise MessageError("isn't JSON") from None
    if not isinstance(value, dict):
        raise MessageError("isn't a JSON object")
    return value


def shown(text: str) -> str:
    """Text from the other side, safe to print on one line: no control characters, no endless length."""
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text[:MAX_TEXT])


def _text(value: dict[str, Any], key: str) -> str:
    text = value.get(key)
    if not isinstance(text, str) or len(text) > MAX_TEXT:
        raise MessageError(f"has no proper {key!r}")
    return shown(text)


@dataclass(frozen=True, slots=True)
class Hello:
    """Both sides: who speaks, and which version. The device speaks first."""

    name: str
    version: int = VERSION
    kind: ClassVar[FrameType] = FrameType.HELLO

    def encode(self) -> bytes:
        """The frame."""
        value = {"protocol": PROTOCOL, "version": self.version, "name": self.name}
        return encode_frame(self.kind, canonical_json(value))

    @classmethod
    def decode(cls, payload: bytes) -> Hello:
        """From the payload of a frame."""
        value = parse_json_object(payload)
        if value.get("protocol") != PROTOCOL:
            raise MessageError("speaks another protocol")
        version = value.get("version")
        if type(version) is not int or version != VERSION:
            raise MessageError(f"speaks version {shown(repr(version)[:40])} of the protocol, not {VERSION}")
        return cls(_text(value, "name"), version)


@dataclass(frozen=True, slots=True)
class Challenge:
    """Device: a nonce that makes this session's signatures good for this session only."""

    nonce: bytes
    kind: ClassVar[FrameType] = FrameType.CHALLENGE

    def encode(self) -> bytes:
        """The frame."""
        return encode_frame(self.kind, self.nonce)

    @classmethod
    def decode(cls, payload: bytes) -> Challenge:
        """From the payload of a frame."""
        if len(payload) != NONCE_BYTES:
            raise MessageError(f"has a nonce of {len(payload)} bytes, not {NONCE_BYTES}")
        return cls(payload)


def _encode_signed(signature: bytes, body: bytes) -> bytes:
    return _SIGNED.pack(len(signature)) + signature + body


def _decode_signed(payload: bytes) -> tuple[bytes, bytes]:
    if len(payload) < _SIGNED.size:
        raise MessageError("is too short")
    (length,) = _SIGNED.unpack_from(payload)
    end = _SIGNED.size + length
    if not 0 < length <= 4096 or len(payload) <= end:
        raise MessageError("has no proper signature")
    return payload[_SIGNED.size : end], payload[end:]


@dataclass(frozen=True, slots=True)
class Offer:
    """Sender: the manifest as canonical JSON, signed by the sender's key over nonce, receiver and manifest."""

    manifest: bytes
    signature: bytes
    kind: ClassVar[FrameType] = FrameType.OFFER

    def encode(self) -> bytes:
        """The frame."""
        return encode_frame(self.kind, _encode_signed(self.signature, self.manifest))

    @classmethod
    def decode(cls, payload: bytes) -> Offer:
        """From the payload of a frame."""
        signature, manifest = _decode_signed(payload)
        return cls(manifest, signature)


@dataclass(frozen=True, slots=True)
class Held:
    """What the device already has of one file: so many bytes from its start, with this SHA-256."""

    offset: int = 0
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Resume:
    """Device: what it already holds of each file, in manifest order."""

    held: tuple[Held, ...]
    kind: ClassVar[FrameType] = FrameType.RESUME

    def encode(self) -> bytes:
        """The frame. Files of which nothing is held are left out."""
        entries = [[index, one.offset, one.sha256] for index, one in enumerate(self.held) if one.offset]
        return encode_frame(self.kind, canonical_json({"files": len(self.held), "held": entries}))

    @classmethod
    def decode(cls, payload: bytes) -> Resume:
        """From the payload of a frame."""
        value = parse_json_object(payload)
        count, entries = value.get("files"), value.get("held")
        if type(count) is not int or not 0 < count <= 1_000_000 or not isinstance(entries, list):
            raise MessageError("has no list of files")
        held = [Held()] * count
        for entry in entries:
            match entry:
                case [int(index), int(offset), str(digest)] if 0 <= index < count and _SHA256.match(digest):
                    if not 0 < offset < 2**63:
                        raise MessageError("has an impossible offset")
                    held[index] = Held(offset, digest)
                case _:
                    raise MessageError("has an entry that can't be read")
        return cls(tuple(held))


@dataclass(frozen=True, slots=True)
class File:
    """Sender: the bytes of file `index` follow, from `offset` on."""

    index: int
    offset: int = 0
    kind: ClassVar[FrameType] = FrameType.FILE

    def encode(self) -> bytes:
        """The frame."""
        return encode_frame(self.kind, _FILE.pack(self.index, self.offset))

    @classmethod
    def decode(cls, payload: bytes) -> File:
        """From the payload of a frame."""
        if len(payload) != _FILE.size:
            raise MessageError(f"has {len(payload)} bytes, not {_FILE.size}")
        index, offset = _FILE.unpack(payload)
        return cls(index, offset)


@dataclass(frozen=True, slots=True)
class Data:
    """Sender: the next bytes of the file, at least one."""

    payload: bytes
    kind: ClassVar[FrameType] = FrameType.DATA

    def encode(self) -> bytes:
        """The frame."""
        return encode_frame(self.kind, self.payload)

    @classmethod
    def decode(cls, payload: bytes) -> Data:
        """From the payload of a frame."""
        if not payload:
            raise MessageError("is empty")
        return cls(payload)


@dataclass(frozen=True, slots=True)
class FileEnd:
    """Sender: that was all of file `index`."""

    index: int
    kind: ClassVar[FrameType] = FrameType.FILE_END

    def encode(self) -> bytes:
        """The frame."""
        return encode_frame(self.kind, _INDEX.pack(self.index))

    @classmethod
    def decode(cls, payload: bytes) -> FileEnd:
        """From the payload of a frame."""
        if len(payload) != _INDEX.size:
            raise MessageError(f"has {len(payload)} bytes, not {_INDEX.size}")
        return cls(_INDEX.unpack(payload)[0])


@dataclass(frozen=True, slots=True)
class FileResult:
    """Device: whether file `index` arrived with the size, MD5 and SHA-256 of the manifest."""

    index: int
    ok: bool
    reason: str = ""
    kind: ClassVar[FrameType] = FrameType.FILE_RESULT

    def encode(self) -> bytes:
        """The frame."""
        value = {"index": self.index, "ok": self.ok, "reason": self.reason[:MAX_TEXT]}
        return encode_frame(self.kind, canonical_json(value))

    @classmethod
    def decode(cls, payload: bytes) -> FileResult:
        """From the payload of a frame."""
        value = parse_json_object(payload)
        index, ok = value.get("index"), value.get("ok")
        if type(index) is not int or not isinstance(ok, bool):
            raise MessageError("has no index or no result")
        return cls(index, ok, _text(value, "reason"))


@dataclass(frozen=True, slots=True)
class Commit:
    """Sender: all files were sent and found whole; take them."""

    kind: ClassVar[FrameType] = FrameType.COMMIT

    def encode(self) -> bytes:
        """The frame."""
        return encode_frame(self.kind)

    @classmethod
    def decode(cls, payload: bytes) -> Commit:
        """From the payload of a frame, which the framing keeps empty."""
        del payload
        return cls()


@dataclass(frozen=True, slots=True)
class ReceiptMessage:
    """Device: its verdict as canonical JSON, signed by the device's key."""

    body: bytes
    signature: bytes
    kind: ClassVar[FrameType] = FrameType.RECEIPT

    def encode(self) -> bytes:
        """The frame."""
        return encode_frame(self.kind, _encode_signed(self.signature, self.body))

    @classmethod
    def decode(cls, payload: bytes) -> ReceiptMessage:
        """From the payload of a frame."""
        signature, body = _decode_signed(payload)
        return cls(body, signature)


@dataclass(frozen=True, slots=True)
class Working:
    """Device: still there, and busy with this."""

    stage: str
    kind: ClassVar[FrameType] = FrameType.WORKING

    def encode(self) -> bytes:
        """The frame."""
        return encode_frame(self.kind, canonical_json({"stage": self.stage}))

    @classmethod
    def decode(cls, payload: bytes) -> Working:
        """From the payload of a frame."""
        return cls(_text(parse_json_object(payload), "stage"))


@dataclass(frozen=True, slots=True)
class Refuse:
    """Either side: no, for this reason; nothing more will follow."""

    code: str
    reason: str
    kind: ClassVar[FrameType] = FrameType.REFUSE

    def encode(self) -> bytes:
        """The frame."""
        value = {"code": self.code, "reason": self.reason[:MAX_TEXT]}
        return encode_frame(self.kind, canonical_json(value))

    @classmethod
    def decode(cls, payload: bytes) -> Refuse:
        """From the payload of a frame."""
        value = parse_json_object(payload)
        return cls(_text(value, "code"), _text(value, "reason"))


Message: TypeAlias = (
    Hello | Challenge | Offer | Resume | File | Data | FileEnd | FileResult | Commit | ReceiptMessage | Working | Refuse
)

_CLASSES: tuple[type[Message], ...] = (
    Hello,
    Challenge,
    Offer,
    Resume,
    File,
    Data,
    FileEnd,
    FileResult,
    Commit,
    ReceiptMessage,
    Working,
    Refuse,
)
_BY_KIND: dict[FrameType, type[Message]] = {one.kind: one for one in _CLASSES}


def decode(frame: Frame) -> Message:
    """What a frame says.

    Raises:
        MessageError: when its content isn't what its type asks for.
    """
    try:
        return _BY_KIND[frame.kind].decode(frame.payload)
    except (MessageError, FrameError) as error:
        raise MessageError(f"a {frame.kind.name} that {error}") from None
