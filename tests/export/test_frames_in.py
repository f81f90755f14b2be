"""`to_frames`: which values count as frames, and how they are converted."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from lucid_widgets.errors import ArgumentError
from lucid_widgets.export import to_frames
from lucid_widgets.export.frames_in import over
from lucid_widgets.frames import Frame

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_converts_arrays_of_each_type(channels: int) -> None:
    levels = RNG.integers(0, 256, (2, 3, 4, channels), np.uint8)
    assert to_frames(levels) is levels
    np.testing.assert_array_equal(to_frames(levels / np.float32(255)), levels)
    np.testing.assert_array_equal(to_frames(list(levels)), levels)
    np.testing.assert_array_equal(to_frames(iter(levels)), levels)
    np.testing.assert_array_equal(to_frames(levels > 127), (levels > 127) * 255)


def test_clips_and_rounds_values() -> None:
    values = np.array([-1, 0.5, 2, np.inf]).reshape(4, 1, 1, 1)
    assert to_frames(values).ravel().tolist() == [0, 128, 255, 255]


def test_accepts_gray_frames_without_a_channel_axis() -> None:
    assert to_frames(np.zeros((5, 6, 7))).shape == (5, 6, 7, 1)
    assert to_frames(np.zeros((5, 1, 1))).shape == (5, 1, 1, 1)
    with pytest.raises(ArgumentError, match=r"Pass array\[None\] for one image"):
        to_frames(np.zeros((64, 64, 3)))


def test_accepts_the_result_of_render_vis() -> None:
    stages = [np.full((1, 4, 4, 3), value) for value in (0.0, 1.0)]
    assert to_frames(stages)[:, 0, 0, 0].tolist() == [0, 255]
    batch = np.stack([np.full((4, 4, 3), value) for value in (0.0, 0.2, 1.0)])
    assert to_frames([batch])[:, 0, 0, 0].tolist() == [0, 51, 255]  # a single batch: its images are the frames
    grid = to_frames([batch, batch])  # several batches: each is tiled 2 × 2
    assert grid.shape == (2, 8, 8, 3)
    assert grid[1, 0, 4, 0] == 51
    np.testing.assert_array_equal(to_frames(np.stack([batch, batch])), grid)


def test_accepts_frame_objects() -> None:
    images = RNG.random((1, 4, 4, 3), np.float32)
    several = to_frames([Frame(0, None, images), Frame(1, 0.5, images / 2)])
    assert several.shape == (2, 4, 4, 3)
    assert to_frames(Frame(0, None, np.zeros((3, 4, 4, 3)))).shape == (3, 4, 4, 3)


def test_pillow_images_and_mixed_channels() -> None:
    red = Image.new("RGB", (2, 2), (255, 0, 0))
    frames = to_frames([Image.new("L", (2, 2), 7), red, Image.new("RGBA", (2, 2), (1, 2, 3, 4)), red.convert("P")])
    assert frames[:, 0, 0].tolist() == [[7, 7, 7, 255], [255, 0, 0, 255], [1, 2, 3, 4], [255, 0, 0, 255]]
    assert to_frames([Image.new("1", (2, 2), 1)]).shape == (1, 2, 2, 1)


@pytest.mark.parametrize(
    ("frames", "message"),
    [
        ([], "There are no frames"),
        (np.zeros((0, 4, 4, 3)), "There are no frames"),
        (np.zeros((2, 0, 4, 3)), r"Frame 0 has the shape \(0, 4, 3\)"),
        (np.zeros((2, 4, 4, 2)), "1, 3 or 4 channels"),
        (np.zeros((2, 4, 4, 2), np.uint8), "1, 3 or 4 channels"),
        (np.zeros((2, 4, 4, 3), int), "Frame 0 cannot be shown: An array of int64"),
        ([np.zeros((4, 4, 3)), np.full((4, 4, 3), np.nan)], "Frame 1 cannot be shown: The image contains NaN"),
        ([np.zeros((4, 5, 3)), np.zeros((4, 6, 3))], "Frame 0 is 5×4 pixels and frame 1 is 6×4"),
        (np.zeros((4, 4)), "is not a list of frames"),
        ("film.gif", "is a path, not frames"),
        (3, "An int is not a list of frames"),
        (["a.png"], "Frame 0 is a str, which is not an image"),
        ([[[1, 2], [3]]], "Frame 0 is a list, which is not an image"),
        ([np.zeros(3)], r"Frame 0 is a ndarray of shape \(3,\)"),
    ],
)
def test_errors_say_which_frame(frames, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        to_frames(frames)


def test_over() -> None:
    pixels = np.array([[10, 20, 30, 255], [10, 20, 30, 0], [0, 0, 0, 51]], np.uint8)
    assert over(pixels, (255, 100, 0)).tolist() == [[10, 20, 30], [255, 100, 0], [204, 80, 0]]
