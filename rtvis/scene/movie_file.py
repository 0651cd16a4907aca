"""Movies as files: animated GIF, which every browser, mail and slide program plays, and AVI with JPEG pictures.

Both are written by what is here already: Pillow makes the pictures, and an AVI of JPEGs is little more than a list of
them. Encoders of MP4 are tens of megabytes of binaries, and Theora plays in hardly any program that people have.
"""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from rtvis.dicom.files import written_whole
from rtvis.model.errors import UsageError
from rtvis.model.progress import no_report

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from rtvis.model.progress import Report

GIF_COLORS = 255
JPEG_QUALITY = 92
KEYFRAME = 0x10
HAS_INDEX = 0x10


class GifMovie:
    """Pictures of an animated GIF that begins again at its end.

    Args:
        rate: pictures a second; a GIF counts in hundredths of a second.
    """

    def __init__(self, rate: float) -> None:
        self._milliseconds = max(round(100 / rate), 2) * 10
        self._frames: list[Image.Image] = []

    def add(self, pixels: NDArray[np.uint8]) -> None:
        """Append a picture ``(height, width, 3)``."""
        picture = Image.fromarray(pixels)
        self._frames.append(picture.quantize(GIF_COLORS, Image.Quantize.FASTOCTREE, dither=Image.Dither.FLOYDSTEINBERG))

    def data(self, report: Report = no_report) -> bytes:
        """The whole file; `report` is called with each picture."""
        buffer = io.BytesIO()
        first, *others = self._frames

        def rest() -> Iterator[Image.Image]:
            for number, picture in enumerate(others, 1):
                report(number, len(others) + 1)
                yield picture

        first.save(
            buffer, "GIF", save_all=True, append_images=rest(), duration=self._milliseconds, loop=0, optimize=False
        )
        return buffer.getvalue()


class AviMovie:
    """Pictures of a Motion JPEG AVI file.

    Args:
        rate: pictures a second.
    """

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._size = (0, 0)
        self._frames: list[bytes] = []

    def add(self, pixels: NDArray[np.uint8]) -> None:
        """Append a picture ``(height, width, 3)``."""
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "JPEG", quality=JPEG_QUALITY, subsampling=0)
        self._size = pixels.shape[1], pixels.shape[0]
        self._frames.append(buffer.getvalue())

    def data(self, report: Report = no_report) -> bytes:
        """The whole file: headers, pictures, index (the AVI RIFF file format with one stream)."""
        report(0, len(self._frames))
        chunks = [_chunk(b"00dc", frame) for frame in self._frames]
        index, place = b"", 4
        for chunk, frame in zip(chunks, self._frames, strict=True):
            index += struct.pack("<4sIII", b"00dc", KEYFRAME, place, len(frame))
            place += len(chunk)
        movie = _list(b"movi", b"".join(chunks))
        body = b"AVI " + self._headers() + movie + _chunk(b"idx1", index)
        return b"RIFF" + struct.pack("<I", len(body)) + body

    def _headers(self) -> bytes:
        count, largest = len(self._frames), max(map(len, self._frames))
        width, height = self._size
        scale = 1000
        main = struct.pack(
            "<14I",
            round(1e6 / self._rate),
            round(largest * self._rate),
            0,
            HAS_INDEX,
            count,
            0,
            1,
            largest,
            width,
            height,
            *(0, 0, 0, 0),
        )
        stream = struct.pack(
            "<4s4sIHHIIIIIIII4H",
            b"vids",
            b"MJPG",
            0,
            0,
            0,
            0,
            scale,
            round(scale * self._rate),
            0,
            count,
            largest,
            0xFFFFFFFF,
            0,
            *(0, 0, width, height),
        )
        form = struct.pack("<IiiHH4sIiiII", 40, width, height, 1, 24, b"MJPG", 3 * width * height, 0, 0, 0, 0)
        streams = _list(b"strl", _chunk(b"strh", stream) + _chunk(b"strf", form))
        return _list(b"hdrl", _chunk(b"avih", main) + streams)


Movie = GifMovie | AviMovie
KINDS: dict[str, type[GifMovie | AviMovie]] = {".gif": GifMovie, ".avi": AviMovie}


def movie_for(path: str | Path, rate: float) -> Movie:
    """An empty movie of the kind that a file's name ends with.

    Raises:
        UsageError: for another ending.
    """
    made = KINDS.get(Path(path).suffix.lower())
    if made is None:
        raise UsageError(f"{Path(path).name} is no name of a movie", remedy="let it end with .gif or .avi")
    return made(rate)


def write_movie(movie: Movie, path: str | Path, *, overwrite: bool = False, report: Report = no_report) -> None:
    """Write a movie, whole or not at all; `report` may stop it until the file has its name.

    Raises:
        UsageError, OutputError: see `rtvis.dicom.files.written_whole`.
    """
    data = movie.data(report)
    with written_whole(path, overwrite=overwrite) as handle:
        handle.write(data)
        report(1, 1)


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def _list(name: bytes, data: bytes) -> bytes:
    return _chunk(b"LIST", name + data)
