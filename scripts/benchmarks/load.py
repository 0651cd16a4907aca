"""Opening a series, listing a folder and the memory it takes, beside SimpleITK, pydicom and a plain copy of the bytes.

Every measured job is a process of its own, started in turn with its peers: imports come before the clock starts, one
call is measured, nothing is kept for the next, and every voxel is touched before the clock stops. Files are in the
page cache. Medians over the rounds; ratios are of medians of one run, so that the machine's mood cancels out.

The table goes to stderr, one JSON document to stdout.
"""

# ruff: noqa: D103, PLC0415  (jobs are told by their names, and import what they measure)
from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Job = Callable[[list[Path]], dict[str, Any]]

ROOT = Path(__file__).parents[2]
FIELD_DATA = Path(os.environ.get("RTVIS_TEST_DATA", ROOT.parent / "shared" / "data"))
SERIES, SLICES, SIDE = 40, 50, 256
"""Of the folder that is listed: 2,000 files."""
BIG_SLICES, BIG_SIDE = 1000, 512
MIB = 1 << 20


# --------------------------------------------------------------------------------------------------------------- jobs
# Each takes paths, imports, and then measures one call.


def touched(voxels: NDArray[Any]) -> int:
    """Read every voxel, at the speed of memory."""
    import numpy as np

    return int(np.bitwise_or.reduce(np.ascontiguousarray(voxels).reshape(-1).view(np.uint16)))


def timed(call: Callable[[], Any]) -> dict[str, Any]:
    started = time.perf_counter()
    result = call()
    return {"seconds": time.perf_counter() - started, "result": result}


def load_rtvis(paths: list[Path]) -> dict[str, Any]:
    from rtvis.dicom.series import find_series
    from rtvis.dicom.volume import read_volume

    def load() -> int:
        (plan,) = find_series(paths).plans
        return touched(read_volume(plan).voxels)

    return timed(load)


def load_simpleitk(paths: list[Path]) -> dict[str, Any]:
    import SimpleITK

    names = [str(path) for path in paths]

    def load() -> int:
        reader = SimpleITK.ImageSeriesReader()
        reader.SetFileNames(names)
        image = reader.Execute()
        return touched(SimpleITK.GetArrayViewFromImage(image))

    return timed(load)


def load_pydicom(paths: list[Path]) -> dict[str, Any]:
    import numpy as np
    import pydicom
    import pydicom.pixels  # pixel_array needs it: part of the imports

    def load() -> int:
        slices = [pydicom.dcmread(path) for path in paths]
        slices.sort(key=lambda one: float(one.ImagePositionPatient[2]))
        return touched(np.stack([one.pixel_array for one in slices]))

    return timed(load)


def load_cat(paths: list[Path]) -> dict[str, Any]:
    import numpy as np

    names = [str(path) for path in paths]
    source = np.ones(sum(path.stat().st_size for path in paths), dtype=np.uint8)

    def load() -> int:
        subprocess.run(["cat", *names], stdout=subprocess.DEVNULL, check=True)
        return len(source.copy())

    return timed(load)


def list_rtvis(paths: list[Path]) -> dict[str, Any]:
    from rtvis.dicom.series import find_series

    return timed(lambda: [len(plan.slices) for plan in find_series(paths).plans])


def list_rtvis_first(paths: list[Path]) -> dict[str, Any]:
    """How long until the first series is told of."""
    from rtvis.dicom.series import find_series

    class Found(Exception):  # noqa: N818  (it is no error)
        pass

    def first() -> None:
        def found(_: object) -> None:
            raise Found

        try:
            find_series(paths, found=found)
        except Found:
            return

    return timed(first)


def list_simpleitk(paths: list[Path]) -> dict[str, Any]:
    import SimpleITK

    def listed() -> list[int]:
        reader, folder = SimpleITK.ImageSeriesReader, str(paths[0])
        return [len(reader.GetGDCMSeriesFileNames(folder, one)) for one in reader.GetGDCMSeriesIDs(folder)]

    return timed(listed)


def import_only(_: list[Path]) -> dict[str, Any]:
    """The same modules as `load_rtvis`, and nothing done with them."""
    import rtvis.dicom.series
    import rtvis.dicom.volume  # noqa: F401

    return {}


def sorted_files(paths: list[Path]) -> dict[str, Any]:
    """In the order along the slice normal, which SimpleITK's reader wants to be given."""
    from rtvis.dicom.series import find_series

    (plan,) = find_series(paths).plans
    return {"result": [str(one.path) for one in plan.slices]}


def make_listing(paths: list[Path]) -> dict[str, Any]:
    make_series(paths[0], SERIES, SLICES, SIDE)
    return {}


def make_big(paths: list[Path]) -> dict[str, Any]:
    make_series(paths[0], 1, BIG_SLICES, BIG_SIDE)
    return {}


def make_series(folder: Path, series: int, slices: int, side: int) -> None:
    import numpy as np

    from rtvis.dicom.construct import write_series
    from rtvis.geometry.grid import Grid

    origins = np.array([-100.0, -100.0, 0.0]) + np.arange(slices)[:, None] * np.array([0.0, 0.0, 1.5])
    grid = Grid.from_slices(origins, [1, 0, 0, 0, 1, 0], (0.8, 0.8), (side, side))
    stored = np.random.default_rng(1).integers(-1000, 2000, grid.shape, dtype=np.int16)
    for n in range(series):
        for file in write_series(stored, grid, folder / f"{n:03d}"):
            file.rename(folder / f"{n:03d}-{file.name}")  # in one folder, since SimpleITK doesn't look further


JOBS: dict[str, Job] = {
    one.__name__: one
    for one in (
        load_rtvis, load_simpleitk, load_pydicom, load_cat, list_rtvis, list_rtvis_first, list_simpleitk, import_only,
        sorted_files, make_listing, make_big,
    )
}  # fmt: skip


# ---------------------------------------------------------------------------------------------------------- the parent


def run(job: str, paths: list[Path]) -> dict[str, Any]:
    """One job in a process of its own, in this process group."""
    command = [sys.executable, __file__, "--job", job]
    names = "\0".join(str(path) for path in paths)
    done = subprocess.run(command, input=names, capture_output=True, text=True, check=False, cwd=ROOT)
    if done.returncode:
        sys.exit(f"{job} failed:\n{done.stderr}")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def rounds(jobs: list[str], paths: list[Path], count: int) -> dict[str, list[dict[str, Any]]]:
    """Each job in turn, `count` times over."""
    answers: dict[str, list[dict[str, Any]]] = {job: [] for job in jobs}
    for _ in range(count):
        for job in jobs:
            answers[job].append(run(job, paths))
    return answers


def median(answers: list[dict[str, Any]], key: str = "seconds") -> float:
    return statistics.median(one[key] for one in answers)


def row(
    job: str, seconds: float, peer: str, peer_seconds: float, target: float, *, more: bool = True
) -> dict[str, Any]:
    ratio = peer_seconds / seconds if more else seconds / peer_seconds
    return {
        "job": job,
        "seconds": seconds,
        "against": peer,
        "peer_seconds": peer_seconds,
        "ratio": ratio,
        "target": target,
        "met": ratio >= target if more else ratio <= target,
    }


def memory_row(
    job: str, answers: list[dict[str, Any]], idle: list[dict[str, Any]], voxels: int, more: int
) -> dict[str, Any]:
    taken = (median(answers, "peak_kib") - median(idle, "peak_kib")) * 1024
    return {
        "job": job,
        "peak_over_imports_mib": taken / MIB,
        "voxels_mib": voxels / MIB,
        "over_voxels_mib": (taken - voxels) / MIB,
        "target_mib": more,
        "met": (taken - voxels) / MIB <= more,
    }


def load_rows(folder: Path, count: int) -> list[dict[str, Any]]:
    files = [Path(name) for name in run("sorted_files", [folder])["result"]]
    answers = rounds(["load_rtvis", "load_simpleitk", "load_pydicom", "load_cat", "import_only"], files, count)
    results = {one["result"] for job in ("load_rtvis", "load_simpleitk", "load_pydicom") for one in answers[job]}
    ours = median(answers["load_rtvis"])
    what = f"full load, {len(files)} slices"
    rows = [
        row(what, ours, "SimpleITK ImageSeriesReader", median(answers["load_simpleitk"]), 4),
        row(what, ours, "pydicom, pixel_array", median(answers["load_pydicom"]), 5),
        row(what, ours, "cat + memory copy (times as long)", median(answers["load_cat"]), 4, more=False),
        memory_row(
            f"memory, {len(files)} slices", answers["load_rtvis"], answers["import_only"], len(files) << 19, 150
        ),
    ]
    if len(results) > 2:  # SimpleITK gives HU, the others stored values
        sys.exit(f"loads differ: {results}")
    return rows


def listing_rows(folder: Path, count: int) -> list[dict[str, Any]]:
    say(f"writing {SERIES * SLICES} files ...")
    run("make_listing", [folder])
    answers = rounds(["list_rtvis", "list_rtvis_first", "list_simpleitk"], [folder], count)
    if any(one["result"] != [SLICES] * SERIES for job in ("list_rtvis", "list_simpleitk") for one in answers[job]):
        sys.exit("listings differ")
    what = f"listing {SERIES * SLICES} files of {SERIES} series"
    theirs, ours = median(answers["list_simpleitk"]), median(answers["list_rtvis"])
    first = median(answers["list_rtvis_first"])
    return [
        row(what, ours, "SimpleITK GetGDCMSeriesIDs + names", theirs, 20),
        row("  until the first series is told of", first, "the whole of ours", ours, 1),
    ]


def big_rows(folder: Path, count: int) -> list[dict[str, Any]]:
    say(f"writing {BIG_SLICES} slices ...")
    run("make_big", [folder])
    files = sorted(folder.glob("*.dcm"))
    answers = rounds(["load_rtvis", "load_cat", "import_only"], files, count)
    what = f"full load, {BIG_SLICES} slices of {BIG_SIDE} x {BIG_SIDE}"
    ours, theirs = median(answers["load_rtvis"]), median(answers["load_cat"])
    voxels = BIG_SLICES * BIG_SIDE * BIG_SIDE * 2
    return [
        row(what, ours, "cat + memory copy (times as long)", theirs, 4, more=False),
        memory_row(f"memory, {BIG_SLICES} slices", answers["load_rtvis"], answers["import_only"], voxels, 300),
    ]


def say(text: str) -> None:
    print(text, file=sys.stderr)


def print_table(rows: list[dict[str, Any]]) -> None:
    for one in rows:
        verdict = "met" if one["met"] else "NOT MET"
        if "ratio" in one:
            figures = f"{one['seconds']:8.4f} s   {one['against']:<36}{one['peer_seconds']:8.4f} s"
            say(f"{one['job']:<46}{figures}   x {one['ratio']:6.2f} (target {one['target']:g}: {verdict})")
        else:
            figures = f"{one['peak_over_imports_mib']:.0f} MiB over imports, voxels {one['voxels_mib']:.0f} MiB"
            say(
                f"{one['job']:<46}{figures}: + {one['over_voxels_mib']:.0f} MiB (target {one['target_mib']}: {verdict})"
            )


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/bench load", description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--rounds", type=int, default=7, help="how often each job runs (default: 7)")
    parser.add_argument("--big", action="store_true", help="also a series of 1,000 slices (writes 0.5 GB, for a while)")
    parser.add_argument("--no-listing", action="store_true", help="without the listing (writes 0.3 GB, for a while)")
    parser.add_argument("--series", type=Path, default=FIELD_DATA / "pairs" / "LUNG1-002_XiO", help="folder to load")
    parser.add_argument("--job", choices=sorted(JOBS), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.job:
        paths = [Path(name) for name in sys.stdin.read().split("\0") if name]
        answer = JOBS[options.job](paths)
        print(json.dumps(answer | {"peak_kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))
        return
    rows: list[dict[str, Any]] = []
    if options.series.is_dir():
        rows += load_rows(options.series, options.rounds)
    else:
        say(f"{options.series} isn't here: its part is left out")
    with tempfile.TemporaryDirectory(prefix="rtvis-bench-") as folder:
        if not options.no_listing:
            rows += listing_rows(Path(folder, "listing"), min(options.rounds, 3))
        if options.big:
            rows += big_rows(Path(folder, "big"), min(options.rounds, 3))
    print_table(rows)
    print(json.dumps({"cores": os.cpu_count(), "rounds": options.rounds, "rows": rows}, indent=2))


if __name__ == "__main__":
    main()
