"""A small study, identities, and a device that serves in a thread on a free loopback port."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cryptography.hazmat.primitives import serialization

from rtvis.dicom.construct import write_series
from rtvis.dicom.series import find_series
from rtvis.dicom.volume import read_volume
from rtvis.geometry.grid import Grid
from rtvis.integrity.identity import Identity, create_identity, load_identity
from rtvis.integrity.trust import TrustStore
from rtvis.transfer import device as device_module
from rtvis.transfer.client import Delivery, send_parcels
from rtvis.transfer.device import serve
from rtvis.transfer.device_folder import init_device, trust_sender
from rtvis.transfer.manifest import Parcel, build_manifest

PASSPHRASE = b"only for tests"


def quick_to_unlock(identity: Identity) -> None:
    """Encrypt a test's key anew with few rounds: the slow derivation is tested where it belongs."""
    identity.key_path.write_bytes(
        identity.private_key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(PASSPHRASE),
        )
    )


def make_identity(folder: Path, name: str) -> Identity:
    identity = create_identity(name, folder, PASSPHRASE, key_type="ec")
    quick_to_unlock(identity)
    return load_identity(folder, PASSPHRASE)


def make_grid(slices: int, rows: int, columns: int) -> Grid:
    affine = np.diag([1.2, 1.5, 2.5, 1.0])
    origins = np.array([[0.0, 0.0, 2.5 * k] for k in range(slices)])
    return Grid((slices, rows, columns), affine, origins, "2.25.77")


def make_series(folder: Path, seed: int = 0, slices: int = 6) -> list[Path]:
    stored = np.random.default_rng(seed).integers(0, 2000, (slices, 192, 256)).astype(np.int16)
    return write_series(stored, make_grid(slices, 192, 256), folder)


def packed(*paths: Path) -> Parcel:
    """The one volume that is there, with the structure sets beside it."""
    scan = find_series(paths)
    (plan,) = scan.plans
    return build_manifest(read_volume(plan), scan.structure_sets)


def send_parcel(parcel: Parcel, address: str, sender: Identity, trust: TrustStore, **options: Any) -> Delivery:
    (delivery,) = send_parcels([parcel], [address], sender, trust, **options)
    return delivery


@pytest.fixture(scope="session")
def series(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("series")
    make_series(folder)
    return folder


@pytest.fixture(scope="session")
def parcel(series: Path) -> Parcel:
    return packed(series)


@pytest.fixture(scope="session")
def sender(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    return make_identity(tmp_path_factory.mktemp("sender") / "id", "Ada")


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    return make_identity(tmp_path_factory.mktemp("stranger") / "id", "Mallory")


@pytest.fixture(scope="session")
def device_template(tmp_path_factory: pytest.TempPathFactory, sender: Identity) -> Path:
    folder = tmp_path_factory.mktemp("template") / "device"
    quick_to_unlock(init_device(folder, "Linac 2", PASSPHRASE))
    trust_sender(folder, sender.certificate_path)
    return folder


@dataclass
class Serving:
    """A device that serves."""

    folder: Path
    port: int
    trust: TrustStore
    stop: threading.Event
    thread: threading.Thread

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def inbox(self) -> list[Path]:
        return sorted((self.folder / "inbox").iterdir())

    @property
    def staged(self) -> list[Path]:
        return sorted((self.folder / "staging").rglob("*.dcm"))

    def end(self) -> None:
        self.stop.set()
        self.thread.join(30)
        assert not self.thread.is_alive()


def start_device(folder: Path) -> Serving:
    stop, listening, ports = threading.Event(), threading.Event(), list[int]()

    def ready(_: str, port: int) -> None:
        ports.append(port)
        listening.set()

    options = {"ready": ready, "stop": stop}
    thread = threading.Thread(target=serve, args=(folder, "127.0.0.1", 0, PASSPHRASE), kwargs=options)
    thread.start()
    assert listening.wait(20)
    return Serving(folder, ports[0], TrustStore.load(folder / "certificate.pem"), stop, thread)


@pytest.fixture(autouse=True, scope="session")
def _quick_to_stop() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(device_module, "_POLL_S", 0.02)
        yield


@pytest.fixture
def device_folder(device_template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(device_template, tmp_path / "device"))


@pytest.fixture
def start(device_folder: Path) -> Iterator[Callable[..., Serving]]:
    """Start serving a device folder; a test may first change what is in it."""
    running: list[Serving] = []

    def go(folder: Path = device_folder) -> Serving:
        running.append(start_device(folder))
        return running[-1]

    yield go
    for one in running:
        one.end()


@pytest.fixture
def device(start: Callable[..., Serving]) -> Serving:
    return start()


@pytest.fixture(scope="module")
def empty_device(device_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """One device for all tests of a module that leave nothing in it."""
    one = start_device(Path(shutil.copytree(device_template, tmp_path_factory.mktemp("empty") / "device")))
    yield one
    assert one.inbox == []
    one.end()
