"""Words, shapes and the mark of the focus can be told from what is behind them, in both themes (WCAG 2.1 AA)."""

from __future__ import annotations

import pytest
from qtpy.QtCore import QPoint, Qt
from qtpy.QtGui import QColor
from qtpy.QtWidgets import (
    QApplication,
    QListWidget,
    QListWidgetItem,
    QSlider,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
)

from rtvis.gui.theme import DARK, LIGHT, apply_theme

WORDS, SHAPES = 4.5, 3.0
"""WCAG 2.1, 1.4.3 and 1.4.11."""

GROUNDS = ("window", "panel", "alternate", "raised", "field")
INKS = ("text", "strong", "muted", "accent", "warn", "bad")


def luminance(color):
    parts = QColor(color).getRgbF()[:3]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.fixture(params=["dark", "light"])
def theme(request, qapp):
    apply_theme(qapp, request.param)
    yield {"dark": DARK, "light": LIGHT}[request.param]
    apply_theme(qapp, "dark")


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
def test_every_ink_can_be_read_on_every_ground(theme):
    for ink in INKS:
        for ground in (*GROUNDS, "hover"):
            assert contrast(getattr(theme, ink), getattr(theme, ground)) >= WORDS, (ink, ground)
    for ink in ("text", "strong"):
        for ground in ("accent_dim", "accent_hover"):
            assert contrast(getattr(theme, ink), getattr(theme, ground)) >= WORDS, (ink, ground)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
def test_boxes_and_the_mark_of_the_focus_can_be_told_from_every_ground(theme):
    for shape in ("box", "accent"):
        for ground in GROUNDS:
            assert contrast(getattr(theme, shape), getattr(theme, ground)) >= SHAPES, (shape, ground)
    assert contrast(theme.strong, theme.accent_dim) >= SHAPES


def most_contrast(widget, row, ground_at):
    """Of any pixel in a row, with the pixel at a place of it."""
    picture = widget.viewport().grab(row).toImage()
    ground = picture.pixelColor(ground_at)
    pixels = {picture.pixel(x, y) for x in range(picture.width()) for y in range(picture.height())}
    return max(contrast(QColor(pixel), ground) for pixel in pixels)


def shown_rows(kind, inks):
    widget = kind()
    widget.resize(300, 400)
    if kind is QTreeWidget:
        widget.setHeaderHidden(True)
        rows = [QTreeWidgetItem(widget, ["MMMM"]) for _ in inks]
        for row, ink in zip(rows, inks, strict=True):
            row.setForeground(0, QColor(ink))
    else:
        rows = [QListWidgetItem("MMMM", widget) for _ in inks]
        for row, ink in zip(rows, inks, strict=True):
            row.setForeground(QColor(ink))
    widget.show()
    QApplication.processEvents()
    return widget, rows


@pytest.mark.parametrize("kind", [QTreeWidget, QListWidget])
def test_a_chosen_row_is_written_so_that_it_can_be_read_whatever_its_ink(theme, kind, qtbot):
    widget, rows = shown_rows(kind, [getattr(theme, ink) for ink in INKS])
    qtbot.addWidget(widget)
    for row in rows:
        widget.setCurrentItem(row)
        QApplication.processEvents()
        place = widget.visualItemRect(row)
        assert most_contrast(widget, place, QPoint(place.width() - 6, place.height() // 2)) >= WORDS


def test_the_empty_box_of_a_chosen_row_is_seen(theme, qtbot):
    widget, rows = shown_rows(QTreeWidget, [theme.accent_dim])
    qtbot.addWidget(widget)
    rows[0].setText(0, "")
    rows[0].setCheckState(0, Qt.Unchecked)
    widget.setCurrentItem(rows[0])
    QApplication.processEvents()
    place = widget.visualItemRect(rows[0])
    assert most_contrast(widget, place, QPoint(place.width() - 6, place.height() // 2)) >= SHAPES


@pytest.mark.parametrize("kind", [QTreeWidget, QListWidget])
def test_a_list_with_the_focus_has_a_frame_that_is_seen_and_nothing_moves(theme, kind, qtbot):
    widget, rows = shown_rows(kind, [theme.text])
    qtbot.addWidget(widget)
    with qtbot.waitActive(widget):
        widget.activateWindow()
    widget.clearFocus()
    QApplication.processEvents()
    before, place = widget.grab().toImage().pixelColor(0, 200), widget.viewport().geometry()
    widget.setFocus(Qt.TabFocusReason)
    QApplication.processEvents()
    after = widget.grab().toImage().pixelColor(0, 200)
    assert contrast(after, before) >= SHAPES
    assert widget.viewport().geometry() == place
    assert rows


def test_a_slider_with_the_focus_has_a_ring_around_its_handle(theme, qtbot):
    slider = QSlider(Qt.Horizontal)
    qtbot.addWidget(slider)
    slider.resize(200, 24)
    slider.setValue(50)
    slider.show()
    with qtbot.waitActive(slider):
        slider.activateWindow()

    def ring():
        QApplication.processEvents()
        picture = slider.grab().toImage()
        strong = QColor(theme.strong).rgb()
        return sum(picture.pixel(x, y) == strong for x in range(80, 120) for y in range(24))

    slider.clearFocus()
    assert ring() == 0
    slider.setFocus(Qt.TabFocusReason)
    assert ring() >= 12
    slider.setEnabled(False)
    assert ring() == 0


def test_the_tool_in_hand_has_no_frame_where_there_is_nothing_to_use_it_on(theme, qtbot):
    button = QToolButton()
    qtbot.addWidget(button)
    button.setCheckable(True)
    button.setChecked(True)
    button.resize(36, 36)
    button.show()

    def framed():
        QApplication.processEvents()
        picture = button.grab().toImage()
        return picture.pixelColor(18, 0) == QColor(theme.accent)

    assert framed()
    button.setEnabled(False)
    assert not framed()
