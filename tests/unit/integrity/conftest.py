"""Identities and small files for the tests of signatures; every key is made here and thrown away."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from rtvis.integrity.identity import Identity, create_identity
from rtvis.integrity.trust import TrustStore


@pytest.fixture(scope="session")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    return create_identity("Dr Ada Test", tmp_path_factory.mktemp("ec") / "signer", "secret", key_type="ec")


@pytest.fixture(scope="session")
def rsa_signer(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    return create_identity("Scanner 1", tmp_path_factory.mktemp("rsa") / "signer", "secret")


@pytest.fixture(scope="session")
def trust(signer: Identity, rsa_signer: Identity) -> TrustStore:
    return TrustStore((signer.certificate, rsa_signer.certificate))


def small_dataset() -> Dataset:
    ds = Dataset()
    ds.SOPClassUID = CTImageStorage
    ds.SOPInstanceUID = "1.2.826.0.1.3680043.8.498.1"
    ds.PatientName = "Test^Ada"
    ds.PatientID = "42"
    item = Dataset()
    item.ReferencedSOPClassUID = CTImageStorage
    item.ReferencedSOPInstanceUID = "1.2.3.4"
    ds.ReferencedImageSequence = [item, Dataset(), item]
    ds.ReferencedImageSequence[0].is_undefined_length_sequence_item = True
    block = ds.private_block(0x0009, "RTVIS TEST", create=True)
    block.add_new(0x01, "LO", "private")
    ds.Rows = ds.Columns = 8
    ds.BitsAllocated = ds.BitsStored = 16
    ds.HighBit = 15
    ds.PixelRepresentation = 1
    ds.SmallestImagePixelValue = -3
    ds["SmallestImagePixelValue"].VR = "SS"
    ds.SamplesPerPixel = 1
    ds.PhotometricInterpretation = "MONOCHROME2"
    ds.PixelData = bytes(range(128))
    ds["PixelData"].VR = "OW"
    return ds


def written(ds: Dataset, syntax: str = ExplicitVRLittleEndian) -> bytes:
    """The bytes of a PS3.10 file of `ds`."""
    ds = Dataset(ds)
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = syntax
    buffer = BytesIO()
    dcmwrite(buffer, ds, enforce_file_format=True)
    return buffer.getvalue()


@pytest.fixture
def make_file(tmp_path: Path):
    def make(ds: Dataset | None = None, syntax: str = ExplicitVRLittleEndian, name: str = "in.dcm") -> Path:
        path = tmp_path / name
        path.write_bytes(written(small_dataset() if ds is None else ds, syntax))
        return path

    return make
