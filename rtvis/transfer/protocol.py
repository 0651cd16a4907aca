"""The device protocol as a state machine without input or output: bytes in, messages out.

Both sides run the same machine. `TRANSITIONS` is the whole conversation; `assets/docs/device-protocol.md` says in words
what it says in Python. What the other side does wrong is a `RemoteProtocolError`, what our own code does wrong a
`LocalProtocolError`.

The table alone doesn't bound a conversation, so the machine also holds the other side to the manifest: files by their
index, each once, from an offset that was granted, with no byte beyond their size; no more unanswered files than
`WINDOW`; no more WORKING than `MAX_WORKING`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from types import MappingProxyType

from rtvis.transfer.frames import Frame, FrameDecoder, FrameError, FrameType
from rtvis.transfer.messages import (
    Data,
    File,
    FileEnd,
    FileResult,
    Message,
    MessageError,
    Offer,
    Resume,
    Working,
    decode,
)

WINDOW = 64
"""Files that may be sent without an answer yet. Their answers fit any socket's buffer, so neither side can block."""
MAX_WORKING = 3600
"""WORKING messages in one conversation: at one every three seconds, three hours."""
MAX_OFFER_FILES = 40_000


class Role(Enum):
    """Which side of the conversation."""

    SENDER = "sender"
    DEVICE = "device"

    @property
    def other(self) -> Role:
        """The other side."""
        return Role.DEVICE if self is Role.SENDER else Role.SENDER


class State(Enum):
    """Where the conversation is."""

    START = "start"
    GREETED = "greeted"
    AGREED = "agreed"
    CHALLENGED = "challenged"
    OFFERED = "offered"
    READY = "ready"
    RECEIVING = "receiving"
    COMMITTED = "committed"
    DONE = "done"
    CLOSED = "closed"
    FAILED = "failed"


_S, _D = Role.SENDER, Role.DEVICE
_OPEN = tuple(state for state in State if state not in {State.DONE, State.CLOSED, State.FAILED})

TRANSITIONS: Mapping[tuple[State, Role, FrameType], State] = MappingProxyType(
    {
        (State.START, _D, FrameType.HELLO): State.GREETED,
        (State.GREETED, _S, FrameType.HELLO): State.AGREED,
        (State.AGREED, _D, FrameType.CHALLENGE): State.CHALLENGED,
        (State.CHALLENGED, _S, FrameType.OFFER): State.OFFERED,
        (State.OFFERED, _D, FrameType.WORKING): State.OFFERED,
        (State.OFFERED, _D, FrameType.RESUME): State.READY,
        (State.OFFERED, _D, FrameType.RECEIPT): State.DONE,
        (State.READY, _S, FrameType.FILE): State.RECEIVING,
        (State.READY, _D, FrameType.FILE_RESULT): State.READY,
        (State.READY, _S, FrameType.COMMIT): State.COMMITTED,
        (State.RECEIVING, _S, FrameType.DATA): State.RECEIVING,
        (State.RECEIVING, _S, FrameType.FILE_END): State.READY,
        (State.RECEIVING, _D, FrameType.FILE_RESULT): State.RECEIVING,
        (State.COMMITTED, _D, FrameType.WORKING): State.COMMITTED,
        (State.COMMITTED, _D, FrameType.RECEIPT): State.DONE,
        **{(state, role, FrameType.REFUSE): State.CLOSED for state in _OPEN for role in Role},
    }
)
"""(state, who speaks, what) -> next state. What isn't here isn't allowed."""


class ProtocolError(Exception):
    """The rules of the conversation were broken; it is over."""


class LocalProtocolError(ProtocolError):
    """By this side: a defect of the program."""


class RemoteProtocolError(ProtocolError):
    """By the other side."""


class _RuleError(Exception):
    """A message at the wrong time or with the wrong content; whose fault it is, the caller knows."""


class Conversation:
    """One conversation, seen from one side.

    Attributes:
        role: this side.
        state: where the conversation is.
    """

    def __init__(self, role: Role) -> None:
        self.role = role
        self.state = State.START
        self._decoder = FrameDecoder()
        self._sizes: tuple[int, ...] = ()
        self._granted: tuple[int, ...] = ()
        self._finished: set[int] = set()
        self._unanswered: set[int] = set()
        self._good: set[int] = set()
        self._current = -1
        self._left = 0
        self._working = 0

    @property
    def unanswered(self) -> int:
        """Files sent whole for which no FILE_RESULT came yet."""
        return len(self._unanswered)

    def agree_on_files(self, sizes: Sequence[int]) -> None:
        """Hold both sides to a manifest: the sender before its OFFER, the device when it has read it.

        Args:
            sizes: bytes of each file, in manifest order.
        """
        allowed = {Role.SENDER: (State.CHALLENGED,), Role.DEVICE: (State.OFFERED,)}[self.role]
        if self.state not in allowed or not 0 < len(sizes) <= MAX_OFFER_FILES or any(size < 1 for size in sizes):
            raise LocalProtocolError(f"{len(sizes)} files can't be agreed on in state {self.state.value}")
        self._sizes = tuple(sizes)

    def send(self, message: Message) -> bytes:
        """Bytes to send for a message of ours.

        After the other side broke the rules one REFUSE may still be sent, to tell it how.

        Raises:
            LocalProtocolError: when it isn't ours to say now.
        """
        try:
            encoded = message.encode()
            if self.state is State.FAILED and message.kind is FrameType.REFUSE:
                self.state = State.CLOSED
            else:
                self._step(self.role, message)
        except (_RuleError, FrameError) as error:
            raise LocalProtocolError(str(error)) from None
        return encoded

    def receive(self, data: bytes) -> list[Message]:
        """Messages that `data` completes.

        Raises:
            RemoteProtocolError: when the other side breaks the rules; nothing more is taken from it then.
        """
        try:
            return [self._receive_one(frame) for frame in self._decoder.feed(data)]
        except (_RuleError, FrameError, MessageError) as error:
            self.state = State.FAILED
            raise RemoteProtocolError(f"the {self.role.other.value} sent {error}") from None

    def _receive_one(self, frame: Frame) -> Message:
        if (self.state, self.role.other, frame.kind) not in TRANSITIONS:
            raise _RuleError(f"{frame.kind.name} in state {self.state.value}")
        message = decode(frame)
        self._step(self.role.other, message)
        return message

    def _step(self, speaker: Role, message: Message) -> None:
        following = TRANSITIONS.get((self.state, speaker, message.kind))
        if following is None:
            raise _RuleError(f"{message.kind.name} in state {self.state.value}")
        self._check(message)
        self.state = following

    def _check(self, message: Message) -> None:
        match message:
            case Resume():
                self._check_resume(message)
            case File() | Data() | FileEnd():
                self._check_file(message)
            case FileResult():
                if message.index not in self._unanswered:
                    raise _RuleError(f"a result for file {message.index}, which awaits none")
                self._unanswered.discard(message.index)
                if message.ok:
                    self._good.add(message.index)
            case Working():
                self._working += 1
                if self._working > MAX_WORKING:
                    raise _RuleError("WORKING without end")
            case Offer():
                if self.role is Role.SENDER and not self._sizes:
                    raise _RuleError("an OFFER before its files were agreed on")
            case _ if message.kind is FrameType.COMMIT and len(self._good) != len(self._sizes):
                raise _RuleError(f"COMMIT with {len(self._sizes) - len(self._good)} files missing")

    def _check_resume(self, message: Resume) -> None:
        if len(message.held) != len(self._sizes):
            raise _RuleError(f"RESUME for {len(message.held)} files instead of {len(self._sizes)}")
        if any(one.offset > size for one, size in zip(message.held, self._sizes, strict=True)):
            raise _RuleError("RESUME beyond the end of a file")
        self._granted = tuple(one.offset for one in message.held)

    def _check_file(self, message: File | Data | FileEnd) -> None:
        match message:
            case File():
                if message.index >= len(self._sizes) or message.index in self._finished:
                    raise _RuleError(f"file {message.index}, which isn't expected")
                if message.offset not in {0, self._granted[message.index]}:
                    raise _RuleError(f"file {message.index} from an offset that wasn't granted")
                if len(self._unanswered) >= WINDOW:
                    raise _RuleError(f"more than {WINDOW} files without an answer")
                self._current = message.index
                self._left = self._sizes[message.index] - message.offset
            case Data():
                if len(message.payload) > self._left:
                    raise _RuleError(f"more bytes of file {self._current} than the manifest says")
                self._left -= len(message.payload)
            case FileEnd():
                if message.index != self._current or self._left:
                    raise _RuleError(f"the end of file {message.index} at the wrong place")
                self._finished.add(message.index)
                self._unanswered.add(message.index)
