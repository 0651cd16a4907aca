"""A dose without images: what is shown with it, and what isn't drawn on it."""

from __future__ import annotations

import numpy as np
import pytest

from rtvis.app.dose_alone import is_dose_alone, lies_in_frame, show_dose_alone
from rtvis.app.session import Session
from rtvis.dicom.rtdose import read_dose
from rtvis.model.errors import UsageError
from rtvis.model.structure_set import Contour, Roi, StructureSet
from rtvis.model.study import Study
from rtvis.model.volume import Patient
from tests.unit.made_dose import write_dose


def structure_set(number, *, frame, patient="P1"):
    square = [[-30.0, 15.0, -137.0], [-20.0, 15.0, -137.0], [-20.0, 25.0, -137.0]]
    roi = Roi(1, "Box", (Contour.drawn(square, closed=True),), frame_of_reference_uid=frame)
    return StructureSet(
        label=f"Set {number}", rois=(roi,), patient=Patient(patient), sop_instance_uid=f"7.{number}",
        frame_of_reference_uid=frame,
    )  # fmt: skip


def made(folder, number=1, *, low=0, **said):
    stored = np.full((6, 8, 9), low, np.int32 if low < 0 else np.uint32)
    stored[2, 3, 4] = 40_000
    return read_dose(write_dose(folder / f"dose{number}.dcm", stored, number=number, **said))


def test_the_contours_of_its_frame_come_with_a_dose(tmp_path):
    session, dose = Session(), made(tmp_path)
    sets = (
        structure_set(1, frame="1.9"),
        structure_set(2, frame="1.2.3", patient="P2"),
        structure_set(3, frame="1.2.3"),
    )
    session.show(Study(structure_sets=sets))
    assert session.structure_set.label == "Set 1"
    show_dose_alone(session, dose)
    assert session.volume is dose.volume
    assert session.structure_set.label == "Set 3"
    assert session.bounds == pytest.approx((0.0, 40.0))
    assert session.color_map.key == "rainbow_dim"
    assert session.overlay.dose is dose
    assert session.overlay.alone
    assert not session.overlay.look.wash
    assert session.overlay.caution == ""
    assert is_dose_alone(session)


def test_contours_of_other_frames_or_patients_are_not_laid_over_it(tmp_path):
    session, dose = Session(), made(tmp_path)
    sets = (structure_set(1, frame="1.9"), structure_set(2, frame="1.2.3", patient="P2"), structure_set(3, frame=""))
    session.show(Study(structure_sets=sets))
    show_dose_alone(session, dose)
    assert session.structure_set is None
    assert not any(lies_in_frame(one, dose.volume) for one in sets)


def test_a_second_dose_takes_its_place_and_the_cursor_stays_where_both_are(tmp_path):
    session = Session()
    session.show(Study())
    show_dose_alone(session, made(tmp_path))
    session.move_cursor([-27.0, 20.0, -131.0])
    show_dose_alone(session, second := made(tmp_path, 2), prescribed=20.0)
    assert session.cursor_lps == pytest.approx([-27.0, 20.0, -131.0])
    assert session.overlay.dose is second
    assert session.bounds == pytest.approx((0.0, 24.0))  # as far as colours go over images
    show_dose_alone(session, third := made(tmp_path, 3, position=(200.0, 0.0, 0.0)))
    assert third.volume.grid.contains(session.cursor_lps)


def test_a_difference_of_doses_is_painted_evenly_about_0_with_lines_on_both_sides(tmp_path):
    session = Session()
    session.show(Study())
    show_dose_alone(session, made(tmp_path, low=-60_000))
    assert session.bounds == pytest.approx((-60.0, 60.0))
    assert session.color_map.key == "cool_warm"
    assert session.overlay.isodoses.reference == pytest.approx(60.0)
    doses = [dose for dose, _ in session.overlay.isodoses.drawn()]
    assert min(doses) == pytest.approx(-45.0)
    assert max(doses) == pytest.approx(45.0)


def test_no_structure_set_is_made_for_a_dose(tmp_path):
    session = Session()
    session.show(Study())
    show_dose_alone(session, made(tmp_path))
    assert not session.may_add_rois
    with pytest.raises(UsageError, match="needs images"):
        session.add_roi("Hot")
    with pytest.raises(UsageError, match="needs images"):
        session.add_contour([[0, 0, 0], [1, 0, 0], [1, 1, 0]], closed=True)
    assert session.structure_sets == ()
