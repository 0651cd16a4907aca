"""Which way an oblique plane faces; where it lies is the cursor's, as with every view plane."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

LEAST_TRIANGLE_SINE = 1e-3
"""Three points less apart from one line than this say nothing of a plane."""

_STANDARD = (
    ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
    ((1.0, 0.0, 0.0), (0.0, 0.0, -1.0)),
    ((0.0, 1.0, 0.0), (0.0, 0.0, -1.0)),
)
"""Screen right and screen down of the axial, coronal and sagittal view, LPS."""


@dataclass(frozen=True, slots=True, eq=False)
class Oblique:
    """Directions of an oblique view.

    Attributes:
        u: ``(3,)`` unit vector, LPS, to the right of the screen.
        v: ``(3,)`` unit vector, LPS, down the screen, orthogonal to `u`.
    """

    u: NDArray[np.float64]
    v: NDArray[np.float64]

    @property
    def normal(self) -> NDArray[np.float64]:
        """``(3,)`` unit normal, ``cross(u, v)``."""
        return np.cross(self.u, self.v)

    @classmethod
    def facing(cls, normal_lps: ArrayLike) -> Oblique:
        """Directions for a normal ``(3,)``: those of the standard view that faces most alike, turned as little as goes.

        Raises:
            ValueError: when the normal has no length.
        """
        normal = np.asarray(normal_lps, dtype=np.float64)
        length = float(np.linalg.norm(normal))
        if not (np.isfinite(length) and length > 0):
            raise ValueError("a plane needs a normal with a length")
        normal = normal / length
        right, down = max(_STANDARD, key=lambda view: abs(float(np.cross(view[0], view[1]) @ normal)))
        if float(np.cross(right, down) @ normal) < 0:
            normal = -normal
        u = np.asarray(right) - float(np.asarray(right) @ normal) * normal
        u /= np.linalg.norm(u)
        return cls(u, np.cross(normal, u))

    @classmethod
    def through(cls, points_lps_mm: ArrayLike) -> Oblique:
        """Directions of the plane through three points ``(3, 3)`` LPS mm.

        Raises:
            ValueError: when the points are on one line.
        """
        a, b, c = np.asarray(points_lps_mm, dtype=np.float64)
        normal = np.cross(b - a, c - a)
        if np.linalg.norm(normal) <= LEAST_TRIANGLE_SINE * np.linalg.norm(b - a) * np.linalg.norm(c - a):
            raise ValueError("three points on one line lie in many planes")
        return cls.facing(normal)

    @classmethod
    def by_angles(cls, about_right_deg: float, about_down_deg: float) -> Oblique:
        """The axial view turned about its horizontal axis (to the left of the patient), then about its vertical one."""
        start = cls(*(np.array(direction) for direction in _STANDARD[0]))
        tilted = start.turned(start.u, about_right_deg)
        return tilted.turned(tilted.v, about_down_deg)

    @property
    def angles_deg(self) -> tuple[float, float]:
        """Angles, -90 to 90, for which `by_angles` lies the same way; about its normal it may be turned."""
        x, y, z = self.normal.tolist()
        if z < 0:  # the same plane, seen from its other side
            x, y, z = -x, -y, -z
        return float(np.degrees(np.arctan2(-y, z))), float(np.degrees(np.arcsin(np.clip(x, -1.0, 1.0))))

    def turned(self, axis_lps: ArrayLike, degrees: float) -> Oblique:
        """Turned about an axis ``(3,)`` by the right-hand rule."""
        axis = np.asarray(axis_lps, dtype=np.float64)
        axis = axis / np.linalg.norm(axis)
        cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))

        def turn(vector: NDArray[np.float64]) -> NDArray[np.float64]:
            along = float(axis @ vector) * axis
            return np.asarray(vector * cosine + np.cross(axis, vector) * sine + along * (1 - cosine))

        u = turn(self.u)
        u /= np.linalg.norm(u)
        v = turn(self.v)
        v -= float(v @ u) * u
        return Oblique(u, v / np.linalg.norm(v))
