"""The conversation: every message in every state, from both sides, and the bounds the table doesn't show."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtvis.transfer import protocol
from rtvis.transfer.frames import FrameType, encode_frame
from rtvis.transfer.messages import (
    Challenge,
    Commit,
    Data,
    File,
    FileEnd,
    FileResult,
    Held,
    Hello,
    Message,
    MessageError,
    Offer,
    ReceiptMessage,
    Refuse,
    Resume,
    Working,
    decode,
)
from rtvis.transfer.protocol import (
    TRANSITIONS,
    WINDOW,
    Conversation,
    LocalProtocolError,
    RemoteProtocolError,
    Role,
    State,
)

S, D = Role.SENDER, Role.DEVICE
SIZES = (5, 3)

MESSAGES: dict[FrameType, Message] = {
    one.kind: one
    for one in (
        Hello("name"),
        Challenge(b"n" * 32),
        Offer(b"{}", b"s"),
        Resume((Held(), Held())),
        File(0),
        Data(b"12345"),
        FileEnd(0),
        FileResult(0, ok=True),
        Commit(),
        ReceiptMessage(b"{}", b"s"),
        Working("reading"),
        Refuse("code", "reason"),
    )
}

DIALOGUE: list[tuple[Role, Message]] = [
    (D, Hello("device")),
    (S, Hello("sender")),
    (D, Challenge(b"n" * 32)),
    (S, Offer(b"{}", b"s")),
    (D, Resume((Held(), Held(2, "0" * 64)))),
    (S, File(0)),
    (S, Data(b"12345")),
    (S, FileEnd(0)),
    (S, File(1, 2)),
    (D, FileResult(0, ok=True)),
    (S, Data(b"3")),
    (S, FileEnd(1)),
    (D, FileResult(1, ok=True)),
    (S, Commit()),
    (D, Working("verifying")),
    (D, ReceiptMessage(b"{}", b"s")),
]

REACH: dict[State, int] = {
    State.START: 0,
    State.GREETED: 1,
    State.AGREED: 2,
    State.CHALLENGED: 3,
    State.OFFERED: 4,
    State.READY: 5,
    State.RECEIVING: 6,
    State.COMMITTED: 14,
    State.DONE: 16,
}


class Pair:
    """Both sides of one conversation, joined."""

    def __init__(self) -> None:
        self.sides = {S: Conversation(S), D: Conversation(D)}

    def say(self, speaker: Role, message: Message) -> None:
        if message.kind is FrameType.OFFER:
            self.sides[S].agree_on_files(SIZES)
        data = self.sides[speaker].send(message)
        assert self.sides[speaker.other].receive(data) == [message]
        if message.kind is FrameType.OFFER:
            self.sides[D].agree_on_files(SIZES)
        assert self.sides[S].state is self.sides[D].state

    def play(self, count: int) -> Pair:
        for speaker, message in DIALOGUE[:count]:
            self.say(speaker, message)
        return self


def in_state(state: State) -> Pair:
    if state is State.FAILED:
        pair = Pair()
        for side in pair.sides.values():
            side.state = state
        return pair
    if state is State.CLOSED:
        pair = Pair().play(5)
        pair.say(D, Refuse("x", "y"))
        return pair
    pair = Pair().play(REACH[state])
    assert pair.sides[S].state is state
    return pair


def test_the_whole_dialogue_ends_done() -> None:
    pair = Pair().play(len(DIALOGUE))
    assert all(side.state is State.DONE for side in pair.sides.values())


@pytest.mark.parametrize("kind", list(FrameType))
@pytest.mark.parametrize("speaker", list(Role))
@pytest.mark.parametrize("state", list(State))
def test_every_message_in_every_state(state: State, speaker: Role, kind: FrameType) -> None:
    allowed = (state, speaker, kind) in TRANSITIONS
    frame = MESSAGES[kind].encode()
    own, other = in_state(state).sides[speaker], in_state(state).sides[speaker.other]
    if not allowed and not (state is State.FAILED and kind is FrameType.REFUSE):
        with pytest.raises(LocalProtocolError):
            own.send(MESSAGES[kind])
        assert own.state is state
        with pytest.raises(RemoteProtocolError, match=speaker.value):
            other.receive(frame)
        assert other.state is State.FAILED
        assert decode(*protocol.FrameDecoder().feed(other.send(Refuse("protocol", "why")))) == Refuse("protocol", "why")
        with pytest.raises(LocalProtocolError):
            other.send(Refuse("protocol", "again"))
    elif kind in {FrameType.FILE_RESULT, FrameType.COMMIT, FrameType.FILE_END}:
        # Allowed by the table, but not for these files at this point: the machine knows more than the table.
        with pytest.raises(RemoteProtocolError):
            other.receive(frame)
    elif state is State.FAILED:
        assert own.send(MESSAGES[kind]) == frame
        with pytest.raises(RemoteProtocolError):
            other.receive(frame)
    else:
        assert other.receive(frame) == [MESSAGES[kind]]
        assert other.state is TRANSITIONS[state, speaker, kind]


def test_a_refusal_is_possible_from_both_sides_while_the_conversation_lasts() -> None:
    for state in State:
        for role in Role:
            expected = state not in {State.DONE, State.CLOSED, State.FAILED}
            assert ((state, role, FrameType.REFUSE) in TRANSITIONS) is expected


@given(st.lists(st.integers(1, 40), min_size=1, max_size=20))
@settings(max_examples=40, deadline=None)
def test_any_chunking_gives_the_same_messages(chunks: list[int]) -> None:
    device = Conversation(D)
    device.send(Hello("device"))
    device.receive(Hello("sender").encode())
    device.send(Challenge(b"n" * 32))
    device.receive(Offer(b"{}", b"s").encode())
    device.agree_on_files(SIZES)
    device.send(Resume((Held(), Held())))
    sent: list[Message] = [File(0), Data(b"12"), Data(b"345"), FileEnd(0), File(1), Data(b"678"), FileEnd(1)]
    stream = b"".join(one.encode() for one in sent)
    received: list[Message] = []
    position, turn = 0, 0
    while position < len(stream):
        size = chunks[turn % len(chunks)]
        received += device.receive(stream[position : position + size])
        position, turn = position + size, turn + 1
    assert received == sent


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ([File(2)], "isn't expected"),
        ([File(0, 1)], "wasn't granted"),
        ([File(1, 3)], "wasn't granted"),
        ([File(0), Data(b"123456")], "more bytes"),
        ([File(0), Data(b"1234"), FileEnd(0)], "wrong place"),
        ([File(0), Data(b"12345"), FileEnd(1)], "wrong place"),
        ([File(0), Data(b"12345"), FileEnd(0), File(0)], "isn't expected"),
        ([Commit()], "2 files missing"),
        ([File(0), Data(b"12345"), FileEnd(0), Commit()], "2 files missing"),
    ],
)
def test_the_device_holds_the_sender_to_the_manifest(bad: list[Message], words: str) -> None:
    device = Pair().play(5).sides[D]
    with pytest.raises(RemoteProtocolError, match=words):
        device.receive(b"".join(one.encode() for one in bad))
    assert device.state is State.FAILED


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (Resume((Held(),)), "1 files instead of 2"),
        (Resume((Held(6, "0" * 64), Held())), "beyond the end"),
        (FileResult(0, ok=True), "OFFERED|offered"),
    ],
)
def test_the_sender_holds_the_device_to_the_manifest(bad: Message, words: str) -> None:
    sender = Pair().play(4).sides[S]
    with pytest.raises(RemoteProtocolError, match=words):
        sender.receive(bad.encode())


def test_a_result_nobody_asked_for_is_refused() -> None:
    sender = Pair().play(5).sides[S]
    with pytest.raises(RemoteProtocolError, match="awaits none"):
        sender.receive(FileResult(1, ok=True).encode())


def test_a_bad_file_can_not_be_committed() -> None:
    pair = Pair().play(12)
    pair.say(D, FileResult(1, ok=False, reason="damaged"))
    with pytest.raises(LocalProtocolError, match="1 files missing"):
        pair.sides[S].send(Commit())


def test_unanswered_files_are_bounded() -> None:
    sender = Conversation(S)
    sender.receive(Hello("d").encode())
    sender.send(Hello("s"))
    sender.receive(Challenge(b"n" * 32).encode())
    sender.agree_on_files([1] * (WINDOW + 1))
    sender.send(Offer(b"{}", b"s"))
    sender.receive(Resume((Held(),) * (WINDOW + 1)).encode())
    for index in range(WINDOW):
        for message in (File(index), Data(b"1"), FileEnd(index)):
            sender.send(message)
    with pytest.raises(LocalProtocolError, match="without an answer"):
        sender.send(File(WINDOW))
    sender.receive(FileResult(3, ok=True).encode())
    sender.send(File(WINDOW))


def test_working_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "MAX_WORKING", 3)
    sender = Pair().play(4).sides[S]
    with pytest.raises(RemoteProtocolError, match="without end"):
        sender.receive(Working("x").encode() * 4)


def test_the_machine_holds_no_more_than_one_unfinished_frame() -> None:
    device = Pair().play(6).sides[D]
    data = Data(b"12345").encode()
    device.receive(data[:-1])
    assert device._decoder.held == len(data) - 1
    device.receive(data[-1:])
    assert device._decoder.held == 0


def test_an_offer_needs_agreed_files() -> None:
    sender = Pair().play(3).sides[S]
    with pytest.raises(LocalProtocolError):
        sender.send(Offer(b"{}", b"s"))


@pytest.mark.parametrize("sizes", [[], [0], [1, -1]])
def test_impossible_files_are_not_agreed_on(sizes: list[int]) -> None:
    with pytest.raises(LocalProtocolError):
        Pair().play(3).sides[S].agree_on_files(sizes)


@pytest.mark.parametrize("message", list(MESSAGES.values()), ids=lambda one: one.kind.name)
def test_messages_come_back_as_they_were_sent(message: Message) -> None:
    conversation = protocol.FrameDecoder()
    (frame,) = conversation.feed(message.encode())
    assert decode(frame) == message


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        (FrameType.HELLO, b"\xff"),
        (FrameType.HELLO, b"[]"),
        (FrameType.HELLO, b'{"protocol":"http","version":1,"name":""}'),
        (FrameType.HELLO, b'{"protocol":"rtvis-device","version":2,"name":""}'),
        (FrameType.HELLO, b'{"protocol":"rtvis-device","version":true,"name":""}'),
        (FrameType.HELLO, b'{"protocol":"rtvis-device","version":1,"name":7}'),
        (FrameType.HELLO, b"[" * 60000),
        (FrameType.CHALLENGE, b"short"),
        (FrameType.OFFER, b""),
        (FrameType.OFFER, b"\x00\x00{}"),
        (FrameType.OFFER, b"\xff\xff{}"),
        (FrameType.OFFER, b"\x00\x05{}"),
        (FrameType.RESUME, b'{"files":1000000000,"held":[]}'),
        (FrameType.RESUME, b'{"files":1,"held":[[1,1,"' + b"0" * 64 + b'"]]}'),
        (FrameType.RESUME, b'{"files":1,"held":[[0,-1,"' + b"0" * 64 + b'"]]}'),
        (FrameType.RESUME, b'{"files":1,"held":[[0,1,"x"]]}'),
        (FrameType.FILE, b"123"),
        (FrameType.DATA, b""),
        (FrameType.FILE_END, b"12345"),
        (FrameType.FILE_RESULT, b'{"index":1,"ok":1,"reason":""}'),
        (FrameType.WORKING, b'{"stage":"' + b"x" * 2000 + b'"}'),
        (FrameType.REFUSE, b'{"code":"x"}'),
    ],
)
def test_improper_content_is_refused(kind: FrameType, payload: bytes) -> None:
    (frame,) = protocol.FrameDecoder().feed(encode_frame(kind, payload))
    with pytest.raises(MessageError, match=kind.name):
        decode(frame)


def test_text_from_the_other_side_is_safe_to_print() -> None:
    (frame,) = protocol.FrameDecoder().feed(Refuse("x", "no\x1b[2J\nway").encode())
    message = decode(frame)
    assert isinstance(message, Refuse)
    assert "\x1b" not in message.reason
    assert "\n" not in message.reason
