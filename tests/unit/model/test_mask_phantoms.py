"""Bodies with formulas, drawn in any orientation, on grids of any geometry: what is right for masks of 1 mm voxels."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from rtvis.geometry.grid import Grid
from rtvis.geometry.measures import dice, surface_distances, voxel_volume_mm3
from rtvis.model.masks import roi_mask
from rtvis.model.structure_set import Contour, Roi

TURN = np.linalg.qr(np.array([[0.9, 0.2, -0.1], [-0.3, 0.8, 0.4], [0.2, -0.3, 0.95]]))[0]
TURN = TURN * np.sign(np.diag(TURN))
SKEW = np.linalg.qr(np.array([[1.0, -0.5, 0.3], [0.4, 1.0, 0.2], [-0.3, -0.1, 1.0]]))[0]
SKEW = SKEW * np.sign(np.diag(SKEW))
ANGLES = np.linspace(0, 2 * np.pi, 240, endpoint=False)
GRIDS = {
    "axial": (np.eye(3), (1.0, 1.0, 1.0), 0.0),
    "not square": (np.eye(3), (1.0, 0.8, 1.3), 0.0),
    "oblique": (TURN, (1.0, 1.0, 1.0), 0.0),
    "tilted": (np.eye(3), (1.0, 1.0, 1.0), 14.0),
    "oblique, tilted, not square": (TURN, (1.0, 1.25, 0.8), 20.0),
}
DRAWN = {"slices": np.eye(3), "sagittal": np.eye(3)[:, [1, 2, 0]], "skew": SKEW}


def ring(a, b=None) -> np.ndarray:
    return np.column_stack([a * np.cos(ANGLES), (a if b is None else b) * np.sin(ANGLES)])


def disc(square, radius=0.0) -> list[np.ndarray]:
    """A circle of the given square of its radius, added to another radius; none without any."""
    return [ring(radius + np.sqrt(square))] if square > 0 else []


SQUARE = 16 * np.array([[-1.0, -1], [1, -1], [1, 1], [-1, 1]])
ROOT = np.sqrt
# Outlines at a height, whether points (x, y, z) are inside, and the volume.
BODIES = {
    "sphere": (lambda h: disc(20.3**2 - h * h), lambda x, y, z: x * x + y * y + z * z <= 20.3**2, 20.3**3 * 4 / 3),
    "ellipsoid": (
        lambda h: [ring(*(np.array([25, 14]) * ROOT(1 - (h / 18.3) ** 2)))] if abs(h) < 18.3 else [],
        lambda x, y, z: (x / 25) ** 2 + (y / 14) ** 2 + (z / 18.3) ** 2 <= 1,
        25 * 14 * 18.3 * 4 / 3,
    ),
    "cylinder": (
        lambda h: [ring(17.2)] if abs(h) < 18 else [],
        lambda x, y, z: (np.hypot(x, y) <= 17.2) & (np.abs(z) <= 18),
        17.2**2 * 36,
    ),
    "cube": (
        lambda h: [SQUARE] if abs(h) < 16 else [],
        lambda x, y, z: np.max(np.abs([x, y, z]), axis=0) <= 16,
        32**3 / np.pi,
    ),
    "torus": (
        lambda h: [ring(18 + ROOT(8.3**2 - h * h)), ring(18 - ROOT(8.3**2 - h * h))] if abs(h) < 8.3 else [],
        lambda x, y, z: (np.hypot(x, y) - 18) ** 2 + z * z <= 8.3**2,
        2 * np.pi * 18 * 8.3**2,
    ),
    "hollow sphere": (
        lambda h: disc(21**2 - h * h) + disc(12**2 - h * h),
        lambda x, y, z: (x * x + y * y + z * z <= 21**2) & (x * x + y * y + z * z > 12**2),
        (21**3 - 12**3) * 4 / 3,
    ),
    "hollow cylinder": (
        lambda h: [ring(20), ring(11)] if abs(h) < 15 else [],
        lambda x, y, z: (np.hypot(x, y) <= 20) & (np.hypot(x, y) > 11) & (np.abs(z) <= 15),
        (20**2 - 11**2) * 30,
    ),
}


PAIRS = [
    *product(GRIDS, ["slices"]),
    ("axial", "sagittal"),
    ("tilted", "sagittal"),
    ("axial", "skew"),
    ("oblique, tilted, not square", "skew"),
]


def grid_of(axes, spacing, tilt_deg) -> Grid:
    shape = tuple(int(66 / one) for one in spacing)
    step = axes[:, 2] * spacing[0] + axes[:, 1] * spacing[0] * np.tan(np.radians(tilt_deg))
    origins = np.array([12.3, -45.6, 78.9]) + np.arange(shape[0])[:, None] * step
    return Grid.from_slices(origins, [*axes[:, 0], *axes[:, 1]], spacing[1:], shape[1:])


@pytest.mark.parametrize(("name", "drawn", "body"), [(*pair, body) for pair, body in product(PAIRS, BODIES)])
def test_masks_are_what_the_formula_says(name, drawn, body) -> None:
    outline, inside, volume = BODIES[body]
    grid = grid_of(*GRIDS[name])
    own = GRIDS[name][0] @ DRAWN[drawn]
    # Where a body's faces are parallel to the voxels', these should fit; others may be anywhere.
    centre = grid.centre_lps_mm + (0 if body == "cube" else np.array([0.13, -0.21, 0.0]))
    contours = [
        Contour(centre + flat @ own[:, :2].T + height * own[:, 2], "CLOSED_PLANAR")
        for height in np.arange(-40, 40) + 0.5
        for flat in outline(height)
    ]
    mask = roi_mask(Roi(1, body, tuple(contours)), grid).mask
    k, j, i = np.indices(grid.shape)
    x, y, z = np.moveaxis((grid.to_patient(np.stack([i, j, k], axis=-1)) - centre) @ own, -1, 0)
    truth = inside(x, y, z)
    assert dice(mask, truth) >= 0.985
    assert surface_distances(mask, truth, grid).mean <= 0.25
    # What the voxels' places make of the body itself isn't the mask's doing.
    voxels = voxel_volume_mm3(truth, grid)
    assert voxel_volume_mm3(mask, grid) == pytest.approx(voxels, rel=0.01)
    assert voxels == pytest.approx(np.pi * volume, rel=0.035)


@pytest.mark.parametrize("drawn", DRAWN)
@pytest.mark.parametrize("gap", [1.0, 2.7])
def test_nothing_changes_when_everything_moves(drawn, gap) -> None:
    random = np.random.default_rng(11)
    own = DRAWN[drawn]

    def masks(turn, shift) -> tuple[np.ndarray, np.ndarray]:
        axes = turn @ np.eye(3)
        origins = shift + np.arange(40)[:, None] * axes[:, 2]
        grid = Grid.from_slices(origins, [*axes[:, 0], *axes[:, 1]], (0.9, 1.1), (44, 36))
        found = []
        for outline in blobs:
            points = [19.71, 19.53, 20.41] + np.column_stack([outline, np.zeros(len(outline))]) @ own.T
            curves = [shift + (points + height * own[:, 2]) @ turn.T for height in np.arange(-6, 7) * gap * 0.8 + 0.123]
            contours = tuple(Contour(curve, "CLOSED_PLANAR") for curve in curves)
            found.append(roi_mask(Roi(1, "blob", contours), grid).mask)
        return found[0], found[1]

    radii = [9 + random.normal(size=(60, 4)) @ random.normal(size=4) * 0.4 for _ in range(2)]
    angles = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    blobs = [np.column_stack([one * np.cos(angles), one * np.sin(angles)]) for one in radii]
    first = masks(np.eye(3), np.zeros(3))
    again = masks(TURN, np.array([123.4, -321.0, 1234.5]))
    for one, other in zip(first, again, strict=True):
        assert one.any()
        assert (one ^ other).sum() <= 1
    one, other = first
    assert (one | other).sum() + (one & other).sum() == one.sum() + other.sum()
