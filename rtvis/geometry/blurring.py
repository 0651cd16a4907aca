"""Blurring by a Gaussian, of any width in a time that hardly grows with it, and stopped at any moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import scipy

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Report = Callable[[int, int], None]

MOST_TAPS = 64
"""Kernels of more are applied by Fourier transforms."""

ALL = 1000
"""Parts of one axis that are told as done."""

AT_ONCE = 2_000_000
"""Values that are blurred between two reports: some hundredths of a second."""


def gaussian_blurred(
    values: NDArray[np.float32],
    sigma: Sequence[float],
    *,
    beyond: Literal["nearest", "zero"],
    truncate: float = 4.0,
    report: Report | None = None,
) -> NDArray[np.float32]:
    """What `scipy.ndimage.gaussian_filter` gives, to a few millionths of the largest value.

    Args:
        values: any number of axes.
        sigma: standard deviations along each axis, in steps.
        beyond: what is beyond the edges: as the nearest value, or nothing.
        truncate: where the kernel ends, in standard deviations.
        report: called with (done, total) now and then; what it raises ends the work.
    """
    result = np.asarray(values, dtype=np.float32)
    for axis, width in enumerate(sigma):
        if width <= 0:
            continue
        lines = np.moveaxis(result, axis, -1)
        flat = lines.reshape(-1, lines.shape[-1])
        made = np.empty(flat.shape, dtype=np.float32)
        rows = max(1, AT_ONCE // flat.shape[1])
        for begin in range(0, len(flat), rows):
            if report is not None:
                report(axis * ALL + ALL * begin // len(flat), len(sigma) * ALL)
            made[begin : begin + rows] = _along(flat[begin : begin + rows], width, beyond, truncate)
        result = np.moveaxis(made.reshape(lines.shape), -1, axis)
    return result


def _along(lines: NDArray[np.float32], sigma: float, beyond: str, truncate: float) -> NDArray[np.float32]:
    """Lines ``(n, length)`` blurred."""
    radius = int(truncate * sigma + 0.5)
    if 2 * radius + 1 <= MOST_TAPS:
        mode = "nearest" if beyond == "nearest" else "constant"
        return np.asarray(scipy.ndimage.gaussian_filter1d(lines, sigma, axis=-1, mode=mode, truncate=truncate))
    places = np.arange(-radius, radius + 1)
    kernel = np.exp(-0.5 * (places / sigma) ** 2)
    padded = np.pad(lines, ((0, 0), (radius, radius)), mode="edge" if beyond == "nearest" else "constant")
    length = scipy.fft.next_fast_len(padded.shape[1] + 2 * radius, real=True)
    waves = scipy.fft.rfft(padded, length) * scipy.fft.rfft((kernel / kernel.sum()).astype(np.float32), length)
    return np.asarray(scipy.fft.irfft(waves, length)[:, 2 * radius : 2 * radius + lines.shape[1]])
