"""The data set of EmojiNet: reproducible, correctly labeled, and composed as documented."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from needs import missing

from lucid_widgets.errors import LucidError
from lucid_widgets.modelzoo.emojinet.classes import EMOJI, LABELS, TEXTURES
from lucid_widgets.modelzoo.emojinet.training.scenes import Scenes
from lucid_widgets.modelzoo.emojinet.training.sprites import draw_sprites, find_font
from lucid_widgets.modelzoo.emojinet.training.textures import draw_textures

pytestmark = pytest.mark.slow

SIZE = 48


@pytest.fixture(scope="module")
def font() -> Path:
    try:
        return find_font()
    except LucidError as error:
        missing(str(error))


def plain_sprites() -> np.ndarray:
    """Opaque squares on a transparent ground; emoji k has the red value k."""
    sprites = np.zeros((len(EMOJI), SIZE, SIZE, 4), np.uint8)
    sprites[:, 8:-8, 8:-8, 3] = 255
    sprites[:, 8:-8, 8:-8, 0] = np.arange(len(EMOJI))[:, None, None]
    return sprites


@pytest.fixture(scope="module")
def scenes() -> Scenes:
    return Scenes(seed=3, size=SIZE, texture_variants=2, sprites=plain_sprites())


def test_classes_have_distinct_names_and_emoji() -> None:
    assert len(EMOJI) == 128
    assert len(TEXTURES) == 32
    assert len(set(LABELS)) == len(LABELS)
    assert len(set(EMOJI.values())) == len(EMOJI)


def test_batch_depends_only_on_seed_and_index(scenes: Scenes) -> None:
    images, labels = scenes.batch(7, 20)
    again, same_labels = Scenes(3, SIZE, 0.6, 2, plain_sprites()).batch(7, 20)
    np.testing.assert_array_equal(images, again)
    np.testing.assert_array_equal(labels, same_labels)
    assert not np.array_equal(labels, scenes.batch(8, 20)[1])
    assert not np.array_equal(labels, Scenes(4, SIZE, 0.6, 2, plain_sprites()).batch(7, 20)[1])


def test_compiled_batch_equals_eager_batch(scenes: Scenes) -> None:
    compiled = tf.function(lambda index: scenes.batch(index, 20), autograph=False)
    np.testing.assert_array_equal(compiled(tf.constant(7))[1], scenes.batch(7, 20)[1])
    # Rounding may move a sample across the edge of a sprite, or change a byte by one.
    np.testing.assert_allclose(compiled(tf.constant(7))[0], scenes.batch(7, 20)[0], atol=5e-3)


def test_images_are_in_range_and_four_fifths_show_emoji(scenes: Scenes) -> None:
    images, labels = scenes.batch(0, 40)
    assert images.shape == (40, SIZE, SIZE, 3)
    assert images.dtype == tf.float32
    assert 0 <= np.min(images) < 0.1 < 0.9 < np.max(images) <= 1
    assert np.all(labels[:32] < len(EMOJI))
    assert np.all(labels[32:] >= len(EMOJI))


def test_subject_is_near_the_center(scenes: Scenes) -> None:
    images, labels = (np.asarray(part) for part in scenes.batch(0, 160))
    middle = images[:128, SIZE // 2 - 2 : SIZE // 2 + 2, SIZE // 2 - 2 : SIZE // 2 + 2].mean((1, 2))
    # The squares have a red value that identifies their label, and no green or blue. The camera effects are limited.
    assert np.mean(middle[:, 1:].max(-1) < 0.35) > 0.9
    red = middle[:, 0] - middle[:, 1:].mean(-1)
    assert np.corrcoef(red, labels[:128])[0, 1] > 0.85


def test_textures_are_reproducible_and_distinct() -> None:
    textures = draw_textures(3, seed=5, size=64)
    assert textures.shape == (32, 3, 64, 64)
    assert textures.dtype == np.uint8
    np.testing.assert_array_equal(textures, draw_textures(3, seed=5, size=64))
    flat = textures.reshape(96, -1).astype(float)
    likeness = np.corrcoef(flat) - np.eye(96)
    assert likeness.max() < 0.95
    assert flat.std(1).min() > 15, "a texture has almost no contrast"


@pytest.mark.parametrize(("name", "axis"), [("horizontal stripes", 0), ("vertical stripes", 1)])
def test_stripes_have_the_named_direction(name: str, axis: int) -> None:
    drawn = draw_textures(4, seed=1, size=96)[TEXTURES.index(name)].astype(float)
    across = np.abs(np.diff(drawn, axis=1 + axis)).mean()
    along = np.abs(np.diff(drawn, axis=2 - axis)).mean()
    assert across > 3 * along


def test_rising_stripes_run_upward() -> None:
    field = draw_textures(1, seed=1, size=96)[TEXTURES.index("rising stripes"), 0].astype(float)
    up_the_stripe = np.abs(field[1:, :-1] - field[:-1, 1:]).mean()
    across_it = np.abs(field[1:, 1:] - field[:-1, :-1]).mean()
    assert across_it > 3 * up_the_stripe


def test_sprites_are_premultiplied_and_fill_the_square(font: Path) -> None:
    sprites = draw_sprites(list(EMOJI.values()), 64, font)
    assert sprites.shape == (128, 64, 64, 4)
    assert np.all(sprites[..., :3] <= sprites[..., 3:])
    alpha = sprites[..., 3] > 0
    across, down = alpha.any(1).sum(1), alpha.any(2).sum(1)
    assert np.all(np.maximum(across, down) >= 56)
    assert not alpha[:, 0].any()
    heart = sprites[list(EMOJI).index("red heart"), 32, 32]
    assert heart[0] > 180 > 90 > heart[1:3].max()


def test_missing_font_is_named_with_install_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUCID_WIDGETS_EMOJI_FONT", "/nowhere/Emoji.ttf")
    with pytest.raises(LucidError, match=r"(?s)not found at /nowhere/Emoji\.ttf.*apt install fonts-noto-color-emoji"):
        find_font()
