"""A study as it was opened: its volumes and structure sets, and everything that couldn't be used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from rtvis.model.problem import Problem
from rtvis.model.structure_set import StructureSet
from rtvis.model.volume import Volume


@dataclass(frozen=True, slots=True)
class OtherObject:
    """A DICOM object that is neither an image volume nor a structure set (RTPLAN, RTDOSE, RTIMAGE, SEG ...).

    Attributes:
        frame_of_reference_uid: of an object that has one, such as a dose; else empty.
        plan_uid: SOP Instance UID of the plan that a dose is of; empty of other objects, and where none is named.
        summation_type: DoseSummationType of a dose.
        beams: numbers and names of a plan's beams that treat; of a dose of some beams these, without names.
    """

    path: Path
    modality: str
    sop_class_uid: str
    sop_instance_uid: str
    series_instance_uid: str
    description: str = ""
    study_instance_uid: str = ""
    patient_id: str = ""
    frame_of_reference_uid: str = ""
    plan_uid: str = ""
    summation_type: str = ""
    beams: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that was meant to be DICOM and couldn't be used.

    Attributes:
        path: where it is.
        reason: why, in one line.
        is_copy: whether nothing is lost without it, since another file that is used holds the same.
    """

    path: Path
    reason: str
    is_copy: bool = False


@dataclass(frozen=True, slots=True)
class StructureSets:
    """The structure sets of a study, and the files of them that couldn't be used."""

    read: tuple[StructureSet, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()


class Study:
    """What a PATH held.

    images in = images in volumes + images listed in `unreadable` or in a `Problem` with a reason.

    Attributes:
        volumes: as they were read.
        others: DICOM objects that are listed but not shown.
        ignored: number of files that aren't DICOM.
        problems: of the study as a whole; volumes and structure sets carry their own.
    """

    def __init__(
        self,
        *,
        volumes: tuple[Volume, ...] = (),
        structure_sets: tuple[StructureSet, ...] = (),
        others: tuple[OtherObject, ...] = (),
        unreadable: tuple[Unreadable, ...] = (),
        ignored: int = 0,
        problems: tuple[Problem, ...] = (),
        read_structure_sets: Callable[[], StructureSets] | None = None,
    ) -> None:
        """Put a study together.

        Args:
            volumes: as they were read.
            structure_sets: those that are read already.
            others: DICOM objects that are listed but not shown.
            unreadable: files that couldn't be used.
            ignored: number of files that aren't DICOM.
            problems: of the study as a whole.
            read_structure_sets: reads the other structure sets; called once, when somebody asks for them.
        """
        self.volumes = volumes
        self.others = others
        self.ignored = ignored
        self.problems = problems
        self._read = structure_sets
        self._unreadable = unreadable
        self._read_later = read_structure_sets
        self._lock = Lock()

    @property
    def structure_sets(self) -> tuple[StructureSet, ...]:
        """Every structure set, matched to its volume; they are read when they are first asked for."""
        self._complete()
        return self._read

    @property
    def unreadable(self) -> tuple[Unreadable, ...]:
        """Files that couldn't be used, structure sets among them."""
        self._complete()
        return self._unreadable

    def with_volume(self, changed: Volume) -> Study:
        """A copy in which `changed` takes the place of the volume with its `volume_id`, if there is one."""
        return Study(
            volumes=tuple(changed if one.volume_id == changed.volume_id else one for one in self.volumes),
            structure_sets=self.structure_sets,
            others=self.others,
            unreadable=self.unreadable,
            ignored=self.ignored,
            problems=self.problems,
        )

    def with_structure_set(self, changed: StructureSet) -> Study:
        """A copy in which `changed` takes the place of the structure set with its `StructureSet.key`, if any."""
        return Study(
            volumes=self.volumes,
            structure_sets=tuple(changed if one.key == changed.key else one for one in self.structure_sets),
            others=self.others,
            unreadable=self.unreadable,
            ignored=self.ignored,
            problems=self.problems,
        )

    def _complete(self) -> None:
        with self._lock:
            if self._read_later is not None:
                found = self._read_later()
                self._read += found.read
                self._unreadable += found.unreadable
                self._read_later = None
