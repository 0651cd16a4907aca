"""The features of a window."""

from __future__ import annotations

from rtvis.gui.contour_actions import ContourActions
from rtvis.gui.feature import Feature
from rtvis.gui.help_actions import HelpActions

FEATURES: tuple[type[Feature], ...] = (
    ContourActions,
    HelpActions,
)
"""In the order in which they fill menus."""
