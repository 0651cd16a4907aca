"""What structure sets that read alike are called in lists."""

from __future__ import annotations

from pathlib import Path

import pytest

from rtvis.app.session import Session
from rtvis.app.set_labels import set_labels
from rtvis.model.structure_set import StructureSet
from rtvis.model.study import Study
from rtvis.model.volume import Patient

DATES = ("20240101", "20240102")
MINUTES = ("20240101093000", "20240101093100")
SECONDS = ("20240101093000", "20240101093001")


def shown(*made, hidden=False, labels=("Plan", "Plan"), study="1.2"):
    session = Session()
    sets = tuple(
        StructureSet(
            label,
            sop_instance_uid=f"1.{number}",
            study_instance_uid="1.2" if number == 1 else study,
            patient=Patient("P1", "Doe^Jo"),
            path=Path(f"/studies/{number}/doe.dcm") if hidden else Path(f"/studies/doe-{number}.dcm"),
            dated=dated,
        )
        for number, (label, dated) in enumerate(zip(labels, made, strict=True), 1)
    )
    session.show(Study(structure_sets=sets))
    session.hide_patient(hidden=hidden)
    labels_by_key = set_labels(session)
    return [labels_by_key[one.key] for one in sets]


@pytest.mark.parametrize(
    ("made", "endings"),
    [
        (DATES, ("2024-01-01", "2024-01-02")),
        (MINUTES, ("2024-01-01 09:30", "2024-01-01 09:31")),
        (SECONDS, ("2024-01-01 09:30:00", "2024-01-01 09:30:01")),
        (("20240101", "20240101"), ("doe-1.dcm", "doe-2.dcm")),
        (("20240101", ""), ("doe-1.dcm", "doe-2.dcm")),
    ],
)
def test_sets_that_read_alike_get_what_tells_them_apart(made, endings):
    assert shown(*made) == [f"{ending}  Plan" for ending in endings]


def test_sets_that_read_differently_stay_short():
    assert shown(*DATES, labels=("Plan", "Boost")) == ["Plan", "Boost"]
    assert shown(*DATES, study="1.3") == ["Plan", "Plan"]


def test_no_file_name_tells_of_a_hidden_patient():
    assert shown(*DATES, hidden=True) == ["2024-01-01  Plan", "2024-01-02  Plan"]
    assert shown("", "", hidden=True) == ["1  Plan", "2  Plan"]
