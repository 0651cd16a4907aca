"""References of a structure set mended by geometry."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from rtvis.dicom.image_references import image_references
from rtvis.dicom.matching import match, plane_residual_mm
from rtvis.dicom.rtstruct_origin import SetOrigin
from rtvis.dicom.rtstruct_resave import Revision
from rtvis.dicom.rtstruct_writer import write_revision
from rtvis.model.errors import NothingToRepairError, UsageError
from rtvis.model.problem import Problem
from rtvis.model.structure_set import Contour, Roi, StructureSet
from rtvis.model.volume import VolumeHeader


def repair(
    structure_set: StructureSet, volume: VolumeHeader, path: str | Path, *, overwrite: bool = False
) -> list[Problem]:
    """Write a copy whose references lead to the images of `volume`; points and types stay byte for byte.

    Contours that name an image which isn't in the volume, or none, get the references of `image_references`; ROIs get
    the volume's frame of reference; ReferencedFrameOfReferenceSequence names the volume's series and images. The file
    says so: an item of ContributingEquipmentSequence (PS3.3 C.12.1.1.5), Modifying Equipment, with a description that
    gives counts and the residual. Unlike StructureSetDescription that sequence belongs to no user, and it grows.

    Returns:
        Warnings, and first the problem ``repaired`` that says what was done.

    Raises:
        NothingToRepairError: when all references hold already.
        UsageError: when the set wasn't read from a file.
        ExportError, OutputError: as `write_structure_set`.
    """
    mended, message = with_mended_references(structure_set, volume)
    warnings = write_revision(mended, path, Revision(message, volume), overwrite=overwrite)
    return [Problem("repaired", message), *warnings]


def with_mended_references(structure_set: StructureSet, volume: VolumeHeader) -> tuple[StructureSet, str]:
    """A copy with references to `volume`, and a sentence that says what was mended; see `repair`.

    Raises:
        NothingToRepairError: when all references hold already.
        UsageError: when the set wasn't read from a file.
    """
    origin = structure_set.origin
    if not isinstance(origin, SetOrigin):
        raise UsageError("only a structure set from a file can be repaired", remedy="save it first")
    there = {one.sop_instance_uid for one in volume.slices}
    frame = volume.frame_of_reference_uid or structure_set.frame_of_reference_uid
    rois = tuple(_mended_roi(roi, volume, there, frame) for roi in structure_set.rois)
    contours = sum(
        new is not old
        for roi, before in zip(rois, structure_set.rois, strict=True)
        for new, old in zip(roi.contours, before.contours, strict=True)
    )
    frames = sum(
        roi.frame_of_reference_uid != before.frame_of_reference_uid
        for roi, before in zip(rois, structure_set.rois, strict=True)
    )
    listed = volume.series_instance_uid in structure_set.referenced_series_uids and origin.referenced_images <= there
    if not contours and not frames and listed and origin.referenced_images:
        raise NothingToRepairError("all references hold: there is nothing to repair", path=structure_set.path)
    residual_mm = plane_residual_mm(structure_set, volume)
    message = (
        f"references mended by geometry: {contours} of {structure_set.contour_count} contours and {frames} ROIs now "
        f"refer to series {volume.series_instance_uid}; median distance to the image planes {residual_mm:.3f} mm"
    )
    mended = replace(
        structure_set, rois=rois, frame_of_reference_uid=frame, referenced_series_uids=(volume.series_instance_uid,)
    )
    return replace(match(mended, [volume]), problems=structure_set.problems), message


def _mended_roi(roi: Roi, volume: VolumeHeader, there: set[str], frame_of_reference_uid: str) -> Roi:
    contours = tuple(_mended_contour(one, volume, there) for one in roi.contours)
    changed = any(new is not old for new, old in zip(contours, roi.contours, strict=True))
    if not changed and roi.frame_of_reference_uid == frame_of_reference_uid:
        return roi
    return replace(roi, contours=contours, frame_of_reference_uid=frame_of_reference_uid)


def _mended_contour(contour: Contour, volume: VolumeHeader, there: set[str]) -> Contour:
    holds = bool(contour.images) and all(image.sop_instance_uid in there for image in contour.images)
    if holds or not len(contour.points_lps):
        return contour
    return replace(contour, images=image_references(contour.points_lps, volume))
