"""The phantom's structure set: every geometric type, a hole, and a contour across the image planes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import numpy as np
from shapely import Point, Polygon, unary_union

from rtvis.app import phantom_anatomy as anatomy
from rtvis.dicom.uids import new_uid
from rtvis.model.structure_set import Contour, ImageReference, Roi, StructureSet

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from rtvis.app.phantom_anatomy import Ellipsoid, Tube
    from rtvis.model.volume import Volume

SMALLEST_AREA_MM2 = 12.0
"""Slivers smaller than this are what nobody would draw."""
SIMPLIFY_MM = 0.15
GTV_MARGIN_MM, PTV_MARGIN_MM = 1.0, 9.0

Section = Callable[[float], "BaseGeometry"]


def phantom_structure_set(volume: Volume) -> StructureSet:
    """Sixteen ROIs drawn on the phantom's CT.

    Args:
        volume: the phantom as it was read back; contours on image planes reference its images.

    Returns:
        Closed planar contours of organs and targets (the heart wall's with a hole on the same plane), one closed
        contour on an oblique plane, open planar and open non-planar ones, and points.
    """
    draw = _Pen(volume)
    rois = [
        ("BODY", "EXTERNAL", (0, 200, 80), draw.solid(_outline(anatomy.BODY))),
        ("Lung_L", "ORGAN", (80, 160, 255), draw.solid(_lung(anatomy.LUNG_LEFT))),
        ("Lung_R", "ORGAN", (0, 220, 220), draw.solid(_lung(anatomy.LUNG_RIGHT))),
        ("Heart", "ORGAN", (255, 60, 60), draw.solid(_outline(anatomy.HEART))),
        ("Heart_wall", "ORGAN", (255, 150, 130), draw.solid(_wall)),
        ("Aorta", "ORGAN", (220, 0, 90), draw.solid(_tube(anatomy.AORTA))),
        ("SpinalCord", "ORGAN", (255, 255, 0), draw.solid(_cord)),
        ("Liver", "ORGAN", (170, 100, 40), draw.solid(_liver)),
        ("GTV", "GTV", (255, 0, 0), draw.solid(_outline(anatomy.TUMOUR.grown(GTV_MARGIN_MM)))),
        ("PTV", "PTV", (255, 0, 255), draw.solid(_outline(anatomy.TUMOUR.grown(PTV_MARGIN_MM)))),
        ("Valve_plane", "CONTROL", (255, 200, 0), (_valve(),)),
        ("Needle", "BRACHY_CHANNEL", (200, 200, 255), (Contour.drawn(anatomy.NEEDLE, closed=False),)),
        ("Aorta_centre", "CONTROL", (255, 120, 200), (Contour.drawn(anatomy.AORTA.centreline_lps_mm, closed=False),)),
        ("Skin_line", "CONTROL", (160, 255, 160), (draw.skin_line(),)),
        ("Markers", "MARKER", (255, 255, 255), tuple(draw.point(one) for one in anatomy.MARKERS_LPS_MM)),
        ("Isocentre", "ISOCENTER", (255, 128, 0), (draw.point(anatomy.TUMOUR.centre_lps_mm),)),
    ]
    return StructureSet(
        label="PHANTOM",
        rois=tuple(
            Roi(
                number=number,
                name=name,
                contours=tuple(contours),
                color=color,
                interpreted_type=kind,
                algorithm="AUTOMATIC",
                frame_of_reference_uid=volume.frame_of_reference_uid,
            )
            for number, (name, kind, color, contours) in enumerate(rois, 1)
        ),
        patient=volume.patient,
        study_instance_uid=volume.study_instance_uid,
        series_instance_uid=new_uid(),
        sop_instance_uid=new_uid(),
        frame_of_reference_uid=volume.frame_of_reference_uid,
        referenced_series_uids=(volume.series_instance_uid,),
        volume=volume,
        matched_by="references",
    )


class _Pen:
    """Draws on the image planes of the phantom, which are axial."""

    def __init__(self, volume: Volume) -> None:
        self.z_mm = volume.slice_origins_lps[:, 2]
        self.references = tuple(
            (ImageReference(one.sop_class_uid, one.sop_instance_uid, one.frame or None),) for one in volume.slices
        )

    def solid(self, section: Section) -> tuple[Contour, ...]:
        """A contour for each ring of a solid's section at each image plane; a hole is a ring like any other."""
        contours = []
        for z, images in zip(self.z_mm, self.references, strict=True):
            for ring in _rings(section(float(z))):
                points = np.column_stack([ring, np.full(len(ring), z)])
                contours.append(Contour.drawn(points, closed=True, images=images))
        return tuple(contours)

    def nearest(self, z_mm: float) -> int:
        return int(np.argmin(np.abs(self.z_mm - z_mm)))

    def point(self, point_lps_mm: tuple[float, float, float]) -> Contour:
        """A point, with a reference to the nearest image plane when it lies on it."""
        k = self.nearest(point_lps_mm[2])
        images = self.references[k] if abs(self.z_mm[k] - point_lps_mm[2]) < 1e-6 else ()
        return Contour.drawn([point_lps_mm], closed=False, images=images)

    def skin_line(self) -> Contour:
        """The front of the skin on one image plane, from side to side."""
        k = self.nearest(0.0)
        outline = anatomy.BODY.outline(float(self.z_mm[k]), 180)
        assert outline is not None  # the body has a section everywhere
        front = outline[outline[:, 1] < -60]
        front = front[np.argsort(front[:, 0])]
        points = np.column_stack([front, np.full(len(front), self.z_mm[k])])
        return Contour.drawn(points, closed=False, images=self.references[k])


def _outline(solid: Ellipsoid) -> Section:
    def section(z_mm: float) -> BaseGeometry:
        outline = solid.outline(z_mm, 128 if solid is anatomy.BODY else anatomy.CIRCLE_POINTS)
        return Polygon() if outline is None else Polygon(outline)

    return section


def _tube(tube: Tube) -> Section:
    def section(z_mm: float) -> BaseGeometry:
        return unary_union([Point(x, y).buffer(radius) for x, y, radius in tube.discs(z_mm)])

    return section


_in_front_of_lungs: tuple[Section, ...] = (
    _outline(anatomy.MEDIASTINUM),
    _outline(anatomy.HEART),
    _tube(anatomy.AORTA),
)


def _lung(lung: Ellipsoid) -> Section:
    """A lung with its airways, without the organs that were painted over it."""
    outline = _outline(lung)

    def section(z_mm: float) -> BaseGeometry:
        whole = outline(z_mm)
        if whole.is_empty:
            return whole
        over = [one(z_mm) for one in (*_in_front_of_lungs, _liver)]
        parts = whole.difference(unary_union(over)).buffer(-1.0).buffer(1.0)  # without hair-thin tips
        return unary_union([one for one in _polygons(parts) if one.area > 100.0])

    return section


def _liver(z_mm: float) -> BaseGeometry:
    return _outline(anatomy.LIVER)(z_mm).intersection(_outline(anatomy.CAGE)(z_mm))


def _wall(z_mm: float) -> BaseGeometry:
    """The heart without its chamber: a polygon with a hole where both are."""
    return _outline(anatomy.HEART)(z_mm).difference(_outline(anatomy.CHAMBER)(z_mm))


def _cord(_: float) -> BaseGeometry:
    return Point(*anatomy.CANAL_XY_MM).buffer(anatomy.CORD_RADIUS_MM)


def _valve() -> Contour:
    """A closed contour on a plane through the heart that is no image plane."""
    centre = np.array(anatomy.CHAMBER.centre_lps_mm)
    u = np.array([0.8, 0.0, 0.6])
    v = np.array([-0.36, 0.8, 0.48])
    turn = np.linspace(0, 2 * np.pi, 48, endpoint=False)[:, None]
    return Contour.drawn(centre + 20 * np.cos(turn) * u + 16 * np.sin(turn) * v, closed=True)


def _polygons(shape: BaseGeometry) -> Iterable[Polygon]:
    return [one for one in getattr(shape, "geoms", [shape]) if isinstance(one, Polygon) and not one.is_empty]


def _rings(shape: BaseGeometry) -> Iterable[NDArray[np.float64]]:
    for polygon in _polygons(shape.simplify(SIMPLIFY_MM)):
        for ring in (polygon.exterior, *polygon.interiors):
            if Polygon(ring).area >= SMALLEST_AREA_MM2:
                yield np.array(ring.coords)[:-1, :2]
