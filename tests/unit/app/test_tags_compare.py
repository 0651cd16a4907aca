"""Two objects compared: what differs is told at its place, at any depth, and nothing else is."""

from __future__ import annotations

import copy

import pydicom
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from rtvis.app.tags import read_tags, without_patient
from rtvis.app.tags_compare import Change, compare, flattened, found, pairs_text
from rtvis.model.progress import CancelledError


def numbered(keyword, number, **attributes):
    item = Dataset()
    setattr(item, keyword, number)
    for name, value in attributes.items():
        setattr(item, name, value)
    return item


def contour(*numbers):
    item = Dataset()
    item.ContourGeometricType = "POINT"
    item.ContourData = [str(one) for one in numbers]
    return item


@pytest.fixture
def dataset():
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.481.3"
    made.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    made.PatientName = "Doe^Jo"
    made.StructureSetLabel = "PLAN"
    made.StructureSetROISequence = [
        numbered("ROINumber", n, ROIName=name) for n, name in ((1, "Heart"), (2, "Lung"), (3, "Cord"))
    ]
    made.ROIContourSequence = [
        numbered("ReferencedROINumber", n, ContourSequence=[contour(1, 2, n), contour(4, 5, n)]) for n in (1, 2, 3)
    ]
    made.private_block(0x3007, "ACME 1.0", create=True).add_new(0x01, "LO", "treasure")
    return made


@pytest.fixture
def tags(tmp_path):
    """Function that gives the tags of a data set as of its file."""

    def read(dataset, name="one.dcm", **options):
        path = tmp_path / name
        dataset.save_as(path, enforce_file_format=True, **options)
        return read_tags(path)

    return read


def told(pairs):
    return [
        (pair.change, pair.title.split("  ")[0], *(node and node.value for node in (pair.one, pair.other)))
        for _, pair in flattened(pairs, differences_only=True)
        if not pair.has_children
    ]


def test_an_object_is_the_same_as_itself_in_any_encoding(dataset, tags):
    one = tags(dataset)
    dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    other = tags(dataset, "other.dcm")
    assert told(compare(one, one)) == []
    differing = told(compare(one, other))
    assert {title for _, title, *_ in differing} <= {"(0002,0000)", "(0002,0010)"}  # the encoding itself
    everything = [pair.title for _, pair in flattened(compare(one, one), differences_only=False)]
    assert everything.count("(3006,0050)  Contour Data") == 6


def test_what_was_added_removed_and_changed_is_told_at_its_place(dataset, tags):
    one = tags(dataset)
    del dataset.StructureSetLabel
    dataset.StructureSetName = "new"
    dataset.ROIContourSequence[1].ContourSequence[1].ContourData = ["4", "5", "7"]
    pairs = compare(one, tags(dataset, "other.dcm"))
    assert told(pairs) == [
        (Change.REMOVED, "(3006,0002)", "PLAN", None),
        (Change.ADDED, "(3006,0004)", None, "new"),
        (Change.CHANGED, "(3006,0050)", "4\\5\\2", "4\\5\\7"),
    ]
    way = [(depth, pair.title) for depth, pair in flattened(pairs, differences_only=True)][2:]
    assert way == [
        (0, "(3006,0039)  ROI Contour Sequence"),
        (1, "Item 2  ROI 2"),
        (2, "(3006,0040)  Contour Sequence"),
        (3, "Item 2"),
        (4, "(3006,0050)  Contour Data"),
    ]


def test_numbers_differ_as_they_are_written_and_blanks_at_their_end_do_not_matter(dataset, tags):
    dataset.SliceThickness = "3.0"
    one = tags(dataset)
    dataset.SliceThickness = "3.00"
    dataset.StructureSetLabel = "PLAN "
    assert told(compare(one, tags(dataset, "other.dcm"))) == [(Change.CHANGED, "(0018,0050)", "3.0", "3.00")]


@pytest.mark.parametrize("by_number", [False, True])
def test_rois_in_another_order_differ_by_place_and_not_by_number(dataset, tags, by_number):
    one = tags(dataset)
    changed = copy.deepcopy(dataset)
    for sequence in (changed.StructureSetROISequence, changed.ROIContourSequence):
        sequence.insert(0, sequence.pop())
    differing = told(compare(one, tags(changed, "other.dcm"), by_number=by_number))
    assert (differing == []) is by_number
    if not by_number:
        assert (Change.CHANGED, "(3006,0026)", "Heart", "Cord") in differing


def test_an_roi_that_is_gone_is_one_removed_item_when_matched_by_number(dataset, tags):
    one = tags(dataset)
    del dataset.StructureSetROISequence[0]
    dataset.StructureSetROISequence.append(numbered("ROINumber", 9, ROIName="Eye"))
    pairs = compare(one, tags(dataset, "other.dcm"), by_number=True)
    (sequence,) = [pair for pair in pairs if pair.node.tag == "(3006,0020)"]
    assert [(pair.change, pair.title) for pair in sequence.children()] == [
        (Change.REMOVED, "Item 1  ROI 1 Heart"),
        (Change.SAME, "Item 2 | Item 1  ROI 2 Lung"),
        (Change.SAME, "Item 3 | Item 2  ROI 3 Cord"),
        (Change.ADDED, "Item 3  ROI 9 Eye"),
    ]
    removed = next(sequence.children())
    assert [(part.change, part.node.value) for part in removed.children()] == [
        (Change.REMOVED, "1"),
        (Change.REMOVED, "Heart"),
    ]


def test_two_items_of_one_number_are_matched_in_turn(dataset, tags):
    dataset.StructureSetROISequence[1].ROINumber = 1
    one = tags(dataset)
    assert told(compare(one, tags(dataset, "other.dcm"), by_number=True)) == []


def test_another_vr_is_a_change_and_one_that_is_not_told_is_none(dataset, tags):
    one = tags(dataset)
    other = copy.deepcopy(dataset)
    other[0x30071001].VR = "UN"
    other[0x30071001].value = b"treasure"
    assert told(compare(one, tags(other, "other.dcm"))) == []
    other = copy.deepcopy(dataset)
    other[0x30071001].VR = "SH"
    assert [what[1] for what in told(compare(one, tags(other, "third.dcm")))] == ["(3007,1001)"]


def test_search_finds_either_value_and_the_word_for_the_change(dataset, tags):
    one = tags(dataset)
    dataset.StructureSetLabel = "OTHER"
    dataset.PatientName = "Roe^Ann"
    pairs = compare(one, tags(dataset, "other.dcm"))

    def titles(text, *, differences_only=True, shown=lambda node: node, most=10):
        hits = found(pairs, text, differences_only=differences_only, shown=shown, most=most)
        return [pair.title for pair in hits]

    assert titles("plan") == titles("other") == ["(3006,0002)  Structure Set Label"]
    assert titles("heart") == []
    assert titles("heart", differences_only=False) == ["Item 1  ROI 1 Heart", "(3006,0026)  ROI Name"]
    assert titles("changed") == ["(0010,0010)  Patient's Name", "(3006,0002)  Structure Set Label"]
    assert titles("roe") == ["(0010,0010)  Patient's Name"]
    assert titles("roe", shown=without_patient) == []
    assert len(titles("contour data", differences_only=False, most=4)) == 4


def test_the_text_has_whole_values_and_keeps_the_patient_out(dataset, tags):
    one = tags(dataset)
    dataset.ROIContourSequence[0].ContourSequence[0].ContourData = [str(n) for n in range(300)]
    dataset.PatientName = "Roe^Ann"
    text = pairs_text(compare(one, tags(dataset, "other.dcm")), differences_only=True, shown=without_patient)
    lines = text.split("\n")
    assert lines[0] == "changed\t(0010,0010)  Patient's Name\thidden\thidden"
    assert lines[-1] == "        changed\t(3006,0050)  Contour Data\t1\\2\\1\t" + "\\".join(map(str, range(300)))


def test_nothing_in_a_sequence_of_the_patient_is_seen_while_that_is_hidden(dataset, tags):
    """Elements of other groups in it tell of the patient as well."""
    code = Dataset()
    code.CodeMeaning = "Greyhound"
    dataset.PatientBreedCodeSequence = [code]
    one = tags(dataset)
    dataset.PatientBreedCodeSequence[0].CodeMeaning = "Wolfhound"
    pairs = compare(one, tags(dataset, "other.dcm"))
    titles = [pair.title for _, pair in flattened(pairs, differences_only=True)]
    assert titles == ["(0010,2293)  Patient Breed Code Sequence", "Item 1", "(0008,0104)  Code Meaning"]
    hidden = list(flattened(pairs, differences_only=True, shown=without_patient))
    assert [pair.title for _, pair in hidden] == titles[:1]
    assert not list(hidden[0][1].children())
    assert "Wolfhound" not in pairs_text(pairs, differences_only=True, shown=without_patient)


def test_comparing_stops_when_it_is_told_to(dataset, tags):
    one = tags(dataset)

    def stop(done, _total):
        if done > 3:
            raise CancelledError("stopped")

    with pytest.raises(CancelledError):
        compare(one, one, report=stop)


def test_real_structure_sets_differ_from_themselves_only_where_they_were_changed(field_data, tmp_path):
    path = field_data / "pairs" / "LUNG1-002_XiO" / "RTSTRUCT.dcm"
    dataset = pydicom.dcmread(path)
    dataset.StructureSetLabel = "CHANGED"
    dataset.save_as(tmp_path / "other.dcm")
    differing = told(compare(read_tags(path), read_tags(tmp_path / "other.dcm")))
    assert [what[1] for what in differing if not what[1].startswith("(0002")] == ["(3006,0002)"]
