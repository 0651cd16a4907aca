"""The list from which a colour map is chosen."""

from __future__ import annotations

from qtpy.QtCore import QSize, Signal
from qtpy.QtGui import QIcon, QImage, QPixmap
from qtpy.QtWidgets import QComboBox, QWidget

from rtvis.app.color_maps import COLOR_MAPS, ColorMap, color_map

SWATCH = QSize(56, 12)
FINEST = 3
"""Device pixels in a logical one for which strips are sharp."""


class ColorMapChoice(QComboBox):
    """All colour maps, each with a strip of its colours; `picked` carries the `ColorMap` that a person took."""

    picked = Signal(object)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setIconSize(SWATCH)
        self.setAccessibleName(name)
        for one in COLOR_MAPS.values():
            self.addItem(_strip(one), one.title, one.key)
        self.activated.connect(lambda _n: self.picked.emit(color_map(self.currentData())))

    def show_map(self, chosen: ColorMap) -> None:
        """Show which one is in use; nothing is told."""
        self.setCurrentIndex(self.findData(chosen.key))


def _strip(chosen: ColorMap) -> QIcon:
    row = chosen.table().tobytes()
    image = QImage(row, len(row) // 3, 1, len(row), QImage.Format_RGB888)
    strip = QPixmap.fromImage(image.scaled(SWATCH.width() * FINEST, SWATCH.height() * FINEST))
    strip.setDevicePixelRatio(FINEST)
    return QIcon(strip)
