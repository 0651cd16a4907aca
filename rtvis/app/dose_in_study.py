"""A dose with what the plan it belongs to prescribes, where that plan is open too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rtvis.app.number_text import number_text
from rtvis.dicom.rtdose import read_dose
from rtvis.dicom.rtplan import prescribed_dose
from rtvis.model.dose import GRAY_UNITS
from rtvis.model.errors import InputError
from rtvis.model.progress import no_report

if TYPE_CHECKING:
    from pathlib import Path

    from rtvis.model.dose import Dose
    from rtvis.model.progress import Report
    from rtvis.model.study import Study

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
    dose = read_dose(path, report)
    largest = f"100 % is the largest dose, {number_text(dose.maximum)} {dose.units}"
    plan = next((one for one in study.others if dose.plan_uid and one.sop_instance_uid == dose.plan_uid), None)
    if plan is None or dose.units != GRAY_UNITS or dose.summation_type not in WHOLE_PLAN:
        return DoseInStudy(dose, None, largest)
    try:
        prescribed = prescribed_dose(plan.path)
    except InputError as error:
        return DoseInStudy(dose, None, f"{largest}: the plan {plan.path.name} {error.what}")
    if prescribed is None:
        return DoseInStudy(dose, None, f"{largest}: the plan names no prescription")
    return DoseInStudy(dose, prescribed, f"100 % is what the plan prescribes, {number_text(prescribed)} Gy")
