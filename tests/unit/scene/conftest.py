"""Made volumes with a landmark, and a renderer without a window."""

from __future__ import annotations

import numpy as np
import pytest

from rtvis.geometry.grid import Grid
from rtvis.model.structure_set import Contour, Roi
from rtvis.model.volume import Patient, Slice, Volume
from rtvis.scene.offscreen import Offscreen, can_render


@pytest.fixture
def screen():
    """An offscreen renderer of 300 x 200 pixels."""
    if not can_render():
        pytest.skip("there is no OpenGL here")
    with Offscreen(300, 200) as offscreen:
        yield offscreen


def made_volume(
    voxels,
    *,
    orientation=(1, 0, 0, 0, 1, 0),
    spacing=(2.0, 1.5),
    distances=None,
    shear=(0.0, 0.0, 0.0),
    slopes=None,
    intercept=0.0,
    modality="CT",
):
    """A volume around an array; slices 3 mm apart unless `distances` says otherwise."""
    count = len(voxels)
    row, column = np.array(orientation[:3], float), np.array(orientation[3:], float)
    distances = np.arange(count) * 3.0 if distances is None else np.asarray(distances, float)
    origins = np.array([-31.0, 12.5, -140.0]) + np.outer(distances, np.cross(row, column) + np.array(shear))
    grid = Grid.from_slices(origins, orientation, spacing, voxels.shape[1:], frame_of_reference_uid="1.2.3")
    slopes = [1.0] * count if slopes is None else slopes
    slices = tuple(
        Slice(
            sop_instance_uid=f"1.2.3.{k}",
            sop_class_uid="1.2.840.10008.5.1.4.1.1.2",
            position_lps_mm=tuple(origins[k]),
            orientation=tuple(map(float, orientation)),
            pixel_spacing_mm=spacing,
            rows=voxels.shape[1],
            columns=voxels.shape[2],
            rescale_slope=slopes[k],
            rescale_intercept=intercept,
        )
        for k in range(count)
    )
    return Volume(
        volume_id="1.2",
        series_instance_uid="1.2",
        study_instance_uid="1.1",
        modality=modality,
        patient=Patient("id", "Name^Of"),
        grid=grid,
        voxels=voxels,
        slices=slices,
        units="HU",
    )


def landmark_voxels(index_kji=(4, 13, 22), shape=(12, 30, 40), dtype=np.int16):
    """Zeros with one voxel of 1000."""
    voxels = np.zeros(shape, dtype)
    voxels[index_kji] = 1000
    return voxels


def square_roi(centre, half, *, axes=((1, 0, 0), (0, 1, 0)), number=1, heights=(0.0,), color=(255, 0, 0)):
    """An ROI of squares around a centre, stacked along the normal."""
    u, v = np.array(axes, float)
    corners = np.array([[-half, -half], [half, -half], [half, half], [-half, half]])
    contours = tuple(
        Contour(np.asarray(centre) + corners @ np.array([u, v]) + height * np.cross(u, v), "CLOSED_PLANAR")
        for height in heights
    )
    return Roi(number, f"ROI {number}", contours, color)
