"""Parameterizations beyond `image`: against NumPy, against TensorFlow 1's resize, and by fitting them to a target."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from optvis.param.test_param import made

from lucid_widgets import load
from lucid_widgets.errors import ArgumentError, OutOfRangeError
from lucid_widgets.optvis import param
from lucid_widgets.optvis.param.cppn import _composite_activation, _relu_normalized_activation
from lucid_widgets.optvis.param.random import rand_fft_image
from lucid_widgets.optvis.param.resize_bilinear_nd import resize_bilinear_nd
from lucid_widgets.optvis.param.unit_balls import (
    constrain_L2,
    constrain_L_inf_precondition,
    dot,
    unit_ball_L2,
    unit_ball_L_inf,
)

RNG = np.random.default_rng(0)


def fitted(
    make: Callable[[], Any], loss_of: Callable[[Any], Any], steps: int, rate: float = 0.05
) -> tuple[np.ndarray, float]:
    """The image, and the loss, after as many steps of Adam."""
    variables: list[tf.Variable] = []

    def create(next_creator: Any, **kwargs: Any) -> Any:
        if len(variables) == len(made_before):
            variables.append(next_creator(**kwargs))
            made_before.append(variables[-1])
            return variables[-1]
        return made_before.pop(0)

    made_before: list[Any] = []
    with tf.variable_creator_scope(create):
        make()
    optimizer = keras.optimizers.Adam(rate)
    optimizer.build(variables)

    def image() -> Any:
        again = iter(variables)
        with tf.variable_creator_scope(lambda _, **__: next(again)):
            return make()

    @tf.function
    def step() -> Any:
        with tf.GradientTape() as tape:
            loss = loss_of(image())
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return loss

    loss = 0.0
    for _ in range(steps):
        loss = float(step())
    return image().numpy(), loss


# Resizing and low resolution.


@pytest.mark.parametrize(("old", "new"), [((1, 4, 6, 2), (1, 8, 9, 2)), ((2, 5, 3, 1), (2, 3, 7, 1))])
def test_resizing_is_tensorflow_1s(old: tuple[int, ...], new: tuple[int, ...]) -> None:
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


def test_lowres_tensor_is_its_variable_interpolated() -> None:
    t, (small,) = made(lambda: param.lowres_tensor((6, 8, 12, 3), (2, 4, 4, 3)))
    assert small.shape == (2, 4, 4, 3)
    assert small.std() == pytest.approx(0.01, rel=0.2)
    np.testing.assert_allclose(t[0], tf.compat.v1.image.resize_bilinear(small[:1], (8, 12))[0], atol=1e-6)
    np.testing.assert_allclose(t[1], (2 * t[0] + t[3]) / 3, atol=1e-6)


def test_one_underlying_image_is_in_all_of_the_batch() -> None:
    t, _ = made(lambda: param.lowres_tensor((5, 4, 4, 2), (1, 4, 4, 2), sd=2))
    np.testing.assert_array_equal(t, np.repeat(t[:1], 5, 0))
    assert t.std() == pytest.approx(2, rel=0.5)


@pytest.mark.parametrize(
    ("offset", "shifts"), [(True, (1, 2)), (False, (0, 0)), (3, (3, 3)), ([True, 1], (1, 1)), ([0, 2.9], (0, 2))]
)
def test_an_offset_shifts(offset: Any, shifts: tuple[int, int]) -> None:
    given = list(offset) if isinstance(offset, list) else offset
    plain, _ = made(lambda: param.lowres_tensor((4, 8), (2, 2)))
    shifted, _ = made(lambda: param.lowres_tensor((4, 8), (2, 2), offset))
    expected = np.pad(plain, [(shift, 0) for shift in shifts], "symmetric")[:4, :8]
    np.testing.assert_array_equal(shifted, expected)
    assert offset == given, "the list that was passed has changed"


def test_lowres_tensor_starts_from_an_array() -> None:
    small = RNG.normal(size=(1, 3, 3, 2)).astype(np.float32)
    same, _ = made(lambda: param.lowres_tensor((1, 9, 6, 2), (1, 3, 3, 2), init_val=small))
    np.testing.assert_allclose(same, resize_bilinear_nd(tf.constant(small), (1, 9, 6, 2)), atol=1e-6)
    again, (found,) = made(lambda: param.lowres_tensor((1, 9, 6, 2), (1, 3, 3, 2), init_val=same))
    np.testing.assert_allclose(found, small, atol=1e-4)
    np.testing.assert_allclose(again, same, atol=1e-4)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: param.lowres_tensor((1, 4), (2,)), "Expected two shapes with the same number of dimensions"),
        (lambda: param.lowres_tensor((1, 4), (1, 0)), "underlying_shape=(1, 0). Expected two shapes"),
        (
            lambda: param.lowres_tensor((4, 4), (2, 2), [1]),
            "Expected one entry for each of the 2 dimensions, or a single entry",
        ),
        (lambda: param.lowres_tensor((4, 4), (2, 2), init_val=np.ones((3, 3))), "Expected (2, 2) or (4, 4)."),
        (
            lambda: param.lowres_tensor((4, 4), (2, 2), 1, init_val=np.ones((4, 4))),
            "Expected (2, 2), because there is an offset.",
        ),
        (
            lambda: param.laplacian_pyramid_image((1, 4, 4, 3), 4),
            "n_levels=4 for 4 x 4 pixels. Expected a number from 1 to 3.",
        ),
        (lambda: param.fft_image((4, 4, 3)), "fft_image received the shape (4, 4, 3). Expected (batch, height, width,"),
        (lambda: param.fft_image((1, 4, 0, 3)), "each at least 1."),
        (
            lambda: param.to_valid_rgb(tf.zeros((1, 4, 4, 1)), decorrelate=True),
            "Expected three channels. Pass decorrelate=False",
        ),
        (
            lambda: param.fft_image((1, 4, 4, 3), init_val=np.ones((4, 4, 3))),
            "Expected the shape of the image, (1, 4, 4, 3).",
        ),
        (lambda: param.image(4, init_val=np.ones((5, 4, 3))), "Expected (4, 4, 3) or (1, 4, 4, 3)."),
        (lambda: param.image(4, init_val=np.full((4, 4, 3), 255)), "Expected floats in [0, 1]"),
        (lambda: param.image(4, init_val=np.full((4, 4, 3), 2.0)), "Expected floats in [0, 1]"),
        (lambda: param.image(4, init_val=np.full((4, 4, 3), np.nan)), "Expected floats in [0, 1]"),
    ],
)
def test_arguments_that_do_not_fit(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ArgumentError) as error:
        make()
    assert message in str(error.value)


def test_a_pyramid_is_the_sum_of_its_levels() -> None:
    t, levels = made(lambda: param.laplacian_pyramid_image((2, 12, 8, 3), n_levels=3))
    assert [level.shape for level in levels] == [(2, 12, 8, 3), (2, 6, 4, 3), (2, 3, 2, 3)]
    np.testing.assert_allclose(t, sum(resize_bilinear_nd(tf.constant(level), t.shape) for level in levels), atol=1e-6)


# Starting from an image.


@pytest.mark.parametrize("make", [param.fft_image, param.pixel_image, param.laplacian_pyramid_image])
@pytest.mark.parametrize("size", [(8, 8), (9, 12), (12, 9), (11, 13)])
def test_every_parameterization_starts_from_an_array(make: Callable[..., Any], size: tuple[int, int]) -> None:
    start = RNG.normal(size=(2, *size, 5)).astype(np.float32)
    image, _ = made(lambda: make(start.shape, init_val=start))
    np.testing.assert_allclose(image, start, atol=2e-5)


@pytest.mark.parametrize("fft", [True, False])
@pytest.mark.parametrize("decorrelate", [True, False])
@pytest.mark.parametrize("kind", [{}, {"alpha": True}, {"channels": 5}])
def test_an_image_starts_from_an_image(fft: bool, decorrelate: bool, kind: dict[str, Any]) -> None:
    depth = kind.get("channels", 4 if kind else 3)
    start = RNG.uniform(size=(7, 9, depth))
    image, _ = made(lambda: param.image(9, 7, batch=2, fft=fft, decorrelate=decorrelate, init_val=start, **kind))
    np.testing.assert_allclose(image, [start, start], atol=2e-3)


def test_black_and_white_come_back_in_eight_bits() -> None:
    start = RNG.integers(0, 2, (16, 16, 3)).astype(float)
    image, _ = made(lambda: param.image(16, init_val=start))
    np.testing.assert_array_equal(np.round(255 * image[0]), 255 * start)


# Sampling, random images, CPPNs.


def test_a_texture_repeats_and_stands_upside_up() -> None:
    texture = RNG.normal(size=(4, 6, 2)).astype(np.float32)
    rows, columns = np.meshgrid(np.arange(4), np.arange(6), indexing="ij")
    # The middle of each pixel: across from the left, up from the bottom.
    uv = np.stack([(columns + 0.5) / 6, 1 - (rows + 0.5) / 4], -1).astype(np.float32)
    np.testing.assert_allclose(param.bilinearly_sampled_image(texture, uv), texture, atol=1e-5)
    for shift in ([1, 0], [0, -2], [3, 5]):
        moved = uv + np.asarray(shift, np.float32)
        np.testing.assert_allclose(param.bilinearly_sampled_image(texture, moved), texture, atol=1e-4)
    between = np.asarray([[1 / 6, 1 - 1 / 4]], np.float32)  # the corner where four pixels meet
    np.testing.assert_allclose(
        param.bilinearly_sampled_image(texture, between)[0], texture[:2, :2].mean((0, 1)), atol=1e-6
    )
    edge = np.asarray([[0, 1]], np.float32)  # and one where the texture meets itself
    np.testing.assert_allclose(
        param.bilinearly_sampled_image(texture, edge)[0], texture[[-1, -1, 0, 0], [-1, 0, -1, 0]].mean(0), atol=1e-6
    )


def test_a_texture_is_sampled_exactly_as_opengl_does_it() -> None:
    # Binary fractions and small whole numbers, so that no rounding hides a difference.
    texture = RNG.integers(0, 16, (4, 8, 3)).astype(np.float32)
    uv = (RNG.integers(-256, 256, (500, 2)) / 64).astype(np.float32)
    # GL_LINEAR with GL_REPEAT, as the OpenGL specification has it (4.6, 8.14.2): the first row is the lowest.
    from_below = texture[::-1]
    s, t = uv[:, 0] * 8 - 0.5, uv[:, 1] * 4 - 0.5
    i0, j0 = np.floor(s).astype(int) % 8, np.floor(t).astype(int) % 4
    i1, j1 = (i0 + 1) % 8, (j0 + 1) % 4
    a, b = (s - np.floor(s))[:, None], (t - np.floor(t))[:, None]
    lower = (1 - a) * (1 - b) * from_below[j0, i0] + a * (1 - b) * from_below[j0, i1]
    upper = (1 - a) * b * from_below[j1, i0] + a * b * from_below[j1, i1]
    np.testing.assert_array_equal(param.bilinearly_sampled_image(texture, uv), lower + upper)


def test_a_random_image_has_the_spectrum_and_is_in_range() -> None:
    noise, variables = made(lambda: rand_fft_image((64, 16, 16, 1), sd=1.0))
    assert variables == []
    power = (np.abs(np.fft.fft2(noise[..., 0])) ** 2).mean(0)
    # Four times the frequency, a sixteenth of the power.
    assert power[0, 1] / power[0, 4] == pytest.approx(16, rel=0.5)
    sample, _ = made(lambda: param.image_sample([2, 12, 9, 3], sd=0.2))
    assert sample.shape == (2, 12, 9, 3)
    assert 0 < sample.min() < sample.max() < 1
    assert not np.array_equal(made(lambda: param.image_sample([2, 12, 9, 3]), seed=1)[0], sample)


def test_a_cppn_is_grey_at_first_and_the_same_in_all_images() -> None:
    image, weights = made(lambda: param.cppn(10, batch=2, num_output_channels=4))
    assert image.shape == (2, 10, 10, 4)
    assert np.ptp(image, axis=(0, 1, 2)).max() < 1e-6
    np.testing.assert_allclose(image, 0.5, atol=0.15)
    assert [w.shape for w in weights[::2]] == [(2, 24), *[(48, 24)] * 7, (48, 4)]
    assert np.std(weights[2]) == pytest.approx(1 / np.sqrt(48), rel=0.15)
    with pytest.raises(OutOfRangeError, match=r"num_layers of cppn\(\) is"):
        param.cppn(8, num_layers=0)


def test_a_cppn_is_a_network_of_coordinates() -> None:
    seen: list[np.ndarray] = []

    def watched(x: Any) -> Any:
        seen.append(np.asarray(x))
        return _composite_activation(x)

    image, weights = made(lambda: param.cppn(3, num_hidden_channels=4, num_layers=2, activation_func=watched))
    ends = np.sqrt(3)
    places = np.array([[row, column] for row in (-ends, 0, ends) for column in (-ends, 0, ends)])
    first = places @ weights[0] + weights[1]
    np.testing.assert_allclose(seen[0], first, rtol=1e-4, atol=1e-5)
    angles = np.arctan(first)
    second = np.concatenate([angles / 0.67, angles**2 / 0.6], -1) @ weights[2] + weights[3]
    np.testing.assert_allclose(seen[1], second, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(image, np.broadcast_to(1 / (1 + np.exp(-weights[5])), (1, 3, 3, 3)), rtol=1e-5)


def test_activations_have_unit_variance() -> None:
    x = tf.constant(RNG.normal(size=(200_000, 1)), tf.float32)
    tangent, square = tf.unstack(_composite_activation(x, biased=False), axis=-1)
    assert np.std(tangent) == pytest.approx(1, abs=0.1)
    assert np.mean(square) == pytest.approx(0, abs=0.1)
    np.testing.assert_allclose(_composite_activation(x)[:, 1], np.arctan(x)[:, 0] ** 2 / 0.6, rtol=1e-4)
    normalized = np.asarray(_relu_normalized_activation(x))
    assert normalized.mean() == pytest.approx(0, abs=0.02)
    assert normalized.std() == pytest.approx(1, abs=0.02)


def test_a_normalized_cppn_has_layers_of_unit_variance() -> None:
    _, weights = made(lambda: param.cppn(8, num_layers=2, normalize=True))
    assert [w.shape for w in weights] == [(2, 24), (24,), (24,), (24,), (48, 24), (24,), (24,), (24,), (48, 3), (3,)]
    seen: list[Any] = []

    def watched(x: Any) -> Any:
        seen.append(np.asarray(x))
        return _composite_activation(x)

    made(lambda: param.cppn(8, num_layers=2, normalize=True, activation_func=watched))
    for x in seen:
        np.testing.assert_allclose(x.mean(0), 0, atol=1e-4)
        np.testing.assert_allclose(x.std(0), 1, atol=1e-2)


# Unit balls.


@pytest.mark.parametrize(
    ("x", "grad", "passed"),
    [
        ([0.3, 0.4], [1, 2], [1, 2]),  # inside, everything passes
        ([3, 4], [0.6, 0.8], [0.6, 0.8]),  # outside: a step against it leads in
        ([3, 4], [-0.6, -0.8], [0, 0]),  # it would lead further out
        ([3, 4], [-0.6 + 0.8, -0.8 - 0.6], [0.8, -0.6]),  # of which what goes along the wall stays
    ],
)
def test_the_gradient_of_a_ball_never_leads_out(x: Any, grad: Any, passed: Any) -> None:
    variable = tf.Variable(np.asarray(x, np.float32))
    with tf.GradientTape() as tape:
        y = constrain_L2(tf.convert_to_tensor(variable))
        loss = dot(y, tf.constant(grad, tf.float32))
    np.testing.assert_allclose(tape.gradient(loss, variable), passed, atol=1e-6)
    np.testing.assert_allclose(y, np.asarray(x) / max(1, np.linalg.norm(x)), rtol=1e-6)


def test_a_preconditioned_gradient_is_its_sign() -> None:
    variable = tf.Variable([0.5, 2.0, 2.0, -2.0, 0.0])
    with tf.GradientTape() as tape:
        y = constrain_L_inf_precondition(tf.convert_to_tensor(variable))
        loss = dot(y, tf.constant([0.1, 7.0, -7.0, 3.0, -0.2]))
    np.testing.assert_allclose(tape.gradient(loss, variable), [1, 1, 0, 0, -1])


@pytest.mark.parametrize("ball", [unit_ball_L2, unit_ball_L_inf, lambda s: unit_ball_L_inf(s, precondition=False)])
def test_what_is_pulled_out_of_a_ball_stays_at_its_wall(ball: Callable[[Any], Any]) -> None:
    target = np.asarray([2.0, -3.0, 0.0], np.float32)
    start, (zeros,) = made(lambda: ball((3,)))
    assert not start.any()
    assert not zeros.any()
    end, _ = fitted(lambda: ball((3,)), lambda x: tf.reduce_sum((x - target) ** 2), 300)
    expected = target / np.linalg.norm(target) if ball is unit_ball_L2 else [1, -1, 0]
    np.testing.assert_allclose(end, expected, atol=0.06)


# Fitting.


@pytest.mark.models
@pytest.mark.parametrize(
    "make",
    [param.pixel_image, param.fft_image, param.laplacian_pyramid_image],
    ids=["pixels", "frequencies", "pyramid"],
)
def test_a_photograph_is_fitted(make: Callable[..., Any], models_dir: Any) -> None:
    photograph = tf.image.resize(load(models_dir / "dog_cat.jpg")[..., :3], (112, 112), antialias=True)[None]
    _, loss = fitted(
        lambda: param.to_valid_rgb(make((1, 112, 112, 3)), decorrelate=True),
        lambda image: tf.reduce_mean(tf.abs(image - photograph)),
        steps=1000,
    )
    assert loss < 0.01


def test_a_cppn_learns_xor() -> None:
    tf.random.set_seed(0)
    corners = tf.constant([[0.0, 1.0], [1.0, 0.0]])

    def loss(image: Any) -> Any:
        return tf.reduce_mean(tf.abs(image[0, :: image.shape[1] - 1, :: image.shape[2] - 1, 0] - corners))

    _, left = fitted(lambda: param.cppn(8, num_output_channels=1), loss, steps=200, rate=0.01)
    assert left < 0.05


@pytest.mark.parametrize("old", ["naive", "laplacian_pyramid"])
def test_old_names_warn_and_work(old: str) -> None:
    with pytest.warns(DeprecationWarning, match=f"param.{old} is now param."):
        image, _ = made(lambda: getattr(param, old)((1, 16, 16, 3)))
    assert image.shape == (1, 16, 16, 3)
