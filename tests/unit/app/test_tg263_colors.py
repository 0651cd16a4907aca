"""Colours by names of TG-263: the same everywhere, apart within a site, seen over black and white."""

from __future__ import annotations

import colorsys
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtvis.app.roi_edits import color_by_names
from rtvis.app.roi_templates import SITES, RoiTemplate, TemplateRoi, apply_template
from rtvis.app.session import Session
from rtvis.app.tg263_colors import usual_color
from rtvis.app.tg263_list import PAIRED, SINGLE
from rtvis.app.tg263_shades import difference, usual_colors
from rtvis.model.structure_set import Roi, StructureSet
from rtvis.model.study import Study

EVERY = (*SINGLE, *(f"{one}_{side}" for one in PAIRED for side in "LR"))


def opened(*rois):
    session = Session()
    session.show(Study(structure_sets=(StructureSet(label="Plan", rois=rois, sop_instance_uid="1.2"),)))
    return session


@pytest.mark.parametrize("site", SITES, ids=lambda one: one.name)
def test_no_two_rois_of_a_site_look_alike(site):
    colors = {one.name: np.array(usual_color(one.name)) for one in site.rois}
    closest = min(combinations(colors, 2), key=lambda pair: np.linalg.norm(colors[pair[0]] - colors[pair[1]]))
    assert np.linalg.norm(colors[closest[0]] - colors[closest[1]]) > 18, closest


def test_every_structure_of_the_list_has_a_colour_that_is_seen():
    for name in EVERY:
        color = usual_color(name)
        assert color is not None, name
        assert max(color) >= 100, name
        assert min(color) <= 235, name


@pytest.mark.parametrize(
    ("name", "same_as"),
    [("Spinal cord", "SpinalCord"), ("LT LUNG", "Lung_L"), ("HEART", "Heart"), ("body", "External"), ("GTV-1", "GTV")],
)
def test_names_by_habit_have_the_colour_of_what_they_mean(name, same_as):
    assert usual_color(name) == usual_color(same_as) is not None


def test_sides_and_risk_volumes_differ_from_each_other():
    names = [
        "Lung_L",
        "Lung_R",
        "Lungs",
        "SpinalCord",
        "SpinalCord_PRV05",
        "GTVp",
        "GTVn",
        "PTV_High",
        "PTV_Low",
        "PTV",
    ]
    assert len({usual_color(one) for one in names}) == len(names)


@pytest.mark.parametrize("name", ["", "Plan 7", "zRing", "Couch edge"])
def test_other_names_have_none(name):
    assert usual_color(name) is None


@given(st.one_of(st.text(max_size=16), st.sampled_from(["GTV", "PTV", "IGTV", "icTV"]).flatmap(
    lambda base: st.text(max_size=8).map(lambda rest: base + rest))))  # fmt: skip
def test_whatever_the_name_it_has_a_colour_or_none(name):
    color = usual_color(name)
    assert color is None or all(0 <= one <= 255 for one in color)


def test_templates_bring_the_colours_of_their_names_unless_they_have_their_own():
    session = opened(Roi(1, "Heart", color=(1, 2, 3)))
    apply_template(session, RoiTemplate("own", (TemplateRoi("Lung_L"), TemplateRoi("Liver", color=(9, 8, 7)))))
    colors = {one.name: one.color for one in session.structure_set.rois}
    assert colors == {"Heart": (1, 2, 3), "Lung_L": usual_color("Lung_L"), "Liver": (9, 8, 7)}


def test_rois_of_a_file_get_the_colours_of_their_names_as_one_step():
    session = opened(Roi(1, "Lung_L", color=(1, 2, 3)), Roi(2, "Something", color=(4, 5, 6)), Roi(3, "Spinal cord"))
    assert color_by_names(session) == 2
    colors = [one.color for one in session.structure_set.rois]
    assert colors == [usual_color("Lung_L"), (4, 5, 6), usual_color("SpinalCord")]
    assert color_by_names(session) == 2
    session.undo()
    assert [one.color for one in session.structure_set.rois] == [(1, 2, 3), (4, 5, 6), None]


def test_without_a_set_there_is_nothing_to_colour():
    assert color_by_names(Session()) == 0


def closest(colors):
    return min(difference(one, other) for one, other in combinations(colors, 2))


@pytest.mark.parametrize(
    "names",
    [
        ["PTV", "PTVp", "PTV test", "PTV_B", "PTV1", "PTV2"],
        ["GTV", "GTV-1", "GTVp", "CTV", "CTVp"],
        ["Lung_L", "LT LUNG", "Left lung"],
        [f"PTV{one}" for one in range(1, 13)],
    ],
    ids=lambda names: names[0] + f" of {len(names)}",
)
def test_rois_of_one_set_that_mean_one_colour_can_be_told_apart(names):
    session = opened(*(Roi(number, name) for number, name in enumerate(names, start=1)))
    assert color_by_names(session) == len(names)
    colors = [one.color for one in session.structure_set.rois]
    assert colors[0] == usual_color(names[0])
    assert closest(colors) >= 12
    assert color_by_names(session) == len(names)
    assert [one.color for one in session.structure_set.rois] == colors, "a second time changes nothing"
    assert all(max(one) >= 100 and min(one) <= 235 for one in colors)


def test_shades_stay_near_the_hue_of_their_name():
    hue = colorsys.rgb_to_hls(*usual_color("PTV"))[0]
    for color in usual_colors(["PTV", "PTV a", "PTV b", "PTV c", "PTV d"]):
        assert abs(colorsys.rgb_to_hls(*color)[0] - hue) * 360 <= 10


def test_no_number_gives_a_target_the_hue_of_another_kind():
    hues = [colorsys.rgb_to_hls(*usual_color(f"PTV{number}"))[0] * 360 for number in range(1, 30)]
    assert max(hues) - min(hues) <= 21


def test_a_shade_keeps_away_from_the_usual_colours_of_rois_after_it():
    colors = usual_colors(["PTV", "PTV a", "PTV_Low", "PTV_High"])
    assert colors[2] == usual_color("PTV_Low")
    assert closest(colors) >= 12


def test_templates_give_shades_where_a_roi_of_the_set_or_of_the_template_has_the_colour():
    session = opened(Roi(1, "PTV", color=usual_color("PTV")))
    apply_template(session, RoiTemplate("own", (TemplateRoi("PTVp"), TemplateRoi("PTV test"), TemplateRoi("Heart"))))
    colors = [one.color for one in session.structure_set.rois]
    assert colors[0] == usual_color("PTV")
    assert colors[3] == usual_color("Heart")
    assert closest(colors[:3]) >= 20
