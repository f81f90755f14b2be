"""`emoji_images`: labeled images for EmojiNet, drawn as its training data are, but from another seed."""

from __future__ import annotations

from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from lucid_widgets.errors import whole_number
from lucid_widgets.images import ImageSet
from lucid_widgets.images.decoding import fitted
from lucid_widgets.images.sources import digest
from lucid_widgets.misc.io.serialize_array import UInt8Array
from lucid_widgets.modelzoo.emojinet.classes import EMOJI, LABELS
from lucid_widgets.modelzoo.emojinet.training.recipe import HELD_OUT
from lucid_widgets.modelzoo.emojinet.training.scenes import Scenes

__all__ = ["emoji_images"]

_SPRITES = Path(__file__).with_name("sprites.webp")
_COLUMNS = 16
_BATCH = 160
_VARIANTS = 4


def emoji_images(count: int = 1600, size: int = 64, seed: int = 0) -> ImageSet:
    """Return labeled images of the classes of EmojiNet, which the network was not trained on.

    They are drawn when they are first read: an emoji at a random scale, rotation and position over a background, or a
    texture in random colors. No font is needed, because the emoji come with the package. The same arguments give the
    same images.

    Args:
        count: Number of images; default: 1,600.
        size: Width and height in pixels; default: 64.
        seed: Seed of everything that is random; default: 0.

    Example:
        >>> images = emoji_images(160)
        >>> images.image(0).shape
        (64, 64, 3)
    """
    source = EmojiScenes(whole_number("count", count, 1), whole_number("size", size, 32), whole_number("seed", seed, 0))
    return ImageSet(source, "drawn emoji")


class EmojiScenes:
    """The source of these images.

    Args:
        count: Number of images.
        size: Width and height in pixels.
        seed: Seed.
    """

    def __init__(self, count: int, size: int, seed: int) -> None:
        self._count, self._size, self._seed = count, size, seed
        self.ids = tuple(f"{index:05d}" for index in range(count))
        self._drawn = _drawn(size, seed)

    @cached_property
    def fingerprint(self) -> str:
        """Hash of everything that determines the images."""
        return digest("drawn emoji", self._count, self._size, self._seed, _sprites())

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The label of each image."""
        numbers = [self._drawn.batch(first // _BATCH)[1] for first in range(0, self._count, _BATCH)]
        return tuple(LABELS[number] for number in np.concatenate(numbers)[: self._count])

    def read(self, index: int, size: tuple[int, int] | None) -> UInt8Array:
        """Return an image."""
        images, _ = self._drawn.batch(index // _BATCH)
        found: UInt8Array = fitted(images[index % _BATCH], size)
        return found


class _Drawn:
    """Batches of images, drawn when they are first asked for and kept: 2 MB for 160 images of 64 × 64 pixels."""

    def __init__(self, size: int, seed: int) -> None:
        self._size, self._seed = size, seed
        self._batches: dict[int, tuple[UInt8Array, np.ndarray]] = {}

    def batch(self, number: int) -> tuple[UInt8Array, np.ndarray]:
        """Return the images and the numbers of their labels."""
        if number not in self._batches:
            images, labels = self._scenes.batch(number, _BATCH)
            self._batches[number] = np.rint(np.asarray(images) * 255).astype(np.uint8), np.asarray(labels)
        return self._batches[number]

    @cached_property
    def _scenes(self) -> Scenes:
        return Scenes(self._seed + HELD_OUT, self._size, texture_variants=_VARIANTS, sprites=_sprites())


# `emoji_images()` is often written where it is needed, so the same images are asked for again and again.
_drawn = lru_cache(maxsize=1)(_Drawn)


@lru_cache(maxsize=1)
def _sprites() -> UInt8Array:
    """The emoji, uint8 `[128, side, side, 4]` with colors premultiplied by alpha."""
    with Image.open(_SPRITES) as sheet:
        pixels = np.asarray(sheet.convert("RGBA").convert("RGBa"))
    side = pixels.shape[1] // _COLUMNS
    rows = pixels.shape[0] // side
    cells = pixels.reshape(rows, side, _COLUMNS, side, 4).swapaxes(1, 2)
    return cells.reshape(-1, side, side, 4)[: len(EMOJI)]
