"""How overlays were painted last, and what of it the next one begins with."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rtvis.app.color_maps import COLOR_MAPS
from rtvis.app.isodoses import IsodoseLevel
from rtvis.app.overlay_paints import OverlayPaints
from rtvis.app.overlay_state import OverlayState
from rtvis.dicom.rtdose import read_dose
from tests.unit.app.test_overlays import volume
from tests.unit.made_dose import write_dose


def next_program(state):
    following = OverlayState()
    following.paints = OverlayPaints(state.paints.to_text())
    return following


@pytest.fixture
def dose(tmp_path):
    stored = np.zeros((6, 8, 9), np.uint16)
    stored[2, 3, 4] = 40_000
    return read_dose(write_dose(tmp_path / "dose.dcm", stored))


def test_the_next_series_of_a_modality_is_painted_likewise_but_for_its_window():
    state, pet = OverlayState(), volume(2, modality="PT", units="g/ml", value=3)
    state.show_series(pet, volume(1))
    state.set_look(
        replace(state.look, opacity=0.3, color_map=COLOR_MAPS["pet"], inverse=True, fade=False, bounds=(1.0, 7.0))
    )
    state = next_program(state)
    state.show_series(pet, volume(1))
    look = state.look
    assert (look.opacity, look.color_map.key, look.inverse, look.fade) == (0.3, "pet", True, False)
    assert (look.bounds, look.threshold) == ((0.0, 10.0), None)
    state.show_series(volume(3, modality="MR", units=""), volume(1))
    assert (state.look.opacity, state.look.inverse) == (0.5, False)


def test_the_next_dose_has_its_lines_alone_with_levels_of_its_own(dose):
    state = OverlayState()
    state.show_dose(dose, volume(1), prescribed=20.0)
    levels = state.isodoses.levels
    state.set_look(replace(state.look, wash=False))
    state.set_isodoses(replace(state.isodoses, levels=(IsodoseLevel(33.0, (1, 2, 3)),), width_px=3.0))
    state = next_program(state)
    state.show_dose(dose, volume(1), prescribed=20.0)
    assert (state.look.wash, state.isodoses.shown, state.isodoses.width_px) == (False, True, 3.0)
    assert (state.isodoses.levels, state.isodoses.reference) == (levels, 20.0)


def test_what_is_chosen_shows_something_whatever_was_hidden_last(dose):
    state, pet = OverlayState(), volume(2, modality="PT", units="g/ml", value=3)
    state.show_dose(dose, volume(1))
    state.set_look(replace(state.look, wash=False))
    state.set_isodoses(replace(state.isodoses, shown=False))
    state.show_series(pet, volume(1))
    state.set_look(replace(state.look, wash=False, opacity=0.0))
    state.show_series(pet, volume(1))
    assert (state.look.wash, state.look.opacity) == (True, 0.6)
    state.show_dose(dose, volume(1))
    assert (state.look.wash, state.isodoses.shown) == (True, False)


def test_a_dose_without_images_neither_keeps_nor_takes_what_is_chosen_over_them(dose):
    state = OverlayState()
    state.show_dose(dose, dose.volume)
    state.set_isodoses(replace(state.isodoses, shown=False))
    state.show_dose(dose, volume(1))
    assert state.isodoses.shown
    state.set_isodoses(replace(state.isodoses, shown=False))
    state.show_dose(dose, dose.volume)
    assert state.isodoses.shown


@pytest.mark.parametrize(
    "text", ["", "no", "[1]", "3", '{"PT": 7}', '{"PT": {"opacity": "x"}}', '{"PT": {"other": 1}}']
)
def test_what_settings_hold_that_makes_no_sense_is_as_nothing(text):
    state = OverlayState()
    state.paints = OverlayPaints(text)
    state.show_series(volume(2, modality="PT", units="g/ml", value=3), volume(1))
    assert (state.look.opacity, state.look.color_map.key) == (0.6, "hot_iron")
