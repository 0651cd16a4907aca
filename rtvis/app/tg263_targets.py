"""How target names are put together by AAPM TG-263 (Report 263, 2018, "Target nomenclature").

In this order, what is not needed left out:

    type, "!" where it is what is left of it for dose evaluation   PTV, PTV!
    what it is                                                       n, p, sb, par, v, vas
    number, where there are several                                  1, 2
    "_" and the images, with their number                            _CT1PT1, _MR2
    "_" and the structure                                            _Liver
    "_" and the dose: High, Mid (Mid01...), Low; cGy; Gy             _High, _5040, _50.4Gy, _20Gyx3
    "-" and how many mm it is cropped from the skin                  -03
    "^" and the institution's own words                              ^Boost

Sixteen characters in all, as for every name (`rtvis.app.tg263.LONGEST`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

TARGET_BASES = ("IGTV", "ICTV", "GTV", "CTV", "ITV", "PTV")
"""Longer ones first: IGTV isn't a GTV with something before it."""

_IMAGES = re.compile(r"((CT|PT|MR|SP)\d*)+")
_DOSE = re.compile(r"High|Low|Mid(\d{2})?|\d{3,5}(cGy)?(x\d{1,2})?|\d{1,3}([.p]\d{1,2})?Gy(x\d{1,2})?")
_FORM = re.compile(
    r"(?P<base>IGTV|ICTV|GTV|CTV|ITV|PTV)(?P<rest>!)?(?P<kind>n|par|p|sb|vas|v)?(?P<number>\d{1,2})?"
    r"(?P<details>(_[A-Za-z0-9.+~]+)*)(?P<crop>-\d{2})?(?P<own>\^\S+)?"
)


@dataclass(frozen=True, slots=True)
class TargetName:
    """A target's name, part by part; `text` puts it together again.

    Attributes:
        base: one of `TARGET_BASES`.
        left_over: whether it is what is left of the target for dose evaluation (``!``).
        kind: nodal (``n``), primary (``p``), surgical bed (``sb``), parenchyma (``par``), thrombosis (``v``), vascular
            (``vas``), or empty.
        number: among several, or None.
        images: it was drawn on, such as ``CT1PT1``; may be empty.
        structure: it is in, such as ``Liver`` or ``Lung_L``; may be empty.
        dose: such as ``High``, ``5040`` (a number alone is in cGy) or ``50.4Gy``; may be empty.
        cropped_mm: from the skin, or None.
        own: the institution's own words; may be empty.
    """

    base: str
    left_over: bool = False
    kind: str = ""
    number: int | None = None
    images: str = ""
    structure: str = ""
    dose: str = ""
    cropped_mm: int | None = None
    own: str = ""

    @property
    def text(self) -> str:
        """The name."""
        number = "" if self.number is None else str(self.number)
        head = f"{self.base}{'!' * self.left_over}{self.kind}{number}"
        crop = "" if self.cropped_mm is None else f"-{self.cropped_mm:02d}"
        words = [one for one in (head, self.images, self.structure, self.dose) if one]
        return "_".join(words) + crop + (f"^{self.own}" if self.own else "")


def is_target(name: str) -> bool:
    """Whether a name begins as a target's does, rightly put together or not."""
    return name.upper().startswith(TARGET_BASES) and re.match(r"[A-Z]{3,4}[a-z]{4,}", name) is None


def parse_target(name: str) -> TargetName | None:
    """The parts of a target's name; None where it isn't put together by the rules."""
    found = _FORM.fullmatch(name)
    if found is None:
        return None
    parts = [one for one in found["details"].split("_") if one]
    images = parts.pop(0) if parts and _IMAGES.fullmatch(parts[0]) else ""
    dose = parts.pop() if parts and _DOSE.fullmatch(parts[-1]) else ""
    crop, number, own = found["crop"], found["number"], found["own"]
    return TargetName(
        base=found["base"],
        left_over=found["rest"] is not None,
        kind=found["kind"] or "",
        number=None if number is None else int(number),
        images=images,
        structure="_".join(parts),
        dose=dose,
        cropped_mm=None if crop is None else int(crop[1:]),
        own=own[1:] if own else "",
    )


def dose_remark(target: TargetName) -> str:
    """A dose that says another one than was meant: what it should be, or empty where nothing is to be said."""
    last = target.structure.split("_")[-1]
    if target.dose or not re.fullmatch(r"\d{1,2}([.p]\d{1,2})?", last):
        return ""
    return f"{last}Gy"
