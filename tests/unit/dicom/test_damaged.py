"""What can still be told of files that are cut or have wrong bytes."""

from __future__ import annotations

import random

import pydicom

from rtvis.dicom.damaged import identity_of_damaged


def test_an_image_is_known_for_what_it_was_wherever_it_is_cut_behind_its_uids(small_study, tmp_path) -> None:
    image = min((small_study / "ct").iterdir())
    known, content, cut = pydicom.dcmread(image, stop_before_pixels=True), image.read_bytes(), tmp_path / "cut.dcm"
    uids = known.SOPInstanceUID, known.SeriesInstanceUID
    end = content.index(known.SeriesInstanceUID.encode()) + len(known.SeriesInstanceUID)
    for kept in range(0, len(content), 37):
        cut.write_bytes(content[:kept])
        found = identity_of_damaged(cut)[:2]
        assert all(whole.startswith(part) for part, whole in zip(found, uids, strict=True))
        assert kept < end or found == uids


def test_a_uid_that_the_file_ends_within_is_taken_for_no_other(small_study, tmp_path) -> None:
    image = min((small_study / "ct").iterdir())
    known, content, cut = pydicom.dcmread(image, stop_before_pixels=True), image.read_bytes(), tmp_path / "cut.dcm"
    instance, series = known.SOPInstanceUID, known.SeriesInstanceUID
    dataset = content.index(b"\x08\x00\x18\x00")
    cut.write_bytes(content[: content.index(instance.encode(), dataset) + len(instance) - 1])
    assert identity_of_damaged(cut) == ("", "", False)  # .1 of .12, say
    cut.write_bytes(content[: content.index(series.encode()) + len(series) - 1])
    assert identity_of_damaged(cut) == (instance, series[:-1], True)
    cut.write_bytes(content[: content.index(series.encode()) + len(series) + 20])
    assert identity_of_damaged(cut) == (instance, series, False)


def test_nothing_is_raised_by_wrong_bytes(small_study, tmp_path) -> None:
    content, odd, source = (
        min((small_study / "ct").iterdir()).read_bytes()[:3000],
        tmp_path / "odd.dcm",
        random.Random(1),
    )
    for changes in (1, 10, 100, 1000) * 30:
        changed = bytearray(content)
        for place in source.choices(range(len(changed)), k=changes):
            changed[place] = source.randrange(256)
        odd.write_bytes(changed)
        assert all(isinstance(one, str) for one in identity_of_damaged(odd)[:2])
    assert identity_of_damaged(tmp_path / "none") == ("", "", False)
