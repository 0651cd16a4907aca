"""What a second series or a dose over the images adds to a step, under Xvfb, without a graphics card.

A made CT of 512 x 512 x 200, a PET of 4 mm voxels and a dose of 2.5 mm over it. A step is a change of the session, as
a gesture makes it, until the view has painted it; the bare step is the same view with the image alone, timed in turn
with each of the others, a few steps in a row, so that the machine's mood cancels out. Steps come as a wheel that is
turned fast gives them, with `PAUSE_MS` between them, in which the view makes ready what comes next. "scroll" is one
slice on, back and forth; "levels" is a drag of the overlay's own.

usage: scripts/bench overlays [--rounds N] [--only TEXT] [--json]
"""

# ruff: noqa: PLC0415, SLF001  (Qt and VTK load after the screen is there; a bare view is one with nothing over its image)
from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from window.study import told

if TYPE_CHECKING:
    from collections.abc import Callable

    from rtvis.app.session import Session
    from rtvis.gui.slice_view import SliceView
    from rtvis.model.dose import Dose
    from rtvis.model.volume import Volume

SIZES = (500, 1000)
PAUSE_MS = 25
FIRST, COUNTED = 4, 8
"""Steps in a row, with an overlay or without: the first ones are those of a person who begins, and aren't counted."""

FRAME = "1.2.826.0.1.3680043.10.1.9"
CT, PET, DOSE = ((200, 512, 512), (2.0, 0.8, 0.8)), ((110, 110, 110), (3.7, 4.0, 4.0)), ((130, 120, 150), (2.5,) * 3)
"""Shapes and spacings, mm, by slice, row and column; all about one middle."""

STEPS = ("PET", "dose wash", "isodoses", "wash + isodoses")


def made_volume(number: int, modality: str, voxels: np.ndarray, spacing: tuple[float, ...], slope: float) -> Volume:
    """A volume about the origin of the patient."""
    from rtvis.geometry.grid import Grid
    from rtvis.model.volume import Patient, Slice, Volume

    extent = np.array(voxels.shape[::-1]) * spacing[::-1]
    axial = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
    origins = -extent / 2 + np.arange(len(voxels))[:, None] * np.array([0.0, 0.0, spacing[0]])
    grid = Grid.from_slices(origins, axial, spacing[1:], voxels.shape[1:], frame_of_reference_uid=FRAME)
    slices = tuple(
        Slice(f"{FRAME}.{number}.{n}", "", tuple(one), axial, spacing[1:], *voxels.shape[1:], rescale_slope=slope)
        for n, one in enumerate(origins.tolist())
    )
    return Volume(
        volume_id=f"{FRAME}.{number}", series_instance_uid=f"{FRAME}.{number}", study_instance_uid=FRAME,
        modality=modality, patient=Patient("P"), grid=grid, slices=slices, voxels=voxels,
        units={"RTDOSE": "Gy", "PT": "SUV"}.get(modality, "HU"), window=(400.0, 40.0) if modality == "CT" else None,
    )  # fmt: skip


def hills(shape: tuple[int, ...], spacing: tuple[float, ...], most: float) -> np.ndarray:
    """Stored values of a few overlapping hills, as targets and their surroundings have."""
    axes = [(np.arange(n) - n / 2) * step for n, step in zip(shape, spacing, strict=True)]
    z, y, x = np.meshgrid(*axes, indexing="ij", sparse=True)
    total = np.zeros(shape)
    for cx, cy, cz, wide in ((0, 0, 0, 45), (40, 20, 30, 30), (-50, -25, -20, 35), (10, 50, -60, 25)):
        total += np.exp(-((x - cx) ** 2 + (y - cy) ** 2 + (z - cz) ** 2) / (2 * wide**2))
    return np.asarray(total / total.max() * most)


def made() -> tuple[Session, Volume, Dose]:
    """A session on the CT; a PET and a dose to go over it."""
    from rtvis.app.session import Session
    from rtvis.model.dose import Dose
    from rtvis.model.study import Study

    rng = np.random.default_rng(7)
    body = hills(*CT, 900.0)
    ct = (body + rng.integers(-20, 20, CT[0][1:])).astype(np.int16)
    session = Session()
    session.show(Study(volumes=(made_volume(1, "CT", ct, CT[1], 1.0),)))
    pet = made_volume(2, "PT", hills(*PET, 12_000.0).astype(np.int16), PET[1], 0.001)
    dose = made_volume(3, "RTDOSE", hills(*DOSE, 60_000.0).astype(np.uint32), DOSE[1], 0.001)
    return session, pet, Dose(volume=dose, summation_type="PLAN", maximum=60.0)


def show_over(session: Session, name: str, pet: Volume, dose: Dose) -> None:
    """Put an overlay over the images."""
    if name == "PET":
        session.overlay.show_series(pet, session.volume)
        return
    if session.overlay.dose is not dose:
        session.overlay.show_dose(dose, session.volume, prescribed=50.0)
    session.overlay.set_look(replace(session.overlay.look, wash="wash" in name))
    session.overlay.set_isodoses(replace(session.overlay.isodoses, shown="isodoses" in name))


def gesture(view: SliceView, session: Session, kind: str) -> Callable[[], object]:
    """One slice on, back and forth over the middle; or levels of the overlay dragged on."""
    top, state = session.overlay.look.bounds[1], {"n": 0}

    def act() -> None:
        state["n"] += 1
        n = state["n"] % 60
        if kind == "levels":
            session.overlay.set_bounds(0.0, top * (1 + (n + 0.001 * state["n"]) / 100))
        else:
            view.step(1 if 15 <= n < 45 else -1)

    return act


def one_view(case: tuple[str, str, str], size: int, rounds: int, made_of: tuple[Session, Volume, Dose]) -> Any:
    """A view with an overlay, and the same view with the image alone, in turn."""
    from qtpy.QtTest import QTest
    from qtpy.QtWidgets import QApplication

    from rtvis.app.planes import PlaneKind
    from rtvis.gui.overlay_layers import _Layer
    from rtvis.gui.slice_view import SliceView
    from rtvis.gui.tool_choice import ToolChoice
    from rtvis.scene.contour_lines import ContourLines
    from rtvis.scene.volume_image import VolumeImage

    plane, name, kind = case
    session, pet, dose = made_of
    show_over(session, name, pet, dose)
    session.move_cursor(session.volume.grid.centre_lps_mm)
    view = SliceView(PlaneKind(plane), session, ToolChoice(), ContourLines())
    view.resize(size, size)
    view.set_image(VolumeImage(session.volume))
    layer = _Layer(session, view)
    layer.set_image(VolumeImage(session.overlay.volume))
    session.overlay.look_changed.connect(layer.show)
    view.show()
    QTest.qWaitForWindowExposed(view)
    application = QApplication.instance()
    act = {True: gesture(view, session, kind), False: gesture(view, session, "scroll")}
    times: dict[bool, list[float]] = {True: [], False: []}
    for turn in range(rounds // COUNTED):
        for full in (True, False) if turn % 2 else (False, True):
            view._canvas.over = view._paint_over if full else None
            layer.show() if full else view.set_layers(())
            for n in range(FIRST + COUNTED):
                QTest.qWait(PAUSE_MS)
                begun = time.perf_counter()
                act[full]()
                application.processEvents()
                if n >= FIRST:
                    times[full].append(1e3 * (time.perf_counter() - begun))
    session.overlay.look_changed.disconnect(layer.show)
    layer.release()
    view.release()
    view.deleteLater()
    application.processEvents()
    return {"size": size, "full": told(times[True]), "bare": told(times[False])}


def measured(rounds: int, only: str) -> dict[str, Any]:
    """All steps, or those whose name has `only` in it."""
    from rtvis.gui.application import make_application

    _application = make_application()
    made_of = made()
    cases = [(plane, name, "scroll") for plane in ("axial", "coronal", "oblique") for name in STEPS]
    cases += [("axial", name, "levels") for name in ("PET", "wash + isodoses")]
    found = {}
    for size in SIZES:
        for case in cases:
            plane, name, kind = case
            title = f"{plane if kind == 'scroll' else kind} {size} {name}"
            if only in title:
                found[title] = one_view(case, size, rounds, made_of)
    return found


def report(found: dict[str, Any]) -> list[str]:
    """The table."""
    lines = [f"{'step':32} {'full p50':>9} {'p95':>7} {'bare p50':>9} {'more':>6} {'ratio':>6}  (ms)"]
    for name, one in found.items():
        full, bare = one["full"], one["bare"]
        more, ratio = full["median"] - bare["median"], full["median"] / bare["median"]
        lines.append(
            f"{name:32} {full['median']:9.1f} {full['p95']:7.1f} {bare['median']:9.1f} {more:6.1f} {ratio:6.2f}"
        )
    return lines


def main() -> int:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=48)
    parser.add_argument("--only", help="only steps whose name has this in it, such as 'axial 1000'")
    parser.add_argument("--json", action="store_true", help="print the numbers as JSON instead of a table")
    options = parser.parse_args()
    if "RTVIS_BENCH_SCREEN" not in os.environ:
        server = shutil.which("xvfb-run")
        if server is None:
            print("scripts/bench overlays: needs xvfb-run (Debian: xvfb, xauth)", file=sys.stderr)
            return 2
        with tempfile.TemporaryDirectory() as home:
            os.environ |= {"RTVIS_BENCH_SCREEN": "1", "XDG_CONFIG_HOME": home, "XDG_STATE_HOME": home}
        os.execv(server, [server, "-a", "-s", "-screen 0 1600x1200x24", sys.executable, *sys.argv])
    found = measured(options.rounds, options.only or "")
    print(json.dumps(found, indent=1) if options.json else "\n".join(report(found)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
