"""A device's inbox: what is arriving, what has arrived, and the one rename between the two.

Files are named by number and hash, never by what a sender calls them. Nothing of a delivery can be seen in the inbox
before all of it is verified, and what was received is never altered.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO, ClassVar

from rtvis.dicom.files import sync, written_whole
from rtvis.model.errors import UnreadableError
from rtvis.transfer.manifest import CHUNK, FileEntry, Manifest
from rtvis.transfer.messages import Held
from rtvis.transfer.receipt import SignedReceipt

MANIFEST_FILE, OFFER_FILE, RECEIPT_FILE = "manifest.json", "offer.json", "receipt.json"
PAPERS = "delivery"
_SYNC_THREADS = 4


@dataclass(frozen=True, slots=True)
class HeldVolume:
    """One volume that a device holds, as its newest delivery left it.

    Attributes:
        digest: ``md5:<hex>``, computed by the device from the voxels it received.
        sender: common name of the sender's certificate; two senders may share one.
        received_at: ISO 8601 UTC.
        images: number of image files.
        path: the delivery's folder in the inbox.
        sender_fingerprint: ``sha256:<hex>`` of the sender's certificate.
        structure_sets: number of structure set files.
        problem: why its papers can't be read; empty for a sound delivery.
        earlier: folders of earlier deliveries of the same volume, with other structure sets, oldest first.
    """

    volume_id: str
    series_instance_uid: str
    digest: str
    sender: str
    received_at: str
    images: int
    path: Path
    sender_fingerprint: str = ""
    structure_sets: int = 0
    problem: str = ""
    earlier: tuple[Path, ...] = ()


def stored_name(index: int, entry: FileEntry) -> str:
    """What a received file is called."""
    return f"{index + 1:05d}-{entry.sha256[:16]}.dcm"


class Inbox:
    """The inbox of one device, and its staging area on the same file system."""

    FOLDERS: ClassVar[tuple[str, str]] = ("inbox", "staging")

    def __init__(self, device_folder: Path) -> None:
        self.folder = device_folder / "inbox"
        self.staging = device_folder / "staging"

    def volumes(self) -> list[HeldVolume]:
        """What is there, one entry for each volume, oldest first. Deliveries without sound papers count each.

        Raises:
            UnreadableError: when the inbox can't be read.
        """
        try:
            folders = sorted(one for one in self.folder.iterdir() if one.is_dir())
        except OSError as error:
            raise UnreadableError(f"can't be read ({error.strerror})", path=self.folder) from error
        deliveries = sorted((_held_volume(one) for one in folders), key=lambda one: (one.received_at, one.path))
        newest: dict[object, HeldVolume] = {}
        for one in deliveries:
            key = one.path if one.problem else (one.volume_id, one.digest)
            before = newest.pop(key, None)
            newest[key] = one if before is None else replace(one, earlier=(*before.earlier, before.path))
        return list(newest.values())

    def place_of(self, manifest: Manifest) -> Path:
        """Where a delivery goes: the same content of the same volume always to the same place."""
        return self.folder / f"{manifest.series_instance_uid}-{manifest.content_key[:16]}"

    def conflict(self, manifest: Manifest) -> str:
        """The digest of another volume that is held under the same volume_id; empty when there is none."""
        for one in self.volumes():
            if one.volume_id == manifest.volume_id and not one.problem and one.digest != manifest.digest:
                return one.digest
        return ""

    def holds(self, manifest: Manifest) -> bool:
        """Whether this content is there, every file hashed again, by itself or as a part of another delivery.

        A damaged delivery of this content is set aside and isn't there.

        Raises:
            OSError: when a damaged one can't be set aside.
        """
        wanted = {one.sha256 for one in manifest.files}
        place = self.place_of(manifest)
        if place.is_dir():
            if _is_whole(place, wanted):
                return True
            place.rename(self.staging / f"damaged-{place.name}-{time.time_ns()}")
        return any(wanted <= set(files) and _is_whole(one, wanted) for one, files in self._of_volume(manifest))

    def held_files(self, manifest: Manifest) -> dict[str, Path]:
        """Files of this delivery that earlier ones of the same volume brought, by SHA-256; not hashed again."""
        wanted = {one.sha256: one.size for one in manifest.files}
        found = {sha256: path for _, files in self._of_volume(manifest) for sha256, path in files.items()}
        return {sha256: path for sha256, path in found.items() if _has_size(path, wanted.get(sha256, -1))}

    def _of_volume(self, manifest: Manifest) -> Iterator[tuple[Path, dict[str, Path]]]:
        """Deliveries of the same volume: the folder, and where each file is, by SHA-256 as it was received."""
        for folder in sorted(self.folder.glob(f"{manifest.series_instance_uid}-*")):
            try:
                held = Manifest.decode((folder / PAPERS / MANIFEST_FILE).read_bytes())
            except (OSError, ValueError):  # damaged papers: `volumes` shows them
                continue
            if (held.volume_id, held.volume_sha256) == (manifest.volume_id, manifest.volume_sha256):
                yield folder, {one.sha256: folder / stored_name(index, one) for index, one in enumerate(held.files)}

    def free_bytes(self) -> int:
        """Space left on the inbox's file system."""
        return shutil.disk_usage(self.staging).free

    def writable(self) -> bool:
        """Whether deliveries can be moved to the inbox."""
        return all(os.access(one, os.W_OK | os.X_OK) and one.is_dir() for one in (self.folder, self.staging))

    def clean(self, days: int) -> None:
        """Throw away unfinished deliveries that nobody went on with for so many days; damaged ones are kept."""
        oldest = time.time() - days * 86400
        for one in self.staging.iterdir():
            if not one.name.startswith("damaged-") and one.stat().st_mtime < oldest:
                shutil.rmtree(one)

    def stage(self, sender_fingerprint: str, manifest: Manifest) -> Staging:
        """The staging folder of this delivery by this sender, made or found again."""
        sender = sender_fingerprint.partition(":")[2][:32]
        return Staging(self.staging / f"{sender}-{manifest.sha256[:32]}", manifest)


class Staging:
    """One delivery that is arriving: the files so far, and the hashers that follow them.

    Attributes:
        folder: bound to the sender's key and the manifest's hash, so that nobody goes on with another's delivery.
    """

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.folder = folder
        self.manifest = manifest
        self._partial: dict[int, tuple[Any, Any]] = {}
        self._pool = ThreadPoolExecutor(_SYNC_THREADS, thread_name_prefix="sync")
        self._syncs: list[Future[None]] = []

    def path_of(self, index: int) -> Path:
        """Where file `index` is."""
        return self.folder / stored_name(index, self.manifest.files[index])

    def missing_bytes(self, known: Collection[str] = ()) -> int:
        """Bytes that the disk doesn't hold yet; `known`: SHA-256 of files that will be linked."""
        missing = 0
        for index, entry in enumerate(self.manifest.files):
            try:
                there = self.path_of(index).stat().st_size
            except OSError:
                there = entry.size if entry.sha256 in known else 0
            missing += entry.size - min(there, entry.size)
        return missing

    def recover(self, known: Mapping[str, Path] = MappingProxyType({})) -> tuple[Held, ...]:
        """Make the folder, or hash again what is there of each file.

        Args:
            known: whole files of earlier deliveries, by SHA-256: taken over (as links) where nothing else is there.

        Raises:
            OSError: when the folder can't be made or read.
        """
        self.folder.mkdir(mode=0o700, exist_ok=True)
        os.utime(self.folder)
        expected = {self.path_of(index).name for index in range(len(self.manifest.files))}
        for one in self.folder.iterdir():
            if one.name == PAPERS:
                shutil.rmtree(one)
            elif one.name not in expected:
                one.unlink()
        for index, entry in enumerate(self.manifest.files):
            if entry.sha256 in known and not self.path_of(index).exists():
                with suppress(OSError):  # a file system without links: it is sent, then
                    os.link(known[entry.sha256], self.path_of(index))
        return tuple(self._recover_one(index, entry) for index, entry in enumerate(self.manifest.files))

    def _recover_one(self, index: int, entry: FileEntry) -> Held:
        path = self.path_of(index)
        try:
            size = path.stat().st_size
        except FileNotFoundError:
            return Held()
        if not 0 < size <= entry.size:
            path.unlink()
            return Held()
        md5, sha256 = hashlib.md5(usedforsecurity=False), hashlib.sha256()
        with path.open("rb") as handle:
            while chunk := handle.read(CHUNK):
                md5.update(chunk)
                sha256.update(chunk)
        self._partial[index] = (md5, sha256)
        return Held(size, sha256.hexdigest())

    def receive(self, index: int, offset: int) -> Arrival:
        """Open file `index` to write from `offset` on: from its start, or where `recover` found it to end.

        Raises:
            OSError: when it can't be opened.
        """
        md5, sha256 = self._partial.pop(index, (None, None))
        path = self.path_of(index)
        if offset == 0 or md5 is None:
            path.unlink(missing_ok=True)  # never into a file that an earlier delivery shares
            md5, sha256 = hashlib.md5(usedforsecurity=False), hashlib.sha256()
            return Arrival(path.open("wb", buffering=0), self.manifest.files[index], md5, sha256)
        handle = path.open("r+b", buffering=0)
        handle.seek(offset)
        return Arrival(handle, self.manifest.files[index], md5, sha256)

    def drop(self, index: int) -> None:
        """Throw file `index` away: it isn't what the manifest says."""
        self.path_of(index).unlink(missing_ok=True)

    def sync_later(self, index: int) -> None:
        """Have file `index` synced to the disk while others arrive."""
        self._syncs.append(self._pool.submit(sync, self.path_of(index)))

    def discard(self) -> None:
        """Throw everything away."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def commit(self, place: Path, offer: dict[str, Any], receipt: SignedReceipt) -> None:
        """Add the papers, sync everything, and move the delivery into the inbox by one rename.

        Raises:
            OSError: when the disk doesn't take it; then nothing is in the inbox.
            OutputError: likewise, for the papers.
        """
        papers = self.folder / PAPERS
        for name, content in (
            (MANIFEST_FILE, self.manifest.encode()),
            (OFFER_FILE, json.dumps(offer, indent=1).encode()),
            (RECEIPT_FILE, json.dumps(receipt.to_json(), indent=1).encode()),
        ):
            with written_whole(papers / name, overwrite=True) as handle:
                handle.write(content)
        for begun in self._syncs:
            begun.result()
        sync(self.folder)
        self.folder.rename(place)
        sync(place.parent)
        sync(self.folder.parent)

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown(wait=True, cancel_futures=True)


class Arrival:
    """One file that is arriving."""

    def __init__(self, handle: BinaryIO | Any, entry: FileEntry, md5: Any, sha256: Any) -> None:
        self._handle = handle
        self._entry = entry
        self._updates: tuple[Callable[[bytes], object], ...] = (md5.update, sha256.update)
        self._md5, self._sha256 = md5, sha256

    def write(self, data: bytes) -> None:
        """Add bytes at the end.

        Raises:
            OSError: when the disk doesn't take them.
        """
        view = memoryview(data)
        while view:
            view = view[self._handle.write(view) :]
        for update in self._updates:
            update(data)

    def wrong(self) -> str:
        """Close the file. Which digest differs from the manifest's; empty when both agree."""
        self.close()
        found = {"MD5": self._md5.hexdigest(), "SHA-256": self._sha256.hexdigest()}
        promised = {"MD5": self._entry.md5, "SHA-256": self._entry.sha256}
        return " and ".join(name for name in found if found[name] != promised[name])

    def close(self) -> None:
        """Close the file, whole or not."""
        self._handle.close()


def _is_whole(place: Path, wanted: set[str]) -> bool:
    """Whether a delivery in the inbox has its receipt and all files with these SHA-256, hashed now."""
    found: set[str] = set()
    for path in place.glob("*.dcm"):
        with path.open("rb") as handle:
            found.add(hashlib.file_digest(handle, "sha256").hexdigest())
    return found >= wanted and (place / PAPERS / RECEIPT_FILE).is_file()


def _has_size(path: Path, size: int) -> bool:
    try:
        return path.stat().st_size == size
    except OSError:
        return False


def _held_volume(folder: Path) -> HeldVolume:
    try:
        manifest = Manifest.decode((folder / PAPERS / MANIFEST_FILE).read_bytes())
        kept = SignedReceipt.from_json(json.loads((folder / PAPERS / RECEIPT_FILE).read_text("utf-8")))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        return HeldVolume("", "", "", "", "", 0, folder, problem=f"the papers of this delivery can't be read: {reason}")
    receipt = kept.receipt
    return HeldVolume(
        manifest.volume_id,
        manifest.series_instance_uid,
        receipt.digest,
        receipt.sender,
        receipt.at,
        manifest.images,
        folder,
        receipt.sender_fingerprint,
        len(manifest.files) - manifest.images,
    )
