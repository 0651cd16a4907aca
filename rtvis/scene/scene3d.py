"""ROIs, points, needles and the planes in 3D, with a camera around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import vtkmodules.vtkRenderingOpenGL2  # noqa: F401  (registers the OpenGL classes)

from rtvis.app.view3d_state import CutAtPlane, CutToBox, Look3D
from rtvis.scene.camera3d import Camera3D
from rtvis.scene.orientation_cube import OrientationCube
from rtvis.scene.picking import Picked, plane_hits, roi_hits, seen_first
from rtvis.scene.planes3d import Planes3D
from rtvis.scene.rois3d import Rois3D
from rtvis.scene.tissue import Tissue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray
    from vtkmodules.vtkCommonDataModel import vtkPolyData
    from vtkmodules.vtkRenderingCore import vtkRenderer

    from rtvis.app.planes import PlaneKind, ViewPlane, VolumePlanes
    from rtvis.app.tissue_presets import TissuePreset
    from rtvis.app.view3d_state import HalfSpace
    from rtvis.model.structure_set import Roi
    from rtvis.scene.volume_image import VolumeImage
    from rtvis.surfaces.roi_surface import RoiSurface

BACKGROUND = (0.055, 0.062, 0.075)


@dataclass(frozen=True, slots=True)
class Shown3D:
    """What a scene showed at one moment.

    Attributes:
        show_in: has another scene show it; in any thread.
        height: of the view, logical pixels.
    """

    show_in: Callable[[Scene3D], None]
    height: float


class Scene3D:
    """The 3D view without its widget. Nothing here renders: change what is to change, then render once.

    Attributes:
        camera: moves what is looked at.
        planes: the slice planes.
        rois: surfaces and lines.
        tissue: the volume, rendered.
    """

    def __init__(self, renderer: vtkRenderer) -> None:
        """Build the scene in a renderer, which stays the caller's; its window must have been set."""
        self._renderer = renderer
        renderer.SetBackground(*BACKGROUND)
        renderer.UseDepthPeelingOff()
        self._cube = OrientationCube(renderer)
        self.planes = Planes3D(renderer)
        self.rois = Rois3D(renderer)
        self.tissue = Tissue(renderer)
        self.camera = Camera3D(renderer, self._extent, self._aimed)
        self._framed = False
        self._look = Look3D()
        self._kept: tuple[HalfSpace, ...] = ()

    # --- what is shown -------------------------------------------------------------------------------------------

    def set_image(self, image: VolumeImage | None, planes: VolumePlanes | None = None) -> bool:
        """Show another volume's planes, or none.

        Args:
            image: of the volume; None where there are contours alone, whose planes are seen as frames.
            planes: their `VolumePlanes`, for the frames' size.

        Returns:
            Whether one goes on looking at the same: the same voxels in another unit (a PET in SUV) are on the same
            grid, and planes around contours are laid anew when an edit goes beyond them.
        """
        before, had_image = self.planes.volume_planes, self.planes.image is not None
        self.planes.set_image(image, planes)
        if before is None or planes is None:
            stays = False
        elif image is None and not had_image:
            stays = before.grid.frame_of_reference_uid == planes.grid.frame_of_reference_uid
        else:
            stays = before.grid is planes.grid
        self._framed = self._framed and stays
        return stays

    def set_window(self, width: float, level: float) -> None:
        """Window width and level in the volume's units."""
        self.planes.set_window(width, level)

    def set_views(self, views: Iterable[ViewPlane]) -> None:
        """Where the slice planes are."""
        self.planes.set_views(views)
        self._cut()
        self._frame_once()

    def set_look(self, look: Look3D, preset: TissuePreset | None = None) -> None:
        """Show things another way.

        Args:
            look: what was chosen.
            preset: the one that `look.tissue` names; what it renders comes by `Tissue.set_data`.
        """
        self._look = look
        self.planes.set_visible(look.planes)
        self.rois.set_style(look.roi_style, look.opacity, look.roi_looks)
        self.tissue.set_preset(preset)
        self.camera.set_parallel(parallel=look.parallel)
        self._cut()
        self._frame_once()

    def set_line_scale(self, scale: float) -> None:
        """Draw lines so many pixels of the picture wide for each logical pixel of their width.

        They look the same then on screens with small pixels, and in pictures that are drawn smaller and enlarged.
        """
        self.rois.set_line_scale(scale)
        self.planes.set_line_scale(scale)

    def prepare(self) -> None:
        """Get ready to be drawn; call it right before each drawing, when the window's OpenGL is there."""
        self._cube.fit(*self.camera.size)
        self.tissue.prepare()
        if self.tissue.is_shown:
            self._renderer.ResetCameraClippingRange()  # it comes late, and isn't there when the camera is aimed

    @property
    def has_extent(self) -> bool:
        """Whether there is anything that a camera could be aimed at."""
        return self._extent() is not None

    def set_rois(self, rois: Iterable[Roi]) -> None:
        """Show these ROIs (the visible ones). Surfaces of ROIs whose contours changed are taken away."""
        self.rois.set_rois(rois)
        self._frame_once()

    def rois_without_surface(self) -> tuple[Roi, ...]:
        """Shown ROIs with closed contours whose surface is still to be made (by `roi_surface`, in any thread)."""
        return self.rois.without_surface()

    def set_surface(self, roi: Roi, surface: RoiSurface, coarse: Sequence[vtkPolyData] = ()) -> None:
        """Show the surface of an ROI; see `Rois3D.set_surface`."""
        self.rois.set_surface(roi, surface, coarse)
        self._frame_once()

    def shown(self) -> Shown3D:
        """What is shown now, to be shown in another scene: they share data, and nothing that is drawn with."""
        show_planes, look = self.planes.shown(), self._look
        rois = [(one.roi, one.surface) for one in self.rois]
        data, preset = self.tissue.data, self.tissue.preset
        camera, height = self.camera.copied(), self.camera.size[1]

        def show_in(other: Scene3D) -> None:
            show_planes(other.planes)
            other.rois.set_rois([roi for roi, _ in rois])
            for roi, surface in rois:
                if surface is not None:
                    other.rois.set_surface(roi, surface)
            other.tissue.set_data(data)
            other.set_look(look, preset)
            other.camera.see_as(camera)

        return Shown3D(show_in, height)

    def pick(self, x: float, y: float) -> Picked | None:
        """What is seen at a place of the view: surface, tube, ball, plane or tissue; None where there is nothing.

        Of things seen through others it is the one that the pixel has most of its colour from.

        Args:
            x: logical pixels from the view's left edge, unrounded: a mouse event's `localPos().x()`.
            y: the same from its upper edge, downwards.
        """
        ray = self.camera.ray(x, y)
        kept, whole = self._kept, self._cut_kind
        hits = [*roi_hits(self.rois, ray, kept), *plane_hits(self.planes, ray, kept, whole)]
        return seen_first(hits, ray, self.tissue)

    def close(self) -> None:
        """Take everything out of the renderer and let it go."""
        self.rois.set_rois(())
        self.rois.set_preview(())
        self.planes.close()
        self.tissue.close()
        self._cube.close()

    # --- inside --------------------------------------------------------------------------------------------------

    def _extent(self) -> NDArray[np.float64] | None:
        """Corners ``(n, 3)`` LPS mm of what is to be seen: the volume, wherever its planes are, and all that is drawn.

        Of what a box cuts only what is left; of contours far from the volume nothing, or all would be a speck. None
        where there is nothing.
        """
        boxes = self._near_volume([box for one in self.rois for box in one.bounds()])
        found = [np.array(np.meshgrid(box[:2], box[2:4], box[4:])).reshape(3, -1).T for box in boxes]
        if self.planes.is_visible and self.planes.volume_planes is not None:
            found.append(np.asarray(self.planes.volume_planes.grid.corners_lps_mm()))
        tissue = self.tissue.bounds()
        if tissue is not None:
            found.append(tissue)
        if not found:
            return None
        points = np.vstack(found)
        cut = self._look.cut
        return np.clip(points, cut.low, cut.high) if isinstance(cut, CutToBox) else points

    def _near_volume(self, boxes: list[tuple[float, ...]]) -> list[tuple[float, ...]]:
        """What of boxes (x least, x most, y ...) is no further from the volume than the volume is large; else all."""
        planes = self.planes.volume_planes
        if planes is None or not boxes:
            return boxes
        corners = planes.grid.corners_lps_mm()
        low, high = corners.min(axis=0), corners.max(axis=0)
        size = float((high - low).max())
        faces = np.array(boxes).reshape(-1, 3, 2)
        least, most = np.maximum(faces[..., 0], low - size), np.minimum(faces[..., 1], high + size)
        near = np.all(least <= most, axis=1)
        return [tuple(box) for box in np.stack([least, most], axis=2)[near].reshape(-1, 6).tolist()] or boxes

    @property
    def _cut_kind(self) -> PlaneKind | None:
        return self._look.cut.kind if isinstance(self._look.cut, CutAtPlane) else None

    def _cut(self) -> None:
        """Take away what the look's cut takes away, where the planes are now."""
        cut = self._look.cut
        kept: tuple[HalfSpace, ...] = ()
        if isinstance(cut, CutAtPlane):
            view = self.planes.view(cut.kind)
            kept = () if view is None else cut.kept(view)
        elif cut is not None:
            kept = cut.kept()
        if kept or self._kept:
            self._kept = kept
            self.rois.set_kept(kept)
            self.tissue.set_kept(kept)
        self.planes.set_kept(kept, self._cut_kind)

    def _frame_once(self) -> None:
        """Aim at what there is when there is something for the first time."""
        if not self._framed and self._renderer.VisibleActorCount() + len(self.planes.views) > 0:
            self._framed = True
            self.camera.reset()

    def _aimed(self) -> None:
        self._renderer.ResetCameraClippingRange()
        self._cube.follow(self._renderer.GetActiveCamera())
