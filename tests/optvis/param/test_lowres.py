"""Interpolated tensors and pyramids against the resize of TensorFlow 1."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from optvis.param.helpers import made
from PIL import Image

from lucid_widgets.errors import ArgumentError, OutOfRangeError
from lucid_widgets.optvis import param
from lucid_widgets.optvis.param.resize_bilinear_nd import resize_bilinear_nd

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(("old", "new"), [((1, 4, 6, 2), (1, 8, 9, 2)), ((2, 5, 3, 1), (2, 3, 7, 1))])
def test_resizing_equals_tensorflow_1(old: tuple[int, ...], new: tuple[int, ...]) -> None:
    t = RNG.normal(size=old).astype(np.float32)
    expected = tf.compat.v1.image.resize_bilinear(t, new[1:3])
    np.testing.assert_allclose(resize_bilinear_nd(t := tf.constant(t), new), expected, atol=1e-5)


def test_resizing_along_any_dimension() -> None:
    two = tf.constant([0.0, 1.0])
    np.testing.assert_allclose(resize_bilinear_nd(two, [6]), [0, 1 / 3, 2 / 3, 1, 1, 1], atol=1e-6)
    five = tf.reshape(tf.range(16.0), [2, 1, 2, 2, 2])
    grown = resize_bilinear_nd(five, [2, 3, 2, 4, 2])
    np.testing.assert_allclose(grown[:, 1, :, ::2], five[:, 0], atol=1e-6)
    with pytest.raises(ArgumentError, match="Expected a shape with"):
        resize_bilinear_nd(two, [3, 3])


def test_lowres_tensor_interpolates_its_variable() -> None:
    t, (small,) = made(lambda: param.lowres_tensor((6, 8, 12, 3), (2, 4, 4, 3)))
    assert small.shape == (2, 4, 4, 3)
    assert small.std() == pytest.approx(0.01, rel=0.2)
    np.testing.assert_allclose(t[0], tf.compat.v1.image.resize_bilinear(small[:1], (8, 12))[0], atol=1e-6)
    np.testing.assert_allclose(t[1], (2 * t[0] + t[3]) / 3, atol=1e-6)


def test_underlying_batch_of_one_is_shared_by_all_images() -> None:
    t, _ = made(lambda: param.lowres_tensor((5, 4, 4, 2), (1, 4, 4, 2), sd=2))
    np.testing.assert_array_equal(t, np.repeat(t[:1], 5, 0))
    assert t.std() == pytest.approx(2, rel=0.5)


@pytest.mark.parametrize(
    ("offset", "shifts"), [(True, (1, 2)), (False, (0, 0)), (3, (3, 3)), ([True, 1], (1, 1)), ([0, 2.9], (0, 2))]
)
def test_offset_shifts_the_result(offset: Any, shifts: tuple[int, int]) -> None:
    given = list(offset) if isinstance(offset, list) else offset
    plain, _ = made(lambda: param.lowres_tensor((4, 8), (2, 2)))
    shifted, _ = made(lambda: param.lowres_tensor((4, 8), (2, 2), offset))
    expected = np.pad(plain, [(shift, 0) for shift in shifts], "symmetric")[:4, :8]
    np.testing.assert_array_equal(shifted, expected)
    assert offset == given, "the list passed as offset was modified"


def test_lowres_tensor_starts_from_init_val() -> None:
    small = RNG.normal(size=(1, 3, 3, 2)).astype(np.float32)
    same, _ = made(lambda: param.lowres_tensor((1, 9, 6, 2), (1, 3, 3, 2), init_val=small))
    np.testing.assert_allclose(same, resize_bilinear_nd(tf.constant(small), (1, 9, 6, 2)), atol=1e-6)
    again, (found,) = made(lambda: param.lowres_tensor((1, 9, 6, 2), (1, 3, 3, 2), init_val=same))
    np.testing.assert_allclose(found, small, atol=1e-4)
    np.testing.assert_allclose(again, same, atol=1e-4)


def test_pyramid_is_the_sum_of_its_levels() -> None:
    t, levels = made(lambda: param.laplacian_pyramid_image((2, 12, 8, 3), n_levels=3))
    assert [level.shape for level in levels] == [(2, 12, 8, 3), (2, 6, 4, 3), (2, 3, 2, 3)]
    np.testing.assert_allclose(t, sum(resize_bilinear_nd(tf.constant(level), t.shape) for level in levels), atol=1e-6)


def test_direct_ascent_is_a_sum_of_enlarged_images() -> None:
    image, variables = made(lambda: param.direct_ascent(9, 6, 2, sizes=[1, 2, 6]))
    assert [each.shape for each in variables] == [(2, 1, 2, 3), (2, 2, 3, 3), (2, 6, 9, 3)]
    np.testing.assert_array_equal(image, np.full((2, 6, 9, 3), 0.5))

    starts = [RNG.normal(size=each.shape).astype(np.float32) for each in variables]
    total = starts[-1].copy()
    for each in starts[:2]:
        for index, channel in np.ndindex(2, 3):
            enlarged = Image.fromarray(each[index, :, :, channel]).resize((9, 6), Image.Resampling.BICUBIC)
            total[index, :, :, channel] += np.asarray(enlarged)

    def started(value: Any, **kwargs: Any) -> Any:
        return tf.constant(starts[[each.shape for each in starts].index(tuple(value.shape))])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tf, "Variable", started)
        result = param.direct_ascent(9, 6, 2, sizes=[1, 2, 6])
    np.testing.assert_allclose(result, (1 + np.tanh(total)) / 2, atol=1e-5)


def test_direct_ascent_has_all_sizes_of_small_images_and_some_of_large_ones() -> None:
    assert [each.shape[1] for each in made(lambda: param.direct_ascent(5))[1]] == [1, 2, 3, 4, 5]
    assert [each.shape[1] for each in made(lambda: param.direct_ascent(224))[1]] == list(range(1, 225, 4))


@pytest.mark.parametrize("sizes", [[], [0], [9], [2.5]])
def test_direct_ascent_checks_sizes(sizes: list[Any]) -> None:
    with pytest.raises((ArgumentError, OutOfRangeError), match="direct_ascent"):
        param.direct_ascent(8, sizes=sizes)
