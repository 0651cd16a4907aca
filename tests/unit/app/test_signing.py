"""Where signed copies go: files of one name from several folders stay apart."""

from __future__ import annotations

import numpy as np
import pytest

from rtvis.app.signing import sign_paths
from rtvis.dicom.construct import write_series
from rtvis.geometry.grid import Grid
from rtvis.integrity.identity import create_identity, load_identity


@pytest.fixture(scope="module")
def identity(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ada") / "ada"
    create_identity("Ada", folder, "a good passphrase", key_type="ec")
    return load_identity(folder, "a good passphrase")


def placed(*places):
    """An image of its own at each place."""
    grid = Grid.from_slices(np.zeros((1, 3)), [1, 0, 0, 0, 1, 0], [1.0, 1.0], (8, 8))
    for place in places:
        write_series(np.zeros((1, 8, 8), np.int16), grid, place.with_suffix(""))
        next(place.with_suffix("").iterdir()).rename(place)
        place.with_suffix("").rmdir()


def copies(paths, identity, out):
    written = sign_paths(paths, identity, out=out).files
    assert all(path.is_file() for path in written)
    return {path.relative_to(out).as_posix() for path in written}


def test_copies_keep_their_places_below_a_named_folder(identity, tmp_path):
    study = tmp_path / "study"
    placed(study / "ct" / "1.dcm", study / "pet" / "1.dcm")
    assert copies([study], identity, tmp_path / "signed") == {"ct/1.dcm", "pet/1.dcm"}


def test_names_that_two_folders_share_go_below_the_names_of_the_folders(identity, tmp_path):
    ct, pet, drawn = tmp_path / "ct", tmp_path / "pet", tmp_path / "mine" / "RS.dcm"
    placed(ct / "1.dcm", ct / "sub" / "2.dcm", pet / "1.dcm", drawn)
    signed = copies([ct, pet, drawn], identity, tmp_path / "signed")
    assert signed == {"ct/1.dcm", "ct/sub/2.dcm", "pet/1.dcm", "mine/RS.dcm"}


def test_folders_of_one_name_are_told_apart_by_those_they_are_in(identity, tmp_path):
    first, second = tmp_path / "before" / "ct", tmp_path / "after" / "ct"
    placed(first / "1.dcm", second / "1.dcm")
    assert copies([first, second], identity, tmp_path / "signed") == {"before/ct/1.dcm", "after/ct/1.dcm"}


def test_files_of_one_name_are_told_apart_by_their_folders(identity, tmp_path, monkeypatch):
    placed(tmp_path / "ct" / "1.dcm", tmp_path / "1.dcm")
    monkeypatch.chdir(tmp_path / "ct")
    signed = copies(["1.dcm", "../1.dcm"], identity, tmp_path / "signed")
    assert signed == {"ct/1.dcm", f"{tmp_path.name}/1.dcm"}
