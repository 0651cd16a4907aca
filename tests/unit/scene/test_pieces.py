"""Scenes drawn a few things at a time: the same pictures, and time in between."""

from __future__ import annotations

import numpy as np
import pytest

from rtvis.app.planes import STANDARD_KINDS, VolumePlanes
from rtvis.scene.offscreen import Offscreen, can_render
from rtvis.scene.pieces import Pieces, point_count
from rtvis.scene.scene3d import Scene3D
from rtvis.scene.volume_image import VolumeImage
from rtvis.surfaces.roi_surface import roi_surface

from .conftest import made_volume, square_roi

COLORS = ((255, 80, 40), (0, 200, 255), (160, 255, 60), (255, 0, 255))


@pytest.fixture(params=[0, 8])
def stage(request):
    """A screen, smooth or not, with planes that are seen through in part, and boxes in, behind and before them."""
    if not can_render():
        pytest.skip("there is no OpenGL here")
    with Offscreen(300, 200, samples=request.param) as screen:
        k, j, i = np.indices((12, 30, 40))
        volume = made_volume((-900 + 30 * np.sin(i) + 40 * j + 30 * k).astype(np.int16))
        planes, middle = VolumePlanes(volume.grid), volume.grid.centre_lps_mm
        scene = Scene3D(screen.renderer)
        scene.set_image(VolumeImage(volume), planes)
        scene.set_window(1200, 100)
        heights = np.arange(-9.0, 10.0, 3.0)
        rois = tuple(
            square_roi(middle + np.array([9.0 * n - 14, 5.0 * n - 8, 0]), 7, heights=heights, number=n + 1, color=color)
            for n, color in enumerate(COLORS)
        )
        scene.set_rois(rois)
        for roi in rois:
            scene.set_surface(roi, roi_surface(roi))
        for one in list(scene.rois)[1:3]:
            one.surface_actor.GetProperty().SetOpacity(0.4)
        scene.set_views([planes.at(kind, middle) for kind in STANDARD_KINDS])
        scene.camera.reset()
        scene.prepare()
        yield screen, scene
        scene.close()


@pytest.mark.parametrize("piece_ms", [1e-9, 1e9])
def test_the_picture_is_the_one_drawn_at_once(stage, piece_ms):
    screen, _ = stage
    at_once = screen.draw()
    steps = len(list(Pieces(screen, piece_ms).draw()))
    np.testing.assert_array_equal(screen.read(), at_once)
    # At the most planes and each of two boxes and three frames alone; at the least all that is solid. Then the rest.
    assert steps == (5 + 1 if piece_ms < 1 else 1)
    np.testing.assert_array_equal(screen.draw(), at_once)


def test_all_is_as_it_was_between_the_pieces(stage):
    screen, _ = stage
    seen = [one.GetVisibility() for one in screen.props()]
    for _ in Pieces(screen, 1e-9).draw():
        assert [one.GetVisibility() for one in screen.props()] == seen
        assert not screen.renderer.GetPreserveColorBuffer()


def test_what_appears_in_between_is_left_out_and_what_is_hidden_stays_so(stage):
    screen, scene = stage
    first, *_, last = scene.rois
    first.surface_actor.VisibilityOff()
    last.surface_actor.VisibilityOff()
    without = screen.draw()
    first.surface_actor.VisibilityOn()
    steps = Pieces(screen, 1e-9).draw([first.surface_actor])
    next(steps)
    last.surface_actor.VisibilityOn()
    list(steps)
    np.testing.assert_array_equal(screen.read(), without)
    assert first.surface_actor.GetVisibility()


def test_time_expected_is_learned(stage):
    screen, scene = stage
    points = sum(point_count(one) for one in screen.props())
    pieces = Pieces(screen)
    pieces.learn(points, 400.0)
    assert pieces.expected_ms() == pytest.approx(400.0)
    pieces.learn(points, 10.0)  # one quick drawing doesn't undo it
    assert 300 < pieces.expected_ms() < 400
    pieces.learn_whole(500.0)
    assert pieces.expected_ms() == pytest.approx(500.0)
    for one in scene.rois:
        one.surface_actor.VisibilityOff()
    assert pieces.expected_ms() < 400


def test_it_tells_how_much_is_drawn(stage):
    pieces = Pieces(stage[0], 1e-9)
    shares = [pieces.share for _ in pieces.draw()]
    assert len(shares) > 3
    assert shares == sorted(shares)
    assert shares[-1] < 1
    assert pieces.share == 1


def test_an_empty_scene_is_drawn_too():
    if not can_render():
        pytest.skip("there is no OpenGL here")
    with Offscreen(40, 30) as screen:
        screen.renderer.SetBackground(1, 0, 0)
        assert list(Pieces(screen).draw()) == []
        assert (screen.read() == [255, 0, 0, 255]).all()
