"""A study reads its structure sets when somebody asks for them, once."""

from __future__ import annotations

from pathlib import Path

from rtvis.model.structure_set import StructureSet
from rtvis.model.study import StructureSets, Study, Unreadable


def test_structure_sets_are_read_at_the_first_question_and_never_again() -> None:
    first, later = StructureSet(label="FIRST"), StructureSet(label="LATER")
    bad, worse = Unreadable(Path("a"), "is bad"), Unreadable(Path("b"), "is worse")
    asked: list[int] = []

    def read() -> StructureSets:
        asked.append(1)
        return StructureSets((later,), (worse,))

    study = Study(structure_sets=(first,), unreadable=(bad,), read_structure_sets=read)
    assert asked == []
    assert study.unreadable == (bad, worse)
    assert study.structure_sets == (first, later)
    assert study.unreadable == (bad, worse)
    assert asked == [1]


def test_without_any_there_are_none() -> None:
    assert Study().structure_sets == ()
    assert Study().unreadable == ()
