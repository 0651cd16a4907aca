"""A private key as a passphrase-encrypted PKCS#8 file, with a key derivation that is slow enough to guess at.

`cryptography` writes encrypted PKCS#8 with 2048 rounds of PBKDF2, which a graphics card undoes at millions of guesses a
second. The few lines of DER here write the same standard form (RFC 8018 PBES2) with 600 000 rounds; OpenSSL, Python's
`ssl` and `cryptography` all read it.
"""

from __future__ import annotations

import base64
import hashlib
import os
from typing import TypeAlias

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import padding, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from rtvis.model.errors import UnreadableError, UsageError

PrivateKey: TypeAlias = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

KDF_ROUNDS = 600_000  # OWASP's figure (2023) for PBKDF2-HMAC-SHA256; 0.2 s on the machines this runs on

_OID_PBES2 = bytes.fromhex("06092a864886f70d01050d")
_OID_PBKDF2 = bytes.fromhex("06092a864886f70d01050c")
_OID_HMAC_SHA256 = bytes.fromhex("06082a864886f70d0209")
_OID_AES256_CBC = bytes.fromhex("060960864801650304012a")
_DER_NULL = b"\x05\x00"


def _der(kind: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    if len(content) < 0x80:
        return bytes((kind, len(content))) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes((kind, 0x80 | len(length))) + length + content


def _sequence(*parts: bytes) -> bytes:
    return _der(0x30, *parts)


def encrypt_key(key: PrivateKey, passphrase: bytes) -> bytes:
    """The PEM text of `key` under `passphrase`: PKCS#8, PBES2 with PBKDF2-HMAC-SHA256, AES-256-CBC (RFC 8018 6.2)."""
    plain = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    salt, vector = os.urandom(16), os.urandom(16)
    secret = hashlib.pbkdf2_hmac("sha256", passphrase, salt, KDF_ROUNDS, 32)
    padder = padding.PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES256(secret), modes.CBC(vector)).encryptor()
    sealed = encryptor.update(padder.update(plain) + padder.finalize()) + encryptor.finalize()
    rounds = _der(0x02, KDF_ROUNDS.to_bytes(KDF_ROUNDS.bit_length() // 8 + 1, "big"))
    derivation = _sequence(_OID_PBKDF2, _sequence(_der(0x04, salt), rounds, _sequence(_OID_HMAC_SHA256, _DER_NULL)))
    scheme = _sequence(_OID_PBES2, _sequence(derivation, _sequence(_OID_AES256_CBC, _der(0x04, vector))))
    return _pem(_sequence(scheme, _der(0x04, sealed)))


def _pem(der: bytes) -> bytes:
    text = base64.b64encode(der)
    lines = [text[start : start + 64] for start in range(0, len(text), 64)]
    head, tail = b"-----BEGIN ENCRYPTED PRIVATE KEY-----", b"-----END ENCRYPTED PRIVATE KEY-----"
    return b"\n".join((head, *lines, tail, b""))


def decrypt_key(pem: bytes, passphrase: bytes, path: object) -> PrivateKey:
    """The RSA or elliptic-curve key in a PEM file, whoever wrote it.

    Args:
        pem: the file's bytes.
        passphrase: what it is encrypted with.
        path: the file's name, for messages.

    Raises:
        UsageError: when the passphrase is wrong.
        UnreadableError: when there is no private key in it, or one of another kind.
    """
    if b"PRIVATE KEY-----" not in pem:
        raise UnreadableError("holds no PEM private key", path=str(path), remedy="make an identity again")
    encrypted = b"ENCRYPTED" in pem  # "ENCRYPTED PRIVATE KEY" (PKCS#8) or "Proc-Type: 4,ENCRYPTED" (traditional)
    try:
        key = serialization.load_pem_private_key(pem, passphrase if encrypted else None)
    except (ValueError, TypeError) as error:
        raise UsageError(
            "the passphrase doesn't open this key", path=str(path), remedy="try again, or check RTVIS_PASSPHRASE"
        ) from error
    except UnsupportedAlgorithm as error:
        raise UnreadableError("the key is in a form this program doesn't know", path=str(path)) from error
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise UnreadableError(
            "is neither an RSA nor an elliptic-curve key", path=str(path), remedy="DICOM signatures need one of the two"
        )
    return key
