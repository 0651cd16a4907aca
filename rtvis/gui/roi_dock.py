"""The ROI list: colour, visibility, name, type and contours; new, rename, colour, type, delete."""

from __future__ import annotations

from qtpy.QtCore import QEvent, QItemSelectionModel, QModelIndex, QRectF, QSize, Qt, Signal
from qtpy.QtGui import QColor, QIcon, QKeySequence, QMouseEvent, QPainter, QPen, QPixmap
from qtpy.QtWidgets import (
    QAbstractItemView,
    QColorDialog,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QMenu,
    QStyle,
    QStyleOptionViewItem,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from rtvis.app.palette import roi_color
from rtvis.app.roi_edits import INTERPRETED_TYPES, color_roi, delete_roi, free_name, interpret_roi, rename_roi
from rtvis.app.session import Session
from rtvis.gui.icons import icon
from rtvis.gui.theme import colors
from rtvis.model.errors import RtvisError
from rtvis.model.structure_set import Roi

NUMBER_ROLE = Qt.UserRole + 1
CHECK_BOX_REACH_PX = 3
SHORT_TYPES = {
    "CLOSED_PLANAR": "closed",
    "OPEN_PLANAR": "open",
    "OPEN_NONPLANAR": "non-planar",
    "POINT": "points",
    "CLOSEDPLANAR_XOR": "xor",
}


class RoiTree(QTreeWidget):
    """A list whose check boxes hide and show, and don't choose: a click on one must not redirect strokes."""

    def selectionCommand(self, index: QModelIndex, event: QEvent | None = None) -> QItemSelectionModel.SelectionFlags:
        """What a click or key selects; nothing where it hit a check box."""
        if isinstance(event, QMouseEvent) and index.isValid() and index.column() == 0:
            option = self.viewOptions()
            option.rect = self.visualRect(index)
            option.features |= QStyleOptionViewItem.HasCheckIndicator
            box = self.style().subElementRect(QStyle.SE_ItemViewItemCheckIndicator, option, self)
            if event.pos().x() <= box.right() + CHECK_BOX_REACH_PX:
                return QItemSelectionModel.NoUpdate
        return super().selectionCommand(index, event)


class RoiPanel(QWidget):
    """ROIs of the active structure set. `failed` carries an error that a person caused, `centred` an ROI number."""

    failed = Signal(object)
    centred = Signal(int)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._filling = False
        self.field = QLineEdit()
        self.field.setPlaceholderText("Filter ROIs")
        self.field.setClearButtonEnabled(True)
        self.field.textChanged.connect(self._filter)
        self.tree = RoiTree()
        self.tree.setHeaderHidden(True)
        self.tree.setColumnCount(2)
        self.tree.setRootIsDecorated(False)
        self.tree.setUniformRowHeights(True)
        self.tree.setIconSize(QSize(16, 16))
        self.tree.setEditTriggers(QAbstractItemView.EditKeyPressed | QAbstractItemView.SelectedClicked)
        self.tree.setContextMenuPolicy(Qt.CustomContextMenu)
        self.tree.header().setStretchLastSection(False)
        self.tree.header().setSectionResizeMode(0, QHeaderView.Stretch)
        self.tree.header().setSectionResizeMode(1, QHeaderView.ResizeToContents)
        self.tree.itemChanged.connect(self._item_changed)
        self.tree.itemSelectionChanged.connect(self._chosen)
        self.tree.itemDoubleClicked.connect(self._centre)
        self.tree.customContextMenuRequested.connect(self._open_menu)
        self._lay_out()
        session.structure_set_changed.connect(self.rebuild)
        session.visibility_changed.connect(self.rebuild)
        session.active_roi_changed.connect(self._mark_active)
        self.rebuild()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(8, 8, 8, 0)
        top.setSpacing(4)
        top.addWidget(self.field, 1)
        for name, tip, slot in (
            ("plus", "New ROI (Ctrl+Shift+N)", self.new_roi),
            ("eye", "Show or hide all ROIs", self.toggle_all),
            ("trash", "Delete the chosen ROI", self.delete_chosen),
        ):
            button = QToolButton()
            button.setIcon(icon(name))
            button.setIconSize(QSize(16, 16))
            button.setToolTip(tip)
            button.setAccessibleName(tip)
            button.clicked.connect(slot)
            top.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(top)
        layout.addWidget(self.tree, 1)

    def release(self) -> None:
        """Stop listening to the session."""
        self._session.structure_set_changed.disconnect(self.rebuild)
        self._session.visibility_changed.disconnect(self.rebuild)
        self._session.active_roi_changed.disconnect(self._mark_active)

    def rebuild(self) -> None:
        """Fill the list from the session's active structure set."""
        self._filling = True
        try:
            current = self._session.structure_set
            rois = () if current is None else current.rois
            if [self._number(row) for row in range(self.tree.topLevelItemCount())] != [one.number for one in rois]:
                self.tree.clear()
                self.tree.addTopLevelItems([QTreeWidgetItem() for _ in rois])
            for row, roi in enumerate(rois):
                self._fill_row(self.tree.topLevelItem(row), roi)
        finally:
            self._filling = False
        self._filter()
        self._mark_active()

    def _fill_row(self, item: QTreeWidgetItem, roi: Roi) -> None:
        item.setData(0, NUMBER_ROLE, roi.number)
        item.setText(0, roi.name)
        item.setIcon(0, swatch(roi_color(roi)))
        item.setFlags(Qt.ItemIsEnabled | Qt.ItemIsSelectable | Qt.ItemIsEditable | Qt.ItemIsUserCheckable)
        item.setCheckState(0, Qt.Unchecked if roi.number in self._session.hidden_rois else Qt.Checked)
        counts = roi.contour_counts
        item.setText(1, str(sum(counts.values())) if counts else "empty")
        item.setForeground(1, QColor(colors().muted))
        item.setTextAlignment(1, Qt.AlignRight | Qt.AlignVCenter)
        by_type = "\n".join(f"{SHORT_TYPES.get(kind, kind)}: {count}" for kind, count in counts.items())
        item.setToolTip(0, f"{roi.name}\nROI {roi.number}   {roi.interpreted_type or 'no type'}\n{by_type}".rstrip())
        item.setToolTip(1, by_type or "no contours")

    def _number(self, row: int) -> int | None:
        number: int | None = self.tree.topLevelItem(row).data(0, NUMBER_ROLE)
        return number

    def _filter(self) -> None:
        text = self.field.text().strip().casefold()
        for row in range(self.tree.topLevelItemCount()):
            item = self.tree.topLevelItem(row)
            item.setHidden(bool(text) and text not in item.text(0).casefold())

    def _mark_active(self) -> None:
        active = self._session.active_roi
        self._filling = True
        try:
            for row in range(self.tree.topLevelItemCount()):
                if self._number(row) == active:
                    self.tree.setCurrentItem(self.tree.topLevelItem(row))
                    return
            self.tree.setCurrentItem(None)
            self.tree.clearSelection()
        finally:
            self._filling = False

    def _item_changed(self, item: QTreeWidgetItem, column: int) -> None:
        if self._filling or column != 0:
            return
        number = item.data(0, NUMBER_ROLE)
        current = self._session.structure_set
        if current is None:
            return
        self._session.set_roi_visible(number, visible=item.checkState(0) == Qt.Checked)
        if item.text(0) != current.roi(number).name:
            try:
                rename_roi(self._session, number, item.text(0))
            except RtvisError as error:
                self.rebuild()
                self.failed.emit(error)

    def _chosen(self) -> None:
        """A row that is selected is active; one that merely has the focus (by Tab, or its check box) is not."""
        if not self._filling:
            items = self.tree.selectedItems()
            self._session.activate_roi(items[0].data(0, NUMBER_ROLE) if items else None)

    def _centre(self, item: QTreeWidgetItem, _column: int) -> None:
        self.centred.emit(item.data(0, NUMBER_ROLE))

    # --- actions -------------------------------------------------------------------------------------------------

    def new_roi(self) -> None:
        """Add an empty ROI, make it active and let its name be typed."""
        if self._session.volume is None and self._session.structure_set is None:
            return
        self.field.clear()
        self._session.add_roi(free_name(self._session.structure_set))
        self.rename_chosen()

    def choose_none(self) -> None:
        """Make no ROI active: the next stroke makes a new one."""
        self._session.activate_roi(None)

    def rename_chosen(self) -> None:
        """Type another name for the chosen ROI."""
        items = self.tree.selectedItems()
        if items:
            self.tree.editItem(items[0], 0)

    def recolor_chosen(self) -> None:
        """Choose another colour for the chosen ROI."""
        roi = self._chosen_roi()
        if roi is None:
            return
        color = QColorDialog.getColor(QColor(*roi_color(roi)), self, f"Colour of {roi.name}")
        if color.isValid():
            color_roi(self._session, roi.number, (color.red(), color.green(), color.blue()))

    def delete_chosen(self) -> None:
        """Delete the chosen ROI; undo brings it back."""
        roi = self._chosen_roi()
        if roi is not None:
            delete_roi(self._session, roi.number)

    def toggle_all(self) -> None:
        """Hide all ROIs when all are shown, show all otherwise."""
        current = self._session.structure_set
        show = bool(self._session.hidden_rois)
        for roi in () if current is None else current.rois:
            self._session.set_roi_visible(roi.number, visible=show)

    def show_only_chosen(self) -> None:
        """Hide all ROIs but the chosen one."""
        chosen, current = self._chosen_roi(), self._session.structure_set
        if chosen is not None and current is not None:
            for roi in current.rois:
                self._session.set_roi_visible(roi.number, visible=roi.number == chosen.number)

    def _chosen_roi(self) -> Roi | None:
        current, number = self._session.structure_set, self._session.active_roi
        return None if current is None or number is None else current.roi(number)

    def _open_menu(self, position: object) -> None:
        roi = self._chosen_roi()
        if roi is None:
            return
        menu = QMenu(self)
        menu.addAction("Go to ROI", lambda: self.centred.emit(roi.number))
        menu.addAction("Show only this", self.show_only_chosen)
        menu.addSeparator()
        menu.addAction("Rename", self.rename_chosen, QKeySequence("F2"))
        menu.addAction("Colour…", self.recolor_chosen)
        types = menu.addMenu("Type")
        for term in INTERPRETED_TYPES:
            action = types.addAction(term or "(none)", lambda term=term: interpret_roi(self._session, roi.number, term))
            action.setCheckable(True)
            action.setChecked(term == roi.interpreted_type)
        menu.addSeparator()
        menu.addAction("Delete", self.delete_chosen)
        menu.exec_(self.tree.viewport().mapToGlobal(position))
        menu.deleteLater()


def swatch(color: tuple[int, int, int], size: int = 16) -> QIcon:
    """A filled, rounded square of an ROI's colour, sharp at up to three device pixels a pixel."""
    pixmap = QPixmap(size * 3, size * 3)
    pixmap.setDevicePixelRatio(3.0)
    pixmap.fill(Qt.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.Antialiasing)
    painter.setPen(QPen(QColor(255, 255, 255, 40), 1))
    painter.setBrush(QColor(*color))
    painter.drawRoundedRect(QRectF(2, 2, size - 4, size - 4), 3, 3)
    painter.end()
    swatched = QIcon(pixmap)
    swatched.addPixmap(pixmap, QIcon.Selected)  # else Qt tints it in a chosen row, and the colour is not the ROI's
    return swatched
