from __future__ import annotations

import re
import shutil
import subprocess
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rtvis.dicom import rtstruct_writer
from rtvis.dicom.element_encoding import element, part_10, sequence, with_changes, wrapped
from rtvis.dicom.element_tree import read_file
from rtvis.dicom.encoding import DEFLATED_LE, EXPLICIT, EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE
from rtvis.dicom.rtstruct_reader import read_structure_set
from rtvis.dicom.rtstruct_writer import image_references, new_structure_set, write_structure_set
from rtvis.model.comparison import compare
from rtvis.model.decimal_string import round_to_ds
from rtvis.model.errors import ExportError, OutputError, UsageError
from rtvis.model.structure_set import Contour, Roi, StructureSet

REAL = (
    "pairs/InnerEye_2slice/rtstruct_mod.dcm",
    "pairs/LUNG1-002_XiO/RTSTRUCT.dcm",
    "pairs/STS_001_MR_T2_oblique_MIM/1-1.dcm",
    "pairs/STS_004_CT_MIM/RS.dcm",
    "pairs/STS_004_MR_MIM/RS.dcm",
    "pairs/STS_004_PET_MIM/RS.dcm",
    "pairs/TinyVMAT_Monaco_no_part10_header/TinyFS_StrctrSets.dcm",
    "pairs/pat_4_CERR/DCM_RS_00056.dcm",
    "pairs/phantom_Oncentra/RS1.3.6.1.4.1.2452.6.727319383.1116259385.3336283576.3074434425.dcm",
    "pairs/synthetic_lung_plastimatch/rtss.dcm",
    "rt_without_images/EclipseProstatePhantom/RS.1.2.246.352.71.4.2088656855.2404649.20110920153449.dcm",
    "rt_without_images/brachy_OPEN_NONPLANAR/SS001.dcm",
    "rt_without_images/brachy_OPEN_NONPLANAR/SS001_2.dcm",
    "broken_and_small/rtstruct.dcm",
)


def peer_read(path: Path) -> pydicom.Dataset:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the values in real files, which aren't ours
        return pydicom.dcmread(path, force=True)


def in_syntax(source: Path, target: Path, syntax: str) -> None:
    """Let pydicom write a file in another transfer syntax."""
    peer = peer_read(source)
    peer.file_meta.TransferSyntaxUID = pydicom.uid.UID(syntax)
    pydicom.dcmwrite(target, peer)


def peer_contours(path: Path) -> list[tuple[str, str, bytes]]:
    """ROI number, type and ContourData bytes of each contour, in file order, as pydicom finds them."""
    result = []
    for owner in peer_read(path).get("ROIContourSequence", []):
        for one in owner.get("ContourSequence", None) or []:
            raw = one.get_item("ContourData")
            data = b"" if raw is None else bytes(raw.value)
            result.append((str(owner.ReferencedROINumber), one.get("ContourGeometricType", ""), data))
    return result


def verifier_errors(path: Path) -> set[str]:
    """Error lines of dicom3tools' verifier."""
    if shutil.which("dciodvfy") is None:
        pytest.skip("dciodvfy (dicom3tools) is not installed")
    done = subprocess.run(["dciodvfy", path], capture_output=True, text=True, check=False, errors="replace")
    lines = (done.stdout + done.stderr).splitlines()
    return {re.sub(r"</[^>]*>", "", line) for line in lines if line.startswith("Error")}


@pytest.fixture(params=REAL, ids=lambda name: name.split("/")[1])
def real(request, field_data) -> Path:
    return field_data / request.param


def test_untouched_is_written_byte_for_byte(real, tmp_path):
    path = tmp_path / "again.dcm"
    read = read_structure_set(real)
    write_structure_set(read, path)
    assert peer_contours(path) == peer_contours(real)
    ours, theirs = read_file(path).dataset, read_file(real).dataset
    assert ours.buffer[ours.start : ours.end] == theirs.buffer[theirs.start : theirs.end]
    assert compare(read, read_structure_set(path)).identical


@pytest.mark.parametrize("name", [one for one in REAL if "LUNG1" not in one and "Eclipse" not in one][::3])
def test_untouched_has_no_new_error(name, field_data, tmp_path):
    path = tmp_path / "again.dcm"
    write_structure_set(read_structure_set(field_data / name), path)
    assert verifier_errors(path) <= verifier_errors(field_data / name)


def test_edited_keeps_all_that_nobody_touched(real, tmp_path):
    path = tmp_path / "edited.dcm"
    read = read_structure_set(real)
    first = read.rois[0]
    drawn = Contour.drawn([[0, 0, 0], [10, 0, 0.125], [10, 10, 1]], closed=True)
    changed = read.with_roi(replace(first, color=(1, 2, 3)).with_contour(drawn))
    frame = read.frame_of_reference_uid or "1.2.3"
    extra = Roi(read.next_number(), "Ünderneath", (drawn,), (9, 8, 7), "PTV", "MANUAL", frame)
    if read_file(real).dataset.ascii(0x00080005) not in {"", "ISO_IR 100", "ISO_IR 192"}:
        extra = replace(extra, name="under")
    changed = changed.with_roi(extra)
    notes = write_structure_set(changed, path)
    before, after = peer_contours(real), peer_contours(path)
    added = (b"0\\0\\0\\10\\0\\0.125\\10\\10\\1", b"0\\0\\0\\10\\0\\0.125\\10\\10\\1 ")
    assert [one for one in after if one[2] not in added] == before
    assert len(after) == len(before) + 2
    again = read_structure_set(path)
    assert compare(changed, again).identical
    assert again.sop_instance_uid != read.sop_instance_uid
    assert again.series_instance_uid not in {read.series_instance_uid, *read.referenced_series_uids}
    old, new = peer_read(real), peer_read(path)
    assert new.ContributingEquipmentSequence[-1].PurposeOfReferenceCodeSequence[0].CodeValue == "109103"
    for one in old:  # top level: what wasn't meant to change didn't
        if one.tag.group not in {0x3006, 0x300E} and one.keyword not in {
            *("SOPInstanceUID", "SeriesInstanceUID", "SpecificCharacterSet"),
            *("InstanceCreationDate", "InstanceCreationTime", "ContributingEquipmentSequence"),
        }:
            assert new[one.tag] == one
    assert len(new.StructureSetROISequence) == len(old.StructureSetROISequence) + 1
    assert list(new.StructureSetROISequence)[:-1] == list(old.StructureSetROISequence)
    assert "approval-withdrawn" in [one.code for one in notes] or new.get("ApprovalStatus") == old.get("ApprovalStatus")
    assert verifier_errors(path) <= verifier_errors(real)


def test_made_sets_are_whole_and_verified(structure_set, volume, tmp_path):
    path = tmp_path / "made.dcm"
    write_structure_set(structure_set, path)
    read = peer_read(path)
    assert read.file_meta.TransferSyntaxUID == EXPLICIT_LE
    assert (str(read.PatientName), read.PatientID, read.PatientSex) == ("Müller^Jörg", "ID 7", "M")
    assert read.StudyInstanceUID == volume.study_instance_uid
    assert read.SeriesInstanceUID != volume.series_instance_uid
    for keyword in (
        *("StudyDate", "AccessionNumber", "Modality", "SeriesNumber", "OperatorsName", "Manufacturer"),
        *("StructureSetLabel", "StructureSetDate", "StructureSetTime", "SOPClassUID", "SpecificCharacterSet"),
    ):
        assert keyword in read
    frame = read.ReferencedFrameOfReferenceSequence[0]
    series = frame.RTReferencedStudySequence[0].RTReferencedSeriesSequence[0]
    assert series.SeriesInstanceUID == volume.series_instance_uid
    assert [one.ReferencedSOPInstanceUID for one in series.ContourImageSequence] == [
        one.sop_instance_uid for one in volume.slices
    ]
    assert {one.ReferencedFrameOfReferenceUID for one in read.StructureSetROISequence} == {
        volume.frame_of_reference_uid
    }
    contours = read.ROIContourSequence[0].ContourSequence
    assert [len(one.ContourImageSequence) for one in contours] == [1, 1, 4]
    assert contours[0].ContourImageSequence[0].ReferencedSOPInstanceUID == volume.slices[1].sop_instance_uid
    errors = verifier_errors(path)
    assert {one for one in errors if "XOR" not in one} == set()


def test_made_sets_come_back_the_same(structure_set, tmp_path):
    path = tmp_path / "made.dcm"
    assert write_structure_set(structure_set, path) == []
    read = read_structure_set(path)
    assert read.problems == ()
    assert compare(structure_set, read).identical
    assert read.label == "Plan A"
    assert read.patient == structure_set.patient


coordinate = st.floats(-500, 500).map(lambda value: float(round_to_ds(value)))
points = st.lists(st.tuples(coordinate, coordinate, coordinate), min_size=3, max_size=8)
names = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="\\"), min_size=1, max_size=20)


@st.composite
def contours(draw):
    kind = draw(st.sampled_from(["POINT", "OPEN_PLANAR", "OPEN_NONPLANAR", "CLOSED_PLANAR", "CLOSEDPLANAR_XOR"]))
    array = np.array(draw(points))
    if kind == "POINT":
        return Contour(array[:1], kind)
    if kind != "OPEN_NONPLANAR":
        array[:, 2] = array[0, 2]
    if "CLOSED" in kind and np.array_equal(array[0], array[-1]):
        array[0, 0] += 1
    return Contour(array, kind)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(names, st.lists(contours(), max_size=4)), min_size=1, max_size=4, unique_by=lambda one: one[0])
)
def test_generated_sets_round_trip(tmp_path, rois):
    made = StructureSet(
        "generated",
        tuple(Roi(n * 3 + 1, name, tuple(drawn), (n, 2, 3)) for n, (name, drawn) in enumerate(rois)),
        frame_of_reference_uid="1.2.3",
    )
    path = tmp_path / "generated.dcm"
    write_structure_set(made, path, overwrite=True)
    read = read_structure_set(path)
    assert compare(made, read).identical
    write_structure_set(read, tmp_path / "again.dcm", overwrite=True)
    assert peer_contours(tmp_path / "again.dcm") == peer_contours(path)


attributes = st.one_of(
    st.tuples(st.sampled_from([0x00091001, 0x30091010, 0x30FF1002]), st.just("LO"), names),
    st.tuples(st.sampled_from([0x00091003, 0x300910F0]), st.just("OB"), st.binary(min_size=1, max_size=9)),
    st.tuples(st.sampled_from([0x30060826, 0x3006FFF0]), st.just("UN"), st.binary(min_size=1, max_size=9)),
    st.tuples(st.just(0x30060038), st.just("LO"), names),  # ROIDescription and the like: known, but not ours
)


def with_attributes(added):
    """Elements with one tag each, as an item's changes."""
    found = {}
    for tag, vr, value in added:
        found[tag] = element(tag, vr, value.encode() if isinstance(value, str) else value, EXPLICIT)
    return found


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(contours(), min_size=1, max_size=3),
    st.lists(attributes, max_size=4),
    st.lists(attributes, max_size=4),
    st.lists(attributes, max_size=4),
)
def test_attributes_of_others_survive_any_edit_beside_them(tmp_path, drawn, of_set, of_roi, of_contour):
    made = StructureSet("generated", (Roi(1, "one", tuple(drawn)),), frame_of_reference_uid="1.2.3")
    write_structure_set(made, tmp_path / "made.dcm", overwrite=True)
    old = read_file(tmp_path / "made.dcm").dataset
    (owner,) = old.items(0x30060039)
    inner = [wrapped(with_changes(one, with_attributes(of_contour)), EXPLICIT) for one in owner.items(0x30060040)]
    owner_changes = {**with_attributes(of_roi), 0x30060040: sequence(0x30060040, inner, EXPLICIT)}
    changed_owner = wrapped(with_changes(owner, owner_changes), EXPLICIT)
    changes = {**with_attributes(of_set), 0x30060039: sequence(0x30060039, [changed_owner], EXPLICIT)}
    data = with_changes(old, changes)
    whole = part_10(data, sop_class_uid="1.2", sop_instance_uid="1.3", transfer_syntax_uid=EXPLICIT_LE)
    (tmp_path / "foreign.dcm").write_bytes(whole)
    read = read_structure_set(tmp_path / "foreign.dcm")
    point = Contour.drawn([[1, 2, 3]], closed=False)
    renamed = replace(read.rois[0].with_contour(point), color=(7, 7, 7), interpreted_type="ORGAN")
    write_structure_set(replace(read, label="edited").with_roi(renamed), tmp_path / "edited.dcm", overwrite=True)
    again = read_file(tmp_path / "edited.dcm").dataset
    (owner,) = again.items(0x30060039)
    for place, added in (
        (again, of_set),
        (owner, of_roi),
        *((one, of_contour) for one in owner.items(0x30060040)[:-1]),
    ):
        for tag, data in with_attributes(added).items():
            element = place.elements[tag]
            assert place.buffer[element.start : element.end] == data
    assert [one.raw for one in owner.items(0x30060040)[:-1]] == inner


@pytest.mark.parametrize("syntax", [IMPLICIT_LE, EXPLICIT_LE, EXPLICIT_BE, DEFLATED_LE])
def test_an_edit_keeps_the_transfer_syntax(syntax, structure_set, tmp_path):
    explicit = tmp_path / "made.dcm"
    write_structure_set(structure_set, explicit)
    if syntax in {IMPLICIT_LE, EXPLICIT_BE}:  # pydicom, as a peer, changes the encoding
        in_syntax(explicit, tmp_path / "source.dcm", syntax)
    else:
        made = read_file(explicit).dataset
        data = made.buffer[made.start : made.end]
        whole = part_10(data, sop_class_uid="1.2", sop_instance_uid="1.3", transfer_syntax_uid=syntax)
        (tmp_path / "source.dcm").write_bytes(whole)
    read = read_structure_set(tmp_path / "source.dcm")
    changed = read.with_roi(replace(read.roi(2), name="Nadel ö", interpreted_type="CONTROL"))
    write_structure_set(changed, tmp_path / "edited.dcm")
    again = read_structure_set(tmp_path / "edited.dcm")
    assert peer_read(tmp_path / "edited.dcm").file_meta.TransferSyntaxUID == syntax
    assert compare(changed, again).identical
    assert peer_contours(tmp_path / "edited.dcm") == peer_contours(tmp_path / "source.dcm")


def test_rois_deleted_and_contours_removed_are_gone_and_nothing_else(structure_set, tmp_path):
    write_structure_set(structure_set, tmp_path / "a.dcm")
    read = read_structure_set(tmp_path / "a.dcm")
    changed = read.without_roi(3).with_roi(read.roi(2).without_contour(1))
    write_structure_set(changed, tmp_path / "b.dcm")
    again = peer_read(tmp_path / "b.dcm")
    assert [one.ROINumber for one in again.StructureSetROISequence] == [1, 2]
    assert [one.ReferencedROINumber for one in again.RTROIObservationsSequence] == [1, 2]
    kept = [one for n, one in enumerate(peer_contours(tmp_path / "a.dcm")) if n != 4 and one[0] != "3"]
    assert peer_contours(tmp_path / "b.dcm") == kept


def test_private_attributes_survive_an_edit_of_their_contour(structure_set, tmp_path):
    write_structure_set(structure_set, tmp_path / "a.dcm")
    peer = peer_read(tmp_path / "a.dcm")
    block = peer.ROIContourSequence[0].ContourSequence[0].private_block(0x3007, "MAKER", create=True)
    block.add_new(1, "LO", "kept")
    peer.private_block(0x0009, "MAKER", create=True).add_new(2, "OB", b"\1\2\3\4")
    peer.save_as(tmp_path / "b.dcm")
    read = read_structure_set(tmp_path / "b.dcm")
    first = read.roi(1)
    moved = replace(first.contours[0], points_lps=np.add(first.contours[0].points_lps, [0.5, 0, 0]))
    changed = read.with_roi(replace(first, contours=(moved, *first.contours[1:])))
    write_structure_set(changed, tmp_path / "c.dcm")
    again = peer_read(tmp_path / "c.dcm")
    assert again[0x0009, 0x1002].value == b"\1\2\3\4"
    assert again.ROIContourSequence[0].ContourSequence[0][0x3007, 0x1001].value == "kept"
    assert compare(changed, read_structure_set(tmp_path / "c.dcm")).identical


def test_a_copied_roi_and_contours_of_another_file(structure_set, tmp_path):
    write_structure_set(structure_set, tmp_path / "a.dcm")
    read = read_structure_set(tmp_path / "a.dcm")
    in_syntax(tmp_path / "a.dcm", tmp_path / "implicit.dcm", IMPLICIT_LE)
    other = read_structure_set(tmp_path / "implicit.dcm")
    changed = read.with_roi(replace(read.roi(1), number=11, name="copy"))
    changed = changed.with_roi(replace(other.roi(2), number=12, name="from the other file"))
    notes = write_structure_set(changed, tmp_path / "b.dcm")
    assert compare(changed, read_structure_set(tmp_path / "b.dcm")).identical
    assert {one.code for one in notes} == {"contour-attributes-left-out"}
    again = peer_contours(tmp_path / "b.dcm")
    assert [data for number, _, data in again if number == "11"] == [data for number, _, data in again if number == "1"]
    assert [data for number, _, data in again if number == "12"] == [data for number, _, data in again if number == "2"]


def test_sequences_kept_as_un_are_edited_in_their_own_encoding(structure_set, tmp_path):
    write_structure_set(structure_set, tmp_path / "a.dcm")
    in_syntax(tmp_path / "a.dcm", tmp_path / "implicit.dcm", IMPLICIT_LE)
    implicit, explicit = read_file(tmp_path / "implicit.dcm").dataset, read_file(tmp_path / "a.dcm").dataset
    unknown = sequence(0x30060039, [one.raw for one in implicit.items(0x30060039)], EXPLICIT, vr="UN")
    data = with_changes(explicit, {0x30060039: unknown})
    whole = part_10(data, sop_class_uid="1.2", sop_instance_uid="1.3", transfer_syntax_uid=EXPLICIT_LE)
    (tmp_path / "un.dcm").write_bytes(whole)
    read = read_structure_set(tmp_path / "un.dcm")
    assert compare(structure_set, read).identical
    changed = read.with_roi(read.roi(1).with_contour(Contour.drawn([[1, 2, 3]], closed=False)))
    notes = write_structure_set(changed, tmp_path / "b.dcm")
    assert "contour-attributes-left-out" not in [one.code for one in notes]
    assert compare(changed, read_structure_set(tmp_path / "b.dcm")).identical
    assert peer_contours(tmp_path / "b.dcm")[:3] == peer_contours(tmp_path / "a.dcm")[:3]


def test_signatures_go_when_something_changed_and_stay_otherwise(structure_set, tmp_path):
    write_structure_set(structure_set, tmp_path / "a.dcm")
    read = read_file(tmp_path / "a.dcm").dataset
    signature = sequence(0xFFFAFFFA, [], EXPLICIT)
    data = with_changes(read, {0xFFFAFFFA: signature})
    whole = part_10(data, sop_class_uid="1.2", sop_instance_uid="1.3", transfer_syntax_uid=EXPLICIT_LE)
    (tmp_path / "signed.dcm").write_bytes(whole)
    signed = read_structure_set(tmp_path / "signed.dcm")
    write_structure_set(signed, tmp_path / "b.dcm")
    assert 0xFFFAFFFA in read_file(tmp_path / "b.dcm").dataset.elements
    notes = write_structure_set(replace(signed, label="changed"), tmp_path / "c.dcm")
    assert 0xFFFAFFFA not in read_file(tmp_path / "c.dcm").dataset.elements
    assert "signatures-removed" in [one.code for one in notes]


def test_long_contour_data_is_un_in_explicit_vr_and_told(volume, tmp_path):
    turn = np.linspace(0, 6.28, 3000, endpoint=False)
    circle = np.column_stack([20 * np.cos(turn), 20 * np.sin(turn), np.zeros_like(turn)])
    made = new_structure_set(volume).with_roi(Roi(1, "circle", (Contour.drawn(circle, closed=True),)))
    notes = write_structure_set(made, tmp_path / "long.dcm")
    assert [one.code for one in notes] == ["contour-data-too-long"]
    read = read_structure_set(tmp_path / "long.dcm")
    assert compare(made, read).identical
    peer = peer_read(tmp_path / "long.dcm").ROIContourSequence[0].ContourSequence[0]
    assert peer["ContourData"].VR == "UN"
    assert len(peer.ContourData.split(b"\\")) == 9000


def faults(structure_set):
    errors, _ = rtstruct_writer.check_export(structure_set)
    return {one.code for one in errors}


@pytest.mark.parametrize(
    ("roi", "code"),
    [
        (Roi(9, "needle"), "roi-name-doubled"),
        (Roi(9, "n" * 65), "roi-name-unfit"),
        (Roi(9, "a\\b"), "roi-name-unfit"),
        (Roi(9, "a", interpreted_type="organ"), "interpreted-type-unfit"),
        (Roi(9, "a", (Contour(np.eye(3)[:2], "CLOSED_PLANAR"),)), "too-few-points"),
        (Roi(9, "a", (Contour(np.zeros((2, 3)), "POINT"),)), "too-many-points"),
        (Roi(9, "a", (Contour(np.zeros((3, 3)), "SPLINE"),)), "unknown-geometric-type"),
        (Roi(9, "a", (Contour(np.eye(3)[[0, 1, 2, 0]], "CLOSED_PLANAR"),)), "first-point-repeated"),
        (Roi(9, "a", (Contour(np.vstack([np.eye(3), np.zeros(3)]), "CLOSED_PLANAR"),)), "not-coplanar"),
        (Roi(9, "a", (Contour(np.full((3, 3), np.nan), "OPEN_NONPLANAR"),)), "not-finite"),
        (Roi(9, "a", color=(256, 0, 0)), "bad-color"),
    ],
)
def test_what_was_made_against_the_standard_is_not_written(structure_set, tmp_path, roi, code):
    path = tmp_path / "no.dcm"
    bad = structure_set.with_roi(roi)
    assert faults(bad) == {code}
    with pytest.raises(ExportError, match="not written"):
        write_structure_set(bad, path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("label", ["", "seventeen letters"])
def test_labels_must_fit(structure_set, label):
    assert faults(replace(structure_set, label=label)) & {"label-missing", "label-unfit"}


def test_a_set_without_rois_or_frame_of_reference_is_not_written(volume, structure_set):
    assert faults(new_structure_set(volume)) == {"no-rois"}
    bare = replace(structure_set, frame_of_reference_uid="", volume=None)
    assert faults(bare) == {"frame-of-reference-missing"}


def test_faults_of_untouched_contours_only_warn(field_data):
    read = read_structure_set(field_data / "pairs" / "LUNG1-002_XiO" / "RTSTRUCT.dcm")
    errors, found = rtstruct_writer.check_export(read)
    assert errors == []
    assert sum(one.code == "first-point-repeated" for one in found) == 778
    long = read_structure_set(field_data / "rt_without_images" / "brachy_OPEN_NONPLANAR" / "SS001.dcm")
    assert sum(one.code == "ds-too-long" for one in rtstruct_writer.check_export(long)[1]) == 213


def test_existing_files_and_impossible_places(structure_set, tmp_path):
    path = tmp_path / "here.dcm"
    path.write_bytes(b"precious")
    with pytest.raises(UsageError, match="already exists"):
        write_structure_set(structure_set, path)
    assert path.read_bytes() == b"precious"
    with pytest.raises(OutputError, match="can't be written"):
        write_structure_set(structure_set, path / "below" / "a.dcm")
    write_structure_set(structure_set, path, overwrite=True)
    assert list(tmp_path.iterdir()) == [path]


def test_what_can_not_be_proved_is_not_written(structure_set, tmp_path, monkeypatch):
    whole = rtstruct_writer.encoded

    def one_digit_off(given, revision, **options):
        data, notes = whole(given, revision, **options)
        at = data.index(element(0x30060050, "DS", b"", EXPLICIT)[:6]) + 10
        return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :], notes

    monkeypatch.setattr(rtstruct_writer, "encoded", one_digit_off)
    with pytest.raises(OutputError, match="would be written differently"):
        write_structure_set(structure_set, tmp_path / "a.dcm")
    assert list(tmp_path.iterdir()) == []


def test_a_name_the_character_set_can_not_carry(structure_set, tmp_path):
    write_structure_set(structure_set, tmp_path / "a.dcm")
    peer = peer_read(tmp_path / "a.dcm")
    peer.SpecificCharacterSet = "ISO_IR 100"
    peer.StructureSetROISequence[0].ROIName = "latin ü"
    peer.save_as(tmp_path / "latin.dcm")
    read = read_structure_set(tmp_path / "latin.dcm")
    with pytest.raises(ExportError, match="ISO_IR 100"):
        write_structure_set(read.with_roi(replace(read.roi(2), name="肺")), tmp_path / "b.dcm")
    assert not (tmp_path / "b.dcm").exists()


def test_images_a_contour_lies_on(volume, volume_maker):
    def uids(references):
        return [one.sop_instance_uid for one in references]

    at = volume.grid.to_patient
    assert uids(image_references(at([[1, 1, 2]]), volume)) == ["1.2.826.0.1.5.3"]
    assert uids(image_references(at([[1, 1, 2.4], [9, 9, 1.6]]), volume)) == ["1.2.826.0.1.5.3"]
    assert uids(image_references(at([[1, 1, 0.8], [9, 9, 3.2]]), volume)) == [f"1.2.826.0.1.5.{n}" for n in (2, 3, 4)]
    assert uids(image_references(at([[1, 1, 9]]), volume)) == ["1.2.826.0.1.5.5"]
    assert image_references(np.empty((0, 3)), volume) == ()
    oblique = volume_maker(orientation=(1.0, 0.0, 0.0, 0.0, 0.8, 0.6))
    assert uids(image_references(oblique.grid.to_patient([[0, 0, 3], [19, 11, 3]]), oblique)) == ["1.2.826.0.1.5.4"]


def test_images_without_a_frame_of_reference_get_one(volume_maker, tmp_path):
    made = new_structure_set(volume_maker(frame=""))
    assert made.frame_of_reference_uid.startswith("2.25.")
    assert [one.code for one in made.problems] == ["frame-of-reference-made-up"]
    write_structure_set(made.with_roi(Roi(1, "empty")), tmp_path / "a.dcm")
    assert read_structure_set(tmp_path / "a.dcm").roi(1).frame_of_reference_uid == made.frame_of_reference_uid


def test_study_attributes_that_fit_no_vr_are_left_empty(small_study, tmp_path):
    from rtvis.dicom.series import find_series

    shutil.copytree(small_study / "ct", tmp_path / "ct")
    for path in (tmp_path / "ct").iterdir():
        peer = peer_read(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            peer.StudyID, peer.StudyDate, peer.AccessionNumber = "RTSTUDY" * 3, "2004.01.19", "A 17"
            peer.save_as(path)
    volume = find_series(tmp_path / "ct").plans[0]
    made = new_structure_set(volume, "A").with_roi(Roi(1, "empty"))
    notes = write_structure_set(made, tmp_path / "made.dcm")
    assert [one.code for one in notes] == ["image-attribute-unfit"] * 2
    peer = peer_read(tmp_path / "made.dcm")
    assert (peer.StudyID, peer.StudyDate, peer.AccessionNumber) == ("", "", "A 17")
    assert verifier_errors(tmp_path / "made.dcm") == set()
