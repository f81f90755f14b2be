"""Files that are damaged, endless, or made to fill the memory are refused with one kind of error."""

from __future__ import annotations

import io
import lzma
import os
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lucid_widgets.errors import ArgumentError
from lucid_widgets.export.sprites import Sheet
from lucid_widgets.images.decoding import decoded
from lucid_widgets.misc.io import load
from lucid_widgets.misc.outside import check_fields, file_bytes, parsed_json, read_arrays, unpacked_xz
from lucid_widgets.misc.outside.images import opened_image
from lucid_widgets.misc.outside.records import Field, is_whole
from lucid_widgets.widgets._workbench.start_image import StartImage

EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n%%EndComments\nshowpage\n"


def of_load(data: bytes) -> Any:
    file = io.BytesIO(data)
    file.name = "x.png"
    return load(file)


DOORS: dict[str, Callable[[bytes], Any]] = {
    "load": of_load,
    "sheet": lambda data: Sheet.from_bytes(data, columns=1),
    "image set": decoded,
    "start image": lambda data: StartImage.of_bytes(data, "x.png"),
}


def png(side: int, mode: str = "RGB") -> bytes:
    file = io.BytesIO()
    Image.new(mode, (side, side)).save(file, "PNG")
    return file.getvalue()


def claims(side: int) -> bytes:
    """A PNG of a few bytes, whose header names a large size."""
    data = bytearray(png(2))
    data[16:24] = side.to_bytes(4, "big") * 2
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    return bytes(data)


@pytest.mark.parametrize("read", DOORS.values(), ids=DOORS)
def test_images_are_bounded_and_of_known_formats(read: Callable[[bytes], Any]) -> None:
    # Pillow would hand the EPS to another program if it were asked for any format.
    for data in (EPS, b""):
        with pytest.raises(ArgumentError, match="is not an image that can be read"):
            read(data)
    # Pillow raises an OSError for the first and a ValueError for the second.
    for data in (png(64)[:-30], b"P2 2 2 255 1 x 3 4 "):
        with pytest.raises(ArgumentError, match="cannot be decoded"):
            read(data)
    for side in (9_100, 40_000):
        with pytest.raises(ArgumentError, match=r"pixels. Expected at most"):
            read(claims(side))


@pytest.mark.parametrize("read", [of_load, DOORS["sheet"], decoded])
def test_a_file_of_few_bytes_has_fewer_pixels(read: Callable[[bytes], Any]) -> None:
    # A TIFF may leave out blocks, which are black. One of 260 bytes took seconds and more than a gigabyte.
    for side, refused in ((8000, True), (4600, True), (2000, False)):
        with pytest.raises(ArgumentError) as caught:
            read(claims(side))
        assert ("pixels in" in caught.value.message) == refused
        assert ("Expected at most 4,000,000 pixels" in caught.value.hint) == refused


def test_a_start_image_has_fewer_pixels_than_other_images() -> None:
    # A page can upload it, and a photograph of 64 million pixels would take seconds and a gigabyte.
    with pytest.raises(ArgumentError, match=r"5000 × 5000 pixels. Expected at most 24,000,000"):
        StartImage.of_bytes(claims(5000), "x.png")


def test_a_start_image_is_decoded_once_and_reduced_before_it_is_converted(monkeypatch: pytest.MonkeyPatch) -> None:
    opened, converted = [], []
    convert = Image.Image.convert

    def counted(*arguments: Any, **options: Any) -> Any:
        opened.append(arguments)
        return opened_image(*arguments, **options)

    def noted(self: Any, *arguments: Any, **options: Any) -> Any:
        converted.append(self.size)
        return convert(self, *arguments, **options)

    monkeypatch.setattr("lucid_widgets.widgets._workbench.start_image.opened_image", counted)
    monkeypatch.setattr(Image.Image, "convert", noted)
    monkeypatch.setattr(StartImage, "pixels", lambda self: pytest.fail("decoded in full size"))
    image = StartImage.of_bytes(png(1500), "large.png")
    assert image.about == {"name": "large.png", "width": 1500, "height": 1500}
    assert Image.open(io.BytesIO(image.thumbnail)).size == (96, 96)
    assert len(opened) == 1
    assert max(converted) == (768, 768)


def test_the_size_of_a_start_image_is_that_of_the_upright_image() -> None:
    file, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (30, 20)).save(file, "JPEG", exif=exif)
    about = StartImage.of_bytes(file.getvalue(), "x.jpg").about
    assert (about["width"], about["height"]) == (20, 30)


def test_files_that_are_no_files_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, what in ((tmp_path, "a folder"), (tmp_path / "pipe", "not a regular file"), (Path("a\0b"), "cannot be")):
        with pytest.raises(ArgumentError, match=what):
            file_bytes(path)
    (tmp_path / "large").write_bytes(b"x" * 11)
    with pytest.raises(ArgumentError, match=r"large' has 11 bytes. Expected at most 10"):
        file_bytes(tmp_path / "large", 10)


def test_xz_is_unpacked_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    assert unpacked_xz(lzma.compress(b"ab") + lzma.compress(b"c"), "x.xz") == b"abc"
    for damaged in (lzma.compress(b"ab" * 99)[:-8], b"no xz"):
        with pytest.raises(ArgumentError, match=r"x\.xz is not an xz file"):
            unpacked_xz(damaged, "x.xz")
    monkeypatch.setattr("lucid_widgets.misc.outside.files.MAX_UNPACKED", 1000)
    with pytest.raises(ArgumentError, match=r"of x\.xz unpack to"):
        unpacked_xz(lzma.compress(b"\0" * 100_000), "x.xz")


def test_members_that_are_not_arrays_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", a=np.arange(3))
    with zipfile.ZipFile(tmp_path / "x.npz", "a") as archive:
        archive.writestr("note.txt", b"text")
    with pytest.raises(ArgumentError, match=r"'note.txt' is not an array"):
        read_arrays((tmp_path / "x.npz").read_bytes(), "x.npz")


def test_json_is_bounded_in_depth_and_its_fields_are_named() -> None:
    with pytest.raises(ArgumentError, match=r"x\.json is not JSON that can be read: it is nested too deeply"):
        parsed_json("[" * 100_000, "x.json")
    with pytest.raises(ArgumentError, match=r"x\.json has size='3'\. Expected a whole number"):
        check_fields({"size": "3"}, {"size": Field(is_whole, "a whole number")}, "x.json")
