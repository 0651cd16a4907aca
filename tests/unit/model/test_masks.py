"""ROIs of known shape on grids of any geometry."""

from __future__ import annotations

import numpy as np
import pytest

from rtvis.dicom.rtstruct_reader import read_structure_set
from rtvis.dicom.series import find_series
from rtvis.dicom.volume import read_volume
from rtvis.geometry.grid import Grid
from rtvis.geometry.measures import voxel_volume_mm3
from rtvis.model.masks import masks, roi_mask, roi_occupancy, roi_stacks
from rtvis.model.statistics import roi_statistics
from rtvis.model.structure_set import Contour, Roi, StructureSet

AXIAL = np.eye(3)
TURNED = np.linalg.qr(np.array([[0.9, 0.2, -0.1], [-0.3, 0.8, 0.4], [0.2, -0.3, 0.95]]))[0]
TURNED = TURNED * np.sign(np.linalg.det(TURNED))
ANGLES = np.linspace(0, 2 * np.pi, 180, endpoint=False)


def grid_of(axes, spacing=(1.0, 1.0, 1.0), shape=(60, 64, 70), tilt_deg=0.0, centre=(12.0, -30.0, 55.0)) -> Grid:
    """A grid around a centre; columns of `axes` are the row, column and normal directions."""
    step = axes[:, 2] * spacing[0] + axes[:, 1] * spacing[0] * np.tan(np.radians(tilt_deg))
    middle = axes[:, 0] * spacing[2] * (shape[2] - 1) / 2 + axes[:, 1] * spacing[1] * (shape[1] - 1) / 2
    first = np.array(centre) - middle - step * (shape[0] - 1) / 2
    origins = first + np.arange(shape[0])[:, None] * step
    return Grid.from_slices(origins, [*axes[:, 0], *axes[:, 1]], spacing[1:], shape[1:])


def circles(centre, axes, heights, radii) -> list[np.ndarray]:
    """Circles in planes along axes[:, 2]; radii of nothing are left out."""
    return [
        np.array(centre)
        + radius * (np.cos(ANGLES)[:, None] * axes[:, 0] + np.sin(ANGLES)[:, None] * axes[:, 1])
        + height * axes[:, 2]
        for height, radius in zip(heights, radii, strict=True)
        if radius > 0.05
    ]


def roi_of(curves, kind="CLOSED_PLANAR") -> Roi:
    return Roi(1, "A", tuple(Contour(curve, kind) for curve in curves))


def centres(grid: Grid) -> np.ndarray:
    k, j, i = np.indices(grid.shape)
    return grid.to_patient(np.stack([i, j, k], axis=-1))


def sphere(centre, axes, radius, step) -> list[np.ndarray]:
    heights = np.arange(-np.ceil(radius / step), np.ceil(radius / step) + 1) * step + 0.5 * step
    return circles(centre, axes, heights, np.sqrt(np.maximum(radius**2 - heights**2, 0)))


GEOMETRIES = {
    "axial": (AXIAL, (1.0, 1.0, 1.0), 0.0),
    "non-square": (AXIAL, (1.0, 0.8, 1.3), 0.0),
    "oblique": (TURNED, (1.0, 1.0, 1.0), 0.0),
    "tilted": (AXIAL, (1.0, 1.0, 1.0), 14.0),
    "oblique, tilted, non-square": (TURNED, (1.0, 1.25, 0.8), 20.0),
}


@pytest.mark.parametrize("name", GEOMETRIES)
@pytest.mark.parametrize("drawn", ["on the images", "between them", "across them"])
def test_a_sphere_on_any_grid(name, drawn) -> None:
    axes, spacing, tilt = GEOMETRIES[name]
    grid = grid_of(axes, spacing, tilt_deg=tilt)
    centre = grid.centre_lps_mm + np.array([0.3, 0.2, 0.4])
    across = np.column_stack([axes[:, 1], axes[:, 2], axes[:, 0]])
    planes = across if drawn == "across them" else axes
    if drawn == "on the images":
        centre = grid.to_patient([*grid.to_index(centre)[:2], round(grid.to_index(centre)[2]) + 0.5])
    found = roi_mask(roi_of(sphere(centre, planes, 20.0, 1.0)), grid)
    truth = np.linalg.norm(centres(grid) - centre, axis=-1) <= 20.0
    assert found.problems == ()
    assert 2 * (found.mask & truth).sum() / (found.mask.sum() + truth.sum()) >= 0.985
    volume = found.mask.sum() * np.prod(spacing)
    assert volume == pytest.approx(4 / 3 * np.pi * 20.0**3, rel=0.01)


@pytest.mark.parametrize("name", GEOMETRIES)
def test_a_hollow_cylinder_keeps_its_hole(name) -> None:
    axes, spacing, tilt = GEOMETRIES[name]
    grid = grid_of(axes, spacing, tilt_deg=tilt)
    heights = grid.slice_distances_mm[10:50] - grid.centre_lps_mm @ grid.normal
    curves = [
        one
        for radius in (20.0, 12.0)
        for one in circles(grid.centre_lps_mm + axes @ [0.31, 0.17, 0], axes, heights, np.full(40, radius))
    ]
    mask = roi_mask(roi_of(curves), grid).mask
    assert mask.sum() * np.prod(spacing) == pytest.approx(np.pi * (20.0**2 - 12.0**2) * 40, rel=0.01)
    assert mask.any(axis=(1, 2)).nonzero()[0].tolist() == list(range(10, 50))


def test_a_cube_on_voxel_boundaries_has_exactly_its_voxels() -> None:
    grid = grid_of(TURNED, (2.0, 1.0, 1.0), shape=(20, 40, 40))
    square = [[9.5, 9.5], [29.5, 9.5], [29.5, 29.5], [9.5, 29.5]]
    curves = [grid.to_patient([[i, j, k] for i, j in square]) for k in range(5, 15)]
    mask = roi_mask(roi_of(curves), grid).mask
    assert mask.sum() == 20 * 20 * 10
    assert mask[5:15, 10:30, 10:30].all()


def test_contours_in_two_orientations_are_united() -> None:
    grid = grid_of(AXIAL)
    one, other = (grid.centre_lps_mm + np.array([side, 0.0, 0.0]) for side in (-8.0, 8.0))
    sagittal = np.column_stack([AXIAL[:, 1], AXIAL[:, 2], AXIAL[:, 0]])
    found = roi_mask(roi_of([*sphere(one, AXIAL, 12.0, 1.0), *sphere(other, sagittal, 12.0, 1.0)]), grid)
    points = centres(grid)
    truth = np.minimum(np.linalg.norm(points - one, axis=-1), np.linalg.norm(points - other, axis=-1)) <= 12.0
    assert 2 * (found.mask & truth).sum() / (found.mask.sum() + truth.sum()) >= 0.985


def square_on(grid, k, low, high) -> np.ndarray:
    return grid.to_patient([[low, low, k], [high, low, k], [high, high, k], [low, high, k]])


def test_what_was_drawn_twice_counts_once_and_is_told() -> None:
    grid = grid_of(AXIAL)
    curves = [square_on(grid, 30, 9.5, 19.5)] * 3
    found = roi_mask(roi_of(curves), grid)
    assert found.mask.sum() == 100
    assert [one.code for one in found.problems] == ["repeated-contour"]


def test_halves_of_a_square_are_not_copies_of_each_other() -> None:
    grid = grid_of(AXIAL)
    halves = [[[9.5, 9.5], [19.5, 9.5], [9.5, 19.5]], [[19.5, 9.5], [19.5, 19.5], [9.5, 19.5]]]
    curves = [grid.to_patient([[i, j, 30] for i, j in half]) for half in halves]
    found = roi_mask(roi_of(curves), grid)
    assert found.mask.sum() == 100
    assert found.problems == ()


@pytest.mark.parametrize(("gap", "images"), [(0.1, False), (0.04, False), (0.04, True), (0.01, True)])
def test_the_slices_of_micro_ct_are_planes_of_their_own(gap, images) -> None:
    grid = grid_of(AXIAL, (gap, gap, gap))
    roi = roi_of([square_on(grid, k, 9.5, 29.5) for k in range(20, 32)])
    assert [len(one.positions_mm) for one in roi_stacks(roi, grid if images else None).stacks] == [12]
    assert roi_mask(roi, grid).mask.sum() == 12 * 400


def test_curves_a_little_beside_their_plane_are_in_it() -> None:
    square = square_on(grid_of(AXIAL), 30, 9.5, 19.5)
    roi = roi_of([square, square * 0.9 + square[0] * 0.1 + np.array([0, 0, 0.02]), square + np.array([0, 0, 0.04])])
    assert [len(one.positions_mm) for one in roi_stacks(roi).stacks] == [1]


def test_overlapping_contours_are_joined_and_told_but_xor_is_xor() -> None:
    grid = grid_of(AXIAL)
    curves = [square_on(grid, 30, 9.5, 19.5), square_on(grid, 30, 14.5, 24.5)]
    found = roi_mask(roi_of(curves), grid)
    assert found.mask.sum() == 175
    assert [one.code for one in found.problems] == ["overlapping-contours"]
    assert roi_mask(roi_of(curves, "CLOSEDPLANAR_XOR"), grid).mask.sum() == 150


@pytest.mark.parametrize("turn", [[1, 2, 0], [2, 0, 1]], ids=["sagittal", "coronal"])
def test_bodies_across_the_slices_that_end_on_voxel_centres_fit_together(turn) -> None:
    grid = grid_of(AXIAL)
    axes = AXIAL[:, turn]
    middle = grid.to_patient([30, 30, 30])
    square = np.array([[-6.25, -6.25], [6.25, -6.25], [6.25, 6.25], [-6.25, 6.25]])

    def body(first) -> np.ndarray:
        heights = first + 0.5 + np.arange(10)
        return roi_mask(roi_of([middle + square @ axes[:, :2].T + one * axes[:, 2] for one in heights]), grid).mask

    one, other = body(0), body(10)
    assert not (one & other).any()
    extents = [sorted(int(np.ptp(part)) + 1 for part in np.nonzero(mask)) for mask in (one, other)]
    assert extents == [[10, 13, 13]] * 2


@pytest.mark.parametrize("turn", [[1, 2, 0], [2, 0, 1]], ids=["sagittal", "coronal"])
@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (3.0, 0.9, 1.1)])
def test_boxes_across_the_slices_have_exactly_their_voxels(turn, spacing) -> None:
    grid = grid_of(TURNED, spacing, shape=(24, 26, 28))
    random = np.random.default_rng(5)
    for _ in range(10):
        low, size = random.integers(3, 10, 3), random.integers(2, 9, 3)
        u, v, w = turn
        curves = []
        for plane in range(size[w]):
            index = np.empty((4, 3))
            index[:, u] = low[u] - 0.5 + size[u] * np.array([0, 1, 1, 0])
            index[:, v] = low[v] - 0.5 + size[v] * np.array([0, 0, 1, 1])
            index[:, w] = low[w] + plane
            curves.append(grid.to_patient(index))
        expected = np.zeros(grid.shape, dtype=bool)
        expected[tuple(slice(low[axis], low[axis] + size[axis]) for axis in (2, 1, 0))] = True
        np.testing.assert_array_equal(roi_mask(roi_of(curves), grid).mask, expected)


def test_touching_neighbours_fit_together() -> None:
    grid = grid_of(TURNED, (1.0, 0.7, 1.1))
    corners = {"a": [[3.0, 5.0], [21.0, 8.0], [17.0, 40.0]], "b": [[21.0, 8.0], [50.0, 30.0], [17.0, 40.0]]}
    both = [[3.0, 5.0], [21.0, 8.0], [50.0, 30.0], [17.0, 40.0]]
    one, other, whole = (
        roi_mask(roi_of([grid.to_patient([[i, j, 9] for i, j in outline])]), grid).mask
        for outline in (corners["a"], corners["b"], both)
    )
    assert not (one & other).any()
    np.testing.assert_array_equal(one | other, whole)


def test_what_has_no_volume_is_told() -> None:
    grid = grid_of(AXIAL)
    square = square_on(grid, 30, 9.5, 19.5)
    curves = (
        Contour(square[:1], "POINT"),
        Contour(square[:3], "OPEN_PLANAR"),
        Contour(square[:2], "CLOSED_PLANAR"),
        Contour(
            np.vstack([square + np.array([[0, 0, 0], [0, 0, 9], [0, 0, 0], [0, 0, 9]]), square[:1]]), "OPEN_NONPLANAR"
        ),
    )
    found = roi_mask(Roi(4, "B", curves), grid)
    assert found.mask is None
    assert {one.code: one.roi for one in found.problems} == {
        "point-without-volume": 4,
        "open-without-volume": 4,
        "contour-without-area": 4,
        "contour-without-plane": 4,
    }
    assert roi_occupancy(Roi(4, "B", curves), grid) is None


def test_each_of_what_has_no_volume_is_counted_once() -> None:
    grid = grid_of(AXIAL)
    square = square_on(grid, 30, 9.5, 19.5)
    curves = (
        Contour(square[:1], "POINT"),
        Contour(square[:2], "POINT"),
        Contour(square[:1], "OPEN_PLANAR"),
        Contour(square[:3], "OPEN_PLANAR"),
        Contour(square[:1], "CLOSED_PLANAR"),
    )
    assert [one.message for one in roi_mask(Roi(4, "B", curves), grid).problems] == [
        "3 points have no volume",
        "1 open contour has no volume",
        "1 closed contour without area",
    ]
    assert [one.message for one in roi_mask(Roi(4, "B", curves[:1]), grid).problems] == ["1 point has no volume"]
    assert [one.message for one in roi_mask(Roi(4, "B", curves[:2]), grid).problems] == ["2 points have no volume"]


@pytest.mark.parametrize(("share", "on_slices"), [(0.45, True), (0.55, False)])
def test_a_contour_within_half_a_gap_of_a_slice_lies_on_it(share, on_slices) -> None:
    grid = grid_of(AXIAL, shape=(9, 300, 300))
    square = square_on(grid, 4, 50.5, 250.5)
    square[:, 2] += share * np.sign(square[:, 0] - square[:, 0].mean())
    (stack,) = roi_stacks(roi_of([square]), grid).stacks
    assert (abs(float(stack.plane.normal @ grid.normal)) > 1 - 1e-12) is on_slices


def test_contours_outside_the_images_are_told() -> None:
    grid = grid_of(AXIAL)
    found = roi_mask(roi_of([square_on(grid, k, 9.5, 19.5) for k in (30, 31, 90)]), grid)
    assert found.mask.sum() == 200
    assert [(one.code, one.contour) for one in found.problems] == [("contour-outside-images", 2)]


def test_contours_around_all_of_the_images_are_not_outside_them() -> None:
    grid = grid_of(AXIAL)
    found = roi_mask(roi_of([square_on(grid, k, -20.5, 100.5) for k in (30, 31, 32)]), grid)
    assert found.mask[30:33].all()
    assert found.problems == ()


def test_slices_between_planes_lie_between_their_outlines() -> None:
    grid = grid_of(AXIAL, (3.0, 1.0, 1.0))
    curves = [square_on(grid, 20, 9.5, 29.5), square_on(grid, 23, 12.5, 26.5), square_on(grid, 26, 9.5, 29.5)]
    area = roi_mask(roi_of(curves), grid).mask.sum(axis=(1, 2))
    assert area[[18, 19, 20, 23, 26, 27, 28]].tolist() == [0, 400, 400, 196, 400, 400, 0]
    assert area[[21, 22, 24, 25]] == pytest.approx([18**2, 16**2, 16**2, 18**2], rel=0.03)


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (1.0, 0.4, 2.5)])
def test_slices_between_planes_are_the_same_on_images_that_show_a_part(spacing) -> None:
    axes, centre = np.eye(3), np.array([12.0, -30.0, 55.0])
    curves = circles(centre, axes, np.arange(-10.0, 11.0, 5.0), np.array([24.0, 16.0, 24.0, 16.0, 24.0]))
    whole = grid_of(axes, spacing, (25, round(60 / spacing[1]), round(60 / spacing[2])))
    first = whole.to_patient([[round(10 / spacing[2]), round(8 / spacing[1]), k] for k in range(25)])
    rows, columns = whole.shape[1] - 2 * round(8 / spacing[1]), whole.shape[2] - 2 * round(10 / spacing[2])
    part = Grid.from_slices(first, [1, 0, 0, 0, 1, 0], spacing[1:], (rows, columns))
    expected = roi_mask(roi_of(curves), whole).mask[:, round(8 / spacing[1]) :][:, :rows]
    expected = expected[:, :, round(10 / spacing[2]) :][:, :, :columns]
    np.testing.assert_array_equal(roi_mask(roi_of(curves), part).mask, expected)


def test_slices_between_planes_are_the_same_however_long_pixels_are() -> None:
    def grid(between_rows, rows):
        origins = np.arange(9)[:, None] * np.array([0.0, 0.0, 1.0])
        return Grid.from_slices(origins, [1, 0, 0, 0, 1, 0], (between_rows, 0.5), (rows, 161))

    large = circles([40.2, 40.1, 0.0], AXIAL, [0.0], [30.0])
    small = [np.array([[20.2, 35.3, 8], [34.2, 35.3, 8], [34.2, 60.3, 8], [20.2, 60.3, 8]])]
    fine, long = (roi_mask(roi_of([*large, *small]), one).mask for one in (grid(0.5, 161), grid(4.0, 21)))
    assert long[4].sum() * 8 == pytest.approx(fine[4].sum(), rel=0.04)
    assert (long[2:7] ^ fine[2:7, ::8]).sum() <= 0.01 * long[2:7].sum()


def test_a_plane_alone_is_as_thick_as_the_gap_between_slices_whatever_its_orientation() -> None:
    grid = grid_of(AXIAL, (3.0, 1.0, 1.0), shape=(20, 40, 40))
    sagittal = np.column_stack([AXIAL[:, 1], AXIAL[:, 2], AXIAL[:, 0]])
    roi = roi_of(circles(grid.centre_lps_mm, sagittal, [0.0], [15.0]))
    assert voxel_volume_mm3(roi_mask(roi, grid).mask, grid) == pytest.approx(np.pi * 225 * 3.0, rel=0.05)
    volume_cc = roi_statistics(roi, single_mm=grid.spacing_mm[0]).volume_cc
    assert volume_cc == pytest.approx(np.pi * 225 * 3.0 / 1000, rel=0.01)
    assert roi_occupancy(roi, grid).sum() * 3.0 == pytest.approx(np.pi * 225 * 3.0, rel=0.02)


def test_two_neighbours_fit_together_between_planes_too() -> None:
    grid = grid_of(AXIAL)
    left, right = [], []
    for k, border in ((20, 20.0), (24, 27.0), (28, 23.5)):
        left.append(grid.to_patient([[5.5, 5.5, k], [border, 5.5, k], [border, 40.5, k], [5.5, 40.5, k]]))
        right.append(grid.to_patient([[border, 5.5, k], [50.5, 5.5, k], [50.5, 40.5, k], [border, 40.5, k]]))
    one, other = (roi_mask(roi_of(curves), grid).mask for curves in (left, right))
    assert not (one & other).any()
    assert (one | other)[18:30, 15:31, 6:51].all()  # in corners each ROI is nearer to another outline of its own


def test_occupancy_is_the_share_of_each_voxel() -> None:
    grid = grid_of(TURNED, (3.0, 1.0, 1.0), shape=(20, 30, 30))
    square = [[9.25, 9.5], [19.5, 9.5], [19.5, 19.5], [9.25, 19.5]]
    curves = [grid.to_patient([[i, j, k] for i, j in square]) for k in (8.0, 9.0, 10.0, 11.25)]
    share = roi_occupancy(roi_of(curves), grid)
    assert share[9, 12, 12] == 1.0
    assert share[9, 12, 9] == pytest.approx(0.25)
    assert share.sum(axis=(1, 2))[11] == pytest.approx(102.5 * 1.0)
    assert share.sum(axis=(1, 2))[12] == pytest.approx(102.5 * 0.375, rel=1e-3)
    assert share.sum() == pytest.approx(102.5 * (3 + 0.625 + 0.75), rel=1e-2)


def test_occupancy_of_what_reaches_beyond_the_images_is_that_within_them() -> None:
    grid = grid_of(AXIAL, (1.0, 1.0, 1.0), (5, 20, 24))
    share = roi_occupancy(roi_of([square_on(grid, k, -8.5, 4.25) for k in range(5)]), grid)
    assert share[2].sum() == pytest.approx(4.75**2)
    assert share[2, 4, 4] == pytest.approx(0.75**2)
    away = roi_occupancy(roi_of([square_on(grid, k, -28.5, -14.5) for k in range(5)]), grid)
    assert not away.any()


def test_masks_have_the_names_of_the_set_and_leave_out_what_has_none(small_study) -> None:
    volume = read_volume(find_series(small_study / "ct").plans[0])
    structure_set = read_structure_set(small_study / "structure-set.dcm")
    found = masks(structure_set, volume)
    assert list(found) == ["Block"]
    block = np.zeros(volume.grid.shape, dtype=bool)
    block[4:6, 8:16, 10:22] = True
    np.testing.assert_array_equal(found["Block"], block)
    same = StructureSet("two", tuple(Roi(n, "X", structure_set.rois[0].contours) for n in (1, 2)))
    assert list(masks(same, volume)) == ["X_1", "X_2"]


def test_a_lung_written_many_times_over_is_whole(field_data) -> None:
    folder = field_data / "pairs" / "LUNG1-002_XiO"
    scan = find_series(folder)
    structure_set = read_structure_set(scan.structure_sets[0])
    roi = next(one for one in structure_set.rois if one.name == "Lung L")
    plan = scan.plans[0]
    found = roi_mask(roi, plan.grid)
    assert "repeated-contour" in {one.code for one in found.problems}
    slices = found.mask.sum(axis=(1, 2))
    assert (slices[found.mask.any(axis=(1, 2)).nonzero()[0]] > 50).all()
    assert found.mask.sum() == pytest.approx(686334, rel=0.001)
