"""A machine without OpenGL: slices are shown, and the 3D view says why it isn't."""

from __future__ import annotations

import numpy as np
import pytest
from qtpy.QtTest import QTest

from rtvis.app.session import Session
from rtvis.gui import canvas
from rtvis.gui.background import BackgroundTasks
from rtvis.gui.view3d import View3D
from rtvis.scene.volume_image import VolumeImage

from .conftest import settle


@pytest.fixture
def view(qapp, study, monkeypatch):
    monkeypatch.setattr(canvas, "can_render", lambda: False)
    session = Session()
    session.show(study)
    tasks = BackgroundTasks()
    made = View3D(session, tasks)
    made.resize(300, 200)
    made.show()
    QTest.qWaitForWindowExposed(made)
    yield made
    made.release()
    made.hide()
    made.deleteLater()
    tasks.deleteLater()
    settle()


def test_it_says_so_and_nothing_is_drawn(view, study):
    view.set_image(VolumeImage(study.volumes[0]))
    view.contours_changed()
    view.look_from("L")
    view._session.move_cursor(np.array([1.0, 2.0, -20.0]))
    settle()
    assert any("no OpenGL" in label.text for label in view.overlay().labels)
    image = view._canvas.grab().toImage()
    assert image.pixelColor(150, 100).getRgb()[:3] == (0, 0, 0)
