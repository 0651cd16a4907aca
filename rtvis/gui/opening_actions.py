"""Opening studies, in the background; where it takes a while, the first volume is seen while it fills."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QWidget

from rtvis.gui.background import BackgroundTasks, Task, Work
from rtvis.gui.paths import ask_files, ask_folder
from rtvis.gui.recent_studies import remember_path
from rtvis.gui.settings import pet_in_suv
from rtvis.gui.views_loading import load_views
from rtvis.model.study import Study

if TYPE_CHECKING:
    from rtvis.model.progress import Report
    from rtvis.model.volume import Volume

PREVIEW_S = 0.4
"""A study that is read sooner is shown at once; a slower one is shown while it fills, again after each such time."""


class OpeningActions(QObject):
    """`read` carries a study that is there whole, `preview` a volume that is being filled, again each time it has more.

    `begun` carries the name of what is being opened; empty where it has none.
    `gave_up` follows when a study that was seen already isn't coming: it can't be read, or opening was cancelled.
    `ended` follows each opening, however it went.

    Args:
        tasks: where the work runs.
        may_go: asks whether what is open may be replaced.
        is_empty: whether nothing is open; only then a half-read volume is shown, so that nothing is lost for it.
        window: parent of dialogs.
    """

    begun = Signal(str)
    read = Signal(object)
    ended = Signal()
    preview = Signal(object)
    gave_up = Signal()

    def __init__(
        self, tasks: BackgroundTasks, may_go: Callable[[], bool], is_empty: Callable[[], bool], window: QWidget
    ) -> None:
        super().__init__(window)
        self._tasks = tasks
        tasks.ended.connect(self._task_ended)
        self._may_go = may_go
        self._is_empty = is_empty
        self._window = window
        self._task: Task | None = None
        self._wish = 0
        self.paths: list[str] = []
        self.is_previewing = False

    def ask_folder(self) -> None:
        """Choose a folder and open it."""
        path = ask_folder(self._window, "Open folder")
        if path:
            self.open_asking([path])

    def ask_files(self) -> None:
        """Choose files and open them."""
        paths = ask_files(self._window, "Open files")
        if paths:
            self.open_asking(paths)

    def open_asking(self, paths: list[str]) -> None:
        """Open paths; unsaved work is asked about first."""
        if self._may_go():
            self.open(paths)

    def open(self, paths: list[str]) -> None:
        """Open paths in the background; what was open stays until the new study is there."""
        may_preview = self._is_empty()
        suv = pet_in_suv()

        def work(report: Report, show: Callable[[Volume], None]) -> Study:
            from rtvis.app.opening import open_study  # noqa: PLC0415  (loads in the thread, not before first paint)

            last = monotonic()
            first: list[Volume] = []

            def some(volume: Volume, _slices: tuple[int, ...]) -> None:
                nonlocal last
                first[:] = first or [volume]
                if may_preview and volume is first[0] and monotonic() - last >= PREVIEW_S:
                    last = monotonic()
                    show(volume)

            study = open_study(paths, suv=suv, report=report, on_slices=some)
            report(0, len(study.structure_sets))  # asks for them: read here, not in the window's thread
            return study

        def done(study: Study) -> None:
            remember_path(str(Path(paths[0]).resolve()))
            self._show(list(paths), study)

        self._start("Opening study", work, done, self._show_part)
        self.begun.emit(named(paths))

    def open_demo(self) -> None:
        """Construct the phantom in a folder of its own and open it."""
        if not self._may_go():
            return

        def work(report: Report) -> tuple[Study, str]:
            from rtvis.gui.demo_study import make_demo_study  # noqa: PLC0415  (loads when it is asked for)

            return make_demo_study(report)

        self._start("Building the phantom", work, lambda result: self._show([result[1]], result[0]), None)
        self.begun.emit("the demo")

    @property
    def is_busy(self) -> bool:
        """Whether something is being opened."""
        return self._task is not None

    def cancel(self) -> None:
        """Give up what is being opened: nothing of it appears any more, however late it ends."""
        if self._task is not None:
            self._wish += 1
            self._task.cancel()
            self._task = None
            self.is_previewing = False
            self.ended.emit()

    def forget(self) -> None:
        """Nothing is open any more."""
        self.paths = []

    def _start(
        self,
        label: str,
        work: Callable[..., object],
        done: Callable[..., None],
        part: Callable[[Volume], None] | None,
    ) -> None:
        if self._task is not None:
            self._task.cancel()  # the newest wish counts
            self._end_preview()
        self._wish += 1
        wish = self._wish

        def latest(slot: Callable[..., None]) -> Callable[..., None]:
            return lambda piece: slot(piece) if wish == self._wish else None

        ready = _for_views(work, in_parts=part is not None)
        self._task = self._tasks.start(label, ready, latest(done), None if part is None else latest(part))

    def _show_part(self, volume: Volume) -> None:
        self.is_previewing = True
        self.preview.emit(volume)

    def _show(self, paths: list[str], study: Study) -> None:
        self.paths = paths
        self.is_previewing = False
        self.read.emit(study)

    def _task_ended(self) -> None:
        # A quick task is over before anybody could connect to it: what runs is asked, not what was heard.
        if self._task is not None and self._task not in self._tasks.running:
            self._task = None
            self._end_preview()
            self.ended.emit()

    def _end_preview(self) -> None:
        if self.is_previewing:
            self.is_previewing = False
            self.gave_up.emit()


def named(paths: Sequence[str]) -> str:
    """The name of what is opened with some paths; empty where they are several."""
    return Path(paths[0]).resolve().name if len(paths) == 1 else ""


def _for_views(work: Work, *, in_parts: bool) -> Work:
    """The same work, handing over nothing before what shows it is loaded: the window would stand still for that."""

    def whole(report: Report) -> object:
        result = work(report)
        load_views()
        return result

    def parts(report: Report, show: Callable[[Volume], None]) -> object:
        def show_loaded(volume: Volume) -> None:
            load_views()
            show(volume)

        result = work(report, show_loaded)
        load_views()
        return result

    return parts if in_parts else whole
