"""The report: what is odd in what was opened and saved; a click takes the views to the contour or ROI it is about."""

from __future__ import annotations

import re
from dataclasses import replace
from math import ceil
from typing import TYPE_CHECKING

from qtpy.QtCore import QSize, Qt
from qtpy.QtGui import QColor, QFont, QResizeEvent, QTextLayout
from qtpy.QtWidgets import QListWidget, QListWidgetItem, QWidget

from rtvis.app.patient_hiding import without_patient_names, without_patient_words
from rtvis.app.session import Session
from rtvis.gui.patient_text import file_text
from rtvis.gui.text_tips import text_tip
from rtvis.gui.theme import colors
from rtvis.model.problem import Problem
from rtvis.model.structure_set import Roi, StructureSet

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SET_ROLE = Qt.UserRole + 1
PROBLEM_ROLE = Qt.UserRole + 2
PADDING = 8
MARGIN = 4
"""What the style leaves free beside a text besides its padding."""
LONG_WORD = re.compile(r"\S{24,}")
BREAK_AFTER = re.compile(r"[./\\]|\w{12}")


class ProblemList(QListWidget):
    """Problems of the study, its volumes and structure sets, and files that can't be used."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setWordWrap(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarAlwaysOff)
        self.itemClicked.connect(self._go)
        self.itemActivated.connect(self._go)
        session.study_changed.connect(self.rebuild)
        session.texts_changed.connect(self.rebuild)
        session.saving_remarks_changed.connect(self.rebuild)
        self.rebuild()

    def release(self) -> None:
        """Stop listening to the session."""
        self._session.study_changed.disconnect(self.rebuild)
        self._session.texts_changed.disconnect(self.rebuild)
        self._session.saving_remarks_changed.disconnect(self.rebuild)

    @property
    def problem_count(self) -> int:
        """How many problems are listed."""
        return sum(1 for row in range(self.count()) if self.item(row).data(PROBLEM_ROLE))

    def rebuild(self) -> None:
        """List the problems of the session's study anew."""
        self.clear()
        study = self._session.study
        for problem in study.problems:
            self._add("Study", problem)
        for volume in study.volumes:
            for problem in volume.problems:
                self._add(f"{volume.modality} {volume.description}".strip(), problem)
        for one in study.structure_sets:
            for problem in one.problems:
                self._add(self._where(one, problem), problem, one.key)
        for one in self._session.structure_sets:
            self._add_saving_remarks(one)
        for broken in study.unreadable:
            item = self._add(file_text(self._session, broken.path), Problem("unreadable", broken.reason))
            item.setForeground(QColor(colors().bad))
            item.setToolTip(text_tip(without_patient_words(self._session, str(broken.path))))
        if self.count() == 0:
            item = QListWidgetItem("Nothing odd was found.", self)
            item.setFlags(Qt.ItemIsEnabled)
        self._fit_rows()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Make each row as high as its text needs at this width: a list view by itself cuts it off."""
        super().resizeEvent(event)
        self._fit_rows()

    def _fit_rows(self) -> None:
        width = max(self.viewport().width() - 2 * (PADDING + MARGIN), 40)
        for row in range(self.count()):
            item = self.item(row)
            item.setSizeHint(QSize(width, _height(item.text(), self.font(), width) + 2 * PADDING))

    def _add_saving_remarks(self, one: StructureSet) -> None:
        """One line for what contours of an ROI share: a set whose program closes contours twice has hundreds."""
        found = self._session.saving_remarks(one.key)
        if found is None:
            return
        alike: dict[tuple[str, int | None], list[Problem]] = {}
        for remark in found.remarks:
            alike.setdefault((remark.code, remark.roi), []).append(remark)
        for remarks in alike.values():
            more = f" (and {len(remarks) - 1} more like this)" if len(remarks) > 1 else ""
            told = replace(remarks[0], message=f"{remarks[0].message}{more}")
            self._add(f"{self._where(one, told)}, saved as {file_text(self._session, found.path)}", told, one.key)

    @staticmethod
    def _where(one: StructureSet, problem: Problem) -> str:
        names = [roi.name for roi in one.rois if roi.number == problem.roi]
        return ", ".join([f"RTSTRUCT {one.label}".strip(), *names[:1]])

    def _add(self, where: str, problem: Problem, set_key: str = "") -> QListWidgetItem:
        message = without_patient_words(self._session, problem.message)
        told = without_patient_names(self._session, where)
        item = QListWidgetItem(_breakable(f"{told}\n{message}"), self)
        item.setData(SET_ROLE, set_key)
        item.setData(PROBLEM_ROLE, problem)
        item.setToolTip(text_tip(f"{message}\n({problem.code})"))
        item.setForeground(QColor(colors().warn))
        return item

    def _go(self, item: QListWidgetItem) -> None:
        problem, key = item.data(PROBLEM_ROLE), item.data(SET_ROLE)
        if problem is None or not key:
            return
        current = self._session.structure_set
        if current is None or current.key != key:
            self._session.activate_structure_set(key)
            current = self._session.structure_set
        if current is None or problem.roi is None or problem.roi not in {roi.number for roi in current.rois}:
            return
        self._session.activate_roi(problem.roi)
        place = _place(current.roi(problem.roi), problem.contour)
        if place is not None:
            self._session.move_cursor(place)


def _height(text: str, font: QFont, width: int) -> int:
    """Pixels that lines of a text take as a list view lays them out, which is more than font metrics say."""
    layout = QTextLayout(text.replace("\n", "\u2028"), font)
    layout.beginLayout()
    height = 0.0
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        height += line.height()
    layout.endLayout()
    return ceil(height)


def _breakable(message: str) -> str:
    """The same words, with places where a UID may go on in the next line: a list cuts off what it can't break."""
    return LONG_WORD.sub(lambda word: BREAK_AFTER.sub("\\g<0>\u200b", word[0]), message)


def _place(roi: Roi, contour: int | None) -> NDArray[np.float64] | None:
    """The middle of a contour, ``(3,)`` LPS mm, or of the middle one of an ROI; None where there are no points."""
    drawn = [one for one in roi.contours if len(one.points_lps)]
    if contour is not None:
        drawn = [one for one in roi.contours[contour : contour + 1] if len(one.points_lps)]
    if not drawn:
        return None
    middle: NDArray[np.float64] = drawn[len(drawn) // 2].points_lps.mean(axis=0)
    return middle
