"""The demo's study: whole, or nothing of it."""

from __future__ import annotations

import tempfile

import pytest

from rtvis.gui.demo_study import make_demo_study
from rtvis.model.errors import OutputError
from rtvis.model.progress import CancelledError


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_stopped_it_leaves_no_folder(tmp_path, monkeypatch, share):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def report(done, total):
        if done >= share * total:
            raise CancelledError("stopped")

    with pytest.raises(CancelledError):
        make_demo_study(report)
    assert list(tmp_path.iterdir()) == []


def test_where_no_temporary_folder_can_be_written_it_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(OutputError, match="TMPDIR"):
        make_demo_study(lambda _done, _total: None)
