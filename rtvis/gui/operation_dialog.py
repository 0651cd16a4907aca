"""What dialogs with a preview share: fields, one line that tells how it would be, OK and Cancel.

They don't block the window: slices are scrolled and ROIs hidden while one looks at what would be. One is open at a
time.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from qtpy.QtCore import QPoint, Qt
from qtpy.QtGui import QShowEvent
from qtpy.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QWidget,
)

from rtvis.app.planned_edit import PlannedEdit, Planner, commit_planned
from rtvis.gui.dialog_column import dialog_column
from rtvis.gui.edit_preview import EditPreview, one_line
from rtvis.gui.form_order import tab_through
from rtvis.gui.number_box import NumberBox
from rtvis.gui.patient_text import text_in
from rtvis.gui.theme import colors
from rtvis.model.errors import RtvisError, UsageError
from rtvis.model.structure_set import Roi

if TYPE_CHECKING:
    from rtvis.gui.main_window import MainWindow

WIDTH_PX = 340
GAP_PX = 4
LINES_TOLD = 3


class OperationDialog(QDialog):
    """Asks for one operation, shows what it would give, and makes it one undo step.

    A subclass adds rows to `form` in `build`, hears in `refill` which ROIs there are, and says in `planner` what is
    asked for.

    Args:
        window: whose session is edited.
        title: of the dialog.
    """

    follows_cursor = False
    """Whether what is asked depends on where the views are."""

    def __init__(self, window: MainWindow, title: str) -> None:
        super().__init__(window)
        self.setWindowTitle(title)
        self.setObjectName("operation")
        self.setAttribute(Qt.WA_DeleteOnClose)
        self.setWindowFlag(Qt.WindowContextHelpButtonHint, on=False)
        self.window_of_dialog = window
        self.session = window.session
        self._closed = False
        self._commit_when_ready = False
        self._making = False
        self.preview = EditPreview(window.session, window.tasks, title, self)
        self.form = QFormLayout()
        self.form.setHorizontalSpacing(12)
        self.form.setVerticalSpacing(8)
        self.form.setFieldGrowthPolicy(QFormLayout.AllNonFixedFieldsGrow)
        self.told = QLabel()
        self.told.setTextFormat(Qt.PlainText)  # names come from files: text, never markup
        self.told.setWordWrap(True)
        self.told.setAlignment(Qt.AlignLeft | Qt.AlignTop)
        self.told.setMinimumHeight(LINES_TOLD * self.fontMetrics().lineSpacing())
        self.shown = QCheckBox("Preview in the views")
        self.shown.setChecked(True)
        self.buttons = QDialogButtonBox(QDialogButtonBox.Ok | QDialogButtonBox.Cancel)
        self.ok = self.buttons.button(QDialogButtonBox.Ok)
        self.ok.setDefault(True)
        layout = dialog_column(self)
        layout.addLayout(self.form)
        layout.addWidget(self.shown)
        layout.addWidget(self.told)
        layout.addStretch(1)
        layout.addWidget(self.buttons)
        self.setFixedWidth(WIDTH_PX)
        self.build()
        self._refill()
        self._connect()
        self.ask()

    def _connect(self) -> None:
        session = self.session
        session.structure_set_changed.connect(self._set_changed)
        session.visibility_changed.connect(self._set_changed)
        session.texts_changed.connect(self._set_changed)
        session.study_changed.connect(self._study_changed)
        session.volume_changed.connect(self._study_changed)
        if self.follows_cursor:
            session.cursor_changed.connect(self.ask)
            session.oblique_changed.connect(self.ask)
        self.shown.toggled.connect(lambda on: self.preview.show(shown=on))
        self.preview.begun.connect(self._begun)
        self.preview.ready.connect(self._ready)
        self.preview.refused.connect(self._refused)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)

    # --- what a subclass says ------------------------------------------------------------------------------------

    @abstractmethod
    def build(self) -> None:
        """Add rows to `form`; connect their changes to `ask`."""

    @abstractmethod
    def refill(self, rois: tuple[Roi, ...]) -> None:
        """There are these ROIs now."""

    @abstractmethod
    def planner(self) -> Planner:
        """What is asked for.

        Raises:
            UsageError: when something is missing.
        """

    @abstractmethod
    def changed_numbers(self) -> tuple[int | None, ...]:
        """Numbers of the ROIs that would change; None for a new one."""

    def length(
        self, label: str, value: float, most: float = 100.0, *, least: float = 0.0, step: float = 1.0
    ) -> NumberBox:
        """A row that asks for millimetres."""
        box = millimetres(value, most, least=least, step=step)
        box.valueChanged.connect(lambda _value: self.ask())
        self.form.addRow(label, box)
        return box

    # --- asking and answering ------------------------------------------------------------------------------------

    def ask(self) -> None:
        """Something was chosen: compute anew."""
        if self._closed:
            return
        self._commit_when_ready = False
        try:
            locked = self.session.locked_rois & {one for one in self.changed_numbers() if one is not None}
            current = self.session.structure_set
            if locked and current is not None:
                name = current.roi(min(locked)).name
                raise UsageError(f"{name} is locked", remedy="unlock it in the list of ROIs, or choose another one")
            planner = self.planner()
        except RtvisError as error:
            self.preview.refuse(one_line(error))
        else:
            self.preview.ask(planner)

    def accept(self) -> None:
        """Make the edit; where it is still being computed, as soon as that is done."""
        if self.preview.planned is not None:
            self._commit(self.preview.planned)
        elif self.preview.is_busy:
            self._commit_when_ready = True
            self._tell("Computing…")

    def done(self, result: int) -> None:
        """Let go of the session and close."""
        if not self._closed:
            self._closed = True
            session = self.session
            session.structure_set_changed.disconnect(self._set_changed)
            session.visibility_changed.disconnect(self._set_changed)
            session.texts_changed.disconnect(self._set_changed)
            session.study_changed.disconnect(self._study_changed)
            session.volume_changed.disconnect(self._study_changed)
            if self.follows_cursor:
                session.cursor_changed.disconnect(self.ask)
                session.oblique_changed.disconnect(self.ask)
            self.preview.release()
        super().done(result)

    def _commit(self, planned: PlannedEdit) -> None:
        self._making = True
        try:
            name = commit_planned(self.session, planned)
        except RtvisError as error:
            self._refused(one_line(error))
            return
        finally:
            self._making = False
        self.window_of_dialog.say(name)
        self.done(QDialog.Accepted)

    def _begun(self) -> None:
        self.ok.setEnabled(True)
        self._tell("Computing…")

    def _ready(self, planned: PlannedEdit) -> None:
        self._tell(planned.remark)
        if self._commit_when_ready:
            self._commit(planned)

    def _refused(self, words: str) -> None:
        self._commit_when_ready = False
        self.ok.setEnabled(False)
        self._tell(words, color=colors().warn)

    def _tell(self, words: str, color: str = "") -> None:
        self.told.setStyleSheet(f"color: {color or colors().muted};")
        self.told.setText(text_in(self, words))

    def _set_changed(self) -> None:
        if self._making:
            return
        if self.session.structure_set is None:
            self.reject()
            return
        self._refill()
        self.ask()

    def _study_changed(self) -> None:
        if not self._making:
            self.reject()

    def _refill(self) -> None:
        current = self.session.structure_set
        self.refill(() if current is None else current.rois)

    def showEvent(self, event: QShowEvent) -> None:
        """At the window's right edge, over the panels: the images are what one wants to see.

        What is typed first goes into the first number, or whatever is the first field.
        """
        super().showEvent(event)
        window = self.window_of_dialog
        place = window.mapToGlobal(QPoint(window.width() - self.width() - GAP_PX, window.menuBar().height() + GAP_PX))
        self.move(place)
        fields = tab_through(self.form, self.shown, *self.buttons.buttons())
        if self.focusWidget() in {None, self.shown}:
            numbers = [one for one in fields if isinstance(one, QAbstractSpinBox)]
            there = [one for one in (*numbers, *fields) if one.isVisibleTo(self) and one.isEnabled()]
            there[0].setFocus(Qt.OtherFocusReason)


def millimetres(value: float, most: float, *, least: float = 0.0, step: float = 1.0) -> NumberBox:
    """A field for a length in mm."""
    box = NumberBox()
    box.setRange(least, most)
    box.setDecimals(1 if step >= 0.5 else 2)
    box.setSingleStep(step)
    box.setSuffix(" mm")
    box.setValue(value)
    box.setKeyboardTracking(True)
    return box


def row_of(*widgets: QWidget) -> QWidget:
    """Widgets side by side in one row of a form."""
    holder = QWidget()
    layout = QHBoxLayout(holder)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(8)
    for widget in widgets:
        layout.addWidget(widget)
    layout.addStretch(1)
    return holder
