"""What to do next with a tool is read in windows of every width."""

from __future__ import annotations

import pytest
from qtpy.QtGui import QFont, QFontMetrics

from rtvis.app.tools_catalogue import MEASURES, TOOLS
from rtvis.gui.tool_hint import Hint, laid_out
from tests.unit.gui.conftest import settle

HINT = "Click corners; double-click or Enter to finish, Esc to give up, Backspace to take one back"


@pytest.fixture
def fonts(qapp):
    body, small = QFont(), QFont()
    body.setPixelSize(13)
    small.setPixelSize(11)
    return body, small


def test_a_hint_is_in_one_line_in_two_small_ones_or_its_beginning(fonts):
    body, small = fonts
    whole = QFontMetrics(body).horizontalAdvance(HINT)
    assert laid_out(HINT, *fonts, whole) == ((HINT,), False)
    two = laid_out(HINT, *fonts, whole - 1)
    assert two.small
    assert two.texts == (
        "Click corners; double-click or Enter to finish,",
        "Esc to give up, Backspace to take one back",
    )
    widest = max(map(QFontMetrics(small).horizontalAdvance, two.texts))
    assert laid_out(HINT, *fonts, widest) == two
    told = " ".join(laid_out(HINT, *fonts, round(0.8 * widest)).texts)
    assert told.endswith(" …")
    assert HINT.startswith(told.removesuffix(" …"))


@pytest.mark.parametrize("width", [0, 5, 30, 60, 100, 200, 400])
def test_no_line_is_wider_than_there_is_room(fonts, width):
    lines = laid_out(HINT, *fonts, width)
    font = fonts[1] if lines.small else fonts[0]
    assert all(QFontMetrics(font).horizontalAdvance(one) <= max(width, 12) for one in lines.texts)


def test_the_whole_hint_is_in_the_tool_tip(qtbot):
    hint = Hint()
    qtbot.addWidget(hint)
    hint.resize(120, 44)
    hint.set_text(HINT + ".")
    assert hint.toolTip() == HINT
    assert hint.shown.texts[0].startswith("Click")
    hint.grab()


def test_hints_of_all_tools_are_whole_on_a_laptop(window):
    window.resize(1366, 768)
    settle()
    cut = set()
    for tool in (*TOOLS, *MEASURES):
        window.tools.choose(tool.key)
        settle()
        said = " ".join(window.tool_strip.hint.shown.texts)
        if "…" in said:
            cut.add(tool.key)
            assert tool.hint.startswith(said.removesuffix(" …"))
    assert cut <= {"livewire"}  # the tool with the most options
