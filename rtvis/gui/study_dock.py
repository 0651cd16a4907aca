"""The study tree: patient, study, series and structure sets, and everything that couldn't be used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qtpy.QtCore import Qt, Signal
from qtpy.QtGui import QColor, QFont
from qtpy.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidgetItem, QWidget

from rtvis.app.beam_doses import beam_names
from rtvis.app.patient_hiding import without_patient_names, without_patient_words
from rtvis.app.session import Session
from rtvis.app.set_labels import made_text, set_labels
from rtvis.gui.hinted_tree import HintedTree
from rtvis.gui.patient_text import PATIENT_HIDDEN, file_text, patient_name
from rtvis.gui.text_tips import text_tip
from rtvis.gui.theme import colors
from rtvis.model.structure_set import StructureSet
from rtvis.model.volume import Patient, Volume

KIND_ROLE = Qt.UserRole + 1
KEY_ROLE = Qt.UserRole + 2
PATH_ROLE = Qt.UserRole + 3


class StudyTree(HintedTree):
    """What was opened. A double click shows a series or structure set; `object_chosen` carries its first file.

    `dose_chosen` carries the path of a dose that was double clicked.
    """

    object_chosen = Signal(object)
    dose_chosen = Signal(object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setHeaderHidden(True)
        self.setColumnCount(2)
        self.setUniformRowHeights(True)
        self.setIndentation(12)
        self.setRootIsDecorated(False)  # patients stand where all else in the panels begins
        self.setEditTriggers(QAbstractItemView.NoEditTriggers)
        self.set_hint("Nothing is open.")
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeToContents)
        self.itemDoubleClicked.connect(self._activate)
        self.itemActivated.connect(self._activate)
        self.currentItemChanged.connect(self._choose)
        session.study_changed.connect(self.rebuild)
        session.texts_changed.connect(self.rebuild)
        session.volume_changed.connect(self.mark_shown)
        session.structure_set_changed.connect(self._set_changed)
        session.overlay.chosen_changed.connect(self.mark_shown)
        self.rebuild()

    def release(self) -> None:
        """Stop listening to the session."""
        self._session.study_changed.disconnect(self.rebuild)
        self._session.texts_changed.disconnect(self.rebuild)
        self._session.volume_changed.disconnect(self.mark_shown)
        self._session.structure_set_changed.disconnect(self._set_changed)
        self._session.overlay.chosen_changed.disconnect(self.mark_shown)

    def rebuild(self) -> None:
        """Fill the tree from the session's study."""
        self.clear()
        study = self._session.study
        patients: dict[str, QTreeWidgetItem] = {}
        studies: dict[tuple[str, str], QTreeWidgetItem] = {}

        def study_item(patient: Patient, uid: str, description: str) -> QTreeWidgetItem:
            key = patient.patient_id or patient.name
            if key not in patients:
                hidden = self._session.patient_hidden
                words = PATIENT_HIDDEN if hidden else patient_name(patient) or "No name"
                shown_id = "" if hidden or patient.patient_id == words else patient.patient_id
                patients[key] = self._add(self, f"{words}   {shown_id}".rstrip(), "")
                patients[key].setFirstColumnSpanned(True)
            if (key, uid) not in studies:
                told = without_patient_names(self._session, description)
                studies[key, uid] = self._add(patients[key], told or "Study", "")
                studies[key, uid].setFirstColumnSpanned(True)
                studies[key, uid].setToolTip(0, f"Study Instance UID {uid}")
            return studies[key, uid]

        for volume in study.volumes:
            parent = study_item(volume.patient, volume.study_instance_uid, volume.study_description)
            self._add_volume(parent, volume)
        labels = set_labels(self._session)
        for one in self._session.structure_sets:
            self._add_set(study_item(one.patient, one.study_instance_uid, ""), one, labels[one.key])
        if study.others:
            group = self._add(self, "Other objects", str(len(study.others)))
            for other in study.others:
                told = without_patient_names(self._session, other.description)
                is_dose = other.modality == "RTDOSE"
                beams = without_patient_names(self._session, beam_names(other, study)) if is_dose else ""
                words = (other.modality, beams, told or file_text(self._session, other.path))
                text = "  ".join(word for word in words if word)
                kind, key, badge = ("dose", str(other.path), "dose") if is_dose else ("", "", "listed")
                item = self._add(group, text, badge, kind=kind, key=key, path=other.path, muted=not is_dose)
                if is_dose:
                    tip = f"{text}\nDouble click: show it over the images, or alone where there are none"
                    item.setToolTip(0, text_tip(tip))
        if study.unreadable:
            group = self._add(self, "Can't be used", str(len(study.unreadable)))
            group.setForeground(1, QColor(colors().bad))
            for broken in study.unreadable:
                item = self._add(group, file_text(self._session, broken.path), "", path=broken.path, muted=True)
                item.setToolTip(0, self._tip(f"{broken.path}\n{broken.reason}"))
        self.expandAll()
        self.mark_shown()

    def _add_volume(self, parent: QTreeWidgetItem, volume: Volume) -> None:
        images = len(volume.slices)
        badge = f"{images} image" + ("" if images == 1 else "s")
        path = volume.slices[0].path if volume.slices else None
        text = f"{volume.modality}  {without_patient_names(self._session, volume.description)}".rstrip()
        item = self._add(parent, text, badge, kind="volume", key=volume.volume_id, path=path)
        spacing = " × ".join(f"{value:.3g}" for value in volume.grid.spacing_mm)
        lines = [f"{volume.grid.shape} voxels of {spacing} mm", f"Series Instance UID {volume.series_instance_uid}"]
        lines += [problem.message for problem in volume.problems]
        item.setToolTip(0, self._tip("\n".join(lines)))
        self._warn(item, badge, len(volume.problems))

    def _set_changed(self) -> None:
        """Another set is shown, or the one that is was edited: it may have more ROIs or fewer."""
        shown = self._session.structure_set
        for item in self.findItems("", Qt.MatchContains | Qt.MatchRecursive):
            if shown is not None and item.data(0, KIND_ROLE) == "set" and item.data(0, KEY_ROLE) == shown.key:
                self._tell_rois(item, shown)
        self.mark_shown()

    def _tell_rois(self, item: QTreeWidgetItem, one: StructureSet) -> None:
        badge = f"{len(one.rois)} ROI" + ("" if len(one.rois) == 1 else "s")
        self._warn(item, badge if one.volume is not None else "images missing", len(one.problems))

    def _add_set(self, parent: QTreeWidgetItem, one: StructureSet, label: str) -> None:
        item = self._add(parent, f"RTSTRUCT  {label}", "", kind="set", key=one.key, path=one.path)
        lines = [str(one.path) if one.path else "not saved yet"]
        lines += [f"made {made}"] if (made := made_text(one)) else []
        lines.append(f"matched by {one.matched_by}" if one.volume is not None else "its images are missing here")
        lines += [problem.message for problem in one.problems[:20]]
        item.setToolTip(0, self._tip("\n".join(lines)))
        self._tell_rois(item, one)
        if one.volume is None:
            item.setForeground(1, QColor(colors().warn))

    def _tip(self, text: str) -> str:
        return text_tip(without_patient_words(self._session, text))

    @staticmethod
    def _warn(item: QTreeWidgetItem, badge: str, problems: int) -> None:
        if problems:
            item.setText(1, f"{badge}  ▲ {problems}")
            item.setForeground(1, QColor(colors().warn))
        else:
            item.setText(1, badge)

    @staticmethod
    def _add(
        parent: Any,
        text: str,
        badge: str,
        *,
        kind: str = "",
        key: str = "",
        path: Path | None = None,
        muted: bool = False,
    ) -> QTreeWidgetItem:
        item = QTreeWidgetItem(parent, [text, badge])
        item.setData(0, KIND_ROLE, kind)
        item.setData(0, KEY_ROLE, key)
        item.setData(0, PATH_ROLE, path)
        item.setToolTip(0, text_tip(text))
        item.setForeground(1, QColor(colors().muted))
        item.setTextAlignment(1, Qt.AlignRight | Qt.AlignVCenter)
        if muted:
            item.setForeground(0, QColor(colors().muted))
        return item

    def mark_shown(self) -> None:
        """Set the series and the structure set that the views show in bold."""
        volume, shown = self._session.volume, self._session.structure_set
        keys = {volume.volume_id if volume else None, shown.key if shown else None}
        if self._session.overlay.dose is not None:
            keys.add(str(self._session.overlay.dose.volume.slices[0].path))
        for item in self.findItems("", Qt.MatchContains | Qt.MatchRecursive):
            active = bool(item.data(0, KEY_ROLE)) and item.data(0, KEY_ROLE) in keys
            font = QFont(self.font())
            font.setBold(active)
            item.setFont(0, font)
            if item.data(0, KIND_ROLE):
                item.setData(0, Qt.ForegroundRole, QColor(colors().accent) if active else None)

    def _activate(self, item: QTreeWidgetItem, _column: int = 0) -> None:
        kind, key = item.data(0, KIND_ROLE), item.data(0, KEY_ROLE)
        if kind == "volume":
            self._session.activate_volume(key)
        elif kind == "set":
            self._session.activate_structure_set(key)
        elif kind == "dose":
            self.dose_chosen.emit(item.data(0, PATH_ROLE))

    def _choose(self, item: QTreeWidgetItem | None, _previous: object = None) -> None:
        if item is not None and item.data(0, PATH_ROLE) is not None:
            self.object_chosen.emit(item.data(0, PATH_ROLE))
