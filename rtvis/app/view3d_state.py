"""What the 3D view shows and how; toolkit-free. None of it is undone.

What was chosen for an ROI is there again when its structure set is opened again (`rtvis.app.roi_looks`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from psygnal import Signal

from rtvis.app.planes import STANDARD_KINDS, PlaneKind
from rtvis.app.roi_looks import RoiLook, RoiLooks, RoiStyle

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from rtvis.app.planes import ViewPlane
    from rtvis.model.structure_set import Roi, StructureSet

KEPT_SIDE = {PlaneKind.AXIAL: -1.0, PlaneKind.CORONAL: 1.0, PlaneKind.SAGITTAL: -1.0, PlaneKind.OBLIQUE: -1.0}
"""Which way of a view plane's normal is kept when one cuts there: inferior, posterior, left. What is taken away lies
between the cut and one who looks from the front, the right and above, as the first look does."""

REMOVED_SIDE = {
    PlaneKind.AXIAL: ("above", "below"),
    PlaneKind.CORONAL: ("in front", "behind"),
    PlaneKind.SAGITTAL: ("patient's right", "patient's left"),
    PlaneKind.OBLIQUE: ("upper side", "lower side"),
}
"""What a cut takes away, and what a flipped one does, in words."""


@dataclass(frozen=True, slots=True, eq=False)
class HalfSpace:
    """All on one side of a plane.

    Attributes:
        origin_lps_mm: ``(3,)`` a point on the plane.
        normal: ``(3,)`` unit vector to the side that is meant.
    """

    origin_lps_mm: NDArray[np.float64]
    normal: NDArray[np.float64]

    def contains(self, points_lps_mm: ArrayLike) -> NDArray[np.bool_]:
        """Which of the points ``(..., 3)`` lie in it: ``(...)``."""
        return np.asarray((np.asarray(points_lps_mm) - self.origin_lps_mm) @ self.normal >= 0)


@dataclass(frozen=True, slots=True)
class CutAtPlane:
    """What lies on one side of a view plane is taken away; the cut follows the cursor with the plane."""

    kind: PlaneKind
    flipped: bool = False

    def kept(self, view: ViewPlane) -> tuple[HalfSpace, ...]:
        """What is left, for the plane of this kind as it is now."""
        sign = KEPT_SIDE[self.kind] * (-1.0 if self.flipped else 1.0)
        return (HalfSpace(view.plane.origin_lps_mm, sign * view.plane.normal),)


@dataclass(frozen=True, slots=True)
class CutToBox:
    """What lies outside a box along the patient's axes is taken away.

    Attributes:
        low: its corner with the least x, y, z, LPS mm: right, anterior, inferior.
        high: the opposite corner.
    """

    low: tuple[float, float, float]
    high: tuple[float, float, float]

    def kept(self) -> tuple[HalfSpace, ...]:
        """What is left: six half spaces."""
        low, high = np.array(self.low, dtype=np.float64), np.array(self.high, dtype=np.float64)
        return tuple(
            HalfSpace(corner, sign * axis) for axis in np.eye(3) for corner, sign in ((low, 1.0), (high, -1.0))
        )


@dataclass(frozen=True, slots=True)
class Look3D:
    """Everything that can be chosen about the 3D view.

    Attributes:
        roi_style: surfaces, contour lines, both or none; with none no ROI is drawn, whatever was chosen for it.
        opacity: 0 to 1, which every surface's own opacity is multiplied by.
        roi_looks: what was chosen for single ROIs, by number.
        planes: kinds of slice planes that are shown.
        tissue: key of the preset (`rtvis.app.tissue_presets`) by which the volume itself is rendered, or None.
        cut: what is taken away, or None.
        parallel: parallel projection, in which lengths can be compared, instead of perspective.
    """

    roi_style: RoiStyle = RoiStyle.SURFACES
    opacity: float = 1.0
    roi_looks: Mapping[int, RoiLook] = field(default_factory=lambda: MappingProxyType({}))
    planes: frozenset[PlaneKind] = frozenset(STANDARD_KINDS)
    tissue: str | None = None
    cut: CutAtPlane | CutToBox | None = None
    parallel: bool = False


class View3DState:
    """The look of a session's 3D view; `changed` says that `look` is another.

    Attributes:
        look: what was chosen.
        kept: what was chosen for single ROIs, of this study and others.
    """

    changed = Signal()

    def __init__(self) -> None:
        self.look = Look3D()
        self.kept = RoiLooks()
        self._study_uid = ""

    def change(self, **changes: Any) -> None:
        """Change some of the fields of `Look3D`.

        Raises:
            TypeError: for a field that it doesn't have.
        """
        look = replace(self.look, **changes)
        if look != self.look:
            self.look = look
            self.changed.emit()

    def show_plane(self, kind: PlaneKind, *, shown: bool) -> None:
        """Show or hide the slice plane of a kind."""
        self.change(planes=self.look.planes | {kind} if shown else self.look.planes - {kind})

    def roi_look(self, number: int) -> RoiLook:
        """What was chosen for an ROI."""
        return self.look.roi_looks.get(number, RoiLook())

    def set_roi_opacity(self, roi: Roi, opacity: float | None) -> None:
        """Choose the opacity of an ROI's surface, 0 to 1; None has it chosen by what lies in it."""
        chosen = None if opacity is None else float(np.clip(opacity, 0.0, 1.0))
        self._choose(roi, replace(self.roi_look(roi.number), opacity=chosen))

    def set_roi_style(self, roi: Roi, style: RoiStyle | None) -> None:
        """Choose how an ROI is drawn; None: as all others."""
        self._choose(roi, replace(self.roi_look(roi.number), style=style))

    def _choose(self, roi: Roi, look: RoiLook) -> None:
        self.kept.choose(self._study_uid, roi, look)
        looks = {number: one for number, one in self.look.roi_looks.items() if number != roi.number}
        if look != RoiLook():
            looks[roi.number] = look
        self.change(roi_looks=MappingProxyType(looks))

    def study_opened(self) -> None:
        """A study was opened, were it the same one again: it starts uncut, and its volume isn't rendered."""
        self.change(cut=None, tissue=None)

    def frame_changed(self) -> None:
        """What is shown is in another frame of reference: a cut of the one before would be anywhere in it."""
        self.change(cut=None)

    def show_set(self, structure_set: StructureSet | None) -> None:
        """Another structure set is shown: its ROIs look as they were chosen to when it was last open."""
        self.kept.write()
        self._study_uid = "" if structure_set is None else structure_set.study_instance_uid
        rois = () if structure_set is None else structure_set.rois
        found = {one.number: self.kept.look(self._study_uid, one) for one in rois}
        looks = {number: look for number, look in found.items() if look != RoiLook()}
        self.change(roi_looks=MappingProxyType(looks))

    def cut_at(self, kind: PlaneKind | None) -> None:
        """Cut at the plane of a kind, on the side that was cut before; None cuts nothing.

        The plane itself is shown from now on: it is what one wants to see on a cut.
        """
        if kind is None:
            self.change(cut=None)
            return
        flipped = isinstance(self.look.cut, CutAtPlane) and self.look.cut.flipped
        self.change(cut=CutAtPlane(kind, flipped), planes=self.look.planes | {kind})

    def flip_cut(self) -> None:
        """Take away the other side."""
        cut = self.look.cut
        if isinstance(cut, CutAtPlane):
            self.change(cut=replace(cut, flipped=not cut.flipped))
