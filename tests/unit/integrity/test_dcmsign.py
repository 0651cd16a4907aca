"""rtvis and DCMTK's `dcmsign` on the same files, both ways; the only other implementation there is."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from cryptography.hazmat.primitives import serialization
from pydicom.dataset import Dataset
from pydicom.uid import ImplicitVRLittleEndian

from rtvis.integrity.signing import sign_file
from rtvis.integrity.verification import verify_file
from tests.unit.integrity.conftest import small_dataset

pytestmark = pytest.mark.skipif(shutil.which("dcmsign") is None, reason="dcmsign (Debian's dcmtk) is not installed")

SYNTAXES = "transfer_syntaxes/CTImage.dcm_"
FILES = [
    f"{SYNTAXES}LittleEndianImplicitTransferSyntax_1.2.840.10008.1.2.dcm",
    f"{SYNTAXES}LittleEndianExplicitTransferSyntax_1.2.840.10008.1.2.1.dcm",
    f"{SYNTAXES}BigEndianExplicitTransferSyntax_1.2.840.10008.1.2.2.dcm",
    f"{SYNTAXES}DeflatedExplicitVRLittleEndianTransferSyntax_1.2.840.10008.1.2.1.99.dcm",
    f"{SYNTAXES}RLELosslessTransferSyntax_1.2.840.10008.1.2.5.dcm",
    f"{SYNTAXES}JPEG2000TransferSyntax_1.2.840.10008.1.2.4.91.dcm",
    "broken_and_small/CT_small.dcm",
    "broken_and_small/MR_small_bigendian.dcm",
    "broken_and_small/MR_small_padded.dcm",
    "broken_and_small/rtdose.dcm",
    "broken_and_small/rtplan.dcm",
    "broken_and_small/rtstruct.dcm",
    "broken_and_small/ExplVR_BigEndNoMeta.dcm",
    "multiframe/enhanced_CT_2frames/5.dcm",
    "pairs/TinyVMAT_Monaco_no_part10_header/TinyFS_CT1_image00001.DCM",
]
MACS = {"md5": "+mm", "sha1": "+ms", "sha256": "+m2", "sha384": "+m3", "sha512": "+m5", "ripemd160": "+mr"}


def dcmsign(*arguments):
    return subprocess.run(["dcmsign", *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture(scope="session")
def plain_keys(tmp_path_factory, signer, rsa_signer):
    """Each identity's key without a passphrase, as dcmsign wants it."""
    folder = tmp_path_factory.mktemp("keys")
    keys = {}
    for name, identity in (("ec", signer), ("rsa", rsa_signer)):
        keys[name] = folder / f"{name}.pem"
        keys[name].write_bytes(
            identity.private_key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
    return keys


@pytest.mark.parametrize("kind", ["rsa", "ec"])
def test_dcmsign_accepts_what_rtvis_signs(field_data, tmp_path, signer, rsa_signer, kind):
    identity = rsa_signer if kind == "rsa" else signer
    for number, name in enumerate(FILES):
        signed = sign_file(field_data / name, tmp_path / f"{number}.dcm", identity, mac=list(MACS)[number % len(MACS)])
        result = dcmsign("--verify", "+rg", "+cf", identity.certificate_path, signed.path)
        assert result.returncode == 0, (name, result.stderr)


@pytest.mark.parametrize("kind", ["rsa", "ec"])
def test_rtvis_accepts_what_dcmsign_signs(field_data, tmp_path, signer, rsa_signer, trust, plain_keys, kind):
    identity = rsa_signer if kind == "rsa" else signer
    for number, name in enumerate(FILES):
        mac = list(MACS)[number % len(MACS)]
        out = tmp_path / f"{number}.dcm"
        result = dcmsign("+s", plain_keys[kind], identity.certificate_path, MACS[mac], field_data / name, out)
        assert result.returncode == 0, (name, result.stderr)
        verdict = verify_file(out, trust)
        assert (verdict.status, verdict.mac) == ("valid", mac), (name, verdict.reason)


def test_dcmsigns_changed_files_are_invalid(field_data, tmp_path, rsa_signer, trust, plain_keys):
    out = tmp_path / "out.dcm"
    source = field_data / "broken_and_small/CT_small.dcm"
    dcmsign("+s", plain_keys["rsa"], rsa_signer.certificate_path, "+m2", source, out)
    data = bytearray(out.read_bytes())
    data[data.index(b"CompressedSamples") + 2] ^= 1
    out.write_bytes(data)
    assert verify_file(out, trust).status == "invalid"


def test_the_shortened_signature_of_a_large_structure_set_is_partial(
    field_data, tmp_path, rsa_signer, trust, plain_keys
):
    out = tmp_path / "out.dcm"
    source = field_data / "pairs/STS_004_CT_MIM/RS.dcm"
    dcmsign("+s", plain_keys["rsa"], rsa_signer.certificate_path, "+m2", source, out)
    verdict = verify_file(out, trust)
    assert verdict.status == "partial"
    assert "ROIContourSequence" in verdict.coverage.uncovered
    assert verdict.coverage.share < 0.2
    assert "leaves out the rest" in verdict.reason


def test_dcmsigns_choice_of_tags_is_partial(field_data, tmp_path, rsa_signer, trust, plain_keys):
    out = tmp_path / "out.dcm"
    source = field_data / "broken_and_small/CT_small.dcm"
    chosen = ("-t", "0010,0010", "-t", "0010,0020")
    dcmsign("+s", plain_keys["rsa"], rsa_signer.certificate_path, "+m2", *chosen, source, out)
    verdict = verify_file(out, trust)
    assert verdict.status == "partial"
    assert "PixelData" in verdict.coverage.uncovered
    assert verdict.coverage.share < 0.01


def test_both_sign_one_file(field_data, tmp_path, signer, rsa_signer, trust, plain_keys):
    first, second = tmp_path / "first.dcm", tmp_path / "second.dcm"
    source = field_data / "broken_and_small/CT_small.dcm"
    dcmsign("+s", plain_keys["rsa"], rsa_signer.certificate_path, "+m2", source, first)
    sign_file(first, second, signer)
    verdict = verify_file(second, trust)
    assert [(one.signer, one.status) for one in verdict.signatures] == [
        ("Scanner 1", "valid"), ("Dr Ada Test", "valid"),
    ]  # fmt: skip
    certificates = ("+cf", signer.certificate_path, "+cf", rsa_signer.certificate_path)
    assert dcmsign("--verify", "+rg", *certificates, second).returncode == 0


def test_lookup_table_descriptors_of_signed_pixels_are_unsigned(make_file, tmp_path, rsa_signer, trust, plain_keys):
    ds = small_dataset()
    ds.RedPaletteColorLookupTableDescriptor = [0, 32768, 16]
    ds["RedPaletteColorLookupTableDescriptor"].VR = "US"
    item = Dataset()
    item.LUTDescriptor = [256, 0, 16]
    item["LUTDescriptor"].VR = "US"
    ds.ModalityLUTSequence = [item]
    source = make_file(ds, ImplicitVRLittleEndian)
    signed = sign_file(source, tmp_path / "ours.dcm", rsa_signer)
    assert dcmsign("--verify", "+rg", "+cf", rsa_signer.certificate_path, signed.path).returncode == 0
    theirs = tmp_path / "theirs.dcm"
    assert dcmsign("+s", plain_keys["rsa"], rsa_signer.certificate_path, "+m2", source, theirs).returncode == 0
    assert verify_file(theirs, trust).status == "valid"


def test_text_padded_with_nulls_and_with_spaces_in_one_file(make_file, tmp_path, rsa_signer, trust, plain_keys):
    source = make_file()
    data = source.read_bytes()
    assert data.count(b"Test^Ada") == 1
    assert data.count(b"private ") == 1
    source.write_bytes(data.replace(b"Test^Ada", b"Tes^Ad\0\0").replace(b"private ", b"privat  "))
    signed = sign_file(source, tmp_path / "ours.dcm", rsa_signer)
    assert dcmsign("--verify", "+rg", "+cf", rsa_signer.certificate_path, signed.path).returncode == 0
    theirs = tmp_path / "theirs.dcm"
    assert dcmsign("+s", plain_keys["rsa"], rsa_signer.certificate_path, "+m2", source, theirs).returncode == 0
    verdict = verify_file(theirs, trust)
    assert (verdict.status, verdict.reason) == ("valid", "")


@pytest.mark.parametrize("nested", [True, False])
def test_values_too_long_for_their_vr_in_implicit_files(make_file, tmp_path, rsa_signer, trust, plain_keys, nested):
    ds = small_dataset()
    ds.remove_private_tags()  # nobody knows the VRs of these in an implicit file
    contour = Dataset()
    contour.ContourData = [f"{number}.5" for number in range(12_000)]
    if nested:
        owner = Dataset()
        owner.ContourSequence = [contour]
        ds.ROIContourSequence = [owner]
    else:
        ds.AdditionalPatientHistory = "x" * 70_000
    source, theirs = make_file(ds, ImplicitVRLittleEndian), tmp_path / "theirs.dcm"
    assert dcmsign("+s", plain_keys["rsa"], rsa_signer.certificate_path, "+m2", source, theirs).returncode == 0
    verdict = verify_file(theirs, trust)
    assert (verdict.status, "leaves out the rest" in verdict.reason) == (
        ("partial", True) if nested else ("valid", False)
    )
    assert ("ROIContourSequence" in verdict.coverage.uncovered) == nested
    data = bytearray(theirs.read_bytes())
    data[data.index(b"5.5" if nested else b"xxxxx") + 4] ^= 1
    theirs.write_bytes(data)
    assert verify_file(theirs, trust).status == "invalid"
