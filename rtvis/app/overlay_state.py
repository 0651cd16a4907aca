"""What is shown over the images: a second series or a dose, and how. None of it is saved or undone.

Toolkit-free: signals are psygnal's, and are emitted in the thread that made the change.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isnan
from typing import TYPE_CHECKING

from psygnal import Signal

from rtvis.app.color_maps import COLOR_MAPS, GRAY, ColorMap
from rtvis.app.isodoses import SIGNED_LEVELS, Isodoses
from rtvis.app.isodoses_kept import IsodosesKept, is_changed
from rtvis.app.number_text import number_text
from rtvis.app.overlay_paints import OverlayPaints
from rtvis.app.window_presets import first_window
from rtvis.dicom.suv import SUV_UNITS
from rtvis.model.errors import UsageError
from rtvis.model.volume import DOSE_MODALITY, VolumeHeader

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from rtvis.model.dose import Dose
    from rtvis.model.study import OtherObject
    from rtvis.model.volume import Volume

SUV_BOUNDS = (0.0, 10.0)
DOSE_TOP = 1.2
"""Times the reference dose up to which colours go at first, where there is as much."""

DOSE_THRESHOLD = 0.1
"""Share of the window below which a colour wash is left out at first: scatter would veil all of the patient."""

FADE_SHARE = 0.25
"""Of the window, from its lower end: where values that fade are not yet painted with the full opacity."""

EMISSION = frozenset({"PT", "NM"})
"""Modalities whose images are nearly all background: it is seen through, or it would darken the anatomy."""


@dataclass(frozen=True, slots=True)
class OverlayLook:
    """How an overlay is painted.

    Attributes:
        opacity: 0 to 1.
        color_map: of the window from its lower to its upper end.
        inverse: whether it is turned round.
        bounds: the lower and the upper end of the window, in the overlay's units.
        threshold: values below it aren't painted, in the overlay's units; None paints all.
        fade: whether the lowest values (`FADE_SHARE` of the window) are seen through, more the lower they are.
        wash: whether colours are painted at all; a dose may be shown by lines alone.
    """

    opacity: float = 0.5
    color_map: ColorMap = GRAY
    inverse: bool = False
    bounds: tuple[float, float] = (0.0, 1.0)
    threshold: float | None = None
    fade: bool = False
    wash: bool = True


class OverlayState:
    """A second series, or a dose, over the images.

    Attributes:
        volume: what is over the images, or None; a dose's volume where it is a dose.
        dose: the dose, or None where it is a series.
        alone: whether the dose is shown without images, with its own volume in their place.
        caution: why its place is doubtful, to be said in every view it is in; empty when it isn't.
        is_beside: whether it lies beside the images, so that nothing of it is seen on them.
        visible: whether it is drawn; blinking switches this.
        look: how it is painted.
        isodoses: the lines of a dose.
        paints: how overlays of each kind were painted last; the next one of a kind begins like that.
        kept: isodose levels that were set by hand, by study.
    """

    chosen_changed = Signal()
    """Another overlay, or none."""
    look_changed = Signal()
    """Shown or hidden, or painted in another way."""

    def __init__(self) -> None:
        self.volume: Volume | None = None
        self.dose: Dose | None = None
        self.alone = False
        self.caution = ""
        self.is_beside = False
        self.visible = True
        self.look = OverlayLook()
        self.isodoses = Isodoses()
        self.paints = OverlayPaints()
        self.kept = IsodosesKept()
        self._prescribed: float | None = None
        self._first_isodoses = self.isodoses

    def show_series(self, volume: Volume, base: Volume | None, *, anyway: bool = False) -> None:
        """Show a second series over the images.

        Args:
            volume: the series.
            base: the images it goes over.
            anyway: show it though nothing says that its coordinates mean the same places; views say so then.

        Raises:
            UsageError: when it can't go over them, with the reason; nothing changes then.
        """
        caution = _caution(volume, base, anyway=anyway)
        self.is_beside = base is not None and not _meet(volume, base)
        self._choose(volume, None, caution, self.paints.look(volume.modality, _first_look(volume)))

    def show_dose(
        self, dose: Dose, base: Volume | None, *, anyway: bool = False, prescribed: float | None = None
    ) -> None:
        """Show a dose over the images.

        Args:
            dose: the dose.
            base: see `show_series`; the dose's own volume where it is shown without images: lines lie over it then.
            anyway: see `show_series`.
            prescribed: the dose that is 100 % at first, in the dose's units; the largest one without.

        Raises:
            UsageError: when it can't go over them, with the reason; nothing changes then.
        """
        alone = dose.volume is base
        caution = "" if alone else _caution(dose.volume, base, anyway=anyway)
        self.is_beside = base is not None and not _meet(dose.volume, base)
        isodoses, look = first_isodoses(dose, prescribed), first_dose_look(dose, prescribed)
        if alone:
            look = replace(look, wash=False)
        else:
            kind = _dose_kind(dose)
            isodoses, look = self.paints.lines(kind, isodoses), self.paints.look(kind, look)
        self.kept.write()
        self._prescribed, self._first_isodoses = prescribed, isodoses
        self.isodoses = self.kept.lines(dose, prescribed, isodoses)
        self._choose(dose.volume, dose, caution, look, alone=alone)

    def clear(self) -> None:
        """Show nothing over the images."""
        if self.volume is not None:
            self._choose(None, None, "", OverlayLook())

    def rebase(self, base: Volume | None) -> None:
        """Other images are shown: what isn't sure to lie in their frame of reference goes."""
        if self.volume is not None and (base is None or base is self.volume or objection(self.volume, base)):
            self.clear()

    def replaced(self, volume: Volume) -> None:
        """The series that is shown is there in another unit now: it looks as before, with its levels in that unit."""
        if self.volume is not None and self.dose is None:
            times, look, shown = volume.value_factor / self.volume.value_factor, self.look, self.visible
            lower, upper = look.bounds
            threshold = None if look.threshold is None else look.threshold * times
            self._choose(
                volume, None, self.caution, replace(look, bounds=(lower * times, upper * times), threshold=threshold)
            )
            self.set_visible(visible=shown)

    def set_look(self, look: OverlayLook) -> None:
        """Paint it in another way."""
        low, high = look.bounds
        if high <= low:
            look = replace(look, bounds=(low, low + 1e-6 * max(abs(low), 1.0)))
        look = replace(look, opacity=min(max(look.opacity, 0.0), 1.0))
        if look != self.look:
            self.look = look
            self._keep_paint()
            self.look_changed.emit()

    def set_bounds(self, lower: float, upper: float) -> None:
        """Paint another window of it, by the values at both ends, in its units."""
        self.set_look(replace(self.look, bounds=(lower, upper)))

    def set_isodoses(self, isodoses: Isodoses) -> None:
        """Draw other lines."""
        if isodoses != self.isodoses:
            self.isodoses = isodoses
            self._keep_paint()
            if self.dose is not None:
                self.kept.choose(self.dose, self._prescribed, isodoses, self._first_isodoses)
            self.look_changed.emit()

    def reset_isodoses(self) -> None:
        """Levels as they are when nobody has set any, drawn as thick as now."""
        first = self._first_isodoses
        self.set_isodoses(
            replace(self.isodoses, levels=first.levels, in_percent=first.in_percent, reference=first.reference)
        )

    @property
    def has_own_isodoses(self) -> bool:
        """Whether levels were set by hand."""
        return self.dose is not None and is_changed(self.isodoses, self._first_isodoses)

    def _keep_paint(self) -> None:
        if self.volume is not None and not self.alone:
            kind = self.volume.modality if self.dose is None else _dose_kind(self.dose)
            self.paints.keep(kind, self.look, None if self.dose is None else self.isodoses)

    def set_visible(self, *, visible: bool) -> None:
        """Draw it, or leave it out for a moment."""
        if visible != self.visible:
            self.visible = visible
            self.look_changed.emit()

    @property
    def is_drawn(self) -> bool:
        """Whether there is an overlay and it isn't hidden."""
        return self.volume is not None and self.visible

    @property
    def is_painted(self) -> bool:
        """Whether colours of it are mixed with those of images."""
        return self.is_drawn and self.look.wash and not self.alone

    @property
    def window(self) -> tuple[float, float]:
        """(width, level) it is painted at, in its units."""
        lower, upper = self.look.bounds
        return upper - lower, (lower + upper) / 2

    @property
    def unit_text(self) -> str:
        """The unit of its values as people say it: ``SUV``, ``Gy``, ``HU``."""
        return "" if self.volume is None else unit_text(self.volume)

    @property
    def captions(self) -> tuple[str, ...]:
        """What a view says of it: what it is and how strong; then, if so, why its place is doubtful."""
        if self.volume is None:
            return ()
        part = "" if self.dose is None else self.dose.part  # the dose of one beam isn't taken for that of the plan
        lossy = "lossy" if self.volume.slices[0].lossy else ""
        name = "  ".join(word for word in (self.volume.modality, part, self.volume.description, lossy) if word)
        shown = f"{100 * self.look.opacity:.0f} %" if self.look.wash else "lines"
        first = f"+ {shown if self.visible else 'hidden'}  {name}"
        return (first, f"▲ overlay {self.caution}") if self.caution else (first,)

    def value_text(self, point_lps_mm: ArrayLike) -> str:
        """Its value at a patient point ``(3,)`` with the unit, such as ``SUV 3.2`` or ``41.3 Gy``; empty outside."""
        if self.volume is None:
            return ""
        if self.dose is not None:
            value = float(self.dose.at(point_lps_mm))
            return "" if isnan(value) else f"{number_text(value)} {self.unit_text}".rstrip()
        nearest = self.volume.value_at(point_lps_mm)
        return "" if nearest is None else f"{self.unit_text or self.volume.modality} {number_text(nearest)}"

    def _choose(
        self, volume: Volume | None, dose: Dose | None, caution: str, look: OverlayLook, *, alone: bool = False
    ) -> None:
        self.alone = alone
        self.volume, self.dose, self.caution, self.look, self.visible = volume, dose, caution, look, True
        self.chosen_changed.emit()


def _dose_kind(dose: Dose) -> str:
    """Of `OverlayPaints`: a difference of doses has colours of its own."""
    return f"{DOSE_MODALITY} difference" if dose.minimum < 0 else DOSE_MODALITY


def first_isodoses(dose: Dose, prescribed: float | None = None) -> Isodoses:
    """The levels a dose is first drawn with, in percent of what is prescribed, else of the largest dose."""
    largest = max(dose.maximum, -dose.minimum)
    reference = prescribed or (largest if largest > 0 else 1.0)
    return Isodoses(SIGNED_LEVELS, reference=reference) if dose.minimum < 0 else Isodoses(reference=reference)


def first_dose_look(dose: Dose, prescribed: float | None = None) -> OverlayLook:
    """How a dose is first painted over images; one that goes below 0, a difference, from blue over white to red."""
    if dose.minimum < 0:
        most = max(dose.maximum, -dose.minimum)
        return OverlayLook(0.5, first_dose_colors(dose), bounds=(-most, most))
    most = dose.maximum if dose.maximum > 0 else 1.0
    # Beside sources of brachytherapy dose goes up to a hundred times what is prescribed.
    top = min(most, DOSE_TOP * (prescribed or most))
    return OverlayLook(0.35, first_dose_colors(dose), bounds=(0.0, top), threshold=DOSE_THRESHOLD * top)


def first_dose_colors(dose: Dose, *, alone: bool = False) -> ColorMap:
    """The colour map a dose is first painted with; alone, not mixed with images, such that lines stand out."""
    if dose.minimum < 0:
        return COLOR_MAPS["cool_warm"]
    return COLOR_MAPS["rainbow_dim" if alone else "rainbow"]


def unit_text(volume: Volume) -> str:
    """The unit of a volume's values as people say it."""
    return (
        "SUV"
        if volume.units == SUV_UNITS
        else {"BQML": "Bq/ml", "CNTS": "counts", "GML": "g/ml"}.get(volume.units, volume.units)
    )


def objection(over: Volume | OtherObject, base: Volume) -> str:
    """Why coordinates of one object needn't mean the same places as those of another; empty when they do.

    Args:
        over: the series or dose that is to go over the images.
        base: the images.
    """
    frame = over.frame_of_reference_uid
    if patient_id_of(over) != base.patient.patient_id:
        return "is of another patient"  # no ID: views are seen by others, and the study's tree has both
    if not frame or not base.frame_of_reference_uid:
        return "names no frame of reference" if not frame else "goes over images without a frame of reference"
    return "" if frame == base.frame_of_reference_uid else "is in another frame of reference"


def patient_id_of(one: VolumeHeader | OtherObject) -> str:
    """The ID of the patient a series or a dose is of."""
    return one.patient.patient_id if isinstance(one, VolumeHeader) else one.patient_id


def _caution(volume: Volume, base: Volume | None, *, anyway: bool) -> str:
    if base is None:
        raise UsageError("there are no images to show it over", remedy="open images first")
    if volume is base:
        raise UsageError("it is what is shown already", remedy="choose another series")
    why = objection(volume, base)
    if why and not anyway:
        what = f"{volume.modality} {volume.description}".strip()
        raise UsageError(f"{what} {why}: it may lie elsewhere", remedy="show it anyway if you know that it fits")
    return why


def _meet(one: Volume, other: Volume) -> bool:
    """Whether the boxes around two grids, along the axes of the patient, have anything in common."""
    first, second = one.grid.corners_lps_mm(), other.grid.corners_lps_mm()
    apart = (first.max(axis=0) < second.min(axis=0)) | (second.max(axis=0) < first.min(axis=0))
    return not bool(apart.any())


def _first_look(volume: Volume) -> OverlayLook:
    width, level = first_window(volume)
    bounds = (level - width / 2, level + width / 2)
    if volume.modality in EMISSION:
        if unit_text(volume) == "SUV":
            bounds = SUV_BOUNDS
        bounds = (max(bounds[0], 0.0), max(bounds[1], 1e-6))
        return OverlayLook(0.6, COLOR_MAPS["hot_iron"], bounds=bounds, fade=True)
    return OverlayLook(0.5, COLOR_MAPS["hot_iron"] if volume.modality != "CT" else GRAY, bounds=bounds)
