"""Which beams an RT Plan has and an RT Dose is of (PS3.3 C.8.8.3, C.8.8.13, C.8.8.14)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rtvis.dicom.elements import EndedEarlyError, MalformedError
from rtvis.model.volume import DOSE_MODALITY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rtvis.dicom.elements import Elements

_SUMMATION, _INSTANCE, _PLANS = 0x3004000A, 0x00081155, 0x300C0002
_FRACTION_GROUPS, _NAMED_BEAMS, _NAMED_NUMBER = 0x300C0020, 0x300C0004, 0x300C0006
_BEAMS, _NUMBER, _NAME, _DELIVERY = 0x300A00B0, 0x300A00C0, 0x300A00C2, 0x300A00CE
_PLANNED_GROUPS, _METERSET = 0x300A0070, 0x300A0086
TREATMENT = frozenset({"", "TREATMENT", "CONTINUATION"})
"""Treatment Delivery Types of beams that treat; others set up or take a picture."""


class BeamFacts(NamedTuple):
    """What an object says of beams; see `rtvis.model.study.OtherObject`."""

    plan_uid: str = ""
    summation_type: str = ""
    beams: tuple[tuple[int, str], ...] = ()


def beam_facts(elements: Elements, modality: str) -> BeamFacts:
    """What a plan or a dose says of beams; nothing of other objects, and where it can't be read."""
    try:
        if modality == "RTPLAN":
            return BeamFacts(beams=plan_beams(elements))
        if modality == DOSE_MODALITY:
            named = tuple((number, "") for number in dose_beams(elements))
            return BeamFacts(plan_of(elements), elements.plain(_SUMMATION), named)
    except (ValueError, EndedEarlyError, MalformedError):
        return BeamFacts()  # why is told when it is opened
    return BeamFacts()


def plan_of(elements: Elements) -> str:
    """SOP Instance UID of the first plan that a dose names; empty where it names none."""
    plans = elements.items(_PLANS)
    return plans[0].plain(_INSTANCE) if plans else ""


def dose_beams(elements: Elements) -> tuple[int, ...]:
    """Numbers of the beams that a dose names (Referenced RT Plan > Fraction Group > Beam Sequence).

    Raises:
        ValueError, MalformedError, EndedEarlyError: when they can't be read.
    """
    groups = (group for plan in elements.items(_PLANS) for group in plan.items(_FRACTION_GROUPS))
    return _numbers(beam for group in groups for beam in group.items(_NAMED_BEAMS))


def plan_beams(elements: Elements) -> tuple[tuple[int, str], ...]:
    """Numbers and names of the beams that a plan treats with.

    A beam that treats has a meterset in a fraction group; where no beam of the plan has one, all that aren't for
    setting up are taken.

    Raises:
        ValueError, MalformedError, EndedEarlyError: when they can't be read.
    """
    names: dict[int, str] = {}
    for beam in elements.items(_BEAMS):
        number = beam.numbers(_NUMBER)
        if number and beam.plain(_DELIVERY) in TREATMENT:
            names[int(number[0])] = beam.text(_NAME)
    planned = [beam for group in elements.items(_PLANNED_GROUPS) for beam in group.items(_NAMED_BEAMS)]
    treating = set(_numbers(beam for beam in planned if (beam.numbers(_METERSET) or (0.0,))[0] > 0))
    return tuple((number, name) for number, name in names.items() if not treating or number in treating)


def _numbers(beams: Iterable[Elements]) -> tuple[int, ...]:
    return tuple(int(numbers[0]) for numbers in (beam.numbers(_NAMED_NUMBER) for beam in beams) if numbers)
