"""The pinned packages: complete, hashed, the same for program and tests, and without an index address."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
REQUIREMENTS = ROOT / "scripts" / "requirements"
KINDS = ["runtime", "dev"]


def pins(kind: str) -> dict[str, list[str]]:
    """From "name==version ; marker" to its hashes."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in (REQUIREMENTS / f"{kind}.txt").read_text().splitlines():
        if line.startswith("    --hash="):
            found[name].append(line.strip(" \\").removeprefix("--hash="))
        elif line and not line.startswith("#"):
            name = line.rstrip(" \\")
            found[name] = []
    return found


def canonical(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", re.match(r"[A-Za-z0-9._-]+", requirement)[0]).lower()


@pytest.mark.parametrize("kind", KINDS)
def test_every_line_is_a_version_with_hashes(kind: str) -> None:
    for pin, hashes in pins(kind).items():
        assert re.match(r"[a-z0-9-]+==[0-9][^ ]*( ; .+)?$", pin), pin
        assert hashes, pin
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", value) for value in hashes), pin


@pytest.mark.parametrize("kind", KINDS)
def test_no_index_address_and_no_path_of_a_machine(kind: str) -> None:
    text = (REQUIREMENTS / f"{kind}.txt").read_text()
    for word in ("://", "--index", "--extra-index", "--find-links", "--trusted-host", "/home", "/opt", "/tmp"):
        assert word not in text


def test_all_that_the_project_asks_for_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    runtime = {canonical(pin) for pin in pins("runtime")}
    dev = {canonical(pin) for pin in pins("dev")}
    assert {canonical(name) for name in project["project"]["dependencies"]} <= runtime
    assert {canonical(name) for name in project["build-system"]["requires"]} <= runtime
    assert {canonical(name) for name in project["dependency-groups"]["dev"]} <= dev


def test_the_tests_run_on_what_the_program_runs_on() -> None:
    dev = pins("dev")
    for pin, hashes in pins("runtime").items():
        assert dev[pin] == hashes


def test_system_list_has_five_columns_of_known_words() -> None:
    lines = [
        line.split() for line in (REQUIREMENTS / "system.txt").read_text().splitlines() if line[:1] not in ("", "#")
    ]
    assert lines
    for columns in lines:
        assert len(columns) >= 5, columns
        assert columns[0] in {"runtime", "dev"}
        assert columns[1] in {"required", "wanted"}
        assert columns[2] in {"library", "program", "font"}
