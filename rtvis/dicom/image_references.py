"""Which images a structure set and its contours name (PS3.3 C.8.8.5, C.8.8.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rtvis.geometry.curve_planes import LAYER_TOLERANCE_MM
from rtvis.geometry.plane import fit_plane
from rtvis.model.structure_set import ImageReference

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike

    from rtvis.model.structure_set import StructureSet
    from rtvis.model.volume import VolumeHeader

    ImagesOf = Callable[[ArrayLike], tuple[ImageReference, ...]]


def references_of(structure_set: StructureSet) -> ImagesOf:
    """Gives the images that a new contour of a set, by its points ``(n, 3)`` LPS mm, is to name.

    They are those of the set's volume (`image_references`). Where the images aren't there, they are the ones that
    contours of the set on the same plane name, where these agree: nobody else knows which image is there. A contour may
    name none (PS3.3 C.8.8.6, Contour Image Sequence is type 3), and does where nothing tells.
    """
    volume = structure_set.volume
    if volume is not None:
        return lambda points_lps_mm: image_references(points_lps_mm, volume)
    naming = [one for roi in structure_set.rois for one in roi.contours if one.images and len(one.points_lps)]
    firsts = np.array([one.points_lps[0] for one in naming]).reshape(-1, 3)

    def images_beside(points_lps_mm: ArrayLike) -> tuple[ImageReference, ...]:
        points = np.asarray(points_lps_mm, dtype=np.float64).reshape(-1, 3)
        if len(points) < 3 or not len(naming):
            return ()  # no plane goes through fewer
        plane, residual_mm = fit_plane(points)
        if residual_mm > LAYER_TOLERANCE_MM or np.linalg.matrix_rank(points - points[0], LAYER_TOLERANCE_MM) < 2:
            return ()
        near = np.flatnonzero(plane.is_near(firsts, LAYER_TOLERANCE_MM)).tolist()
        named = {naming[n].images for n in near if plane.is_near(naming[n].points_lps, LAYER_TOLERANCE_MM).all()}
        return named.pop() if len(named) == 1 else ()

    return images_beside


def image_references(points_lps_mm: ArrayLike, volume: VolumeHeader) -> tuple[ImageReference, ...]:
    """The images of `volume` that a contour through `points_lps_mm`, ``(n, 3)`` LPS mm, lies on.

    Each point belongs to the image plane nearest to it along the slice normal. The contour names the images from the
    first to the last of these: one for a contour on or near an image plane, all that it crosses for an oblique one, the
    end image for one outside the stack.
    """
    points = np.asarray(points_lps_mm, dtype=np.float64).reshape(-1, 3)
    if len(points) == 0:
        return ()
    distances = volume.grid.slice_distances_mm
    along = points @ volume.grid.normal
    extremes = [int(np.argmin(np.abs(distances - value))) for value in (along.min(), along.max())]
    return tuple(reference_to(volume, k) for k in range(min(extremes), max(extremes) + 1))


def reference_to(volume: VolumeHeader, k: int) -> ImageReference:
    """The reference to slice `k` of a volume."""
    one = volume.slices[k]
    return ImageReference(one.sop_class_uid, one.sop_instance_uid, one.frame or None)


def distinct_images(volume: VolumeHeader) -> tuple[ImageReference, ...]:
    """The image objects of a volume in slice order, each once and without its frames."""
    found = {one.sop_instance_uid: ImageReference(one.sop_class_uid, one.sop_instance_uid) for one in volume.slices}
    return tuple(found.values())
