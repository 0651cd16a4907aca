"""What of an open study can be shown over its images."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rtvis.app.beam_doses import beam_names, beam_sums, sum_key, sum_name
from rtvis.app.overlay_state import objection
from rtvis.model.volume import DOSE_MODALITY

if TYPE_CHECKING:
    from rtvis.model.study import OtherObject, Study
    from rtvis.model.volume import Volume


@dataclass(frozen=True, slots=True, eq=False)
class OverlayCandidate:
    """A series or a dose that may go over the images.

    Attributes:
        key: tells it from the others of the study.
        title: what people see.
        volume: the series; None for a dose, which is read when it is chosen.
        dose: the dose's file, of a sum the first one; None for a series.
        parts: the doses of beams that are to be added up, and nothing else.
        objection: why its place is doubtful (see `rtvis.app.overlay_state.objection`); empty when it isn't.
    """

    key: str
    title: str
    volume: Volume | None = None
    dose: OtherObject | None = None
    objection: str = ""
    parts: tuple[OtherObject, ...] = ()


def overlay_candidates(study: Study, base: Volume | None) -> tuple[OverlayCandidate, ...]:
    """Every other series of a study, then its doses; first those in the frame of reference of the images.

    Args:
        study: what is open.
        base: the images that are shown. Without any, or with a dose in their place, each dose can be shown on its own.
    """
    if base is None or base.is_dose:
        return _doses(study)
    found = [
        OverlayCandidate(one.volume_id, f"{one.modality}  {one.description}".rstrip(), one, None, objection(one, base))
        for one in study.volumes
        if one is not base
    ]
    found += [replace(one, objection=objection(one.dose, base)) for one in _doses(study) if one.dose is not None]
    return tuple(sorted(found, key=lambda one: bool(one.objection)))


def _doses(study: Study) -> tuple[OverlayCandidate, ...]:
    """Sums of all beams of a plan, then its doses with their titles, numbered where there are several."""
    doses = [one for one in study.others if one.modality == DOSE_MODALITY]
    sums = [
        OverlayCandidate(
            sum_key(parts), f"{DOSE_MODALITY}  {sum_name(parts)}  {parts[0].description}", None, parts[0], parts=parts
        )
        for parts in beam_sums(study)
    ]
    single = [
        OverlayCandidate(
            str(one.path), _dose_title(one, study) + (f"  ({number})" if len(doses) > 1 else ""), None, one
        )
        for number, one in enumerate(doses, 1)
    ]
    return (*sums, *single)


def _dose_title(dose: OtherObject, study: Study) -> str:
    beams = beam_names(dose, study)
    return "  ".join(word for word in (DOSE_MODALITY, beams, dose.description) if word)
