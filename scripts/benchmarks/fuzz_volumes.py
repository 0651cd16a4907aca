"""Truncated and altered image files, by the thousand: each is opened, or refused in one line, in time and in memory.

Good files (made here in every encoding that can be made, and the field's where they are) are cut short, have bytes
changed, or both. Opening each may raise nothing but `RtvisError`, take no more than 2 s, and the process that opens
them may not take more than 1 GiB. Cases are numbered: ``--seed`` and the number make the same file again.

The summary goes to stderr, one JSON document to stdout; exit 1 when a case failed.
"""

# ruff: noqa: PLC0415  (the parent needs nothing of it)
from __future__ import annotations

import argparse
import io
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
FIELD_DATA = Path(os.environ.get("RTVIS_TEST_DATA", ROOT.parent / "shared" / "data"))
FIELD_FOLDERS = ("transfer_syntaxes", "broken_and_small", "multiframe", "odd_geometry/slicecount_001")
LARGEST_FILE = 1 << 20
"""Bigger files are only slower to alter."""
LIMIT_S = 2.0
LIMIT_KIB = 1 << 20
HANGS_S = 30
"""After this a case is given up, and its process with it."""
BATCH = 500


def made_files() -> list[bytes]:
    """A CT slice in the transfer syntaxes that can be written here, and an Enhanced CT of two frames."""
    import numpy as np
    import pydicom
    from pydicom.dataset import Dataset
    from pydicom.filewriter import dcmwrite
    from pydicom.uid import (
        DeflatedExplicitVRLittleEndian,
        ExplicitVRBigEndian,
        ExplicitVRLittleEndian,
        ImplicitVRLittleEndian,
        JPEG2000Lossless,
        RLELossless,
    )

    from rtvis.dicom.construct import write_series
    from rtvis.geometry.grid import Grid

    grid = Grid.from_slices([[0, 0, 0]], [1, 0, 0, 0, 1, 0], (1, 1), (64, 64), frame_of_reference_uid="2.25.1")
    rows, columns = np.mgrid[:64, :64]
    stored = (1000 * np.sin(rows / 9) * np.cos(columns / 7)).astype(np.int16)[None]
    with tempfile.TemporaryDirectory(prefix="rtvis-fuzz-") as folder:
        (file,) = write_series(stored, grid, folder)
        whole = file.read_bytes()

    def encoded(ds: Dataset) -> bytes:
        buffer = io.BytesIO()
        dcmwrite(buffer, ds, enforce_file_format=True)
        return buffer.getvalue()

    def read() -> Dataset:
        return pydicom.dcmread(io.BytesIO(whole))

    files = [whole]
    for syntax in (ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian):
        ds = read()
        ds.file_meta.TransferSyntaxUID = syntax
        files.append(encoded(ds))
    big = read()
    big.PixelData = stored.astype(">i2").tobytes()
    big.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    clean = Dataset()
    clean.update({element.tag: element for element in big})  # a read dataset remembers its byte order
    clean.file_meta = big.file_meta
    files.append(encoded(clean))
    for syntax in (RLELossless, JPEG2000Lossless):
        ds = read()
        ds.compress(syntax)
        files.append(encoded(ds))
    frames = read()
    frames.SOPClassUID = frames.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.2.1"
    frames.NumberOfFrames = 2
    frames.PixelData = stored.tobytes() * 2
    group = []
    for z in (0, 3):
        position, orientation, measures, item = Dataset(), Dataset(), Dataset(), Dataset()
        position.ImagePositionPatient = [0, 0, z]
        orientation.ImageOrientationPatient = frames.ImageOrientationPatient
        measures.PixelSpacing = frames.PixelSpacing
        item.PlanePositionSequence, item.PlaneOrientationSequence = [position], [orientation]
        item.PixelMeasuresSequence = [measures]
        group.append(item)
    frames.PerFrameFunctionalGroupsSequence = group
    for syntax in (ExplicitVRLittleEndian, RLELossless):
        if syntax == RLELossless:
            frames.compress(syntax)
        files.append(encoded(frames))
    return files


def good_files(*, with_field: bool) -> list[bytes]:
    """All files that are altered."""
    files = made_files()
    if with_field and FIELD_DATA.is_dir():
        paths = [path for folder in FIELD_FOLDERS for path in sorted((FIELD_DATA / folder).rglob("*"))]
        files += [path.read_bytes() for path in paths if path.is_file() and path.stat().st_size <= LARGEST_FILE]
    return files


def altered(files: list[bytes], seed: int, case: int) -> bytes:
    """The file of a case: cut, changed, or both; most changes are in the header, where they do most."""
    rng = random.Random(f"{seed}:{case}")
    data = bytearray(files[case % len(files)])
    how = rng.randrange(4)
    if how == 0:
        del data[rng.randrange(len(data)) :]
    if how:
        for _ in range(rng.choice((1, 1, 3, 20, 200))):
            end = len(data) if rng.random() < 0.4 else min(len(data), 3000)
            data[rng.randrange(end)] = rng.choice((0, 0xFF, 0x7F, 0x80, rng.randrange(256), rng.randrange(256)))
    if how == 3:
        del data[rng.randrange(len(data)) :]
    return bytes(data)


def work(seed: int, first: int, count: int, *, with_field: bool) -> None:
    """Open the cases of a batch; one JSON line for each that failed, and one with the sums."""
    from rtvis.dicom.series import find_series
    from rtvis.dicom.volume import read_volume
    from rtvis.model.errors import RtvisError

    files = good_files(with_field=with_field)
    idle = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sums = {"opened": 0, "refused": 0, "ignored": 0, "slowest_s": 0.0, "idle_kib": idle}
    with tempfile.TemporaryDirectory(prefix="rtvis-fuzz-") as folder:
        path = Path(folder, "case.dcm")
        for case in range(first, first + count):
            path.write_bytes(altered(files, seed, case))
            print(json.dumps({"begun": case}), flush=True)
            signal.setitimer(signal.ITIMER_REAL, HANGS_S)  # its signal ends the process, in a decoder too
            started = time.perf_counter()
            failure = ""
            try:
                scan = find_series(path)
                refused = bool(scan.unreadable)
                for plan in scan.plans:
                    try:
                        read_volume(plan)
                    except RtvisError as error:
                        refused = True
                        if "\n" in str(error):
                            failure = f"more than one line: {error}"
                sums["refused" if refused else "opened" if scan.plans else "ignored"] += 1
            except Exception:  # noqa: BLE001  (what is looked for)
                failure = traceback.format_exc()
            seconds = time.perf_counter() - started
            sums["slowest_s"] = max(sums["slowest_s"], seconds)
            if seconds > LIMIT_S:
                failure = failure or f"took {seconds:.1f} s"
            if failure:
                print(json.dumps({"case": case, "failure": failure}), flush=True)
    signal.setitimer(signal.ITIMER_REAL, 0)
    print(json.dumps(sums | {"peak_kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))


def batch(seed: int, first: int, count: int, *, with_field: bool) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Failures and sums of a batch, begun again behind a case that ended its process."""
    failures: list[dict[str, Any]] = []
    sums: list[dict[str, Any]] = []
    end = first + count
    while first < end:
        command = [sys.executable, __file__, "--seed", str(seed), "--work", str(first), str(end - first)]
        command += [] if with_field else ["--no-field-data"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        failures += [line for line in lines if "failure" in line]
        sums += [line for line in lines if "peak_kib" in line]
        if done.returncode == 0:
            break
        begun = [line["begun"] for line in lines if "begun" in line]
        if not begun:
            sys.exit(f"nothing could be tried:\n{done.stderr}")
        reason = "hung" if done.returncode == -signal.SIGALRM else f"ended the process ({done.returncode})"
        failures.append({"case": begun[-1], "failure": f"{reason}: {done.stderr[-2000:]}"})
        first = begun[-1] + 1
    return failures, sums


def main() -> int:
    """Run all cases, or the batch that is asked for."""
    parser = argparse.ArgumentParser(prog="scripts/bench fuzz_volumes", description=__doc__.split("\n\n")[0])
    parser.add_argument("--count", type=int, default=20_000, help="cases (default: 20,000)")
    parser.add_argument("--seed", type=int, default=1, help="of the alterations (default: 1)")
    parser.add_argument("--no-field-data", action="store_true", help="only files made here")
    parser.add_argument("--work", nargs=2, type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    with_field = not options.no_field_data
    if options.work:
        work(options.seed, *options.work, with_field=with_field)
        return 0
    failures: list[dict[str, Any]] = []
    sums: list[dict[str, Any]] = []
    for first in range(0, options.count, BATCH):
        found, told = batch(options.seed, first, min(BATCH, options.count - first), with_field=with_field)
        failures += found
        sums += told
        print(f"{min(first + BATCH, options.count)} of {options.count}: {len(failures)} failed", file=sys.stderr)
    peak = max(one["peak_kib"] for one in sums)
    result = {
        "cases": options.count,
        **{key: sum(one[key] for one in sums) for key in ("opened", "refused", "ignored")},
        "slowest_s": max(one["slowest_s"] for one in sums),
        "peak_mib": peak / 1024,
        "failures": failures,
    }
    print(json.dumps(result, indent=2))
    return int(bool(failures) or peak > LIMIT_KIB)


if __name__ == "__main__":
    sys.exit(main())
