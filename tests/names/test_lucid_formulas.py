"""Lucid's small functions, with values computed by hand from its formulas. Larger ones have files of their own."""

from __future__ import annotations

import math

import numpy as np
import pytest
import tensorflow as tf

from lucid_widgets.errors import ArgumentError
from lucid_widgets.misc.gl.meshutil import anorm, normalize, perspective, sample_view
from lucid_widgets.misc.io.collapse_channels import hue_to_rgb
from lucid_widgets.misc.io.showing import _image_html
from lucid_widgets.misc.ndimage_utils import resize
from lucid_widgets.optvis.objectives import _dot_cossim, _tf_blur
from lucid_widgets.optvis.objectives_util import (
    _dot,
    _extract_act_pos,
    _make_arg_str,
    _T_force_NHWC,
    _T_handle_batch,
)
from lucid_widgets.optvis.overrides import avg_smoothed_maxpool_grad, gradient_override_map, redirected_relu6_grad
from lucid_widgets.optvis.param.color import color_correlation_svd_sqrt, max_norm_svd_sqrt
from lucid_widgets.optvis.param.cppn import _composite_activation, _relu_normalized_activation
from lucid_widgets.optvis.param.resize_bilinear_nd import collapse_shape, product
from lucid_widgets.optvis.param.spatial import rfft2d_freqs, sample_bilinear
from lucid_widgets.optvis.transform import _angle2rads, _rand_select
from lucid_widgets.recipes.image_interpolation_params import multi_interpolation_basis
from lucid_widgets.scratch import rl_util


def test_blur_is_a_weighted_mean_within_the_image() -> None:
    # A window of 3 has weight 1 in the middle and 1/2 at its eight other pixels.
    image = np.zeros((1, 3, 3, 1), np.float32)
    image[0, 1, 1] = 1
    corner, edge, middle = 0.5 / (1 + 3 / 2), 0.5 / (1 + 5 / 2), 1 / (1 + 8 / 2)
    expected = [[corner, edge, corner], [edge, middle, edge], [corner, edge, corner]]
    np.testing.assert_allclose(_tf_blur(tf.constant(image))[0, :, :, 0], expected, rtol=1e-6)


def test_products_with_a_power_of_the_cosine() -> None:
    x, y = tf.constant([3.0, 4.0]), tf.constant([4.0, 3.0])
    for power, expected in [(0, 24), (1, 24 * 24 / 25), (2, 24 * (24 / 25) ** 2)]:
        assert float(_dot_cossim(x, y, power)) == pytest.approx(expected, rel=1e-4)
    # The cosine counts as .1 at least.
    assert float(_dot_cossim(x, -y, 1)) == pytest.approx(-2.4, rel=1e-4)


def test_private_helpers_of_objectives() -> None:
    """The names that notebooks imported from `objectives_util`."""
    acts = tf.reshape(tf.range(2 * 3 * 5 * 2, dtype=tf.float32), [2, 3, 5, 2])
    np.testing.assert_array_equal(_dot(acts, tf.constant([1.0, 2.0]))[0, 0], [2, 8, 14, 20, 26])
    np.testing.assert_array_equal(_extract_act_pos(acts), acts[:, 1:2, 2:3])
    np.testing.assert_array_equal(_extract_act_pos(acts, x=0, y=4), acts[:, :1, 4:])
    np.testing.assert_array_equal(_T_handle_batch(lambda name: acts, 1)("a"), acts[1:])
    assert _T_force_NHWC(lambda name: acts[0, 0])("a").shape == (5, 1, 1, 2)
    assert [_make_arg_str(each) for each in (7, "mixed4a_pre_relu", "a\nb")] == ["7", "...", "..."]


def test_activations_of_cppns() -> None:
    x = tf.constant([[math.tan(0.5), -math.tan(1.0)]])
    np.testing.assert_allclose(_composite_activation(x), [[0.5 / 0.67, -1 / 0.67, 0.25 / 0.6, 1 / 0.6]], rtol=1e-5)
    unbiased = [[0.5 / 0.67, -1 / 0.67, (0.25 - 0.45) / 0.396, (1 - 0.45) / 0.396]]
    np.testing.assert_allclose(_composite_activation(x, biased=False), unbiased, rtol=1e-5)
    np.testing.assert_allclose(_relu_normalized_activation([-2.0, 0.98]), [-0.4 / 0.58, 1], rtol=1e-5)


def test_shapes_of_resized_tensors() -> None:
    assert (product([]), product([2, 3, 4])) == (1, 24)
    assert collapse_shape([1, 2, 3, 4, 5], 1, 3) == [1, 2, 3, 20]
    assert collapse_shape([2, 3, 4, 5], 2, 4) == [6, 4, 5, 1]


def test_colors_and_frequencies() -> None:
    assert max_norm_svd_sqrt == pytest.approx(math.sqrt(0.26**2 + 0.27**2 + 0.27**2))  # of the first column
    assert color_correlation_svd_sqrt.shape == (3, 3)
    np.testing.assert_allclose(rfft2d_freqs(2, 4), np.hypot([[0], [0.5]], [0, 0.25, 0.5]))
    # An odd width has one column more in Lucid.
    np.testing.assert_allclose(rfft2d_freqs(1, 3), [[0, 1 / 3, 1 / 3]])


def test_textures_are_sampled_between_pixels() -> None:
    texture = tf.constant([[[1.0], [3.0]], [[5.0], [7.0]]])
    with pytest.warns(DeprecationWarning, match="bilinearly_sampled_image"):
        # Pixels have their centers at 1/4 and 3/4, and v points up.
        found = sample_bilinear(texture, tf.constant([[0.25, 0.75], [0.5, 0.75], [0.75, 0.25]]))
    assert found[:, 0].numpy().tolist() == [1, 2, 7]


def test_angles_and_choices() -> None:
    assert float(_angle2rads(90, "degrees")) == pytest.approx(math.pi / 2)  # with Lucid's π of 3.14: 1.57
    assert float(_angle2rads(0.25, "radians")) == 0.25
    with pytest.raises(ArgumentError, match=r"units of random_rotate\(\) is 'turns'"):
        _angle2rads(1, "turns")
    draws = {float(_rand_select([2.0, 5.0], seed)) for seed in range(20)}
    assert draws == {2, 5}


def test_gradients_of_max_pools_and_relu6() -> None:
    @tf.function(autograph=False)
    def slopes(x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        with gradient_override_map({"MaxPool": avg_smoothed_maxpool_grad, "Relu6": redirected_relu6_grad}):
            pooled, clipped = tf.nn.max_pool2d(x[None, None, :, None], [1, 2], [1, 2], "VALID"), tf.nn.relu6(x[None])
        return tf.gradients(pooled, x)[0], tf.gradients(clipped, x, tf.constant([[1.0, -1.0, 1.0, -1.0]]))[0]

    pool, relu6 = slopes(tf.constant([1.0, 3.0, 2.0, -4.0]))
    assert pool.numpy().tolist() == [0.5] * 4  # spread evenly over each window of two
    assert relu6.numpy().tolist() == [1, -1, 1, 0]  # some units are active, so the gradient is that of a ReLU6
    _, relu6 = slopes(tf.constant([9.0, 9.0, -1.0, -1.0]))
    # All are off. Only what moves them back into the range passes: down from above 6, up from below 0.
    assert relu6.numpy().tolist() == [1, 0, 0, -1]


def test_hues_between_primary_colors_are_warped() -> None:
    half = math.sin(math.pi / 4)
    for angle, part in [(30, half), (90, 1 - half)]:  # from red to yellow, and from yellow to green
        ends = np.array([[1, 0, 0], [1, 1, 0], [0, 1, 0]]) / np.sqrt([[1], [2], [1]])
        start = angle // 60
        mixed = (1 - part) * ends[start] + part * ends[start + 1]
        np.testing.assert_allclose(hue_to_rgb(angle), mixed / np.linalg.norm(mixed), rtol=1e-12)


def test_images_as_html() -> None:
    text = _image_html(np.ones((1, 1)), w=70)
    assert text.startswith('<img src="data:image/PNG;base64,')
    assert "image-rendering: pixelated; width: 70px;" in text


def test_resizing_is_by_height_and_width() -> None:
    step = np.zeros((1, 2, 1))
    step[0, 1] = 1
    # A cubic spline through two points is the line between them.
    np.testing.assert_allclose(resize(step, (1, 3))[0, :, 0], [0, 0.5, 1], atol=1e-12)


def test_meshes() -> None:
    assert anorm([3.0, 4.0]) == 5
    assert anorm([[3.0, 4.0], [6, 8]], axis=1, keepdims=True).tolist() == [[5], [10]]
    assert normalize([0.0, 0, 2]).tolist() == [0, 0, 1]
    # cot(45°) / aspect, cot(45°), -(far + near) / (far - near) and -2 far near / (far - near), for points in rows
    expected = [[0.5, 0, 0, 0], [0, 1, 0, 0], [0, 0, -2, -1], [0, 0, -3, 0]]
    np.testing.assert_allclose(perspective(90, 2, 1, 3), expected, atol=1e-6)
    view = sample_view(4)
    np.testing.assert_allclose(view[:3, 3], [0, 0, -4], atol=1e-5)  # the origin is 4 in front of the camera


def test_weights_between_two_objectives_are_interpolated() -> None:
    basis = multi_interpolation_basis(2, 3, 4)
    np.testing.assert_allclose(basis[0, 1, 0], basis[0, 0, 0], atol=1e-6)
    np.testing.assert_allclose(basis[0, 1], basis[1, 0][::-1], atol=1e-6)


def test_helpers_of_rl_util() -> None:
    pair = rl_util.concatenate_horizontally([np.zeros((1, 2, 1)), np.ones((1, 2, 1))])
    assert pair[..., 0].tolist() == [[[0, 0, 1, 1]]]
    # A filter is the norm of the distance from its center, through a function: here the distance itself.
    np.testing.assert_allclose(
        rl_util.norm_filter(3, norm_func=lambda norm: norm, clip=False),
        [[math.sqrt(2), 1, math.sqrt(2)], [1, 0, 1], [math.sqrt(2), 1, math.sqrt(2)]],
    )
