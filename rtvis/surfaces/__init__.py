"""Meshes with VTK's data filters, no rendering.

Calling the package makes the surfaces of a structure set: ``rtvis.surfaces(structure_set)``.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

from rtvis.model.progress import no_report

if TYPE_CHECKING:
    import pyvista

    from rtvis.model.progress import Report
    from rtvis.model.structure_set import StructureSet


class _CallablePackage(ModuleType):
    """The verb `surfaces` and this package have one name, and `rtvis.surfaces` can be one object only."""

    def __call__(self, structure_set: StructureSet, report: Report = no_report) -> dict[str, pyvista.PolyData]:
        """See `rtvis.surfaces.roi_surface.surfaces`."""
        from rtvis.surfaces.roi_surface import surfaces  # noqa: PLC0415  (VTK takes a while to load)

        return surfaces(structure_set, report)


sys.modules[__name__].__class__ = _CallablePackage
