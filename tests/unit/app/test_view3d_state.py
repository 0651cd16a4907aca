"""What can be chosen about the 3D view."""

from __future__ import annotations

import numpy as np
import pytest

from rtvis.app.planes import PlaneKind, VolumePlanes
from rtvis.app.roi_looks import RoiLook, RoiStyle
from rtvis.app.view3d_state import CutAtPlane, CutToBox, View3DState
from rtvis.geometry.grid import Grid
from rtvis.model.structure_set import Roi, StructureSet


@pytest.fixture
def planes():
    origins = [[-20.0, -30.0, z] for z in np.arange(-40.0, 41.0, 2.0)]
    return VolumePlanes(Grid.from_slices(origins, (1, 0, 0, 0, 1, 0), (1.0, 1.0), (61, 41)))


@pytest.mark.parametrize(
    ("kind", "kept", "removed"),
    [
        (PlaneKind.AXIAL, [0, 0, -5], [0, 0, 15]),
        (PlaneKind.CORONAL, [0, 15, 0], [0, -5, 0]),
        (PlaneKind.SAGITTAL, [15, 0, 0], [-5, 0, 0]),
    ],
)
def test_a_cut_takes_away_the_side_it_names(planes, kind, kept, removed):
    """From the first look's side: what is above, in front, and on the patient's right."""
    view = planes.at(kind, [4.0, 6.0, 2.0])
    for flipped in (False, True):
        (half,) = CutAtPlane(kind, flipped).kept(view)
        assert half.contains([kept, removed]).tolist() == [not flipped, flipped]


def test_a_box_keeps_what_is_in_it():
    points = [[0, 0, 0], [9, 0, 0], [0, -9, 0], [0, 0, 9], [-5, 5, 5]]
    inside = np.all([half.contains(points) for half in CutToBox((-5, -5, -5), (5, 5, 5)).kept()], axis=0)
    assert inside.tolist() == [True, False, False, False, True]


def test_listeners_hear_of_changes_once_and_of_nothing_else():
    state, heard = View3DState(), []
    state.changed.connect(lambda: heard.append(state.look))
    state.change(opacity=0.5)
    state.change(opacity=0.5)
    state.change(roi_style=RoiStyle.LINES)
    roi = Roi(3, "Liver")
    state.set_roi_opacity(roi, 1.7)
    state.set_roi_opacity(roi, 1.0)
    state.show_plane(PlaneKind.AXIAL, shown=False)
    assert len(heard) == 4
    assert state.look.roi_looks == {3: RoiLook(opacity=1.0)}
    assert PlaneKind.AXIAL not in state.look.planes
    state.set_roi_opacity(roi, None)
    assert state.look.roi_looks == {}
    with pytest.raises(TypeError):
        state.change(colour="red")


def test_the_side_stays_when_another_plane_is_cut_at():
    state = View3DState()
    state.flip_cut()
    assert state.look.cut is None
    state.cut_at(PlaneKind.AXIAL)
    state.flip_cut()
    state.cut_at(PlaneKind.CORONAL)
    assert state.look.cut == CutAtPlane(PlaneKind.CORONAL, flipped=True)
    state.cut_at(None)
    assert state.look.cut is None


def test_the_plane_that_cuts_is_shown():
    state = View3DState()
    state.change(planes=frozenset())
    state.cut_at(PlaneKind.AXIAL)
    assert state.look.planes == {PlaneKind.AXIAL}
    state.show_plane(PlaneKind.AXIAL, shown=False)
    assert state.look.cut == CutAtPlane(PlaneKind.AXIAL)


def structure_set(*names, study="1.2.3", uid="1.2.3.4"):
    rois = tuple(Roi(number, name) for number, name in enumerate(names, 1))
    return StructureSet(label="Plan", rois=rois, study_instance_uid=study, sop_instance_uid=uid)


def test_what_was_chosen_for_rois_is_there_again_with_their_set():
    """A file has another UID once edits were saved to it; another patient's ROI 1 is another ROI."""
    state, plan = View3DState(), structure_set("Liver", "PTV")
    state.show_set(plan)
    state.set_roi_style(plan.roi(1), RoiStyle.LINES)
    state.set_roi_opacity(plan.roi(1), 0.3)
    state.set_roi_opacity(plan.roi(2), 0.6)
    state.set_roi_opacity(plan.roi(2), None)
    state.show_set(structure_set("Liver", study="1.2.9"))
    assert state.look.roi_looks == {}
    state.show_set(structure_set("Lung", "Liver"))
    assert state.look.roi_looks == {}
    state.show_set(structure_set("Liver", "PTV", "Cord", uid="1.2.3.5"))
    assert state.look.roi_looks == {1: RoiLook(RoiStyle.LINES, 0.3)}
    state.show_set(None)
    assert state.look.roi_looks == {}


def test_a_study_that_is_opened_is_neither_cut_nor_rendered():
    state = View3DState()
    state.change(tissue="bone", cut=CutToBox((0, 0, 0), (1, 1, 1)), parallel=True, roi_style=RoiStyle.BOTH)
    state.study_opened()
    assert (state.look.tissue, state.look.cut) == (None, None)
    assert (state.look.parallel, state.look.roi_style) == (True, RoiStyle.BOTH)
