"""Structure sets to edit, and a folder for journals."""

from __future__ import annotations

import numpy as np
import pytest

from rtvis.editing.journal_folder import JournalFolder
from rtvis.model.structure_set import Contour, ImageReference, Roi, StructureSet


def square(z: float, size: float = 10.0, shift: float = 0.0) -> Contour:
    """A closed square, its corners at whole millimetres."""
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) * size + shift
    points = np.column_stack([corners, np.full(4, z)])
    return Contour(points, "CLOSED_PLANAR", (ImageReference("1.2.3", f"1.2.4.{int(z)}"),))


@pytest.fixture
def base() -> StructureSet:
    """Three ROIs; contours and ROIs of the first two carry something opaque, as those read from a file do."""
    liver = Roi(1, "Liver", (), (200, 100, 0), "ORGAN", "MANUAL", "1.9", origin=object())
    contours = [Contour(square(z).points_lps, "CLOSED_PLANAR", (), origin=object()) for z in (0.0, 3.0, 6.0)]
    liver = Roi(1, "Liver", tuple(contours), (200, 100, 0), "ORGAN", "MANUAL", "1.9", origin=object())
    spleen = Roi(2, "Spleen", (square(3.0, 4.0, 20.0),), None, "", "", "1.9", origin=object())
    marker = Roi(7, "Märker", (Contour(np.array([[1.0, 2.0, 3.0]]), "POINT"),), (1, 2, 3))
    return StructureSet("TEST", (liver, spleen, marker), sop_instance_uid="1.2.3.4")


@pytest.fixture
def folder(tmp_path) -> JournalFolder:
    return JournalFolder(tmp_path / "journals", who="ada@here")
