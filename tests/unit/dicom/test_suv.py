from __future__ import annotations

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from rtvis.app.opening import open_study
from rtvis.dicom.series import find_series
from rtvis.dicom.suv import suv_factor
from rtvis.model.errors import InputError

PET = {
    "SOPClassUID": "1.2.840.10008.5.1.4.1.1.128",
    "Modality": "PT",
    "Units": "BQML",
    "DecayCorrection": "START",
    "CorrectedImage": ["DECY", "ATTN", "SCAT"],
    "PatientWeight": "70",
    "SeriesDate": "20240301",
    "SeriesTime": "100000",
    "AcquisitionDate": "20240301",
    "AcquisitionTime": "100000",
    "WindowWidth": "10000",
    "WindowCenter": "5000",
}
TRACER = {
    "RadiopharmaceuticalStartTime": "081012.0000",
    "RadionuclideTotalDose": "3.7E8",
    "RadionuclideHalfLife": "6588",
}
DELAY_S = 3600 + 49 * 60 + 48


@pytest.fixture
def pet(tmp_path, plane):
    def write(tracer=(), **attributes):
        ds = Dataset()
        for keyword, value in (TRACER | dict(tracer)).items():
            if value is not None:
                setattr(ds, keyword, value)
        for z in range(3):
            pixels = np.full((2, 2), 1000 + z, np.int16)
            slope = 2.0 + z
            file = plane(tmp_path / f"{z}", (0, 0, z), pixels, **(PET | {"RescaleSlope": slope} | attributes))
            whole = pydicom.dcmread(file)
            whole.RadiopharmaceuticalInformationSequence = [ds]
            whole.save_as(file)
        return tmp_path

    return write


DECAYED = 70_000 / (3.7e8 * 2 ** (-DELAY_S / 6588))
"""The factor where the dose decays to the start of the scan."""


def factor_of(folder):
    (plan,) = find_series(folder).plans
    return suv_factor(plan)


def test_the_dose_decays_to_the_start_of_the_scan(pet):
    assert factor_of(pet()) == pytest.approx(DECAYED, rel=1e-12)


def test_images_corrected_to_administration_take_the_whole_dose(pet):
    assert factor_of(pet(DecayCorrection="ADMIN")) == pytest.approx(70_000 / 3.7e8, rel=1e-12)


def test_a_scan_after_midnight_counts_from_the_day_before(pet):
    folder = pet({"RadiopharmaceuticalStartTime": "231012"}, SeriesTime="010000", AcquisitionTime="010000")
    assert factor_of(folder) == pytest.approx(DECAYED, rel=1e-12)


def test_the_date_of_administration_wins(pet):
    folder = pet({"RadiopharmaceuticalStartTime": "000000", "RadiopharmaceuticalStartDateTime": "20240301081012.00"})
    assert factor_of(folder) == pytest.approx(DECAYED, rel=1e-12)


def test_a_series_made_after_the_scan_counts_to_the_acquisition(pet):
    assert factor_of(pet(SeriesTime="150000")) == pytest.approx(DECAYED, rel=1e-12)


def test_values_are_suv_and_the_digest_is_that_of_the_files(pet):
    folder = pet(DecayCorrection="ADMIN")
    plain, asked = open_study(folder).volumes[0], open_study(folder, suv=True).volumes[0]
    factor = 70_000 / 3.7e8
    assert (plain.units, asked.units) == ("BQML", "g/ml")
    assert np.allclose(asked.values, plain.values * factor, rtol=1e-6)
    assert plain.values[2, 0, 0] == 1002 * 4
    assert asked.value_at((0, 0, 1)) == pytest.approx(1001 * 3 * factor)
    assert asked.window == pytest.approx((10000 * factor, 5000 * factor))
    assert asked.rescale is None
    assert asked.digest() == plain.digest()
    assert np.array_equal(asked.voxels, plain.voxels)


def test_values_that_are_suv_already_stay(pet):
    assert factor_of(pet(Units="GML", SUVType="BW")) == 1


@pytest.mark.parametrize(
    ("tracer", "attributes", "why"),
    [
        ({}, {"Units": "CNTS"}, "Units is CNTS"),
        ({}, {"Units": "GML", "SUVType": "LBM"}, "Units is GML"),
        ({}, {"PatientWeight": None}, "PatientWeight is absent"),
        ({}, {"PatientWeight": "0"}, "PatientWeight is 0"),
        ({}, {"DecayCorrection": "NONE"}, "DecayCorrection is NONE"),
        ({}, {"CorrectedImage": ["ATTN"]}, "CorrectedImage doesn't name DECY"),
        ({}, {"SeriesTime": None, "AcquisitionTime": None}, "neither the time of the series"),
        ({"RadionuclideTotalDose": None}, {}, "RadionuclideTotalDose is absent"),
        ({"RadionuclideHalfLife": "-1"}, {}, "RadionuclideHalfLife is -1"),
        ({"RadiopharmaceuticalStartTime": "noon"}, {}, "RadiopharmaceuticalStartTime is absent or no time"),
        ({"RadiopharmaceuticalStartDateTime": "20240228081012"}, {}, "49.8 hours before"),
    ],
)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_what_cannot_be_computed_is_said_and_left(pet, tracer, attributes, why):
    folder = pet(tracer, **attributes)
    with pytest.raises(InputError, match=why):
        factor_of(folder)
    (volume,) = open_study(folder, suv=True).volumes
    assert volume.units == attributes.get("Units", "BQML")
    assert [why in one.message for one in volume.problems if one.code == "no-suv"] == [True]


def test_damage_to_what_says_which_dose_was_given_is_said_and_leaves_the_images(pet):
    folder = pet()
    for file in folder.iterdir():
        whole = file.read_bytes()
        item = whole.index(b"\x54\x00\x16\x00SQ") + 12
        file.write_bytes(whole[:item] + b"\xfe\xff\x00\x00" + whole[item + 4 :])
    (volume,) = open_study(folder, suv=True).volumes
    (said,) = [one.message for one in volume.problems if one.code == "no-suv"]
    assert "what says which dose was given is damaged" in said
    assert volume.voxels[0, 0, 0] == 1000


def test_spaces_around_terms_of_corrected_image_say_nothing(pet):
    folder = pet(CorrectedImage=["DECY ", "ATTN", " SCAT"])  # PS3.5 6.2: spaces around a CS aren't significant
    assert factor_of(folder) == pytest.approx(DECAYED, rel=1e-12)


def test_other_modalities_are_left_alone(tmp_path, plane):
    plane(tmp_path / "ct")
    (volume,) = open_study(tmp_path, suv=True).volumes
    assert (volume.units, volume.value_factor) == ("HU", 1.0)
    assert "no-suv" not in {one.code for one in volume.problems}


def test_a_real_series_in_suv_is_recognised(field_data):
    (plan,) = find_series(field_data / "pairs" / "STS_004_PET_MIM").plans
    assert plan.units == "GML"
    assert suv_factor(plan) == 1
