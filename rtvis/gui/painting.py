"""Painting that ends whatever happens."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from qtpy.QtGui import QPainter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qtpy.QtWidgets import QWidget


@contextmanager
def painting(widget: QWidget) -> Iterator[QPainter]:
    """A painter on a widget, for its `paintEvent`.

    It is ended after an error too: one that lives on in the error's traceback has Qt crash with the next painting, and
    unsaved work with it.
    """
    painter = QPainter(widget)
    try:
        yield painter
    finally:
        painter.end()
