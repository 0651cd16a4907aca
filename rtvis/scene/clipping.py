"""Cutting away what isn't in half spaces, for any of VTK's mappers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from vtkmodules.vtkCommonDataModel import vtkPlane

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rtvis.app.view3d_state import HalfSpace


class Clippable(Protocol):
    """What every mapper has."""

    def RemoveAllClippingPlanes(self) -> None:
        """Cut nothing."""

    def AddClippingPlane(self, plane: vtkPlane) -> None:
        """Cut what lies against the normal of a plane."""


def clip(mapper: Clippable, kept: Sequence[HalfSpace]) -> None:
    """Have a mapper draw only what lies in all of some half spaces (six at most)."""
    mapper.RemoveAllClippingPlanes()
    for half in kept:
        plane = vtkPlane()
        plane.SetOrigin(*half.origin_lps_mm.tolist())
        plane.SetNormal(*half.normal.tolist())
        mapper.AddClippingPlane(plane)
