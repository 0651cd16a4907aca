"""Masks to structure sets and back."""

from __future__ import annotations

import weakref

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import arrays

from rtvis.app.mask_structures import import_masks, structure_set_from_masks
from rtvis.geometry.grid import Grid
from rtvis.model.masks import masks
from rtvis.model.volume import Patient, Slice, VolumeHeader

GAPS = {"even": [2.0] * 7, "uneven": [1.0, 1.2, 1.0, 0.9, 1.4, 1.0, 1.1]}
TURNED = np.linalg.qr(np.array([[0.9, 0.2, -0.1], [-0.3, 0.8, 0.4], [0.2, -0.3, 0.95]]))[0]
TURNED = TURNED * np.sign(np.linalg.det(TURNED))


def header(gaps: list[float], axes: np.ndarray, tilt: float = 0.0, *, descending: bool = False) -> VolumeHeader:
    """Eight slices of 7 x 6 pixels of 0.7 x 1.3 mm."""
    heights = np.concatenate([[0.0], np.cumsum(gaps)])
    origins = np.array([-123.0, 45.0, -678.0]) + heights[:, None] * (axes[:, 2] + tilt * axes[:, 1])
    origins = origins[::-1] if descending else origins
    affine = np.eye(4)
    affine[:3] = np.column_stack([1.3 * axes[:, 0], 0.7 * axes[:, 1], (origins[-1] - origins[0]) / 7, origins[0]])
    one = Slice("1.2", "1.3", (0, 0, 0), (1, 0, 0, 0, 1, 0), (1, 1), 1, 1)
    return VolumeHeader(
        volume_id="1",
        series_instance_uid="1",
        study_instance_uid="1",
        modality="CT",
        patient=Patient(),
        grid=Grid((8, 7, 6), affine, origins),
        slices=(one,) * 8,
    )


VOLUMES = {
    "axial": header(GAPS["even"], np.eye(3)),
    "uneven, oblique": header(GAPS["uneven"], TURNED),
    "tilted": header(GAPS["even"], np.eye(3), 0.3),
    "descending": header(GAPS["uneven"], TURNED, descending=True),
}


@pytest.mark.parametrize("name", VOLUMES)
@given(arrays(np.bool_, (8, 7, 6)))
@settings(max_examples=60, deadline=None)
def test_masks_come_back_voxel_for_voxel_or_it_is_told(name, mask) -> None:
    made = structure_set_from_masks({"a": mask}, VOLUMES[name])
    back = masks(made, VOLUMES[name]).get("a", np.zeros_like(mask))
    told = "mask-with-gaps" in {one.code for one in made.problems}
    assert told or np.array_equal(back, mask)
    np.testing.assert_array_equal(back[mask.any(axis=(1, 2))], mask[mask.any(axis=(1, 2))])


@pytest.mark.parametrize(
    ("slices", "more"), [([3], 0), ([2, 3, 4], 0), ([0, 1, 2, 5, 6], 0), ([1, 3], 2), ([0, 3, 6], 5), ([7], 0)]
)
def test_slices_that_contours_stand_for_besides_the_masks_are_told(slices, more) -> None:
    mask = np.zeros((8, 7, 6), dtype=bool)
    mask[slices, 2:5, 2:5] = True
    made = structure_set_from_masks({"spots": mask}, VOLUMES["axial"])
    found = [one for one in made.problems if one.code == "mask-with-gaps"]
    assert [one.roi for one in found] == [1] * (more > 0)
    assert not found or found[0].message.startswith(f"spots: {more} empty slice")
    assert np.count_nonzero(masks(made, VOLUMES["axial"])["spots"].any(axis=(1, 2))) == len(slices) + more


def test_masks_of_files_are_outlined_one_after_the_other_and_not_kept(tmp_path, monkeypatch) -> None:
    """Thirty masks of 512 x 512 x 200 at once were 1.8 GiB."""
    volume = VOLUMES["axial"]
    alive: list[weakref.ref[np.ndarray]] = []
    most = 0

    def read(path, grid) -> np.ndarray:
        nonlocal most
        mask = np.zeros(grid.shape, dtype=np.uint8)
        mask[2:5, 1 : 2 + int(path.stem[1:]) % 4, 1:4] = 1
        alive.append(weakref.ref(mask))
        most = max(most, sum(one() is not None for one in alive))
        return mask

    for number in range(9):
        (tmp_path / f"m{number}.nii").touch()
    monkeypatch.setattr("rtvis.app.mask_structures.read_voxels", read)
    monkeypatch.setattr("rtvis.app.mask_structures.only_volume", lambda _path: volume)
    made = import_masks([tmp_path], tmp_path)
    assert [one.name for one in made.rois] == [f"m{number}" for number in range(9)]
    assert [one.number for one in made.rois] == list(range(1, 10))
    assert most <= 2
