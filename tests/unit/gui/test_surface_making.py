"""Surfaces are made in the background, shown one by one, and what is told of it ends with it."""

from __future__ import annotations

import pytest


@pytest.fixture
def view(window, qtbot):
    view = window.views.view3d
    qtbot.waitUntil(lambda: not view.surfaces.is_busy and not view.surfaces.quiet.isActive(), timeout=20_000)
    return view


def told(view):
    return [label.text for label in view.overlay().labels]


def test_a_surface_is_drawn_as_soon_as_it_is_there(view):
    view._follow.stop()
    view.surfaces.shown.emit()
    assert view._follow.isActive()


def test_that_surfaces_are_made_is_told_until_all_are_there(view, qtbot, monkeypatch):
    painted = []
    view.scene.set_rois(())
    view.contours_changed()
    lacking = len(view.scene.rois_without_surface())
    assert lacking > 0
    shown = []
    view.surfaces.shown.connect(lambda: shown.append(len(view.scene.rois_without_surface())))
    view.surfaces.quiet.stop()
    with qtbot.waitSignal(view.surfaces.ended, timeout=20_000):
        view.surfaces.quiet.timeout.emit()
        assert "surfaces are being made…" in told(view)
        monkeypatch.setattr(view._glass, "update", lambda: painted.append(told(view)))
    assert shown == list(range(lacking - 1, -1, -1))
    assert painted
    assert "surfaces are being made…" not in painted[-1]
