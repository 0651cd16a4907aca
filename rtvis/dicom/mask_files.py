"""Masks and label maps as NIfTI-1 and NRRD files, whose grid is the volume's.

Both formats hold one matrix from voxel indices to mm. Gantry tilt (a sheared matrix) is written as it is: in NIfTI in
the sform, with the qform, which knows no shear, marked as unknown. Uneven slice gaps have no place in either format,
and such grids are refused.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rtvis.dicom.files import written_whole
from rtvis.dicom.image_files import read_image
from rtvis.dicom.sparse_gzip import write_gzip
from rtvis.model.errors import InputError, UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rtvis.geometry.grid import Grid

TYPES = ("nii.gz", "nrrd")
NIFTI_TYPES = {"|u1": (2, 8), "<u2": (512, 16), "<f4": (16, 32)}
"""NIfTI-1 datatype codes and bits, by numpy's name of the type."""
NRRD_TYPES = {"|u1": "uint8", "<u2": "uint16", "<f4": "float"}
LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])
SHEAR = 1e-4
"""Cosines between axes above this are shear, not rounding."""
SAME_GRID = 0.01
"""Of a voxel, at the grid's corners: how far a mask's grid may be from the images' (NIfTI holds 32-bit floats)."""


def check_grid(grid: Grid) -> None:
    """Check that one matrix holds the grid.

    Raises:
        InputError: when slice gaps are uneven.
    """
    if not grid.has_even_gaps:
        what = "the images' slice gaps are uneven, which neither NIfTI nor NRRD can hold"
        raise InputError(what, remedy="export surfaces, or resample the images first")


def is_sheared(grid: Grid) -> bool:
    """Whether the axes aren't at right angles."""
    axes = grid.affine_lps[:3, :3] / np.linalg.norm(grid.affine_lps[:3, :3], axis=0)
    return bool(np.max(np.abs(axes.T @ axes - np.eye(3))) > SHEAR)


def write_voxels(array: NDArray[Any], grid: Grid, path: str | Path, *, overwrite: bool = False) -> None:
    """Write an array on a grid, as its file name says: ``.nii.gz`` or ``.nrrd``, both gzip-compressed.

    Args:
        array: ``grid.shape``, bool, uint8, uint16 or float32.
        grid: with even gaps.
        path: where to.
        overwrite: whether a file that is there may be replaced.

    Raises:
        InputError: when the grid's gaps are uneven.
        UsageError: when the name says neither format, or the file is there and `overwrite` is False.
        OutputError: when it can't be written.
    """
    check_grid(grid)
    stored = np.ascontiguousarray(array.view(np.uint8) if array.dtype == bool else array)
    stored = stored.astype(stored.dtype.newbyteorder("<"), copy=False)
    name = Path(path).name.lower()
    if name.endswith(".nii.gz"):
        with written_whole(path, overwrite=overwrite) as handle:
            write_gzip(handle, nifti_header(grid, stored.dtype.str), stored)
    elif name.endswith(".nrrd"):
        with written_whole(path, overwrite=overwrite) as handle:
            handle.write(nrrd_header(grid, stored.dtype.str))
            write_gzip(handle, b"", stored)
    else:
        raise UsageError("is neither .nii.gz nor .nrrd", path=path, remedy="use one of these endings")


def nifti_header(grid: Grid, kind: str) -> bytes:
    """The 352 bytes before the voxels of a NIfTI-1 file (nifti1.h): fastest index i, coordinates RAS mm."""
    code, bits = NIFTI_TYPES[kind]
    affine = LPS_TO_RAS @ grid.affine_lps
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    axes = affine[:3, :3] / spacing
    factor = 1.0
    if np.linalg.det(axes) < 0:
        axes, factor = axes * [1.0, 1.0, -1.0], -1.0
    slices, rows, columns = grid.shape
    header = struct.pack("<i35xB8h", 348, 0, 3, columns, rows, slices, 1, 1, 1, 1)
    header += struct.pack("<14xhhh", code, bits, 0)
    header += struct.pack("<8f", factor, *spacing[[0, 1, 2]], 0, 0, 0, 0)
    header += struct.pack("<3fhBB", 352.0, 1.0, 0.0, 0, 0, 2)  # vox_offset, scl_slope, scl_inter, ..., xyzt_units mm
    header += struct.pack("<4f8x80s24x", 0, 0, 0, 0, b"rtvis")
    b, c, d = _quaternion(axes)
    header += struct.pack("<hh6f", 0 if is_sheared(grid) else 1, 1, b, c, d, *affine[:3, 3])
    header += struct.pack("<12f", *affine[:3].ravel())
    header += struct.pack("<16x4s4x", b"n+1\0")
    assert len(header) == 352
    return header


def _quaternion(rotation: NDArray[np.float64]) -> tuple[float, float, float]:
    """b, c, d of the unit quaternion (a >= 0) of a rotation matrix (nifti1.h, method 2)."""
    # The eigenvector of the largest eigenvalue is the quaternion, also of a matrix that is a rotation but for rounding.
    xx, xy, xz, yx, yy, yz, zx, zy, zz = rotation.ravel()
    matrix = np.array(
        [
            [xx + yy + zz, zy - yz, xz - zx, yx - xy],
            [zy - yz, xx - yy - zz, xy + yx, xz + zx],
            [xz - zx, xy + yx, yy - xx - zz, yz + zy],
            [yx - xy, xz + zx, yz + zy, zz - xx - yy],
        ]
    )
    a, b, c, d = (float(one) for one in np.linalg.eigh(matrix)[1][:, -1])
    sign = -1.0 if a < 0 else 1.0
    return sign * b, sign * c, sign * d


def nrrd_header(grid: Grid, kind: str) -> bytes:
    """The text before the voxels of a NRRD file: LPS mm, fastest index i."""
    slices, rows, columns = grid.shape

    def vector(values: NDArray[np.float64]) -> str:
        return "(" + ",".join(repr(float(one)) for one in values) + ")"

    lines = [
        "NRRD0004",
        f"type: {NRRD_TYPES[kind]}",
        "dimension: 3",
        "space: left-posterior-superior",
        f"sizes: {columns} {rows} {slices}",
        "space directions: " + " ".join(vector(grid.affine_lps[:3, axis]) for axis in range(3)),
        "kinds: domain domain domain",
        "endian: little",
        "encoding: gzip",
        f"space origin: {vector(grid.affine_lps[:3, 3])}",
    ]
    return ("\n".join(lines) + "\n\n").encode("ascii")


def read_voxels(path: str | Path, grid: Grid) -> NDArray[Any]:
    """Read a mask or label map that is on a grid, whichever way round its axes are stored.

    Args:
        path: NIfTI, NRRD or MetaImage.
        grid: the images'.

    Returns:
        ``grid.shape``, the file's values.

    Raises:
        UnreadableError: when it can't be read.
        InputError: when it isn't on the grid.
    """
    array, own = read_image(path)
    axes = np.linalg.inv(grid.affine_lps[:3, :3]) @ own.affine_lps[:3, :3]
    order = np.argmax(np.abs(axes), axis=1)  # for each of i, j, k of the grid, which axis of the file runs along it
    if sorted(order.tolist()) == [0, 1, 2]:
        signs = np.sign(axes[np.arange(3), order])
        turned = array.transpose(*(2 - order[2 - axis] for axis in range(3)))
        first = np.zeros(3)
        for axis in range(3):
            if signs[axis] < 0:
                turned = np.flip(turned, axis=2 - axis)
                first[order[axis]] = array.shape[2 - order[axis]] - 1
        if turned.shape == grid.shape and _same(own, first, order, signs, grid):
            return np.ascontiguousarray(turned)
    what = f"isn't on the images' grid ({array.shape} voxels there, {grid.shape} here, or another place or spacing)"
    raise InputError(what, path=path, remedy="resample it onto the images, or name the images it was made on")


def _same(
    own: Grid, first: NDArray[np.float64], order: NDArray[np.intp], signs: NDArray[np.float64], grid: Grid
) -> bool:
    """Whether the corners of both grids are at the same places, in voxels of `grid`."""
    last = np.array(grid.shape[::-1]) - 1.0
    corners = np.array([[(n >> axis) & 1 for axis in range(3)] for n in range(8)]) * last
    theirs = np.tile(first, (8, 1))
    for axis in range(3):
        theirs[:, order[axis]] += corners[:, axis] * signs[axis]
    offset = own.to_patient(theirs) - grid.to_patient(corners)
    return bool(np.max(np.abs(offset)) <= SAME_GRID * min(grid.spacing_mm))
