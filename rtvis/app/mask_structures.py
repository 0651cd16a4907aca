"""Structure sets from masks and label maps."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rtvis.app.contour_planes import references_on_slice
from rtvis.app.opening import scan_paths
from rtvis.app.palette import ROI_PALETTE
from rtvis.dicom.mask_files import read_voxels
from rtvis.dicom.rtstruct_new import new_structure_set
from rtvis.geometry.contouring import outlines
from rtvis.geometry.slabs import owners, slab_bounds_on_slices
from rtvis.model.errors import InputError, UsageError
from rtvis.model.problem import Problem
from rtvis.model.progress import no_report
from rtvis.model.structure_set import Contour, GeometricType, Roi

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rtvis.app.contour_planes import EditGround
    from rtvis.geometry.grid import Grid
    from rtvis.model.progress import Report
    from rtvis.model.structure_set import StructureSet
    from rtvis.model.volume import VolumeHeader

DECIMALS = 6
"""Of coordinates in mm: a millionth, far below the clearance that outlines keep from voxel centres, and within what DS
holds (PS3.5 6.2: 16 characters) up to 100 m."""

MOST_LABELS = 1000
"""A label map with more values than this is an image, not a label map."""

MASK_VALUES = (1, 255)
"""What masks hold inside; a file that holds only another value is a label map of one ROI."""

LARGEST_NUMBER = 2**31 - 1
"""Of ROINumber, an IS (PS3.5 6.2)."""

SUFFIXES = (".nii.gz", ".nii", ".nrrd", ".nhdr", ".mha", ".mhd")


def structure_set_from_masks(
    masks: Mapping[str, NDArray[Any]],
    volume: VolumeHeader,
    *,
    label: str = "rtvis",
    tolerance_mm: float = 0.0,
    numbers: Mapping[str, int] | None = None,
    report: Report = no_report,
) -> StructureSet:
    """Contours around masks; filled again they are the same masks, voxel for voxel.

    Contours can't tell empty slices from slices that nobody drew on. Where a mask holds only every second slice, or
    fewer, what is filled between them (`rtvis.geometry.slabs`) is more than the mask, and a problem of the set says so.

    Args:
        masks: ROI name to an array of the volume's shape; what isn't zero is inside. An empty mask gives an ROI without
            contours.
        volume: the images.
        label: of the set.
        tolerance_mm: how far corners that are left out may be from the outline; up to 0.35 of the smaller pixel side
            the masks stay the same (`rtvis.geometry.contouring`).
        numbers: ROI name to its ROINumber, for those that are to have a certain one; the others count on from 1.
        report: told (ROIs done, ROIs in all).

    Raises:
        InputError: when a mask has another shape.
        ValueError: when the tolerance is negative, or two ROIs are to have one number.
    """
    if tolerance_mm < 0:
        raise ValueError(f"a tolerance can't be negative: {tolerance_mm}")
    _numbered(masks, numbers or {})  # told before anything is worked out
    outlined = []
    for index, (name, mask) in enumerate(masks.items()):
        report(index, len(masks))
        if np.shape(mask) != volume.grid.shape:
            what = f"the mask {name!r} has {np.shape(mask)} voxels, the images {volume.grid.shape}"
            raise InputError(what, remedy="resample it onto the images' grid")
        outlined.append(_outlined(name, mask, volume, tolerance_mm))
    report(len(masks), len(masks))
    return _set_of(outlined, volume, label, numbers or {})


@dataclass(frozen=True, slots=True)
class _Outlined:
    """What is left of a mask once its outlines are found.

    Attributes:
        name: of the ROI.
        contours: the outlines.
        more: how many slices they stand for that the mask holds nothing on.
    """

    name: str
    contours: tuple[Contour, ...]
    more: int


def _outlined(name: str, mask: NDArray[Any], volume: VolumeHeader, tolerance_mm: float) -> _Outlined:
    inside = mask if mask.dtype == bool else mask != 0
    return _Outlined(name, contours_of(inside, volume, tolerance_mm), _bridged_slices(inside, volume.grid))


def _set_of(
    outlined: Sequence[_Outlined], volume: VolumeHeader, label: str, numbers: Mapping[str, int]
) -> StructureSet:
    number_of = _numbered((one.name for one in outlined), numbers)
    empty = new_structure_set(volume, label)
    frame = empty.frame_of_reference_uid
    rois = tuple(
        Roi(number_of[one.name], one.name, one.contours, ROI_PALETTE[n % len(ROI_PALETTE)], "", "AUTOMATIC", frame)
        for n, one in enumerate(outlined)
    )
    problems = (_gap_problem(one, number_of[one.name]) for one in outlined if one.more)
    return replace(empty, rois=rois, volume=volume, problems=(*empty.problems, *problems))


def _numbered(names: Iterable[str], numbers: Mapping[str, int]) -> dict[str, int]:
    """Each name's ROI number: its own, or the next that is free."""
    taken = set(numbers.values())
    if len(taken) < len(numbers):
        raise ValueError("two ROIs can't have one number")
    free = (number for number in count(1) if number not in taken)
    return {name: numbers[name] if name in numbers else next(free) for name in names}


def _bridged_slices(mask: NDArray[np.bool_], grid: Grid) -> int:
    """How many slices that the mask holds nothing on contours around it stand for."""
    used = np.array([bool(one.any()) for one in mask])
    if not used.any():
        return 0
    heights = grid.slice_distances_mm
    covered = owners(heights, *slab_bounds_on_slices(np.sort(heights[used]), heights, grid.spacing_mm[0])) >= 0
    return int(np.count_nonzero(covered & ~used))


def _gap_problem(one: _Outlined, number: int) -> Problem:
    slices = f"{one.more} empty slice{'s'[: one.more > 1]}"
    what = f"{one.name}: {slices} of the mask between or next to slices that hold something: "
    return Problem("mask-with-gaps", what + "contours stand for these, too, and filling them may fill these", number)


def contours_of(mask: NDArray[np.bool_], ground: EditGround, tolerance_mm: float = 0.0) -> tuple[Contour, ...]:
    """The outlines of a mask as contours on the slices of images, or on the planes of contours without any."""
    grid = ground.grid
    found = outlines(mask, grid.spacing_mm[1:], tolerance_mm)
    if not len(found.starts):
        return ()
    slices = np.repeat(found.slices, found.sizes)
    points = found.corners_ij @ grid.affine_lps[:3, :2].T + grid.slice_origins_lps_mm[slices]
    points = np.round(points, DECIMALS) + 0.0  # no negative zeros
    points.flags.writeable = False
    ends = np.append(found.starts[1:], len(points))
    references = {k: references_on_slice(ground, k) for k in np.unique(found.slices).tolist()}
    return tuple(
        Contour(points[begin:end], GeometricType.CLOSED_PLANAR, references[k])
        for begin, end, k in zip(found.starts.tolist(), ends.tolist(), found.slices.tolist(), strict=True)
    )


def import_masks(
    paths: Iterable[str | Path],
    ct: str | Path,
    *,
    label: str = "rtvis",
    tolerance_mm: float = 0.0,
    report: Report = no_report,
) -> StructureSet:
    """A structure set from mask and label map files.

    Args:
        paths: NIfTI, NRRD or MetaImage files on the images' grid, or folders of such. A file that holds 0 and one other
            value is a mask, named by its file; any other is a label map, whose ROIs are named by its file and value.
            Their values are their ROI numbers where these are above 0 and no ROI before has them.
        ct: the images.
        label: of the set.
        tolerance_mm: see `structure_set_from_masks`.
        report: told (files read, files in all).

    Raises:
        InputError: when a file can't be read, isn't on the grid, or holds fractions or too many values.
        UsageError: when `ct` holds no images, or images of several series.
    """
    volume = only_volume(ct)
    if tolerance_mm < 0:
        raise ValueError(f"a tolerance can't be negative: {tolerance_mm}")
    outlined: list[_Outlined] = []
    names: set[str] = set()
    numbers: dict[str, int] = {}
    files = _files(paths)
    for done, path in enumerate(files):
        report(done, len(files))
        # One file's voxels at a time, and of a label map one ROI's: thirty masks at once would be gigabytes.
        for name, value, mask in _masks_in(path, read_voxels(path, volume.grid)):
            unique = _free(name, names)
            names.add(unique)
            outlined.append(_outlined(unique, mask, volume, tolerance_mm))
            if value is not None and 0 < value <= LARGEST_NUMBER and value not in numbers.values():
                numbers[unique] = value
    report(len(files), len(files))
    return _set_of(outlined, volume, label, numbers)


def only_volume(ct: str | Path) -> VolumeHeader:
    """The one image series in a folder, from its headers.

    Raises:
        UsageError: when there is none, or more than one.
    """
    plans = scan_paths(ct).plans
    if len(plans) != 1:
        what = "holds no image series" if not plans else f"holds {len(plans)} image series"
        raise UsageError(what, path=ct, remedy="name the folder of the one series the masks belong to")
    return plans[0]


def _files(paths: Iterable[str | Path]) -> list[Path]:
    found: list[Path] = []
    for path in map(Path, paths):
        if path.is_dir():
            inside = sorted(one for one in path.iterdir() if one.name.lower().endswith(SUFFIXES))
            if not inside:
                raise InputError("holds no masks", path=path, remedy=f"masks end in {', '.join(SUFFIXES)}")
            found += inside
        else:
            found.append(path)
    return found


def _masks_in(path: Path, array: NDArray[Any]) -> Iterator[tuple[str, int | None, NDArray[Any]]]:
    """Name, value in a label map (None for the one of a mask) and voxels of each ROI in a file."""
    stem = path.name
    for suffix in SUFFIXES:
        if stem.lower().endswith(suffix):
            stem = stem[: -len(suffix)]
            break
    if array.dtype.kind == "f" and not np.array_equal(array, np.rint(array)):
        raise InputError("holds fractions, so it is no mask", path=path, remedy="choose a threshold and cut it first")
    held = _values(array)
    if len(held) > MOST_LABELS:
        raise InputError(f"holds {len(held)} different values, so it is no label map", path=path)
    if len(held) <= 1:
        labelled = len(held) == 1 and held[0] not in MASK_VALUES
        yield stem, int(held[0]) if labelled else None, array
        return
    for value in held:
        yield f"{stem}_{int(value)}", int(value), array == value


def _values(array: NDArray[Any]) -> NDArray[Any]:
    """The values of an array but 0, ascending."""
    if array.dtype.kind in "bu" and array.dtype.itemsize <= 2:
        there = np.zeros(1 << 16, dtype=bool)
        for one in array:  # what isn't 0 is little, and counting all would make 64-bit numbers of it
            there[one[one != 0].astype(np.intp)] = True
        return np.flatnonzero(there)
    found = np.unique(array)
    return np.asarray(found[found != 0])


def _free(name: str, taken: Collection[str]) -> str:
    if name not in taken:
        return name
    number = 2
    while f"{name}_{number}" in taken:
        number += 1
    return f"{name}_{number}"
