from __future__ import annotations

import ssl
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from rtvis.integrity.identity import create_identity, load_identity, read_passphrase
from rtvis.integrity.public_key import MACS, parse_certificate, signature_holds
from rtvis.integrity.trust import TrustStore, load_certificate
from rtvis.model.errors import NothingFoundError, UnreadableError, UsageError


def test_a_new_identity_loads_again_and_its_files_are_private(rsa_signer):
    loaded = load_identity(rsa_signer.folder, "secret")
    assert loaded.certificate == rsa_signer.certificate
    assert loaded.fingerprint.startswith("sha256:")
    assert len(loaded.fingerprint) == 7 + 64
    assert isinstance(loaded.private_key, rsa.RSAPrivateKey)
    assert rsa_signer.folder.stat().st_mode & 0o777 == 0o700
    assert {one.stat().st_mode & 0o777 for one in rsa_signer.folder.iterdir()} == {0o600}
    assert "secret" not in repr(loaded)


def test_tls_loads_the_files(signer):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(signer.certificate_path, signer.key_path, password=signer.passphrase)


def test_the_key_file_is_encrypted_with_many_rounds(signer):
    der = signer.key_path.read_bytes()
    assert b"BEGIN ENCRYPTED PRIVATE KEY" in der
    with pytest.raises(TypeError):
        serialization.load_pem_private_key(der, None)


def test_a_wrong_passphrase_is_one_clear_line(signer):
    with pytest.raises(UsageError, match="passphrase doesn't open this key") as caught:
        load_identity(signer.folder, "wrong")
    assert "\n" not in str(caught.value)


def test_an_identity_is_never_replaced(signer):
    before = signer.key_path.read_bytes()
    with pytest.raises(UsageError, match="never replaced"):
        create_identity("Other", signer.folder, "x", key_type="ec")
    assert signer.key_path.read_bytes() == before


@pytest.mark.parametrize("name", ["", "  ", "x" * 65, "a\nb"])
def test_names_that_a_certificate_cant_carry_are_refused(tmp_path, name):
    with pytest.raises(UsageError, match="can't be an identity's name"):
        create_identity(name, tmp_path / "id", "x", key_type="ec")
    assert not (tmp_path / "id").exists()


def test_an_issued_identity_is_trusted_by_its_issuer_and_cannot_issue(tmp_path):
    issuer = create_identity("Clinic", tmp_path / "clinic", "c", key_type="ec")
    person = create_identity(
        "Dr Müller", tmp_path / "person", "p", issuer=issuer.folder, issuer_passphrase="c", key_type="ec"
    )
    now = datetime.now(UTC)
    assert TrustStore.load(issuer.folder).why_not(person.certificate, now) == ""
    assert TrustStore.load(person.folder).why_not(issuer.certificate, now), "naming a person trusts only them"
    assert list(person.chain) == [person.certificate, issuer.certificate]
    assert load_identity(person.folder, "p").chain == person.chain
    with pytest.raises(UsageError, match="can't issue"):
        create_identity("Third", tmp_path / "third", "t", issuer=person.folder, issuer_passphrase="p", key_type="ec")


def test_trust_ends_with_the_certificates_validity(signer):
    store = TrustStore((signer.certificate,))
    end = signer.certificate.not_valid_after_utc
    assert store.why_not(signer.certificate, end - timedelta(seconds=1)) == ""
    assert "expired" in store.why_not(signer.certificate, end + timedelta(seconds=1))
    assert "only valid from" in store.why_not(signer.certificate, datetime(2000, 1, 1, tzinfo=UTC))


def test_an_issuer_of_the_same_name_is_not_enough(tmp_path):
    real = create_identity("Clinic", tmp_path / "real", "c", key_type="ec")
    fake = create_identity("Clinic", tmp_path / "fake", "c", key_type="ec")
    person = create_identity("P", tmp_path / "p", "c", issuer=fake.folder, key_type="ec")
    assert TrustStore((real.certificate,)).why_not(person.certificate, datetime.now(UTC))


def test_a_store_reads_pem_der_and_folders_but_no_rubbish(tmp_path, signer):
    der = tmp_path / "one.der"
    der.write_bytes(signer.certificate.public_bytes(serialization.Encoding.DER))
    assert load_certificate(der) == signer.certificate
    assert TrustStore.load(tmp_path).certificates == (signer.certificate,)
    rubbish = tmp_path / "sub" / "rubbish.pem"
    rubbish.parent.mkdir()
    rubbish.write_bytes(b"rubbish")
    with pytest.raises(UnreadableError):
        TrustStore.load(rubbish)
    with pytest.raises(NothingFoundError):
        TrustStore.load(tmp_path / "absent.pem")
    with pytest.raises(UnreadableError, match="certificate"):
        TrustStore.load(signer.folder / "key.pem")  # named by mistake


@pytest.mark.filterwarnings("ignore:Parsed a serial number")
def test_a_certificate_with_any_bit_of_its_content_flipped_is_refused_or_not_trusted(signer):
    store = TrustStore((signer.certificate,))
    der = signer.certificate.public_bytes(serialization.Encoding.DER)
    now = datetime.now(UTC)
    for position in range(len(der)):
        for bit in range(8):
            damaged = bytearray(der)
            damaged[position] ^= 1 << bit
            with suppress(ValueError):
                certificate = parse_certificate(bytes(damaged))
                same = certificate.tbs_certificate_bytes == signer.certificate.tbs_certificate_bytes
                assert same or store.why_not(certificate, now)


def test_the_passphrase_comes_from_the_environment_and_is_never_waited_for(monkeypatch):
    monkeypatch.setenv("RTVIS_PASSPHRASE", "from there")
    assert read_passphrase() == b"from there"
    monkeypatch.setenv("RTVIS_PASSPHRASE", "")
    with pytest.raises(UsageError, match="empty"):
        read_passphrase()
    monkeypatch.delenv("RTVIS_PASSPHRASE")
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(UsageError, match="nobody is there"):
        read_passphrase()


@pytest.mark.parametrize("mac", MACS)
def test_bytes_are_signed_and_checked_with_every_mac(signer, rsa_signer, mac):
    for identity in (signer, rsa_signer):
        signature = identity.sign(b"content", mac)
        assert signature_holds(identity.certificate, signature, b"content", mac)
        assert not signature_holds(identity.certificate, signature, b"content.", mac)
        assert not signature_holds(identity.certificate, signature[:-1], b"content", mac)


def test_certificates_serve_tls_and_documents(signer):
    extensions = signer.certificate.extensions
    usage = extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.digital_signature
    assert usage.key_cert_sign
    purposes = {one.dotted_string for one in extensions.get_extension_for_class(x509.ExtendedKeyUsage).value}
    assert {"1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.36"} <= purposes
