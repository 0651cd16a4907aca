"""A device's folder: settings, trust, list."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from rtvis.integrity.identity import Identity, create_identity
from rtvis.model.errors import NothingFoundError, UnreadableError, UsageError
from rtvis.transfer.device_folder import Policy, init_device, list_volumes, load_device, trust_sender
from rtvis.transfer.inbox import Inbox

from .conftest import PASSPHRASE


def test_a_fresh_device_has_the_default_policy_and_holds_nothing(device_folder: Path) -> None:
    device = load_device(device_folder)
    assert device.name == "Linac 2"
    assert device.policy == Policy()
    assert list_volumes(device_folder) == []


def test_names_are_kept_as_they_are(tmp_path: Path) -> None:
    name = 'Linac "2" \\ Süd'
    init_device(tmp_path / "d", name, PASSPHRASE)
    assert load_device(tmp_path / "d").name == name


def test_a_device_is_never_replaced(device_folder: Path) -> None:
    with pytest.raises(UsageError, match="already"):
        init_device(device_folder, "other", PASSPHRASE)


def test_a_device_that_can_not_be_made_leaves_nothing_and_can_be_made_later(tmp_path: Path) -> None:
    place = tmp_path / "device"
    (place / "device.toml").mkdir(parents=True)
    with pytest.raises(UsageError, match="is a folder"):
        init_device(place, "Linac", PASSPHRASE)
    assert [one.name for one in place.iterdir()] == ["device.toml"]
    (place / "device.toml").rmdir()
    init_device(place, "Linac", PASSPHRASE)
    assert load_device(place).name == "Linac"


def test_an_identity_that_can_not_be_made_leaves_no_key(tmp_path: Path) -> None:
    (tmp_path / "inner" / "certificate.pem").mkdir(parents=True)
    with pytest.raises(UsageError):
        create_identity("Ada", tmp_path / "inner", PASSPHRASE)
    assert [one.name for one in (tmp_path / "inner").iterdir()] == ["certificate.pem"]


def test_a_folder_that_is_no_device(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"")
    for use in (load_device, list_volumes, lambda one: trust_sender(one, one)):
        with pytest.raises(UsageError, match="isn't a device"):
            use(tmp_path)
        with pytest.raises(UsageError, match=r"file: isn't a device; make one"):
            use(file)


def test_trusting_needs_a_certificate(device_folder: Path, tmp_path: Path, stranger: Identity) -> None:
    with pytest.raises(NothingFoundError):
        trust_sender(device_folder, tmp_path / "gone.pem")
    trusted = trust_sender(device_folder, stranger.certificate_path)
    assert trusted.name == "Mallory"
    assert stranger.certificate in load_device(device_folder).trust().certificates


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('signatures = "sometimes"', "signatures"),
        ("max_bytes = -1", "max_bytes"),
        ("max_bytes = true", "max_bytes"),
        ("more = 1", "more"),
    ],
)
def test_an_impossible_policy_is_named(device_folder: Path, line: str, words: str) -> None:
    (device_folder / "device.toml").write_text(f'name = "x"\n[policy]\n{line}\n')
    with pytest.raises(UsageError, match=words):
        load_device(device_folder)


def test_settings_that_are_no_toml_are_named(device_folder: Path) -> None:
    (device_folder / "device.toml").write_text("name = \n")
    with pytest.raises(UnreadableError, match=r"device\.toml"):
        load_device(device_folder)


def test_a_delivery_with_damaged_papers_is_listed_with_the_problem(device_folder: Path) -> None:
    (device_folder / "inbox" / "1.2.3-0").mkdir()
    (one,) = list_volumes(device_folder)
    assert one.path.name == "1.2.3-0"
    assert "can't be read" in one.problem


def test_old_unfinished_deliveries_are_thrown_away(device_folder: Path) -> None:
    staging = device_folder / "staging"
    for name, days in (("old", 8), ("young", 6), ("damaged-old", 80)):
        (staging / name).mkdir()
        then = time.time() - days * 86400
        os.utime(staging / name, (then, then))
    Inbox(device_folder).clean(7)
    assert sorted(one.name for one in staging.iterdir()) == ["damaged-old", "young"]
