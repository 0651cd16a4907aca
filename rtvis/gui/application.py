"""The program with a window: one QApplication, one window, messages instead of crashes."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING

from qtpy.QtCore import QLocale, Qt, QTimer
from qtpy.QtWidgets import QApplication

from rtvis.gui.icons import icon
from rtvis.gui.messages import is_shown, show_error
from rtvis.gui.number_box import plain_numbers
from rtvis.gui.opening_actions import named
from rtvis.gui.settings import settings
from rtvis.gui.spare_memory import share_one_arena
from rtvis.gui.splash import Splash
from rtvis.gui.terminal_signals import TerminalSignals
from rtvis.gui.theme import THEME_KEY, apply_theme
from rtvis.gui.views_loading import load_views

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rtvis.gui.main_window import MainWindow

log = logging.getLogger(__name__)


def make_application() -> QApplication:
    """The application object, themed; the one that is there already, where one is."""
    present = QApplication.instance()
    if present is not None:
        apply_theme(present, chosen_theme())
        return present
    share_one_arena()
    QApplication.setAttribute(Qt.AA_EnableHighDpiScaling, True)
    QApplication.setAttribute(Qt.AA_UseHighDpiPixmaps, True)
    application = QApplication(["rtvis"])
    QLocale.setDefault(plain_numbers())  # the window speaks English: its whole numbers and dates do so, too
    # Only works after the application exists: Qt would pass on 40 of 300 moves of a fast stroke.
    application.setAttribute(Qt.AA_CompressHighFrequencyEvents, False)
    application.setApplicationName("rtvis")
    application.setOrganizationName("rtvis")
    application.setWindowIcon(icon("brand"))
    apply_theme(application, chosen_theme())
    return application


def chosen_theme() -> str:
    """The theme that was on last; dark at first."""
    return str(settings().value(THEME_KEY, "dark"))


def run(paths: Sequence[str] = (), *, after_first_paint: Sequence[Callable[[MainWindow], object]] = ()) -> int:
    """Open the window on `paths` (or empty) and wait until it is closed.

    Args:
        paths: files and folders to open.
        after_first_paint: callables given the window once it is on the screen.

    Returns:
        The exit status.
    """
    application = make_application()
    splash = Splash()
    splash.show_now()
    window = _new_window()
    previous = sys.excepthook

    def tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        # PyQt aborts the process on an exception in a handler unless somebody takes it: the work must not be lost.
        log.error("unforeseen error\n%s", "".join(traceback.format_exception(kind, error, trace)))
        if not is_shown(window, error):  # one of painting comes again with each painting
            show_error(window, error)

    sys.excepthook = tell
    signals = TerminalSignals(window)
    signals.asked.connect(window.end)
    if paths:
        window.start_page.show_opening(named(paths))  # opening begins once the window is there
    window.show()
    splash.finish(window)
    steps = _start(window, list(paths), after_first_paint)
    timer = QTimer()
    timer.timeout.connect(lambda: next(steps, None) is None and timer.stop())
    timer.start(0)
    try:
        status: int = application.exec_()
        return status
    finally:
        signals.restore()
        window.release()
        sys.excepthook = previous


def _new_window() -> MainWindow:
    """A window on nothing yet. What it needs takes longer to load than the splash takes to appear."""
    from rtvis.app.measurements import default_folder  # noqa: PLC0415  (while the splash is seen)
    from rtvis.app.session import Session  # noqa: PLC0415  (while the splash is seen)
    from rtvis.editing.journal_folder import JournalFolder  # noqa: PLC0415  (while the splash is seen)
    from rtvis.gui.main_window import MainWindow  # noqa: PLC0415  (while the splash is seen)

    return MainWindow(Session(JournalFolder(), default_folder()))


def _start(window: MainWindow, paths: list[str], after: Sequence[Callable[[MainWindow], object]]) -> Iterator[bool]:
    """What follows the first paint, a step at a time, so that the window answers in between."""
    yield True
    if paths:
        window.opening.open(paths)
    window.tasks.start("Loading the views", lambda _report: load_views(), window.views_loaded)
    yield True
    window.recovery.offer()
    yield True
    for act in after:
        act(window)
        yield True
