"""Help > Mouse and keys: what they do in the views, in one table for each occasion."""

from __future__ import annotations

from qtpy.QtCore import QSize, Qt
from qtpy.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from rtvis.gui.window_place import within_screen

SIDE_PX, FOOT_PX, GAP_PX = 24, 16, 16
"""Margins, below smaller, and the room above the button."""

GESTURES: tuple[tuple[tuple[str, tuple[tuple[str, str], ...]], ...], ...] = (
    (
        (
            "IN SLICES",
            (
                ("Wheel, Up, Down", "one slice"),
                ("PgUp, PgDn", "ten slices"),
                ("Home, End", "first, last slice"),
                ("Ctrl+wheel, right drag", "zoom"),
                ("Middle drag", "pan"),
                ("Left drag", "the tool in hand"),
                ("Shift+drag with W", "window/level of the overlay"),
                ("Shift+move", "linked cursor"),
                ("Ctrl+click", "choose the ROI of a contour"),
            ),
        ),
        (
            "VIEWS",
            (
                ("Double click, Space", "one view alone"),
                ("F6", "next view"),
                ("F7, F8, Esc", "next panel, list of ROIs, back to the views"),
                ("F10", "menus"),
                ("R", "fit"),
                ("Ctrl+1, Ctrl+Shift+0", "one pixel per voxel, first look of all views"),
                ("Ctrl+K", "every command"),
                ("Ctrl+G, then two letters", "what menus show them beside"),
            ),
        ),
    ),
    (
        (
            "DRAWING",
            (
                ("Enter, Esc", "finish, give up"),
                ("Ctrl+Z, Backspace", "take a point back"),
                ("Shift", "add or take away, turned round"),
                ("[ and ], Ctrl+wheel", "radius"),
                ("Shift+arrows, Alt too", "cursor by one voxel, by ten"),
                ("Dot, comma", "click at the cursor, press or let go"),
                ("A", "select; Ctrl+click adds"),
                ("Delete", "delete what is selected"),
                ("D", "drag points; Ctrl adds, Alt deletes"),
                ("C", "curve in space, through any view"),
            ),
        ),
        (
            "IN 3D",
            (
                ("Left drag", "turn"),
                ("Middle drag", "pan"),
                ("Right drag, wheel", "zoom"),
                ("Click", "cursor to what is seen"),
                ("A P L R S I", "look from that side"),
                ("0", "the first look"),
            ),
        ),
    ),
)
"""Columns of tables: (title, ((gesture, what it does), ...))."""


class GesturesDialog(QDialog):
    """Two columns of tables, and a button to close them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Mouse and keys")
        tables = QWidget()
        columns = QHBoxLayout(tables)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(40)
        for column in GESTURES:
            columns.addLayout(_column(column))
        area = QScrollArea()  # for screens that are too low for them
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.NoFrame)
        area.setFocusPolicy(Qt.NoFocus)
        area.setWidget(tables)
        buttons = QDialogButtonBox(QDialogButtonBox.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SIDE_PX, SIDE_PX, SIDE_PX, FOOT_PX)
        layout.setSpacing(GAP_PX)
        layout.addWidget(area, 1)
        layout.addWidget(buttons)
        around = QSize(2 * SIDE_PX, SIDE_PX + GAP_PX + buttons.sizeHint().height() + FOOT_PX)
        whole = tables.sizeHint() + around + QSize(2, 2)  # a frame of a pixel is left for what has the focus
        self.resize(within_screen(whole))


def _column(tables: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(24)
    grid.setVerticalSpacing(6)
    row = 0
    for title, lines in tables:
        if row:
            gap = QFrame()
            gap.setFixedHeight(8)
            grid.addWidget(gap, row, 0)
            row += 1
        grid.addWidget(_label(title, "heading"), row, 0, 1, 2)
        for number, (gesture, what) in enumerate(lines, row + 1):
            grid.addWidget(_label(gesture), number, 0)
            grid.addWidget(_label(what, "muted"), number, 1)
        row += len(lines) + 1
    grid.setRowStretch(row, 1)
    grid.setColumnStretch(1, 1)
    return grid


def _label(text: str, role: str = "") -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.PlainText)
    label.setProperty("role", role)
    return label
