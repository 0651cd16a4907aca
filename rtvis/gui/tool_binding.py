"""What keys and menus do with the tool in hand and with the contours that are chosen."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from rtvis.app.tools_select import ContourSelection, delete_chosen, join_chosen, reverse_chosen
from rtvis.gui.feature import Feature
from rtvis.gui.menus import GROUPS, Need
from rtvis.model.errors import RtvisError

if TYPE_CHECKING:
    from rtvis.app.session import Session
    from rtvis.gui.main_window import MainWindow
    from rtvis.gui.menus import Menus
    from rtvis.gui.tool_binding_3d import ToolBinding3D
    from rtvis.gui.views import Views

NOTHING_CHOSEN = "No contour is chosen: click one with the tool Select (A)"

Act = Callable[["Session", ContourSelection], str | None]


class ToolBinding(Feature):
    """The Contour menu's entries for the brush and for chosen contours."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._active = window.tools.active
        self.in_3d: ToolBinding3D | None = None

    def fill(self, menus: Menus) -> None:
        """Entries of the Contour menu."""
        chosen = menus.submenu("Contour", "Chosen &contours")
        needs = Need.ROI | Need.WHOLE
        menus.add(chosen, "Delete chosen contours", partial(self._do, delete_chosen), "Del", needs=needs)
        menus.add(chosen, "Reverse chosen contours", partial(self._do, reverse_chosen), "Shift+R", needs=needs)
        menus.add(chosen, "Join chosen contours", partial(self._do, join_chosen), "Shift+J", needs=needs)
        paint = menus.submenu("Contour", GROUPS["paint"])
        paint.addSeparator()
        menus.add(paint, "Larger brush", partial(self._step, 1), "]", needs=Need.PLANES)
        menus.add(paint, "Smaller brush", partial(self._step, -1), "[", needs=Need.PLANES)

    def views_made(self, views: Views) -> None:
        """Drawing in 3D begins with the view."""
        from rtvis.gui.tool_binding_3d import ToolBinding3D  # noqa: PLC0415  (VTK is loaded only with the views)

        self.in_3d = ToolBinding3D(views.view3d, self.window.tools, views.drawn.emit)

    def _do(self, act: Act) -> None:
        try:
            name = act(self.session, self._active.selection)
        except RtvisError as error:
            self.window.say(str(error))
            return
        self.window.say(NOTHING_CHOSEN if name is None else name)

    def _step(self, steps: int) -> None:
        if not self._active.step_radius(steps):
            self.window.say("The tool in hand has no radius")
