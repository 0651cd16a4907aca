from __future__ import annotations

import os
import threading
import zlib
from contextlib import suppress

import pydicom
import pytest
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian

from rtvis.dicom import inflating, reading
from rtvis.dicom.reading import inflated_at, read_header, scan_header
from rtvis.model.errors import UnreadableError


def inflated_dataset(file):
    with file.open("rb") as handle:
        return inflated_at(handle, file).read(1 << 20)


@pytest.mark.parametrize("data", [b"", b"x", b"\x89PNG\r\n\x1a\n" + b"\0" * 300, b"plain text " * 40, b"\0" * 500])
def test_what_is_not_dicom_is_no_error(tmp_path, data):
    file = tmp_path / "file"
    file.write_bytes(data)
    assert scan_header(file) is None
    with pytest.raises(UnreadableError, match="isn't a DICOM file"):
        read_header(file)


def test_a_pipe_is_refused_and_nobody_who_writes_to_it_awaited(tmp_path):
    pipe, errors = tmp_path / "pipe", []
    os.mkfifo(pipe)

    def scan():
        try:
            scan_header(pipe)
        except UnreadableError as error:
            errors.append(error)

    thread = threading.Thread(target=scan)
    thread.start()
    thread.join(10)
    waits = thread.is_alive()
    if waits:
        os.close(os.open(pipe, os.O_WRONLY))
        thread.join()
    assert not waits
    assert [one.path for one in errors] == [pipe]


def test_a_preamble_without_a_dataset_is_unreadable(tmp_path):
    file = tmp_path / "file"
    file.write_bytes(b"\0" * 128 + b"DICM")
    with pytest.raises(UnreadableError):
        scan_header(file)


def test_a_header_longer_than_the_first_windows_is_read_to_its_end(tmp_path, plane):
    for size in (1 << 16, (1 << 20) + 7):
        file = plane(tmp_path / str(size), ImageComments="c" * 100, DoubleFloatRealWorldValueIntercept=None)
        ds = pydicom.dcmread(file)
        ds.add_new(0x00091001, "OB", b"\1" * (size + size % 2))
        ds.save_as(file)
        header = scan_header(file)
        assert header is not None
        assert header.pixels is not None
        assert header.elements.plain(0x0020000E) == "1.2.3.2"


def test_a_window_that_ends_between_two_elements_is_not_the_end(tmp_path, plane, monkeypatch):
    file = plane(tmp_path / "a")
    header = scan_header(file)
    assert header is not None
    _, offset, length = header.elements.table[0x00280010]
    end = offset + length
    monkeypatch.setattr(reading, "_WINDOWS", (end,))
    again = scan_header(file)
    assert again is not None
    assert again.pixels == header.pixels


def test_reading_a_header_leaves_the_pixels(tmp_path, plane):
    ds = read_header(plane(tmp_path / "a"))
    assert ds.PatientName == "Doe^Jane"
    assert ds.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert "PixelData" not in ds


def test_a_deflated_file_made_to_fill_the_memory_is_refused(tmp_path, plane, monkeypatch):
    file = plane(tmp_path / "a", syntax=DeflatedExplicitVRLittleEndian)
    assert inflated_dataset(file).startswith(b"\x08\x00")
    monkeypatch.setattr(inflating, "MAX_INFLATED", 100)
    with pytest.raises(UnreadableError, match="inflates to more"):
        scan_header(file)


def test_a_deflated_file_cut_short_is_truncated(tmp_path, plane):
    file = plane(tmp_path / "a", syntax=DeflatedExplicitVRLittleEndian)
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(UnreadableError, match="truncated"):
        scan_header(file)


def test_damaged_deflation_is_named(tmp_path, plane):
    file = plane(tmp_path / "a", syntax=DeflatedExplicitVRLittleEndian)
    data = file.read_bytes()
    start = data.index(zlib.compress(inflated_dataset(file), wbits=-15)[:4])
    file.write_bytes(data[:start] + b"\xff" * 20 + data[start + 20 :])
    with pytest.raises(UnreadableError, match="damaged"):
        scan_header(file)


def test_pydicoms_warnings_do_not_escape(field_data):
    for path in sorted((field_data / "broken_and_small").iterdir()):
        with suppress(UnreadableError):
            read_header(path)
