"""Smooth curves through control points: centripetal Catmull-Rom splines.

E. Catmull, R. Rom: A class of local interpolating splines (1974), with knots at the square root of the distance, which
keeps a curve from looping or overshooting between its points (C. Yuksel, S. Schaefer, J. Keyser: Parameterization and
applications of Catmull-Rom curves, 2011). A point of the curve is a weighted mean of control points, so that the curve
through points of one plane lies in that plane.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rtvis.geometry.polyline import without_repeats

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

STEP_MM = 1.0
"""Pieces of the curve are no longer than this. Where it bends with a radius of 10 mm, the line between two points is
then 0.013 mm beside it."""

LEAST_PIECES = 4
MOST_PIECES = 2_000


def catmull_rom(
    control_lps_mm: ArrayLike, *, closed: bool, step_mm: float = STEP_MM, tension: float = 0.0
) -> NDArray[np.float64]:
    """Points of the curve through control points; the control points are among them, exactly.

    Args:
        control_lps_mm: ``(n, 3)``; those that repeat the one before are left out.
        closed: whether the curve goes on from the last to the first. The first point isn't repeated.
        step_mm: how far apart points of the curve are at most (control points that are far apart: `MOST_PIECES`).
        tension: share, 0 to 1, by which the tangents at control points are shortened, as cardinal splines do; with 1
            the curve is straight between them.

    Returns:
        ``(m, 3)``; the control points themselves where they are fewer than three.

    Raises:
        ValueError: when the step isn't positive, or the tension not from 0 to 1.
    """
    if not step_mm > 0:
        raise ValueError(f"a step of {step_mm} mm leads nowhere")
    if not 0 <= tension <= 1:
        raise ValueError(f"tension is from 0 to 1, not {tension}")
    control = without_repeats(control_lps_mm)
    if closed and len(control) > 1 and np.array_equal(control[0], control[-1]):
        control = control[:-1]
    if len(control) < 3:
        return control
    if closed:
        around = np.vstack([control[-1:], control, control[:2]])
    else:
        around = np.vstack([2 * control[0] - control[1], control, 2 * control[-1] - control[-2]])
    pieces = [_piece(around[n : n + 4], step_mm, tension) for n in range(len(around) - 3)]
    return np.vstack([*pieces, *([] if closed else [control[-1:]])])


def _piece(points: NDArray[np.float64], step_mm: float, tension: float) -> NDArray[np.float64]:
    """The curve from the second to the third of four points, without its end (Barry and Goldman's pyramid)."""
    gaps = np.sqrt(np.maximum(np.linalg.norm(np.diff(points, axis=0), axis=1), 1e-12))
    knots = np.concatenate([[0.0], np.cumsum(gaps)]).tolist()
    t0, t1, t2, t3 = knots
    length = float(np.linalg.norm(points[2] - points[1]))
    count = int(np.clip(np.ceil(1.2 * length / step_mm), LEAST_PIECES, MOST_PIECES))  # a bend is longer than its chord
    t = (t1 + (t2 - t1) * np.arange(count) / count)[:, None]

    def mean(one: NDArray[np.float64], other: NDArray[np.float64], start: float, end: float) -> NDArray[np.float64]:
        return np.asarray(((end - t) * one + (t - start) * other) / (end - start))

    first, second, third = (mean(points[n], points[n + 1], *knots[n : n + 2]) for n in range(3))
    lower, upper = mean(first, second, t0, t2), mean(second, third, t1, t3)
    curve = mean(lower, upper, t1, t2)
    if tension:
        curve -= tension * _bulge(points, knots, (t - t1) / (t2 - t1))
    curve[0] = points[1]
    return curve


def _bulge(points: NDArray[np.float64], knots: list[float], share: NDArray[np.float64]) -> NDArray[np.float64]:
    """What the tangents at its ends add to a piece, in its Hermite form, at shares ``(n, 1)`` of the way."""
    t0, t1, t2, t3 = knots
    p0, p1, p2, p3 = points
    middle = (p2 - p1) / (t2 - t1)
    leaving = (t2 - t1) * ((p1 - p0) / (t1 - t0) - (p2 - p0) / (t2 - t0) + middle)
    arriving = (t2 - t1) * (middle - (p3 - p1) / (t3 - t1) + (p3 - p2) / (t3 - t2))
    return np.asarray(share * (1 - share) ** 2 * leaving - share**2 * (1 - share) * arriving)
