"""How single ROIs look in 3D, by study: they look so again when the study is opened again.

On disk studies and ROIs are told by digests only: names of ROIs may tell of a patient.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from rtvis.app.study_entries import StudyEntries
from rtvis.app.study_files import digest_of

if TYPE_CHECKING:
    from rtvis.model.structure_set import Roi


class RoiStyle(StrEnum):
    """How ROIs are drawn in 3D; needles and points are drawn in each but `NONE`."""

    SURFACES = "surfaces"
    LINES = "lines"
    BOTH = "both"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class RoiLook:
    """What was chosen for one ROI.

    Attributes:
        style: how it is drawn; None: as all others.
        opacity: 0 to 1, of its surface; None: as suits what lies in it.
    """

    style: RoiStyle | None = None
    opacity: float | None = None


class RoiLooks(StudyEntries[RoiLook]):
    """What was chosen for single ROIs.

    ROIs are told by their study, number and name: a file has another UID once edits were saved to it.
    """

    NAME = "looks"
    VERSION = 1
    WHAT = "choices of how ROIs look in 3D"

    def look(self, study_uid: str, roi: Roi) -> RoiLook:
        """What was chosen for an ROI of a study, now or another day."""
        return self.get(study_uid, _key(study_uid, roi)) or RoiLook()

    def choose(self, study_uid: str, roi: Roi, look: RoiLook) -> None:
        """Have an ROI look so from now on; `write` puts it on disk."""
        self.put(study_uid, _key(study_uid, roi), None if look == RoiLook() else look)

    def content_of(self, entry: RoiLook) -> dict[str, Any]:
        """Style and opacity."""
        return {"style": entry.style, "opacity": entry.opacity}

    def entry_of(self, content: dict[str, Any]) -> RoiLook:
        """The inverse of `content_of`."""
        style, opacity = content["style"], content["opacity"]
        if opacity is not None and not (isinstance(opacity, int | float) and 0 <= opacity <= 1):
            raise ValueError("no opacity")
        return RoiLook(None if style is None else RoiStyle(str(style)), None if opacity is None else float(opacity))


def _key(study_uid: str, roi: Roi) -> str:
    return digest_of(f"{study_uid}\0{roi.number}\0{roi.name}")
