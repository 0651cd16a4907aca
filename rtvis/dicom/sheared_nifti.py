"""NIfTI files of tilted CT: a sheared matrix in the sform, which ITK refuses, and `rtvis export` writes."""

from __future__ import annotations

import gzip
import struct
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

TYPES = {2: "u1", 4: "i2", 8: "i4", 16: "f4", 64: "f8", 256: "i1", 512: "u2", 768: "u4"}
"""NIfTI-1 datatype codes (nifti1.h) of single numbers."""
RAS_TO_LPS = np.diag([-1.0, -1.0, 1.0])


def read_sheared(path: Path) -> tuple[NDArray[Any], NDArray[np.float64], NDArray[np.float64]] | None:
    """Read the voxels and the sform of a whole NIfTI-1 file.

    Args:
        path: of one file, gzip-compressed or not, known to hold all of its voxels.

    Returns:
        Values ``(slices, rows, columns)`` with slope and intercept applied, axes ``(3, 3)`` in columns and origin, LPS
        mm; None for a file of another kind, of more than three dimensions, or without an sform.
    """
    content = path.read_bytes()
    if content[:2] == b"\x1f\x8b":
        content = gzip.decompress(content)
    order = next(
        (one for one in "<>" if len(content) >= 352 and struct.unpack_from(one + "i", content)[0] == 348), None
    )
    if order is None or content[344:347] != b"n+1":
        return None
    dim = struct.unpack_from(order + "8h", content, 40)
    (kind,) = struct.unpack_from(order + "h", content, 70)
    start, slope, intercept = struct.unpack_from(order + "3f", content, 108)
    (sform,) = struct.unpack_from(order + "h", content, 254)
    if (
        kind not in TYPES
        or sform <= 0
        or dim[0] < 3
        or min(dim[1:4]) < 1
        or any(one > 1 for one in dim[4 : dim[0] + 1])
    ):
        return None
    matrix = np.frombuffer(content, order + "f4", 12, 280).reshape(3, 4).astype(np.float64)
    shape = dim[3], dim[2], dim[1]
    values: NDArray[Any] = np.frombuffer(content, order + TYPES[kind], int(np.prod(shape)), int(start)).reshape(shape)
    values = values.astype(values.dtype.newbyteorder("="))
    if np.isfinite([slope, intercept]).all() and slope != 0.0 and (slope, intercept) != (1.0, 0.0):
        values = values * np.float64(slope) + np.float64(intercept)
    axes = RAS_TO_LPS @ matrix
    return values, axes[:, :3], axes[:, 3]
