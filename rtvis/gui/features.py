"""The features of a window."""

from __future__ import annotations

from rtvis.gui.contour_actions import ContourActions
from rtvis.gui.contour_style_actions import ContourStyleActions
from rtvis.gui.feature import Feature
from rtvis.gui.help_actions import HelpActions
from rtvis.gui.history_panel import HistoryFeature
from rtvis.gui.key_pointer import KeyPointer
from rtvis.gui.levels_actions import LevelsActions
from rtvis.gui.list_keys import ListKeys
from rtvis.gui.measurements_shared import MeasurementsShared
from rtvis.gui.menu_bar_keys import MenuBarKeys
from rtvis.gui.moving_actions import MovingActions
from rtvis.gui.nothing_shown import NothingShown
from rtvis.gui.overlay_actions import OverlayActions
from rtvis.gui.panel_keys import PanelKeys
from rtvis.gui.picture_actions import PictureActions
from rtvis.gui.reading_actions import ReadingActions
from rtvis.gui.roi_actions import RoiActions
from rtvis.gui.spare_memory import SpareMemory
from rtvis.gui.tag_actions import TagActions
from rtvis.gui.template_actions import TemplateActions
from rtvis.gui.three_d_actions import ThreeDActions
from rtvis.gui.tool_binding import ToolBinding

FEATURES: tuple[type[Feature], ...] = (
    ToolBinding,
    RoiActions,
    ContourActions,
    OverlayActions,
    LevelsActions,
    ThreeDActions,
    HistoryFeature,
    ContourStyleActions,
    ReadingActions,
    PictureActions,
    TemplateActions,
    TagActions,
    HelpActions,
    MovingActions,
    KeyPointer,
    PanelKeys,
    MenuBarKeys,
    ListKeys,
    NothingShown,
    SpareMemory,
    MeasurementsShared,
)
"""In the order in which they fill menus."""
