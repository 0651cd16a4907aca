"""What is seen at a place of the 3D view, and where in the patient it is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from rtvis.scene.rois3d import Form

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from rtvis.scene.planes3d import Planes3D
    from rtvis.scene.ray import Ray
    from rtvis.scene.rois3d import Part, Rois3D


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


def seen_first(hits: Iterable[Hit]) -> Picked | None:
    """The hit that the pixel has most of its colour from, or None where there is none.

    So the patient's outline, nearly as clear as glass, doesn't stand in the way of what is seen through it, and is
    picked all the same where nothing else is.
    """
    best, most, light = None, 0.0, 1.0
    for hit in sorted(hits, key=lambda one: one.distance_mm):
        share = light * hit.opacity
        if share > most:
            best, most = hit.picked, share
        light -= share
    return best


def roi_hits(rois: Rois3D, ray: Ray) -> list[Hit]:
    """Where a ray meets surfaces, tubes and balls of ROIs that are seen."""
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
                anchor = point if part.form is Form.SURFACE else _nearest(part, point)
                picked = Picked(point, normal, shown.roi.number, PickedKind(part.form.value), anchor)
                hits.append(Hit(distance, properties.GetOpacity(), picked))
    return hits


def plane_hits(planes: Planes3D, ray: Ray) -> list[Hit]:
    """Where a ray meets image planes that are seen, but for air that is seen through."""
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
        value = volume.value_at(point)
        if value is None or bool(planes.is_seen_through(np.array(value))):
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
