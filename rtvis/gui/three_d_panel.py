"""The 3D panel: what the 3D view shows and how."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import QSignalBlocker, Qt, Signal
from qtpy.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from rtvis.app.patient_hiding import without_patient_names
from rtvis.app.planes import PlaneKind
from rtvis.app.roi_looks import RoiStyle
from rtvis.app.session import Session
from rtvis.app.tissue_presets import tissue_presets
from rtvis.app.view3d_state import REMOVED_SIDE, CutAtPlane, CutToBox
from rtvis.gui.range_slider import RangeSlider
from rtvis.gui.scrolled import fill_scrolled
from rtvis.gui.segments import row_of_segments, segments
from rtvis.gui.text_tips import text_tip

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from rtvis.model.structure_set import Roi

STYLES = {
    RoiStyle.SURFACES: "Surfaces",
    RoiStyle.LINES: "Lines",
    RoiStyle.BOTH: "Both",
    RoiStyle.NONE: "None",
}
SIDES = {
    letter: f"Look from {side}"
    for letter, side in {"A": "front", "P": "back", "L": "left", "R": "right", "S": "above", "I": "below"}.items()
}
AXES = ("R-L mm", "A-P mm", "I-S mm")
AXIS_WORDS = ("from the patient's right to the left", "from anterior to posterior", "from inferior to superior")

ROI_STYLES = {
    None: "As all others",
    RoiStyle.SURFACES: "Surface",
    RoiStyle.LINES: "Lines",
    RoiStyle.BOTH: "Surface and lines",
    RoiStyle.NONE: "Not in 3D",
}

BOX = "box"
BOX_MARGIN_MM = 10.0
BOX_SHARE = 0.6
"""Of the volume that a first box keeps along each axis, where there is no ROI for it to go around."""


class ThreeDPanel(QWidget):
    """Everything of `rtvis.app.view3d_state` by mouse and Tab, and where one looks from.

    `look_asked` carries a side's letter; `asked` one of ``fit``, ``reset``, ``centre``, ``save``, ``copy``, ``movie``.
    """

    look_asked = Signal(str)
    asked = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.own_opacity: Callable[[int], float] = lambda _number: 1.0
        self.tissue = QComboBox()
        self.tissue.setAccessibleName("Rendered tissue")
        self.tissue.activated.connect(lambda _n: session.view3d.change(tissue=self.tissue.currentData()))
        self.styles = segments(STYLES.items(), lambda style: session.view3d.change(roi_style=style), exclusive=True)
        self.opacity = _slider("Opacity of all surfaces", self._set_opacity)
        self.roi_opacity = _slider("Opacity of the active ROI's surface", self._set_roi_opacity)
        self.roi_name = _muted("Active ROI")
        self.roi_name.setTextFormat(Qt.PlainText)  # names come from files: text, never markup
        self.roi_style = QComboBox()
        self.roi_style.setAccessibleName("The active ROI in 3D")
        for style, text in ROI_STYLES.items():
            self.roi_style.addItem(text, style)
        self.roi_style.activated.connect(lambda _n: self._set_roi_style(self.roi_style.currentData()))
        self.automatic = QPushButton("Auto")
        self.automatic.setToolTip("As suits what lies within the ROI")
        self.automatic.clicked.connect(self._reset_roi_opacity)
        self.planes = {kind: self._plane_box(kind) for kind in PlaneKind}
        self.cut = QComboBox()
        self.cut.setAccessibleName("Cut")
        self.cut.addItem("Nothing is cut away", None)
        for kind in PlaneKind:
            self.cut.addItem(f"At the {kind.value} plane", kind)
        self.cut.addItem("All but a box", BOX)
        self.cut.activated.connect(lambda _n: self.choose_cut(self.cut.currentData()))
        self.side = QPushButton()
        self.side.clicked.connect(session.view3d.flip_cut)
        self.box = [self._box_slider(axis) for axis in range(3)]
        self.box_texts = [_muted("") for _ in range(3)]
        self.around = QPushButton("Around active ROI")
        self.around.setToolTip(f"The box goes {BOX_MARGIN_MM:.0f} mm beyond the active ROI")
        self.around.clicked.connect(lambda: session.view3d.change(cut=self._box_around_active()))
        self.parallel = QCheckBox("Parallel projection")
        self.parallel.setToolTip("Lengths can be compared, near or far")
        self.parallel.toggled.connect(lambda on: session.view3d.change(parallel=on))
        self._lay_out()
        session.view3d.changed.connect(self.refresh)
        session.volume_changed.connect(self.volume_changed)
        session.active_roi_changed.connect(self.refresh)
        session.structure_set_changed.connect(self.refresh)
        session.texts_changed.connect(self.refresh)
        self.volume_changed()

    def release(self) -> None:
        """Let go of the session."""
        self._session.view3d.changed.disconnect(self.refresh)
        self._session.volume_changed.disconnect(self.volume_changed)
        self._session.active_roi_changed.disconnect(self.refresh)
        self._session.structure_set_changed.disconnect(self.refresh)
        self._session.texts_changed.disconnect(self.refresh)

    # --- what it shows -------------------------------------------------------------------------------------------

    def volume_changed(self) -> None:
        """Offer what suits the volume."""
        volume = self._session.volume
        with QSignalBlocker(self.tissue):
            self.tissue.clear()
            self.tissue.addItem("Not rendered", None)
            if volume is not None and min(volume.grid.shape) > 1:
                for preset in tissue_presets(volume):
                    self.tissue.addItem(preset.title, preset.key)
        bounds = self._bounds()
        for axis, slider in enumerate(self.box):
            with QSignalBlocker(slider):
                slider.set_limits(int(np.floor(bounds[0, axis])), int(np.ceil(bounds[1, axis])))
        self.refresh()

    def refresh(self) -> None:
        """Show what is chosen."""
        look = self._session.view3d.look
        there = self._session.grid is not None
        self.tissue.setEnabled(self.tissue.count() > 1)
        self.tissue.setCurrentIndex(max(self.tissue.findData(look.tissue), 0))
        self.styles[look.roi_style].setChecked(True)
        for box, kind in ((box, kind) for kind, box in self.planes.items()):
            with QSignalBlocker(box):
                box.setChecked(kind in look.planes)
            box.setEnabled(there)
        with QSignalBlocker(self.parallel):
            self.parallel.setChecked(look.parallel)
        self._refresh_opacities()
        self._refresh_cut()

    def _refresh_opacities(self) -> None:
        look, roi = self._session.view3d.look, self._active_roi()
        chosen = None if roi is None else self._session.view3d.roi_look(roi.number).opacity
        self.roi_style.setCurrentIndex(
            0 if roi is None else self.roi_style.findData(self._session.view3d.roi_look(roi.number).style)
        )
        self.roi_name.setText("Active ROI" if roi is None else without_patient_names(self._session, roi.name))
        self.roi_name.setToolTip("" if roi is None else text_tip(self.roi_name.text()))
        self.automatic.setEnabled(chosen is not None)
        for widget in (self.roi_opacity, self.roi_name, self.roi_style):
            widget.setEnabled(roi is not None)
        own = 1.0 if roi is None else self.own_opacity(roi.number) * look.opacity
        for slider, value in ((self.opacity, look.opacity), (self.roi_opacity, own if chosen is None else chosen)):
            with QSignalBlocker(slider):
                slider.setValue(round(100 * value))

    def _refresh_cut(self) -> None:
        cut = self._session.view3d.look.cut
        self.cut.setEnabled(self._session.grid is not None)
        self.cut.setCurrentIndex(
            self.cut.findData(BOX if isinstance(cut, CutToBox) else cut.kind if cut is not None else None)
        )
        self.side.setVisible(isinstance(cut, CutAtPlane))
        if isinstance(cut, CutAtPlane):
            self.side.setText(f"Cut away: {REMOVED_SIDE[cut.kind][cut.flipped]}")
            self.side.setToolTip(f"Cut away {REMOVED_SIDE[cut.kind][not cut.flipped]} instead")
        self.box_rows.setVisible(isinstance(cut, CutToBox))
        self.around.setEnabled(self._active_points() is not None)
        if isinstance(cut, CutToBox):
            for axis, slider in enumerate(self.box):
                low, high = round(cut.low[axis]), round(cut.high[axis])
                with QSignalBlocker(slider):
                    slider.set_values(low, high)
                self.box_texts[axis].setText(f"{low} to {high}")

    # --- what it changes -----------------------------------------------------------------------------------------

    def choose_cut(self, what: PlaneKind | str | None) -> None:
        """Cut at a plane, to a box (``"box"``), or not at all."""
        if what == BOX:
            cut = self._box_around_active() or self._first_box()
            self._session.view3d.change(cut=cut)
        else:
            self._session.view3d.cut_at(None if what is None else PlaneKind(what))

    def _plane_box(self, kind: PlaneKind) -> QCheckBox:
        box = QCheckBox(kind.value.capitalize())
        box.toggled.connect(lambda on: self._session.view3d.show_plane(kind, shown=on))
        return box

    def _box_slider(self, axis: int) -> RangeSlider:
        slider = RangeSlider()
        slider.setAccessibleName(f"Box {AXIS_WORDS[axis]}")
        slider.setToolTip(f"What is left {AXIS_WORDS[axis]}, LPS mm")
        slider.changed.connect(lambda low, high: self._set_box(axis, low, high))
        return slider

    def _set_box(self, axis: int, low: int, high: int) -> None:
        cut = self._session.view3d.look.cut
        if isinstance(cut, CutToBox):
            lows, highs = list(cut.low), list(cut.high)
            lows[axis], highs[axis] = float(low), float(high)
            self._session.view3d.change(cut=_box(np.array([lows, highs])))

    def _set_opacity(self, percent: int) -> None:
        self._session.view3d.change(opacity=percent / 100)

    def _set_roi_opacity(self, percent: int) -> None:
        roi = self._active_roi()
        if roi is not None:
            self._session.view3d.set_roi_opacity(roi, percent / 100)

    def _set_roi_style(self, style: str | None) -> None:
        roi = self._active_roi()
        if roi is not None:
            self._session.view3d.set_roi_style(roi, None if style is None else RoiStyle(style))

    def _reset_roi_opacity(self) -> None:
        roi = self._active_roi()
        if roi is not None:
            self._session.view3d.set_roi_opacity(roi, None)

    def _active_roi(self) -> Roi | None:
        current, number = self._session.structure_set, self._session.active_roi
        return None if current is None or number is None else current.roi(number)

    def _active_points(self) -> NDArray[np.float64] | None:
        roi = self._active_roi()
        points = [] if roi is None else [one.points_lps for one in roi.contours if len(one.points_lps)]
        return np.vstack(points) if points else None

    def _bounds(self) -> NDArray[np.float64]:
        """Corners ``(2, 3)`` of the box around the volume, or around contours without one, LPS mm."""
        grid = self._session.grid
        corners = np.zeros((1, 3)) if grid is None else grid.corners_lps_mm()
        return np.array([corners.min(axis=0), corners.max(axis=0)])

    def _box_around_active(self) -> CutToBox | None:
        points = self._active_points()
        if points is None:
            return None
        return _box(np.array([points.min(axis=0) - BOX_MARGIN_MM, points.max(axis=0) + BOX_MARGIN_MM]))

    def _first_box(self) -> CutToBox:
        bounds = self._bounds()
        return _box(bounds.mean(axis=0) + (bounds - bounds.mean(axis=0)) * BOX_SHARE)

    # --- how it is laid out --------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(8)
        _section(column, "VOLUME", self.tissue)
        _section(column, "ROIS", row_of_segments(self.styles.values()), self._opacity_rows())
        planes = QGridLayout()
        planes.setSpacing(8)
        for n, box in enumerate(self.planes.values()):
            planes.addWidget(box, n // 2, n % 2)
        _section(column, "PLANES", planes)
        _section(column, "CUT", self.cut, self.side, self._box_layout())
        looks = segments(SIDES.items(), self.look_asked.emit, exclusive=False, by_key=True)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for text, word, hint in (
            ("Fit", "fit", "All there is, from where one looks now"),
            ("Reset", "reset", "The first look again (0)"),
            ("Centre", "centre", "Turn about the linked cursor from now on"),
        ):
            buttons.addWidget(self._button(text, word, hint))
        _section(column, "LOOK FROM", row_of_segments(looks.values()), buttons, self.parallel)
        pictures = QHBoxLayout()
        pictures.setSpacing(8)
        for text, word, hint in (
            ("Save…", "save", "Save the 3D view as a picture"),
            ("Copy", "copy", "Copy the 3D view"),
            ("Movie…", "movie", "A movie of one turn about the patient's long axis"),
        ):
            pictures.addWidget(self._button(text, word, hint))
        _section(column, "PICTURE", pictures)
        column.addStretch(1)
        fill_scrolled(self, inside)

    def _button(self, text: str, word: str, hint: str) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(hint)
        button.clicked.connect(partial(self.asked.emit, word))
        return button

    def _opacity_rows(self) -> QGridLayout:
        rows = QGridLayout()
        rows.setHorizontalSpacing(8)
        rows.setVerticalSpacing(8)
        rows.addWidget(_muted("Opacity"), 0, 0)
        rows.addWidget(self.opacity, 0, 1, 1, 2)
        rows.addWidget(self.roi_name, 1, 0, 1, 3)
        rows.addWidget(_muted("Drawn"), 2, 0)
        rows.addWidget(self.roi_style, 2, 1, 1, 2)
        rows.addWidget(_muted("Opacity"), 3, 0)
        rows.addWidget(self.roi_opacity, 3, 1)
        rows.addWidget(self.automatic, 3, 2)
        self.roi_name.setProperty("role", "")
        self.roi_name.setSizePolicy(QSizePolicy.Ignored, QSizePolicy.Fixed)  # a long name mustn't widen the panel
        rows.setColumnStretch(1, 1)
        return rows

    def _box_layout(self) -> QWidget:
        self.box_rows = QWidget()
        rows = QGridLayout(self.box_rows)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setHorizontalSpacing(8)
        rows.setVerticalSpacing(4)
        for axis, slider in enumerate(self.box):
            rows.addWidget(_muted(AXES[axis]), axis, 0)
            rows.addWidget(slider, axis, 1)
            rows.addWidget(self.box_texts[axis], axis, 2)
            self.box_texts[axis].setMinimumWidth(76)
            self.box_texts[axis].setAlignment(Qt.AlignRight | Qt.AlignVCenter)
        rows.addWidget(self.around, 3, 0, 1, 3)
        return self.box_rows


def _box(corners: NDArray[np.float64]) -> CutToBox:
    low, high = (tuple(float(one) for one in np.round(corner, 1)) for corner in corners)
    return CutToBox((low[0], low[1], low[2]), (high[0], high[1], high[2]))


def _muted(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "muted")
    return label


def _slider(name: str, changed: Callable[[int], None]) -> QSlider:
    slider = QSlider(Qt.Horizontal)
    slider.setRange(0, 100)
    slider.setAccessibleName(name)
    slider.setToolTip(name)
    slider.valueChanged.connect(changed)
    return slider


def _section(column: QVBoxLayout, title: str, *parts: QWidget | QHBoxLayout | QGridLayout) -> None:
    heading = QLabel(title)
    heading.setProperty("role", "heading")
    if column.count():
        column.addSpacing(8)
    column.addWidget(heading)
    for part in parts:
        if isinstance(part, QWidget):
            column.addWidget(part)
        else:
            column.addLayout(part)
