"""Pictures without a display."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from PIL import Image

from rtvis.app.color_maps import COLOR_MAPS, GRAY
from rtvis.app.contour_style import DEFAULT_STYLE, ContourLook, ContourStyle
from rtvis.app.overlay_state import OverlayState
from rtvis.app.planes import PlaneKind, VolumePlanes
from rtvis.model.errors import InputError, UsageError
from rtvis.model.progress import no_report
from rtvis.model.structure_set import Contour, Roi, StructureSet
from rtvis.scene import offscreen, picture
from rtvis.scene.overlay import TEXT_COLOR, Label, Overlay
from rtvis.scene.overlay_painter import paint
from rtvis.scene.picture import _layout, _Painting, render_picture, save_picture
from rtvis.scene.slice_scene import Framing

from .conftest import landmark_voxels, made_volume, square_roi


@dataclass
class Shown:
    """What a session has."""

    volume: object = None
    rois: tuple = ()
    cursor_lps: np.ndarray = field(default_factory=lambda: np.zeros(3))
    window: tuple[float, float] = (1000.0, 500.0)
    active_roi: int | None = None
    color_map: object = GRAY
    inverse: bool = False
    contour_style: ContourStyle = DEFAULT_STYLE
    overlay: OverlayState = field(default_factory=OverlayState)

    @property
    def structure_set(self):
        return StructureSet("label", self.rois)

    def visible_rois(self):
        return self.rois


@pytest.fixture
def shown():
    if not offscreen.can_render():
        pytest.skip("there is no OpenGL here")
    volume = made_volume(landmark_voxels())
    point = volume.grid.to_patient([22, 13, 4])
    roi = square_roi(point, 6, heights=(-3, 0, 3), color=(255, 0, 0))
    return Shown(volume, (roi,), point)


def test_four_views_show_the_landmark_within_its_contour(shown):
    size = (900, 640)
    pixels = render_picture(shown, size=size).astype(int)
    assert pixels.shape == (640, 900, 3)
    planes = VolumePlanes(shown.volume.grid)
    for name, area in _layout("four", 900 - 248, 640):
        if name == "3d":
            continue
        view = planes.at(PlaneKind(name), shown.cursor_lps)
        frame = Framing(view.plane).resized(area.width, area.height).fitted(planes.bounds(view))
        part = pixels[area.y : area.y + area.height, area.x : area.x + area.width]
        x, y = np.floor(frame.patient_to_display(shown.cursor_lps)).astype(int)
        assert part[y, x].min() > 200, name  # the landmark: bright and grey
        edge = shown.cursor_lps + view.plane.u * 6
        x, y = np.floor(frame.patient_to_display(edge)).astype(int)
        red = part[y - 3 : y + 4, x - 1 : x + 2]
        assert (red[..., 0] - red[..., 1]).max() > 120, name


@pytest.mark.parametrize("view", ["axial", "sagittal", "coronal", "3d"])
def test_single_views_and_small_sizes(shown, view):
    pixels = render_picture(shown, view=view, size=(160, 120))
    assert pixels.shape == (120, 160, 3)
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 20


def test_the_3d_view_shows_the_surface_in_its_colour(shown):
    pixels = render_picture(shown, view="3d", size=(300, 300)).astype(int)
    red = (pixels[..., 0] > 100) & (pixels[..., 1] < 60) & (pixels[..., 2] < 60)
    assert red.sum() > 100


def test_at_and_window_are_obeyed(shown):
    inside = render_picture(shown, view="axial", size=(200, 200), at=shown.cursor_lps)
    elsewhere = render_picture(shown, view="axial", size=(200, 200), at=shown.cursor_lps + np.array([0, 0, 12]))
    dark = render_picture(shown, view="axial", size=(200, 200), window=(10.0, 5000.0))
    framing_centre = (slice(60, 140), slice(60, 140))
    assert inside[framing_centre].min(axis=-1).max() > 200
    assert elsewhere[framing_centre].min(axis=-1).max() < 200
    assert dark[framing_centre].min(axis=-1).max() < 200


def test_contours_without_images_are_shown(shown):
    pixels = render_picture(Shown(None, shown.rois), size=(900, 640))
    red = (pixels[..., 0].astype(int) - pixels[..., 1]) > 120
    assert red.sum() > 200


def test_nothing_to_show_says_so():
    with pytest.raises(InputError, match="nothing to show"):
        render_picture(Shown())


@pytest.mark.parametrize(("view", "size"), [("oblique", (100, 100)), ("four", (0, 100)), ("four", (10**6, 100))])
def test_wrong_usage_says_so(shown, view, size):
    with pytest.raises(UsageError):
        render_picture(shown, view=view, size=size)


def test_without_opengl_there_is_one_clear_line(monkeypatch):
    monkeypatch.setattr(offscreen, "_window_class", lambda: None)
    volume = made_volume(landmark_voxels())
    with pytest.raises(InputError, match="no OpenGL"):
        render_picture(Shown(volume, (), volume.grid.centre_lps_mm), size=(100, 100))


def test_slices_need_no_opengl(monkeypatch):
    monkeypatch.setattr(offscreen, "_window_class", lambda: None)
    volume = made_volume(landmark_voxels())
    point = volume.grid.to_patient([22, 13, 4])
    pixels = render_picture(Shown(volume, (), point), view="axial", size=(200, 200))
    assert pixels[60:140, 60:140].min(axis=-1).max() > 200


def test_the_probe_survives_a_process_that_dies(monkeypatch):
    monkeypatch.setattr(offscreen, "_PROBE", "import os; os.abort()")
    assert offscreen._window_class.__wrapped__() is None


def test_a_picture_is_written_whole_and_never_over_another(tmp_path):
    pixels = np.random.default_rng(1).integers(0, 255, (20, 30, 3), dtype=np.uint8)
    path = tmp_path / "new" / "p.png"
    save_picture(pixels, path)
    with Image.open(path) as read:
        np.testing.assert_array_equal(np.asarray(read), pixels)
    with pytest.raises(UsageError, match="already exists"):
        save_picture(pixels, path)
    assert [one.name for one in path.parent.iterdir()] == ["p.png"]


def test_the_scene_needs_no_qt():
    code = "import rtvis.scene.picture, sys; raise SystemExit(any('PyQt5' in n or n == 'qtpy' for n in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_position_just_below_nought_is_not_called_minus_nought(shown):
    planes = VolumePlanes(shown.volume.grid)
    painting = _Painting(shown, planes, np.array([-0.04, 0.04, -0.06]), shown.window, no_report)
    assert dict(painting._facts())["Position (LPS mm)"] == ["0.0  0.0  -0.1"]
    view = planes.at(PlaneKind.CORONAL, np.array([0.0, -0.01, 0.0]))
    assert -0.05 < view.position_mm < 0
    assert "y 0.0 mm" in " ".join(painting._view_texts(view, interpolated=False))


def panel_texts(shown, monkeypatch, height=700):
    told = []
    monkeypatch.setattr(picture, "paint", lambda _p, overlay, *_a, **_k: told.extend(overlay.labels))
    painting = _Painting(shown, VolumePlanes(shown.volume.grid), shown.cursor_lps, shown.window, no_report)
    painting.panel(Image.new("RGB", (248, height)), picture._Area(0, 0, 248, height))
    return [label.text for label in told]


def axial_rgb(shown, point, size=(400, 300)):
    """The colour of a patient point in an axial picture of the cursor's plane."""
    pixels = render_picture(shown, view="axial", at=shown.cursor_lps, size=size)
    planes = VolumePlanes(shown.volume.grid)
    view = planes.at(PlaneKind.AXIAL, shown.cursor_lps)
    frame = Framing(view.plane).resized(*size).fitted(planes.bounds(view))
    x, y = np.floor(frame.patient_to_display(point)).astype(int)
    return pixels[y, x].astype(int)


def test_images_are_painted_in_their_colours(shown):
    shown.rois = ()
    shown.cursor_lps = shown.volume.grid.to_patient([10, 20, 4])
    landmark = shown.volume.grid.to_patient([22, 13, 4])
    assert np.ptp(axial_rgb(shown, landmark)) < 3
    shown.color_map = COLOR_MAPS["hot_iron"]
    shown.window = (2000.0, 1000.0)
    value = shown.volume.value_at(landmark)
    wanted = COLOR_MAPS["hot_iron"].table()[min(round(255 * value / 2000), 255)]
    np.testing.assert_allclose(axial_rgb(shown, landmark), wanted, atol=25)  # a voxel, linearly interpolated
    shown.inverse, shown.window = True, (4000.0, 2000.0)
    wanted = COLOR_MAPS["hot_iron"].table(inverse=True)[round(255 * value / 4000)]
    np.testing.assert_allclose(axial_rgb(shown, landmark), wanted, atol=25)


def test_contours_are_filled_where_wanted(shown):
    beside = shown.cursor_lps + np.array([4.0, 4.0, 0.0])
    red, green, _ = axial_rgb(shown, beside)
    shown.contour_style = replace(DEFAULT_STYLE, look=ContourLook.BOTH, fill_opacity=0.5)
    filled = axial_rgb(shown, beside)
    assert filled[0] == pytest.approx(0.5 * red + 0.5 * 255, abs=3)
    assert filled[1] == pytest.approx(0.5 * green, abs=3)


def test_a_second_series_is_mixed_in_where_it_is(shown):
    shown.rois = ()
    over = replace(made_volume(np.full(shown.volume.grid.shape, 1000, np.int16)), modality="PT", description="FDG")
    shown.overlay.show_series(over, shown.volume, anyway=True)
    look = shown.overlay.look
    shown.overlay.set_look(replace(look, color_map=COLOR_MAPS["hot_iron"], bounds=(0.0, 1000.0), opacity=1.0))
    point = shown.volume.grid.to_patient([10, 20, 4])
    assert axial_rgb(shown, point).tolist() == pytest.approx([255, 255, 255], abs=2)
    shown.overlay.set_visible(visible=False)
    assert axial_rgb(shown, point).max() < 200


def test_the_legend_says_how_many_rois_have_no_contours(shown, monkeypatch):
    empty = [Roi(number, f"Empty {number}") for number in (5, 6, 7)]
    shown.rois = (*shown.rois, *empty)
    texts = panel_texts(shown, monkeypatch)
    assert "3 ROIs without contours" in texts
    assert not any("Empty" in text for text in texts)
    shown.rois = empty[:1]
    assert "1 ROI without contours" in panel_texts(shown, monkeypatch)
    many = [replace(shown.rois[0], number=n, contours=(Contour.drawn([[0, 0, 0]], closed=False),)) for n in range(40)]
    shown.rois = (*many, *empty)
    texts = panel_texts(shown, monkeypatch)
    assert texts[-2] == "3 ROIs without contours"
    assert texts[-3].startswith("and ")


def test_texts_have_a_dark_rim_over_bright_images():
    white = Image.new("RGB", (120, 40), (255, 255, 255))
    label = Label(60.0, 20.0, "5 cm", TEXT_COLOR, "mm", 13.0)
    paint(white, Overlay(labels=(label,)), (0, 0), (120, 40))
    pixels = np.asarray(white).astype(int)
    assert pixels.min() < 110  # about each letter
    assert pixels[:2].min() == 255  # and nowhere else
    around = pixels[8:32, 40:80].mean()
    assert around < 200
