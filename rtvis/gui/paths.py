"""Asking for paths, and the words around them."""

from __future__ import annotations

import os
from pathlib import Path

from qtpy.QtCore import QDir, QFileInfo, QMimeData, QSize
from qtpy.QtWidgets import QFileDialog, QTreeView, QWidget

from rtvis.gui.settings import settings
from rtvis.gui.window_place import within_screen

FOLDER_KEY = "last-folder"

SIZE = QSize(880, 540)
COLUMNS_PX = (360, 88, 72)
"""Of name, size and type in Qt's own dialog; the date has the rest."""


def _start_folder() -> str:
    return str(settings().value(FOLDER_KEY, QDir.homePath()))


def _remember(path: str) -> str:
    if path:
        is_folder = QFileInfo(path).isDir()  # where pathlib raises for a name that is too long, Qt says no
        settings().setValue(FOLDER_KEY, path if is_folder else str(Path(path).parent))
    return path


def ask_folder(parent: QWidget, title: str) -> str:
    """A folder that is there; empty when the person thought better of it."""
    dialog = _dialog(parent, title, _start_folder())
    dialog.setFileMode(QFileDialog.Directory)
    dialog.setOption(QFileDialog.ShowDirsOnly)
    return _remember(next(iter(_chosen(dialog)), ""))


def ask_files(parent: QWidget, title: str, pattern: str = "All files (*)") -> list[str]:
    """Files that are there; none when the person thought better of it."""
    dialog = _dialog(parent, title, _start_folder(), pattern)
    dialog.setFileMode(QFileDialog.ExistingFiles)
    paths = _chosen(dialog)
    if paths:
        _remember(paths[0])
    return paths


def ask_save(parent: QWidget, title: str, name: str, pattern: str) -> str:
    """Where to save; the dialog asks by itself before a file is replaced."""
    start = Path(name) if Path(name).is_absolute() else Path(_start_folder()) / name
    dialog = _dialog(parent, title, str(start.parent), pattern)
    dialog.setAcceptMode(QFileDialog.AcceptSave)
    dialog.setFileMode(QFileDialog.AnyFile)
    dialog.selectFile(start.name)
    return _remember(next(iter(_chosen(dialog)), ""))


def _dialog(parent: QWidget, title: str, folder: str, pattern: str = "") -> QFileDialog:
    """The system's own dialog where it has one, otherwise Qt's, large enough to tell files with long names apart."""
    dialog = QFileDialog(parent, title, folder, pattern)
    dialog.resize(within_screen(SIZE))
    files = dialog.findChild(QTreeView, "treeView")
    if files is not None:
        for column, width in enumerate(COLUMNS_PX):
            files.header().resizeSection(column, width)
        files.header().setStretchLastSection(True)
    return dialog


def _chosen(dialog: QFileDialog) -> list[str]:
    try:
        return list(dialog.selectedFiles()) if dialog.exec_() else []
    finally:
        dialog.deleteLater()


def typed_path(text: str) -> Path:
    """A path as a person types it, ``~`` for home; of a user whom nobody knows it is taken as it stands."""
    return Path(os.path.expanduser(text.strip()))  # noqa: PTH111  (Path's raises for an unknown user)


def dropped_paths(data: QMimeData) -> list[str]:
    """Local files and folders in what is being dropped."""
    return [url.toLocalFile() for url in data.urls() if url.isLocalFile()] if data.hasUrls() else []
