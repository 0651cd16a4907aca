"""Ways to the tag panel and to comparing two objects; the panel follows the slice that the views show."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, QTimer

from rtvis.app.patient_hiding import words_of_session
from rtvis.app.tags_objects import first_file, object_of, open_objects, shown_image
from rtvis.gui.feature import Feature
from rtvis.gui.menus import Need
from rtvis.gui.settings import settings
from rtvis.gui.tag_compare import TagCompare

if TYPE_CHECKING:
    from rtvis.gui.main_window import MainWindow
    from rtvis.gui.menus import Menus

FOLLOW_MS = 150
"""Scrolling on: tags are read once it rests for this long."""

FOLLOW_KEY = "tags/follow"


class TagActions(Feature):
    """Serves the window's tag panel."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.dialog: TagCompare | None = None
        self._chosen: Path | None = None  # in the study tree
        self._resting = QTimer(self)
        self._resting.setSingleShot(True)
        self._resting.setInterval(FOLLOW_MS)
        self._resting.timeout.connect(self._rested)
        self.session.cursor_changed.connect(self._moved)
        self.session.study_changed.connect(self._study_changed)
        self.session.texts_changed.connect(self._texts_changed)

    def fill(self, menus: Menus) -> None:
        """Into View."""
        menu = menus.menu("View")
        menus.add(menu, "Tags", self.show_panel, "Ctrl+T", needs=Need.STUDY)
        menus.add(menu, "Compare tags…", self.ask, "Alt+T", needs=Need.STUDY)
        self.window.study_tree.object_chosen.connect(self._choose_object)
        self.window.docks["tags"].visibilityChanged.connect(self._panel_seen)
        panel = self.window.tag_panel
        panel.other_words = lambda: words_of_session(self.session)
        panel.follow.setChecked(str(settings().value(FOLLOW_KEY, "true")) == "true")
        panel.path_changed.connect(self._path_changed)
        panel.image_chosen.connect(self._choose_image)
        panel.follow_changed.connect(self._follow_chosen)
        panel.compare_asked.connect(self.ask)

    def show_panel(self) -> None:
        """Bring the panel to the front, ready to search."""
        dock = self.window.docks["tags"]
        dock.show()
        dock.raise_()
        if self.window.tag_panel.path is None:
            self.window.tag_panel.show_file(first_file(self.session))
        self.window.tag_panel.field.setFocus(Qt.ShortcutFocusReason)

    def ask(self) -> None:
        """Compare what the panel shows, or what the views show, with another object."""
        if self.dialog is None:
            self.dialog = TagCompare(self.session, self.window.tasks, self.window)
            self.dialog.finished.connect(self._dialog_closed)
        self.dialog.begin(self.window.tag_panel.path or first_file(self.session))
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def follow(self) -> None:
        """Show the tags of the slice that the views show, where the panel shows those of another of that volume."""
        panel, path = self.window.tag_panel, shown_image(self.session)
        found = object_of(open_objects(self.session), panel.path)
        if path is None or path == panel.path or found is None or path not in found[0].paths:
            return
        if panel.follow.isChecked():
            panel.show_file(path, same_object=True)

    def theme_changed(self) -> None:
        """Colour the rows anew."""
        self.window.tag_panel.refresh()
        if self.dialog is not None:
            self.dialog.refresh()

    def release(self) -> None:
        """Let go of the session; the dialog goes with the window."""
        self._resting.stop()
        self.window.tag_panel.release()
        self.session.cursor_changed.disconnect(self._moved)
        self.session.study_changed.disconnect(self._study_changed)
        self.session.texts_changed.disconnect(self._texts_changed)
        if self.dialog is not None:
            self.dialog.close()

    def _dialog_closed(self) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
            self.dialog = None

    def _choose_object(self, path: Path) -> None:
        self._chosen = path
        if self.window.tag_panel.isVisible():
            self.window.tag_panel.show_file(path)

    def _panel_seen(self, seen: bool) -> None:
        """The panel came to the front: it shows what was chosen meanwhile, or the image that the views show."""
        if not seen:
            return
        panel = self.window.tag_panel
        is_open = object_of(open_objects(self.session), self._chosen) is not None
        path = self._chosen if is_open else first_file(self.session)
        if panel.path is None or (is_open and path != panel.asked):
            panel.show_file(path)

    def _rested(self) -> None:
        panel = self.window.tag_panel
        if panel.path is not None:
            self.follow()
        elif panel.isVisible():
            panel.show_file(first_file(self.session))

    def _moved(self) -> None:
        panel = self.window.tag_panel
        if panel.path is not None and panel.follow.isChecked() and panel.isVisible():
            self._resting.start()

    def _study_changed(self) -> None:
        panel, objects = self.window.tag_panel, open_objects(self.session)
        if object_of(objects, panel.path) is None:
            panel.show_file(None)
            self._resting.start()  # what is shown of the new study isn't known yet
        else:
            self._offer_images()
        if self.dialog is not None:
            self.dialog.offer(objects)

    def _texts_changed(self) -> None:
        if self.dialog is not None:
            self.dialog.offer(open_objects(self.session))
            self.dialog.refresh()

    def _path_changed(self) -> None:
        self._offer_images()
        self.follow()

    def _offer_images(self) -> None:
        found = object_of(open_objects(self.session), self.window.tag_panel.path)
        self.window.tag_panel.show_images(*((0, 0) if found is None else (len(found[0].paths), found[1])))

    def _choose_image(self, place: int) -> None:
        found = object_of(open_objects(self.session), self.window.tag_panel.path)
        if found is not None and place < len(found[0].paths):
            self.window.tag_panel.follow.setChecked(False)
            self.window.tag_panel.show_file(found[0].paths[place], same_object=True)

    def _follow_chosen(self, chosen: bool) -> None:
        settings().setValue(FOLLOW_KEY, "true" if chosen else "false")
        if chosen:
            self.follow()
