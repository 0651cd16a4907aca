"""A movie of one turn about the patient, drawn picture by picture while the window goes on."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import QTimer, Signal
from qtpy.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QWidget,
)

from rtvis.gui.dialog_column import dialog_column
from rtvis.gui.number_box import NumberBox
from rtvis.gui.paths import ask_save
from rtvis.model.errors import RtvisError
from rtvis.scene.movie_file import Movie, movie_for, write_movie
from rtvis.scene.offscreen import needs_no_display
from rtvis.scene.twin import Twin

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from rtvis.gui.background import BackgroundTasks, Task
    from rtvis.model.progress import Report
    from rtvis.scene.scene3d import Scene3D

HEIGHTS = (360, 480, 720, 1080)
FIRST_HEIGHT = 480
WORDS = "One turn about the patient's long axis, of what the 3D view shows now."


class MovieDialog(QDialog):
    """Asks for size, length and file, then draws; `written` carries the path, `failed` an exception.

    Args:
        source: the scene to be shown.
        tasks: where the file is put together.
        parent: the window.
    """

    written = Signal(object)
    failed = Signal(object)

    def __init__(self, source: Scene3D, tasks: BackgroundTasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Turntable movie")
        self._source = source
        self._tasks = tasks
        self._movie: Movie | None = None
        self._path = Path()
        self._steps: Generator[int, None, None] | None = None
        self._task: Task | None = None
        self._writing: Task | None = None
        tasks.ended.connect(self._task_ended)
        self.seconds = NumberBox()
        self.seconds.setRange(1.0, 60.0)
        self.seconds.setDecimals(1)
        self.seconds.setValue(6.0)
        self.seconds.setSuffix(" s")
        self.rate = QSpinBox()
        self.rate.setRange(5, 30)
        self.rate.setValue(15)
        self.rate.setSuffix(" pictures a second")
        self.height_box = QComboBox()
        for height in HEIGHTS:
            width = self._width_for(height)
            self.height_box.addItem(f"{width} x {height} pixels", height)
        self.height_box.setCurrentIndex(HEIGHTS.index(FIRST_HEIGHT))
        self.kind = QComboBox()
        self.kind.addItem("GIF: plays in browsers, mail and slides", ".gif")
        self.kind.addItem("AVI: full colour, for media players", ".avi")
        self.bar = QProgressBar()
        self.bar.setVisible(False)
        self.bar.setTextVisible(False)
        self.told = QLabel(WORDS)
        self.told.setProperty("role", "muted")
        self.told.setWordWrap(True)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self.draw_next)
        self._lay_out()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setSpacing(8)
        form.addRow("Length", self.seconds)
        form.addRow("Rate", self.rate)
        form.addRow("Size", self.height_box)
        form.addRow("Format", self.kind)
        self.buttons = QDialogButtonBox(QDialogButtonBox.Cancel)
        self.make = QPushButton("Make movie…")
        self.make.setDefault(True)
        self.buttons.addButton(self.make, QDialogButtonBox.AcceptRole)
        self.make.clicked.connect(self._ask)
        self.buttons.rejected.connect(self.reject)
        layout = dialog_column(self)
        layout.addWidget(self.told)
        layout.addLayout(form)
        layout.addWidget(self.bar)
        layout.addWidget(self.buttons)
        self.setMinimumWidth(420)

    @property
    def count(self) -> int:
        """How many pictures the movie will have."""
        return max(round(self.seconds.value() * self.rate.value()), 2)

    def _width_for(self, height: int) -> int:
        """The view's shape; even, as video likes it."""
        width, shown = self._source.camera.size
        return max(2 * round(height * width / shown / 2), 64)

    def _ask(self) -> None:
        ending = self.kind.currentData()
        path = ask_save(self, "Save movie", f"turntable{ending}", f"Movie (*{ending})")
        if path:
            self.begin(path if Path(path).suffix.lower() == ending else f"{path}{ending}")

    def begin(self, path: str | Path) -> None:
        """Draw the movie, then write it to a file, which is replaced if it is there."""
        try:
            self._movie = movie_for(path, self.rate.value())
        except RtvisError as error:
            self.failed.emit(error)
            return
        self._path = Path(path)
        self.bar.setRange(0, self.count)
        self.bar.setValue(0)
        self.bar.setVisible(True)
        self.make.setEnabled(False)
        for box in (self.seconds, self.rate, self.height_box, self.kind):
            box.setEnabled(False)
        steps, count = partial(self._drawing(), self._movie), self.count
        if not needs_no_display():
            self._steps = steps()
            self._timer.start()
            return

        def work(report: Report) -> None:
            with closing(steps()) as drawing:  # what was given up is closed in this thread as well
                for drawn in drawing:
                    report(drawn, count)

        self._task = self._tasks.start("Drawing the movie", work, lambda _none: self._finish())
        self._task.progressed.connect(self._tell)

    def _drawing(self) -> Callable[[Movie], Generator[int, None, None]]:
        """What adds all pictures of what is shown now to a movie, in any thread; it gives how many are drawn."""
        shown, count, height = self._source.shown(), self.count, int(self.height_box.currentData())
        width = self._width_for(height)

        def draw(movie: Movie) -> Generator[int, None, None]:
            with Twin(shown, width, height, brief=True) as twin:
                for drawn in range(count):
                    for _ in twin.strips():
                        yield drawn
                    movie.add(twin.picture)
                    twin.scene.camera.orbit(360.0 / count)
            yield count

        return draw

    def draw_next(self) -> None:
        """Draw a part of a picture here, where a display is needed; the next one follows when nothing else waits."""
        if self._steps is None:
            return
        drawn = next(self._steps)
        self._tell(drawn, self.count)
        if drawn < self.count:
            self._timer.start()
        else:
            self._finish()

    def _tell(self, drawn: int, count: int) -> None:
        self.bar.setValue(drawn)
        self.told.setText(f"Picture {min(drawn + 1, count)} of {count}")

    def _finish(self) -> None:
        """All is drawn: write it."""
        movie, path = self._movie, self._path
        self._stop()
        if movie is None:
            return
        self.told.setText("Writing the file…")
        self.bar.setRange(0, 0)

        def work(report: Report) -> Path:
            write_movie(movie, path, overwrite=True, report=report)
            return path

        self._writing = self._tasks.start(
            "Writing the movie", work, self._written, lasting=True, if_stopped="no file was written"
        )

    def _written(self, path: Path) -> None:
        self._writing = None
        self.written.emit(path)
        self.accept()

    def _task_ended(self) -> None:
        """Drawing was given up, or drawing or writing failed; the window tells why."""
        running = self._tasks.running
        if any(one is not None and one not in running for one in (self._task, self._writing)):
            self._task = self._writing = None
            super().reject()

    def reject(self) -> None:
        """Give it up; no file is written."""
        if self._writing is not None:
            self._writing.cancel()  # what it has written goes first, then this dialog
        else:
            self._stop()
            super().reject()

    def _stop(self) -> None:
        self._timer.stop()
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if self._steps is not None:
            self._steps.close()
        self._movie = self._steps = None
