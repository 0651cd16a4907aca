"""A 3D scene drawn a few things at a time, with time between for whatever waits.

Without a graphics card thirty surfaces take a quarter of a second, more on a busy machine. Each drawing here goes on
with the picture and the depths that the one before left, in the order in which the renderer draws: the last one gives
the picture that drawing all at once gives, pixel by pixel. What is seen through is all in the last: the renderer mixes
its colours by all that lies behind each other.
"""

from __future__ import annotations

from collections import deque
from time import perf_counter
from typing import TYPE_CHECKING

from vtkmodules.vtkRenderingCore import vtkActor

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vtkmodules.vtkRenderingCore import vtkProp

    from rtvis.scene.offscreen import Offscreen

PIECE_MS = 30.0
"""Of a window's drawings, each."""

FIRST_MS_PER_POINT = 4e-4
"""Before anything was measured, on two cores without a graphics card: points have to be taken over first."""

ANY_PIECE = 20_000
"""A drawing of nothing takes as long as one of so many points."""

FORGET = 0.9
"""A slow drawing counts this much less with each that follows: the machine may have been busy."""

LEAST_MS_PER_POINT = 1e-6


class Pieces:
    """Draws the scene of one screen in pieces; a rendered volume isn't to be seen in it.

    Args:
        screen: where the scene is drawn.
        piece_ms: see the attribute.

    Attributes:
        piece_ms: aimed at for each drawing; one large thing may take longer.
        took_ms: what the pieces of the last picture took together, without the time between them.
        share: of the last picture that is drawn, 0 to 1.
    """

    def __init__(self, screen: Offscreen, piece_ms: float = PIECE_MS) -> None:
        self._screen = screen
        self.piece_ms = piece_ms
        self._ms_per_point = FIRST_MS_PER_POINT
        self.took_ms = 0.0
        self.share = 0.0

    def expected_ms(self) -> float:
        """What drawing all that is seen will take, by what it took so far."""
        return self._ms_per_point * (ANY_PIECE + self._points_seen())

    def learn_whole(self, milliseconds: float) -> None:
        """Drawing all that is seen at once took so long."""
        self.learn(self._points_seen(), milliseconds)

    def _points_seen(self) -> int:
        return sum(point_count(one) for one in self._screen.props() if one.GetVisibility())

    def draw(self, hidden: Sequence[vtkProp] = (), *, first_layer_only: bool = False) -> Iterator[None]:
        """Draw all that is seen, but for what is to be `hidden`; take the picture from the screen when it has ended.

        Each step leaves everything as seen as it was. What appears in between isn't drawn.

        Args:
            hidden: is left out.
            first_layer_only: leave out what lies over all, such as the orientation cube.

        Yields:
            None after each piece but the last: something else may be done now, but for drawing on this screen.
        """
        self.took_ms = self.share = 0.0
        left_out = {id(one) for one in hidden}
        seen = [one for one in self._screen.props() if one.GetVisibility() and id(one) not in left_out]
        through = [one for one in seen if is_seen_through(one)]
        solid = deque(one for one in seen if not is_seen_through(one))
        points = {id(one): point_count(one) for one in seen}
        left, is_first = sum(points.values()), True
        while solid or through or is_first:
            piece = self._next_piece(solid, points) if solid else [through.pop(0) for _ in range(len(through))]
            is_last = not solid and not through
            start = perf_counter()
            self._screen.draw_some(piece, go_on=not is_first, first_layer_only=first_layer_only or not is_last)
            took = 1e3 * (perf_counter() - start)
            drawn = sum(points[id(one)] for one in piece)
            self.learn(drawn, took)
            self.took_ms += took
            self.share += (1 - self.share) * (1.0 if is_last else drawn / max(left, 1))
            left, is_first = left - drawn, False
            if not is_last:
                yield

    def _next_piece(self, props: deque[vtkProp], points: dict[int, int]) -> list[vtkProp]:
        """Take what there is time for; images of planes, which are blended, stay together at the front."""
        piece = [props.popleft()]
        weight = ANY_PIECE + points[id(piece[0])]
        while props:
            weight += points[id(props[0])]
            if isinstance(props[0], vtkActor) and self._ms_per_point * weight > self.piece_ms:
                break
            piece.append(props.popleft())
        return piece

    def learn(self, points: int, milliseconds: float) -> None:
        """A drawing of so many points took so long."""
        measured = max(milliseconds / (ANY_PIECE + points), LEAST_MS_PER_POINT)
        self._ms_per_point = max(measured, FORGET * self._ms_per_point)


def point_count(prop: vtkProp) -> int:
    """How many points there are to be drawn of something."""
    if not isinstance(prop, vtkActor):
        return 0
    drawn = prop.GetMapper().GetInput()
    return 0 if drawn is None else int(drawn.GetNumberOfPoints())


def is_seen_through(prop: vtkProp) -> bool:
    """Whether it is drawn after all that is solid."""
    return isinstance(prop, vtkActor) and bool(prop.GetProperty().GetOpacity() < 1)
