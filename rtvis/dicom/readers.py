"""How other programs would read a structure set, by what their source did in 2026."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from rtvis.model.structure_set import Contour, Roi, StructureSet
    from rtvis.model.volume import VolumeHeader

_OPEN = frozenset({"OPEN_PLANAR", "OPEN_NONPLANAR"})
SAME_PLANE_MM = 0.01
"""Where no images are there, a contour whose z varies by more than this is taken to leave its slice."""


def how_others_read(structure_set: StructureSet) -> dict[str, list[str]]:
    """What each program would lose or change; an empty list where it reads everything as drawn.

    Returns:
        ``Slicer``, ``plastimatch``, ``PlatiPy``, ``OHIF``, ``rt-utils``: sentences for people, with counts and ROIs.
    """
    rules: dict[str, Callable[[StructureSet], list[str]]] = {
        "Slicer": _slicer,
        "plastimatch": _plastimatch,
        "PlatiPy": _platipy,
        "OHIF": _ohif,
        "rt-utils": _rt_utils,
    }
    return {program: rule(structure_set) for program, rule in rules.items()}


def _tell(structure_set: StructureSet, what: str, picks: Callable[[Roi, Contour], bool]) -> list[str]:
    """One sentence for each type of the contours picked: ``14 OPEN_NONPLANAR contours lost (ROI 'Needle 1', ...)``."""
    found: dict[str, list[str]] = {}
    for roi in structure_set.rois:
        for contour in roi.contours:
            if picks(roi, contour):
                found.setdefault(contour.geometric_type or "untyped", []).append(roi.name)
    return [
        f"{len(names)} {kind} contour{'s' * (len(names) > 1)} {what} ({_rois(names)})" for kind, names in found.items()
    ]


def _rois(names: Iterable[str], most: int = 4) -> str:
    distinct = list(dict.fromkeys(names))
    shown = ", ".join(repr(name) for name in distinct[:most])
    return f"ROI {shown}" + (f" and {len(distinct) - most} more" if len(distinct) > most else "")


def _slicer(structure_set: StructureSet) -> list[str]:
    """SlicerRT never looks at the type: every contour is closed; a lone point becomes a fiducial."""
    fiducials = [roi.name for roi in structure_set.rois if _lone_point(roi)]
    result = _tell(structure_set, "closed", lambda _, one: one.geometric_type in _OPEN and len(one.points_lps) > 1)
    if fiducials:
        result.append(f"{len(fiducials)} POINT become{'s' * (len(fiducials) == 1)} a fiducial ({_rois(fiducials)})")
    points = _tell(
        structure_set,
        "taken for a closed contour",
        lambda roi, one: len(one.points_lps) == 1 and not _lone_point(roi),
    )
    return result + points


def _lone_point(roi: Roi) -> bool:
    return len(roi.contours) == 1 and len(roi.contours[0].points_lps) == 1


def _plastimatch(structure_set: StructureSet) -> list[str]:
    """Plastimatch keeps what starts with CLOSED_PLANAR."""
    return _tell(structure_set, "lost", lambda _, one: not one.geometric_type.startswith("CLOSED_PLANAR"))


def _platipy(structure_set: StructureSet) -> list[str]:
    """PlatiPy looks at an ROI's first contour only, and gives up where the slice varies inside a contour."""
    volume = structure_set.volume

    def skipped(roi: Roi) -> bool:
        return bool(roi.contours) and roi.contours[0].geometric_type != "CLOSED_PLANAR"

    def given_up(roi: Roi) -> bool:
        return not skipped(roi) and any(_leaves_slice(one, volume) for one in roi.contours)

    result = _tell(structure_set, "lost: its ROI doesn't start with CLOSED_PLANAR", lambda roi, _: skipped(roi))
    leaving = {roi.number for roi in structure_set.rois if given_up(roi)}
    why = "lost: a contour of its ROI leaves its slice"
    result += _tell(structure_set, why, lambda roi, _: roi.number in leaving)
    return result + _tell(
        structure_set,
        "closed",
        lambda roi, one: not skipped(roi) and roi.number not in leaving and one.geometric_type != "CLOSED_PLANAR",
    )


def _leaves_slice(contour: Contour, volume: VolumeHeader | None) -> bool:
    points = contour.points_lps
    if len(points) == 0:
        return False
    if volume is None:
        return float(np.ptp(points[:, 2])) > SAME_PLANE_MM
    return len(np.unique(np.floor(volume.grid.slice_index(points) + 0.5))) > 1


def _ohif(structure_set: StructureSet) -> list[str]:
    """OHIF and Cornerstone3D know CLOSED_PLANAR, OPEN_PLANAR and POINT."""
    known = {"CLOSED_PLANAR", "OPEN_PLANAR", "POINT"}
    return _tell(structure_set, "lost", lambda _, one: one.geometric_type not in known)


def _rt_utils(structure_set: StructureSet) -> list[str]:
    """rt-utils finds contours by their image reference alone, and fills them all."""
    volume = structure_set.volume
    there = None if volume is None else {one.sop_instance_uid for one in volume.slices}

    def lost(contour: Contour) -> bool:
        if not contour.images:
            return True
        return there is not None and all(image.sop_instance_uid not in there for image in contour.images)

    result = _tell(structure_set, "lost: no reference to an image of the series", lambda _, one: lost(one))
    return result + _tell(
        structure_set, "filled as if closed", lambda _, one: not lost(one) and one.geometric_type in {*_OPEN, "POINT"}
    )
