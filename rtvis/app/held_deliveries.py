"""What deliveries hold, in words of their files: a list of UIDs tells nobody which is whose."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rtvis.app.patient_words import names_of, patient_words
from rtvis.dicom.elements import EndedEarlyError, MalformedError
from rtvis.dicom.reading import scan_header
from rtvis.dicom.rtstruct_origin import RT_STRUCTURE_SET
from rtvis.dicom.rtstruct_reader import read_structure_set
from rtvis.model.errors import RtvisError
from rtvis.model.progress import no_report
from rtvis.model.volume import Patient

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rtvis.dicom.reading import Header
    from rtvis.model.progress import Report
    from rtvis.transfer.inbox import HeldVolume


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery and what its files say of it; empty where they say nothing or can't be read.

    Attributes:
        volume: as the inbox lists it.
        modality: of the images, such as ``CT``.
        description: of their series.
        patient: whom they are of.
        labels: of the structure sets, in the order of their files.
    """

    volume: HeldVolume
    modality: str = ""
    description: str = ""
    patient: Patient = field(default_factory=Patient)
    labels: tuple[str, ...] = ()

    def without_patient(self) -> Delivery:
        """The delivery as others may see it: no patient, and nothing of the patient in what was typed."""
        words = patient_words(names_of([self.patient]))
        labels = tuple(words.taken_out(one) for one in self.labels)
        return Delivery(self.volume, self.modality, words.taken_out(self.description), Patient(), labels)


def describe_deliveries(volumes: Sequence[HeldVolume], report: Report = no_report) -> list[Delivery]:
    """Look into the files of deliveries: an image's header of each, and its structure sets.

    Args:
        volumes: of an inbox.
        report: called with deliveries looked into and their number.
    """
    found: list[Delivery] = []
    for number, volume in enumerate(volumes, start=1):
        found.append(_described(volume))
        report(number, len(volumes))
    return found


def _described(volume: HeldVolume) -> Delivery:
    image: Header | None = None
    labels: list[str] = []
    for path in sorted(volume.path.glob("*.dcm"), reverse=True):
        if image is not None and len(labels) == volume.structure_sets:
            break
        header = _header(path)
        if header is None:
            continue
        if header.sop_class_uid == RT_STRUCTURE_SET:
            labels.insert(0, _label(path))
        elif image is None:
            image = header
    if image is None:
        return Delivery(volume, labels=tuple(labels))
    text = image.elements.text
    patient = Patient(text(0x00100020), text(0x00100010), text(0x00100030))
    return Delivery(volume, image.elements.plain(0x00080060), text(0x0008103E), patient, tuple(labels))


def _header(path: Path) -> Header | None:
    """None for a file that says nothing: a list of deliveries is no place to judge it."""
    try:
        return scan_header(path)
    except (RtvisError, EndedEarlyError, MalformedError, OSError):
        return None


def _label(path: Path) -> str:
    try:
        return read_structure_set(path).label
    except RtvisError:
        return ""
