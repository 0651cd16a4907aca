"""Which contour is meant by a place of a view."""

from __future__ import annotations

import numpy as np

from rtvis.app.planes import PlaneKind, VolumePlanes
from rtvis.scene.contour_lines import Line, RoiLines
from rtvis.scene.contour_pick import ContourPick
from rtvis.scene.framing import Framing

from .conftest import landmark_voxels, made_volume


def test_the_nearest_line_or_point_within_reach_is_found_the_closing_side_of_a_closed_one_too():
    grid = made_volume(landmark_voxels()).grid
    view = VolumePlanes(grid).at(PlaneKind.AXIAL, grid.centre_lps_mm)
    framing = Framing(view.plane, mm_per_pixel=0.5).resized(400, 300)
    square = framing.display_to_patient([100, 200, 200, 100], [100, 100, 200, 200])
    needle = framing.display_to_patient([204, 204], [50, 150])
    point = framing.display_to_patient([300], [40])
    pick = ContourPick(
        framing,
        [
            RoiLines(1, "Square", (1, 2, 3), (Line(square, closed=True),), ()),
            RoiLines(2, "Needle", (1, 2, 3), (Line(needle, closed=False),), (Line(point, closed=False),)),
        ],
    )

    def found(x, y):
        roi = pick.at(x, y, 5.0)
        return None if roi is None else roi.name

    assert found(100, 150) == "Square"  # from its last point back to its first
    assert found(96, 150) == "Square"
    assert found(94, 150) is None
    assert found(203, 120) == "Needle"
    assert found(200.5, 120) == "Square"
    assert found(204, 44) is None  # beyond its end
    assert found(297, 43) == "Needle"
    assert found(150, 150) is None  # inside isn't near


def test_where_nothing_is_drawn_nothing_is_found():
    grid = made_volume(landmark_voxels()).grid
    view = VolumePlanes(grid).at(PlaneKind.AXIAL, grid.centre_lps_mm)
    assert ContourPick(Framing(view.plane), []).at(0, 0, 5) is None
    assert np.isfinite(grid.centre_lps_mm).all()
