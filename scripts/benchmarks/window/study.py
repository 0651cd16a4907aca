"""The study that views are measured on, and what all their measurements need."""

# ruff: noqa: PLC0415  (each process imports what it measures)
from __future__ import annotations

import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

SLICES, SIDE = 200, 512
ROIS, CONTOURS, POINTS = 30, 150, 200
SPACING_MM = (2.0, 0.9, 0.9)
PATIENCE_S = 120.0


def make_study(folder: Path) -> None:
    """Write the CT and its structure set."""
    from rtvis.dicom.construct import SeriesAttributes, write_series
    from rtvis.dicom.rtstruct_writer import new_structure_set, write_structure_set
    from rtvis.dicom.series import find_series
    from rtvis.dicom.volume import read_volume
    from rtvis.geometry.grid import Grid
    from rtvis.model.structure_set import Contour, Roi

    random = np.random.default_rng(6)
    origins = np.array([-230.0, -230.0, -200.0]) + np.arange(SLICES)[:, None] * np.array([0.0, 0.0, SPACING_MM[0]])
    grid = Grid.from_slices(origins, (1, 0, 0, 0, 1, 0), SPACING_MM[1:], (SIDE, SIDE))
    j, i = np.indices((SIDE, SIDE))
    body = ((i - 256) / 220) ** 2 + ((j - 256) / 160) ** 2 < 1
    noise = random.normal(0, 20, (8, SIDE, SIDE))
    stored = np.stack([np.where(body, 40, -1000) + noise[k % 8] + k % 50 for k in range(SLICES)]).astype(np.int16)
    write_series(stored, grid, folder / "ct", SeriesAttributes(modality="CT", window=(400.0, 40.0)))
    volume = read_volume(find_series(folder / "ct").plans[0])
    turn = np.linspace(0.0, 2 * np.pi, POINTS, endpoint=False)
    rois = []
    for number in range(1, ROIS + 1):
        middle = random.uniform([-120, -80], [120, 80])
        contours = []
        for k in range(25, 25 + CONTOURS):
            radius = 25 + number / 2 + 5 * np.sin(3 * turn + number + k / 20)
            flat = middle + np.column_stack([radius * np.cos(turn), radius * np.sin(turn)])
            points = np.round(np.column_stack([flat, np.full(POINTS, origins[k, 2])]), 2)
            contours.append(Contour.drawn(points, closed=True))
        color = tuple(int(one) for one in random.integers(80, 256, 3))
        rois.append(Roi(number, f"ROI {number}", tuple(contours), color, "ORGAN", "MANUAL"))
    made = new_structure_set(volume, "BENCH")
    from dataclasses import replace

    write_structure_set(replace(made, rois=tuple(rois)), folder / "rs.dcm")


def told(times: list[float]) -> dict[str, float]:
    """Median and 95th percentile."""
    return {"median": statistics.median(times), "p95": float(np.percentile(times, 95))}


def wait(application: Any, until: Callable[[], bool]) -> None:
    """Let events pass until something is so."""
    end = time.monotonic() + PATIENCE_S
    while not until():
        application.processEvents()
        if time.monotonic() > end:
            raise TimeoutError("nothing came")
        time.sleep(0.002)


def paired_ratio(full: list[list[float]], bare: list[list[float]]) -> float:
    """How many times as long as the bare step the full one takes: the middle of what pairs of blocks say.

    A machine's clock goes up and down by half for seconds; blocks that follow each other have the same.
    """
    return statistics.median(
        statistics.median(one) / statistics.median(other) for one, other in zip(full, bare, strict=True)
    )
