from __future__ import annotations

from pathlib import Path

import pytest

from rtvis.app.opening import raise_nothing
from rtvis.model.errors import NothingFoundError
from rtvis.model.study import Unreadable

COPY = Unreadable(Path("b"), "is a copy of a, byte for byte, which is used instead", is_copy=True)


def test_the_reason_given_is_not_that_of_a_copy():
    damaged = [Unreadable(Path("a"), "is truncated"), Unreadable(Path("c"), "is cut off")]
    with pytest.raises(NothingFoundError, match=r"a: is truncated \(1 more file can't be read either\)"):
        raise_nothing([COPY, *damaged], 0, None)
    with pytest.raises(NothingFoundError, match="b: is a copy of a"):
        raise_nothing([COPY], 0, None)
