"""Made volumes and structure sets."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from rtvis.dicom.rtstruct_new import new_structure_set
from rtvis.geometry.frame import slice_normal
from rtvis.geometry.grid import Grid
from rtvis.model.structure_set import Contour, Roi, StructureSet
from rtvis.model.volume import Patient, Slice, Volume

CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2"


def make_volume(
    series: str = "1.2.826.0.1.5",
    frame: str = "1.2.826.0.1.9",
    orientation: tuple[float, ...] = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0),
    slices: int = 5,
    corner: tuple[float, float, float] = (-20.0, -30.0, -10.0),
) -> Volume:
    """A CT of 12 rows and 20 columns, 2 x 1.5 mm, slices 2.5 mm apart."""
    origins = np.asarray(corner) + np.arange(slices)[:, None] * 2.5 * slice_normal(orientation)
    grid = Grid.from_slices(origins, orientation, (2.0, 1.5), (12, 20), frame_of_reference_uid=frame)
    headers = tuple(
        Slice(f"{series}.{k + 1}", CT_IMAGE, tuple(origins[k]), orientation, (2.0, 1.5), 12, 20) for k in range(slices)
    )
    return Volume(
        volume_id=series,
        series_instance_uid=series,
        study_instance_uid="1.2.826.0.1.2",
        modality="CT",
        patient=Patient("ID 7", "Müller^Jörg", "19600102", "M"),
        grid=grid,
        voxels=np.zeros((slices, 12, 20), dtype=np.int16),
        slices=headers,
    )


@pytest.fixture
def volume() -> Volume:
    return make_volume()


@pytest.fixture
def volume_maker() -> Callable[..., Volume]:
    return make_volume


def drawn_set(volume: Volume) -> StructureSet:
    """Three ROIs with all the types that drawing makes, a hole and an oblique contour."""
    at = volume.grid.to_patient
    outer = at([[2, 2, 1], [16, 2, 1], [16, 9, 1], [2, 9, 1]])
    hole = at([[5, 4, 1], [9, 4, 1], [9, 7, 1]])
    oblique = at([[2, 2, 0], [16, 2, 0], [16, 9, 3], [2, 9, 3]])
    needle = at([[3, 3, 0.2], [4, 4, 1.7], [6, 4, 3.1], [7, 8, 3.9]])
    organ = Roi(
        1,
        "Œsophagus",
        tuple(Contour.drawn(points, closed=True) for points in (outer, hole, oblique)),
        (255, 128, 0),
        "ORGAN",
        "MANUAL",
        volume.frame_of_reference_uid,
    )
    lines = Roi(
        2,
        "needle",
        (
            Contour.drawn(needle, closed=False),
            Contour.drawn(outer[:3], closed=False),
            Contour.drawn(needle[:1], closed=False),
            Contour.drawn(needle, closed=True),
        ),
    )
    xor = Roi(3, "xor", (Contour(outer, "CLOSEDPLANAR_XOR"),), (0, 0, 255), "", "SEMIAUTOMATIC")
    return new_structure_set(volume, "Plan A").with_roi(organ).with_roi(lines).with_roi(xor)


@pytest.fixture
def structure_set(volume: Volume) -> StructureSet:
    return drawn_set(volume)


@pytest.fixture
def set_maker() -> Callable[[Volume], StructureSet]:
    return drawn_set
