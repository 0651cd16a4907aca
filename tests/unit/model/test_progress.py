"""Progress of pieces of work, told as parts of the whole."""

from __future__ import annotations

from rtvis.model.progress import part_of


def test_each_piece_goes_on_where_the_one_before_ended() -> None:
    told: list[float] = []
    for piece in range(3):
        report = part_of(lambda done, total: told.append(done / total), piece, 3)
        for step in range(5):
            report(step, 4)
    assert told == sorted(told)
    assert (told[0], told[5], told[-1]) == (0.0, 1 / 3, 1.0)


def test_a_piece_without_steps_is_at_its_beginning() -> None:
    told: list[tuple[int, int]] = []
    part_of(lambda *one: told.append(one), 1, 2)(0, 0)
    assert told == [(100, 200)]
