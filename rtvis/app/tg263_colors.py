"""A colour for each structure of TG-263, so that an organ looks the same in every set and in every template.

The report gives names and no colours. These are rtvis's own: lungs blue, hearts red, nerves and cords yellow, as
atlases have them; targets from red (GTV) through orange (CTV) to magenta (PTV). Left is lighter than right, a
planning risk volume (PRV) paler than its organ. A structure without a colour in the table gets one that follows from
its name alone.
"""

from __future__ import annotations

import colorsys
import re
import zlib
from typing import TYPE_CHECKING

from rtvis.app.tg263_names import known_name
from rtvis.app.tg263_targets import is_target, parse_target

if TYPE_CHECKING:
    from rtvis.app.palette import Rgb

_HUES = {
    "External": (140, 0.45, 0.55), "Skin": (28, 0.55, 0.75), "Lung": (215, 0.85, 0.66), "Lungs": (200, 0.75, 0.60),
    "Heart": (352, 0.80, 0.62), "Esophagus": (32, 0.70, 0.56), "SpinalCord": (56, 0.95, 0.60),
    "SpinalCanal": (50, 0.60, 0.74), "CaudaEquina": (46, 0.85, 0.66), "Trachea": (186, 0.75, 0.56),
    "Bronchus": (176, 0.60, 0.62), "Chestwall": (20, 0.45, 0.66), "GreatVes": (334, 0.55, 0.60),
    "A_Aorta": (344, 0.85, 0.46), "A_LAD": (8, 0.90, 0.68), "V_Venacava_I": (232, 0.80, 0.66),
    "BrachialPlex": (68, 0.85, 0.58), "Liver": (18, 0.60, 0.46), "Stomach": (328, 0.50, 0.68),
    "Breast": (338, 0.70, 0.80), "Humerus": (42, 0.35, 0.72), "Glnd_Thyroid": (282, 0.60, 0.66),
    "Prostate": (268, 0.75, 0.70), "SeminalVes": (250, 0.65, 0.76), "Bladder": (48, 0.90, 0.50),
    "Rectum": (24, 0.75, 0.50), "Anus": (12, 0.55, 0.58), "Canal_Anal": (4, 0.45, 0.70),
    "Bag_Bowel": (88, 0.55, 0.56), "Colon_Sigmoid": (74, 0.60, 0.46), "PenileBulb": (306, 0.55, 0.60),
    "Femur_Head": (166, 0.60, 0.56), "Urethra": (60, 0.55, 0.80), "Uterus": (316, 0.65, 0.66),
    "Cervix": (298, 0.60, 0.72), "Vagina": (326, 0.75, 0.58), "Ovary": (276, 0.50, 0.78), "Kidney": (152, 0.70, 0.48),
    "Kidneys": (160, 0.55, 0.66), "Brain": (206, 0.40, 0.76), "Brainstem": (36, 0.90, 0.64),
    "Parotid": (98, 0.65, 0.60), "Glnd_Submand": (118, 0.55, 0.66), "Cavity_Oral": (346, 0.55, 0.74),
    "Lips": (2, 0.75, 0.74), "Bone_Mandible": (44, 0.45, 0.62), "Larynx": (192, 0.70, 0.66),
    "Glottis": (180, 0.85, 0.44), "Pharynx": (14, 0.70, 0.66), "Musc_Constrict": (6, 0.50, 0.52),
    "OpticNrv": (64, 0.70, 0.58), "OpticChiasm": (84, 0.90, 0.62), "Eye": (236, 0.60, 0.70),
    "Lens": (188, 0.90, 0.76), "Retina": (290, 0.45, 0.70), "Cochlea": (260, 0.85, 0.78),
    "Pituitary": (312, 0.80, 0.72), "Hippocampus": (130, 0.70, 0.56), "Glnd_Lacrimal": (170, 0.85, 0.70),
    "Duodenum": (80, 0.70, 0.66), "Bowel_Small": (104, 0.45, 0.48), "Bowel_Large": (58, 0.50, 0.52),
    "Pancreas": (40, 0.75, 0.74), "Spleen": (286, 0.45, 0.56), "Gallbladder": (110, 0.75, 0.46),
    "BileDuct_Common": (122, 0.85, 0.72),
}  # fmt: skip
"""(hue in degrees, saturation, lightness) of structures without their sides."""

_TARGET_HUES = {"GTV": 0, "CTV": 22, "ITV": 40, "PTV": 308}
_TARGET_LIGHT = {"High": 0.50, "Mid": 0.62, "Low": 0.74}
_TARGET_MIDDLE = 0.56
_KIND_TURNS = {"p": 0, "n": 14, "sb": -12, "v": 24}
_NUMBER_TURN, _NUMBERS = 5.0, 5
"""More numbers would turn into the colours of another kind of target."""

_SIDE_LIGHT = {"_L": 0.07, "_R": -0.05, "": 0.0}
_PRV_GREYER, _PRV_PALER = 0.5, 0.08
_LEAST_LIGHT, _MOST_LIGHT = 0.44, 0.86
"""What is seen over black and over white."""


def usual_color(name: str) -> Rgb | None:
    """The colour of the structure that a name means, by TG-263 or by habit ("Spinal cord").

    Returns:
        Red, green, blue, 0 to 255; None for a name that means no structure of the list and no target.
    """
    organ, prv = re.subn(r"_PRV\d{0,2}", "", name)
    known = known_name(organ)
    if known is not None:
        side = known[-2:] if known[-2:] in _SIDE_LIGHT else ""
        hue, saturation, light = _looks_of(known.removesuffix(side) if side else known)
        if prv:
            saturation, light = saturation * _PRV_GREYER, light + _PRV_PALER
        return _rgb(hue, saturation, light + _SIDE_LIGHT[side])
    return _target_color(name) if is_target(name) else None


def _target_color(name: str) -> Rgb:
    """Also of targets whose names aren't put together by the rules, such as GTV-1."""
    target = parse_target(name)
    base = next(one for one in _TARGET_HUES if one in name.upper())
    if target is None:
        return _rgb(_TARGET_HUES[base], 0.95, _TARGET_MIDDLE)
    hue = _TARGET_HUES[base] + _KIND_TURNS.get(target.kind, 0) + _NUMBER_TURN * (((target.number or 1) - 1) % _NUMBERS)
    return _rgb(hue, 0.95, _TARGET_LIGHT.get(target.dose, _TARGET_MIDDLE))


def _looks_of(base: str) -> tuple[float, float, float]:
    known = _HUES.get(base)
    if known is not None:
        return known
    number = zlib.crc32(base.encode())
    return number % 360, 0.5 + (number >> 10) % 40 / 100, 0.55 + (number >> 20) % 20 / 100


def _rgb(hue: float, saturation: float, light: float) -> Rgb:
    bounded = min(max(light, _LEAST_LIGHT), _MOST_LIGHT)
    red, green, blue = colorsys.hls_to_rgb(hue % 360 / 360, bounded, saturation)
    return round(255 * red), round(255 * green), round(255 * blue)
