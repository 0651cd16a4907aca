"""The window: its start, opening a study in it, and the memory that opening and closing leaves.

Jobs of `scripts/bench views`, each in a process of its own, files in the page cache.
"""

# ruff: noqa: PLC0415  (each process imports what it measures)
from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from window.study import wait

if TYPE_CHECKING:
    from rtvis.gui.main_window import MainWindow

OPENINGS = 20
SECONDS = {"splash": 1.0, "window answers": 2.5, "first slice": 1.0}
GROWTH = 0.05


def job_start(folder: Path, rounds: int) -> dict[str, Any]:
    """From the start of the process: splash, empty window, and the window that answers with its views loaded."""
    del folder, rounds
    begun = float(os.environ["RTVIS_BENCH_BEGUN"])
    from qtpy.QtCore import QTimer

    from rtvis.gui.application import run
    from rtvis.gui.splash import Splash

    found: dict[str, float] = {}
    paint = Splash.paintEvent

    def painted(splash: Splash, event: Any) -> None:
        paint(splash, event)
        found.setdefault("splash", time.time() - begun)

    Splash.paintEvent = painted

    def watch(window: MainWindow) -> None:
        found["empty window"] = time.time() - begun
        timer = QTimer(window)

        def look() -> None:
            if window.views is not None and not window.tasks.running:
                found["window answers"] = time.time() - begun
                timer.stop()
                window.close()

        timer.timeout.connect(look)
        timer.start(0)

    run([], after_first_paint=[watch])
    return found


def job_open(folder: Path, rounds: int) -> dict[str, Any]:
    """In a window that is there: from "open" to the first slice, and to the whole study."""
    del rounds
    from qtpy.QtCore import QTimer

    from rtvis.gui.application import run

    found: dict[str, float] = {}

    def watch(window: MainWindow) -> None:
        state = {"begun": 0.0}
        timer = QTimer(window)

        def look() -> None:
            if window.views is None or (not state["begun"] and window.tasks.running):
                return
            if not state["begun"]:
                state["begun"] = time.perf_counter()
                window.opening.open([str(folder)])
                return
            past = time.perf_counter() - state["begun"]
            if "first slice" not in found and window.session.volume is not None and window.views.isVisible():
                window.views.view("axial").repaint()
                found["first slice"] = past
            if window.session.structure_set is not None:
                found["whole study"] = past
                timer.stop()
                window.close()

        timer.timeout.connect(look)
        timer.start(1)

    run([], after_first_paint=[watch])
    return found


def resident_mib() -> float:
    """What the process holds in memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def job_memory(folder: Path, rounds: int) -> dict[str, Any]:
    """Resident memory after each time the study was opened and closed."""
    del rounds
    from qtpy.QtTest import QTest

    from rtvis.app.session import Session
    from rtvis.gui.application import make_application
    from rtvis.gui.main_window import MainWindow
    from rtvis.gui.spare_memory import SOON_MS

    application = make_application()
    window = MainWindow(Session())
    window.resize(1200, 800)
    window.show()
    QTest.qWaitForWindowExposed(window)
    held = []
    for _ in range(OPENINGS):
        window.opening.open([str(folder)])
        wait(application, lambda: window.session.structure_set is not None and not window.tasks.running)
        QTest.qWait(600)  # surfaces are begun after a while
        wait(application, lambda: not window.tasks.running)
        window.close_study()
        QTest.qWait(SOON_MS + 300)  # memory is given back after a while, as to a person who looks at it
        held.append(resident_mib())
    window.release()
    return {"held_mib": held, "growth": held[-1] / held[0] - 1, "growth_after_two": held[-1] / held[1] - 1}


JOBS = {"start": job_start, "open": job_open, "memory": job_memory}


def report(found: dict[str, Any]) -> list[str]:
    """The rows of these jobs; one that doesn't keep its limit ends with the limit."""
    lines = []
    for group in ("start", "open"):
        for name, one in found.get(group, {}).items():
            limit = SECONDS.get(name)
            over = "" if limit is None or one["median"] <= limit else f"  limit {limit} s"
            lines.append(f"{name:26} {one['median']:9.2f} {one['p95']:7.2f} s{over}")
    memory = found.get("memory")
    if memory is not None:
        over = "" if memory["growth"] < GROWTH else f"  limit {GROWTH:.0%}"
        held = memory["held_mib"]
        lines.append(
            f"{f'memory, {OPENINGS} times':26} {held[0]:.0f} -> {held[-1]:.0f} MiB {memory['growth']:+.1%}{over}"
        )
    return lines
