from __future__ import annotations

from rtvis.dicom import read_ahead
from rtvis.dicom.read_ahead import ahead_of
from rtvis.dicom.series import find_series


def test_quick_files_come_as_they_are(tmp_path, monkeypatch):
    monkeypatch.setattr(read_ahead, "SLOW_S", 3600.0)
    monkeypatch.setattr(read_ahead, "ThreadPoolExecutor", None)  # nothing may start one
    paths = [tmp_path / str(n) for n in range(300)]
    assert list(ahead_of(paths)) == paths


def test_slow_ones_are_brought_once_each_and_never_past_the_end(tmp_path, monkeypatch):
    brought = []

    class Pool:
        def __init__(self, threads):
            assert threads == read_ahead.THREADS

        def submit(self, call, path):
            brought.append(path)

        def shutdown(self, **how):
            brought.append("closed")

    monkeypatch.setattr(read_ahead, "SLOW_S", -1.0)
    monkeypatch.setattr(read_ahead, "ThreadPoolExecutor", Pool)
    paths = [tmp_path / str(n) for n in range(1000)]
    seen = []
    for path in ahead_of(paths):
        if len(seen) > 3:
            assert path in brought
        seen.append(path)
    assert seen == paths
    assert brought[:-1] == paths[3:]
    assert brought[-1] == "closed"


def test_a_slow_disk_changes_nothing_but_the_time(tmp_path, plane, monkeypatch):
    for z in range(20):
        plane(tmp_path / str(z), (0, 0, z))
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    quick = find_series(tmp_path)
    monkeypatch.setattr(read_ahead, "SLOW_S", -1.0)
    slow = find_series(tmp_path)
    assert [one.slices for one in slow.plans] == [one.slices for one in quick.plans]
    assert slow.ignored == quick.ignored == 1
