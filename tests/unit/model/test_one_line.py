from __future__ import annotations

from rtvis.model.errors import UnreadableError
from rtvis.model.one_line import one_line


def test_what_breaks_a_line_or_commands_a_terminal_is_replaced_and_letters_are_not():
    assert one_line("a\nb\r\x1b[2Jc\x85d\u2028e\tf") == "a\ufffdb\ufffd\ufffd[2Jc\ufffdd\ufffde\ufffdf"
    text = "Zo\u00eb \u5c71\u7530^\u592a\u90ce\u00a0\udcff"
    assert one_line(text) == text


def test_an_error_is_one_line_whatever_is_in_its_path():
    error = UnreadableError("is damaged", path="/tmp/a\nb\x1b[31m", remedy="copy it\nagain")
    assert str(error) == "/tmp/a\ufffdb\ufffd[31m: is damaged; copy it\ufffdagain"
    assert str(error.path) == "/tmp/a\nb\x1b[31m"
