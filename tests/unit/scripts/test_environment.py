"""The set-up that scripts/rtvis does: when it is needed, what it says, and that two at once are one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[3] / "scripts"

# Steps that would take minutes and the network are replaced; what decides about them and puts them together is real.
QUICK_STEPS = """
make_venv() { echo make_venv >> "$root/steps"; mkdir -p "$venv/bin"; ln -sf "$1" "$venv/bin/python"; }
install_packages() { echo "install $1" >> "$root/steps"; rm "$venv/rtvis-unfinished"; }
check_libraries() { :; }
missing_from_system() { :; }
missing_python() { :; }
belongs_here() { [[ -x $venv/bin/python ]]; }
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with the scripts and no environment, in a folder with a space in its name."""
    root = tmp_path / "a check out"
    shutil.copytree(SCRIPTS, root / "scripts")
    (root / "pyproject.toml").write_text("[project]\n")
    return root


def bash(checkout: Path, commands: str, **environment: str) -> subprocess.CompletedProcess[str]:
    source = f'set -euo pipefail\nsource "{checkout}/scripts/environment.bash"\n'
    return subprocess.run(
        ["bash", "-c", source + commands],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | {"RTVIS_PYTHON": sys.executable} | environment,
    )


def steps(checkout: Path) -> list[str]:
    path = checkout / "steps"
    return path.read_text().splitlines() if path.exists() else []


def test_first_call_sets_up_and_later_ones_do_not(checkout: Path) -> None:
    first = bash(checkout, QUICK_STEPS + "prepare runtime")
    assert first.returncode == 0, first.stderr
    assert first.stdout == ""
    assert steps(checkout) == ["make_venv", "install runtime"]
    second = bash(checkout, QUICK_STEPS + "prepare runtime")
    assert (second.returncode, second.stderr) == (0, "")
    assert steps(checkout) == ["make_venv", "install runtime"]


def test_what_serves_the_tests_serves_the_program(checkout: Path) -> None:
    bash(checkout, QUICK_STEPS + "prepare dev")
    assert bash(checkout, QUICK_STEPS + "prepare runtime").stderr == ""
    assert steps(checkout) == ["make_venv", "install dev"]


@pytest.mark.parametrize(
    "path", ["pyproject.toml", "scripts/requirements/runtime.txt", "scripts/requirements/system.txt"]
)
def test_changed_pins_set_up_again(checkout: Path, path: str) -> None:
    bash(checkout, QUICK_STEPS + "prepare runtime")
    with (checkout / path).open("a") as file:
        file.write("# changed\n")
    bash(checkout, QUICK_STEPS + "prepare runtime")
    assert steps(checkout) == ["make_venv", "install runtime", "install runtime"]


def test_unfinished_set_up_starts_afresh(checkout: Path) -> None:
    broken = bash(checkout, QUICK_STEPS + 'install_packages() { touch "$venv/half"; exit 9; }; prepare runtime')
    assert broken.returncode == 9
    assert (checkout / ".venv" / "half").exists()
    mended = bash(checkout, QUICK_STEPS + "prepare runtime")
    assert mended.returncode == 0
    assert "starting afresh" in mended.stderr
    assert not (checkout / ".venv" / "half").exists()


def test_moved_checkout_is_not_ready(checkout: Path) -> None:
    bash(checkout, QUICK_STEPS + "prepare runtime")
    moved = checkout.rename(checkout.with_name("moved"))
    assert bash(moved, "is_ready runtime").returncode == 1


def test_two_first_calls_are_one_set_up(checkout: Path) -> None:
    # The first holds on in the middle until the second has said that it waits.
    slow = QUICK_STEPS + (
        'make_venv() { echo make_venv >> "$root/steps"; mkdir -p "$venv/bin"; ln -sf "$1" "$venv/bin/python";'
        ' mkfifo "$root/go" && echo ready && read -r < "$root/go"; }\nprepare runtime\n'
    )
    source = f'set -euo pipefail\nsource "{checkout}/scripts/environment.bash"\n'
    environment = os.environ | {"RTVIS_PYTHON": sys.executable}
    first = subprocess.Popen(["bash", "-c", source + slow], stdout=subprocess.PIPE, text=True, env=environment)
    assert first.stdout is not None
    assert first.stdout.readline() == "ready\n"
    second = subprocess.Popen(
        ["bash", "-c", source + QUICK_STEPS + "prepare runtime"], stderr=subprocess.PIPE, text=True, env=environment
    )
    assert second.stderr is not None
    assert "waiting" in second.stderr.readline()
    (checkout / "go").write_text("go\n")
    first.communicate(timeout=60)
    second.communicate(timeout=60)
    assert (first.returncode, second.returncode) == (0, 0)
    assert steps(checkout) == ["make_venv", "install runtime"]


def test_missing_libraries_are_named_with_their_packages(checkout: Path) -> None:
    (checkout / "scripts" / "requirements" / "system.txt").write_text(
        "runtime required library libc.so.6 libc6\n"
        "runtime required library libnosuch.so.7 libnosuch7t64 libnosuch7\n"
        "dev wanted program no-such-program no-such-package\n"
    )
    runtime = bash(checkout, "missing_from_system runtime")
    assert runtime.stdout == "required libnosuch.so.7 libnosuch7t64 libnosuch7\n"
    dev = bash(checkout, "missing_from_system dev")
    assert dev.stdout == runtime.stdout + "wanted no-such-program no-such-package\n"


def test_whoever_may_not_install_gets_one_command(checkout: Path) -> None:
    talk = bash(
        checkout,
        "may_install() { return 1; }\napt-get() { :; }\nknown_package() { :; }\n"
        "{ echo required libGL.so.1 libgl1; echo required libglib-2.0.so.0 libglib2.0-0t64 libglib2.0-0; }"
        " | provide_packages",
    )
    assert talk.returncode == 0
    assert "libGL.so.1 libglib-2.0.so.0" in talk.stderr
    assert "sudo apt-get install --no-install-recommends libgl1 libglib2.0-0\n" in talk.stderr
    assert talk.stdout == ""


def test_the_distributions_own_name_is_taken(checkout: Path) -> None:
    apt_cache = 'apt-cache() { [[ $3 == libglib2.0-0 ]] && echo "Package: $3"; }\n'
    assert bash(checkout, apt_cache + "known_package libglib2.0-0t64 libglib2.0-0").stdout == "libglib2.0-0\n"
    assert bash(checkout, apt_cache + "known_package nothing || true").stdout == ""


def test_a_python_that_does_not_suit_is_refused(checkout: Path) -> None:
    talk = bash(checkout, "find_python", RTVIS_PYTHON="/bin/false")
    assert talk.returncode == 2
    assert "RTVIS_PYTHON=/bin/false isn't a Python 3.11, 3.12 or 3.13" in talk.stderr


def test_a_failing_step_shows_the_end_of_its_talk(checkout: Path) -> None:
    talk = bash(
        checkout,
        'mkdir -p "$venv"\nrun_shown "doing it" bash -c "echo the reason >&2; exit 3"'
        ' || die_with_log "it could not be done."',
    )
    assert talk.returncode == 2
    assert "  | the reason\n" in talk.stderr
    assert "rtvis set-up: it could not be done.\n" in talk.stderr
    assert talk.stdout == ""


def test_the_program_replaces_the_script_from_any_folder_and_through_a_link(checkout: Path, tmp_path: Path) -> None:
    bash(checkout, QUICK_STEPS + "prepare runtime")
    program = checkout / ".venv" / "bin" / "rtvis"
    program.write_text('#!/bin/sh\nprintf "%s|" "$$" "$@"\n')
    program.chmod(0o755)
    link = tmp_path / "rtvis"
    link.symlink_to(checkout / "scripts" / "rtvis")
    with subprocess.Popen([link, "info", "two words"], stdout=subprocess.PIPE, text=True, cwd=tmp_path) as running:
        talk = running.communicate(timeout=60)[0]
    assert talk == f"{running.pid}|info|two words|"
