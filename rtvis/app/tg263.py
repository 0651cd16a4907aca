"""Names of structures by AAPM TG-263 (Report 263, Standardizing Nomenclatures in Radiation Oncology, 2018): a check.

The rules are checked by the name's form; whether it is a structure of the report's list is for a person to say, since
the list is open to names made by the rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from rtvis.app.tg263_targets import TARGET_BASES, dose_remark, is_target, parse_target

LONGEST = 16
"""Characters: what all planning systems of the report's survey show (Report 263, section 7)."""

SIDES = {
    "left": "L", "right": "R", "lt": "L", "rt": "R", "li": "L", "re": "R", "sin": "L", "dx": "R",
    "anterior": "A", "posterior": "P", "inferior": "I", "superior": "S",
}  # fmt: skip
"""How sides and places are written by habit, and what the report writes after the last underscore."""

PLURALS = {
    "Lung": "Lungs", "Kidney": "Kidneys", "Eye": "Eyes", "Femur": "Femurs", "Parotid": "Parotids", "Breast": "Breasts",
    "Lens": "Lens", "Cochlea": "Cochlea", "Hippocampus": "Hippocampi", "Ovary": "Ovaries", "Retina": "Retinas",
    "Ureter": "Ureters", "Glnd_submand": "Glnd_Submands", "Acetabulum": "Acetabulums", "Brachialplex": "BrachialPlexs",
}  # fmt: skip
BOTH = ("both", "bilateral", "bil", "total")


@dataclass(frozen=True, slots=True)
class NameRemark:
    """What of a name the report's rules don't have.

    Attributes:
        code: ``too-long``, ``space``, ``character``, ``case``, ``side``, ``prv``, ``target``, ``dose``,
            ``not-unique``.
        message: in words.
        proposal: a name that keeps this rule, or empty.
    """

    code: str
    message: str
    proposal: str = ""


def check_name(name: str) -> list[NameRemark]:
    """What in a ROI's name departs from the rules; empty when nothing does."""
    remarks: list[NameRemark] = []
    if len(name) > LONGEST:
        remarks.append(NameRemark("too-long", f"it has {len(name)} characters; all systems show {LONGEST}"))
    if re.search(r"\s", name):
        remarks.append(
            NameRemark("space", "parts are told apart by underscores, not spaces", re.sub(r"\s+", "_", name.strip()))
        )
    odd = sorted(set(re.findall(r"[^A-Za-z0-9_~^!+.\-\s]", name)))
    if odd or not name:
        what = "it is empty" if not name else f"{' '.join(odd)} is none of the report's characters"
        remarks.append(NameRemark("character", what))
    core = name.split("^", maxsplit=1)[0].removeprefix("~")
    if core.startswith(("z", "_")) or not core:
        return remarks  # not for dose evaluation: free after that sign
    if is_target(core):
        return remarks + _target_remarks(name.removeprefix("~"))
    return remarks + _case_remarks(core) + _side_remarks(core) + _prv_remarks(core)


def check_names(names: Iterable[str]) -> dict[str, list[NameRemark]]:
    """`check_name` for each name of a set, and which of them one before has but for capitals; good names left out."""
    found: dict[str, list[NameRemark]] = {}
    before: set[str] = set()
    shared: set[str] = set()
    for one in names:
        found.setdefault(one, check_name(one))
        if one.casefold() in before and one not in shared:
            shared.add(one)
            found[one].append(NameRemark("not-unique", "another differs from it by capitals only, or not at all"))
        before.add(one.casefold())
    return {one: remarks for one, remarks in found.items() if remarks}


def _target_remarks(name: str) -> list[NameRemark]:
    target = parse_target(name)
    if target is None:
        words = "a target is type, what it is, number: PTVp1; then image, structure, dose after underscores: PTVp1_High"
        return [NameRemark("target", words, _target_proposal(name))]
    dose = dose_remark(target)
    if not dose:
        return []
    others = "_".join(target.structure.split("_")[:-1])
    words = f"a number alone is a dose in cGy: {dose[:-2]} Gy is {dose}"
    return [NameRemark("dose", words, replace(target, structure=others, dose=dose).text)]


def _target_proposal(name: str) -> str:
    joined = re.sub(r"[\s\-]+", "_", name.strip())
    base = next(one for one in TARGET_BASES if joined.upper().startswith(one))
    rest = joined[len(base) :]
    number = re.fullmatch(r"_?(\d{1,2})(_.*)?", rest)
    proposal = base + (number[1] + (number[2] or "") if number is not None else rest)
    return proposal if parse_target(proposal) is not None else ""


def _case_remarks(core: str) -> list[NameRemark]:
    parts = [one for one in core.split("_") if one]
    wrong = [one for one in parts if one[0].isalpha() and not one[0].isupper()]
    shouted = [one for one in parts if len(one) > 4 and one.isalpha() and one.isupper()]
    if not wrong and not shouted:
        return []
    proposal = "_".join(one.capitalize() if one in shouted else one[0].upper() + one[1:] for one in parts)
    return [NameRemark("case", "each part begins with a capital and goes on with small letters", proposal)]


def _side_remarks(core: str) -> list[NameRemark]:
    parts = [one for one in re.split(r"[_\s\-]+", core) if one]
    low = [one.casefold() for one in parts]
    for habit, letter in SIDES.items():
        if len(parts) > 1 and habit in low:
            others = [one for one, key in zip(parts, low, strict=True) if key != habit]
            return [NameRemark("side", f"{habit} is {letter}, at the end", "_".join([*others, letter]))]
    if len(parts) > 1 and parts[0] in {"L", "R"}:
        return [NameRemark("side", "the side comes last", "_".join([*parts[1:], parts[0]]))]
    if len(parts) > 1 and any(one in low for one in BOTH):
        others = [one for one, key in zip(parts, low, strict=True) if key not in BOTH]
        plural = PLURALS.get("_".join(others).capitalize(), "")
        return [NameRemark("side", "both sides together are a plural", plural)]
    joined = re.fullmatch(r"(.*[a-z])(L|R)", core)
    if joined is not None:
        return [NameRemark("side", "the side is told apart by an underscore", f"{joined[1]}_{joined[2]}")]
    return []


def _prv_remarks(core: str) -> list[NameRemark]:
    if "PRV" not in core.upper() or re.fullmatch(r".+_PRV(\d{2})?(_[LR])?", core):
        return []
    if re.fullmatch(r".+_PRV\d(_[LR])?", core) and len(core) == LONGEST:
        return []  # one digit, where two don't fit
    number = re.search(r"PRV\D{0,2}(\d{1,2})|(\d{1,2})\D{0,3}PRV", core, re.IGNORECASE)
    margin = "" if number is None else f"{int(number[1] or number[2]):02d}"
    organ = re.sub(r"[_\s\-]*(\d{1,2}\s*(mm)?)?[_\s\-]*PRV[_\s\-]*(\d{1,2}\s*(mm)?)?", "", core, flags=re.IGNORECASE)
    proposal = f"{organ}_PRV{margin}" if organ else ""
    return [NameRemark("prv", "a planning risk volume is the organ, _PRV and the margin in mm by two digits", proposal)]
