"""A window that is killed, and the next one: python killed_window.py draw|restore PATH...

``draw`` opens PATHs, draws with the mouse, undoes one of its strokes, tells the digest of the structure set, and kills
itself. ``restore`` restores what is offered, tells the digest, and closes without saving, keeping the work.
"""

from __future__ import annotations

import os
import signal
import sys

from qtpy.QtCore import QTimer

from rtvis.gui.application import run
from rtvis.gui.main_window import MainWindow
from rtvis.model.digest import structure_set_digest
from tests.unit.gui.conftest import Mouse


def tell(window: MainWindow) -> None:
    """Print the digest of what is shown."""
    print(structure_set_digest(window.session.structure_set, "sha256").text, flush=True)


def draw(window: MainWindow) -> bool:
    """Once the study is shown: three strokes, one of them taken back."""
    if window.opening.is_busy or window.views is None or window.session.structure_set is None:
        return False
    mouse = Mouse(window.views.view("axial"))
    window.tools.choose("freehand")
    for shift in (0, 20, 40):
        mouse.drag([(100 + shift, 100), (150 + shift, 110), (140 + shift, 160), (90 + shift, 150)])
    window.edits.undo()
    tell(window)
    os.kill(os.getpid(), signal.SIGKILL)
    return True


def restore(window: MainWindow) -> bool:
    """Once work is offered: restore it; once it is there: tell, and end."""
    if window.recovery.dialog is not None:
        print(window.recovery.dialog.list.item(0).text().replace("\n", " | "), flush=True)
        window.recovery.dialog.restore_button.click()
    elif window.session.unsaved:
        tell(window)
        os.kill(os.getpid(), signal.SIGTERM)
        return True
    return False


def main() -> int:
    """Run the window and the steps."""
    step = {"draw": draw, "restore": restore}[sys.argv[1]]

    def drive(window: MainWindow) -> None:
        timer = QTimer(window)
        timer.timeout.connect(lambda: step(window) and timer.stop())
        timer.start(20)

    return run(sys.argv[2:], after_first_paint=[drive])


if __name__ == "__main__":
    raise SystemExit(main())
