"""What of an open study can be shown over its images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rtvis.app.overlay_state import objection

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
        base: the images that are shown; without them there is nothing to show anything over.
    """
    if base is None:
        return ()
    found = [
        OverlayCandidate(one.volume_id, f"{one.modality}  {one.description}".rstrip(), one, None, objection(one, base))
        for one in study.volumes
        if one is not base
    ]
    doses = [one for one in study.others if one.modality == "RTDOSE"]
    for number, one in enumerate(doses, 1):
        title = f"RTDOSE  {one.description}" + (f"  ({number})" if len(doses) > 1 else "")
        found.append(OverlayCandidate(str(one.path), title, None, one, objection(one, base)))
    return tuple(sorted(found, key=lambda one: bool(one.objection)))
