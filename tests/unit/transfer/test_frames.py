"""Framing: any chunking gives the same frames, and nothing is ever held beyond one of them."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtvis.transfer.frames import HEADER, Frame, FrameDecoder, FrameError, FrameType, encode_frame, limit_of

frames = st.lists(
    st.builds(Frame, st.sampled_from([k for k in FrameType if limit_of(k)]), st.binary(max_size=300)), max_size=8
)


@given(frames, st.lists(st.integers(1, 64), min_size=1, max_size=30))
@settings(max_examples=60, deadline=None)
def test_any_chunking_gives_the_same_frames(sent: list[Frame], chunks: list[int]) -> None:
    stream = b"".join(encode_frame(one.kind, one.payload) for one in sent)
    decoder = FrameDecoder()
    received: list[Frame] = []
    position, turn = 0, 0
    while position < len(stream):
        size = chunks[turn % len(chunks)]
        received += decoder.feed(stream[position : position + size])
        position += size
        turn += 1
    assert received == sent
    assert decoder.held == 0


@given(st.binary(max_size=400))
@settings(max_examples=100, deadline=None)
def test_noise_is_frames_or_an_error_and_never_more_than_it_was(noise: bytes) -> None:
    decoder = FrameDecoder()
    try:
        decoder.feed(noise)
    except FrameError:
        assert decoder.held == 0
    else:
        assert decoder.held <= len(noise)


@pytest.mark.parametrize("kind", list(FrameType))
def test_a_length_beyond_its_kind_is_refused_at_the_header(kind: FrameType) -> None:
    decoder = FrameDecoder()
    assert len(decoder.feed(HEADER.pack(kind, limit_of(kind)))) == (limit_of(kind) == 0)
    decoder = FrameDecoder()
    with pytest.raises(FrameError, match=kind.name):
        decoder.feed(HEADER.pack(kind, limit_of(kind) + 1))
    assert decoder.held == 0


def test_two_gibibytes_are_refused_before_any_is_kept() -> None:
    decoder = FrameDecoder()
    with pytest.raises(FrameError):
        decoder.feed(struct.pack(">BI", FrameType.DATA, 2**31) + b"x" * 1000)
    assert decoder.held == 0


@pytest.mark.parametrize("number", [0, 13, 255])
def test_unknown_types_are_refused(number: int) -> None:
    with pytest.raises(FrameError, match=str(number)):
        FrameDecoder().feed(struct.pack(">BI", number, 0))


def test_what_is_too_large_is_not_encoded() -> None:
    with pytest.raises(FrameError):
        encode_frame(FrameType.DATA, bytes(limit_of(FrameType.DATA) + 1))
    with pytest.raises(FrameError):
        encode_frame(FrameType.COMMIT, b"x")
