"""Pictures of a scene drawn a second time, bit by bit: the same ones, and time to give them up."""

from __future__ import annotations

import numpy as np
import pytest

from rtvis.app.planes import STANDARD_KINDS, VolumePlanes
from rtvis.app.view3d_state import Look3D
from rtvis.scene import twin as twin_module
from rtvis.scene.scene3d import Scene3D
from rtvis.scene.twin import Twin
from rtvis.scene.volume_image import VolumeImage
from rtvis.surfaces.roi_surface import roi_surface

from .conftest import made_volume, square_roi


@pytest.fixture
def scene(screen):
    """Planes, three boxes beside each other, and the first of them once more around all."""
    volume = made_volume(np.indices((12, 30, 40)).sum(axis=0).astype(np.int16) * 20 - 500)
    planes, middle = VolumePlanes(volume.grid), volume.grid.centre_lps_mm
    made = Scene3D(screen.renderer)
    made.set_image(VolumeImage(volume), planes)
    made.set_window(1200, 100)
    made.set_views([planes.at(kind, middle) for kind in STANDARD_KINDS])
    heights = np.arange(-9.0, 10.0, 3.0)
    rois = [
        square_roi(middle + np.array([14.0 * n - 14, 3.0 * n, 0]), 6, heights=heights, number=n + 1) for n in range(3)
    ]
    rois.append(square_roi(middle, 26, heights=np.arange(-15.0, 16.0, 3.0), number=4, color=(0, 255, 0)))
    made.set_rois(rois)
    for roi in rois:
        made.set_surface(roi, roi_surface(roi))
    made.camera.set_size(300, 200)
    made.camera.reset()
    yield made
    made.close()


@pytest.mark.parametrize("opacity", [1.0, 0.5])
def test_a_picture_drawn_thing_by_thing_is_the_one_drawn_at_once(scene, opacity, monkeypatch):
    monkeypatch.setattr(twin_module, "PIECE_MS", 1e-9)
    scene.set_look(Look3D(opacity=opacity))
    with Twin(scene.shown(), 600, 400) as twin:
        shares = list(twin.strips())
        np.testing.assert_array_equal(twin.picture, twin.capture())
    assert len(shares) > 3
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_a_picture_that_is_given_up_leaves_nothing_behind(scene, monkeypatch):
    monkeypatch.setattr(twin_module, "PIECE_MS", 1e-9)
    with Twin(scene.shown(), 300, 200) as twin:
        drawing = twin.strips()
        next(drawing)
        drawing.close()
        assert not twin.picture.any()
        list(twin.strips())
        np.testing.assert_array_equal(twin.picture, twin.capture())
