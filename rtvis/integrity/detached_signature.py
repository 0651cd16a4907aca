"""A signature beside a file that can't hold one, such as the history of edits of a structure set.

``NAME.sig`` is JSON: the SHA-256 of the file, when it was signed, the signer's certificates, and the signature over the
first two under a heading of its own, so that it serves no other purpose.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from rtvis.dicom.files import written_whole
from rtvis.integrity.identity import common_name
from rtvis.integrity.public_key import parse_certificate, proves_nothing, signature_holds
from rtvis.model.errors import UnreadableError

if TYPE_CHECKING:
    from cryptography import x509

    from rtvis.integrity.identity import Identity
    from rtvis.integrity.trust import TrustStore

FORMAT = "rtvis detached signature 1"
LARGEST_FILE = 1_000_000
"""Bytes of a signature file; a larger one is something else."""

Status: TypeAlias = Literal["valid", "untrusted", "invalid", "unsigned"]


@dataclass(frozen=True, slots=True)
class DetachedVerdict:
    """What a check of a file's detached signature found.

    Attributes:
        status: ``untrusted`` when it holds and the signer is nobody that is trusted.
        signer: the certificate's common name; empty without one.
        signed_at: when, as the signer says it; None without a signature that holds.
        reason: why it isn't valid.
    """

    status: Status
    signer: str = ""
    signed_at: datetime | None = None
    reason: str = ""


def signature_path(path: Path) -> Path:
    """Where the signature of a file is."""
    return path.with_name(f"{path.name}.sig")


def sign_detached(path: str | Path, identity: Identity, *, overwrite: bool = False) -> Path:
    """Sign a file as it is now; the path of the signature.

    Raises:
        UnreadableError: when the file can't be read.
        UsageError: when there is a signature already and `overwrite` is False.
        OutputError: when it can't be written.
    """
    place = Path(path)
    stated = {"format": FORMAT, "sha256": _sha256(place), "signed_at": datetime.now(UTC).isoformat(timespec="seconds")}
    words = {
        **stated,
        "certificate": identity.certificate_pem.decode("ascii"),
        "signature": identity.sign(_signed_text(stated)).hex(),
    }
    target = signature_path(place)
    with written_whole(target, overwrite=overwrite) as handle:
        handle.write(json.dumps(words, indent=1).encode() + b"\n")
    return target


def verify_detached(path: str | Path, trust: TrustStore | None = None) -> DetachedVerdict:
    """Check the signature beside a file.

    Args:
        path: of the file.
        trust: certificates that are trusted; without it no signer is.

    Raises:
        UnreadableError: when the file itself can't be read.
    """
    place = Path(path)
    digest = _sha256(place)
    beside = signature_path(place)
    if not beside.exists():
        return DetachedVerdict("unsigned", reason=f"there is no {beside.name}")
    found = _read(beside)
    if isinstance(found, str):
        return DetachedVerdict("invalid", reason=f"{beside.name} {found}")
    signer = common_name(found.certificate)
    if why := proves_nothing(found.certificate):
        return DetachedVerdict("invalid", signer, reason=f"of {beside.name} {why}")
    if not signature_holds(found.certificate, found.signature, _signed_text(found.stated)):
        return DetachedVerdict("invalid", signer, reason=f"what {beside.name} says was changed")
    if found.stated["sha256"] != digest:
        return DetachedVerdict("invalid", signer, found.signed_at, "the file was changed after it was signed")
    reason = "nobody is trusted" if trust is None else trust.why_not_signer(found.certificate, found.signed_at)
    return DetachedVerdict("untrusted" if reason else "valid", signer, found.signed_at, reason)


@dataclass(frozen=True, slots=True)
class _Read:
    """What a signature file says."""

    stated: dict[str, str]
    certificate: x509.Certificate
    signature: bytes
    signed_at: datetime


def _read(path: Path) -> _Read | str:
    """A signature file's content, or why it is none."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            return "is too large for a signature"
        words = json.loads(path.read_bytes())
        stated = {key: str(words[key]) for key in ("format", "sha256", "signed_at")}
        certificate = parse_certificate(str(words["certificate"]).encode())
        signature = bytes.fromhex(str(words["signature"]))
        signed_at = datetime.fromisoformat(stated["signed_at"])
    except OSError as error:
        return f"can't be read ({error.strerror})"
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        return "is no signature that rtvis knows"
    if stated["format"] != FORMAT or signed_at.tzinfo is None:
        return "is no signature that rtvis knows"
    return _Read(stated, certificate, signature, signed_at)


def _signed_text(stated: dict[str, str]) -> bytes:
    return "\n".join(stated[key] for key in ("format", "sha256", "signed_at")).encode()


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()
    except OSError as error:
        raise UnreadableError(f"can't be read ({error.strerror})", path=path) from error
