"""Rendering without a window or a display."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager, nullcontext
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from vtkmodules import vtkRenderingOpenGL2
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonCore import vtkFloatArray, vtkUnsignedCharArray
from vtkmodules.vtkRenderingCore import vtkRenderer, vtkRenderWindow

from rtvis.app.display import has_display
from rtvis.model.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from types import TracebackType
    from typing import Self

    from numpy.typing import NDArray
    from vtkmodules.vtkRenderingCore import vtkProp

PROBE_SECONDS = 60
"""A loaded machine may take seconds to load OpenGL; one that takes a minute won't draw either."""

_PROBE = (
    "import sys\n"
    "import vtkmodules.vtkRenderingOpenGL2 as opengl\n"
    "from vtkmodules.vtkRenderingCore import vtkRenderWindow\n"
    "window = getattr(opengl, sys.argv[1], vtkRenderWindow)()\n"
    "window.OffScreenRenderingOn()\n"
    "window.SetSize(16, 16)\n"
    "window.Render()\n"
    "raise SystemExit(0 if window.SupportsOpenGL() else 3)\n"
)

ROWS_AROUND = 2
"""Drawn beyond the rows that are asked for: at a viewport's edge lines end a pixel too soon or too late."""

WINDOWS = ("vtkEGLRenderWindow", "vtkXOpenGLRenderWindow", "vtkOSOpenGLRenderWindow")
"""Tried in this order. EGL comes before the display: a picture needs no connection that a display server can cut."""


@cache
def _window_class() -> str | None:
    """Name of the first kind of window that renders here, found out once by processes of their own.

    Where there is no OpenGL at all (no display, no EGL, no OSMesa) the library ends the process that tries.
    """
    for name in WINDOWS:
        if name == "vtkXOpenGLRenderWindow" and not has_display():
            continue
        try:
            result = subprocess.run(  # noqa: S603  (our own interpreter, our own text)
                [sys.executable, "-c", _PROBE, name], capture_output=True, timeout=PROBE_SECONDS, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            continue
        if result.returncode == 0:
            return name
    return None


def can_render() -> bool:
    """Whether pictures can be made on this machine."""
    return _window_class() is not None


def needs_no_display() -> bool:
    """Whether pictures are made without a display's help; then they may be made in any thread."""
    return _window_class() not in {None, "vtkXOpenGLRenderWindow"}


def require_rendering() -> None:
    """Stop with one line where pictures can't be made.

    Raises:
        InputError: naming the libraries that are missing.
    """
    if not can_render():
        raise InputError(
            "pictures can't be made: there is no OpenGL here", remedy="install libegl1 and libgl1 (or libosmesa6)"
        )


class Offscreen:
    """A renderer without a window; a context manager, since its memory is the graphics card's.

    Args:
        width, height: pixels.
        samples: for antialiasing of what has edges; images have none.
    """

    def __init__(self, width: int, height: int, *, samples: int = 0) -> None:
        self.renderer = vtkRenderer()
        self._window = getattr(vtkRenderingOpenGL2, _window_class() or "", vtkRenderWindow)()
        self._window.OffScreenRenderingOn()
        self._window.SetMultiSamples(samples)
        self._window.SetSize(width, height)
        self._window.AddRenderer(self.renderer)
        self._pixels = vtkUnsignedCharArray()
        self._depths = vtkFloatArray()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def window(self) -> vtkRenderWindow:
        """Where the renderer draws."""
        return self._window

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        width, height = self._window.GetSize()
        return width, height

    def resize(self, width: int, height: int) -> None:
        """Another size, from the next picture on."""
        self._window.SetSize(width, height)

    def draw(self) -> NDArray[np.uint8]:
        """Render once; ``(height, width, 4)`` red, green, blue, 255, first row on top: what a painter takes."""
        self._window.Render()
        return self.read()

    def _read(self, top: int, bottom: int) -> NDArray[np.uint8]:
        width, height = self.size
        self._window.GetRGBACharPixelData(0, height - bottom, width - 1, height - top - 1, 0, self._pixels, 0)
        packed = vtk_to_numpy(self._pixels).reshape(bottom - top, width, 4).view(np.uint32)[::-1, :, 0]
        opaque = np.array([0, 0, 0, 255], dtype=np.uint8).view(np.uint32)[0]
        return np.bitwise_or(packed, opaque).view(np.uint8).reshape(bottom - top, width, 4)

    def draw_some(self, props: Collection[vtkProp], *, go_on: bool, first_layer_only: bool) -> None:
        """Draw only some of what is to be seen, to be read when all of it is drawn.

        Args:
            props: these.
            go_on: with the picture and the depths that the drawing before left, instead of an empty one.
            first_layer_only: as `first_layer_only`.
        """
        drawn = {id(one) for one in props}
        others = [one for one in self.props() if one.GetVisibility() and id(one) not in drawn]
        self.renderer.SetPreserveColorBuffer(go_on)
        self.renderer.SetPreserveDepthBuffer(go_on)
        for one in others:
            one.VisibilityOff()
        try:
            with self.first_layer_only() if first_layer_only else nullcontext():
                self._window.Render()
        finally:
            self.renderer.PreserveColorBufferOff()
            self.renderer.PreserveDepthBufferOff()
            for one in others:
                one.VisibilityOn()

    def read(self) -> NDArray[np.uint8]:
        """What was drawn last, as `draw` gives it."""
        return self._read(0, self.size[1])

    def draw_rows(self, top: int, bottom: int) -> NDArray[np.uint8]:
        """Render some rows of the picture only, as `draw` would: ``(bottom - top, width, 4)``."""
        height = self.size[1]
        low = max(height - bottom - ROWS_AROUND, 0) / height
        high = min(height - top + ROWS_AROUND, height) / height
        camera = self.renderer.GetActiveCamera()
        angle, scale = camera.GetViewAngle(), camera.GetParallelScale()
        share = high - low
        self.renderer.SetViewport(0.0, low, 1.0, high)
        camera.SetViewAngle(float(np.degrees(2 * np.arctan(share * np.tan(np.radians(angle) / 2)))))
        camera.SetParallelScale(scale * share)
        camera.SetWindowCenter(0.0, (low + high - 1) / share)
        try:
            self._window.Render()
        finally:
            self.renderer.SetViewport(0.0, 0.0, 1.0, 1.0)
            camera.SetViewAngle(angle)
            camera.SetParallelScale(scale)
            camera.SetWindowCenter(0.0, 0.0)
        return self._read(top, bottom)

    def depths(self) -> NDArray[np.float32]:
        """Of what was drawn last, ``(height, width)`` from 0 (nearest) to 1 (nothing there), first row on top."""
        width, height = self.size
        self._window.GetZbufferData(0, 0, width - 1, height - 1, self._depths)
        return np.array(vtk_to_numpy(self._depths).reshape(height, width)[::-1], dtype=np.float32)

    def props(self) -> list[vtkProp]:
        """All that stands in the renderer."""
        props = self.renderer.GetViewProps()
        return [props.GetItemAsObject(n) for n in range(props.GetNumberOfItems())]

    @contextmanager
    def first_layer_only(self) -> Iterator[None]:
        """Within this context other renderers of the window, which lie over the first, draw nothing."""
        renderers = self._window.GetRenderers()
        others = [renderers.GetItemAsObject(n) for n in range(renderers.GetNumberOfItems())]
        others = [one for one in others if one is not self.renderer and one.GetDraw()]
        for one in others:
            one.DrawOff()
        try:
            yield
        finally:
            for one in others:
                one.DrawOn()

    def capture(self) -> NDArray[np.uint8]:
        """Render once; ``(height, width, 3)`` RGB, first row on top."""
        self._window.Render()
        return self.read_rgb()

    def read_rgb(self) -> NDArray[np.uint8]:
        """What was drawn last, as `capture` gives it."""
        width, height = self._window.GetSize()
        pixels = vtkUnsignedCharArray()
        self._window.GetPixelData(0, 0, width - 1, height - 1, 0, pixels, 0)
        rows = vtk_to_numpy(pixels).reshape(height, width, 3)
        return np.array(rows[::-1], dtype=np.uint8)

    def close(self) -> None:
        """Give everything back."""
        self.renderer.RemoveAllViewProps()
        self._window.RemoveRenderer(self.renderer)
        self._window.Finalize()
