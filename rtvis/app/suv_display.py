"""PET volumes in SUV by body weight and back, without reading their voxels again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rtvis.dicom.reading import scan_header
from rtvis.dicom.suv import SUV_UNITS, in_suv

if TYPE_CHECKING:
    from rtvis.model.study import Study
    from rtvis.model.volume import Volume

_UNITS = 0x00541001


def as_suv(volume: Volume) -> Volume:
    """A PET volume with values in SUV by body weight; the voxels are shared.

    Raises:
        InputError: when SUV can't be computed; the text says which attribute is in the way.
    """
    return in_suv(volume)


def as_stored(volume: Volume) -> Volume:
    """A PET volume with values in the unit of its files (``BQML``, say); the voxels are shared.

    Raises:
        UnreadableError: when the file that names the unit is gone.
    """
    path, factor = volume.slices[0].path, volume.value_factor
    header = None if path is None else scan_header(path)
    units = "" if header is None else header.elements.plain(_UNITS)
    window = None if volume.window is None else (volume.window[0] / factor, volume.window[1] / factor)
    return replace(volume, value_factor=1.0, units=units, window=window)


def pet_volumes(study: Study, *, in_suv: bool) -> tuple[Volume, ...]:
    """PET volumes that are, or aren't, in SUV."""
    return tuple(one for one in study.volumes if one.modality == "PT" and (one.units == SUV_UNITS) == in_suv)
