"""Contour style, text size, hidden patient and pictures, by menu, keys and sliders; remembered."""

from __future__ import annotations

import numpy as np
import pytest
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QDialogButtonBox

from rtvis.app.contour_style import DEFAULT_STYLE, ContourLook, ContourStyle
from rtvis.app.tags import TagNode
from rtvis.gui.contour_style_actions import STYLE_KEY, style_from
from rtvis.gui.contour_style_dialog import ContourStyleDialog
from rtvis.gui.pictures import picture_of, set_shows_patient
from rtvis.gui.reading_actions import HIDDEN_KEY, SCALE_KEY
from rtvis.gui.settings import settings
from tests.unit.gui.conftest import settle

Z8 = -16.0


@pytest.fixture(autouse=True)
def as_it_was(window):
    yield
    window.session.set_contour_style(DEFAULT_STYLE)
    window.session.hide_patient(hidden=False)
    window.session.scale_texts(1.0)
    set_shows_patient(shown=True)


@pytest.fixture
def dialog(window):
    window.menus.actions["Contour style"].trigger()
    made = window.findChildren(ContourStyleDialog)[-1]
    QTest.qWaitForWindowExposed(made)
    yield made
    made.reject()
    settle()


def inside_color(window, axial):
    """What a pixel in the middle of the Box looks like, away from the cursor's lines."""
    window.session.move_cursor([25.0, 20.0, Z8])
    window.session.set_window(1, 2000)  # black
    settle()
    x, y = axial.scene.patient_to_display(np.array([4.0, -3.0, Z8]))
    ratio = axial.devicePixelRatioF()
    return axial.grab().toImage().pixelColor(int(x * ratio), int(y * ratio)).getRgb()[:3]


def test_filled_contours_are_painted_over_the_image_in_their_colour(window, axial):
    assert inside_color(window, axial) == (0, 0, 0)
    window.menus.actions["Filled contours"].trigger()
    assert window.menus.actions["Filled contours"].isChecked()
    share = DEFAULT_STYLE.fill_opacity
    assert inside_color(window, axial) == pytest.approx((255 * share, 80 * share, 40 * share), abs=3)
    assert not [one for one in axial.overlay().strokes if one.color == (255, 80, 40) and one.closed]
    window.menus.actions["Next contour look"].trigger()
    assert window.session.contour_style.look is ContourLook.BOTH
    assert [one for one in axial.overlay().strokes if one.color == (255, 80, 40) and one.closed]


@pytest.mark.parametrize("name", ["coronal", "sagittal"])
def test_across_the_slices_the_section_is_filled(window, name):
    window.session.move_cursor([0.0, 0.0, Z8])
    window.menus.actions["Filled contours"].trigger()
    view = window.views.view(name)
    (area,) = [one for one in view.overlay().areas if one.color == (255, 80, 40)]
    corners = np.concatenate(area.rings)
    low, high = view.scene.patient_to_display(np.array([[-10, -8, -26.5], [10, 8, -5.5]])).astype(float)
    assert corners.min(axis=0) == pytest.approx(np.minimum(low, high), abs=0.2)
    assert corners.max(axis=0) == pytest.approx(np.maximum(low, high), abs=0.2)


def test_lines_become_thicker_and_stop_at_five_pixels(window, axial):
    window.session.move_cursor([25.0, 20.0, Z8])

    def width():
        return next(one.width for one in axial.overlay().strokes if one.color == (255, 80, 40))

    before = width()
    window.menus.actions["Thicker contours"].trigger()
    assert width() > before
    for _ in range(20):
        window.menus.actions["Thicker contours"].trigger()
    assert width() == 5.0
    for _ in range(20):
        window.menus.actions["Thinner contours"].trigger()
    assert width() == 1.0


def test_sliders_are_seen_at_once_and_cancel_brings_back_what_was(window, dialog):
    assert not dialog.areas.isEnabled()
    QTest.mouseClick(dialog.looks.button(2), Qt.LeftButton)
    assert window.session.contour_style.look is ContourLook.BOTH
    assert dialog.areas.isEnabled()
    QTest.keyClick(dialog.thickness, Qt.Key_End)
    QTest.keyClick(dialog.areas, Qt.Key_Home)
    QTest.keyClick(dialog.lines, Qt.Key_Home)
    assert window.session.contour_style == ContourStyle(ContourLook.BOTH, 5.0, 0.1, 0.05)
    QTest.keyClick(dialog, Qt.Key_Escape)
    assert window.session.contour_style == DEFAULT_STYLE


def test_a_style_is_remembered(window, dialog):
    QTest.mouseClick(dialog.looks.button(1), Qt.LeftButton)
    QTest.mouseClick(dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.Ok), Qt.LeftButton)
    assert style_from(str(settings().value(STYLE_KEY))) == window.session.contour_style
    assert window.session.contour_style.look is ContourLook.FILLED
    window.session.set_contour_style(DEFAULT_STYLE)


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"look": "dotted", "width_px": 1}', '{"look": "filled"'])
def test_a_style_that_cannot_be_read_is_the_usual_one(text):
    assert style_from(text) == DEFAULT_STYLE


def test_text_size_and_hidden_patient_are_chosen_and_remembered(window):
    window.menus.actions["Large texts"].trigger()
    assert window.session.text_scale == 1.25
    assert str(settings().value(SCALE_KEY)) == "1.25"
    window.menus.actions["Hide patient"].trigger()
    assert window.session.patient_hidden
    assert window.menus.actions["Hide patient"].isChecked()
    assert settings().value(HIDDEN_KEY) == "true"
    window.menus.actions["Hide patient"].trigger()
    assert not window.session.patient_hidden


def test_the_patient_s_tags_are_hidden_with_the_patient(window):
    panel = window.tag_panel
    panel._nodes = [
        TagNode("(0010,0010)", "Patient's Name", "PN", "Doe^Jo"),
        TagNode("(0018,0050)", "Slice Thickness", "DS", "3"),
    ]
    window.session.hide_patient(hidden=True)
    assert [panel.tree.topLevelItem(n).text(3) for n in range(2)] == ["hidden", "3"]
    assert "Doe" not in panel.tree.topLevelItem(0).toolTip(3)
    window.session.hide_patient(hidden=False)
    assert panel.tree.topLevelItem(0).text(3) == "Doe^Jo"
    panel.show_file(None)


def test_pictures_are_of_all_views_or_the_active_one_and_may_keep_the_patient_out(window, axial):
    axial.setFocus()
    settle()
    QApplication.clipboard().clear()
    window.menus.actions["Copy picture of active view"].trigger()
    one = QApplication.clipboard().pixmap()
    assert (one.width(), one.height()) == (axial.width(), axial.height())
    window.menus.actions["Copy picture"].trigger()
    every = QApplication.clipboard().pixmap()
    assert every.width() == window.views.width() > one.width()
    written = picture_of(window.views, window.session, "axial").toImage()
    window.menus.actions["Patient in pictures"].trigger()
    assert not window.menus.actions["Patient in pictures"].isChecked()
    without = picture_of(window.views, window.session, "axial").toImage()
    assert without != written
    assert not window.session.patient_hidden
    window.session.hide_patient(hidden=True)
    hidden = axial.grab().toImage()
    assert hidden == without
