"""The four views: axial, sagittal, coronal and 3D, in splitters, each in a frame of its plane's colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QFrame, QSplitter, QVBoxLayout, QWidget

from rtvis.app.planes import PlaneKind
from rtvis.app.session import Session
from rtvis.gui.background import BackgroundTasks
from rtvis.gui.slice_view import SliceView
from rtvis.gui.theme import LINE, PLANE_HEX, VIEW_BACKGROUND
from rtvis.gui.tool_choice import ToolChoice
from rtvis.gui.view3d import View3D
from rtvis.scene.contour_lines import ContourLines
from rtvis.scene.volume_image import VolumeImage

if TYPE_CHECKING:
    from qtpy.QtGui import QPixmap

THREE_D = "3d"
NAMES = (PlaneKind.AXIAL.value, PlaneKind.CORONAL.value, PlaneKind.SAGITTAL.value, THREE_D)
"""Reading order: axial and coronal above, sagittal and 3D below."""


class ViewFrame(QFrame):
    """A thin frame in a plane's colour: bright on the view with the focus, quiet on the others."""

    def __init__(self, name: str, view: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"frame-{name}")
        self._color = PLANE_HEX[name]
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 2, 1, 1)
        layout.addWidget(view)
        self.set_active(active=False)

    def set_active(self, *, active: bool) -> None:
        """Draw the frame for the view that has the focus, or for one that hasn't."""
        side = self._color if active else LINE
        self.setStyleSheet(
            f"#{self.objectName()} {{ background: {VIEW_BACKGROUND}; border: 1px solid {side};"
            f" border-top: 2px solid {self._color}; }}"
        )


class Views(QWidget):
    """Owns the views and what they share: one image of the volume, one cutter of contours.

    `pointed` carries the patient point under the mouse or None; `drawn` a finished contour; `failed` an exception.
    """

    pointed = Signal(object)
    drawn = Signal(object)
    maximised = Signal(object)

    def __init__(
        self, session: Session, tools: ToolChoice, tasks: BackgroundTasks, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._lines = ContourLines()
        self.image: VolumeImage | None = None
        self._maximised: str | None = None
        self.slices = {kind: SliceView(kind, session, tools, self._lines) for kind in PlaneKind}
        self.view3d = View3D(session, tasks)
        self._views: dict[str, QWidget] = {kind.value: view for kind, view in self.slices.items()}
        self._views[THREE_D] = self.view3d
        self.frames = {name: ViewFrame(name, self._views[name]) for name in NAMES}
        self._lay_out()
        for name, view in self._views.items():
            view.maximise.connect(lambda name=name: self.maximise(name))
            view.touched.connect(lambda name=name: self._mark_active(name))
        for view in self.slices.values():
            view.pointed.connect(self.pointed)
            view.drawn.connect(self.drawn)
        session.volume_changed.connect(self._volume_changed)
        session.structure_set_changed.connect(self._contours_changed)
        session.visibility_changed.connect(self._contours_changed)
        self._volume_changed()
        self._contours_changed()

    def _lay_out(self) -> None:
        self._rows = []
        self._column = QSplitter(Qt.Vertical)
        for names in (NAMES[:2], NAMES[2:]):
            row = QSplitter(Qt.Horizontal)
            for name in names:
                row.addWidget(self.frames[name])
            row.setSizes([1000, 1000])
            self._rows.append(row)
            self._column.addWidget(row)
        self._column.setSizes([1000, 1000])
        for splitter in (self._column, *self._rows):
            splitter.setHandleWidth(4)
            splitter.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._column)

    def release(self) -> None:
        """Let go of the session and free what VTK holds."""
        self._session.volume_changed.disconnect(self._volume_changed)
        self._session.structure_set_changed.disconnect(self._contours_changed)
        self._session.visibility_changed.disconnect(self._contours_changed)
        for view in self.slices.values():
            view.release()
        self.view3d.release()
        self.image = None

    # --- what is shown -------------------------------------------------------------------------------------------

    def _volume_changed(self) -> None:
        volume = self._session.volume
        self.image = VolumeImage(volume) if volume is not None else None
        for view in self.slices.values():
            view.set_image(self.image)
        self.view3d.set_image(self.image)

    def _contours_changed(self) -> None:
        self._lines.set_rois(self._session.visible_rois())
        for view in self.slices.values():
            view.contours_changed()
        self.view3d.contours_changed()

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
        """Fill the window with one view; the same again, or None, brings back all four.

        Views are hidden, never moved to another parent: that would cost them their OpenGL context.
        """
        self._maximised = None if name == self._maximised else name
        for other, frame in self.frames.items():
            frame.setVisible(self._maximised in {None, other})
        for number, row in enumerate(self._rows):
            row.setVisible(self._maximised is None or self._maximised in NAMES[2 * number : 2 * number + 2])
        self.maximised.emit(self._maximised)

    def view(self, name: str) -> QWidget:
        """A view by name: ``axial``, ``coronal``, ``sagittal`` or ``3d``."""
        return self._views[name]

    @property
    def active_name(self) -> str:
        """The view with the focus; axial where none has it."""
        return next((name for name, view in self._views.items() if view.hasFocus()), NAMES[0])

    def _mark_active(self, name: str) -> None:
        for other, frame in self.frames.items():
            frame.set_active(active=other == name)

    def picture(self) -> QPixmap:
        """The views as they are on the screen, at its resolution."""
        return self.grab()
