"""Fixtures for all tests."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rtvis.dicom.construct import SeriesAttributes, write_series
from rtvis.dicom.image_references import image_references
from rtvis.dicom.rtstruct_writer import new_structure_set, write_structure_set
from rtvis.dicom.series import find_series
from rtvis.dicom.volume import read_volume
from rtvis.geometry.grid import Grid
from rtvis.model.structure_set import Contour, Roi
from rtvis.model.volume import Patient

FIELD_DATA = Path(os.environ.get("RTVIS_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))


@pytest.fixture(scope="session")
def field_data() -> Path:
    """Real DICOM files, which the project doesn't carry; tests that need them are skipped without them."""
    if not FIELD_DATA.is_dir():
        pytest.skip(f"real DICOM data is not at {FIELD_DATA} (set RTVIS_TEST_DATA)")
    return FIELD_DATA


@pytest.fixture(scope="session")
def small_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small oblique CT and a structure set of all types; read it, don't write to it.

    ``ct/``: 10 slices 3 mm apart, 24 rows 2.0 mm apart, 32 columns 0.5 mm apart, a bright block in the middle.
    ``structure-set.dcm``: "Block" (square, CLOSED_PLANAR, on slices 4 and 5), "Path" (OPEN_NONPLANAR),
    "Line" (OPEN_PLANAR), "Marker" (POINT).
    """
    folder = tmp_path_factory.mktemp("small-study")
    row, column = np.array([np.cos(0.2), np.sin(0.2), 0.0]), np.array([-np.sin(0.2), np.cos(0.2), 0.0])
    origins = np.array([-20.0, 35.0, -100.0]) + np.arange(10)[:, None] * 3.0 * np.cross(row, column)
    grid = Grid.from_slices(origins, [*row, *column], (2.0, 0.5), (24, 32))
    stored = np.full(grid.shape, -1000, dtype=np.int16)
    stored[4:6, 8:16, 10:22] = 200
    attributes = SeriesAttributes(patient=Patient("SMALL-1", "Small^Study", "19700101", "O"), patient_position="HFS")
    write_series(stored, grid, folder / "ct", attributes)
    volume = read_volume(find_series(folder / "ct").plans[0])
    empty = new_structure_set(volume, "SMALL")

    def roi(
        number: int, name: str, color: tuple[int, int, int], curves: list[list[list[float]]], *, closed: bool
    ) -> Roi:
        drawn = [Contour.drawn(volume.grid.to_patient(curve), closed=closed) for curve in curves]
        named = [replace(one, images=image_references(one.points_lps, volume)) for one in drawn]
        frame = volume.frame_of_reference_uid
        return Roi(number, name, tuple(named), color, "ORGAN", "MANUAL", frame)

    square = [[9.5, 7.5], [21.5, 7.5], [21.5, 15.5], [9.5, 15.5]]
    block = [[[i, j, float(k)] for i, j in square] for k in (4, 5)]
    path = [[5.0, 5.0, 1.0], [9.0, 12.0, 3.0], [20.0, 6.0, 5.0], [24.0, 18.0, 8.0]]
    line = [[4.0, 4.0, 2.0], [12.0, 8.0, 2.0], [20.0, 5.0, 2.0]]
    rois = (
        roi(1, "Block", (230, 60, 60), block, closed=True),
        roi(2, "Path", (60, 200, 60), [path], closed=False),
        roi(3, "Line", (60, 60, 230), [line], closed=False),
        roi(4, "Marker", (230, 230, 60), [[[15.5, 11.5, 4.5]]], closed=False),
    )
    write_structure_set(replace(empty, rois=rois), folder / "structure-set.dcm")
    return folder
