"""Every folder of real data: which files open, as what, and which are refused, and why."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
import SimpleITK

from rtvis.app.opening import scan_paths
from rtvis.dicom.series import find_series
from rtvis.dicom.volume import read_volume

NO_FRAME = "missing-frame-of-reference"


@dataclass(frozen=True)
class Folder:
    """What is in a folder.

    Attributes:
        volumes: modality, shape, spacing (rounded to 0.001 mm) and codes of problems of each volume.
        structure_sets: RTSTRUCT files.
        others: modalities of what is listed only.
        refused: names of unusable files (or the beginnings of names) and a part of the reason.
        ignored: files that aren't DICOM.
    """

    volumes: list[tuple[str, tuple[int, int, int], tuple[float, float, float], set[str]]] = field(default_factory=list)
    structure_sets: int = 0
    others: tuple[str, ...] = ()
    refused: dict[str, str] = field(default_factory=dict)
    ignored: int = 0


SINGLES = {"duplicate-positions", "single-slice", "split-series"}
FOLDERS = {
    "pairs/InnerEye_2slice": Folder([("CT", (2, 512, 512), (3, 0.977, 0.977), set())], 1),
    "pairs/LUNG1-002_XiO": Folder([("CT", (111, 512, 512), (3, 0.977, 0.977), set())], 1),
    "pairs/STS_001_MR_T2_oblique_MIM": Folder([("MR", (40, 384, 384), (5.2, 0.523, 0.523), set())], 1),
    "pairs/STS_004_CT_MIM": Folder([("CT", (85, 183, 173), (3.27, 0.977, 0.977), set())], 1),
    "pairs/STS_004_MR_MIM": Folder([("MR", (60, 127, 128), (3.27, 0.977, 0.977), set())], 1),
    "pairs/STS_004_PET_MIM": Folder([("PT", (85, 46, 43), (3.27, 3.906, 3.906), {"mixed-rescale"})], 1),
    "pairs/TinyVMAT_Monaco_no_part10_header": Folder([("CT", (5, 5, 5), (100, 100, 100), set())], 1, ("RTPLAN",)),
    "pairs/pat_4_CERR": Folder([("CT", (56, 172, 178), (3, 0.977, 0.977), set())], 1),
    "pairs/phantom_Oncentra": Folder(
        [("CT", (5, 171, 512), (75, 0.586, 0.586), set())], 1, ("RTDOSE",) * 4 + ("RTIMAGE",) * 6 + ("RTPLAN",)
    ),
    "pairs/synthetic_lung_plastimatch": Folder([("CT", (100, 100, 100), (5, 5, 5), set())], 1),
    "rt_without_images/EclipseProstatePhantom": Folder([], 1, ("RTPLAN",), ignored=4),
    "rt_without_images/brachy_OPEN_NONPLANAR": Folder([], 2, ("RTDOSE",) * 2 + ("RTPLAN",) * 2),
    "odd_geometry/gantrytilting_001": Folder([("CT", (4, 512, 512), (4.851, 0.418, 0.418), {NO_FRAME, "tilt"})]),
    "odd_geometry/notavolume_001": Folder([("CT", (1, 512, 512), (1, 0.545, 0.545), SINGLES | {NO_FRAME})] * 4),
    "odd_geometry/slicecount_001": Folder([("MR", (2, 256, 256), (1, 1, 1), {NO_FRAME})]),
    "odd_geometry/sliceincrement_001": Folder(
        [("CT", (4, 512, 512), (5, 0.43, 0.43), {NO_FRAME, "missing-slices", "uneven-gaps"})]
    ),
    "odd_geometry/sliceincrement_002": Folder(
        [("CT", (4, 512, 512), (0.75, 0.512, 0.512), {NO_FRAME, "missing-slices", "uneven-gaps", "tilt"})]
    ),
    "odd_geometry/sliceorientation_001": Folder(
        [
            ("MR", (2, 288, 288), (3.3, 0.32, 0.32), {NO_FRAME, "split-series"}),
            ("MR", (2, 288, 288), (4.4, 0.556, 0.556), {NO_FRAME, "split-series"}),
        ]
    ),
    "multiframe": Folder([("CT", (2, 512, 512), (10, 0.389, 0.389), set())]),
    "transfer_syntaxes": Folder(
        [("CT", (1, 512, 512), (5, 0.676, 0.676), SINGLES | {"lossy"})] * 12
        + [("CT", (1, 512, 512), (5, 0.676, 0.676), SINGLES)] * 9
    ),
    "broken_and_small": Folder(
        [("CT", (1, 128, 128), (5, 0.661, 0.661), {"single-slice"})]
        + [("MR", (1, 64, 64), (0.8, 0.312, 0.312), SINGLES)] * 8
        + [("CT", (1, 512, 512), (5, 0.431, 0.431), {"single-slice"})],
        1,
        ("", "OT", *("RTDOSE",) * 7, *("RTPLAN",) * 3),
        {
            "MR_truncated.dcm": "is truncated: 8130 of 8192 bytes of pixel data are there",
            "meta_missing_tsyntax.dcm": "names no SOP class and no modality",
            "rtplan_truncated.dcm": "is truncated: it ends inside element (300a,00b0)",
        },
        1,
    ),
}


@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_opens_as_it_should(field_data, name):
    expected = FOLDERS[name]
    scan = scan_paths(field_data / name)
    found = [
        (plan.modality, plan.grid.shape, tuple(round(one, 3) for one in plan.grid.spacing_mm), codes_of(plan))
        for plan in scan.plans
    ]
    assert found == expected.volumes
    assert len(scan.structure_sets) == expected.structure_sets
    assert tuple(sorted(one.modality for one in scan.others)) == expected.others
    assert {one.path.name for one in scan.unreadable} == set(expected.refused)
    for one in scan.unreadable:
        assert expected.refused[one.path.name] in one.reason
        assert "\n" not in one.reason
    assert scan.ignored == expected.ignored
    for plan in scan.plans:
        volume = read_volume(plan)
        assert volume.voxels.shape == plan.grid.shape
        assert volume.digest().startswith("md5:")


def codes_of(plan):
    return {one.code for one in plan.problems}


def test_no_folder_of_the_data_is_forgotten(field_data):
    folders = {str(path.parent.relative_to(field_data)) for path in field_data.rglob("*") if path.is_file()}
    folders.discard(".")
    assert all(any(one == name or one.startswith(f"{name}/") for name in FOLDERS) for one in folders)


def test_one_slice_in_21_encodings(field_data):
    """Lossless ones agree voxel for voxel and in digest; lossy ones in HU within what their codec leaves out.

    Baseline JPEG has 8 bits: a step is 32 HU, and one of its files was stored with a coarse quantisation that leaves
    up to 17 steps at edges. The 12 bit DCT processes (sequential, spectral selection, full progression) hold the same
    coefficients in different order, so they agree in every voxel. Near-lossless JPEG-LS was made with NEAR = 1.
    """
    volumes = [read_volume(plan) for plan in find_series(field_data / "transfer_syntaxes").plans]
    by_syntax = {}
    for one in volumes:
        by_syntax.setdefault(one.slices[0].transfer_syntax_uid.removeprefix("1.2.840.10008.1.2"), []).append(one)
    assert {key: len(found) for key, found in sorted(by_syntax.items())} == {
        "": 1, ".1": 1, ".1.99": 1, ".2": 1, ".4.50": 3, ".4.51": 2, ".4.53": 2, ".4.55": 2, ".4.70": 1, ".4.80": 1,
        ".4.81": 1, ".4.90": 2, ".4.91": 2, ".5": 1,
    }  # fmt: skip
    lossless = [one for one in volumes if not one.slices[0].lossy]
    reference = lossless[0]
    assert len(lossless) == 9
    assert {one.digest("sha256") for one in lossless} == {reference.digest("sha256")}
    assert all(np.array_equal(one.voxels, reference.voxels) for one in lossless)
    limits = {
        ".4.50": (560, 26.3), ".4.51": (36, 4), ".4.53": (36, 4), ".4.55": (36, 4), ".4.81": (1, 0.7), ".4.91": (5, 0.6)
    }  # fmt: skip
    for syntax, (largest, mean) in limits.items():
        for one in by_syntax[syntax]:
            error = np.abs(one.values - reference.values)
            assert error.max() <= largest
            assert error.mean() <= mean
    dct = [one for syntax in (".4.51", ".4.53", ".4.55") for one in by_syntax[syntax]]
    assert all(np.array_equal(one.voxels, dct[0].voxels) for one in dct)


def test_lossy_encodings_agree_with_another_decoder(field_data):
    """GDCM's, which SimpleITK brings; two right decoders of a DCT may round differently by a step or two."""
    for plan in find_series(field_data / "transfer_syntaxes").plans:
        one = plan.slices[0]
        if one.transfer_syntax_uid.endswith((".4.51", ".4.53", ".4.55", ".4.81", ".4.90")):
            theirs = SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(str(one.path)))[0]
            assert np.abs(read_volume(plan).values[0] - theirs).max() <= 2 * abs(one.rescale_slope) + 1e-3
