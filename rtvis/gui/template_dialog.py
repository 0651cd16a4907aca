"""The dialog that makes new ROIs from a template: a site's, or a person's own from a file."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from qtpy.QtCore import QSize, Qt
from qtpy.QtGui import QColor
from qtpy.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from rtvis.app.palette import roi_color
from rtvis.app.roi_figures import type_words
from rtvis.app.roi_templates import SITES, RoiTemplate, TemplateRoi, added_rois
from rtvis.gui.dialog_column import dialog_column
from rtvis.gui.roi_choices import swatch
from rtvis.gui.theme import colors
from rtvis.gui.window_place import within_screen

if TYPE_CHECKING:
    from rtvis.app.palette import Rgb
    from rtvis.model.structure_set import StructureSet

SIZE = QSize(420, 560)
ROI_ROLE = Qt.UserRole + 1


class TemplateDialog(QDialog):
    """Offers templates and their ROIs; what is ticked is `chosen`.

    Args:
        current: the set that ROIs would be added to; those it has are shown and can't be ticked.
        load: asks for a template file and reads it; None where none was chosen.
        parent: the window.
    """

    def __init__(
        self, current: StructureSet | None, load: Callable[[], RoiTemplate | None], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("New ROIs from a template")
        self._current = current
        self._load = load
        self._templates = list(SITES)
        self.site = QComboBox()
        self.site.addItems([one.name for one in self._templates])
        self.from_file = QPushButton("From file…")
        self.rois = QTreeWidget()
        self.rois.setObjectName("ticks")
        self.rois.setIconSize(QSize(16, 16))
        self.rois.setColumnCount(2)
        self.rois.setHeaderHidden(True)
        self.rois.setRootIsDecorated(False)
        self.rois.header().setStretchLastSection(False)
        self.rois.header().setSectionResizeMode(0, QHeaderView.Stretch)
        self.rois.header().setSectionResizeMode(1, QHeaderView.ResizeToContents)
        self.all, self.none = QPushButton("All"), QPushButton("None")
        self.told = QLabel()
        self.told.setProperty("role", "muted")
        self.buttons = QDialogButtonBox(QDialogButtonBox.Ok | QDialogButtonBox.Cancel)
        self.add = self.buttons.button(QDialogButtonBox.Ok)
        self.add.setText("Add ROIs")
        self.add.setDefault(True)
        self._lay_out()
        self.site.currentIndexChanged.connect(self._fill)
        self.from_file.clicked.connect(self._from_file)
        self.rois.itemChanged.connect(lambda _item, _column: self._count())
        self.all.clicked.connect(lambda: self._tick(Qt.Checked))
        self.none.clicked.connect(lambda: self._tick(Qt.Unchecked))
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self._fill()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self.site, 1)
        top.addWidget(self.from_file)
        form = QFormLayout()
        form.addRow("Template", top)
        ticks = QHBoxLayout()
        ticks.addWidget(self.told, 1)
        ticks.addWidget(self.all)
        ticks.addWidget(self.none)
        layout = dialog_column(self)
        layout.addLayout(form)
        layout.addWidget(self.rois, 1)
        layout.addLayout(ticks)
        layout.addWidget(self.buttons)
        self.resize(within_screen(SIZE))
        for button in (self.from_file, self.all, self.none):
            button.setAutoDefault(False)

    @property
    def chosen(self) -> RoiTemplate:
        """The template with the ROIs that are ticked."""
        template = self._templates[self.site.currentIndex()]
        items = (self.rois.topLevelItem(row) for row in range(self.rois.topLevelItemCount()))
        ticked = tuple(one.data(0, ROI_ROLE) for one in items if one.checkState(0) == Qt.Checked)
        return RoiTemplate(template.name, ticked)

    def _fill(self) -> None:
        self.rois.blockSignals(True)
        self.rois.clear()
        template = self._templates[self.site.currentIndex()]
        there = {} if self._current is None else {one.name.casefold(): one for one in self._current.rois}
        added = {one.name.casefold(): one for one in added_rois(template, self._current)}
        for roi in template.rois:
            name = roi.name.casefold()
            self.rois.addTopLevelItem(self._item(roi, roi_color((there | added)[name]), there=name in there))
        self.rois.blockSignals(False)
        self._count()

    @staticmethod
    def _item(roi: TemplateRoi, color: Rgb, *, there: bool) -> QTreeWidgetItem:
        words = "there already" if there else type_words(roi.interpreted_type)
        item = QTreeWidgetItem([roi.name, words])
        item.setIcon(0, swatch(color))
        item.setForeground(1, QColor(colors().muted))
        item.setData(0, ROI_ROLE, roi)
        item.setFlags(Qt.NoItemFlags if there else Qt.ItemIsEnabled | Qt.ItemIsSelectable | Qt.ItemIsUserCheckable)
        item.setCheckState(0, Qt.Unchecked if there else Qt.Checked)
        return item

    def _tick(self, state: Qt.CheckState) -> None:
        for row in range(self.rois.topLevelItemCount()):
            item = self.rois.topLevelItem(row)
            if item.flags() & Qt.ItemIsUserCheckable:
                item.setCheckState(0, state)

    def _count(self) -> None:
        count = len(self.chosen.rois)
        self.told.setText(f"{count} new ROI{'s'[: count != 1]}")
        self.add.setEnabled(count > 0)

    def _from_file(self) -> None:
        template = self._load()
        if template is not None:
            self._templates.append(template)
            self.site.addItem(template.name)
            self.site.setCurrentIndex(self.site.count() - 1)
