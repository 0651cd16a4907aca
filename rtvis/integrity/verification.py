"""Digital signatures in files checked, and what they cover told (PS3.15 Annex C, PS3.3 C.12.1.1.3).

A verdict has one of five statuses, from best to worst:

- ``valid``: intact, by a signer who is trusted, and everything that matters is covered;
- ``partial``: what is covered is intact and its signer trusted, but pixels, contours or other elements are not covered:
  added later, not chosen by whoever signed, or not signable by the standard's rules;
- ``untrusted``: intact, but the signer's certificate is not trusted at the time of signing;
- ``unsigned``: no signature;
- ``invalid``: no signature matches what is in the file, or the file is damaged.

**Several signatures**: the best one speaks for the file. Each is over the data set as it is now, so one that holds is
not weakened by another that doesn't, such as a first reader's after a correction. `FileVerdict.signatures` lists all,
and the reason names those that fail.

**Time**: a certificate must be valid when the signature says it was made; images outlive certificates. That time is the
signer's word: somebody with a stolen key can date a signature back.

**Signatures of single items** (a Digital Signatures Sequence inside another sequence) are not checked; a file with no
other counts as unsigned.

**Never protected**, even by a valid signature: the preamble, the file meta information (group 0002), and what
`Coverage.uncovered` lists.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Final, Literal, TypeAlias

from cryptography import x509

from rtvis.dicom.encoding import UNCOMPRESSED, tag_text
from rtvis.integrity.dcmtk_stream import DcmtkStream
from rtvis.integrity.encoding import ItemReader
from rtvis.integrity.identity import common_name
from rtvis.integrity.mac_stream import (
    DIGITAL_SIGNATURES_SEQUENCE,
    MAC_PARAMETERS_SEQUENCE,
    Coverage,
    MacStream,
    Padding,
    is_signable_tag,
)
from rtvis.integrity.public_key import (
    MACS,
    WEAK_MACS,
    Mac,
    digest_signature_holds,
    is_weak,
    key_bits,
    new_hash,
    parse_certificate,
    proves_nothing,
)
from rtvis.integrity.scanning import (
    Item,
    ScannedFile,
    scan,
)
from rtvis.integrity.signing import (
    CERTIFICATE,
    CERTIFICATE_TYPE,
    DATA_ELEMENTS_SIGNED,
    MAC_ALGORITHM,
    MAC_ID,
    MAC_TRANSFER_SYNTAX,
    SIGNATURE,
    SIGNATURE_DATE_TIME,
    SIGNATURE_UID,
)
from rtvis.integrity.trust import TrustStore
from rtvis.model.errors import UnreadableError, UsageError

Status: TypeAlias = Literal["valid", "partial", "untrusted", "unsigned", "invalid"]
BEST_FIRST: Final[tuple[Status, ...]] = ("valid", "partial", "untrusted", "unsigned", "invalid")

_SIGNATURES_LIMIT: Final = 64  # each costs a pass over the file
_FUTURE_LIMIT: Final = timedelta(hours=25)  # a clock in the wrong time zone is no forgery
_SIGNATURE_ELEMENTS: Final = frozenset(  # PS3.3 C.12.1.1.3, items of Digital Signatures Sequence
    0x04000000 + one for one in (0x005, 0x100, 0x105, 0x110, 0x115, 0x120, 0x305, 0x310, 0x401)
)
_DATE_TIME: Final = re.compile(r"(\d{14})(?:\.(\d{1,6}))?(?:([+-])(\d\d)(\d\d))?")


@dataclass(frozen=True, slots=True)
class SignatureVerdict:
    """One signature: see `FileVerdict` for what the fields mean."""

    status: Status
    uid: str = ""
    signer: str | None = None
    mac: str | None = None
    signed_at: datetime | None = None
    coverage: Coverage = field(default_factory=Coverage)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FileVerdict:
    """What the signatures of one file are worth.

    Attributes:
        path: the file.
        status: see the module's text.
        signer: the common name in the signer's certificate.
        mac: the hash that was signed, such as ``sha256``.
        signed_at: when the signature says it was made, UTC.
        coverage: which share of the data set is covered, and what isn't; nothing for an unsigned or invalid file.
        reason: one line for people; empty when there is nothing to say.
        signatures: every signature in the file, in its order.
    """

    path: Path
    status: Status
    signer: str | None = None
    mac: str | None = None
    signed_at: datetime | None = None
    coverage: Coverage = field(default_factory=Coverage)
    reason: str = ""
    signatures: tuple[SignatureVerdict, ...] = ()


class _BrokenSignatureError(Exception):
    """A signature that can't hold; the message says why."""


def verify_file(path: str | Path, trust: TrustStore | None = None) -> FileVerdict:
    """Check every signature in a file.

    A file that can't be read, is cut off or malformed gets the status ``invalid`` with the reason; nothing is raised.

    Args:
        path: the file.
        trust: whom to trust; None for nobody.
    """
    place = Path(path)
    try:
        scanned = scan(place)
    except UnreadableError as error:
        return FileVerdict(place, "invalid", reason=error.what)
    return verify_scanned(scanned, place, trust)


def verify_scanned(scanned: ScannedFile, path: str | Path, trust: TrustStore | None = None) -> FileVerdict:
    """Check every signature in a file that was scanned already; `path` is its name in the verdict."""
    place = Path(path)
    if scanned.program:
        return FileVerdict(place, "invalid", reason=f"its preamble is a {scanned.program} program")
    items = _items(scanned, DIGITAL_SIGNATURES_SEQUENCE)
    if not items:
        return FileVerdict(place, "unsigned", reason="carries no digital signature")
    if len(items) > _SIGNATURES_LIMIT:
        return FileVerdict(place, "invalid", reason=f"carries more than {_SIGNATURES_LIMIT} signatures")
    verdicts = tuple(_verify_signature(scanned, item, trust or TrustStore()) for item in items)
    best = min(verdicts, key=lambda one: (BEST_FIRST.index(one.status), -one.coverage.share))
    reasons = [best.reason] if best.reason else []
    reasons += [
        f"another signature{f' by {one.signer}' if one.signer else ''} is {one.status}: {one.reason}"
        for one in verdicts
        if one is not best and one.status != "valid"
    ]
    return FileVerdict(
        place, best.status, best.signer, best.mac, best.signed_at, best.coverage, "; ".join(reasons), verdicts
    )


def _items(scanned: ScannedFile, tag: int) -> list[Item]:
    return next((one.items or [] for one in scanned.elements if one.tag == tag), [])


@dataclass(frozen=True, slots=True)
class _Parameters:
    """An item of the MAC Parameters Sequence."""

    mac: Mac
    tags: frozenset[int] | None


def _verify_signature(scanned: ScannedFile, item: Item, trust: TrustStore) -> SignatureVerdict:
    values = ItemReader(scanned.body, item, scanned.encoding)
    verdict = SignatureVerdict("invalid", values.text(SIGNATURE_UID, "\0"))
    try:
        _refuse_strange_elements(item)
        certificate = _certificate(values)
        verdict = replace(verdict, signer=common_name(certificate))
        stated = values.text(SIGNATURE_DATE_TIME)
        signed_at, zoned = _signing_time(stated)
        verdict = replace(verdict, signed_at=signed_at)
        parameters = _parameters(scanned, values)
        verdict = replace(verdict, mac=parameters.mac)
        coverage, note = _matching_coverage(scanned, item, parameters, certificate, _signature_bytes(values))
    except (_BrokenSignatureError, UsageError) as error:
        return replace(verdict, reason=str(error))
    verdict = replace(verdict, coverage=coverage, reason=note)
    distrust = _distrust(trust, certificate, signed_at, zoned=zoned)
    if distrust:
        reason = f"{distrust}; {note}" if note else distrust
        return replace(verdict, status="untrusted", reason=reason)
    if coverage.partial:
        return replace(verdict, status="partial")
    return replace(verdict, status="valid")


def _matching_coverage(
    scanned: ScannedFile, item: Item, parameters: _Parameters, certificate: x509.Certificate, signature: bytes
) -> tuple[Coverage, str]:
    """What the signature covers, and what there is to say of it.

    The stream of the file's own bytes is tried first, then with DCMTK's padding, then with a dictionary of private
    tags, then DCMTK's shortened ones, which may hold values too long for their VR.

    Raises:
        _BrokenSignatureError: when none of them matches.
    """
    mac = parameters.mac

    def holds(stream: MacStream, *, shortened: bool) -> Coverage | None:
        hasher = new_hash(mac)
        if shortened:
            coverage = DcmtkStream(stream, scanned.elements, hasher.update).feed(parameters.tags)
        else:
            coverage = stream.feed(hasher.update, parameters.tags)
        stream.feed_signature_item(hasher.update, item)
        return coverage if digest_signature_holds(certificate, signature, hasher.digest(), mac) else None

    notes = [f"{mac.upper()} can be forged"] if mac in WEAK_MACS else []
    if is_weak(certificate):
        notes.append(f"a key of {key_bits(certificate)} bits can be broken")
    reduced = MacStream(scanned, Padding.REDUCED)
    with_private = MacStream(scanned, Padding.REDUCED, private_dictionary=True)
    foreign = (reduced, with_private) if with_private.knows_private else (reduced,)
    for stream in (MacStream(scanned, Padding.EXACT), *foreign):
        coverage = holds(stream, shortened=False)
        if coverage:
            if coverage.partial:
                notes.insert(0, f"not covered: {', '.join(coverage.uncovered)}")
            return coverage, "; ".join(notes)
    unsignable = (parameters.tags or frozenset()) - set(with_private.signable_tags())
    if unsignable:
        foreign = (MacStream(scanned, Padding.REDUCED, private_dictionary=True, signs_long_values=True),)
    for stream in foreign:
        coverage = holds(stream, shortened=True)
        if coverage:
            if coverage.partial:
                share = f"{coverage.share:.1%}"
                notes.insert(0, f"made by a dcmsign that leaves out the rest of large sequences: covers {share}")
            return coverage, "; ".join(notes)
    if unsignable:
        raise _BrokenSignatureError("what it covers was taken out or has no VR that is known here, or was changed")
    raise _BrokenSignatureError("the file was changed after it was signed")


def _distrust(trust: TrustStore, certificate: x509.Certificate, signed_at: datetime, *, zoned: bool) -> str:
    """Why the signer isn't trusted; empty when trusted."""
    if not trust.certificates:
        return "no trusted certificates were named"
    if signed_at > datetime.now(UTC) + _FUTURE_LIMIT:
        return "the signature claims to have been made in the future"
    # Without an offset the time is some place's local time: trusted when it is for one place on earth.
    offsets = (0,) if zoned else (0, -14, 12)
    reasons = [trust.why_not_signer(certificate, signed_at + timedelta(hours=one)) for one in offsets]
    return "" if "" in reasons else reasons[0]


def _refuse_strange_elements(item: Item) -> None:
    """Elements that don't belong into a signature's item may be ones that were moved there.

    The item's stream follows the data set's without a mark between them, and the list of elements that are signed is
    not signed itself: the last elements of a data set (those below group 0400) could be taken out of it, put in front
    of the item's own, and the MAC would still hold.
    """
    strange = [one.tag for one in item.elements if is_signable_tag(one.tag) and one.tag not in _SIGNATURE_ELEMENTS]
    if strange:
        raise _BrokenSignatureError(f"it holds {tag_text(strange[0])}, which is no part of a signature")


def _parameters(scanned: ScannedFile, values: ItemReader) -> _Parameters:
    number = values.short(MAC_ID)
    readers = [ItemReader(scanned.body, one, scanned.encoding) for one in _items(scanned, MAC_PARAMETERS_SEQUENCE)]
    matching = [one for one in readers if number is not None and one.short(MAC_ID) == number]
    if len(matching) != 1:
        raise _BrokenSignatureError(f"the file has {len(matching) or 'no'} MAC parameters for this signature")
    parameters = matching[0]
    name = parameters.text(MAC_ALGORITHM).lower()
    mac = next((one for one in MACS if one == name), None)
    if mac is None:
        raise _BrokenSignatureError(f"its MAC algorithm {name.upper()!r} is none that this program knows")
    signed_as, stored_as = parameters.text(MAC_TRANSFER_SYNTAX, "\0"), scanned.transfer_syntax
    if signed_as != stored_as and not {signed_as, stored_as} <= UNCOMPRESSED.keys():
        raise _BrokenSignatureError(f"was signed in transfer syntax {signed_as} and is stored in {stored_as} now")
    return _Parameters(mac, parameters.tags(DATA_ELEMENTS_SIGNED))


def _certificate(values: ItemReader) -> x509.Certificate:
    kind = values.text(CERTIFICATE_TYPE)
    if kind != "X509_1993_SIG":
        raise _BrokenSignatureError(f"its certificate type {kind!r} is none that this program knows")
    try:
        certificate = parse_certificate(_der(values.raw(CERTIFICATE) or b""))
    except ValueError as error:
        raise _BrokenSignatureError("its certificate is damaged") from error
    if why := proves_nothing(certificate):
        raise _BrokenSignatureError(why)
    return certificate


def _signature_bytes(values: ItemReader) -> bytes:
    padded = values.raw(SIGNATURE) or b""
    # An RSA signature is as long as its key, which is even; an ECDSA one is DER and may be padded.
    return _der(padded) if len(padded) < 128 else padded


def _der(padded: bytes) -> bytes:
    """One DER value without the null that makes an OB value even; anything else after it is damage."""
    if len(padded) < 2 or padded[0] != 0x30:
        raise _BrokenSignatureError("its certificate or signature is damaged")
    size, start = padded[1], 2
    if size & 0x80:
        start += size & 0x7F
        size = int.from_bytes(padded[2:start], "big")
    end = start + size
    if padded[end:] not in {b"", b"\0"} or end > len(padded):
        raise _BrokenSignatureError("its certificate or signature is damaged")
    return padded[:end]


def _signing_time(text: str) -> tuple[datetime, bool]:
    """A DT value (PS3.5 6.2) in UTC, and whether it named its offset."""
    match = _DATE_TIME.fullmatch(text)
    if not match:
        raise _BrokenSignatureError(f"its date and time {text!r} are none")
    digits, fraction, sign, hours, minutes = match.groups()
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0)) * (-1 if sign == "-" else 1)
    try:
        moment = datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=timezone(offset))
        return moment.replace(microsecond=int((fraction or "0").ljust(6, "0"))).astimezone(UTC), sign is not None
    except (ValueError, OverflowError) as error:
        raise _BrokenSignatureError(f"its date and time {text!r} are none") from error
