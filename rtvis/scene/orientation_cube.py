"""A small cube with the letters L R A P S I in a corner of a 3D view, turned as the patient is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from vtkmodules.vtkRenderingAnnotation import vtkAnnotatedCubeActor
from vtkmodules.vtkRenderingCore import vtkRenderer

if TYPE_CHECKING:
    from vtkmodules.vtkRenderingCore import vtkCamera

SHARE = 0.2
LEAST_PX, MOST_PX = 56.0, 120.0
"""The corner's side: this share of the view's shorter one, within these logical pixels. It is square: a narrow one
would cut the cube off at its sides."""

CUBE_COLOR = (0.24, 0.27, 0.32)
LETTER_COLOR = (0.94, 0.86, 0.62)


class OrientationCube:
    """The cube of one view. It follows a camera when told to (`follow`), so that no observer outlives the view."""

    def __init__(self, renderer: vtkRenderer) -> None:
        """Put the cube over the bottom left corner of a renderer's window."""
        self._window = renderer.GetRenderWindow()
        cube = vtkAnnotatedCubeActor()
        # LPS: x grows to the patient's left, y to posterior, z to superior.
        cube.SetXPlusFaceText("L")
        cube.SetXMinusFaceText("R")
        cube.SetYPlusFaceText("P")
        cube.SetYMinusFaceText("A")
        cube.SetZPlusFaceText("S")
        cube.SetZMinusFaceText("I")
        cube.SetZFaceTextRotation(90)
        cube.SetFaceTextScale(0.62)
        cube.GetCubeProperty().SetColor(*CUBE_COLOR)
        cube.GetTextEdgesProperty().SetOpacity(0.0)
        faces = (
            cube.GetXPlusFaceProperty(),
            cube.GetXMinusFaceProperty(),
            cube.GetYPlusFaceProperty(),
            cube.GetYMinusFaceProperty(),
            cube.GetZPlusFaceProperty(),
            cube.GetZMinusFaceProperty(),
        )
        for face in faces:
            face.SetColor(*LETTER_COLOR)
            face.LightingOff()
        self._renderer = vtkRenderer()
        self._renderer.AddActor(cube)
        self._renderer.SetViewport(0.0, 0.0, SHARE, SHARE)
        self._renderer.InteractiveOff()
        if self._window is not None:
            self._window.SetNumberOfLayers(max(2, self._window.GetNumberOfLayers()))
            self._renderer.SetLayer(self._window.GetNumberOfLayers() - 1)
            self._window.AddRenderer(self._renderer)

    def fit(self, width: float, height: float) -> None:
        """Have the cube whole, and large enough to be read, in a view of this size in logical pixels."""
        side = min(max(SHARE * min(width, height), LEAST_PX), MOST_PX, width, height)
        self._renderer.SetViewport(0.0, 0.0, side / width, side / height)

    def follow(self, camera: vtkCamera) -> None:
        """Turn the cube as `camera` sees the patient."""
        own = self._renderer.GetActiveCamera()
        direction = np.array(camera.GetDirectionOfProjection())
        own.SetFocalPoint(0.0, 0.0, 0.0)
        own.SetPosition(*(-5.0 * direction).tolist())
        own.SetViewUp(*camera.GetViewUp())
        own.ParallelProjectionOn()
        own.SetParallelScale(1.05)
        own.SetClippingRange(1.0, 10.0)

    def close(self) -> None:
        """Take the cube out of the window."""
        self._renderer.RemoveAllViewProps()
        if self._window is not None:
            self._window.RemoveRenderer(self._renderer)
