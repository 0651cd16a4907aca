"""References of an open structure set mended in a copy: first what it would do, then the copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtvis.dicom.repair import repair, with_mended_references
from rtvis.model.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from rtvis.model.problem import Problem
    from rtvis.model.structure_set import StructureSet
    from rtvis.model.volume import VolumeHeader


def planned_repair(structure_set: StructureSet) -> str:
    """What `write_repaired` would mend, in one sentence with counts and the residual in mm; nothing is written.

    Raises:
        UsageError: when it has no images, wasn't read from a file, or all its references hold already.
    """
    return with_mended_references(structure_set, _images_of(structure_set))[1]


def write_repaired(structure_set: StructureSet, path: Path) -> list[Problem]:
    """Write a copy whose references lead to the set's images to a file that isn't there yet.

    Returns:
        First the problem ``repaired`` that says what was done, then warnings.

    Raises:
        UsageError: as `planned_repair`, or `path` is there already, the original above all.
        ExportError, OutputError: as `rtvis.dicom.rtstruct_writer.write_structure_set`.
    """
    return repair(structure_set, _images_of(structure_set), path)


def _images_of(structure_set: StructureSet) -> VolumeHeader:
    if structure_set.volume is None:
        raise UsageError("a repair needs the images", path=structure_set.path, remedy="match it to images first")
    return structure_set.volume
