"""The 3D menu and panel: tissue, style of ROIs, planes, cuts, pictures and movies of the 3D view."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import QTimer
from qtpy.QtGui import QPixmap
from qtpy.QtWidgets import QAction

from rtvis.app.planes import STANDARD_KINDS, PlaneKind
from rtvis.app.roi_looks import RoiStyle
from rtvis.app.tissue_presets import TissuePreset, tissue_presets
from rtvis.app.view3d_state import CutAtPlane, CutToBox
from rtvis.gui.feature import Feature, Panel
from rtvis.gui.kept_look_3d import keep_look, kept_look
from rtvis.gui.menus import Need
from rtvis.gui.paths import ask_save
from rtvis.gui.picture_3d import draw_picture
from rtvis.gui.question_dialog import asked_choice
from rtvis.gui.three_d_panel import BOX, ThreeDPanel

if TYPE_CHECKING:
    from rtvis.gui.main_window import MainWindow
    from rtvis.gui.menus import Menus
    from rtvis.gui.views import Views

MOST_PRESETS = 4
WRITTEN_AFTER_MS = 1000
"""What is chosen for ROIs is put on disk once nothing was chosen for this long: a slider gives many a second."""

STYLE_NAMES = {
    RoiStyle.SURFACES: "ROIs as surfaces",
    RoiStyle.LINES: "ROIs as contour lines",
    RoiStyle.BOTH: "ROIs as surfaces and lines",
    RoiStyle.NONE: "No ROIs in 3D",
}
SCALES = ("As on the screen", "2 times as large", "3 times as large", "4 times as large")


class ThreeDActions(Feature):
    """Everything about the 3D view but where one looks from by mouse."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._views: Views | None = None
        self._tissues: list[QAction] = []
        self._checks: dict[object, QAction] = {}
        self._fixed: dict[str, QAction] = {}
        self.panel = ThreeDPanel(self.session)
        self.panel.look_asked.connect(self.look_from)
        self.panel.asked.connect(self._do)
        self._writing = QTimer(self.window)
        self._writing.setSingleShot(True)
        self._writing.setInterval(WRITTEN_AFTER_MS)
        self._writing.timeout.connect(self._keep)
        self.session.view3d.change(**kept_look())
        self.session.view3d.changed.connect(self._look_changed)
        self.session.view3d.kept.failed.connect(self.window.show_error)
        self.session.volume_changed.connect(self._look_changed)

    @property
    def panels(self) -> tuple[Panel, ...]:
        """The 3D panel."""
        return (("3d", "3D", self.panel),)

    def fill(self, menus: Menus) -> None:
        """View > 3D."""
        state = self.session.view3d
        menu = menus.submenu("View", "3D")
        tissue = menu.addMenu("&Volume")
        none = partial(state.change, tissue=None)
        self._checks["tissue", None] = menus.add(
            tissue, "Volume not rendered", none, "Ctrl+Alt+0", needs=Need.VOLUME, checkable=True
        )
        for n in range(MOST_PRESETS):
            render = partial(self._render, n)
            name = f"Volume as preset {n + 1}"
            self._tissues.append(
                menus.add(tissue, name, render, f"Ctrl+Alt+{n + 1}", needs=Need.VOLUME, checkable=True)
            )
        rois = menu.addMenu("&ROIs")
        for style, text in STYLE_NAMES.items():
            self._checks[style] = menus.add(
                rois, text, partial(state.change, roi_style=style), needs=Need.SET, checkable=True
            )
        planes = menu.addMenu("&Planes")
        for kind in PlaneKind:
            text = f"{kind.value.capitalize()} plane in 3D"
            self._checks["plane", kind] = menus.add(
                planes, text, partial(self._toggle_plane, kind), needs=Need.PLANES, checkable=True
            )
        planes.addSeparator()
        menus.add(planes, "Standard planes in 3D", partial(self._show_planes, shown=True), needs=Need.PLANES)
        menus.add(planes, "No planes in 3D", partial(self._show_planes, shown=False), "Ctrl+Alt+P", needs=Need.PLANES)
        self._fill_cuts(menus)
        menu.addSeparator()
        self._checks["parallel"] = menus.add(
            menu,
            "Parallel projection",
            lambda: state.change(parallel=not state.look.parallel),
            needs=Need.STUDY,
            checkable=True,
        )
        menus.add(menu, "Fit 3D view", self.fit, needs=Need.STUDY)
        menus.add(menu, "Reset 3D view", self.reset, needs=Need.STUDY)
        menus.add(menu, "Turn 3D about the cursor", self.centre, needs=Need.STUDY)
        menu.addSeparator()
        menus.add(menu, "Save 3D picture…", self.save_picture, needs=Need.STUDY)
        menus.add(menu, "Copy 3D picture", self.copy_picture, needs=Need.STUDY)
        menus.add(menu, "Turntable movie…", self.make_movie, needs=Need.STUDY)

    def _fill_cuts(self, menus: Menus) -> None:
        cuts = menus.submenu("View", "3D").addMenu("&Cut")
        for kind, text in (
            (None, "Nothing cut away"),
            *((kind, f"Cut at the {kind.value} plane") for kind in PlaneKind),
            (BOX, "Cut away all but a box"),
        ):
            choose = partial(self.panel.choose_cut, kind)
            self._checks["cut", kind] = menus.add(cuts, text, choose, needs=Need.PLANES, checkable=True)
        cuts.addSeparator()
        self._fixed["flip"] = menus.add(cuts, "Cut away the other side", self.session.view3d.flip_cut, "Ctrl+Alt+X")

    def refresh(self) -> None:
        """What is chosen is checked, and presets are named after the modality."""
        look = self.session.view3d.look
        presets = self._presets()
        for n, action in enumerate(self._tissues):
            action.setVisible(n < len(presets))
            if n < len(presets):
                action.setText(f"Volume: {presets[n].title.lower()}")
                action.setChecked(look.tissue == presets[n].key)
        self._checks["tissue", None].setChecked(look.tissue not in [one.key for one in presets])
        for style in RoiStyle:
            self._checks[style].setChecked(look.roi_style is style)
        cut = BOX if isinstance(look.cut, CutToBox) else look.cut.kind if look.cut is not None else None
        for kind in PlaneKind:
            self._checks["plane", kind].setChecked(kind in look.planes)
        for kind in (None, *PlaneKind, BOX):
            self._checks["cut", kind].setChecked(kind == cut)
        self._checks["parallel"].setChecked(look.parallel)
        self._fixed["flip"].setEnabled(isinstance(look.cut, CutAtPlane))

    def views_made(self, views: Views) -> None:
        """The 3D view is there."""
        self._views = views
        self.panel.own_opacity = views.view3d.scene.rois.own_opacity

    def theme_changed(self) -> None:
        """The sliders paint themselves."""
        self.panel.update()

    def release(self) -> None:
        """Let go of session and view."""
        self._writing.stop()
        self.session.view3d.kept.failed.disconnect(self.window.show_error)  # no dialog on a window that goes
        self._keep()
        self.session.view3d.changed.disconnect(self._look_changed)
        self.session.volume_changed.disconnect(self._look_changed)
        self.panel.own_opacity = lambda _number: 1.0
        self.panel.release()
        self._views = None

    # --- what actions do -----------------------------------------------------------------------------------------

    def look_from(self, letter: str) -> None:
        """Look from A, P, L, R, S or I."""
        if self._views is not None:
            self._views.view3d.look_from(letter)

    def fit(self) -> None:
        """All there is, from where one looks now."""
        if self._views is not None:
            self._views.view3d.fit_direction()

    def reset(self) -> None:
        """The first look again."""
        if self._views is not None:
            self._views.view3d.fit()

    def centre(self) -> None:
        """Turn about the linked cursor from now on."""
        if self._views is not None:
            self._views.view3d.centre_on_cursor()

    def save_picture(self) -> None:
        """Ask how large and where to, draw, and save."""
        if self._views is None:
            return
        chosen = asked_choice(self.window, "Save 3D picture", "Size of the picture", SCALES, 1)
        path = "" if chosen is None else ask_save(self.window, "Save picture", "3d.png", "PNG (*.png)")
        if chosen is not None and path:
            self.draw(chosen + 1, lambda picture: self.window.edits.write_picture(picture, Path(path)))

    def copy_picture(self) -> None:
        """Put the 3D view on the clipboard, as large as on the screen."""
        if self._views is not None:
            self.draw(1, self.window.edits.copy_picture)

    def draw(self, scale: int, done: Callable[[QPixmap], object]) -> None:
        """Draw the 3D view anew, `scale` times as large as on the screen and with smooth edges; `done` gets it."""
        assert self._views is not None
        draw_picture(self.window, self._views.view3d, scale, done)

    def make_movie(self) -> None:
        """Ask for length and size, then draw one turn."""
        from rtvis.gui.movie_dialog import MovieDialog  # noqa: PLC0415  (VTK)

        if self._views is not None:
            dialog = MovieDialog(self._views.view3d.scene, self.window.tasks, self.window)
            dialog.written.connect(lambda path: self.window.say(f"Saved {path}"))
            dialog.failed.connect(self.window.show_error)
            dialog.finished.connect(dialog.deleteLater)
            dialog.open()

    def _do(self, what: str) -> None:
        {
            "fit": self.fit,
            "reset": self.reset,
            "centre": self.centre,
            "save": self.save_picture,
            "copy": self.copy_picture,
            "movie": self.make_movie,
        }[what]()

    def _presets(self) -> tuple[TissuePreset, ...]:
        volume = self.session.volume
        return () if volume is None or min(volume.grid.shape) < 2 else tissue_presets(volume)

    def _render(self, number: int) -> None:
        presets = self._presets()
        if number < len(presets):
            self.session.view3d.change(tissue=presets[number].key)
            self.window.say(f"3D: {presets[number].title}")

    def _toggle_plane(self, kind: PlaneKind) -> None:
        state = self.session.view3d
        state.show_plane(kind, shown=kind not in state.look.planes)

    def _show_planes(self, *, shown: bool) -> None:
        self.session.view3d.change(planes=frozenset(STANDARD_KINDS) if shown else frozenset())

    def _keep(self) -> None:
        self.session.view3d.kept.write()
        keep_look(self.session.view3d.look)

    def _look_changed(self) -> None:
        self._writing.start()
        if self._checks:
            self.refresh()
