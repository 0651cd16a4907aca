"""Other programs fill the same voxels with what rtvis wrote as with the original."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[4] / "scripts" / "benchmarks" / "peers_structures.py"


def results(field_data, *arguments):
    done = subprocess.run(
        [sys.executable, SCRIPT, "--json", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
        env={**os.environ, "RTVIS_TEST_DATA": str(field_data)},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return [(row["set"], row["file"], row["result"]) for row in json.loads(done.stdout)["rows"]]


@pytest.mark.parametrize("name", ["synthetic_lung_plastimatch/rtss.dcm", "pat_4_CERR/DCM_RS_00056.dcm"])
def test_plastimatch(field_data, name):
    if shutil.which("plastimatch") is None:
        pytest.skip("plastimatch is not installed")
    found = results(field_data, "--peer", "plastimatch", "--set", f"pairs/{name}")
    assert found == [(name.split("/")[0], file, "same") for file in ("edited", "made", "implicit")]


def test_rt_utils(field_data):
    python = os.environ.get("RTVIS_RT_UTILS_PYTHON")
    if not python:
        pytest.skip("RTVIS_RT_UTILS_PYTHON names no interpreter that has rt-utils")
    name = "pairs/synthetic_lung_plastimatch/rtss.dcm"
    found = results(field_data, "--peer", "rt-utils", "--python", python, "--set", name)
    assert found == [("synthetic_lung_plastimatch", file, "same") for file in ("edited", "made", "implicit")]
