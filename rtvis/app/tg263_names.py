"""Which structure of TG-263 a name by habit means: "LT LUNG" is Lung_L, "Spinal cord" is SpinalCord.

The list (`rtvis.app.tg263_list`) is of what is drawn most often: names it doesn't know are checked by the rules alone
(`rtvis.app.tg263`).
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from rtvis.app.tg263 import LONGEST, NameRemark, check_name, check_names
from rtvis.app.tg263_list import PAIRED, SINGLE

SYNONYMS = {
    "aorta": "A_Aorta", "body": "External", "outline": "External", "skincontour": "External", "patient": "External",
    "patientoutline": "External", "outercontour": "External", "brachialplexus": "BrachialPlex", "boweltotal": "Bowel",
    "bowelsmallbag": "Bag_Bowel", "bowelbag": "Bag_Bowel", "bowelspace": "Spc_Bowel",
    "smallbowel": "Bowel_Small", "largebowel": "Bowel_Large", "smallintestine":
    "Bowel_Small", "bulb": "PenileBulb", "cauda": "CaudaEquina", "chestwall": "Chestwall", "chiasm": "OpticChiasm",
    "chiasma": "OpticChiasm", "cord": "SpinalCord", "myelon": "SpinalCord", "spinalchord": "SpinalCord",
    "medulla": "SpinalCord", "eyeball": "Eye", "globe": "Eye", "femoralhead": "Femur_Head", "hip": "Femur_Head",
    "hipjoint": "Femur_Head", "hypophysis": "Pituitary", "lad": "A_LAD", "lacrimalgland": "Glnd_Lacrimal",
    "mandible": "Bone_Mandible", "oesophagus": "Esophagus", "opticnerve": "OpticNrv", "nopticus": "OpticNrv",
    "oralcavity": "Cavity_Oral", "parotidgland": "Parotid", "parotis": "Parotid", "analcanal": "Canal_Anal",
    "seminalvesicles": "SeminalVes", "seminalvesicle": "SeminalVes", "sigmoid": "Colon_Sigmoid", "sigmoidcolon":
    "Colon_Sigmoid", "spinalcanal": "SpinalCanal", "submandibular": "Glnd_Submand", "submandibulargland":
    "Glnd_Submand", "thyroid": "Glnd_Thyroid", "thyroidgland": "Glnd_Thyroid", "bothlungs": "Lungs", "lungtotal":
    "Lungs", "lungstotal": "Lungs", "totallung": "Lungs", "bothkidneys": "Kidneys", "greatvessels": "GreatVes",
    "tmj": "Joint_TM", "tempmandjoint": "Joint_TM", "temporomandibularjoint": "Joint_TM", "adrenal": "Glnd_Adrenal",
    "adrenalgland": "Glnd_Adrenal", "bronchialtree": "Bronchus", "mainbronchus": "Bronchus_Main", "hyoid": "Bone_Hyoid",
    "bileduct": "BileDuct_Common", "commonbileduct": "BileDuct_Common", "hardpalate": "Hardpalate",
    "femoralneck": "Femur_Neck", "hypothalamus": "Hypothalmus", "inferiorvenacava": "V_Venacava_I", "ivc":
    "V_Venacava_I", "superiorvenacava": "V_Venacava_S", "svc": "V_Venacava_S", "lymphnode": "LN", "mainstembronchus":
    "Bronchus_Main", "masseter": "Musc_Masseter", "pharyngealconstrictor": "Musc_Constrict", "constrictor":
    "Musc_Constrict", "pelvicbone": "Bone_Pelvic", "portalvein": "V_Portal", "prostatebed": "ProstateBed",
    "pubicsymphysis": "PubicSymphys", "pulmonaryartery": "A_Pulmonary", "pulmonaryvein": "V_Pulmonary", "softpalate":
    "Palate_Soft", "supraglotticlarynx": "Larynx_SG", "temporallobe": "Lobe_Temporal", "frontallobe": "Lobe_Frontal",
    "occipitallobe": "Lobe_Occipital", "parietallobe": "Lobe_Parietal", "thecalsac": "ThecalSac", "thymus":
    "Glnd_Thymus", "tumorbed": "TumorBed", "tumourbed": "TumorBed", "vaginalcuff": "VaginalCuff", "wholebrain": "Brain",

}  # fmt: skip
"""Letters of a name by habit, without its side, to the report's name."""

LEFT, RIGHT = ("l", "left", "lt", "li", "links"), ("r", "right", "rt", "re", "rechts")
ROUNDS = 6


@dataclass(frozen=True, slots=True)
class NameSuggestion:
    """What to do about a name.

    Attributes:
        name: as it is.
        reasons: what the report says about it, one line; may be empty where it only calls the structure otherwise.
        proposal: a name that keeps the rules; empty where a person must find one.
    """

    name: str
    reasons: str
    proposal: str


def suggestions(names: tuple[str, ...]) -> dict[str, NameSuggestion]:
    """What to do about each name of a set that the report doesn't have; names that keep the rules are left out.

    A proposal that another ROI is called already, or is to be called, is told of but not proposed: whether two ROIs are
    the same structure is for a person to say.
    """
    found: dict[str, NameSuggestion] = {}
    every = check_names(names)
    taken = Counter(one.casefold() for one in names)
    for name in names:
        remarks = every.get(name, [])
        known = known_name(name)
        if not remarks and (known is None or known == name):
            continue
        proposal = known or _by_rules(name)
        reasons = "; ".join(one.message for one in remarks) or f"TG-263 calls it {proposal}"
        if proposal == name or name in found:
            proposal = ""
        elif proposal and taken[proposal.casefold()] > (proposal.casefold() == name.casefold()):
            reasons, proposal = f"{reasons}; {proposal} is another ROI's name", ""
        if proposal:
            taken[proposal.casefold()] += 1
        found[name] = NameSuggestion(name, reasons, proposal)
    return found


def known_name(name: str) -> str | None:
    """The report's name for the structure that a name means; None where it is none of the list."""
    if name.casefold() in _NAMES:
        return _NAMES[name.casefold()]
    words = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+", name)
    low = [one.casefold() for one in words]
    sides = [one for one in low if one in LEFT + RIGHT]
    rest = "".join(one for one in low if one not in LEFT + RIGHT)
    if len(sides) > 1:
        return None
    base = _BASES.get(rest)
    if base is None or base not in (PAIRED if sides else SINGLE):
        return None
    return f"{base}_{'L' if sides[0] in LEFT else 'R'}" if sides else base


_NAMES = {one.casefold(): one for one in (*SINGLE, *(f"{one}_{side}" for one in PAIRED for side in "LR"))}
_BASES = {
    **{re.sub(r"[^a-z0-9]", "", one.casefold()): one for one in (*SINGLE, *PAIRED)},
    **{"".join(reversed(one.casefold().split("_"))): one for one in (*SINGLE, *PAIRED) if one.count("_") == 1},
    **SYNONYMS,
}


def _by_rules(name: str) -> str:
    """The name with the proposals of the rules followed, one after the other; empty where that leads nowhere."""
    current = name
    for _ in range(ROUNDS):
        remarks: list[NameRemark] = check_name(current)
        following = next((one.proposal for one in remarks if one.proposal and one.proposal != current), None)
        if following is None:
            break
        current = following
    return current if len(current) <= LONGEST and not check_name(current) else ""
