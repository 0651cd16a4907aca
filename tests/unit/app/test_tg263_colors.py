"""Colours by names of TG-263: the same everywhere, apart within a site, seen over black and white."""

from __future__ import annotations

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
