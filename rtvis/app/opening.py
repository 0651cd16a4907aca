"""Open what PATHs hold: volumes with their voxels, structure sets matched to them, and a list of all the rest."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from rtvis.app.named_paths import require_paths
from rtvis.app.whole_volumes import LostImages, lost_text
from rtvis.dicom.matching import match
from rtvis.dicom.rtstruct_reader import read_structure_set
from rtvis.dicom.series import find_series
from rtvis.dicom.suv import with_suv
from rtvis.dicom.volume import middle_out, read_usable
from rtvis.model.errors import InputError, NothingFoundError
from rtvis.model.problem import Problem
from rtvis.model.progress import no_report
from rtvis.model.study import StructureSets, Study, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rtvis.dicom.series import OnSeries, Scan
    from rtvis.dicom.volume import OnSlices
    from rtvis.dicom.volume_plan import VolumePlan
    from rtvis.model.progress import Report
    from rtvis.model.structure_set import StructureSet
    from rtvis.model.volume import Volume, VolumeHeader


SHOWN_FIRST = ("CT", "MR")
"""Modalities that planning is done on, in the order in which they are shown first: a PET belongs over its CT."""

FEWEST_OF_STACK = 4
"""Images of what is shown before all others: scouts come in ones, twos and threes."""


def open_study(
    paths: str | Path | Iterable[str | Path],
    *,
    by_geometry: bool = False,
    suv: bool = False,
    report: Report = no_report,
    found: OnSeries | None = None,
    on_slices: OnSlices | None = None,
) -> Study:
    """Open files and folders (searched recursively, whatever the file names).

    Args:
        paths: one PATH or several.
        by_geometry: match a structure set to images by geometry when neither references nor frame of reference do.
        suv: give the values of PET volumes as SUV by body weight (g/ml); where that can't be computed they stay as they
            are, and a problem ``no-suv`` of the volume says why.
        report: called with files read and files in all, then for each volume with slices read and slices in all.
        found: told of series while folders are scanned, see `rtvis.dicom.series.find_series`.
        on_slices: told of each volume while it fills from its middle outwards, see `rtvis.dicom.volume.read_volume`.
            Where a file turns out to be unusable, another volume without it replaces the one told of.

    Returns:
        The study, with what planning is done on before other series, and stacks before scouts: the first volume is
        the one to show. What can't be used is listed with a reason. Its structure sets are read when they are first
        asked for, and come as `foremost_first` orders them.

    Raises:
        NothingFoundError: when no DICOM object at all is there.
        UnreadableError: when a single file was named and can't be read.
    """
    named = [Path(paths)] if isinstance(paths, str | Path) else [Path(one) for one in paths]
    scan = scan_paths(named, report=report, found=found)
    unreadable = list(scan.unreadable)
    volumes: list[Volume] = []
    for plan in sorted(scan.plans, key=_place_in_study):
        volume, lost = _readable_part(with_suv(plan) if suv else plan, report, on_slices)
        volumes += [] if volume is None else [volume]
        unreadable += lost
    volumes = _marked_where_incomplete(volumes, unreadable)

    def read_structure_sets() -> StructureSets:
        structure_sets, broken = match_all(scan.structure_sets, volumes, by_geometry=by_geometry)
        return StructureSets(tuple(foremost_first(structure_sets, named)), tuple(broken))

    study = Study(
        volumes=tuple(volumes),
        others=scan.others,
        unreadable=tuple(unreadable),
        ignored=scan.ignored,
        problems=scan.problems,
        read_structure_sets=read_structure_sets,
    )
    if not (study.volumes or study.structure_sets or study.others):
        raise_nothing(study.unreadable, study.ignored, None)
    return study


def scan_paths(
    paths: str | Path | Iterable[str | Path], report: Report = no_report, *, found: OnSeries | None = None
) -> Scan:
    """What PATHs hold, from headers alone; see `rtvis.dicom.series.find_series`.

    Raises:
        InputError: when a PATH isn't there.
        NothingFoundError: when nothing in PATHs can be read as DICOM; names the first file and its reason.
    """
    named = [Path(paths)] if isinstance(paths, str | Path) else [Path(one) for one in paths]
    require_paths(named)
    scan = find_series(named, report=report, found=found)
    if not (scan.plans or scan.structure_sets or scan.others):
        raise_nothing(scan.unreadable, scan.ignored, named[0] if len(named) == 1 else None)
    return scan


def _place_in_study(plan: VolumePlan) -> tuple[bool, int]:
    """For sorting; volumes alike in this stay in the order of their series."""
    rank = SHOWN_FIRST.index(plan.modality) if plan.modality in SHOWN_FIRST else len(SHOWN_FIRST)
    return len(plan.slices) < FEWEST_OF_STACK, rank


def match_all(
    paths: Iterable[Path], volumes: Sequence[VolumeHeader], *, by_geometry: bool = False
) -> tuple[list[StructureSet], list[Unreadable]]:
    """Read structure sets and find each one's volume; those that can't be read come second, with the reason."""
    structure_sets: list[StructureSet] = []
    unreadable: list[Unreadable] = []
    for path in paths:
        try:
            structure_sets.append(match(read_structure_set(path), volumes, by_geometry=by_geometry))
        except InputError as error:
            unreadable.append(Unreadable(path, error.what))
    return _numbered(structure_sets), unreadable


def foremost_first(structure_sets: Iterable[StructureSet], named: Sequence[Path]) -> list[StructureSet]:
    """Structure sets in the order in which they are to be shown.

    Args:
        structure_sets: in any order; those that nothing tells apart keep it.
        named: files and folders that a person named.

    Returns:
        Those first whose own files were named, the last named foremost; then the newest first, by Structure Set Date
        and Time, then by Instance Creation Date and Time (`StructureSet.made`).
    """
    files = {path.resolve(): place for place, path in enumerate(named) if path.is_file()}

    def rank(one: StructureSet) -> tuple[int, tuple[str, str]]:
        return (-1 if one.path is None else files.get(one.path.resolve(), -1), one.made)

    return sorted(structure_sets, key=rank, reverse=True)  # which keeps the order of those alike


def _numbered(structure_sets: Sequence[StructureSet]) -> list[StructureSet]:
    """Sets told apart where files share a SOP Instance UID; that they do is said."""
    seen: Counter[str] = Counter()
    numbered: list[StructureSet] = []
    for one in structure_sets:
        seen[one.sop_instance_uid] += 1
        number = seen[one.sop_instance_uid]
        if number > 1:
            shared = Problem(
                "duplicate-uid", f"another structure set here has the SOP Instance UID {one.sop_instance_uid}"
            )
            one = replace(one, copy_number=number, problems=(*one.problems, shared))  # noqa: PLW2901
        numbered.append(one)
    return numbered


def _readable_part(
    plan: VolumePlan, report: Report, on_slices: OnSlices | None
) -> tuple[Volume | None, list[Unreadable]]:
    """A volume without the images that can't be decoded, and these with the reason."""
    order = () if on_slices is None else middle_out(len(plan.slices))
    volume, lost = read_usable(plan, report, order=order, on_slices=on_slices)
    return volume, [Unreadable(path, reason) for path, reason in lost.items()]


def _marked_where_incomplete(volumes: list[Volume], unreadable: Sequence[Unreadable]) -> list[Volume]:
    """Volumes that know which images of their series can't be read: they have no digest then."""
    if not unreadable:
        return volumes
    lost_images = LostImages(unreadable)
    lost = [lost_images.of(one)[0] for one in volumes]
    return [replace(one, incomplete=lost_text(gone)) if gone else one for one, gone in zip(volumes, lost, strict=True)]


def raise_nothing(unreadable: Sequence[Unreadable], ignored: int, place: Path | None) -> NoReturn:
    """Say in one line why nothing can be used.

    Raises:
        NothingFoundError: naming the first unreadable file and its reason, or the place where no DICOM is.
    """
    lost = [one for one in unreadable if not one.is_copy] or unreadable
    if lost:
        first, more = lost[0], len(lost) - 1
        also = f" ({more} more {'file' if more == 1 else 'files'} can't be read either)" if more else ""
        # A damaged file's reason says what to do about it; what can't be opened at all may well be whole.
        remedy = "" if ";" in first.reason else "choose another file or folder"
        raise NothingFoundError(f"{first.reason}{also}", path=first.path, remedy=remedy)
    beside = f" ({ignored} other {'file' if ignored == 1 else 'files'})" if ignored else ""
    raise NothingFoundError(f"no DICOM here{beside}", path=place, remedy="choose a folder with DICOM files")
