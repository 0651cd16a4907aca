"""The dose that is meant by a file or a folder, and the one that is shown where nobody named any.

Window and command line choose alike: of a folder, and of what is open, the dose that a plan's beams add up to comes
before the doses in files (`rtvis.app.overlay_choice.overlay_candidates`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtvis.app.dose_alone import is_dose_alone, lies_in_frame, show_dose_alone
from rtvis.app.dose_in_study import read_beam_sum, read_dose_in_study
from rtvis.app.opening import open_study
from rtvis.app.overlay_choice import overlay_candidates
from rtvis.model.errors import UsageError
from rtvis.model.progress import no_report
from rtvis.model.study import Study
from rtvis.model.volume import DOSE_MODALITY

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rtvis.app.dose_in_study import DoseInStudy
    from rtvis.app.overlay_choice import OverlayCandidate
    from rtvis.app.session import Session
    from rtvis.model.progress import Report
    from rtvis.model.structure_set import StructureSet


def first_dose(doses: Sequence[OverlayCandidate], structure_set: StructureSet | None) -> OverlayCandidate | None:
    """The dose that is seen first where there are no images; None where there is none.

    Args:
        doses: in the order of `rtvis.app.overlay_choice.overlay_candidates`: sums of beams come first.
        structure_set: that is active; a dose in its frame of reference is shown before others.
    """
    fitting = (one for one in doses if structure_set and one.dose and lies_in_frame(structure_set, one.dose))
    return next(fitting, doses[0] if doses else None)


def read_candidate(candidate: OverlayCandidate, study: Study, report: Report = no_report) -> DoseInStudy:
    """Read a dose that may be chosen: one file, or the sum of several.

    Raises:
        UnreadableError: when a file of it can't be read as a dose.
        UsageError: when doses of beams can't be added.
    """
    assert candidate.dose is not None
    if candidate.parts:
        return read_beam_sum(candidate.parts, study, report)
    return read_dose_in_study(candidate.dose.path, study, report)


def show_named_dose(
    session: Session, path: Path, *, anyway: bool = False, report: Report = no_report
) -> tuple[str, DoseInStudy]:
    """Put a dose over the images, or show it on its own where there are none.

    Args:
        session: images are optional; a plan that is open says which dose is 100 %.
        path: an RT Dose file; or a folder with one, or with one of each beam of a plan that is open or in it too, which
            are added up.
        anyway: see `rtvis.app.overlay_state.OverlayState.show_dose`.
        report: told (frames read, frames in all).

    Returns:
        What it is called where it is a sum (else nothing), and what was read.

    Raises:
        UsageError: when it can't go over the images, or a folder has no dose or several.
        UnreadableError: when it can't be read as a dose.
    """
    if path.is_dir():
        candidate, study = _dose_in(path, session.study)
        title, found = candidate.title if candidate.parts else "", read_candidate(candidate, study, report)
    else:
        title, found = "", read_dose_in_study(path, session.study, report)
    _show(session, found, anyway=anyway)
    return title, found


def show_first_dose(session: Session, report: Report = no_report) -> tuple[str, DoseInStudy] | None:
    """Show the first dose of what is open where there are no images, with the contours of its frame of reference.

    Returns:
        What it is called, and what was read; None where there is nothing to show.

    Raises:
        UnreadableError: when it can't be read.
        UsageError: when doses of beams can't be added.
    """
    candidate = first_dose(overlay_candidates(session.study, None), session.structure_set)
    if session.study.volumes or session.volume is not None or candidate is None:
        return None
    found = read_candidate(candidate, session.study, report)
    _show(session, found, anyway=False)
    return candidate.title, found


def _show(session: Session, found: DoseInStudy, *, anyway: bool) -> None:
    if session.volume is None or is_dose_alone(session):
        show_dose_alone(session, found.dose, found.prescribed_gy)
    else:
        session.overlay.show_dose(found.dose, session.volume, anyway=anyway, prescribed=found.prescribed_gy)


def _dose_in(place: Path, opened: Study) -> tuple[OverlayCandidate, Study]:
    """The only dose of a folder, or the only sum of its doses, and the plans that tell of it."""
    there = open_study([place]).others
    doses = [one for one in there if one.modality == DOSE_MODALITY]
    known = {one.sop_instance_uid for one in there}
    plans = (one for one in opened.others if one.modality != DOSE_MODALITY and one.sop_instance_uid not in known)
    study = Study(others=(*there, *plans))
    found = overlay_candidates(study, None)
    sums = [one for one in found if one.parts]
    if len(sums) == 1 or (not sums and len(doses) == 1):
        return found[0], study
    what = "is a folder without a dose"
    if doses:
        why = f", {len(sums)} sums of beams among them" if sums else " that are not those of one plan's beams"
        what = f"is a folder with {len(doses)} doses{why}"
    raise UsageError(what, path=place, remedy="name one RT Dose file: 'rtvis info' lists them")
