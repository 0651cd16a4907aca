"""DICOM digital signatures put into files (PS3.15 Annex C, PS3.3 C.12.1.1.3).

Everything else in the file stays byte for byte what it was: the new signature is spliced in between the elements. It is
over every element that the standard lets be signed; which those are is written into Data Elements Signed (0400,0020).
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import serialization

from rtvis.dicom.element_encoding import element as encoded_element
from rtvis.dicom.element_encoding import wrapped
from rtvis.dicom.encoding import DEFLATED_LE, EXPLICIT, EXPLICIT_LE, Encoding, tag_text
from rtvis.dicom.files import written_whole
from rtvis.dicom.uids import new_uid
from rtvis.integrity.encoding import ItemReader, encode_short, encode_tags
from rtvis.integrity.identity import Identity
from rtvis.integrity.mac_stream import (
    DIGITAL_SIGNATURES_SEQUENCE,
    MAC_PARAMETERS_SEQUENCE,
    Coverage,
    MacStream,
    Padding,
)
from rtvis.integrity.part10 import file_head
from rtvis.integrity.public_key import MACS, Mac, new_hash, sign_digest
from rtvis.integrity.scanning import (
    Element,
    ScannedFile,
    scan,
)
from rtvis.model.errors import UnreadableError, UsageError

MAC_ID: Final = 0x04000005
MAC_TRANSFER_SYNTAX: Final = 0x04000010
MAC_ALGORITHM: Final = 0x04000015
DATA_ELEMENTS_SIGNED: Final = 0x04000020
SIGNATURE_UID: Final = 0x04000100
SIGNATURE_DATE_TIME: Final = 0x04000105
CERTIFICATE_TYPE: Final = 0x04000110
CERTIFICATE: Final = 0x04000115
SIGNATURE: Final = 0x04000120


@dataclass(frozen=True, slots=True)
class SignedFile:
    """A file that was signed.

    Attributes:
        path: where the signed file is.
        mac: the hash that was signed.
        signature_uid: Digital Signature UID (0400,0100).
        signed_at: the time that the signature states, UTC.
        coverage: what the signature covers; `coverage.partial` says that something that matters can't be signed.
        made_part10: whether the source had no (complete) file meta information, and the signed file now has.
    """

    path: Path
    mac: str
    signature_uid: str
    signed_at: datetime
    coverage: Coverage
    made_part10: bool


def sign_file(
    source: str | Path, target: str | Path, identity: Identity, *, mac: str = "sha256", overwrite: bool = False
) -> SignedFile:
    """Write a copy of `source` with one more digital signature to `target`.

    Signatures that are there already are kept. A file without file meta information becomes a PS3.10 file.

    Args:
        source: any DICOM file.
        target: where the signed file goes; may be `source` with `overwrite`.
        identity: who signs.
        mac: ``sha256``, ``sha384``, ``sha512``, ``sha1``, ``md5`` or ``ripemd160``.
        overwrite: whether a file at `target` may be replaced.

    Raises:
        UnreadableError: when the file isn't whole, well-formed DICOM.
        UsageError: for an unknown `mac`, or when `target` exists.
        OutputError: when `target` can't be written.
    """
    if mac not in MACS:
        raise UsageError(f"unknown MAC algorithm {mac!r}", remedy=f"use one of {', '.join(MACS)}")
    destination = Path(target)
    if destination.exists() and not overwrite:
        raise UsageError("already exists", path=destination, remedy="choose another name, or use --force to replace it")
    scanned = scan(source)
    try:
        head = file_head(scanned)
        body, signed = _signed_body(scanned, identity, mac, destination)
    except UnreadableError as error:
        raise UnreadableError(error.what, path=source, remedy=error.remedy) from error
    with written_whole(destination, overwrite=overwrite) as handle:
        handle.write(head)
        for piece in body:
            handle.write(piece)
    return signed


def _signed_body(
    scanned: ScannedFile, identity: Identity, mac: Mac, target: Path
) -> tuple[list[bytes | memoryview], SignedFile]:
    if scanned.program:
        raise UnreadableError(
            f"its preamble is a {scanned.program} program, which no signature covers",
            remedy="find out who put it there",
        )
    stream = MacStream(scanned, Padding.REDUCED)
    tags = stream.signable_tags()
    if not tags:
        raise UnreadableError("holds nothing that can be signed")
    signed_at = datetime.now(UTC)
    uid = new_uid()
    number = _free_mac_id(scanned)
    hasher = new_hash(mac)
    coverage = stream.feed(hasher.update, frozenset(tags))
    hasher.update(_stated(number, uid, signed_at, EXPLICIT))
    signature = sign_digest(identity.private_key, hasher.digest(), mac)
    encoding = scanned.encoding
    parameters = (
        encoded_element(MAC_ID, "US", encode_short(number, encoding), encoding)
        + encoded_element(MAC_TRANSFER_SYNTAX, "UI", mac_syntax(scanned), encoding)
        + encoded_element(MAC_ALGORITHM, "CS", mac.upper(), encoding)
        + encoded_element(DATA_ELEMENTS_SIGNED, "AT", encode_tags(tags, encoding), encoding)
    )
    certificate = identity.certificate.public_bytes(serialization.Encoding.DER)
    item = (
        _stated(number, uid, signed_at, encoding)
        + encoded_element(CERTIFICATE, "OB", certificate, encoding)
        + encoded_element(SIGNATURE, "OB", signature, encoding)
    )
    body = _spliced(scanned, {MAC_PARAMETERS_SEQUENCE: parameters, DIGITAL_SIGNATURES_SEQUENCE: item})
    if scanned.transfer_syntax == DEFLATED_LE:
        body = [_deflated(body)]
    made_part10 = not (scanned.has_preamble and scanned.declared)
    return body, SignedFile(target, mac, uid, signed_at, coverage, made_part10)


def mac_syntax(scanned: ScannedFile) -> str:
    """The MAC Calculation Transfer Syntax UID (0400,0010): the file's, or explicit little endian where it can't be."""
    return scanned.transfer_syntax if scanned.encoding == EXPLICIT else EXPLICIT_LE


def _stated(number: int, uid: str, signed_at: datetime, encoding: Encoding) -> bytes:
    """The part of a signature item that goes into the MAC; the time in UTC, with its offset (PS3.5 6.2, DT)."""
    return (
        encoded_element(MAC_ID, "US", encode_short(number, encoding), encoding)
        + encoded_element(SIGNATURE_UID, "UI", uid, encoding)
        + encoded_element(SIGNATURE_DATE_TIME, "DT", f"{signed_at:%Y%m%d%H%M%S.%f}+0000", encoding)
        + encoded_element(CERTIFICATE_TYPE, "CS", "X509_1993_SIG", encoding)
    )


def _free_mac_id(scanned: ScannedFile) -> int:
    """The smallest MAC ID Number that no signature in the file uses."""
    used: set[int | None] = set()
    for element in scanned.elements:
        if element.tag in {MAC_PARAMETERS_SEQUENCE, DIGITAL_SIGNATURES_SEQUENCE}:
            used |= {ItemReader(scanned.body, one, scanned.encoding).short(MAC_ID) for one in element.items or ()}
    return next(number for number in range(len(used) + 1) if number not in used)


def _spliced(scanned: ScannedFile, new_items: dict[int, bytes]) -> list[bytes | memoryview]:
    """The data set with one more item in each of two sequences, and nothing else changed.

    A group length of a group that grows would be wrong afterwards; being retired (PS3.5 7.2), it is left out.
    """
    view = memoryview(scanned.body)
    pieces: list[bytes | memoryview] = []
    waiting = dict(sorted(new_items.items()))
    stale = {tag & 0xFFFF0000 for tag in new_items}
    position = 0
    for element in scanned.elements:
        earlier = [tag for tag in waiting if tag < element.tag]
        if not earlier and element.tag not in waiting and element.tag not in stale:
            continue
        pieces.append(view[position : element.start])
        position = element.start
        pieces += [_new_sequence(tag, waiting.pop(tag), scanned.encoding) for tag in earlier]
        if element.tag in waiting:
            pieces.append(_longer_sequence(scanned.body, element, waiting.pop(element.tag), scanned.encoding))
            position = element.end
        elif element.tag in stale:
            position = element.end
    pieces.append(view[position : scanned.elements_end])
    pieces += [_new_sequence(tag, content, scanned.encoding) for tag, content in waiting.items()]
    pieces.append(view[scanned.elements_end :])
    return pieces


def _new_sequence(tag: int, content: bytes, encoding: Encoding) -> bytes:
    return encoded_element(tag, "SQ", wrapped(content, encoding), encoding)


def _longer_sequence(body: bytes, element: Element, content: bytes, encoding: Encoding) -> bytes:
    """An existing sequence with an item more at its end."""
    if element.items is None or element.vr != b"SQ":
        raise UnreadableError(f"its {tag_text(element.tag)} is no sequence, so that no signature can be added")
    items = body[element.value_start : element.value_end] + wrapped(content, encoding)
    if element.end > element.value_end:  # undefined length: header and delimiter stay
        return body[element.start : element.value_start] + items + body[element.value_end : element.end]
    return encoded_element(element.tag, "SQ", items, encoding)


def _deflated(pieces: list[bytes | memoryview]) -> bytes:
    """PS3.5 A.5: raw deflate (RFC 1951), padded to an even length with a null."""
    deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    packed = b"".join([deflater.compress(piece) for piece in pieces]) + deflater.flush()
    return packed + b"\0" * (len(packed) % 2)
