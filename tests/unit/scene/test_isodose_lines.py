"""Isodose lines: every point of theirs has the dose, on planes of any turn and grids of any kind."""

from __future__ import annotations

import numpy as np
import pytest

from rtvis.app.isodoses import IsodoseLevel, Isodoses
from rtvis.dicom.rtdose import read_dose
from rtvis.geometry.plane import Plane
from rtvis.scene.framing import Framing
from rtvis.scene.isodose_lines import IsodoseLines
from rtvis.scene.volume_image import VolumeImage
from tests.unit.made_dose import write_dose

TILTED = (np.cos(0.3), 0.0, np.sin(0.3), 0.0, 1.0, 0.0)
CENTRE = np.array([-31.0 + 2.0 * 20, 12.5 + 2.5 * 16, -140.0 + 3.0 * 12])
UNEVEN = [0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 33, 36, 41, 46, 51, 56, 61, 66, 71, 76, 81, 86, 91, 96]


def made(tmp_path, *, orientation=(1.0, 0, 0, 0, 1.0, 0), offsets=None, centre=CENTRE):
    """A dose that falls from 60 Gy by 1 Gy a mm around a point, as fine as 32 bits are."""
    position = np.array([-31.0, 12.5, -140.0])
    x, y = np.array(orientation, float).reshape(2, 3)
    heights = np.arange(25) * 3.0 if offsets is None else np.array(offsets, float)
    k, j, i = np.meshgrid(heights, np.arange(33) * 2.5, np.arange(41) * 2.0, indexing="ij")
    points = position + i[..., None] * x + j[..., None] * y + k[..., None] * np.cross(x, y)
    values = np.maximum(60.0 - np.linalg.norm(points - centre, axis=-1), 0.0)
    stored = np.rint(values * 1e6).astype(np.uint32)
    said = {"orientation": orientation, "offsets": heights, "scaling": "1e-6"}
    dose = read_dose(write_dose(tmp_path / "dose.dcm", stored, **said))
    return dose, IsodoseLines(dose, VolumeImage(dose.volume))


PLANES = {
    "axial on a slice": Plane(CENTRE, [1, 0, 0], [0, 1, 0]),
    "axial between slices": Plane(np.add(CENTRE, [0, 0, 1.1]), [1, 0, 0], [0, 1, 0]),
    "coronal": Plane(np.add(CENTRE, [0, 0.7, 0]), [1, 0, 0], [0, 0, -1]),
    "sagittal": Plane(np.add(CENTRE, [-0.4, 0, 0]), [0, 1, 0], [0, 0, -1]),
}


@pytest.mark.parametrize("name", PLANES)
def test_along_the_grid_lines_cross_its_own_exactly_where_the_dose_is(tmp_path, name):
    dose, lines = made(tmp_path)
    for wanted, found in zip((20.0, 40.0), lines.cut(PLANES[name], (20.0, 40.0)), strict=True):
        points = np.vstack(found)
        assert len(points) > 40
        np.testing.assert_allclose(PLANES[name].distances_mm(points), 0, atol=1e-9)
        np.testing.assert_allclose(dose.at(points), wanted, atol=2e-5)
        radius = np.linalg.norm(points - CENTRE, axis=1)
        np.testing.assert_allclose(radius, 60 - wanted, atol=0.4)  # between voxels the dose isn't this smooth one


ASIDE, BELOW = np.array([-67.0, 50.0, -180.0]), CENTRE - [0, 0, 60]
OBLIQUE = Plane(CENTRE, [np.cos(0.4), 0, np.sin(0.4)], [0, 1, 0])


@pytest.mark.parametrize(
    ("said", "plane"),
    [
        ({}, OBLIQUE),
        ({"orientation": TILTED}, PLANES["axial on a slice"]),
        ({"orientation": (0, 1.0, 0, 0, 0, -1.0), "centre": ASIDE}, Plane(ASIDE, [1, 0, 0], [0, 1, 0])),
        ({"offsets": UNEVEN}, PLANES["sagittal"]),
        ({"offsets": UNEVEN}, PLANES["axial between slices"]),
        ({"offsets": [-one for one in UNEVEN], "centre": BELOW}, Plane(BELOW, [1, 0, 0], [0, 1, 0])),
    ],
)
def test_on_any_plane_and_grid_lines_are_where_the_dose_is(tmp_path, said, plane):
    dose, lines = made(tmp_path, **said)
    (found,) = lines.cut(plane, (40.0,))
    points = np.vstack(found)
    assert len(points) > 30
    np.testing.assert_allclose(plane.distances_mm(points), 0, atol=1e-6)
    np.testing.assert_allclose(dose.at(points), 40.0, atol=0.15)  # 1 Gy a mm: in mm, a twentieth of a gap


def test_closed_lines_end_where_they_begin_and_those_that_leave_the_grid_end_at_its_edge(tmp_path):
    dose, lines = made(tmp_path)
    (circle,), edges = lines.cut(PLANES["axial on a slice"], (40.0, 15.0))
    np.testing.assert_array_equal(circle[0], circle[-1])
    low, high = dose.volume.grid.to_patient([[0, 0, 0], [40, 32, 24]])
    ends = np.array([point for line in edges for point in (line[0], line[-1])])
    assert len(edges) == 4
    flat = np.abs(np.stack([ends - low, ends - high]))[..., :2].min(axis=(0, 2))
    np.testing.assert_allclose(flat, 0, atol=1e-6)
    all_points = np.vstack([np.vstack(edges), circle])
    assert np.all((all_points >= low - 1e-6) & (all_points <= high + 1e-6))


def test_no_line_runs_along_the_edge_of_the_grid(tmp_path):
    """Where the dose at the edge is over the level, the edge isn't a line of that dose."""
    _, lines = made(tmp_path)
    for plane in (PLANES["axial on a slice"], OBLIQUE):
        assert lines.cut(plane, (0.5,)) == ((),)


def test_beyond_the_grid_and_above_the_largest_dose_there_are_none(tmp_path):
    _, lines = made(tmp_path)
    assert lines.cut(Plane(np.add(CENTRE, [0, 0, 500]), [1, 0, 0], [0, 1, 0]), (20.0,)) == ((),)
    assert lines.cut(Plane(np.add(CENTRE, [0, 0, 500]), OBLIQUE.u, OBLIQUE.v), (20.0,)) == ((),)
    assert lines.cut(PLANES["coronal"], (61.0,)) == ((),)


def test_the_last_plane_is_kept(tmp_path):
    _, lines = made(tmp_path)
    assert lines.cut(OBLIQUE, (20.0,)) is lines.cut(OBLIQUE, (20.0,))
    assert lines.cut(OBLIQUE, (20.0,)) is not lines.cut(OBLIQUE, (25.0,))


def test_strokes_have_the_colour_of_their_level_at_their_pixels(tmp_path):
    _, lines = made(tmp_path)
    levels = Isodoses((IsodoseLevel(50.0, (1, 2, 3)), IsodoseLevel(80.0, (4, 5, 6), shown=False)), reference=60.0)
    framing = Framing(PLANES["axial on a slice"]).resized(200, 200).centred_on(CENTRE)
    (stroke,) = [one for one in lines.overlay(framing, levels).strokes if len(one.points) > 20]
    assert stroke.color == (1, 2, 3)
    radius = np.linalg.norm(stroke.points - 100.0, axis=1)
    np.testing.assert_allclose(radius, 30.0, atol=0.4)


def test_lines_found_ahead_are_those_of_the_plane(tmp_path):
    _, lines = made(tmp_path)
    levels = Isodoses((IsodoseLevel(50.0, (1, 2, 3)),), reference=60.0)
    other = Plane(np.add(CENTRE, [0, 0, 3.0]), [1, 0, 0], [0, 1, 0])
    lines.cut(PLANES["axial on a slice"], (30.0,))
    assert lines.prepare(other, levels)
    assert not lines.prepare(other, levels)
    assert not lines.prepare(other, Isodoses(shown=False))
    ahead = lines.cut(other, (30.0,))
    lines.release()
    for one, same in zip(ahead[0], lines.cut(other, (30.0,))[0], strict=True):
        np.testing.assert_array_equal(one, same)
    assert float(ahead[0][0][0, 2]) == pytest.approx(CENTRE[2] + 3.0)
