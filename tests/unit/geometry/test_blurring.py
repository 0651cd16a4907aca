"""Blurring gives what scipy's does, whatever the width."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from rtvis.geometry.blurring import gaussian_blurred
from rtvis.model.progress import CancelledError


@pytest.mark.parametrize(("beyond", "mode"), [("nearest", "nearest"), ("zero", "constant")])
@pytest.mark.parametrize("sigma", [(0.4, 2.0, 3.0), (0.0, 30.0, 12.0), (25.0, 0.7, 60.0)])
@pytest.mark.parametrize("truncate", [3.0, 4.0])
def test_it_is_the_gaussian_of_scipy(beyond, mode, sigma, truncate) -> None:
    values = np.random.default_rng(1).uniform(size=(9, 31, 40)).astype(np.float32) > 0.6
    wanted = gaussian_filter(values.astype(np.float32), sigma, mode=mode, truncate=truncate)
    made = gaussian_blurred(values.astype(np.float32), sigma, beyond=beyond, truncate=truncate)
    assert made.dtype == np.float32
    np.testing.assert_allclose(made, wanted, atol=5e-6)


def test_it_is_told_how_far_it_is_and_stops_when_asked(monkeypatch) -> None:
    monkeypatch.setattr("rtvis.geometry.blurring.AT_ONCE", 400)
    told = []
    gaussian_blurred(np.ones((8, 10, 20), np.float32), (30, 2, 30), beyond="zero", report=lambda *one: told.append(one))
    assert len(told) > 10
    assert all(done < total for done, total in told)

    def stop(done: int, _total: int) -> None:
        if done > 0:
            raise CancelledError("stopped")

    with pytest.raises(CancelledError):
        gaussian_blurred(np.ones((8, 10, 20), np.float32), (30, 2, 30), beyond="zero", report=stop)
