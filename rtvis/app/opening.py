"""Open what PATHs hold: volumes with their voxels, structure sets matched to them, and a list of all the rest."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rtvis.dicom.matching import match
from rtvis.dicom.rtstruct_reader import read_structure_set
from rtvis.dicom.series import find_series
from rtvis.dicom.volume import read_volume
from rtvis.model.errors import InputError, NothingFoundError
from rtvis.model.progress import no_report
from rtvis.model.study import Study, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rtvis.model.progress import Report
    from rtvis.model.structure_set import StructureSet
    from rtvis.model.volume import Volume


def open_study(
    paths: str | Path | Iterable[str | Path], *, by_geometry: bool = False, report: Report = no_report
) -> Study:
    """Open files and folders (searched recursively, whatever the file names).

    Args:
        paths: one PATH or several.
        by_geometry: match a structure set to images by geometry when neither references nor frame of reference do.
        report: called with files read and files in all.

    Returns:
        The study. What can't be used is listed in it with a reason.

    Raises:
        NothingFoundError: when no DICOM object at all is there.
        UnreadableError: when a single file was named and can't be read.
    """
    named = [Path(paths)] if isinstance(paths, str | Path) else [Path(one) for one in paths]
    for path in named:
        if not path.exists():
            raise InputError("no such file or folder", path=path, remedy="check the name")
    scan = find_series(named, report=report)
    unreadable = list(scan.unreadable)
    volumes: list[Volume] = []
    for plan in scan.plans:
        try:
            volumes.append(read_volume(plan, report=report))
        except InputError as error:
            place = error.path or plan.slices[0].path
            assert place is not None
            unreadable.append(Unreadable(place, error.what))
    structure_sets: list[StructureSet] = []
    for path in scan.structure_sets:
        try:
            structure_sets.append(match(read_structure_set(path), volumes, by_geometry=by_geometry))
        except InputError as error:
            unreadable.append(Unreadable(path, error.what))
    study = Study(
        volumes=tuple(volumes),
        structure_sets=tuple(structure_sets),
        others=tuple(scan.others),
        unreadable=tuple(unreadable),
        ignored=scan.ignored,
        problems=tuple(scan.problems),
    )
    require_something(study, named)
    return study


def require_something(study: Study, paths: list[Path]) -> None:
    """Raise the clearest error there is when a study holds nothing that can be used.

    Raises:
        NothingFoundError: naming the paths, or the first unreadable file and its reason.
    """
    if study.volumes or study.structure_sets or study.others:
        return
    place = paths[0] if len(paths) == 1 else None
    if study.unreadable:
        first = study.unreadable[0]
        more = len(study.unreadable) - 1
        also = f" ({more} more files can't be read either)" if more else ""
        raise NothingFoundError(f"{first.reason}{also}", path=first.path, remedy="get an intact copy of the file")
    names = "here" if place is not None else "in " + ", ".join(str(one) for one in paths)
    raise NothingFoundError(
        f"no DICOM files {names} ({study.ignored} other files)", path=place, remedy="name a folder with DICOM files"
    )
