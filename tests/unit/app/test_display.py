"""A display counts only when somebody answers for it."""

from __future__ import annotations

import socket

import pytest

from rtvis.app import display
from rtvis.cli.main import main
from rtvis.model.errors import UsageError


@pytest.fixture
def _bare(monkeypatch, tmp_path) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr(display, "X11_SOCKETS", tmp_path)
    monkeypatch.setattr("sys.platform", "linux")


def _listener(path) -> socket.socket:
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    server.bind(str(path))
    server.listen(1)
    return server


@pytest.mark.usefixtures("_bare")
def test_without_a_name_there_is_none() -> None:
    assert not display.has_display()
    with pytest.raises(UsageError, match="there is no display"):
        display.require_display()


@pytest.mark.usefixtures("_bare")
@pytest.mark.parametrize("name", [":7", ":7.0", "unix:7"])
def test_a_dead_x_display_is_none_and_a_live_one_is_one(name, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("DISPLAY", name)
    assert not display.has_display()
    with pytest.raises(UsageError, match="nobody answers"):
        display.require_display()
    with _listener(tmp_path / "X7"):
        assert display.has_display()
        display.require_display()


@pytest.mark.usefixtures("_bare")
def test_wayland_is_found_in_its_folder_and_x_is_the_second_choice(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert not display.has_display()
    with _listener(tmp_path / "wayland-0"):
        assert display.has_display()
    monkeypatch.setenv("DISPLAY", ":3")
    with _listener(tmp_path / "X3"):
        assert display.has_display()


@pytest.mark.usefixtures("_bare")
def test_another_machines_display_is_left_to_qt(monkeypatch) -> None:
    monkeypatch.setenv("DISPLAY", "localhost:10.0")
    assert display.has_display()


@pytest.mark.usefixtures("_bare")
def test_view_without_a_display_is_one_line(monkeypatch, capsys) -> None:
    monkeypatch.setenv("DISPLAY", ":4321")
    assert main(["view"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
