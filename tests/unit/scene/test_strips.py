"""A sharp picture in strips: the same one, in parts that each take little."""

from __future__ import annotations

from contextlib import contextmanager

import numpy as np
import pytest

from rtvis.app.planes import STANDARD_KINDS, VolumePlanes
from rtvis.app.tissue_presets import tissue_presets
from rtvis.app.view3d_state import Look3D
from rtvis.scene import strips as strips_module
from rtvis.scene.display_volume import display_volume
from rtvis.scene.scene3d import Scene3D
from rtvis.scene.strips import STRIP_MS, Strips
from rtvis.scene.twin import Twin
from rtvis.scene.volume_image import VolumeImage
from rtvis.surfaces.roi_surface import roi_surface

from .conftest import made_volume, square_roi


@pytest.fixture
def scene(screen):
    """A block of bone, a surface and planes."""
    voxels = np.full((24, 32, 40), -1000, np.int16)
    voxels[8:16, 10:20, 20:30] = 800
    volume = made_volume(voxels)
    made = Scene3D(screen.renderer)
    planes, image = VolumePlanes(volume.grid), VolumeImage(volume)
    made.set_image(image, planes)
    made.set_views([planes.at(kind, volume.grid.centre_lps_mm) for kind in STANDARD_KINDS])
    roi = square_roi(volume.grid.centre_lps_mm + np.array([20.0, 0.0, 0.0]), 6, heights=(-3, 0, 3))
    made.set_rois([roi])
    made.set_surface(roi, roi_surface(roi))
    made.tissue.set_data(display_volume(image))
    made.set_look(Look3D(tissue="bone"), next(one for one in tissue_presets(volume) if one.key == "bone"))
    made.camera.reset()
    yield made
    made.close()


@pytest.mark.parametrize("parallel", [False, True])
def test_strips_make_the_picture_that_is_drawn_whole(screen, scene, parallel, monkeypatch):
    monkeypatch.setattr(strips_module, "STRIP_MS", 0.2)
    scene.camera.set_parallel(parallel=parallel)
    scene.camera.turn(30.0, 20.0, 200.0)
    scene.prepare()
    coarse = screen.draw()
    with scene.tissue.sharply(1.0):
        whole = screen.draw()
    strips, picture, ends = Strips(screen, scene.tissue), coarse.copy(), []
    strips.begin(1.0)
    while not strips.is_done:
        ends.append(strips.draw_next(picture))
    assert [end for _, end in ends[:-1]] == [start for start, _ in ends[1:]]
    assert (ends[0][0], ends[-1][1]) == (0, screen.size[1])
    assert len(ends) > 3
    differ = np.abs(picture.astype(int) - whole).max(axis=2) > 8
    assert differ.mean() < 0.0005  # no seams; a pixel of a line that crosses one may be off
    assert (np.abs(coarse.astype(int) - whole).max(axis=2) > 8).mean() > 0.001
    assert np.array_equal(screen.draw(), coarse)  # the camera is what it was


class Clock:
    """A machine on which each row of a strip takes its time."""

    def __init__(self, screen, row_ms):
        self.now, self.rows = 0.0, []
        self._row_ms = row_ms
        self.size = screen.size
        self._pixels = 1.0

    def __call__(self):
        return self.now

    def draw_rows(self, top, bottom):
        took = sum(self._row_ms(row) for row in range(top, bottom)) / self._pixels**2
        self.now += took / 1e3
        self.rows.append((top, bottom, took))
        return np.zeros((bottom - top, self.size[0], 4), np.uint8)

    @contextmanager
    def sharply(self, pixels):
        self._pixels = pixels
        yield

    sharp_cost_ms = None

    def drawn_sharply(self, pixels, milliseconds):
        self.told = pixels, milliseconds


def test_no_strip_takes_long_where_the_middle_is_dense(screen, monkeypatch):
    """Ten times what other rows take; what was learned from one picture counts in the next."""
    clock = Clock(screen, lambda row: 10.0 if 60 <= row < 140 else 1.0)
    clock.sharp_cost_ms = 80 * 10.0 + 120 * 1.0
    monkeypatch.setattr(strips_module, "perf_counter", clock)
    strips = Strips(clock, clock, most=100)
    picture = np.zeros((200, 300, 4), np.uint8)
    for _ in range(2):
        clock.rows.clear()
        strips.begin(2.0, 1.0)
        while not strips.is_done:
            strips.draw_next(picture)
        assert max(took for *_, took in clock.rows) <= 1.5 * STRIP_MS
        assert len(clock.rows) < 60
    assert clock.told == pytest.approx((1.0, 920.0))


def test_what_was_begun_can_be_ended(screen, scene):
    scene.prepare()
    picture = screen.draw()
    strips = Strips(screen, scene.tissue)
    strips.begin(2.0, 1.0)
    strips.draw_next(picture)
    strips.begin()
    assert strips.is_done


def test_a_twin_drawn_in_strips_is_the_same_picture(screen, scene, monkeypatch):
    monkeypatch.setattr(strips_module, "STRIP_MS", 0.2)
    with Twin(scene.shown(), 300, 200) as twin:
        shares = list(twin.strips())
        assert shares == sorted(shares)
        assert shares[-1] == 1.0
        assert len(shares) > 3
        differ = np.abs(twin.picture.astype(int) - twin.capture()).max(axis=2) > 8
        assert differ.mean() < 0.01
        twin.scene.tissue.set_preset(None)
        assert list(twin.strips()) == [1.0]
        assert np.array_equal(twin.picture, twin.capture())


def test_where_the_rest_of_the_scene_takes_long_strips_get_no_narrower(screen, monkeypatch):
    """Each strip draws it anew."""
    clock = Clock(screen, lambda _row: 0.1)
    draw_rows = clock.draw_rows

    def with_the_rest(top, bottom):
        clock.now += 0.2
        return draw_rows(top, bottom)

    monkeypatch.setattr(clock, "draw_rows", with_the_rest)
    monkeypatch.setattr(strips_module, "perf_counter", clock)
    strips, picture = Strips(clock, clock, most=8), np.zeros((200, 300, 4), np.uint8)
    strips.begin(1.0)
    while not strips.is_done:
        strips.draw_next(picture)
    assert len(clock.rows) <= 8


def test_what_is_put_off_again_and_again_is_drawn_in_strips_all_the_same(screen, monkeypatch):
    """Each movement ends what was begun: after a long drag the first strip was the whole picture, a second long."""
    clock = Clock(screen, lambda _row: 5.0)
    monkeypatch.setattr(strips_module, "perf_counter", clock)
    strips, picture = Strips(clock, clock, most=100), np.zeros((200, 300, 4), np.uint8)
    strips.begin(1.0)
    strips.draw_next(picture)
    for _ in range(60):
        strips.begin()
    strips.begin(1.0)
    strips.draw_next(picture)
    assert clock.rows[-1][0] == 0
    assert clock.rows[-1][2] <= 1.5 * STRIP_MS
