"""The Overlay panel: which series or dose is over the images, and how it is painted."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtCore import QSignalBlocker, Qt, Signal
from qtpy.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from rtvis.app.overlay_state import EMISSION
from rtvis.app.window_presets import value_range
from rtvis.gui.color_map_choice import ColorMapChoice
from rtvis.gui.isodose_table import IsodoseTable
from rtvis.gui.patient_text import text_in
from rtvis.gui.scrolled import fill_scrolled
from rtvis.gui.value_box import value_box

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rtvis.app.overlay_choice import OverlayCandidate
    from rtvis.app.overlay_state import OverlayLook, OverlayState

NOTHING = "Nothing"
DRAG_TIP = "In a view: Shift+drag with the window/level tool (W)"
BESIDE = "▲ It lies beside the images: nothing of it is seen on them."
ALONE = "No images lie below this dose. Its colours and window are in Levels."
MOST_VALUE = 1e9
SUV_TOPS = (5.0, 10.0, 15.0, 20.0)
SHARE_TOPS = (0.25, 0.5, 0.75, 1.0)


class OverlayPanel(QWidget):
    """Shows and changes an overlay state.

    `chosen` carries an `OverlayCandidate` and whether it is to be shown though it may lie elsewhere; `cleared` that
    nothing is to be shown; `swap_asked` that overlay and images are to change places; `suv_asked` whether PET is to be
    in SUV.

    Args:
        state: of the session.
    """

    chosen = Signal(object, bool)
    cleared = Signal()
    swap_asked = Signal()
    suv_asked = Signal(bool)

    def __init__(self, state: OverlayState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._candidates: tuple[OverlayCandidate, ...] = ()
        self._refused: OverlayCandidate | None = None
        self._make_choice()
        self._make_look()
        self.isodoses = IsodoseTable(state)
        self.suv = QCheckBox("PET as SUV (body weight)")
        self.suv.clicked.connect(self.suv_asked)
        self.suv_reason = self._muted("")
        self.suv_reason.setWordWrap(True)
        self._lay_out()
        self.set_candidates(())
        self.refresh()

    def _make_choice(self) -> None:
        self.choice = QComboBox()
        self.choice.setAccessibleName("Overlay")
        self.choice.setSizeAdjustPolicy(QComboBox.AdjustToMinimumContentsLengthWithIcon)
        self.choice.setMinimumContentsLength(16)
        self.choice.activated.connect(self._choose)
        self.note = QLabel()
        self.note.setTextFormat(Qt.PlainText)  # what it says comes from files: text, never markup
        self.note.setWordWrap(True)
        self.note.setProperty("role", "muted")
        self.anyway = QPushButton("Show it anyway")
        self.anyway.clicked.connect(self._choose_anyway)
        self.visible = QCheckBox("Shown")
        self.visible.setToolTip("Show or hide it (O)")
        self.visible.toggled.connect(lambda on: self._state.set_visible(visible=on))
        self.swap = QPushButton("Swap with images")
        self.swap.setToolTip("The overlay becomes the images, and the images the overlay (Shift+O)")
        self.swap.clicked.connect(self.swap_asked)

    def _make_look(self) -> None:
        self.opacity = QSlider(Qt.Horizontal)
        self.opacity.setRange(0, 100)
        self.opacity.setPageStep(10)
        self.opacity.setAccessibleName("Opacity")
        self.percent = QSpinBox()
        self.percent.setRange(0, 100)
        self.percent.setSuffix(" %")
        self.percent.setButtonSymbols(QSpinBox.NoButtons)
        self.percent.setAlignment(Qt.AlignRight)
        self.percent.setFixedWidth(64)
        self.percent.setAccessibleName("Opacity in percent")
        for widget in (self.opacity, self.percent):
            widget.valueChanged.connect(lambda value: self._look(opacity=value / 100))
        self.wash = QCheckBox("Colours")
        self.wash.toggled.connect(lambda on: self._look(wash=on))
        self.colors = ColorMapChoice("Colour map of the overlay")
        self.colors.picked.connect(lambda chosen: self._look(color_map=chosen))
        self.inverse = QCheckBox("Inverse")
        self.inverse.toggled.connect(lambda on: self._look(inverse=on))
        self.fade = QCheckBox("Low values see-through")
        self.fade.toggled.connect(lambda on: self._look(fade=on))
        self.lower, self.upper, self.threshold = (
            value_box(name, MOST_VALUE) for name in ("Lower end", "Upper end", "Hide values below")
        )
        for box in (self.lower, self.upper):
            box.setToolTip(DRAG_TIP)
        self.lower.valueChanged.connect(lambda value: self._look(bounds=(value, self._state.look.bounds[1])))
        self.upper.valueChanged.connect(lambda value: self._look(bounds=(self._state.look.bounds[0], value)))
        self.hides = QCheckBox("Hide below")
        self.hides.toggled.connect(lambda on: self._look(threshold=self.threshold.value() if on else None))
        self.threshold.valueChanged.connect(lambda value: self._look(threshold=value))
        self.presets: list[QPushButton] = []

    @staticmethod
    def _muted(text: str) -> QLabel:
        label = QLabel(text)
        label.setProperty("role", "muted")
        return label

    @staticmethod
    def _heading(text: str) -> QLabel:
        label = QLabel(text)
        label.setProperty("role", "heading")
        return label

    def _lay_out(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(8)
        column.addWidget(self._heading("OVER THE IMAGES"))
        for widget in (self.choice, self.note, self.anyway):
            column.addWidget(widget)
        self.body = QWidget()
        body = QVBoxLayout(self.body)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(8)
        body.addLayout(_row(self.visible, None, self.swap))
        body.addWidget(self._painting())
        body.addWidget(self.isodoses)
        column.addWidget(self.body)
        self.pet = QWidget()
        pet = QVBoxLayout(self.pet)
        pet.setContentsMargins(0, 0, 0, 0)
        pet.setSpacing(8)
        for widget in (self._heading("PET"), self.suv, self.suv_reason):
            pet.addWidget(widget)
        column.addWidget(self.pet)
        column.addStretch(1)
        fill_scrolled(self, inside)

    def _painting(self) -> QWidget:
        """How it is painted over images: a dose without images is painted as these are."""
        self.painting = QWidget()
        painting = QVBoxLayout(self.painting)
        painting.setContentsMargins(0, 0, 0, 0)
        painting.setSpacing(8)
        painting.addWidget(self._heading("OPACITY"))
        painting.addLayout(_row(self.opacity, self.percent))
        painting.addWidget(self._heading("COLOURS"))
        painting.addLayout(_row(self.wash, None, self.inverse))
        painting.addWidget(self.colors)
        painting.addWidget(self.fade)
        painting.addWidget(self._heading("WINDOW"))
        grid = QGridLayout()
        grid.setSpacing(8)
        self.unit = self._muted("")
        for n, (label, box) in enumerate((("From", self.lower), ("to", self.upper))):
            grid.addWidget(self._muted(label), 0, 2 * n)
            grid.addWidget(box, 0, 2 * n + 1)
            grid.setColumnStretch(2 * n + 1, 1)
        grid.addWidget(self.unit, 0, 4)
        painting.addLayout(grid)
        self._preset_row = QHBoxLayout()
        self._preset_row.setSpacing(4)
        painting.addLayout(self._preset_row)
        painting.addLayout(_row(self.hides, self.threshold))
        return self.painting

    # --- what is shown -------------------------------------------------------------------------------------------

    def set_candidates(self, candidates: Sequence[OverlayCandidate]) -> None:
        """What may be chosen; the choice stays where it can."""
        self._candidates = tuple(candidates)
        self._refused = None
        with QSignalBlocker(self.choice):
            self.choice.clear()
            self.choice.addItem(NOTHING, "")
            for one in self._candidates:
                self.choice.addItem(f"▲ {one.title}" if one.objection else one.title, one.key)
                tip = f"{one.title} {one.objection}" if one.objection else one.title
                self.choice.setItemData(self.choice.count() - 1, tip, Qt.ToolTipRole)
        self.choice.setEnabled(bool(self._candidates))
        self.refresh()

    def refuse(self, candidate: OverlayCandidate, why: str) -> None:
        """Say why something isn't shown, and offer to show it all the same."""
        self._refused = candidate
        self.refresh()
        self._say(f"{candidate.title} {why}: it may lie elsewhere. Show it only if you know that it fits.")
        self.anyway.show()

    def set_suv(self, *, there: bool, shown: bool, reason: str = "") -> None:
        """Whether there is PET, whether it is in SUV, and why not where that can't be."""
        self.pet.setVisible(there)
        with QSignalBlocker(self.suv):
            self.suv.setChecked(shown)
        self.suv_reason.setText(reason)
        self.suv_reason.setVisible(bool(reason))

    def refresh(self) -> None:
        """Show the overlay as the state has it."""
        state, look = self._state, self._state.look
        there = state.volume is not None
        self.body.setVisible(there)
        self.anyway.hide()
        with QSignalBlocker(self.choice):
            self.choice.setCurrentIndex(self._index_of_shown())
        self._say("\n".join(self._notes()))
        if not there:
            return
        self.swap.setVisible(state.dose is None)
        self.painting.setVisible(not state.alone)
        self.isodoses.setVisible(state.dose is not None)
        self.isodoses.refresh()
        widgets = (
            self.visible, self.opacity, self.percent, self.wash, self.colors, self.inverse, self.fade,
            self.lower, self.upper, self.hides, self.threshold,
        )  # fmt: skip
        blockers = [QSignalBlocker(widget) for widget in widgets]
        self.visible.setChecked(state.visible)
        self.opacity.setValue(round(100 * look.opacity))
        self.percent.setValue(round(100 * look.opacity))
        self.wash.setChecked(look.wash)
        self.colors.show_map(look.color_map)
        self.inverse.setChecked(look.inverse)
        self.fade.setChecked(look.fade)
        self._show_numbers(look)
        for widget in widgets[1:]:
            widget.setEnabled(look.wash or widget is self.wash)
        self.threshold.setEnabled(look.wash and look.threshold is not None)
        del blockers
        self._show_presets()

    def _notes(self) -> list[str]:
        """What is to be said of it; oddities of a series are in the report."""
        state = self._state
        if state.volume is None:
            return [] if self._candidates else ["Nothing else is open that could go over the images."]
        notes = [ALONE] if state.alone else []
        notes += [f"▲ It {state.caution}: its place is doubtful."] if state.caution else []
        notes += [BESIDE] if state.is_beside else []
        return notes + [f"▲ {one.message}" for one in state.volume.problems if state.dose is not None]

    def _show_numbers(self, look: OverlayLook) -> None:
        lower, upper = look.bounds
        decimals = next((n for n, least in enumerate((1000, 5, 0.5)) if upper - lower >= least), 5)
        values = (lower, upper, lower if look.threshold is None else look.threshold)
        for box, value in zip((self.lower, self.upper, self.threshold), values, strict=True):
            box.setDecimals(decimals)
            box.setSingleStep(max((upper - lower) / 100, 10.0**-decimals))
            box.setValue(value)
        self.hides.setChecked(look.threshold is not None)
        self.unit.setText(self._state.unit_text)

    def _show_presets(self) -> None:
        volume, shares = self._state.volume, self._state.unit_text != "SUV"
        counted_from_0 = self._state.dose is not None or (volume is not None and volume.modality in EMISSION)
        tops = SHARE_TOPS if shares else SUV_TOPS
        texts = [f"{100 * top:.0f} %" if shares else f"{top:.0f}" for top in tops]
        if [button.text() for button in self.presets] != texts:
            for button in self.presets:
                self._preset_row.removeWidget(button)
                button.hide()
                button.deleteLater()
            self.presets = []
            for top, text in zip(tops, texts, strict=True):
                button = QPushButton(text)
                button.setStyleSheet("padding: 4px 6px;")
                button.setMinimumWidth(36)
                said = f"{text} of the largest value" if shares else f"SUV {text}"
                button.setToolTip(f"From 0 to {said}")
                button.clicked.connect(partial(self._preset, top))
                self._preset_row.addWidget(button)
                self.presets.append(button)
        for button in self.presets:
            button.setEnabled(self._state.look.wash)
            button.setVisible(counted_from_0)

    def _preset(self, top: float) -> None:
        volume, dose = self._state.volume, self._state.dose
        if volume is not None and self._state.unit_text != "SUV":
            top *= value_range(volume, 0.0, 1.0)[1] if dose is None else dose.maximum
        self._look(bounds=(0.0, top))

    def _index_of_shown(self) -> int:
        volume, dose = self._state.volume, self._state.dose
        shown = self._refused
        if volume is not None and shown is None:
            path = None if dose is None else str(volume.slices[0].path)
            keys = {volume.volume_id, path}
            return next((n for n, one in enumerate(self._candidates, 1) if one.key in keys), 0)
        return next((n for n, one in enumerate(self._candidates, 1) if one is shown), 0)

    def _say(self, text: str) -> None:
        self.note.setText(text_in(self, text))
        self.note.setVisible(bool(text))

    # --- what is chosen ------------------------------------------------------------------------------------------

    def _choose(self, index: int) -> None:
        self._refused = None
        if index <= 0:
            self.cleared.emit()
            self.refresh()
        else:
            self.chosen.emit(self._candidates[index - 1], False)

    def _choose_anyway(self) -> None:
        candidate, self._refused = self._refused, None
        if candidate is not None:
            self.chosen.emit(candidate, True)

    def _look(self, **changes: object) -> None:
        if self._state.volume is not None:
            self._state.set_look(replace(self._state.look, **changes))  # type: ignore[arg-type]  # fields by name
            self.refresh()  # also where nothing changed: what was typed is written as it counts


def _row(*widgets: QWidget | None) -> QHBoxLayout:
    """Widgets side by side; None is a gap that stretches."""
    row = QHBoxLayout()
    row.setSpacing(8)
    for widget in widgets:
        if widget is None:
            row.addStretch(1)
        else:
            row.addWidget(widget)
    return row
