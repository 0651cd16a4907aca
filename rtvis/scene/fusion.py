"""A second volume blended over the picture of a slice: PET on CT, a dose as a colour wash.

It has its own grid, window and colours. What it looks like comes from a table of 256 colours with their opacities, so
that a picture of a million pixels is blended in a few milliseconds on a machine without a graphics card. Over greys,
which nearly all images are shown in, a second table holds every mix there is. Places in the table are kept for the
last planes and made ahead for the next ones; while levels are dragged the plane isn't cut again.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from rtvis.app.overlay_state import FADE_SHARE
from rtvis.scene.overlay_legend import paint_bar
from rtvis.scene.slice_sampler import OUTSIDE, SliceSampler

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rtvis.app.overlay_state import OverlayLook
    from rtvis.app.planes import ViewPlane
    from rtvis.scene.framing import Framing
    from rtvis.scene.volume_image import VolumeImage

FULL = 256
"""Opacities are counted in 256ths: dividing by it is a shift."""

BAND_PIXELS = 1 << 16
"""Blended at once: what a processor's own memory holds together with its steps between."""

COARSE_FROM_PIXELS = 16.0
"""Where a voxel's smallest side takes so many device pixels, values are taken for two by two of them: they differ by a
sixteenth of what neighbouring voxels do, and finding them, which takes the most time, takes a third of it."""

MOST_KEPT_BYTES = 12 << 20
"""Of places in the table: a dozen planes of a million pixels."""

_RED_BLUE, _GREEN = np.uint32(0x00FF00FF), np.uint32(0x0000FF00)
_OPAQUE = np.uint32(0xFF000000)
_HALF_RED_BLUE = np.uint32(0x00800080)


class _Numbers(NamedTuple):
    """Places in the table for some rows and columns of a picture; None where the volume isn't seen in it."""

    rows: slice
    columns: slice
    places: NDArray[np.uint8]


class Fusion:
    """Blends a volume over pictures of one view (a `rtvis.scene.slice_scene.Blend`).

    Args:
        image: of the volume; all views may share it.
        look: how it is painted; `set_look` changes it.
    """

    def __init__(self, image: VolumeImage, look: OverlayLook) -> None:
        self._image = image
        self._sampler = SliceSampler()
        self._sampler_ahead = SliceSampler()
        self._sampled: tuple[tuple[object, ...], NDArray[np.float32]] | None = None
        self._corners_lps_mm = image.volume.grid.corners_lps_mm()
        self._kept: OrderedDict[tuple[object, ...], _Numbers | None] = OrderedDict()
        self._look = look
        self._paint_as(look)

    def set_look(self, look: OverlayLook) -> None:
        """Paint in another way; the scene is given its blends anew (`SliceScene.set_blends`)."""
        before, self._look = self._look, look
        if (look.bounds, look.threshold) != (before.bounds, before.threshold):
            self._kept.clear()
        if replace(look, bounds=before.bounds, threshold=before.threshold) != before:
            self._paint_as(look)

    def _paint_as(self, look: OverlayLook) -> None:
        self._colors, self._shares = blend_tables(look)
        self._over_greys: NDArray[np.uint32] | None = None

    def release(self) -> None:
        """Let go of the volume."""
        self._sampler.release()
        self._sampler_ahead.release()
        self._sampled = None
        self._kept.clear()

    def blend(self, picture: NDArray[np.uint8], framing: Framing, view: ViewPlane, *, grey: bool = False) -> None:
        """Blend the volume over a picture ``(rows, columns, 4)`` blue, green, red, 255, in place; then add its bar.

        Args:
            picture: device pixels.
            framing: of the view.
            view: the plane shown.
            grey: whether blue, green and red are the same in each pixel: that takes half the time.
        """
        if self._look.wash:
            if self._look.opacity > 0:
                self._blend(picture, framing, view, grey=grey)
            paint_bar(picture, framing, self._look.color_map.table(inverse=self._look.inverse))

    def prepare(self, framing: Framing, view: ViewPlane) -> bool:
        """Have ready what a plane needs that may be shown next; False where there is nothing to do."""
        if not self._look.wash or not self._look.opacity or framing.key in self._kept:
            return False
        self._keep(framing.key, self._found(framing, view, self._sampler_ahead))
        return True

    def _blend(self, picture: NDArray[np.uint8], framing: Framing, view: ViewPlane, *, grey: bool) -> None:
        key = framing.key
        if key not in self._kept:
            self._keep(key, self._found(framing, view, self._sampler))
        self._kept.move_to_end(key)
        numbers = self._kept[key]
        if numbers is None:
            return
        rows, columns, places = numbers
        base = picture.view(np.uint32)[..., 0]
        height = max(BAND_PIXELS // max(places.shape[1], 1), 1)
        for top in range(0, len(places), height):
            band = slice(rows.start + top, min(rows.start + top + height, rows.stop))
            if grey:
                self._mix_greys(base[band, columns], picture[band, columns, 0], places[top : top + height])
            else:
                self._mix(base[band, columns], places[top : top + height])

    def _keep(self, key: tuple[object, ...], numbers: _Numbers | None) -> None:
        self._kept[key] = numbers
        total = sum(one.places.nbytes for one in self._kept.values() if one is not None)
        while total > MOST_KEPT_BYTES and len(self._kept) > 1:
            _, gone = self._kept.popitem(last=False)
            total -= 0 if gone is None else gone.places.nbytes

    def _found(self, framing: Framing, view: ViewPlane, sampler: SliceSampler) -> _Numbers | None:
        """Places in the table for what of a view the volume is seen in."""
        heights = view.plane.distances_mm(self._corners_lps_mm)
        if heights.min() > 0 or heights.max() < 0:
            return None
        columns, rows = framing.device_size
        box = self._reach(framing, (rows, columns))
        return None if box is None else _Numbers(*box, self._numbers_of(framing, *box, sampler))

    def _reach(self, framing: Framing, shape: tuple[int, ...]) -> tuple[slice, slice] | None:
        """The rows and columns of a picture beyond which the volume doesn't reach; None where it isn't in it."""
        seen = framing.patient_to_display(self._corners_lps_mm) * framing.device_pixel_ratio
        low, high = np.floor(seen.min(axis=0)), np.ceil(seen.max(axis=0))
        left, top = (int(max(value, 0)) for value in low)
        right, bottom = int(min(high[0], shape[1])), int(min(high[1], shape[0]))
        return (slice(top, bottom), slice(left, right)) if left < right and top < bottom else None

    def _numbers_of(self, framing: Framing, rows: slice, columns: slice, sampler: SliceSampler) -> NDArray[np.uint8]:
        """Places in the table for some device pixels; four at a time where a voxel takes hundreds of them."""
        voxel_pixels = min(self._image.volume.grid.spacing_mm) / framing.mm_per_pixel * framing.device_pixel_ratio
        coarse = voxel_pixels >= COARSE_FROM_PIXELS
        height, width = rows.stop - rows.start, columns.stop - columns.start
        if coarse:
            even_rows = slice(rows.start, rows.start + height + height % 2)
            even_columns = slice(columns.start, columns.start + width + width % 2)
            part = _part(framing, even_rows, even_columns)
            part = replace(part, device_pixel_ratio=part.device_pixel_ratio / 2)
        else:
            part = _part(framing, rows, columns)
        numbers = self._numbers(self._values(part, sampler))
        return np.repeat(np.repeat(numbers, 2, axis=0), 2, axis=1)[:height, :width] if coarse else numbers

    def _values(self, framing: Framing, sampler: SliceSampler) -> NDArray[np.float32]:
        """Stored values; those of the plane that is shown are kept until another is, for levels that are dragged."""
        if sampler is not self._sampler:
            return sampler.sample(self._image.whole, framing, self._image.within())
        key = framing.key
        if self._sampled is None or self._sampled[0] != key:
            self._sampled = key, sampler.sample(self._image.whole, framing, self._image.within())
        return self._sampled[1]

    def _numbers(self, values: NDArray[np.float32]) -> NDArray[np.uint8]:
        """Places 1 to 255 in the table, 0 where nothing is painted."""
        lower, upper = self._look.bounds
        width, level = self._image.stored_window(upper - lower, (lower + upper) / 2)
        scale = 254.0 / width
        with np.errstate(over="ignore"):  # what stands for "outside" may become minus infinity in a narrow window
            places = values * np.float32(scale)
            places += np.float32(1.5 - (level - width / 2) * scale)
        np.clip(places, 1.0, 255.0, out=places)
        numbers = places.astype(np.uint8)
        lowest = float(OUTSIDE) / 2
        if self._look.threshold is not None:
            lowest = max(lowest, self._image.stored_window(1.0, self._look.threshold)[1])
        numbers *= (values >= np.float32(lowest)).view(np.uint8)
        return numbers

    def _mix(self, base: NDArray[np.uint32], numbers: NDArray[np.uint8]) -> None:
        """``base x (1 - opacity) + colour x opacity``, red and blue in one go; in place."""
        rest = FULL - np.take(self._shares, numbers)
        mixed = base & _RED_BLUE
        mixed *= rest
        mixed += _HALF_RED_BLUE
        mixed >>= np.uint32(8)
        mixed &= _RED_BLUE
        green = base & _GREEN
        green >>= np.uint32(8)
        green *= rest
        green += np.uint32(0x80)
        green &= _GREEN
        mixed |= green
        mixed += np.take(self._colors, numbers)
        base[...] = mixed

    def _mix_greys(self, base: NDArray[np.uint32], greys: NDArray[np.uint8], numbers: NDArray[np.uint8]) -> None:
        """The same over greys, each mix found in a table; in place."""
        if self._over_greys is None:
            every = np.arange(256, dtype=np.uint32) * np.uint32(0x00010101) | _OPAQUE
            table = np.repeat(every[None], 256, axis=0)
            self._mix(table, np.repeat(np.arange(256, dtype=np.uint8)[:, None], 256, axis=1))
            self._over_greys = table.reshape(-1)
        places = numbers.astype(np.uint16)
        places <<= 8
        places |= greys
        # No place is beyond the table; with a mode that needn't look, numpy takes two thirds of the time.
        base[...] = np.take(self._over_greys, places, mode="clip")


def blend_tables(look: OverlayLook) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Colours times their opacity, packed, and opacities in 256ths, each ``(256,)``; the first is nothing at all.

    Places 1 to 255 go from the lower end of the look's window to its upper one.
    """
    places = np.linspace(0.0, 1.0, 255)
    shares = np.full(255, look.opacity)
    if look.fade:
        shares *= np.minimum(places / FADE_SHARE, 1.0)
    counted = np.rint(shares * FULL).astype(np.uint32)
    table = look.color_map.table(inverse=look.inverse)[np.rint(places * 255).astype(np.intp)].astype(np.float64)
    # Rounded down: with the picture's share, which is rounded to the nearest, no channel goes over 255.
    painted = np.floor(table * (counted / FULL)[:, None]).astype(np.uint32)
    packed = np.zeros(256, dtype=np.uint32)
    packed[1:] = painted[:, 0] << 16 | painted[:, 1] << 8 | painted[:, 2] | _OPAQUE
    packed[0] = _OPAQUE
    return packed, np.concatenate([[0], counted]).astype(np.uint32)


def _part(framing: Framing, rows: slice, columns: slice) -> Framing:
    """The frame of some whole device pixels of a view."""
    ratio = framing.device_pixel_ratio
    middle_x, middle_y = (columns.start + columns.stop) / 2 / ratio, (rows.start + rows.stop) / 2 / ratio
    u, v = framing.centre_uv_mm
    centre = (
        u + (middle_x - framing.width / 2) * framing.mm_per_pixel,
        v + (middle_y - framing.height / 2) * framing.mm_per_pixel,
    )
    width, height = (columns.stop - columns.start) / ratio, (rows.stop - rows.start) / ratio
    return replace(framing, centre_uv_mm=centre, width=width, height=height)
