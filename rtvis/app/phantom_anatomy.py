"""The anatomy of the phantom: solids in patient mm, from which voxels and contours both come.

A chest of a lying adult (HFS): x to the left, y to the back, z to the head, the origin in the middle of the chest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CIRCLE_POINTS = 64


@dataclass(frozen=True, slots=True)
class Ellipsoid:
    """A superellipsoid, round along z: ``|x/a|^p + |y/b|^p + |z/c|^2 <= 1``."""

    centre_lps_mm: tuple[float, float, float]
    semi_axes_mm: tuple[float, float, float]
    power: float = 2.0

    def grown(self, margin_mm: float) -> Ellipsoid:
        """The same with each semi-axis longer by a margin (shorter, where it is negative)."""
        a, b, c = (axis + margin_mm for axis in self.semi_axes_mm)
        return Ellipsoid(self.centre_lps_mm, (a, b, c), self.power)

    def level(
        self, x_mm: NDArray[np.float32], y_mm: NDArray[np.float32], z_mm: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """The left side of the inequality at points; arguments broadcast against each other."""
        (x, y, z), (a, b, c) = self.centre_lps_mm, self.semi_axes_mm
        u, v = np.abs((x_mm - x) / np.float32(a)), np.abs((y_mm - y) / np.float32(b))
        planar = u * u + v * v if self.power == 2 else u**self.power + v**self.power
        return np.asarray(planar + ((z_mm - z) / np.float32(c)) ** 2, dtype=np.float32)

    def outline(self, z_mm: float, count: int = CIRCLE_POINTS) -> NDArray[np.float64] | None:
        """Its section at z as ``(count, 2)`` x, y; None where there is none worth drawing."""
        (x, y, z), (a, b, c) = self.centre_lps_mm, self.semi_axes_mm
        rest = 1 - ((z_mm - z) / c) ** 2
        if rest < 0.02:  # thinner than a seventh of its width
            return None
        turn = np.linspace(0, 2 * np.pi, count, endpoint=False)
        cosine, sine = np.cos(turn), np.sin(turn)
        radius = (rest / (np.abs(cosine) ** self.power + np.abs(sine) ** self.power)) ** (1 / self.power)
        return np.column_stack([x + a * radius * cosine, y + b * radius * sine])


@dataclass(frozen=True, slots=True)
class Tube:
    """All points within a radius of a curve; the curve is its sampled points, `STEP_MM` apart."""

    centreline_lps_mm: NDArray[np.float64]
    radius_mm: float

    def discs(self, z_mm: float) -> NDArray[np.float64]:
        """Its section at z as discs to be united: ``(n, 3)`` x, y, radius."""
        points = self.centreline_lps_mm
        square = self.radius_mm**2 - (points[:, 2] - z_mm) ** 2
        inside = square > 0.1
        return np.column_stack([points[inside, :2], np.sqrt(square[inside])])


STEP_MM = 2.0


def smooth_curve(knots_lps_mm: list[tuple[float, float, float]]) -> NDArray[np.float64]:
    """A smooth curve through knots (Catmull-Rom), sampled `STEP_MM` apart: ``(n, 3)``."""
    knots = np.array(knots_lps_mm, dtype=np.float64)
    padded = np.vstack([2 * knots[0] - knots[1], knots, 2 * knots[-1] - knots[-2]])
    t = np.linspace(0, 1, 50, endpoint=False)[:, None]
    pieces = []
    for a, b, c, d in zip(padded[:-3], padded[1:-2], padded[2:-1], padded[3:], strict=True):
        pieces.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * (b - c) + d - a) * t**3))
    dense = np.vstack([*pieces, knots[-1:]])
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(dense, axis=0), axis=1))])
    stops = np.linspace(0, along[-1], max(2, round(along[-1] / STEP_MM) + 1))
    return np.column_stack([np.interp(stops, along, dense[:, axis]) for axis in range(3)])


BODY = Ellipsoid((0.0, 5.0, 20.0), (172.0, 112.0, 420.0), 2.5)
FAT_MM = 11.0
CAGE = Ellipsoid((0.0, 4.0, 0.0), (142.0, 92.0, 260.0), 2.4)
RIB_MM = 8.0
LUNG_LEFT = Ellipsoid((72.0, 6.0, -2.0), (55.0, 76.0, 108.0))
LUNG_RIGHT = Ellipsoid((-72.0, 6.0, 0.0), (57.0, 78.0, 108.0))
HEART = Ellipsoid((24.0, -26.0, -42.0), (51.0, 42.0, 47.0))
CHAMBER = Ellipsoid((27.0, -27.0, -44.0), (37.0, 29.0, 33.0))
LIVER = Ellipsoid((-62.0, -2.0, -140.0), (86.0, 84.0, 78.0))
MEDIASTINUM = Ellipsoid((2.0, 10.0, 10.0), (24.0, 52.0, 150.0))
TUMOUR = Ellipsoid((-84.0, -4.0, 28.0), (13.0, 12.0, 14.0))
STERNUM = Ellipsoid((0.0, -84.0, 15.0), (19.0, 6.5, 85.0), 3.0)
AORTA = Tube(
    smooth_curve(
        [
            (8, -20, -22),
            (-6, -18, 10),
            (-2, -14, 42),
            (15, -3, 59),
            (29, 24, 46),
            (31, 40, 10),
            (28, 43, -50),
            (22, 45, -119),
        ]
    ),
    12.5,
)
TRACHEA = Tube(smooth_curve([(0, 8, 119), (0, 12, 70), (0, 18, 32)]), 8.5)
BRONCHI = (
    Tube(smooth_curve([(0, 18, 32), (20, 22, 12), (42, 24, 0)]), 6.0),
    Tube(smooth_curve([(0, 18, 32), (-20, 20, 16), (-42, 22, 6)]), 6.5),
)
LUNG_VESSELS = tuple(
    Tube(smooth_curve([(36 * side, 16, 4), (58 * side, 16 + y / 2, z / 2), (78 * side, 14 + y, z)]), 2.6)
    for side in (-1, 1)
    for y, z in ((-42, 48), (30, 60), (-36, -30), (38, -42), (4, 72), (10, -70), (-20, 12))
)
SPINE_XY_MM = (0.0, 64.0)
VERTEBRA_SEMI_AXES_MM = (18.0, 15.5)
VERTEBRA_PITCH_MM, DISC_MM = 27.0, 6.5
CORTEX_MM = 3.0
CANAL_XY_MM, CANAL_RADIUS_MM, CORD_RADIUS_MM = (0.0, 88.0), 9.5, 5.5
ARCH_MM = 5.5
"""Thickness of the bone around the canal."""
NEEDLE = smooth_curve([(-160, -40, 20), (-130, -30, 24), (-105, -16, 23), (-84, -4, 28)])
MARKERS_LPS_MM = ((-78.0, -2.0, 33.0), (-90.0, -8.0, 26.0), (-84.0, 3.0, 21.0))
COUCH_TOP_MM, COUCH_MM, COUCH_HALF_WIDTH_MM = 119.0, 24.0, 186.0
