"""The History panel: every edit of the active structure set with its time; a click goes back to it, or forward."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from qtpy.QtGui import QColor, QFont, QShowEvent
from qtpy.QtWidgets import QAbstractItemView, QHeaderView, QLabel, QTableView, QVBoxLayout, QWidget

from rtvis.app.patient_hiding import without_patient_names
from rtvis.app.session import Session
from rtvis.editing.history import History
from rtvis.gui.feature import Feature, Panel
from rtvis.gui.history_signing import Badge, HistorySigning
from rtvis.gui.icons import icon
from rtvis.gui.menus import Menus, Need
from rtvis.gui.theme import colors
from rtvis.model.structure_set import StructureSet

if TYPE_CHECKING:
    from rtvis.gui.main_window import MainWindow

NAME, TIME = range(2)
TIME_PX, ROW_PX = 86, 27


class HistoryModel(QAbstractTableModel):
    """Rows: the set as it was opened, then each edit, oldest first. Nothing is copied: a history may hold thousands."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session

    @property
    def history(self) -> History[StructureSet] | None:
        """What is shown."""
        return self._session.history

    def refresh(self) -> None:
        """Something was edited, undone or opened."""
        self.beginResetModel()
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        """How many rows there are."""
        history = self.history
        return 0 if history is None or (parent is not None and parent.isValid()) else history.step_count + 1

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        """Name and time."""
        return 0 if parent is not None and parent.isValid() else 2

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.DisplayRole) -> Any:
        """What a cell shows."""
        history = self.history
        if history is None or not index.isValid() or index.row() > history.step_count:
            return None
        if role in {Qt.DisplayRole, Qt.ToolTipRole}:
            text = self._text(history, index.row(), index.column(), long=role == Qt.ToolTipRole)
            return without_patient_names(self._session, text)
        return self._look(index.row() - history.place, index.column(), role)

    @staticmethod
    def _look(ahead: int, column: int, role: int) -> Any:
        """How a cell is drawn that is so many steps ahead of where the set is."""
        if role == Qt.ForegroundRole:
            shown = colors()
            return QColor(shown.strong if ahead == 0 else shown.muted if ahead > 0 or column == TIME else shown.text)
        if role == Qt.TextAlignmentRole and column == TIME:
            return int(Qt.AlignRight | Qt.AlignVCenter)
        if role == Qt.DecorationRole and column == NAME:
            return icon("step" if ahead else "here")
        if role == Qt.FontRole and column == NAME:
            font = QFont()
            font.setItalic(ahead > 0)
            font.setBold(ahead == 0)
            return font
        return None

    @staticmethod
    def _text(history: History[StructureSet], row: int, column: int, *, long: bool) -> str:
        if row == 0:
            if column == TIME:
                return ""
            if history.forgotten:
                return f"{history.forgotten:,} earlier edits are no longer kept"
            return "As it was opened"
        step = history.step(row - 1)
        at = step.at.astimezone()
        if long:
            undone = " (taken back)" if row > history.place else ""
            return f"{step.name}{undone}\n{at:%d %b %Y, %H:%M:%S}"
        return step.name if column == NAME else f"{at:%H:%M:%S}"


class HistoryPanel(QWidget):
    """Lists the steps. `chosen` carries how many edits shall be done; `seen` that somebody looks, from now on."""

    chosen = Signal(int)
    seen = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.model = HistoryModel(session)
        self.list = QTableView()  # a tree or a list would lay out every row again after each edit
        self.list.setModel(self.model)
        self.list.setShowGrid(False)
        self.list.setSelectionMode(QAbstractItemView.SingleSelection)
        self.list.setSelectionBehavior(QAbstractItemView.SelectRows)
        self.list.setTabKeyNavigation(False)
        self.list.setWordWrap(False)
        self.list.setTextElideMode(Qt.ElideMiddle)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarAlwaysOff)
        self.list.setIconSize(QSize(16, 16))
        rows = self.list.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.Fixed)
        rows.setDefaultSectionSize(ROW_PX)
        header = self.list.horizontalHeader()
        header.hide()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(NAME, QHeaderView.Stretch)
        header.setSectionResizeMode(TIME, QHeaderView.Fixed)
        header.resizeSection(TIME, TIME_PX)
        self.list.clicked.connect(lambda index: self.chosen.emit(index.row()))
        self.list.activated.connect(lambda index: self.chosen.emit(index.row()))
        self.hint = QLabel("Click a step to go back or forward to it.")
        self.hint.setProperty("role", "small")
        self.hint.setContentsMargins(12, 8, 12, 8)
        self.hint.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self.badge = QLabel()
        self.badge.setTextFormat(Qt.PlainText)  # names of signers come from files
        self.badge.setContentsMargins(12, 8, 12, 8)
        self.badge.setWordWrap(True)
        self.badge.hide()
        layout.addWidget(self.badge)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.hint)
        session.structure_set_changed.connect(self.refresh)
        session.texts_changed.connect(self.refresh)

    def showEvent(self, event: QShowEvent) -> None:
        """What changed while nobody looked is shown now."""
        super().showEvent(event)
        self.refresh()
        self.seen.emit()

    def show_badge(self, badge: Badge | None) -> None:
        """Tell of the history file beside the set; None where there is none."""
        self.badge.setVisible(badge is not None)
        if badge is not None:
            shown = colors()
            self.badge.setText(badge.text)
            self.badge.setToolTip(badge.details)
            self.badge.setStyleSheet(f"color: {getattr(shown, badge.color)};")

    def refresh(self) -> None:
        """Show the steps as they are, the current one in sight; nothing while nobody looks."""
        if not self.isVisible():
            return
        self.model.refresh()
        history = self._session.history
        if history is None:
            self.hint.setText("No structure set is open.")
            return
        kept = "edit is" if history.step_count == 1 else "edits are"
        text = f"{history.step_count:,} {kept} kept. Click one to go back or forward to it."
        self.hint.setText(text if history.step_count else "Nothing was edited yet.")
        here = self.model.index(history.place, NAME)
        self.list.setCurrentIndex(here)
        self.list.scrollTo(here)

    def release(self) -> None:
        """Stop listening to the session."""
        self._session.structure_set_changed.disconnect(self.refresh)
        self._session.texts_changed.disconnect(self.refresh)


class HistoryFeature(Feature):
    """The panel, and a way to it."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.panel = HistoryPanel(self.session)
        self.panel.chosen.connect(self.go_to)
        self.signing = HistorySigning(window)
        self.signing.told.connect(self.panel.show_badge)
        self.panel.seen.connect(self.signing.look)

    @property
    def panels(self) -> tuple[Panel, ...]:
        """The panel."""
        return (("history", "History", self.panel),)

    def fill(self, menus: Menus) -> None:
        """An action that brings the panel to the front."""
        menus.add(menus.menu("Edit"), "History", self.show_panel, "Ctrl+Shift+Y", needs=Need.SET)
        file = menus.menu("File")
        save = menus.add(file, "Save with &history…", self.window.edits.save_with_history, needs=Need.SET)
        file.insertAction(menus.actions["Unsaved work of earlier"], save)
        study = menus.menu("Study")
        sign = menus.add(study, "Sign history…", self.signing.sign, needs=Need.SET)
        study.insertAction(menus.actions["Verify signatures"], sign)

    def show_panel(self) -> None:
        """Bring the panel to the front, with the focus."""
        dock = self.window.docks["history"]
        dock.show()
        dock.raise_()
        self.panel.list.setFocus(Qt.ShortcutFocusReason)

    def go_to(self, place: int) -> None:
        """Go back or forward to a step, and to where it changed something."""
        self.window.edits.go_to_step(place)

    def theme_changed(self) -> None:
        """Draw the rows in other colours."""
        self.panel.refresh()
        self.signing.tell_again()

    def release(self) -> None:
        """Let go of the session."""
        self.signing.release()
        self.panel.release()
