"""Sharp pictures of a scene with rendered tissue, drawn strip by strip.

Without a graphics card rays through every pixel of a view take seconds. In strips of a tenth of a second at most
whatever waits comes in between: the window answers, and a gesture that begins ends the picture.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from rtvis.scene.offscreen import Offscreen
    from rtvis.scene.tissue import Tissue

STRIP_MS = 60.0
"""Aimed at for each strip; the densest rows may take half as long again."""

FIRST_SHARE = 1 / 24
"""Of the picture's height that a first strip has, while nothing is known."""

UNEVEN = 3.0
"""Rows through the middle of the patient take this much longer than the mean of all."""

MOST_STRIPS = 20
"""Each strip draws surfaces anew: where these take long, narrower strips would take hardly less time each."""

LEAST_ROW_MS = 1e-3

FORGET = 0.8
"""What the slowest rows took counts this much in the next picture: it may be another scene."""


class Strips:
    """Draws one scene again and again, sharper each time, from above downwards.

    Args:
        screen: where the scene is drawn.
        tissue: of the scene.
        most: strips of a picture.
    """

    def __init__(self, screen: Offscreen, tissue: Tissue, *, most: int = MOST_STRIPS) -> None:
        self._screen = screen
        self._tissue = tissue
        self._most = most
        self._sharpness: list[float] = []
        self._top = 0
        self._took_ms = 0.0
        self._row_ms: float | None = None
        self._drew = False

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to be drawn."""
        return not self._sharpness

    def begin(self, *sharpness: float) -> None:
        """Draw pictures with so many pixels between rays, one after the other; none ends what was begun."""
        self._sharpness = list(sharpness)
        self._top, self._took_ms = 0, 0.0
        if self._row_ms is not None and self._drew:  # what is ended again and again before it began learned nothing
            self._row_ms *= FORGET
        self._drew = False

    def draw_next(self, picture: NDArray[np.uint8]) -> tuple[int, int]:
        """Draw the next strip into a picture ``(height, width, 4)`` of the scene as it is.

        Returns:
            Its first row, and the one after its last.
        """
        height, pixels = len(picture), self._sharpness[0]
        top = self._top
        bottom = min(top + self._rows(height, pixels), height)
        start = perf_counter()
        with self._tissue.sharply(pixels):
            picture[top:bottom] = self._screen.draw_rows(top, bottom)
        took = 1e3 * (perf_counter() - start)
        self._took_ms += took
        self._drew = True
        self._row_ms = max(took / (bottom - top) * pixels**2, self._row_ms or 0.0)
        self._top = bottom
        if bottom == height:
            self._tissue.drawn_sharply(pixels, self._took_ms)
            self.begin(*self._sharpness[1:])
        return top, bottom

    def _rows(self, height: int, pixels: float) -> int:
        """How many rows there is time for."""
        least = -(-height // self._most)
        if self._row_ms is None:
            cost = self._tissue.sharp_cost_ms
            if cost is None:
                return max(round(FIRST_SHARE * height), least)
            self._row_ms = UNEVEN * cost / height
        rows = STRIP_MS / (max(self._row_ms, LEAST_ROW_MS) / pixels**2)
        return max(min(round(rows), height), least)
