"""Lines as dashes: VTK's OpenGL draws none by itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

DASH_MM, GAP_MM = 4.0, 3.0

LEAST_DASHES = 12
"""Of a line, however short."""


def dashes(line_lps_mm: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """A line ``(n, 3)`` LPS mm in pieces with gaps between them; every piece lies on the line, corners included."""
    steps = np.linalg.norm(np.diff(line_lps_mm, axis=0), axis=1)
    moved = np.concatenate([[True], steps > 0])  # a point that is repeated says nothing of where along the line it is
    points, along = line_lps_mm[moved], np.concatenate([[0.0], np.cumsum(steps[steps > 0])])
    length = float(along[-1])
    if len(points) < 2:
        return []
    count = max(round(length / (DASH_MM + GAP_MM)), LEAST_DASHES)
    period = length / count
    starts = period * np.arange(count)
    ends = starts + period * DASH_MM / (DASH_MM + GAP_MM)
    firsts = np.column_stack([np.interp(starts, along, points[:, axis]) for axis in range(3)])
    lasts = np.column_stack([np.interp(ends, along, points[:, axis]) for axis in range(3)])
    after, before = np.searchsorted(along, starts, side="right"), np.searchsorted(along, ends, side="left")
    return [np.vstack([firsts[n], points[after[n] : before[n]], lasts[n]]) for n in range(count)]
