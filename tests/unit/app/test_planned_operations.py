"""Operations on areas, planned for dialogs: names, targets, what stays, what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rtvis.app.planned_edit import Target, commit_planned
from rtvis.app.planned_interpolation import Interpolate
from rtvis.app.planned_operations import (
    Clip,
    Combine,
    Margin,
    Ring,
    SmoothBody,
    patient_margins,
)
from rtvis.app.session import Session
from rtvis.geometry.grid import Grid
from rtvis.geometry.plane import Plane
from rtvis.model.errors import UsageError
from rtvis.model.masks import roi_mask
from rtvis.model.progress import no_report
from rtvis.model.structure_set import Contour, Roi, StructureSet
from rtvis.model.study import Study
from rtvis.model.volume import Patient, Slice, Volume, VolumeHeader

HERE = Target(1)
AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
SLICES_MM = -40.0 + 3.0 * np.arange(20)


def make_volume() -> Volume:
    """20 slices 3 mm apart from z = -40, rows 1.5 mm, columns 1.2 mm apart; x from -30 to 28.8, y from -25 to 33.5."""
    origins = np.column_stack([np.full(20, -30.0), np.full(20, -25.0), SLICES_MM])
    slices = tuple(
        Slice(f"1.2.3.4.{n}", "1.2.840.10008.5.1.4.1.1.2", tuple(origin), AXIAL, (1.5, 1.2), 40, 50)
        for n, origin in enumerate(origins.tolist())
    )
    return Volume(
        volume_id="1.2.3",
        series_instance_uid="1.2.3",
        study_instance_uid="1.2",
        modality="CT",
        patient=Patient("P1", "Doe^Jo"),
        grid=Grid.from_slices(origins, AXIAL, (1.5, 1.2), (40, 50), frame_of_reference_uid="1.2.9"),
        voxels=np.zeros((20, 40, 50), dtype=np.int16),
        slices=slices,
    )


def box(z: float, x: float = 10.0, y: float = 8.0, shift: float = 0.0) -> Contour:
    corners = [[-x + shift, -y], [x + shift, -y], [x + shift, y], [-x + shift, y]]
    return Contour.drawn(np.column_stack([corners, np.full(4, z)]), closed=True)


@pytest.fixture(scope="module")
def volume() -> VolumeHeader:
    return make_volume()


@pytest.fixture
def plan(volume) -> StructureSet:
    """Box (±10, ±8, slices 5 to 11), Marker (a point), Shifted (the box 6 mm to the left of the patient)."""
    rois = (
        Roi(1, "Box", tuple(box(z) for z in SLICES_MM[5:12]), (255, 80, 40), "ORGAN"),
        Roi(2, "Marker", (Contour.drawn([[1.0, 2.0, -10.0]], closed=False),), (40, 200, 255)),
        Roi(3, "Shifted", tuple(box(z, shift=6.0) for z in SLICES_MM[5:12]), (1, 2, 3), "ORGAN"),
    )
    return StructureSet("Plan", rois, sop_instance_uid="1.2.6", volume=volume, matched_by="references")


def extent(roi: Roi) -> tuple[np.ndarray, np.ndarray]:
    points = np.concatenate([one.points_lps for one in roi.contours])
    return points.min(axis=0), points.max(axis=0)


@pytest.mark.parametrize(
    ("operation", "low", "high", "words"),
    [
        ("union", -10, 16, "Union of Box and Shifted"),
        ("intersection", -4, 10, "Intersection of Box and Shifted"),
        ("difference", -10, -4, "Box without Shifted"),
        ("xor", -10, 16, "Exclusive or of Box and Shifted"),
    ],
)
def test_booleans_go_to_a_new_roi(plan, volume, operation, low, high, words) -> None:
    planned = Combine(operation, (1, 3), Target(name="PTV_new"))(plan, volume, no_report)
    assert planned.name == words
    made = planned.edited.roi(planned.number)
    assert (made.name, made.interpreted_type, made.algorithm) == ("PTV_new", "PTV", "AUTOMATIC")
    least, most = extent(made)
    assert least[0] == pytest.approx(low)
    assert most[0] == pytest.approx(high)
    assert all(one.images for one in made.contours)
    assert planned.edited.roi(1) is plan.roi(1)
    assert planned.edited.roi(3) is plan.roi(3)


def test_three_rois_are_folded_and_empty_ones_change_nothing(plan, volume) -> None:
    empty = plan.with_roi(Roi(4, "Empty"))
    planned = Combine("union", (1, 4), Target(name="New"))(empty, volume, no_report)
    for one, other in zip(planned.edited.roi(planned.number).contours, plan.roi(1).contours, strict=True):
        np.testing.assert_array_equal(one.points_lps, other.points_lps)
    other = Combine("union", (4, 1), Target(name="New"))(empty, volume, no_report)
    assert len(other.edited.roi(other.number).contours) == 7
    planned = Combine("union", (1, 3, 4), Target(name="New"))(empty, volume, no_report)
    assert planned.name == "Union of Box, Shifted and Empty"
    with pytest.raises(UsageError, match="nothing is left"):
        Combine("intersection", (1, 4), Target(name="New"))(empty, volume, no_report)


def test_too_few_rois_taken_names_and_odd_names_are_refused(plan, volume) -> None:
    for numbers, name in (((1,), "New"), ((1, 3), "Box"), ((1, 3), " ")):
        with pytest.raises(UsageError):
            Combine("union", numbers, Target(name=name))(plan, volume, no_report)


def test_points_and_lines_of_the_target_stay(plan, volume) -> None:
    mixed = plan.roi(1).with_contour(plan.roi(2).contours[0])
    planned = Margin(1, (5.0,) * 6, inwards=False, target=HERE)(plan.with_roi(mixed), volume, no_report)
    assert planned.edited.roi(1).contours[-1] is plan.roi(2).contours[0]
    assert planned.edited.roi(1).contour_counts["POINT"] == 1


def test_margins_go_to_the_sides_they_name(plan, volume) -> None:
    planned = Margin(1, (6.0, 2.4, 3.0, 1.5, 6.0, 3.0), inwards=False, target=Target(name="Grown"))(
        plan, volume, no_report
    )
    assert planned.name == "Margin L 6 R 2.4 A 3 P 1.5 S 6 I 3 mm of Box"
    least, most = extent(planned.edited.roi(planned.number))
    low, high = extent(plan.roi(1))
    np.testing.assert_allclose(low - least, [2.4, 3.0, 3.0], atol=1.3)
    np.testing.assert_allclose(most - high, [6.0, 1.5, 6.0], atol=1.3)
    np.testing.assert_allclose((low - least)[2], 3.0, atol=0.1)
    assert Margin(1, (5.0,) * 6, inwards=True, target=HERE)(plan, volume, no_report).name == "Margin -5 mm of Box"


@pytest.mark.parametrize(
    "orientation", [(1, 0, 0, 0, 1, 0), (-1, 0, 0, 0, -1, 0), (1, 0, 0, 0, 0, -1), (1, 0, 0, 0, -1, 0)]
)
def test_margins_name_patient_sides_whatever_way_the_images_lie(orientation) -> None:
    normal = np.cross(orientation[:3], orientation[3:])
    origins = np.arange(5)[:, None] * 2.0 * normal
    grid = Grid.from_slices(origins, orientation, (1.0, 1.0), (8, 8))
    sides = {"L": 1.0, "R": 2.0, "A": 3.0, "P": 4.0, "S": 5.0, "I": 6.0}
    margins, exact = patient_margins(grid, tuple(sides.values()))
    assert exact
    vectors = {"L": (1, 0, 0), "R": (-1, 0, 0), "A": (0, -1, 0), "P": (0, 1, 0), "S": (0, 0, 1), "I": (0, 0, -1)}
    middle = grid.to_index(grid.centre_lps_mm)
    for side, vector in vectors.items():
        step = np.round(grid.to_index(grid.centre_lps_mm + 2.0 * np.array(vector)) - middle, 6)
        axis = int(np.argmax(np.abs(step)))
        assert getattr(margins, f"{'ijk'[axis]}_{'high' if step[axis] > 0 else 'low'}") == sides[side]


def test_tilted_images_are_told_of_where_margins_differ() -> None:
    turn = np.radians(20)
    orientation = (1, 0, 0, 0, np.cos(turn), np.sin(turn))
    normal = np.cross(orientation[:3], orientation[3:])
    grid = Grid.from_slices(np.arange(5)[:, None] * normal, orientation, (1.0, 1.0), (8, 8))
    assert not patient_margins(grid, (1, 2, 3, 4, 5, 6))[1]
    assert patient_margins(grid, (3,) * 6)[1]


def test_rings_smoothing_and_clipping(plan, volume) -> None:
    ring = Ring(1, 3.0, 4.5, Target(name="Ring"))(plan, volume, no_report)
    assert ring.name == "Ring 3 mm in, 4.5 mm out of Box"
    inside = roi_mask(ring.edited.roi(ring.number), volume.grid).mask
    k, j, i = np.round(volume.grid.to_index([0.0, 0.0, -16.0])).astype(int)[::-1]
    assert not inside[k, j, i]
    assert inside.any()
    smooth = SmoothBody(1, 2.0, HERE)(plan, volume, no_report)
    assert smooth.name == "Smooth 2 mm of Box"
    plane = Plane(np.array([0.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0]))
    clip = Clip(1, plane, "left", HERE)(plan, volume, no_report)
    assert clip.name == "Clip left part of Box"
    low, high = extent(clip.edited.roi(1))
    assert low[0] == pytest.approx(0.0, abs=1.2)
    assert high[0] == pytest.approx(10.0, abs=1.2)


def test_interpolating_fills_gaps_and_keeps_what_was_drawn(plan, volume) -> None:
    roi = plan.roi(1)
    thinned = plan.with_roi(replace(roi, contours=roi.contours[::3]))
    planned = Interpolate(1)(thinned, volume, no_report)
    assert planned.name == "Interpolate Box"
    assert planned.remark == "4 contours on 4 slices"
    after = planned.edited.roi(1)
    assert after.contours[:3] == roi.contours[::3]
    heights = sorted(float(one.points_lps[0, 2]) for one in after.contours)
    np.testing.assert_allclose(heights, [one.points_lps[0, 2] for one in roi.contours])
    with pytest.raises(UsageError, match="no empty slice"):
        Interpolate(1)(plan, volume, no_report)


def test_a_single_slice_left_out_of_a_dense_stack_is_filled_with_what_lies_between(volume) -> None:
    heights = [SLICES_MM[k] for k in (4, 5, 6, 8, 9, 13)]
    sizes = [6.0, 6.0, 6.0, 12.0, 12.0, 4.0]
    drawn = tuple(box(z, x=size, y=size) for z, size in zip(heights, sizes, strict=True))
    sparse = StructureSet("Plan", (Roi(1, "Cone", drawn),), volume=volume)
    planned = Interpolate(1)(sparse, volume, no_report)
    assert planned.remark == "4 contours on 4 slices"
    filled = {
        round(float(volume.grid.slice_index(one.points_lps[0]))): np.ptp(one.points_lps[:, 0]) / 2
        for one in planned.edited.roi(1).contours[len(drawn) :]
    }
    assert sorted(filled) == [7, 10, 11, 12]
    assert filled[7] == pytest.approx(9.0, abs=1.3)
    assert [filled[k] for k in (10, 11, 12)] == pytest.approx([10.0, 8.0, 6.0], abs=1.3)


def test_an_roi_without_area_is_refused_in_one_line(plan, volume) -> None:
    for planner in (Margin(2, (1.0,) * 6, inwards=False, target=Target(2)), Ring(2, 1, 1, Target(2)), Interpolate(2)):
        with pytest.raises(UsageError, match="Marker has no closed contours"):
            planner(plan, volume, no_report)


def test_a_planned_operation_is_one_step_that_undo_names(plan, volume) -> None:
    session = Session()
    session.show(study_of(plan, volume))
    planned = Ring(1, 3.0, 4.5, Target(name="Ring"))(session.structure_set, volume, no_report)
    commit_planned(session, planned)
    assert session.active_roi == planned.number
    assert session.history.undo_name == "Ring 3 mm in, 4.5 mm out of Box"
    session.undo()
    assert session.structure_set is plan


def study_of(plan, volume) -> Study:
    return Study(volumes=(volume,), structure_sets=(plan,))


@pytest.mark.parametrize(("operation", "told"), [("intersection", "2 planes are empty"), ("union", "")])
def test_planes_where_nothing_is_left_between_others_are_told(volume, operation, told) -> None:
    # What is left of both is on the first, the fourth and the fifth of five planes: contours can't say so.
    one = Roi(1, "A", tuple(box(z) for z in SLICES_MM[5:10]))
    shifts = (0.0, 25.0, 25.0, 0.0, 0.0)
    other = Roi(2, "B", tuple(box(z, shift=x) for z, x in zip(SLICES_MM[5:10], shifts, strict=True)))
    both = StructureSet(label="S", rois=(one, other), volume=volume)
    planned = Combine(operation, (1, 2), Target(name="New"))(both, volume, no_report)
    assert told in planned.remark
    assert ("fill" in planned.remark) == bool(told)


def test_planes_off_the_slices_leave_none_empty(volume) -> None:
    one = Roi(1, "A", tuple(box(z + 1.5) for z in SLICES_MM[5:10]))
    other = Roi(2, "B", tuple(box(z, shift=4.0) for z in SLICES_MM[5:10]))
    both = StructureSet(label="S", rois=(one, other), volume=volume)
    planned = Combine("intersection", (1, 2), Target(name="New"))(both, volume, no_report)
    assert "fill" not in planned.remark


@pytest.mark.parametrize("operation", ["union", "difference"])
def test_combining_tells_of_each_plane_and_can_be_stopped_there(volume, plan, operation):
    told = []
    Combine(operation, (1, 3), Target(name="New"))(plan, volume, lambda done, total: told.append((done, total)))
    shares = [done / total for done, total in told]
    assert len(told) > 4
    assert shares == sorted(shares)
    assert shares[-1] < 1.0 + 1e-9

    def stop(done, total):
        if done > 0.5 * total:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        Combine(operation, (1, 3), Target(name="New"))(plan, volume, stop)
