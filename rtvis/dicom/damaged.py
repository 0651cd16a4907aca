"""What can still be told of a file that can't be used: which object it is, and of which series."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import NamedTuple

import pydicom
from pydicom.errors import BytesLengthException, InvalidDicomError

from rtvis.dicom.reading import quiet

BEGINNING = 1 << 20
"""Bytes looked at: the identity of an image lies in the first few thousand."""


NOTHING_TOLD = (
    OSError,
    EOFError,
    ValueError,
    LookupError,
    AttributeError,
    TypeError,
    NotImplementedError,
    RecursionError,
    struct.error,
    BytesLengthException,
    InvalidDicomError,
)
"""What pydicom raises at bytes that can't be a dataset."""


class Identity(NamedTuple):
    """SOP Instance UID and Series Instance UID; empty where they can't be told.

    Attributes:
        series_is_cut: whether the file may end within its Series Instance UID, of which only the beginning is known.
    """

    sop_instance_uid: str
    series_instance_uid: str
    series_is_cut: bool = False


def identity_of_damaged(path: Path) -> Identity:
    """Which object a damaged or truncated file was; both UIDs are empty where nothing can be told.

    The Series Instance UID follows the SOP Instance UID (PS3.5 7.1: elements are in the order of their tags), so that
    where only the end is missing both are there. A SOP Instance UID that the file may end within isn't told: its
    beginning may be that of another image.
    """
    try:
        with path.open("rb") as handle:
            beginning = handle.read(BEGINNING)
        with quiet():
            dataset = pydicom.dcmread(
                io.BytesIO(beginning),
                force=True,
                stop_before_pixels=True,
                specific_tags=["SOPInstanceUID", "SeriesInstanceUID"],
            )
            instance, series = (str(dataset.get(name, "")) for name in ("SOPInstanceUID", "SeriesInstanceUID"))
        is_cut = beginning.endswith((series or instance).encode(errors="replace"))
        return Identity("" if is_cut and not series else instance, series, series_is_cut=is_cut and bool(series))
    except NOTHING_TOLD:
        return Identity("", "")
