"""Volumes of PATHs delivered to devices, each with the structure sets drawn on it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rtvis.app.opening import match_all, scan_paths
from rtvis.app.whole_volumes import LostImages
from rtvis.dicom.volume import read_volume
from rtvis.model.errors import InputError, NothingFoundError
from rtvis.model.progress import no_report
from rtvis.model.study import Unreadable
from rtvis.transfer.address import parse_address
from rtvis.transfer.client import DEFAULT_TIMEOUT_S, Delivery, send_parcels
from rtvis.transfer.manifest import Parcel, build_manifest
from rtvis.transfer.sending import OpenFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rtvis.integrity.identity import Identity
    from rtvis.integrity.trust import TrustStore
    from rtvis.model.progress import Report


@dataclass(frozen=True, slots=True)
class SendReport:
    """What came of sending; `holds` only when every volume is at every device.

    Attributes:
        left_out: files of PATHs that weren't offered to any device, with the reason.
    """

    deliveries: tuple[Delivery, ...]
    left_out: tuple[Unreadable, ...]

    @property
    def holds(self) -> bool:
        """Whether every delivery, and there is one, was accepted or was already there."""
        return bool(self.deliveries) and all(one.holds for one in self.deliveries)


def parcels(
    paths: Iterable[str | Path], report: Report = no_report
) -> tuple[tuple[Parcel, ...], tuple[Unreadable, ...]]:
    """Group PATHs into parcels, each a volume with the structure sets drawn on it; then what can't be delivered.

    A volume stays here when an image of its series, or a file beside its images, can't be read: that may be one of its
    images as well, and half a volume under the whole one's UID would keep the whole one out of the device later.

    Raises:
        InputError: when nothing in PATHs can be read.
    """
    scan = scan_paths(paths, report=report)
    left = list(scan.unreadable)
    left += [Unreadable(one.path, f"{one.modality or 'object'} is not delivered with a volume") for one in scan.others]
    sets, broken = match_all(scan.structure_sets, scan.plans)
    left += broken
    by_volume: dict[str, list[Path]] = {}
    for one in sets:
        assert one.path is not None
        if one.volume is None:
            left.append(Unreadable(one.path, "its images are missing: a structure set goes with its volume"))
        else:
            by_volume.setdefault(one.volume.volume_id, []).append(one.path)
    made: list[Parcel] = []
    lost_images = LostImages(scan.unreadable)
    lost = {one.path.parent: one.path for one in scan.unreadable if not one.is_copy}
    for plan in scan.plans:
        sets_here = by_volume.get(plan.volume_id, [])
        images = dict.fromkeys(one.path for one in plan.slices if one.path is not None)
        beside = next((lost[one.parent] for one in images if one.parent in lost), None)
        elsewhere, _ = lost_images.of(plan)
        try:
            if elsewhere and beside is None:
                raise InputError(f"{elsewhere[0].path} of its series can't be read, and half a volume isn't sent")
            if beside is not None:
                raise InputError(f"{beside.name} beside it can't be read, and half a volume isn't sent")
            made.append(build_manifest(read_volume(plan), sets_here, report=report))
        except InputError as error:
            left += [Unreadable(path, error.what) for path in images]
            left += [Unreadable(path, "its images can't be sent") for path in sets_here]
    return tuple(made), tuple(left)


def send_paths(
    paths: Iterable[str | Path],
    to: Sequence[str],
    identity: Identity,
    trust: TrustStore,
    *,
    timeout: float = DEFAULT_TIMEOUT_S,
    report: Report = no_report,
    open_file: OpenFile | None = None,
) -> SendReport:
    """Deliver each volume of PATHs, with the structure sets drawn on it, to each device.

    Args:
        paths: files and folders.
        to: ``HOST:PORT`` of each device.
        identity: who sends.
        trust: certificates of the devices.
        timeout: seconds after which a silent device is given up.
        report: called with files prepared, then with bytes sent, and their number in all.
        open_file: how files are opened for sending (see `rtvis.transfer.client.send_parcels`).

    Raises:
        InputError: when nothing in PATHs can be read, or holds no volume.
        UsageError: when an address isn't HOST:PORT.
    """
    for address in to:
        parse_address(address)
    named = [Path(one) for one in paths]
    made, left = parcels(named, report=report)
    if not made:
        reason = left[0].reason if left else "no image volume"
        raise NothingFoundError(
            reason, path=left[0].path if left else named[0], remedy="name a folder with a whole image series"
        )
    deliveries = send_parcels(made, to, identity, trust, timeout=timeout, report=report, open_file=open_file)
    return SendReport(tuple(deliveries), left)
