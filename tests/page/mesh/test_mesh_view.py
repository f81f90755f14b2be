"""A mesh with its texture, drawn by WebGL."""

from __future__ import annotations

import base64
from io import BytesIO

import numpy as np
import pytest
from page.fake_notebook import OpenWidget
from PIL import Image

from lucid_widgets.errors import ArgumentError
from lucid_widgets.misc.io import showing
from lucid_widgets.widgets.mesh_view import MeshView

SQUARE = {
    "position": [[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]],
    "uv": [[0, 0], [1, 0], [1, 1], [0, 1]],
    "face": [0, 1, 2, 0, 2, 3],
}


def test_shows_the_texture_on_the_mesh(open_widget: OpenWidget) -> None:
    texture = np.zeros((16, 16, 3), np.float32)
    texture[:8] = [1, 0, 0]  # the upper half of the image is at v = 1, above
    view = MeshView(SQUARE, texture, "0x0000ff")
    notebook = open_widget(bundle="mesh_view", defaults={"background": view.background}, data={"_mesh": view._mesh})
    view.close()
    canvas = notebook.page.locator("canvas[data-ready]")

    def seen() -> np.ndarray:
        return np.asarray(Image.open(BytesIO(canvas.screenshot())).convert("RGB"))

    image = seen()
    height, width = image.shape[:2]
    assert image[int(0.35 * height), width // 2].tolist() == [255, 0, 0]
    assert image[int(0.65 * height), width // 2].max() < 20
    assert image[5, 5].tolist() == [0, 0, 255]
    canvas.focus()
    for _ in range(11):
        notebook.page.keyboard.press("ArrowRight")  # until it is seen almost from the edge
    assert (seen()[:, :, 2] < 128).sum() < 0.3 * (image[:, :, 2] < 128).sum()


def test_a_mesh_of_any_size_fits_into_the_view(open_widget: OpenWidget) -> None:
    far = {**SQUARE, "position": 100 * np.array(SQUARE["position"]) + 1000}
    images = []
    for mesh in (SQUARE, far):
        view = MeshView(mesh, np.zeros((2, 2, 3)))
        notebook = open_widget(bundle="mesh_view", defaults={"background": view.background}, data={"_mesh": view._mesh})
        view.close()
        canvas = notebook.page.locator("canvas[data-ready]")
        images.append(np.asarray(Image.open(BytesIO(canvas.screenshot())).convert("L")))
    near, distant = images
    assert np.mean(near != distant) < 0.001
    assert near[4:-4, 4:-4].min() < 10
    assert min(near[4].min(), near[-5].min(), near[:, 4].min(), near[:, -5].min()) > 250


def test_still_picture_looks_like_the_page(open_widget: OpenWidget) -> None:
    corner = {**SQUARE, "position": [[-1, -1, 0], [1, -1, 0.5], [1, 1, -1], [-1, 1, 2]]}
    texture = np.zeros((512, 512, 3), np.float32)
    texture[:256, :256], texture[256:, 256:] = [1, 0, 0], [0, 1, 0]
    view = MeshView(corner, texture, "0x0000ff")
    data, _ = view._repr_mimebundle_()
    still = np.asarray(Image.open(BytesIO(base64.b64decode(data["image/png"]))), float)
    notebook = open_widget(bundle="mesh_view", defaults={"background": view.background}, data={"_mesh": view._mesh})
    view.close()
    seen = Image.open(BytesIO(notebook.page.locator("canvas[data-ready]").screenshot())).convert("RGB")
    left, side = (seen.width - seen.height) // 2, seen.height  # the page is wider than high
    drawn = np.asarray(seen.crop((left, 0, left + side, side)).resize(still.shape[:2]), float)
    assert np.mean(np.abs(drawn - still).max(2) > 64) < 0.02


def test_checks_meshes() -> None:
    view = showing.textured_mesh(SQUARE, np.zeros((2, 2, 3)))
    assert (repr(view), view.background) == ("<MeshView of 2 triangles>", "#ffffff")
    view.close()
    for changes, message in [
        ({"uv": [[0, 0]]}, "shapes"),
        ({"face": [0, 1, 9]}, "names corner 9"),
        ({"uv": [[0, 0], [1, 0], [1, np.nan], [0, 1]]}, "not finite"),
    ]:
        with pytest.raises(ArgumentError, match=message):
            MeshView({**SQUARE, **changes}, np.zeros((2, 2, 3)))
    with pytest.raises(ArgumentError, match="no 'uv'"):
        MeshView({"position": [], "face": []}, np.zeros((2, 2, 3)))
    with pytest.raises(ArgumentError, match="background is 'red'"):
        MeshView(SQUARE, np.zeros((2, 2, 3)), "red")
