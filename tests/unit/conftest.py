"""Properties are tested on the same examples at each run, however busy the machine is.

`HYPOTHESIS_PROFILE=explore pytest tests/unit` tries other examples each time, ten times as many.
"""

from __future__ import annotations

import os
from pathlib import Path

import pydicom
import pytest
from hypothesis import settings

settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


@pytest.fixture
def stray(small_study: Path, tmp_path: Path) -> Path:
    """A copy of the small study's structure set that names another frame of reference, series and images."""
    dataset = pydicom.dcmread(small_study / "structure-set.dcm")
    other = pydicom.Dataset.from_json(dataset.to_json().replace(str(dataset.FrameOfReferenceUID), "1.2.3.4"))
    reference = other.ReferencedFrameOfReferenceSequence[0].RTReferencedStudySequence[0].RTReferencedSeriesSequence[0]
    reference.SeriesInstanceUID = "1.2.3.5"
    contours = [one for roi in other.ROIContourSequence for one in roi.ContourSequence]
    for item in (reference, *contours):
        for image in item.get("ContourImageSequence", []):
            image.ReferencedSOPInstanceUID += ".9"
    other.file_meta = dataset.file_meta
    path = tmp_path / "stray.dcm"
    other.save_as(path, enforce_file_format=True)
    return path
