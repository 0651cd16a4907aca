"""The four views: axial, sagittal, coronal and 3D, in splitters, each in a frame of its plane's colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, QTimer, Signal
from qtpy.QtWidgets import QSplitter, QVBoxLayout, QWidget

from rtvis.app.planes import STANDARD_KINDS, PlaneKind
from rtvis.app.session import Session
from rtvis.gui.background import BackgroundTasks
from rtvis.gui.contour_joining import ContourJoining
from rtvis.gui.contour_layers import ContourLayers
from rtvis.gui.settings import settings
from rtvis.gui.slice_view import SliceView
from rtvis.gui.steps import Steps
from rtvis.gui.tool_choice import ToolChoice
from rtvis.gui.view3d import View3D
from rtvis.gui.view_frame import ViewFrame
from rtvis.scene.contour_lines import ContourLines
from rtvis.scene.volume_image import VolumeImage

if TYPE_CHECKING:
    from collections.abc import Generator

    from qtpy.QtGui import QPixmap

    from rtvis.editing.history import History
    from rtvis.model.structure_set import StructureSet

THREE_D = "3d"
OBLIQUE = PlaneKind.OBLIQUE.value
NAMES = (PlaneKind.AXIAL.value, PlaneKind.CORONAL.value, PlaneKind.SAGITTAL.value, THREE_D)
"""Reading order: axial and coronal above, sagittal and 3D below; an oblique view, when there is one, follows."""


POINTS_AT_ONCE = 250_000
"""Of contours that are new, which are looked at in one go: it takes 25 ms, and two or three times that when the machine
is busy."""

HANDLE_PX = 4
LARGE, SMALL = 2700, 1000
MAXIMISED_KEY, OBLIQUE_KEY = "views/maximised", "views/oblique"
SIZE_KEYS = ("views/column", "views/upper", "views/lower")


def _row_of(name: str) -> int:
    return NAMES.index(name) // 2 if name in NAMES else 1


class Views(QWidget):
    """Owns the views and what they share: one image of the volume, one cutter of contours.

    `pointed` carries the patient point under the mouse or None; `drawn` a finished contour; `failed` an exception.
    """

    pointed = Signal(object)
    drawn = Signal(object)
    maximised = Signal(object)
    slice_view_made = Signal(object)
    """The oblique view is there from now on."""

    def __init__(
        self, session: Session, tools: ToolChoice, tasks: BackgroundTasks, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._lines = ContourLines()
        self._layers = ContourLayers()
        self._joining = ContourJoining(self._lines, tasks, self)
        self._catching_up = Steps(self)
        self._history: History[StructureSet] | None = None
        self.image: VolumeImage | None = None
        self._maximised: str | None = None
        self._last_active = NAMES[0]
        self._sizes: list[list[int]] = []
        self.slices = {
            kind: SliceView(kind, session, tools, self._lines, layers=self._layers) for kind in STANDARD_KINDS
        }
        self.view3d = View3D(session, tasks)
        self._views: dict[str, QWidget] = {kind.value: view for kind, view in self.slices.items()}
        self._views[THREE_D] = self.view3d
        self._placing = QTimer(self)  # once all that is laid out anew is where it stays
        self._placing.setSingleShot(True)
        self._placing.setInterval(0)
        self._placing.timeout.connect(self._meet_pixels)
        self.frames = {name: ViewFrame(name, self._views[name]) for name in NAMES}
        self._lay_out()
        self._tools = tools
        self._oblique_shown = False
        for name in NAMES:
            self._listen(name)
        session.volume_changed.connect(self._volume_changed)
        session.structure_set_changed.connect(self._contours_changed)
        session.visibility_changed.connect(self._contours_changed)
        session.preview_changed.connect(self._preview_changed)
        self._volume_changed()
        self._contours_changed()
        self._restore_layout()

    def _lay_out(self) -> None:
        self._rows = []
        self._column = QSplitter(Qt.Vertical)
        for names in (NAMES[:2], NAMES[2:]):
            row = QSplitter(Qt.Horizontal)
            for name in names:
                row.addWidget(self.frames[name])
            self._rows.append(row)
            self._column.addWidget(row)
        self.share_evenly()
        for splitter in self._splitters:
            splitter.setHandleWidth(HANDLE_PX)
            splitter.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._column)

    def _meet_pixels(self) -> None:
        for frame in self.frames.values():
            frame.meet_pixels()

    def _listen(self, name: str) -> None:
        view = self._views[name]
        self.frames[name].placed.connect(self._placing.start)
        view.maximise.connect(lambda: self.maximise(name))
        view.touched.connect(lambda: self._mark_active(name))
        if isinstance(view, SliceView | View3D):
            view.pointed.connect(self.pointed)
        if isinstance(view, SliceView):
            view.drawn.connect(self.drawn)

    @property
    def oblique_shown(self) -> bool:
        """Whether there is an oblique view."""
        return self._oblique_shown

    def show_oblique(self, *, shown: bool) -> None:
        """Add the oblique view beside the 3D one, or take it away; made the first time, since most never need it."""
        if shown == self._oblique_shown:
            return
        if self._maximised is not None:
            self.maximise(None)
        self._oblique_shown = shown
        if shown and PlaneKind.OBLIQUE not in self.slices:
            view = SliceView(PlaneKind.OBLIQUE, self._session, self._tools, self._lines, layers=self._layers)
            self.slices[PlaneKind.OBLIQUE] = self._views[OBLIQUE] = view
            self.frames[OBLIQUE] = ViewFrame(OBLIQUE, view)
            self._rows[1].addWidget(self.frames[OBLIQUE])
            self._rows[1].setCollapsible(2, False)
            self._listen(OBLIQUE)
            self.slice_view_made.emit(view)
        if shown:
            self.slices[PlaneKind.OBLIQUE].set_image(self.image)
        elif self.active_name == OBLIQUE:
            self._views[NAMES[0]].setFocus(Qt.OtherFocusReason)
        self.frames[OBLIQUE].setVisible(shown)
        self._rows[1].setSizes([1000] * self._rows[1].count())
        for view in self.slices.values():
            view.show_oblique(shown=shown)
        self.view3d.show_oblique(shown=shown)

    def has(self, name: str) -> bool:
        """Whether there is a view of a name: all but the oblique one always are."""
        return name in self._names_shown()

    def _names_shown(self) -> list[str]:
        return [name for name in self.frames if name != OBLIQUE or self._oblique_shown]

    def release(self) -> None:
        """Let go of the session and free what VTK holds; the layout is remembered."""
        self._save_layout()
        self._placing.stop()
        for frame in self.frames.values():
            frame.placed.disconnect(self._placing.start)
        self._session.volume_changed.disconnect(self._volume_changed)
        self._session.structure_set_changed.disconnect(self._contours_changed)
        self._session.visibility_changed.disconnect(self._contours_changed)
        self._session.preview_changed.disconnect(self._preview_changed)
        for view in self.slices.values():
            view.release()
        self.view3d.release()
        self._joining.stop()
        self._catching_up.stop()
        self._layers.clear()
        self.image = self._history = None

    # --- what is shown -------------------------------------------------------------------------------------------

    def _volume_changed(self) -> None:
        volume = self._session.volume
        self.image = VolumeImage(volume) if volume is not None else None
        for view in self.slices.values():
            view.set_image(self.image)
        self.view3d.set_image(self.image)

    def _contours_changed(self) -> None:
        if self._session.history is not self._history:
            self._history = self._session.history
            self._lines.set_rois(())  # in another set the same numbers are other ROIs, of another patient even
        self._lines.set_rois(self._session.visible_rois(), points_at_once=POINTS_AT_ONCE)
        self._joining.rois_changed()
        self._lines_changed()
        self.view3d.contours_changed()
        if self._lines.is_behind:
            self._catching_up.begin(self._catch_up(), lambda _none: self._lines_changed())
        else:
            self._catching_up.stop()

    def _catch_up(self) -> Generator[None, None, None]:
        while self._lines.is_behind:
            self._lines.go_on(POINTS_AT_ONCE)
            yield

    def _lines_changed(self) -> None:
        self._layers.clear()
        for view in self.slices.values():
            view.contours_changed()

    def _preview_changed(self) -> None:
        self._lines.set_preview(self._session.previewed_rois)
        for view in self.slices.values():
            view.contours_changed()

    def values_changed(self) -> None:
        """The shown volume's array was filled on; where a view shows a copy of it, the copy is made anew."""
        if self.image is None or not self.image.values_changed():
            self._volume_changed()
            return
        for view in self.slices.values():
            view.values_changed()
        self.view3d.values_changed()

    def theme_changed(self) -> None:
        """Draw the frames in the colours of another theme."""
        for frame in self.frames.values():
            frame.set_active(active=frame.is_active)

    def show_actual_size(self) -> None:
        """Show the smaller side of the volume's pixels as one pixel of the screen, in every slice view."""
        volume = self._session.volume
        if volume is not None:
            for view in self.slices.values():
                view.show_actual_size(min(volume.grid.spacing_mm[1:]))

    def fit(self) -> None:
        """Fit every view."""
        for view in self.slices.values():
            view.fit()
        self.view3d.fit()

    # --- layout --------------------------------------------------------------------------------------------------

    @property
    def maximised_view(self) -> str | None:
        """Name of the view that fills the window, or None."""
        return self._maximised

    def maximise(self, name: str | None) -> None:
        """Fill the window with one view; the same again, or None, brings back all four."""
        if self._maximised is None and self.isVisible():
            self._sizes = self._sizes_now()  # of a hidden view a splitter forgets the size
        self._maximised = None if name == self._maximised else name
        if self._maximised is not None and self.isVisible():
            self._views[self._maximised].setFocus(Qt.OtherFocusReason)  # keys don't go to a view that isn't there
        for other, frame in self.frames.items():
            frame.setVisible(self._maximised in {None, other} and other in self._names_shown())
        for number, row in enumerate(self._rows):
            row.setVisible(self._maximised is None or _row_of(self._maximised) == number)
        if self._maximised is None:
            for splitter, sizes in zip(self._splitters, self._sizes, strict=True):
                splitter.setSizes(sizes)
        self.maximised.emit(self._maximised)

    def share_evenly(self) -> None:
        """Give all views the same room."""
        for splitter in self._splitters:
            splitter.setSizes([1000] * splitter.count())

    @property
    def _splitters(self) -> tuple[QSplitter, ...]:
        return (self._column, *self._rows)

    def _sizes_now(self) -> list[list[int]]:
        return [splitter.sizes() for splitter in self._splitters]

    def enlarge(self, name: str) -> None:
        """Give one view most of the room, the other three what is left."""
        row, place = _row_of(name), list(self.frames).index(name) % 2 if name != OBLIQUE else 2
        self._column.setSizes([LARGE, SMALL] if row == 0 else [SMALL, LARGE])
        self._rows[row].setSizes([LARGE if n == place else SMALL for n in range(self._rows[row].count())])
        self._rows[1 - row].setSizes([1000] * self._rows[1 - row].count())

    def focus_next(self, step: int) -> None:
        """Give the focus to the next view that is shown (1), or to the one before (-1)."""
        shown = [name for name, frame in self.frames.items() if frame.isVisible()]
        if shown:
            here = shown.index(self.active_name) if self.active_name in shown else 0
            self._views[shown[(here + step) % len(shown)]].setFocus(Qt.TabFocusReason)

    def _save_layout(self) -> None:
        store = settings()
        store.setValue(MAXIMISED_KEY, self._maximised or "")
        store.setValue(OBLIQUE_KEY, "true" if self._oblique_shown else "false")
        for key, sizes in zip(SIZE_KEYS, self._sizes if self._maximised else self._sizes_now(), strict=True):
            store.setValue(key, [size for size in sizes if size > 0])  # a view that isn't shown has none

    def _restore_layout(self) -> None:
        store = settings()
        self.show_oblique(shown=str(store.value(OBLIQUE_KEY, "")) == "true")
        self._sizes = []
        for key, splitter in zip(SIZE_KEYS, self._splitters, strict=True):
            sizes = [int(size) for size in store.value(key) or ()]
            if len(sizes) != splitter.count() or min(sizes) <= 0:
                sizes = [1000] * splitter.count()
            splitter.setSizes(sizes)
            self._sizes.append(sizes)
        name = store.value(MAXIMISED_KEY, "")
        if name in self._names_shown():
            self._last_active = name
            self.maximise(name)

    def view(self, name: str) -> QWidget:
        """A view by name: ``axial``, ``coronal``, ``sagittal``, ``3d``, or ``oblique`` once it was shown."""
        return self._views[name]

    @property
    def active_name(self) -> str:
        """The view with the focus, or the one that had it last while a panel has it; axial at first."""
        focused = self.window().focusWidget()  # known also while another program's window is in front
        return next((name for name, view in self._views.items() if view is focused), self._last_active)

    def _mark_active(self, name: str) -> None:
        self._last_active = name
        for other, frame in self.frames.items():
            frame.set_active(active=other == name)

    def picture(self) -> QPixmap:
        """The views as they are on the screen, at its resolution."""
        self.finish()
        return self.grab()

    def finish(self) -> None:
        """Have what is shown be what there is now, however long that takes: a picture of it is wanted."""
        self._catching_up.finish()
        self.view3d.finish()
