r"""The structure set digest as a tree, so that the digest after an edit costs no more than the edit.

It covers what the structure set digest (`rtvis.model.digest.structure_set_digest`) covers: number, name, type and
colour of each ROI in order, and type and points of each of its contours in order. Two sets have the same tree digest
when they have the same structure set digest, and else not.

    leaf(contour) = SHA-256("rtvis contour 1\n" + type + TAB + number of points + LF + points as little-endian doubles)
    node(ROI)     = SHA-256("rtvis ROI 1\n" + number TAB name TAB type TAB r,g,b LF + its leaves)
    root(set)     = SHA-256("rtvis structure set tree 1\n" + its nodes)
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from rtvis.model.digest import escape_text

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from rtvis.model.structure_set import Roi, StructureSet


def contour_leaf(geometric_type: str, points_lps: ArrayLike) -> bytes:
    """The 32 bytes for a contour of this type with points ``(n, 3)`` LPS mm."""
    points = np.ascontiguousarray(points_lps, dtype="<f8")
    hasher = hashlib.sha256(f"rtvis contour 1\n{escape_text(geometric_type)}\t{len(points)}\n".encode())
    hasher.update(points.data)
    return hasher.digest()


def roi_node(
    number: int, name: str, interpreted_type: str, color: tuple[int, int, int] | None, leaves: Iterable[bytes]
) -> bytes:
    """The 32 bytes for a ROI with the contours of these leaves."""
    shade = "" if color is None else ",".join(str(part) for part in color)
    line = "\t".join((str(number), escape_text(name), escape_text(interpreted_type), shade))
    return hashlib.sha256(f"rtvis ROI 1\n{line}\n".encode() + b"".join(leaves)).digest()


def tree_root(nodes: Iterable[bytes]) -> bytes:
    """The 32 bytes for a structure set with the ROIs of these nodes."""
    return hashlib.sha256(b"rtvis structure set tree 1\n" + b"".join(nodes)).digest()


def _node_of(roi: Roi) -> bytes:
    leaves = (contour_leaf(one.geometric_type, one.points_lps) for one in roi.contours)
    return roi_node(roi.number, roi.name, roi.interpreted_type, roi.color, leaves)


def tree_digest(structure_set: StructureSet) -> bytes:
    """The 32 bytes for a whole structure set, every contour hashed."""
    return tree_root(_node_of(one) for one in structure_set.rois)
