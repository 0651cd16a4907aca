"""What may go over images, what is refused, and levels of dose."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rtvis.app.isodoses import IsodoseLevel, Isodoses
from rtvis.app.overlay_choice import overlay_candidates
from rtvis.app.overlay_state import OverlayState, objection
from rtvis.app.session import Session
from rtvis.dicom.rtdose import read_dose
from rtvis.geometry.grid import Grid
from rtvis.model.errors import UsageError
from rtvis.model.study import OtherObject, Study
from rtvis.model.volume import Patient, Slice, Volume
from tests.unit.made_dose import write_dose

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


def volume(number, *, frame="1.2.3", modality="CT", patient="P1", value=7, units="HU"):
    origins = np.array([-31.0, 12.5, -140.0]) + np.arange(6)[:, None] * np.array([0.0, 0.0, 3.0])
    grid = Grid.from_slices(origins, AXIAL, (2.5, 2.0), (8, 9), frame_of_reference_uid=frame)
    return Volume(
        volume_id=f"1.{number}",
        series_instance_uid=f"1.{number}",
        study_instance_uid="1",
        modality=modality,
        patient=Patient(patient),
        grid=grid,
        slices=tuple(Slice(f"1.{number}.{k}", "", (0, 0, 0), AXIAL, (2.5, 2.0), 8, 9) for k in range(6)),
        voxels=np.full(grid.shape, value, np.int16),
        units=units,
        window=(400.0, 40.0),
    )


@pytest.fixture
def dose(tmp_path):
    stored = np.zeros((6, 8, 9), np.uint16)
    stored[2, 3, 4] = 40_000
    return read_dose(write_dose(tmp_path / "dose.dcm", stored))


def test_a_series_of_the_same_frame_goes_over_without_caution():
    state, heard = OverlayState(), []
    state.chosen_changed.connect(lambda: heard.append(state.volume))
    pet = volume(2, modality="PT", units="g/ml", value=3)
    state.show_series(pet, volume(1))
    assert heard == [pet]
    assert (state.caution, state.is_drawn, state.unit_text) == ("", True, "SUV")
    assert state.look.bounds == (0.0, 10.0)
    assert state.value_text([-29.0, 15.0, -137.0]) == "SUV 3"
    assert state.value_text([500.0, 0.0, 0.0]) == ""


@pytest.mark.parametrize(
    ("over", "words"),
    [
        ({"frame": "1.2.4"}, "is in another frame of reference"),
        ({"frame": ""}, "names no frame of reference"),
        ({"patient": "P2"}, "is of another patient"),
    ],
)
def test_what_may_lie_elsewhere_is_refused_with_the_reason_or_shown_with_a_caution(over, words):
    state, base = OverlayState(), volume(1)
    with pytest.raises(UsageError, match=words):
        state.show_series(volume(2, **over), base)
    assert state.volume is None
    state.show_series(volume(2, **over), base, anyway=True)
    assert state.volume is not None
    assert state.caution == words


def test_why_frames_do_not_fit_is_told_of_whichever_names_none():
    assert objection(volume(2, frame=""), volume(1)) == "names no frame of reference"
    assert objection(volume(2), volume(1, frame="")) == "goes over images without a frame of reference"
    assert objection(volume(2, frame=""), volume(1, frame="")) == "names no frame of reference"
    assert objection(volume(2, frame="", patient="P2"), volume(1)) == "is of another patient"
    assert objection(volume(2), volume(1)) == ""


def test_images_are_not_laid_over_themselves_or_over_nothing():
    state, base = OverlayState(), volume(1)
    with pytest.raises(UsageError, match="shown already"):
        state.show_series(base, base)
    with pytest.raises(UsageError, match="no images"):
        state.show_series(base, None)


def test_a_dose_says_its_value_between_voxels(dose):
    state = OverlayState()
    state.show_dose(dose, volume(1))
    centre = np.array([-31.0 + 8, 12.5 + 7.5, -134.0])
    assert state.value_text(centre) == "40 Gy"
    assert state.value_text(np.add(centre, [0.5, 0, 0])) == "30 Gy"
    assert state.look.bounds == (0.0, 40.0)
    assert state.look.threshold == pytest.approx(4.0)
    assert state.isodoses.reference == 40.0


def test_the_overlay_goes_when_other_images_are_shown_that_it_needn_t_fit():
    first, second, away = volume(1), volume(2, modality="PT"), volume(3, frame="1.9")
    session = Session()
    session.show(Study(volumes=(first, second, away)))
    session.overlay.show_series(second, first)
    session.activate_volume("1.3")
    assert session.overlay.volume is None
    session.activate_volume("1.1")
    session.overlay.show_series(second, first)
    session.activate_volume("1.2")
    assert session.overlay.volume is None
    session.activate_volume("1.1")
    session.overlay.show_series(second, first)
    session.show(Study(volumes=(volume(1),)))
    assert session.overlay.volume is None


def test_another_unit_keeps_the_cursor_and_the_overlay():
    ct, pet = volume(1), volume(2, modality="PT", units="BQML")
    session = Session()
    session.show(Study(volumes=(ct, pet)))
    session.overlay.show_series(pet, ct)
    session.overlay.set_look(replace(session.overlay.look, bounds=(4.0, 40.0), threshold=10.0, opacity=0.3))
    session.overlay.set_visible(visible=False)
    session.move_cursor([-25.0, 20.0, -131.0])
    session.replace_volume(replace(pet, units="g/ml", value_factor=0.5))
    assert session.overlay.unit_text == "SUV"
    assert (session.overlay.look.bounds, session.overlay.look.threshold) == ((2.0, 20.0), 5.0)
    assert (session.overlay.look.opacity, session.overlay.visible) == (0.3, False)
    session.overlay.clear()
    session.activate_volume("1.2")
    session.move_cursor([-25.0, 20.0, -131.0])
    session.set_window(6.0, 4.0)
    session.replace_volume(replace(pet, units="BQML"))
    assert session.volume.units == "BQML"
    assert session.window == (12.0, 8.0)
    assert session.cursor_lps == pytest.approx([-25.0, 20.0, -131.0])


def test_candidates_are_every_other_series_and_the_doses_those_that_fit_first(tmp_path):
    dose = OtherObject(tmp_path / "d.dcm", "RTDOSE", "", "", "", "Plan 1", "", "P1", "1.2.3")
    plan = OtherObject(tmp_path / "p.dcm", "RTPLAN", "", "", "", "Plan 1", "", "P1", "1.2.3")
    base = volume(1)
    study = Study(volumes=(base, volume(2, frame="1.9"), volume(3, modality="PT")), others=(plan, dose))
    found = overlay_candidates(study, base)
    assert [one.key for one in found] == ["1.3", str(dose.path), "1.2"]
    assert [bool(one.objection) for one in found] == [False, False, True]
    alone = overlay_candidates(study, None)
    assert [(one.key, one.objection) for one in alone] == [(str(dose.path), "")]  # on its own, without images
    assert objection(dose, base) == ""


def test_looks_stay_within_what_can_be_painted():
    state, base = OverlayState(), volume(1)
    state.show_series(volume(2), base)
    heard = []
    state.look_changed.connect(lambda: heard.append(state.look))
    state.set_look(replace(state.look, opacity=1.7, bounds=(5.0, 5.0)))
    assert heard[-1].opacity == 1.0
    assert heard[-1].bounds[1] > heard[-1].bounds[0] == 5.0
    state.set_look(heard[-1])
    assert len(heard) == 1


def test_levels_in_percent_follow_the_reference_dose_and_those_in_gray_do_not():
    levels = Isodoses(levels=(IsodoseLevel(95.0, (1, 2, 3)), IsodoseLevel(50.0, (4, 5, 6))), reference=60.0)
    assert levels.drawn() == ((30.0, (4, 5, 6)), (57.0, (1, 2, 3)))
    in_gray = levels.counted(in_percent=False)
    assert [one for one, _ in in_gray.drawn()] == pytest.approx([30.0, 57.0])
    assert in_gray.with_reference(20.0).drawn() == in_gray.drawn()
    assert levels.with_reference(20.0).drawn() == ((10.0, (4, 5, 6)), (19.0, (1, 2, 3)))
    assert [one.value for one in in_gray.levels] == pytest.approx([57.0, 30.0])


def test_levels_are_added_changed_hidden_and_taken_away():
    levels = Isodoses(levels=(IsodoseLevel(95.0, (1, 2, 3)), IsodoseLevel(50.0, (4, 5, 6))), reference=60.0)
    more = levels.with_one_more()
    assert [one.value for one in more.levels] == [95.0, 50.0, 25.0]
    changed = more.with_level(IsodoseLevel(100.0, (1, 2, 3)), more.levels[0])
    assert [one.value for one in changed.levels] == [100.0, 50.0, 25.0]
    hidden = changed.with_level(replace(changed.levels[1], shown=False), changed.levels[1])
    assert [dose for dose, _ in hidden.drawn()] == [15.0, 60.0]
    assert [one.value for one in hidden.without(hidden.levels[0]).levels] == [50.0, 25.0]
    assert replace(levels, shown=False).drawn() == ()
