"""The order of what is open: the first volume is the one that is shown."""

from __future__ import annotations

import pytest

from rtvis.app.opening import open_study
from tests.unit.dicom.conftest import write_plane


def write(folder, modality, series, slices):
    for k in range(slices):
        uid = f"1.2.3.{series}"
        names = {"SeriesInstanceUID": uid, "SOPInstanceUID": f"{uid}.{k + 1}", "Modality": modality}
        write_plane(folder / uid / f"{k}.dcm", (0.0, 0.0, 3.0 * k), **names)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ([("PT", 9), ("CT", 6)], ["CT", "PT"]),
        ([("PT", 9), ("MR", 6), ("CT", 6)], ["CT", "MR", "PT"]),
        ([("CT", 1), ("MR", 6), ("NM", 5)], ["MR", "NM", "CT"]),  # one image alone is a scout
        ([("PT", 5), ("NM", 9)], ["PT", "NM"]),
    ],
)
def test_what_planning_is_done_on_comes_first(tmp_path, written, shown):
    for number, (modality, slices) in enumerate(written, 1):
        write(tmp_path, modality, number, slices)
    assert [volume.modality for volume in open_study(tmp_path).volumes] == shown
