"""What draws a rendered volume: with a graphics card or without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import vtkmodules.vtkRenderingVolumeOpenGL2  # noqa: F401  (registers what volumes are drawn with)
from vtkmodules.vtkRenderingCore import vtkVolume, vtkVolumeProperty
from vtkmodules.vtkRenderingVolume import vtkFixedPointVolumeRayCastMapper
from vtkmodules.vtkRenderingVolumeOpenGL2 import vtkOpenGLGPUVolumeRayCastMapper

from rtvis.scene.offscreen import Offscreen, needs_no_display

if TYPE_CHECKING:
    from vtkmodules.vtkRenderingCore import vtkRenderWindow

    from rtvis.scene.display_volume import DisplayVolume

SOFTWARE_NAMES = ("llvmpipe", "softpipe", "swrast", "software", "swiftshader")

READY_PX = 16
"""Width and height of the picture that is drawn to nobody."""


def draws_in_software(window: vtkRenderWindow) -> bool:
    """Whether a window's OpenGL runs on the processor."""
    window.Initialize()  # before its context is there it can't tell
    told = (window.ReportCapabilities() or "").lower()
    renderer = next((line for line in told.splitlines() if "opengl renderer" in line), told)
    return any(name in renderer for name in SOFTWARE_NAMES)


def software_mapper(data: DisplayVolume) -> vtkFixedPointVolumeRayCastMapper:
    """What casts rays on the processor."""
    mapper = vtkFixedPointVolumeRayCastMapper()
    mapper.LockSampleDistanceToInputSpacingOff()
    mapper.AutoAdjustSampleDistancesOff()
    mapper.SetInputData(data.image)
    return mapper


def card_mapper(data: DisplayVolume) -> vtkOpenGLGPUVolumeRayCastMapper:
    """What has the graphics card cast rays."""
    mapper = vtkOpenGLGPUVolumeRayCastMapper()
    mapper.UseJitteringOn()
    mapper.AutoAdjustSampleDistancesOff()
    mapper.SetInputData(data.image)
    return mapper


def ready_mapper(data: DisplayVolume) -> vtkFixedPointVolumeRayCastMapper | None:
    """What casts rays on the processor, with all computed that takes long; it may run in any thread.

    For its first picture the mapper computes a normal for each voxel: half a second for eight million, which no window
    must wait for. So it draws one here, off the screen and to nobody; VTK lets other threads run meanwhile.

    Returns:
        None where a graphics card draws, and where pictures can be drawn by way of a display only, whose connection
        isn't to be shared among threads.
    """
    if not needs_no_display():
        return None
    with Offscreen(READY_PX, READY_PX) as screen:
        if draws_in_software(screen.window):
            mapper = software_mapper(data)
            volume = vtkVolume()
            volume.SetMapper(mapper)
            volume.SetProperty(tissue_shading())
            screen.renderer.AddVolume(volume)
            screen.renderer.ResetCamera()
            screen.draw()
            screen.renderer.RemoveVolume(volume)
            mapper.ReleaseGraphicsResources(screen.window)
            return mapper
    return None


def tissue_shading() -> vtkVolumeProperty:
    """How light falls on a rendered volume; what is seen of it, and in which colours, is still to be said."""
    shading = vtkVolumeProperty()
    shading.SetInterpolationTypeToLinear()
    shading.ShadeOn()
    shading.SetAmbient(0.22)
    shading.SetDiffuse(0.82)
    shading.SetSpecular(0.18)
    shading.SetSpecularPower(14.0)
    return shading
