"""The tool in hand: made and set up, fed by the views, kept at the active ROI; toolkit-free.

Views tell it patient points with the `ViewPlane` they were pointed at on and the scale they are shown at. It answers
with what was finished, for whoever commits it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from psygnal import Signal

from rtvis.app.slice_image import SliceImages
from rtvis.app.tools import Drawn, LineTool, Tool
from rtvis.app.tools_aiming import LEAST_DEPTH_MM, NO_KEYS, Keys, aim, heed_keys, view_depth_mm
from rtvis.app.tools_areas import drawn_as_asked
from rtvis.app.tools_catalogue import TOOLS, ToolInfo, tool_info
from rtvis.app.tools_image import FloodTool, LivewireTool, ThresholdTool
from rtvis.app.tools_options import Setup, ToolOptions, stepped_radius
from rtvis.app.tools_reach import contour_at
from rtvis.app.tools_select import ContourSelection, SelectTool
from rtvis.app.tools_shape import ShapeTool
from rtvis.model.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from rtvis.app.planes import ViewPlane
    from rtvis.app.session import Session
    from rtvis.app.tools import Finished
    from rtvis.geometry.plane import Depth, Plane
    from rtvis.model.structure_set import Roi


class ActiveTool:
    """One tool at a time.

    Signals: `changed` when another tool is chosen, `previewed` when what is being drawn changed, `options_changed`.

    Args:
        session: whose active ROI tools change; None for tools without one.

    Attributes:
        info: what is chosen.
        tool: its state machine; None for those that only look.
        options: of all tools.
        selection: the contours that are chosen.
        tolerance_mm: how far beside the plane that was drawn on contours count as being on it, against its normal and
            along it: as far as that view shows them (see `rtvis.app.commits.commit`).
    """

    changed = Signal()
    previewed = Signal()
    options_changed = Signal()
    steps_changed = Signal()
    """What undo and redo mean while something is being built (`undo_name`, `redo_name`) is another."""

    def __init__(self, session: Session | None = None) -> None:
        self.info: ToolInfo = TOOLS[0]
        self.tool: Tool | None = None
        self.options = ToolOptions()
        self.selection = ContourSelection()
        self.tolerance_mm: Depth = LEAST_DEPTH_MM
        self._session = session
        self._images: SliceImages | None = None
        self._plane: Plane | None = None
        self._inverted = False
        self._held_locked: NDArray[np.float64] | None = None
        self._step_names: tuple[str | None, str | None] = (None, None)
        self.selection.changed.connect(self._emit_previewed)
        self.previewed.connect(self._follow_steps)
        if session is not None:
            session.active_roi_changed.connect(self._follow_roi)
            session.structure_set_changed.connect(self._follow_roi)
            session.structure_set_changed.connect(self._forget_steps)
            session.volume_changed.connect(self._follow_volume)
            session.window_changed.connect(self._follow_window)

    def release(self) -> None:
        """Let go of the session."""
        if self._session is not None:
            self._session.active_roi_changed.disconnect(self._follow_roi)
            self._session.structure_set_changed.disconnect(self._follow_roi)
            self._session.structure_set_changed.disconnect(self._forget_steps)
            self._session.volume_changed.disconnect(self._follow_volume)
            self._session.window_changed.disconnect(self._follow_window)
            self._session = None

    # --- choosing --------------------------------------------------------------------------------------------------

    def choose(self, key: str) -> None:
        """Make a tool the active one; what is being drawn is given up.

        Raises:
            KeyError: when there is no such tool.
        """
        info = tool_info(key)
        if self.tool is not None:
            self.tool.cancel()
        if info.key not in {"select", "join"}:
            self.selection.clear()
        self.info = info
        setup = self.setup
        self.tool = info.make(setup) if info.make is not None else None
        if self.tool is not None:
            info.set_up(self.tool, setup)
            self.tool.target = self._target()
        self.changed.emit()
        self.previewed.emit()

    def set_options(self, **changes: Any) -> None:
        """Change options, by the names of `ToolOptions`; the tool in hand has them at once."""
        options = replace(self.options, **changes)
        if options != self.options:
            self.options = options
            self._set_up()
            self.options_changed.emit()

    @property
    def setup(self) -> Setup:
        """What tools are made with now."""
        volume = None if self._session is None else self._session.volume
        if volume is not None and (self._images is None or self._images.volume is not volume):
            self._images = SliceImages(volume)
        grid = None if self._session is None else self._session.grid
        window = (400.0, 40.0) if self._session is None else self._session.window
        return Setup(self.options, None if volume is None else self._images, grid, window, self.selection)

    @property
    def radius_option(self) -> str | None:
        """Name of the option that is the radius of the tool in hand; None where it has none."""
        return next((name for name in ("radius_mm", "nudge_mm") if name in self.info.options), None)

    def step_radius(self, steps: int) -> bool:
        """Make the brush or pusher larger, or smaller; whether the tool in hand has a radius."""
        name = self.radius_option
        if name is not None:
            self.set_options(**{name: stepped_radius(getattr(self.options, name), steps)})
        return name is not None

    def _set_up(self) -> None:
        if self.tool is not None:
            self.info.set_up(self.tool, self.setup)
            self.previewed.emit()

    # --- following the session -------------------------------------------------------------------------------------

    def _target(self) -> Roi | None:
        session = self._session
        if session is None or session.structure_set is None or session.active_roi is None:
            return None
        return session.structure_set.roi(session.active_roi)

    def _follow_roi(self) -> None:
        target = self._target()
        self.selection.follow(target)
        if self.tool is not None and self.tool.target is not target:
            if isinstance(self.tool, ShapeTool):
                self.tool.cancel()  # what it holds is of an ROI that is no longer so
            self.tool.target = target
            self.previewed.emit()

    def _follow_volume(self) -> None:
        self._images = None
        self.selection.clear()
        self.options = replace(self.options, lower=None, upper=None)
        if self.tool is not None:
            self.choose(self.info.key)
        self.options_changed.emit()

    def _follow_window(self) -> None:
        if isinstance(self.tool, ThresholdTool):
            self._set_up()

    def _emit_previewed(self) -> None:
        self.previewed.emit()

    # --- the mouse -------------------------------------------------------------------------------------------------

    def press(
        self, point_lps: ArrayLike, view: ViewPlane, mm_per_pixel: float, keys: Keys = NO_KEYS
    ) -> Finished | None:
        """The button went down at a patient point ``(3,)`` of a view.

        Args:
            point_lps: LPS mm.
            view: the plane that is shown there.
            mm_per_pixel: its scale: what is near is meant on the screen.
            keys: held; Shift turns adding into taking away and the other way round.

        Raises:
            UsageError: when the active ROI is locked, or nothing is there that the tool could work on.
        """
        tool = self.tool
        if tool is None:
            return None
        self._refuse_locked()
        self._show_target()
        aim(tool, view, mm_per_pixel)
        if not tool.is_active:
            self._plane, self._inverted = view.plane, keys.shift
            self.tolerance_mm = view_depth_mm(view)
        heed_keys(tool, keys, self.options, erases=self.info.key == "eraser")
        if isinstance(tool, SelectTool):
            self._activate_at(tool, point_lps, view.plane)
        if isinstance(tool, ShapeTool) and tool.target is None:
            raise UsageError("there is no ROI to change", remedy="choose one in the list of ROIs, or with Select")
        if tool.is_active and not tool.takes(view.plane):
            raise UsageError(
                f"{tool.name} goes on in the plane where it began",
                remedy="scroll back to it, or finish with Enter; 3D curve goes through planes",
            )
        clicks = len(tool.clicked)
        finished = self._told(lambda: tool.press(point_lps, view.plane))
        if finished is None and isinstance(tool, FloodTool | LivewireTool) and len(tool.clicked) == clicks:
            raise UsageError("there is no image where this was clicked", remedy="click on the image")
        self._held_locked = None
        if isinstance(tool, SelectTool) and self._is_locked:
            is_chosen = tool.target is not None and bool(self.selection.indices(tool.target))
            self._held_locked = np.array(point_lps, dtype=np.float64) if is_chosen else None
            tool.cancel()  # it may be chosen, to be looked at, and not dragged
        return finished

    def move(self, point_lps: ArrayLike, view: ViewPlane, mm_per_pixel: float) -> Finished | None:
        """The pointer moved in a view, with or without the button down."""
        tool = self.tool
        if tool is None:
            return None
        aim(tool, view, mm_per_pixel)
        return self._told(lambda: tool.move(point_lps, view.plane))

    def release_button(self, point_lps: ArrayLike, view: ViewPlane) -> Finished | None:
        """The button went up.

        Raises:
            UsageError: when something of a locked ROI was dragged, or what was drawn gives nothing.
        """
        tool, held, self._held_locked = self.tool, self._held_locked, None
        target = self._target()
        way_mm = 0.0 if held is None else float(np.linalg.norm(np.asarray(point_lps) - held))
        if isinstance(tool, SelectTool) and target is not None and way_mm > tool.grab_mm:
            raise UsageError(f"{target.name} is locked", remedy="unlock it in the list of ROIs first")
        return None if tool is None else self._ended(lambda: tool.release(point_lps, view.plane))

    def double_click(
        self, point_lps: ArrayLike, view: ViewPlane, mm_per_pixel: float, keys: Keys = NO_KEYS
    ) -> Finished | None:
        """The second press of a double click; see `Tool.double_click`."""
        tool = self.tool
        if tool is None:
            return None
        if not tool.is_active:
            return self.press(point_lps, view, mm_per_pixel, keys)
        return self._ended(lambda: tool.double_click(point_lps, view.plane))

    def finish(self) -> Finished | None:
        """Enter: end what clicks build."""
        tool = self.tool
        return None if tool is None else self._ended(tool.finish)

    def cancel(self) -> None:
        """Esc: give up what is being drawn, or what is chosen."""
        if self.tool is not None:
            if not self.tool.is_active:
                self.selection.clear()
            self.tool.cancel()
            self.previewed.emit()

    def remove_last(self) -> None:
        """Backspace: take the last clicked point back."""
        if self.tool is not None:
            self.tool.remove_last()
            self.previewed.emit()

    # --- steps of what is being built ------------------------------------------------------------------------------

    @property
    def undo_name(self) -> str | None:
        """What `step_back` would take back, as the Edit menu shows it; None where nothing is being drawn."""
        if self.tool is None or not self.tool.is_active:
            return None
        return self.tool.built.undo_name or "what is being drawn"

    @property
    def redo_name(self) -> str | None:
        """What `step_forward` would put forward; None where there is nothing."""
        return None if self.tool is None else self.tool.built.redo_name

    def step_back(self) -> bool:
        """Take back the last point of what is being built; whether anything is."""
        if self.tool is None or self.undo_name is None:
            return False
        self.tool.step_back()
        self.previewed.emit()
        return True

    def step_forward(self) -> bool:
        """Put the point forward that was last taken back; whether there is one."""
        if self.tool is None or self.redo_name is None:
            return False
        self.tool.step_forward()
        self.previewed.emit()
        return True

    def _follow_steps(self) -> None:
        names = (self.undo_name, self.redo_name)
        if names != self._step_names:
            self._step_names = names
            self.steps_changed.emit()

    def _forget_steps(self) -> None:
        """The set was edited: points that were taken back before that come back no more."""
        if self.tool is not None and not self.tool.is_active and self.tool.built.can_redo:
            self.tool.cancel()
            self._follow_steps()

    def leave(self) -> None:
        """The pointer left the view."""
        if self.tool is not None:
            self.tool.leave()
            self.previewed.emit()

    # --- what tools ask for ----------------------------------------------------------------------------------------

    @property
    def _is_locked(self) -> bool:
        target = self._target()
        return self._session is not None and target is not None and target.number in self._session.locked_rois

    def _refuse_locked(self) -> None:
        target = self._target()
        if target is not None and self._is_locked and self.info.changes_set and not isinstance(self.tool, SelectTool):
            raise UsageError(f"{target.name} is locked", remedy="unlock it in the list of ROIs first")

    def _show_target(self) -> None:
        """Nobody is to change what isn't seen: a hidden ROI is shown again when a tool begins to change it."""
        target = self._target()
        if self._session is not None and target is not None and self.info.changes_set:
            self._session.set_roi_visible(target.number, visible=True)

    def _activate_at(self, tool: SelectTool, point_lps: ArrayLike, plane: Plane) -> None:
        """A contour of another ROI is under the pointer, and none of the active one: make that ROI the active one."""
        session = self._session
        if session is None:
            return
        for roi in (tool.target, *reversed(session.visible_rois())):
            if contour_at(roi, point_lps, plane, tool.grab_mm, tool.depth_mm) is not None:
                if roi is not None and roi is not tool.target:
                    session.activate_roi(roi.number)
                return

    def _ended(self, act: Callable[[], Finished | None]) -> Finished | None:
        """What an end of something gives; that it gave nothing is said, so that nobody waits for it."""
        tool = self.tool
        why = tool.nothing if tool is not None and tool.is_active and self.info.changes_set else ""
        finished = self._told(act)
        if finished is None and why and tool is not None and not tool.is_active:
            raise UsageError(why)
        return finished

    def _told(self, act: Callable[[], Finished | None]) -> Finished | None:
        try:
            finished = act()
        except ValueError as error:  # points that make no contour
            if self.tool is not None:
                self.tool.cancel()
            raise UsageError(f"nothing was changed: {error}", remedy="try it again, a little larger") from error
        finally:
            self.previewed.emit()
        if type(finished) is not Drawn:
            return finished
        return drawn_as_asked(finished, self.info.options, self.options, self._plane, inverted=self._inverted)

    @property
    def length_is_told(self) -> bool:
        """Whether the length of what is being drawn is worth telling: that of straight lines and curves in space."""
        return isinstance(self.tool, LineTool) or (self.tool is not None and self.tool.in_space)
