"""PET in SUV and back: values change, voxels don't."""

from __future__ import annotations

import numpy as np
import pytest

from rtvis.app.opening import open_study
from rtvis.app.suv_display import as_stored, as_suv, pet_volumes
from rtvis.model.errors import InputError


def test_a_series_is_shown_in_suv_and_back_without_reading_its_voxels_again(field_data):
    study = open_study(field_data / "pairs" / "STS_004_PET_MIM")
    (stored,) = pet_volumes(study, in_suv=False)
    suv = as_suv(stored)
    again = open_study(field_data / "pairs" / "STS_004_PET_MIM", suv=True).volumes[0]
    assert suv.units == "g/ml"
    assert np.shares_memory(suv.voxels, stored.voxels)
    np.testing.assert_array_equal(suv.values, again.values)
    back = as_stored(suv)
    assert (back.units, back.value_factor) == (stored.units, 1.0)
    assert pet_volumes(study.with_volume(suv), in_suv=True) == (suv,)


def test_what_is_no_pet_says_why_it_has_no_suv(field_data):
    (ct,) = open_study(field_data / "pairs" / "STS_004_CT_MIM").volumes
    with pytest.raises(InputError, match="SUV can't be computed: Modality is CT"):
        as_suv(ct)
