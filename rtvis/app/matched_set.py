"""One structure set, with the images it was drawn on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtvis.app.opening import scan_paths
from rtvis.dicom.matching import match
from rtvis.dicom.rtstruct_reader import read_structure_set
from rtvis.model.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from rtvis.model.structure_set import StructureSet


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
