from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtvis.dicom import rtstruct_origin as tags
from rtvis.dicom.contour_data import parse_points
from rtvis.dicom.element_encoding import element, item, sequence
from rtvis.dicom.element_tree import parse_file
from rtvis.dicom.encoding import EXPLICIT, UNCOMPRESSED
from rtvis.dicom.rtstruct_reader import read_structure_set, structure_set_of
from rtvis.dicom.rtstruct_writer import write_structure_set
from rtvis.model.errors import InputError, UnreadableError
from rtvis.model.structure_set import Contour, Roi

finite = st.floats(-1e307, 1e307)
formats = st.sampled_from(["{!r}", "{:.3f}", "{:+.2e}", " {!r}", "{!r}  ", "{:E}"])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(finite, finite, finite), min_size=1, max_size=20), formats, st.sampled_from(["", " ", "\0"]))
def test_each_number_is_the_double_nearest_to_its_text(points, form, padding):
    texts = [form.format(value) for point in points for value in point]
    read, wrong = parse_points(("\\".join(texts) + padding).encode())
    assert wrong == ""
    assert np.array_equal(read.ravel(), [float(text) for text in texts])
    assert not read.flags.writeable


@pytest.mark.parametrize(
    ("data", "count", "wrong"),
    [
        (b"", 0, "empty"),
        (b"  \0", 0, "empty"),
        (b"1\\2\\abc", 0, "no number"),
        (b"1\\2\\nan", 0, "no number"),
        (b"1\\2\\0x10", 0, "no number"),
        (b"1 2\\3\\4", 0, "no number"),
        (b"1\\\\2", 0, "no number"),
        (b"1\\2\\3\\", 0, "empty value"),
        (b"1\\2\\1e400", 0, "too large"),
        (b"1\\2\\3\\4", 1, "multiple of three"),
        (b"1\\2", 0, "multiple of three"),
        (b".5\\-1.\\+2E+02", 1, ""),
        (b"1\\2\\--3", 0, "no number"),
    ],
)
def test_unusable_contour_data(data, count, wrong):
    points, said = parse_points(data)
    assert points.shape == (count, 3)
    assert wrong in said
    assert bool(wrong) == bool(said)


class Made:
    """A bare RTSTRUCT data set made of the items given."""

    def __init__(self, encoding=EXPLICIT, character_set="ISO_IR 100"):
        self.encoding = encoding
        self.rois, self.contours, self.observations = [], [], []
        self.character_set = character_set

    def item(self, values):
        return item({tag: element(tag, vr, value, self.encoding) for tag, vr, value in values}, self.encoding)

    def roi(self, number, name=b"name"):
        values = [(tags.ROI_NAME, "LO", name), (tags.REFERENCED_FRAME_OF_REFERENCE_UID, "UI", "1.2.9")]
        self.rois.append(self.item(values + ([(tags.ROI_NUMBER, "IS", str(number))] if number is not None else [])))
        return self

    def contour(self, number, *data, kind="CLOSED_PLANAR", color="1\\2\\3"):
        inner = [self.item([(tags.CONTOUR_GEOMETRIC_TYPE, "CS", kind), (tags.CONTOUR_DATA, "DS", one)]) for one in data]
        parts = {
            tags.CONTOUR_SEQUENCE: sequence(tags.CONTOUR_SEQUENCE, inner, self.encoding),
            tags.ROI_DISPLAY_COLOR: element(tags.ROI_DISPLAY_COLOR, "IS", color, self.encoding),
        }
        if number is not None:
            named = element(tags.REFERENCED_ROI_NUMBER, "IS", str(number), self.encoding)
            parts[tags.REFERENCED_ROI_NUMBER] = named
        self.contours.append(item(parts, self.encoding))
        return self

    def observation(self, number, kind):
        named = (tags.REFERENCED_ROI_NUMBER, "IS", str(number))
        self.observations.append(self.item([named, (tags.RT_ROI_INTERPRETED_TYPE, "CS", kind)]))
        return self

    def data(self):
        parts = [
            element(tags.SPECIFIC_CHARACTER_SET, "CS", self.character_set, self.encoding),
            element(tags.SOP_CLASS_UID, "UI", tags.RT_STRUCTURE_SET, self.encoding),
            element(tags.STRUCTURE_SET_LABEL, "SH", "label", self.encoding),
        ]
        for tag, items in (
            (tags.STRUCTURE_SET_ROI_SEQUENCE, self.rois),
            (tags.ROI_CONTOUR_SEQUENCE, self.contours),
            (tags.RT_ROI_OBSERVATIONS_SEQUENCE, self.observations),
        ):
            if items:
                parts.append(sequence(tag, items, self.encoding))
        return b"".join(parts)

    def read(self):
        return structure_set_of(parse_file(self.data()))


def codes(structure_set):
    return [one.code for one in structure_set.problems]


@pytest.mark.parametrize("encoding", sorted(set(UNCOMPRESSED.values())))
def test_three_sequences_are_joined_by_number(encoding):
    made = Made(encoding).roi(5, b"f\xfcnf").roi(2).contour(5, "1\\2\\3").contour(2, "4\\5\\6", "7\\8\\9")
    read = made.observation(2, "PTV").observation(5, "ORGAN").observation(2, "CTV").read()
    assert [(one.number, one.interpreted_type, len(one.contours)) for one in read.rois] == [
        (5, "ORGAN", 1),
        (2, "PTV", 2),
    ]
    assert read.rois[0].name == "fünf"
    assert read.rois[0].color == (1, 2, 3)
    assert read.frame_of_reference_uid == "1.2.9"
    assert set(codes(read)) == {"point-count-differs"}


def test_missing_doubled_and_disordered_items_are_told_and_kept():
    made = Made().roi(1, b"one").roi(1, b"again").roi(None, b"none").roi(4, b"four").roi(5, b"five")
    made.contour(5, "1\\2\\3").contour(4, "1\\2\\3").contour(1, "1\\2\\3").contour(1, "4\\5\\6").contour(77, "7\\8\\9")
    made.contour(None, "1\\1\\1").observation(66, "ORGAN")
    read = made.read()
    assert sorted(one.name for one in read.rois if one.name) == ["again", "five", "four", "none", "one"]
    assert len({one.number for one in read.rois}) == len(read.rois) == 7
    assert read.roi(1).contours[1].points_lps.tolist() == [[4, 5, 6]]
    assert read.roi(77).contours[0].points_lps.tolist() == [[7, 8, 9]]
    assert read.contour_count == 6
    assert {
        "roi-number-doubled",
        "roi-number-missing",
        "roi-item-missing",
        "roi-contours-doubled",
        "roi-order-differs",
        "observation-of-nothing",
    } <= set(codes(read))


def test_odd_files_can_be_edited_and_keep_their_oddities(tmp_path):
    made = Made().roi(1, b"one").roi(1, b"again").roi(None, b"none").roi(4, b"four")
    made.contour(4, "1\\2\\3").contour(1, "1\\2\\3").contour(1, "text").contour(77, "7\\8\\9 ").contour(None, "1\\1\\1")
    made.observation(66, "ORGAN")
    (tmp_path / "odd.dcm").write_bytes(made.data())
    read = read_structure_set(tmp_path / "odd.dcm")
    point = Contour.drawn([[1, 2, 3]], closed=False)
    changed = read.with_roi(Roi(read.next_number(), "new", (point,), frame_of_reference_uid="1.2.9"))
    for name in ("again", "none", ""):
        roi = next(one for one in changed.rois if one.name == name)
        changed = changed.with_roi(roi.with_contour(point))
    write_structure_set(changed, tmp_path / "edited.dcm")
    again = read_structure_set(tmp_path / "edited.dcm")
    assert again.contour_count == read.contour_count + 4
    assert again.roi(4).contours[0].points_lps.tolist() == [[1, 2, 3]]
    assert len(again.rois) == len(read.rois) + 1
    assert "observation-of-nothing" in codes(again)
    data = (tmp_path / "edited.dcm").read_bytes()
    assert b"text" in data
    assert b"7\\8\\9 " in data


def test_a_flood_of_faults_is_refused():
    odd = Made().item([(tags.CONTOUR_DATA, "DS", "x")])
    made = Made().roi(1)
    named = element(tags.REFERENCED_ROI_NUMBER, "IS", "1", EXPLICIT)
    contours = sequence(tags.CONTOUR_SEQUENCE, [odd * 60_000], EXPLICIT)
    made.contours.append(item({tags.REFERENCED_ROI_NUMBER: named, tags.CONTOUR_SEQUENCE: contours}, EXPLICIT))
    with pytest.raises(UnreadableError, match="more than 50000 faults"):
        made.read()


def test_unusable_contours_stay_with_their_place():
    read = Made().roi(1).contour(1, "1\\2\\3", "text", "1\\2\\3\\4", kind="").read()
    assert [len(one.points_lps) for one in read.rois[0].contours] == [1, 0, 1]
    bad = [(one.roi, one.contour) for one in read.problems if one.code == "bad-contour-data"]
    assert bad == [(1, 1), (1, 2)]
    assert codes(read).count("geometric-type-missing") == 3


@pytest.mark.parametrize("color", ["1\\2", "a\\b\\c", "300\\0\\0"])
def test_unusable_colors_are_told(color):
    read = Made().roi(1).contour(1, "1\\2\\3", color=color).read()
    assert read.rois[0].color is None
    assert "bad-color" in codes(read)


def test_an_unknown_character_set_is_told():
    assert "unknown-character-set" in codes(Made(character_set="KLINGON").roi(1, b"a\xff").read())


def test_not_a_structure_set(tmp_path):
    path = tmp_path / "plan.dcm"
    path.write_bytes(element(0x00080016, "UI", "1.2.3", EXPLICIT) + element(0x00080060, "CS", "RTPLAN", EXPLICIT))
    with pytest.raises(InputError, match=r"plan\.dcm: is not an RT Structure Set but RTPLAN"):
        read_structure_set(path)
    with pytest.raises(InputError, match="can't be read"):
        read_structure_set(tmp_path / "nothing.dcm")
    with pytest.raises(InputError, match="is a folder; name a file in it"):
        read_structure_set(tmp_path)


def test_truncated_real_file(field_data, tmp_path):
    data = (field_data / "broken_and_small" / "rtstruct.dcm").read_bytes()
    path = tmp_path / "cut.dcm"
    path.write_bytes(data[: len(data) - 700])
    with pytest.raises(UnreadableError, match=r"cut\.dcm: is truncated"):
        read_structure_set(path)


def test_known_counts_of_real_files(field_data):
    read = read_structure_set(field_data / "pairs" / "LUNG1-002_XiO" / "RTSTRUCT.dcm")
    points = sum(one.point_count for one in read.rois)
    assert (len(read.rois), read.contour_count, points) == (16, 784, 177_005)
    assert sum(one.contour_counts.get("POINT", 0) for one in read.rois) == 6
    brachy = read_structure_set(field_data / "rt_without_images" / "brachy_OPEN_NONPLANAR" / "SS001_2.dcm")
    assert sum(one.contour_counts.get("OPEN_NONPLANAR", 0) for one in brachy.rois) == 14


def test_an_roi_without_an_observation_is_told_of():
    read = Made().roi(1).roi(2).contour(1, "1\\2\\3").contour(2, "1\\2\\3").observation(2, "PTV").read()
    assert [one.roi for one in read.problems if one.code == "observation-missing"] == [1]
