"""The plane that a slice view shows: the one of its kind through the session's cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtvis.app.planes import PlaneKind, ViewPlane, VolumePlanes
from rtvis.app.session import Session

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from rtvis.scene.slice_scene import SliceScene


class CursorPlane:
    """Follows the cursor; however often that moves, the scene is told of the last place only, when it is drawn.

    Args:
        kind: of the plane.
        session: whose cursor is followed.
        scene: what shows the plane.

    Attributes:
        planes: of the volume that is shown; None without one.
        is_upward: whether slices are counted the way the wheel scrolls forward.
    """

    def __init__(self, kind: PlaneKind, session: Session, scene: SliceScene) -> None:
        self._kind = kind
        self._session = session
        self._scene = scene
        self._due: ViewPlane | None = None
        self.planes: VolumePlanes | None = None
        self.is_upward = True

    def set_planes(self, planes: VolumePlanes | None) -> None:
        """Follow the cursor on the planes of another volume from now on; the scene is brought there by its owner."""
        self._due = None
        self.planes = planes
        if planes is not None:
            lowest = planes.at_slice(self._kind, self._session.cursor_lps, 0)
            self.is_upward = planes.at(self._kind, planes.step(self._kind, lowest, 1)).slice_index != 0

    def follow(self) -> tuple[ViewPlane, float] | None:
        """The cursor moved: the plane that is due, and how far along its normal it is from what is shown, in mm.

        None where the plane stays the same.
        """
        if self.planes is None:
            return None
        old, new = self._scene.view, self.planes.at(self._kind, self._session.cursor_lps)
        moved = 0.0 if old is None else float(old.plane.distances_mm(new.plane.origin_lps_mm))
        # On a tilted stack another row may be at the cursor, though the plane is the same.
        is_same = old is not None and abs(moved) <= 1e-9 and old.slice_index == new.slice_index
        if is_same and self._due is None:
            return None
        self._due = new
        return new, moved

    def turn(self) -> ViewPlane | None:
        """The oblique plane was turned: how it is now, for the scene at once; None where that isn't the plane shown."""
        if self.planes is None or self._kind is not PlaneKind.OBLIQUE or self._scene.framing is None:
            return None
        self._due = None
        self.planes.oblique = self._session.oblique
        return self.planes.at(self._kind, self._session.cursor_lps)

    def settle(self) -> None:
        """Bring the scene to the cursor; called once for a batch of changes."""
        if self._due is not None:
            view, self._due = self._due, None
            self._scene.set_view(view)

    def at_slice(self, index: int) -> NDArray[np.float64] | None:
        """The cursor moved onto a slice, counted from 0: ``(3,)`` LPS mm; None without planes."""
        return None if self.planes is None else self.planes.at_slice(self._kind, self._session.cursor_lps, index)

    def stepped(self, slices: int) -> NDArray[np.float64] | None:
        """The cursor moved by whole slices: ``(3,)`` LPS mm; None without planes."""
        return None if self.planes is None else self.planes.step(self._kind, self._session.cursor_lps, slices)
