"""Reading and writing structure sets: rtvis beside the pydicom loops, in turn, in one run.

Each measurement is a process of its own: imports are not timed, nothing is kept between calls, and every point is
touched (summed). Sets: a made one of 900,000 points (30 ROIs x 150 contours x 200 points, explicit VR little endian,
written by rtvis into a temporary folder), and LUNG1-002_XiO where the field data is there.

- read: all contours as ``(n, 3)`` float64 arrays. pydicom: ``np.array(contour.ContourData, float)`` for each contour.
- write: contours that are arrays in memory become a new file. pydicom: ContourData assigned as a list of strings for
  each contour, and ``save_as``; the texts are made by ``repr``, the quickest way that loses nothing (and that may
  exceed the 16 characters of DS). rtvis: its whole way to a file, export checks, reading back and fsync included.
- peak memory while reading: how far the resident set rises above what it is after the imports.

usage: scripts/bench structures [--rounds N] [--json]
"""

# ruff: noqa: PLC0415  (each process imports only the program it measures)
from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
FIELD_DATA = Path(os.environ.get("RTVIS_TEST_DATA", ROOT.parent / "shared" / "data"))
XIO = FIELD_DATA / "pairs" / "LUNG1-002_XiO" / "RTSTRUCT.dcm"
ROIS, CONTOURS, POINTS = 30, 150, 200
TARGETS = {
    ("900,000 points", "read"): 25.0,
    ("LUNG1-002_XiO", "read"): 12.0,
    ("900,000 points", "write"): 15.0,
    ("LUNG1-002_XiO", "write"): 15.0,
}
MEMORY_TARGET = 3.0


def make_set(path: Path) -> None:
    """Write the 900,000-point set: wavy outlines with coordinates of up to six decimals."""
    from rtvis.dicom.rtstruct_writer import write_structure_set
    from rtvis.model.structure_set import Contour, Roi, StructureSet

    random = np.random.default_rng(20260)
    turn = np.linspace(0.0, 2 * np.pi, POINTS, endpoint=False)
    rois = []
    for number in range(1, ROIS + 1):
        contours = []
        for k in range(CONTOURS):
            radius = 40 + 10 * np.sin(3 * turn + number) + random.normal(0, 0.3, POINTS)
            flat = np.stack([radius * np.cos(turn) - 90 + number, radius * np.sin(turn) + 30], axis=1)
            points = np.column_stack([np.round(flat, 6), np.full(POINTS, -300 + 2.5 * k)])
            contours.append(Contour(points, "CLOSED_PLANAR"))
        rois.append(Roi(number, f"ROI {number}", tuple(contours), (200, 90, 40), "ORGAN", "MANUAL"))
    write_structure_set(StructureSet("bench", tuple(rois), frame_of_reference_uid="1.2.826.0.1.7"), path)


def resident_kib(field: str) -> int:
    """A figure of /proc/self/status in KiB."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(rf"^{field}:\s+(\d+) kB$", status, re.MULTILINE)
    assert found is not None
    return int(found[1])


def read_with_rtvis(path: Path) -> tuple[float, int]:
    """Sum of all coordinates, and number of points."""
    from rtvis.dicom.rtstruct_reader import read_structure_set

    arrays = [one.points_lps for roi in read_structure_set(path).rois for one in roi.contours]
    return float(sum(one.sum() for one in arrays)), sum(len(one) for one in arrays)


def read_with_pydicom(path: Path) -> tuple[float, int]:
    """Sum of all coordinates, and number of points."""
    import pydicom

    arrays = [
        np.array(one.ContourData, float).reshape(-1, 3)
        for owner in pydicom.dcmread(path).ROIContourSequence
        for one in owner.get("ContourSequence", None) or []
    ]
    return float(sum(one.sum() for one in arrays)), sum(len(one) for one in arrays)


def write_with_rtvis(path: Path, out: Path) -> float:
    """Seconds to write all contours as new ones."""
    from dataclasses import replace

    from rtvis.dicom.rtstruct_reader import read_structure_set
    from rtvis.dicom.rtstruct_writer import write_structure_set
    from rtvis.model.structure_set import CLOSED_TYPES

    def fresh(contour: object) -> object:
        points = contour.points_lps
        while contour.geometric_type in CLOSED_TYPES and np.array_equal(points[0], points[-1]):
            points = points[:-1]  # XiO repeats the first point, which export checks refuse in what is made
        return replace(contour, points_lps=points.copy(), origin=None)

    read = read_structure_set(path)
    rois = tuple(replace(roi, origin=None, contours=tuple(fresh(one) for one in roi.contours)) for roi in read.rois)
    made = replace(read, rois=rois, origin=None, path=None)
    start = time.perf_counter()
    write_structure_set(made, out)
    return time.perf_counter() - start


def write_with_pydicom(path: Path, out: Path) -> float:
    """Seconds to assign ContourData as lists of strings and to save."""
    import pydicom

    dataset = pydicom.dcmread(path)
    todo = [
        (one, np.array(one.ContourData, float))
        for owner in dataset.ROIContourSequence
        for one in owner.get("ContourSequence", None) or []
    ]
    start = time.perf_counter()
    for one, values in todo:
        one.ContourData = [repr(value) for value in values.tolist()]
    dataset.save_as(out)
    return time.perf_counter() - start


def measure(job: str, who: str, path: Path) -> dict[str, float]:
    """One measurement, in this process."""
    # Imports first, so that none is timed.
    if who == "rtvis":
        import rtvis.dicom.rtstruct_reader
        import rtvis.dicom.rtstruct_writer  # noqa: F401
    else:
        import pydicom  # noqa: F401
    if job == "write":
        write = write_with_rtvis if who == "rtvis" else write_with_pydicom
        with tempfile.TemporaryDirectory() as folder:
            return {"seconds": write(path, Path(folder) / "out.dcm")}
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak counts from here
    before = resident_kib("VmRSS")
    start = time.perf_counter()
    total, points = (read_with_rtvis if who == "rtvis" else read_with_pydicom)(path)
    seconds = time.perf_counter() - start
    peak = resident_kib("VmHWM")
    return {
        "seconds": seconds,
        "rise_mib": (peak - before) / 1024,
        "peak_mib": peak / 1024,
        "total": total,
        "points": points,
    }


def in_a_process(job: str, who: str, path: Path) -> dict[str, float]:
    """One measurement, in a process of its own."""
    command = [sys.executable, "-W", "ignore", __file__, "--measure", job, who, str(path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return json.loads(done.stdout)


def compare(name: str, path: Path, rounds: int) -> list[dict[str, object]]:
    """All jobs on one set, the two programs in turn."""
    rows: list[dict[str, object]] = []
    for job in ("read", "write"):
        found: dict[str, list[dict[str, float]]] = {"rtvis": [], "pydicom": []}
        for number in range(rounds):
            for who in ("rtvis", "pydicom") if number % 2 == 0 else ("pydicom", "rtvis"):
                found[who].append(in_a_process(job, who, path))
        ours, theirs = (median(one["seconds"] for one in found[who]) for who in ("rtvis", "pydicom"))
        rows.append(row(name, f"{job}, s", ours, theirs, TARGETS[name, job]))
        if job == "read":
            totals = {(one["points"], round(one["total"], 3)) for results in found.values() for one in results}
            if len(totals) != 1:
                raise SystemExit(f"the two programs read different points: {totals}")
            ours, theirs = (median(one["rise_mib"] for one in found[who]) for who in ("rtvis", "pydicom"))
            rows.append(row(name, "read, peak memory above imports, MiB", ours, theirs, MEMORY_TARGET))
            ours, theirs = (median(one["peak_mib"] for one in found[who]) for who in ("rtvis", "pydicom"))
            rows.append(row(name, "read, peak memory with imports, MiB", ours, theirs, None))
    return rows


def row(name: str, job: str, ours: float, theirs: float, target: float | None) -> dict[str, object]:
    """One line of the table."""
    ratio = theirs / ours
    holds = None if target is None else ratio >= target
    return {"set": name, "job": job, "rtvis": ours, "pydicom": theirs, "ratio": ratio, "target": target, "ok": holds}


def main() -> int:
    """Measure, and print the table; exit status 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="scripts/bench structures", description="structure sets beside pydicom")
    parser.add_argument("--rounds", type=int, default=3, help="measurements of each; the median counts")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--measure", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        job, who, path = options.measure
        print(json.dumps(measure(job, who, Path(path))))
        return 0
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "made.dcm"
        make_set(made)
        rows += compare("900,000 points", made, options.rounds)
    if XIO.is_file():
        rows += compare("LUNG1-002_XiO", XIO, options.rounds)
    else:
        print(f"skipped: LUNG1-002_XiO is not at {XIO} (set RTVIS_TEST_DATA)", file=sys.stderr)
    if options.json:
        print(json.dumps({"rows": rows}, indent=2))
    else:
        print(f"{'set':16}{'job':40}{'rtvis':>10}{'pydicom':>10}{'ratio':>8}{'at least':>10}")
        for one in rows:
            target = "" if one["target"] is None else f"{one['target']:g} x"
            mark = "" if one["ok"] in {None, True} else "  missed"
            print(
                f"{one['set']:16}{one['job']:40}{one['rtvis']:10.3f}{one['pydicom']:10.3f}"
                f"{one['ratio']:7.1f}x{target:>10}{mark}"
            )
    return 1 if any(one["ok"] is False for one in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
