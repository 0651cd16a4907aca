"""The dialog that checks names of ROIs against TG-263 and renames them by a click."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QSize, Qt
from qtpy.QtWidgets import (
    QDialog,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QWidget,
)

from rtvis.app.roi_edits import rename_roi, rename_rois
from rtvis.app.tg263_names import NameSuggestion, suggestions
from rtvis.gui.dialog_column import dialog_column, foot_row
from rtvis.gui.patient_text import name_in
from rtvis.gui.window_place import within_screen
from rtvis.model.errors import RtvisError

if TYPE_CHECKING:
    from rtvis.gui.main_window import MainWindow

SIZE = QSize(640, 520)
WORDS = (
    "Names by the rules of AAPM TG-263: at most 16 characters, the structure first, its side last (Lung_L). Proposals "
    "can be changed before they are taken; each renaming is undone like any edit."
)


class NameCheckDialog(QDialog):
    """One row for each name that the report doesn't have: what is odd, a proposal, and a button that takes it."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.setWindowTitle("Check names against TG-263")
        self.setAttribute(Qt.WA_DeleteOnClose)
        self._window = window
        self._session = window.session
        self._closed = False
        self.rows: dict[int, tuple[QLineEdit, QPushButton]] = {}
        words = QLabel(WORDS)
        words.setWordWrap(True)
        words.setProperty("role", "muted")
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QScrollArea.NoFrame)
        self.area.setFocusPolicy(Qt.NoFocus)  # its rows have the focus, and it scrolls to them
        self.told = QLabel()
        self.told.setProperty("role", "muted")
        self.rename_all = QPushButton("Rename all")
        self.close_button = QPushButton("Close")
        self.close_button.setDefault(True)
        self.rename_all.setAutoDefault(False)
        self.rename_all.clicked.connect(self._rename_all)
        self.close_button.clicked.connect(self.accept)
        layout = dialog_column(self)
        layout.addWidget(words)
        layout.addWidget(self.area, 1)
        layout.addLayout(foot_row(self.told, self.rename_all, self.close_button))
        self.resize(within_screen(SIZE))
        self._session.structure_set_changed.connect(self.refresh)
        self._session.texts_changed.connect(self.refresh)
        self.refresh()

    def done(self, result: int) -> None:
        """Let go of the session and close."""
        if not self._closed:
            self._closed = True
            self._session.structure_set_changed.disconnect(self.refresh)
            self._session.texts_changed.disconnect(self.refresh)
        super().done(result)

    def refresh(self) -> None:
        """Check the names as they are now."""
        current = self._session.structure_set
        rois = () if current is None else current.rois
        found = suggestions(tuple(one.name for one in rois))
        self.rows.clear()
        inside = QWidget()
        grid = QGridLayout(inside)
        grid.setContentsMargins(0, 0, 8, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(0, 1)
        odd = [one for one in rois if one.name in found]
        for row, roi in enumerate(odd):
            self._add_row(grid, 3 * row, roi.number, found[roi.name])
        grid.setRowStretch(3 * len(odd), 1)
        self.area.setWidget(inside)
        proposed = sum(bool(edit.text()) for edit, _ in self.rows.values())
        good = len(rois) - len(odd)
        self.told.setText(f"{good} of {len(rois)} names keep the rules" if odd else "All names keep the rules")
        self.rename_all.setText(f"Rename all {proposed}" if proposed > 1 else "Rename all")
        self.rename_all.setEnabled(proposed > 0)

    def _add_row(self, grid: QGridLayout, row: int, number: int, found: NameSuggestion) -> None:
        name, reason = QLabel(name_in(self, found.name)), QLabel(name_in(self, found.reasons))
        for label in (name, reason):
            label.setTextFormat(Qt.PlainText)  # names come from files: text, never markup
            label.setWordWrap(True)
        reason.setProperty("role", "small")
        edit = QLineEdit(found.proposal)
        edit.setMaxLength(64)
        edit.setFixedWidth(180)
        edit.setPlaceholderText("A name of your own")
        edit.setAccessibleName(f"New name for {name.text()}")
        button = QPushButton("Rename")
        button.setAutoDefault(False)
        button.setEnabled(bool(found.proposal))
        edit.textChanged.connect(lambda text: button.setEnabled(bool(text.strip())))
        edit.returnPressed.connect(button.click)
        button.clicked.connect(lambda: self._rename(number))
        grid.addWidget(name, row, 0)
        grid.addWidget(edit, row, 1, 2, 1, Qt.AlignVCenter)
        grid.addWidget(button, row, 2, 2, 1, Qt.AlignVCenter)
        grid.addWidget(reason, row + 1, 0)
        grid.setRowMinimumHeight(row + 2, 12)
        self.rows[number] = (edit, button)

    def _rename(self, number: int) -> None:
        self._try({number: self.rows[number][0].text()})

    def _rename_all(self) -> None:
        self._try({number: edit.text() for number, (edit, _) in self.rows.items() if edit.text().strip()})

    def _try(self, names: dict[int, str]) -> None:
        try:
            if len(names) == 1:
                [(number, name)] = names.items()
                rename_roi(self._session, number, name)
            else:
                rename_rois(self._session, names)
        except RtvisError as error:
            self._window.show_error(error)
