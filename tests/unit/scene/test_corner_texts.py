"""Texts in corners never lie over each other, and the least important go first."""

from __future__ import annotations

from itertools import combinations

import pytest

from rtvis.scene.corner_texts import CornerLine, corner_labels

LINES = [
    CornerLine("lt", "Axial", 100, size=13, bold=True),
    CornerLine("lt", "CT", 95, size=13, beside=True),
    CornerLine("lt", "57/111   S -312.0 mm", 80),
    CornerLine("lt", "", 90),
    CornerLine("rt", "Somebody With A Long Name", 70, shortened=True),
    CornerLine("rt", "1234567", 45, shortened=True),
    CornerLine("lb", "W 400  L 40", 65),
    CornerLine("lb", "1.23 px/mm", 30),
]


def width(text, size, bold):
    return len(text) * size * (0.62 if bold else 0.55)


def box(label):
    wide, high = width(label.text, label.size, label.bold), 1.4 * label.size
    x = label.x - (wide if label.anchor[0] == "r" else 0)
    y = label.y - (high if label.anchor[1] == "b" else 0)
    return x, y, x + wide, y + high


def placed(size, taken=(), lines=LINES):
    return [label for _, label in corner_labels(lines, size, taken, width)]


@pytest.mark.parametrize("size", [(1900, 1000), (500, 400), (320, 240), (240, 180), (160, 120), (90, 60), (20, 10)])
def test_nothing_lies_over_anything_else_or_beyond_the_view(size):
    boxes = [box(label) for label in placed(size)]
    for a, b in combinations(boxes, 2):
        assert a[2] <= b[0] + 0.6 or b[2] <= a[0] + 0.6 or a[3] <= b[1] + 0.6 or b[3] <= a[1] + 0.6
    assert all(x0 >= 0 and y0 >= 0 and x1 <= size[0] and y1 <= size[1] for x0, y0, x1, y1 in boxes)


def test_where_there_is_room_all_is_written_and_title_and_modality_share_a_row():
    labels = {label.text: label for label in placed((900, 600))}
    assert set(labels) == {line.text for line in LINES if line.text}
    assert labels["Axial"].y == labels["CT"].y
    assert labels["CT"].x > labels["Axial"].x + width("Axial", 13, True)
    assert labels["W 400  L 40"].y < labels["1.23 px/mm"].y < 600
    assert labels["1234567"].x == 900 - 8


def test_names_are_shortened_numbers_never():
    texts = [label.text for label in placed((330, 240))]
    assert "57/111   S -312.0 mm" in texts
    assert any(text.startswith("Somebody") and text.endswith("…") for text in texts)


def test_the_least_important_of_what_clashes_goes_first():
    texts = [label.text for label in placed((160, 60))]
    assert "1.23 px/mm" not in texts
    assert texts[0] == "Axial"
    below = [label.text for label in placed((900, 600), taken=[(0.0, 540.0, 900.0, 575.0)])]
    assert "W 400  L 40" not in below
    assert "1.23 px/mm" in below


@pytest.mark.parametrize("wide", range(300, 520, 7))
@pytest.mark.parametrize("letter", [8.0, 22.0, 44.0])
def test_a_long_name_ends_before_the_letter_in_the_middle_and_is_not_left_out_for_the_number_below_it(wide, letter):
    middle = (wide / 2 - letter / 2, 8.0, wide / 2 + letter / 2, 27.0)
    labels = {label.text: label for label in placed((wide, 300), [middle])}
    names = [label for text, label in labels.items() if text.startswith("Some")]
    assert len(names) == 1
    assert box(names[0])[0] >= middle[2] + 6
