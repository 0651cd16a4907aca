"""Which beams of a plan treat, and which a dose is of."""

from __future__ import annotations

import pytest

from rtvis.dicom.beams import BeamFacts, beam_facts, plan_beams
from rtvis.dicom.reading import scan_header
from tests.unit.made_plan import item, save_plan


def elements_of(path, beams, metersets):
    """Of a plan with (number, Treatment Delivery Type) and metersets by number."""
    named = [
        item(ReferencedBeamNumber=number, **({} if meterset is None else {"BeamMeterset": meterset}))
        for number, meterset in metersets.items()
    ]
    save_plan(
        path,
        BeamSequence=[
            item(
                BeamNumber=number,
                BeamName=f"Field {number}",
                **({} if kind is None else {"TreatmentDeliveryType": kind}),
            )
            for number, kind in beams
        ],
        FractionGroupSequence=[item(ReferencedBeamSequence=named)],
    )
    return scan_header(path).elements


@pytest.mark.parametrize(
    ("beams", "metersets", "treating"),
    [
        ([(1, "TREATMENT"), (2, "SETUP")], {1: 90, 2: 5}, [1]),
        ([(1, None), (2, "CONTINUATION"), (3, "OPEN_PORTFILM"), (4, "")], {1: 90, 2: 90, 3: 1, 4: 90}, [1, 2, 4]),
        ([(1, "TREATMENT"), (2, "TREATMENT"), (3, "TREATMENT")], {1: 90, 2: 0, 3: None}, [1]),
        ([(1, "TREATMENT"), (2, "SETUP"), (3, "TREATMENT")], {1: None, 3: 0}, [1, 3]),  # nobody says how much
        ([(1, "TREATMENT"), (2, "TREATMENT")], {}, [1, 2]),
        ([], {}, []),
    ],
)
def test_beams_that_set_up_or_give_nothing_do_not_treat(beams, metersets, treating, tmp_path) -> None:
    found = plan_beams(elements_of(tmp_path / "plan.dcm", beams, metersets))
    assert found == tuple((number, f"Field {number}") for number in treating)


def test_what_cannot_be_read_says_nothing_of_beams(tmp_path) -> None:
    elements = elements_of(tmp_path / "plan.dcm", [(71, "TREATMENT"), (2, "TREATMENT")], {71: 90, 2: 90})
    elements.data = elements.data.replace(b"71", b"7x")
    assert beam_facts(elements, "RTPLAN") == BeamFacts()
    assert beam_facts(elements, "RTIMAGE") == BeamFacts()
