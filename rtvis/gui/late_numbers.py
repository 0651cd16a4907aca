"""The numbers of dragged levels, written some time after they changed instead of with each step of the mouse."""

from __future__ import annotations

from collections.abc import Callable

from qtpy.QtCore import QObject, QTimer

from rtvis.gui.slice_overlay import NUMBERS_EVERY_S


class LateNumbers(QTimer):
    """Has numbers written at most so often (`SliceOverlay.later` asks it to).

    Args:
        write: writes them as they are then.
        parent: the view.
    """

    def __init__(self, write: Callable[[], None], parent: QObject) -> None:
        super().__init__(parent)
        self.setSingleShot(True)
        self.setInterval(round(1e3 * NUMBERS_EVERY_S))
        self.timeout.connect(write)

    def ask(self) -> None:
        """Numbers changed: have them written, soon."""
        if not self.isActive():
            self.start()
