"""How the window looks: colours, one font in two sizes, a grid of 4 px, all in one place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from qtpy.QtCore import Qt
from qtpy.QtGui import QColor, QFont, QPalette
from qtpy.QtWidgets import QApplication

from rtvis.app.palette import PLANE_COLORS, VIEW_3D_COLOR


@dataclass(frozen=True, slots=True)
class Colors:
    """What things are painted with; images stand on black in every theme.

    `field` is the ground of what is typed and chosen in on panels, `entry` in dialogs, whose ground is another.
    """

    window: str
    panel: str
    alternate: str
    raised: str
    hover: str
    line: str
    text: str
    strong: str
    muted: str
    disabled: str
    accent: str
    accent_dim: str
    accent_hover: str
    handle: str
    handle_hover: str
    field: str
    entry: str
    box: str
    warn: str
    bad: str
    tick: str


DARK = Colors(
    window="#15171b",
    panel="#1b1e23",
    alternate="#1f2228",
    raised="#252930",
    hover="#2e333c",
    line="#2c3038",
    text="#cdd2da",
    strong="#f0f2f5",
    muted="#949ca9",
    disabled="#6a717d",
    accent="#52a0ea",
    accent_dim="#27486a",
    accent_hover="#315d89",
    handle="#3a404a",
    handle_hover="#4b525e",
    field="#15171b",
    entry="#1b1e23",
    box="#6c7583",
    warn="#e6b450",
    bad="#ed7b7e",
    tick="tick.svg",
)
LIGHT = Colors(
    window="#e6e9ed",
    panel="#f6f7f9",
    alternate="#eef0f3",
    raised="#ffffff",
    hover="#dfe4ea",
    line="#cdd3da",
    text="#2a2f37",
    strong="#0d1116",
    muted="#5b6470",
    disabled="#88919c",
    accent="#1b66b0",
    accent_dim="#c9dff5",
    accent_hover="#b3d2f0",
    handle="#bcc3cb",
    handle_hover="#9ea7b1",
    field="#ffffff",
    entry="#ffffff",
    box="#767f8b",
    warn="#875700",
    bad="#b0252b",
    tick="tick_dark.svg",
)
THEMES = {"dark": DARK, "light": LIGHT}
THEME_KEY = "theme"

STYLED = "rtvis-styled"
"""A property of an application that has its style."""

VIEW_BACKGROUND = "#000000"

PLANE_HEX = {
    **{kind.value: "#{:02x}{:02x}{:02x}".format(*color) for kind, color in PLANE_COLORS.items()},
    "3d": "#{:02x}{:02x}{:02x}".format(*VIEW_3D_COLOR),
}
"""The colour of each view's frame, as a style sheet writes it."""

EDGE_PX = 16
"""Between a dialog's edge and what is in it."""

MENU_RIGHT_PX = 28
"""Right of a menu's entries, for the arrow of those that open another menu."""

BODY_PX = 13
SMALL_PX = 11

FOLDER = Path(__file__).parent
CHEVRON, CHEVRON_UP = FOLDER / "chevron.svg", FOLDER / "chevron_up.svg"
CHEVRON_RIGHT = FOLDER / "chevron_right.svg"


class _Chosen:
    """The theme that is on; one for the whole application, as its style sheet is."""

    colors = DARK


def colors() -> Colors:
    """The colours of the theme that is on."""
    return _Chosen.colors


def _window_style(c: Colors) -> str:
    """Windows and what surrounds their contents: bars, menus, docks, tabs."""
    return f"""
* {{ font-size: {BODY_PX}px; }}
QMainWindow, QDialog, QMessageBox {{ background: {c.window}; }}
QMainWindow::separator {{ background: {c.window}; width: 4px; height: 4px; }}
QMainWindow::separator:hover {{ background: {c.accent_dim}; }}
QSplitter::handle {{ background: {c.window}; }}
QSplitter::handle:hover {{ background: {c.accent_dim}; }}
QMenuBar {{ background: {c.panel}; padding: 4px; border-bottom: 1px solid {c.line}; }}
QMenuBar::item {{ padding: 4px 10px; background: transparent; border-radius: 4px; }}
QMenuBar::item:selected {{ background: {c.hover}; color: {c.strong}; }}
QMenu {{ background: {c.raised}; border: 1px solid {c.handle}; padding: 4px; }}
QMenu::item {{ padding: 5px {MENU_RIGHT_PX}px 5px 24px; border-radius: 4px; }}
QMenu::item:selected {{ background: {c.accent_dim}; color: {c.strong}; }}
QMenu::item:disabled, QMenu::item:disabled:selected {{ color: {c.disabled}; background: transparent; }}
QMenu::separator {{ height: 1px; background: {c.handle}; margin: 4px 8px; }}
QToolBar {{ background: {c.panel}; border: none; border-right: 1px solid {c.line}; padding: 4px; spacing: 2px; }}
QToolBar::separator {{ background: {c.line}; height: 1px; margin: 4px; }}
QToolButton {{ background: transparent; border: 1px solid transparent; border-radius: 6px; padding: 6px; }}
QToolButton:hover {{ background: {c.hover}; }}
QToolButton:checked {{ background: {c.accent_dim}; border-color: {c.accent}; }}
QToolButton:focus {{ border-color: {c.accent}; }}
QToolButton:disabled {{ background: transparent; border-color: transparent; }}
QStatusBar {{ background: {c.panel}; border-top: 1px solid {c.line}; color: {c.text}; }}
QStatusBar::item {{ border: none; }}
QStatusBar QLabel {{ padding: 0 8px; }}
QDockWidget {{ color: {c.muted}; titlebar-close-icon: none; }}
QDockWidget::title {{ background: {c.panel}; padding: 8px; border-bottom: 1px solid {c.line}; text-align: left; }}
QDockWidget > QWidget {{ background: {c.panel}; }}
QTabBar {{ background: {c.window}; qproperty-drawBase: 0; }}
QTabBar::tab {{ background: {c.window}; color: {c.muted}; padding: 6px 12px; border: none;
               border-bottom: 2px solid transparent; }}
QTabBar::tab:selected {{ color: {c.strong}; background: {c.panel}; border-bottom: 2px solid {c.accent}; }}
QTabBar::scroller {{ width: 32px; }}
QTabBar QToolButton {{ padding: 0; border-radius: 0; background: {c.window}; }}
QTabBar::tab:hover {{ color: {c.text}; }}
QTabBar::tab:selected:focus {{ border: 1px solid {c.accent}; border-bottom-width: 2px; padding: 5px 11px 6px 11px; }}
"""


def _list_style(c: Colors) -> str:
    """Lists, trees, tables and their headers."""
    return f"""
QTreeView, QTreeWidget, QListView, QTableView, QPlainTextEdit {{ background: {c.panel};
    alternate-background-color: {c.alternate}; outline: 0; selection-background-color: {c.accent_dim};
    selection-color: {c.strong}; border: 1px solid transparent; }}
QScrollArea {{ border: 1px solid transparent; }}
QTreeView:focus, QListView:focus, QTableView:focus, QPlainTextEdit:focus, QScrollArea:focus {{
    border-color: {c.accent}; }}
QTreeView::item, QTreeWidget::item, QListView::item {{ padding: 4px 4px; border: none; }}
QListView::item {{ padding: 4px 8px; border-bottom: 1px solid {c.line}; }}
QTreeView::item:hover {{ background: {c.raised}; }}
QTreeView::item:selected, QListView::item:selected {{ background: {c.accent_dim}; color: {c.strong}; }}
QHeaderView {{ background: {c.panel}; }}
QHeaderView::section {{ background: {c.panel}; color: {c.muted}; border: none; border-bottom: 1px solid {c.line};
    padding: 4px 6px; font-size: {SMALL_PX}px; }}
"""


def _field_style(c: Colors) -> str:
    """What is typed and chosen in, with the rims that fields in dialogs have."""
    return f"""
QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox {{ background: {c.field}; border: 1px solid {c.line};
    border-radius: 6px; padding: 5px 8px; selection-background-color: {c.accent_dim}; }}
QTreeView QLineEdit, QTableView QLineEdit {{ padding: 0 2px; border-radius: 3px; }}
QDialog QLineEdit, QDialog QSpinBox, QDialog QDoubleSpinBox, QDialog QComboBox {{ background: {c.entry};
    border-color: {c.box}; }}
QDialog QLineEdit:disabled, QDialog QSpinBox:disabled, QDialog QDoubleSpinBox:disabled, QDialog QComboBox:disabled {{
    border-color: {c.line}; }}
QMessageBox QLabel#qt_msgbox_label {{ color: {c.strong}; }}
QDialog QLineEdit:focus, QDialog QSpinBox:focus, QDialog QDoubleSpinBox:focus, QDialog QComboBox:focus,
QLineEdit:focus, QComboBox:focus {{ border-color: {c.accent}; }}
QComboBox::drop-down {{ border: none; width: 20px; }}
QComboBox::down-arrow, QSpinBox::down-arrow, QDoubleSpinBox::down-arrow {{ image: url({CHEVRON.as_posix()});
    width: 10px; height: 10px; }}
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow {{ image: url({CHEVRON_UP.as_posix()}); width: 10px; height: 10px; }}
QSpinBox::up-button, QDoubleSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::down-button {{
    border: none; background: transparent; width: 18px; }}
QSpinBox:focus, QDoubleSpinBox:focus {{ border-color: {c.accent}; }}
QComboBox QAbstractItemView {{ background: {c.raised}; border: 1px solid {c.line}; }}
"""


def _button_style(c: Colors) -> str:
    """Buttons and progress."""
    return f"""
QPushButton {{ background: {c.raised}; border: 1px solid {c.line}; border-radius: 6px; padding: 6px 14px; }}
QPushButton:hover {{ background: {c.hover}; color: {c.strong}; }}
QPushButton:focus {{ border-color: {c.accent}; }}
QPushButton:checked {{ background: {c.accent_dim}; border-color: {c.accent}; color: {c.strong}; }}
QPushButton:disabled {{ color: {c.disabled}; }}
QPushButton:default, QPushButton[primary="true"] {{ background: {c.accent_dim}; border-color: {c.accent};
    color: {c.strong}; }}
QPushButton:default:hover, QPushButton[primary="true"]:hover {{ background: {c.accent_hover}; }}
QPushButton:default:disabled {{ background: {c.raised}; border-color: {c.line}; color: {c.disabled}; }}
QPushButton[recent="true"] {{ text-align: left; border-color: transparent; background: transparent; padding: 6px 7px; }}
QPushButton[recent="true"]:hover {{ background: {c.hover}; }}
QPushButton[recent="true"]:focus {{ border-color: {c.accent}; }}
QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
QProgressBar {{ background: {c.window}; border: 1px solid {c.line}; border-radius: 4px;
    text-align: center; height: 12px; font-size: {SMALL_PX}px; }}
QProgressBar::chunk {{ background: {c.accent}; border-radius: 3px; }}
"""


def _strip_style(c: Colors) -> str:
    """The tool bar, the strip above the views, the search for commands."""
    return f"""
QToolBar#tools QToolButton {{ padding: 0; }}
QWidget#tool-strip {{ background: {c.panel}; border-bottom: 1px solid {c.line}; }}
QWidget#tool-strip QLabel[role="strong"] {{ color: {c.strong}; font-weight: 600; padding-right: 4px; }}
QWidget#tool-strip QDoubleSpinBox {{ padding: 3px 4px; }}
QWidget#tool-strip QPushButton {{ padding: 4px 10px; }}
QWidget[segments="true"] {{ background: {c.window}; border: 1px solid {c.line}; border-radius: 6px; }}
QToolButton[segment="true"] {{ color: {c.muted}; border: none; border-radius: 4px; padding: 3px 9px; }}
QToolButton[segment="true"]:hover {{ color: {c.text}; }}
QToolButton[segment="true"]:checked {{ background: {c.accent_dim}; color: {c.strong}; border: none; }}
QToolButton[segment="true"]:focus {{ border: 1px solid {c.accent}; padding: 2px 8px; }}
QToolButton[segment="true"]:disabled {{ color: {c.disabled}; }}
QToolButton#search {{ color: {c.muted}; padding: 2px 12px; margin: 0 4px 0 0;
    border: 1px solid {c.line}; }}
QToolButton#search:hover {{ color: {c.text}; }}
QToolButton#search:focus {{ border-color: {c.accent}; }}
QDialog#commands QListView::item {{ border-bottom: none; }}
QDialog#commands {{ background: {c.panel}; border: 1px solid {c.accent_dim}; }}
"""


def _slider_style(c: Colors) -> str:
    """Sliders, scroll bars, tips and lines."""
    return f"""
QSlider::groove:horizontal {{ background: {c.handle}; height: 4px; border-radius: 2px; }}
QSlider::sub-page:horizontal {{ background: {c.accent}; border-radius: 2px; }}
QSlider::sub-page:horizontal:disabled {{ background: {c.disabled}; }}
QSlider::handle:horizontal {{ background: {c.accent}; width: 12px; margin: -5px 0; border: 1px solid {c.panel};
    border-radius: 7px; }}
QSlider::handle:horizontal:hover {{ border-color: {c.text}; }}
QSlider::handle:horizontal:focus {{ width: 10px; border: 2px solid {c.strong}; }}
QSlider::handle:horizontal:disabled {{ background: {c.disabled}; }}
QSlider#slice-slider {{ background: {VIEW_BACKGROUND}; }}
QSlider#slice-slider::groove:vertical {{ background: #1c2026; width: 4px; border-radius: 2px; margin: 6px 5px; }}
QSlider#slice-slider::handle:vertical {{ background: #59616d; height: 18px; margin: 0 -3px; border-radius: 4px; }}
QSlider#slice-slider::handle:vertical:hover {{ background: {c.accent}; }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
QScrollBar::handle {{ background: {c.handle}; border-radius: 5px; min-height: 24px; min-width: 24px; }}
QScrollBar::handle:hover {{ background: {c.handle_hover}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QToolTip {{ background: {c.raised}; color: {c.text}; border: 1px solid {c.handle}; padding: 4px 6px; }}
QFrame#details-line {{ background: {c.line}; }}
QDialog#operation {{ border: 1px solid {c.line}; }}
"""


def _tick_style(c: Colors) -> str:
    """What is ticked, and words by their roles."""
    return f"""
QListWidget#ticks, QTreeWidget#ticks {{ border: 1px solid {c.line}; border-radius: 6px; background: {c.entry}; }}
QListWidget#ticks::item, QTreeWidget#ticks::item {{ padding: 2px 6px; border: none; }}
QRadioButton::indicator {{ width: 12px; height: 12px; border: 1px solid {c.box}; border-radius: 7px;
    background: {c.field}; }}
QRadioButton::indicator:checked {{ background: {c.strong}; border: 4px solid {c.accent}; width: 6px; height: 6px; }}
QRadioButton:checked {{ color: {c.strong}; }}
QRadioButton:focus, QCheckBox:focus {{ color: {c.accent}; }}
QRadioButton::indicator:focus, QCheckBox::indicator:focus {{ border-color: {c.accent}; }}
QCheckBox::indicator, QTreeView::indicator, QListView::indicator {{ width: 14px; height: 14px;
    border: 1px solid {c.box}; border-radius: 3px; background: {c.field}; }}
QCheckBox::indicator:checked, QTreeView::indicator:checked, QListView::indicator:checked {{
    image: url({(FOLDER / c.tick).as_posix()}); }}
QTreeView::indicator:selected, QListView::indicator:selected {{ border-color: {c.strong}; }}
QTreeView::branch {{ background: {c.panel}; }}
QLabel[role="said"] {{ color: {c.strong}; }}
QLabel[role="title"] {{ font-size: 24px; color: {c.strong}; }}
QLabel[role="muted"] {{ color: {c.muted}; }}
QLabel[role="small"] {{ color: {c.muted}; font-size: {SMALL_PX}px; }}
QLabel[role="heading"] {{ color: {c.muted}; font-size: {SMALL_PX}px; font-weight: 600; }}
"""


def _style(c: Colors) -> str:
    """The whole style sheet; of rules that match alike the later one counts."""
    parts = (
        _window_style,
        _list_style,
        _field_style,
        _button_style,
        _strip_style,
        _slider_style,
        _tick_style,
    )
    return "".join(part(c) for part in parts)


def apply_theme(application: QApplication, name: str = "dark") -> None:
    """Give the whole application a theme, ``dark`` or ``light``: Fusion with a palette and a style sheet of our own."""
    chosen = _Chosen.colors = THEMES.get(name, DARK)
    if not application.property(STYLED):  # each of the two has every widget look at its style anew
        application.setProperty(STYLED, True)
        application.setStyle("Fusion")
    palette = QPalette()
    roles = {
        QPalette.Window: chosen.window,
        QPalette.WindowText: chosen.text,
        QPalette.Base: chosen.panel,
        QPalette.AlternateBase: chosen.raised,
        QPalette.Text: chosen.text,
        QPalette.Button: chosen.raised,
        QPalette.ButtonText: chosen.text,
        QPalette.BrightText: chosen.strong,
        QPalette.Highlight: chosen.accent_dim,
        QPalette.HighlightedText: chosen.strong,
        QPalette.ToolTipBase: chosen.raised,
        QPalette.ToolTipText: chosen.text,
        QPalette.Link: chosen.accent,
        QPalette.PlaceholderText: chosen.muted,
    }
    for role, color in roles.items():
        palette.setColor(role, QColor(color))
    for role in (QPalette.WindowText, QPalette.Text, QPalette.ButtonText):
        palette.setColor(QPalette.Disabled, role, QColor(chosen.disabled))
    application.setPalette(palette)
    font = QFont(application.font())
    font.setPixelSize(BODY_PX)
    font.setHintingPreference(QFont.PreferVerticalHinting)
    if font != application.font():
        application.setFont(font)
    application.setStyleSheet(_style(chosen))
    application.setAttribute(Qt.AA_DontShowIconsInMenus, True)
