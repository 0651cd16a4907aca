"""The 3D view: ROIs, planes and the rendered volume; gestures on it are `View3DGestures`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, QPointF, QSize, Qt, QTimer, Signal
from qtpy.QtGui import QKeyEvent, QMouseEvent, QResizeEvent, QWheelEvent
from qtpy.QtWidgets import QWidget

from rtvis.app.palette import roi_color
from rtvis.app.patient_hiding import without_patient_names
from rtvis.app.planes import STANDARD_KINDS, PlaneKind, VolumePlanes
from rtvis.app.session import Session
from rtvis.app.view3d_state import CutAtPlane, Look3D
from rtvis.gui.background import BackgroundTasks
from rtvis.gui.canvas import Canvas
from rtvis.gui.glass import Glass
from rtvis.gui.surface_making import SurfaceMaking
from rtvis.gui.tissue_view import TissueView
from rtvis.gui.view3d_gestures import View3DGestures
from rtvis.scene.camera3d import DIRECTIONS
from rtvis.scene.overlay import Overlay
from rtvis.scene.picking import Picked
from rtvis.scene.scene3d import Scene3D
from rtvis.scene.view3d_overlay import name_overlay, view3d_overlay

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from rtvis.scene.volume_image import VolumeImage

FOLLOW_MS = 40
FOLLOW_SHARE = 4
"""While slices are scrolled or levels dragged, 3D follows at most every `FOLLOW_MS`, and where it is drawn slowly (by
software OpenGL) it waits four times what drawing it takes, so that the slices stay quick."""


class View3D(QWidget):
    """Left drag turns, middle drag pans, right drag and the wheel zoom; A P L R S I look from that side.

    A click moves the linked cursor to what is seen there, unless `take_click` takes it. `maximise` follows a double
    click; `touched` that it got the focus; `pointed` carries the patient point ``(3,)`` seen under the mouse, or None.

    Attributes:
        take_click: called with what was clicked on; returns whether the click is its own, as that of a drawing tool is.
    """

    maximise = Signal()
    touched = Signal()
    pointed = Signal(object)

    def __init__(self, session: Session, tasks: BackgroundTasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._planes: VolumePlanes | None = None
        self._over: VolumeImage | None = None
        self._stale_planes = False
        self._unframed = False
        self._named: tuple[Picked, QPointF] | None = None
        self.take_click: Callable[[Picked], bool] | None = None
        # Where the cursor was before the last click moved it, and where it is since.
        self._click_moved: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None
        self.setFocusPolicy(Qt.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(160, 120)
        self._canvas = Canvas(self, self._settle, self._drawn)
        self.scene = Scene3D(self._canvas.renderer)
        self._canvas.set_moving(lambda: self.scene.planes.props)
        self._canvas.set_tissue(self.scene.tissue)
        self._canvas.set_surfaces(self.scene.rois)
        self._canvas.set_lines(self.scene.set_line_scale)
        self.tissue = TissueView(self, self.scene.tissue, tasks, self._canvas.update, self._canvas.refine)
        self._gestures = View3DGestures(self, self.scene, self._moved, self._clicked, self._hovered)
        self._glass = Glass(self, self.overlay)
        self._glass.raise_()
        self.surfaces = SurfaceMaking(session, tasks, self.scene, self)
        self.surfaces.begun.connect(self._glass.update)
        self.surfaces.shown.connect(self._follow_soon)
        self.surfaces.ended.connect(self._surfaces_ended)
        self._follow = QTimer(self)
        self._follow.setSingleShot(True)
        self._follow.timeout.connect(self._follow_now)
        session.cursor_changed.connect(self._cursor_moved)
        session.oblique_changed.connect(self._cursor_moved)
        session.window_changed.connect(self._window_moved)
        session.color_map_changed.connect(self._colors_changed)
        session.view3d.changed.connect(self._look_changed)
        session.overlay.look_changed.connect(self._show_overlay)
        session.preview_changed.connect(self._show_preview)
        session.texts_changed.connect(self._texts_changed)
        self._look_changed()
        self._colors_changed()

    def sizeHint(self) -> QSize:
        """Views share the space evenly, whatever they show."""
        return QSize(400, 400)

    def release(self) -> None:
        """Let go of the session and free what VTK holds; the view is of no use afterwards."""
        self.surfaces.stop()
        self._follow.stop()
        self._gestures.stop()
        self.tissue.stop()
        self.take_click = self._over = None
        self._session.cursor_changed.disconnect(self._cursor_moved)
        self._session.oblique_changed.disconnect(self._cursor_moved)
        self._session.window_changed.disconnect(self._window_moved)
        self._session.color_map_changed.disconnect(self._colors_changed)
        self._session.view3d.changed.disconnect(self._look_changed)
        self._session.overlay.look_changed.disconnect(self._show_overlay)
        self._session.preview_changed.disconnect(self._show_preview)
        self._session.texts_changed.disconnect(self._texts_changed)
        self.scene.close()
        self._canvas.shut()

    # --- what is shown -------------------------------------------------------------------------------------------

    def set_image(self, image: VolumeImage | None) -> None:
        """Show another volume's planes; with None those laid around contours without images, or nothing."""
        self.surfaces.cancel()  # those of what isn't shown any more
        grid = self._session.grid if image is None else image.volume.grid
        self._planes = None if grid is None else VolumePlanes(grid)
        if not self.scene.set_image(image, self._planes):
            self._unframed = True
        self.scene.set_window(*self._session.window)
        self._stale_planes = True
        self._named = None
        self.tissue.set_image(image)
        self._look_changed()

    def set_overlay(self, image: VolumeImage | None) -> None:
        """Have the planes show what slices show over the images: a second series, a dose as colours; or nothing."""
        self._over = image
        self._show_overlay()

    def _show_overlay(self) -> None:
        overlay = self._session.overlay
        shown = overlay.is_drawn and overlay.look.wash and overlay.look.opacity > 0
        self.scene.planes.set_overlay(self._over if shown else None, overlay.look)
        self._follow_soon()
        self._glass.update()

    def _show_preview(self) -> None:
        self.scene.rois.set_preview(self._session.previewed_rois)
        self._follow_soon()

    def show_oblique(self, *, shown: bool) -> None:
        """Show the oblique plane among the others, or don't."""
        self._session.view3d.show_plane(PlaneKind.OBLIQUE, shown=shown)

    def values_changed(self) -> None:
        """The voxels were filled on: draw them anew, soon."""
        self.scene.planes.values_changed()
        self.tissue.values_changed()
        self._follow_soon()

    def contours_changed(self) -> None:
        """Show the visible ROIs: lines at once, surfaces as soon as they are computed."""
        self.scene.set_rois(self._session.visible_rois())
        self._follow_soon()  # slices come first
        self.surfaces.ask()

    def finish(self) -> None:
        """Have what is shown be what there is now, however long that takes: a picture of it is wanted."""
        if self._follow.isActive():
            self._follow.stop()
            self._follow_now()
        self._canvas.finish()

    def fit(self) -> None:
        """The first look again."""
        self._unframed = False
        self.scene.camera.reset()
        self._moved()

    def zoom_by(self, factor: float) -> None:
        """Come nearer (above 1) or go away, as the wheel does."""
        self.scene.camera.zoom(factor)
        self._moved()

    def fit_direction(self) -> None:
        """All there is, from where one looks now."""
        self._unframed = False
        self.scene.camera.fit()
        self._moved()

    def look_from(self, letter: str) -> None:
        """Look from A, P, L, R, S or I."""
        self._unframed = False
        self.scene.camera.look_from(letter)
        self._moved()

    def centre_on_cursor(self) -> None:
        """Turn about the linked cursor from now on."""
        self.scene.camera.centre_on(self._session.cursor_lps)
        self._moved()

    def _texts_changed(self) -> None:
        self._glass.update()

    def overlay(self) -> Overlay:
        """The view's name, what is being made or isn't as the scanner made it, sides, the name under the mouse."""
        remarks = [] if self._canvas.works else ["3D can't be drawn: there is no OpenGL here"]
        volume = self._session.volume
        if volume is not None and not volume.grid.regular:
            remarks.append("interpolated")
        if self.scene.planes.has_overlay:
            captions = self._session.overlay.captions
            remarks.extend(without_patient_names(self._session, text) for text in captions)
        if self.surfaces.is_busy:
            remarks.append("surfaces are being made…")
        if self.tissue.is_busy:
            remarks.append("the volume is being prepared…")
        overlay = view3d_overlay(self.scene.camera, remarks)
        if self._named is not None:
            picked, place = self._named
            current = self._session.structure_set
            roi = None if current is None else next((one for one in current.rois if one.number == picked.roi), None)
            if roi is not None:
                name = without_patient_names(self._session, roi.name)
                overlay += name_overlay(place.x(), place.y(), name, roi_color(roi))
        return overlay

    def _settle(self) -> None:
        if self._stale_planes and self._planes is not None:
            self._stale_planes = False
            cursor = self._session.cursor_lps
            self._planes.oblique = self._session.oblique
            kinds = (*STANDARD_KINDS, *((PlaneKind.OBLIQUE,) if self._needs_oblique else ()))
            self.scene.set_views([self._planes.at(kind, cursor) for kind in kinds])
        if self._unframed and self.scene.has_extent:
            # Only now: while a volume changed, what was drawn on the one before was still there.
            self._unframed = False
            self.scene.camera.reset()
        self.scene.prepare()

    @property
    def look(self) -> Look3D:
        """What is shown and how."""
        return self._session.view3d.look

    @property
    def _needs_oblique(self) -> bool:
        cut = self.look.cut
        return PlaneKind.OBLIQUE in self.look.planes or (isinstance(cut, CutAtPlane) and cut.kind is PlaneKind.OBLIQUE)

    def _look_changed(self) -> None:
        preset = self.tissue.preset(self.look.tissue)
        self.tissue.want(wanted=preset is not None)
        self.scene.set_look(self.look, preset)
        self._stale_planes = True
        self._moved()

    def _moved(self) -> None:
        """The camera moved, or something that it looks at."""
        self._named = None
        self.tissue.moved()
        self._canvas.move()
        self._glass.update()

    def _drawn(self, milliseconds: float) -> None:
        self.tissue.drawn(milliseconds)

    def _clicked(self, picked: Picked | None) -> None:
        if picked is not None and (self.take_click is None or not self.take_click(picked)):
            before = self._session.cursor_lps
            self._session.move_cursor(picked.anchor_lps_mm)
            self._click_moved = before, self._session.cursor_lps

    def _hovered(self, picked: Picked | None, place: QPointF) -> None:
        named = None if picked is None or picked.roi is None else (picked, QPointF(place))
        if named is not None or self._named is not None:
            self._named = named
            self._glass.update()
        self.pointed.emit(None if picked is None else picked.point_lps_mm)

    def _cursor_moved(self) -> None:
        self._stale_planes = True
        if isinstance(self.look.cut, CutAtPlane):
            self.tissue.moved()
        self._follow_soon()

    def _window_moved(self) -> None:
        self.scene.set_window(*self._session.window)
        self._follow_soon()

    def _colors_changed(self) -> None:
        self.scene.planes.set_color_map(self._session.color_map.table(inverse=self._session.inverse))
        self._follow_soon()

    def _follow_soon(self) -> None:
        if not self._follow.isActive():  # never restarted: a long drag must not keep 3D waiting
            self._follow.start(max(FOLLOW_MS, round(FOLLOW_SHARE * self._canvas.last_ms)))

    def _follow_now(self) -> None:
        if isinstance(self.look.cut, CutAtPlane):  # all is drawn anew where a cut moves, not the planes alone
            self._canvas.move()
        else:
            self._canvas.update()

    def _surfaces_ended(self) -> None:
        self._canvas.update()
        self._glass.update()

    # --- mouse and keys ------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Canvas and glass fill the view."""
        super().resizeEvent(event)
        self._canvas.setGeometry(self.rect())
        self._glass.setGeometry(self.rect())
        self.scene.camera.set_size(self.width(), self.height())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Come nearer or go away."""
        self._gestures.wheel(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a gesture."""
        self.setFocus(Qt.MouseFocusReason)
        self._click_moved = None
        self._gestures.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with it."""
        self._gestures.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the gesture."""
        self._gestures.release(event)

    def leaveEvent(self, event: QEvent) -> None:
        """The mouse points at nothing here."""
        super().leaveEvent(event)
        self._gestures.leave()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Fill the window with this view, or make room for the others again; its first click meant no place."""
        if event.button() == Qt.LeftButton:
            if self._click_moved is not None and self._session.cursor_lps is self._click_moved[1]:
                self._session.move_cursor(self._click_moved[0])
            self._click_moved = None
            self.maximise.emit()

    def event(self, event: QEvent) -> bool:
        """The letters of the sides are this view's while it has the focus, though tools have them as shortcuts."""
        if event.type() == QEvent.ShortcutOverride and event.text().upper() in {*DIRECTIONS, "0"}:
            event.accept()
            return True
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A P L R S I look from that side; 0 is the first look."""
        letter = event.text().upper()
        if letter in DIRECTIONS and not event.modifiers() & ~Qt.ShiftModifier:
            self.look_from(letter)
        elif letter == "0":
            self.fit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QEvent) -> None:
        """Tell the frame around it."""
        super().focusInEvent(event)
        self.touched.emit()
