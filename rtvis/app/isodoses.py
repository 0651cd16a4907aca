"""Isodose levels: which lines of equal dose are drawn, in which colours, and what their values mean."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rtvis.app.palette import Rgb

SHARES = (
    (105.0, (255, 80, 200)),
    (100.0, (255, 60, 60)),
    (95.0, (255, 140, 30)),
    (90.0, (255, 220, 40)),
    (80.0, (150, 230, 50)),
    (70.0, (50, 200, 110)),
    (50.0, (40, 200, 230)),
    (30.0, (70, 120, 255)),
    (10.0, (150, 110, 240)),
)
"""Percent of the reference dose and colours of the levels that are there at first: warm is high, as everywhere."""

SIGNED_SHARES = (
    (75.0, (200, 30, 40)),
    (50.0, (255, 60, 60)),
    (25.0, (255, 140, 30)),
    (10.0, (255, 220, 40)),
    (-10.0, (150, 230, 250)),
    (-25.0, (40, 200, 230)),
    (-50.0, (70, 120, 255)),
    (-75.0, (110, 70, 230)),
)
"""Likewise of a difference of doses, which goes below 0."""

SPARE_COLORS: tuple[Rgb, ...] = ((255, 255, 255), (255, 170, 170), (190, 255, 190), (170, 200, 255), (255, 230, 150))


@dataclass(frozen=True, slots=True)
class IsodoseLevel:
    """One level: its value (in percent of the reference dose, or in the dose's units), and how it is drawn."""

    value: float
    color: Rgb
    shown: bool = True


SIGNED_LEVELS = tuple(IsodoseLevel(share, color) for share, color in SIGNED_SHARES)


@dataclass(frozen=True, slots=True)
class Isodoses:
    """The levels of one dose.

    Attributes:
        levels: highest first.
        in_percent: whether their values are percents of `reference` rather than doses.
        reference: the dose that is 100 %, in the dose's units.
        shown: whether lines are drawn at all.
        width_px: of the lines, logical pixels.
    """

    levels: tuple[IsodoseLevel, ...] = tuple(IsodoseLevel(share, color) for share, color in SHARES)
    in_percent: bool = True
    reference: float = 1.0
    shown: bool = True
    width_px: float = 1.4

    def dose_of(self, level: IsodoseLevel) -> float:
        """The dose a level stands for, in the dose's units."""
        return level.value * self.reference / 100 if self.in_percent else level.value

    def drawn(self) -> tuple[tuple[float, Rgb], ...]:
        """(dose, colour) of the levels that are drawn, lowest first, so that high doses are painted last."""
        if not self.shown:
            return ()
        return tuple(sorted((self.dose_of(one), one.color) for one in self.levels if one.shown and one.value != 0))

    def with_level(self, level: IsodoseLevel, instead_of: IsodoseLevel | None = None) -> Isodoses:
        """A level added, or in the place of another; one of the same value is replaced by it."""
        others = [one for one in self.levels if one != instead_of and one.value != level.value]
        return replace(self, levels=tuple(sorted([*others, level], key=lambda one: -one.value)))

    def without(self, level: IsodoseLevel) -> Isodoses:
        """A level less."""
        return replace(self, levels=tuple(one for one in self.levels if one is not level))

    def with_one_more(self) -> Isodoses:
        """A level added between the lowest one and nothing, or below a negative one, in a colour that none has."""
        lowest = min((one.value for one in self.levels), default=200.0 if self.in_percent else 2 * self.reference)
        used = {one.color for one in self.levels}
        color = next((one for one in SPARE_COLORS if one not in used), SPARE_COLORS[0])
        return self.with_level(IsodoseLevel(lowest / 2 if lowest > 0 else 1.5 * lowest, color))

    def counted(self, *, in_percent: bool) -> Isodoses:
        """The same doses, said in percent of the reference dose or in the dose's units."""
        if in_percent == self.in_percent or self.reference <= 0:
            return self
        factor = 100 / self.reference if in_percent else self.reference / 100
        levels = tuple(replace(one, value=one.value * factor) for one in self.levels)
        return replace(self, levels=levels, in_percent=in_percent)

    def with_reference(self, dose: float) -> Isodoses:
        """Another dose is 100 %: levels in percent move with it, levels in doses stay."""
        return replace(self, reference=max(dose, 1e-9))
