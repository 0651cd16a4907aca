"""What `rtvis export` writes besides structure sets: masks, label maps and surfaces."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from rtvis.dicom.files import written_whole
from rtvis.dicom.mask_files import TYPES as MASK_TYPES
from rtvis.dicom.mask_files import check_grid, is_sheared, write_voxels
from rtvis.dicom.new_files import taken_back_unless_done
from rtvis.model.errors import UsageError
from rtvis.model.masks import THREADS, roi_mask, roi_occupancy
from rtvis.model.progress import no_report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rtvis.geometry.grid import Grid
    from rtvis.model.progress import Report
    from rtvis.model.structure_set import Roi, StructureSet

NO_VOXEL = "no voxel's centre is inside it"
NO_SHARE = "it takes up no part of any voxel"

SURFACE_TYPES = ("stl", "ply", "vtp", "obj")

_Done: TypeAlias = tuple[int | None, list[str]]
"""Voxels or triangles written for an ROI, None when nothing was, and what to tell of it."""


@dataclass(frozen=True, slots=True)
class Written:
    """A file, or a part of one, that was written for an ROI: `count` voxels or triangles."""

    roi: str
    number: int
    path: Path
    count: int
    label: int | None = None


@dataclass(slots=True)
class VolumeExport:
    """What was written, what wasn't and why, and what else to know (ROI name or empty, sentence)."""

    outputs: list[Written] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)


def file_names(structure_set: StructureSet, suffix: str) -> dict[int, str]:
    """ROI number -> file name: characters outside ``[A-Za-z0-9_.-]`` become ``_``.

    Names that become equal, also on systems that don't tell capitals apart, get ``_<number>``.
    """
    unique = structure_set.unique_names()
    plain = {number: re.sub(r"[^A-Za-z0-9_.-]", "_", name) or "_" for number, name in unique.items()}
    result = dict(plain)
    while True:
        lowered = [one.lower() for one in result.values()]
        shared = {n for n, one in result.items() if lowered.count(one.lower()) > 1 and one == plain[n]}
        if not shared:
            break
        for number in shared:
            result[number] = f"{plain[number]}_{number}"
    # A name of points alone, or one that begins with a point, would be a folder or hidden.
    return {
        number: ("_" + one if one.startswith(".") else one)[: 250 - len(suffix)] + "." + suffix
        for number, one in result.items()
    }


def export_masks(
    structure_set: StructureSet,
    folder: Path,
    kind: str = "nii.gz",
    *,
    fractional: bool = False,
    force: bool = False,
    report: Report = no_report,
) -> VolumeExport:
    """One mask file for each ROI that has closed contours, on the grid of the set's volume.

    Args:
        structure_set: matched to its volume.
        folder: where to; made when it isn't there.
        kind: ``nii.gz`` or ``nrrd``.
        fractional: whether voxels hold the share of them that the ROI takes up (float32) instead of whether their
            centre is inside; those that hold any are counted.
        force: replace files that are there.
        report: told (ROIs done, ROIs in all).

    Raises:
        UsageError: without a volume, or when a file is there and `force` is False: nothing is written then.
        InputError: when the grid has uneven gaps.
        OutputError: when a file can't be written; those written until then are taken away again.
    """
    grid = _grid(structure_set, kind)
    names = file_names(structure_set, kind)
    _refuse_existing([folder / one for one in names.values()], force=force)
    result = VolumeExport(notes=_shear_note(grid))

    def one_mask(roi: Roi) -> _Done:
        found = roi_mask(roi, grid)
        messages = [one.message for one in found.problems]
        if found.mask is None:
            return None, messages
        voxels = roi_occupancy(roi, grid) if fractional else found.mask
        assert voxels is not None  # an ROI that has a mask has area
        target = folder / names[roi.number]
        is_new = not target.exists()
        write_voxels(voxels, grid, target, overwrite=force)
        new.extend([target] * is_new)
        return sum(int(np.count_nonzero(one)) for one in voxels), messages

    with taken_back_unless_done(folder / one for one in names.values()) as new:
        done = list(_each(structure_set.rois, one_mask, report))
    for roi, (voxels, messages) in done:
        _tell(result, roi, messages, skipped=voxels is None)
        if voxels is not None:
            result.outputs.append(Written(roi.name, roi.number, folder / names[roi.number], voxels))
        if voxels == 0:
            result.notes.append((roi.name, NO_SHARE if fractional else NO_VOXEL))
    return result


def export_labelmap(
    structure_set: StructureSet,
    out: Path,
    kind: str | None = None,
    *,
    force: bool = False,
    report: Report = no_report,
) -> VolumeExport:
    """One file whose voxels hold ROI numbers; where ROIs overlap the later one in the set's order has the voxel.

    Args:
        structure_set: matched to its volume.
        out: the file, or a folder for ``labelmap.<kind>``.
        kind: ``nii.gz`` or ``nrrd``; when None as `out` says, else ``nii.gz``.
        force: replace the file.
        report: told (ROIs done, ROIs in all).

    Raises:
        UsageError: as `export_masks`.
        InputError: when the grid has uneven gaps.
        OutputError: when the file can't be written.
    """
    said = next((one for one in MASK_TYPES if out.name.lower().endswith("." + one)), None)
    kind = kind or said or "nii.gz"
    path = out / f"labelmap.{kind}" if out.is_dir() or said is None else out
    if said is not None and said != kind:
        raise UsageError(f"ends in .{said}, but {kind} was asked for", path=out, remedy="let them agree")
    grid = _grid(structure_set, kind)
    _refuse_existing([path], force=force)
    result = VolumeExport(notes=_shear_note(grid))
    labels = _labels(structure_set)
    if any(number != label for number, label in labels.items()):
        what = "labels are the places of ROIs in the set, since not all ROI numbers fit: each is named below"
        result.notes.append(("", what))
    voxels = np.zeros(grid.shape, dtype=np.uint8 if max(labels.values(), default=0) < 256 else np.uint16)
    for done, roi in enumerate(structure_set.rois):
        report(done, len(structure_set.rois))
        found = roi_mask(roi, grid)
        _tell(result, roi, [one.message for one in found.problems], skipped=found.mask is None)
        if found.mask is None:
            continue
        covered, slices = 0, np.flatnonzero([one.any() for one in found.mask])
        if not len(slices):
            result.notes.append((roi.name, NO_VOXEL))
        for k in slices:
            covered += int(np.count_nonzero(voxels[k][found.mask[k]]))
            voxels[k][found.mask[k]] = labels[roi.number]
        if covered:
            result.notes.append((roi.name, f"covers {covered} voxels of ROIs before it; a voxel has one label"))
        result.outputs.append(Written(roi.name, roi.number, path, 0, labels[roi.number]))
    write_voxels(voxels, grid, path, overwrite=force)
    counts = np.bincount(voxels.reshape(-1), minlength=max(labels.values(), default=0) + 1)
    result.outputs = [
        Written(one.roi, one.number, path, int(counts[one.label or 0]), one.label) for one in result.outputs
    ]
    report(len(structure_set.rois), len(structure_set.rois))
    return result


def export_surfaces(
    structure_set: StructureSet,
    folder: Path,
    kind: str = "stl",
    *,
    triangles: float = 1.0,
    force: bool = False,
    report: Report = no_report,
) -> VolumeExport:
    """One surface file, in LPS mm, for each ROI that has closed contours.

    Args:
        structure_set: no images are needed.
        folder: where to.
        kind: ``stl``, ``ply``, ``vtp`` or ``obj``.
        triangles: the share of triangles to keep, above 0 to 1; with fewer than all, surfaces are for display.
        force: replace files that are there.
        report: told (ROIs done, ROIs in all).

    Raises:
        UsageError: for another kind or share, or when a file is there and `force` is False: nothing is written then.
        OutputError: when a file can't be written; those written until then are taken away again.
    """
    from rtvis.surfaces.roi_surface import decimated, roi_surface  # noqa: PLC0415  (VTK takes a while to load)
    from rtvis.surfaces.surface_files import surface_bytes  # noqa: PLC0415  (VTK takes a while to load)

    if kind not in SURFACE_TYPES:
        raise UsageError(f"surfaces are written as {', '.join(SURFACE_TYPES)}, not {kind}", remedy="choose one of them")
    if not 0 < triangles <= 1:
        what = f"the share of triangles to keep is above 0 and at most 1, not {triangles:g}"
        raise UsageError(what, remedy="give one such as 0.2")
    names = file_names(structure_set, kind)
    _refuse_existing([folder / one for one in names.values()], force=force)
    result = VolumeExport()

    def one_surface(roi: Roi) -> _Done:
        surface = roi_surface(roi, fine=True, single_mm=_single(structure_set))
        messages = [one.message for one in surface.problems]
        if not surface.mesh.GetNumberOfCells():
            return None, messages
        mesh = surface.mesh if triangles == 1 else decimated(surface.mesh, triangles)
        content = surface_bytes(mesh, kind)
        target = folder / names[roi.number]
        is_new = not target.exists()
        with written_whole(target, overwrite=force) as handle:
            handle.write(content)
        new.extend([target] * is_new)
        return int(mesh.GetNumberOfCells()), messages

    with taken_back_unless_done(folder / one for one in names.values()) as new:
        done = list(_each(structure_set.rois, one_surface, report))
    for roi, (count, messages) in done:
        _tell(result, roi, messages, skipped=count is None)
        if count is not None:
            result.outputs.append(Written(roi.name, roi.number, folder / names[roi.number], count))
    return result


def _each(rois: tuple[Roi, ...], work: Callable[[Roi], _Done], report: Report) -> Iterable[tuple[Roi, _Done]]:
    """Results of work on each ROI, in order, done side by side; one ROI's failure ends all of it."""
    with ThreadPoolExecutor(THREADS) as pool:
        waiting = [(roi, pool.submit(work, roi)) for roi in rois]
        try:
            results = []
            for done, (roi, future) in enumerate(waiting):
                report(done, len(waiting))
                results.append((roi, future.result()))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    report(len(rois), len(rois))
    return results


def _grid(structure_set: StructureSet, kind: str) -> Grid:
    if kind not in MASK_TYPES:
        raise UsageError(f"masks are written as {', '.join(MASK_TYPES)}, not {kind}", remedy="choose one of them")
    if structure_set.volume is None:
        what = "no images are known for it, and masks are made on their grid"
        raise UsageError(what, path=structure_set.path, remedy="name the folder of its images with --ct")
    check_grid(structure_set.volume.grid)
    return structure_set.volume.grid


def _shear_note(grid: Grid) -> list[tuple[str, str]]:
    if not is_sheared(grid):
        return []
    what = f"the images are tilted by {grid.tilt_deg:.2f} degrees; the files hold that as a sheared matrix"
    return [("", f"{what}, which some programs refuse or ignore")]


def _labels(structure_set: StructureSet) -> dict[int, int]:
    """ROI number -> label: the number itself where 16 bits hold all of them, else its place in the set."""
    numbers = [one.number for one in structure_set.rois]
    if all(0 < number <= 0xFFFF for number in numbers):
        return {number: number for number in numbers}
    return {number: place for place, number in enumerate(numbers, start=1)}


def _tell(result: VolumeExport, roi: Roi, messages: list[str], *, skipped: bool) -> None:
    if skipped:
        result.skipped.append((roi.name, "; ".join(messages) or "it has no contours"))
    else:
        result.notes += [(roi.name, one) for one in messages]


def _refuse_existing(paths: Iterable[Path], *, force: bool) -> None:
    for path in paths:
        if path.exists() and not force:
            raise UsageError("already exists", path=path, remedy="choose another place, or use --force to replace it")


def _single(structure_set: StructureSet) -> float:
    """Thickness of a contour plane without neighbours."""
    return 1.0 if structure_set.volume is None else structure_set.volume.grid.spacing_mm[0]
