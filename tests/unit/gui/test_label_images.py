"""Texts over images: painted once, and numbers put together of letters that are kept."""

from __future__ import annotations

import numpy as np
import pytest
from qtpy.QtGui import QFont, QImage

from rtvis.gui.label_images import LabelImages, label_image
from rtvis.scene.overlay import Label


def pixels(image):
    assert image.format() == QImage.Format_ARGB32_Premultiplied
    memory = image.constBits()
    memory.setsize(image.byteCount())
    return np.frombuffer(memory, np.uint8).reshape(image.height(), image.width(), 4).astype(int)


def test_a_text_is_painted_once_and_no_more_are_kept_than_allowed(qapp):
    kept = LabelImages(most=3)
    first = kept.image(Label(0, 0, "one"), QFont(), 1.0)
    assert kept.image(Label(50, 9, "one"), QFont(), 1.0) is first
    for text in ("two", "three", "four"):
        kept.image(Label(0, 0, text), QFont(), 1.0)
    assert len(kept) == 3
    assert kept.image(Label(0, 0, "one"), QFont(), 1.0) is not first


@pytest.mark.parametrize("ratio", [1.0, 1.25, 2.0])
@pytest.mark.parametrize(("size", "bold"), [(12.0, False), (13.0, True), (17.0, False)])
@pytest.mark.parametrize("text", ["W 401.5  L -40", "Slice 100 of 200   S -12.5 mm", "AV To, f j", "Käthe", ""])
def test_letters_that_are_kept_give_the_picture_of_the_text_laid_out_as_a_whole(qapp, text, size, bold, ratio):
    label = Label(0, 0, text, (240, 190, 90), size=size, bold=bold)
    quick, *extent = label_image(label, QFont(), ratio)
    whole, *same = label_image(label, QFont(), ratio, whole=True)
    assert extent == same
    assert quick.size() == whole.size()
    assert np.abs(pixels(quick) - pixels(whole)).max(initial=0) <= 4
    assert pixels(quick).any() == bool(text)


def test_the_same_letters_in_another_colour_are_other_letters(qapp):
    red = pixels(label_image(Label(0, 0, "W 4", (255, 0, 0)), QFont(), 1.0)[0])
    blue = pixels(label_image(Label(0, 0, "W 4", (0, 0, 255)), QFont(), 1.0)[0])
    assert np.array_equal(red[..., [2, 1, 0, 3]], blue)
