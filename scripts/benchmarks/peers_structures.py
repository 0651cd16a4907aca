"""Files that rtvis wrote, read by plastimatch and rt-utils: do they fill the same voxels as with the original?

For each real pair of images and RTSTRUCT, and for a made one with types that a peer knows, the set is written again in
three ways: edited (a colour changed, so that the file is built anew from what the original carried), made (all contours
written as new ones) and in implicit VR. Each peer fills the original and the three; masks are compared voxel by voxel,
ROI by ROI. What a peer can't read of the original it can't be asked about; that is listed.

rt-utils goes into an environment of its own, in a temporary folder (its opencv and PyQt5 don't go together), from the
package index; `--python` names the interpreter of one that is there already, and nothing is installed then.

usage: scripts/bench peers_structures [--peer NAME] [--set NAME] [--python PYTHON] [--json]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from rtvis.app.opening import scan_paths  # noqa: E402  (the project need not be installed)
from rtvis.dicom.matching import match  # noqa: E402
from rtvis.dicom.rtstruct_reader import read_structure_set  # noqa: E402
from rtvis.dicom.rtstruct_writer import write_structure_set  # noqa: E402
from rtvis.model.structure_set import CLOSED_TYPES, Contour, StructureSet  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

    Masks = dict[str, tuple[str, int]]
    """ROI name -> SHA-256 of the mask, voxels in it."""

FIELD_DATA = Path(os.environ.get("RTVIS_TEST_DATA", ROOT.parent / "shared" / "data"))
PAIRS = (
    "pairs/synthetic_lung_plastimatch/rtss.dcm",
    "pairs/pat_4_CERR/DCM_RS_00056.dcm",
    "pairs/InnerEye_2slice/rtstruct_mod.dcm",
    "pairs/LUNG1-002_XiO/RTSTRUCT.dcm",
    "pairs/STS_004_CT_MIM/RS.dcm",
)
PEERS = ("plastimatch", "rt-utils")
TIMEOUT_S = 600
RT_UTILS = """
import hashlib, json, sys, warnings
warnings.simplefilter("ignore")
import numpy as np
from rt_utils import RTStructBuilder
read = RTStructBuilder.create_from(dicom_series_path=sys.argv[1], rt_struct_path=sys.argv[2])
masks = {}
for name in read.get_roi_names():
    try:
        mask = read.get_roi_mask_by_name(name)
    except AttributeError:
        continue  # an ROI without contours
    masks[name] = hashlib.sha256(np.packbits(mask).tobytes()).hexdigest(), int(mask.sum())
print(json.dumps(masks))
"""


class PeerError(Exception):
    """A peer can't read a file."""


def plastimatch_masks(images: Path, path: Path, folder: Path) -> Masks:
    """Masks as plastimatch fills them."""
    import SimpleITK as sitk  # noqa: N813, PLC0415  (only this peer needs it)

    out = Path(tempfile.mkdtemp(dir=folder))
    geometry = ["--referenced-ct", images]
    run(["plastimatch", "convert", "--input", path, *geometry, "--output-prefix", out, "--prefix-format", "nii"])
    masks = {}
    for file in sorted(out.iterdir()):
        mask = sitk.GetArrayFromImage(sitk.ReadImage(str(file))) > 0
        masks[file.stem] = hashlib.sha256(np.packbits(mask).tobytes()).hexdigest(), int(mask.sum())
    shutil.rmtree(out)
    return masks


def rt_utils_masks(python: Path, images: Path, path: Path) -> Masks:
    """Masks as rt-utils fills them."""
    output = run([python, "-c", RT_UTILS, images, path])
    return {name: (digest, voxels) for name, (digest, voxels) in json.loads(output.splitlines()[-1]).items()}


def run(command: list[str | Path]) -> str:
    """Standard output of a peer's program.

    Raises:
        PeerError: when it fails; with its last line.
    """
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIMEOUT_S, errors="replace")
    if done.returncode:
        lines = (done.stderr.strip() or done.stdout.strip() or f"exit status {done.returncode}").splitlines()
        raise PeerError(lines[-1])
    return done.stdout


def as_new(structure_set: StructureSet) -> StructureSet:
    """The same contours as if they had been drawn here."""

    def fresh(contour: Contour) -> Contour:
        points = contour.points_lps
        while contour.geometric_type in CLOSED_TYPES and len(points) > 1 and np.array_equal(points[0], points[-1]):
            points = points[:-1]
        return replace(contour, points_lps=points.copy(), images=(), origin=None)

    names = structure_set.unique_names()
    rois = tuple(
        replace(roi, name=names[roi.number], origin=None, contours=tuple(fresh(one) for one in roi.contours))
        for roi in structure_set.rois
    )
    return replace(structure_set, rois=rois, origin=None, path=None)


def versions(source: Path, folder: Path) -> tuple[dict[str, Path], dict[str, str]]:
    """The files that rtvis writes of one set, and why it didn't write one."""
    given = match(read_structure_set(source), scan_paths(source.parent).plans, by_geometry=True)
    first = given.rois[0]
    edited = given.with_roi(replace(first, color=(12, 34, 56)))
    files, left_out = {}, {}
    for name, what, implicit in (("edited", edited, False), ("made", as_new(given), False), ("implicit", given, True)):
        path = folder / f"{name}.dcm"
        try:
            write_structure_set(what, path, overwrite=True, implicit_vr=implicit)
        except Exception as error:  # noqa: BLE001  (listed, and counted against us)
            left_out[name] = str(error)
        else:
            files[name] = path
    return files, left_out


def compare(source: Path, peer: str, masks_of: Callable[[Path, Path], Masks], folder: Path) -> list[dict[str, object]]:
    """One row for each file that rtvis wrote of one set."""
    row = {"peer": peer, "set": source.parent.name}
    try:
        original = masks_of(source.parent, source)
    except PeerError as error:
        return [{**row, "file": "original", "result": "unreadable", "detail": str(error)}]
    if not any(voxels for _, voxels in original.values()):
        return [{**row, "file": "original", "result": "empty", "detail": "it fills no voxel of the original"}]
    files, left_out = versions(source, folder)
    rows: list[dict[str, object]] = [
        {**row, "file": name, "result": "not written", "detail": reason} for name, reason in left_out.items()
    ]
    for name, path in files.items():
        try:
            found = masks_of(source.parent, path)
        except PeerError as error:
            rows.append({**row, "file": name, "result": "unreadable", "detail": str(error)})
            continue
        differing = [roi for roi in original if original[roi] != found.get(roi, ("", 0)) and original[roi][1]]
        extra = [roi for roi in found if roi not in original and found[roi][1]]
        voxels = sum(one[1] for one in original.values())
        detail = f"{len(original)} ROIs, {voxels} voxels"
        if differing or extra:
            detail = "different: " + ", ".join(
                f"{roi} ({original.get(roi, ('', 0))[1]} and {found.get(roi, ('', 0))[1]} voxels)"
                for roi in (*differing, *extra)
            )
        rows.append({**row, "file": name, "result": "different" if differing or extra else "same", "detail": detail})
    return rows


def rt_utils_python(folder: Path) -> Path:
    """The interpreter of a new environment with rt-utils."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    run([python, "-m", "pip", "install", "--quiet", "rt-utils==1.2.7"])
    return python


def main() -> int:
    """Compare, and print; exit status 1 when a peer fills other voxels than with the original."""
    parser = argparse.ArgumentParser(prog="scripts/bench peers_structures", description="structure sets through peers")
    parser.add_argument("--peer", action="append", choices=PEERS, help="only this one; may be given twice")
    parser.add_argument("--python", type=Path, help="interpreter of an environment that has rt-utils")
    parser.add_argument("--set", action="append", choices=PAIRS, help="only this one; may be given more than once")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        peers: dict[str, Callable[[Path, Path], Masks]] = {}
        for peer in options.peer or PEERS:
            if peer == "plastimatch":
                if shutil.which("plastimatch") is None:
                    print("skipped: plastimatch is not installed", file=sys.stderr)
                    continue
                peers[peer] = lambda images, path: plastimatch_masks(images, path, folder)
            else:
                python = options.python or rt_utils_python(folder / "rt-utils")
                peers[peer] = lambda images, path, python=python: rt_utils_masks(python, images, path)
        for name in options.set or PAIRS:
            if not (FIELD_DATA / name).is_file():
                print(f"skipped: {FIELD_DATA / name} isn't there (set RTVIS_TEST_DATA)", file=sys.stderr)
                continue
            for peer, masks_of in peers.items():
                rows += compare(FIELD_DATA / name, peer, masks_of, folder)
    if options.json:
        print(json.dumps({"rows": rows}, indent=2))
    else:
        for row in rows:
            print(f"{row['peer']:12}{row['set']:30}{row['file']:10}{row['result']:12}{row['detail']}")
    return 1 if any(row["result"] == "different" or row["result"] == "not written" for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
