"""What is open: opening, showing, editing, undoing, saving; and what listeners are told."""

from __future__ import annotations

import shutil

import numpy as np
import pydicom
import pytest

from rtvis.app.opening import open_study
from rtvis.app.planes import middle_voxel_lps_mm
from rtvis.app.session import Session
from rtvis.model.errors import InputError, UsageError


@pytest.fixture
def session(small_study) -> Session:
    opened = Session()
    opened.open([small_study])
    return opened


def _told(session: Session, *names: str) -> list[str]:
    heard: list[str] = []
    for name in names:
        getattr(session, name).connect(lambda name=name: heard.append(name))
    return heard


def test_opening_shows_the_volume_with_its_structure_set(session) -> None:
    assert session.volume is session.study.volumes[0]
    assert session.structure_set is not None
    assert session.structure_set.volume is session.volume
    assert session.active_roi is None
    assert not session.unsaved
    np.testing.assert_allclose(session.cursor_lps, middle_voxel_lps_mm(session.volume.grid))
    assert session.window == (400.0, 40.0)


def test_a_path_that_can_not_be_read_leaves_what_was_open(session, tmp_path) -> None:
    before = session.volume
    with pytest.raises(InputError):
        session.open([tmp_path / "nothing"])
    assert session.volume is before


def test_one_contour_is_one_undo_step_with_a_name(session) -> None:
    heard = _told(session, "structure_set_changed")
    before = session.structure_set
    session.activate_roi(1)
    points = session.volume.grid.to_patient([[2, 2, 3], [8, 2, 3], [8, 9, 3]])
    contour = session.add_contour(points, closed=True)
    assert contour.geometric_type == "CLOSED_PLANAR"
    assert [one.sop_instance_uid for one in contour.images] == [session.volume.slices[3].sop_instance_uid]
    assert session.unsaved
    assert session.structure_set.roi(1).contours[-1] is contour
    assert session.structure_set.roi(2) is before.roi(2)
    assert session.undo() == "Add contour to Block"
    assert session.structure_set is before
    assert not session.unsaved
    assert session.redo() == "Add contour to Block"
    assert session.structure_set.roi(1).contours[-1] is contour
    assert len(heard) == 3


def test_saving_makes_it_saved_and_keeps_an_existing_file(session, tmp_path) -> None:
    session.activate_roi(1)
    session.add_contour(session.volume.grid.to_patient([[2, 2, 1], [8, 2, 4], [8, 9, 7], [3, 12, 9]]), closed=False)
    target = tmp_path / "rs.dcm"
    session.save(target)
    assert not session.unsaved
    kinds = [one.ContourGeometricType for one in pydicom.dcmread(target).ROIContourSequence[0].ContourSequence]
    assert kinds == ["CLOSED_PLANAR", "CLOSED_PLANAR", "OPEN_NONPLANAR"]
    before = target.read_bytes()
    with pytest.raises(UsageError, match="already exists"):
        session.save(target)
    assert target.read_bytes() == before


def test_a_volume_without_a_structure_set_gets_one_when_drawn_on(small_study, tmp_path) -> None:
    session = Session()
    session.open([small_study / "ct"])
    assert session.structure_set is None
    session.add_contour(session.volume.grid.to_patient([[2, 2, 3], [8, 2, 3], [8, 9, 3]]), closed=True)
    assert [one.name for one in session.structure_set.rois] == ["ROI 1"]
    session.save(tmp_path / "new.dcm")
    study = open_study([small_study / "ct", tmp_path / "new.dcm"])
    assert study.structure_sets[0].volume is study.volumes[0]
    assert study.structure_sets[0].contour_count == 1


def test_two_files_with_one_uid_are_two_structure_sets(small_study, tmp_path) -> None:
    shutil.copy(small_study / "structure-set.dcm", tmp_path / "copy.dcm")
    session = Session()
    session.open([small_study, tmp_path])
    assert len(session.structure_sets) == 2
    assert len({one.key for one in session.structure_sets}) == 2
    assert [one.code for one in session.structure_sets[1].problems if one.code == "duplicate-uid"] == ["duplicate-uid"]
    session.activate_structure_set(session.structure_sets[1].key)
    session.add_roi("Only here")
    assert [len(one.rois) for one in session.structure_sets] == [4, 5]


def test_a_set_of_other_images_is_listed_but_not_drawn_into(small_study, tmp_path) -> None:
    dataset = pydicom.dcmread(small_study / "structure-set.dcm")
    text = dataset.to_json().replace(str(dataset.FrameOfReferenceUID), "1.2.3.4")
    other = pydicom.Dataset.from_json(text)
    reference = other.ReferencedFrameOfReferenceSequence[0].RTReferencedStudySequence[0].RTReferencedSeriesSequence[0]
    reference.SeriesInstanceUID = "1.2.3.5"
    for item in reference.ContourImageSequence:
        item.ReferencedSOPInstanceUID += ".9"
    for roi in other.ROIContourSequence:
        for contour in roi.ContourSequence:
            for image in contour.get("ContourImageSequence", []):
                image.ReferencedSOPInstanceUID += ".9"
    other.file_meta = dataset.file_meta
    other.save_as(tmp_path / "other.dcm", enforce_file_format=True)
    session = Session()
    session.open([small_study / "ct", tmp_path / "other.dcm"])
    assert session.volume is not None
    assert [one.volume for one in session.structure_sets] == [None]
    assert session.structure_set is None
    session.add_contour(session.volume.grid.to_patient([[2, 2, 3], [8, 2, 3], [8, 9, 3]]), closed=True)
    assert [len(one.rois) for one in session.structure_sets] == [4, 1]
    assert session.structure_set.volume is session.volume


def test_listeners_hear_of_changes_and_only_of_changes(session) -> None:
    heard = _told(session, "cursor_changed", "window_changed", "visibility_changed", "active_roi_changed")
    session.move_cursor([1.0, 2.0, 3.0])
    session.move_cursor([1.0, 2.0, 3.0])
    session.set_window(1500, -600)
    session.set_window(1500, -600)
    session.set_roi_visible(2, visible=False)
    session.set_roi_visible(2, visible=False)
    session.activate_roi(3)
    session.activate_roi(3)
    assert heard == ["cursor_changed", "window_changed", "visibility_changed", "active_roi_changed"]
    assert [one.number for one in session.visible_rois()] == [1, 3, 4]
    session.set_window(0, 10)
    assert session.window[0] > 0
    with pytest.raises(ValueError, match="three finite"):
        session.move_cursor([1.0, np.nan, 3.0])


def test_undoing_an_roi_leaves_none_active(session) -> None:
    session.add_roi("New")
    assert session.active_roi == 5
    session.undo()
    assert session.active_roi is None


def test_a_contour_goes_to_a_new_roi_where_none_is_active_in_one_undo_step(session) -> None:
    before = session.structure_set
    heard = _told(session, "structure_set_changed", "active_roi_changed")
    points = session.volume.grid.to_patient([[2, 2, 3], [8, 2, 3], [8, 9, 3]])
    session.add_contour(points, closed=True)
    assert session.structure_set.rois[:4] == before.rois
    assert (session.structure_set.rois[4].name, session.active_roi) == ("ROI 1", 5)
    assert heard == ["structure_set_changed", "active_roi_changed"]
    session.add_contour(points, closed=True)
    assert len(session.structure_set.roi(5).contours) == 2
    session.undo()
    assert session.undo() == "Add contour to ROI 1"
    assert session.structure_set is before
    assert session.active_roi is None


def test_pet_slices_of_different_slope_are_windowed_in_their_own_units(field_data) -> None:
    session = Session()
    session.open([field_data / "pairs" / "STS_004_PET_MIM"])
    width, level = session.window
    values = session.volume.values
    assert 0.2 * np.percentile(values, 99) < width < 5 * np.percentile(values, 99)
    assert 0 < level < values.max()


def test_opening_reads_structure_sets_only_when_they_are_asked_for(small_study, monkeypatch) -> None:
    from rtvis.app import opening

    read: list[object] = []
    original = opening.read_structure_set
    monkeypatch.setattr(opening, "read_structure_set", lambda path: read.append(path) or original(path))
    study = open_study(small_study)
    assert study.volumes[0].voxels.max() == 200
    assert read == []
    assert [one.volume for one in study.structure_sets] == [study.volumes[0]]
    assert len(study.structure_sets) == len(read) == 1
