"""A volume: one array of stored values, its grid, and what each slice's file said."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rtvis.geometry.grid import Grid

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from rtvis.model.problem import Problem

SINGLE_PRECISION_BITS = 24
"""Integers of this many bits are the same in float32 (IEEE 754: 24 bits of significand)."""


DOSE_MODALITY = "RTDOSE"


@dataclass(frozen=True, slots=True)
class Patient:
    """Who it is about (PS3.3 C.7.1.1), text decoded by SpecificCharacterSet, as written."""

    patient_id: str = ""
    name: str = ""
    birth_date: str = ""
    sex: str = ""


@dataclass(frozen=True, slots=True)
class Slice:
    """One image plane as its file describes it.

    Attributes:
        position_lps_mm: ImagePositionPatient.
        orientation: ImageOrientationPatient, row then column cosines.
        pixel_spacing_mm: between rows, between columns.
        rescale_slope, rescale_intercept: 1 and 0 where absent or empty; a slope of 0 stays 0.
        lowest_bit: of a cell of BitsAllocated, where the stored value begins: other than 0 where HighBit isn't
            BitsStored - 1 (PS3.5 8.1.1).
        frame: frame number, from 1, in a multi-frame object; 0 in a single-frame one.
        path: the file it came from.
    """

    sop_instance_uid: str
    sop_class_uid: str
    position_lps_mm: tuple[float, float, float]
    orientation: tuple[float, float, float, float, float, float]
    pixel_spacing_mm: tuple[float, float]
    rows: int
    columns: int
    bits_allocated: int = 16
    bits_stored: int = 16
    pixel_representation: int = 0
    rescale_slope: float = 1.0
    rescale_intercept: float = 0.0
    frame: int = 0
    transfer_syntax_uid: str = ""
    lossy: bool = False
    path: Path | None = None
    lowest_bit: int = 0


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class VolumeHeader:
    """Everything of a volume but its voxels: what its files' headers say.

    Attributes:
        volume_id: the SeriesInstanceUID, with ``#2``, ``#3`` ... when one series had to be split.
        modality: as in the file (``CT``, ``MR``, ``PT`` ...).
        grid: where the voxels are.
        slices: one for each slice of the grid, in the same order (ascending along the slice normal).
        window: (width, level) the file proposes, in `units`, or None.
        units: of a volume's values: ``HU`` for CT, else what the file names, else empty.
        value_factor: what rescaled values are multiplied by to be in `units`; other than 1 where another unit was
            asked for, such as SUV.
        problems: oddities of the series, for the reader.
        incomplete: why it is only a part of its series, such as images that can't be read; empty where nothing says so.
    """

    volume_id: str
    series_instance_uid: str
    study_instance_uid: str
    modality: str
    patient: Patient
    grid: Grid
    slices: tuple[Slice, ...]
    description: str = ""
    study_description: str = ""
    patient_position: str = ""
    units: str = ""
    window: tuple[float, float] | None = None
    problems: tuple[Problem, ...] = ()
    value_factor: float = 1.0
    incomplete: str = ""

    def __post_init__(self) -> None:
        if len(self.slices) != self.grid.shape[0]:
            raise ValueError(f"grid {self.grid.shape} with {len(self.slices)} slices")

    @property
    def is_dose(self) -> bool:
        """Whether these are doses (RT Dose), which have a grid as images have, and aren't images."""
        return self.modality == DOSE_MODALITY

    @property
    def frame_of_reference_uid(self) -> str:
        """The frame its coordinates are in (PS3.3 C.7.4.1); empty where the file has none."""
        return self.grid.frame_of_reference_uid

    @property
    def affine_lps(self) -> NDArray[np.float64]:
        """``(4, 4)``: takes ``(i, j, k, 1)`` (column, row, slice) to LPS mm."""
        return self.grid.affine_lps

    @property
    def slice_origins_lps(self) -> NDArray[np.float64]:
        """``(slices, 3)`` centre of the first pixel of each slice, LPS mm."""
        return self.grid.slice_origins_lps_mm

    @property
    def rescale(self) -> tuple[float, float] | None:
        """(slope, intercept) from stored values to `units` when all slices share them, else None."""
        pairs = {*zip(*(one.tolist() for one in self.slice_rescales), strict=True)}
        return pairs.pop() if len(pairs) == 1 else None

    @property
    def slice_rescales(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Slopes and intercepts from stored values to `units`, each ``(slices,)``."""
        slopes = np.array([one.rescale_slope for one in self.slices])
        intercepts = np.array([one.rescale_intercept for one in self.slices])
        return slopes * self.value_factor, intercepts * self.value_factor


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Volume(VolumeHeader):
    """One volume, shared by every view; arrays are read-only.

    Attributes:
        voxels: ``(slices, rows, columns)`` stored values, contiguous; bits above BitsStored already cleaned.
    """

    voxels: NDArray[np.integer]

    def __post_init__(self) -> None:
        VolumeHeader.__post_init__(self)  # super() can't find its class in a dataclass with slots
        if self.voxels.shape != self.grid.shape:
            raise ValueError(f"voxels {self.voxels.shape}, grid {self.grid.shape}")
        self.voxels.flags.writeable = False

    @property
    def values_dtype(self) -> np.dtype[np.floating]:
        """What `values` come in: float32 (4 bytes a voxel), which holds integers to 2^24, or float64 (8 bytes)."""
        wide = any(one.bits_stored > SINGLE_PRECISION_BITS for one in self.slices)
        return np.dtype(np.float64 if wide else np.float32)

    @property
    def values(self) -> NDArray[np.floating]:
        """Values in `units`, ``(slices, rows, columns)``, made anew at each call (PS3.3 C.11.1.1.2)."""
        slopes, intercepts = (one.astype(self.values_dtype) for one in self.slice_rescales)
        result = self.voxels.astype(self.values_dtype)
        result *= slopes[:, None, None]
        result += intercepts[:, None, None]
        return result

    def value_at(self, point_lps_mm: ArrayLike) -> float | None:
        """The value of the voxel a patient point ``(3,)`` lies in, in `units`; None outside the volume."""
        if not bool(self.grid.contains(point_lps_mm)):
            return None
        i, j, k = (int(n) for n in np.floor(self.grid.to_index(point_lps_mm) + 0.5))
        slices, rows, columns = self.grid.shape
        i, j, k = min(i, columns - 1), min(j, rows - 1), min(k, slices - 1)
        one = self.slices[k]
        return (float(self.voxels[k, j, i]) * one.rescale_slope + one.rescale_intercept) * self.value_factor

    def digest(self, algorithm: str = "md5") -> str:
        """The volume digest, version 1, as ``md5:<hex>`` or ``sha256:<hex>``.

        Raises:
            InputError: when the volume has no digest: one SOP Instance UID with two different images, or it is known to
                be only a part of its series (`incomplete`).
        """
        from rtvis.model.digest import volume_digest  # noqa: PLC0415  (the digest is defined over volumes)

        return volume_digest(self, algorithm).text
