"""Signing bytes with a key, and checking a signature with a certificate: the only place that chooses paddings."""

from __future__ import annotations

import hashlib
import warnings
from typing import Final, Literal, TypeAlias

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.utils import CryptographyDeprecationWarning

from rtvis.model.errors import UsageError

Mac: TypeAlias = Literal["sha256", "sha384", "sha512", "sha1", "md5", "ripemd160"]
"""MAC algorithms of PS3.3 C.12.1.1.3.1.2 that a signature can be over."""

MACS: Final[tuple[Mac, ...]] = ("sha256", "sha384", "sha512", "sha1", "md5", "ripemd160")
WEAK_MACS: Final[frozenset[str]] = frozenset({"md5", "sha1"})  # collisions are made at will since 2004 and 2017

FEWEST_BITS: Final = 1024
"""Of an RSA key whose signatures say anything: keys of 829 bits were factored in public; libraries refuse such ones."""

_RIPEMD160 = bytes.fromhex("3021300906052b2403020105000414")  # DigestInfo (RFC 8017 9.2) up to the 20 bytes of digest

_ALGORITHMS: Final[dict[Mac, type[hashes.HashAlgorithm]]] = {
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
    "sha1": hashes.SHA1,
    "md5": hashes.MD5,
}


# A serial number of zero or less is refused below, in words; the warning would only reach a terminal.
warnings.filterwarnings("ignore", message="Parsed a serial number", category=CryptographyDeprecationWarning)


def _algorithm(mac: Mac) -> hashes.HashAlgorithm:
    # ECDSA uses nothing of an algorithm but its length, and RIPEMD-160 is as long as SHA-1.
    return _ALGORITHMS["sha1" if mac == "ripemd160" else mac]()


def parse_certificate(encoded: bytes) -> x509.Certificate:
    """A certificate from DER or PEM bytes, every field that is used here parsed now.

    `cryptography` parses most fields when they are first asked for, so that a damaged certificate from a stranger would
    raise somewhere later.

    Raises:
        ValueError: when it isn't a certificate, or one with a damaged field or a key of an unknown kind.
    """
    is_pem = b"-----BEGIN" in encoded
    try:
        certificate = (x509.load_pem_x509_certificate if is_pem else x509.load_der_x509_certificate)(encoded)
        fields = (certificate.subject, certificate.issuer, certificate.public_key(), certificate.extensions)
        times = (certificate.not_valid_before_utc, certificate.not_valid_after_utc)
    except (
        UnsupportedAlgorithm,
        TypeError,  # a name of a wrong ASN.1 type
        x509.DuplicateExtension,
        x509.UnsupportedGeneralNameType,
        x509.InvalidVersion,
    ) as error:
        raise ValueError(str(error)) from error
    if certificate.serial_number <= 0 or None in (*fields, *times):
        raise ValueError("the certificate breaks RFC 5280")
    return certificate


def certificate_fingerprint(certificate: x509.Certificate) -> str:
    """``sha256:<hex>`` of the certificate's DER form."""
    der = certificate.public_bytes(serialization.Encoding.DER)
    return f"sha256:{hashlib.sha256(der).hexdigest()}"


def key_bits(certificate: x509.Certificate) -> int:
    """Length of the key that a certificate names; 0 for a kind that is unknown here."""
    key = certificate.public_key()
    return key.key_size if isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey) else 0


def is_weak(certificate: x509.Certificate) -> bool:
    """Whether a certificate's key is one that can be broken: shorter than NIST SP 800-131A allows since 2014."""
    fewest = 2048 if isinstance(certificate.public_key(), rsa.RSAPublicKey) else 224
    return 0 < key_bits(certificate) < fewest


def proves_nothing(certificate: x509.Certificate) -> str:
    """Why no signature by a certificate's key says anything, whoever is trusted; empty where one may."""
    if isinstance(certificate.public_key(), rsa.RSAPublicKey) and key_bits(certificate) < FEWEST_BITS:
        return f"its key of {key_bits(certificate)} bits proves nothing: anyone can break it"
    return ""


def sign_bytes(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, data: bytes, mac: Mac = "sha256") -> bytes:
    """The signature of `data`: RSA PKCS#1 v1.5, or a DER-encoded ECDSA pair (PS3.3 C.12.1.1.3.1.3)."""
    return sign_digest(key, _digest(mac, data), mac)


def new_hash(mac: Mac) -> hashlib._Hash:
    """A running hash for `mac`; RIPEMD-160 and MD5 as well, which old signatures are over.

    Raises:
        UsageError: when the system's OpenSSL has the algorithm switched off.
    """
    try:
        return hashlib.new(mac, usedforsecurity=False)
    except ValueError as error:
        raise UsageError(f"{mac.upper()} is switched off on this machine", remedy="use sha256") from error


def _digest(mac: Mac, data: bytes) -> bytes:
    hasher = new_hash(mac)
    hasher.update(data)
    return hasher.digest()


def sign_digest(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, digest: bytes, mac: Mac) -> bytes:
    """The signature over a digest that was computed already.

    Raises:
        UsageError: when the installed `cryptography` can't sign over RIPEMD-160 (before its version 47).
    """
    algorithm = Prehashed(_algorithm(mac))
    if isinstance(key, rsa.RSAPrivateKey):
        if mac == "ripemd160":
            if not hasattr(utils, "NoDigestInfo"):
                raise UsageError("RIPEMD-160 can't be used on this machine", remedy="use sha256")
            return key.sign(_RIPEMD160 + digest, padding.PKCS1v15(), utils.NoDigestInfo())
        return key.sign(digest, padding.PKCS1v15(), algorithm)
    return key.sign(digest, ec.ECDSA(algorithm))


def signature_holds(certificate: x509.Certificate, signature: bytes, data: bytes, mac: Mac = "sha256") -> bool:
    """Whether `signature` over `data` was made with the key that `certificate` names."""
    return digest_signature_holds(certificate, signature, _digest(mac, data), mac)


def digest_signature_holds(certificate: x509.Certificate, signature: bytes, digest: bytes, mac: Mac) -> bool:
    """Whether `signature` over the thing with this digest was made with the key that `certificate` names."""
    algorithm = Prehashed(_algorithm(mac))
    try:
        key = certificate.public_key()
        if isinstance(key, rsa.RSAPublicKey):
            if mac == "ripemd160":
                return key.recover_data_from_signature(signature, padding.PKCS1v15(), None) == _RIPEMD160 + digest
            key.verify(signature, digest, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, digest, ec.ECDSA(algorithm))
        else:
            return False
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True
