"""Offers and receipts: what each side signs, and how the other side checks it.

Every signed text starts with its own heading, so that a signature made for one purpose serves no other.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from rtvis.integrity.identity import Identity
from rtvis.integrity.public_key import certificate_fingerprint, signature_holds
from rtvis.integrity.trust import TrustStore
from rtvis.model.errors import SignatureError
from rtvis.transfer.messages import MAX_TEXT, MessageError, ReceiptMessage, canonical_json, parse_json_object, shown

FORMAT = "rtvis receipt 1"
_OFFER_HEADING = b"rtvis device protocol 1 offer\n"
_RECEIPT_HEADING = b"rtvis device protocol 1 receipt\n"

Verdict: TypeAlias = Literal["accepted", "already_there", "refused"]
VERDICTS: tuple[Verdict, ...] = ("accepted", "already_there", "refused")


def offer_text(nonce: bytes, device: x509.Certificate, manifest: bytes) -> bytes:
    """What the sender signs: this session's nonce, the device it is meant for, and the manifest."""
    return _OFFER_HEADING + nonce + certificate_fingerprint(device).encode() + b"\n" + manifest


def sign_offer(identity: Identity, nonce: bytes, device: x509.Certificate, manifest: bytes) -> bytes:
    """The sender's signature over an offer."""
    return identity.sign(offer_text(nonce, device, manifest))


def offer_holds(
    sender: x509.Certificate, signature: bytes, nonce: bytes, device: x509.Certificate, manifest: bytes
) -> bool:
    """Whether the offer was signed by the key of `sender`, for this device and this session."""
    return signature_holds(sender, signature, offer_text(nonce, device, manifest))


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a device says of a delivery.

    Attributes:
        verdict: ``accepted``, ``already_there`` or ``refused``.
        reason: why it was refused.
        device, sender: names of the two certificates; their fingerprints beside them.
        manifest_sha256: of the manifest as it was offered.
        digest: the volume digest the device computed from the voxels it received.
        signatures: number of files by signature status, as the device found them.
        at: ISO 8601 UTC.
        nonce: of the session, hexadecimal.
    """

    verdict: Verdict
    device: str
    device_fingerprint: str
    sender: str
    sender_fingerprint: str
    manifest_sha256: str
    volume_id: str
    series_instance_uid: str
    digest: str
    files: int
    total_bytes: int
    signatures: dict[str, int]
    at: str
    nonce: str
    reason: str = ""

    def encode(self) -> bytes:
        """Canonical JSON: what is signed."""
        return canonical_json({"format": FORMAT, **asdict(self)})

    @classmethod
    def decode(cls, body: bytes) -> Receipt:
        """Read what a device sent.

        Raises:
            MessageError: when it isn't a receipt.
        """
        value = parse_json_object(body)
        if value.pop("format", None) != FORMAT or set(value) != set(cls.__dataclass_fields__):
            raise MessageError(f"isn't a {FORMAT!r}")
        texts = set(value) - {"files", "total_bytes", "signatures"}
        signatures = value["signatures"]
        if (
            value["verdict"] not in VERDICTS
            or any(not isinstance(value[key], str) or len(value[key]) > MAX_TEXT for key in texts)
            or any(type(value[key]) is not int for key in ("files", "total_bytes"))
            or not isinstance(signatures, dict)
            or any(type(count) is not int for count in signatures.values())
        ):
            raise MessageError("is a receipt with improper values")
        fields: dict[str, Any] = {key: shown(one) if key in texts else one for key, one in value.items()}
        return cls(**fields)


@dataclass(frozen=True, slots=True)
class SignedReceipt:
    """A receipt with the device's signature and certificate: a proof that can be kept and checked later."""

    receipt: Receipt
    body: bytes
    signature: bytes
    certificate: x509.Certificate

    @classmethod
    def make(cls, receipt: Receipt, identity: Identity) -> SignedReceipt:
        """Sign a receipt."""
        body = receipt.encode()
        return cls(receipt, body, identity.sign(_RECEIPT_HEADING + body), identity.certificate)

    @classmethod
    def from_message(cls, message: ReceiptMessage, device: x509.Certificate) -> SignedReceipt:
        """From the wire; the signature is checked against the device's certificate.

        Raises:
            SignatureError: when the signature doesn't hold.
            MessageError: when it isn't a receipt.
        """
        result = cls(Receipt.decode(message.body), message.body, message.signature, device)
        result.check()
        return result

    @property
    def message(self) -> ReceiptMessage:
        """As it travels."""
        return ReceiptMessage(self.body, self.signature)

    def check(self, trust: TrustStore | None = None) -> None:
        """Check the signature, and with `trust` also whether the device is trusted.

        Raises:
            SignatureError: when one of the two doesn't hold.
        """
        if not signature_holds(self.certificate, self.signature, _RECEIPT_HEADING + self.body):
            raise SignatureError("the receipt's signature doesn't hold", remedy="don't rely on this delivery")
        if self.receipt.device_fingerprint != certificate_fingerprint(self.certificate):
            raise SignatureError("the receipt speaks for another device", remedy="don't rely on this delivery")
        if trust is not None:
            reason = trust.why_not(self.certificate, datetime.now(UTC))
            if reason:
                raise SignatureError(f"the receipt isn't from a trusted device: {reason}")

    def to_json(self) -> dict[str, Any]:
        """For keeping and printing."""
        return {
            "body": self.body.decode(),
            "signature": self.signature.hex(),
            "certificate": self.certificate.public_bytes(serialization.Encoding.PEM).decode(),
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> SignedReceipt:
        """From what `to_json` gave; not checked yet.

        Raises:
            MessageError: when it isn't one.
        """
        try:
            body = str(value["body"]).encode()
            signature = bytes.fromhex(value["signature"])
            certificate = x509.load_pem_x509_certificate(str(value["certificate"]).encode())
        except (KeyError, ValueError, TypeError):
            raise MessageError("isn't a kept receipt") from None
        return cls(Receipt.decode(body), body, signature, certificate)
