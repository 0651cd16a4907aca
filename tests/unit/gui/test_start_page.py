from __future__ import annotations

from rtvis.gui.start_page import recent_paths, remember_path


def test_a_recent_study_that_can_not_be_reached_any_more_is_not_offered(qapp, tmp_path):
    remember_path(str(tmp_path / ("x" * 300)))  # as a lost network drive, it can't even be asked for
    remember_path(str(tmp_path))
    assert recent_paths()[0] == str(tmp_path)
    assert len([path for path in recent_paths() if "xxx" in path]) == 0
