"""Volume rendering in the 3D view: what it renders is made in the background, and gets sharp once nothing moves."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, QTimer

from rtvis.app.tissue_presets import TissuePreset, tissue_presets
from rtvis.scene.display_volume import DisplayVolume, display_volume
from rtvis.scene.tissue_mapper import ready_mapper

if TYPE_CHECKING:
    from vtkmodules.vtkRenderingVolume import vtkFixedPointVolumeRayCastMapper

    from rtvis.gui.background import BackgroundTasks, Task
    from rtvis.model.progress import Report
    from rtvis.scene.tissue import Tissue
    from rtvis.scene.volume_image import VolumeImage

STILL_MS = 220
"""What is shown gets sharp once nothing has moved for this long."""


class TissueView(QObject):
    """Feeds the rendered volume of one 3D view.

    Args:
        parent: the view.
        tissue: of its scene.
        tasks: where what is rendered is made.
        redraw: has the view drawn anew, coarsely.
        refine: has what was drawn made sharp, bit by bit, until it is drawn anew.
    """

    def __init__(
        self,
        parent: QObject,
        tissue: Tissue,
        tasks: BackgroundTasks,
        redraw: Callable[[], None],
        refine: Callable[[], None],
    ) -> None:
        super().__init__(parent)
        self._tissue = tissue
        self._tasks = tasks
        self._redraw = redraw
        self._refine = refine
        self._image: VolumeImage | None = None
        self._wanted = False
        self._task: Task | None = None
        self.still = QTimer(self)
        self.still.setSingleShot(True)
        self.still.timeout.connect(self.sharpen)
        tasks.ended.connect(self._task_ended)

    @property
    def is_busy(self) -> bool:
        """Whether what is rendered is still being made."""
        return self._task is not None

    def set_image(self, image: VolumeImage | None) -> None:
        """Render another volume, or none."""
        self._image = image
        self.values_changed()

    def values_changed(self) -> None:
        """The voxels are others."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._tissue.set_data(None)
        self._make()

    def preset(self, key: str | None) -> TissuePreset | None:
        """The preset of a key, where it suits what is shown."""
        return next((one for one in self.presets() if one.key == key), None)

    def presets(self) -> tuple[TissuePreset, ...]:
        """Presets for what is shown; none for a volume of one slice."""
        if self._image is None or min(self._image.volume.grid.shape) < 2:
            return ()
        return tissue_presets(self._image.volume)

    def want(self, *, wanted: bool) -> None:
        """Whether anything is to be rendered: what isn't is not made."""
        self._wanted = wanted
        self._make()

    def moved(self) -> None:
        """Something moved: it is drawn coarsely, and sharply once all is still."""
        if self._tissue.is_shown:
            self.still.start(STILL_MS)

    def sharpen(self) -> None:
        """Nothing moves: draw it sharply."""
        self.still.stop()
        if self._tissue.is_shown:
            self._refine()

    def drawn(self, milliseconds: float) -> None:
        """The scene was drawn, coarsely: it gets sharp unless it is drawn again soon."""
        self._tissue.drawn(milliseconds)
        if self._tissue.is_shown:
            self.still.start(STILL_MS)

    def stop(self) -> None:
        """Leave off."""
        self.still.stop()
        self._wanted = False
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _make(self) -> None:
        image = self._image
        if not self._wanted or image is None or self._task is not None or self._tissue.data is not None:
            return
        image.whole  # noqa: B018  (made here, where planes ask for it too)

        def work(report: Report) -> tuple[DisplayVolume, vtkFixedPointVolumeRayCastMapper | None]:
            data = display_volume(image, report)
            return data, ready_mapper(data)

        def show(made: tuple[DisplayVolume, vtkFixedPointVolumeRayCastMapper | None]) -> None:
            if image is self._image:
                self._tissue.set_data(*made)
                self.moved()
                self._redraw()

        self._task = self._tasks.start("Preparing the volume", work, show)

    def _task_ended(self) -> None:
        if self._task is not None and self._task not in self._tasks.running:
            self._task = None
            self._redraw()
