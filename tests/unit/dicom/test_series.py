from __future__ import annotations

import errno
import os
import pathlib
import shutil
import struct

import numpy as np
import pydicom
import pytest
from pydicom.uid import RLELossless

from rtvis.dicom import series, volume_plan
from rtvis.dicom.series import find_series
from rtvis.model.progress import CancelledError


def codes(plan):
    return {one.code for one in plan.problems}


def stack(plane, folder, zs, **attributes):
    return [plane(folder / f"{n}.dcm", (0, 0, z), **attributes) for n, z in enumerate(zs)]


def test_slices_are_sorted_along_the_normal_whatever_names_and_numbers_say(tmp_path, plane):
    for name, z, number in (("a", 5.0, 1), ("b", -2.5, 3), ("c", 0.0, 9), ("d", 2.5, 2)):
        plane(tmp_path / "deep" / name, (1, 2, z), InstanceNumber=number, SliceLocation=-z)
    (plan,) = find_series(tmp_path).plans
    assert [one.position_lps_mm[2] for one in plan.slices] == [-2.5, 0.0, 2.5, 5.0]
    assert plan.grid.spacing_mm == (2.5, 0.8, 0.5)
    assert plan.problems == ()
    assert plan.volume_id == "1.2.3.2"


def test_feet_first_axes_are_kept_as_they_are(tmp_path, plane):
    stack(plane, tmp_path, (0, 2, 4), ImageOrientationPatient=[-1, 0, 0, 0, 1, 0], PatientPosition="FFS")
    (plan,) = find_series(tmp_path).plans
    assert [one.position_lps_mm[2] for one in plan.slices] == [4, 2, 0]
    assert np.allclose(plan.grid.affine_lps[:3, 0], [-0.5, 0, 0])
    assert plan.patient_position == "FFS"


def test_two_orientations_make_two_volumes_and_say_so(tmp_path, plane):
    stack(plane, tmp_path / "axial", (0, 2, 4))
    stack(plane, tmp_path / "coronal", (7, 8), ImageOrientationPatient=[1, 0, 0, 0, 0, -1])
    scan = find_series(tmp_path)
    assert [(plan.volume_id, len(plan.slices)) for plan in scan.plans] == [
        ("1.2.3.2", 3),
        ("1.2.3.2#2", 1),
        ("1.2.3.2#3", 1),
    ]
    assert all("split-series" in codes(plan) for plan in scan.plans)


@pytest.mark.parametrize(
    "other",
    [
        {"PixelSpacing": [0.8, 0.6]},
        {"FrameOfReferenceUID": "1.2.3.4"},
        {"pixels": np.zeros((4, 6), np.int16)},
        {"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]},
    ],
)
def test_what_cannot_be_one_grid_is_split(tmp_path, plane, other):
    stack(plane, tmp_path / "a", (0, 2, 4))
    stack(plane, tmp_path / "b", (6, 8), **other)
    assert [len(plan.slices) for plan in find_series(tmp_path).plans] == [3, 2]


def test_a_localizer_comes_last_even_with_more_planes(tmp_path, plane):
    stack(plane, tmp_path / "a", (0, 2, 4), ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"])
    stack(plane, tmp_path / "b", (6, 8))
    assert [len(plan.slices) for plan in find_series(tmp_path).plans] == [2, 3]


def test_planes_at_one_place_make_a_volume_for_each_echo(tmp_path, plane):
    for echo in (2, 1):
        stack(plane, tmp_path / f"e{echo}", (0, 2, 4), EchoNumbers=echo, SeriesDescription=f"echo {echo}")
    plans = find_series(tmp_path).plans
    assert [plan.grid.shape[0] for plan in plans] == [3, 3]
    assert {one.path.parent.name for one in plans[0].slices} == {"e1"}
    assert all("duplicate-positions" in codes(plan) for plan in plans)


def test_planes_at_one_place_without_a_reason_go_by_instance_number(tmp_path, plane):
    stack(plane, tmp_path / "a", (0, 2, 4))
    stack(plane, tmp_path / "b", (2,))
    plans = find_series(tmp_path).plans
    assert [len(plan.slices) for plan in plans] == [3, 1]
    assert plans[1].slices[0].path.parent.name == "b"


def test_uneven_missing_and_tilted_slices_are_kept_and_told(tmp_path, plane):
    stack(plane, tmp_path / "missing", (0, 2, 4, 8), SeriesInstanceUID="1.1")
    stack(plane, tmp_path / "uneven", (0, 2, 4, 7), SeriesInstanceUID="1.2")
    for n in range(4):
        plane(tmp_path / "tilted" / str(n), (0, n * 0.5, n * 2.0), SeriesInstanceUID="1.3")
    missing, uneven, tilted = find_series(tmp_path).plans
    assert codes(missing) == {"missing-slices", "uneven-gaps"}
    assert codes(uneven) == {"uneven-gaps"}
    assert uneven.grid.slice_distances_mm.tolist() == [0, 2, 4, 7]
    assert codes(tilted) == {"tilt"}
    assert tilted.grid.tilt_deg == pytest.approx(14.036, abs=1e-3)


def test_a_copy_of_a_file_is_listed_and_not_used_twice(tmp_path, plane):
    files = stack(plane, tmp_path, (0, 2))
    shutil.copy(files[0], tmp_path / "copy.dcm")
    scan = find_series(tmp_path)
    assert [len(plan.slices) for plan in scan.plans] == [2]
    assert len(scan.unreadable) == 1
    assert "copy of" in scan.unreadable[0].reason


def test_one_uid_for_two_images_is_told(tmp_path, plane):
    stack(plane, tmp_path, (0, 2), SOPInstanceUID="1.2.3.5")
    (plan,) = find_series(tmp_path).plans
    assert "duplicate-uid" in codes(plan)


def test_images_in_are_images_out(tmp_path, plane):
    stack(plane, tmp_path / "good", (0, 2, 4))
    short = plane(tmp_path / "short.dcm", (0, 0, 6))
    short.write_bytes(short.read_bytes()[:-7])
    plane(tmp_path / "nowhere.dcm", ImagePositionPatient=None)
    plane(tmp_path / "skew.dcm", ImageOrientationPatient=[1, 0, 0, 1, 0, 0])
    plane(tmp_path / "far.dcm", ImagePositionPatient=[0, 0, 1e9])
    plane(tmp_path / "no-series.dcm", (0, 0, 1), SeriesInstanceUID=None)
    plane(tmp_path / "dose.dcm", Modality="RTDOSE", SOPClassUID="1.2.840.10008.5.1.4.1.1.481.2")
    plane(tmp_path / "screenshot.dcm", SOPClassUID="1.2.840.10008.5.1.4.1.1.7", ImagePositionPatient=None)
    (tmp_path / "notes.txt").write_text("not an image")
    (tmp_path / "empty").write_bytes(b"")
    scan = find_series(tmp_path)
    assert sum(len(plan.slices) for plan in scan.plans) == 4
    reasons = {one.path.name: one.reason for one in scan.unreadable}
    assert set(reasons) == {"short.dcm", "nowhere.dcm", "skew.dcm", "far.dcm"}
    assert "truncated" in reasons["short.dcm"]
    assert "ImagePositionPatient" in reasons["nowhere.dcm"]
    assert {one.path.name for one in scan.others} == {"dose.dcm", "screenshot.dcm"}
    assert scan.ignored == 2


def test_a_localizer_is_one_with_spaces_around_its_word_too(tmp_path, plane):
    stack(plane, tmp_path, (0, 2, 4))
    plane(tmp_path / "scout", (0, 0, 6), ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER "])
    assert [len(plan.slices) for plan in find_series(tmp_path).plans] == [3, 1]


def test_a_slope_of_zero_is_told_of(tmp_path, plane):
    stack(plane, tmp_path, (0, 2), RescaleSlope=0, RescaleIntercept=-1024)
    (plan,) = find_series(tmp_path).plans
    assert [one.message for one in plan.problems if one.code == "bad-value"] == [
        "RescaleSlope is 0: every value is -1024"
    ]


def test_missing_attributes_are_told(tmp_path, plane):
    stack(plane, tmp_path, (0, 2), FrameOfReferenceUID=None, StudyInstanceUID=None)
    (plan,) = find_series(tmp_path).plans
    assert {"missing-frame-of-reference", "missing-attribute"} <= codes(plan)


def test_a_path_that_is_not_there_is_listed(tmp_path):
    scan = find_series([tmp_path / "nothing"])
    assert [one.reason for one in scan.unreadable] == ["there is no such file or folder"]


def test_a_path_that_can_not_be_one_is_listed(tmp_path):
    scan = find_series([tmp_path / ("x" * 300), tmp_path / "a\0b"])
    reasons = [one.reason for one in scan.unreadable]
    assert reasons == ["can't be opened (File name too long)", "there is no such file or folder"]


def test_a_folder_that_may_be_listed_and_not_entered_does_not_keep_others_from_being_found(
    tmp_path, plane, monkeypatch
):
    plane(tmp_path / "shut" / "1.dcm")
    good = plane(tmp_path / "open" / "1.dcm")
    shut, stat = tmp_path / "shut", pathlib.Path.stat

    def denied(path, **options):
        if shut in path.parents:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return stat(path, **options)

    monkeypatch.setattr(pathlib.Path, "stat", denied)
    scan = find_series(tmp_path)
    assert [one.path for plan in scan.plans for one in plan.slices] == [good]
    reason = "can't be opened (Permission denied)"
    assert [(one.path, one.reason) for one in scan.unreadable] == [(shut / "1.dcm", reason)]


def test_a_folder_that_goes_away_while_it_is_searched_is_listed(tmp_path, plane, monkeypatch):
    plane(tmp_path / "gone" / "1.dcm")
    good = plane(tmp_path / "there" / "1.dcm")
    before = series._searched_before

    def goes(folder, found):
        if folder.name == "gone":
            raise FileNotFoundError(errno.ENOENT, "No such file or directory", str(folder))
        return before(folder, found)

    monkeypatch.setattr(series, "_searched_before", goes)
    scan = find_series(tmp_path)
    assert [one.path for plan in scan.plans for one in plan.slices] == [good]
    assert [one.path for one in scan.unreadable] == [tmp_path / "gone"]


def test_images_that_share_a_uid_are_compared_without_reading_each_with_each(tmp_path, plane, monkeypatch):
    files = [
        plane(tmp_path / f"{n:03d}.dcm", pixels=np.full((4, 5), n, np.int16), SOPInstanceUID="1.2", InstanceNumber=1)
        for n in range(40)
    ]
    shutil.copy(files[7], tmp_path / "again.dcm")
    read, content = [], volume_plan._content
    monkeypatch.setattr(volume_plan, "_content", lambda path: read.append(path) or content(path))
    scan = find_series(tmp_path)
    assert sorted(read) == sorted([*files, tmp_path / "again.dcm"])
    assert sum(len(plan.slices) for plan in scan.plans) == 40
    assert [one.reason for one in scan.unreadable] == ["is a copy of 007.dcm, byte for byte, which is used instead"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_listed(tmp_path, plane):
    (file,) = stack(plane, tmp_path, (0,))
    file.chmod(0)
    assert "can't be opened" in find_series(tmp_path).unreadable[0].reason


def test_a_pipe_is_not_waited_for(tmp_path, plane):
    os.mkfifo(tmp_path / "pipe")
    stack(plane, tmp_path, (0,))
    scan = find_series(tmp_path)
    assert scan.ignored == 1
    assert len(scan.plans) == 1


def test_text_is_decoded_and_kept_as_written(tmp_path, plane):
    stack(plane, tmp_path, (0,), SpecificCharacterSet="ISO_IR 100", PatientName="Müller^Jörg", PatientID=" X1 ")
    (plan,) = find_series(tmp_path).plans
    assert plan.patient.name == "Müller^Jörg"
    assert plan.patient.patient_id == " X1"


def test_numbers_are_the_doubles_nearest_to_their_text(tmp_path, plane):
    stack(
        plane, tmp_path, (0,), ImagePositionPatient=["-0", "1e1", " 0.1"], RescaleSlope="0", RescaleIntercept="-1024.0"
    )
    one = find_series(tmp_path).plans[0].slices[0]
    assert struct.pack("<3d", *one.position_lps_mm) == struct.pack("<3d", -0.0, 10.0, 0.1)
    assert (one.rescale_slope, one.rescale_intercept) == (0.0, -1024.0)


def test_rescale_is_one_and_zero_when_absent_or_empty(tmp_path, plane):
    stack(plane, tmp_path, (0,), RescaleSlope="", RescaleIntercept=None)
    one = find_series(tmp_path).plans[0].slices[0]
    assert (one.rescale_slope, one.rescale_intercept) == (1.0, 0.0)


def test_series_of_several_patients_and_one_uid_get_their_own_ids(tmp_path, plane):
    stack(plane, tmp_path / "a", (0, 2))
    stack(plane, tmp_path / "b", (0, 2), PatientID="P2")
    assert [(one.volume_id, one.patient.patient_id) for one in find_series(tmp_path).plans] == [
        ("1.2.3.2", "P1"),
        ("1.2.3.2#2", "P2"),
    ]


def test_it_can_be_stopped(tmp_path, plane):
    stack(plane, tmp_path, (0, 2))

    def stop(done, total):
        raise CancelledError("stopped")

    with pytest.raises(CancelledError):
        find_series(tmp_path, stop)


def test_every_real_file_is_accounted_for(field_data):
    scan = find_series(field_data)
    files = {one.path for plan in scan.plans for one in plan.slices}
    files |= {one.path for one in scan.others} | {one.path for one in scan.unreadable} | set(scan.structure_sets)
    total = sum(1 for path in field_data.rglob("*") if path.is_file())
    assert len(files) + scan.ignored == total
    assert len(scan.structure_sets) == 14
    assert {one.path.name.split("_")[0] for one in scan.unreadable} == {"MR", "meta", "rtplan"}


@pytest.mark.parametrize(
    ("syntax", "name"),
    [
        ("1.2.840.10008.1.2.4.100", "MPEG2 Main Profile"),
        ("1.2.840.10008.1.2.4.94", "JPIP Referenced"),
        ("1.2.3", "unknown"),
    ],
)
def test_undecodable_transfer_syntaxes_are_named(tmp_path, plane, syntax, name):
    ds = pydicom.dcmread(plane(tmp_path / "a"))
    ds.compress(RLELossless)
    file = tmp_path / "a"
    ds.save_as(file)
    data = file.read_bytes()
    head = b"UI" + (len(RLELossless) + 1).to_bytes(2, "little") + RLELossless.encode() + b"\0"
    assert data.count(head) == 1
    padded = syntax.encode() + b"\0" * (len(syntax) % 2)
    file.write_bytes(data.replace(head, b"UI" + len(padded).to_bytes(2, "little") + padded))
    (unreadable,) = find_series(file).unreadable
    assert unreadable.reason.startswith(f"no decoder for its transfer syntax, {name}")
    assert syntax in unreadable.reason


def test_series_are_told_of_folder_by_folder_while_the_scan_goes_on(tmp_path, plane):
    for n in range(3):
        stack(plane, tmp_path / str(n), (0, 2, 4), SeriesInstanceUID=f"1.{n}")
    told, counts = [], []

    def found(plans):
        told.append([(one.volume_id, len(one.slices)) for one in plans])
        if len(told) == 1:  # the folder of the second series can't be read yet
            assert not any(plan.series_instance_uid == "1.1" for plan in plans)

    scan = find_series(tmp_path, lambda done, total: counts.append((done, total)), found=found)
    assert told == [[("1.0", 3)], [("1.1", 3)], [("1.2", 3)]]
    assert [(one.volume_id, len(one.slices)) for one in scan.plans] == [one for group in told for one in group]
    assert counts[-1] == (9, 9)


def test_a_series_spread_over_folders_is_told_again_when_it_has_grown(tmp_path, plane, monkeypatch):
    for n in range(4):
        stack(plane, tmp_path / str(n), (n,))
    seldom, often = [], []
    find_series(tmp_path, found=seldom.append)
    assert [len(one.slices) for (one,) in seldom] == [1]
    monkeypatch.setattr(series, "TELL_EVERY_S", -1.0)
    monkeypatch.setattr(series, "monotonic", lambda: 0.0)
    find_series(tmp_path, found=often.append)
    assert [len(one.slices) for (one,) in often] == [1, 2, 3, 4]


def test_telling_can_stop_the_scan(tmp_path, plane):
    stack(plane, tmp_path / "a", (0, 2))

    def stop(plans):
        raise CancelledError("stopped")

    with pytest.raises(CancelledError):
        find_series(tmp_path, found=stop)


def test_the_search_for_files_can_be_stopped_too(tmp_path, plane):
    stack(plane, tmp_path, (0, 2))

    def stop(done, total):
        assert (done, total) == (0, 0)
        raise CancelledError("stopped")

    with pytest.raises(CancelledError):
        find_series(tmp_path, stop)


def test_links_to_folders_are_followed_each_folder_once(tmp_path, plane):
    elsewhere, searched = tmp_path / "elsewhere", tmp_path / "a" / "searched"
    (searched / "real").mkdir(parents=True)
    elsewhere.mkdir()
    plane(searched / "real" / "1.dcm", (0, 0, 0), SeriesInstanceUID="1.2.3")
    plane(elsewhere / "2.dcm", (0, 0, 1), SeriesInstanceUID="1.2.3")
    (searched / "again").symlink_to(searched / "real")
    (searched / "linked").symlink_to(elsewhere)
    (elsewhere / "round").symlink_to(searched)
    (elsewhere / "round-too").symlink_to(elsewhere)
    (searched / "nowhere").symlink_to(tmp_path / "gone")
    scan = find_series(searched)
    (plan,) = scan.plans
    assert {one.path for one in plan.slices} == {searched / "real" / "1.dcm", searched / "linked" / "2.dcm"}
    assert (scan.unreadable, scan.problems, scan.ignored) == ((), (), 1)


def test_a_link_that_leads_up_and_out_of_what_was_named_is_told_of_and_not_followed(tmp_path, plane):
    searched = tmp_path / "a" / "b"
    searched.mkdir(parents=True)
    plane(tmp_path / "outside.dcm")
    (searched / "up").symlink_to(tmp_path)
    scan = find_series(searched)
    assert scan.plans == ()
    assert [one.code for one in scan.problems] == ["link-not-followed"]


def test_of_a_copy_in_another_folder_is_said_where_the_one_used_lies(tmp_path, plane):
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
    plane(tmp_path / "x" / "1.dcm")
    (tmp_path / "y" / "1.dcm").write_bytes((tmp_path / "x" / "1.dcm").read_bytes())
    (left_out,) = find_series(tmp_path).unreadable
    assert f"is a copy of {tmp_path / 'x' / '1.dcm'}," in left_out.reason


def test_only_what_lies_beside_its_successor_is_a_backup(tmp_path, plane):
    for z, name in enumerate(("IM~", "b", "b~", "c~~")):
        plane(tmp_path / name, (0, 0, z))
    scan = find_series(tmp_path)
    (plan,) = scan.plans
    assert ([one.path.name for one in plan.slices], scan.ignored) == (["IM~", "b", "c~~"], 1)


def test_colours_by_number_are_told_of(tmp_path, plane):
    (plan,) = find_series(plane(tmp_path / "a", PhotometricInterpretation="PALETTE COLOR")).plans
    assert "photometric" in [one.code for one in plan.problems]
