"""What is in files and folders: patients, studies, series, their volumes and structure sets, from headers alone."""

from __future__ import annotations

import os
from collections import Counter, deque
from dataclasses import dataclass, field, replace
from errno import ENOENT, ENOTDIR
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from time import monotonic
from typing import TYPE_CHECKING

from pydicom.uid import UID

from rtvis.dicom.beams import beam_facts
from rtvis.dicom.elements import EndedEarlyError, MalformedError
from rtvis.dicom.header_layouts import HeaderLayouts
from rtvis.dicom.image_plane import NotAPlaneError, planes_of
from rtvis.dicom.read_ahead import ahead_of
from rtvis.dicom.reading import scan_header
from rtvis.dicom.rtstruct_origin import RT_STRUCTURE_SET
from rtvis.dicom.volume_plan import plan_volumes
from rtvis.model.errors import UnreadableError
from rtvis.model.problem import Problem
from rtvis.model.progress import no_report
from rtvis.model.study import OtherObject, Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TypeAlias

    from rtvis.dicom.image_plane import ImagePlane
    from rtvis.dicom.reading import Header
    from rtvis.dicom.volume_plan import VolumePlan
    from rtvis.model.progress import Report

    OnSeries: TypeAlias = Callable[[tuple[VolumePlan, ...]], None]
    _SeriesKey: TypeAlias = tuple[str, str, str]

REPORT_EVERY = 64
"""Files between two reports: often enough for a bar, seldom enough to cost nothing."""
TELL_EVERY_S = 0.2
"""Time between two tellings of series that have grown since they were told; a telling never takes more than a tenth."""


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

    @property
    def files(self) -> list[Path]:
        """Every DICOM file once, sorted: images, structure sets, other objects; not the unreadable ones."""
        found: set[Path] = {one.path for plan in self.plans for one in plan.slices if one.path is not None}
        found.update(self.structure_sets)
        found.update(other.path for other in self.others)
        return sorted(found)


@dataclass(slots=True)
class _Found:
    series: dict[_SeriesKey, list[ImagePlane]] = field(default_factory=dict)
    structure_sets: list[Path] = field(default_factory=list)
    others: list[OtherObject] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    ignored: int = 0
    grown: set[_SeriesKey] = field(default_factory=set)
    folders: set[tuple[int, int]] = field(default_factory=set)

    def add(self, planes: list[ImagePlane]) -> None:
        for one in planes:
            key = (one.patient.patient_id, one.study_instance_uid, one.series_instance_uid)
            self.series.setdefault(key, []).append(one)
            self.grown.add(key)


def find_series(
    paths: str | Path | Iterable[str | Path], report: Report = no_report, *, found: OnSeries | None = None
) -> Scan:
    """Find every volume and structure set in files and folders, in one pass that reads headers only.

    Folders are searched recursively, whatever the file names. Links to folders are followed when all else has been
    searched; each folder is searched once, so that links can't lead round in circles. How planes become
    volumes, and when a series is split, is `rtvis.dicom.volume_plan.plan_volumes`'s rule. ``volume_id`` is the
    SeriesInstanceUID, with ``#2``, ``#3`` ... from the second volume of a series on.

    Args:
        paths: a path, or several.
        report: told (0, files found so far) while folders are searched, then (files read, files in all).
        found: told of a series as soon as a folder with images of it was read, or shortly after its first image: the
            volumes of those of its images that are known until then. It is told again, now and then, of a series that
            has grown; the volumes then replace those told before. What is returned in the end is the truth. What it
            or `report` raises stops the scan, which leaves nothing behind.

    Returns:
        What was found; empty when nothing was. Nothing that is wrong with one file raises: it is listed.
    """
    named = [paths] if isinstance(paths, str | Path) else list(paths)
    seen = _Found()
    files: dict[Path, None] = {}
    for file in (file for path in named for file in _files(path if isinstance(path, Path) else Path(path), seen)):
        if len(files) % REPORT_EVERY == 0:
            report(0, len(files))
        files[file] = None
    teller = None if found is None else _Teller(seen, found)
    folder, layouts = None, HeaderLayouts()
    for done, path in enumerate(ahead_of([*files])):
        if done % REPORT_EVERY == 0:
            report(done, len(files))
        if teller is not None:
            teller.tell(folder_ended=folder is not None and path.parent != folder)
            folder = path.parent
        _look_at(path, seen, layouts)
    if teller is not None:
        teller.tell(folder_ended=True)
    report(len(files), len(files))
    plans = _volumes(seen)
    return Scan(
        plans=tuple(plans),
        structure_sets=tuple(seen.structure_sets),
        others=tuple(seen.others),
        unreadable=tuple(seen.unreadable),
        ignored=seen.ignored,
        problems=tuple(seen.problems),
    )


class _Teller:
    """Tells of series while the scan goes on."""

    def __init__(self, seen: _Found, found: OnSeries) -> None:
        self._seen = seen
        self._found = found
        self._told: set[_SeriesKey] = set()
        self._next_s = monotonic() + TELL_EVERY_S

    def tell(self, *, folder_ended: bool) -> None:
        """Tell of new series when a folder has ended, and of all that have grown when it is time."""
        started_s = monotonic()
        due = started_s >= self._next_s
        if not (due or folder_ended):
            return
        keys = self._seen.grown if due else self._seen.grown - self._told
        for key in sorted(keys):
            volumes, _, _ = plan_volumes(self._seen.series[key])
            if volumes:
                self._found(tuple(_numbered(volumes, 0)))
        self._told |= keys
        self._seen.grown -= keys
        if due:
            now_s = monotonic()
            self._next_s = now_s + max(TELL_EVERY_S, 10 * (now_s - started_s))


def _files(path: Path, found: _Found) -> Iterator[Path]:
    """Regular files at or under a path, sorted by name within each folder; behind links to folders last."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:  # ValueError: a null in it
        number, why = getattr(error, "errno", ENOENT), getattr(error, "strerror", "")
        missing = number in {ENOENT, ENOTDIR}
        found.unreadable.append(
            Unreadable(path, "there is no such file or folder" if missing else f"can't be opened ({why})")
        )
        return
    if S_ISREG(mode):
        yield path
        return
    if not S_ISDIR(mode):
        found.unreadable.append(Unreadable(path, "isn't a file or a folder"))
        return

    def failed(error: OSError) -> None:
        found.unreadable.append(Unreadable(Path(error.filename), f"can't be opened ({error.strerror})"))

    waiting = deque([path])
    while waiting:
        for folder, folders, names in os.walk(waiting.popleft(), onerror=failed):
            place = Path(folder)
            try:
                before = _searched_before(place, found)
            except OSError as error:  # gone meanwhile
                failed(error)
                before = True
            if before:
                folders.clear()
                continue
            folders.sort()
            for link in (place / name for name in folders):
                if os.path.islink(link) and not _leads_up(link, path, found):  # noqa: PTH114  (Path's raises)
                    waiting.append(link)
            yield from _files_in(place, names, found)


def _searched_before(folder: Path, found: _Found) -> bool:
    status = folder.stat()
    identity = (status.st_dev, status.st_ino)
    before = identity in found.folders
    found.folders.add(identity)
    return before


def _leads_up(link: Path, searched: Path, found: _Found) -> bool:
    """Whether a link leads to a folder that holds the one that was named, and with it to everything around that."""
    target = link.resolve()
    up = target in searched.resolve().parents
    if up:
        found.problems.append(
            Problem("link-not-followed", f"{link} leads up to {target}: name that folder to search it")
        )
    return up


def _files_in(folder: Path, names: list[str], found: _Found) -> Iterator[Path]:
    """Regular files among the names in a folder, sorted."""
    there = {*names}
    for name in sorted(names):
        file = folder / name
        backup = name.endswith("~") and name[:-1] in there  # what a file was before it was saved over
        try:
            regular = file.is_file()
        except OSError as error:  # a folder that may be listed and not be entered, say
            found.unreadable.append(Unreadable(file, f"can't be opened ({error.strerror})"))
            continue
        if regular and not backup:
            yield file
        else:
            found.ignored += 1  # or a socket, a link to nothing


def _look_at(path: Path, found: _Found, layouts: HeaderLayouts) -> None:
    try:
        header = scan_header(path, layouts)
        if header is None:
            found.ignored += 1
            return
        modality = header.elements.plain(0x00080060)
        if header.sop_class_uid == RT_STRUCTURE_SET or (not header.sop_class_uid and modality == "RTSTRUCT"):
            found.structure_sets.append(path)
            return
        found.add(planes_of(header))
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
        study_instance_uid=elements.plain(0x0020000D),
        patient_id=elements.text(0x00100020),
        frame_of_reference_uid=elements.plain(0x00200052),
        **beam_facts(elements, modality)._asdict(),
    )


def _volumes(found: _Found) -> list[VolumePlan]:
    plans: list[VolumePlan] = []
    used: Counter[str] = Counter()
    for key in sorted(found.series):
        volumes, left_out, problems = plan_volumes(found.series[key])
        found.unreadable += left_out
        found.problems += problems
        plans += _numbered(volumes, used[key[-1]])
        used[key[-1]] += len(volumes)
    return plans


def _numbered(volumes: list[VolumePlan], used: int) -> list[VolumePlan]:
    """Volumes of a series with the suffixes of their IDs; `used` of these have gone to another patient or study."""
    return [
        volume if number == 1 else replace(volume, volume_id=f"{volume.volume_id}#{number}")
        for number, volume in enumerate(volumes, used + 1)
    ]
