"""The legend says every level that the dose reaches, whatever the height of the view."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rtvis.app.overlay_state import OverlayState
from rtvis.geometry.plane import Plane
from rtvis.model.dose import Dose
from rtvis.scene.framing import Framing
from rtvis.scene.overlay_legend import bar_place, legend_overlay

from .conftest import made_volume


@pytest.fixture
def state():
    dose = Dose(volume=replace(made_volume(np.full((3, 4, 5), 60, np.uint16)), units="Gy"), maximum=60.0)
    made = OverlayState()
    made.show_dose(dose, made_volume(np.zeros((3, 4, 5), np.int16)))
    return made


def framing(width, height):
    return Framing(Plane([0, 0, 0], [1, 0, 0], [0, 1, 0])).resized(width, height)


@pytest.mark.parametrize("height", [900, 500, 400, 330])
def test_every_level_that_is_reached_is_named_once_within_the_view(state, height):
    shown = legend_overlay(framing(500, height), state)
    texts = [one.text for one in shown.labels]
    assert (
        texts[:3] == ["60 Gy", "0", "100 % = 60 Gy"]
        if bar_place(framing(500, height))
        else texts[0].startswith("100 %")
    )
    assert [text for text in texts if text.endswith(" %")] == [f"{n} %" for n in (100, 95, 90, 80, 70, 50, 30, 10)]
    assert all(0 < one.x <= 492 and 0 < one.y < height - 56 for one in shown.labels)
    places = {(round(one.x), round(one.y)) for one in shown.labels}
    assert len(places) == len(shown.labels)


def test_levels_in_gray_and_hidden_ones(state):
    levels = state.isodoses.counted(in_percent=False)
    state.set_isodoses(levels.with_level(replace(levels.levels[2], shown=False), levels.levels[2]))
    texts = [one.text for one in legend_overlay(framing(600, 700), state).labels][2:]
    assert texts == [f"{n:g} Gy" for n in (60, 54, 48, 42, 30, 18, 6)]


def test_a_small_view_or_a_hidden_overlay_has_none(state):
    assert legend_overlay(framing(300, 700), state).labels == ()
    state.set_visible(visible=False)
    assert legend_overlay(framing(600, 700), state).labels == ()
