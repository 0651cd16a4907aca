"""What the views need, loaded off the window's thread: half a second that nobody is to see the window stand still."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from threading import Lock

_NEEDED = ("rtvis.gui.views", "scipy.spatial", "scipy.ndimage")

_loading = Lock()


def load_views() -> None:
    """Have loaded what the views need, and know whether 3D can be drawn. Of several at once one works, others wait."""
    with _loading:
        offscreen = import_module("rtvis.scene.offscreen")
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(offscreen.can_render)  # asks another process, which takes as long as all that follows
            for name in _NEEDED:
                import_module(name)
            asked.result()
