"""A phantom to try everything on: a CT of a chest made in code, with a structure set of every geometric type."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rtvis.app import phantom_anatomy as anatomy
from rtvis.app.phantom_structures import phantom_structure_set
from rtvis.dicom.construct import SeriesAttributes, write_series
from rtvis.dicom.series import find_series
from rtvis.dicom.volume import read_volume
from rtvis.geometry.grid import Grid
from rtvis.model.progress import no_report
from rtvis.model.volume import Patient

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rtvis.app.phantom_anatomy import Ellipsoid, Tube
    from rtvis.model.progress import Report
    from rtvis.model.structure_set import StructureSet
    from rtvis.model.volume import Volume

__all__ = ["PhantomStudy", "build_phantom", "phantom_grid", "phantom_structure_set", "phantom_voxels"]

SHAPE = (96, 256, 256)
SPACING_MM = (2.5, 1.2, 1.5)
"""Between slices, rows and columns: not square, so that a transposed spacing shows."""
ORIGIN_LPS_MM = (-191.25, -147.5, -118.75)
NOISE_HU = 26.0
"""Standard deviation before smoothing, which leaves about 10 HU: a common chest protocol."""
AIR, FAT, MUSCLE, LUNG, BLOOD, WALL, LIVER, TUMOUR = -1000, -90, 40, -800, 190, 75, 95, 35
CORTEX, MARROW, DISC, CORD, CANAL, CARTILAGE = 850, 420, 85, 42, 12, 130


@dataclass(frozen=True, slots=True, eq=False)
class PhantomStudy:
    """What was made.

    Attributes:
        files: of the CT series, ascending along the slice normal.
        volume: the series as it was read back.
        structure_set: drawn on it; not written to a file yet.
    """

    files: tuple[Path, ...]
    volume: Volume
    structure_set: StructureSet


def build_phantom(out_dir: str | Path, seed: int = 7, report: Report = no_report) -> PhantomStudy:
    """Construct the phantom's CT series in a folder, read it back, and draw its structure set.

    Args:
        out_dir: a folder; no file in it is replaced.
        seed: of the noise; the same seed gives the same voxels.
        report: told (slices written, slices in all).

    Raises:
        UsageError: when the files are there already.
        OutputError: when the folder can't be written to.
    """
    attributes = SeriesAttributes(
        modality="CT",
        patient=Patient("RTVIS-PHANTOM", "Phantom^Thorax", "", "O"),
        study_id="1",
        study_description="rtvis phantom",
        description="Thorax phantom 2.5 mm",
        body_part="CHEST",
        patient_position="HFS",
        window=(400.0, 40.0),
    )
    files = write_series(phantom_voxels(seed), phantom_grid(), out_dir, attributes, report=report)
    volume = read_volume(find_series(files).plans[0])
    return PhantomStudy(tuple(files), volume, phantom_structure_set(volume))


def phantom_grid() -> Grid:
    """Where the phantom's voxels are: axial, 96 slices of 256 x 256, 2.5 x 1.2 x 1.5 mm."""
    origins = np.array(ORIGIN_LPS_MM) + np.arange(SHAPE[0])[:, None] * np.array([0.0, 0.0, SPACING_MM[0]])
    return Grid.from_slices(origins, (1, 0, 0, 0, 1, 0), SPACING_MM[1:], SHAPE[1:])


def phantom_voxels(seed: int = 7) -> NDArray[np.int16]:
    """HU of the phantom, ``(96, 256, 256)`` int16."""
    canvas = _Canvas()
    canvas.paint(anatomy.BODY, FAT)
    canvas.paint(anatomy.BODY.grown(-anatomy.FAT_MM), MUSCLE)
    _paint_ribs(canvas)
    for lung in (anatomy.LUNG_LEFT, anatomy.LUNG_RIGHT):
        canvas.paint(lung, LUNG)
    for vessel in anatomy.LUNG_VESSELS:
        canvas.paint_tube(vessel, MUSCLE)
    canvas.paint(anatomy.LIVER, LIVER, within=anatomy.CAGE)
    canvas.paint(anatomy.MEDIASTINUM, MUSCLE - 30)
    canvas.paint(anatomy.HEART, WALL)
    canvas.paint(anatomy.CHAMBER, BLOOD)
    canvas.paint_tube(anatomy.AORTA, BLOOD)
    for airway in (anatomy.TRACHEA, *anatomy.BRONCHI):
        canvas.paint_tube(airway, AIR)
    canvas.paint(anatomy.TUMOUR, TUMOUR)
    canvas.paint(anatomy.STERNUM, CORTEX - 200)
    canvas.paint(anatomy.STERNUM.grown(-2.5), MARROW - 200)
    _paint_spine(canvas)
    _paint_couch(canvas)
    for x, y, z in anatomy.MARKERS_LPS_MM:
        canvas.paint(anatomy.Ellipsoid((x, y, z), (1.6, 1.6, 1.6)), 2400)
    return _imaged(canvas.hu, np.random.default_rng(seed))


class _Canvas:
    """Voxels being painted, later over earlier."""

    def __init__(self) -> None:
        slices, rows, columns = SHAPE
        x, y, z = ORIGIN_LPS_MM
        self.x_mm = (x + np.arange(columns, dtype=np.float32) * SPACING_MM[2])[None, None, :]
        self.y_mm = (y + np.arange(rows, dtype=np.float32) * SPACING_MM[1])[None, :, None]
        self.z_mm = (z + np.arange(slices, dtype=np.float32) * SPACING_MM[0])[:, None, None]
        self.hu = np.full(SHAPE, AIR, dtype=np.float32)

    def box(self, low_mm: NDArray[np.float64], high_mm: NDArray[np.float64]) -> tuple[slice, slice, slice]:
        """The part of the array that a box in patient mm covers, (k, j, i)."""
        first = np.floor((low_mm - ORIGIN_LPS_MM) / SPACING_MM[::-1]).astype(int)
        last = np.ceil((high_mm - ORIGIN_LPS_MM) / SPACING_MM[::-1]).astype(int) + 1
        first, last = np.maximum(first, 0), np.maximum(last, 0)
        return slice(first[2], last[2]), slice(first[1], last[1]), slice(first[0], last[0])

    def paint(self, solid: Ellipsoid, hu: float, *, within: Ellipsoid | None = None) -> None:
        centre, reach = np.array(solid.centre_lps_mm), np.array(solid.semi_axes_mm)
        k, j, i = self.box(centre - reach, centre + reach)
        places = self.x_mm[:, :, i], self.y_mm[:, j], self.z_mm[k]
        inside = solid.level(*places) <= 1
        if within is not None:
            inside &= within.level(*places) <= 1
        self.hu[k, j, i][inside] = hu

    def paint_tube(self, tube: Tube, hu: float) -> None:
        for point in tube.centreline_lps_mm:
            ball = anatomy.Ellipsoid(tuple(point), (tube.radius_mm,) * 3)
            self.paint(ball, hu)


def _paint_ribs(canvas: _Canvas) -> None:
    """Slanted rings of bone in the wall of the cage, lower in front than at the back."""
    cage = anatomy.CAGE
    flat = canvas.z_mm[:1] * 0 + cage.centre_lps_mm[2]
    shell = (cage.level(canvas.x_mm, canvas.y_mm, flat) <= 1) & (
        cage.grown(-anatomy.RIB_MM).level(canvas.x_mm, canvas.y_mm, flat) > 1
    )
    _, j, i = np.nonzero(shell)
    phase = (canvas.z_mm[:, 0] - 0.35 * canvas.y_mm[0, j, 0]) * np.float32(2 * np.pi / 25)
    height = np.sin(phase)
    values = canvas.hu[:, j, i]
    values[height > 0.55] = CORTEX - 250
    values[height > 0.85] = MARROW - 120
    front = np.abs(canvas.x_mm[0, 0, i]) < 60
    values[:, front & (canvas.y_mm[0, j, 0] < 0)] = np.minimum(values[:, front & (canvas.y_mm[0, j, 0] < 0)], CARTILAGE)
    canvas.hu[:, j, i] = values


def _paint_spine(canvas: _Canvas) -> None:
    """Vertebral bodies with cortex and marrow, discs between them, and the canal with the cord in its arch."""
    x, y = anatomy.SPINE_XY_MM
    a, b = anatomy.VERTEBRA_SEMI_AXES_MM
    along = np.mod(canvas.z_mm[:, 0, 0], anatomy.VERTEBRA_PITCH_MM)
    is_disc = along < anatomy.DISC_MM
    edge = ~is_disc & ((along < anatomy.DISC_MM + 2.5) | (along > anatomy.VERTEBRA_PITCH_MM - 2.5))
    plane_x, plane_y = canvas.x_mm[0], canvas.y_mm[0]
    body = ((plane_x - x) / a) ** 2 + ((plane_y - y) / b) ** 2 <= 1
    inner = ((plane_x - x) / (a - anatomy.CORTEX_MM)) ** 2 + ((plane_y - y) / (b - anatomy.CORTEX_MM)) ** 2 <= 1
    centre_x, centre_y = anatomy.CANAL_XY_MM
    radius = np.hypot(plane_x - centre_x, plane_y - centre_y)
    arch = radius <= anatomy.CANAL_RADIUS_MM + anatomy.ARCH_MM
    arch |= (np.abs(plane_x) < 4) & (plane_y > centre_y) & (plane_y < centre_y + 16)
    for k, disc in enumerate(is_disc):
        plane = canvas.hu[k]
        if not disc:
            plane[arch] = CORTEX - 150
        plane[body] = DISC if disc else CORTEX
        if not disc and not edge[k]:
            plane[inner] = MARROW
        plane[radius <= anatomy.CANAL_RADIUS_MM] = CANAL
        plane[radius <= anatomy.CORD_RADIUS_MM] = CORD


def _paint_couch(canvas: _Canvas) -> None:
    """A carbon shell around foam."""
    y, x = canvas.y_mm[0, :, 0], canvas.x_mm[0, 0]
    rows = (y >= anatomy.COUCH_TOP_MM) & (y <= anatomy.COUCH_TOP_MM + anatomy.COUCH_MM)
    wide = np.abs(x) <= anatomy.COUCH_HALF_WIDTH_MM
    foam = rows & (y > anatomy.COUCH_TOP_MM + 3) & (y < anatomy.COUCH_TOP_MM + anatomy.COUCH_MM - 3)
    canvas.hu[:, np.ix_(rows, wide)[0], np.ix_(rows, wide)[1]] = -180
    canvas.hu[:, np.ix_(foam, wide)[0], np.ix_(foam, wide)[1]] = -930


def _imaged(hu: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.int16]:
    """What a scanner makes of it: noise, and edges as wide as a pixel."""
    hu += rng.standard_normal(SHAPE, dtype=np.float32) * np.float32(NOISE_HU)
    for axis in (1, 2):
        inner = [slice(None)] * 3
        before, after = list(inner), list(inner)
        inner[axis], before[axis], after[axis] = slice(1, -1), slice(None, -2), slice(2, None)
        smooth = hu.copy()
        smooth[tuple(inner)] += np.float32(0.25) * (hu[tuple(before)] + hu[tuple(after)] - 2 * hu[tuple(inner)])
        hu = smooth
    return np.clip(np.rint(hu), -1024, 3071).astype(np.int16)
