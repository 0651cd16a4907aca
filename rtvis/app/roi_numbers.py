"""Numbers of ROIs from files: of one structure set, and of two compared."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rtvis.app.matched_set import open_structure_set
from rtvis.dicom.rtstruct_reader import read_structure_set
from rtvis.dicom.volume import read_volume
from rtvis.dicom.volume_plan import VolumePlan
from rtvis.model.comparison import compare
from rtvis.model.errors import UsageError
from rtvis.model.progress import no_report
from rtvis.model.statistics import RoiStatistics, statistics

if TYPE_CHECKING:
    from rtvis.model.comparison import Comparison
    from rtvis.model.progress import Report
    from rtvis.model.structure_set import StructureSet


def structure_set_statistics(
    path: Path,
    ct: Path | None = None,
    *,
    by_geometry: bool = False,
    bin_width: float | None = None,
    report: Report = no_report,
) -> list[RoiStatistics]:
    """Numbers of all ROIs of a structure set; voxel figures with `ct`.

    Args:
        path: the structure set.
        ct: its images; None for figures from contours alone.
        by_geometry: whether the images may be found by geometry.
        bin_width: of histograms of the voxels' values, in the images' units; none are made when None.
        report: told (ROIs done, ROIs in all).

    Raises:
        InputError: when a file can't be read.
        UsageError: when the images in `ct` aren't those of the structure set, or `bin_width` can't be used.
    """
    if ct is None:
        return statistics(open_structure_set(path), report=report)
    structure_set, plan = _on_images(path, ct, by_geometry=by_geometry)
    try:
        return statistics(structure_set, read_volume(plan), bin_width=bin_width, report=report)
    except ValueError as error:
        raise UsageError(str(error), remedy="choose another width") from error


def structure_set_comparison(
    a: Path, b: Path, ct: Path | None = None, *, by_geometry: bool = False, report: Report = no_report
) -> Comparison:
    """Two structure sets ROI by ROI; with `ct` also how far their ROIs agree in space.

    Args:
        a: a structure set.
        b: another.
        ct: the images of both, whose grid the overlap is counted on; None for what contours alone tell.
        by_geometry: whether the images may be found by geometry.
        report: told (ROIs done, ROIs in all).

    Raises:
        InputError: when a file can't be read.
        UsageError: when the images in `ct` aren't those of both.
    """
    if ct is None:
        return compare(read_structure_set(a), read_structure_set(b))
    (one, plan), (other, others) = (_on_images(path, ct, by_geometry=by_geometry) for path in (a, b))
    if plan.volume_id != others.volume_id:
        raise UsageError(f"was drawn on other images than {a.name}", path=b, remedy="leave --ct out")
    return compare(one, other, plan.grid, report)


def _on_images(path: Path, ct: Path, *, by_geometry: bool) -> tuple[StructureSet, VolumePlan]:
    structure_set = open_structure_set(path, ct, by_geometry=by_geometry)
    plan = structure_set.volume
    if not isinstance(plan, VolumePlan):
        remedy = "name its own images, or use --by-geometry when they are in the same place"
        raise UsageError(f"holds no images that {path.name} was drawn on", path=ct, remedy=remedy)
    return structure_set, plan
