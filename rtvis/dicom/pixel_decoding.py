"""Encapsulated pixel data (PS3.5 A.4): its frames, and their stored values."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
from pydicom.encaps import encapsulate, generate_frames
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import UID, RLELossless

from rtvis.dicom.codestream import codestream_size
from rtvis.model.errors import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

    from numpy.typing import NDArray

    from rtvis.model.volume import Slice

PLUGINS = ("pylibjpeg", "pydicom")
"""Decoders rtvis installs: asked first, so that lossy images (and their digests) don't depend on what else is there."""
BY_LIBJPEG = frozenset({"1.2.840.10008.1.2.4.53", "1.2.840.10008.1.2.4.55"})
"""JPEG spectral selection (Process 6 and 8) and full progression (10 and 12): retired, and unknown to pydicom; libjpeg,
which pylibjpeg brings, decodes them all the same."""
_DECODER_ERRORS = (
    ValueError, RuntimeError, TypeError, AttributeError, KeyError, IndexError, OverflowError, NotImplementedError,
    EOFError, MemoryError, OSError,
)  # fmt: skip


def has_decoder(syntax: str) -> bool:
    """Whether a decoder for a transfer syntax of encapsulated pixel data is there."""
    uid = UID(syntax)
    if syntax in BY_LIBJPEG:
        return find_spec("libjpeg") is not None
    try:
        return bool(uid.is_transfer_syntax and uid.is_encapsulated and get_decoder(uid).is_available)
    except NotImplementedError:
        return False


def frames_of(handle: BinaryIO, path: Path, count: int) -> Iterator[bytes]:
    """The encoded frames of a file, one after the other.

    Args:
        handle: standing at the first item, the Basic Offset Table.
        path: its name, for messages.
        count: NumberOfFrames.

    Raises:
        UnreadableError: when they can't be told apart.
    """
    try:
        yield from generate_frames(handle, number_of_frames=count)
    except _DECODER_ERRORS as error:
        raise UnreadableError(f"is damaged: its frames can't be told apart ({_short(error)})", path=path) from error


def decode_frame(encoded: bytes, one: Slice, photometric: str, target: NDArray[np.integer]) -> None:
    """Decode a frame into its place, as stored values: no photometric change, no rescale.

    Args:
        encoded: its fragments, joined.
        one: what the file says of it.
        photometric: PhotometricInterpretation.
        target: ``(rows, columns)``.

    Raises:
        UnreadableError: when it can't be decoded.
    """
    syntax = UID(one.transfer_syntax_uid)
    try:
        if syntax != RLELossless:
            _check_codestream(encoded, one)
        frame = _decoded(encoded, one, photometric)
        if frame.shape != target.shape:
            raise ValueError(f"it decodes to {frame.shape}")
        np.copyto(target, frame, casting="same_kind" if frame.dtype.kind == target.dtype.kind else "unsafe")
    except _DECODER_ERRORS as error:
        what = f"its pixel data in {syntax_name(syntax)} can't be decoded ({_short(error)})"
        raise UnreadableError(what, path=one.path, remedy="copy it again or convert it") from error


def _decoded(encoded: bytes, one: Slice, photometric: str) -> NDArray[np.integer]:
    if one.transfer_syntax_uid in BY_LIBJPEG:
        from libjpeg.utils import decode  # noqa: PLC0415  (few need it)

        return np.asarray(decode(encoded))
    decoder = get_decoder(UID(one.transfer_syntax_uid))
    plugin = next((name for name in PLUGINS if name in decoder.available_plugins), "")
    options: dict[str, Any] = {
        "rows": one.rows,
        "columns": one.columns,
        "bits_allocated": one.bits_allocated,
        # With BitsStored, pydicom keeps the lowest bits of RLE's cells: these may not be the ones that count.
        "bits_stored": one.bits_allocated if one.lowest_bit else one.bits_stored,
        "pixel_representation": one.pixel_representation,
        "samples_per_pixel": 1,
        "photometric_interpretation": photometric,
        "number_of_frames": 1,
        "pixel_keyword": "PixelData",
    }
    return decoder.as_array(encapsulate([encoded]), index=0, raw=True, decoding_plugin=plugin, **options)[0]


def _check_codestream(encoded: bytes, one: Slice) -> None:
    """Decoders take as much memory as the codestream asks for: it has to ask for what the header says."""
    size = codestream_size(encoded)
    if size is None:
        raise ValueError("no frame header is in it")
    if size != (one.rows, one.columns, 1):
        rows, columns, components = size
        raise ValueError(f"it holds {rows} x {columns} pixels of {components} values, not {one.rows} x {one.columns}")


def _short(error: BaseException) -> str:
    return " ".join(str(error).split())[:200]


def syntax_name(uid: str) -> str:
    """Name and UID of a transfer syntax, for people."""
    name, said = UID(uid).name, "".join(one if one.isprintable() else "?" for one in uid[:64])
    return f"{name} ({uid})" if name != uid else f"unknown ({said})"
