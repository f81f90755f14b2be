"""Transforms against NumPy for the numbers that they drew, and how they draw."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from optvis.tiny_network import images

from lucid_widgets.errors import ArgumentError, UnknownNameError
from lucid_widgets.optvis import render, seeding
from lucid_widgets.optvis.transform import (
    as_transforms,
    compose,
    crop_or_pad_to,
    default_transforms,
    jitter,
    normalize_gradient,
    pad,
    random_affine,
    random_rotate,
    random_scale,
    standard_transforms,
)

EXPECTED = "Expected 'affine', 'standard', 'crops', 'tokens' or 'nothing'."

# Every value occurs once, so that a pixel shows where it came from.
NUMBERED = np.arange(2 * 9 * 11, dtype=np.float32).reshape(2, 9, 11, 1)


def applied(transform: Any, array: np.ndarray = NUMBERED, step: int = 0, seed: int = 0) -> np.ndarray:
    with seeding.scope(seeding.seed_tensor(seed), step):
        return transform(tf.constant(array)).numpy()


def offset_of(cut: np.ndarray) -> tuple[int, int]:
    row, column = divmod(int(cut[0, 0, 0, 0]), 11)
    return row, column


def test_jitter_crops_the_whole_batch_at_one_position() -> None:
    cut = applied(jitter(3))
    assert cut.shape == (2, 6, 8, 1)
    row, column = offset_of(cut)
    np.testing.assert_array_equal(cut, NUMBERED[:, row : row + 6, column : column + 8])


def test_jitter_reaches_every_offset_and_draws_in_each_step() -> None:
    offsets = [offset_of(applied(jitter(2), step=step)) for step in range(80)]
    assert set(offsets) == {(row, column) for row in range(3) for column in range(3)}
    assert offsets == [offset_of(applied(jitter(2), step=step)) for step in range(80)]
    assert offsets != [offset_of(applied(jitter(2), step=step, seed=1)) for step in range(80)]


def test_transforms_of_a_chain_draw_independently() -> None:
    both = [applied(compose([jitter(2), jitter(2)]), step=step) for step in range(20)]
    first = [offset_of(applied(jitter(2), step=step)) for step in range(20)]
    assert [offset_of(cut) for cut in both] != [(2 * row, 2 * column) for row, column in first]


def test_seed_of_a_transform_replaces_that_of_the_run() -> None:
    def offsets(own: int | None, seed: int) -> list[tuple[int, int]]:
        return [offset_of(applied(jitter(4, seed=own), step=step, seed=seed)) for step in range(12)]

    assert offsets(5, 0) == offsets(5, 1)
    assert offsets(5, 0) != offsets(6, 0)
    assert len(set(offsets(5, 0))) > 1


def test_jitter_keeps_the_static_shape() -> None:
    shapes = []

    @tf.function(input_signature=[tf.TensorSpec([2, None, 11, 3])], autograph=False)
    def trace(t: Any) -> Any:
        shapes.append(jitter(3)(t).shape.as_list())
        return t

    trace.get_concrete_function()
    assert shapes == [[2, None, 8, 3]]


def test_jitter_rejects_images_that_are_too_small() -> None:
    with pytest.raises(
        ArgumentError, match=r"jitter\(9\) leaves nothing of an image of 9 x 11 pixels. Expected a larger image"
    ):
        applied(jitter(9))
    assert applied(jitter(8)).shape == (2, 1, 3, 1)
    assert applied(jitter(0)).tolist() == NUMBERED.tolist()


@pytest.mark.parametrize(
    ("transform", "kwargs"),
    [
        (pad(2), {"mode": "reflect"}),
        (pad(2, mode="symmetric"), {"mode": "symmetric"}),
        (pad(3, mode="CONSTANT"), {"mode": "constant", "constant_values": 0.5}),
        (pad(3, mode="constant", constant_value=-1), {"mode": "constant", "constant_values": -1}),
    ],
)
def test_pad_equals_numpy(transform: Any, kwargs: Any) -> None:
    width = 2 if kwargs["mode"] != "constant" else 3
    expected = np.pad(NUMBERED, [(0, 0), (width, width), (width, width), (0, 0)], **kwargs)
    np.testing.assert_array_equal(applied(transform), expected)


def test_pad_uniform_draws_a_gray_in_each_step() -> None:
    grays = []
    for step in range(5):
        padded = applied(pad(1, "constant", "uniform"), step=step)
        np.testing.assert_array_equal(padded[:, 1:-1, 1:-1], NUMBERED)
        margin = np.concatenate([padded[:, 0].ravel(), padded[:, -1].ravel(), padded[:, :, 0].ravel()])
        grays.append(margin[0])
        assert np.all(margin == margin[0])
        assert 0 <= margin[0] < 1
    assert len(set(grays)) == 5


def legacy_bilinear(array: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return the resize of TensorFlow 1: output pixel i shows input position i * in / out."""
    for axis, size in ((1, height), (2, width)):
        length = array.shape[axis]
        at = np.arange(size) * (length / size)
        low = np.floor(at).astype(int)
        high = np.minimum(low + 1, length - 1)
        share = (at - low).reshape([-1 if each == axis else 1 for each in range(4)])
        array = np.take(array, low, axis) * (1 - share) + np.take(array, high, axis) * share
    return array


@pytest.mark.parametrize("scale", [0.5, 0.9, 1.0, 1.1, 1.75])
def test_random_scale_resizes_as_tensorflow_1(scale: float) -> None:
    array = images(2, 9, 11)
    height, width = (int(np.float32(scale) * np.float32(side)) for side in (9, 11))
    resized = applied(random_scale([scale]), array)
    assert resized.shape == (2, height, width, 3)
    np.testing.assert_allclose(resized, legacy_bilinear(array, height, width), atol=1e-5)


def test_random_scale_of_two_pixels() -> None:
    row = np.asarray([0, 1], np.float32).reshape(1, 1, 2, 1)
    resized = applied(random_scale([3.0]), np.tile(row, (1, 2, 1, 1)))
    np.testing.assert_allclose(resized[0, 0, :, 0], [0, 1 / 3, 2 / 3, 1, 1, 1], atol=1e-6)


def rotated(array: np.ndarray, angle: float) -> np.ndarray:
    """Return images rotated counterclockwise about their center, by nearest neighbor, black outside."""
    height, width = array.shape[1:3]
    center_y, center_x = (height - 1) / 2, (width - 1) / 2
    result = np.zeros_like(array)
    for y in range(height):
        for x in range(width):
            right, up = x - center_x, center_y - y
            from_right = np.cos(-angle) * right - np.sin(-angle) * up
            from_up = np.sin(-angle) * right + np.cos(-angle) * up
            column, row = round(center_x + from_right), round(center_y - from_up)
            if 0 <= row < height and 0 <= column < width:
                result[:, y, x] = array[:, row, column]
    return result


@pytest.mark.parametrize("degrees", [-10, -3, 7, 28, 46, 100])
def test_random_rotate_equals_numpy(degrees: float) -> None:
    array = NUMBERED + 1
    np.testing.assert_array_equal(applied(random_rotate([degrees]), array), rotated(array, np.radians(degrees)))
    np.testing.assert_array_equal(
        applied(random_rotate([np.radians(degrees)], units="rads"), array),
        applied(random_rotate([degrees]), array),
    )


@pytest.mark.parametrize("side", [8, 9])
@pytest.mark.parametrize("quarters", [0, 1, 2, 3, -1])
def test_quarter_turns_are_exact(side: int, quarters: int) -> None:
    array = images(2, side, side)
    np.testing.assert_array_equal(applied(random_rotate([90 * quarters]), array), np.rot90(array, quarters, (1, 2)))


def test_every_choice_is_drawn() -> None:
    sizes = {applied(random_scale([1.0, 2.0, 3.0]), step=step).shape[1] for step in range(30)}
    assert sizes == {9, 18, 27}
    generator = (scale for scale in (1.0, 2.0))
    from_generator = random_scale(generator)
    assert {applied(from_generator, step=step).shape[1] for step in range(20)} == {9, 18}


def test_crop_or_pad_to_equals_numpy() -> None:
    np.testing.assert_array_equal(applied(crop_or_pad_to(5, 7)), NUMBERED[:, 2:7, 2:9])
    padded = applied(crop_or_pad_to(11, 11))
    np.testing.assert_array_equal(padded, np.pad(NUMBERED, [(0, 0), (1, 1), (0, 0), (0, 0)]))


def test_compose_applies_from_left_to_right() -> None:
    result = applied(compose([lambda t: t + 1, lambda t: t * 10]))
    np.testing.assert_array_equal(result, (NUMBERED + 1) * 10)
    np.testing.assert_array_equal(applied(compose([])), NUMBERED)


def test_standard_transforms_give_lucids_sizes() -> None:
    chain = compose(standard_transforms)
    array = images(1, 128, 128)
    sizes = {applied(chain, array, step=step).shape[1:3] for step in range(80)}
    expected = {int(np.float32(1 + (i - 5) / 50) * np.float32(144)) - 4 for i in range(11)}
    assert (min(expected), max(expected)) == (125, 154)
    assert sizes == {(size, size) for size in expected}


def test_standard_transforms_keep_gray_except_for_black_corners() -> None:
    gray = np.full((1, 64, 64, 3), 0.5, np.float32)
    values = np.concatenate([applied(compose(standard_transforms), gray, step=step).ravel() for step in range(5)])
    assert set(np.unique(values).round(6)) <= {0, 0.5}  # gray, and the black corners of a rotation


def test_as_transforms_accepts_one_several_or_none() -> None:
    one = jitter(1)
    assert as_transforms(None) == tuple(default_transforms) == (random_affine(),)
    assert as_transforms([]) == ()
    assert as_transforms((one,)) == as_transforms([one]) == as_transforms(one) == (one,)
    assert as_transforms(each for each in [one, one]) == (one, one)


def test_transforms_by_name() -> None:
    assert as_transforms("affine") == as_transforms(None) == (random_affine(),)
    assert as_transforms("standard") == tuple(standard_transforms)
    assert as_transforms("nothing") == ()
    assert render.make_transform_f("nothing")(3) == 3


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("standart", "There are no transforms named 'standart'. Did you mean 'standard'?"),
        ("Affine", "There are no transforms named 'Affine'. Did you mean 'affine'?"),
        (
            "jitter",
            "There are no transforms named 'jitter'. Expected 'affine', 'standard', 'crops', 'tokens' or 'nothing'.",
        ),
        ("", "There are no transforms named ''. Expected 'affine', 'standard', 'crops', 'tokens' or 'nothing'."),
    ],
)
def test_rejects_unknown_names_of_transforms(name: str, message: str) -> None:
    with pytest.raises(UnknownNameError) as error:
        as_transforms(name)  # type: ignore[arg-type]
    assert str(error.value) == message


def test_standard_transforms_are_added_to_lists_as_in_lucid() -> None:
    one = jitter(1)
    assert standard_transforms + [one] == [*standard_transforms, one]  # noqa: RUF005
    assert [one] + standard_transforms == [one, *standard_transforms]  # noqa: RUF005
    assert standard_transforms + (one,) == (*standard_transforms, one)  # noqa: RUF005
    assert (one,) + standard_transforms == (one, *standard_transforms)  # noqa: RUF005
    assert list(standard_transforms) == [*standard_transforms]
    assert as_transforms(standard_transforms + [one]) == (*standard_transforms, one)  # noqa: RUF005
    assert type(standard_transforms + [one]) is list  # noqa: RUF005
    extended = [one]
    extended += standard_transforms
    assert extended == [one, *standard_transforms]
    assert len(standard_transforms) == 5


@pytest.mark.parametrize("chain", [standard_transforms, default_transforms])
def test_transforms_of_the_package_cannot_be_changed(chain: Any) -> None:
    before = tuple(chain)
    with pytest.raises(AttributeError, match=r"have no append\(\)\. Pass a new list instead"):
        chain.append(jitter(1))
    with pytest.raises(AttributeError, match="has no attribute 'names'"):
        _ = chain.names
    with pytest.raises(TypeError, match="does not support item assignment"):
        chain[0] = jitter(1)
    with pytest.raises(TypeError):
        chain + 3
    assert tuple(chain) == before
    assert pickle.loads(pickle.dumps(type(default_transforms)(default_transforms))) == default_transforms


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: as_transforms(8), "transforms is 8. Expected a list such as [transform.jitter(8)], or 'affine'"),
        (lambda: as_transforms([jitter(1), 8]), "transforms[1] is 8. Expected a function of images"),
        (lambda: pad(1, "mirror"), "mode of pad() is 'mirror'. Expected 'REFLECT', 'SYMMETRIC' or 'CONSTANT'."),
        (
            lambda: pad(1, constant_value="random"),
            "constant_value of pad() is 'random'. Expected a number or 'uniform'.",
        ),
        (
            lambda: random_rotate([1], units="turns"),
            "units of random_rotate() is 'turns'. Expected 'degrees' or 'radians'.",
        ),
        (lambda: random_rotate([]), "angles of random_rotate() cannot be []. Expected a list of at least one finite"),
        (lambda: random_scale([float("nan")]), "scales of random_scale() cannot be [nan]."),
        (lambda: random_scale([1, 0]), "scales of random_scale() contains 0. Expected factors above 0."),
        (lambda: random_rotate("a lot"), "angles of random_rotate() cannot be 'a lot'."),
        (lambda: as_transforms(jitter), "transforms is the function jitter. Expected what it returns,"),
        (lambda: jitter(2.5), "d of jitter() is 2.5. Expected a whole number from 0 up."),
        (lambda: pad(2.5), "w of pad() is 2.5."),
        (lambda: crop_or_pad_to(8, 0.5), "width of crop_or_pad_to() is 0.5. Expected a whole number from 1 up."),
        (lambda: pad(4)(tf.zeros((1, 4, 9, 3))), "pad(4) cannot mirror an image of 4 x 9 pixels."),
        (
            lambda: normalize_gradient([1, 2])(tf.zeros((3, 2, 2, 3))),
            "normalize_gradient received 2 scales for 3 images.",
        ),
        (
            lambda: as_transforms([jitter(1), jitter]),
            "transforms[1] is the function jitter. Expected what it returns,",
        ),
    ],
)
def test_rejects_invalid_arguments(make: Any, message: str) -> None:
    with pytest.raises(ArgumentError) as error:
        make()
    assert message in str(error.value)
