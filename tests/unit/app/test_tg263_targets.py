"""Target names put together, and taken apart, as TG-263 has them."""

from __future__ import annotations

import pytest

from rtvis.app.tg263 import LONGEST, check_name
from rtvis.app.tg263_list import PAIRED, SINGLE
from rtvis.app.tg263_names import known_name, suggestions
from rtvis.app.tg263_targets import TargetName, dose_remark, is_target, parse_target

WHOLE = {
    "PTV": TargetName("PTV"),
    "GTVp": TargetName("GTV", kind="p"),
    "CTVpar2": TargetName("CTV", kind="par", number=2),
    "GTVvas": TargetName("GTV", kind="vas"),
    "IGTVn1": TargetName("IGTV", kind="n", number=1),
    "PTV!_5040": TargetName("PTV", left_over=True, dose="5040"),
    "GTVp1_CT1PT1": TargetName("GTV", kind="p", number=1, images="CT1PT1"),
    "CTV_Liver": TargetName("CTV", structure="Liver"),
    "ITV_Lung_L": TargetName("ITV", structure="Lung_L"),
    "PTV_Liver_20Gyx3": TargetName("PTV", structure="Liver", dose="20Gyx3"),
    "PTVp_50.4Gy": TargetName("PTV", kind="p", dose="50.4Gy"),
    "PTV_50p4Gy": TargetName("PTV", dose="50p4Gy"),
    "CTVp2_CT1_5040": TargetName("CTV", kind="p", number=2, images="CT1", dose="5040"),
    "PTV_Mid01": TargetName("PTV", dose="Mid01"),
    "PTV_High-03^Bo": TargetName("PTV", dose="High", cropped_mm=3, own="Bo"),
}


@pytest.mark.parametrize("name", WHOLE)
def test_names_are_taken_apart_and_put_together_again(name) -> None:
    assert parse_target(name) == WHOLE[name]
    assert WHOLE[name].text == name
    assert len(name) <= LONGEST
    assert check_name(name) == []


@pytest.mark.parametrize("name", ["PTV 1", "PTVx", "ptv", "PTV-3", "PTV__High", "PTV_", "BTV", "PTV(1)", "PTV123"])
def test_what_is_put_together_otherwise_is_no_target_name(name) -> None:
    assert parse_target(name) is None


@pytest.mark.parametrize(
    ("name", "proposal"),
    [("PTV_54", "PTV_54Gy"), ("CTVn_Neck_50.4", "CTVn_Neck_50.4Gy"), ("PTV_Liver_9", "PTV_Liver_9Gy")],
)
def test_a_dose_in_gy_without_its_unit_would_be_read_as_cgy(name, proposal) -> None:
    (remark,) = check_name(name)
    assert remark.code == "dose"
    assert remark.proposal == proposal
    assert check_name(proposal) == []
    assert dose_remark(parse_target(proposal)) == ""


def test_words_that_only_begin_like_a_target_are_none() -> None:
    assert not is_target("GTVolume")
    assert is_target("ptv boost")


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("TMJ left", "Joint_TM_L"), ("Bowel bag", "Bag_Bowel"), ("Rt temporal lobe", "Lobe_Temporal_R"),
        ("Submandibular gland L", "Glnd_Submand_L"), ("Bronchial tree", "Bronchus"), ("IVC", "V_Venacava_I"),
        ("Soft palate", "Palate_Soft"), ("left adrenal", "Glnd_Adrenal_L"), ("Lymph node", "LN"),
        ("FRONTAL LOBE RT", "Lobe_Frontal_R"), ("vaginal cuff", "VaginalCuff"), ("Lung LUL", "Lung_LUL"),
    ],
)  # fmt: skip
def test_structures_of_all_regions_are_known_by_what_people_call_them(name, wanted) -> None:
    assert known_name(name) == wanted
    assert suggestions((name,))[name].proposal == wanted


def test_the_list_keeps_the_rules_itself() -> None:
    """Sixteen characters, the report's characters, unique but for capitals."""
    every = [*SINGLE, *(f"{one}_{side}" for one in PAIRED for side in "LR")]
    assert len(every) > 350
    assert len({one.casefold() for one in every}) == len(every)
    assert [(one, check_name(one)) for one in every if check_name(one)] == []
