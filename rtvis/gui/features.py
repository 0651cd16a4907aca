"""The features of a window."""

from __future__ import annotations

from rtvis.gui.feature import Feature
from rtvis.gui.help_actions import HelpActions

FEATURES: tuple[type[Feature], ...] = (HelpActions,)
"""In the order in which they fill menus."""
