"""Who signs and who sends: a private key, its X.509 certificate, and the folder they are kept in.

The key is RSA with 3072 bits. RSA, because the profiles of PS3.15 Annex C (base, creator and authorization signatures)
name RSA and nothing else, and because TLS 1.3 takes the same key on both sides (as RSA-PSS); 3072 bits, because NIST
SP 800-57 gives 2048 bits up to 2030 and images are kept for decades. Elliptic curve P-256 keys can be made and loaded
too: they sign faster, and other DICOM programs verify them, though no profile of PS3.15 names them.
"""

from __future__ import annotations

import getpass
import os
import re
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from rtvis.dicom.files import refuse_what_is_no_file, written_whole
from rtvis.dicom.new_files import taken_back_unless_done
from rtvis.integrity.private_key_file import PrivateKey, decrypt_key, encrypt_key
from rtvis.integrity.public_key import certificate_fingerprint, sign_bytes
from rtvis.model.errors import OutputError, UnreadableError, UsageError

if TYPE_CHECKING:
    from rtvis.integrity.public_key import Mac

CERTIFICATE_FILE = "certificate.pem"
KEY_FILE = "key.pem"
PASSPHRASE_VARIABLE = "RTVIS_PASSPHRASE"  # noqa: S105 - the variable's name, not a passphrase
RSA_BITS = 3072
_VALIDITY = timedelta(days=3 * 365)
_CLOCK_SKEW = timedelta(hours=1)  # a receiving machine whose clock is behind must still accept a new certificate
_NAME_LIMIT = 64  # RFC 5280 A.1 ub-common-name
_DOCUMENT_SIGNING = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")  # RFC 9336


@dataclass(frozen=True, slots=True)
class Identity:
    """A person's or a device's key and certificate, unlocked.

    Attributes:
        name: the certificate's common name.
        folder: where `certificate.pem` and `key.pem` lie.
        certificate: the certificate of the key.
        chain: the certificate, followed by its issuer's when another identity issued it.
        private_key: RSA or elliptic curve.
        passphrase: what `key.pem` is encrypted with, for TLS libraries that load the file themselves.
    """

    name: str
    folder: Path
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    private_key: PrivateKey = field(repr=False)
    passphrase: bytes = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """``sha256:<hex>`` of the certificate's DER form."""
        return certificate_fingerprint(self.certificate)

    @property
    def certificate_path(self) -> Path:
        """The PEM file with the certificate and its chain."""
        return self.folder / CERTIFICATE_FILE

    @property
    def key_path(self) -> Path:
        """The PEM file with the encrypted key."""
        return self.folder / KEY_FILE

    @property
    def certificate_pem(self) -> bytes:
        """The certificate and its chain as PEM text."""
        return _chain_pem(self.chain)

    def sign(self, data: bytes, mac: Mac = "sha256") -> bytes:
        """The signature of `data`: PKCS#1 v1.5 for an RSA key, a DER-encoded ECDSA pair for an elliptic-curve one."""
        return sign_bytes(self.private_key, data, mac)


def create_identity(
    name: str,
    folder: str | Path,
    passphrase: str | bytes,
    *,
    issuer: str | Path | None = None,
    issuer_passphrase: str | bytes | None = None,
    key_type: Literal["rsa", "ec"] = "rsa",
) -> Identity:
    """Make a key and a certificate, and write them into `folder` (mode 0700, the files 0600).

    Args:
        name: the common name, 1 to 64 characters: who or what signs.
        folder: where `certificate.pem` and `key.pem` go; made when it isn't there.
        passphrase: what the key is encrypted with.
        issuer: the identity folder that issues the certificate; without it the certificate is self-signed and can
            issue others.
        issuer_passphrase: the issuer's passphrase, when it isn't the same.
        key_type: ``rsa`` (3072 bits) or ``ec`` (P-256).

    Raises:
        UsageError: when an identity is there already, the name or the passphrase can't be used, or the issuer can't
            issue.
        OutputError: when the folder can't be written to.
    """
    secret = _secret(passphrase)
    _check_name(name)
    place = Path(folder)
    for existing in (place / CERTIFICATE_FILE, place / KEY_FILE):
        if existing.exists():
            raise UsageError(
                "an identity is already there, and is never replaced", path=existing, remedy="choose another folder"
            )
    parent = None
    if issuer is not None:
        parent = load_identity(issuer, secret if issuer_passphrase is None else issuer_passphrase)
        _check_can_issue(parent)
    key: PrivateKey
    if key_type == "ec":
        key = ec.generate_private_key(ec.SECP256R1())
    else:
        key = rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    certificate = _certificate(name, key, parent, datetime.now(UTC))
    chain = (certificate, *(parent.chain if parent else ()))
    _write(place, _chain_pem(chain), encrypt_key(key, secret))
    return Identity(name, place, certificate, chain, key, secret)


def load_identity(folder: str | Path, passphrase: str | bytes) -> Identity:
    """Unlock the identity in `folder`.

    Raises:
        UsageError: when there is no identity, the passphrase is wrong, or key and certificate don't belong together.
        UnreadableError: when one of the files is damaged.
    """
    place = Path(folder)
    chain = load_chain(place)
    key = decrypt_key(_read(place / KEY_FILE), _secret(passphrase), place / KEY_FILE)
    if key.public_key() != chain[0].public_key():
        raise UsageError("the key doesn't belong to the certificate", path=place, remedy="use another identity folder")
    return Identity(common_name(chain[0]), place, chain[0], chain, key, _secret(passphrase))


def load_chain(folder: str | Path) -> tuple[x509.Certificate, ...]:
    """The certificate of the identity in `folder` and its chain; needs no passphrase.

    Raises:
        UsageError: when there is no identity.
        UnreadableError: when the file holds no certificate.
    """
    path = Path(folder) / CERTIFICATE_FILE
    try:
        return tuple(x509.load_pem_x509_certificates(_read(path)))
    except ValueError as error:
        raise UnreadableError("holds no certificate", path=path, remedy="make an identity again") from error


def read_passphrase(prompt: str = "Passphrase: ", *, confirm: bool = False) -> bytes:
    """The passphrase: from ``RTVIS_PASSPHRASE``, or asked for at the terminal; never waits where nobody can answer.

    Args:
        prompt: what the terminal shows.
        confirm: ask twice, for a passphrase that is being chosen.

    Raises:
        UsageError: without the variable and without a terminal, when nothing is typed, or when the two differ.
    """
    from_environment = os.environ.get(PASSPHRASE_VARIABLE)
    if from_environment is not None:
        return _secret(from_environment)
    remedy = f"set {PASSPHRASE_VARIABLE}, or run this at a terminal"
    if sys.stdin is None or not sys.stdin.isatty():
        raise UsageError("a passphrase is needed and nobody is there to type it", remedy=remedy)
    try:
        typed = getpass.getpass(prompt)
        if confirm and getpass.getpass("Again: ") != typed:
            raise UsageError("the two passphrases differ", remedy="try again")
    except (EOFError, getpass.GetPassWarning) as error:
        raise UsageError("a passphrase is needed and none was typed", remedy=remedy) from error
    return _secret(typed)


def common_name(certificate: x509.Certificate) -> str:
    """The subject's common name; the whole subject when it has none."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else certificate.subject.rfc4514_string()


def _secret(passphrase: str | bytes) -> bytes:
    secret = passphrase.encode() if isinstance(passphrase, str) else passphrase
    if not secret:
        raise UsageError("the passphrase is empty", remedy=f"set {PASSPHRASE_VARIABLE} to one, or type one")
    return secret


def _check_name(name: str) -> None:
    if not name.strip() or len(name) > _NAME_LIMIT or not name.isprintable():
        raise UsageError(f"{name!r} can't be an identity's name", remedy=f"use 1 to {_NAME_LIMIT} printable characters")


def _check_can_issue(parent: Identity) -> None:
    try:
        usable = parent.certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        usable = False
    if not usable:
        raise UsageError(
            "this identity was issued by another and can't issue any", path=parent.folder, remedy="name its issuer"
        )
    if parent.certificate.not_valid_after_utc <= datetime.now(UTC):
        raise UsageError("the issuer's certificate has expired", path=parent.folder, remedy="make a new issuer")


def _certificate(name: str, key: PrivateKey, parent: Identity | None, now: datetime) -> x509.Certificate:
    """The X.509 v3 certificate of `key` (RFC 5280), self-signed when `parent` is None."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signing_key = parent.private_key if parent else key
    end = now + _VALIDITY
    start = now - _CLOCK_SKEW
    if parent:
        end = min(end, parent.certificate.not_valid_after_utc)
        start = max(start, parent.certificate.not_valid_before_utc)
    usage = x509.KeyUsage(
        digital_signature=True,  # TLS 1.3 handshakes and DICOM signatures
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=parent is None,
        crl_sign=parent is None,
        encipher_only=False,
        decipher_only=False,
    )
    purposes = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH, _DOCUMENT_SIGNING]
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(parent.certificate.subject if parent else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=parent is None, path_length=None if parent else 0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()),
            critical=False,
        )
        # Peers check the pinned certificate or its issuer, not a host name; TLS libraries still expect some name here.
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(_dns_label(name))]), critical=False)
    )
    return builder.sign(signing_key, hashes.SHA256())


def _dns_label(name: str) -> str:
    """`name` as a DNS label (RFC 1123): letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:63].strip("-") or "rtvis"


def _chain_pem(chain: tuple[x509.Certificate, ...]) -> bytes:
    return b"".join(one.public_bytes(serialization.Encoding.PEM) for one in chain)


def _write(place: Path, certificate_pem: bytes, key_pem: bytes) -> None:
    with taken_back_unless_done([place / KEY_FILE]) as new:
        try:
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            place.chmod(0o700)
        except OSError as error:
            raise OutputError(
                f"can't be made ({error.strerror})", path=place, remedy="choose another folder for the identity"
            ) from error
        # The key comes first: a certificate without its key would look like an identity and be none.
        for path, content in ((place / KEY_FILE, key_pem), (place / CERTIFICATE_FILE, certificate_pem)):
            with written_whole(path) as handle:
                os.fchmod(handle.fileno(), 0o600)
                handle.write(content)
            new.append(path)


def _read(path: Path) -> bytes:
    refuse_what_is_no_file(path)
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise UsageError(
            "no identity is there", path=path, remedy="make one with 'rtvis identity create NAME --out DIR'"
        ) from error
    except OSError as error:
        raise UnreadableError(f"can't be read ({error.strerror})", path=path) from error
