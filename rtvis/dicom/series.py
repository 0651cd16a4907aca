"""What is in files and folders: patients, studies, series, their volumes and structure sets, from headers alone."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pydicom.uid import UID

from rtvis.dicom.elements import EndedEarlyError, MalformedError
from rtvis.dicom.image_plane import NotAPlaneError, planes_of
from rtvis.dicom.reading import scan_header
from rtvis.dicom.volume_plan import plan_volumes
from rtvis.model.errors import UnreadableError
from rtvis.model.problem import Problem
from rtvis.model.progress import no_report
from rtvis.model.study import OtherObject, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rtvis.dicom.image_plane import ImagePlane
    from rtvis.dicom.reading import Header
    from rtvis.dicom.volume_plan import VolumePlan
    from rtvis.model.progress import Report

RT_STRUCTURE_SET = "1.2.840.10008.5.1.4.1.1.481.3"
REPORT_EVERY = 64
"""Files between two reports: often enough for a bar, seldom enough to cost nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """What paths hold.

    Images in = images in `plans` + those in `unreadable` and `others`, each with a reason.

    Attributes:
        plans: one for each volume, by patient, study, series; read one with `rtvis.dicom.volume.read_volume`.
        structure_sets: RTSTRUCT files.
        others: DICOM objects that are listed only.
        unreadable: DICOM files that can't be used, and paths that can't be opened.
        ignored: number of files that aren't DICOM.
        problems: of what was found as a whole; plans carry their own.
    """

    plans: tuple[VolumePlan, ...] = ()
    structure_sets: tuple[Path, ...] = ()
    others: tuple[OtherObject, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    ignored: int = 0
    problems: tuple[Problem, ...] = ()


@dataclass(slots=True)
class _Found:
    planes: list[ImagePlane] = field(default_factory=list)
    structure_sets: list[Path] = field(default_factory=list)
    others: list[OtherObject] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    ignored: int = 0


def find_series(paths: str | Path | Iterable[str | Path], report: Report = no_report) -> Scan:
    """Find every volume and structure set in files and folders, in one pass that reads headers only.

    Folders are searched recursively, whatever the file names; links to folders aren't followed. How planes become
    volumes, and when a series is split, is `rtvis.dicom.volume_plan.plan_volumes`'s rule. ``volume_id`` is the
    SeriesInstanceUID, with ``#2``, ``#3`` ... from the second volume of a series on.

    Args:
        paths: a path, or several.
        report: told (files read, files in all) now and then.

    Returns:
        What was found; empty when nothing was. Nothing that is wrong with one file raises: it is listed.
    """
    named = [paths] if isinstance(paths, str | Path) else list(paths)
    found = _Found()
    files = list(dict.fromkeys(file for path in named for file in _files(Path(path), found)))
    for done, path in enumerate(files):
        if done % REPORT_EVERY == 0:
            report(done, len(files))
        _look_at(path, found)
    report(len(files), len(files))
    plans = _volumes(found)
    return Scan(
        plans=tuple(plans),
        structure_sets=tuple(found.structure_sets),
        others=tuple(found.others),
        unreadable=tuple(found.unreadable),
        ignored=found.ignored,
        problems=tuple(found.problems),
    )


def _files(path: Path, found: _Found) -> Iterator[Path]:
    """Regular files at or under a path, sorted by name within each folder."""
    if path.is_file():
        yield path
        return
    if not path.is_dir():
        reason = "isn't a file or a folder" if path.exists() else "there is no such file or folder"
        found.unreadable.append(Unreadable(path, reason))
        return

    def failed(error: OSError) -> None:
        found.unreadable.append(Unreadable(Path(error.filename), f"can't be opened ({error.strerror})"))

    for folder, folders, names in os.walk(path, onerror=failed):
        folders.sort()
        for name in sorted(names):
            file = Path(folder, name)
            if file.is_file():
                yield file
            else:
                found.ignored += 1  # a socket, a pipe, or a link to nothing


def _look_at(path: Path, found: _Found) -> None:
    try:
        header = scan_header(path)
        if header is None:
            found.ignored += 1
            return
        modality = header.elements.plain(0x00080060)
        if header.sop_class_uid == RT_STRUCTURE_SET or (not header.sop_class_uid and modality == "RTSTRUCT"):
            found.structure_sets.append(path)
            return
        found.planes += planes_of(header)
    except NotAPlaneError as reason:
        found.others.append(_other(header, modality))
        if str(reason):
            found.problems.append(Problem("not-a-volume", f"{path.name} {reason}: listed, not shown"))
    except UnreadableError as error:
        what = f"{error.what}; {error.remedy}" if error.remedy else error.what
        found.unreadable.append(Unreadable(path, what))
    except (EndedEarlyError, MalformedError) as error:
        found.unreadable.append(Unreadable(path, f"is damaged: {error}"))
    except OSError as error:
        found.unreadable.append(Unreadable(path, f"can't be read ({error.strerror})"))


def _other(header: Header | None, modality: str) -> OtherObject:
    assert header is not None
    elements = header.elements
    description = elements.text(0x0008103E) or UID(header.sop_class_uid).name
    return OtherObject(
        path=header.path,
        modality=modality,
        sop_class_uid=header.sop_class_uid,
        sop_instance_uid=elements.plain(0x00080018),
        series_instance_uid=elements.plain(0x0020000E),
        description=description,
    )


def _volumes(found: _Found) -> list[VolumePlan]:
    series: dict[tuple[str, str, str], list[ImagePlane]] = {}
    for plane in found.planes:
        key = (plane.patient.patient_id, plane.study_instance_uid, plane.series_instance_uid)
        series.setdefault(key, []).append(plane)
    plans: list[VolumePlan] = []
    used: Counter[str] = Counter()
    for key in sorted(series):
        volumes, left_out, problems = plan_volumes(series[key])
        found.unreadable += left_out
        found.problems += problems
        for volume in volumes:
            used[volume.series_instance_uid] += 1
            number = used[volume.series_instance_uid]
            suffix = "" if number == 1 else f"#{number}"
            plans.append(replace(volume, volume_id=volume.volume_id + suffix))
    return plans
