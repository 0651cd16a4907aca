"""The interpreted type that an ROI's name leaves no doubt about, for ROIs that have none yet."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from rtvis.app.tg263_targets import is_target

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rtvis.model.structure_set import Roi

_TARGET_TYPES = {"GTV": "GTV", "CTV": "CTV", "ITV": "CTV", "PTV": "PTV"}
"""An ITV is a CTV with its internal margin (ICRU Report 83); the standard has no term of its own for it."""

_EXTERNAL = {"external", "body"}
_NOT_THE_TARGET = re.compile(r"ring|shell|rind|wall|minus|avoid|without|[-\s_](?=[a-z]*[a-z]tv)", re.IGNORECASE)
"""Words of structures that only help to plan for a target, and of what is left when another is taken away."""


def type_by_name(name: str, others: Iterable[Roi] = ()) -> str:
    """The interpreted type (PS3.3 C.8.8.8.1) that a name is sure to mean.

    Args:
        name: of the ROI.
        others: of the same set: it has one EXTERNAL at most.

    Returns:
        ``GTV``, ``CTV``, ``PTV`` for targets, ``EXTERNAL`` for the patient's outline; empty for all other names.
    """
    if name.strip().casefold() in _EXTERNAL:
        return "" if any(one.interpreted_type == "EXTERNAL" for one in others) else "EXTERNAL"
    if not is_target(name) or _NOT_THE_TARGET.search(name):
        return ""
    return next(kind for base, kind in _TARGET_TYPES.items() if base in name[:4].upper())


def renamed(roi: Roi, name: str, others: Iterable[Roi] = ()) -> Roi:
    """An ROI under another name, with the type of that where it had none; a type that is there stays."""
    return replace(roi, name=name, interpreted_type=roi.interpreted_type or type_by_name(name, others))
