"""Bodies whose volume is known, drawn as contours, on axial, oblique, tilted and non-square grids."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtvis.geometry.contouring import outlines
from rtvis.geometry.grid import Grid
from rtvis.geometry.measures import dice, surface_distances
from rtvis.model.masks import roi_mask
from rtvis.model.statistics import roi_statistics
from rtvis.model.structure_set import Contour, Roi

TURNED = np.linalg.qr(np.array([[0.9, 0.2, -0.1], [-0.3, 0.8, 0.4], [0.2, -0.3, 0.95]]))[0]
TURNED = TURNED * np.sign(np.linalg.det(TURNED))
GEOMETRIES = {
    "axial": (np.eye(3), (1.0, 1.0), 0.0),
    "oblique": (TURNED, (1.0, 1.0), 0.0),
    "tilted": (np.eye(3), (1.0, 1.0), 16.0),
    "non-square": (np.eye(3), (0.6, 1.2), 0.0),
    "oblique, tilted, non-square": (TURNED, (0.7, 0.9), -12.0),
}
CENTRE = np.array([20.0, -35.0, 110.0])


def sphere(x, y, z):
    return x**2 + y**2 + z**2 - 18.0**2


def hollow_sphere(x, y, z):
    return np.maximum(sphere(x, y, z), 10.0**2 - x**2 - y**2 - z**2)


def ellipsoid(x, y, z):
    return (x / 20.0) ** 2 + (y / 13.0) ** 2 + (z / 16.0) ** 2 - 1


def torus(x, y, z):
    return (np.hypot(x, z) - 14.0) ** 2 + y**2 - 6.5**2


def cylinder(x, y, z):
    return np.maximum(x**2 + y**2 - 15.0**2, np.abs(z) - 14.0)


def hollow_cylinder(x, y, z):
    return np.maximum(cylinder(x, y, z), 8.0**2 - x**2 - y**2)


def cube(x, y, z):
    return np.maximum(np.maximum(np.abs(x), np.abs(y)), np.abs(z)) - 12.0


BODIES = {
    sphere: 4 / 3 * np.pi * 18.0**3,
    hollow_sphere: 4 / 3 * np.pi * (18.0**3 - 10.0**3),
    ellipsoid: 4 / 3 * np.pi * 20.0 * 13.0 * 16.0,
    torus: 2 * np.pi**2 * 14.0 * 6.5**2,
    cylinder: np.pi * 15.0**2 * 28.0,
    hollow_cylinder: np.pi * (15.0**2 - 8.0**2) * 28.0,
    cube: 24.0**3,
}


def grid_of(axes, spacing, tilt_deg) -> Grid:
    """1 mm slices around `CENTRE`, which is half way between two of them."""
    rows, columns = (int(56 / one) for one in spacing)
    step = axes[:, 2] + axes[:, 1] * np.tan(np.radians(tilt_deg))
    half = axes[:, 0] * spacing[1] * (columns - 1.37) / 2 + axes[:, 1] * spacing[0] * (rows - 1.21) / 2
    origins = CENTRE - half + (np.arange(48) - 23.5)[:, None] * step
    return Grid.from_slices(origins, [*axes[:, 0], *axes[:, 1]], spacing, (rows, columns))


def drawn(body, axes, heights) -> Roi:
    """Contours of a body on planes, from a fine raster of its own."""
    fine = 0.1
    line = np.arange(-24.0, 24.0, fine) + 0.03
    x, y = np.meshgrid(line, line)
    contours = []
    for height in heights:
        values = body(x, y, height)
        found = outlines((values <= 0)[None], (fine, fine), 0.05)
        for begin, size in zip(found.starts, found.sizes[: len(found.starts)], strict=True):
            flat = found.corners_ij[begin : begin + size] * fine + line[0]
            points = CENTRE + flat @ axes[:, :2].T + height * axes[:, 2]
            contours.append(Contour(points, "CLOSED_PLANAR"))
    return Roi(1, body.__name__, tuple(contours))


def truth(body, axes, grid) -> np.ndarray:
    k, j, i = np.indices(grid.shape)
    local = (grid.to_patient(np.stack([i, j, k], axis=-1)) - CENTRE) @ axes
    return body(local[..., 0], local[..., 1], local[..., 2]) <= 0


@pytest.mark.parametrize("body", BODIES, ids=lambda one: one.__name__)
@pytest.mark.parametrize("name", GEOMETRIES)
def test_a_body_drawn_on_the_images_is_the_body(body, name) -> None:
    axes, spacing, tilt = GEOMETRIES[name]
    grid = grid_of(axes, spacing, tilt)
    roi = drawn(body, axes, np.arange(48) - 23.5)
    found = roi_statistics(roi, grid_header(grid))
    mask, expected = roi_mask(roi, grid).mask, truth(body, axes, grid)
    assert dice(mask, expected) >= 0.985
    assert surface_distances(mask, expected, grid).mean <= 0.25
    assert found.volume_cc * 1000 == pytest.approx(BODIES[body], rel=0.01)
    assert found.voxel_volume_cc * 1000 == pytest.approx(BODIES[body], rel=0.01)
    np.testing.assert_allclose(found.centroid_lps_mm, CENTRE, atol=0.1)


@pytest.mark.parametrize("body", [sphere, ellipsoid, torus], ids=lambda one: one.__name__)
def test_a_body_drawn_across_the_images_is_the_body(body) -> None:
    grid = grid_of(np.eye(3), (1.0, 1.0), 0.0)
    turned = TURNED[:, [1, 2, 0]]
    roi = drawn(body, turned, np.arange(48) - 23.5)
    mask, expected = roi_mask(roi, grid).mask, truth(body, turned, grid)
    assert dice(mask, expected) >= 0.985
    assert surface_distances(mask, expected, grid).mean <= 0.25
    assert mask.sum() == pytest.approx(BODIES[body], rel=0.01)


def grid_header(grid):
    """A volume without files: only its grid counts here."""
    from rtvis.model.volume import Patient, Slice, VolumeHeader

    one = Slice("1.2", "1.3", (0, 0, 0), (1, 0, 0, 0, 1, 0), (1, 1), 1, 1)
    return VolumeHeader(
        volume_id="1",
        series_instance_uid="1",
        study_instance_uid="1",
        modality="CT",
        patient=Patient(),
        grid=grid,
        slices=(one,) * grid.shape[0],
    )


@given(st.integers(0, 2**31), st.sampled_from(sorted(GEOMETRIES)))
@settings(max_examples=20, deadline=None)
def test_nothing_changes_when_everything_moves(seed, name) -> None:
    generator = np.random.default_rng(seed)
    axes, spacing, tilt = GEOMETRIES[name]
    grid = grid_of(axes, spacing, tilt)
    index = [
        np.column_stack([generator.uniform(2, 40, (7, 2)), np.full(7, k)]) for k in range(10, 14) for _ in range(2)
    ]
    turn = np.linalg.qr(generator.normal(size=(3, 3)))[0]
    turn *= np.sign(np.linalg.det(turn))
    shift = generator.uniform(-300, 300, 3)
    origins = grid.slice_origins_lps_mm @ turn.T + shift
    affine = grid.affine_lps.copy()
    affine[:3, :3], affine[:3, 3] = turn @ affine[:3, :3], origins[0]
    moved = Grid(grid.shape, affine, origins)
    one = roi_mask(Roi(1, "a", tuple(Contour(grid.to_patient(part), "CLOSED_PLANAR") for part in index)), grid).mask
    points = [grid.to_patient(part) @ turn.T + shift for part in index]
    other = roi_mask(Roi(1, "a", tuple(Contour(part, "CLOSED_PLANAR") for part in points)), moved).mask
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("folder", ["gantrytilting", "sliceincrement_001", "sliceincrement_002"])
def test_real_tilted_and_uneven_images_give_back_what_is_drawn_on_them(field_data, folder) -> None:
    from rtvis.app.mask_structures import contours_of
    from rtvis.dicom.series import find_series

    found = [one for one in (field_data / "odd_geometry").iterdir() if one.name.startswith(folder)]
    plans = [plan for one in found for plan in find_series(one).plans]
    assert plans
    for plan in plans:
        mask = np.zeros(plan.grid.shape, dtype=bool)
        mask[:, 20:60, 30:90] = np.random.default_rng(1).random((plan.grid.shape[0], 40, 60)) < 0.7
        roi = Roi(1, "noise", contours_of(mask, plan))
        np.testing.assert_array_equal(roi_mask(roi, plan.grid).mask, mask)
