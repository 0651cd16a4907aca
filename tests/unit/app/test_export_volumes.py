from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import rtvis
from rtvis.app.export_volumes import NO_VOXEL, export_labelmap, export_masks, export_surfaces
from rtvis.model.structure_set import Contour, Roi


@pytest.fixture(scope="module")
def structure_set(small_study):
    volume = rtvis.open_study(small_study / "ct").volumes[0]

    def square(low, high):
        corners = [(low, low), (high, low), (high, high), (low, high)]
        return (Contour.drawn(volume.grid.to_patient([[i, j, 4] for i, j in corners]), closed=True),)

    rois = (Roi(3, "body", square(3.5, 9.5)), Roi(70_000, "seed", square(5.1, 5.3)), Roi(9, "core", square(4.5, 6.5)))
    masks = {"any": np.zeros(volume.grid.shape, dtype=bool)}
    return replace(rtvis.structure_set_from_masks(masks, volume), rois=rois)


def test_an_roi_between_voxel_centres_is_told(structure_set, tmp_path) -> None:
    done = export_masks(structure_set, tmp_path)
    assert [(one.roi, one.count) for one in done.outputs] == [("body", 36), ("seed", 0), ("core", 4)]
    assert done.notes == [("seed", NO_VOXEL)]


def test_labels_that_are_no_roi_numbers_are_told(structure_set, tmp_path) -> None:
    done = export_labelmap(structure_set, tmp_path / "all.nrrd")
    assert [(one.number, one.label, one.count) for one in done.outputs] == [(3, 1, 32), (70_000, 2, 0), (9, 3, 4)]
    assert [name for name, _ in done.notes] == ["", "seed", "core"]
    assert "places of ROIs" in done.notes[0][1]
    assert done.notes[1] == ("seed", NO_VOXEL)


@pytest.mark.parametrize("export", [export_masks, export_surfaces])
def test_what_was_written_before_a_file_fails_is_taken_away_and_what_was_replaced_stays(
    structure_set, tmp_path, export
) -> None:
    kind = "nii.gz" if export is export_masks else "stl"
    made = [one.path for one in export(structure_set, tmp_path / "first", kind).outputs]
    assert len(made) > 1
    folder = tmp_path / "second"
    blocked = folder / made[-1].name
    blocked.mkdir(parents=True)
    with pytest.raises(rtvis.RtvisError, match="is a folder"):
        export(structure_set, folder, kind, force=True)
    assert list(folder.iterdir()) == [blocked]
    (folder / made[0].name).write_bytes(b"of before")
    with pytest.raises(rtvis.RtvisError, match="is a folder"):
        export(structure_set, folder, kind, force=True)
    assert sorted(one.name for one in folder.iterdir()) == sorted({made[0].name, blocked.name})
