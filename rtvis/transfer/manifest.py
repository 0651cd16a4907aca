"""What a delivery holds: one volume, its files and their digests, and everything that is checked before it is believed.

A manifest travels and is signed as canonical JSON, so that both sides hash the same bytes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias, cast

from rtvis.model.errors import InputError, UnreadableError
from rtvis.model.progress import Report, no_report
from rtvis.model.volume import Volume
from rtvis.transfer.frames import MAX_CONTROL
from rtvis.transfer.messages import MessageError, canonical_json, parse_json_object, shown
from rtvis.transfer.protocol import MAX_OFFER_FILES

FORMAT = "rtvis manifest 1"
MAX_MANIFEST = MAX_CONTROL - 8192  # room for the signature in the same frame
CHUNK = 512 * 1024

Part: TypeAlias = Literal["image", "structure_set"]

_UID = re.compile(r"[0-9]+(\.[0-9]+)*\Z")  # PS3.5 9.1, but for leading zeros, which the field writes
_VOLUME_ID = re.compile(r"[0-9.]+(#[1-9][0-9]{0,4})?\Z")
_DIGESTS = {"md5": re.compile(r"[0-9a-f]{32}\Z"), "sha256": re.compile(r"[0-9a-f]{64}\Z")}
_KEYS = {"format", "volume_id", "series_instance_uid", "study_instance_uid", "volume_digest", "files"}
_FILE_KEYS = {"name", "part", "size", "md5", "sha256"}
_MAX_SIZE = 2**53  # JSON numbers beyond this aren't exact everywhere


class ManifestError(ValueError):
    """A manifest from the other side that says something impossible."""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of a delivery.

    Attributes:
        name: what the sender calls it, for people; no file is ever named by it.
        part: ``image`` or ``structure_set``.
        size: bytes.
        md5, sha256: hexadecimal digests of the whole file.
    """

    name: str
    part: Part
    size: int
    md5: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """One volume with its structure sets, as it is to arrive.

    Attributes:
        volume_id: SeriesInstanceUID, with ``#2`` ... when the series was split.
        volume_md5, volume_sha256: hexadecimal volume digests, version 1.
    """

    volume_id: str
    series_instance_uid: str
    study_instance_uid: str
    volume_md5: str
    volume_sha256: str
    files: tuple[FileEntry, ...]

    @property
    def digest(self) -> str:
        """The volume digest, ``md5:<hex>``."""
        return f"md5:{self.volume_md5}"

    @property
    def sizes(self) -> tuple[int, ...]:
        """Bytes of each file."""
        return tuple(one.size for one in self.files)

    @property
    def total_bytes(self) -> int:
        """Bytes of all files."""
        return sum(self.sizes)

    @property
    def images(self) -> int:
        """Number of image files."""
        return sum(one.part == "image" for one in self.files)

    @property
    def sha256(self) -> str:
        """SHA-256 of the canonical JSON, hexadecimal."""
        return hashlib.sha256(self.encode()).hexdigest()

    @property
    def content_key(self) -> str:
        """The same for the same content of the same volume, whatever its files are called; hexadecimal."""
        files = sorted([one.part, one.size, one.sha256] for one in self.files)
        return hashlib.sha256(canonical_json([self.volume_id, self.volume_sha256, files])).hexdigest()

    def encode(self) -> bytes:
        """Canonical JSON."""
        return canonical_json(
            {
                "format": FORMAT,
                "volume_id": self.volume_id,
                "series_instance_uid": self.series_instance_uid,
                "study_instance_uid": self.study_instance_uid,
                "volume_digest": {"md5": self.volume_md5, "sha256": self.volume_sha256},
                "files": [{key: getattr(one, key) for key in sorted(_FILE_KEYS)} for one in self.files],
            }
        )

    @classmethod
    def decode(cls, data: bytes) -> Manifest:
        """Read and check what the other side sent.

        Raises:
            ManifestError: for anything that isn't a canonical manifest with possible values.
        """
        try:
            value = parse_json_object(data)
        except MessageError as error:
            raise ManifestError(str(error)) from None
        if set(value) != _KEYS or value["format"] != FORMAT:
            raise ManifestError(f"isn't a {FORMAT!r}")
        digest = value["volume_digest"]
        if not isinstance(digest, dict) or set(digest) != set(_DIGESTS):
            raise ManifestError("has no volume digests")
        series = _uid(value, "series_instance_uid")
        volume_id = value["volume_id"]
        if not isinstance(volume_id, str) or not _VOLUME_ID.match(volume_id) or volume_id.split("#")[0] != series:
            raise ManifestError("has a volume_id that isn't its SeriesInstanceUID")
        manifest = cls(
            volume_id,
            series,
            _uid(value, "study_instance_uid"),
            _digest(digest, "md5"),
            _digest(digest, "sha256"),
            _files(value["files"]),
        )
        if manifest.encode() != data:
            raise ManifestError("isn't canonical JSON")
        return manifest


def is_uid(text: str) -> bool:
    """Whether `text` is a UID (PS3.5 9.1), leading zeros of components allowed."""
    return len(text) <= 64 and _UID.match(text) is not None


def _uid(value: dict[str, Any], key: str) -> str:
    uid = value[key]
    if not isinstance(uid, str) or not is_uid(uid):
        raise ManifestError(f"has a {key} that isn't a UID")
    return uid


def _digest(value: dict[str, Any], algorithm: str) -> str:
    text = value[algorithm]
    if not isinstance(text, str) or not _DIGESTS[algorithm].match(text):
        raise ManifestError(f"has a {algorithm} that isn't one")
    return text


def _files(value: object) -> tuple[FileEntry, ...]:
    if not isinstance(value, list) or not 0 < len(value) <= MAX_OFFER_FILES:
        raise ManifestError(f"has no list of 1 to {MAX_OFFER_FILES} files")
    files = tuple(_file(one) for one in value)
    if not any(one.part == "image" for one in files):
        raise ManifestError("has no image")
    return files


def _file(value: object) -> FileEntry:
    if not isinstance(value, dict) or set(value) != _FILE_KEYS:
        raise ManifestError("has a file entry that can't be read")
    name, part, size = value["name"], value["part"], value["size"]
    if not isinstance(name, str) or name != plain_name(name):
        raise ManifestError(f"has a file name that isn't plain: {shown(repr(name)[:80])}")
    if part not in ("image", "structure_set"):
        raise ManifestError("has a file that is neither image nor structure set")
    if type(size) is not int or not 0 < size <= _MAX_SIZE:
        raise ManifestError("has a file of an impossible size")
    return FileEntry(name, cast("Part", part), size, _digest(value, "md5"), _digest(value, "sha256"))


def plain_name(name: str) -> str:
    """`name` as manifests carry it: one path component, printable, at most 200 characters.

    >>> plain_name("../../etc/passwd"), plain_name("IM 0001.dcm"), plain_name("..")
    ('.._.._etc_passwd', 'IM 0001.dcm', '_')
    """
    text = shown(name.encode("utf-8", "replace").decode()[-200:]).replace("/", "_").replace("\\", "_")
    return "_" if text in {"", ".", ".."} else text


def hash_file(path: Path) -> tuple[int, str, str]:
    """Size, MD5 and SHA-256 (hexadecimal) of a file.

    Raises:
        UnreadableError: when it can't be read.
    """
    md5, sha256, size = hashlib.md5(usedforsecurity=False), hashlib.sha256(), 0
    try:
        with path.open("rb") as handle:
            while chunk := handle.read(CHUNK):
                md5.update(chunk)
                sha256.update(chunk)
                size += len(chunk)
    except OSError as error:
        raise UnreadableError(f"can't be read ({error.strerror})", path=path) from error
    return size, md5.hexdigest(), sha256.hexdigest()


@dataclass(frozen=True, slots=True)
class Parcel:
    """A manifest and the files it speaks of, in its order: made once, sent to any number of devices."""

    manifest: Manifest
    paths: tuple[Path, ...]


def build_manifest(volume: Volume, structure_sets: Sequence[Path] = (), report: Report = no_report) -> Parcel:
    """Digests of a volume, of its files, and of the structure sets that go with it.

    Args:
        volume: as it was read; the files are those its slices name.
        structure_sets: RTSTRUCT files.
        report: called with (files done, files).

    Raises:
        InputError: when the volume didn't come from files, or can't be named in a manifest.
        UnreadableError: when a file can't be read.
    """
    images = dict.fromkeys(one.path for one in volume.slices)
    parts: list[tuple[Path, Part]] = [(path, "image") for path in images if path is not None]
    parts += [(path, "structure_set") for path in dict.fromkeys(structure_sets)]
    _check_sendable(volume, len(parts), complete=None not in images)
    total = len(parts) + 1
    report(0, total)
    md5 = volume.digest("md5").partition(":")[2]
    sha256 = volume.digest("sha256").partition(":")[2]
    files: list[tuple[FileEntry, Path]] = []
    with ThreadPoolExecutor(2) as pool:
        hashed = pool.map(lambda one: hash_file(one[0]), parts)
        for (path, part), (size, file_md5, file_sha256) in zip(parts, hashed, strict=True):
            if size == 0:
                raise UnreadableError("is empty", path=path)
            files.append((FileEntry(plain_name(path.name), part, size, file_md5, file_sha256), path))
            report(len(files), total)
    files.sort(key=lambda one: (one[0].part, one[0].name, one[0].sha256))
    manifest = Manifest(
        volume.volume_id,
        volume.series_instance_uid,
        volume.study_instance_uid,
        md5,
        sha256,
        tuple(entry for entry, _ in files),
    )
    if len(manifest.encode()) > MAX_MANIFEST:
        raise InputError(f"volume {volume.volume_id} has too many files for one delivery")
    report(total, total)
    return Parcel(manifest, tuple(path for _, path in files))


def _check_sendable(volume: Volume, files: int, *, complete: bool) -> None:
    if not complete:
        raise InputError(f"volume {volume.volume_id} isn't in files", remedy="write it to a folder before it is sent")
    if files > MAX_OFFER_FILES:
        raise InputError(f"volume {volume.volume_id} has {files} files; one delivery takes {MAX_OFFER_FILES}")
    for name, uid in (("Series", volume.series_instance_uid), ("Study", volume.study_instance_uid)):
        if not is_uid(uid):
            raise InputError(f"volume {volume.volume_id} has no proper {name}InstanceUID ({shown(uid)!r})")
