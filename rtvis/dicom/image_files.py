"""Images from outside DICOM (NIfTI, NRRD, MetaImage, ``.npy``), and series built from them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rtvis.dicom.construct import SeriesAttributes, attributes_like, write_series
from rtvis.dicom.nifti_files import ends_as_it_should, held_by, require_whole_nifti
from rtvis.dicom.series import find_series
from rtvis.dicom.sheared_nifti import read_sheared
from rtvis.geometry.grid import Grid
from rtvis.model.decimal_string import format_ds
from rtvis.model.errors import InputError, NothingFoundError, UnreadableError, UsageError
from rtvis.model.progress import no_report

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from rtvis.model.progress import Report

SUFFIXES = (".nii", ".nii.gz", ".nrrd", ".nhdr", ".mha", ".mhd", ".npy")
EXACT_SLOPES = (*(2.0**-n for n in range(1, 13)), 0.1, 0.01, 0.001, 0.0001)
"""Steps that values with fractions are commonly whole multiples of."""


@dataclass(frozen=True, slots=True)
class BuiltSeries:
    """A series that was written."""

    series_instance_uid: str
    files: tuple[Path, ...]


def read_image(
    path: str | Path, spacing: Sequence[float] | None = None, origin: Sequence[float] | None = None
) -> tuple[NDArray[Any], Grid]:
    """Read an image that isn't DICOM.

    Args:
        path: NIfTI, NRRD, MetaImage or ``.npy``.
        spacing: mm between slices, rows, columns; for ``.npy`` only, which has no geometry of its own.
        origin: centre of the first voxel, LPS mm; for ``.npy`` only, (0, 0, 0) without.

    Returns:
        The values ``(slices, rows, columns)`` and the grid, in LPS as ITK gives it.

    Raises:
        UnreadableError: when it can't be read or isn't a volume of one value a voxel.
        UsageError: when geometry is missing, or given for a file that has its own.
    """
    place = Path(path)
    if not place.is_file():
        raise UnreadableError("there is no such file", path=place)
    if not place.name.lower().endswith(SUFFIXES):
        remedy = f"use one of {', '.join(SUFFIXES)}"
        raise UnreadableError("isn't an image format that can be built from", path=place, remedy=remedy)
    if place.suffix.lower() == ".npy":
        return _read_npy(place, spacing, origin)
    if spacing is not None or origin is not None:
        raise UsageError("has its own geometry", path=place, remedy="--spacing and --origin are for .npy only")
    return _read_itk(place)


def _read_npy(path: Path, spacing: Sequence[float] | None, origin: Sequence[float] | None) -> tuple[NDArray[Any], Grid]:
    if spacing is None:
        raise UsageError("has no geometry", path=path, remedy="say it with --spacing SLICES,ROWS,COLUMNS (mm)")
    try:
        array = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise UnreadableError(f"isn't a NumPy array file ({error})", path=path) from error
    steps = [float(one) for one in spacing]
    corner = [float(one) for one in (origin if origin is not None else (0.0, 0.0, 0.0))]
    if len(steps) != 3 or len(corner) != 3 or not all(0 < one < np.inf for one in steps):
        raise UsageError("spacing must be three positive numbers and the origin three numbers", path=path)
    return _on_grid(path, array, np.diag(steps[::-1]), np.array(corner))


def _read_itk(path: Path) -> tuple[NDArray[Any], Grid]:
    import SimpleITK as sitk  # noqa: N813, PLC0415  (takes half a second to load, and few need it)

    sitk.ProcessObject.SetGlobalWarningDisplay(False)
    seems_whole = ends_as_it_should(path)
    if not seems_whole:
        require_whole_nifti(path)
    try:
        image = sitk.ReadImage(str(path))
    except RuntimeError as error:
        if seems_whole:
            require_whole_nifti(path)
        sheared = read_sheared(path) if "orthonormal" in str(error) else None
        if sheared is not None:
            return _on_grid(path, *sheared)
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        raise UnreadableError(f"can't be read ({lines[-1] if lines else error})", path=path) from error
    if image.GetDimension() == 2:
        image = sitk.JoinSeries(image)
    if image.GetDimension() == 4 and image.GetSize()[3] == 1:  # a single time point, as NIfTI often has
        image = sitk.Extract(image, [*image.GetSize()[:3], 0], [0, 0, 0, 0])
    if image.GetDimension() != 3 or image.GetNumberOfComponentsPerPixel() != 1:
        what = f"has {image.GetDimension()} dimensions and {image.GetNumberOfComponentsPerPixel()} values a voxel"
        raise UnreadableError(what, path=path, remedy="a volume has 3 dimensions and one value a voxel")
    axes = np.array(image.GetDirection()).reshape(3, 3) * np.array(image.GetSpacing())
    voxels = sitk.GetArrayFromImage(image)
    if seems_whole and not held_by(path, voxels):
        require_whole_nifti(path)
    return _on_grid(path, voxels, axes, np.array(image.GetOrigin()))


def _on_grid(
    path: Path, array: NDArray[Any], axes_mm: NDArray[np.float64], origin_mm: NDArray[np.float64]
) -> tuple[NDArray[Any], Grid]:
    if array.ndim != 3 or array.size == 0 or array.dtype.kind not in "biuf":
        raise UnreadableError(f"holds {array.dtype} {array.shape}, not a volume of numbers", path=path)
    affine = np.eye(4)
    affine[:3, :3] = axes_mm
    affine[:3, 3] = origin_mm
    slices, rows, columns = array.shape
    origins = origin_mm + np.arange(slices)[:, None] * axes_mm[:, 2]
    try:
        return array, Grid((slices, rows, columns), affine, origins)
    except ValueError as error:
        raise UnreadableError(f"has no usable geometry: {error}", path=path) from error


def stored_values(values: NDArray[Any]) -> tuple[NDArray[np.integer], tuple[float, float]]:
    """Values as 16-bit stored values with a rescale that gives each of them back exactly.

    Args:
        values: any integers, booleans or floats.

    Returns:
        int16 where they fit, else uint16; and (slope, intercept), (1, 0) wherever possible.

    Raises:
        InputError: when 16 bits can't hold them without loss.
    """
    remedy = "scale and round them to 16-bit integers first"
    if values.dtype.kind in "bu" or values.dtype.kind == "i":
        low, high = int(values.min()), int(values.max())
        return _fit(values, low, high, remedy)
    if not np.all(np.isfinite(values)):
        raise InputError("has values that are infinite or not a number, which DICOM images can't hold", remedy=remedy)
    whole = np.rint(values.astype(np.float64))
    if np.array_equal(whole, values):
        return _fit(whole, int(whole.min()), int(whole.max()), remedy)
    for slope in EXACT_SLOPES:
        with np.errstate(over="ignore", invalid="ignore"):  # what it makes infinite doesn't fit
            steps = np.rint(values.astype(np.float64) / slope)
            span = float(np.ptp(steps))
        if not span <= 0xFFFF or not np.array_equal((steps * slope).astype(values.dtype), values):
            continue
        stored, (_, offset) = _fit(steps, int(steps.min()), int(steps.max()), remedy)
        intercept = float(f"{offset * slope:.10g}")  # a DS, so that it reads back as it is
        if np.array_equal((stored * slope + intercept).astype(values.dtype), values):
            return stored, (slope, intercept)
    raise InputError("has values with fractions that 16-bit integers can't hold without loss", remedy=remedy)


def _fit(values: NDArray[Any], low: int, high: int, remedy: str) -> tuple[NDArray[np.integer], tuple[float, float]]:
    if low >= -0x8000 and high <= 0x7FFF:
        return values.astype(np.int16), (1.0, 0.0)
    if low >= 0 and high <= 0xFFFF:
        return values.astype(np.uint16), (1.0, 0.0)
    if high - low > 0xFFFF or float(format_ds(low)) != low:
        lowest, highest = (one if abs(one) < 1 << 64 else f"{float(one):g}" for one in (low, high))
        raise InputError(f"has values from {lowest} to {highest}, more than 16 bits can hold", remedy=remedy)
    wide = values if values.dtype.kind == "f" else values.astype(np.int64)  # a DS, and so `low`, is below 1e16
    return (wide - low).astype(np.uint16), (1.0, float(low))


def build_series(
    image: str | Path,
    out_dir: str | Path,
    like: str | Path | None = None,
    modality: str = "CT",
    *,
    spacing: Sequence[float] | None = None,
    origin: Sequence[float] | None = None,
    report: Report = no_report,
) -> BuiltSeries:
    """Build a DICOM series from an image file; read back it is voxel for voxel the same, on the same grid.

    Args:
        image: see `read_image`.
        out_dir: a folder; no file in it is replaced.
        like: a folder or file of the series to take patient, study and frame of reference from.
        modality: ``CT`` or ``MR``.
        spacing: of ``.npy``, see `read_image`.
        origin: of ``.npy``, see `read_image`.
        report: told (slices written, slices in all).

    Raises:
        InputError: when the image can't be read, or DICOM can't hold it without loss.
        NothingFoundError: when there is no series at `like`.
        OutputError: when `out_dir` can't be written to.
    """
    path = Path(image)
    values, grid = read_image(path, spacing, origin)
    try:
        stored, rescale = stored_values(values)
        attributes = _attributes(like, modality, path)
        files = write_series(stored, grid, out_dir, attributes, rescale=rescale, report=report)
    except InputError as error:
        if error.path is None:
            raise type(error)(error.what, path=path, remedy=error.remedy) from error
        raise
    return BuiltSeries(attributes.series_instance_uid, tuple(files))


def _attributes(like: str | Path | None, modality: str, image: Path) -> SeriesAttributes:
    description = image.name.split(".")[0][:64]
    if like is None:
        return SeriesAttributes(modality=modality, description=description)
    plans = find_series(like).plans
    if not plans:
        raise NothingFoundError("holds no image series to take patient and study from", path=like)
    largest = max(plans, key=lambda plan: len(plan.slices))
    return replace(attributes_like(largest, modality=modality), description=description)
