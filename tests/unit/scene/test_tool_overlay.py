"""What the tool in hand shows over a slice, and takes hold of there."""

from __future__ import annotations

import pytest

from rtvis.app.planes import PlaneKind, VolumePlanes
from rtvis.app.session import Session
from rtvis.app.tools_active import ActiveTool
from rtvis.geometry.grid import Grid
from rtvis.model.structure_set import Contour, Roi, StructureSet
from rtvis.model.study import Study
from rtvis.scene.contour_lines import ContourLines
from rtvis.scene.framing import Framing
from rtvis.scene.tool_overlay import tool_overlay


@pytest.mark.parametrize(
    ("height", "tool"), [(height, tool) for height in (-1.9, 4.5) for tool in ("select", "points")]
)
def test_on_uneven_stacks_whatever_is_shown_can_be_taken_hold_of(height, tool):
    origins = [[-30.0, -30.0, z] for z in (-8.0, -4.0, 0.0, 10.0, 20.0)]
    grid = Grid.from_slices(origins, (1, 0, 0, 0, 1, 0), (1.0, 1.0), (60, 60))
    view = VolumePlanes(grid).at(PlaneKind.AXIAL, [0.0, 0.0, 0.0])
    assert view.reach_mm == (2.0, 5.0)
    box = Contour.drawn([[-9.0, -9, height], [9, -9, height], [9, 9, height], [-9, 9, height]], closed=True)
    session = Session()
    session.show(
        Study(structure_sets=(StructureSet(label="Plan", rois=(Roi(1, "Box", (box,)),), sop_instance_uid="1.5"),))
    )
    session.activate_roi(1)
    lines = ContourLines()
    lines.set_rois(session.visible_rois())
    assert len(lines.cut(view)) == 1
    active = ActiveTool(session)
    active.choose(tool)
    active.press([9.0, 9.0, 0.0], view, 0.1)
    if tool == "select":
        assert active.selection.contours == (box,)
    active.move([12.0, 9.0, 0.0], view, 0.1)
    overlay = tool_overlay(Framing(view.plane), view, active)
    assert overlay.strokes
    changed = active.release_button([12.0, 9.0, 0.0], view)
    moved = changed.roi.contours[0].points_lps[2]
    assert moved.tolist() == [12.0, 9.0, height]
    active.release()
