from __future__ import annotations

import pytest

from rtvis.app.named_paths import require_paths
from rtvis.model.errors import InputError


def test_a_path_that_is_not_there_and_one_that_can_not_be_reached_are_refused_in_one_line(tmp_path):
    require_paths([tmp_path])
    with pytest.raises(InputError, match="no such file or folder"):
        require_paths([tmp_path, tmp_path / "nothing"])
    with pytest.raises(InputError, match=r"can't be opened \(File name too long\)"):
        require_paths([tmp_path / ("x" * 300)])
