from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtvis.editing.history import History, edit_bytes
from rtvis.model.structure_set import Contour, Roi, StructureSet


class Value:
    """A value that is equal to nothing but itself."""


ACTIONS = st.lists(st.sampled_from(["apply", "apply", "undo", "redo", "save"]), max_size=60)


@given(ACTIONS)
def test_history_walks_the_same_way_as_a_plain_list_of_values(actions: list[str]) -> None:
    first = Value()
    history = History[Value](first)
    values, names, at, saved = [first], [""], 0, first
    for number, action in enumerate(actions):
        if action == "apply":
            value = Value()
            history.apply(str(number), value)
            values, names = [*values[: at + 1], value], [*names[: at + 1], str(number)]
            at += 1
        elif action == "undo":
            assert history.undo() == (names[at] if at else None)
            at = max(0, at - 1)
        elif action == "redo":
            assert history.redo() == (names[at + 1] if at + 1 < len(names) else None)
            at = min(len(values) - 1, at + 1)
        else:
            history.mark_saved()
            saved = values[at]
        assert history.value is values[at]
        assert history.can_undo == (at > 0)
        assert history.can_redo == (at + 1 < len(values))
        assert history.undo_name == (names[at] if at else None)
        assert history.redo_name == (names[at + 1] if at + 1 < len(names) else None)
        assert history.is_saved == (saved is values[at])


@given(count=st.integers(1, 30))
def test_everything_undone_and_redone_gives_the_identical_values(count: int) -> None:
    history = History[object](first := Value())
    for number in range(count):
        history.apply(str(number), Value())
    last = history.value
    assert [history.undo() for _ in range(count)] == [str(number) for number in reversed(range(count))]
    assert history.value is first
    assert [history.redo() for _ in range(count)] == [str(number) for number in range(count)]
    assert history.value is last
    assert history.redo() is None


@given(steps=st.integers(1, 8), count=st.integers(0, 20))
def test_only_the_newest_steps_are_kept(steps: int, count: int) -> None:
    values = [Value() for _ in range(count + 1)]
    history = History(values[0], max_steps=steps)
    for value in values[1:]:
        history.apply("edit", value)
    undone = 0
    while history.undo() is not None:
        undone += 1
    assert undone == min(steps, count)
    assert history.value is values[count - undone]


def kept_bytes(history: History) -> int:
    return sum(history.step(index).cost for index in range(history.step_count))


@given(costs=st.lists(st.integers(0, 50), max_size=20), limit=st.integers(1, 100))
def test_bytes_are_bounded_and_the_last_edit_can_always_be_undone(costs: list[int], limit: int) -> None:
    history = History(0, max_bytes=limit, cost=lambda _before, after: costs[after - 1])
    for number in range(1, len(costs) + 1):
        history.apply("edit", number)
        kept = 0
        while history.undo() is not None:
            kept += 1
        expected = 1
        while expected < number and sum(costs[number - expected - 1 : number]) <= limit:
            expected += 1
        assert kept == expected
        while history.redo() is not None:
            pass
        assert history.value == number
        assert kept_bytes(history) <= max(limit, costs[number - 1])


def test_the_same_object_is_no_edit() -> None:
    history = History(value := Value())
    history.apply("first", Value())
    history.undo()
    history.apply("nothing", value)
    assert not history.can_undo
    assert history.redo_name == "first"


def test_a_saved_value_that_can_no_longer_be_reached_stays_unsaved() -> None:
    history = History[Value](Value())
    history.apply("a", Value())
    history.mark_saved()
    history.undo()
    history.apply("b", Value())
    assert not history.is_saved
    history.undo()
    history.redo()
    assert not history.is_saved


def test_a_new_value_may_start_unsaved() -> None:
    history = History(None, saved=False)
    assert not history.is_saved
    history.mark_saved()
    assert history.is_saved


@pytest.mark.parametrize("bounds", [{"max_steps": 0}, {"max_bytes": 0}])
def test_a_history_that_can_not_undo_is_refused(bounds: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="can't undo"):
        History(1, **bounds)  # type: ignore[arg-type]


def test_an_edit_costs_the_points_it_drops_and_not_those_it_shares() -> None:
    def contour(count: int) -> Contour:
        return Contour(np.arange(count * 3.0).reshape(-1, 3), "OPEN_NONPLANAR")

    big, small = contour(100_000), contour(10)
    before = StructureSet("", (Roi(1, "a", (big,)), Roi(2, "b", (small,))))
    moved = before.with_roi(before.roi(2).without_contour(0))
    assert small.points_lps.nbytes <= edit_bytes(before, moved) < 1000
    assert edit_bytes(moved, before) < 1000
    assert edit_bytes(before, before.without_roi(1)) >= big.points_lps.nbytes


@given(ACTIONS, st.data())
def test_any_kept_step_is_a_jump_away(actions: list[str], data: st.DataObject) -> None:
    history = History[object](Value(), max_steps=7)
    for number, action in enumerate(actions):
        if action == "apply":
            history.apply(str(number), Value())
        elif action == "undo":
            history.undo()
        elif action == "redo":
            history.redo()
    steps = [history.step(index) for index in range(history.step_count)]
    assert [one.at for one in steps] == sorted(one.at for one in steps)
    place = data.draw(st.integers(0, history.step_count))
    history.go_to(place)
    assert history.place == place
    assert [history.step(index) for index in range(history.step_count)] == steps
    if steps:
        assert history.value is (steps[place].before if place < len(steps) else steps[-1].after)
    for wrong in (-1, history.step_count + 1):
        with pytest.raises(IndexError):
            history.go_to(wrong)


def test_what_is_forgotten_is_counted() -> None:
    history = History[object](Value(), max_steps=2)
    for number in range(5):
        history.apply(str(number), Value())
    assert (history.forgotten, history.step_count, history.place) == (3, 2, 2)


def test_the_memory_of_a_big_set_is_bounded() -> None:
    points = np.random.default_rng(0).uniform(-200, 200, (2000, 3))
    first = StructureSet("R", (Roi(1, "A", tuple(Contour(points + n, "OPEN_NONPLANAR") for n in range(20))),))
    history = History(first, cost=edit_bytes, max_bytes=2_000_000)
    for number in range(200):
        roi = history.value.roi(1)
        moved = Contour(roi.contours[number % 20].points_lps + 0.5, "OPEN_NONPLANAR")
        contours = (*roi.contours[: number % 20], moved, *roi.contours[number % 20 + 1 :])
        history.apply("Move", history.value.with_roi(Roi(1, "A", contours)))
    kept = {id(one.points_lps): one.points_lps.nbytes for one in first.roi(1).contours}
    own = {
        id(contour.points_lps): contour.points_lps.nbytes
        for index in range(history.step_count)
        for value in (history.step(index).before,)
        for contour in value.roi(1).contours
        if id(contour.points_lps) not in kept
    }
    assert kept_bytes(history) <= 2_000_000
    # What is really held is what is counted, and the set itself: 20 contours of 48 kB.
    assert sum(own.values()) <= 2_000_000 + 20 * 48_000
    assert history.forgotten == 200 - history.step_count > 0
