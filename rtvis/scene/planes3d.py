"""The slice planes in 3D, textured and framed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPlane
from vtkmodules.vtkRenderingCore import vtkImageProperty, vtkImageSlice, vtkRenderer
from vtkmodules.vtkRenderingImage import vtkImageResliceMapper, vtkImageStack

from rtvis.app.color_maps import GRAY
from rtvis.app.palette import PLANE_COLORS
from rtvis.app.planes import PlaneKind
from rtvis.app.window_presets import FEW_SLICES, LEAST_SHARE_SHOWN, sampled_values
from rtvis.scene.clipping import clip
from rtvis.scene.meshes import line_actor, move_line, set_width
from rtvis.scene.needed_cuts import MOST_CUTS, needed_cuts
from rtvis.scene.shades import overlay_shades, shades
from rtvis.scene.tilted_faces import tilted_faces

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from numpy.typing import NDArray
    from vtkmodules.vtkRenderingCore import vtkActor, vtkProp

    from rtvis.app.overlay_state import OverlayLook
    from rtvis.app.planes import ViewPlane, VolumePlanes
    from rtvis.app.view3d_state import HalfSpace
    from rtvis.scene.volume_image import VolumeImage

SEE_THROUGH_HU = -250.0
"""Air and lung in the planes of a CT don't hide what is behind them, unless the volume is nothing else."""


OVERLAY_GAP_MM = 1.2
"""Values of an overlay are taken at least so close to each other, and painted then: between voxels of a PET, 5 mm
apart, colours that were mixed would be those of no value."""

FINEST_FACTOR = 8

FRAME_WIDTH = 1.5
"""Logical pixels; see `Planes3D.set_line_scale`."""


@dataclass(frozen=True, slots=True, eq=False)
class _Plane:
    """One plane in the renderer: the images, and what lies over them, drawn as one.

    Attributes:
        over: None without an overlay.
    """

    place: vtkPlane
    stack: vtkImageStack
    base: vtkImageSlice
    over: vtkImageSlice | None = None

    @property
    def layers(self) -> tuple[vtkImageSlice, ...]:
        """What is drawn, from below."""
        return (self.base,) if self.over is None else (self.base, self.over)


class Planes3D:
    """The slice planes of one 3D scene.

    Attributes:
        volume_planes: of the volume shown, or None.
    """

    def __init__(self, renderer: vtkRenderer) -> None:
        self._renderer = renderer
        self._image: VolumeImage | None = None
        self._has_air = False
        self._window = (400.0, 40.0)
        self._colors = GRAY.table()
        self._property = vtkImageProperty()
        self._property.SetInterpolationTypeToLinear()
        self._over: VolumeImage | None = None
        self._over_look: OverlayLook | None = None
        self._over_range = (0.0, 1.0)
        self._over_property = vtkImageProperty()
        self._over_property.SetInterpolationTypeToLinear()
        self._over_property.SetLayerNumber(1)
        self._planes: dict[PlaneKind, _Plane] = {}
        self._frames: dict[PlaneKind, vtkActor] = {}
        self._views: dict[PlaneKind, ViewPlane] = {}
        self._visible: frozenset[PlaneKind] = frozenset(PlaneKind)
        self._line_scale = 1.0
        self._kept: Sequence[HalfSpace] = ()
        self._whole_kind: PlaneKind | None = None
        self.volume_planes: VolumePlanes | None = None

    @property
    def views(self) -> tuple[ViewPlane, ...]:
        """The planes that are seen, as they were set."""
        return tuple(view for kind, view in self._views.items() if kind in self._visible)

    @property
    def props(self) -> tuple[vtkProp, ...]:
        """Planes and frames as they stand in the renderer."""
        return (*(plane.stack for plane in self._planes.values()), *self._frames.values())

    @property
    def image(self) -> VolumeImage | None:
        """What they are cut from."""
        return self._image

    def set_image(self, image: VolumeImage | None, planes: VolumePlanes | None) -> None:
        """Show another volume, or none; `planes` are its `VolumePlanes`, for the frames' size."""
        self._forget(tuple(self._views))
        self._image = image
        self.volume_planes = planes
        self.values_changed()

    def values_changed(self) -> None:
        """The voxels were filled on: what was black may be air now."""
        # An MR has no value for air, and noise as dark as air within the patient.
        self._has_air = (
            self._image is not None
            and self._image.volume.modality == "CT"
            and bool(np.mean(sampled_values(self._image.volume, FEW_SLICES) > SEE_THROUGH_HU) >= LEAST_SHARE_SHOWN)
        )
        self.set_window(*self._window)

    def set_window(self, width: float, level: float) -> None:
        """Window width and level in the volume's units."""
        self._window = (width, level)
        self._property.SetLookupTable(shades(self._colors, see_through=self._air_share()))
        if self._image is not None:
            width, level = self._image.stored_window(width, level)
        self._property.SetColorWindow(width)
        self._property.SetColorLevel(level)

    def set_color_map(self, table: NDArray[np.uint8]) -> None:
        """Paint the window with colours ``(256, 3)``."""
        self._colors = table
        self.set_window(*self._window)

    def set_overlay(self, image: VolumeImage | None, look: OverlayLook | None = None) -> None:
        """Show a second volume over the images, or none; it has its own grid, and is painted as `look` says."""
        self._over_look = look
        if look is not None and image is not None:
            table, self._over_range = overlay_shades(look)
            first, last = self._over_range
            width, level = image.stored_window(last - first, (first + last) / 2)
            self._over_property.SetLookupTable(table)
            self._over_property.SetColorWindow(width)
            self._over_property.SetColorLevel(level)
        if image is not self._over:
            self._over = image
            for kind, plane in self._planes.items():
                self._planes[kind] = self._with_overlay(plane)
            self._cut()

    def set_views(self, views: Iterable[ViewPlane]) -> None:
        """Where the planes are; `set_kept` follows, since what there is to be cut from one depends on its place."""
        wanted = {view.kind: view for view in views}
        self._forget(tuple(kind for kind in self._views if kind not in wanted))
        for kind, view in wanted.items():
            self._views[kind] = view
            if self._image is not None:
                place = self._plane_of(kind).place
                place.SetOrigin(*view.plane.origin_lps_mm.tolist())
                place.SetNormal(*view.plane.normal.tolist())
            self._set_frame(view)

    def set_visible(self, kinds: Collection[PlaneKind]) -> None:
        """Show the planes of these kinds and hide the others."""
        self._visible = frozenset(kinds)
        for kind, plane in self._planes.items():
            plane.stack.SetVisibility(kind in self._visible)
        for kind, frame in self._frames.items():
            frame.SetVisibility(kind in self._visible)

    def set_line_scale(self, scale: float) -> None:
        """Draw frames so many pixels of the picture wide for each logical pixel of their width."""
        if scale != self._line_scale:
            self._line_scale = scale
            for frame in self._frames.values():
                set_width(frame, FRAME_WIDTH * scale)

    def shown(self) -> Callable[[Planes3D], None]:
        """What has the planes of another scene show what these show now, in any thread."""
        image, volume_planes, colors, window = self._image, self.volume_planes, self._colors, self._window
        over, look, views, visible = self._over, self._over_look, tuple(self._views.values()), self._visible

        def show_in(other: Planes3D) -> None:
            other.set_image(image, volume_planes)
            other.set_color_map(colors)
            other.set_window(*window)
            other.set_overlay(over, look)
            other.set_views(views)
            other.set_visible(visible)

        return show_in

    @property
    def has_overlay(self) -> bool:
        """Whether a second volume is to be seen in them."""
        return self._over is not None and self.is_visible

    @property
    def is_visible(self) -> bool:
        """Whether planes of any of the standard kinds are to be seen."""
        return bool(self._visible)

    def view(self, kind: PlaneKind) -> ViewPlane | None:
        """The plane of a kind, seen or not."""
        return self._views.get(kind)

    def set_kept(self, kept: Sequence[HalfSpace], whole: PlaneKind | None = None) -> None:
        """Show only what lies in all of these, but for the plane of kind `whole`, which is the cut's own."""
        self._kept, self._whole_kind = kept, whole
        self._cut()

    def is_seen_through(self, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Where values, in the volume's units, are so dark that the planes don't hide what is behind them."""
        width, level = self._window
        return np.asarray(values < level + width * (self._air_share() - 0.5)) & self._has_air

    def is_painted_over(self, point_lps_mm: NDArray[np.float64]) -> bool:
        """Whether the overlay hides what is behind the planes at a patient point ``(3,)``."""
        value = None if self._over is None else self._over.volume.value_at(point_lps_mm)
        if value is None:
            return False
        table, (first, last) = self._over_property.GetLookupTable(), self._over_range
        place = np.clip((value - first) / (last - first), 0.0, 1.0) * (table.GetNumberOfTableValues() - 1)
        return bool(table.GetTableValue(round(float(place)))[3] > 0)

    def close(self) -> None:
        """Take everything out of the renderer."""
        self._forget(tuple(self._views))
        self._image = self._over = None
        self.volume_planes = None

    def _air_share(self) -> float:
        width, level = self._window
        return max((SEE_THROUGH_HU - level) / width + 0.5, 1e-6) if self._has_air else 0.0

    def _forget(self, kinds: Iterable[PlaneKind]) -> None:
        for kind in kinds:
            self._views.pop(kind, None)
            if kind in self._planes:
                self._renderer.RemoveViewProp(self._planes.pop(kind).stack)
            if kind in self._frames:
                self._renderer.RemoveViewProp(self._frames.pop(kind))

    def _plane_of(self, kind: PlaneKind) -> _Plane:
        if kind not in self._planes:
            assert self._image is not None
            place, stack = vtkPlane(), vtkImageStack()
            base = _layer(self._image, place, self._property, finer=1)
            stack.AddImage(base)
            stack.SetVisibility(kind in self._visible)
            self._planes[kind] = self._with_overlay(_Plane(place, stack, base))
            self._cut()
            _add_first(self._renderer, stack)
        return self._planes[kind]

    def _with_overlay(self, plane: _Plane) -> _Plane:
        """The plane with the overlay that there is now, or without."""
        if plane.over is not None:
            plane.stack.RemoveImage(plane.over)
        if self._over is None:
            return replace(plane, over=None)
        gap = min(self._over.volume.grid.spacing_mm)
        finer = int(np.clip(np.ceil(gap / OVERLAY_GAP_MM), 1, FINEST_FACTOR))
        over = _layer(self._over, plane.place, self._over_property, finer=finer)
        plane.stack.AddImage(over)
        return replace(plane, over=over)

    def _cut(self) -> None:
        """Show what is kept, and of what comes from tilted stacks only what lies in them."""
        images = [one for one in (self._image, self._over) if one is not None]
        sides = [tilted_faces(one.within()) for one in images]
        for kind, plane in self._planes.items():
            kept = () if kind is self._whole_kind else tuple(self._kept)
            for layer, faces, image in zip(plane.layers, sides, images, strict=False):
                cuts = (*kept, *faces)
                if len(cuts) > MOST_CUTS:
                    cuts = needed_cuts(self._views[kind].plane, _corners_of(image), cuts)
                clip(layer.GetMapper(), cuts)

    def _set_frame(self, view: ViewPlane) -> None:
        corners = self._corners(view)
        frame = self._frames.get(view.kind)
        if frame is not None and frame.GetMapper().GetInput().GetNumberOfPoints() == len(corners):
            move_line(frame, corners)
            return
        if frame is not None:
            self._renderer.RemoveViewProp(self._frames.pop(view.kind))
        if len(corners):
            frame = line_actor([corners], PLANE_COLORS[view.kind], width=FRAME_WIDTH * self._line_scale)
            frame.SetVisibility(view.kind in self._visible)
            self._frames[view.kind] = frame
            self._renderer.AddViewProp(frame)

    def _corners(self, view: ViewPlane) -> NDArray[np.float64]:
        """Closed line around a plane, ``(n, 3)`` LPS mm; nothing where an oblique one misses the volume."""
        planes = self.volume_planes
        if planes is None:
            return np.empty((0, 3))
        if view.kind is PlaneKind.OBLIQUE:
            corners = planes.outline(view)
            return np.vstack([corners, corners[:1]])
        u0, u1, v0, v1 = planes.bounds(view)
        return view.plane.to_patient(np.array([[u0, v0], [u1, v0], [u1, v1], [u0, v1], [u0, v0]]))


def _layer(image: VolumeImage, place: vtkPlane, look: vtkImageProperty, *, finer: int) -> vtkImageSlice:
    """What a plane cuts from a volume, with `finer` values for each voxel along each axis."""
    mapper = vtkImageResliceMapper()
    # Resampled once for each place of the plane, not at each turn of the camera.
    mapper.ResampleToScreenPixelsOff()
    mapper.SetImageSampleFactor(finer)
    mapper.BorderOn()  # voxels reach half a gap beyond the outermost centres, as the frame does
    mapper.SetInputData(image.whole)
    mapper.SetSlicePlane(place)
    layer = vtkImageSlice()
    layer.SetMapper(mapper)
    layer.SetProperty(look)
    return layer


def _corners_of(image: VolumeImage) -> NDArray[np.float64]:
    """Corners ``(8, 3)`` LPS mm of the box that an image fills."""
    box = np.array(image.whole.GetBounds()).reshape(3, 2)
    box += np.array([-1.0, 1.0]) * max(image.volume.grid.spacing_mm)  # half a voxel beyond the outermost centres
    return np.array(np.meshgrid(*box)).reshape(3, -1).T


def _add_first(renderer: vtkRenderer, prop: vtkProp) -> None:
    """Add something that is drawn before all else.

    What an overlay paints on air is then mixed with the background, not with whatever happened to be drawn behind it.
    """
    renderer.AddViewProp(prop)
    props = renderer.GetViewProps()
    if props.GetNumberOfItems() > 1:
        props.RemoveItem(prop)
        props.InsertItem(-1, prop)
