"""A structure set written again, as drawn or for receivers that know less; and an account of each contour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rtvis.app.matched_set import open_structure_set
from rtvis.dicom.axial_profile import axial_profile
from rtvis.dicom.rtstruct_writer import write_structure_set
from rtvis.model.progress import no_report

if TYPE_CHECKING:
    from pathlib import Path

    from rtvis.dicom.axial_profile import Skipped
    from rtvis.model.problem import Problem
    from rtvis.model.progress import Report


@dataclass(frozen=True, slots=True)
class ExportedRoi:
    """One ROI of an exported structure set.

    Contours of its original = contours here + `merged` + those of it among the skipped.
    """

    number: int
    name: str
    contours: int
    merged: int = 0


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written, what wasn't and why, and what the person should know."""

    path: Path
    rois: tuple[ExportedRoi, ...]
    skipped: tuple[Skipped, ...]
    warnings: tuple[Problem, ...]


def export_structure_set(
    source: Path,
    path: Path,
    *,
    ct: Path | None = None,
    by_geometry: bool = False,
    profile: str = "faithful",
    holes: str = "keyhole",
    implicit_vr: bool = False,
    force: bool = False,
    report: Report = no_report,
) -> ExportReport:
    """Write a structure set again.

    Args:
        source: the file to read; it is never written to.
        path: the file to write.
        ct: the images it was drawn on; the axial profile needs them.
        by_geometry: whether the images may be found by geometry.
        profile: ``faithful`` (as drawn) or ``axial`` (see `rtvis.dicom.axial_profile`).
        holes: of the axial profile: ``keyhole``, ``xor`` or ``nested``.
        implicit_vr: write Implicit VR Little Endian.
        force: replace a file that is there.
        report: told of the steps done.

    Raises:
        InputError: when something can't be read, or the images are needed and can't be found.
        ExportError, OutputError: as `rtvis.dicom.rtstruct_writer.write_structure_set`.
    """
    structure_set = open_structure_set(source, ct, by_geometry=by_geometry)
    skipped: tuple[Skipped, ...] = ()
    merged: dict[int, int] = {}
    warnings: list[Problem] = [one for one in structure_set.problems if one.code == "matched-by-geometry"]
    if profile == "axial":
        made = axial_profile(structure_set, holes)
        structure_set, skipped, merged = made.structure_set, made.skipped, made.merged
        warnings += made.problems
    warnings += write_structure_set(structure_set, path, overwrite=force, implicit_vr=implicit_vr, report=report)
    rois = tuple(
        ExportedRoi(one.number, one.name, len(one.contours), merged.get(one.number, 0)) for one in structure_set.rois
    )
    return ExportReport(path, rois, skipped, tuple(warnings))
