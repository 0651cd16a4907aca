"""A structure set that changed goes to a device that holds its images already."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from rtvis.dicom.rtstruct_new import new_structure_set
from rtvis.dicom.rtstruct_writer import write_structure_set
from rtvis.dicom.series import find_series
from rtvis.dicom.volume import read_volume
from rtvis.integrity.identity import Identity
from rtvis.model.structure_set import Contour, Roi
from rtvis.transfer.client import Delivery
from rtvis.transfer.device_folder import list_volumes
from rtvis.transfer.inbox import Inbox
from rtvis.transfer.manifest import Parcel

from .conftest import Serving, packed, send_parcel


@pytest.fixture
def with_set(series: Path, tmp_path: Path) -> Callable[[str], Parcel]:
    """The series with a structure set of one ROI of this name."""
    volume = read_volume(find_series([series]).plans[0])

    def make(name: str) -> Parcel:
        square = Contour.drawn([[10, 10, 5], [20, 10, 5], [20, 20, 5], [10, 20, 5]], closed=True)
        drawn = dataclasses.replace(new_structure_set(volume), rois=(Roi(1, name, (square,)),))
        path = tmp_path / f"{name}.dcm"
        write_structure_set(drawn, path)
        return packed(series, path)

    return make


def send(parcel: Parcel, device: Serving, sender: Identity) -> Delivery:
    return send_parcel(parcel, device.address, sender, device.trust, timeout=20)


def bytes_of_sets(parcel: Parcel) -> int:
    return sum(one.size for one in parcel.manifest.files if one.part == "structure_set")


def test_only_the_new_set_travels_and_the_volume_stays_one(
    device: Serving, sender: Identity, with_set: Callable[[str], Parcel]
) -> None:
    first, second = with_set("Heart"), with_set("Heart edited")
    assert send(first, device, sender).status == "accepted"
    (before,) = list_volumes(device.folder)
    kept = {path: (path.stat().st_ino, path.read_bytes()) for path in before.path.rglob("*") if path.is_file()}
    delivery = send(second, device, sender)
    assert (delivery.status, delivery.bytes_sent) == ("accepted", bytes_of_sets(second))
    assert delivery.resumed_bytes == second.manifest.total_bytes - bytes_of_sets(second)
    (held,) = list_volumes(device.folder)
    assert (held.volume_id, held.images, held.structure_sets) == (before.volume_id, 6, 1)
    assert (held.path != before.path, held.earlier) == (True, (before.path,))
    assert sorted(len(list(one.glob("*.dcm"))) for one in device.inbox) == [7, 7]
    now = {path: (path.stat().st_ino, path.read_bytes()) for path in before.path.rglob("*") if path.is_file()}
    assert now == kept, "what was received is never altered"
    for parcel in (first, second):
        assert send(parcel, device, sender).status == "already_there"


def test_images_that_are_held_with_a_set_are_already_there(
    device: Serving, sender: Identity, parcel: Parcel, with_set: Callable[[str], Parcel]
) -> None:
    assert send(with_set("Heart"), device, sender).status == "accepted"
    assert send(parcel, device, sender).status == "already_there"
    assert len(device.inbox) == 1


def test_a_held_image_that_was_damaged_is_not_built_upon(
    device: Serving, sender: Identity, parcel: Parcel, with_set: Callable[[str], Parcel]
) -> None:
    send(parcel, device, sender)
    (place,) = device.inbox
    victims = sorted(place.glob("*.dcm"))[:2]
    whole = sum(one.stat().st_size for one in victims)
    damaged = bytearray(victims[0].read_bytes())
    damaged[-1] ^= 1
    victims[0].write_bytes(damaged)
    victims[1].write_bytes(victims[1].read_bytes()[:-10])
    second = with_set("Heart")
    delivery = send(second, device, sender)
    assert (delivery.status, delivery.bytes_sent) == ("accepted", bytes_of_sets(second) + whole)
    assert victims[0].read_bytes() == bytes(damaged), "the earlier delivery is left as it was found"
    assert send(second, device, sender).status == "already_there"


def test_where_files_can_not_be_linked_they_are_sent(
    device: Serving,
    sender: Identity,
    parcel: Parcel,
    with_set: Callable[[str], Parcel],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    send(parcel, device, sender)

    def no_links(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    second = with_set("Heart")
    delivery = send(second, device, sender)
    assert (delivery.status, delivery.bytes_sent) == ("accepted", second.manifest.total_bytes)
    assert len(list_volumes(device.folder)) == 1


def test_damaged_papers_are_a_row_of_their_own(
    device: Serving, sender: Identity, parcel: Parcel, with_set: Callable[[str], Parcel]
) -> None:
    send(parcel, device, sender)
    send(with_set("Heart"), device, sender)
    for one in device.inbox:
        (one / "delivery" / "receipt.json").write_text("{}")
    rows = Inbox(device.folder).volumes()
    assert len(rows) == 2
    assert all(one.problem for one in rows)
