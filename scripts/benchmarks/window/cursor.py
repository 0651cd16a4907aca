"""The linked cursor in a whole window: all views painted, beside the sum of their bare steps."""

# ruff: noqa: PLC0415, SLF001  (each process imports what it measures; a bare view is one with nothing over its image)
from __future__ import annotations

import statistics
from itertools import chain
from typing import TYPE_CHECKING, Any

from window.steps import BLOCK, PAUSE_MS, show_overlays, step_of, timed
from window.study import paired_ratio, told, wait

if TYPE_CHECKING:
    from rtvis.app.session import Session

MEASURED = ("axial", "coronal", "sagittal", "3d")
"""Views that follow the cursor in the layout a person starts with."""

WARM = 2
"""Steps at the beginning of each block that don't count: what was hidden is painted whole."""


def whole_window(session: Session, rounds: int) -> dict[str, Any]:
    """A 1200 x 800 window: the cursor moved until all views are painted, in turn with the bare steps of its views."""
    from qtpy.QtTest import QTest
    from qtpy.QtWidgets import QApplication

    from rtvis.gui.main_window import MainWindow

    application = QApplication.instance()
    window = MainWindow(session)
    window.resize(1200, 800)
    window.show()
    QTest.qWaitForWindowExposed(window)
    window.show_study(session.study)
    wait(application, lambda: not window.tasks.running)
    views = window.views
    wait(application, lambda: not views.view3d.scene.rois_without_surface() and not views._lines.unjoined)
    wait(application, lambda: not window.tasks.running)
    act = step_of(session, "cursor")
    canvases = {name: views.view(name)._canvas for name in views.frames}
    views.view3d._follow.setInterval(0)

    def all_of_it() -> None:
        act()
        views.view3d._follow.stop()  # 3D follows at once here
        canvases["3d"].update()

    def steps_of_window(step: Any) -> list[float]:
        times = []
        for n in range(BLOCK + WARM):
            QTest.qWait(PAUSE_MS)
            views.view3d._follow.stop()
            took = timed(step, application)
            if n >= WARM:
                times.append(took)
        return times

    sizes = {name: (canvas.width(), canvas.height()) for name, canvas in canvases.items()}
    slices: list[float] = []
    everything: list[list[float]] = []
    bare: dict[str, list[list[float]]] = {name: [] for name in sizes if name in MEASURED}
    for block in range(max(rounds // BLOCK, 1) + 1):
        window.show()
        QTest.qWaitForWindowExposed(window)
        found = steps_of_window(act), steps_of_window(all_of_it)
        window.hide()  # what is hidden isn't painted
        alone = {name: bare_steps(session, name, sizes[name]) for name in bare}
        if block > 0:
            slices += found[0]
            everything.append(found[1])
            for name, times in alone.items():
                bare[name].append(times)
    window.release()
    window.deleteLater()
    application.processEvents()
    middles = {name: statistics.median([*chain.from_iterable(blocks)]) for name, blocks in bare.items()}
    floors = [[sum(statistics.median(blocks[n]) for blocks in bare.values())] for n in range(len(everything))]
    return {
        "slices": told(slices),
        "all": told([*chain.from_iterable(everything)]),
        "bare": middles,
        "sum": sum(middles.values()),
        "ratio": paired_ratio(everything, floors),
    }


def bare_steps(session: Session, name: str, size: tuple[int, int]) -> list[float]:
    """Times of a view's bare step in a window of its own, so that no other view is composed with it."""
    from qtpy.QtTest import QTest
    from qtpy.QtWidgets import QApplication

    from rtvis.app.planes import PlaneKind
    from rtvis.gui.background import BackgroundTasks
    from rtvis.gui.slice_view import SliceView
    from rtvis.gui.tool_choice import ToolChoice
    from rtvis.gui.view3d import View3D
    from rtvis.scene.contour_lines import ContourLines
    from rtvis.scene.volume_image import VolumeImage

    application, act = QApplication.instance(), step_of(session, "cursor")
    view: Any = (
        View3D(session, BackgroundTasks())
        if name == "3d"
        else SliceView(PlaneKind(name), session, ToolChoice(), ContourLines())
    )
    view.resize(*size)
    view.set_image(VolumeImage(session.volume))
    if name == "3d":
        view._glass.hide()
    else:
        show_overlays(view, shown=False)
    view.show()
    QTest.qWaitForWindowExposed(view)
    times = []
    for n in range(BLOCK + WARM):
        QTest.qWait(PAUSE_MS)
        act()
        took = timed(view._canvas.update, application)
        if n >= WARM:
            times.append(took)
    view.release()
    view.deleteLater()
    application.processEvents()
    return times
