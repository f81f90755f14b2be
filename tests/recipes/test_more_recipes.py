"""Recipes from Lucid's notebooks: style, texture, patterns, transparency and CPPNs."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from optvis.tiny_network import Tiny, in_numpy

from lucid_widgets.errors import ArgumentError
from lucid_widgets.recipes import cppn, style_transfer, texture, transparency

pytestmark = pytest.mark.slow

RNG = np.random.default_rng(6)
CONTENT, STYLE = RNG.random((2, 8, 8, 3)).astype(np.float32)


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> Tiny:
    monkeypatch.setattr(Tiny, "image_shape", (8, 8, 3))
    return Tiny()


def test_style_transfer_approaches_content_and_style(tiny: Tiny) -> None:
    def losses(image: np.ndarray) -> tuple[float, float]:
        made, content, style = (in_numpy(each[None])["conv"][0] for each in (image, CONTENT, STYLE))
        grams = [acts.reshape(-1, 4).T @ acts.reshape(-1, 4) / 64 for acts in (made, style)]
        return float(np.abs(made - content).mean()), float(np.abs(grams[0] - grams[1]).mean())

    before, after = (style_transfer.style_transfer(CONTENT, STYLE, tiny, "conv", "conv", n) for n in (0, 40))
    assert before.shape == (8, 8, 3)
    assert losses(after)[0] < losses(before)[0]
    assert losses(style_transfer.style_transfer(CONTENT, STYLE, tiny, "conv", "conv", 40, 0.0))[1] < losses(before)[1]


def test_patterns_repeat_without_seams(tiny: Tiny) -> None:
    images = tf.reshape(tf.range(2 * 3 * 4.0), [1, 2, 3, 4])
    assert sorted(np.ravel(texture.random_roll(images))) == list(range(24))
    pattern = texture.infinite_pattern(tiny, "conv:1", size=8, n_steps=3)
    made = texture.texture(STYLE, tiny, ["conv"], size=8, n_steps=3)
    assert pattern.shape == made.shape == (8, 8, 3)


def test_transparent_images_have_opacity(tiny: Tiny) -> None:
    frames = list(transparency.iter_transparent(tiny, "conv:1", 8, 4, every=4))
    assert frames[-1].images.shape == (1, 8, 8, 4)
    assert frames[-1].images[..., 3].mean() < frames[0].images[..., 3].mean()
    assert transparency.transparent(tiny, "conv:1", 8, 0).shape == (8, 8, 4)


def test_cppns_are_computed_again_at_any_size(tiny: Tiny) -> None:
    settings = {"num_layers": 2, "num_hidden_channels": 4}
    frames = cppn.iter_cppn(tiny, "conv:1", 5, 2, **settings)
    last = list(frames)[-1].images
    state = frames.state
    assert state is not None
    np.testing.assert_allclose(cppn.at_size(state, 5, **settings), last, atol=1e-5)
    # Coordinates span the same square, so every second pixel of the larger image is one of the smaller.
    np.testing.assert_allclose(cppn.at_size(state, 9, **settings)[:, ::2, ::2], last, atol=1e-5)
    assert cppn.cppn_image(tiny, "conv:1", 5, 0, final_size=9, **settings).shape == (9, 9, 3)
    with pytest.raises(ArgumentError, match="not that of a CPPN"):
        cppn.at_size(state, 9)
