"""Edits of whole ROIs, each one undo step of the session's active structure set."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rtvis.app.tg263_shades import usual_colors
from rtvis.app.types_by_names import renamed
from rtvis.model.errors import UsageError
from rtvis.model.structure_set import LARGEST_IS, LONGEST_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rtvis.app.session import Session
    from rtvis.model.structure_set import Roi, StructureSet

INTERPRETED_TYPES = (
    "",
    "EXTERNAL",
    "PTV",
    "CTV",
    "GTV",
    "BOLUS",
    "AVOIDANCE",
    "ORGAN",
    "MARKER",
    "REGISTRATION",
    "ISOCENTER",
    "CONTRAST_AGENT",
    "CAVITY",
    "BRACHY_CHANNEL",
    "BRACHY_ACCESSORY",
    "SUPPORT",
    "FIXATION",
    "DOSE_REGION",
    "CONTROL",
)
"""Defined terms of RTROIInterpretedType that a person chooses from (PS3.3 C.8.8.8.1); others in files are kept."""


def roi_text(name: str) -> str:
    """A name in a message: with ROI before it, unless it begins with that word itself ("ROI 1")."""
    begins = name[:3].upper() == "ROI" and not name[3:4].isalpha()
    return name if begins else f"ROI {name}"


def check_roi_name(name: str) -> str:
    """The name as it would be stored, without spaces around it.

    Raises:
        UsageError: when it is empty or not one that LO can hold.
    """
    wanted = name.strip()
    if not wanted or len(wanted) > LONGEST_NAME or "\\" in wanted or not wanted.isprintable():
        raise UsageError(
            f"{name!r} can't be an ROI name",
            remedy=f"use 1 to {LONGEST_NAME} printable characters without a backslash",
        )
    return wanted


def rename_roi(session: Session, number: int, name: str) -> None:
    """Give an ROI another name, and the type that this is sure to mean where it has none.

    Raises:
        UsageError: when the name is empty or not one that LO can hold.
    """
    wanted = check_roi_name(name)
    current, roi = _find(session, number)
    if wanted != roi.name:
        session.apply(f"Rename {roi.name} to {wanted}", current.with_roi(renamed(roi, wanted, current.rois)))


def rename_rois(session: Session, names: Mapping[int, str]) -> None:
    """Give several ROIs other names, by number, as one undo step; types as `rename_roi` does.

    Raises:
        UsageError: when a name is empty or not one that LO can hold; nothing happens then.
    """
    checked = {number: check_roi_name(name) for number, name in names.items()}
    current = session.structure_set
    if current is None:
        return
    rois = list(current.rois)
    for place, one in enumerate(rois):
        if checked.get(one.number, one.name) != one.name:
            rois[place] = renamed(one, checked[one.number], rois)
    _apply_to_several(session, "Rename", current, tuple(rois))


def color_roi(session: Session, number: int, color: tuple[int, int, int]) -> None:
    """Give an ROI another display colour (r, g, b), 0 to 255."""
    current, roi = _find(session, number)
    if color != roi.color:
        session.apply(f"Change colour of {roi.name}", current.with_roi(replace(roi, color=color)))


def color_by_names(session: Session) -> int:
    """Give each ROI whose name means a structure of TG-263, or a target, the colour of that, as one undo step.

    Where several would get one colour, those after the first get shades of it that can be told apart.

    Returns:
        How many ROIs have such names; the others keep their colours.
    """
    current = session.structure_set
    if current is None:
        return 0
    found = usual_colors([one.name for one in current.rois])
    usual = {one.number: color for one, color in zip(current.rois, found, strict=True) if color is not None}
    rois = tuple(
        replace(one, color=usual[one.number]) if usual.get(one.number, one.color) != one.color else one
        for one in current.rois
    )
    _apply_to_several(session, "Change colour of", current, rois)
    return len(usual)


def _apply_to_several(session: Session, what: str, current: StructureSet, rois: tuple[Roi, ...]) -> None:
    """Put ROIs in place of those of a set, in its order, as one undo step; those that stay are the same objects."""
    count = sum(one is not other for one, other in zip(rois, current.rois, strict=True))
    if count:
        session.apply(f"{what} {count} ROI{'s'[: count != 1]}", replace(current, rois=rois))


def interpret_roi(session: Session, number: int, interpreted_type: str) -> None:
    """Set an ROI's interpreted type."""
    current, roi = _find(session, number)
    if interpreted_type != roi.interpreted_type:
        edited = replace(roi, interpreted_type=interpreted_type)
        session.apply(f"Change type of {roi.name}", current.with_roi(edited))


def delete_roi(session: Session, number: int) -> None:
    """Delete an ROI with all its contours."""
    current, roi = _find(session, number)
    session.apply(f"Delete {roi_text(roi.name)}", current.without_roi(number))


def delete_rois(session: Session, numbers: Sequence[int]) -> None:
    """Delete several ROIs as one undo step."""
    found = [_find(session, number) for number in numbers]
    if len(found) == 1:
        delete_roi(session, numbers[0])
    elif found:
        gone = set(numbers)
        current = found[0][0]
        rois = tuple(one for one in current.rois if one.number not in gone)
        session.apply(f"Delete {len(found)} ROIs", replace(current, rois=rois))


def duplicate_roi(session: Session, number: int) -> Roi:
    """Add a copy of an ROI right after it, with a number and a name of its own; the copy is active then."""
    current, roi = _find(session, number)
    stem = roi.name[: LONGEST_NAME - 10].strip() or "ROI"
    # What a file carried belongs to the ROI it was read for; the copy is one that was made here.
    contours = tuple(replace(one, origin=None) for one in roi.contours)
    name = free_name(current, f"{stem} copy")
    copy = replace(roi, number=current.next_number(), name=name, contours=contours, origin=None)
    place = current.rois.index(roi) + 1
    session.apply(f"Duplicate {roi.name}", replace(current, rois=(*current.rois[:place], copy, *current.rois[place:])))
    session.activate_roi(copy.number)
    return copy


def move_roi(session: Session, number: int, to: int) -> None:
    """Move an ROI to another place in the list, counted from 0; the others keep their order."""
    current, roi = _find(session, number)
    others = [one for one in current.rois if one is not roi]
    others.insert(max(0, min(to, len(others))), roi)
    if tuple(others) != current.rois:
        session.apply(f"Move {roi.name} in the list", replace(current, rois=tuple(others)))


def renumber_roi(session: Session, number: int, to: int) -> None:
    """Give an ROI another number.

    Raises:
        UsageError: when another ROI has it, or it isn't one that IS can hold from 0 up (PS3.5 6.2).
    """
    current, roi = _find(session, number)
    if to == number:
        return
    if not 0 <= to <= LARGEST_IS or any(one.number == to for one in current.rois):
        raise UsageError(f"{to} can't be the number of {roi.name}", remedy="choose one that no ROI has, from 0 up")
    rois = tuple(replace(one, number=to) if one is roi else one for one in current.rois)
    active = session.active_roi
    session.apply(f"Renumber {roi.name} to {to}", replace(current, rois=rois))
    if active == number:
        session.activate_roi(to)


def delete_last_contour(session: Session, number: int) -> bool:
    """Delete the contour of an ROI that was added last; False when it has none."""
    current, roi = _find(session, number)
    if not roi.contours:
        return False
    edited = current.with_roi(roi.without_contour(len(roi.contours) - 1))
    session.apply(f"Delete contour of {roi.name}", edited)
    return True


def free_name(structure_set: StructureSet | None, stem: str = "ROI") -> str:
    """A name no ROI has yet: ``ROI 1``, ``ROI 2`` ..."""
    names = set() if structure_set is None else {one.name for one in structure_set.rois}
    number = 1
    while f"{stem} {number}" in names:
        number += 1
    return f"{stem} {number}"


def _find(session: Session, number: int) -> tuple[StructureSet, Roi]:
    current = session.structure_set
    if current is None:
        raise UsageError("no structure set is open", remedy="draw a contour first; that makes one")
    return current, current.roi(number)
