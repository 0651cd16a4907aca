"""Labels of structure sets as lists show them: those that read alike get what tells them apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtvis.app.patient_hiding import without_patient_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rtvis.app.session import Session
    from rtvis.model.structure_set import StructureSet


def set_labels(session: Session) -> dict[str, str]:
    """Label of each structure set of a session by its `StructureSet.key`.

    Sets of one study with one label get the date they were made at, with the time where dates are alike, otherwise the
    name of their file; while the patient is hidden, whose name it may hold, a number instead. It stands before the
    label: where a list is narrow, the end of a row isn't seen.
    """
    alike: dict[tuple[str, str, str], list[StructureSet]] = {}
    for one in session.structure_sets:
        label = without_patient_names(session, one.label)
        alike.setdefault((one.patient.patient_id, one.study_instance_uid, label), []).append(one)
    labels: dict[str, str] = {}
    for (_, _, label), sets in alike.items():
        endings = _endings(sets, hidden=session.patient_hidden) if len(sets) > 1 else [""]
        labels |= {one.key: f"{end}  {label}".strip() for one, end in zip(sets, endings, strict=True)}
    return labels


def made_text(one: StructureSet, characters: int = 19) -> str:
    """When a set was made, such as ``2024-05-17 09:30:00``, cut to so many characters; empty where it isn't known."""
    made = one.made[0]
    day = f"{made[:4]}-{made[4:6]}-{made[6:8]}" if made else ""
    clock = f" {made[8:10]}:{made[10:12]}:{made[12:14]}" if len(made) > 8 else ""
    return (day + clock)[:characters]


def _endings(sets: Sequence[StructureSet], *, hidden: bool) -> list[str]:
    """The shortest words that tell all of them apart."""
    ways = [[made_text(one, characters) for one in sets] for characters in (10, 16, 19)]
    if hidden:
        ways.append([str(number) for number in range(1, len(sets) + 1)])
    else:
        names = [one.path.name if one.path else "not saved yet" for one in sets]
        ways += [names, [f"{one.path.parent.name}/{one.path.name}" if one.path else "not saved yet" for one in sets]]
    return next((way for way in ways if all(way) and len({*way}) == len(way)), ways[-1])
