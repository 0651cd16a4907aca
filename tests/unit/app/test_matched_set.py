"""A structure set whose images aren't found: which it fits, how it is shown on them, and its references repaired."""

from __future__ import annotations

import shutil

import pytest

from rtvis.app.matched_set import fits_by_geometry
from rtvis.app.opening import open_study
from rtvis.app.repairing import planned_repair, write_repaired
from rtvis.app.session import Session
from rtvis.editing.journal_folder import JournalFolder
from rtvis.model.errors import UsageError


@pytest.fixture
def paths(small_study, stray):
    return [small_study / "ct", stray]


def shown(session, paths):
    session.open(paths)
    [fit] = fits_by_geometry(session.structure_sets, session.study.volumes)
    session.show_on(fit.matched)
    return fit


def draw(session):
    session.activate_roi(1)
    session.add_contour(session.volume.grid.to_patient([[2, 2, 3], [8, 2, 3], [8, 9, 3]]), closed=True)


def test_what_fits_is_found_with_its_residual_and_shown(paths) -> None:
    session = Session()
    fit = shown(session, paths)
    assert fit.residual_mm == pytest.approx(0.0, abs=1e-3)
    current = session.structure_set
    assert current.matched_by == "geometry"
    assert current.volume is session.volume
    assert session.study.structure_sets == (current,)
    codes = [one.code for one in current.problems]
    assert "matched-by-geometry" in codes
    assert "missing-images" not in codes
    assert fits_by_geometry(session.structure_sets, session.study.volumes) == []


def test_edits_stop_it_until_they_are_saved(paths, tmp_path) -> None:
    session = Session()
    session.open(paths)
    [lone] = session.structure_sets
    [fit] = fits_by_geometry([lone], session.study.volumes)
    session.activate_structure_set(lone.key)
    draw(session)
    with pytest.raises(UsageError, match="was edited"):
        session.show_on(fit.matched)
    assert session.structure_set.volume is None
    session.save(tmp_path / "saved.dcm")
    session.show_on(fit.matched)
    assert session.structure_set.volume is session.volume
    assert len(session.structure_set.roi(1).contours) == 3  # what was drawn and saved meanwhile is there


def test_work_on_it_is_recovered_with_its_images(paths, tmp_path) -> None:
    session = Session(JournalFolder(tmp_path / "journals", who="ada@here"))
    shown(session, paths)
    draw(session)
    edited = session.structure_set
    session.close()
    again = Session(JournalFolder(tmp_path / "journals", who="ada@here"))
    again.open(paths)
    [work] = again.recoverable()
    assert work.source.series_instance_uid == again.volume.series_instance_uid
    again.recover(work)
    assert again.structure_set.volume is again.volume
    assert again.structure_set.matched_by == "geometry"
    assert len(again.structure_set.roi(1).contours) == len(edited.roi(1).contours)
    again.close()


def test_a_repaired_copy_leads_to_the_images(paths, tmp_path) -> None:
    session = Session()
    shown(session, paths)
    plan = planned_repair(session.structure_set)
    assert "5 of 5 contours and 4 ROIs" in plan
    place = tmp_path / "copy" / "repaired.dcm"
    place.parent.mkdir()
    done = write_repaired(session.structure_set, place)
    assert (done[0].code, done[0].message) == ("repaired", plan)
    with pytest.raises(UsageError):
        write_repaired(session.structure_set, place)
    [again] = open_study([paths[0], place]).structure_sets
    assert again.matched_by == "references"
    with pytest.raises(UsageError, match="nothing to repair"):
        planned_repair(again)


def test_without_images_there_is_nothing_to_repair_to(stray, tmp_path) -> None:
    alone = shutil.copy(stray, tmp_path / "alone.dcm")
    [one] = open_study(alone).structure_sets
    with pytest.raises(UsageError, match="needs the images"):
        planned_repair(one)
