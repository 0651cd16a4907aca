"""Signing and verifying that are stopped leave nothing half-done, and can be begun anew."""

from __future__ import annotations

import numpy as np
import pytest

from rtvis.app.signing import sign_paths
from rtvis.app.verifying import verify_paths
from rtvis.dicom.construct import write_series
from rtvis.geometry.grid import Grid
from rtvis.integrity.identity import create_identity, load_identity
from rtvis.model.errors import UsageError
from rtvis.model.progress import CancelledError

SLICES = 6


@pytest.fixture(scope="module")
def series(tmp_path_factory):
    folder = tmp_path_factory.mktemp("series")
    grid = Grid.from_slices(np.outer(np.arange(float(SLICES)), [0, 0, 3]), [1, 0, 0, 0, 1, 0], [1.0, 1.0], (16, 16))
    write_series(np.zeros((SLICES, 16, 16), np.int16), grid, folder)
    return folder


@pytest.fixture(scope="module")
def identity(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ada") / "ada"
    create_identity("Ada", folder, "a good passphrase", key_type="ec")
    return load_identity(folder, "a good passphrase")


def stopped_at(number):
    """A report that stops at its `number`th call."""
    calls = 0

    def report(_done, _total):
        nonlocal calls
        calls += 1
        if calls == number:
            raise CancelledError("stopped")

    return report


def calls_of(work):
    count = 0

    def report(_done, _total):
        nonlocal count
        count += 1

    work(report)
    return count


def test_signing_that_is_stopped_anywhere_leaves_no_copies_and_can_be_begun_anew(series, identity, tmp_path):
    count = calls_of(lambda report: sign_paths([series], identity, out=tmp_path / "whole", report=report))
    assert count > SLICES  # it can be stopped while folders are looked through, too
    out = tmp_path / "far" / "signed"
    for number in range(1, count + 1):
        with pytest.raises(CancelledError):
            sign_paths([series], identity, out=out, report=stopped_at(number))
        assert not out.parent.exists(), number
    assert len(sign_paths([series], identity, out=out).files) == SLICES


def test_what_was_in_the_folder_before_stays(series, identity, tmp_path):
    notes = tmp_path / "signed" / "notes.txt"
    notes.parent.mkdir()
    notes.write_text("mine")
    count = calls_of(lambda report: sign_paths([series], identity, out=tmp_path / "whole", report=report))
    with pytest.raises(CancelledError):
        sign_paths([series], identity, out=notes.parent, report=stopped_at(count))
    assert [one.name for one in notes.parent.iterdir()] == ["notes.txt"]


def test_a_file_that_somebody_else_puts_there_meanwhile_is_not_taken_away(series, identity, tmp_path):
    out = tmp_path / "signed"
    names = sorted(one.name for one in series.iterdir())

    def report(_done, _total):
        if out.exists():
            (out / names[-1]).write_text("somebody else's")

    with pytest.raises(UsageError, match="exists"):
        sign_paths([series], identity, out=out, report=report)
    assert [one.read_text() for one in out.iterdir()] == ["somebody else's"]


def test_verifying_can_be_stopped_while_it_scans_checks_and_reads(series):
    count = calls_of(lambda report: verify_paths([series], report=report))
    assert count >= 2 * SLICES
    for number in range(1, count + 1):
        with pytest.raises(CancelledError):
            verify_paths([series], report=stopped_at(number))
