"""Lines as dashes."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from rtvis.scene.dashes import DASH_MM, GAP_MM, dashes

SQUARE = np.array([[0.0, 0, 5], [40, 0, 5], [40, 40, 5], [40, 40, 5], [0, 40, 5], [0, 0, 5]])


def length(line):
    return float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum())


def test_pieces_lie_on_the_line_with_gaps_between_them():
    pieces = dashes(SQUARE)
    share = DASH_MM / (DASH_MM + GAP_MM)
    assert sum(map(length, pieces)) == pytest.approx(160 * share)
    assert len(pieces) == round(160 / (DASH_MM + GAP_MM))
    for piece in pieces:
        assert length(piece) == pytest.approx(160 / len(pieces) * share)
        on_side = np.isclose(piece[:, :2], 0) | np.isclose(piece[:, :2], 40)
        assert on_side.any(axis=1).all()
    np.testing.assert_array_equal(pieces[0][0], SQUARE[0])
    gaps = [np.linalg.norm(b[0] - a[-1]) for a, b in pairwise(pieces)]
    assert min(gaps) > 1.5


def test_a_short_line_has_dashes_too_and_a_point_none():
    assert len(dashes(SQUARE / 100)) == 12
    assert dashes(np.zeros((3, 3))) == []
