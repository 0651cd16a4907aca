"""Areas of real contours: what is filled is what the even-odd rule encloses, vessels within a lung left open."""

from __future__ import annotations

from functools import reduce

import numpy as np
import pytest
from PIL import Image
from shapely import Polygon
from shapely.validation import make_valid

from rtvis.app.contour_style import ContourLook, ContourStyle
from rtvis.app.opening import open_study
from rtvis.app.planes import PlaneKind, VolumePlanes
from rtvis.model.masks import roi_mask
from rtvis.scene.contour_lines import ContourLines
from rtvis.scene.framing import Framing
from rtvis.scene.overlay import Overlay, contours_overlay
from rtvis.scene.overlay_painter import paint

MM_PER_PIXEL = 0.5


@pytest.fixture(scope="module")
def lung(field_data):
    study = open_study([field_data / "pairs" / "LUNG1-002_XiO"])
    (structure_set,) = study.structure_sets
    return study.volumes[0], next(one for one in structure_set.rois if one.name == "Lung L")


def filled_mm2(framing, roi, lines):
    overlay = contours_overlay(framing, lines, style=ContourStyle(ContourLook.FILLED, fill_opacity=1.0))
    size = (int(framing.width), int(framing.height))
    picture = Image.new("RGB", size)
    paint(picture, Overlay(areas=overlay.areas), (0, 0), size)
    share = np.asarray(picture).astype(float).max(axis=2) / max(overlay.areas[0].color)
    return float(share.sum()) * MM_PER_PIXEL**2


def test_holes_of_a_lung_stay_open(lung):
    volume, roi = lung
    slices = {}
    for one in roi.contours:
        if one.is_closed:
            slices.setdefault(round(float(one.points_lps[0, 2]), 3), []).append(
                make_valid(Polygon(one.points_lps[:, :2]))
            )

    def holes(rings):
        largest = max(rings, key=lambda ring: ring.area)
        return [ring for ring in rings if ring.area < largest.area / 2 and ring.within(largest)]

    z = max(slices, key=lambda height: len(holes(slices[height])))
    assert holes(slices[z])
    area = reduce(lambda one, other: one.symmetric_difference(other), slices[z])
    planes = VolumePlanes(volume.grid)
    view = planes.at(PlaneKind.AXIAL, [0.0, 0.0, z])
    middle = (area.bounds[0] + area.bounds[2]) / 2, (area.bounds[1] + area.bounds[3]) / 2
    framing = Framing(view.plane, mm_per_pixel=MM_PER_PIXEL).resized(520, 720).centred_on([*middle, z])
    lines = ContourLines()
    lines.set_rois([roi])
    assert filled_mm2(framing, roi, lines.cut(view)) == pytest.approx(area.area, rel=0.01)
    assert area.area < max(ring.area for ring in slices[z])  # there was something to leave open


def test_a_contour_that_is_there_an_even_number_of_times_is_filled_all_the_same(lung):
    """Planning systems write copies that begin elsewhere, with a point or two more."""
    volume, roi = lung
    copies = [one.points_lps for one in roi.contours if one.is_closed and abs(one.points_lps[0, 2] + 46.4) < 0.01]
    assert len(copies) == 6
    view = VolumePlanes(volume.grid).at(PlaneKind.AXIAL, copies[0][0])
    framing = Framing(view.plane, mm_per_pixel=MM_PER_PIXEL).resized(520, 720).centred_on(copies[0].mean(axis=0))
    lines = ContourLines()
    lines.set_rois([roi])
    assert filled_mm2(framing, roi, lines.cut(view)) == pytest.approx(9005, rel=0.01)


@pytest.mark.parametrize("kind", [PlaneKind.CORONAL, PlaneKind.SAGITTAL])
def test_across_the_slices_what_is_filled_is_what_the_mask_has_there(lung, kind):
    volume, roi = lung
    planes = VolumePlanes(volume.grid)
    middle = np.vstack([one.points_lps for one in roi.contours if one.is_closed]).mean(axis=0)
    i, j, _ = np.rint(volume.grid.to_index(middle)).astype(int)
    view = planes.at(kind, volume.grid.to_patient([i, j, 50]))
    mask = roi_mask(roi, volume.grid).mask
    across = mask[:, j, :] if kind is PlaneKind.CORONAL else mask[:, :, i]
    expected = across.sum() * volume.grid.spacing_mm[0] * volume.grid.spacing_mm[1]
    lines = ContourLines()
    lines.set_rois([roi])
    framing = Framing(view.plane, mm_per_pixel=MM_PER_PIXEL).resized(640, 720).centred_on(middle)
    assert filled_mm2(framing, roi, lines.cut(view)) == pytest.approx(expected, rel=0.02)
