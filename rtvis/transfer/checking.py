"""What a device does with a delivery before it takes it: read the DICOM, recompute the digest, verify the signatures.

Senders are known, but what they pass on may not be: all of it is parsed in a process of its own, with limits on memory,
processor time and open files, that can put nothing into files and ends with the device. One such process stands by, so
that its start, half a second, costs no delivery any time.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rtvis.model.errors import DeliveryError, NothingFoundError, RtvisError
from rtvis.transfer.lifeline import Lifeline
from rtvis.transfer.manifest import Manifest

_MAX_ANSWER = 64 * 1024
_OPEN_FILES = 256
_MODULE = ["-m", "rtvis.transfer.checking"]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What was found.

    Attributes:
        reason: why the delivery can't be taken; empty when it can.
        digest: the volume digest of the received voxels, ``md5:<hex>``.
        signatures: number of files by signature status.
    """

    reason: str = ""
    digest: str = ""
    signatures: dict[str, int] = field(default_factory=dict)


def check_delivery(paths: list[Path], trusted: Path, manifest: Manifest, *, signatures_required: bool) -> CheckResult:
    """Check received files against their manifest, in this process.

    Args:
        paths: the files, in manifest order.
        trusted: folder of the certificates whose signatures count.
        manifest: what was promised.
        signatures_required: whether every file must carry a valid signature.
    """
    from rtvis.integrity.scanning import scan  # noqa: PLC0415  (the receiving process itself never loads these)
    from rtvis.integrity.trust import TrustStore  # noqa: PLC0415  (not in the receiving process)
    from rtvis.integrity.verification import verify_scanned  # noqa: PLC0415  (not in the receiving process)

    try:
        trust = TrustStore.load(trusted)
    except NothingFoundError:
        trust = TrustStore(())
    counts: Counter[str] = Counter()
    for path, entry in zip(paths, manifest.files, strict=True):
        try:
            scanned = scan(path)
        except RtvisError as error:
            return CheckResult(f"{entry.name}: {error.what}")
        if scanned.program:
            return CheckResult(f"{entry.name} is a {scanned.program} program as well as a DICOM file")
        verdict = verify_scanned(scanned, path, trust)
        counts[verdict.status] += 1
        if verdict.status == "invalid":
            return CheckResult(f"{entry.name}: its signature doesn't hold: {verdict.reason}")
        if signatures_required and verdict.status != "valid":
            why = f": {verdict.reason}" if verdict.reason else ""
            return CheckResult(f"{entry.name} is {verdict.status}, and this device takes only valid signatures{why}")
    digest, reason = _check_volume(paths, manifest)
    return CheckResult(reason, digest, dict(counts))


def _check_volume(paths: list[Path], manifest: Manifest) -> tuple[str, str]:
    """The MD5 volume digest of the voxels in the files, and why it won't do (or an empty text)."""
    from rtvis.dicom.series import find_series  # noqa: PLC0415  (not in the receiving process)
    from rtvis.dicom.volume import read_volume  # noqa: PLC0415  (not in the receiving process)

    names = {path: entry.name for path, entry in zip(paths, manifest.files, strict=True)}
    found = find_series(paths)
    if found.unreadable:
        first = found.unreadable[0]
        return "", f"{names.get(first.path, first.path.name)}: {first.reason}"
    promised = {path for path, entry in zip(paths, manifest.files, strict=True) if entry.part == "structure_set"}
    if set(found.structure_sets) != promised:
        return "", "its structure sets aren't the files that were said to be"
    plans = [plan for plan in found.plans if plan.series_instance_uid == manifest.series_instance_uid]
    images = {one.path for plan in plans for one in plan.slices}
    if images != set(paths) - promised:
        return "", f"its images aren't all of series {manifest.series_instance_uid}"
    for plan in plans:
        volume = read_volume(plan)
        md5 = volume.digest("md5")
        if (md5, volume.digest("sha256")) == (manifest.digest, f"sha256:{manifest.volume_sha256}"):
            return md5, ""
    return "", f"the volume digest of the received voxels isn't the promised {manifest.digest}"


class Checker:
    """The process that checks one delivery. Start it early, call `check` once, and `close` it in any case."""

    def __init__(self, memory_bytes: int, seconds: int) -> None:
        self._seconds = seconds
        self._ended = False
        package_root = str(Path(__file__).parents[2])
        inherited = {key: value for key, value in os.environ.items() if key != "RTVIS_PASSPHRASE"}
        environment = {
            **inherited,
            "PYTHONPATH": os.pathsep.join(filter(None, (package_root, inherited.get("PYTHONPATH")))),
            "PYTHONDONTWRITEBYTECODE": "1",
            "OPENBLAS_NUM_THREADS": "1",  # its threads would reserve address space that the limit counts
        }
        command = [sys.executable, *_MODULE, str(memory_bytes), str(seconds)]
        self._lifeline = Lifeline(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,  # a Ctrl-C at the device's terminal is the device's to answer
        )
        self._process = self._lifeline.process
        # From here, so that they hold before the process runs a line of its own: its imports may hang as well.
        with suppress(ProcessLookupError):  # it ended already, and `check` will say that nothing came of it
            resource.prlimit(self._process.pid, resource.RLIMIT_CPU, (seconds, seconds))

    def check(self, paths: list[Path], trusted: Path, manifest: Manifest, *, signatures_required: bool) -> CheckResult:
        """As `check_delivery`, in the limited process. Never raises for what the files hold.

        Raises:
            DeliveryError: when the process was ended from here.
        """
        request = {
            "paths": [str(path) for path in paths],
            "trusted": str(trusted),
            "manifest": manifest.encode().decode(),
            "signatures_required": signatures_required,
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        watchdog = threading.Timer(self._seconds, self._process.kill)
        watchdog.start()
        try:
            self._process.stdin.write(json.dumps(request).encode())
            self._process.stdin.close()
            answer = self._process.stdout.read(_MAX_ANSWER)
        except OSError:
            answer = b""
        finally:
            watchdog.cancel()
        if self._ended:
            raise DeliveryError("the device stops before it could verify this", remedy="send again later")
        try:
            return CheckResult(**json.loads(answer))
        except (ValueError, TypeError):
            return CheckResult("reading it took more memory or time than this device allows")

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def end(self) -> None:
        """End the process; a `check` that waits for it raises."""
        self._ended = True
        self._process.kill()

    def close(self) -> None:
        """End the process, whatever it is doing, when no `check` waits for it any more."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue
        self._process.wait()
        self._lifeline.close()


class Checkers:
    """Checking processes: one stands by, any number may be at work. Each checks one delivery and ends."""

    def __init__(self, memory_bytes: int, seconds: int) -> None:
        self._limits = (memory_bytes, seconds)
        self._lock = threading.Lock()
        self._standby: Checker | None = None
        self._at_work: set[Checker] = set()
        self._closed = False

    def prepare(self) -> None:
        """Have one stand by, if none does.

        Raises:
            OSError: when no process can be started.
        """
        with self._lock:
            if self._standby is None and not self._closed:
                self._standby = Checker(*self._limits)

    @contextmanager
    def taken(self) -> Iterator[Checker]:
        """The one that stands by, or a new one; ended afterwards.

        Raises:
            OSError: when no process can be started.
        """
        with self._lock:
            checker, self._standby = self._standby, None
        if checker is not None and not checker.alive:
            checker.close()
            checker = None
        checker = checker or Checker(*self._limits)
        with self._lock:
            self._at_work.add(checker)
        try:
            yield checker
        finally:
            with self._lock:
                self._at_work.discard(checker)
            checker.close()

    def end_work(self) -> None:
        """End those that are at work."""
        with self._lock:
            for checker in self._at_work:
                checker.end()

    def close(self) -> None:
        """End the one that stands by."""
        with self._lock:
            self._closed = True
            if self._standby is not None:
                self._standby.close()
            self._standby = None


def _main(memory_bytes: int, seconds: int) -> None:
    """Run in the limited process: one request on stdin, one answer on stdout."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, hard if 0 < hard < _OPEN_FILES else _OPEN_FILES))
    import rtvis.dicom.series  # noqa: PLC0415  (loaded while it stands by)
    import rtvis.dicom.volume  # noqa: PLC0415  (loaded while it stands by)
    import rtvis.integrity.verification  # noqa: F401, PLC0415  (loaded while it stands by)

    asked = sys.stdin.buffer.read()
    if not asked:  # the device closed without a delivery
        return
    signal.alarm(seconds)
    request = json.loads(asked)
    manifest = Manifest.decode(request["manifest"].encode())
    paths = [Path(one) for one in request["paths"]]
    try:
        result = check_delivery(
            paths, Path(request["trusted"]), manifest, signatures_required=request["signatures_required"]
        )
    except RtvisError as error:
        result = CheckResult(error.what)
    except (MemoryError, RecursionError):
        result = CheckResult("reading it took more memory than this device allows")
    print(json.dumps(asdict(result)))


if __name__ == "__main__":
    _main(int(sys.argv[1]), int(sys.argv[2]))
