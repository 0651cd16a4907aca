"""A structure set checked: what was read, what breaks the standard, and how other programs would read it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rtvis.app.matched_set import open_structure_set
from rtvis.dicom.export_checks import check_export
from rtvis.dicom.import_report import import_report
from rtvis.dicom.matching import plane_residual_mm
from rtvis.dicom.readers import how_others_read
from rtvis.dicom.repair import repair
from rtvis.model.errors import NothingToRepairError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from rtvis.model.problem import Problem

REFUSED_CODES = frozenset(
    {
        "bad-color",
        "bad-contour-data",
        "bad-uid",
        "contour-digest-differs",
        "ds-too-long",
        "frame-of-reference-missing",
        "geometric-type-missing",
        "label-missing",
        "no-rois",
        "not-coplanar",
        "not-finite",
        "roi-number-doubled",
        "roi-number-missing",
        "too-few-points",
        "too-many-points",
        "unknown-geometric-type",
    }
)
"""Oddities that break the standard (PS3.3 C.8.8.5, C.8.8.6, PS3.5 6.2), so that a receiver may refuse the file: errors.
All the rest is a warning: unusual, but allowed."""


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What `rtvis check` found.

    Attributes:
        errors: what breaks the standard.
        warnings: what is odd.
        readers: program -> what it would lose or change.
        matched_by: how the images were found; None without images.
        volume_id: of the images.
        residual_mm: median distance of the contours from the nearest image plane.
        repairs: what a repair did, and warnings of its writing; empty where none was asked for, or nothing needed it
            and nothing was written.
    """

    errors: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    readers: dict[str, list[str]]
    matched_by: str | None = None
    volume_id: str | None = None
    residual_mm: float | None = None
    repairs: tuple[Problem, ...] = ()


def check_structure_set(
    path: Path,
    ct: Path | None = None,
    *,
    by_geometry: bool = False,
    repair_to: Path | None = None,
    force: bool = False,
) -> CheckReport:
    """Check one structure set; with `repair_to`, also write a copy whose references lead to the images in `ct`.

    A repair goes by geometry, so that with one `by_geometry` is meant too.

    Raises:
        UsageError: when a repair is asked for without images, or the copy is there already.
        InputError: when the file can't be read.
    """
    structure_set = open_structure_set(path, ct, by_geometry=by_geometry or repair_to is not None)
    found = dict.fromkeys(
        [*import_report(structure_set), *(one for part in check_export(structure_set) for one in part)]
    )
    repairs: list[Problem] = []
    errors = tuple(one for one in found if one.code in REFUSED_CODES)
    warnings = tuple(one for one in found if one.code not in REFUSED_CODES)
    if repair_to is not None:
        if ct is None:
            raise UsageError("a repair needs the images", path=path, remedy="name them with --ct")
        if structure_set.volume is None:
            what = "can't be repaired: it fits none of the images by references, frame of reference or geometry"
            raise UsageError(what, path=path, remedy="name the images it was drawn on with --ct")
        with suppress(NothingToRepairError):
            repairs = repair(structure_set, structure_set.volume, repair_to, overwrite=force)
    volume = structure_set.volume
    return CheckReport(
        errors,
        warnings,
        how_others_read(structure_set),
        matched_by=structure_set.matched_by,
        volume_id=None if volume is None else volume.volume_id,
        residual_mm=None if volume is None else plane_residual_mm(structure_set, volume),
        repairs=tuple(repairs),
    )
