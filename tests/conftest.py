"""Fixtures for all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

FIELD_DATA = Path(os.environ.get("RTVIS_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))


@pytest.fixture(scope="session")
def field_data() -> Path:
    """Real DICOM files, which the project doesn't carry; tests that need them are skipped without them."""
    if not FIELD_DATA.is_dir():
        pytest.skip(f"real DICOM data is not at {FIELD_DATA} (set RTVIS_TEST_DATA)")
    return FIELD_DATA
