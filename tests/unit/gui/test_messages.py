"""Messages are read whole: nothing they say is cut off."""

from __future__ import annotations

import pytest
from qtpy.QtWidgets import QLabel, QMessageBox, QWidget

from rtvis.gui.messages import LEAST_WIDTH, show_error
from rtvis.model.errors import UsageError

from .conftest import settle


@pytest.fixture
def parent(qapp, qtbot):
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.show()
    return widget


@pytest.mark.parametrize("words", [3, 9, 11, 13, 40])
def test_a_message_of_any_length_is_shown_whole(parent, words):
    what = " ".join(["contour"] * words)
    show_error(parent, UsageError(what, remedy="draw it again, a little larger"))
    [box] = parent.findChildren(QMessageBox)
    settle()
    label = box.findChild(QLabel, "qt_msgbox_label")
    needed = label.fontMetrics().horizontalAdvance(label.text())
    assert label.width() >= needed or (label.wordWrap() and label.height() >= label.heightForWidth(label.width()))
    assert box.width() >= LEAST_WIDTH
    box.close()
    settle()
