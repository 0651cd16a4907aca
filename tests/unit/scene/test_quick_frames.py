"""Frames in which only the planes moved: what is drawn whole, at the cost of the planes."""

from __future__ import annotations

import numpy as np
import pytest

from rtvis.app.planes import STANDARD_KINDS, VolumePlanes
from rtvis.app.view3d_state import CutAtPlane, Look3D
from rtvis.scene.quick_frames import QuickFrames
from rtvis.scene.scene3d import BACKGROUND, Scene3D
from rtvis.scene.volume_image import VolumeImage
from rtvis.surfaces.roi_surface import roi_surface

from .conftest import made_volume, square_roi


class Stage:
    """A scene with two boxes beside each other, whose planes move."""

    def __init__(self, screen):
        k, j, i = np.indices((12, 30, 40))
        self.volume = made_volume((500 + 30 * np.sin(i) + 20 * j + 10 * k).astype(np.int16), modality="MR")
        self.planes = VolumePlanes(self.volume.grid)
        self.middle = self.volume.grid.centre_lps_mm
        self.screen = screen
        self.scene = Scene3D(screen.renderer)
        self.scene.set_image(VolumeImage(self.volume), self.planes)
        self.scene.set_window(800, 600)
        heights = np.arange(-9.0, 10.0, 3.0)
        left = square_roi(self.middle - [14, 0, 0], 8, heights=heights, number=1)
        right = square_roi(self.middle + np.array([12, 4, 0]), 7, heights=heights, number=2, color=(0, 200, 255))
        self.scene.set_rois((left, right))
        for roi in (left, right):
            self.scene.set_surface(roi, roi_surface(roi))
        self.move(0.0)
        self.scene.camera.reset()
        self.quick = QuickFrames(screen, lambda: self.scene.planes.props)

    def move(self, by):
        cursor = self.middle + np.array([0.7, -1.1, 0.9]) * by
        self.scene.set_views([self.planes.at(kind, cursor) for kind in STANDARD_KINDS])

    def count_whole(self, monkeypatch):
        """How often all of the scene is drawn: at least one surface is seen."""
        drawn = []
        render, render_some = self.screen.draw, self.screen.draw_some

        def seen():
            return [one.surface_actor for one in self.scene.rois if one.surface_actor.GetVisibility()]

        def draw():
            drawn.append(len(seen()))
            return render()

        def draw_some(props, **how):
            drawn.append(sum(one in props for one in seen()))
            render_some(props, **how)

        monkeypatch.setattr(self.screen, "draw", draw)
        monkeypatch.setattr(self.screen, "draw_some", draw_some)
        return drawn


@pytest.fixture
def stage(screen):
    made = Stage(screen)
    yield made
    made.scene.close()


def test_a_frame_of_solid_things_is_the_same_pixel_by_pixel(stage):
    shades = []
    for by in (0.0, 1.0, 4.0, -6.0):
        stage.move(by)
        quick = stage.quick.draw()
        np.testing.assert_array_equal(quick, stage.screen.draw())
        shades.append(quick)
    assert stage.quick.is_exact
    assert all(not np.array_equal(shades[0], other) for other in shades[1:])


def test_only_the_planes_are_drawn_once_the_rest_is_kept(stage, monkeypatch):
    for by in (0.0, 1.0):
        stage.move(by)
        stage.quick.draw()
    drawn = stage.count_whole(monkeypatch)
    for by in (2.0, 3.0):
        stage.move(by)
        stage.quick.draw()
    assert drawn == [0, 0]


@pytest.mark.parametrize("change", ["camera", "color", "opacity", "hidden", "roi", "size"])
def test_whatever_else_changes_is_seen(stage, change):
    for by in (0.0, 1.0):
        stage.move(by)
        before = stage.quick.draw()
    if change == "camera":
        stage.scene.camera.turn(30, 5, 200)
    elif change == "color":
        next(iter(stage.scene.rois)).surface_actor.GetProperty().SetColor(0, 1, 0)
    elif change == "opacity":
        next(iter(stage.scene.rois)).surface_actor.GetProperty().SetOpacity(0.4)
    elif change == "hidden":
        next(iter(stage.scene.rois)).surface_actor.VisibilityOff()
    elif change == "roi":
        stage.scene.set_rois(one.roi for one in list(stage.scene.rois)[:1])
    else:
        stage.screen.resize(200, 200)
    stage.move(2.0)
    after = stage.quick.draw()
    np.testing.assert_array_equal(after, stage.screen.draw())
    assert after.shape != before.shape or not np.array_equal(after, before)
    stage.move(3.0)
    assert np.percentile(np.abs(stage.quick.draw().astype(int) - stage.screen.draw()), 99.5) <= 2


def test_things_seen_through_are_laid_over_what_is_behind_them(stage):
    for one in stage.scene.rois:
        one.surface_actor.GetProperty().SetOpacity(0.35)
    for by in (0.0, 1.0, 2.0, 3.0, 5.0):
        stage.move(by)
        quick = stage.quick.draw().astype(int)
    whole = stage.screen.draw().astype(int)
    solid = [one.surface_actor for one in stage.scene.rois]
    for actor in solid:
        actor.VisibilityOff()
    assert (np.abs(stage.screen.draw().astype(int) - whole).max(axis=-1) > 8).mean() > 0.03
    assert (np.abs(quick - whole).max(axis=-1) > 3).mean() < 0.002  # a box has no folds; only its edges may differ
    assert not stage.quick.is_exact


def test_things_seen_through_are_kept_one_by_one(stage, monkeypatch):
    """Each of these frames draws all of the scene, and at most one thing alone."""
    for one in stage.scene.rois:
        one.surface_actor.GetProperty().SetOpacity(0.35)
    stage.quick.draw()
    drawn = stage.count_whole(monkeypatch)
    frames = []
    for by in (1.0, 2.0, 3.0, 4.0):
        drawn.clear()
        stage.move(by)
        picture = stage.quick.draw().astype(int)
        frames.append(list(drawn))
        assert (np.abs(picture - stage.screen.draw()).max(axis=-1) > 3).mean() < 0.002
    assert frames == [[0, 2], [1, 1, 1, 2], [1, 1, 1, 0, 0, 0], [0]]


def test_a_cut_that_follows_a_plane_is_drawn_whole(stage):
    stage.scene.set_look(Look3D(cut=CutAtPlane(STANDARD_KINDS[0])))
    for by in (0.0, 1.0, 4.0):
        stage.move(by)
        np.testing.assert_array_equal(stage.quick.draw(), stage.screen.draw())


def test_the_cube_stays_over_all(stage):
    """It is a renderer of its own: the planes are drawn without it."""
    for by in (0.0, 1.0, 2.0):
        stage.move(by)
        quick = stage.quick.draw()
    corner = quick[-40:, :40, :3].astype(int)
    assert np.ptp(corner.reshape(-1, 3), axis=0).max() > 50
    np.testing.assert_array_equal(quick, stage.screen.draw())


def ended(steps):
    """How many steps were taken, and what they gave in the end."""
    count = 0
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return count, end.value
        count += 1


@pytest.fixture
def in_small_pieces(stage):
    stage.quick.pieces.piece_ms = 1e-9


@pytest.mark.usefixtures("in_small_pieces")
@pytest.mark.parametrize("opacity", [1.0, 0.35])
def test_frames_drawn_in_steps_are_those_drawn_at_once(stage, opacity, monkeypatch):
    for one in stage.scene.rois:
        one.surface_actor.GetProperty().SetOpacity(opacity)
    drawn = stage.count_whole(monkeypatch)
    steps, kept = [], []
    for by in (0.0, 1.0, 2.0):
        stage.move(by)
        drawn.clear()
        count, picture = ended(stage.quick.in_steps())
        assert opacity < 1 or max(drawn) <= 1  # never both in one drawing
        steps.append(count)
        kept.append(stage.quick.is_ready)
        whole = stage.screen.draw()
        assert (np.abs(picture.astype(int) - whole).max(axis=-1) > 3).mean() < (0.002 if opacity < 1 else 1e-9)
    assert kept == [False, True, True]
    assert steps[2] == 0  # nothing but planes
    np.testing.assert_array_equal(ended(stage.quick.whole_in_steps())[1], stage.screen.draw())
    assert stage.quick.is_ready  # what is kept stays for later


@pytest.mark.usefixtures("in_small_pieces")
@pytest.mark.parametrize("left_after", range(1, 9))
def test_keeping_may_be_left_and_gone_on_with(stage, left_after):
    """A gesture ends it at any moment, and something else is drawn on the screen then."""
    next(iter(stage.scene.rois)).surface_actor.GetProperty().SetOpacity(0.35)
    ended(stage.quick.in_steps())
    assert not stage.quick.is_ready
    keeping = stage.quick.keep_in_steps()
    for _ in range(left_after):
        next(keeping, None)
    keeping.close()
    stage.move(2.0)
    stage.screen.draw()
    ended(stage.quick.keep_in_steps())
    assert stage.quick.is_ready
    picture = stage.quick.draw().astype(int)
    assert (np.abs(picture - stage.screen.draw()).max(axis=-1) > 3).mean() < 0.002


def test_nothing_is_kept_where_no_plane_is_seen(stage):
    stage.scene.planes.set_visible(())
    ended(stage.quick.in_steps())
    assert ended(stage.quick.keep_in_steps()) == (0, None)
    assert not stage.quick.is_ready


@pytest.mark.parametrize("fails_at", range(1, 6))
@pytest.mark.parametrize("in_steps", [False, True])
def test_a_drawing_that_fails_leaves_all_as_it_was_and_the_next_one_is_right(stage, monkeypatch, fails_at, in_steps):
    """As when the memory of a picture can't be had; the window tells of it and goes on."""
    for one in stage.scene.rois:
        one.surface_actor.GetProperty().SetOpacity(0.35)
    stage.quick.draw()
    read, reads = stage.screen.read, []

    def failing(*_arguments):
        reads.append(1)
        if len(reads) == fails_at:
            raise MemoryError("no room for a picture")
        return read()

    def frame(by):
        stage.move(by)
        return ended(stage.quick.in_steps())[1] if in_steps else stage.quick.draw()

    with monkeypatch.context() as patch:
        patch.setattr(stage.screen, "read", failing)
        with pytest.raises(MemoryError):
            list(map(frame, (1.0, 2.0, 3.0, 4.0)))
    assert [one.surface_actor.GetProperty().GetOpacity() for one in stage.scene.rois] == [0.35, 0.35]
    assert stage.screen.renderer.GetBackground() == pytest.approx(BACKGROUND)
    for by in (5.0, 6.0, 7.0, 8.0):
        picture = frame(by).astype(int)
        assert (np.abs(picture - stage.screen.draw()).max(axis=-1) > 3).mean() < 0.002
    assert stage.quick.is_ready


@pytest.mark.usefixtures("in_small_pieces")
def test_what_was_being_kept_when_something_else_was_drawn_is_kept_from_the_beginning(stage):
    """Its picture goes on with what is in the frame buffer: half a picture, then, and planes where they were."""
    stage.move(9.0)
    stage.quick.draw()
    steps = stage.quick.keep_in_steps()
    next(steps)
    steps.close()
    stage.screen.draw()
    ended(stage.quick.keep_in_steps())
    assert stage.quick.is_ready
    stage.move(-7.0)
    np.testing.assert_array_equal(stage.quick.draw(), stage.screen.draw())
