"""Volume rendering in 3D: coarse while something moves, sharp when it is still (`rtvis.scene.strips`)."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPiecewiseFunction
from vtkmodules.vtkRenderingCore import vtkColorTransferFunction, vtkVolume
from vtkmodules.vtkRenderingVolume import vtkFixedPointVolumeRayCastMapper

from rtvis.app.tissue_presets import OPACITY_MM
from rtvis.scene.clipping import clip
from rtvis.scene.pace import MOVING_MS
from rtvis.scene.ray_budget import RayBudget
from rtvis.scene.tissue_mapper import card_mapper, draws_in_software, software_mapper, tissue_shading

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from vtkmodules.vtkRenderingCore import vtkRenderer
    from vtkmodules.vtkRenderingVolumeOpenGL2 import vtkOpenGLGPUVolumeRayCastMapper

    from rtvis.app.tissue_presets import TissuePreset
    from rtvis.app.view3d_state import HalfSpace
    from rtvis.scene.display_volume import DisplayVolume
    from rtvis.scene.ray import Ray

STILL_MS, SHARP_MS = 400.0, 5000.0
"""What all strips of the first picture may take once all is still, and those of the next one, which is as sharp as it
goes: on a very large screen without a graphics card there is no end to it."""

NOT_WORTH_IT = 1.3
"""Without a picture between them, if the sharpest one has rays only so much closer."""

FIRST_MOVING_PX, FIRST_STILL_PX = 4.0, 2.0
"""Pixels between rays before anything was measured."""

COARSEST_PX, FINEST_PX = 10.0, 1.0

FINER = 0.85
"""From one drawing to the next rays get closer by this at most."""

STEP_MOVING, STEP_STILL = 1.6, 0.35
"""Between samples along a ray, in least distances between voxels: wider apart they draw rings on skin, like wood."""

SHARP_COST = 4.0
"""How much longer a ray takes with the samples of a still picture."""

BOUNDS_STEP = 2
"""Every second voxel along each axis tells well enough where anything is seen."""

PICK_STEP_MM = 0.25


class Tissue:
    """The rendered volume of one 3D scene.

    It is drawn coarsely, as quickly as things move, but for strips that are drawn `sharply`.

    Attributes:
        fixed_pixels: between rays, sharply, whatever time that takes; None lets time decide.
    """

    def __init__(self, renderer: vtkRenderer) -> None:
        self._renderer = renderer
        self._data: DisplayVolume | None = None
        self._preset: TissuePreset | None = None
        self._kept: Sequence[HalfSpace] = ()
        self._volume: vtkVolume | None = None
        self._mapper: vtkFixedPointVolumeRayCastMapper | vtkOpenGLGPUVolumeRayCastMapper | None = None
        self._ready: vtkFixedPointVolumeRayCastMapper | None = None
        self._property = tissue_shading()
        self._moving, self._sharp = RayBudget(), RayBudget()
        self._used: float | None = None
        self._chosen: float | None = None
        self.fixed_pixels: float | None = None

    @property
    def preset(self) -> TissuePreset | None:
        """What it is rendered by."""
        return self._preset

    @property
    def data(self) -> DisplayVolume | None:
        """What is rendered."""
        return self._data

    @property
    def is_shown(self) -> bool:
        """Whether there is anything to be seen."""
        return self._data is not None and self._preset is not None

    @property
    def is_cast_in_software(self) -> bool:
        """Whether it takes its time: what is seen of it is computed on the processor."""
        return self.is_shown and isinstance(self._mapper, vtkFixedPointVolumeRayCastMapper)

    def set_data(self, data: DisplayVolume | None, ready: vtkFixedPointVolumeRayCastMapper | None = None) -> None:
        """Render another volume, or none; `ready` is what `rtvis.scene.tissue_mapper.ready_mapper` made for it."""
        if data is not self._data:
            self._remove()
            self._data, self._ready = data, ready
            self._forget()
            self._set_stops()

    def set_preset(self, preset: TissuePreset | None) -> None:
        """Render by a preset, or not at all."""
        if preset is not self._preset:
            self._forget()  # haze takes longer than bone, which rays end at
        self._preset = preset
        self._set_stops()
        if self._volume is not None:
            self._volume.SetVisibility(self.is_shown)

    def set_kept(self, kept: Sequence[HalfSpace]) -> None:
        """Show only what lies in all of these."""
        self._kept = kept
        if self._mapper is not None:
            clip(self._mapper, kept)

    def prepare(self) -> None:
        """Get ready to be drawn; called right before each drawing, when the window's OpenGL is there."""
        if not self.is_shown or self._data is None:
            return
        if self._mapper is None:
            self._build(self._data)
            self._used = None  # the first drawing computes normals as well: it says nothing of the next
        else:
            self._used = self.pixels_between_rays
        self._set_rays(self.pixels_between_rays, sharply=self.fixed_pixels is not None)

    @contextmanager
    def sharply(self, pixels: float) -> Iterator[None]:
        """Within this context what is drawn has rays so many pixels apart, and more samples along each."""
        if self.is_shown and self._mapper is not None:
            self._set_rays(pixels, sharply=True)
        try:
            yield
        finally:
            if self.is_shown and self._mapper is not None:
                self._set_rays(self.pixels_between_rays, sharply=self.fixed_pixels is not None)

    def _set_rays(self, pixels: float, *, sharply: bool) -> None:
        assert self._mapper is not None
        assert self._data is not None
        self._mapper.SetImageSampleDistance(pixels)
        self._mapper.SetSampleDistance(self._data.least_spacing_mm * (STEP_STILL if sharply else STEP_MOVING))

    @property
    def pixels_between_rays(self) -> float:
        """As few as time allows while something moves, by what drawing took so far."""
        if self.fixed_pixels is not None:
            return self.fixed_pixels
        return self._chosen or FIRST_MOVING_PX

    @property
    def sharp_cost_ms(self) -> float | None:
        """What a sharp picture with rays through every pixel takes, as far as it is known."""
        if self._sharp.cost_ms is not None or self._moving.cost_ms is None:
            return self._sharp.cost_ms
        return self._moving.cost_ms * SHARP_COST

    @property
    def sharper(self) -> tuple[float, ...]:
        """Pixels between rays of the pictures to be drawn one after the other once all is still."""
        if not self.is_shown:
            return ()
        cost = self.sharp_cost_ms
        if cost is None:
            return FIRST_STILL_PX, FINEST_PX
        first, last = (_within((cost / allowed) ** 0.5) for allowed in (STILL_MS, SHARP_MS))
        return (last,) if first < NOT_WORTH_IT * last else (first, last)

    def drawn(self, milliseconds: float) -> None:
        """Learn from what drawing the scene took since `prepare`."""
        if self.is_shown and self._used is not None:
            self._moving.learn(self._used, milliseconds)
            # One drawing that happened to be quick mustn't make the next ones slow.
            self._chosen = max(_within(self._moving.pixels(MOVING_MS) or FIRST_MOVING_PX), FINER * self._used)

    def drawn_sharply(self, pixels: float, milliseconds: float) -> None:
        """Learn from what all strips of a picture took together."""
        self._sharp.learn(pixels, milliseconds)

    def _forget(self) -> None:
        self._moving, self._sharp = RayBudget(), RayBudget()
        self._chosen = None

    def bounds(self) -> NDArray[np.float64] | None:
        """Corners ``(8, 3)`` LPS mm of the part of the volume in which there is anything to be seen."""
        if self._data is None or self._preset is None:
            return None
        low, high = ((one - self._data.intercept) / self._data.slope for one in self._preset.seen)
        voxels: NDArray[Any] = self._data.voxels[::BOUNDS_STEP, ::BOUNDS_STEP, ::BOUNDS_STEP]
        seen = (voxels > low) & (voxels < high)
        ends = []
        for axis, gap in enumerate(self._data.image.GetSpacing()):  # columns first
            others = tuple(one for one in range(3) if one != 2 - axis)
            there = np.flatnonzero(seen.any(axis=others))
            if not len(there):
                return None
            ends.append(there[[0, -1]] * BOUNDS_STEP * gap)
        corners = np.array(np.meshgrid(*ends)).reshape(3, -1).T
        return np.asarray(corners @ self._data.matrix[:3, :3].T + self._data.matrix[:3, 3])

    def opacity_along(self, ray: Ray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """How much the volume alone hides of what is behind it.

        Returns:
            Distances ``(n,)`` mm along the ray, and the opacity ``(n,)``, 0 to 1, of all that is nearer.
        """
        if self._data is None or self._preset is None:
            return np.empty(0), np.empty(0)
        distances, values = self._data.values_along(ray, PICK_STEP_MM)
        opacity = self._preset.opacity_at(values)
        if self._kept:
            points = ray.at(distances)
            opacity *= np.all([half.contains(points) for half in self._kept], axis=0)
        clear = (1 - np.minimum(opacity, 0.9999)) ** (PICK_STEP_MM / OPACITY_MM)
        return distances, np.asarray(1 - np.cumprod(clear))

    def normal_at(self, point_lps_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """Unit normal ``(3,)`` of the tissue at a patient point; zeros where there is none."""
        return np.zeros(3) if self._data is None else self._data.normal_at(point_lps_mm)

    def close(self) -> None:
        """Take it out of the renderer."""
        self.set_data(None)

    def _build(self, data: DisplayVolume) -> None:
        window = self._renderer.GetRenderWindow()
        in_software = window is None or draws_in_software(window)
        self._mapper = self._ready or software_mapper(data) if in_software else card_mapper(data)
        self._ready = None
        clip(self._mapper, self._kept)
        self._volume = vtkVolume()
        self._volume.SetMapper(self._mapper)
        self._volume.SetProperty(self._property)
        self._volume.SetUserMatrix(data.vtk_matrix)
        self._renderer.AddVolume(self._volume)

    def _set_stops(self) -> None:
        if self._data is None or self._preset is None:
            return
        opacity, colors = vtkPiecewiseFunction(), vtkColorTransferFunction()
        for stop in self._preset.stops:
            scalar = (stop.value - self._data.intercept) / self._data.slope
            opacity.AddPoint(scalar, stop.opacity)
            colors.AddRGBPoint(scalar, *stop.color)
        self._property.SetScalarOpacity(opacity)
        self._property.SetColor(colors)
        self._property.SetScalarOpacityUnitDistance(OPACITY_MM)

    def _remove(self) -> None:
        if self._volume is not None:
            self._renderer.RemoveVolume(self._volume)
            if self._mapper is not None and self._renderer.GetRenderWindow() is not None:
                self._mapper.ReleaseGraphicsResources(self._renderer.GetRenderWindow())
        self._volume = self._mapper = None


def _within(pixels: float) -> float:
    return float(np.clip(pixels, FINEST_PX, COARSEST_PX))
