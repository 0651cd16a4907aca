"""What is seen at a place of the 3D view, and where in the patient it is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from rtvis.scene.rois3d import Form

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from rtvis.app.planes import PlaneKind
    from rtvis.app.view3d_state import HalfSpace
    from rtvis.scene.planes3d import Planes3D
    from rtvis.scene.ray import Ray
    from rtvis.scene.rois3d import Part, Rois3D
    from rtvis.scene.tissue import Tissue


class PickedKind(StrEnum):
    """What was picked."""

    SURFACE = "surface"
    TUBE = "tube"
    BALL = "ball"
    PLANE = "plane"
    TISSUE = "tissue"


@dataclass(frozen=True, slots=True, eq=False)
class Picked:
    """Something that is seen in 3D.

    Attributes:
        point_lps_mm: ``(3,)`` where the line of sight meets it.
        normal: ``(3,)`` unit normal there, towards the eye's side.
        roi: number of the ROI it belongs to; None for image planes and tissue.
        kind: what it is.
        anchor_lps_mm: ``(3,)`` what it stands for: the drawn point of a ball, the nearest point of the drawn curve of
            a tube; otherwise the same as `point_lps_mm`. This is where a cursor should go.
    """

    point_lps_mm: NDArray[np.float64]
    normal: NDArray[np.float64]
    roi: int | None
    kind: PickedKind
    anchor_lps_mm: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Hit:
    """A place where a line of sight meets something.

    Attributes:
        distance_mm: from where the ray begins.
        opacity: 0 to 1, how much of what is behind it is hidden.
    """

    distance_mm: float
    opacity: float
    picked: Picked


LEAST_TISSUE = 0.06
"""Less of a pixel's colour than this is a haze that nobody points at."""


def seen_first(hits: Iterable[Hit], ray: Ray, tissue: Tissue) -> Picked | None:
    """What the pixel has most of its colour from, or None where there is nothing.

    So the patient's outline, nearly as clear as glass, doesn't stand in the way of what is seen through it, and is
    picked all the same where nothing else is. Rendered tissue is picked at the depth that halves what is seen of it.

    Args:
        hits: of surfaces and planes, in any order.
        ray: the line of sight.
        tissue: the rendered volume.
    """
    distances, hidden = tissue.opacity_along(ray)
    shares = np.diff(hidden, prepend=0.0)
    best, most, light = None, 0.0, 1.0
    for hit in sorted(hits, key=lambda one: one.distance_mm):
        behind = distances > hit.distance_mm
        before = float(hidden[~behind][-1]) if len(hidden) and not behind[0] else 0.0
        share = light * hit.opacity * (1 - before)
        if share > most:
            best, most = hit.picked, share
        light *= 1 - hit.opacity
        shares[behind] *= 1 - hit.opacity
    seen = float(shares.sum())
    if seen > max(most, LEAST_TISSUE):
        place = int(np.searchsorted(np.cumsum(shares), seen / 2))
        point = ray.at(distances[min(place, len(distances) - 1)])
        normal = tissue.normal_at(point)
        if normal @ ray.direction > 0 or not normal.any():
            normal = -ray.direction
        return Picked(point, normal, None, PickedKind.TISSUE, point)
    return best


def roi_hits(rois: Rois3D, ray: Ray, kept: Sequence[HalfSpace] = ()) -> list[Hit]:
    """Where a ray meets surfaces, tubes and balls of ROIs that are seen; surfaces within `kept` only."""
    hits: list[Hit] = []
    for shown in rois:
        for part in shown.parts:
            if not part.actor.GetVisibility():
                continue
            properties = part.actor.GetProperty()
            distances, normals = part.solid.hits(ray)
            facing = normals @ ray.direction
            if properties.GetBackfaceCulling():
                seen = facing < 0
                distances, normals, facing = distances[seen], normals[seen], facing[seen]
            normals = np.where(facing[:, None] > 0, -normals, normals)
            for distance, normal in zip(distances.tolist(), normals, strict=True):
                point = ray.at(distance)
                if part.form is Form.SURFACE and not all(half.contains(point) for half in kept):
                    continue
                anchor = point if part.form is Form.SURFACE else _nearest(part, point)
                picked = Picked(point, normal, shown.roi.number, PickedKind(part.form.value), anchor)
                hits.append(Hit(distance, properties.GetOpacity(), picked))
    return hits


def plane_hits(planes: Planes3D, ray: Ray, kept: Sequence[HalfSpace] = (), whole: PlaneKind | None = None) -> list[Hit]:
    """Where a ray meets image planes that are seen, but for air that is seen through.

    Planes are seen within `kept` only, but for the one of kind `whole`.
    """
    hits: list[Hit] = []
    if planes.image is None:
        return hits
    volume = planes.image.volume
    for view in planes.views:
        facing = float(view.plane.normal @ ray.direction)
        distance = -float(view.plane.distances_mm(ray.origin_lps_mm)) / facing if facing else -1.0
        if distance <= 0:
            continue
        point = ray.at(distance)
        if view.kind is not whole and not all(half.contains(point) for half in kept):
            continue
        value = volume.value_at(point)
        clear = value is None or bool(planes.is_seen_through(np.array(value)))
        if clear and not planes.is_painted_over(point):
            continue
        normal = -np.sign(facing) * view.plane.normal
        hits.append(Hit(distance, 1.0, Picked(point, normal, None, PickedKind.PLANE, point)))
    return hits


def _nearest(part: Part, point: NDArray[np.float64]) -> NDArray[np.float64]:
    """The drawn point, or the point of the drawn curves, that is nearest to a point of the mesh."""
    candidates = []
    for line in part.drawn:
        if part.form is Form.BALL or len(line) == 1:
            near = line
        else:
            starts, steps = line[:-1], np.diff(line, axis=0)
            lengths = np.maximum(np.einsum("nk,nk->n", steps, steps), np.finfo(np.float64).tiny)
            shares = np.clip(np.einsum("nk,nk->n", point - starts, steps) / lengths, 0.0, 1.0)
            near = starts + shares[:, None] * steps
        candidates.append(near[np.argmin(np.linalg.norm(near - point, axis=1))])
    return np.array(min(candidates, key=lambda one: float(np.linalg.norm(one - point))))
