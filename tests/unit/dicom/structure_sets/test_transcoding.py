from __future__ import annotations

import warnings

import pydicom
import pytest

from rtvis.dicom.element_encoding import element, item, sequence
from rtvis.dicom.element_tree import data_set
from rtvis.dicom.encoding import EXPLICIT, EXPLICIT_BE, IMPLICIT_LE
from rtvis.dicom.rtstruct_reader import read_structure_set
from rtvis.dicom.rtstruct_writer import write_structure_set
from rtvis.dicom.transcoding import in_implicit_vr
from rtvis.model.comparison import compare
from rtvis.model.errors import UnreadableError, UsageError
from rtvis.model.structure_set import Contour, Roi

EXPLICIT_SETS = (
    "pairs/STS_001_MR_T2_oblique_MIM/1-1.dcm",
    "pairs/InnerEye_2slice/rtstruct_mod.dcm",
    "rt_without_images/brachy_OPEN_NONPLANAR/SS001_2.dcm",
    "pairs/pat_4_CERR/DCM_RS_00056.dcm",
)


@pytest.mark.parametrize("name", EXPLICIT_SETS, ids=lambda name: name.split("/")[1])
def test_real_sets_say_the_same_in_implicit_vr(name, field_data, tmp_path):
    read = read_structure_set(field_data / name)
    write_structure_set(read, tmp_path / "implicit.dcm", implicit_vr=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ours, theirs = pydicom.dcmread(tmp_path / "implicit.dcm"), pydicom.dcmread(field_data / name, force=True)
        assert ours.file_meta.TransferSyntaxUID == IMPLICIT_LE
        ours.remove_private_tags()
        theirs.remove_private_tags()
        assert ours == theirs
    assert compare(read, read_structure_set(tmp_path / "implicit.dcm")).identical


def test_changed_sets_too(structure_set, tmp_path):
    write_structure_set(structure_set, tmp_path / "a.dcm")
    read = read_structure_set(tmp_path / "a.dcm")
    changed = read.with_roi(Roi(9, "new", (Contour.drawn([[1, 2, 3]], closed=False),)))
    write_structure_set(changed, tmp_path / "b.dcm", implicit_vr=True)
    assert pydicom.dcmread(tmp_path / "b.dcm").file_meta.TransferSyntaxUID == IMPLICIT_LE
    assert compare(changed, read_structure_set(tmp_path / "b.dcm")).identical


def test_unknown_sequences_of_undefined_length_are_kept():
    inner = b"\xfe\xff\x00\xe0\x08\x00\x00\x00" + b"\x08\x00\x05\x00\x00\x00\x00\x00"
    unknown = b"\x09\x30\x01\x10UN\0\0\xff\xff\xff\xff" + inner + b"\xfe\xff\xdd\xe0\0\0\0\0"
    given = data_set(element(0x00080060, "CS", "RTSTRUCT", EXPLICIT) + unknown, EXPLICIT)
    assert in_implicit_vr(given) == (
        b"\x08\x00\x60\x00\x08\x00\x00\x00RTSTRUCT" + b"\x09\x30\x01\x10\x10\x00\x00\x00" + inner
    )


def test_what_can_not_be_turned_is_refused(structure_set, tmp_path):
    write_structure_set(structure_set, tmp_path / "a.dcm")
    peer = pydicom.dcmread(tmp_path / "a.dcm")
    peer.file_meta.TransferSyntaxUID = pydicom.uid.UID(EXPLICIT_BE)
    pydicom.dcmwrite(tmp_path / "big.dcm", peer)
    with pytest.raises(UsageError, match="big endian"):
        write_structure_set(read_structure_set(tmp_path / "big.dcm"), tmp_path / "b.dcm", implicit_vr=True)
    assert not (tmp_path / "b.dcm").exists()
    deep = b""
    for _ in range(40):
        deep = sequence(0x30060039, [item({0: deep} if deep else {}, EXPLICIT)], EXPLICIT)
    with pytest.raises(UnreadableError, match="deep"):
        in_implicit_vr(data_set(deep, EXPLICIT))
