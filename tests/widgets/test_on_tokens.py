"""Widgets and real images on the tokens of EmojiViT."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from pages import Page

from lucid_widgets import FeatureGrid, ImageExplorer, LucidWidget
from lucid_widgets.evidence import ActivationIndex
from lucid_widgets.modelzoo.vision_models import as_model, emoji_images

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


def tokens(model: Any, layer: str, image: np.ndarray) -> np.ndarray:
    return np.asarray(tf.function(lambda t: model.import_graph(t)(layer))(image[None] / np.float32(255)))
