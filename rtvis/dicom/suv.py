"""Standardised uptake values by body weight of a PET series (PS3.3 C.8.9.1; the rule is QIBA's FDG-PET/CT profile's).

A voxel in Bq/ml times ``weight in g / dose in Bq``, the dose being what is left of it at the time to which the images
were decay-corrected: the start of the scan, or the administration.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from rtvis.dicom.elements import EndedEarlyError, MalformedError
from rtvis.dicom.reading import scan_header
from rtvis.model.errors import InputError
from rtvis.model.problem import Problem
from rtvis.model.volume import VolumeHeader

if TYPE_CHECKING:
    from rtvis.dicom.elements import Elements
    from rtvis.dicom.volume_plan import VolumePlan

AnyVolume = TypeVar("AnyVolume", bound=VolumeHeader)

SUV_UNITS = "g/ml"
MAX_DELAY = timedelta(hours=24)
"""Between administration and scan: longer ones are mistakes of date or time for every tracer in use."""
_UNITS, _DECAY_CORRECTION, _SUV_TYPE, _CORRECTED_IMAGE = 0x00541001, 0x00541102, 0x00541006, 0x00280051
_RADIOPHARMACEUTICAL, _START_TIME, _START_DATETIME = 0x00540016, 0x00181072, 0x00181078
_TOTAL_DOSE, _HALF_LIFE, _WEIGHT = 0x00181074, 0x00181075, 0x00101030
_SERIES_DATE, _SERIES_TIME, _ACQUISITION_DATE, _ACQUISITION_TIME = 0x00080021, 0x00080031, 0x00080022, 0x00080032


def suv_factor(plan: VolumeHeader) -> float:
    """What the values of a PET volume, read or only planned, are multiplied by to be SUV by body weight, in g/ml.

    Raises:
        InputError: when it can't be computed; the text says which attribute is in the way.
    """
    path = plan.slices[0].path

    def refused(why: str) -> InputError:
        return InputError(f"SUV can't be computed: {why}", path=path, remedy="values stay in the file's units")

    if plan.modality != "PT":
        raise refused(f"Modality is {plan.modality or 'absent'}, not PT")
    headers = [_elements(one.path) for one in {one.path: one for one in plan.slices}.values() if one.path]
    first = headers[0]
    units = {one.plain(_UNITS) for one in headers}
    if units == {"GML"} and first.plain(_SUV_TYPE) in {"", "BW"}:
        return 1.0
    if units != {"BQML"}:
        raise refused(f"Units is {', '.join(sorted(units)) or 'absent'}, not BQML")
    corrected = [term.strip() for term in first.plain(_CORRECTED_IMAGE).split("\\")]
    missing = [term for term in ("ATTN", "DECY") if term not in corrected]
    if missing:
        raise refused(f"CorrectedImage doesn't name {' and '.join(missing)}")
    try:
        dose = _decayed_dose(headers)
        weight_kg = _positive(first, _WEIGHT, "PatientWeight")
    except ValueError as error:
        raise refused(str(error)) from error
    except (EndedEarlyError, MalformedError) as error:
        raise refused(f"what says which dose was given is damaged ({error})") from error
    return weight_kg * 1000 / dose


def in_suv(volume: AnyVolume) -> AnyVolume:
    """A PET volume, read or only planned, with values in SUV by body weight; voxels are shared.

    Raises:
        InputError: see `suv_factor`.
    """
    factor = suv_factor(volume)
    window = None if volume.window is None else (volume.window[0] * factor, volume.window[1] * factor)
    return replace(volume, value_factor=factor, units=SUV_UNITS, window=window)


def with_suv(plan: VolumePlan) -> VolumePlan:
    """The plan with values in SUV by body weight, or as it is with a problem that says why not; others unchanged."""
    if plan.modality != "PT":
        return plan
    try:
        return in_suv(plan)
    except InputError as error:
        return replace(plan, problems=(*plan.problems, Problem("no-suv", error.what)))


def _elements(path: object) -> Elements:
    try:
        header = scan_header(str(path))
    except (EndedEarlyError, MalformedError) as error:
        raise InputError(f"is damaged: {error}", path=str(path)) from error
    if header is None:
        raise InputError("isn't DICOM any more", path=str(path))
    return header.elements


def _decayed_dose(headers: list[Elements]) -> float:
    """The dose in Bq at the time to which the images are corrected.

    Raises:
        ValueError: when something it needs is absent or makes no sense.
    """
    first = headers[0]
    items = first.items(_RADIOPHARMACEUTICAL)
    if len(items) != 1:
        raise ValueError(f"{len(items)} radiopharmaceuticals are named, not one")
    tracer = items[0]
    dose_bq = _positive(tracer, _TOTAL_DOSE, "RadionuclideTotalDose")
    correction = first.plain(_DECAY_CORRECTION)
    if correction == "ADMIN":
        return dose_bq
    if correction != "START":
        raise ValueError(f"DecayCorrection is {correction or 'absent'}, neither START nor ADMIN")
    half_life_s = _positive(tracer, _HALF_LIFE, "RadionuclideHalfLife")
    scan = _scan_start(headers)
    given = _administered(tracer, scan)
    delay = scan - given
    if not timedelta(0) <= delay <= MAX_DELAY:
        raise ValueError(f"the dose was given {delay.total_seconds() / 3600:.1f} hours before the scan")
    return float(dose_bq * 2 ** (-delay.total_seconds() / half_life_s))


def _scan_start(headers: list[Elements]) -> datetime:
    """SeriesDate and SeriesTime, or the earliest acquisition where the series was made later (QIBA 3.2.1.4)."""
    acquired = [moment for one in headers if (moment := _moment(one, _ACQUISITION_DATE, _ACQUISITION_TIME))]
    series = _moment(headers[0], _SERIES_DATE, _SERIES_TIME)
    if series is not None and all(series <= one for one in acquired):
        return series
    if not acquired:
        raise ValueError("neither the time of the series nor that of an acquisition is there")
    return min(acquired)


def _administered(tracer: Elements, scan: datetime) -> datetime:
    """RadiopharmaceuticalStartDateTime, else RadiopharmaceuticalStartTime on the day of the scan or the day before."""
    whole = _parsed(tracer.plain(_START_DATETIME).partition("+")[0].partition("-")[0])
    if whole is not None:
        return whole
    given = _parsed(scan.strftime("%Y%m%d") + tracer.plain(_START_TIME))
    if given is None:
        raise ValueError("RadiopharmaceuticalStartTime is absent or no time")
    return given if given <= scan else given - timedelta(days=1)


def _moment(elements: Elements, date: int, time: int) -> datetime | None:
    if not elements.plain(date) or not elements.plain(time):
        return None
    return _parsed(elements.plain(date).replace(".", "") + elements.plain(time))


def _parsed(text: str) -> datetime | None:
    """A date with a time of at least hours and minutes (PS3.5 6.2), to the microsecond; None when it isn't one."""
    whole, _, fraction = text.replace(":", "").partition(".")
    if len(whole) not in {12, 14} or not whole.isdigit() or not (fraction or "0").isdigit():
        return None
    try:
        moment = datetime.strptime(whole.ljust(14, "0"), "%Y%m%d%H%M%S")  # noqa: DTZ007  (differences only)
    except ValueError:
        return None
    return moment + timedelta(microseconds=int(fraction[:6].ljust(6, "0")))


def _positive(elements: Elements, tag: int, name: str) -> float:
    numbers = elements.numbers(tag)
    if numbers is None or not numbers[0] > 0:
        raise ValueError(f"{name} is {'absent' if numbers is None else format(numbers[0], 'g')}")
    return numbers[0]
