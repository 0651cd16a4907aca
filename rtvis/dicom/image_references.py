"""Which images a structure set and its contours name (PS3.3 C.8.8.5, C.8.8.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rtvis.model.structure_set import ImageReference

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from rtvis.model.volume import VolumeHeader


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
