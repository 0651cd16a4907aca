"""Edits that are computed, looked at, and only then made: what dialogs with a preview work with.

A planner is a function of a structure set and its images, or the planes of its contours without any
(`rtvis.app.contour_planes`). It touches no session, so that it may run in a thread of its
own; `commit_planned` makes the edit, as one undo step, where the set is still the one that it was planned on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from rtvis.app.commits import with_references
from rtvis.app.contour_planes import planes_remark, single_plane_mm
from rtvis.app.palette import ROI_PALETTE, Rgb
from rtvis.app.roi_edits import check_roi_name
from rtvis.app.types_by_names import type_by_name
from rtvis.model.errors import UsageError
from rtvis.model.masks import roi_stacks
from rtvis.model.statistics import roi_statistics
from rtvis.model.structure_set import Contour, Roi, StructureSet

if TYPE_CHECKING:
    from rtvis.app.contour_planes import EditGround
    from rtvis.app.session import Session
    from rtvis.geometry.grid import Grid
    from rtvis.model.progress import Report

REMOVED_COLOR: Rgb = (255, 96, 96)
"""Contours that an edit would take away are previewed in this colour: their own they have already."""

DERIVED = "AUTOMATIC"
"""ROIGenerationAlgorithm (3006,0036) of an ROI computed from others (PS3.3 C.8.8.5: calculated ROI)."""


@dataclass(frozen=True, slots=True, eq=False)
class PlannedEdit:
    """What an edit would give.

    Attributes:
        name: as the Edit menu will show it after "Undo", such as "Margin 5 mm of Liver".
        base: the set that it was planned on.
        edited: the set after it.
        number: of the ROI that it is about, active after it.
        shown: what to preview: ROIs with the contours that are new or that go, each in its colour.
        remark: what the person should know, one line; may be empty.
    """

    name: str
    base: StructureSet
    edited: StructureSet
    number: int
    shown: tuple[Roi, ...]
    remark: str = ""


Planner: TypeAlias = "Callable[[StructureSet, EditGround, Report], PlannedEdit]"


@dataclass(frozen=True, slots=True)
class Target:
    """Where new contours go: to the ROI with a number, whose areas they replace, or to a new one with a name."""

    number: int | None = None
    name: str = ""


def commit_planned(session: Session, planned: PlannedEdit) -> str:
    """Make a planned edit, as one undo step; its name.

    Raises:
        UsageError: when the set changed since, or an ROI that it changes is locked.
    """
    if session.structure_set is not planned.base:
        raise UsageError("the contours changed meanwhile", remedy="wait for the new preview, then accept it")
    session.apply(planned.name, planned.edited)
    session.activate_roi(planned.number)
    return planned.name


def area_indices(roi: Roi, grid: Grid) -> frozenset[int]:
    """Which contours of an ROI enclose its volume; the others are points, open lines and curves in no plane."""
    stacks = roi_stacks(roi, grid)
    found = {int(one) for stack in stacks.stacks for one in stack.curves}
    return frozenset(found | set(stacks.repeats))


def with_area(roi: Roi, contours: Sequence[Contour], grid: Grid) -> Roi:
    """The ROI with other areas; its points, open lines and curves in no plane stay."""
    gone = area_indices(roi, grid)
    kept = tuple(one for index, one in enumerate(roi.contours) if index not in gone)
    return replace(roi, contours=(*contours, *kept))


def planned_area(
    name: str,
    structure_set: StructureSet,
    target: Target,
    contours: Sequence[Contour],
    ground: EditGround,
    *,
    source: Roi | None = None,
    remark: str = "",
) -> PlannedEdit:
    """New contours as the area of an ROI, or of a new one.

    Args:
        name: of the edit.
        structure_set: that it is planned on.
        target: the ROI.
        contours: its areas afterwards.
        ground: that it is planned on.
        source: the ROI that it was made from, whose volume is told beside that of the result.
        remark: what the person should know besides.

    Raises:
        UsageError: when there is no contour, or the new ROI's name can't be one.
    """
    if not contours:
        raise UsageError(f"{name}: nothing is left", remedy="choose other ROIs or smaller distances")
    roi = new_roi(structure_set, target.name) if target.number is None else structure_set.roi(target.number)
    changed = with_references(structure_set, with_area(roi, contours, ground.grid))
    preview = replace(changed, contours=tuple(contours))
    words = [f"{len(contours)} contour{'s'[: len(contours) > 1]}", _volumes(changed, source, single_plane_mm(ground))]
    told = "; ".join(one for one in (", ".join(one for one in words if one), remark, planes_remark(ground)) if one)
    return PlannedEdit(name, structure_set, structure_set.with_roi(changed), roi.number, (preview,), told)


def _volumes(made: Roi, source: Roi | None, single_mm: float | None) -> str:
    """``48.1 cc, was 36.0 cc``."""
    figures = [roi_statistics(one, single_mm=single_mm).volume_cc for one in (made, source) if one is not None]
    words = ["no volume" if one is None else f"{one:,.1f} cc" for one in figures]
    return f"{words[0]} (before: {words[1]})" if len(words) > 1 else words[0]


def new_roi(structure_set: StructureSet, name: str) -> Roi:
    """An empty ROI for what is computed from others, typed by its name where that is sure (`type_by_name`).

    Raises:
        UsageError: when the name can't be one, or another ROI has it.
    """
    wanted = check_roi_name(name)
    if any(one.name == wanted for one in structure_set.rois):
        raise UsageError(f"there is an ROI {wanted} already", remedy="choose another name")
    number = structure_set.next_number()
    return Roi(
        number,
        wanted,
        (),
        ROI_PALETTE[(number - 1) % len(ROI_PALETTE)],
        type_by_name(wanted, structure_set.rois),
        DERIVED,
        structure_set.frame_of_reference_uid,
    )


def in_words(names: Sequence[str]) -> str:
    """``A, B and C``."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
