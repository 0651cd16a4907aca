"""A dose with what the plan it belongs to prescribes, where that plan is open too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rtvis.app.beam_doses import sum_key, sum_name
from rtvis.app.number_text import number_text
from rtvis.dicom.rtdose import read_dose
from rtvis.dicom.rtplan import prescribed_dose
from rtvis.model.dose import GRAY_UNITS
from rtvis.model.dose_sum import dose_sum
from rtvis.model.errors import InputError, UsageError
from rtvis.model.progress import no_report

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rtvis.model.dose import Dose
    from rtvis.model.progress import Report
    from rtvis.model.study import OtherObject, Study

WHOLE_PLAN = frozenset({"PLAN", "MULTI_PLAN"})
"""DoseSummationType of doses that what a plan prescribes can be compared with; a beam's or a fraction's can't."""


@dataclass(frozen=True, slots=True)
class DoseInStudy:
    """A dose, what its plan prescribes (Gy, or None), and a line that says which dose is 100 %, and why."""

    dose: Dose
    prescribed_gy: float | None
    note: str


def read_dose_in_study(path: Path, study: Study, report: Report = no_report) -> DoseInStudy:
    """Read a dose, and what is prescribed by the plan it names where the study has it.

    A plan that can't be read keeps no dose from being shown; the note says so.

    Raises:
        UnreadableError: when the dose can't be read.
    """
    return _in_study(read_dose(path, report), study)


def read_beam_sum(parts: Sequence[OtherObject], study: Study, report: Report = no_report) -> DoseInStudy:
    """Read the doses of all beams of a plan and add them up; the sum is the plan's dose (see `beam_sums`).

    Raises:
        UnreadableError: when one of them can't be read.
        UsageError: when they can't be added: on grids of their own, say.
    """
    doses = []
    for done, one in enumerate(parts):
        report(done, len(parts))
        doses.append(read_dose(one.path))
    name = sum_name(parts)
    try:
        return _in_study(dose_sum(doses, volume_id=sum_key(parts), summation_type=name), study, whole=True)
    except ValueError as error:
        raise UsageError(f"there is no {name}: {error}", remedy="show them one by one") from error


def _in_study(dose: Dose, study: Study, *, whole: bool = False) -> DoseInStudy:
    largest = f"100 % is the largest dose, {number_text(dose.maximum)} {dose.units}"
    plan = next((one for one in study.others if dose.plan_uid and one.sop_instance_uid == dose.plan_uid), None)
    if plan is None or dose.units != GRAY_UNITS or not (whole or dose.summation_type in WHOLE_PLAN):
        return DoseInStudy(dose, None, largest)
    try:
        prescribed = prescribed_dose(plan.path)
    except InputError as error:
        return DoseInStudy(dose, None, f"{largest}: the plan {plan.path.name} {error.what}")
    if prescribed is None:
        return DoseInStudy(dose, None, f"{largest}: the plan names no prescription")
    return DoseInStudy(dose, prescribed, f"100 % is what the plan prescribes, {number_text(prescribed)} Gy")
