"""The front door: help, usage errors, exit statuses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from rtvis.cli import program
from rtvis.cli.main import main
from rtvis.cli.program import COMMANDS, join_negative_numbers
from rtvis.model.errors import CheckFailedError, UsageError


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    text = capsys.readouterr().out
    assert ended.value.code == 0
    assert f"usage: rtvis {command}" in text
    if command != "identity":
        assert "example:" in text


def test_without_a_command_the_help_is_shown_and_status_is_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    streams = capsys.readouterr()
    assert streams.out == ""
    assert "commands:" in streams.err


@pytest.mark.parametrize(
    ("error", "status"),
    [(UsageError("is odd", path="x.dcm", remedy="mend it"), 2), (CheckFailedError("does not hold"), 1)],
)
def test_an_error_is_one_line_on_stderr(error, status, monkeypatch, capsys) -> None:
    def fail(_options):
        raise error

    monkeypatch.setattr("rtvis.cli.info.run", fail)
    assert main(["info", "x"]) == status
    streams = capsys.readouterr()
    assert streams.out == ""
    assert streams.err.splitlines() == [f"rtvis info: {error}"]


@pytest.mark.parametrize("command", [["check"], ["stats"], ["identity", "create", "me", "--out"]])
def test_a_name_that_is_too_long_is_said_to_be(command, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("RTVIS_PASSPHRASE", "secret")
    assert main([*command, str(tmp_path / ("n" * 300))]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "name too long" in line
    assert "unexpected" not in line


def test_an_unexpected_error_is_one_line_too_and_a_traceback_only_with_debug(monkeypatch, capsys) -> None:
    def fail(_options):
        raise ZeroDivisionError("oh")

    monkeypatch.setattr("rtvis.cli.info.run", fail)
    assert main(["info", "x"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    with pytest.raises(ZeroDivisionError):
        main(["info", "x", "--debug"])


def test_a_point_with_a_leading_minus_is_a_value() -> None:
    arguments = join_negative_numbers(["render", "p", "--at", "-1,2,-3", "--out", "o.png"])
    options = program.build_parser().parse_args(arguments)
    assert options.at == (-1.0, 2.0, -3.0)
    arguments = join_negative_numbers(["build", "i.npy", "--spacing", "-1,2,3"])
    assert arguments[-1] == "--spacing=-1,2,3"


@pytest.mark.parametrize("text", ["1,2", "1,2,x", "nan,0,0", "1,2,3,4", ""])
def test_a_point_that_is_none_is_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["render", "p", "--at", text, "--out", "o.png"])
    assert ended.value.code == 2
    assert "a point must be 3 numbers" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["info"],
        ["render", "p", "--out", "o.png", "--size", "1x1"],
        ["sign", "p", "--identity", "i", "--mac", "crc32"],
        ["info", "p", "--nonsense"],
        ["nonsense"],
    ],
)
def test_a_wrong_command_line_gets_one_line_that_names_the_help(arguments, capsys) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    streams = capsys.readouterr()
    assert ended.value.code == 2
    assert streams.out == ""
    assert len(streams.err.splitlines()) == 1
    assert "--help'" in streams.err


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["info", ""], "an argument is empty"),
        (["sign", "p", "--identity", "i", "--out", ""], "the value of --out is empty"),
        (["render", "p", "--out="], "the value of --out is empty"),
    ],
)
def test_an_empty_argument_is_not_the_current_folder(arguments, named, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    streams = capsys.readouterr()
    assert ended.value.code == 2
    assert named in streams.err
    assert list(tmp_path.iterdir()) == []


def _program(*arguments: str, encoding: str = "utf-8", at_once: str = "", **streams):
    environment = {
        **os.environ,
        "PYTHONIOENCODING": encoding,
        "PYTHONUNBUFFERED": at_once,
        "RTVIS_PASSPHRASE": "for the tests",
    }
    command = [sys.executable, "-m", "rtvis", *arguments]
    return subprocess.run(command, env=environment, check=False, timeout=60, **streams)


def test_a_full_device_behind_stdout_gets_one_line(tmp_path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = _program("device", "init", str(tmp_path / "d"), "--name", "D", stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 2
    assert b"stdout can't be written" in done.stderr
    assert b"unexpected" not in done.stderr


def test_a_closed_stdout_is_no_fault_of_the_program(tmp_path) -> None:
    script = f'exec "{sys.executable}" -m rtvis device init "{tmp_path / "d"}" --name D >&-'
    environment = {**os.environ, "RTVIS_PASSPHRASE": "for the tests"}
    done = subprocess.run(["sh", "-c", script], env=environment, check=False, timeout=60, stderr=subprocess.PIPE)
    assert b"unexpected" not in done.stderr
    assert done.returncode == 0


def _with_deserted(stream: str, *arguments: str, **more) -> subprocess.CompletedProcess[bytes]:
    """Run the program with one stream a pipe whose reader has gone before the program begins."""
    reader, writer = os.pipe()
    os.close(reader)
    other = "stderr" if stream == "stdout" else "stdout"
    try:
        return _program(*arguments, **{stream: writer, other: subprocess.PIPE}, **more)
    finally:
        os.close(writer)


@pytest.mark.parametrize("at_once", ["", "1"])
@pytest.mark.parametrize(
    "rest", [["info", "{study}"], ["info", "{study}", "--json"], ["--version"], ["info", "--help"]]
)
def test_a_reader_of_the_output_who_leaves_ends_the_program_as_a_broken_pipe_does(rest, at_once, small_study) -> None:
    done = _with_deserted("stdout", *(one.format(study=small_study) for one in rest), at_once=at_once)
    assert done.stderr == b""
    assert done.returncode == 141


def test_what_holds_is_not_what_a_reader_who_left_is_told(small_study) -> None:
    done = _with_deserted("stdout", "verify", str(small_study))  # unsigned: 1 for a reader who stays
    assert (done.returncode, done.stderr) == (141, b"")


def test_a_reader_of_messages_who_leaves_changes_neither_result_nor_status(small_study, tmp_path) -> None:
    cut = tmp_path / "cut.dcm"
    cut.write_bytes((small_study / "structure-set.dcm").read_bytes()[:-4])
    told = _with_deserted("stderr", "digest", str(small_study), str(cut), "--json")
    assert len(json.loads(told.stdout)["volumes"]) == 1
    assert told.returncode == 0
    assert _with_deserted("stderr", "info", str(tmp_path / "none")).returncode == 2
    assert _with_deserted("stderr", "nonsense").returncode == 2
    assert _with_deserted("stderr").returncode == 2


INTERRUPTED = """
import os, signal, sys, time
from rtvis.cli import info, main
from rtvis.dicom.files import written_whole
def run(options):
    with written_whole(options.paths[0]) as handle:
        handle.write(b"half")
        os.kill(os.getpid(), getattr(signal, sys.argv.pop()))
        time.sleep(60)
info.run = run
sys.exit(main.main())
"""


@pytest.mark.parametrize(("name", "status"), [("SIGINT", 130), ("SIGTERM", -15), ("SIGHUP", -1)])
def test_a_command_that_is_told_to_end_leaves_nothing_half_written(name, status, tmp_path) -> None:
    command = [sys.executable, "-c", INTERRUPTED.replace("sys.argv.pop()", repr(name)), "info", str(tmp_path / "o.dcm")]
    done = subprocess.run(command, check=False, timeout=50, capture_output=True)
    assert done.returncode == status
    assert list(tmp_path.iterdir()) == []
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_what_the_caller_wants_ignored_stays_ignored(name, tmp_path) -> None:
    """As after `nohup`, and as jobs in the background of a shell ignore Ctrl-C."""
    code = INTERRUPTED.replace("sys.argv.pop()", repr(name)).replace("time.sleep(60)", "pass\n    return 0")
    code = f"import signal; signal.signal(signal.{name}, signal.SIG_IGN)\n{code}"
    command = [sys.executable, "-c", code, "info", str(tmp_path / "o.dcm")]
    done = subprocess.run(command, check=False, timeout=50, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
    assert (tmp_path / "o.dcm").read_bytes() == b"half"


def test_the_first_process_of_a_container_which_its_own_signals_do_not_end_ends_as_well(tmp_path) -> None:
    code = INTERRUPTED.replace("sys.argv.pop()", "'SIGTERM'").replace(
        "os.kill(os.getpid()", "kill, os.kill = os.kill, lambda *_: None; kill(os.getpid()"
    )
    command = [sys.executable, "-c", code, "info", str(tmp_path / "o.dcm")]
    done = subprocess.run(command, check=False, timeout=50, capture_output=True)
    assert (done.returncode, done.stderr) == (143, b"")
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_while_compiled_modules_are_imported_ends_the_program_at_once(tmp_path) -> None:
    (tmp_path / "slow.py").write_text("import os, signal, time; os.kill(os.getpid(), signal.SIGINT); time.sleep(60)")
    code = (
        "import sys; from rtvis.cli import info, main; info.run = lambda _: __import__('slow'); sys.exit(main.main())"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-c", code, "info", "x"]
    done = subprocess.run(command, env=environment, check=False, timeout=50, capture_output=True)
    assert (done.returncode, done.stderr) == (130, b"rtvis: interrupted\n")


def test_messages_do_not_go_to_stdout_where_stderr_is_closed(small_study, tmp_path) -> None:
    cut = tmp_path / "cut.dcm"
    cut.write_bytes((small_study / "structure-set.dcm").read_bytes()[:-4])
    script = f'exec "{sys.executable}" -m rtvis digest "{small_study}" "{cut}" 2>&- <&-'
    done = subprocess.run(["sh", "-c", script], check=False, timeout=60, stdout=subprocess.PIPE)
    assert b"unreadable" not in done.stdout
    assert len(done.stdout.splitlines()) == 2


@pytest.mark.parametrize("at_once", ["", "1"])
def test_help_to_a_full_device_is_not_done(at_once) -> None:
    with Path("/dev/full").open("wb") as full:
        done = _program("--help", at_once=at_once, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1


def test_messages_hold_nothing_that_a_terminal_obeys(small_study, tmp_path, capsys) -> None:
    odd = tmp_path / "a\x1b[31m\nnot signed: b.dcm"
    odd.write_bytes((small_study / "structure-set.dcm").read_bytes()[:-4])
    assert main(["digest", str(small_study), str(odd)]) == 0
    (line,) = capsys.readouterr().err.splitlines()
    assert "\x1b" not in line


@pytest.mark.parametrize("encoding", ["utf-8:strict", "ascii"])
def test_every_file_name_can_be_printed(encoding, tmp_path) -> None:
    whole, cut = tmp_path / "whole.npy", os.fsdecode(os.fsencode(tmp_path) + b"/name-\xff-\xc3\x9c.dcm")
    np.save(whole, np.zeros((2, 4, 4), np.int16))
    built = _program("build", str(whole), "--out", str(tmp_path / "ct"), "--spacing", "1,1,1", stdout=subprocess.PIPE)
    assert built.returncode == 0
    Path(cut).write_bytes((tmp_path / "ct" / "CT_0001.dcm").read_bytes()[:-4])

    both = (str(tmp_path / "ct" / "CT_0002.dcm"), cut)
    as_json = _program("info", *both, "--json", encoding=encoding, stdout=subprocess.PIPE)
    assert as_json.returncode == 0
    assert [one["path"] for one in json.loads(as_json.stdout.decode("utf-8"))["unreadable"]] == [cut]

    as_text = _program("info", *both, encoding=encoding, stdout=subprocess.PIPE)
    assert as_text.returncode == 0
    assert b"unreadable: " in as_text.stdout

    alone = _program("info", cut, encoding=encoding, stderr=subprocess.PIPE)
    assert alone.returncode == 2
    assert b"unexpected" not in alone.stderr


def test_a_path_that_is_not_there_gets_one_line(tmp_path, capsys) -> None:
    assert main(["info", str(tmp_path / "none")]) == 2
    streams = capsys.readouterr()
    assert streams.out == ""
    assert str(tmp_path / "none") in streams.err
    assert len(streams.err.splitlines()) == 1


def test_a_folder_without_dicom_gets_one_line_and_json_stays_empty(tmp_path, capsys) -> None:
    (tmp_path / "notes.txt").write_text("no image here")
    assert main(["info", str(tmp_path), "--json"]) == 2
    streams = capsys.readouterr()
    assert streams.out == ""
    assert "no DICOM" in streams.err
    assert len(streams.err.splitlines()) == 1


def test_importing_rtvis_and_its_help_load_neither_qt_nor_vtk_nor_numpy_heavyweights() -> None:
    code = (
        "import sys, json, rtvis, rtvis.cli.program as m; m.build_parser();"
        "print(json.dumps([n for n in ('vtkmodules','pyvista','qtpy','PyQt5','pydicom','scipy') if n in sys.modules]))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(found.stdout) == []


def test_the_facade_gives_every_name_it_lists() -> None:
    import rtvis

    for name in rtvis.__all__:
        assert getattr(rtvis, name) is not None
    assert rtvis.__version__
    with pytest.raises(AttributeError):
        rtvis.nothing_of_the_kind  # noqa: B018


def test_what_cannot_be_opened_is_not_called_damaged(tmp_path, capsys) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert main(["info", str(tmp_path / "pipe")]) == 2
    message = capsys.readouterr().err
    assert "isn't a file or a folder" in message
    assert "intact" not in message


def test_a_remedy_is_not_given_twice(tmp_path, capsys) -> None:
    np.save(tmp_path / "whole.npy", np.zeros((1, 4, 4), np.int16))
    assert main(["build", str(tmp_path / "whole.npy"), "--out", str(tmp_path / "ct"), "--spacing", "1,1,1"]) == 0
    (cut,) = (tmp_path / "ct").iterdir()
    cut.write_bytes(cut.read_bytes()[:-4])
    capsys.readouterr()
    assert main(["info", str(cut)]) == 2
    message = capsys.readouterr().err
    assert "is truncated" in message
    assert message.count(";") == 1


def test_ctrl_c_while_the_program_is_being_loaded_is_one_line() -> None:
    loading = (
        "import sys, os, signal\n"
        "class Find:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'argparse': os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Find())\n"
        "from rtvis.cli.main import main\n"
        "sys.exit(main())"
    )
    done = subprocess.run([sys.executable, "-c", loading, "info", "x"], check=False, timeout=50, capture_output=True)
    assert (done.returncode, done.stderr) == (130, b"rtvis: interrupted\n")


def test_little_is_loaded_before_ctrl_c_is_one_line() -> None:
    """What is loaded before, an interrupt ends in a traceback of Python's own."""
    code = "import sys; before = set(sys.modules); import rtvis.cli.main; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], check=True, timeout=50, capture_output=True, text=True)
    assert done.stdout.split() == ["__future__", "rtvis", "rtvis.cli", "rtvis.cli.main"]
