"""Whether a volume is all of its series, or what is left of it beside files that can't be used."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from rtvis.dicom.damaged import identity_of_damaged

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from rtvis.dicom.damaged import Identity
    from rtvis.model.study import Unreadable
    from rtvis.model.volume import VolumeHeader


class Lost(Enum):
    """What a file that can't be used is to a volume."""

    NO_IMAGE = "no image of it"
    PERHAPS_AN_IMAGE = "perhaps an image of it"
    AN_IMAGE = "an image of it"


class LostImages:
    """Files that can't be used, and which volumes they are missing from."""

    def __init__(self, unreadable: Iterable[Unreadable]) -> None:
        """Look at what is left of each file; copies of files that are used are no loss."""
        self._lost = [(one, identity_of_damaged(one.path)) for one in unreadable if not one.is_copy]

    def of(self, volume: VolumeHeader) -> tuple[list[Unreadable], list[Unreadable]]:
        """The files that are images of a volume, and those that may be.

        An image of the same series that none of the volume's has the UID of is lost to it. What names neither may be
        one when it lies where the volume's images lie.
        """
        uids = {one.sop_instance_uid for one in volume.slices}
        folders = {one.path.parent for one in volume.slices if one.path is not None}
        found: dict[Lost, list[Unreadable]] = {kind: [] for kind in Lost}
        for one, identity in self._lost:
            found[_lost(one.path, identity, volume.series_instance_uid, uids, folders)].append(one)
        return found[Lost.AN_IMAGE], found[Lost.PERHAPS_AN_IMAGE]


def _lost(path: Path, identity: Identity, series: str, uids: set[str], folders: set[Path]) -> Lost:
    if identity.sop_instance_uid in uids:
        return Lost.NO_IMAGE  # a damaged copy of one that is used
    theirs = identity.series_instance_uid
    if theirs and (theirs == series or (identity.series_is_cut and series.startswith(theirs))):
        return Lost.AN_IMAGE
    if not theirs and path.parent in folders:
        return Lost.PERHAPS_AN_IMAGE
    return Lost.NO_IMAGE


def lost_text(lost: Sequence[Unreadable]) -> str:
    """Why a volume that images were lost to has no digest."""
    more = f" and {len(lost) - 1} more" if len(lost) > 1 else ""
    return f"{lost[0].path.name}{more} of the series can't be read, and part of a series gets no digest"


def doubt_text(one: Unreadable) -> str:
    """What is told beside the digest of a volume that a file may be missing from."""
    return f"{one.path.name} beside its images can't be read, and may be one of them"
