"""The VTK part of a view: it draws, and takes no input of its own."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from pyvistaqt import QtInteractor
from qtpy.QtCore import QEvent, Qt
from qtpy.QtWidgets import QWidget
from vtkmodules.vtkInteractionStyle import vtkInteractorStyleUser


class Canvas(QtInteractor):
    """A QOpenGLWidget with a VTK renderer, redrawn only after `update()`.

    Input belongs to the widget around it, in Qt handlers: VTK's styles grab the focus and miss moves in a drag.

    `last_ms` is what the last drawing took.

    Args:
        parent: the view.
        prepare: called right before each drawing, to bring the scene up to date once for a batch of changes.
    """

    def __init__(self, parent: QWidget, prepare: Callable[[], None]) -> None:
        self._prepare: Callable[[], None] | None = prepare
        self.last_ms = 0.0
        super().__init__(parent, auto_update=False, multi_samples=0)
        self.setAcceptDrops(False)
        self.setFocusPolicy(Qt.NoFocus)
        self.setAttribute(Qt.WA_TransparentForMouseEvents)
        self.GetRenderWindow().GetInteractor().SetInteractorStyle(vtkInteractorStyleUser())

    def paintGL(self) -> None:
        """Bring the scene up to date, then draw it."""
        if self._prepare is not None:
            self._prepare()
        start = perf_counter()
        super().paintGL()
        self.last_ms = 1e3 * (perf_counter() - start)

    def event(self, event: QEvent) -> bool:
        """Qt's events; enter and leave don't reach VTK, which would look for an interactor that may be gone."""
        if event.type() in {QEvent.Enter, QEvent.Leave}:
            return True
        return bool(super().event(event))

    def shut(self) -> None:
        """Free the OpenGL objects; the widget is of no use afterwards."""
        self._prepare = None
        self.close()
