"""Brings what the session's overlay state says into the slice views."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtvis.scene.fusion import Fusion
from rtvis.scene.isodose_lines import IsodoseLines
from rtvis.scene.overlay import Overlay
from rtvis.scene.overlay_legend import DoseBar, legend_overlay
from rtvis.scene.volume_image import VolumeImage

if TYPE_CHECKING:
    from collections.abc import Callable

    from rtvis.app.planes import ViewPlane
    from rtvis.app.session import Session
    from rtvis.gui.background import BackgroundTasks, Task
    from rtvis.gui.slice_view import SliceView
    from rtvis.gui.views import Views
    from rtvis.model.progress import Report
    from rtvis.model.volume import Volume
    from rtvis.scene.framing import Framing
    from rtvis.scene.slice_scene import Blend


class _Layer:
    """The overlay of one view."""

    def __init__(self, session: Session, view: SliceView) -> None:
        self._session = session
        self._state = session.overlay
        self.view = view
        self._fusion: Fusion | None = None
        self._lines: IsodoseLines | None = None

    def set_image(self, image: VolumeImage | None) -> None:
        """Show another volume, or none."""
        self.release()
        state = self._state
        if image is not None:
            self._fusion = Fusion(image, state.look)
            self._lines = None if state.dose is None else IsodoseLines(state.dose, image)
        self.show()

    def show(self) -> None:
        """As the state says now; a view without an overlay has nothing to ask."""
        if self._fusion is None:
            self.view.set_layers(())
            return
        self._fusion.set_look(self._state.look)
        blends: tuple[Blend, ...] = (self._fusion,) if self._state.visible else ()
        if self._state.alone and blends:
            session = self._session
            blends = (DoseBar(session.color_map.table(inverse=session.inverse)),)
        self.view.set_layers(blends, self._below, self._make_ahead)

    def _below(self, framing: Framing) -> Overlay:
        state = self._state
        if not state.is_drawn:
            return Overlay()
        lines = Overlay() if self._lines is None else self._lines.overlay(framing, state.isodoses)
        return lines + legend_overlay(framing, state, self._session.bounds if state.alone else None)

    def _make_ahead(self, framing: Framing, view: ViewPlane) -> bool:
        state = self._state
        if not state.is_drawn or self._fusion is None:
            return False
        painted = not state.alone and self._fusion.prepare(framing, view)
        drawn = self._lines is not None and self._lines.prepare(framing.plane, state.isodoses)
        return painted or drawn

    def release(self) -> None:
        """Let go of volume and dose."""
        if self._fusion is not None:
            self._fusion.release()
        if self._lines is not None:
            self._lines.release()
        self._fusion = self._lines = None


class OverlayLayers:
    """The overlay in all slice views: one image of it, a layer for each view.

    Args:
        session: whose overlay.
        views: the slice views; one that is made later (the oblique one) gets its layer when it is made.
        tasks: where an image that has to be made first (uneven or tilted slices, slices that differ in slope) is made.
    """

    def __init__(self, session: Session, views: Views, tasks: BackgroundTasks) -> None:
        self._session = session
        self._views = views
        self._tasks = tasks
        self._image: VolumeImage | None = None
        self._task: Task | None = None
        self._layers: list[_Layer] = []
        for view in views.slices.values():
            self._attach(view)
        views.slice_view_made.connect(self._attach)
        session.overlay.chosen_changed.connect(self._chosen)
        session.overlay.look_changed.connect(self._look_changed)
        session.window_changed.connect(self._images_look_changed)
        session.color_map_changed.connect(self._images_look_changed)
        self._chosen()

    def release(self) -> None:
        """Let go of the session."""
        self._session.overlay.chosen_changed.disconnect(self._chosen)
        self._session.overlay.look_changed.disconnect(self._look_changed)
        self._session.window_changed.disconnect(self._images_look_changed)
        self._session.color_map_changed.disconnect(self._images_look_changed)
        for layer in self._layers:
            layer.release()
        self._layers = []
        self._image = None

    def _attach(self, view: SliceView) -> None:
        layer = _Layer(self._session, view)
        self._layers.append(layer)
        if self._image is not None:
            layer.set_image(self._image)

    def _chosen(self) -> None:
        volume = self._session.overlay.volume
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if self._image is not None and (volume is None or volume is not self._image.volume):
            self._set_image(None)
        if volume is None:
            return
        if self._image is not None:
            self._set_image(self._image)
        elif volume.grid.regular and volume.rescale is not None:
            self._set_image(VolumeImage(volume))
        else:
            self._task = self._tasks.start("Preparing the overlay", _prepared(volume), self._made)

    def _made(self, image: VolumeImage) -> None:
        self._task = None
        if image.volume is self._session.overlay.volume:
            self._set_image(image)

    def _set_image(self, image: VolumeImage | None) -> None:
        self._image = image
        self._views.view3d.set_overlay(image)
        for layer in self._layers:
            layer.set_image(image)

    def _look_changed(self) -> None:
        for layer in self._layers:
            layer.show()

    def _images_look_changed(self) -> None:
        """Window or colours of what is below: a bar says them where that is a dose."""
        if self._session.overlay.alone:
            for layer in self._layers:
                layer.show()


def _prepared(volume: Volume) -> Callable[[Report], VolumeImage]:
    def work(_report: Report) -> VolumeImage:
        image = VolumeImage(volume)
        _ = image.whole
        return image

    return work
