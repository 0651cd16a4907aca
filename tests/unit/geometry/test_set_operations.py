from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtvis.geometry.closed_stacks import closed_stacks
from rtvis.geometry.regions import region_of
from rtvis.geometry.set_operations import OPERATIONS, combined, planes_agree

TURNED = np.linalg.qr(np.array([[0.9, 0.2, -0.1], [-0.3, 0.8, 0.4], [0.2, -0.3, 0.95]]))[0]


def loop(seed, height, axes=TURNED, shift=(0.0, 0.0)) -> np.ndarray:
    generator = np.random.default_rng(seed)
    angle = np.sort(generator.uniform(0, 2 * np.pi, 14))
    radius = generator.uniform(10, 20, 14)
    flat = np.column_stack([radius * np.cos(angle) + shift[0], radius * np.sin(angle) + shift[1]])
    return flat @ axes[:, :2].T + height * axes[:, 2]


def stack_of(curves):
    (stack,) = closed_stacks(curves).stacks
    return stack


def area(curves) -> float:
    if not curves:
        return 0.0
    stack = stack_of(curves)
    return sum(region_of(stack.loops, layer).area for layer in range(len(stack.positions_mm)))


@given(st.integers(0, 2**31), st.floats(-25, 25), st.sampled_from([1, -1]))
@settings(max_examples=25, deadline=None)
def test_areas_of_union_and_intersection_add_up(seed, shift, turn) -> None:
    heights = (0.0, 2.0, 4.0)
    one = [loop(seed, height) for height in heights]
    other = [loop(seed + 1, height, shift=(shift, 3.0))[::turn] for height in heights]
    first, second = stack_of(one), stack_of(other)
    found = {name: area(combined(first, second, name)) for name in OPERATIONS}
    total = area(one) + area(other)
    assert found["union"] + found["intersection"] == pytest.approx(total, rel=1e-6)
    assert found["xor"] == pytest.approx(found["union"] - found["intersection"], rel=1e-6, abs=1e-3)
    assert found["difference"] == pytest.approx(area(one) - found["intersection"], rel=1e-6, abs=1e-3)


def test_planes_that_only_one_has_are_kept_or_not() -> None:
    one = stack_of([loop(1, height) for height in (0.0, 2.0, 4.0)])
    other = stack_of([loop(2, height) for height in (4.0, 6.0)])
    assert planes_agree(one, other)
    heights = {
        name: sorted({round(float(part[0] @ TURNED[:, 2]), 3) for part in combined(one, other, name)})
        for name in OPERATIONS
    }
    assert heights["union"] == [0.0, 2.0, 4.0, 6.0]
    assert heights["intersection"] == [4.0]


def test_planes_that_differ_are_refused() -> None:
    one = stack_of([loop(1, height) for height in (0.0, 2.0, 4.0)])
    assert not planes_agree(one, stack_of([loop(2, height) for height in (1.0, 3.0)]))
    assert not planes_agree(one, stack_of([loop(2, height) for height in (0.0, 2.0, 6.0)]))
    assert not planes_agree(one, stack_of([loop(2, height) for height in (-2.0, 2.0, 4.0)]))
    assert not planes_agree(one, stack_of([loop(2, height, TURNED[:, [1, 2, 0]]) for height in (0.0, 2.0)]))
    with pytest.raises(ValueError, match="differ"):
        combined(one, stack_of([loop(2, 1.0), loop(2, 3.0)]), "union")
    with pytest.raises(ValueError, match="operation"):
        combined(one, one, "minus")
