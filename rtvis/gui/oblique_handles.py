"""The linked cursor in a slice view, and the handles there that turn the oblique plane."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rtvis.app.planes import STANDARD_KINDS, PlaneKind, VolumePlanes
from rtvis.app.session import Session
from rtvis.scene.framing import Framing
from rtvis.scene.overlay import Overlay, cursor_overlay, oblique_overlay, turn_handles

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rtvis.geometry.plane import Plane
    from rtvis.scene.slice_scene import SliceScene

HANDLE_REACH_PX = 10.0
"""A press this close to a handle takes it."""


class ObliqueHandles:
    """Shows where other planes cut a view, and turns the oblique one by what is dragged.

    Attributes:
        shown: whether there is an oblique plane to show.
    """

    def __init__(self, kind: PlaneKind, session: Session) -> None:
        self._kind = kind
        self._session = session
        self.shown = False

    @property
    def is_turned(self) -> bool:
        """Whether what is shown depends on how the oblique plane is turned, not only on where the cursor is."""
        return self.shown or self._kind is PlaneKind.OBLIQUE

    def overlay(self, framing: Framing, planes: VolumePlanes) -> Overlay:
        """Lines of the other planes through the cursor, with handles on the oblique one's."""
        cursor = self._session.cursor_lps
        if self._kind is PlaneKind.OBLIQUE:
            others = [(kind, planes.normal(kind)) for kind in STANDARD_KINDS]
            return oblique_overlay(framing, cursor, others, handles=False)
        overlay = cursor_overlay(framing, cursor, self._kind)
        if self.shown:
            overlay += oblique_overlay(
                framing, cursor, [(PlaneKind.OBLIQUE, self._session.oblique.normal)], handles=True
            )
        return overlay

    def is_at(self, scene: SliceScene, x: float, y: float) -> bool:
        """Whether a handle is under a place of the view."""
        framing = scene.framing
        if framing is None or not self.shown or self._kind is PlaneKind.OBLIQUE:
            return False
        places = turn_handles(framing, self._session.cursor_lps, self._session.oblique.normal)
        return any(float(np.hypot(x - px, y - py)) <= HANDLE_REACH_PX for px, py in places)

    def turn(self, plane: Plane, before: NDArray[np.float64], now: NDArray[np.float64]) -> None:
        """Turn the oblique plane about the cursor, in the view's plane, as far as a drag went around it.

        Args:
            plane: of the view.
            before: patient point ``(3,)`` LPS mm where the pointer was.
            now: where it is.
        """
        cursor, normal = self._session.cursor_lps, plane.normal
        sine = float(normal @ np.cross(before - cursor, now - cursor))
        cosine = float((before - cursor) @ (now - cursor))
        self._session.turn_oblique(self._session.oblique.turned(normal, float(np.degrees(np.arctan2(sine, cosine)))))
