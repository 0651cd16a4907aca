"""Pictures of a 3D scene in which only the slice planes moved: what stands still is drawn once and kept.

On software OpenGL a frame of thirty surfaces takes a tenth of a second, and the planes follow the cursor at every step.
While nothing else changes, a picture of what stands still is kept with its depths, only the planes are drawn, and of
the two whatever is nearer is seen at each pixel: the same picture, at the cost of the planes. Things seen through are
kept one by one, each with its opacities and depths, and laid over what is behind them; of folds of one thing that lie
behind each other only the nearest decides, until the scene is drawn whole. Keeping takes several drawings: frames are
drawn whole meanwhile, and one thing more is kept with each, so that none takes long.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from vtkmodules.vtkRenderingCore import vtkActor

from rtvis.scene.pieces import Pieces, is_seen_through

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

    from numpy.typing import NDArray
    from vtkmodules.vtkRenderingCore import vtkProp

    from rtvis.scene.offscreen import Offscreen

Picture: TypeAlias = "NDArray[np.uint8]"

MOST_SEEN_THROUGH = 8
"""With more translucent things than this each frame is drawn whole: laying them together would cost as much."""


class _At(Enum):
    """Where keeping may pause: only within a picture must nothing else be drawn."""

    WITHIN_A_PICTURE = auto()
    WITHIN_A_THING = auto()
    BETWEEN_THINGS = auto()


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    """What stands still.

    Attributes:
        picture, depths: of all that is opaque, ``(height, width, 4)`` and ``(height, width)``.
        seen_through: in drawing order.
        over: pixels ``(n,)`` of what lies over all, such as the orientation cube, and where they are.
    """

    picture: Picture
    depths: NDArray[np.float32]
    seen_through: tuple[_Through, ...]
    over: tuple[NDArray[np.uint32], NDArray[np.intp]]


@dataclass(frozen=True, slots=True, eq=False)
class _Through:
    """One thing that is seen through, at the pixels where nothing that stands still hides it.

    Attributes:
        places: ``(n,)`` of the pixels in the flattened picture.
        color: ``(n, 3)`` of its colours times opacity.
        left: ``(n, 1)`` of what it leaves of what is behind it.
        depths: ``(n,)``.
    """

    places: NDArray[np.intp]
    color: NDArray[np.float32]
    left: NDArray[np.float32]
    depths: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """What is to be drawn.

    Attributes:
        others: what is seen and isn't to move.
        is_known: nothing but planes can have moved since the frame before.
        is_ready: and what stands still is kept.
    """

    others: list[vtkProp]
    is_known: bool
    is_ready: bool


class QuickFrames:
    """Draws the scene of a screen, quickly where only the planes moved since the frame before.

    Args:
        screen: where the scene is drawn.
        planes: gives what moves.
    """

    def __init__(self, screen: Offscreen, planes: Callable[[], Iterable[vtkProp]]) -> None:
        self._screen = screen
        self._planes = planes
        self.pieces = Pieces(screen)
        self._last: tuple[object, ...] | None = None
        self._kept: _Kept | None = None
        self._keeping: Iterator[_Kept | _At] | None = None
        self._at = _At.BETWEEN_THINGS

    @property
    def is_exact(self) -> bool:
        """Whether the last frame is what drawing all of the scene gives; else things seen through are simplified."""
        return self._kept is None or not self._kept.seen_through

    @property
    def is_ready(self) -> bool:
        """Whether only planes moved since what stands still was kept: `draw` draws nothing but them."""
        return self.look().is_ready

    def look(self) -> Frame:
        """What `draw` has to do, found out once: it takes a tenth of a millisecond with thirty ROIs."""
        others = self._others()
        known = self._is_known(others)
        return Frame(others, known, known and self._kept is not None)

    def draw_whole(self) -> Picture:
        """As `draw`, but all of the scene anew; what is kept stays for later."""
        return self._screen.draw()

    def draw(self, frame: Frame | None = None) -> Picture:
        """``(height, width, 4)`` red, green, blue, 255, first row on top.

        Args:
            frame: from `look`, since when nothing changed; without it is looked here.
        """
        frame = frame or self.look()
        others = frame.others
        if not frame.is_known:
            self._begin_anew(others)
            return self._screen.draw()
        if self._kept is None:
            self._keep_more(others)
            while self._at is not _At.BETWEEN_THINGS and self._kept is None:
                self._keep_more(others)
        if self._kept is None:
            return self._screen.draw()
        return self._joined(self._kept, others)

    def whole_in_steps(self) -> Generator[None, None, Picture]:
        """As `draw_whole`, a few things at a time."""
        others = self._others()
        if not self._is_known(others):
            self._begin_anew(others)
        yield from self.pieces.draw()
        return self._screen.read()

    def keep_in_steps(self) -> Generator[None, None, None]:
        """Keep what stands still, where that can be done. It may be left and begun again."""
        others = self._others()
        try:
            while self._kept is None and self._is_known(others):
                self._keep_more(others)
                yield
        finally:
            if self._at is _At.WITHIN_A_PICTURE:
                self._keeping = None

    def in_steps(self) -> Generator[None, None, Picture]:
        """As `draw`, a few things at a time."""
        if self._is_known(self._others()):
            yield from self.keep_in_steps()
        if self._kept is None or not self._is_known(self._others()):
            return (yield from self.whole_in_steps())
        return self._joined(self._kept, self._others())

    def _others(self) -> list[vtkProp]:
        """What is seen and isn't to move."""
        moving = {id(one) for one in self._planes()}
        return [one for one in self._screen.props() if id(one) not in moving and one.GetVisibility()]

    def _is_known(self, others: Sequence[vtkProp]) -> bool:
        """Whether nothing but planes can have moved since the frame before."""
        key = self._key(others)
        return key is not None and key == self._last and any(one.GetVisibility() for one in self._planes())

    def _begin_anew(self, others: Sequence[vtkProp]) -> None:
        self._last, self._kept, self._keeping = self._key(others), None, None

    def _keep_more(self, others: Sequence[vtkProp]) -> None:
        """Take the next step of keeping what stands still."""
        self._keeping = self._keeping or self._keep(others)
        try:
            found = next(self._keeping)
        except BaseException:
            self._keeping = None  # it has ended with this: the next frame begins anew
            raise
        if isinstance(found, _Kept):
            self._kept, self._keeping = found, None
        else:
            self._at = found
        # Drawing things alone changes them and back again: the state to compare with is the one afterwards.
        self._last = self._key(others)

    def _key(self, others: Sequence[vtkProp]) -> tuple[object, ...] | None:
        """All that the picture of what stands still depends on; None where it can't be kept."""
        if not others or not all(isinstance(one, vtkActor) for one in others):
            return None  # a rendered volume has no depth
        if sum(is_seen_through(one) for one in others) > MOST_SEEN_THROUGH:
            return None
        actors = [(id(one), one.GetProperty().GetMTime(), one.GetMapper().GetMTime()) for one in others]
        clips = [_clips(one) for one in others]
        return (self._screen.size, self._screen.renderer.GetActiveCamera().GetMTime(), tuple(actors), tuple(clips))

    def _keep(self, others: Sequence[vtkActor]) -> Iterator[_Kept | _At]:
        """Keep what stands still: first all that is solid, then one thing that is seen through at a time.

        Yields:
            Where it is, then all that is kept.
        """
        screen = self._screen
        through = [one for one in others if is_seen_through(one)]
        for _ in self.pieces.draw([*self._planes(), *through], first_layer_only=True):
            yield _At.WITHIN_A_PICTURE
        picture, depths = screen.read(), screen.depths()
        layers: list[_Through] = []
        for one in through:
            yield _At.BETWEEN_THINGS
            yield from self._layer(one, others, depths, layers)
        with _Hidden([*self._planes(), *others]):
            cube = screen.draw()
            with screen.first_layer_only():
                over = np.flatnonzero(_packed(cube) != _packed(screen.draw()))
        yield _Kept(picture, depths, tuple(layers), (_packed(cube)[over], over))

    def _layer(
        self, actor: vtkActor, others: Sequence[vtkActor], hiding: NDArray[np.float32], layers: list[_Through]
    ) -> Iterator[_At]:
        """Keep one thing that is seen through: drawn as if it were opaque, then over black and over white.

        Args:
            actor: the thing.
            others: all that doesn't move.
            hiding: ``(height, width)`` depths of what is opaque and stands still.
            layers: where it is added.
        """
        look = actor.GetProperty()
        opacity = look.GetOpacity()
        look.SetOpacity(1.0)
        try:
            self._alone(actor, others)
            depths = self._screen.depths()
        finally:
            look.SetOpacity(opacity)
        places = np.flatnonzero(depths < hiding)
        yield _At.WITHIN_A_THING
        color = self._alone(actor, others, background=0.0)[places].astype(np.float32)
        yield _At.WITHIN_A_THING
        left = (self._alone(actor, others, background=1.0)[places] - color)[:, 1:2] / 255.0
        layers.append(_Through(places, color, left, depths.reshape(-1)[places]))

    def _alone(self, actor: vtkActor, others: Sequence[vtkActor], background: float | None = None) -> NDArray[np.uint8]:
        """Colours ``(height x width, 3)`` of a picture of one thing, over a shade from 0 to 1."""
        renderer = self._screen.renderer
        before = renderer.GetBackground()
        if background is not None:
            renderer.SetBackground(background, background, background)
        hidden = [*self._planes(), *(one for one in others if one is not actor)]
        try:
            with _Hidden(hidden), self._screen.first_layer_only():
                picture = self._screen.draw()
        finally:
            renderer.SetBackground(*before)
        return picture.reshape(-1, 4)[:, :3]

    def _joined(self, kept: _Kept, others: Sequence[vtkActor]) -> Picture:
        with _Hidden(others), self._screen.first_layer_only():
            picture, depths = self._screen.draw(), self._screen.depths()
        np.copyto(_packed(picture), _packed(kept.picture), where=(kept.depths <= depths).reshape(-1))
        colors, nearest = picture.reshape(-1, 4), depths.reshape(-1)
        for layer in kept.seen_through:
            seen = np.flatnonzero(layer.depths < nearest[layer.places])
            places = layer.places[seen]
            mixed = layer.color[seen] + layer.left[seen] * colors[places, :3]
            colors[places, :3] = np.minimum(mixed + 0.5, 255.0)
        pixels, places = kept.over
        _packed(picture)[places] = pixels
        return picture


def _packed(picture: Picture) -> NDArray[np.uint32]:
    """Pixels ``(height x width,)`` of a picture, each as one number, in its memory."""
    return picture.reshape(-1, 4).view(np.uint32)[:, 0]


class _Hidden:
    """Some things aren't seen within this context."""

    def __init__(self, props: Iterable[vtkProp]) -> None:
        self._props = [one for one in props if one.GetVisibility()]

    def __enter__(self) -> None:
        for one in self._props:
            one.VisibilityOff()

    def __exit__(self, *_: object) -> None:
        for one in self._props:
            one.VisibilityOn()


def _clips(actor: vtkActor) -> tuple[int, ...]:
    """When the planes that cut an actor changed: one that follows the cursor is changed in place."""
    planes = actor.GetMapper().GetClippingPlanes()
    return () if planes is None else tuple(planes.GetItem(n).GetMTime() for n in range(planes.GetNumberOfItems()))
