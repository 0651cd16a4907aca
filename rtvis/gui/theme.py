"""How the window looks: colours, one font in two sizes, a grid of 4 px, all in one place."""

from __future__ import annotations

from pathlib import Path

from qtpy.QtCore import Qt
from qtpy.QtGui import QColor, QFont, QPalette
from qtpy.QtWidgets import QApplication

from rtvis.app.palette import PLANE_COLORS, VIEW_3D_COLOR

WINDOW = "#15171b"
PANEL = "#1b1e23"
RAISED = "#252930"
HOVER = "#2e333c"
LINE = "#2c3038"
TEXT = "#cdd2da"
STRONG = "#f0f2f5"
MUTED = "#8b93a0"
ACCENT = "#4d9be6"
ACCENT_DIM = "#27486a"
GOOD = "#5fbf7f"
WARN = "#e6b450"
BAD = "#e8686b"
VIEW_BACKGROUND = "#000000"

PLANE_HEX = {
    **{kind.value: "#{:02x}{:02x}{:02x}".format(*color) for kind, color in PLANE_COLORS.items()},
    "3d": "#{:02x}{:02x}{:02x}".format(*VIEW_3D_COLOR),
}
"""The colour of each view's frame, as a style sheet writes it."""

BODY_PX = 13
SMALL_PX = 11

TICK = (Path(__file__).parent / "tick.svg").as_posix()

STYLE = f"""
* {{ font-size: {BODY_PX}px; }}
QMainWindow, QDialog, QMessageBox {{ background: {WINDOW}; }}
QMainWindow::separator {{ background: {WINDOW}; width: 4px; height: 4px; }}
QMainWindow::separator:hover {{ background: {ACCENT_DIM}; }}
QSplitter::handle {{ background: {WINDOW}; }}
QSplitter::handle:hover {{ background: {ACCENT_DIM}; }}
QMenuBar {{ background: {PANEL}; padding: 2px 4px; border-bottom: 1px solid {LINE}; }}
QMenuBar::item {{ padding: 4px 10px; background: transparent; border-radius: 4px; }}
QMenuBar::item:selected {{ background: {HOVER}; color: {STRONG}; }}
QMenu {{ background: {RAISED}; border: 1px solid {LINE}; padding: 4px; }}
QMenu::item {{ padding: 5px 28px 5px 24px; border-radius: 4px; }}
QMenu::item:selected {{ background: {ACCENT_DIM}; color: {STRONG}; }}
QMenu::item:disabled {{ color: #616873; }}
QMenu::separator {{ height: 1px; background: {LINE}; margin: 4px 8px; }}
QToolBar {{ background: {PANEL}; border: none; border-right: 1px solid {LINE}; padding: 4px; spacing: 4px; }}
QToolBar::separator {{ background: {LINE}; height: 1px; margin: 4px; }}
QToolButton {{ background: transparent; border: 1px solid transparent; border-radius: 6px; padding: 6px; }}
QToolButton:hover {{ background: {HOVER}; }}
QToolButton:checked {{ background: {ACCENT_DIM}; border-color: {ACCENT}; }}
QToolButton:disabled {{ background: transparent; }}
QStatusBar {{ background: {PANEL}; border-top: 1px solid {LINE}; color: {TEXT}; }}
QStatusBar::item {{ border: none; }}
QStatusBar QLabel {{ padding: 0 8px; }}
QDockWidget {{ color: {MUTED}; titlebar-close-icon: none; }}
QDockWidget::title {{ background: {PANEL}; padding: 7px 12px; border-bottom: 1px solid {LINE}; text-align: left; }}
QTabBar {{ background: {WINDOW}; qproperty-drawBase: 0; }}
QTabBar::tab {{ background: {WINDOW}; color: {MUTED}; padding: 6px 12px; border: none;
               border-bottom: 2px solid transparent; }}
QTabBar::tab:selected {{ color: {STRONG}; background: {PANEL}; border-bottom: 2px solid {ACCENT}; }}
QTabBar::tab:hover {{ color: {TEXT}; }}
QTreeView, QTreeWidget, QListView, QTableView, QPlainTextEdit {{ background: {PANEL};
    alternate-background-color: #1f2228; border: none; outline: 0; selection-background-color: {ACCENT_DIM};
    selection-color: {STRONG}; }}
QTreeView::item, QTreeWidget::item, QListView::item {{ padding: 4px 4px; border: none; }}
QListView::item {{ padding: 4px 8px; border-bottom: 1px solid {LINE}; }}
QTreeView::item:hover {{ background: {RAISED}; }}
QTreeView::item:selected {{ background: {ACCENT_DIM}; color: {STRONG}; }}
QHeaderView {{ background: {PANEL}; }}
QHeaderView::section {{ background: {PANEL}; color: {MUTED}; border: none; border-bottom: 1px solid {LINE};
    padding: 4px 6px; font-size: {SMALL_PX}px; }}
QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox {{ background: {WINDOW}; border: 1px solid {LINE}; border-radius: 6px;
    padding: 5px 8px; selection-background-color: {ACCENT_DIM}; }}
QLineEdit:focus, QComboBox:focus {{ border-color: {ACCENT}; }}
QComboBox::drop-down {{ border: none; width: 20px; }}
QComboBox QAbstractItemView {{ background: {RAISED}; border: 1px solid {LINE}; }}
QPushButton {{ background: {RAISED}; border: 1px solid {LINE}; border-radius: 6px; padding: 6px 14px; }}
QPushButton:hover {{ background: {HOVER}; color: {STRONG}; }}
QPushButton:focus {{ border-color: {ACCENT}; }}
QPushButton:disabled {{ color: #616873; }}
QPushButton:default, QPushButton[primary="true"] {{ background: {ACCENT_DIM}; border-color: {ACCENT};
    color: {STRONG}; }}
QPushButton:default:disabled {{ background: {RAISED}; border-color: {LINE}; color: #616873; }}
QPushButton[primary="true"]:hover {{ background: #315d89; }}
QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
QProgressBar {{ background: {WINDOW}; border: 1px solid {LINE}; border-radius: 4px; text-align: center; height: 12px;
    font-size: {SMALL_PX}px; }}
QProgressBar::chunk {{ background: {ACCENT}; border-radius: 3px; }}
QSlider#slice-slider {{ background: {VIEW_BACKGROUND}; }}
QSlider#slice-slider::groove:vertical {{ background: #1c2026; width: 4px; border-radius: 2px; margin: 6px 5px; }}
QSlider#slice-slider::handle:vertical {{ background: #59616d; height: 18px; margin: 0 -3px; border-radius: 4px; }}
QSlider#slice-slider::handle:vertical:hover {{ background: {ACCENT}; }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
QScrollBar::handle {{ background: #3a404a; border-radius: 5px; min-height: 24px; min-width: 24px; }}
QScrollBar::handle:hover {{ background: #4b525e; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QToolTip {{ background: {RAISED}; color: {TEXT}; border: 1px solid {LINE}; padding: 4px 6px; }}
QCheckBox::indicator, QTreeView::indicator {{ width: 14px; height: 14px; border: 1px solid #4b525e;
    border-radius: 3px; background: {WINDOW}; }}
QCheckBox::indicator:checked, QTreeView::indicator:checked {{ image: url({TICK}); }}
QTreeView::branch {{ background: {PANEL}; }}
QLabel[role="title"] {{ font-size: 24px; color: {STRONG}; }}
QLabel[role="muted"] {{ color: {MUTED}; }}
QLabel[role="small"] {{ color: {MUTED}; font-size: {SMALL_PX}px; }}
QLabel[role="heading"] {{ color: {MUTED}; font-size: {SMALL_PX}px; font-weight: 600; }}
"""


def apply_theme(application: QApplication) -> None:
    """Give the whole application the dark theme: Fusion with a palette and a style sheet of our own."""
    application.setStyle("Fusion")
    palette = QPalette()
    colors = {
        QPalette.Window: WINDOW,
        QPalette.WindowText: TEXT,
        QPalette.Base: PANEL,
        QPalette.AlternateBase: RAISED,
        QPalette.Text: TEXT,
        QPalette.Button: RAISED,
        QPalette.ButtonText: TEXT,
        QPalette.BrightText: STRONG,
        QPalette.Highlight: ACCENT_DIM,
        QPalette.HighlightedText: STRONG,
        QPalette.ToolTipBase: RAISED,
        QPalette.ToolTipText: TEXT,
        QPalette.Link: ACCENT,
        QPalette.PlaceholderText: MUTED,
    }
    for role, color in colors.items():
        palette.setColor(role, QColor(color))
    for role in (QPalette.WindowText, QPalette.Text, QPalette.ButtonText):
        palette.setColor(QPalette.Disabled, role, QColor("#616873"))
    application.setPalette(palette)
    font = QFont(application.font())
    font.setPixelSize(BODY_PX)
    font.setHintingPreference(QFont.PreferVerticalHinting)
    application.setFont(font)
    application.setStyleSheet(STYLE)
    application.setAttribute(Qt.AA_DontShowIconsInMenus, True)
