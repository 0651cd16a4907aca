"""Movies and pictures of a 3D scene."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from PIL import Image

from rtvis.app.planes import STANDARD_KINDS, VolumePlanes
from rtvis.app.roi_looks import RoiStyle
from rtvis.app.view3d_state import Look3D
from rtvis.model.errors import UsageError
from rtvis.model.progress import CancelledError
from rtvis.scene.movie_file import AviMovie, movie_for, write_movie
from rtvis.scene.scene3d import Scene3D
from rtvis.scene.twin import Twin
from rtvis.scene.volume_image import VolumeImage
from rtvis.surfaces.roi_surface import roi_surface

from .conftest import landmark_voxels, made_volume, square_roi

COLORS = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (128, 128, 128), (255, 255, 255)]


def frames():
    for n, color in enumerate(COLORS):
        pixels = np.full((36, 64, 3), color, np.uint8)
        pixels[:8, : 10 * n] = 20
        yield pixels


def chunks(data):
    """(name, content, place) of RIFF chunks, lists opened."""
    place = 0
    while place < len(data):
        name, size = struct.unpack_from("<4sI", data, place)
        content = data[place + 8 : place + 8 + size]
        if name in {b"LIST", b"RIFF"}:
            yield name + b" " + content[:4], content, place
            yield from chunks(content[4:])
        else:
            yield name, content, place
        place += 8 + size + size % 2


def test_a_gif_has_every_picture_in_its_time(tmp_path):
    movie = movie_for("turn.gif", 20)
    for pixels in frames():
        movie.add(pixels)
    path = tmp_path / "turn.gif"
    write_movie(movie, path)
    with Image.open(path) as picture:
        assert picture.n_frames == len(COLORS)
        assert picture.info["loop"] == 0
        for n, expected in enumerate(frames()):
            picture.seek(n)
            assert picture.info["duration"] == 50
            shown = np.asarray(picture.convert("RGB")).astype(int)
            assert np.abs(shown - expected).mean() < 6


def test_an_avi_has_every_picture_and_an_index_of_them(tmp_path):
    movie = AviMovie(12.5)
    for pixels in frames():
        movie.add(pixels)
    path = tmp_path / "turn.avi"
    write_movie(movie, path)
    found = list(chunks(path.read_bytes()))
    names = [name for name, _, _ in found]
    assert names == [
        b"RIFF AVI ",
        b"LIST hdrl",
        b"avih",
        b"LIST strl",
        b"strh",
        b"strf",
        b"LIST movi",
        *[b"00dc"] * len(COLORS),
        b"idx1",
    ]
    by_name = {name: content for name, content, _ in found}
    assert len(by_name[b"avih"]) == 56
    assert len(by_name[b"strh"]) == 56
    assert len(by_name[b"strf"]) == 40
    microseconds, _, _, flags, count = struct.unpack_from("<5I", by_name[b"avih"])
    assert (microseconds, flags, count) == (80_000, 0x10, len(COLORS))
    assert struct.unpack_from("<2I", by_name[b"avih"], 32) == (64, 36)
    scale, rate = struct.unpack_from("<2I", by_name[b"strh"], 20)
    assert rate / scale == 12.5
    pictures = [content for name, content, _ in found if name == b"00dc"]
    for picture, expected in zip(pictures, frames(), strict=True):
        shown = np.asarray(Image.open(io.BytesIO(picture))).astype(int)
        assert np.abs(shown - expected).mean() < 3
    movi = by_name[b"LIST movi"]
    for n, picture in enumerate(pictures):
        name, _, place, size = struct.unpack_from("<4sIII", by_name[b"idx1"], 16 * n)
        assert (name, size) == (b"00dc", len(picture))
        assert movi[place : place + 4] == b"00dc"
        assert movi[place + 8 : place + 8 + size] == picture


def test_other_names_are_refused_and_files_stay(tmp_path):
    with pytest.raises(UsageError, match=r"turn\.mp4"):
        movie_for("turn.mp4", 10)
    movie = movie_for("a.gif", 10)
    movie.add(next(frames()))
    (tmp_path / "a.gif").write_bytes(b"mine")
    with pytest.raises(UsageError):
        write_movie(movie, tmp_path / "a.gif")
    assert (tmp_path / "a.gif").read_bytes() == b"mine"


@pytest.mark.parametrize("name", ["turn.gif", "turn.avi"])
@pytest.mark.parametrize("stage", [0, 1, -1])
def test_what_is_given_up_while_it_is_written_leaves_the_file_that_was_there(tmp_path, name, stage):
    movie, told, path = movie_for(name, 10), [], tmp_path / name
    for pixels in frames():
        movie.add(pixels)
    write_movie(movie, path, report=lambda *_done: told.append(1))
    path.write_bytes(b"mine")
    last = range(len(told))[stage]

    def stop(*_done):
        nonlocal last
        last -= 1
        if last < 0:
            raise CancelledError("given up")

    with pytest.raises(CancelledError):
        write_movie(movie, path, overwrite=True, report=stop)
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == {name: b"mine"}


@pytest.fixture
def scene(screen):
    scene = Scene3D(screen.renderer)
    volume = made_volume(landmark_voxels())
    planes = VolumePlanes(volume.grid)
    scene.set_image(VolumeImage(volume), planes)
    scene.set_views([planes.at(kind, volume.grid.centre_lps_mm) for kind in STANDARD_KINDS])
    roi = square_roi(volume.grid.centre_lps_mm, 8, heights=(-6, -3, 0, 3, 6), color=(255, 0, 200))
    scene.set_rois([roi])
    scene.set_surface(roi, roi_surface(roi))
    scene.camera.set_size(300, 200)
    scene.camera.reset()
    yield scene
    scene.close()


def test_a_twin_shows_the_same_at_any_size(screen, scene):
    scene.set_look(Look3D(opacity=0.6))
    original = screen.capture().astype(float)
    with Twin(scene.shown(), 600, 400) as twin:
        assert twin.capture().shape == (400, 600, 3)
        halved = twin.capture().reshape(200, 2, 300, 2, 3).mean(axis=(1, 3))
    assert np.abs(halved - original).mean() < 3
    assert np.array_equal(screen.capture(), original)


def test_a_twin_made_later_looks_from_where_one_looked_when_it_was_asked_for(scene):
    before = scene.camera.right_and_up
    shown = scene.shown()
    scene.camera.look_from("L")
    with Twin(shown, 150, 100) as twin:
        np.testing.assert_allclose(twin.scene.camera.right_and_up, before, atol=1e-9)
    assert np.abs(np.subtract(scene.camera.right_and_up, before)).max() > 0.5


def test_lines_are_as_thick_beside_all_else_at_any_size(scene):
    scene.set_look(Look3D(roi_style=RoiStyle.LINES))
    (lines,) = (one.lines_actor.GetProperty().GetLineWidth() for one in scene.rois)
    with Twin(scene.shown(), 900, 600) as twin:
        assert [one.lines_actor.GetProperty().GetLineWidth() for one in twin.scene.rois] == [3 * lines]


def test_a_turn_ends_where_it_began_and_shows_the_other_side_between(scene):
    with Twin(scene.shown(), 150, 100) as twin:
        first = twin.capture().astype(int)
        for _ in range(2):
            twin.scene.camera.orbit(90)
        half = twin.capture().astype(int)
        for _ in range(2):
            twin.scene.camera.orbit(90)
        last = twin.capture().astype(int)
        right, _ = twin.scene.camera.right_and_up
        np.testing.assert_allclose(right, scene.camera.right_and_up[0], atol=1e-9)
    assert np.abs(last - first).mean() < 0.5
    assert np.abs(half - first).mean() > 2
