"""ROIs, points, needles and the three planes in 3D, and the camera around them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import vtkmodules.vtkRenderingOpenGL2  # noqa: F401  (registers the OpenGL classes)
from vtkmodules.vtkCommonCore import vtkLookupTable
from vtkmodules.vtkCommonDataModel import vtkPlane
from vtkmodules.vtkRenderingCore import vtkImageProperty, vtkImageSlice, vtkRenderer
from vtkmodules.vtkRenderingImage import vtkImageResliceMapper

from rtvis.app.palette import PLANE_COLORS, roi_color
from rtvis.app.planes import PlaneKind
from rtvis.app.window_presets import LEAST_SHARE_SHOWN, sampled_values
from rtvis.scene.meshes import line_actor, sphere_actor, surface_actor, tube_actor
from rtvis.scene.orientation_cube import OrientationCube

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import ArrayLike, NDArray
    from vtkmodules.vtkRenderingCore import vtkActor

    from rtvis.app.planes import ViewPlane, VolumePlanes
    from rtvis.model.structure_set import Roi
    from rtvis.scene.volume_image import VolumeImage
    from rtvis.surfaces.roi_surface import RoiSurface

BACKGROUND = (0.055, 0.062, 0.075)

DIRECTIONS: dict[str, tuple[tuple[float, float, float], tuple[float, float, float]]] = {
    "A": ((0, -1, 0), (0, 0, 1)),
    "P": ((0, 1, 0), (0, 0, 1)),
    "L": ((1, 0, 0), (0, 0, 1)),
    "R": ((-1, 0, 0), (0, 0, 1)),
    "S": ((0, 0, 1), (0, -1, 0)),
    "I": ((0, 0, -1), (0, -1, 0)),
}
"""Where one looks from, and what is up, in LPS."""

START_TURN_DEG = (-28.0, 18.0)
"""The first look: from the front, turned to the side and raised, so that depth is seen."""

FIT_MARGIN = 1.06
"""A fitted scene leaves 3 % of the view free on each side."""

CENTRING_STEPS = 8
"""Each takes most of what is left of the way to the middle."""

SEE_THROUGH_HU = -250.0
"""Air and lung in the planes of a CT don't hide what is behind them, unless the volume is nothing else."""

EXTERNAL_OPACITY = 0.14
ENCLOSING_OPACITY = 0.38


@dataclass(slots=True, eq=False)
class _Shown:
    """What stands in the scene for one ROI."""

    roi: Roi
    surface: RoiSurface | None = None
    actors: list[vtkActor] = field(default_factory=list)
    surface_actor: vtkActor | None = None


class Scene3D:
    """The 3D view without its widget. Nothing here renders: change what is to change, then render once."""

    def __init__(self, renderer: vtkRenderer) -> None:
        """Build the scene in a renderer, which stays the caller's; its window must have been set."""
        self._renderer = renderer
        renderer.SetBackground(*BACKGROUND)
        renderer.UseDepthPeelingOff()
        self._cube = OrientationCube(renderer)
        self._shown: dict[int, _Shown] = {}
        self._image: VolumeImage | None = None
        self._has_air = False
        self._window = (400.0, 40.0)
        self._property = vtkImageProperty()
        self._property.SetInterpolationTypeToLinear()
        self._planes: dict[PlaneKind, tuple[vtkPlane, vtkImageSlice]] = {}
        self._frames: list[vtkActor] = []
        self._planes_visible = True
        self._volume_planes: VolumePlanes | None = None
        self._framed = False
        self._fitted = False
        self._aspect: float | None = None

    # --- what is shown -------------------------------------------------------------------------------------------

    def set_image(self, image: VolumeImage | None, planes: VolumePlanes | None = None) -> None:
        """Show another volume's planes, or none; `planes` are its `VolumePlanes`, for the frames' size."""
        for _, actor in self._planes.values():
            self._renderer.RemoveViewProp(actor)
        self._planes.clear()
        self._remove(self._frames)
        self._image = image
        # An MR has no value for air, and noise as dark as air within the patient.
        self._has_air = (
            image is not None
            and image.volume.modality == "CT"
            and bool(np.mean(sampled_values(image.volume) > SEE_THROUGH_HU) >= LEAST_SHARE_SHOWN)
        )
        self._volume_planes = planes
        self._framed = False
        self.set_window(*self._window)

    def set_window(self, width: float, level: float) -> None:
        """Window width and level in the volume's units."""
        self._window = (width, level)
        air = 0.0
        if self._image is not None:
            if self._has_air:
                air = max((SEE_THROUGH_HU - level) / width + 0.5, 1e-6)
            width, level = self._image.stored_window(width, level)
        self._property.SetLookupTable(_greys(see_through=air))
        self._property.SetColorWindow(width)
        self._property.SetColorLevel(level)

    def set_views(self, views: Iterable[ViewPlane]) -> None:
        """Where the slice planes are."""
        self._remove(self._frames)
        shown = list(views)
        for kind in [one for one in self._planes if one not in {view.kind for view in shown}]:
            self._renderer.RemoveViewProp(self._planes.pop(kind)[1])
        for view in shown:
            if self._image is not None:
                plane = self._slice_of(view)
                plane.SetOrigin(*view.plane.origin_lps_mm.tolist())
                plane.SetNormal(*view.plane.normal.tolist())
            if self._volume_planes is not None and self._planes_visible:
                corners = self._frame_of(view, self._volume_planes)
                if not len(corners):
                    continue
                frame = line_actor([corners], PLANE_COLORS[view.kind], width=1.5)
                self._frames.append(frame)
                self._renderer.AddViewProp(frame)
        self._frame_once()

    def set_planes_visible(self, *, visible: bool) -> None:
        """Show or hide the slice planes; call `set_views` after showing them again."""
        self._planes_visible = visible
        for _, actor in self._planes.values():
            actor.SetVisibility(visible)
        for frame in self._frames:
            frame.SetVisibility(visible)

    def set_rois(self, rois: Iterable[Roi]) -> None:
        """Show these ROIs (the visible ones). Surfaces of ROIs whose contours changed are taken away."""
        wanted = {roi.number: roi for roi in rois}
        for number in [one for one in self._shown if one not in wanted]:
            self._drop(self._shown.pop(number))
        for number, roi in wanted.items():
            known = self._shown.get(number)
            if known is not None and known.roi.contours is roi.contours and known.roi.color == roi.color:
                known.roi = roi
                continue
            surface = known.surface if known is not None and known.roi.contours is roi.contours else None
            if known is not None:
                self._drop(known)
            self._shown[number] = self._built(_Shown(roi, surface))
        self._set_opacities()
        self._frame_once()

    def rois_without_surface(self) -> tuple[Roi, ...]:
        """Shown ROIs with closed contours whose surface is still to be made (by `roi_surface`, in any thread)."""
        return tuple(
            one.roi
            for one in self._shown.values()
            if one.surface is None and any(contour.is_closed for contour in one.roi.contours)
        )

    def set_surface(self, roi: Roi, surface: RoiSurface) -> None:
        """Show the surface of an ROI; ignored when the ROI was hidden or edited since it was asked for."""
        known = self._shown.get(roi.number)
        if known is None or known.roi.contours is not roi.contours:
            return
        self._drop(known)
        self._shown[roi.number] = self._built(_Shown(known.roi, surface))
        self._set_opacities()
        self._frame_once()

    # --- the camera ----------------------------------------------------------------------------------------------

    def look_from(self, letter: str) -> None:
        """Look from one of the sides A, P, L, R, S, I at all that is shown."""
        towards, up = DIRECTIONS[letter]
        camera = self._renderer.GetActiveCamera()
        focal = np.array(camera.GetFocalPoint())
        distance = camera.GetDistance()
        camera.SetPosition(*(focal + distance * np.array(towards)).tolist())
        camera.SetViewUp(*up)
        self.fit()

    def reset(self) -> None:
        """The first look: from the front, a little from the side and from above, at all that is shown."""
        self.look_from("A")
        camera = self._renderer.GetActiveCamera()
        camera.Azimuth(START_TURN_DEG[0])
        camera.Elevation(START_TURN_DEG[1])
        camera.OrthogonalizeViewUp()
        self.fit()

    def set_size(self, width: float, height: float) -> None:
        """The view's size in any unit; what was fitted and not moved since is fitted again.

        Without it the renderer's window says what the view's shape is.
        """
        self._aspect = max(width, 1.0) / max(height, 1.0)
        if self._fitted:
            self.fit()

    def fit(self) -> None:
        """Show all there is, as large as it goes with a margin, in the direction the camera looks in."""
        points = self._extent()
        if points is None:
            return
        camera = self._renderer.GetActiveCamera()
        back = -np.array(camera.GetDirectionOfProjection())
        right = np.cross(camera.GetViewUp(), back)
        right /= np.linalg.norm(right)
        up = np.cross(back, right)
        depth = points @ back
        aspect = self._aspect if self._aspect is not None else self._renderer.GetTiledAspectRatio()
        half = np.tan(np.radians(camera.GetViewAngle()) / 2) / FIT_MARGIN
        place, distances = np.zeros(3), []
        tangents = ((right, half * aspect), (up, half))
        for axis, tangent in tangents:
            # A camera at c sees a point p where |p - c| along the axis is at most (c - p) along `back` times the
            # tangent: the outermost points of either side decide where it stands and how far away.
            along = points @ axis
            high, low = float((along + depth * tangent).max()), float((-along + depth * tangent).max())
            place += axis * (high - low) / 2
            distances.append((high + low) / (2 * tangent))
        middle = float(depth.min() + depth.max()) / 2
        distance = max(*distances, float(depth.max()) + 1.0)
        for axis, _ in tangents:  # in the direction where there is room to spare, what is seen goes to the middle
            for _ in range(CENTRING_STEPS):
                seen = (points @ axis - place @ axis) / (distance - depth)
                place += axis * float(seen.min() + seen.max()) / 2 * (distance - middle)
        camera.SetFocalPoint(*(place + back * middle).tolist())
        camera.SetPosition(*(place + back * distance).tolist())
        camera.SetViewUp(*up.tolist())
        self._aimed()
        self._fitted = True

    def turn(self, dx: float, dy: float, height: float) -> None:
        """Turn by a drag of (dx, dy) logical pixels (y down) in a view `height` pixels high: half a turn a height."""
        camera = self._renderer.GetActiveCamera()
        self._fitted = False
        camera.Azimuth(-180.0 * dx / height)
        camera.Elevation(180.0 * dy / height)
        camera.OrthogonalizeViewUp()
        self._aimed()

    def zoom(self, factor: float) -> None:
        """Come nearer by a factor."""
        self._fitted = False
        self._renderer.GetActiveCamera().Dolly(factor)
        self._aimed()

    def pan(self, dx: float, dy: float, height: float) -> None:
        """Move the scene by a drag of (dx, dy) logical pixels (y down) in a view `height` pixels high."""
        camera = self._renderer.GetActiveCamera()
        self._fitted = False
        up = np.array(camera.GetViewUp())
        right = np.cross(camera.GetDirectionOfProjection(), up)
        scale = 2 * camera.GetDistance() * np.tan(np.radians(camera.GetViewAngle()) / 2) / height
        shift = (up * dy - right * dx) * scale
        camera.SetPosition(*(np.array(camera.GetPosition()) + shift).tolist())
        camera.SetFocalPoint(*(np.array(camera.GetFocalPoint()) + shift).tolist())
        self._aimed()

    def centre_on(self, point_lps_mm: ArrayLike) -> None:
        """Turn about a patient point from now on, keeping the direction of view."""
        camera = self._renderer.GetActiveCamera()
        self._fitted = False
        shift = np.asarray(point_lps_mm, dtype=np.float64) - np.array(camera.GetFocalPoint())
        camera.SetPosition(*(np.array(camera.GetPosition()) + shift).tolist())
        camera.SetFocalPoint(*np.asarray(point_lps_mm, dtype=np.float64).tolist())
        self._aimed()

    def _extent(self) -> NDArray[np.float64] | None:
        """Corners ``(n, 3)`` LPS mm of what is to be seen: the volume, wherever its planes are, and all that is drawn.

        None where there is nothing.
        """
        boxes = [actor.GetBounds() for one in self._shown.values() for actor in one.actors]
        found = [np.array(np.meshgrid(box[:2], box[2:4], box[4:])).reshape(3, -1).T for box in boxes if box is not None]
        if self._planes_visible and self._volume_planes is not None:
            found.append(np.asarray(self._volume_planes.grid.corners_lps_mm()))
        return np.vstack(found) if found else None

    def close(self) -> None:
        """Take everything out of the renderer and let it go."""
        self.set_rois(())
        self.set_image(None)
        self._cube.close()

    # --- inside --------------------------------------------------------------------------------------------------

    @staticmethod
    def _frame_of(view: ViewPlane, planes: VolumePlanes) -> NDArray[np.float64]:
        """Closed line around a plane, ``(n, 3)`` LPS mm; nothing where an oblique one misses the volume."""
        if view.kind is PlaneKind.OBLIQUE:
            corners = planes.outline(view)
            return np.vstack([corners, corners[:1]])
        u0, u1, v0, v1 = planes.bounds(view)
        return view.plane.to_patient(np.array([[u0, v0], [u1, v0], [u1, v1], [u0, v1], [u0, v0]]))

    def _slice_of(self, view: ViewPlane) -> vtkPlane:
        known = self._planes.get(view.kind)
        if known is None:
            assert self._image is not None
            plane = vtkPlane()
            mapper = vtkImageResliceMapper()
            # Resampled once for each place of the plane, not at each turn of the camera.
            mapper.ResampleToScreenPixelsOff()
            mapper.BorderOn()  # voxels reach half a gap beyond the outermost centres, as the frame does
            mapper.SetInputData(self._image.whole)
            mapper.SetSlicePlane(plane)
            actor = vtkImageSlice()
            actor.SetMapper(mapper)
            actor.SetProperty(self._property)
            actor.SetVisibility(self._planes_visible)
            known = self._planes[view.kind] = (plane, actor)
            self._renderer.AddViewProp(actor)
        return known[0]

    def _built(self, shown: _Shown) -> _Shown:
        roi, surface = shown.roi, shown.surface
        color = roi_color(roi)
        in_surface = frozenset(() if surface is None else surface.used)
        closed: list[NDArray[np.float64]] = []
        curves: list[NDArray[np.float64]] = []
        points: list[NDArray[np.float64]] = []
        for index, contour in enumerate(roi.contours):
            drawn = contour.points_lps
            if len(drawn) == 1 or contour.geometric_type == "POINT":
                points.append(drawn)
            elif contour.geometric_type.startswith("OPEN"):
                curves.append(drawn)
            elif index not in in_surface:
                closed.append(np.vstack([drawn, drawn[:1]]))
        if closed:
            shown.actors.append(line_actor(closed, color, width=1.5))
        if curves:
            shown.actors.append(tube_actor(curves, color))
        if points:
            shown.actors.append(sphere_actor(np.vstack(points), color))
        if surface is not None and surface.mesh.GetNumberOfCells():
            shown.surface_actor = surface_actor(surface.mesh, color)
            shown.actors.append(shown.surface_actor)
        for actor in shown.actors:
            self._renderer.AddViewProp(actor)
        return shown

    def _set_opacities(self) -> None:
        """Let surfaces that others lie in be seen through: the patient's outline most of all."""
        with_surface = [one for one in self._shown.values() if one.surface_actor is not None]
        boxes = {one.roi.number: np.array(one.surface_actor.GetBounds()) for one in with_surface if one.surface_actor}
        for one in with_surface:
            assert one.surface_actor is not None
            inside = [n for n, box in boxes.items() if n != one.roi.number and _encloses(boxes[one.roi.number], box)]
            external = one.roi.interpreted_type == "EXTERNAL" or len(inside) >= max(3, len(boxes) // 2)
            opacity = EXTERNAL_OPACITY if external else ENCLOSING_OPACITY if inside else 1.0
            one.surface_actor.GetProperty().SetOpacity(opacity)

    def _frame_once(self) -> None:
        """Aim at what there is when there is something for the first time."""
        if not self._framed and self._renderer.VisibleActorCount() + len(self._planes) > 0:
            self._framed = True
            self.reset()

    def _aimed(self) -> None:
        self._renderer.ResetCameraClippingRange()
        self._cube.follow(self._renderer.GetActiveCamera())

    def _drop(self, shown: _Shown) -> None:
        self._remove(shown.actors)
        shown.surface_actor = None

    def _remove(self, actors: list[vtkActor]) -> None:
        for actor in actors:
            self._renderer.RemoveViewProp(actor)
        actors.clear()


def _greys(*, see_through: float) -> vtkLookupTable:
    """Black to white; the darkest share `see_through` (0 to 1) of the window doesn't hide what is behind the plane."""
    table = vtkLookupTable()
    table.SetNumberOfTableValues(256)
    for n in range(256):
        grey = n / 255
        table.SetTableValue(n, grey, grey, grey, 0.0 if grey < see_through else 1.0)
    return table


def _encloses(outer: Sequence[float] | NDArray[np.float64], inner: Sequence[float] | NDArray[np.float64]) -> bool:
    """Whether one box of bounds lies in another."""
    a, b = np.asarray(outer), np.asarray(inner)
    return bool(np.all(a[::2] <= b[::2]) and np.all(a[1::2] >= b[1::2]))
