"""One structure set, with the images it was drawn on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rtvis.app.opening import scan_paths
from rtvis.dicom.matching import fitting_volume, match
from rtvis.dicom.rtstruct_reader import read_structure_set
from rtvis.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rtvis.model.structure_set import StructureSet
    from rtvis.model.volume import VolumeHeader


def open_structure_set(path: Path, ct: Path | None = None, *, by_geometry: bool = False) -> StructureSet:
    """Read one structure set, matched to the images in `ct` where that is given.

    Args:
        path: the structure set.
        ct: file or folder with the images.
        by_geometry: whether to match by geometry when neither references nor frame of reference lead to the images.

    Raises:
        InputError: when it isn't one, or `ct` holds no images.
    """
    structure_set = read_structure_set(path)
    if ct is None:
        return structure_set
    plans = scan_paths(ct).plans
    if not plans:
        raise UsageError("holds no image series", path=ct, remedy="name the folder of the images it was drawn on")
    return match(structure_set, plans, by_geometry=by_geometry)


@dataclass(frozen=True, slots=True)
class GeometricFit:
    """Images that a structure set fits by geometry, to be asked about before it is shown on them.

    Attributes:
        matched: the set as it is when it is matched to them: `volume`, `matched_by` ``geometry``, and the problem
            ``matched-by-geometry`` that tells the residual.
        residual_mm: median distance between its contours and the image planes, mm.
    """

    matched: StructureSet
    residual_mm: float


def fits_by_geometry(structure_sets: Sequence[StructureSet], volumes: Sequence[VolumeHeader]) -> list[GeometricFit]:
    """Of the sets without images, those that fit a volume by geometry; nothing is changed."""
    fits = []
    for one in structure_sets:
        found = fitting_volume(one, volumes) if one.volume is None else None
        if found is not None:
            volume, residual_mm = found
            fits.append(GeometricFit(match(one, [volume], by_geometry=True), residual_mm))
    return fits
