"""Whether a NIfTI file holds all the voxels its header speaks of: ITK fills up with zeros what is missing."""

from __future__ import annotations

import gzip
import math
import os
import struct
import zlib
from typing import TYPE_CHECKING, Any, BinaryIO

from rtvis.model.errors import UnreadableError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

ENDINGS = (".nii", ".nii.gz")
_CHUNK = 1 << 20
_HEADER_BYTES = 540  # NIfTI-2's; NIfTI-1's has 348


def require_whole_nifti(path: Path) -> None:
    """Stop at a NIfTI file that ends before its last voxel; files that aren't NIfTI pass.

    Raises:
        UnreadableError: when it is truncated, or its compressed data is damaged.
    """
    if not path.name.lower().endswith(ENDINGS):
        return
    try:
        with _opened(path) as handle:
            wanted = _wanted_bytes(handle.read(_HEADER_BYTES))
        if wanted is None:
            return
        with _opened(path) as handle:
            held = _length(handle) if _is_packed(path) else path.stat().st_size
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableError(f"is truncated or damaged ({error})", path=path, remedy="get an intact copy") from error
    if held < wanted:
        what = f"is truncated: {held} bytes where its header asks for {wanted}"
        raise UnreadableError(what, path=path, remedy="get an intact copy")


def ends_as_it_should(path: Path) -> bool:
    """Whether a gzip-compressed NIfTI file says at its end that it holds as much as its header asks for.

    Most that are cut don't; that what it holds is undamaged tells `held_by`, or `require_whole_nifti`.
    """
    try:
        if not _is_packed(path):
            return False
        with _opened(path) as handle:
            wanted = _wanted_bytes(handle.read(_HEADER_BYTES))
        return wanted is not None and _trailer(path)[1] == wanted % 2**32
    except (OSError, EOFError, zlib.error):
        return False


def held_by(path: Path, voxels: NDArray[Any]) -> bool:
    """Whether these are all voxels of a gzip-compressed NIfTI file, unscaled, and its checksum is theirs.

    So the file needn't be unpacked a second time to know that it is whole and undamaged. False doesn't say that it
    isn't: it may have more in it, or in another order of bytes.
    """
    packed = voxels.astype(voxels.dtype.newbyteorder("<"), order="C", copy=False)
    try:
        with _opened(path) as handle:
            start = (_wanted_bytes(handle.read(_HEADER_BYTES)) or 0) - packed.nbytes
        if start < 0:
            return False
        with _opened(path) as handle:
            before = handle.read(start)
        length, checksum = len(before) + packed.nbytes, zlib.crc32(packed.data, zlib.crc32(before))
        return _trailer(path) == (checksum, length % 2**32)
    except (OSError, EOFError, zlib.error):
        return False


def _trailer(path: Path) -> tuple[int, int]:
    """CRC-32 and length modulo 2^32 of what a gzip file says that it holds (RFC 1952, 2.3.1)."""
    with path.open("rb") as handle:
        handle.seek(-8, os.SEEK_END)
        checksum, length = struct.unpack("<2I", handle.read(8))
    return checksum, length


def _wanted_bytes(header: bytes) -> int | None:
    """Bytes up to the last voxel, or None when it isn't NIfTI with its voxels in the same file."""
    for order in "<>":
        if len(header) >= 348 and struct.unpack_from(order + "i", header)[0] == 348:
            magic = header[344:348]
            dim = struct.unpack_from(order + "8h", header, 40)
            (bits,) = struct.unpack_from(order + "h", header, 72)
            start = int(struct.unpack_from(order + "f", header, 108)[0])
        elif len(header) >= 540 and struct.unpack_from(order + "i", header)[0] == 540:
            magic = header[4:8]
            (bits,) = struct.unpack_from(order + "h", header, 14)
            dim = struct.unpack_from(order + "8q", header, 16)
            (start,) = struct.unpack_from(order + "q", header, 168)
        else:
            continue
        if not magic.startswith(b"n+") or not 1 <= dim[0] <= 7:
            return None
        voxels = math.prod(max(int(one), 1) for one in dim[1 : dim[0] + 1])
        return int(start) + voxels * int(bits) // 8
    return None


def _is_packed(path: Path) -> bool:
    with path.open("rb") as handle:
        return handle.read(2) == b"\x1f\x8b"


def _opened(path: Path) -> BinaryIO:
    return gzip.open(path, "rb") if _is_packed(path) else path.open("rb")  # type: ignore[return-value]  # GzipFile is one in all but name


def _length(handle: BinaryIO) -> int:
    total = 0
    while data := handle.read(_CHUNK):
        total += len(data)
    return total
