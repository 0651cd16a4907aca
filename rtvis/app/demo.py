"""The main job from end to end: open, show, draw, save, digest, sign, send, and a device that verifies.

Every step is the real one: the files are DICOM, the device is a process of its own behind TLS, the receipt is signed.
"""

from __future__ import annotations

import json
import secrets
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rtvis.app.device_process import DeviceProcess
from rtvis.app.phantom import build_phantom
from rtvis.app.sending import send_paths
from rtvis.app.session import Session
from rtvis.app.signing import sign_paths
from rtvis.app.verifying import VerifyReport, verify_paths
from rtvis.dicom.files import written_whole
from rtvis.dicom.rtstruct_reader import read_structure_set
from rtvis.dicom.rtstruct_writer import write_structure_set
from rtvis.integrity.identity import create_identity
from rtvis.integrity.trust import TrustStore
from rtvis.model.comparison import compare
from rtvis.model.digest import volume_digest
from rtvis.model.errors import CheckFailedError, InputError, NothingFoundError, RtvisError, UsageError
from rtvis.model.structure_set import GeometricType
from rtvis.transfer.device_folder import list_volumes, trust_sender

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from rtvis.integrity.identity import Identity
    from rtvis.model.volume import Volume
    from rtvis.transfer.client import Delivery
    from rtvis.transfer.sending import OpenFile

    Render = Callable[[Session, Path], object]

DEMO_ROI = "Drawn in the demo"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what it is, how long it took, whether it held, and a line for people."""

    name: str
    seconds: float
    ok: bool
    message: str = ""


@dataclass(slots=True)
class DemoResult:
    """The steps that were done, in order, and where their results are."""

    out: Path
    steps: list[Step] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether every step held."""
        return bool(self.steps) and all(step.ok for step in self.steps)


def fresh_folder(out: Path | None) -> Path:
    """A folder that holds nothing yet: `out` itself, or a numbered one in it when an earlier run is there.

    Args:
        out: as asked for; ``rtvis-demo`` in the current folder when None.
    """
    base = Path("rtvis-demo") if out is None else out
    if base.exists() and not base.is_dir():
        raise UsageError("is a file", path=base, remedy="name a folder with --out")
    folder, number = base, 1
    while folder.is_dir() and any(folder.iterdir()):
        number += 1
        folder = base / f"run-{number}"
    return folder


def run_demo(
    study: Path | None,
    out: Path,
    render: Render,
    *,
    said: Callable[[Step], None] = lambda _step: None,
    open_file: OpenFile | None = None,
) -> DemoResult:
    """Do the main job, writing below `out` only.

    Args:
        study: a study to work on (never written to); None constructs a phantom.
        out: an empty or new folder.
        render: draws a session's four views into a PNG file; given by the caller, since drawing is above this floor.
        said: called after each step.
        open_file: how the sender opens files; a test replaces it to flip a bit on the way.

    Returns:
        The steps. A step that doesn't hold is the last but for cleaning up, and `ok` is False.

    Raises:
        InputError: when `study` can't be read or holds no images.
        OutputError: when `out` can't be written.
    """
    if study is not None and out.resolve().is_relative_to(study.resolve()):
        what = "is in the study, which is never written to"
        raise UsageError(what, path=out, remedy="name another folder for the results with --out")
    return _Demo(study, DemoResult(out), render, said, open_file).run()


class _Demo:
    def __init__(
        self,
        study: Path | None,
        result: DemoResult,
        render: Render,
        said: Callable[[Step], None],
        open_file: OpenFile | None,
    ) -> None:
        self.study = study
        self.result = result
        self.out = result.out
        self.render = render
        self.said = said
        self.open_file = open_file
        self.session = Session()
        self.passphrase = secrets.token_urlsafe(24)  # of keys that live as long as the demo's folder

    def run(self) -> DemoResult:
        with suppress(_StepFailedError):  # the step is in the result, with its reason
            self._work()
        self.result.outputs["folder"] = str(self.out)
        return self.result

    @contextmanager
    def step(self, name: str) -> Iterator[list[str]]:
        """Time a step; an error in it makes it fail, and ends the demo."""
        start = time.perf_counter()
        words: list[str] = []
        try:
            yield words
        except RtvisError as error:
            self._done(Step(name, time.perf_counter() - start, ok=False, message=str(error)))
            if isinstance(error, CheckFailedError):
                raise _StepFailedError from error
            raise  # the study can't be read, or `out` not be written: for the caller, with its own exit status
        self._done(Step(name, time.perf_counter() - start, ok=True, message="; ".join(words)))

    def _done(self, step: Step) -> None:
        self.result.steps.append(step)
        self.said(step)

    def _work(self) -> None:
        source = self._construct() if self.study is None else self.study
        volume = self._open(source)
        self._show("show", "picture_before")
        self._draw(volume)
        self._show("show drawn", "picture")
        saved = self._save()
        digest = self._digest(volume)
        with self.step("identities") as words:
            planner = create_identity("Demo planner", self.out / "identities" / "planner", self.passphrase)
            words.append(planner.fingerprint)
        signed = self._sign(volume, saved, planner)
        self._deliver(signed, planner, digest)

    def _construct(self) -> Path:
        with self.step("construct") as words:
            phantom = build_phantom(self.out / "phantom" / "ct")
            path = self.out / "phantom" / "structure-set.dcm"
            write_structure_set(phantom.structure_set, path)
            rois = len(phantom.structure_set.rois)
            words.append(f"{len(phantom.files)} slices, {rois} ROIs in {self.out / 'phantom'}")
            self.result.outputs["study"] = str(self.out / "phantom")
        return self.out / "phantom"

    def _open(self, source: Path) -> Volume:
        with self.step("open") as words:
            self.session.open([source])
            volume = self.session.volume
            if volume is None:
                raise NothingFoundError(
                    "no image series", path=source, remedy="name a folder with CT, MR or PET images"
                )
            slices, rows, columns = volume.grid.shape
            words.append(f"{volume.modality}, {slices} slices of {rows} x {columns}")
            if self.session.structure_set is not None:
                current = self.session.structure_set
                count = len(current.rois)
                words.append(f"{count} ROI{'s'[: count != 1]}, {current.contour_count} contours")
                words += [one.message for one in current.problems[:1]]
        return volume

    def _show(self, name: str, key: str) -> None:
        with self.step(name) as words:
            path = self.out / ("four-views.png" if key == "picture" else "four-views-before.png")
            self.render(self.session, path)
            self.result.outputs[key] = str(path)
            words.append(str(path))

    def _draw(self, volume: Volume) -> None:
        with self.step("draw planar") as words:
            self.session.add_roi(self._free_name(), "CONTROL", (255, 82, 163))
            planar = self.session.add_contour(planar_curve(volume), closed=True)
            if planar.geometric_type != GeometricType.CLOSED_PLANAR:
                raise CheckFailedError(f"the planar contour became {planar.geometric_type}", remedy="report this")
            words.append(f"{planar.geometric_type}, {len(planar.points_lps)} points")
        with self.step("draw non-planar") as words:
            curve = self.session.add_contour(non_planar_curve(volume), closed=False)
            if curve.geometric_type != GeometricType.OPEN_NONPLANAR:
                raise CheckFailedError(f"the non-planar contour became {curve.geometric_type}", remedy="report this")
            words.append(f"{curve.geometric_type}, {len(curve.points_lps)} points")

    def _free_name(self) -> str:
        current = self.session.structure_set
        names = set() if current is None else {one.name for one in current.rois}
        number = 1
        name = DEMO_ROI
        while name in names:
            number += 1
            name = f"{DEMO_ROI} {number}"
        return name

    def _save(self) -> Path:
        with self.step("save") as words:
            path = self.out / "structure-set.dcm"
            warnings = self.session.save(path)
            saved = self.session.structure_set
            assert saved is not None
            if not compare(saved, read_structure_set(path)).identical:
                raise CheckFailedError("reads back different from what was drawn", path=path, remedy="report this")
            words.append(f"{path}, {saved.contour_count} contours, read back identical")
            if warnings:
                count = len(warnings)
                words.append(f"{count} warning{'s'[: count != 1]} about contours that came with the study")
            self.result.outputs["structure_set"] = str(path)
        return path

    def _digest(self, volume: Volume) -> str:
        with self.step("digest") as words:
            digest = volume_digest(volume, "md5").text
            words.append(digest)
            self.result.outputs["digest"] = digest
        return digest

    def _sign(self, volume: Volume, saved: Path, planner: Identity) -> Path:
        folder = self.out / "signed"
        with self.step("sign") as words:
            images = list(dict.fromkeys(one.path for one in volume.slices if one.path is not None))
            report = sign_paths([*images, saved], planner, out=folder)
            if report.failed:
                raise InputError(report.failed[0].reason, path=report.failed[0].path)
            words.append(f"{len(report.files)} files, SHA-256, as {planner.name}")
        with self.step("verify") as words:
            trust = TrustStore.load(self.out / "identities" / "planner" / "certificate.pem")
            verdicts = verify_paths([folder], trust)
            _require_signed(verdicts)
            words.append(_in_words(verdicts))
        self.result.outputs["signed"] = str(folder)
        return folder

    def _deliver(self, signed: Path, planner: Identity, digest: str) -> None:
        folder = self.out / "device"
        with self.step("device") as words:
            device = DeviceProcess.start(folder, "Demo device", self.passphrase)
            words.append(f"process {device.process_id} listens on {device.address}")
        with device:
            trust_sender(folder, self.out / "identities" / "planner" / "certificate.pem")
            delivery = self._send(signed, planner, device, digest)
        with self.step("receipt") as words:
            held = list_volumes(folder)
            if [one.digest for one in held] != [digest]:
                raise CheckFailedError("the device doesn't hold the volume that was sent", path=folder)
            receipt = self.out / "receipt.json"
            with written_whole(receipt) as handle:
                handle.write(json.dumps(delivery.receipt, indent=2).encode())
            words.append(f"{held[0].images} images in {held[0].path}, receipt in {receipt}")
            self.result.outputs["receipt"] = str(receipt)
            self.result.outputs["delivered"] = str(held[0].path)

    def _send(self, signed: Path, planner: Identity, device: DeviceProcess, digest: str) -> Delivery:
        with self.step("send") as words:
            trust = TrustStore.load(device.certificate)
            report = send_paths([signed], [device.address], planner, trust, open_file=self.open_file)
            for one in report.deliveries:
                if one.status != "accepted":
                    raise CheckFailedError(f"delivery {one.status}: {one.reason}", path=signed)
            if not report.holds or report.left_out or report.deliveries[0].digest != digest:
                raise CheckFailedError("the volume that was delivered isn't the one that was signed", path=signed)
            delivery = report.deliveries[0]
            words.append(f"{delivery.bytes_sent} bytes; the device recomputed {delivery.digest}")
        return delivery


class _StepFailedError(Exception):
    """A step failed; it is already in the result."""


def _require_signed(report: VerifyReport) -> None:
    for one in report.files:
        if one.status not in {"valid", "partial"}:
            raise CheckFailedError(f"signature is {one.status}: {one.reason}", path=one.path)


def _in_words(report: VerifyReport) -> str:
    counts: dict[str, int] = {}
    for one in report.files:
        counts[one.status] = counts.get(one.status, 0) + 1
    return ", ".join(f"{count} {status}" for status, count in counts.items())


def planar_curve(volume: Volume, points: int = 64) -> NDArray[np.float64]:
    """A circle around the middle of the volume, on the middle slice: ``(points, 3)`` LPS mm."""
    grid = volume.grid
    k = grid.shape[0] // 2
    middle = grid.to_patient([(grid.shape[2] - 1) / 2, (grid.shape[1] - 1) / 2, k])
    extent = min(grid.shape[2] * grid.spacing_mm[2], grid.shape[1] * grid.spacing_mm[1])
    angle = np.linspace(0, 2 * np.pi, points, endpoint=False)[:, None]
    circle = np.cos(angle) * grid.row_direction + np.sin(angle) * grid.column_direction
    return np.asarray(middle + 0.12 * extent * circle)


def non_planar_curve(volume: Volume, points: int = 40) -> NDArray[np.float64]:
    """A helix through the volume's middle, as of a vessel: ``(points, 3)`` LPS mm, far from any plane."""
    grid = volume.grid
    middle = grid.centre_lps_mm
    height = max(abs(float(grid.slice_distances_mm[-1] - grid.slice_distances_mm[0])), grid.spacing_mm[0]) * 0.6
    extent = min(grid.shape[2] * grid.spacing_mm[2], grid.shape[1] * grid.spacing_mm[1])
    turn = np.linspace(0, 3 * np.pi, points)[:, None]
    circle = np.cos(turn) * grid.row_direction + np.sin(turn) * grid.column_direction
    along = np.linspace(-0.5, 0.5, points)[:, None] * height * grid.normal
    return np.asarray(middle + 0.08 * extent * circle + along)
