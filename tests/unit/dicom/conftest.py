"""Image files made for tests, one attribute at a time."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.uid import ExplicitVRLittleEndian

AXIAL = [1, 0, 0, 0, 1, 0]


def write_plane(path: Path, position=(0.0, 0.0, 0.0), pixels=None, *, syntax=ExplicitVRLittleEndian, **attributes):
    """Write a CT image of 4 x 5 pixels; attributes by keyword replace the usual ones, None leaves one out."""
    array = np.arange(20, dtype=np.int16).reshape(4, 5) if pixels is None else pixels
    ds = Dataset()
    usual = {
        "SOPClassUID": "1.2.840.10008.5.1.4.1.1.2",
        "Modality": "CT",
        "PatientID": "P1",
        "PatientName": "Doe^Jane",
        "StudyInstanceUID": "1.2.3.1",
        "SeriesInstanceUID": "1.2.3.2",
        "FrameOfReferenceUID": "1.2.3.3",
        "ImagePositionPatient": list(position),
        "ImageOrientationPatient": AXIAL,
        "PixelSpacing": [0.8, 0.5],
        "Rows": array.shape[-2],
        "Columns": array.shape[-1],
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "BitsAllocated": array.itemsize * 8,
        "BitsStored": array.itemsize * 8,
        "HighBit": array.itemsize * 8 - 1,
        "PixelRepresentation": int(array.dtype.kind == "i"),
    }
    for keyword, value in (usual | attributes).items():
        if value is not None:
            setattr(ds, keyword, value)
    little = syntax != "1.2.840.10008.1.2.2"
    ds.add_new(0x7FE00010, "OW", array.astype(array.dtype.newbyteorder("<" if little else ">")).tobytes())
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = syntax
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    buffer = io.BytesIO()
    dcmwrite(buffer, ds, enforce_file_format=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(buffer.getvalue())
    return path


@pytest.fixture
def plane():
    """Function that writes one CT image."""
    counter = iter(range(1, 10**6))

    def write(path: Path, position=(0.0, 0.0, 0.0), pixels=None, **attributes):
        number = next(counter)
        attributes.setdefault("SOPInstanceUID", f"1.2.3.9.{number}")
        attributes.setdefault("InstanceNumber", number)
        return write_plane(path, position, pixels, **attributes)

    return write
