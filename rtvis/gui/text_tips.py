"""Tool tips that hold names from files: text, never markup."""

from __future__ import annotations

from html import escape

from qtpy.QtCore import Qt


def text_tip(text: str) -> str:
    """What to give a tool tip so that it shows this very text.

    Qt takes a tip that begins like HTML for HTML: a name could hide what else the tip says, or look like it.
    """
    if not Qt.mightBeRichText(text):
        return text
    return f'<div style="white-space: pre-wrap">{escape(text)}</div>'
