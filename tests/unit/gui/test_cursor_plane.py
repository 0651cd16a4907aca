from __future__ import annotations

import numpy as np
import pytest

from rtvis.app.planes import PlaneKind, VolumePlanes
from rtvis.app.session import Session
from rtvis.gui.cursor_plane import CursorPlane
from rtvis.scene.slice_scene import SliceScene
from rtvis.scene.volume_image import VolumeImage
from tests.unit.gui.conftest import make_volume


@pytest.fixture
def session():
    session = Session()
    session.show_volume(make_volume())
    return session


@pytest.fixture
def scene():
    scene = SliceScene()
    yield scene
    scene.close()


def followed(kind, session, scene):
    place = CursorPlane(kind, session, scene)
    planes = VolumePlanes(session.grid, session.oblique)
    place.set_planes(planes)
    scene.set_image(VolumeImage(session.volume), planes)
    scene.set_view(planes.at(kind, session.cursor_lps))
    return place


def test_a_scene_is_brought_to_the_last_of_many_places_once(session, scene, monkeypatch):
    place = followed(PlaneKind.AXIAL, session, scene)
    shown, told = scene.view, []
    monkeypatch.setattr(scene, "set_view", told.append)
    for slices in (1, 1, -1, 2):
        session.move_cursor(place.stepped(slices))
        view, moved_mm = place.follow()
        assert moved_mm == pytest.approx(shown.plane.distances_mm(session.cursor_lps)[()])
    assert not told
    place.settle()
    place.settle()
    assert told == [view]
    assert abs(float(view.plane.distances_mm(session.cursor_lps))) < 1e-9


def test_a_cursor_moved_within_its_plane_needs_no_other(session, scene):
    place = followed(PlaneKind.AXIAL, session, scene)
    session.move_cursor(session.cursor_lps + np.array([2.0, -1.0, 0.0]))
    assert place.follow() is None


def test_one_that_came_back_before_anything_was_drawn_is_followed_back(session, scene):
    place, start = followed(PlaneKind.AXIAL, session, scene), session.cursor_lps
    session.move_cursor(place.stepped(1))
    place.follow()
    session.move_cursor(start)
    view, moved_mm = place.follow()
    place.settle()
    assert moved_mm == pytest.approx(0.0)
    assert view.slice_index == scene.view.slice_index


def test_only_the_oblique_plane_turns(session, scene):
    assert followed(PlaneKind.CORONAL, session, scene).turn() is None


def test_without_planes_there_is_nowhere_to_go(session, scene):
    place = CursorPlane(PlaneKind.AXIAL, session, scene)
    assert (place.follow(), place.turn(), place.stepped(1), place.at_slice(0)) == (None, None, None, None)
    place.settle()
    assert scene.view is None
