from __future__ import annotations

from dataclasses import replace

import pytest
from qtpy.QtCore import Qt
from qtpy.QtGui import QTextDocument

from rtvis.gui.text_tips import text_tip
from rtvis.model.study import Study
from rtvis.model.volume import Patient


def shown(tip):
    """What a tool tip shows, as Qt decides what it is."""
    if not Qt.mightBeRichText(tip):
        return tip
    document = QTextDocument()
    document.setHtml(tip)
    return document.toPlainText()


@pytest.mark.parametrize(
    "text", ["GTV <b>old</b>\nROI 3", "<h1>x", "A & B\n<i>", "a < b", "a   <b>  c", "<!-- all", "", "Box"]
)
def test_a_tip_shows_the_very_text(qapp, text):
    assert shown(text_tip(text)) == text


def test_the_study_tree_shows_names_that_look_like_markup_as_they_are(empty_window, study):
    (volume,) = study.volumes
    named = replace(volume, description="<i>Thorax</i>", patient=Patient("P1", "<h1>Doe^Jane</h1>"))
    empty_window.show_study(Study(volumes=(named,)))
    tree = empty_window.study_tree
    top = tree.topLevelItem(0)
    assert shown(top.toolTip(0)).startswith(top.text(0))
    assert "<h1>" in top.text(0)
