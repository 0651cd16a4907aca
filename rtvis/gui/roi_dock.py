"""The ROI list: colour, visibility, name, type, size and lock of each, and details of the chosen one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from qtpy.QtCore import QPoint, QSize, Qt, Signal
from qtpy.QtGui import QColor
from qtpy.QtWidgets import (
    QColorDialog,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QToolButton,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from rtvis.app.palette import roi_color
from rtvis.app.roi_edits import color_roi, delete_rois, duplicate_roi, free_name, interpret_roi, move_roi, rename_roi
from rtvis.app.roi_figures import type_words
from rtvis.app.session import Session
from rtvis.gui.background import BackgroundTasks
from rtvis.gui.icons import icon
from rtvis.gui.patient_text import roi_name
from rtvis.gui.roi_choices import swatch
from rtvis.gui.roi_details import SHORT_TYPES, RoiDetails
from rtvis.gui.roi_sizes import RoiSizes
from rtvis.gui.roi_tree import NAME, NUMBER_ROLE, SIZE, TYPE, RoiTree
from rtvis.gui.text_tips import text_tip
from rtvis.gui.theme import SMALL_PX, colors
from rtvis.model.errors import RtvisError
from rtvis.model.structure_set import Roi

NO_ROIS = "No ROIs yet. What is drawn makes one; so does +."


class RoiPanel(QWidget):
    """ROIs of the active structure set.

    `failed` carries an error that a person caused, `centred` an ROI number, `menu_asked` a place on the screen;
    `said` carries a passing line; `typing` says that a name is about to be typed in the list, which has to be seen
    then.

    Args:
        session: whose active structure set is shown.
    """

    failed = Signal(object)
    centred = Signal(int)
    menu_asked = Signal(object)
    typing = Signal()
    said = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._filling = False
        self._shown: tuple[str | None, list[int]] = (None, [])
        self.sizes = RoiSizes(session, self)
        self.field = QLineEdit()
        self.field.setPlaceholderText("Filter ROIs")
        self.field.setClearButtonEnabled(True)
        self.field.textChanged.connect(self._filter)
        self.tree = RoiTree()
        self.details = RoiDetails()
        self._lay_out()
        self._connect()
        self._texts_changed()

    def _connect(self) -> None:
        tree, session = self.tree, self._session
        tree.itemChanged.connect(self._item_changed)
        tree.itemSelectionChanged.connect(self._chosen)
        tree.itemDoubleClicked.connect(self._double_clicked)
        tree.customContextMenuRequested.connect(self._open_menu)
        tree.lock_clicked.connect(self.toggle_lock_of)
        tree.dropped.connect(lambda number, to: self._try(lambda: move_roi(session, number, to)))
        tree.delete_pressed.connect(self.delete_chosen)
        self.details.typed.connect(self.interpret_chosen)
        self.sizes.found.connect(self._sized)
        session.structure_set_changed.connect(self.rebuild)
        session.volume_changed.connect(self.rebuild)
        session.visibility_changed.connect(self.rebuild)
        session.texts_changed.connect(self._texts_changed)
        session.active_roi_changed.connect(self._mark_active)

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(8, 8, 8, 0)
        top.setSpacing(4)
        top.addWidget(self.field, 1)
        buttons: list[QToolButton] = []
        for name, tip, slot in (
            ("plus", "New ROI (Ctrl+Shift+N)", self.new_roi),
            ("eye", "Show or hide all ROIs (Ctrl+Shift+H)", self.toggle_all),
            ("trash", "Delete the chosen ROIs (Del)", self.delete_chosen),
        ):
            button = QToolButton()
            button.setIcon(icon(name))
            button.setIconSize(QSize(16, 16))
            button.setToolTip(tip)
            button.setAccessibleName(tip)
            button.clicked.connect(slot)
            top.addWidget(button)
            buttons.append(button)
        self.add, self.show_all, self.delete = buttons
        line = QFrame()
        line.setObjectName("details-line")
        line.setFixedHeight(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addSpacing(8)
        layout.addWidget(self.tree, 1)
        layout.addWidget(line)
        layout.addWidget(self.details)

    def measure_with(self, tasks: BackgroundTasks) -> None:
        """Compute sizes there from now on; none are shown before."""
        self.sizes.start_with(tasks)

    def release(self) -> None:
        """Stop listening to the session."""
        self.sizes.release()
        self._session.structure_set_changed.disconnect(self.rebuild)
        self._session.volume_changed.disconnect(self.rebuild)
        self._session.visibility_changed.disconnect(self.rebuild)
        self._session.texts_changed.disconnect(self._texts_changed)
        self._session.active_roi_changed.disconnect(self._mark_active)

    # --- the list ------------------------------------------------------------------------------------------------

    def rebuild(self) -> None:
        """Fill the list from the session's active structure set."""
        self._filling = True
        try:
            current = self._session.structure_set
            rois = () if current is None else current.rois
            may_draw = self._session.may_add_rois
            self.tree.set_hint(NO_ROIS if may_draw else "")
            for button, needs in ((self.add, may_draw), (self.show_all, bool(rois)), (self.delete, bool(rois))):
                button.setEnabled(needs)
            shown = (None if current is None else current.key, [one.number for one in rois])
            if self._shown != shown:
                self._shown = shown
                self.tree.forget_hover()
                self.tree.clear()
                self.tree.addTopLevelItems([QTreeWidgetItem() for _ in rois])
            for row, roi in enumerate(rois):
                self._fill_row(self.tree.topLevelItem(row), roi)
        finally:
            self._filling = False
        self._filter()
        self._mark_active()

    def _fill_row(self, item: QTreeWidgetItem, roi: Roi) -> None:
        item.setData(NAME, NUMBER_ROLE, roi.number)
        item.setText(NAME, roi.name)
        item.setIcon(NAME, swatch(roi_color(roi)))
        item.setFlags(
            Qt.ItemIsEnabled
            | Qt.ItemIsSelectable
            | Qt.ItemIsEditable
            | Qt.ItemIsUserCheckable
            | Qt.ItemIsDragEnabled
            | Qt.ItemNeverHasChildren
        )
        item.setCheckState(NAME, Qt.Unchecked if roi.number in self._session.hidden_rois else Qt.Checked)
        muted = QColor(colors().muted)
        item.setText(TYPE, type_words(roi.interpreted_type))
        item.setForeground(TYPE, muted)
        small = self.font()
        small.setPixelSize(SMALL_PX)
        item.setFont(TYPE, small)
        item.setForeground(SIZE, muted)
        item.setTextAlignment(SIZE, Qt.AlignRight | Qt.AlignVCenter)
        self._show_size(item, roi)
        counts = roi.contour_counts
        by_type = "\n".join(f"{SHORT_TYPES.get(kind, kind)}: {count}" for kind, count in counts.items())
        tip = f"{self._told(roi)}\nROI {roi.number}   {roi.interpreted_type or 'no type'}\n{by_type}".rstrip()
        item.setToolTip(NAME, text_tip(tip))
        item.setToolTip(TYPE, text_tip(roi.interpreted_type or "no type"))
        item.setToolTip(SIZE, by_type or "no contours")
        self.tree.show_lock(item, locked=roi.number in self._session.locked_rois)

    def _show_size(self, item: QTreeWidgetItem, roi: Roi) -> None:
        figures = self.sizes.of(roi)
        if figures is not None:
            item.setText(SIZE, figures.size_text)
        elif not roi.contours:
            item.setText(SIZE, "empty")
        elif not item.text(SIZE):
            item.setText(SIZE, "…")

    def _sized(self, number: int) -> None:
        current = self._session.structure_set
        roi = None if current is None else next((one for one in current.rois if one.number == number), None)
        item = None if roi is None else self._item(number)
        if roi is not None and item is not None:
            self._filling = True
            self._show_size(item, roi)
            self._filling = False
            if number == self._session.active_roi:
                self._show_details()

    def _number(self, row: int) -> int | None:
        number: int | None = self.tree.topLevelItem(row).data(NAME, NUMBER_ROLE)
        return number

    def _item(self, number: int) -> QTreeWidgetItem | None:
        for row in range(self.tree.topLevelItemCount()):
            if self._number(row) == number:
                return self.tree.topLevelItem(row)
        return None

    def _filter(self) -> None:
        text = self.field.text().strip().casefold()
        for row in range(self.tree.topLevelItemCount()):
            item = self.tree.topLevelItem(row)
            words = f"{item.text(NAME)} {item.text(TYPE)}".casefold()
            item.setHidden(bool(text) and text not in words)

    def _mark_active(self) -> None:
        active = self._session.active_roi
        item = None if active is None else self._item(active)
        self._filling = True
        try:
            if item is None:
                self.tree.setCurrentItem(None)
                self.tree.clearSelection()
            elif not item.isSelected():  # one of several that are chosen may be active
                self.tree.setCurrentItem(item)
        finally:
            self._filling = False
        self._show_details()

    def _show_details(self) -> None:
        roi = self._chosen_roi()
        figures = None if roi is None else self.sizes.of(roi)
        locked = roi is not None and roi.number in self._session.locked_rois
        if roi is not None and self._session.patient_hidden:
            roi = replace(roi, name=self._told(roi))
        self.details.show_roi(roi, figures, locked=locked)

    def _told(self, roi: Roi) -> str:
        return roi_name(self._session, roi.name)

    def _texts_changed(self) -> None:
        """Names in the list stay what they are, to be typed: they are only drawn in another way."""
        self.tree.draw_names(partial(roi_name, self._session))
        self.rebuild()

    def _item_changed(self, item: QTreeWidgetItem, column: int) -> None:
        if self._filling or column != NAME:
            return
        number = item.data(NAME, NUMBER_ROLE)
        current = self._session.structure_set
        if current is None:
            return
        visible = item.checkState(NAME) == Qt.Checked
        name = item.text(NAME)
        if visible == (number in self._session.hidden_rois):
            self.show_rois(self.chosen_numbers if item.isSelected() else (number,), visible=visible)
        if name != current.roi(number).name:
            self._try(lambda: self._rename(number, name, current.roi(number).interpreted_type))

    def _rename(self, number: int, name: str, kind: str) -> None:
        rename_roi(self._session, number, name)
        current = self._session.structure_set
        roi = None if current is None else current.roi(number)
        if roi is not None and roi.interpreted_type != kind:
            self.said.emit(f"{self._told(roi)} has the type {type_words(roi.interpreted_type)} by its name")

    def _chosen(self) -> None:
        """A row that is selected is active; one that merely has the focus (by Tab, or its check box) is not."""
        if not self._filling:
            items = self.tree.selectedItems()
            current = self.tree.currentItem()
            chosen = current if current in items else items[0] if items else None
            self._session.activate_roi(None if chosen is None else chosen.data(NAME, NUMBER_ROLE))

    def _double_clicked(self, item: QTreeWidgetItem, column: int) -> None:
        if column in {NAME, TYPE, SIZE}:
            self.centred.emit(item.data(NAME, NUMBER_ROLE))

    def _open_menu(self, position: QPoint) -> None:
        if self._chosen_roi() is not None:
            self.menu_asked.emit(self.tree.viewport().mapToGlobal(position))

    def _try(self, edit: Callable[[], object]) -> None:
        """Make an edit; what is refused is told, and the list shows what is."""
        try:
            edit()
        except RtvisError as error:
            self.rebuild()
            self.failed.emit(error)

    # --- actions -------------------------------------------------------------------------------------------------

    @property
    def chosen_numbers(self) -> tuple[int, ...]:
        """Of the ROIs that are chosen, in the list's order."""
        rows = (self.tree.topLevelItem(row) for row in range(self.tree.topLevelItemCount()))
        return tuple(one.data(NAME, NUMBER_ROLE) for one in rows if one.isSelected() and not one.isHidden())

    def new_roi(self) -> None:
        """Add an empty ROI, make it active and let its name be typed."""
        if not self._session.may_add_rois:
            return
        self.field.clear()
        self._session.add_roi(free_name(self._session.structure_set))
        self.rename_chosen()

    def choose_none(self) -> None:
        """Make no ROI active: the next stroke makes a new one."""
        self._session.activate_roi(None)

    def rename_chosen(self) -> None:
        """Type another name for the chosen ROI."""
        roi = self._chosen_roi()
        item = None if roi is None else self._item(roi.number)
        if item is not None:
            if item.isHidden():  # by the filter: nobody could see what they type
                self.field.clear()
            self.typing.emit()
            self.tree.editItem(item, NAME)

    def recolor_chosen(self) -> None:
        """Choose another colour for the chosen ROI."""
        roi = self._chosen_roi()
        if roi is None:
            return
        color = QColorDialog.getColor(QColor(*roi_color(roi)), self, f"Colour of {self._told(roi)}")
        if color.isValid():
            self._try(lambda: color_roi(self._session, roi.number, (color.red(), color.green(), color.blue())))

    def interpret_chosen(self, term: str) -> None:
        """Give the chosen ROI an interpreted type."""
        roi = self._chosen_roi()
        if roi is not None:
            self._try(lambda: interpret_roi(self._session, roi.number, term))

    def duplicate_chosen(self) -> None:
        """Add a copy of the chosen ROI after it."""
        roi = self._chosen_roi()
        if roi is not None:
            self._try(lambda: duplicate_roi(self._session, roi.number))

    def move_chosen(self, by: int) -> None:
        """Move the chosen ROI up (-1) or down (1) in the list."""
        roi, current = self._chosen_roi(), self._session.structure_set
        if roi is not None and current is not None:
            place = current.rois.index(roi) + by
            self._try(lambda: move_roi(self._session, roi.number, place))

    def delete_chosen(self) -> None:
        """Delete the chosen ROIs; undo brings them back."""
        numbers = self.chosen_numbers
        if numbers:
            self._try(lambda: delete_rois(self._session, numbers))

    def toggle_lock(self) -> None:
        """Lock the chosen ROIs, or unlock them where all are locked."""
        numbers = self.chosen_numbers
        lock = not self._session.locked_rois.issuperset(numbers)
        for number in numbers:
            self._session.lock_roi(number, locked=lock)

    def toggle_lock_of(self, number: int) -> None:
        """Lock an ROI, or unlock it."""
        self._session.lock_roi(number, locked=number not in self._session.locked_rois)

    def show_rois(self, numbers: tuple[int, ...], *, visible: bool) -> None:
        """Show or hide ROIs."""
        for number in numbers:
            self._session.set_roi_visible(number, visible=visible)

    def toggle_chosen(self) -> None:
        """Hide the chosen ROIs, or show them where all are hidden."""
        numbers = self.chosen_numbers
        self.show_rois(numbers, visible=self._session.hidden_rois.issuperset(numbers))

    def toggle_all(self) -> None:
        """Hide all ROIs when all are shown, show all otherwise."""
        current = self._session.structure_set
        rois = () if current is None else current.rois
        self.show_rois(tuple(roi.number for roi in rois), visible=bool(self._session.hidden_rois))

    def show_only_chosen(self) -> None:
        """Hide all ROIs but the chosen ones."""
        chosen, current = self.chosen_numbers, self._session.structure_set
        for roi in () if current is None else current.rois:
            self._session.set_roi_visible(roi.number, visible=roi.number in chosen)

    def _chosen_roi(self) -> Roi | None:
        current, number = self._session.structure_set, self._session.active_roi
        if current is None or number is None:
            return None
        return next((one for one in current.rois if one.number == number), None)
