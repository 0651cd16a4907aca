"""Numbers mean the same in every language of the system: a margin of 2.5 mm typed with a comma isn't one of 25 mm."""

from __future__ import annotations

import pytest
from qtpy.QtCore import QLocale, Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QDoubleSpinBox, QSpinBox

from rtvis.gui.number_box import NumberBox
from rtvis.gui.operation_dialog import OperationDialog
from rtvis.gui.value_box import value_box
from tests.unit.gui.conftest import settle

LANGUAGES = ["C", "de_DE", "fr_CH", "ar_EG", "fa_IR", "hi_IN"]


@pytest.fixture(params=LANGUAGES)
def language(request):
    before = QLocale()
    QLocale.setDefault(QLocale(request.param))
    yield request.param
    QLocale.setDefault(before)


@pytest.fixture
def box(qapp, qtbot, language):
    one = NumberBox()
    qtbot.addWidget(one)
    one.setRange(-5000.0, 5000.0)
    one.setDecimals(2)
    one.setSuffix(" mm")
    one.show()
    return one


@pytest.mark.parametrize(
    ("typed", "value"),
    [("2.5", 2.5), ("2,5", 2.5), ("-0,25", -0.25), ("٢٫٥", 2.5), ("۱۲۳", 123.0), ("1250", 1250.0), (",5", 0.5)],
)
def test_a_point_and_a_comma_are_the_same_in_every_language(box, typed, value):
    box.selectAll()
    for letter in typed:
        box.lineEdit().insert(letter)  # as from an input method: digits of other scripts have no keys in tests
    assert box.value() == value


@pytest.mark.parametrize("typed", ["2.5", "2,5"])
def test_keys_do_what_is_pasted(box, typed):
    box.selectAll()
    QTest.keyClicks(box, typed)
    assert box.value() == 2.5
    assert box.lineEdit().text() == "2.5 mm"
    QApplication.clipboard().setText(typed)
    box.setValue(0.0)
    box.selectAll()
    box.lineEdit().paste()
    assert box.value() == 2.5


def test_it_is_written_with_a_point_and_without_groups(box):
    box.setValue(1234.5)
    assert box.text() == "1234.50 mm"


def test_values_are_typed_so_too(qapp, qtbot, language):
    box = value_box("Window", 1e5)
    qtbot.addWidget(box)
    box.show()
    box.selectAll()
    QTest.keyClicks(box, "312,5")
    QTest.keyClick(box, Qt.Key_Return)
    assert box.value() == 312.5


def test_whole_numbers_are_written_as_in_english(qapp, qtbot):
    assert QLocale().decimalPoint() == "."
    box = QSpinBox()
    qtbot.addWidget(box)
    box.setMaximum(10_000)
    box.setValue(1234)
    assert box.text() == "1234"


def test_every_number_with_decimals_of_the_window_is_such_a_field(window):
    window.session.activate_roi(1)
    window.menus.actions["Margin"].trigger()
    settle()
    [dialog] = window.findChildren(OperationDialog)
    boxes = window.findChildren(QDoubleSpinBox)
    assert len(boxes) > 8
    assert all(isinstance(one, NumberBox) for one in boxes)
    dialog.reject()
    settle()
