"""Texts, other images and facets as objectives, with a CLIP whose embeddings are mean colors."""

from __future__ import annotations

import pickle
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers as L

from lucid_widgets import objectives, render_many
from lucid_widgets.errors import ArgumentError, ModelError, OutOfRangeError
from lucid_widgets.modelzoo.embeddings import image_embedding, text_embedding
from lucid_widgets.modelzoo.vision_models import KerasModel, from_clip, from_keras
from lucid_widgets.optvis.objectives.units import with_class_indices
from lucid_widgets.optvis.render import render_vis

WORDS = ["red", "green", "blue"]
MIXING = np.array([[0.0, 2, 0], [0, 0, 2], [2, 0, 0]], np.float32)
"""The projection of both encoders: the embedding is (blue, red, green), twice as long."""


class Clip:
    """A CLIP: its image encoder is a convolution and a mean, its text encoder a sum over tokens."""

    name = "tiny_clip"

    def __init__(self) -> None:
        self.vision_encoder = SimpleNamespace(image_shape=(16, 16, 3))
        self.conv = L.Conv2D(3, 1, use_bias=False, name="conv")
        self.vision_projection = L.Dense(3, use_bias=False, name="vision_projection")
        self.words = L.Embedding(len(WORDS) + 1, 3, name="words")
        self.text_projection = L.Dense(3, use_bias=False, name="text_projection")
        self.texts = 0
        for layer, shape in ((self.conv, (1, 1, 1, 3)), (self.words, (1, 1)), (self.vision_projection, (1, 3))):
            layer(np.zeros(shape))
        self.text_projection(np.zeros((1, 3)))
        self.conv.set_weights([np.eye(3)[None, None]])
        self.words.set_weights([np.concatenate([np.zeros((1, 3)), np.eye(3)])])
        self.vision_projection.set_weights([MIXING])
        self.text_projection.set_weights([MIXING])

    def get_vision_embeddings(self, images: Any) -> Any:
        return self.vision_projection(L.GlobalAveragePooling2D(name="pool")(self.conv(images)))

    def get_text_embeddings(self, token_ids: Any) -> Any:
        self.texts += len(token_ids)
        return self.text_projection(keras.ops.sum(self.words(token_ids), 1))


def tokenize(texts: list[str]) -> np.ndarray:
    found = [[WORDS.index(word) + 1 for word in text.split() if word in WORDS] for text in texts]
    return np.array([[*each, 0, 0, 0][:3] for each in found])


def clip() -> tuple[KerasModel, Clip]:
    backbone = Clip()
    return from_clip(backbone, tokenize, image_value_range=(0, 1)), backbone


def cosine(first: Any, second: Any) -> float:
    return float(np.dot(first, second) / np.linalg.norm(first) / np.linalg.norm(second))


def value_of(objective: Any, model: KerasModel, images: np.ndarray) -> float:
    resolved = with_class_indices(objective, model)
    compute = tf.function(lambda t: resolved(model.import_graph(t)), autograph=False)
    return float(compute(tf.constant(images)))


def test_embeddings_are_those_of_both_encoders() -> None:
    model, backbone = clip()
    assert (model.name, model.image_shape) == ("tiny_clip", (16, 16, 3))
    np.testing.assert_allclose(text_embedding(model, "a red photo"), [0, 2, 0])
    np.testing.assert_allclose(text_embedding(model, "blue and green"), [2, 0, 2])
    text_embedding(model, "a red photo")
    assert backbone.texts == 2  # each text is encoded once
    image = np.random.default_rng(0).random((16, 16, 3)).astype(np.float32)
    np.testing.assert_allclose(
        image_embedding(model, "vision_projection", image), image.mean((0, 1)) @ MIXING, rtol=1e-5
    )
    np.testing.assert_allclose(image_embedding(model, "conv", image), image.mean((0, 1)), rtol=1e-5)


def test_similarities_are_cosines() -> None:
    model, _ = clip()
    images = np.random.default_rng(1).random((2, 16, 16, 3)).astype(np.float32)
    means = images.mean((1, 2))
    text = objectives.text_direction("vision_projection", "a red photo")
    expected = [cosine(mean @ MIXING, [0, 2, 0]) for mean in means]
    assert value_of(text, model, images) == pytest.approx(np.mean(expected), rel=1e-5)
    second = objectives.text_direction("vision_projection", "a red photo", batch=1)
    assert value_of(second, model, images) == pytest.approx(expected[1], rel=1e-5)
    other = np.random.default_rng(2).random((16, 16, 3)).astype(np.float32)
    alike = objectives.image_direction("vision_projection", other)
    expected = [cosine(mean @ MIXING, other.mean((0, 1)) @ MIXING) for mean in means]
    assert value_of(alike, model, images) == pytest.approx(np.mean(expected), rel=1e-5)
    itself = objectives.image_direction("vision_projection", images[0], batch=0)
    assert value_of(itself, model, images) == pytest.approx(1, abs=1e-5)
    vector = [1.0, -2.0, 0.5]
    per_position = [cosine(pixel, vector) for pixel in images.reshape(-1, 3)]
    assert value_of(objectives.similarity("conv", vector), model, images) == pytest.approx(
        np.mean(per_position), abs=1e-5
    )


def test_an_image_for_a_text() -> None:
    model, _ = clip()
    texts = ["a red photo", "blue", "green and blue"]
    wanted = [objectives.text_direction("vision_projection", text) for text in texts]
    made = render_many(
        model, wanted, steps=64, image_size=16, transforms=[], optimizer=keras.optimizers.Adam(0.3), verbose=False
    )
    for text, image in zip(texts, made, strict=True):
        color = np.asarray(image).mean((0, 1))
        assert cosine(color, [float(word in text) for word in WORDS]) > 0.95


def test_texts_share_a_structure_and_can_be_written() -> None:
    model, _ = clip()
    first, second = (
        objectives.text_direction("vision_projection", text)
        - 0.5 * objectives.text_direction("vision_projection", "red")
        for text in ("blue", "green")
    )
    assert repr(first) == (
        'text_direction("vision_projection", "blue") - 0.5 * text_direction("vision_projection", "red")'
    )
    assert objectives.as_objective(repr(first)) == first
    assert first.structure != second.structure
    assert with_class_indices(first, model).structure == with_class_indices(second, model).structure


def test_default_size_is_that_of_the_encoder() -> None:
    model, _ = clip()
    (image,) = render_vis(model, objectives.text_direction("vision_projection", "red"), thresholds=(1,), verbose=False)
    assert image.shape == (1, 16, 16, 3)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras, when it saves
def test_text_encoders_are_copied_with_the_model() -> None:
    model, _ = clip()
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_allclose(text_embedding(again, "green"), text_embedding(model, "green"))


def test_errors() -> None:
    model, backbone = clip()
    image = keras.Input((16, 16, 3))
    plain = from_keras(keras.Model(image, L.Conv2D(2, 3, name="conv")(image)), image_value_range=(0, 1), name="plain")
    with pytest.raises(ModelError, match=r"plain has no text encoder\. Make the model with models\.from_clip"):
        render_vis(plain, objectives.text_direction("conv", "red"))
    plain.text_encoder = lambda texts: np.ones((len(texts), 5))
    with pytest.raises(ArgumentError, match="vec has 5 numbers for each position, but layer 'conv' has 2 channels"):
        render_vis(plain, objectives.text_direction("conv", "red"))
    plain.text_encoder = lambda texts: np.zeros((len(texts), 2))
    with pytest.raises(ArgumentError, match=r"Expected finite numbers that are not all 0, of shape \(1, channels\)"):
        render_vis(plain, objectives.text_direction("conv", "red"))
    with pytest.raises(ArgumentError, match=r"text of text_direction\(\) is ' '. Expected text"):
        objectives.text_direction("conv", " ")
    with pytest.raises(ArgumentError, match=r"Expected one image \[height, width, channels\] in \[0, 1\]"):
        render_vis(model, objectives.image_direction("conv", np.zeros((2, 16, 16, 3))))
    with pytest.raises(ArgumentError, match="The image does not excite layer 'conv'"):
        render_vis(model, objectives.image_direction("conv", np.zeros((16, 16, 3))))
    with pytest.raises(ArgumentError, match="evaluated without a model"):
        objectives.text_direction("conv", "red")(lambda name: tf.zeros((1, 3)))
    with pytest.raises(ModelError, match="A SimpleNamespace has no vision_encoder"):
        from_clip(SimpleNamespace(), tokenize)
    with pytest.raises(ArgumentError, match=r"tokenize is None\. Expected KerasHub's CLIPPreprocessor"):
        from_clip(backbone, None)


def test_a_preprocessor_of_keras_hub_tells_the_range() -> None:
    class Preprocessor:
        tokenizer = tokenize
        image_converter = SimpleNamespace(scale=[0.01, 0.02, 0.04], offset=[-1.0, -2, -3])

        def __call__(self, given: dict[str, Any]) -> dict[str, Any]:
            assert given["images"].shape == (len(given["prompts"]), 1, 1, 3)
            return {"token_ids": tf.constant(tokenize(given["prompts"])), "images": given["images"]}

    model = from_clip(Clip(), Preprocessor())
    np.testing.assert_allclose(model.image_value_range, [[-1, -2, -3], [1.55, 3.1, 7.2]])
    np.testing.assert_allclose(text_embedding(model, "blue"), [2, 0, 0])
    usual = from_clip(Clip(), tokenize)
    np.testing.assert_allclose(usual.image_value_range[0], [-1.7923, -1.7521, -1.4802], atol=1e-4)
    np.testing.assert_allclose(usual.image_value_range[1], [1.9303, 2.0749, 2.1459], atol=1e-4)


def two_layers() -> tuple[KerasModel, np.ndarray]:
    """Two layers without activations: the second is a weighted sum of the first at each position."""
    image = keras.Input((4, 4, 3))
    first, second = L.Conv2D(3, 1, use_bias=False, name="first"), L.Conv2D(2, 1, use_bias=False, name="second")
    model = keras.Model(image, second(first(image)))
    weights = np.array([[1.0, 0.5], [-2.0, 1.0], [3.0, -1.0]], np.float32)
    first.set_weights([np.eye(3)[None, None]])
    second.set_weights([weights[None, None]])
    return from_keras(model, image_value_range=(0, 1)), weights


def test_a_facet_is_activation_times_positive_gradient_along_a_direction() -> None:
    model, weights = two_layers()
    images = np.random.default_rng(3).random((2, 4, 4, 3)).astype(np.float32)
    direction = np.array([0.5, 7.0, -0.25], np.float32)
    # The channel is a mean over 16 positions, so its gradient is a sixteenth of the weights.
    per_image = (images * np.maximum(weights[:, 0], 0) / 16 * direction).sum((1, 2, 3))
    facet = objectives.facet("second", 0, "first", direction)
    assert value_of(facet, model, images) == pytest.approx(per_image.mean(), rel=1e-4)
    assert value_of(objectives.facet("second", 0, "first", direction, 1), model, images) == pytest.approx(
        per_image[1], rel=1e-4
    )
    with pytest.raises(ArgumentError, match="Layer 'first' does not depend on 'second'"):
        value_of(objectives.facet("first", 0, "second", [1.0, 2]), model, images)
    with pytest.raises(ArgumentError, match=r"facet\(\) was evaluated outside an optimization"):
        facet(lambda name: tf.zeros((1, 2, 2, 3)))
    with pytest.raises(OutOfRangeError):
        objectives.facet("second", 2, "first", direction).validate(model)
    with pytest.raises(ArgumentError, match="vec has 2 numbers"):
        objectives.facet("second", 0, "first", [1.0, 2]).validate(model)


def test_a_facet_changes_what_a_channel_shows() -> None:
    model, _ = two_layers()
    channel, along = objectives.channel("second", 0), objectives.facet("second", 0, "first", [8.0, 0, -8])
    alone, faceted = (
        render_vis(model, each, transforms=[], thresholds=(48,), verbose=False, use_fixed_seed=True)[0].mean((0, 1, 2))
        for each in (channel, channel + along)
    )
    assert alone[2] > alone[0] + 0.05  # blue has the largest weight of the channel
    assert faceted[0] > faceted[2] + 0.05
