from __future__ import annotations

import random
from dataclasses import replace

import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian, RLELossless

from rtvis.dicom.header_layouts import REMEMBERED, HeaderLayouts
from rtvis.dicom.reading import scan_header
from rtvis.model.errors import UnreadableError


def said(header):
    """All that a header says, without the bytes it lies in."""
    if header is None:
        return None

    def told(elements):
        if elements is None:
            return None
        values = {tag: elements.raw(tag) for tag in elements.table}
        return values, elements.table, elements.pixels, elements.end, elements.charset, elements.encoding

    return replace(header, meta=None, elements=None), told(header.meta), told(header.elements)


def scanned(file, layouts=None):
    try:
        return said(scan_header(file, layouts))
    except UnreadableError as error:
        return error.what


@pytest.fixture
def walks(monkeypatch):
    """Paths that were walked through, not recognised."""
    from rtvis.dicom import reading

    walked, whole = [], reading._parse
    monkeypatch.setattr(reading, "_parse", lambda path, *rest: walked.append(path) or whole(path, *rest))
    return walked


@pytest.mark.parametrize(
    "syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian], ids=lambda one: one.name
)
def test_a_series_is_walked_through_once_for_each_layout(tmp_path, plane, walks, syntax):
    files = [
        plane(tmp_path / f"{z:02d}", (0, 0, z), syntax=syntax, SOPInstanceUID=f"1.2.{100 + z}", InstanceNumber=z)
        for z in range(30)
    ]
    layouts = HeaderLayouts()
    found = [scanned(file, layouts) for file in files]
    assert len(walks) <= 4  # numbers of one and two digits make two layouts
    assert found == [scanned(file) for file in files]
    assert len({one[2][0][0x00200032] for one in found}) == 30


def test_what_decides_how_to_go_on_is_not_taken_over(tmp_path, plane):
    base = {"SOPInstanceUID": "1.2.3", "InstanceNumber": 1, "SpecificCharacterSet": "ISO_IR 100", "PatientName": "Ä"}
    files = [
        plane(tmp_path / "first", **base),
        plane(tmp_path / "charset", **(base | {"SpecificCharacterSet": "ISO_IR 101"})),
        plane(tmp_path / "class", **(base | {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.4"})),
        plane(tmp_path / "modality", **(base | {"Modality": "MR"})),
    ]
    layouts = HeaderLayouts()
    assert [scanned(file, layouts) for file in files] == [scanned(file) for file in files]


def sequence(uid: str, *, undefined: bool) -> Sequence:
    item = Dataset()
    item.ReferencedSOPInstanceUID = uid
    item.is_undefined_length_sequence_item = undefined
    found = Sequence([item])
    found.is_undefined_length = undefined
    return found


@pytest.mark.parametrize("undefined", [False, True])
def test_sequences_are_read_from_the_file_itself(tmp_path, plane, walks, undefined):
    files = []
    for n, uid in enumerate(("1.2.34", "1.2.35", "1.2.345678")):
        file = plane(tmp_path / str(n), SOPInstanceUID="1.2.3", InstanceNumber=1)
        ds = pydicom.dcmread(file)
        ds.ReferencedImageSequence = sequence(uid, undefined=undefined)
        ds["ReferencedImageSequence"].is_undefined_length = undefined
        ds.save_as(file)
        files.append(file)
    layouts = HeaderLayouts()
    for file, uid in zip(files, ("1.2.34", "1.2.35", "1.2.345678"), strict=True):
        (item,) = scan_header(file, layouts).elements.items(0x00081140)
        assert item.plain(0x00081155) == uid
    assert len(walks) == (3 if undefined else 2)


def test_altered_files_are_found_as_without_layouts(tmp_path, plane):
    """Whatever byte changes, and wherever a file ends: what is recognised is what would have been found."""
    rng = random.Random(8)
    whole = plane(tmp_path / "good").read_bytes()
    compressed = pydicom.dcmread(tmp_path / "good")
    compressed.compress(RLELossless)
    compressed.save_as(tmp_path / "compressed")
    file = tmp_path / "altered"
    for source in (whole, (tmp_path / "compressed").read_bytes()):
        for n in range(400):
            layouts = HeaderLayouts()
            file.write_bytes(source)
            scan_header(file, layouts)
            data = bytearray(source)
            for _ in range(rng.choice((0, 1, 1, 2, 5))):
                data[rng.randrange(len(data))] = rng.randrange(256)
            if n % 3 == 0:
                del data[rng.randrange(len(data)) :]
            file.write_bytes(data)
            assert scanned(file, layouts) == scanned(file), n


def test_no_more_layouts_are_kept_than_a_series_needs(tmp_path, plane):
    layouts = HeaderLayouts()
    for n in range(3 * REMEMBERED):
        scan_header(plane(tmp_path / str(n), ImageComments="x" * 2 * n), layouts)
    assert len(layouts._layouts) == REMEMBERED
