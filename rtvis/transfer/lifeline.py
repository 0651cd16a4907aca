"""Processes that must not outlive the one that started them."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
from typing import Any


class Lifeline:
    """A process that the kernel kills when this one ends, however that comes about and whatever it is doing then.

    Its reading end of a pipe is set to send it ``SIGKILL`` when the writing end, which is here alone, is closed: by
    `close`, or by the kernel when this process ends. Nothing else works while it computes: `PR_SET_PDEATHSIG` follows
    the thread that started it, not the process.

    Attributes:
        process: the process.
    """

    def __init__(self, command: list[str], **options: Any) -> None:
        """Start a process.

        Args:
            command: program and arguments; no shell.
            options: as `subprocess.Popen` takes them.

        Raises:
            OSError: when it can't be started.
        """
        theirs, self._ours = os.pipe2(os.O_CLOEXEC)
        try:
            fcntl.fcntl(theirs, fcntl.F_SETSIG, signal.SIGKILL)
            fcntl.fcntl(theirs, fcntl.F_SETFL, fcntl.fcntl(theirs, fcntl.F_GETFL) | os.O_ASYNC)
            self.process: subprocess.Popen[Any] = subprocess.Popen(  # noqa: S603  (the caller's own program, no shell)
                command, pass_fds=(theirs,), **options
            )
            fcntl.fcntl(theirs, fcntl.F_SETOWN, self.process.pid)
        except OSError:
            os.close(self._ours)
            raise
        finally:
            os.close(theirs)

    def close(self) -> None:
        """Let go of it, which kills it if it still runs."""
        if self._ours >= 0:
            os.close(self._ours)
            self._ours = -1
