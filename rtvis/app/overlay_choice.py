"""What of an open study can be shown over its images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

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
        dose: the dose's file; None for a series.
        objection: why its place is doubtful (see `rtvis.app.overlay_state.objection`); empty when it isn't.
    """

    key: str
    title: str
    volume: Volume | None = None
    dose: OtherObject | None = None
    objection: str = ""


def overlay_candidates(study: Study, base: Volume | None) -> tuple[OverlayCandidate, ...]:
    """Every other series of a study, then its doses; first those in the frame of reference of the images.

    Args:
        study: what is open.
        base: the images that are shown. Without any, or with a dose in their place, each dose can be shown on its own.
    """
    if base is None or base.is_dose:
        return tuple(OverlayCandidate(str(one.path), title, None, one) for title, one in _doses(study))
    found = [
        OverlayCandidate(one.volume_id, f"{one.modality}  {one.description}".rstrip(), one, None, objection(one, base))
        for one in study.volumes
        if one is not base
    ]
    found += [OverlayCandidate(str(one.path), title, None, one, objection(one, base)) for title, one in _doses(study)]
    return tuple(sorted(found, key=lambda one: bool(one.objection)))


def _doses(study: Study) -> list[tuple[str, OtherObject]]:
    """Its doses with their titles, numbered where there are several."""
    doses = [one for one in study.others if one.modality == DOSE_MODALITY]
    return [
        (f"{DOSE_MODALITY}  {one.description}" + (f"  ({number})" if len(doses) > 1 else ""), one)
        for number, one in enumerate(doses, 1)
    ]
