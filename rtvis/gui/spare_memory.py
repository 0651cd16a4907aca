"""Memory that a study leaves behind, given back to the system soon after it was closed or opened.

Reading contours and making surfaces and volumes takes many pieces of memory for a moment. The C library keeps what was
freed, hundreds of megabytes after a planning study, and Python keeps what forms cycles until it happens to look.
"""

from __future__ import annotations

import ctypes
import gc
import sys
from typing import TYPE_CHECKING

from qtpy.QtCore import QTimer

from rtvis.gui.feature import Feature

if TYPE_CHECKING:
    from rtvis.gui.main_window import MainWindow

SOON_MS = 700
"""After a study has come or gone, and nothing runs in the background: the window has shown what there is by then."""


M_ARENA_MAX = -8
"""Of glibc's malloc.h."""


def share_one_arena() -> None:
    """Have all threads take memory from one place, for as long as the process lives.

    glibc gives threads arenas of their own, where pieces that live long stand between those of studies that are gone:
    what was held after closing a study of 200 images wandered between 500 and 640 MB. From one place it stays at 510.
    Threads here seldom ask for memory at the same moment, as Python lets one at a time run.
    """
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:
            mallopt(M_ARENA_MAX, 1)


def give_back() -> None:
    """Free what isn't used any more, and let the system have it; some 60 ms after a planning study.

    Only glibc keeps freed memory in a way that has to be asked for; elsewhere this collects cycles and no more.
    """
    gc.collect()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)


class SpareMemory(Feature):
    """Gives memory back when the study changes."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SOON_MS)
        self._timer.timeout.connect(self._give_back)
        self.session.study_changed.connect(self._wait)

    def _wait(self) -> None:
        self._timer.start()

    def _give_back(self) -> None:
        if self.window.tasks.running:
            self._timer.start()
        else:
            give_back()

    def release(self) -> None:
        """Stop."""
        self._timer.stop()
        self.session.study_changed.disconnect(self._wait)
