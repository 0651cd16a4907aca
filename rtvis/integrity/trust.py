"""Whom one trusts: a few certificates, each pinned itself or the issuer of others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.x509.oid import ExtendedKeyUsageOID

from rtvis.dicom.files import refuse_what_is_no_file
from rtvis.integrity.public_key import parse_certificate
from rtvis.model.errors import NothingFoundError, UnreadableError

_SUFFIXES = frozenset({".pem", ".crt", ".cer", ".der", ".cert"})
_SIGNING_PURPOSES = frozenset(
    {
        ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
        ExtendedKeyUsageOID.CLIENT_AUTH,  # it says who somebody is; what many hospitals give people and scanners
        ExtendedKeyUsageOID.EMAIL_PROTECTION,
        ExtendedKeyUsageOID.CODE_SIGNING,
        x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36"),  # document signing, RFC 9336
        x509.ObjectIdentifier("1.3.6.1.4.1.311.10.3.12"),  # document signing, as Microsoft named it before
    }
)
_SIZE_LIMIT = 1 << 20  # a file of certificates is a few kilobytes


@dataclass(frozen=True, slots=True)
class TrustStore:
    """The certificates one trusts. An empty store trusts nobody."""

    certificates: tuple[x509.Certificate, ...] = ()

    @classmethod
    def load(cls, path: str | Path) -> TrustStore:
        """Read a certificate (PEM or DER) or a folder of them, not searched deeper.

        Of a PEM file with a chain only the first certificate is trusted: who names a person's certificate doesn't
        thereby trust everybody that person's issuer names. A folder's other files (such as `key.pem`) don't count.

        Raises:
            NothingFoundError: when there is no such file, or no certificate in the folder.
            UnreadableError: when a file can't be read as a certificate.
        """
        place = Path(path)
        try:
            if place.is_dir():
                files = sorted(one for one in place.iterdir() if one.suffix.lower() in _SUFFIXES and one.is_file())
                loaded = [_first_certificate(one, required=False) for one in files]
                found = tuple(dict.fromkeys(one for one in loaded if one is not None))
            else:
                one = _first_certificate(place, required=True)
                found = () if one is None else (one,)
        except OSError as error:
            if isinstance(error, FileNotFoundError):
                raise NothingFoundError("isn't there", path=place, remedy="name a certificate or a folder") from error
            raise UnreadableError(f"can't be read ({error.strerror})", path=place) from error
        if not found:
            raise NothingFoundError("no certificate there", path=place, remedy="name a PEM or DER certificate")
        return cls(found)

    def why_not(self, certificate: x509.Certificate, at: datetime) -> str:
        """Why `certificate` is not trusted at the time `at`; an empty text when it is.

        It is trusted when it is within its validity and is one of these certificates, or was issued (signature
        checked) by one of these that may issue and is within its own validity.
        """
        if at < certificate.not_valid_before_utc:
            return f"the signer's certificate is only valid from {certificate.not_valid_before_utc:%Y-%m-%d %H:%M} UTC"
        if at > certificate.not_valid_after_utc:
            return f"the signer's certificate expired on {certificate.not_valid_after_utc:%Y-%m-%d %H:%M} UTC"
        if certificate in self.certificates:
            return ""
        reason = "the signer's certificate is neither trusted itself nor issued by a trusted one"
        for issuer in self.certificates:
            if issuer.subject != certificate.issuer or not _issued(certificate, issuer):
                continue
            if not _may_issue(issuer):
                reason = "the certificate that issued the signer's is not allowed to issue any"
            elif not issuer.not_valid_before_utc <= at <= issuer.not_valid_after_utc:
                reason = "the certificate that issued the signer's was not valid at that time"
            else:
                return ""
        return reason

    def why_not_signer(self, certificate: x509.Certificate, at: datetime) -> str:
        """Why a signature with the key of `certificate` counts for nothing at the time `at`; empty when it counts.

        Besides `why_not`: it must be made for signing (its key usage, where given), and where an issuer vouches for it,
        not be restricted to other purposes, such as being a web server, or by rules that aren't known here.
        """
        return self.why_not(certificate, at) or _unfit_to_sign(certificate, pinned=certificate in self.certificates)


def load_certificate(path: str | Path) -> x509.Certificate:
    """The first certificate in a PEM file, or the one in a DER file.

    Raises:
        NothingFoundError: when there is no such file.
        UnreadableError: when it holds no certificate.
    """
    return TrustStore.load(path).certificates[0]


def _first_certificate(path: Path, *, required: bool) -> x509.Certificate | None:
    refuse_what_is_no_file(path)
    with path.open("rb") as handle:
        content = handle.read(_SIZE_LIMIT)
    try:
        if not required and b"-----BEGIN" in content and b"-----BEGIN CERTIFICATE-----" not in content:
            return None
        return parse_certificate(content)
    except ValueError as error:
        raise UnreadableError(
            "can't be read as a certificate", path=path, remedy="give a PEM or DER X.509 certificate"
        ) from error


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True


def _may_issue(issuer: x509.Certificate) -> bool:
    """RFC 5280 4.2.1.9 and 4.2.1.3: an issuer is a CA, and its key usage, where given, allows signing certificates."""
    try:
        extensions = issuer.extensions
        constraints = extensions.get_extension_for_class(x509.BasicConstraints).value
    except (x509.ExtensionNotFound, ValueError):
        return False
    try:
        usage = extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return constraints.ca
    return constraints.ca and usage.key_cert_sign


def _unfit_to_sign(certificate: x509.Certificate, *, pinned: bool) -> str:
    """Why a trusted certificate isn't one to sign documents with (RFC 5280 4.2, 4.2.1.3, 4.2.1.12)."""
    found = {one.oid: one.value for one in certificate.extensions}
    usage, purposes = found.get(x509.KeyUsage.oid), found.get(x509.ExtendedKeyUsage.oid)
    if isinstance(usage, x509.KeyUsage) and not (usage.digital_signature or usage.content_commitment):
        return "the signer's certificate is not for signing: its key usage says so"
    if pinned:
        return ""
    if isinstance(purposes, x509.ExtendedKeyUsage) and _SIGNING_PURPOSES.isdisjoint(purposes):
        return "the signer's certificate was issued for other purposes than signing"
    unknown = [
        one for one in certificate.extensions if one.critical and isinstance(one.value, x509.UnrecognizedExtension)
    ]
    if unknown:
        return (
            f"the signer's certificate is restricted by a rule that isn't known here ({unknown[0].oid.dotted_string})"
        )
    return ""
