"""The views on software OpenGL under Xvfb: what a step costs with contours and texts, beside the bare image.

A made CT of 512 x 512 x 200 with 30 ROIs of 150 contours of 200 points. A step is a change of the session, as a gesture
makes it, until the window has painted it; the bare step is the same view without anything over the image, timed in turn
with the full one, so that the machine's mood cancels out. Steps come as a wheel that is turned fast gives them, with
`PAUSE_MS` between them, in which the window does what it does when nobody asks for anything; the column "jump" is the
full step to a slice that was neither shown before nor painted ahead. Start, opening and memory are measured in windows
of their own processes, files in the page cache.

usage: scripts/bench views [--rounds N] [--json]
"""

# ruff: noqa: PLC0415, SLF001  (each process imports what it measures; a bare view is one with nothing over its image)
from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from window import start
from window.cursor import whole_window
from window.steps import BLOCK, PAUSE_MS, levels_drag, show_overlays, step_of, timed
from window.study import make_study, paired_ratio, told

if TYPE_CHECKING:
    from rtvis.app.session import Session

SIZES = (500, 1000)
MORE_LEVELS = 5
"""Times as many rounds for levels: these steps are the shortest, and a few hundredths of a millisecond decide."""

FEWER_CURSOR = 2
"""One of so many rounds for the cursor, whose steps are the longest and differ the least."""

LIMITS = {"scroll": 1.2, "oblique": 1.5, "levels": 1.1, "cursor": 1.15}
FLOOR_MS = {500: 22.0, 1000: 55.0}


def one_view(session: Session, name: str, kind: str, size: int, rounds: int) -> dict[str, Any]:
    """A view of its own of a size: the full step and the bare one, in turn."""
    from qtpy.QtTest import QTest
    from qtpy.QtWidgets import QApplication

    from rtvis.app.planes import PlaneKind
    from rtvis.gui.slice_view import SliceView
    from rtvis.gui.tool_choice import ToolChoice
    from rtvis.scene.contour_lines import ContourLines, JointIndex
    from rtvis.scene.volume_image import VolumeImage

    lines = ContourLines()
    lines.set_rois(session.visible_rois())
    lines.set_joint(JointIndex(lines.unjoined))  # made in the background right after opening
    tools = ToolChoice()
    view = SliceView(PlaneKind(name), session, tools, lines)
    view.resize(size, size)
    view.set_image(VolumeImage(session.volume))
    view.show()
    QTest.qWaitForWindowExposed(view)
    application = QApplication.instance()
    act = levels_drag(view, tools) if kind == "levels" else step_of(session, kind)
    times: dict[bool, list[list[float]]] = {True: [], False: []}
    for n in range(2 * max(rounds // BLOCK, 1) + 2):
        full = n % 2 == 0
        show_overlays(view, shown=full)
        block = []
        for _ in range(BLOCK):
            QTest.qWait(PAUSE_MS)
            block.append(timed(act, application))
        if n >= 2:
            times[full].append(block)
    show_overlays(view, shown=True)
    jumps = []
    for _ in range(rounds // 3):
        view._ahead.stop()
        view._overlay._layers.clear()
        jumps.append(timed(act, application))
    view.release()
    view.deleteLater()
    application.processEvents()
    return {
        "size": size,
        "full": told([*chain.from_iterable(times[True])]),
        "bare": told([*chain.from_iterable(times[False])]),
        "ratio": paired_ratio(times[True], times[False]),
        "jump": told(jumps),
    }


# ------------------------------------------------------------------------------------------- jobs in their own process


def job_steps(folder: Path, rounds: int) -> dict[str, Any]:
    """All steps of the views."""
    from rtvis.app.session import Session
    from rtvis.gui.application import make_application

    application = make_application()
    session = Session()
    session.open([folder])
    found: dict[str, Any] = {"views": {}}
    for size in SIZES:
        for name in ("axial", "coronal", "sagittal"):
            found["views"][f"scroll {name} {size}"] = one_view(session, name, name, size, rounds)
        found["views"][f"levels {size}"] = one_view(session, "axial", "levels", size, MORE_LEVELS * rounds)
        if "oblique" in known_kinds():
            found["views"][f"scroll oblique {size}"] = one_view(session, "oblique", "axial", size, rounds)
    found["cursor"] = whole_window(session, rounds // FEWER_CURSOR)
    application.processEvents()
    return found


def known_kinds() -> set[str]:
    """Kinds of planes that views can show."""
    from rtvis.app.planes import PlaneKind

    return {kind.value for kind in PlaneKind}


JOBS = {"steps": job_steps, **start.JOBS}


def run_job(name: str, folder: Path, rounds: int) -> dict[str, Any]:
    """A job in a process of its own, on a virtual screen with software OpenGL."""
    with tempfile.TemporaryDirectory() as home:
        environment = {
            **os.environ,
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "XDG_CONFIG_HOME": home,
            "XDG_STATE_HOME": home,
            "RTVIS_BENCH_BEGUN": str(time.time()),
        }
        command = [sys.executable, __file__, "--job", name, "--folder", str(folder), "--rounds", str(rounds)]
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment, timeout=900)
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def measured(folder: Path, rounds: int, names: list[str]) -> dict[str, Any]:
    """All that was asked for."""
    found: dict[str, Any] = {}
    for name in names:
        if name in {"start", "open"}:
            run_job(name, folder, rounds)  # warms the page cache
            all_times = [run_job(name, folder, rounds) for _ in range(5)]
            found[name] = {key: told([one[key] for one in all_times]) for key in all_times[0]}
        else:
            found[name] = run_job(name, folder, rounds)
    return found


# ---------------------------------------------------------------------------------------------------------- the report


def report(found: dict[str, Any]) -> list[str]:
    """The table; a line that doesn't keep its limit ends with the limit."""
    lines = [f"{'step':26} {'full p50':>9} {'p95':>7} {'bare p50':>9} {'p95':>7} {'ratio':>6} {'jump':>6}  (ms)"]
    for name, one in found.get("steps", {}).get("views", {}).items():
        ratio = one["ratio"]
        word = "oblique" if "oblique" in name else name.split()[0]
        over = "" if ratio <= LIMITS[word] else f"  limit {LIMITS[word]}"
        floor = FLOOR_MS[one["size"]]
        over += "" if one["bare"]["median"] <= floor else f"  bare limit {floor:.0f}"
        full, bare = one["full"], one["bare"]
        lines.append(
            f"{name:26} {full['median']:9.1f} {full['p95']:7.1f} {bare['median']:9.1f} {bare['p95']:7.1f}"
            f" {ratio:6.2f} {one['jump']['median']:6.1f}{over}"
        )
    cursor = found.get("steps", {}).get("cursor")
    if cursor is not None:
        over = "" if cursor["ratio"] <= LIMITS["cursor"] else f"  limit {LIMITS['cursor']}"
        lines.append(
            f"{'cursor, 1200 x 800':26} {cursor['all']['median']:9.1f} {cursor['all']['p95']:7.1f}"
            f" {cursor['sum']:9.1f} {'':7} {cursor['ratio']:6.2f}{over}"
        )
        lines.append(f"  of it the slices {cursor['slices']['median']:.1f}; bare {_rounded(cursor['bare'])}")
    lines += start.report(found)
    return lines


def _rounded(values: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.1f}" for name, value in values.items())


def main() -> int:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=120)
    parser.add_argument("--json", action="store_true", help="print the numbers as JSON instead of a table")
    parser.add_argument("--only", choices=[*JOBS], action="append", help="only this part; may be repeated")
    parser.add_argument("--job", choices=[*JOBS], help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help="a study that --only made is measured on instead of a new one")
    options = parser.parse_args()
    if options.job is not None:
        print(json.dumps(JOBS[options.job](options.folder, options.rounds)))
        return 0
    if "RTVIS_BENCH_SCREEN" not in os.environ:
        server = shutil.which("xvfb-run")
        if server is None:
            print("scripts/bench views: needs xvfb-run (Debian: xvfb, xauth)", file=sys.stderr)
            return 2
        os.environ["RTVIS_BENCH_SCREEN"] = "1"
        os.execv(server, [server, "-a", "-s", "-screen 0 1600x1200x24", sys.executable, *sys.argv])
    with tempfile.TemporaryDirectory() as made:
        folder = options.folder or Path(made)
        if not (folder / "rs.dcm").exists():
            make_study(folder)
        found = measured(folder, options.rounds, options.only or [*JOBS])
    print(json.dumps(found, indent=1) if options.json else "\n".join(report(found)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
