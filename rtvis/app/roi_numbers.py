"""Numbers of a structure set's ROIs, from files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rtvis.app.matched_set import open_structure_set
from rtvis.dicom.volume import read_volume
from rtvis.dicom.volume_plan import VolumePlan
from rtvis.model.errors import UsageError
from rtvis.model.progress import no_report
from rtvis.model.statistics import RoiStatistics, statistics

if TYPE_CHECKING:
    from rtvis.model.progress import Report


def structure_set_statistics(
    path: Path, ct: Path | None = None, *, by_geometry: bool = False, report: Report = no_report
) -> list[RoiStatistics]:
    """Numbers of all ROIs of a structure set; voxel figures with `ct`.

    Args:
        path: the structure set.
        ct: its images; None for figures from contours alone.
        by_geometry: whether the images may be found by geometry.
        report: told (ROIs done, ROIs in all).

    Raises:
        InputError: when a file can't be read.
        UsageError: when the images in `ct` aren't those of the structure set.
    """
    structure_set = open_structure_set(path, ct, by_geometry=by_geometry)
    if ct is None:
        return statistics(structure_set, report=report)
    plan = structure_set.volume
    if not isinstance(plan, VolumePlan):
        remedy = "name its own images, or use --by-geometry when they are in the same place"
        raise UsageError("holds no images that the structure set was drawn on", path=ct, remedy=remedy)
    return statistics(structure_set, read_volume(plan), report=report)
