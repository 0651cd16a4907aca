"""A study as it was opened: its volumes and structure sets, and everything that couldn't be used."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rtvis.model.problem import Problem
from rtvis.model.structure_set import StructureSet
from rtvis.model.volume import Volume


@dataclass(frozen=True, slots=True)
class OtherObject:
    """A DICOM object that is neither an image volume nor a structure set (RTPLAN, RTDOSE, RTIMAGE, SEG ...)."""

    path: Path
    modality: str
    sop_class_uid: str
    sop_instance_uid: str
    series_instance_uid: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that was meant to be DICOM and couldn't be used."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """What a PATH held.

    images in = images in volumes + images listed in `unreadable` or in a `Problem` with a reason.

    Attributes:
        others: DICOM objects that are listed but not shown.
        ignored: number of files that aren't DICOM.
        problems: of the study as a whole; volumes and structure sets carry their own.
    """

    volumes: tuple[Volume, ...] = ()
    structure_sets: tuple[StructureSet, ...] = ()
    others: tuple[OtherObject, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    ignored: int = 0
    problems: tuple[Problem, ...] = ()
