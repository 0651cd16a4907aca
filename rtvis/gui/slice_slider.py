"""The narrow slider beside a slice view: where in the stack it is, and a handle to go elsewhere."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QSlider, QWidget

from rtvis.gui.slice_view import SliceView

WIDTH_PX = 14


class SliceSlider(QSlider):
    """Up is where the wheel goes when it is turned forward: superior, anterior, left."""

    def __init__(self, view: SliceView, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Vertical, parent)
        self._view = view
        self.setObjectName("slice-slider")
        self.setFixedWidth(WIDTH_PX)
        self.setFocusPolicy(Qt.NoFocus)  # the view's own keys scroll
        self.setAccessibleName(f"{view.kind.value.capitalize()} slice")
        self.setPageStep(10)
        self.hide()
        view.sliced.connect(self._follow)
        self.valueChanged.connect(view.go_to_slice)

    def _follow(self, index: int, count: int, upward: bool) -> None:
        """Show slice `index` (from 0) of `count`; -1 outside the stack."""
        self.blockSignals(True)
        self.setRange(0, max(count - 1, 0))
        self.setInvertedAppearance(not upward)
        self.setInvertedControls(not upward)
        if index >= 0:
            self.setValue(index)
        self.blockSignals(False)
        self.setVisible(count > 1)
        self.setToolTip(f"Slice {index + 1} of {count}" if index >= 0 else "")
