"""Asking for paths, and the words around them."""

from __future__ import annotations

import os
from pathlib import Path

from qtpy.QtCore import QDir, QFileInfo, QMimeData
from qtpy.QtWidgets import QFileDialog, QWidget

from rtvis.gui.start_page import settings

FOLDER_KEY = "last-folder"


def _start_folder() -> str:
    return str(settings().value(FOLDER_KEY, QDir.homePath()))


def _remember(path: str) -> str:
    if path:
        is_folder = QFileInfo(path).isDir()  # where pathlib raises for a name that is too long, Qt says no
        settings().setValue(FOLDER_KEY, path if is_folder else str(Path(path).parent))
    return path


def ask_folder(parent: QWidget, title: str) -> str:
    """A folder that is there; empty when the person thought better of it."""
    return _remember(QFileDialog.getExistingDirectory(parent, title, _start_folder()))


def ask_files(parent: QWidget, title: str, pattern: str = "All files (*)") -> list[str]:
    """Files that are there; none when the person thought better of it."""
    paths, _ = QFileDialog.getOpenFileNames(parent, title, _start_folder(), pattern)
    if paths:
        _remember(paths[0])
    return list(paths)


def ask_save(parent: QWidget, title: str, name: str, pattern: str) -> str:
    """Where to save; the dialog asks by itself before a file is replaced."""
    start = Path(name) if Path(name).is_absolute() else Path(_start_folder()) / name
    path, _ = QFileDialog.getSaveFileName(parent, title, str(start), pattern)
    return _remember(path)


def typed_path(text: str) -> Path:
    """A path as a person types it, ``~`` for home; of a user whom nobody knows it is taken as it stands."""
    return Path(os.path.expanduser(text.strip()))  # noqa: PTH111  (Path's raises for an unknown user)


def dropped_paths(data: QMimeData) -> list[str]:
    """Local files and folders in what is being dropped."""
    return [url.toLocalFile() for url in data.urls() if url.isLocalFile()] if data.hasUrls() else []
