"""What breaks the standard in a structure set: binding where rtvis made or edited it, a warning where it was so."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from rtvis.dicom import rtstruct_origin as tags
from rtvis.dicom.rtstruct_origin import ContourOrigin, RoiOrigin, SetOrigin, curve_untouched, roi_attributes
from rtvis.geometry.plane import fit_plane
from rtvis.geometry.polyline import COPLANAR_TOLERANCE_MM
from rtvis.model.decimal_string import MAX_LENGTH
from rtvis.model.problem import Problem
from rtvis.model.structure_set import CLOSED_TYPES, Contour, GeometricType, Roi, StructureSet

LONGEST_LO, LONGEST_SH, LONGEST_CS = 64, 16, 16
"""Characters of the value representations (PS3.5 6.2)."""
PLANAR_TYPES = frozenset({"OPEN_PLANAR", *CLOSED_TYPES})
FEWEST_POINTS = {
    "POINT": 1,
    "OPEN_PLANAR": 2,
    "OPEN_NONPLANAR": 2,
    "CLOSED_PLANAR": 3,
    "CLOSEDPLANAR_XOR": 3,
    "CLOSED_PLANAR_XOR": 3,
}
"""Points a contour needs to be what its type says (PS3.3 C.8.8.6.1)."""


@dataclass(slots=True)
class _Findings:
    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def add(
        self, code: str, message: str, *, binding: bool, roi: int | None = None, contour: int | None = None
    ) -> None:
        (self.errors if binding else self.warnings).append(Problem(code, message, roi, contour))


def check_export(structure_set: StructureSet) -> tuple[list[Problem], list[Problem]]:
    """Errors and warnings of a structure set about to be written.

    Errors bind what was made or edited here; the same in parts nobody touched, which are written byte for byte, is a
    warning: who gives a region of interest another color isn't kept from saving by the name that its file gave it.

    Returns:
        (errors, warnings), set first, then ROI by ROI.
    """
    findings = _Findings()
    _check_set(structure_set, findings)
    names = Counter(roi.name for roi in structure_set.rois)
    numbers = Counter(roi.number for roi in structure_set.rois)
    for roi in structure_set.rois:
        _check_roi(roi, structure_set, findings)
        if names[roi.name] > 1:
            message = f"{names[roi.name]} ROIs are named {roi.name!r}"
            findings.add(
                "roi-name-doubled", message, binding=_touched(roi) & {"name", "number"} != set(), roi=roi.number
            )
        if numbers[roi.number] > 1:
            message = f"{numbers[roi.number]} ROIs have number {roi.number}"
            findings.add("roi-number-doubled", message, binding=True, roi=roi.number)
        for index, contour in enumerate(roi.contours):
            for code, message, binding in contour_faults(contour, has_volume=structure_set.volume is not None):
                where = f"contour {index + 1} of ROI {roi.number} {roi.name!r} {message}"
                findings.add(code, where, binding=binding, roi=roi.number, contour=index)
    return findings.errors, findings.warnings


def _touched(roi: Roi) -> set[str]:
    """Names of the attributes of a ROI that are not as its file had them; all of them in one that was made here."""
    names = ("number", "name", "color", "interpreted_type", "algorithm", "frame_of_reference_uid")
    if not isinstance(roi.origin, RoiOrigin):
        return set(names)
    pairs = zip(names, roi_attributes(roi), roi.origin.attributes, strict=True)
    return {name for name, now, before in pairs if now != before}


def _check_set(structure_set: StructureSet, findings: _Findings) -> None:
    """Type 1 attributes of the set itself."""
    origin = structure_set.origin if isinstance(structure_set.origin, SetOrigin) else None
    if not structure_set.rois:
        message = "a structure set needs at least one ROI (StructureSetROISequence is type 1)"
        findings.add("no-rois", message, binding=origin is None or bool(origin.rois))
    touched = origin is None or structure_set.label != origin.attributes[0]
    fault = _text_fault(structure_set.label, LONGEST_SH)
    if not structure_set.label.strip():
        findings.add("label-missing", "the structure set has no label (type 1)", binding=touched)
    elif fault:
        findings.add("label-unfit", f"the label {structure_set.label!r} {fault}", binding=touched)
    if origin is None:
        for what, text, longest in (
            ("PatientID", structure_set.patient.patient_id, LONGEST_LO),
            ("PatientSex", structure_set.patient.sex, LONGEST_CS),
        ):
            if _text_fault(text, longest):
                # It came from the images, and must be the same as there.
                findings.add("patient-unfit", f"{what} {text!r} {_text_fault(text, longest)}", binding=False)
    if structure_set.volume is None:
        message = "the images are missing: new contours name none where no other contour tells which is there"
        if any(contour.origin is None and not contour.images for roi in structure_set.rois for contour in roi.contours):
            findings.add("missing-images", message, binding=False)
    elif structure_set.series_instance_uid == structure_set.volume.series_instance_uid:
        findings.add("series-of-images", "the structure set is in its images' series", binding=False)


def _text_fault(text: str, longest: int) -> str:
    """Why a text doesn't fit a value representation; empty when it does."""
    if len(text) > longest:
        return f"has {len(text)} characters, more than {longest}"
    if "\\" in text or any(ord(one) < 0x20 or ord(one) == 0x7F for one in text):
        return "has a backslash or control character"
    return ""


def _check_roi(roi: Roi, structure_set: StructureSet, findings: _Findings) -> None:
    touched = _touched(roi)
    for code, attribute, fault in (
        ("roi-name-unfit", "name", _text_fault(roi.name, LONGEST_LO)),
        ("interpreted-type-unfit", "interpreted_type", _code_string_fault(roi.interpreted_type)),
        ("algorithm-unfit", "algorithm", _code_string_fault(roi.algorithm)),
    ):
        if fault:
            message = f"ROI {roi.number} {roi.name!r}: {fault}"
            findings.add(code, message, binding=attribute in touched, roi=roi.number)
    if not roi.name.strip():
        findings.add("roi-name-missing", f"ROI {roi.number} has no name", binding=roi.origin is None, roi=roi.number)
    if not roi.frame_of_reference_uid and not (touched and structure_set.frame_of_reference_uid):
        message = f"ROI {roi.number} {roi.name!r} names no frame of reference (type 1)"
        binding = "frame_of_reference_uid" in touched
        findings.add("frame-of-reference-missing", message, binding=binding, roi=roi.number)
    if roi.color is not None and not all(0 <= part <= 255 for part in roi.color):
        message = f"ROI {roi.number} {roi.name!r} has a color beyond 0 to 255"
        findings.add("bad-color", message, binding="color" in touched, roi=roi.number)


def _code_string_fault(text: str) -> str:
    if _text_fault(text, LONGEST_CS):
        return f"{text!r} {_text_fault(text, LONGEST_CS)}"
    allowed = all(one.isascii() and (one.isupper() or one.isdigit() or one in " _") for one in text)
    return "" if allowed else f"{text!r} has other characters than A-Z, 0-9, space and underscore"


def contour_faults(contour: Contour, *, has_volume: bool) -> list[tuple[str, str, bool]]:
    """What breaks PS3.3 C.8.8.6 in one contour.

    Args:
        contour: the contour.
        has_volume: whether there are images that it could name.

    Returns:
        (code, message without its subject, whether it binds) of each fault.
    """
    binding = not curve_untouched(contour)
    points, kind = contour.points_lps, contour.geometric_type
    faults: list[tuple[str, str]] = []
    if kind not in set(GeometricType):
        faults.append(("unknown-geometric-type", f"has the unknown type {kind!r}"))
    needed = FEWEST_POINTS.get(kind, 1)
    if len(points) < needed:
        faults.append(("too-few-points", f"has {len(points)} points, a {kind} needs {needed}"))
    if kind == "POINT" and len(points) > 1:
        faults.append(("too-many-points", f"is a POINT of {len(points)} points"))
    if len(points) and not np.isfinite(points).all():
        return [("not-finite", "has a coordinate that is no finite number", True)]
    if kind in CLOSED_TYPES and len(points) > 1 and np.array_equal(points[0], points[-1]):
        faults.append(("first-point-repeated", f"repeats its first point, which a {kind} doesn't"))
    if kind in PLANAR_TYPES and len(points) > 3 and not _on_one_coordinate(points):
        residual_mm = fit_plane(points)[1]
        if residual_mm > COPLANAR_TOLERANCE_MM:
            faults.append(("not-coplanar", f"is a {kind} that leaves its plane by {residual_mm:.3g} mm"))
    found = [(code, message, binding) for code, message in faults]
    if not binding and isinstance(contour.origin, ContourOrigin):
        longest = longest_value(contour.origin.item.bytes_of(tags.CONTOUR_DATA))
        if longest > MAX_LENGTH:
            found.append(("ds-too-long", f"has a DS of {longest} characters, more than {MAX_LENGTH}", False))
    if not contour.images and not binding and has_volume:
        found.append(("image-references-missing", "names no image", False))
    return found


def _on_one_coordinate(points: NDArray[np.float64]) -> bool:
    """Whether points are planar for all to see: one coordinate is the same in all, as in most contours."""
    return bool((points == points[0]).all(axis=0).any())


def longest_value(data: bytes) -> int:
    """Characters of the longest of the values that backslashes join, padding left out."""
    text: NDArray[np.uint8] = np.frombuffer(data.rstrip(b" \0"), dtype=np.uint8)
    places = np.flatnonzero(text == ord("\\"))
    edges = np.concatenate([[-1], places, [len(text)]])
    return int(np.max(np.diff(edges)) - 1)
