"""Contours to masks, masks to contours, surfaces: rtvis beside rt-utils, plastimatch and DicomRTTool, in one run.

    scripts/bench geometry [--data DIR] [--peers DIR] [--repeat N] [--json FILE]

Each peer lives in an environment of its own under --peers (a temporary folder when left out, removed at the end), and
runs in a process of its own, as rtvis does. Peers take turns with rtvis; the best of N counts for each. What a peer
needs and isn't there (plastimatch, real data) is said, and its line left out.
"""

# ruff: noqa: PLC0415  (rtvis is imported where its own data is made, not where its time is taken)
from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("RTVIS_TEST_DATA", ROOT.parent / "shared" / "data"))
PACKAGES = {"rt-utils": ["rt-utils==1.2.7", "pydicom<3"], "DicomRTTool": ["DicomRTTool"]}

MEASURE = """
import json, resource, sys, time
def result(**values):
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print("RESULT " + json.dumps({**values, "peak_mib": peak}))
folder, rs, scratch, roi_names = sys.argv[1], sys.argv[2], sys.argv[3], json.loads(sys.argv[4])
"""

RTVIS_MASKS = """
import rtvis
from rtvis.dicom.series import find_series
rtvis.masks, rtvis.read_structure_set
import rtvis.model.masks
start = time.perf_counter()
plan = max(find_series(folder).plans, key=lambda one: len(one.slices))
structure_set = rtvis.read_structure_set(rs)
opened = time.perf_counter()
found = rtvis.masks(structure_set, plan)
end = time.perf_counter()
voxels = 0 if "memory" in sys.argv else sum(int(one.sum()) for one in found.values())
result(seconds=end - start, masks_only=end - opened, rois=len(found), voxels=voxels)
"""

RT_UTILS_MASKS = """
from rt_utils import RTStructBuilder
start = time.perf_counter()
structure_set = RTStructBuilder.create_from(dicom_series_path=folder, rt_struct_path=rs)
opened = time.perf_counter()
found = [structure_set.get_roi_mask_by_name(name) for name in structure_set.get_roi_names()]
end = time.perf_counter()
result(seconds=end - start, masks_only=end - opened, rois=len(found), voxels=sum(int(one.sum()) for one in found))
"""

DICOMRTTOOL_MASKS = """
import pathlib
from DicomRTTool.ReaderWriter import DicomReaderWriter
start = time.perf_counter()
reader = DicomReaderWriter(Contour_Names=[name.lower() for name in roi_names], arg_max=False, verbose=False)
reader.walk_through_folders(str(pathlib.Path(rs).parent))
reader.set_index(reader.indexes_with_contours[0])
opened = time.perf_counter()
reader.get_images_and_mask()
end = time.perf_counter()
result(seconds=end - start, masks_only=end - opened, rois=int(reader.mask.shape[-1]) if reader.mask.ndim > 3 else 1)
"""

RTVIS_WRITE = """
import rtvis
from rtvis.dicom.series import find_series
plan = max(find_series(folder).plans, key=lambda one: len(one.slices))
masks = {name: one for name, one in rtvis.masks(rtvis.read_structure_set(rs), plan).items() if name in roi_names[:5]}
rtvis.structure_set_from_masks, rtvis.write_structure_set
start = time.perf_counter()
made = rtvis.structure_set_from_masks(masks, plan)
rtvis.write_structure_set(made, scratch + "/rtvis.dcm", overwrite=True)
result(seconds=time.perf_counter() - start, rois=len(made.rois), contours=made.contour_count)
"""

RT_UTILS_WRITE = """
from rt_utils import RTStructBuilder
old = RTStructBuilder.create_from(dicom_series_path=folder, rt_struct_path=rs)
masks = {name: old.get_roi_mask_by_name(name) for name in roi_names[:5]}
start = time.perf_counter()
made = RTStructBuilder.create_new(dicom_series_path=folder)
opened = time.perf_counter()
for name, mask in masks.items():
    made.add_roi(mask=mask, name=name)
made.save(scratch + "/rt-utils.dcm")
result(seconds=time.perf_counter() - opened, with_create_new=time.perf_counter() - start, rois=len(masks))
"""

RTVIS_SURFACES = """
import rtvis
from concurrent.futures import ThreadPoolExecutor
from rtvis.surfaces.roi_surface import roi_surface
rois = [one for one in rtvis.read_structure_set(rs).rois if any(part.is_closed for part in one.contours)]
start = time.perf_counter()
with ThreadPoolExecutor(2) as pool:
    meshes = list(pool.map(roi_surface, rois))
end = time.perf_counter()
result(seconds=end - start, rois=len(rois), triangles=sum(one.mesh.GetNumberOfCells() for one in meshes))
"""

RTVIS_MARGIN = """
import rtvis
from rtvis.app.roi_operations import Margins, contours_with_margins
from rtvis.dicom.series import find_series
plan = max(find_series(folder).plans, key=lambda one: len(one.slices))
rois = [one for one in rtvis.read_structure_set(rs).rois if any(part.is_closed for part in one.contours)]
largest = max(rois, key=lambda one: sum(len(part.points_lps) for part in one.contours))
start = time.perf_counter()
made = contours_with_margins(largest, Margins.uniform(20.0), plan)
end = time.perf_counter()
result(seconds=end - start, roi=largest.name, contours=len(made))
"""


class Case:
    """A study to measure on: its images, its structure set, a scratch folder, names of ROIs with closed contours."""

    def __init__(self, name: str, images: Path, structure_set: Path, scratch: Path, rois: list[str]) -> None:
        self.name, self.images, self.structure_set, self.scratch, self.rois = name, images, structure_set, scratch, rois

    def run(self, python: Path, script: str, *more: str) -> dict[str, float]:
        """Run a script on the case in a process of its own, and give what it measured."""
        arguments = [str(self.images), str(self.structure_set), str(self.scratch), json.dumps(self.rois)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT) if python == Path(sys.executable) else ""}
        done = subprocess.run(
            [str(python), "-c", MEASURE + script, *arguments, *more],
            capture_output=True,
            text=True,
            env=environment,
            timeout=600,
            check=False,
        )
        lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
        if not lines:
            raise RuntimeError((done.stderr.strip().splitlines() or ["no result"])[-1])
        return dict(json.loads(lines[-1][len("RESULT ") :]))

    def time_command(self, command: list[str]) -> dict[str, float]:
        """Wall time of a command, from its start to its end; its output folder is emptied first."""
        for old in self.scratch.glob("out-*"):
            shutil.rmtree(old)
        start = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
        seconds = time.perf_counter() - start
        if done.returncode:
            raise RuntimeError((done.stderr.strip().splitlines() or ["failed"])[-1])
        files = list(self.scratch.glob("out-*/*"))
        return {"seconds": seconds, "files": len(files), "bytes": sum(one.stat().st_size for one in files)}


def main() -> int:
    """Measure, print a table, and say what falls short."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA, help="real data (default: %(default)s)")
    parser.add_argument("--peers", type=Path, help="where the peers' environments are, or are to be made and kept")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--json", type=Path, help="write all figures there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rtvis-bench-") as temporary:
        scratch = Path(temporary)
        peers = {name: _environment(name, options.peers or scratch / "peers") for name in PACKAGES}
        cases = [*_real(options.data, scratch), _thirty(scratch)]
        rows = [row for case in cases for row in _measure(case, peers, options.repeat)]
    _print(rows)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2) + "\n")
    return 0 if all(row["holds"] for row in rows) else 1


def _measure(case: Case, peers: dict[str, Path | None], repeat: int) -> list[dict[str, object]]:
    ours = Path(sys.executable)
    out = case.scratch / "out-rtvis"
    export = [str(ours), "-m", "rtvis", "export", str(case.structure_set), "--ct", str(case.images)]
    export += ["--format", "masks", "--out", str(out)]
    convert = ["plastimatch", "convert", "--input", str(case.structure_set), "--referenced-ct", str(case.images)]
    convert += ["--output-prefix", str(case.scratch / "out-plastimatch"), "--prefix-format", "nii.gz"]
    rt_utils, tool = peers["rt-utils"], peers["DicomRTTool"]
    plastimatch = shutil.which("plastimatch")
    jobs: list[tuple[str, str, str, float, Callable[[], dict[str, float]], Callable[[], dict[str, float]] | None]] = [
        (
            "masks from files",
            "rt-utils",
            "seconds",
            8.0,
            lambda: case.run(ours, RTVIS_MASKS),
            None if rt_utils is None else lambda: case.run(rt_utils, RT_UTILS_MASKS),
        ),
        (
            "masks, set already read",
            "rt-utils",
            "masks_only",
            8.0,
            lambda: case.run(ours, RTVIS_MASKS),
            None if rt_utils is None else lambda: case.run(rt_utils, RT_UTILS_MASKS),
        ),
        (
            "masks as .nii.gz",
            "plastimatch",
            "seconds",
            2.0,
            lambda: case.time_command(export),
            None if plastimatch is None else lambda: case.time_command(convert),
        ),
        (
            "peak memory",
            "DicomRTTool",
            "peak_mib",
            5.0,
            lambda: case.run(ours, RTVIS_MASKS, "memory"),
            None if tool is None else lambda: case.run(tool, DICOMRTTOOL_MASKS),
        ),
        (
            "5 masks to a structure set",
            "rt-utils",
            "seconds",
            10.0,
            lambda: case.run(ours, RTVIS_WRITE),
            None if rt_utils is None else lambda: case.run(rt_utils, RT_UTILS_WRITE),
        ),
    ]
    rows: list[dict[str, object]] = []
    for job, peer, figure, least, mine, theirs in jobs:
        rows.append(_row(case, job, (peer, figure, least), _in_turn([mine, theirs], figure, repeat)))
    for job, script, limit in (("surfaces", RTVIS_SURFACES, 3.0), ("20 mm around the largest", RTVIS_MARGIN, 1.0)):
        rows.append(
            _within_limit(case, job, limit, _in_turn([lambda s=script: case.run(ours, s)], "seconds", repeat)[0])
        )
    return rows


def _within_limit(case: Case, job: str, limit: float, one: dict[str, float] | str) -> dict[str, object]:
    """A row for what has a limit in seconds instead of a peer."""
    if isinstance(one, str):
        raise SystemExit(f"rtvis failed at {job} on {case.name}: {one}")
    name = f"{job} of {one['rois']:.0f} ROIs" if "rois" in one else job
    row = {"case": case.name, "job": name, "figure": "seconds", "rtvis": one["seconds"], "peer": "limit"}
    ratio = limit / one["seconds"]
    return row | {"theirs": limit, "ratio": ratio, "least": 1.0, "holds": ratio >= 1.0, "details": one}


def _in_turn(
    measures: list[Callable[[], dict[str, float]] | None], figure: str, repeat: int
) -> list[dict[str, float] | str]:
    """The best of several runs of each, one after the other; or why there is none."""
    best: list[dict[str, float] | str] = ["isn't installed" if one is None else "" for one in measures]
    for _ in range(repeat):
        for place, measure in enumerate(measures):
            if measure is None:
                continue
            try:
                found = measure()
            except (RuntimeError, subprocess.TimeoutExpired) as error:
                best[place] = str(error)
                continue
            before = best[place]
            if isinstance(before, str) or found[figure] < before[figure]:
                best[place] = found
    return best


def _row(
    case: Case, job: str, against: tuple[str, str, float], found: list[dict[str, float] | str]
) -> dict[str, object]:
    peer, figure, least = against
    mine, theirs = found
    if isinstance(mine, str):
        raise SystemExit(f"rtvis failed at {job} on {case.name}: {mine}")
    row = {"case": case.name, "job": job, "figure": figure, "rtvis": mine[figure], "peer": peer, "least": least}
    if isinstance(theirs, str):
        return row | {"theirs": None, "ratio": None, "holds": True, "why": theirs, "details": mine}
    ratio = theirs[figure] / mine[figure]
    return row | {"theirs": theirs[figure], "ratio": ratio, "holds": ratio >= least, "details": [mine, theirs]}


def _print(rows: list[dict[str, object]]) -> None:
    print(f"{'case':<16} {'job':<28} {'rtvis':>10} {'peer':>10}  {'':<12} {'ratio':>7} {'least':>6}")
    for row in rows:
        theirs = "-" if row["theirs"] is None else f"{row['theirs']:.3f}"
        ratio = "-" if row["ratio"] is None else f"{row['ratio']:.1f}"
        verdict = str(row.get("why", "")) or ("" if row["holds"] else "FALLS SHORT")
        unit = "MiB" if row["figure"] == "peak_mib" else "s"
        print(
            f"{row['case']:<16} {row['job']:<28} {row['rtvis']:>8.3f} {unit:<2}{theirs:>9}  {row['peer']:<12} "
            f"{ratio:>7} {row['least']:>6} {verdict}"
        )


def _environment(name: str, folder: Path) -> Path | None:
    """The Python of a peer's environment, made when it isn't there; None when it can't be had."""
    home = folder / name
    python = home / "bin" / "python"
    if not python.exists():
        print(f"installing {name} ...", file=sys.stderr)
        venv.create(home, with_pip=True)
        command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES[name]]
        if subprocess.run(command, check=False, timeout=900).returncode:
            shutil.rmtree(home)
            print(f"{name} can't be installed", file=sys.stderr)
            return None
    return python


def _real(data: Path, scratch: Path) -> list[Case]:
    """LUNG1-002_XiO, its images and structure set in folders of their own, as rt-utils needs them."""
    from rtvis.dicom.repair import repair
    from rtvis.dicom.rtstruct_reader import read_structure_set
    from rtvis.dicom.series import find_series

    source = data / "pairs" / "LUNG1-002_XiO"
    if not source.is_dir():
        print(f"no real data at {data}", file=sys.stderr)
        return []
    scan = find_series(source)
    home = scratch / "xio"
    images = home / "ct"
    images.mkdir(parents=True)
    for one in scan.plans[0].slices:
        assert one.path is not None
        shutil.copyfile(one.path, images / one.path.name)
    structure_set = read_structure_set(scan.structure_sets[0])
    names = [one.name for one in structure_set.rois if any(part.is_closed for part in one.contours)]
    # Its contours name images that don't exist, and rt-utils gives empty masks for such: all get a mended copy.
    mended = home / "rs.dcm"
    repair(structure_set, scan.plans[0], mended)
    return [Case("LUNG1-002_XiO", images, mended, home, names)]


def _thirty(scratch: Path) -> Case:
    """30 ROIs of 150 contours of 200 points on 200 slices of 512 x 512."""
    import numpy as np

    from rtvis.dicom.construct import SeriesAttributes, write_series
    from rtvis.dicom.rtstruct_writer import new_structure_set, write_structure_set
    from rtvis.dicom.series import find_series
    from rtvis.geometry.grid import Grid
    from rtvis.model.structure_set import Contour, Roi

    print("making 30 ROIs on 512 x 512 x 200 ...", file=sys.stderr)
    home = scratch / "thirty"
    images = home / "ct"
    origins = np.array([-250.0, -250.0, -200.0]) + np.arange(200)[:, None] * np.array([0.0, 0.0, 2.0])
    grid = Grid.from_slices(origins, [1, 0, 0, 0, 1, 0], (0.9765625, 0.9765625), (512, 512))
    write_series(np.zeros(grid.shape, dtype=np.int16), grid, images, SeriesAttributes())
    plan = find_series(images).plans[0]
    generator = np.random.default_rng(30)
    angle = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    empty = new_structure_set(plan, "THIRTY")
    rois = []
    for number in range(1, 31):
        middle, radius = generator.uniform(-150, 150, 2), generator.uniform(20, 60)
        first = int(generator.integers(0, 50))
        turn = generator.uniform(0, 6, 2)
        contours = []
        for k in range(first, first + 150):
            reach = radius * (1 + 0.15 * np.sin(3 * angle + turn[0] + 0.05 * k) + 0.1 * np.sin(5 * angle + turn[1]))
            flat = np.column_stack([middle[0] + reach * np.cos(angle), middle[1] + reach * np.sin(angle)])
            points = np.round(np.column_stack([flat, np.full(len(angle), origins[k, 2])]), 2)
            contours.append(Contour(points, "CLOSED_PLANAR"))
        frame = plan.frame_of_reference_uid
        rois.append(Roi(number, f"R{number:02}", tuple(contours), (200, 80, 80), "ORGAN", "MANUAL", frame))
    made = replace(empty, rois=tuple(rois))
    path = home / "rs.dcm"
    write_structure_set(made, path)
    return Case("30 x 150 x 200", images, path, home, [one.name for one in rois])


if __name__ == "__main__":
    sys.exit(main())
