"""`Frame`: values, defaults, immutability and the shape of its images."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from lucid_widgets.frames import Frame


def test_keeps_its_values() -> None:
    images = np.random.default_rng(0).random((2, 3, 4, 3)).astype(np.float32)
    frame = Frame(7, 1.5, images, 0.25, np.asarray([1, 1.5], np.float32))
    assert (frame.step, frame.objective, frame.elapsed) == (7, 1.5, 0.25)
    np.testing.assert_array_equal(frame.images, images)
    assert frame.objectives.tolist() == [1, 1.5]
    assert repr(frame) == "Frame(step=7, objective=1.5, images=2x3x4x3)"
    assert repr(Frame(0, None, images)) == "Frame(step=0, objective=None, images=2x3x4x3)"


def test_defaults() -> None:
    frame = Frame(0, None, np.zeros((1, 1, 1, 3)))
    assert frame.elapsed == 0
    assert frame.objectives.shape == (0,)
    assert frame.objectives.dtype == np.float32


def test_is_immutable() -> None:
    images = np.zeros((1, 2, 2, 3), np.float32)
    frame = Frame(0, None, images)
    with pytest.raises(dataclasses.FrozenInstanceError):
        frame.step = 1  # type: ignore[misc]
    with pytest.raises(ValueError, match="read-only"):
        frame.images[0] = 1
    images[0] = 1  # the caller's array stays writable


@pytest.mark.parametrize("dtype", [np.float64, np.uint8, np.float16])
def test_converts_images_to_float32(dtype: type) -> None:
    frame = Frame(0, None, np.ones((1, 2, 2, 3), dtype))
    assert frame.images.dtype == np.float32
    assert (frame.images == 1).all()


@pytest.mark.parametrize("shape", [(2, 2, 3), (2, 2), (1, 1, 2, 2, 3), ()])
def test_rejects_images_without_four_dimensions(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"Expected \[batch, height, width, channels\]\.$") as error:
        Frame(0, None, np.zeros(shape))
    assert str(shape) in str(error.value)


def test_equality_is_identity() -> None:
    one, other = (Frame(0, None, np.zeros((1, 2, 2, 3))) for _ in range(2))
    assert one != other
    assert len({one, other, one}) == 2
