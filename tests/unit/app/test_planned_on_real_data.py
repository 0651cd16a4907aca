"""Operations on contours of a clinical plan: volumes add up, undo is exact, files hold what was made."""

from __future__ import annotations

import pytest

from rtvis.app.planes import PlaneKind
from rtvis.app.planned_contours import CopyToSlices, DeleteContours, Place, Scope, Simplify
from rtvis.app.planned_edit import Target, commit_planned
from rtvis.app.planned_interpolation import Interpolate
from rtvis.app.planned_operations import Combine, Margin
from rtvis.app.session import Session
from rtvis.dicom.rtstruct_reader import read_structure_set
from rtvis.model.digest import structure_set_digest
from rtvis.model.progress import no_report
from rtvis.model.statistics import roi_statistics


@pytest.fixture(scope="module")
def study(field_data):
    session = Session()
    session.open([field_data / "pairs" / "LUNG1-002_XiO"])
    return session.study


@pytest.fixture
def session(study) -> Session:
    one = Session()
    one.show(study)
    return one


def number_of(session, name) -> int:
    return next(one.number for one in session.structure_set.rois if one.name == name)


def make(session, planner) -> int:
    planned = planner(session.structure_set, session.volume, no_report)
    commit_planned(session, planned)
    return planned.number


def volume_cc(session, number) -> float:
    found = roi_statistics(session.structure_set.roi(number), single_mm=session.volume.grid.spacing_mm[0]).volume_cc
    assert found is not None
    return found


def test_union_and_intersection_add_up_and_all_is_undone_saved_and_read_back(session, tmp_path) -> None:
    before = session.structure_set
    gtv, ptv, heart = (number_of(session, name) for name in ("GTV-1", "PTV-1", "Heart"))
    union = make(session, Combine("union", (ptv, heart), Target(name="PTV_Heart")))
    common = make(session, Combine("intersection", (ptv, heart), Target(name="Common")))
    both = volume_cc(session, union) + volume_cc(session, common)
    assert both == pytest.approx(volume_cc(session, ptv) + volume_cc(session, heart), rel=1e-3)
    rest = make(session, Combine("difference", (ptv, gtv), Target(name="PTV-GTV")))
    assert volume_cc(session, rest) == pytest.approx(volume_cc(session, ptv) - volume_cc(session, gtv), rel=0.02)
    grown = make(session, Margin(gtv, (5.0,) * 6, inwards=False, target=Target(name="Grown")))
    assert volume_cc(session, grown) > volume_cc(session, gtv) * 1.2
    path = tmp_path / "rs.dcm"
    session.save(path)
    back = read_structure_set(path)
    assert structure_set_digest(back, "sha256") == structure_set_digest(session.structure_set, "sha256")
    while session.undo():
        pass
    assert session.structure_set is before


def test_slices_taken_out_are_interpolated_back_to_nearly_what_they_were(session) -> None:
    heart = number_of(session, "Heart")
    whole = volume_cc(session, heart)
    grid = session.volume.grid
    heights = sorted(
        float(grid.slice_index(one.points_lps).mean()) for one in session.structure_set.roi(heart).contours
    )
    middle = round(heights[len(heights) // 2])
    cursor = grid.to_patient([256, 256, middle])
    place = Place(PlaneKind.AXIAL, cursor, session.oblique)
    count = len(session.structure_set.roi(heart).contours)
    make(session, DeleteContours(heart, Scope(place, (middle - 1, middle + 1))))
    assert len(session.structure_set.roi(heart).contours) == count - 3
    make(session, Interpolate(heart))
    assert len(session.structure_set.roi(heart).contours) == count
    assert volume_cc(session, heart) == pytest.approx(whole, rel=0.01)


def test_thousands_of_points_are_simplified_within_what_was_asked(session) -> None:
    cord = number_of(session, "Spinal cord")
    before, points = volume_cc(session, cord), session.structure_set.roi(cord).point_count
    make(session, Simplify(cord, 0.2, Scope()))
    assert session.structure_set.roi(cord).point_count < points
    assert volume_cc(session, cord) == pytest.approx(before, rel=0.02)
    first = session.structure_set.roi(cord).contours[0]
    place = Place(PlaneKind.AXIAL, first.points_lps.mean(axis=0), session.oblique)
    make(session, CopyToSlices(cord, place, (1,)))
    assert session.history.undo_name == "Copy contours to slice in Spinal cord"
