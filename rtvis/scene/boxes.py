"""Upright boxes in a view, and what of a line reaches into one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Box: TypeAlias = tuple[float, float, float, float]
"""Left, top, right and bottom in display coordinates."""


def box_around(points: NDArray[np.float64] | Sequence[Sequence[float]], margin: float) -> Box:
    """The least box around points ``(n, 2)``, at least one, with a margin."""
    corners = np.asarray(points, dtype=np.float64)
    low, high = corners.min(axis=0) - margin, corners.max(axis=0) + margin
    return (float(low[0]), float(low[1]), float(high[0]), float(high[1]))


def runs_within(points: NDArray[np.float64], box: Box, margin: float) -> list[NDArray[np.float64]]:
    """The runs of a line's points ``(n, 2)``, in order, whose pieces come as near to a box as a margin.

    A piece is judged by the box around it, so that some are kept that don't come near; none that does is left out.
    """
    left, top, right, bottom = box
    low, high = np.minimum(points[:-1], points[1:]), np.maximum(points[:-1], points[1:])
    near = (low <= [right + margin, bottom + margin]) & (high >= [left - margin, top - margin])
    edges = np.flatnonzero(np.diff(np.concatenate([[False], near.all(axis=1), [False]]).astype(np.int8)))
    return [points[start : stop + 1] for start, stop in edges.reshape(-1, 2).tolist()]
