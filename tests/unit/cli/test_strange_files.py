"""What is no file isn't read: pipes would be waited for, and devices may never end."""

from __future__ import annotations

import os
import socket

import pytest

from rtvis.cli.main import main

COMMANDS = [
    ["info", "STRANGE"],
    ["digest", "STRANGE"],
    ["check", "STRANGE"],
    ["diff", "SET", "STRANGE"],
    ["stats", "STRANGE"],
    ["export", "STRANGE", "--format", "surfaces", "--out", "OUT"],
    ["stats", "SET", "--ct", "STRANGE"],
    ["history", "verify", "STRANGE"],
    ["history", "verify", "STRANGE.history"],
    ["verify", "SET", "--trust", "STRANGE"],
    ["render", "SET", "--out", "OUT.png", "--dose", "STRANGE"],
    ["build", "STRANGE", "--out", "OUT"],
    ["import", "STRANGE", "--ct", "CT", "--out", "OUT"],
    ["device", "trust", "DEVICE", "STRANGE"],
]


@pytest.fixture(params=["pipe", "socket", "device"])
def strange(request, tmp_path, monkeypatch):
    path = tmp_path / "strange.nii"
    if request.param == "pipe":
        os.mkfifo(path)
    elif request.param == "device":
        path.symlink_to("/dev/zero")
    else:
        monkeypatch.chdir(tmp_path)  # addresses of sockets are short
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(path.name)
    (tmp_path / "strange.nii.history").symlink_to(path)
    return path


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_one_line_and_no_waiting(command, strange, small_study, tmp_path, capsys):
    places = {
        "STRANGE": str(strange), "SET": str(small_study / "structure-set.dcm"), "CT": str(small_study / "ct"),
        "OUT": str(tmp_path / "out"), "DEVICE": str(tmp_path), "STRANGE.history": f"{strange}.history",
        "OUT.png": str(tmp_path / "out.png"),
    }  # fmt: skip
    assert main([places.get(word, word) for word in command]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert len(told.err.splitlines()) == 1
    assert "unexpected" not in told.err
    assert not (tmp_path / "out").exists()
