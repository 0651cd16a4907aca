"""Doses of beams in files of their own, and which of them together are the dose of a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtvis.model.volume import DOSE_MODALITY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rtvis.model.study import OtherObject, Study

BEAM = "BEAM"
"""DoseSummationType of the entire delivery of some beams (PS3.3 C.8.8.3.1): those of all beams add up to the plan's."""


def beam_sums(study: Study) -> list[tuple[OtherObject, ...]]:
    """For each plan that is open, the doses that together are of each of its beams once, where they are all there.

    None where two doses are of one beam, since nothing tells which of them is meant; a dose that is of beams of others
    at once is left out.
    """
    found = []
    for plan in study.others:
        wanted = {number for number, _ in plan.beams}
        if plan.modality == DOSE_MODALITY or len(wanted) < 2:
            continue
        doses = [
            one
            for one in study.others
            if one.modality == DOSE_MODALITY
            and one.summation_type == BEAM
            and one.plan_uid == plan.sop_instance_uid
            and one.beams
        ]
        parts: list[OtherObject] = []
        covered: list[int] = []
        for one in sorted(doses, key=lambda dose: (len(dose.beams), dose.beams)):
            numbers = {number for number, _ in one.beams}
            if len(numbers) == 1 or numbers.isdisjoint(covered):
                parts.append(one)
                covered += numbers
        if len(parts) > 1 and sorted(covered) == sorted(wanted):
            found.append(tuple(parts))
    return found


def sum_key(parts: Sequence[OtherObject]) -> str:
    """What tells the sum from other doses."""
    return f"{parts[0].plan_uid}#beams"


def sum_name(parts: Sequence[OtherObject]) -> str:
    """``sum of 3 beams``."""
    return f"sum of {sum(len(one.beams) for one in parts)} beams"


def beam_names(dose: OtherObject, study: Study) -> str:
    """``BEAM 2 (Left lateral)``: which beams a dose is of, named where its plan is open; empty of a plan's."""
    if not dose.beams:
        return ""
    plans = (one for one in study.others if one.sop_instance_uid == dose.plan_uid and dose.plan_uid)
    named = {number: name for plan in plans for number, name in plan.beams}
    numbers = ", ".join(str(number) for number, _ in dose.beams)
    names = ", ".join(name for number, _ in dose.beams if (name := named.get(number, "")))
    return f"{dose.summation_type or BEAM} {numbers}" + (f" ({names})" if names else "")
