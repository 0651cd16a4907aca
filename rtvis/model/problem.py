"""Something worth telling about what was read: a code for scripts, a sentence for people."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One oddity of a file, series or structure set.

    Attributes:
        code: stable, lower-case, hyphenated, such as ``missing-images``.
        message: one sentence for people, naming what and where.
        roi: the ROI number it is about, if one.
        contour: the index of the contour within that ROI, if one.
    """

    code: str
    message: str
    roi: int | None = None
    contour: int | None = None
