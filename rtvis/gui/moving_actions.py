"""View > Slices: what wheel and keys do in the active view, for those who look for it in menus or in Ctrl-K."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtCore import QPointF, Qt

from rtvis.app.planes import PlaneKind
from rtvis.gui.feature import Feature
from rtvis.gui.menus import Need
from rtvis.gui.slice_gestures import PAGE

if TYPE_CHECKING:
    from rtvis.gui.menus import Menus
    from rtvis.gui.slice_view import SliceView

STEPS = (
    ("Next slice", "Up", 1),
    ("Previous slice", "Down", -1),
    ("Ten slices on", "PgUp", PAGE),
    ("Ten slices back", "PgDown", -PAGE),
)
ZOOM_PER_KEY = 1.25
NO_VIEW = "Choose a slice view first (F6)"


class MovingActions(Feature):
    """Scrolling and zooming as entries of a menu.

    The keys that scroll are the views' own (`SliceGestures.key`): elsewhere they move in lists and change numbers. The
    menu shows them, and its shortcuts stay out of their way.
    """

    def fill(self, menus: Menus) -> None:
        """Entries of View > Slices."""
        menu = menus.submenu("View", "&Slices and zoom")
        shown = [
            *(menus.add(menu, title, partial(self.step, by), key, needs=Need.PLANES) for title, key, by in STEPS),
            menus.add(menu, "First slice", partial(self.go_to_end, last=False), "Home", needs=Need.PLANES),
            menus.add(menu, "Last slice", partial(self.go_to_end, last=True), "End", needs=Need.PLANES),
        ]
        for action in shown:
            action.setShortcutContext(Qt.WidgetShortcut)
        menu.addSeparator()
        enlarge = menus.add(menu, "Zoom in", partial(self.zoom, ZOOM_PER_KEY), "Ctrl++", needs=Need.STUDY)
        enlarge.setShortcuts(["Ctrl++", "Ctrl+="])  # on many keyboards + is = with Shift
        menus.add(menu, "Zoom out", partial(self.zoom, 1 / ZOOM_PER_KEY), "Ctrl+-", needs=Need.STUDY)

    def step(self, slices: int) -> None:
        """Scroll the active view."""
        view = self._view()
        if view is not None:
            view.step(slices)

    def go_to_end(self, *, last: bool) -> None:
        """Show the first or the last slice in the active view."""
        view = self._view()
        if view is not None and view.plane is not None:
            view.go_to_slice(view.plane.slice_count - 1 if last else 0)

    def zoom(self, factor: float) -> None:
        """Enlarge the active view about the cursor, or about its middle where the cursor is outside of it."""
        views = self.window.views
        if views is None:
            return
        kind = next((one for one in PlaneKind if one.value == views.active_name), None)
        if kind is None:
            views.view3d.zoom_by(factor)
            return
        view = views.slices[kind]
        place = view.scene.patient_to_display(self.session.cursor_lps)
        if place is not None:
            inside = 0 <= place[0] <= view.width() and 0 <= place[1] <= view.height()
            x, y = place if inside else (view.width() / 2, view.height() / 2)
            half = 0.5 / view.devicePixelRatioF()  # a position of the mouse names the corner of a pixel
            view.zoom_about(factor, QPointF(float(x) - half, float(y) - half))

    def _view(self) -> SliceView | None:
        views = self.window.views
        kind = next((one for one in PlaneKind if views is not None and one.value == views.active_name), None)
        if views is None or kind is None:
            self.window.say(NO_VIEW)
            return None
        return views.slices[kind]
