"""What the documents name is there: modules, what is in them, and files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (*ROOT.glob("*.md"), *(ROOT / "assets" / "docs").glob("*.md"))
    if path.name != "CHANGELOG.md"  # it tells of what was
)
ROOMS = {path.name for path in (ROOT / "rtvis").iterdir() if (path / "__init__.py").exists()}


def is_there(name: str) -> bool:
    """Whether a dotted name leads to a module, or to something that its text defines or mentions."""
    place, parts = ROOT / "rtvis", name.removeprefix("rtvis.").split(".")
    while parts and (place / parts[0]).is_dir():
        place /= parts.pop(0)
    module = place / "__init__.py"
    if parts and (place / f"{parts[0]}.py").exists():
        module = place / f"{parts.pop(0)}.py"
    text = module.read_text(encoding="utf-8")
    return all(re.search(rf"\b{re.escape(part)}\b", text) for part in parts)


def named_in(document: str) -> list[str]:
    text = (ROOT / document).read_text(encoding="utf-8")
    return [word.split("(")[0].split()[0] for word in re.findall(r"`([^`\n]+)`", text) if word.split("(")[0].strip()]


def test_names_are_told_from_those_that_are_not_there() -> None:
    assert is_there("scene.overlay.Overlay")
    assert is_there("rtvis.open_study")
    assert is_there("dicom")
    assert not is_there("scene.overlay.Underlay")
    assert not is_there("scene.underlay")
    assert not is_there("rtvis.close_study")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_document_names_what_is_there(document: str) -> None:
    names = [one for one in named_in(document) if re.fullmatch(r"[a-z_0-9]+(\.\w+)+", one)]
    wrong = [one for one in names if one.split(".")[0] in {"rtvis", *ROOMS} and not is_there(one)]
    paths = [one for one in named_in(document) if re.fullmatch(r"(rtvis|scripts|assets|tests|\.ci)/[\w./-]*", one)]
    wrong += [one for one in paths if not (ROOT / one).exists()]
    assert not wrong


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_of_a_document_lead_somewhere(document: str) -> None:
    text, folder = (ROOT / document).read_text(encoding="utf-8"), (ROOT / document).parent
    links = [one for one in re.findall(r"\]\(([^)#\s]+)", text) if "://" not in one]
    assert not [one for one in links if not (folder / one).exists()]


def test_every_room_is_in_the_table_of_floors() -> None:
    floors = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").split("\n## ")[0]
    assert {one for one in ROOMS if f"`rtvis/{one}/`" not in floors} == set()
