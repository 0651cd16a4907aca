"""RT Dose files made for tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

RT_DOSE = "1.2.840.10008.5.1.4.1.1.481.2"
UID = "1.2.826.0.1.3680043.10.1.70.{}"


def dose_dataset(
    stored: np.ndarray,
    *,
    position=(-31.0, 12.5, -140.0),
    orientation=(1.0, 0.0, 0.0, 0.0, 1.0, 0.0),
    spacing=(2.5, 2.0),
    offsets=None,
    scaling="0.001",
    frame_of_reference_uid="1.2.3",
    number=1,
) -> Dataset:
    """A valid RT Dose of stored values ``(frames, rows, columns)`` uint16 or uint32; offsets 3 mm apart."""
    frames, rows, columns = stored.shape
    one = Dataset()
    one.SpecificCharacterSet = "ISO_IR 192"
    one.InstanceCreationDate, one.InstanceCreationTime = "20240102", "030405"
    one.SOPClassUID, one.SOPInstanceUID = RT_DOSE, UID.format(f"1.{number}")
    one.StudyDate, one.StudyTime, one.AccessionNumber = "20240102", "030405", ""
    one.Modality, one.Manufacturer, one.ReferringPhysicianName = "RTDOSE", "rtvis tests", ""
    one.OperatorsName = ""
    one.PatientName, one.PatientID, one.PatientBirthDate, one.PatientSex = "Doe^Jo", "P1", "", ""
    one.StudyInstanceUID, one.SeriesInstanceUID = UID.format("2"), UID.format(f"3.{number}")
    one.StudyID, one.SeriesNumber, one.InstanceNumber = "", "1", "1"
    one.FrameOfReferenceUID, one.PositionReferenceIndicator = frame_of_reference_uid, ""
    one.ImagePositionPatient, one.ImageOrientationPatient = list(position), list(orientation)
    one.PixelSpacing, one.SliceThickness = list(spacing), None
    one.SamplesPerPixel, one.PhotometricInterpretation = 1, "MONOCHROME2"
    one.Rows, one.Columns = rows, columns
    bits = stored.dtype.itemsize * 8
    one.BitsAllocated, one.BitsStored, one.HighBit = bits, bits, bits - 1
    one.PixelRepresentation = 1 if stored.dtype.kind == "i" else 0
    one.DoseUnits, one.DoseType, one.DoseSummationType = "GY", "PHYSICAL", "PLAN"
    one.DoseGridScaling = scaling
    one.ReferencedRTPlanSequence = [Dataset()]
    one.ReferencedRTPlanSequence[0].ReferencedSOPClassUID = "1.2.840.10008.5.1.4.1.1.481.5"
    one.ReferencedRTPlanSequence[0].ReferencedSOPInstanceUID = UID.format("4")
    if frames > 1 or offsets is not None:
        one.NumberOfFrames = frames
        one.FrameIncrementPointer = 0x3004000C
        one.GridFrameOffsetVector = [
            f"{float(v):.6g}" for v in (np.arange(frames) * 3.0 if offsets is None else offsets)
        ]
    one.PixelData = stored.astype(stored.dtype.newbyteorder("<")).tobytes()
    one["PixelData"].VR = "OW"
    one.file_meta = FileMetaDataset()
    one.file_meta.MediaStorageSOPClassUID = RT_DOSE
    one.file_meta.MediaStorageSOPInstanceUID = one.SOPInstanceUID
    one.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return one


def write_dose(path: Path, stored: np.ndarray, **said) -> Path:
    """Write `dose_dataset` to a file."""
    dose_dataset(stored, **said).save_as(path, enforce_file_format=True)
    return path
