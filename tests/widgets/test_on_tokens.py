"""Widgets and real images on the tokens of EmojiViT."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from pages import Page
from widgets.image_explorer.conftest import few_steps

from lucid_widgets import FeatureGrid, ImageExplorer, LucidWidget, render_many, render_model
from lucid_widgets.evidence import ActivationIndex
from lucid_widgets.microscope.rendering import ModelRendering
from lucid_widgets.misc.io.serialize_array import to_uint8
from lucid_widgets.modelzoo.vision_models import as_model, emoji_images
from lucid_widgets.optvis.engine.optimizers import Adam
from lucid_widgets.optvis.transform.chains import transforms_of_tokens

__all__ = ["few_steps"]  # a fixture

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def model() -> Any:
    return as_model("EmojiViT")


def test_widget_opens_on_it_with_the_settings_for_transformers(pages: list[Page]) -> None:
    widget = LucidWidget("EmojiViT", "block3_mlp_gelu:7", steps=4)
    assert (widget.model_name, widget.image_size, widget.shift) == ("EmojiViT", 64, 4)
    assert "model = models.EmojiViT()" in widget.code
    assert "transforms=[*transform.token_transforms]" in widget.code
    widget.run()
    assert widget.wait(120) == "done"
    assert widget.image.shape == (1, 64, 64, 3)


def test_grid_index_and_explorer_run_on_tokens(model: Any, pages: list[Page]) -> None:
    layer = "block3_mlp_gelu"
    grid = FeatureGrid(model, layer, range(3), steps=4, cache=False, run=False)
    grid.run()
    assert grid.wait(120, verbose=False) == "done"
    assert grid.images.shape == (3, 64, 64, 3)
    assert np.isfinite(grid.images).all()

    images = emoji_images(64)
    index = ActivationIndex.build(model, images, [layer], path=False, verbose=False)
    best = index[f"{layer}:7"].top[0]
    folded = model.token_grid.fold(tokens(model, layer, images.image(best.image)))
    assert folded.shape == (1, 8, 8, 512)
    assert np.unravel_index(folded[0, :, :, 7].argmax(), (8, 8)) == (best.row, best.column)

    explorer = ImageExplorer(model, images.image(0), layer=layer)
    explorer.wait(120)
    assert explorer.layer == layer


def test_grid_of_a_readout(model: Any, pages: list[Page]) -> None:
    layer = "block3_mlp_gelu"
    directions = np.eye(512, dtype=np.float32)[[7, 9]]
    seen = model.with_readout("pair", directions, after=layer)
    assert seen.token_grid == model.token_grid
    settings: dict[str, Any] = {"steps": 2, "cache": False, "run": False}
    grids = [FeatureGrid(seen, "pair", **settings), FeatureGrid(seen, layer, [7, 9], **settings)]
    for grid in grids:
        grid.run()
        assert grid.wait(120, verbose=False) == "done"
    # A readout of one channel is that channel.
    np.testing.assert_allclose(grids[0].images, grids[1].images, atol=2e-2)
    assert np.abs(grids[0].images[0] - grids[0].images[1]).max() > 0.05


def test_store_of_tokens_has_the_settings_for_transformers(model: Any, tmp_path: Any) -> None:
    seen = model.with_readout("pair", np.eye(512, dtype=np.float32)[[7, 9]], after="block3_mlp_gelu")
    store = render_model(seen, "pair", tmp_path, steps=3, verbose=False)
    about = store.record("pair:0")["recipe"]
    assert (about["transforms"], about["optimizer"]) == ("tokens", "AdamCosine")
    same = {"transforms": transforms_of_tokens(4), "optimizer": Adam(0.08, decay_steps=3)}
    images = render_many(seen, ["pair:0", "pair:1"], steps=3, image_size=64, verbose=False, **same)
    np.testing.assert_array_equal(store.images("pair"), to_uint8(images))
    assert ModelRendering(seen, "pair", tmp_path, steps=3).tasks == []
    assert len(ModelRendering(seen, "pair", tmp_path, steps=3, transforms="tokens").tasks) == 1


def tokens(model: Any, layer: str, image: np.ndarray) -> np.ndarray:
    return np.asarray(tf.function(lambda t: model.import_graph(t)(layer))(image[None] / np.float32(255)))
