"""From the planes of a series to volumes: sorted along the slice normal, split where they must be, oddities told."""

from __future__ import annotations

import hashlib
import statistics
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from rtvis.geometry.frame import slice_normal
from rtvis.geometry.grid import EVEN_GAP_TOLERANCE_MM, TILT_TOLERANCE_DEG, Grid
from rtvis.model.problem import Problem
from rtvis.model.study import Unreadable
from rtvis.model.volume import VolumeHeader

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from rtvis.dicom.image_plane import ImagePlane
    from rtvis.dicom.pixel_coding import PixelSource

ORIENTATION_TOLERANCE = 1e-4
"""Direction cosines this near are one orientation: files carry four decimals or more; over 0.5 m it is 0.05 mm."""
SPACING_TOLERANCE_MM = 1e-4
"""Pixel spacings this near are one spacing: 0.05 mm over 512 pixels."""
SAME_PLACE_MM = 1e-3
"""Planes nearer than this along the normal are at one place: no scanner steps so little, rounding does."""
MISSING_GAP_TOLERANCE = 0.05
"""A gap this near to a whole multiple of the median gap (as a share of it) is told as missing slices."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class VolumePlan(VolumeHeader):
    """A volume whose voxels aren't read yet, and where they are.

    Attributes:
        sources: where the pixels of each of `slices` are, in the same order.
    """

    sources: tuple[PixelSource, ...]

    @property
    def dtype(self) -> np.dtype[np.integer]:
        """The type that holds the stored values of every slice."""
        kinds = {(one.pixel_representation, one.bits_allocated) for one in self.slices}
        return np.result_type(*(np.dtype(f"{'i' if signed else 'u'}{bits // 8}") for signed, bits in sorted(kinds)))

    @property
    def voxel_bytes(self) -> int:
        """Memory the voxels take."""
        return int(np.prod(self.grid.shape, dtype=np.int64)) * self.dtype.itemsize

    def without(self, reasons: Mapping[Path, str]) -> VolumePlan | None:
        """The plan without the images of files whose pixels turned out to be unusable, and problems that say so.

        Args:
            reasons: why, in words, by file as in `slices`.

        Returns:
            The plan of the other slices, at the places where they are; None when there are none.
        """
        keep = [k for k, one in enumerate(self.slices) if one.path not in reasons]
        if not keep:
            return None
        first = self.slices[keep[0]]
        grid = Grid.from_slices(
            self.grid.slice_origins_lps_mm[keep],
            first.orientation,
            first.pixel_spacing_mm,
            (first.rows, first.columns),
            frame_of_reference_uid=self.grid.frame_of_reference_uid,
            single_slice_thickness_mm=self.grid.spacing_mm[0],
        )
        left_out = [
            Problem("unreadable-image", f"{path.name} was left out: {reason}") for path, reason in reasons.items()
        ]
        known = {problem.code for problem in self.problems}
        return replace(
            self,
            grid=grid,
            slices=tuple(self.slices[k] for k in keep),
            sources=tuple(self.sources[k] for k in keep),
            problems=(*self.problems, *left_out, *(one for one in geometry_problems(grid) if one.code not in known)),
        )


def plan_volumes(planes: Iterable[ImagePlane]) -> tuple[list[VolumePlan], list[Unreadable], list[Problem]]:
    """Volumes of the planes of one series (of one patient and study); `volume_id` is still without a suffix.

    The rule, in this order:

    1. Files that are byte for byte a copy of another with the same SOP Instance UID are left out and listed.
    2. Planes are split by localizer (ImageType) or not, frame of reference, orientation (within
       `ORIENTATION_TOLERANCE`), PixelSpacing (within `SPACING_TOLERANCE_MM`), Rows and Columns.
    3. Planes at one place (within `SAME_PLACE_MM` along the normal) can't be in one volume. They are split by temporal
       position, else echo, else acquisition number, if one of them tells all of them apart; else the first at each
       place (by these numbers, then InstanceNumber or frame, then UID) makes the first volume, the second the next.
    4. Within a volume planes are sorted by their distance along the slice normal and nothing else. Uneven gaps,
       missing slices and gantry tilt are kept as they are, and told.

    Volumes come with localizers last, else those of most planes first.

    Returns:
        The volumes; files listed with a reason; problems of the series as a whole.
    """
    kept, left_out = _without_copies(sorted(planes, key=_identity))
    groups = [part for group in _alike(kept) for part in _apart(group)]
    groups.sort(key=lambda group: (group[0].localizer, -len(group), min(map(_identity, group))))
    plans: list[VolumePlan] = []
    for group in groups:
        try:
            plans.append(_plan(group))
        except ValueError as error:
            left_out += [Unreadable(one.slice.path, f"can't be placed: {error}") for one in group if one.slice.path]
    problems: list[Problem] = []
    if len(plans) > 1:
        parts = ", ".join(str(len(plan.slices)) for plan in plans[:6]) + (" ..." if len(plans) > 6 else "")
        message = (
            f"series {plans[0].series_instance_uid or '(no UID)'} was split into {len(plans)} volumes of {parts} images"
        )
        split = Problem("split-series", message)
        plans = [replace(plan, problems=(split, *plan.problems)) for plan in plans]
        problems.append(split)
    return plans, left_out, problems


def _identity(plane: ImagePlane) -> tuple[tuple[float, float, float, float], str, str]:
    return plane.order, plane.slice.sop_instance_uid, str(plane.slice.path)


def _without_copies(planes: list[ImagePlane]) -> tuple[list[ImagePlane], list[Unreadable]]:
    """Step 1 of the rule. Images that share a UID without being copies can be many: each is read once at the most."""
    alike: dict[Hashable, list[ImagePlane]] = defaultdict(list)
    for plane in planes:
        alike[plane.slice.sop_instance_uid, plane.slice.frame, plane.order, plane.slice.position_lps_mm].append(plane)
    kept: list[ImagePlane] = []
    left_out: list[Unreadable] = []
    contents: dict[Path, Hashable] = {}
    for group in alike.values():
        if len(group) == 1:
            kept += group
            continue
        first_with: dict[Hashable, ImagePlane] = {}
        for plane in group:
            path = plane.slice.path
            assert path is not None  # planes come from files
            if path not in contents:
                contents[path] = _content(path)
            twin = first_with.setdefault(contents[path], plane)
            if twin is plane:
                kept.append(plane)
            elif plane.slice.frame <= 1 and twin.slice.path is not None:
                place = twin.slice.path.name if twin.slice.path.parent == path.parent else twin.slice.path
                reason = f"is a copy of {place}, byte for byte, which is used instead"
                left_out.append(Unreadable(path, reason, is_copy=True))
    return kept, left_out


def _content(path: Path) -> Hashable:
    """What two files share that are byte for byte the same, and no others."""
    try:
        with path.open("rb") as handle:
            return hashlib.file_digest(handle, "blake2b").digest()
    except OSError:
        return path  # gone meanwhile: whoever reads it says so


def _alike(planes: list[ImagePlane]) -> list[list[ImagePlane]]:
    """Step 2 of the rule."""
    groups: list[list[ImagePlane]] = []
    by_key: dict[Hashable, list[list[ImagePlane]]] = defaultdict(list)
    for plane in planes:
        one = plane.slice
        candidates = by_key[plane.localizer, plane.frame_of_reference_uid, one.rows, one.columns]
        for group in candidates:
            first = group[0].slice
            if _near(one.orientation, first.orientation, ORIENTATION_TOLERANCE) and _near(
                one.pixel_spacing_mm, first.pixel_spacing_mm, SPACING_TOLERANCE_MM
            ):
                group.append(plane)
                break
        else:
            group = [plane]
            candidates.append(group)
            groups.append(group)
    return groups


def _near(one: tuple[float, ...], other: tuple[float, ...], tolerance: float) -> bool:
    return all(abs(a - b) <= tolerance for a, b in zip(one, other, strict=True))


def _distances(planes: list[ImagePlane]) -> NDArray[np.float64]:
    normal = slice_normal(planes[0].slice.orientation)
    return np.array([one.slice.position_lps_mm for one in planes]) @ normal


def _layers(planes: list[ImagePlane]) -> list[list[ImagePlane]]:
    """Planes so that no two of a layer are at one place, each layer sorted along the normal."""
    distances = _distances(planes)
    layers: list[list[ImagePlane]] = []
    places: list[list[int]] = []
    for index in np.argsort(distances, kind="stable").tolist():
        if places and distances[index] - distances[places[-1][0]] <= SAME_PLACE_MM:
            places[-1].append(index)
        else:
            places.append([index])
    for place in places:
        for n, index in enumerate(sorted(place, key=lambda index: _identity(planes[index]))):
            if n == len(layers):
                layers.append([])
            layers[n].append(planes[index])
    return layers


def _apart(planes: list[ImagePlane]) -> list[list[ImagePlane]]:
    """Step 3 of the rule; what comes back is sorted along the normal."""
    layers = _layers(planes)
    if len(layers) == 1:
        return layers
    note = Problem("duplicate-positions", f"{len(planes)} images at {len(layers[0])} place(s): more than one volume")
    for number in range(3):
        parts: dict[float, list[ImagePlane]] = defaultdict(list)
        for plane in planes:
            parts[plane.order[number]].append(plane)
        separate = [_layers(part) for part in parts.values()]
        if len(parts) > 1 and all(len(one) == 1 for one in separate):
            layers = [one[0] for one in separate]
            break
    return [[replace(layer[0], notes=(*layer[0].notes, note)), *layer[1:]] for layer in layers]


def _plan(planes: list[ImagePlane]) -> VolumePlan:
    first = planes[0]
    slices = tuple(plane.slice for plane in planes)
    grid = Grid.from_slices(
        [one.position_lps_mm for one in slices],
        slices[0].orientation,
        slices[0].pixel_spacing_mm,
        (slices[0].rows, slices[0].columns),
        frame_of_reference_uid=first.frame_of_reference_uid,
        single_slice_thickness_mm=first.thickness_mm,
    )
    return VolumePlan(
        volume_id=first.series_instance_uid,
        series_instance_uid=first.series_instance_uid,
        study_instance_uid=first.study_instance_uid,
        modality=first.modality,
        patient=first.patient,
        grid=grid,
        slices=slices,
        sources=tuple(plane.source for plane in planes),
        description=first.description,
        study_description=first.study_description,
        patient_position=first.patient_position,
        units=first.units,
        window=_first_window(planes),
        problems=(*_notes(planes), *geometry_problems(grid), *_differences(planes)),
    )


def _first_window(planes: list[ImagePlane]) -> tuple[float, float] | None:
    """The window that the middle image proposes, which is seen first; where it proposes none, the nearest that does.

    MR and PET often have another one for each image, and those at the ends are made for air.
    """
    middle = len(planes) // 2
    proposed = ((abs(n - middle), n, one.window) for n, one in enumerate(planes) if one.window is not None)
    return min(proposed, default=(0, 0, None))[2]


def _notes(planes: list[ImagePlane]) -> list[Problem]:
    """Oddities of single files, each told once with how many have it."""
    counts = Counter(note for plane in planes for note in plane.notes)
    return [
        note if number == len(planes) else replace(note, message=f"{note.message} ({number} of {len(planes)} images)")
        for note, number in counts.items()
    ]


def geometry_problems(grid: Grid) -> list[Problem]:
    """What is odd about where the slices of a grid are."""
    problems = []
    if not grid.frame_of_reference_uid:
        message = "FrameOfReferenceUID is absent: nothing but geometry can match structure sets to it"
        problems.append(Problem("missing-frame-of-reference", message))
    if grid.shape[0] == 1:
        problems.append(Problem("single-slice", "one slice only: its third direction is its normal"))
        return problems
    if grid.tilt_deg >= TILT_TOLERANCE_DEG:
        message = (
            f"slices are stacked {grid.tilt_deg:.2f} degrees off their normal (gantry tilt): kept as a sheared grid"
        )
        problems.append(Problem("tilt", message))
    gaps = np.diff(grid.slice_distances_mm)
    median = statistics.median(gaps.tolist())  # NumPy's loads its masked arrays for it
    times = gaps / median
    missing = [
        n for n, ratio in enumerate(times) if round(ratio) >= 2 and abs(ratio - round(ratio)) <= MISSING_GAP_TOLERANCE
    ]
    if missing:
        number = sum(round(times[n]) - 1 for n in missing)
        places = ", ".join(f"{n + 1} and {n + 2}" for n in missing[:5]) + (" ..." if len(missing) > 5 else "")
        message = f"{number} slice(s) seem to be missing, between slices {places}: gaps are multiples of {median:g} mm"
        problems.append(Problem("missing-slices", message))
    if float(np.ptp(gaps)) > 2 * EVEN_GAP_TOLERANCE_MM:
        message = f"gaps between slices are uneven, {gaps.min():g} to {gaps.max():g} mm: kept as they are"
        problems.append(Problem("uneven-gaps", message))
    elif not grid.has_even_gaps:
        problems.append(Problem("uneven-gaps", "slice positions are not on one straight, evenly divided line"))
    return problems


def _differences(planes: list[ImagePlane]) -> list[Problem]:
    """Attributes that should be one for all slices and aren't."""
    checks: list[tuple[str, str, Callable[[ImagePlane], object]]] = [
        ("mixed-patients", "patient", lambda one: one.patient),
        ("mixed-modalities", "Modality", lambda one: one.modality),
        ("mixed-positions", "PatientPosition", lambda one: one.patient_position),
        ("mixed-types", "stored type", lambda one: (one.slice.bits_allocated, one.slice.pixel_representation)),
        ("mixed-rescale", "rescale", lambda one: (one.slice.rescale_slope, one.slice.rescale_intercept)),
        ("orientation-varies", "orientation (by its last decimals)", lambda one: one.slice.orientation),
        ("spacing-varies", "pixel spacing (by its last decimals)", lambda one: one.slice.pixel_spacing_mm),
    ]
    problems = []
    for code, name, value in checks:
        number = len({value(one) for one in planes})
        if number > 1:
            problems.append(Problem(code, f"slices differ in {name}: {number} different ones"))
    uids = Counter((one.slice.sop_instance_uid, one.slice.frame) for one in planes)
    twice = [uid for (uid, _), number in uids.items() if number > 1]
    if twice:
        message = f"SOP Instance UID {twice[0]} stands for different images: no digest can be given"
        problems.append(Problem("duplicate-uid", message))
    return problems
