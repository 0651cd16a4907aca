"""A study, or what was checked of it, as the plain values that `--json` prints (the contract for scripts)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rtvis.model.problem import Problem
    from rtvis.model.structure_set import StructureSet
    from rtvis.model.study import OtherObject, Unreadable
    from rtvis.model.volume import VolumeHeader


def describe_problems(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """Problems with code, message, and the ROI number and contour index where they have one."""
    return [{"code": one.code, "message": one.message, "roi": one.roi, "contour": one.contour} for one in problems]


def describe_unreadable(unreadable: Iterable[Unreadable]) -> list[dict[str, str]]:
    """Files that couldn't be used, with the reason."""
    return [{"path": str(one.path), "reason": one.reason} for one in unreadable]


def describe_series(volume: VolumeHeader) -> dict[str, Any]:
    """One volume of `rtvis info --json`; lengths in mm, LPS, affine from (column i, row j, slice k)."""
    grid = volume.grid
    return {
        "volume_id": volume.volume_id,
        "series_instance_uid": volume.series_instance_uid,
        "study_instance_uid": volume.study_instance_uid,
        "patient_id": volume.patient.patient_id,
        "modality": volume.modality,
        "description": volume.description,
        "frame_of_reference_uid": grid.frame_of_reference_uid,
        "images": len(volume.slices),
        "shape": list(grid.shape),
        "spacing_mm": list(grid.spacing_mm),
        "affine_lps": grid.affine_lps.tolist(),
        "regular": bool(grid.regular),
        "slice_origins_lps": grid.slice_origins_lps_mm.tolist(),
        "tilt_deg": grid.tilt_deg,
        "transfer_syntaxes": sorted({one.transfer_syntax_uid for one in volume.slices}),
        "problems": describe_problems(volume.problems),
    }


def describe_structure_set(structure_set: StructureSet) -> dict[str, Any]:
    """One structure set of `rtvis info --json`."""
    volume = structure_set.volume
    return {
        "path": str(structure_set.path),
        "label": structure_set.label,
        "sop_instance_uid": structure_set.sop_instance_uid,
        "series_instance_uid": None if volume is None else volume.series_instance_uid,
        "volume_id": None if volume is None else volume.volume_id,
        "matched_by": structure_set.matched_by,
        "rois": [
            {
                "number": roi.number,
                "name": roi.name,
                "color": None if roi.color is None else list(roi.color),
                "interpreted_type": roi.interpreted_type,
                "contours": roi.contour_counts,
                "points": roi.point_count,
            }
            for roi in structure_set.rois
        ],
        "problems": describe_problems(structure_set.problems),
    }


def describe_other(other: OtherObject) -> dict[str, str]:
    """One DICOM object that is listed but not shown."""
    return {
        "path": str(other.path),
        "modality": other.modality,
        "sop_class_uid": other.sop_class_uid,
        "sop_instance_uid": other.sop_instance_uid,
        "series_instance_uid": other.series_instance_uid,
        "description": other.description,
        "study_instance_uid": other.study_instance_uid,
        "frame_of_reference_uid": other.frame_of_reference_uid,
    }


def describe_study(
    *,
    volumes: Sequence[VolumeHeader],
    structure_sets: Sequence[StructureSet],
    others: Sequence[OtherObject],
    unreadable: Sequence[Unreadable],
    ignored: int,
    problems: Sequence[Problem],
) -> dict[str, Any]:
    """The whole of `rtvis info --json`."""
    return {
        "series": [describe_series(one) for one in volumes],
        "structure_sets": [describe_structure_set(one) for one in structure_sets],
        "others": [describe_other(one) for one in others],
        "unreadable": describe_unreadable(unreadable),
        "ignored": ignored,
        "problems": describe_problems(problems),
    }
