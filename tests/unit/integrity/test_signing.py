"""Files signed and verified by rtvis alone, and every way of breaking them."""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.dataset import Dataset

from rtvis.integrity.identity import create_identity
from rtvis.integrity.public_key import MACS
from rtvis.integrity.scanning import scan
from rtvis.integrity.signing import sign_file
from rtvis.integrity.trust import TrustStore
from rtvis.integrity.verification import verify_file, verify_scanned
from rtvis.model.errors import UnreadableError, UsageError
from tests.unit.integrity.conftest import small_dataset, written

IMPLICIT, EXPLICIT, BIG, DEFLATED = (
    "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99",
)  # fmt: skip


@pytest.mark.parametrize("mac", MACS)
def test_a_signed_file_is_valid_and_says_by_whom(make_file, tmp_path, signer, trust, mac):
    signed = sign_file(make_file(), tmp_path / "out.dcm", signer, mac=mac)
    verdict = verify_file(signed.path, trust)
    assert (verdict.status, verdict.signer, verdict.mac) == ("valid", "Dr Ada Test", mac)
    assert verdict.coverage.share == 1.0
    assert verdict.coverage.uncovered == []
    assert verdict.signed_at == signed.signed_at
    assert abs(datetime.now(UTC) - verdict.signed_at) < timedelta(minutes=5)
    assert bool(verdict.reason) == (mac in {"md5", "sha1"}), "weak hashes are named"


@pytest.mark.parametrize("syntax", [IMPLICIT, EXPLICIT, BIG, DEFLATED])
def test_every_encoding_is_signed_and_nothing_else_changes(make_file, tmp_path, rsa_signer, trust, syntax):
    source = make_file(syntax=syntax)
    signed = sign_file(source, tmp_path / "out.dcm", rsa_signer)
    assert not signed.made_part10
    assert verify_file(signed.path, trust).status == "valid"
    before, after = scan(source), scan(signed.path)
    assert after.data[: after.body_start] == before.data[: before.body_start]
    kept = {one.tag: after.body[one.start : one.end] for one in after.elements}
    assert {one.tag: before.body[one.start : one.end] for one in before.elements} == {
        tag: content for tag, content in kept.items() if tag not in {0x4FFE0001, 0xFFFAFFFA}
    }
    assert dcmread(signed.path).DigitalSignaturesSequence[0].CertificateType == "X509_1993_SIG"


def test_a_file_may_be_written_in_another_uncompressed_encoding_afterwards(tmp_path, signer, trust):
    ds = small_dataset()
    del ds[0x00090010], ds[0x00091001]
    for first, second in ((EXPLICIT, IMPLICIT), (IMPLICIT, EXPLICIT), (EXPLICIT, DEFLATED)):
        path = tmp_path / f"{first}.dcm"
        path.write_bytes(written(ds, first))
        sign_file(path, path, signer, overwrite=True)
        path.write_bytes(written(dcmread(path), second))
        assert verify_file(path, trust).status == "valid"


def test_private_elements_of_implicit_files_are_reported_uncovered(make_file, tmp_path, signer, trust):
    signed = sign_file(make_file(syntax=IMPLICIT), tmp_path / "out.dcm", signer)
    verdict = verify_file(signed.path, trust)
    assert verdict.status == "valid"
    assert verdict.coverage.uncovered == ["(0009,1001)"]
    assert 0.9 < verdict.coverage.share < 1


def test_a_file_without_meta_information_becomes_part_10(make_file, tmp_path, signer, trust):
    source = make_file()
    bare = tmp_path / "bare.dcm"
    bare.write_bytes(scan(source).body)
    signed = sign_file(bare, tmp_path / "out.dcm", signer)
    assert signed.made_part10
    assert verify_file(signed.path, trust).status == "valid"
    read = dcmread(signed.path)
    assert read.file_meta.TransferSyntaxUID == EXPLICIT
    assert read.file_meta.MediaStorageSOPInstanceUID == read.SOPInstanceUID
    assert read.PatientName == "Test^Ada"


def test_signing_again_keeps_the_first_signature(make_file, tmp_path, signer, rsa_signer, trust):
    once = sign_file(make_file(), tmp_path / "once.dcm", signer)
    twice = sign_file(once.path, tmp_path / "twice.dcm", rsa_signer)
    verdict = verify_file(twice.path, trust)
    assert [one.status for one in verdict.signatures] == ["valid", "valid"]
    assert [one.signer for one in verdict.signatures] == ["Dr Ada Test", "Scanner 1"]
    assert [one.MACIDNumber for one in dcmread(twice.path).MACParametersSequence] == [0, 1]


def test_a_correction_signed_anew_is_valid_though_the_first_signature_fails(make_file, tmp_path, signer, trust):
    path = sign_file(make_file(), tmp_path / "a.dcm", signer).path
    path.write_bytes(path.read_bytes().replace(b"Test^Ada", b"Test^Eva"))
    assert verify_file(path, trust).status == "invalid"
    verdict = verify_file(sign_file(path, tmp_path / "b.dcm", signer).path, trust)
    assert verdict.status == "valid"
    assert [one.status for one in verdict.signatures] == ["invalid", "valid"]
    assert "another signature" in verdict.reason


def test_sequences_of_undefined_length_take_another_signature(make_file, tmp_path, signer, trust):
    path = sign_file(make_file(), tmp_path / "a.dcm", signer).path
    ds = dcmread(path)
    for keyword in ("MACParametersSequence", "DigitalSignaturesSequence"):
        ds[keyword].is_undefined_length = True
    path.write_bytes(written(ds))
    verdict = verify_file(sign_file(path, tmp_path / "b.dcm", signer).path, trust)
    assert [one.status for one in verdict.signatures] == ["valid", "valid"]


def test_a_timestamp_that_was_put_beside_a_signature_later_leaves_it_valid(make_file, tmp_path, signer, trust):
    path = sign_file(make_file(), tmp_path / "a.dcm", signer).path
    ds = dcmread(path)
    ds.DigitalSignaturesSequence[0].CertifiedTimestampType = "CMS_TSP"  # PS3.3 table C.12-7: not in the MAC itself
    ds.DigitalSignaturesSequence[0].CertifiedTimestamp = b"stamp!"
    path.write_bytes(written(ds))
    assert verify_file(path, trust).status == "valid"
    ds.DigitalSignaturesSequence[0].PatientComments = "moved here"
    path.write_bytes(written(ds))
    assert verify_file(path, trust).status == "invalid"


def test_untrusted_signers_are_told_apart(make_file, tmp_path, signer, rsa_signer):
    path = sign_file(make_file(), tmp_path / "a.dcm", signer).path
    assert verify_file(path).status == "untrusted"
    verdict = verify_file(path, TrustStore((rsa_signer.certificate,)))
    assert verdict.status == "untrusted"
    assert "neither trusted itself nor issued" in verdict.reason


def test_an_issued_signer_is_trusted_through_the_issuer(make_file, tmp_path, signer):
    person = create_identity("P", tmp_path / "p", "p", issuer=signer.folder, issuer_passphrase="secret", key_type="ec")
    path = sign_file(make_file(), tmp_path / "a.dcm", person).path
    assert verify_file(path, TrustStore((signer.certificate,))).status == "valid"


def test_a_certificate_must_be_valid_when_it_signs(make_file, tmp_path, signer, monkeypatch):
    class Later(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + timedelta(days=4000)

    monkeypatch.setattr("rtvis.integrity.signing.datetime", Later)
    path = sign_file(make_file(), tmp_path / "a.dcm", signer).path
    assert "in the future" in verify_file(path, TrustStore((signer.certificate,))).reason
    monkeypatch.setattr("rtvis.integrity.verification.datetime", Later)
    verdict = verify_file(path, TrustStore((signer.certificate,)))
    assert verdict.status == "untrusted"
    assert "expired" in verdict.reason


def test_what_is_added_later_makes_it_partial(make_file, tmp_path, signer, trust):
    path = sign_file(make_file(), tmp_path / "a.dcm", signer).path
    ds = dcmread(path)
    ds.PatientComments = "added later"
    path.write_bytes(written(ds))
    verdict = verify_file(path, trust)
    assert verdict.status == "partial"
    assert verdict.coverage.uncovered == ["PatientComments"]
    assert "PatientComments" in verdict.reason


def test_a_contour_over_64_kb_takes_the_whole_sequence_out_of_an_implicit_file(tmp_path, signer, trust):
    ds = small_dataset()
    contour, roi = Dataset(), Dataset()
    contour.ContourData = [f"{number}.25" for number in range(12_000)]
    roi.ContourSequence = [contour]
    ds.ROIContourSequence = [roi]
    path = tmp_path / "rs.dcm"
    path.write_bytes(written(ds, IMPLICIT))
    signed = sign_file(path, tmp_path / "out.dcm", signer)
    assert signed.coverage.partial
    verdict = verify_file(signed.path, trust)
    assert verdict.status == "partial"
    assert "ROIContourSequence" in verdict.coverage.uncovered
    assert verdict.coverage.share < 0.1


def test_elements_taken_out_and_broken_machinery_are_invalid(make_file, tmp_path, signer, trust):
    path = sign_file(make_file(), tmp_path / "a.dcm", signer).path

    def without(change):
        ds = dcmread(path)
        change(ds)
        copy = tmp_path / "copy.dcm"
        copy.write_bytes(written(ds))
        verdict = verify_file(copy, trust)
        return verdict.status, verdict.reason

    def set_mac(name):
        def change(ds):
            ds.MACParametersSequence[0].MACAlgorithm = name

        return change

    assert without(lambda ds: ds.pop("PatientID"))[0] == "invalid"
    assert without(lambda ds: ds.pop("MACParametersSequence")) == (
        "invalid", "the file has no MAC parameters for this signature",
    )  # fmt: skip
    assert "none that this program knows" in without(set_mac("SHA3"))[1]
    assert without(set_mac("SHA512"))[0] == "invalid"
    assert without(lambda ds: ds.pop("DigitalSignaturesSequence"))[0] == "unsigned"
    assert without(lambda ds: ds.DigitalSignaturesSequence[0].pop("CertificateOfSigner"))[0] == "invalid"


def test_truncated_and_foreign_files_are_invalid_with_a_reason(make_file, tmp_path, signer, trust):
    path = sign_file(make_file(), tmp_path / "a.dcm", signer).path
    data = path.read_bytes()
    for content in (data[:-1], data[:-300], data[:140], b"", b"hello", bytes(1000)):
        path.write_bytes(content)
        verdict = verify_file(path, trust)
        assert verdict.status in {"invalid", "unsigned"}
        assert verdict.reason
        assert verdict.coverage.share == 0
    assert verify_file(tmp_path / "absent.dcm", trust).status == "invalid"


def test_programs_are_neither_signed_nor_valid(make_file, tmp_path, signer, trust):
    path = sign_file(make_file(), tmp_path / "a.dcm", signer).path
    path.write_bytes(b"MZ" + path.read_bytes()[2:])
    assert "Windows program" in verify_file(path, trust).reason
    with pytest.raises(UnreadableError, match="Windows program"):
        sign_file(path, tmp_path / "b.dcm", signer)
    assert not (tmp_path / "b.dcm").exists()


def test_existing_files_and_unknown_hashes_are_refused(make_file, tmp_path, signer):
    source = make_file()
    before = source.read_bytes()
    with pytest.raises(UsageError, match="already exists"):
        sign_file(source, source, signer)
    with pytest.raises(UsageError, match="unknown MAC"):
        sign_file(source, tmp_path / "out.dcm", signer, mac="crc32")
    assert source.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["in.dcm"]


@pytest.fixture(scope="module")
def signed_bytes(tmp_path_factory, signer) -> dict[str, bytes]:
    folder: Path = tmp_path_factory.mktemp("flips")
    contents = {}
    for syntax in (EXPLICIT, IMPLICIT, BIG):
        path = folder / "in.dcm"
        path.write_bytes(written(small_dataset(), syntax))
        contents[syntax] = sign_file(path, path, signer, overwrite=True).path.read_bytes()
    return contents


@pytest.mark.filterwarnings("ignore:Parsed a serial number")
@settings(max_examples=400, deadline=None)
@given(data=st.data(), syntax=st.sampled_from([EXPLICIT, IMPLICIT, BIG]))
def test_one_flipped_bit_is_noticed_or_lies_where_it_is_said(data, syntax, signed_bytes, trust):
    content = bytearray(signed_bytes[syntax])
    whole = scan(bytes(content))
    position = data.draw(st.integers(whole.body_start, len(content) - 1))
    content[position] ^= 1 << data.draw(st.integers(0, 7))
    try:
        flipped = scan(bytes(content))
    except UnreadableError:
        return
    verdict = verify_scanned(flipped, "flipped", trust)
    if verdict.status != "valid":
        return
    # What is left is in an element that is reported as uncovered, or in padding, which is reported as well.
    place = position - whole.body_start
    element = next(one for one in flipped.elements if one.start <= place < one.end)
    told = verdict.coverage.uncovered
    name = f"({element.tag >> 16:04x},{element.tag & 0xFFFF:04x})"
    machinery = element.tag in {0x4FFE0001, 0xFFFAFFFA}
    assert name in told or "padding of text values" in told or machinery, (name, told)


def test_a_moved_contour_in_a_large_structure_set_is_noticed(field_data, tmp_path, signer, trust):
    source = field_data / "pairs/LUNG1-002_XiO/RTSTRUCT.dcm"
    path = sign_file(source, tmp_path / "rs.dcm", signer).path
    assert verify_file(path, trust).status == "valid"
    data = bytearray(path.read_bytes())
    tag = struct.pack("<HH", 0x3006, 0x0050)
    for start in (data.index(tag), data.rindex(tag)):
        changed = bytearray(data)
        length = struct.unpack_from("<I", changed, start + 4)[0]
        numbers = bytes(changed[start + 8 : start + 8 + length]).split(b"\\")
        first = numbers[0].decode()
        numbers[0] = f"{float(first) + 30:.3f}"[: len(first)].ljust(len(first)).encode()
        changed[start + 8 : start + 8 + length] = b"\\".join(numbers)
        assert len(changed) == len(data)
        path.write_bytes(changed)
        assert verify_file(path, trust).status == "invalid"


def test_elements_moved_into_the_signature_are_noticed(make_file, tmp_path, signer, trust):
    # The stream of a data set and that of its signature's item follow each other without a mark between them.
    ds = Dataset()
    ds.SOPClassUID, ds.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.88.33", "1.2.3"
    ds.PatientID = "42"
    ds.CompletionFlag = "COMPLETE"
    ds.VerificationFlag = "VERIFIED"
    signed = sign_file(make_file(ds), tmp_path / "out.dcm", signer)
    ds = dcmread(signed.path)
    assert verify_file(signed.path, trust).status == "valid"
    ds.DigitalSignaturesSequence[0].VerificationFlag = ds.VerificationFlag
    del ds.VerificationFlag
    covered = ds.MACParametersSequence[0].DataElementsSigned
    ds.MACParametersSequence[0].DataElementsSigned = [one for one in covered if one != 0x0040A493]
    ds.save_as(signed.path)
    verdict = verify_file(signed.path, trust)
    assert (verdict.status, "(0040,a493)" in verdict.reason) == ("invalid", True)


def compressed_dataset(fragments, offsets=b"", frames=None):
    """A data set with these fragments of pixel data, which nobody will decode."""
    ds = small_dataset()
    if frames is not None:
        ds.NumberOfFrames = frames
    items = b"".join(struct.pack("<HHI", 0xFFFE, 0xE000, len(one)) + one for one in (offsets, *fragments))
    ds.PixelData = items
    ds["PixelData"].VR = "OB"
    ds["PixelData"].is_undefined_length = True
    return ds


JPEG_LOSSLESS = "1.2.840.10008.1.2.4.70"
ITEM_TAG = b"\xfe\xff\x00\xe0"


@pytest.mark.parametrize(
    ("fragments", "offsets", "frames", "forged", "forged_offsets"),
    [
        # Fragments stand in the stream without their lengths: two can become one, with the tag between them inside.
        ([b"\xff\xd8AA", b"\xff\xd8BB"], b"", 2, [b"\xff\xd8AA" + ITEM_TAG + b"\xff\xd8BB"], b""),
        ([b"\xff\xd8AA" + ITEM_TAG + b"BB"], b"", None, [b"\xff\xd8AA", b"BB"], b""),
        ([b"\xff\xd8AA" + ITEM_TAG + b"BB"], b"", None, [b"BB"], ITEM_TAG + b"\xff\xd8AA"),
        (
            [b"\xff\xd8AA", b"\xff\xd8BB", b"\xff\xd8CC" + ITEM_TAG + b"DD"],
            b"",
            3,
            [b"\xff\xd8AA" + ITEM_TAG + b"\xff\xd8BB", b"\xff\xd8CC", b"DD"],
            b"",
        ),
    ],
)
def test_fragments_that_were_joined_or_divided_are_not_valid(
    make_file, tmp_path, signer, trust, fragments, offsets, frames, forged, forged_offsets
):
    signed = sign_file(make_file(compressed_dataset(fragments, offsets, frames), JPEG_LOSSLESS), tmp_path / "o", signer)
    assert verify_file(signed.path, trust).status == "valid"
    other = compressed_dataset(forged, forged_offsets, frames)
    data = signed.path.read_bytes()
    before = compressed_dataset(fragments, offsets, frames).PixelData
    assert data.count(before) == 1
    signed.path.write_bytes(data.replace(before, other.PixelData))
    verdict = verify_file(signed.path, trust)
    assert verdict.status in {"partial", "invalid"}
    assert "fragments" in verdict.reason or verdict.status == "invalid"


def test_one_fragment_for_each_frame_is_covered_whole(make_file, tmp_path, signer, trust):
    offsets = struct.pack("<II", 0, 12)
    ds = compressed_dataset([b"\xff\xd8AA", b"\xff\xd8BB"], offsets, 2)
    signed = sign_file(make_file(ds, JPEG_LOSSLESS), tmp_path / "out.dcm", signer)
    assert (verify_file(signed.path, trust).status, signed.coverage.uncovered) == ("valid", [])


def test_frames_in_several_fragments_are_told_of_when_they_are_signed(make_file, tmp_path, signer, trust):
    ds = compressed_dataset([b"\xff\xd8AA", b"BB"])
    signed = sign_file(make_file(ds, JPEG_LOSSLESS), tmp_path / "out.dcm", signer)
    assert signed.coverage.partial
    assert verify_file(signed.path, trust).status == "partial"
