"""Writing structure sets: untouched ones byte for byte, changed ones into what their file carried, new ones whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from rtvis.dicom import rtstruct_origin as tags
from rtvis.dicom.element_encoding import part_10
from rtvis.dicom.element_tree import data_set, parse_file
from rtvis.dicom.encoding import EXPLICIT, EXPLICIT_LE, IMPLICIT, IMPLICIT_LE
from rtvis.dicom.export_checks import check_export
from rtvis.dicom.files import written_whole
from rtvis.dicom.image_references import image_references
from rtvis.dicom.rtstruct_new import new_dataset, new_structure_set
from rtvis.dicom.rtstruct_origin import SetOrigin, curve_untouched, lacks_item, set_untouched
from rtvis.dicom.rtstruct_reader import structure_set_of
from rtvis.dicom.rtstruct_resave import Instance, Revision, changed_dataset
from rtvis.dicom.transcoding import in_implicit_vr
from rtvis.dicom.uids import new_uid
from rtvis.model.errors import ExportError, OutputError, RtvisError
from rtvis.model.problem import Problem
from rtvis.model.progress import Report, no_report
from rtvis.model.structure_set import Contour, Roi, StructureSet

__all__ = ["image_references", "new_structure_set", "write_structure_set"]


def write_structure_set(
    structure_set: StructureSet,
    path: str | Path,
    *,
    overwrite: bool = False,
    implicit_vr: bool = False,
    report: Report = no_report,
) -> list[Problem]:
    """Write a structure set, and prove that nothing was lost before the file appears.

    - Untouched since it was read: the data set is the file's, byte for byte, SOP Instance UID and signatures
      included; only the file meta information is written anew (and added where the file had none).
    - Changed: contours, ROIs and attributes that nobody touched keep their bytes; the transfer syntax is the file's; it
      is a new instance in a new series (other equipment wrote it, PS3.3 C.7.3.1), with new dates.
    - Made here: Explicit VR Little Endian, the eight modules of PS3.3 A.19.3, references to `structure_set.volume`; a
      new instance each time, in the set's own series. Contours that name no image get those of `image_references`.

    Args:
        structure_set: what to write. Its UIDs are not changed; read the file to learn the new ones.
        path: where to.
        overwrite: whether a file that is there may be replaced.
        implicit_vr: write Implicit VR Little Endian whatever the file was, for receivers that don't know ContourData
            as UN. All values are kept byte for byte; the VRs of private attributes are no longer written.
        report: told of the steps done.

    Returns:
        Warnings: what breaks the standard in untouched parts, and what happened on the way.

    Raises:
        ExportError: when what was made or edited breaks the standard; nothing is written.
        UsageError: when the file is there and `overwrite` is False.
        OutputError: when it can't be written.
    """
    return write_revision(structure_set, path, Revision(), overwrite=overwrite, implicit_vr=implicit_vr, report=report)


def write_revision(
    structure_set: StructureSet,
    path: str | Path,
    revision: Revision,
    *,
    overwrite: bool = False,
    implicit_vr: bool = False,
    report: Report = no_report,
) -> list[Problem]:
    """Write a structure set and what is to be told of the change in the file; see `write_structure_set`."""
    errors, warnings = check_export(structure_set)
    if errors:
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        raise ExportError(f"not written: {errors[0].message}{more}", path=path, remedy="mend it, then save again")
    report(1, 4)
    content, notes = encoded(structure_set, revision, implicit_vr=implicit_vr)
    report(2, 4)
    with written_whole(path, overwrite=overwrite) as handle:
        _prove(structure_set, content, Path(path))
        report(3, 4)
        handle.write(content)
    report(4, 4)
    return warnings + notes


def encoded(
    structure_set: StructureSet, revision: Revision, *, implicit_vr: bool = False
) -> tuple[bytes, list[Problem]]:
    """The bytes of the whole file, and what happened on the way; see `write_structure_set`."""
    origin = structure_set.origin
    if not isinstance(origin, SetOrigin):
        instance = Instance.now(new_uid(), _own_series(structure_set, structure_set.series_instance_uid))
        dataset, notes = new_dataset(structure_set, instance, IMPLICIT if implicit_vr else EXPLICIT)
        return _file(dataset, instance.sop_instance_uid, IMPLICIT_LE if implicit_vr else EXPLICIT_LE), notes
    file = origin.file
    old = file.dataset
    notes = []
    if set_untouched(structure_set) and revision.images is None:
        dataset = old.buffer[old.start : old.end]
        uid = old.ascii(tags.SOP_INSTANCE_UID)
    else:
        instance = Instance.now(new_uid(), new_uid())
        dataset, notes = changed_dataset(structure_set, origin, instance, revision)
        uid = instance.sop_instance_uid
    syntax = file.transfer_syntax_uid
    if implicit_vr and syntax != IMPLICIT_LE:
        dataset = in_implicit_vr(data_set(dataset, old.encoding), file.path)
        syntax = IMPLICIT_LE
        notes = [one for one in notes if one.code != "contour-data-too-long"]
    return _file(dataset, uid, syntax, file.preamble), notes


def _own_series(structure_set: StructureSet, uid: str) -> str:
    """A structure set is never in its images' series (PS3.3 C.7.3.1: one modality a series)."""
    volume = structure_set.volume
    images = {*structure_set.referenced_series_uids, "" if volume is None else volume.series_instance_uid}
    return new_uid() if not uid or uid in images else uid


def _file(dataset: bytes, uid: str, transfer_syntax_uid: str, preamble: bytes = b"") -> bytes:
    return part_10(
        dataset,
        sop_class_uid=tags.RT_STRUCTURE_SET,
        sop_instance_uid=uid,
        transfer_syntax_uid=transfer_syntax_uid,
        preamble=preamble,
    )


def _prove(structure_set: StructureSet, content: bytes, path: Path) -> None:
    """Read what is about to be written, and compare ROIs and contours with what was asked for.

    Raises:
        OutputError: when anything differs; nothing is written then.
    """
    remedy = "nothing was written; please report this with the steps that led to it"
    try:
        written = structure_set_of(parse_file(content))
    except RtvisError as error:
        raise OutputError(f"what would be written can't be read back ({error})", path=path, remedy=remedy) from error
    if len(written.rois) != len(structure_set.rois):
        what = f"{len(written.rois)} of {len(structure_set.rois)} ROIs would be written"
        raise OutputError(what, path=path, remedy=remedy)
    ours_in_order = list(structure_set.rois)
    if isinstance(origin := structure_set.origin, SetOrigin):
        ours_in_order.sort(key=lambda roi: lacks_item(roi, origin))  # those are read after all others
    for one, other in zip(ours_in_order, written.rois, strict=True):
        if _told(one) != _told(other):
            raise OutputError(f"ROI {one.number} {one.name!r} would be written differently", path=path, remedy=remedy)
        for index, (ours, theirs) in enumerate(zip(one.contours, other.contours, strict=True)):
            if not _same(ours, theirs):
                what = f"contour {index + 1} of ROI {one.number} {one.name!r} would be written differently"
                raise OutputError(what, path=path, remedy=remedy)


def _told(roi: Roi) -> tuple[object, ...]:
    """What is said of a ROI and must be there again; spaces around texts mean nothing (PS3.5 6.2)."""
    texts = [text.strip(" ") for text in (roi.name, roi.interpreted_type, roi.algorithm)]
    return (*texts, roi.color, len(roi.contours))


def _same(ours: Contour, theirs: Contour) -> bool:
    if ours.geometric_type != theirs.geometric_type or ours.points_lps.shape != theirs.points_lps.shape:
        return False
    # What was made or edited is rounded to DS when the edit commits; points put in past that are rounded here.
    tolerance_mm = 0.0 if curve_untouched(ours) else 1e-6
    return bool(np.all(np.abs(ours.points_lps - theirs.points_lps) <= tolerance_mm))
