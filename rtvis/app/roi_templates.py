"""Templates: the ROIs that a site usually gets, named by TG-263; the project's own few, and a person's own as files.

A template file is JSON: ``{"name": "...", "rois": [{"name": "...", "type": "ORGAN", "color": [r, g, b]}]}``; the type
and the colour may be left out.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from rtvis.app.palette import ROI_PALETTE, Rgb
from rtvis.app.roi_edits import check_roi_name
from rtvis.app.tg263_shades import usual_colors
from rtvis.dicom.files import written_whole
from rtvis.model.errors import UnreadableError, UsageError
from rtvis.model.structure_set import Roi, StructureSet

if TYPE_CHECKING:
    from rtvis.app.session import Session

CODE_STRING = r"[A-Z0-9_ ]{0,16}"
"""PS3.5 6.2: what CS, the type's value representation, can hold."""

LARGEST_FILE = 1_000_000
"""Bytes of a template; a file that is larger is something else."""


@dataclass(frozen=True, slots=True)
class TemplateRoi:
    """One ROI of a template; without a colour it gets the one that its name has, or one of the palette."""

    name: str
    interpreted_type: str = "ORGAN"
    color: Rgb | None = None


@dataclass(frozen=True, slots=True)
class RoiTemplate:
    """ROIs that belong together."""

    name: str
    rois: tuple[TemplateRoi, ...]


def _site(name: str, targets: str, organs: str) -> RoiTemplate:
    """A site's template: the outline, targets typed by their names, organs."""
    aims = (TemplateRoi(one, next(kind for kind in ("GTV", "CTV", "PTV") if kind in one)) for one in targets.split())
    rest = (TemplateRoi(one) for one in organs.split())
    return RoiTemplate(name, (TemplateRoi("External", "EXTERNAL"), *aims, *rest))


SITES: tuple[RoiTemplate, ...] = (
    _site(
        "Thorax",
        "GTVp GTVn CTVp CTVn PTV",
        "Lung_L Lung_R Lungs Heart Esophagus SpinalCord SpinalCord_PRV05 Trachea Bronchus Chestwall_L Chestwall_R "
        "GreatVes BrachialPlex_L BrachialPlex_R Liver Stomach",
    ),
    _site(
        "Breast",
        "CTVsb CTVp CTVn PTVsb PTVp PTVn",
        "Breast_L Breast_R Lung_L Lung_R Heart A_LAD Esophagus SpinalCord Humerus_L Humerus_R Glnd_Thyroid "
        "Liver BrachialPlex_L BrachialPlex_R",
    ),
    _site(
        "Pelvis, male",
        "GTVp CTVp CTVn PTVp PTVn",
        "Prostate SeminalVes Bladder Rectum Anus Canal_Anal Bag_Bowel Colon_Sigmoid PenileBulb Femur_Head_L "
        "Femur_Head_R Urethra CaudaEquina",
    ),
    _site(
        "Pelvis, female",
        "GTVp GTVn CTVp CTVn PTVp PTVn",
        "Uterus Cervix Vagina Ovary_L Ovary_R Bladder Rectum Anus Bag_Bowel Colon_Sigmoid Femur_Head_L Femur_Head_R "
        "Kidney_L Kidney_R SpinalCord CaudaEquina",
    ),
    _site(
        "Head and neck",
        "GTVp GTVn CTV_High CTV_Mid CTV_Low PTV_High PTV_Mid PTV_Low",
        "Brain Brainstem Brainstem_PRV03 SpinalCord SpinalCord_PRV05 Parotid_L Parotid_R Glnd_Submand_L Glnd_Submand_R "
        "Cavity_Oral Lips Bone_Mandible Larynx Glottis Pharynx Musc_Constrict Esophagus Glnd_Thyroid OpticNrv_L "
        "OpticNrv_R OpticChiasm Eye_L Eye_R Lens_L Lens_R Cochlea_L Cochlea_R BrachialPlex_L BrachialPlex_R",
    ),
    _site(
        "Brain",
        "GTVp CTVp PTV",
        "Brain Brainstem Brainstem_PRV03 SpinalCord OpticChiasm OpticChiasm_PRV3 OpticNrv_L OpticNrv_R "
        "OpticNrv_PRV03_L OpticNrv_PRV03_R Eye_L Eye_R "
        "Lens_L Lens_R Retina_L Retina_R Cochlea_L Cochlea_R Glnd_Lacrimal_L "
        "Glnd_Lacrimal_R Pituitary Hippocampus_L Hippocampus_R",
    ),
    _site(
        "Abdomen",
        "GTVp CTVp PTV",
        "Liver Kidney_L Kidney_R Kidneys Stomach Duodenum Bag_Bowel Bowel_Small Bowel_Large Pancreas Spleen "
        "Gallbladder BileDuct_Common SpinalCord SpinalCord_PRV05 Heart Lung_L Lung_R A_Aorta V_Venacava_I",
    ),
)
"""A modest choice; names are made by the report's rules (`rtvis.app.tg263` finds nothing to say about them)."""


def added_rois(template: RoiTemplate, current: StructureSet | None) -> tuple[Roi, ...]:
    """The ROIs of a template that a structure set hasn't got, empty, as they would be added to it.

    A colour is the template's own, else the usual one of its name or a shade of it that no other ROI of the set has,
    else one of the palette.
    """
    rois = () if current is None else current.rois
    known = {one.name.casefold() for one in rois}
    lacking: list[TemplateRoi] = []
    for one in template.rois:
        if one.name.casefold() not in known:
            known.add(one.name.casefold())
            lacking.append(one)
    others = [(one.name, one.color) for one in rois if one.color is not None]
    others += [(one.name, one.color) for one in lacking if one.color is not None]
    unset = [one.name for one in lacking if one.color is None]
    usual = dict(zip(unset, usual_colors(unset, others), strict=True))
    edited = current or StructureSet(label="")
    for one in lacking:
        number = edited.next_number()
        color = one.color or usual[one.name] or ROI_PALETTE[(number - 1) % len(ROI_PALETTE)]
        frame = edited.frame_of_reference_uid
        edited = edited.with_roi(Roi(number, one.name, (), color, one.interpreted_type, "MANUAL", frame))
    return edited.rois[len(rois) :]


def apply_template(session: Session, template: RoiTemplate) -> tuple[str, ...]:
    """Add those ROIs of a template that the active structure set hasn't got, empty, as one undo step.

    Returns:
        Names of the ROIs that were added.
    """
    current: StructureSet = session.ensure_structure_set()
    added = added_rois(template, current)
    if added:
        session.apply(f"Add ROIs of {template.name}", replace(current, rois=(*current.rois, *added)))
    return tuple(one.name for one in added)


def template_of(structure_set: StructureSet, name: str) -> RoiTemplate:
    """A template with the ROIs that a structure set has."""
    return RoiTemplate(
        name, tuple(TemplateRoi(one.name, one.interpreted_type, one.color) for one in structure_set.rois)
    )


def save_template(template: RoiTemplate, path: str | Path, *, overwrite: bool = False) -> None:
    """Write a template as a file.

    Raises:
        UsageError: when the file is there and `overwrite` is False.
        OutputError: when it can't be written.
    """
    rois = [
        {"name": one.name, "type": one.interpreted_type, **({} if one.color is None else {"color": list(one.color)})}
        for one in template.rois
    ]
    text = json.dumps({"name": template.name, "rois": rois}, indent=2, ensure_ascii=False)
    with written_whole(path, overwrite=overwrite) as handle:
        handle.write(f"{text}\n".encode())


def load_template(path: str | Path) -> RoiTemplate:
    """Read a template from a file.

    Raises:
        UnreadableError: when the file can't be read or is no template.
    """
    place = Path(path)
    try:
        if place.stat().st_size > LARGEST_FILE:
            raise UnreadableError("is too large for a template of ROIs", path=place)
        words = json.loads(place.read_text(encoding="utf-8"))
        name = str(words.get("name") or place.stem)
        rois = tuple(_roi_of(one) for one in words["rois"])
    except OSError as error:
        raise UnreadableError(f"can't be read ({error.strerror})", path=place) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, UsageError) as error:
        raise UnreadableError(
            f"is no template of ROIs ({error})",
            path=place,
            remedy='it should hold {"name": ..., "rois": [{"name": ..., "type": ...}]}',
        ) from error
    return RoiTemplate(name, rois)


def _roi_of(words: dict[str, object]) -> TemplateRoi:
    kind = str(words.get("type", ""))
    if re.fullmatch(CODE_STRING, kind) is None:  # a set may carry a term of its own, and so a template made of it
        raise ValueError(f"{kind!r} is no type of ROI")
    one = TemplateRoi(check_roi_name(str(words["name"])), kind)
    color = words.get("color")
    if color is None:
        return one
    if not isinstance(color, list) or len(color) != 3 or any(part not in range(256) for part in color):
        raise ValueError(f"{color!r} is no colour")
    red, green, blue = color
    return replace(one, color=(int(red), int(green), int(blue)))
