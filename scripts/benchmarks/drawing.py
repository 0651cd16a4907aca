"""Drawing: what a person waits for between letting the button go and going on, and while the mouse moves.

Everything goes through `Session`, with a journal on the disk, on a structure set of 900,000 points (30 ROIs x 150
contours x 200 points):

- commit: a closed contour of 2,000 points becomes an edit: rounded to DS, its type and images found, journal written.
- undo, redo: of such an edit, journal included.
- journal: the part of that which writing the journal takes.
- dab: a ball of 20 mm radius set down on a grid of 512 x 512 x 200 (1 mm slices) and united with the ROI's contours,
  through to the committed set; and one move of it, while it is only painted.
- reopen: 10,000 edits (freehand contours of 200 points, every tenth undone) had back from their journal, base set at
  hand: found, read, checked, done again.
- mouse move: from the event to the painted line or brush, in each kind of view, 500 and 1000 pixels large, under Xvfb,
  beside the bare image step of the same view in the same run (`window/stroke.py`); left out without xvfb-run.

The journal is in a temporary folder of the file system that TMPDIR names. Medians, and the slowest in brackets.

usage: scripts/bench drawing [--rounds N] [--json]
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from rtvis.app.commits import commit  # noqa: E402
from rtvis.app.session import Session  # noqa: E402
from rtvis.app.tools_brush import BrushTool, slice_plane  # noqa: E402
from rtvis.dicom.rtstruct_new import new_structure_set  # noqa: E402
from rtvis.editing.journal import Source  # noqa: E402
from rtvis.editing.journal_folder import JournalFolder  # noqa: E402
from rtvis.geometry.grid import Grid  # noqa: E402
from rtvis.model.digest_tree import tree_digest  # noqa: E402
from rtvis.model.structure_set import Contour, Roi, StructureSet  # noqa: E402
from rtvis.model.study import Study  # noqa: E402
from rtvis.model.volume import Patient, Slice, Volume  # noqa: E402

ROIS, CONTOURS, POINTS = 30, 150, 200
EDITS = 10_000
TARGETS_MS = {
    "commit 2,000 points": 20.0,
    "undo": 20.0,
    "redo": 20.0,
    "journal write": 5.0,
    "dab of a 20 mm ball, painted": 100.0,
    "dab of a 20 mm ball, committed": 100.0,
    "reopen 10,000 edits": 3000.0,
}


def make_study() -> Study:
    """A volume of 512 x 512 x 200 with a set of 900,000 points."""
    origins = np.array([-256.0, -256.0, 0.0]) + np.arange(200)[:, None] * [0.0, 0.0, 1.0]
    grid = Grid.from_slices(origins, [1, 0, 0, 0, 1, 0], (1.0, 1.0), (512, 512), frame_of_reference_uid="1.2.3")
    slices = tuple(
        Slice(f"1.2.4.{k}", "1.2.840.10008.5.1.4.1.1.2", tuple(one), (1, 0, 0, 0, 1, 0), (1.0, 1.0), 512, 512)
        for k, one in enumerate(origins.tolist())
    )
    volume = Volume(
        volume_id="1.2.5",
        series_instance_uid="1.2.5",
        study_instance_uid="1.2.6",
        modality="CT",
        patient=Patient("BENCH"),
        grid=grid,
        slices=slices,
        voxels=np.broadcast_to(np.int16(0), grid.shape).copy(),
    )
    random = np.random.default_rng(1)
    turn = np.linspace(0.0, 2 * np.pi, POINTS, endpoint=False)
    rois = []
    for number in range(1, ROIS + 1):
        contours = []
        for k in range(CONTOURS):
            radius = 60 + 8 * np.sin(3 * turn + number) + random.normal(0, 0.2, POINTS)
            flat = np.stack([radius * np.cos(turn) + number, radius * np.sin(turn)], axis=1)
            points = np.column_stack([np.round(flat, 4), np.full(POINTS, 25.0 + k)])
            contours.append(Contour(points, "CLOSED_PLANAR"))
        rois.append(Roi(number, f"ROI {number}", tuple(contours), (200, 90, 40), "ORGAN", "MANUAL", "1.2.3"))
    return Study(volumes=(volume,), structure_sets=(replace(new_structure_set(volume, "BENCH"), rois=tuple(rois)),))


def timed(job: Callable[[], object]) -> float:
    """Milliseconds that a job takes."""
    start = time.perf_counter()
    job()
    return (time.perf_counter() - start) * 1e3


def measure_edits(study: Study, folder: Path, rounds: int) -> dict[str, list[float]]:
    """Commits, undo and redo, with and without the journal's part."""
    found: dict[str, list[float]] = {"commit 2,000 points": [], "undo": [], "redo": [], "journal write": []}
    session = Session(JournalFolder(folder))
    session.show(study)
    turn = np.linspace(0.0, 2 * np.pi, 2_000, endpoint=False)
    random = np.random.default_rng(2)
    journal = session._safe._journals[session.structure_set.key]  # noqa: SLF001  (to time its part of each edit)
    inner = journal.record

    def record(*arguments: object) -> bool:
        start = time.perf_counter()
        done = inner(*arguments)
        found["journal write"].append((time.perf_counter() - start) * 1e3)
        return done

    journal.record = record
    for number in range(rounds):
        session.activate_roi(1 + number % ROIS)
        radius = 50 + random.normal(0, 0.1, turn.size)
        points = np.column_stack([radius * np.cos(turn), radius * np.sin(turn), np.full(turn.size, 40.0)])
        found["commit 2,000 points"].append(timed(lambda points=points: session.add_contour(points, closed=True)))
        found["undo"].append(timed(session.undo))
        found["redo"].append(timed(session.redo))
    session.discard_unsaved()
    return found


def measure_dabs(study: Study, folder: Path, rounds: int) -> dict[str, list[float]]:
    """The ball: painting with it, and what becomes of it."""
    found: dict[str, list[float]] = {"dab of a 20 mm ball, painted": [], "dab of a 20 mm ball, committed": []}
    session = Session(JournalFolder(folder))
    session.show(study)
    grid = study.volumes[0].grid
    plane = slice_plane(grid, 100)
    for number in range(rounds):
        session.activate_roi(1 + number % ROIS)
        tool = BrushTool(radius_mm=20.0, ball=grid, erase=number % 2 == 1)
        place = np.array([55.0 + number % 7, 5.0 * (number % 11), 100.0])

        def whole(tool: BrushTool = tool, place: np.ndarray = place) -> None:
            tool.press(place, plane)
            commit(session, tool.release(place, plane))

        found["dab of a 20 mm ball, committed"].append(timed(whole))
        tool.press(place, plane)
        moves = [timed(lambda x=x: tool.move(place + np.array([x, 0, 0]), plane)) for x in (2.0, 5.0, 8.0)]  # noqa: B023
        found["dab of a 20 mm ball, painted"] += moves
    session.discard_unsaved()
    return found


def measure_reopening(study: Study, folder: Path) -> dict[str, list[float]]:
    """10,000 edits, left behind and had back."""
    base = study.structure_sets[0]
    journal = JournalFolder(folder).begin(base, Source())
    turn = np.linspace(0.0, 2 * np.pi, POINTS, endpoint=False)
    ring = np.round(np.column_stack([30 * np.cos(turn), 30 * np.sin(turn), np.full(POINTS, 60.0)]), 3)
    value: StructureSet = base
    last = base
    for number in range(EDITS):
        if number % 10 == 9:
            value = last
            journal.record("Add contour", value, "undo")
        else:
            last = value
            roi = value.rois[number % ROIS]
            value = value.with_roi(roi.with_contour(Contour(ring + number % 13, "CLOSED_PLANAR")))
            journal.record("Add contour", value)
    journal.close(remove=False)
    fresh = JournalFolder(folder)
    result = []

    def reopen() -> None:
        (found,) = fresh.unsaved()
        result.append(fresh.recover(found, base))

    milliseconds = timed(reopen)
    recovered, again = result[0]
    assert tree_digest(recovered) == tree_digest(value)
    again.close(remove=True)
    return {"reopen 10,000 edits": [milliseconds]}


def measure_moves(rounds: int) -> list[dict[str, object]]:
    """Moves of the mouse, in a process with a screen of its own; none where there is no xvfb-run."""
    server = shutil.which("xvfb-run")
    if server is None:
        print("mouse moves are not measured: they need xvfb-run (Debian: xvfb, xauth)", file=sys.stderr)
        return []
    script = str(Path(__file__).parent / "window" / "stroke.py")
    command = [server, "-a", "-s", "-screen 0 1600x1200x24", sys.executable, script, str(4 * rounds)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    rows: list[dict[str, object]] = json.loads(done.stdout.splitlines()[-1])
    return rows


def main() -> int:
    """Measure, and print the table; exit status 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="scripts/bench drawing", description="drawing, without a window")
    parser.add_argument("--rounds", type=int, default=60, help="edits of each kind; the median counts")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()
    study = make_study()
    with tempfile.TemporaryDirectory() as folder:
        found = measure_edits(study, Path(folder) / "edits", options.rounds)
        found |= measure_dabs(study, Path(folder) / "dabs", options.rounds)
        found |= measure_reopening(study, Path(folder) / "reopening")
    rows = [
        {
            "job": job,
            "median_ms": median(found[job]),
            "slowest_ms": max(found[job]),
            "target_ms": target,
            "ok": median(found[job]) < target,
        }
        for job, target in TARGETS_MS.items()
    ]
    rows += measure_moves(options.rounds)
    if options.json:
        print(json.dumps({"rows": rows}, indent=2))
    else:
        for one in rows:
            mark = "" if one["ok"] else "  missed"
            print(
                f"{one['job']:42}{one['median_ms']:10.2f} ms  ({one['slowest_ms']:.2f})"
                f"{'under':>10} {one['target_ms']:.4g} ms{mark}"
            )
    return 0 if all(one["ok"] for one in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
