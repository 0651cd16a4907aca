"""The open objects whose elements can be looked at: volumes' images, structure sets, and all else that was listed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from rtvis.app.session import Session
    from rtvis.model.volume import Volume


@dataclass(frozen=True, slots=True)
class OpenObject:
    """Something with files.

    Attributes:
        title: modality and description.
        paths: of a volume its files in the order of its slices; of a multi-frame volume, and of all else, one.
    """

    title: str
    paths: tuple[Path, ...]


def open_objects(session: Session) -> tuple[OpenObject, ...]:
    """All that is open and has files: volumes, structure sets, other objects, and what can't be used."""
    study = session.study
    found = [
        OpenObject(f"{volume.modality}  {volume.description}".rstrip(), image_paths(volume)) for volume in study.volumes
    ]
    found += [
        OpenObject(f"RTSTRUCT  {one.label}", (one.path,)) for one in session.structure_sets if one.path is not None
    ]
    found += [
        OpenObject(f"{other.modality}  {other.description or other.path.name}", (other.path,)) for other in study.others
    ]
    found += [OpenObject(f"{broken.path.name}  (can't be used)", (broken.path,)) for broken in study.unreadable]
    return tuple(one for one in found if one.paths)


def image_paths(volume: Volume) -> tuple[Path, ...]:
    """The files of a volume, each once."""
    return tuple(dict.fromkeys(one.path for one in volume.slices if one.path is not None))


def object_of(objects: tuple[OpenObject, ...], path: Path | None) -> tuple[OpenObject, int] | None:
    """The object that a file is of, and the file's place in it."""
    return next(((one, one.paths.index(path)) for one in objects if path is not None and path in one.paths), None)


def shown_image(session: Session) -> Path | None:
    """The file of the shown volume's slice that the linked cursor is on; None where no volume has files."""
    volume = session.volume
    if volume is None or not volume.slices:
        return None
    k = int(np.clip(np.floor(volume.grid.to_index(session.cursor_lps)[..., 2] + 0.5), 0, len(volume.slices) - 1))
    return volume.slices[k].path


def first_file(session: Session) -> Path | None:
    """What tags are shown of before anything was chosen: the shown image, else the first object that is open."""
    return shown_image(session) or next((one.paths[0] for one in open_objects(session)), None)
