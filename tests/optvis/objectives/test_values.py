"""Directions, batches, classes and images: values against NumPy, and gradients against finite differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from optvis.tiny_network import DENSE, Tiny, images, in_numpy, tensors

from lucid_widgets.errors import ArgumentError, ModelError, OutOfRangeError, UnknownNameError
from lucid_widgets.optvis import objectives as O
from lucid_widgets.optvis import param
from lucid_widgets.optvis.objectives import Objective
from lucid_widgets.optvis.objectives.text import parse
from lucid_widgets.optvis.render import iter_vis

BATCH = 3
LAYERS = {**in_numpy(images(BATCH)), "labels": None}
CONV, RELU, DENSES, IMAGE = (LAYERS[name] for name in ("conv", "relu", "dense", "input"))
VEC = np.asarray([0.5, -1, 2, 0.25], np.float32)
PATCH = np.random.default_rng(1).normal(size=(3, 2, 4)).astype(np.float32)


def T(name: str) -> Any:
    return ["cat", "dog"] if name == "labels" else tensors(LAYERS)(name)


def value(objective: Objective) -> float:
    return float(tf.convert_to_tensor(objective(T)))


def cossim(x: np.ndarray, y: np.ndarray, power: float) -> float:
    product = (x * y).sum(-1)
    lengths = (1e-4 + np.linalg.norm(x, axis=-1)) * (1e-4 + np.linalg.norm(y, axis=-1))
    return float((product * np.maximum(0.1, product / lengths) ** power).mean())


def interpolated(one: np.ndarray, other: np.ndarray) -> float:
    return float(sum((1 - w) * a.mean() + w * b.mean() for w, a, b in zip([0, 0.5, 1], one, other, strict=True)))


def aligned(acts: np.ndarray, ratio: float) -> float:
    pairs = [(i, j) for i in range(len(acts)) for j in range(i + 1, len(acts)) if j - i <= 4]
    return -sum(((acts[i] - acts[j]) ** 2).mean() / ratio ** (j - i) for i, j in pairs)


def alike(acts: np.ndarray) -> float:
    grams = [a.reshape(-1, a.shape[-1]).T @ a.reshape(-1, a.shape[-1]) for a in acts]
    unit = [g / np.linalg.norm(g) for g in grams]
    return sum((a * b).sum() for i, a in enumerate(unit) for j, b in enumerate(unit) if i != j) / len(acts)


def rough(image: np.ndarray) -> float:
    return float(np.abs(np.diff(image, axis=-3)).sum() + np.abs(np.diff(image, axis=-2)).sum())


def blurred(image: np.ndarray, w: int) -> np.ndarray:
    window = np.full((w, w), 0.5)
    window[1:-1, 1:-1] = 1
    reach, (height, width) = w // 2, image.shape[1:3]
    out = np.zeros(image.shape)
    for row in range(height):
        for column in range(width):
            total = weight = 0.0
            for dy in range(-reach, reach + 1):
                for dx in range(-reach, reach + 1):
                    if 0 <= row + dy < height and 0 <= column + dx < width:
                        tap = window[dy + reach, dx + reach]
                        total, weight = total + tap * image[:, row + dy, column + dx], weight + tap
            out[:, row, column] = total / weight
    return out


def border(image: np.ndarray, mask: np.ndarray, gray: float) -> float:
    return float(-((((blurred(image, 5) - image) ** 2) + 0.8 * (image - gray) ** 2) * mask).sum())


FRAME = np.ones((1, 4, 5, 1))


FRAME[:, 1:3, 1:4] = 0


VALUES: list[tuple[Objective, float]] = [
    (O.direction("conv", VEC), (CONV @ VEC).mean()),
    (O.direction("conv", VEC, batch=1), (CONV[1] @ VEC).mean()),
    (O.direction("conv", VEC, 2), cossim(CONV, VEC, 2)),
    (O.direction("conv", VEC, cossim_pow=0.5, batch=2), cossim(CONV[2], VEC, 0.5)),
    (O.direction("dense", [1, -2]), (DENSES @ [1, -2]).mean()),
    (O.direction_cossim("relu", VEC, 1), cossim(RELU, VEC, 1)),
    (O.direction_neuron("conv", VEC), (CONV[:, 2, 2] @ VEC).mean()),
    (O.direction_neuron("conv", VEC, 3, 0, batch=1), CONV[1, 3, 0] @ VEC),
    (O.direction_neuron("conv", VEC, y=4, cossim_pow=1), cossim(CONV[:, 2, 4], VEC, 1)),
    # 4 x 5 positions, a patch of 3 x 2: it begins at row 0, column 1.
    (O.tensor_direction("conv", PATCH), (CONV[:, :3, 1:3] * PATCH).sum(-1).mean()),
    (O.tensor_direction("conv", PATCH[None], 1, batch=0), cossim(CONV[0, :3, 1:3], PATCH, 1)),
    (O.channels("conv", [3, 0, 2]), CONV[0, ..., 3].mean() + CONV[1, ..., 0].mean() + CONV[2, ..., 2].mean()),
    (O.channels("dense", [1, 1, 0]), DENSES[0, 1] + DENSES[1, 1] + DENSES[2, 0]),
    (O.channel_interpolate("conv", 1, "relu", 3), interpolated(CONV[..., 1], RELU[..., 3])),
    (O.alignment("conv"), aligned(CONV, 2)),
    (O.alignment("dense", 1.5), aligned(DENSES, 1.5)),
    (O.diversity("conv"), alike(CONV)),
    (O.diversity("dense"), alike(DENSES[:, None, None])),
    (O.class_logit("dense", 1), DENSES[:, 1].sum()),
    (O.class_logit("dense", "dog"), DENSES[:, 1].sum()),
    (O.class_logit("dense", "cat", batch=2), DENSES[2, 0]),
    (O.class_logit("conv", 3), CONV[..., 3].sum()),
    (O.total_variation(), rough(IMAGE)),
    (O.total_variation("conv", batch=1), rough(CONV[1])),
    (O.L1(), IMAGE.sum()),
    (O.L1("conv", 0.5, batch=2), np.abs(CONV[2] - 0.5).sum()),
    (O.L2(), np.sqrt(1e-6 + (IMAGE**2).sum())),
    (O.L2("conv", -1, 4.0, 0), np.sqrt(4 + ((CONV[0] + 1) ** 2).sum())),
    (O.blur_input_each_step(), 0.5 * ((IMAGE - blurred(IMAGE, 3)) ** 2).sum()),
    (O.blur_input_each_step(batch=1), 0.5 * ((IMAGE[1:2] - blurred(IMAGE[1:2], 3)) ** 2).sum()),
    (O.penalize_boundary_complexity((3, 4, 5, 3), w=1), border(IMAGE, FRAME, 0.5)),
    (O.penalize_boundary_complexity((3, 4, 5, 3), w=20, C=0.25), border(IMAGE, np.ones(1), 0.25)),
    (O.penalize_boundary_complexity((3, 4, 5, 3), w=0), 0.0),
    (O.penalize_boundary_complexity((3, 4, 5, 3), mask=[[[0.0, 2.0, 1.0]]]), border(IMAGE, np.asarray([0, 2, 1]), 0.5)),
    (O.input_diff(np.full((4, 5, 3), 0.25)), np.sqrt(((IMAGE - 0.25) ** 2).mean())),
]


@pytest.mark.parametrize(("objective", "expected"), VALUES, ids=lambda each: repr(each)[:60])
def test_value(objective: Objective, expected: float) -> None:
    assert value(objective) == pytest.approx(expected, rel=1e-4, abs=1e-5)


@pytest.mark.parametrize("objective", [objective for objective, _ in VALUES], ids=lambda each: repr(each)[:60])
def test_repr_can_be_parsed(objective: Objective) -> None:
    again = parse(repr(objective))
    assert again == objective
    assert again.structure == objective.structure
    assert hash(again) == hash(objective)
    assert repr(again) == repr(objective)


SMOOTH = [objective for objective, _ in VALUES if "blur" not in repr(objective)]


@pytest.mark.slow
@pytest.mark.parametrize("objective", SMOOTH, ids=lambda each: repr(each)[:60])
def test_gradient_equals_finite_differences(model: Tiny, objective: Objective) -> None:
    @tf.function
    def both(image: Any) -> Any:
        total = tf.reduce_sum(objective(model.import_graph(image)))
        return total, tf.convert_to_tensor(tf.gradients(total, image)[0])

    start = images(BATCH).astype(np.float32)
    _, slope = both(tf.constant(start))
    rng = np.random.default_rng(2)
    # Small steps: the network has kinks.
    for _ in range(2):
        way = rng.normal(size=start.shape).astype(np.float32)
        ahead, behind = (float(both(tf.constant(start + step * way))[0]) for step in (4e-4, -4e-4))
        assert (ahead - behind) / 8e-4 == pytest.approx(float((slope * way).numpy().sum()), rel=0.03, abs=0.03)


def test_gradient_of_blur_is_the_difference_from_the_blurred_image() -> None:
    image = tf.Variable(images(1))
    with tf.GradientTape() as tape:
        objective = O.blur_input_each_step()(lambda name: tf.convert_to_tensor(image))
    np.testing.assert_allclose(tape.gradient(objective, image), images(1) - blurred(images(1), 3), atol=1e-6)


def test_blur_alpha_uses_only_the_fourth_channel() -> None:
    image = np.concatenate([images(1), images(1, seed=5)[..., :1]], -1)
    expected = 0.5 * ((image[..., 3:] - blurred(image[..., 3:], 3)) ** 2).sum()
    assert float(O.blur_alpha_each_step()(lambda _: tf.constant(image))) == pytest.approx(expected, rel=1e-5)
    with pytest.raises(ArgumentError, match=r"has 3 channels and no opacity.*alpha=True"):
        O.blur_alpha_each_step()(T)


def test_gradients_at_zero_are_finite() -> None:
    dead = tf.Variable(tf.zeros((2, 4, 5, 4)))
    for objective in (O.direction("dead", VEC, 2), O.input_diff(np.zeros((4, 5, 4))), O.diversity("dead")):
        with tf.GradientTape() as tape:
            score = objective(lambda name: tf.convert_to_tensor(dead))
        assert np.all(np.isfinite(tape.gradient(score, dead))), objective


def test_values_for_a_single_image() -> None:
    one = tensors({"conv": CONV[:1]})
    assert float(O.channel_interpolate("conv", 1, "conv", 2)(one)) == pytest.approx(CONV[:1, ..., 1].mean(), rel=1e-5)
    assert float(O.diversity("conv")(one)) == pytest.approx(0, abs=1e-6)
    assert float(O.alignment("conv")(one)) == 0


def test_alignment_includes_pairs_up_to_four_images_apart() -> None:
    # Image i is i everywhere, so images at distance d differ by d: minus 6 * 1/2 + 5 * 4/4 + 4 * 9/8 + 3 * 16/16.
    # The two pairs at distance 5 and the one at distance 6 do not count.
    images = np.arange(7.0)[:, None, None, None] * np.ones((1, 2, 3, 4))
    assert float(O.alignment("a")(tensors({"a": images}))) == -(3 + 5 + 4.5 + 3)
    # With a ratio of 1 every distance counts the same.
    assert float(O.alignment("a", 1)(tensors({"a": images}))) == -(6 + 5 * 4 + 4 * 9 + 3 * 16)


def test_alignment_ignores_pairs_five_images_apart() -> None:
    # Only image 5 differs from the others, by 2. Image 0 is five images away and does not count.
    images = np.zeros((6, 1, 1, 1))
    images[5] = 2
    assert float(O.alignment("a")(tensors({"a": images}))) == -4 * (1 / 2 + 1 / 4 + 1 / 8 + 1 / 16)


def test_channels_equals_the_sum_of_single_channels() -> None:
    singles = Objective.sum(O.channel("conv", n, batch=i) for i, n in enumerate([3, 0, 2]))
    assert value(O.channels("conv", [3, 0, 2])) == pytest.approx(value(singles), rel=1e-6)


@pytest.mark.parametrize("kind", [list, tuple, np.asarray, lambda v: tf.constant(v, tf.float32)])
def test_accepts_vectors_as_list_array_or_tensor(kind: Callable[[Any], Any]) -> None:
    assert O.direction("conv", kind([0.5, -1, 2, 0.25])) == O.direction("conv", VEC)


def test_accepts_vectors_as_symbolic_tensor() -> None:
    @tf.function
    def score(vec: Any) -> Any:
        return O.direction("conv", vec)(T)

    assert float(score(tf.constant(VEC))) == pytest.approx((CONV @ VEC).mean(), rel=1e-5)


def test_numbers_do_not_change_the_structure() -> None:
    assert O.direction("a", [1, 2]).structure == O.direction("a", [3.5, 4]).structure
    assert O.direction("a", [1, 2]).structure != O.direction("a", [1, 2, 3]).structure
    assert O.direction("a", [1, 2]).structure != O.direction("a", [1, 2], 1).structure
    assert O.channels("a", [1, 2]).structure == O.channels("a", [7, 0]).structure
    assert O.L1(constant=1).structure == O.L1(constant=0.5).structure
    assert O.class_logit("a", 1).structure == O.class_logit("a", 2).structure != O.class_logit("a", "cat").structure


def test_changing_numbers_during_a_run_compiles_nothing(model: Tiny) -> None:
    frames = iter_vis(model, O.channels("conv", [0, 1]), lambda: param.image(8, batch=2), transforms=[])
    next(frames), next(frames)
    built = len(model.asked)
    for other in (O.channels("conv", [3, 3]), O.channels("conv", np.asarray([2, 0]))):
        frames.objective = other
        next(frames)
    assert len(model.asked) == built


@pytest.mark.parametrize(
    ("make", "kind", "message"),
    [
        (
            lambda: O.channels("a", []),
            ArgumentError,
            "n_channels of channels() is []. Expected a list of whole numbers",
        ),
        (lambda: O.channels("a", 3), ArgumentError, "n_channels of channels() is 3. Expected a list of whole numbers"),
        (
            lambda: O.channels("a", [1.5]),
            ArgumentError,
            "n_channels of channels() is [1.5]. Expected a list of whole numbers",
        ),
        (
            lambda: O.channels("a", [1, -1]),
            OutOfRangeError,
            "n_channels of channels() is [1, -1]. Expected whole numbers from 0 up.",
        ),
        (
            lambda: O.direction("a", 3),
            ArgumentError,
            "vec of direction() is a single number. Expected a list or array of numbers.",
        ),
        (
            lambda: O.direction("a", []),
            ArgumentError,
            "vec of direction() is empty. Expected a list or array of numbers.",
        ),
        (
            lambda: O.direction("a", "text"),
            ArgumentError,
            "vec of direction() is 'text'. Expected a list or array of numbers.",
        ),
        (lambda: O.direction("a", [[1, 2], [3]]), ArgumentError, "Expected a list or array of numbers."),
        (
            lambda: O.direction("a", [1, np.nan]),
            ArgumentError,
            "vec of direction() holds a NaN, or a number too large",
        ),
        (lambda: O.direction("a", [1e300]), ArgumentError, "vec of direction() holds a NaN, or a number too large"),
        (lambda: O.L1(constant="1"), ArgumentError, "constant of L1() is '1'. Expected a finite number."),
        (lambda: O.L2(epsilon=float("inf")), ArgumentError, "epsilon of L2() is inf. Expected a finite number."),
        (lambda: O.L1(constant=10**400), ArgumentError, "Expected a finite number."),
        (
            lambda: O.class_logit("a", 1.5),
            ArgumentError,
            "label of class_logit() is 1.5. Expected a whole number from 0 up.",
        ),
        (
            lambda: O.total_variation(batch=-1),
            OutOfRangeError,
            "batch of total_variation() is -1. Expected a whole number from 0 up.",
        ),
        (
            lambda: O.channel_interpolate("a", 1, 2, 2),
            ArgumentError,
            "layer2 of channel_interpolate() is 2. Expected the name",
        ),
        (
            lambda: O.penalize_boundary_complexity((4, 4, 3))(T),
            ArgumentError,
            "Expected (batch, height, width, channels).",
        ),
        (
            lambda: O.penalize_boundary_complexity((3, 8, 8, 3))(T),
            ArgumentError,
            "shp or mask of penalize_boundary_complexity() has the shape (3, 8, 8, 3), but the image has (3, 4, 5, 3).",
        ),
        (
            lambda: O.input_diff(np.zeros((8, 8, 3)))(T),
            ArgumentError,
            "orig_img of input_diff() has the shape (8, 8, 3), but the image has (3, 4, 5, 3). Expected the shape",
        ),
    ],
)
def test_rejects_invalid_arguments(make: Callable[[], Any], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind) as error:
        make()
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("objective", "kind", "message"),
    [
        (O.channels("conv", [1, 4]), OutOfRangeError, "Channel 4 is out of range."),
        (O.channels("conv", [1, 2, 3]), ArgumentError, "channels() received 3 channels for 1 images."),
        (O.channel_interpolate("conv", 1, "conv", 4), OutOfRangeError, "Channel 4 is out of range."),
        (O.channel_interpolate("conv", 1, "cnov", 2), UnknownNameError, "Did you mean 'conv'?"),
        (
            O.direction("conv", [1, 2]),
            ArgumentError,
            "vec has 2 numbers for each position, but layer 'conv' has 4 channels.",
        ),
        (O.direction("conv", [[1, 2, 3, 4]]), ArgumentError, "vec has the shape (1, 4). Expected [channels]."),
        (O.tensor_direction("conv", VEC), ArgumentError, "Expected [height, width, channels]."),
        (
            O.tensor_direction("conv", np.ones((9, 9, 4))),
            ArgumentError,
            "vec has 9 x 9 positions, but layer 'conv' has only 8 x 8.",
        ),
        (O.class_logit("dense", 2), OutOfRangeError, "Class 2 is out of range."),
        (O.class_logit("dense", "dgo"), UnknownNameError, "Did you mean 'dog'?"),
        (O.total_variation(batch=1), OutOfRangeError, "Batch index 1 is out of range."),
        (O.penalize_boundary_complexity((2, 8, 8, 3)), ArgumentError, "but there are 1 images."),
    ],
)
def test_rejects_objectives_that_do_not_fit_the_model(
    model: Tiny, objective: Objective, kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind) as error:
        list(iter_vis(model, objective, lambda: param.image(8), steps=1, transforms=[]))
    assert message in str(error.value)


def test_class_name_requires_labels(model: Tiny) -> None:
    model.labels = None
    with pytest.raises(ModelError, match=r"Tiny has no labels\. Pass the index of the class instead of its name\."):
        O.class_logit("dense", "dog").validate(model)


def test_repr_omits_large_arrays() -> None:
    text = repr(O.input_diff(np.zeros((64, 64, 3))))
    assert text == "input_diff(...)"


@pytest.mark.slow
def test_every_objective_can_be_optimized(model: Tiny) -> None:
    assert DENSE.shape == (4, 2)
    everything = Objective.sum(
        [
            O.direction("conv", VEC, 1),
            O.direction_neuron("conv", VEC),
            O.tensor_direction("conv", PATCH),
            O.channels("relu", [0, 1]),
            O.channel_interpolate("conv", 1, "relu", 2),
            0.1 * O.alignment("conv"),
            -O.diversity("relu"),
            O.class_logit("dense", "dog", batch=1),
            -1e-3 * O.total_variation(),
            -1e-3 * O.L1(constant=0.5),
            -1e-3 * O.L2("conv"),
            -O.blur_input_each_step(),
            O.penalize_boundary_complexity((2, 8, 8, 3), 2),
            -O.input_diff(np.full((8, 8, 3), 0.5)),
        ]
    )
    *_, last = iter_vis(model, everything, lambda: param.image(8, batch=2), steps=30, transforms=[])
    assert last.step == 30
    assert np.isfinite(last.objective)
