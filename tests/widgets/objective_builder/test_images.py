"""Images of terms: uploaded, resized, and written as text."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
import pytest
from pages import Page
from PIL import Image
from widgets.objective_builder.builders import Net, ok

from lucid_widgets.optvis import objectives
from lucid_widgets.optvis.objectives.text import large_arrays, parse
from lucid_widgets.widgets.objective_builder import ObjectiveBuilder


def jpeg(size: tuple[int, int], colour: tuple[int, int, int], kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, kind)
    return file.getvalue()


def upload(page: Page, id: int, file: bytes, parts: int = 3, name: str = "u") -> list[dict[str, Any]]:
    cuts = [len(file) * i // parts for i in range(parts + 1)]
    return [
        page.command(
            "term_image",
            id=id,
            field="orig_img",
            upload=name,
            part=i,
            parts=parts,
            data=base64.b64encode(file[cuts[i] : cuts[i + 1]]).decode(),
        )
        for i in range(parts)
    ]


def test_assembles_an_uploaded_image_and_resizes_it(builder: ObjectiveBuilder, page: Page) -> None:
    id = ok(page.command("add_term", kind="input_diff"))["id"]
    assert builder.terms[1]["problem"]["message"] == "Choose an image."
    for reply in upload(page, id, jpeg((60, 30), (255, 0, 51))):
        ok(reply)
    (picture,) = large_arrays(builder.objective)
    assert picture.shape == (128, 128, 3)
    np.testing.assert_allclose(picture[64, 64], [1, 0, 0.2], atol=1e-6)
    shown = builder.terms[1]["arguments"]["orig_img"]
    assert shown["shape"] == [128, 128, 3]
    assert shown["thumbnail"].startswith("data:image/jpeg;base64,")
    assert builder.expression == 'channel("relu", 1) - input_diff(...)'
    # Editing the code around the image keeps the image.
    builder.expression = 'channel("relu", 2) - 3 * input_diff(...)'
    np.testing.assert_array_equal(next(large_arrays(builder.objective)), picture)
    builder.image_size = 64
    (smaller,) = large_arrays(builder.objective)
    assert smaller.shape == (64, 64, 3)
    np.testing.assert_allclose(smaller[32, 32], [1, 0, 0.2], atol=1e-6)
    builder.terms = builder.terms
    assert builder.problem == {}


def test_text_of_a_small_array_has_its_numbers(pages: list[Page]) -> None:
    picture = np.random.default_rng(0).random((4, 4, 3)).astype(np.float32)
    builder = ObjectiveBuilder(Net(), objectives.L1() - objectives.input_diff(picture), image_size=8)
    assert parse(builder.expression) == builder.objective
    builder.terms = builder.terms
    assert parse(builder.expression) == objectives.L1() - objectives.input_diff(picture)


@pytest.mark.parametrize(
    ("file", "said"),
    [(b"no picture", "not an image that can be read"), (jpeg((9, 9), (1, 2, 3))[:-30], "cannot be decoded")],
    ids=["text", "half a file"],
)
def test_rejects_uploads_that_are_not_images(builder: ObjectiveBuilder, page: Page, file: bytes, said: str) -> None:
    id = ok(page.command("add_term", kind="input_diff"))["id"]
    *_, last = upload(page, id, file)
    assert said in last["error"]["message"]
    assert builder.terms[1]["problem"]["message"] == "Choose an image."


def test_rejects_missing_parts_and_large_files(
    builder: ObjectiveBuilder, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = ok(page.command("add_term", kind="input_diff"))["id"]
    args = {"id": id, "field": "orig_img", "upload": "u", "parts": 3, "data": ""}
    assert "missing" in page.command("term_image", part=1, **args)["error"]["message"]
    ok(page.command("term_image", part=0, **args))
    assert "missing" in page.command("term_image", part=2, **args)["error"]["message"]
    monkeypatch.setattr(builder._terms._uploads, "_max_bytes", 100)
    first, *_ = upload(page, id, jpeg((40, 40), (1, 2, 3)) + bytes(400), name="large")
    assert "too large" in first["error"]["message"]


def test_rotates_a_photograph_upright_and_crops_its_center(builder: ObjectiveBuilder, page: Page) -> None:
    wide = Image.new("RGB", (30, 10), (0, 0, 255))
    wide.paste((255, 0, 0), (10, 0, 20, 10))
    exif = Image.Exif()
    exif[0x0112] = 6  # rotated by 90 degrees
    file = io.BytesIO()
    wide.save(file, "PNG", exif=exif)
    builder.image_size = 40
    id = ok(page.command("add_term", kind="input_diff"))["id"]
    for reply in upload(page, id, file.getvalue()):
        ok(reply)
    (picture,) = large_arrays(builder.objective)
    assert picture.shape == (40, 40, 3)
    np.testing.assert_allclose(picture[8:-8, 8:-8].mean((0, 1)), [1, 0, 0], atol=0.02)
