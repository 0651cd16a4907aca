"""The strip above the views: the tool in hand, its options, and what to do next."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QSize, Qt, Signal
from qtpy.QtGui import QKeyEvent, QResizeEvent
from qtpy.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from rtvis.app.tools_options import LEAST_RADIUS_MM, MOST_RADIUS_MM
from rtvis.gui.icons import icon
from rtvis.gui.tool_fields import ChoiceField, Field, NumberField, TickField
from rtvis.gui.tool_hint import Hint

if TYPE_CHECKING:
    from rtvis.app.session import Session
    from rtvis.gui.tool_choice import ToolChoice

HEIGHT_PX = 44
GAP_PX, NARROW_GAP_PX = 14, 8
"""Between fields, and where the strip is narrow: what that gives the hint has."""

NARROW_PX = 1100
ICON_PX = 18
MOST_VALUE = 100_000.0

_RADIUS = partial(
    NumberField,
    low=LEAST_RADIUS_MM,
    high=MOST_RADIUS_MM,
    unit="mm",
    slider=True,
)
_VALUE = partial(NumberField, low=-MOST_VALUE, high=MOST_VALUE, decimals=0, step=10.0)

FIELDS: dict[str, Callable[[], Field]] = {
    "closed": lambda: ChoiceField(
        "", "Whether the line comes back to its first point", ((True, "Closed"), (False, "Open"))
    ),
    "combine": lambda: ChoiceField(
        "",
        "What a closed line becomes: a contour of its own, or an area added to the active ROI or taken from it (a hole,"
        " where it is drawn inside); Shift turns adding and taking away round",
        (("contour", "Contour"), ("add", "Add"), ("subtract", "Subtract")),
    ),
    "curve_closed": lambda: TickField("Closed", "Whether the curve comes back to its first point"),
    "curve_smooth": lambda: TickField("Smooth", "A spline through the points instead of straight lines between them"),
    "snap": lambda: TickField("Snap to slices", "Put each point on the nearest image plane"),
    "tension": lambda: NumberField(
        "Tension", "0 is a smooth spline, 1 straight lines", low=0.0, high=1.0, decimals=2, step=0.1, slider=True
    ),
    "radius_mm": lambda: _RADIUS("Radius", "[ and ] or Ctrl+wheel change it too"),
    "ball": lambda: ChoiceField(
        "", "2D paints on the plane of the view, 3D with a ball on all slices it reaches", ((False, "2D"), (True, "3D"))
    ),
    "lower": lambda: _VALUE("From", "Least value that is taken"),
    "upper": lambda: _VALUE("to", "Largest value that is taken"),
    "spread": lambda: NumberField(
        "Within ±",
        "How far values may be from that of the clicked pixel",
        low=0.0,
        high=MOST_VALUE,
        decimals=0,
        step=5.0,
    ),
    "within_mm": lambda: NumberField(
        "no farther than",
        "How far from the click it may go, so that a leak stays small",
        low=0.0,
        high=1000.0,
        unit="mm",
        decimals=0,
        step=5.0,
        none="no limit",
    ),
    "fill_holes": lambda: TickField("Fill holes", "Take what is all around enclosed, too"),
    "erase": lambda: ChoiceField(
        "", "Whether the area is added or taken away; Shift turns it round", ((False, "Add"), (True, "Take away"))
    ),
    "smoothness": lambda: NumberField(
        "Smoothness",
        "How much the image is smoothed before edges are looked for",
        low=0.5,
        high=6.0,
        step=0.5,
        unit="px",
    ),
    "simplify_mm": lambda: NumberField(
        "Simplify",
        "Leave out points of the finished line that are this near to the line without them",
        low=0.0,
        high=5.0,
        unit="mm",
        decimals=2,
        step=0.05,
        none="off",
    ),
    "nudge_mm": lambda: _RADIUS("Radius", "[ and ] or Ctrl+wheel change it too"),
    "point_action": lambda: ChoiceField(
        "",
        "What a press on a point or line does; Ctrl adds and Alt deletes in any case",
        (("drag", "Drag"), ("add", "Add"), ("delete", "Delete")),
    ),
}
"""How each option of `rtvis.app.tools_options.ToolOptions` is shown."""


class ToolStrip(QWidget):
    """Shows the tool in hand; always as high as it is, so that nothing jumps when another tool is chosen.

    `done` follows a number that was typed and confirmed, and Esc: the keys belong to the views again.
    """

    done = Signal()

    def __init__(self, tools: ToolChoice, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("tool-strip")
        self.setAttribute(Qt.WA_StyledBackground)
        self.setFixedHeight(HEIGHT_PX)
        self.setSizePolicy(QSizePolicy.Ignored, QSizePolicy.Fixed)  # views keep their size whatever a tool has to show
        self._tools = tools
        self._session = session
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(GAP_PX)
        self._picture = QLabel()
        self._name = QLabel()
        self._name.setProperty("role", "strong")
        row.addWidget(self._picture)
        row.addWidget(self._name)
        self.fields: dict[str, Field] = {}
        for option, make in FIELDS.items():
            field = make()
            field.changed.connect(partial(self._chosen, option))
            if isinstance(field, NumberField):
                field.box.lineEdit().returnPressed.connect(self.done)
            self.fields[option] = field
            row.addWidget(field)
            field.hide()
        self.from_window = QPushButton("From window")
        self.from_window.setToolTip("Take the values between the ends of the window")
        self.from_window.setFocusPolicy(Qt.TabFocus)
        self.from_window.clicked.connect(lambda: tools.active.set_options(lower=None, upper=None))
        row.insertWidget(row.indexOf(self.fields["upper"]) + 1, self.from_window)
        self.hint = Hint()
        row.addWidget(self.hint, 1)
        tools.changed.connect(self._tool_changed)
        tools.options_changed.connect(self.refresh)
        session.window_changed.connect(self._window_changed)
        self._tool_changed()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes back to the views."""
        if event.key() == Qt.Key_Escape:
            self.done.emit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put fields closer together where there is little room."""
        super().resizeEvent(event)
        self.layout().setSpacing(NARROW_GAP_PX if self.width() < NARROW_PX else GAP_PX)

    def release(self) -> None:
        """Let go of the session."""
        self._session.window_changed.disconnect(self._window_changed)

    def theme_changed(self) -> None:
        """Draw the icon in the colours of another theme."""
        self._tool_changed()

    def _tool_changed(self) -> None:
        info = self._tools.info
        shown = icon(info.key) if info.group != "measure" else icon("navigate")
        self._picture.setPixmap(shown.pixmap(QSize(ICON_PX, ICON_PX)))
        self._picture.setVisible(info.group != "measure")
        self._name.setText(info.title)
        self.hint.set_text(info.hint)
        self.refresh()

    def _window_changed(self) -> None:
        if "lower" in self._tools.info.options:
            self.refresh()

    def refresh(self) -> None:
        """Show the options of the tool in hand as they are."""
        active = self._tools.active
        for option, field in self.fields.items():
            has = option in active.info.options
            if has:
                field.show_value(self._value(option))
            field.setVisible(has and self._makes_sense(option))
        self.from_window.setVisible("lower" in active.info.options)
        self.from_window.setEnabled(active.options.lower is not None or active.options.upper is not None)
        self.fields["closed"].setEnabled(active.options.combine == "contour")

    def _makes_sense(self, option: str) -> bool:
        """An open line is a contour in any case, a curve of straight lines has no tension."""
        active = self._tools.active
        if option == "tension" and active.info.key == "curve3d":
            return active.options.curve_smooth
        return True

    def _value(self, option: str) -> Any:
        active = self._tools.active
        lower, upper = active.setup.range
        if option in {"lower", "upper"}:
            return lower if option == "lower" else upper
        if option == "closed" and active.options.combine != "contour":
            return True
        return getattr(active.options, option)

    def _chosen(self, option: str, value: Any) -> None:
        changes = {option: value}
        if option in {"lower", "upper"}:  # one end typed: the other is no longer the window's
            lower, upper = self._tools.active.setup.range
            changes = {"lower": lower, "upper": upper} | changes
            if changes["lower"] > changes["upper"]:
                changes = dict.fromkeys(changes, value)
        self._tools.active.set_options(**changes)
