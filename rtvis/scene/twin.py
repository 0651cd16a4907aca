"""What a 3D scene shows, drawn a second time off the screen, at any size: for pictures and movies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rtvis.scene.offscreen import Offscreen
from rtvis.scene.pieces import Pieces
from rtvis.scene.scene3d import Scene3D, Shown3D
from rtvis.scene.strips import Strips
from rtvis.scene.tissue_mapper import draws_in_software

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType
    from typing import Self

    from numpy.typing import NDArray

SAMPLES = 8
"""For smooth edges: a picture has more time than a window."""

LARGEST_SHARP_PIXELS = 700_000
"""Of larger pictures of rendered tissue fewer rays are drawn than they have pixels, so that none takes very long."""

BRIEF_PIXELS = 2.5
"""A quarter of a second for a picture that fills the view with tissue, on two cores."""


PIECE_MS = 120.0
"""Of drawings of a picture without tissue, each: in ever smaller ones smoothing edges takes most of the time."""

MOST_STRIPS = 8
"""Of a picture: with smooth edges surfaces take long, and each strip draws them anew."""


class Twin:
    """A scene that shows what another showed; a context manager.

    It may be made, drawn and closed in any one thread where `rtvis.scene.offscreen.needs_no_display`.

    Attributes:
        scene: the second scene; its camera may be moved.
        picture: ``(height, width, 3)`` RGB, first row on top, that `strips` drew.

    Args:
        shown: by the other one, from `Scene3D.shown`.
        width: of the pictures, pixels.
        height: the same.
        brief: there are many pictures to be drawn: rays through rendered tissue are then `BRIEF_PIXELS` apart where
            there is no graphics card.
    """

    def __init__(self, shown: Shown3D, width: int, height: int, *, brief: bool = False) -> None:
        self._screen = Offscreen(width, height, samples=SAMPLES)
        self.picture: NDArray[np.uint8] = np.zeros((height, width, 3), dtype=np.uint8)
        self.scene = Scene3D(self._screen.renderer)
        self.scene.camera.set_size(width, height)
        shown.show_in(self.scene)
        finest = max((width * height / LARGEST_SHARP_PIXELS) ** 0.5, 1.0)
        slow = brief and draws_in_software(self._screen.renderer.GetRenderWindow())
        self.scene.tissue.fixed_pixels = self._pixels = finest * (BRIEF_PIXELS if slow else 1.0)
        self._pieces = Pieces(self._screen, PIECE_MS)
        self._strips = Strips(self._screen, self.scene.tissue, most=MOST_STRIPS)
        self.scene.set_line_scale(height / shown.height)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def capture(self) -> NDArray[np.uint8]:
        """Draw it in one go; ``(height, width, 3)`` RGB, first row on top."""
        self.scene.prepare()
        return self._screen.capture()

    def strips(self) -> Iterator[float]:
        """Draw it bit by bit, none of which takes long; then it is `picture`. Gives the share that is drawn."""
        self.scene.prepare()
        if not self.scene.tissue.is_shown:
            for _ in self._pieces.draw():
                yield self._pieces.share
            self.picture = self._screen.read_rgb()
            yield 1.0
            return
        width, height = self._screen.size
        drawn = np.zeros((height, width, 4), dtype=np.uint8)
        self._strips.begin(self._pixels)
        while not self._strips.is_done:
            _, bottom = self._strips.draw_next(drawn)
            if bottom == height:
                self.picture = np.ascontiguousarray(drawn[..., :3])
            yield bottom / height

    def close(self) -> None:
        """Give everything back."""
        self.scene.close()
        self._screen.close()
