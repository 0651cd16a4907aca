"""Doses of beams: named, and added up where those of all beams of a plan are there."""

from __future__ import annotations

import numpy as np
import pydicom
import pytest

from rtvis.app.beam_doses import beam_sums
from rtvis.app.dose_in_study import read_beam_sum
from rtvis.app.opening import open_study
from rtvis.app.overlay_choice import overlay_candidates
from rtvis.model.errors import UsageError
from tests.unit.made_plan import write_beam, write_plan


def sums_of(folder):
    return [[[number for number, _ in one.beams] for one in parts] for parts in beam_sums(open_study([folder]))]


def test_doses_of_all_beams_of_a_plan_are_offered_as_their_sum_and_one_by_one(tmp_path):
    write_plan(tmp_path / "plan.dcm", setup=(4,))
    grays = [write_beam(tmp_path, n, [n], scaling=scaling) for n, scaling in ((1, "0.001"), (2, "0.0005"), (3, "1e-5"))]
    study = open_study([tmp_path])
    total, *single = overlay_candidates(study, None)
    assert total.title.startswith("RTDOSE  sum of 3 beams")
    assert [one.title.split("  ")[1] for one in single] == [f"BEAM {n} (Field {n})" for n in (1, 2, 3)]
    found = read_beam_sum(total.parts, study)
    np.testing.assert_allclose(found.dose.volume.values, sum(grays), atol=1e-8)
    assert found.dose.maximum == pytest.approx(sum(grays).max(), abs=1e-8)
    assert found.dose.part == "sum of 3 beams"
    assert found.prescribed_gy == 2.0  # they are the whole plan
    centre = found.dose.volume.grid.to_patient([2, 3, 1])
    assert float(found.dose.at(centre)) == pytest.approx(sum(grays)[1, 3, 2], abs=1e-8)
    assert found.dose.volume.volume_id == total.key


@pytest.mark.parametrize(
    ("beams", "sums"),
    [
        ([[1], [2]], []),
        ([[1], [2], [2]], []),
        ([[1], [2], [3], [3]], []),
        ([[1], [2, 3]], [[[1], [2, 3]]]),
        ([[1], [2], [3], [1, 2, 3]], [[[1], [2], [3]]]),
        ([[1, 2, 3]], []),
        ([[1], [2], [3], [9]], []),
    ],
)
def test_a_sum_is_offered_where_each_beam_is_there_once(tmp_path, beams, sums):
    write_plan(tmp_path / "plan.dcm")
    for number, named in enumerate(beams, 1):
        write_beam(tmp_path, number, named)
    assert sums_of(tmp_path) == sums


def test_without_the_plan_nothing_tells_whether_all_beams_are_there(tmp_path):
    for number in (1, 2, 3):
        write_beam(tmp_path, number, [number])
    assert sums_of(tmp_path) == []
    assert "BEAM 2" in overlay_candidates(open_study([tmp_path]), None)[1].title


def test_beams_on_grids_of_their_own_are_not_added(tmp_path):
    write_plan(tmp_path / "plan.dcm", beams=(1, 2))
    write_beam(tmp_path, 1, [1])
    write_beam(tmp_path, 2, [2], position=(-31.0, 12.5, -141.0))
    study = open_study([tmp_path])
    (parts,) = beam_sums(study)
    with pytest.raises(UsageError, match="grids of their own"):
        read_beam_sum(parts, study)


@pytest.mark.parametrize(("element", "value"), [("DoseUnits", "RELATIVE"), ("DoseType", "EFFECTIVE")])
def test_what_is_measured_otherwise_is_not_added(element, value, tmp_path):
    write_plan(tmp_path / "plan.dcm", beams=(1, 2))
    for number in (1, 2):
        write_beam(tmp_path, number, [number])
    other = pydicom.dcmread(tmp_path / "dose 2.dcm")
    setattr(other, element, value)
    other.save_as(tmp_path / "dose 2.dcm")
    study = open_study([tmp_path])
    (parts,) = beam_sums(study)
    with pytest.raises(UsageError, match="one is Gy PHYSICAL, another"):
        read_beam_sum(parts, study)


def test_real_beams_add_up(field_data):
    study = open_study([field_data / "pairs" / "phantom_Oncentra"])
    total, *single = overlay_candidates(study, study.volumes[0])
    assert len(total.parts) == 3
    assert len(single) == 4
    found = read_beam_sum(total.parts, study).dose
    assert found.maximum == pytest.approx(17.17, abs=0.01)
