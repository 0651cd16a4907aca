"""Certificates that were made for something else, or by keys that can be broken."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from rtvis.integrity import detached_signature
from rtvis.integrity.detached_signature import sign_detached, verify_detached
from rtvis.integrity.signing import sign_file
from rtvis.integrity.trust import TrustStore
from rtvis.integrity.verification import verify_file

NOW = datetime.now(UTC)
USAGES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip


def usage(*names):
    return x509.KeyUsage(**{one: one in names for one in USAGES})


def named(name):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def certificate(key, *extensions, issuer=None):
    """Of `key`, self-signed or issued by the key `issuer` under the name Clinic."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(named("Ada" if issuer else "Clinic"))
        .issuer_name(named("Clinic"))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=1))
    )
    for one, critical in extensions:
        builder = builder.add_extension(one, critical=critical)
    return builder.sign(issuer or key, hashes.SHA256())


@pytest.fixture(scope="module")
def clinic():
    key = ec.generate_private_key(ec.SECP256R1())
    return key, certificate(
        key, (x509.BasicConstraints(ca=True, path_length=None), True), (usage("key_cert_sign"), True)
    )


def signed_by(identity, key, own, make_file, tmp_path):
    return sign_file(make_file(), tmp_path / "a.dcm", replace(identity, certificate=own, private_key=key)).path


@pytest.mark.parametrize(
    ("extension", "pinned", "issued"),
    [
        (usage("digital_signature"), "", ""),
        (usage("content_commitment"), "", ""),
        (usage("key_encipherment"), "not for signing", "not for signing"),
        (usage("key_agreement", "key_cert_sign"), "not for signing", "not for signing"),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), "", "other purposes"),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), "", "other purposes"),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), "", ""),
        (x509.ExtendedKeyUsage([x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")]), "", ""),
        (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\5\0"), "", r"isn't known here \(1\.2\.3\.4\)"),
    ],
)
def test_what_a_certificate_is_for(extension, pinned, issued, signer, clinic, make_file, tmp_path):
    clinic_key, clinic_certificate = clinic
    key = ec.generate_private_key(ec.SECP256R1())
    own = certificate(key, (extension, True), issuer=clinic_key)
    path = signed_by(signer, key, own, make_file, tmp_path)
    for trusted, reason in ((own, pinned), (clinic_certificate, issued)):
        verdict = verify_file(path, TrustStore((trusted,)))
        assert verdict.status == ("untrusted" if reason else "valid")
        assert_says(verdict.reason, reason)


def assert_says(said, reason):
    if reason:
        with pytest.raises(ValueError, match=reason):
            raise ValueError(said)
    else:
        assert said == ""


def test_a_signature_beside_a_file_goes_by_the_same_rules(signer, clinic, tmp_path):
    path = tmp_path / "history.jsonl"
    path.write_bytes(b"{}\n")
    key = ec.generate_private_key(ec.SECP256R1())
    own = certificate(key, (usage("key_agreement"), True), issuer=clinic[0])
    sign_detached(path, replace(signer, certificate=own, chain=(own,), private_key=key))
    verdict = verify_detached(path, TrustStore((clinic[1],)))
    assert (verdict.status, "not for signing" in verdict.reason) == ("untrusted", True)


def test_damaged_certificates_beside_a_file_are_told(signer, tmp_path):
    path = tmp_path / "history.jsonl"
    path.write_bytes(b"{}\n")
    beside = detached_signature.signature_path(path)
    sign_detached(path, signer)
    der = signer.certificate.public_bytes(serialization.Encoding.DER)
    whole = beside.read_bytes()
    pem = signer.certificate.public_bytes(serialization.Encoding.PEM).decode().replace("\n", "\\n").encode()
    assert pem in whole
    trust = TrustStore((signer.certificate,))
    for place in range(0, len(der), 3):
        damaged = bytearray(der)
        damaged[place] ^= 0x14
        text = b"-----BEGIN CERTIFICATE-----\\n" + base64(damaged) + b"\\n-----END CERTIFICATE-----\\n"
        beside.write_bytes(whole.replace(pem, text))
        assert verify_detached(path, trust).status in {"invalid", "untrusted"}


def base64(data):
    from base64 import b64encode

    return b64encode(bytes(data))


@pytest.mark.parametrize(
    ("make_key", "note"),
    [
        (lambda: rsa.generate_private_key(65537, 1024), "a key of 1024 bits can be broken"),
        (lambda: ec.generate_private_key(ec.SECP192R1()), "a key of 192 bits can be broken"),
        (lambda: rsa.generate_private_key(65537, 2048), ""),
        (lambda: ec.generate_private_key(ec.SECP384R1()), ""),
    ],
)
def test_keys_that_can_be_broken_are_told(make_key, note, signer, make_file, tmp_path):
    key = make_key()
    own = certificate(key)
    verdict = verify_file(signed_by(signer, key, own, make_file, tmp_path), TrustStore((own,)))
    assert (verdict.status, verdict.reason) == ("valid", note)


def test_a_key_that_anyone_can_break_proves_nothing(signer, make_file, tmp_path):
    """Libraries make no key of 768 bits any more; the one of this certificate was thrown away."""
    own = x509.load_pem_x509_certificate(SHORT_KEY.encode())
    verdict = verify_file(signed_by(signer, signer.private_key, own, make_file, tmp_path), TrustStore((own,)))
    assert verdict.status == "invalid"
    assert "its key of 768 bits proves nothing" in verdict.reason


def test_a_key_that_anyone_can_break_proves_nothing_beside_a_file_either(signer, tmp_path, monkeypatch):
    """Whoever broke it signs what it likes: that the signature itself holds must not be asked."""
    path = tmp_path / "history.json"
    path.write_text("{}")
    own = x509.load_pem_x509_certificate(SHORT_KEY.encode())
    sign_detached(path, replace(signer, certificate=own, chain=(own,)))
    monkeypatch.setattr(detached_signature, "signature_holds", lambda *_: True)
    verdict = verify_detached(path, TrustStore((own,)))
    assert verdict.status == "invalid"
    assert "its key of 768 bits proves nothing" in verdict.reason


SHORT_KEY = """\
-----BEGIN CERTIFICATE-----
MIIBuTCCAUOgAwIBAgIUbL7jOQAEsQ2t/HNQh/t2OYPL3l0wDQYJKoZIhvcNAQEL
BQAwEDEOMAwGA1UEAwwFU2hvcnQwIBcNMjYxMTIzMDI1MzEzWhgPMjEyNjEwMzAw
MjUzMTNaMBAxDjAMBgNVBAMMBVNob3J0MHwwDQYJKoZIhvcNAQEBBQADawAwaAJh
AK0/0aTU/Ox/WZvR21MvZupbyZWh8wyygm/kvOprs+aGtS+bQgkA3rTMmRsTI/So
P3rXuhF7vFHUZqCOw47j2BOHkG0aLWmBvSmuuOoL64EfPNS6ysvUgeVkMWWZ+kQg
fQIDAQABo1MwUTAdBgNVHQ4EFgQUsJNPQHtrXf46AjNzMQa1fmknoywwHwYDVR0j
BBgwFoAUsJNPQHtrXf46AjNzMQa1fmknoywwDwYDVR0TAQH/BAUwAwEB/zANBgkq
hkiG9w0BAQsFAANhAGMFP75d3ybQdbI0n8iuKkpLOuIYpegryV/0G9FmxsX29JlH
Y3Dj/RWgvRpSH3/xNZDU/bqGB3cHEhptSkzoX4yh89NnpcS0AmPvIFFnDQyUCxZ3
K4sVYlANzykWHw8L3g==
-----END CERTIFICATE-----
"""
