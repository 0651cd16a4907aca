"""Manifests: what they say is what the files hold, and nothing else is believed."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtvis.dicom.series import find_series
from rtvis.dicom.volume import read_volume
from rtvis.model.errors import InputError, UnreadableError
from rtvis.transfer.manifest import FileEntry, Manifest, ManifestError, Parcel, build_manifest, is_uid, plain_name

entries = st.builds(
    FileEntry,
    st.text(max_size=30).map(plain_name),
    st.sampled_from(["image", "structure_set"]),
    st.integers(1, 2**53),
    st.text("0123456789abcdef", min_size=32, max_size=32),
    st.text("0123456789abcdef", min_size=64, max_size=64),
)
manifests = st.builds(
    lambda uid, suffix, files: Manifest(uid + suffix, uid, "1.2", "0" * 32, "f" * 64, tuple(files)),
    st.from_regex(r"\A[0-9]{1,5}(\.[0-9]{1,5}){0,9}\Z"),
    st.sampled_from(["", "#2", "#17"]),
    st.lists(entries, min_size=1, max_size=4).filter(lambda files: any(one.part == "image" for one in files)),
)


@given(manifests)
@settings(max_examples=60, deadline=None)
def test_a_manifest_comes_back_as_it_was(manifest: Manifest) -> None:
    assert Manifest.decode(manifest.encode()) == manifest


@given(manifests, st.data())
@settings(max_examples=100, deadline=None)
def test_no_other_bytes_are_the_same_manifest(manifest: Manifest, data: st.DataObject) -> None:
    encoded = bytearray(manifest.encode())
    encoded[data.draw(st.integers(0, len(encoded) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    try:
        other = Manifest.decode(bytes(encoded))
    except ManifestError:
        return
    assert other != manifest


@given(st.text(max_size=400))
@settings(max_examples=200, deadline=None)
def test_plain_names_are_one_component(name: str) -> None:
    plain = plain_name(name)
    assert plain == plain_name(plain)
    assert plain not in {"", ".", ".."}
    assert not set(plain) & set("/\\\0\n\r\x1b")


def test_it_says_what_the_files_hold(parcel: Parcel) -> None:
    assert len(parcel.paths) == 6
    for path, entry in zip(parcel.paths, parcel.manifest.files, strict=True):
        data = path.read_bytes()
        assert (entry.name, entry.size) == (path.name, len(data))
        assert entry.md5 == hashlib.md5(data).hexdigest()
        assert entry.sha256 == hashlib.sha256(data).hexdigest()
    volume = read_volume(find_series(list(parcel.paths)).plans[0])
    assert parcel.manifest.digest == volume.digest("md5")
    assert f"sha256:{parcel.manifest.volume_sha256}" == volume.digest("sha256")


def test_content_and_not_names_makes_the_same_delivery(parcel: Parcel) -> None:
    files = [dataclasses.replace(one, name=f"other {n}") for n, one in enumerate(parcel.manifest.files)]
    renamed = dataclasses.replace(parcel.manifest, files=tuple(reversed(files)))
    assert renamed.content_key == parcel.manifest.content_key
    assert renamed.sha256 != parcel.manifest.sha256
    changed = dataclasses.replace(files[0], sha256="0" * 64)
    other = dataclasses.replace(parcel.manifest, files=(changed, *files[1:]))
    assert other.content_key != parcel.manifest.content_key


def test_a_volume_that_is_in_no_file_can_not_be_sent(parcel: Parcel) -> None:
    volume = read_volume(find_series(list(parcel.paths)).plans[0])
    adrift = dataclasses.replace(volume, slices=tuple(dataclasses.replace(one, path=None) for one in volume.slices))
    with pytest.raises(InputError, match="isn't in files"):
        build_manifest(adrift)
    unnamed = dataclasses.replace(volume, series_instance_uid="not a uid")
    with pytest.raises(InputError, match="SeriesInstanceUID"):
        build_manifest(unnamed)


def test_a_missing_structure_set_is_named(parcel: Parcel, tmp_path: Path) -> None:
    volume = read_volume(find_series(list(parcel.paths)).plans[0])
    with pytest.raises(UnreadableError, match="gone"):
        build_manifest(volume, [tmp_path / "gone"])
    (tmp_path / "empty").touch()
    with pytest.raises(UnreadableError, match="empty"):
        build_manifest(volume, [tmp_path / "empty"])


@pytest.mark.parametrize(
    ("text", "good"), [("1.2.840", True), ("0", True), ("", False), ("1.", False), ("1.2\n", False)]
)
def test_uids(text: str, good: bool) -> None:
    assert is_uid(text) is good
