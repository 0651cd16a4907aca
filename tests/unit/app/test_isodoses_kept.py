"""Isodose levels that were set by hand are there again with the study, for doses that they mean the same for."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from rtvis.app.isodoses import IsodoseLevel
from rtvis.app.isodoses_kept import IsodosesKept
from rtvis.app.overlay_state import OverlayState
from rtvis.dicom.rtdose import read_dose
from tests.unit.made_dose import write_dose


def made(folder, number=1, *, low=0, top=40_000, **said):
    stored = np.full((6, 8, 9), low, np.int32 if low < 0 else np.uint32)
    stored[2, 3, 4] = top
    return read_dose(write_dose(folder / f"dose{number}.dcm", stored, number=number, **said))


def shown(dose, folder, prescribed=None):
    """The state of a window that was opened just now."""
    state = OverlayState()
    state.kept.folder = folder
    state.show_dose(dose, dose.volume, prescribed=prescribed)
    return state


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "state" / "isodoses"


def test_levels_are_there_again_in_another_window_and_reset_forgets_them(tmp_path, folder):
    dose = made(tmp_path)
    state = shown(dose, folder)
    first = state.isodoses
    assert not state.has_own_isodoses
    state.set_isodoses(first.with_level(IsodoseLevel(62.5, (1, 2, 3), shown=False)))
    state.set_isodoses(replace(state.isodoses, width_px=3.0, shown=False))
    state.kept.write()
    again = shown(dose, folder)
    assert again.isodoses.levels == state.isodoses.levels
    assert again.has_own_isodoses
    assert (again.isodoses.shown, again.isodoses.width_px) == (first.shown, first.width_px)
    again.reset_isodoses()
    assert again.isodoses == first
    again.kept.write()
    assert shown(dose, folder).isodoses == first
    assert not list(folder.glob("*.json"))


def test_levels_in_gray_and_a_reference_of_ones_own_are_kept(tmp_path, folder):
    dose = made(tmp_path)
    state = shown(dose, folder)
    state.set_isodoses(state.isodoses.with_reference(20.0).counted(in_percent=False))
    state.kept.write()
    again = shown(dose, folder).isodoses
    assert not again.in_percent
    assert again.reference == 20.0
    assert max(one.value for one in again.levels) == pytest.approx(21.0)


def test_back_and_forth_between_units_is_no_change(tmp_path, folder):
    state = shown(made(tmp_path, top=33_333), folder)
    state.set_isodoses(state.isodoses.counted(in_percent=False).counted(in_percent=True))
    assert not state.has_own_isodoses


def test_they_are_of_one_unit_one_prescription_and_one_study(tmp_path, folder):
    dose, other, difference = made(tmp_path), made(tmp_path, 2, top=60_000), made(tmp_path, 3, low=-9)
    relative = replace(dose, volume=replace(dose.volume, units="RELATIVE"))
    elsewhere = replace(dose, volume=replace(dose.volume, study_instance_uid="9.9"))
    state = shown(dose, folder)
    state.set_isodoses(state.isodoses.with_reference(20.0).with_one_more())
    own = state.isodoses.levels
    state.kept.write()
    assert shown(other, folder).isodoses.levels == own
    assert shown(other, folder).isodoses.reference == 60.0, "20 Gy was of another dose"
    for one, prescribed in ((difference, None), (relative, None), (elsewhere, None), (dose, 50.0)):
        assert not shown(one, folder, prescribed).has_own_isodoses
    state = shown(dose, folder, 50.0)
    state.set_isodoses(state.isodoses.with_reference(25.0))
    state.kept.write()
    assert shown(other, folder, 50.0).isodoses.reference == 25.0, "of the same prescription"
    assert shown(dose, folder).isodoses.levels == own, "what was kept before is kept still"


def test_what_another_window_kept_stays(tmp_path, folder):
    dose, difference = made(tmp_path), made(tmp_path, 3, low=-9)
    one, other = shown(dose, folder), shown(difference, folder)
    for state in (one, other):
        state.set_isodoses(state.isodoses.with_one_more())
        state.kept.write()
    assert shown(dose, folder).has_own_isodoses
    assert shown(difference, folder).has_own_isodoses


@pytest.mark.parametrize(
    "change",
    [
        lambda entry: entry.update(reference=-1),
        lambda entry: entry.update(levels=[{"value": "nan", "color": [1, 2, 3], "shown": True}]),
        lambda entry: entry.update(levels=[{"value": 1, "color": [1, 2, 300], "shown": True}]),
        lambda entry: entry.update(levels=[{"value": 1, "color": [1, 2], "shown": True}]),
        lambda entry: entry.update(levels=None),
    ],
)
def test_damaged_files_are_told_of_and_put_aside(tmp_path, folder, change):
    dose = made(tmp_path)
    state = shown(dose, folder)
    state.set_isodoses(state.isodoses.with_one_more())
    state.kept.write()
    [path] = folder.glob("*.json")
    content = json.loads(path.read_bytes())
    change(next(iter(content["isodoses"].values())))
    path.write_text(json.dumps(content))
    kept, told = IsodosesKept(folder), []
    kept.failed.connect(told.append)
    first = OverlayState().isodoses
    assert kept.lines(dose, None, first) == first
    assert "damaged" in str(told[0])
    assert path.with_suffix(".damaged").exists()


def test_the_file_tells_nobody_and_is_its_owners(tmp_path, folder):
    dose = made(tmp_path)
    state = shown(dose, folder)
    state.set_isodoses(state.isodoses.with_one_more())
    state.kept.write()
    [path] = folder.glob("*.json")
    assert path.stat().st_mode & 0o777 == 0o600
    assert dose.volume.study_instance_uid not in path.read_text() + path.name
    assert dose.volume.volume_id not in path.read_text()
