"""Transformers get their own default settings, which are shown and can be changed."""

from __future__ import annotations

from typing import Any

import keras
import pytest
from pages import Page

from lucid_widgets.modelzoo.vision_models import from_keras
from lucid_widgets.optvis.transform import default_transforms
from lucid_widgets.optvis.transform.chains import transforms_of_tokens
from lucid_widgets.widgets._grid.rendered_cells import RenderedCells
from lucid_widgets.widgets.feature_grid import FeatureGrid
from lucid_widgets.widgets.lucid_widget import LucidWidget

pytestmark = pytest.mark.slow

layers = keras.layers
TOKENS, PLAIN = ("tokens", "AdamCosine"), ("affine", "Adam")


@pytest.fixture(scope="module")
def transformer() -> Any:
    keras.utils.set_random_seed(0)
    image = keras.Input((16, 16, 3))
    x = layers.Reshape((16, 6))(layers.Conv2D(6, 4, 4, name="patch_embed")(image))
    x = layers.Add(name="add")([x, layers.MultiHeadAttention(2, 3)(x, x)])
    return from_keras(keras.Model(image, x, name="transformer"), image_value_range=(0, 1))


@pytest.fixture(scope="module")
def convolutional() -> Any:
    image = keras.Input((16, 16, 3))
    return from_keras(
        keras.Model(image, layers.Conv2D(6, 4, name="conv")(image), name="plain"), image_value_range=(0, 1)
    )


def chosen(widget: LucidWidget) -> tuple[str, str]:
    return widget.robust_to, widget.optimizer


def transforms_of(grid: FeatureGrid) -> tuple[Any, ...]:
    source = grid._source
    assert isinstance(source, RenderedCells)
    return tuple(source._transforms)


def test_default_depends_on_the_model(transformer: Any, convolutional: Any, pages: list[Page]) -> None:
    widget = LucidWidget(transformer)
    assert chosen(widget) == TOKENS
    assert widget.shift == 2  # half a patch
    assert "transform.random_roll(2.0)" in widget.code
    assert chosen(LucidWidget(convolutional)) == PLAIN
    assert transforms_of(FeatureGrid(transformer, "add", run=False)) == tuple(transforms_of_tokens(2))
    assert transforms_of(FeatureGrid(convolutional, "conv", run=False)) == tuple(default_transforms)


def test_arguments_replace_the_default(transformer: Any, pages: list[Page]) -> None:
    assert chosen(LucidWidget(transformer, transforms="affine", optimizer="SGD")) == ("affine", "SGD")
    assert chosen(LucidWidget(transformer, robust_to="crops")) == ("crops", "AdamCosine")
    fixed = LucidWidget(transformer, transforms=[], optimizer=keras.optimizers.Adam(0.1))
    assert "transforms=transforms" in fixed.code
    assert transforms_of(FeatureGrid(transformer, "add", transforms="affine", run=False)) == tuple(default_transforms)


def test_default_follows_the_network_unless_it_was_changed(
    transformer: Any, convolutional: Any, pages: list[Page]
) -> None:
    widget = LucidWidget(convolutional)
    widget.model = transformer
    assert chosen(widget) == TOKENS
    widget.model = convolutional
    assert chosen(widget) == PLAIN
    widget.robust_to = "standard"
    widget.model = transformer
    assert chosen(widget) == ("standard", "AdamCosine")


def test_presets_have_it_too(transformer: Any, pages: list[Page]) -> None:
    widget = LucidWidget(transformer, robust_to="nothing")
    widget.use_preset("channel")
    assert chosen(widget) == TOKENS
