"""Objectives of units against numbers computed without TensorFlow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from optvis.tiny_network import Tiny, images, in_numpy, tensors

from lucid_widgets.errors import ArgumentError, LucidError, OutOfRangeError, UnknownNameError
from lucid_widgets.optvis.objectives import (
    Objective,
    as_objective,
    channel,
    class_logit,
    deepdream,
    direction_neuron,
    neuron,
)
from lucid_widgets.optvis.render import iter_vis

LAYERS = in_numpy(images())


def value(objective: Objective) -> float:
    return float(tf.reduce_sum(objective(tensors(LAYERS))))


@pytest.mark.parametrize(
    ("objective", "expected"),
    [
        (channel("conv", 2), LAYERS["conv"][..., 2].mean()),
        (channel("conv", 2, batch=1), LAYERS["conv"][1, ..., 2].mean()),
        (channel("dense", 1), LAYERS["dense"][:, 1].mean()),
        (channel("dense", 1, batch=0), LAYERS["dense"][0, 1]),
        (channel("input", 1), LAYERS["input"][..., 1].mean()),
        # 4 x 5 positions: the middle is row 2, column 2.
        (neuron("conv", 3), LAYERS["conv"][:, 2, 2, 3].mean()),
        (neuron("conv", 3, batch=1), LAYERS["conv"][1, 2, 2, 3]),
        (neuron("conv", 3, x=3), LAYERS["conv"][:, 3, 2, 3].mean()),
        (neuron("conv", 3, y=4), LAYERS["conv"][:, 2, 4, 3].mean()),
        (neuron("conv", 3, 1, 4, 0), LAYERS["conv"][0, 1, 4, 3]),
        (neuron("dense", 1), LAYERS["dense"][:, 1].mean()),
        (deepdream("conv"), (LAYERS["conv"] ** 2).mean()),
        (deepdream("conv", batch=1), (LAYERS["conv"][1] ** 2).mean()),
        (deepdream("dense"), (LAYERS["dense"] ** 2).mean()),
    ],
    ids=repr,
)
def test_value(objective: Objective, expected: float) -> None:
    assert value(objective) == pytest.approx(expected, rel=1e-5)


# One number for each position: 10 * row + column.
def numbered(height: int, width: int) -> Any:
    return tensors({"a": (10 * np.arange(height)[:, None] + np.arange(width))[None, :, :, None]})


@pytest.mark.parametrize(
    ("objective", "expected"),
    [
        (neuron("a", 0, 3, 1), 31),
        (neuron("a", 0, x=3, y=1), 31),
        (neuron("a", 0, row=3, column=1), 31),
        (neuron("a", 0, x=1, y=3), 13),
        (neuron("a", 0, row=1, column=3), 13),
        (neuron("a", 0, row=3), 32),
        (neuron("a", 0, column=4), 24),
        (neuron("a", 0, 0, column=4), 4),
        (direction_neuron("a", [2.0], row=3, column=1), 62),
        (direction_neuron("a", [2.0], 3, 1), 62),
        (direction_neuron("a", [2.0], column=4), 48),
    ],
    ids=repr,
)
def test_x_is_the_row_and_y_the_column(objective: Objective, expected: float) -> None:
    assert float(objective(numbered(4, 5))) == expected


@pytest.mark.parametrize(
    ("height", "width", "center"),
    [(2, 7, 13), (7, 2, 31), (3, 4, 12), (4, 3, 21), (1, 6, 3), (6, 1, 30), (5, 5, 22), (4, 4, 22), (1, 1, 0)],
)
def test_center_of_layers_that_are_not_square(height: int, width: int, center: int) -> None:
    assert float(neuron("a", 0)(numbered(height, width))) == center
    assert float(direction_neuron("a", [1.0])(numbered(height, width))) == center


def test_row_and_column_are_other_names_for_x_and_y() -> None:
    assert neuron("a", 1, row=2, column=3) == neuron("a", 1, x=2, y=3)
    assert neuron("a", 1, row=2).structure == neuron("a", 1, x=5).structure
    assert repr(neuron("a", 1, row=2, column=0)) == 'neuron("a", 1, x=2, y=0)'
    assert as_objective('neuron("a", 1, row=2, column=3)') == neuron("a", 1, 2, 3)
    assert as_objective('direction_neuron("a", [1.0], column=3)') == direction_neuron("a", [1.0], y=3)
    assert (
        repr(neuron)
        == "<objective neuron(layer_name, channel_n, x=None, y=None, batch=None, *, row=None, column=None)>"
    )


@pytest.mark.parametrize("make", [lambda **k: neuron("a", 1, **k), lambda **k: direction_neuron("a", [1.0], **k)])
def test_rejects_both_names_of_an_argument(make: Any) -> None:
    with pytest.raises(ArgumentError, match=r"received both x=1 and row=2\. Pass one of them: 'row' is another name"):
        make(x=1, row=2)
    with pytest.raises(ArgumentError, match="received both y=0 and column=0"):
        make(y=0, column=0)
    with pytest.raises(
        OutOfRangeError, match=r"row of (direction_)?neuron\(\) is -1\. Expected a whole number from 0 up"
    ):
        make(row=-1)
    with pytest.raises(ArgumentError, match=r"column of (direction_)?neuron\(\) is 1\.5\."):
        make(column=1.5)


def test_class_logit_reads_its_own_layer_when_another_has_as_many_channels() -> None:
    T = tensors({"inner": np.full((1, 3, 3, 2), [5.0, 6.0]), "logits": [[1.0, 2.0]]})

    def with_labels(name: str) -> Any:
        return ["cat", "dog"] if name == "labels" else T(name)

    assert float(class_logit("logits", "dog")(with_labels)) == 2
    assert float(class_logit("logits", 1)(with_labels)) == 2
    assert float(class_logit("inner", "dog")(with_labels)) == 9 * 6
    assert float(class_logit("inner", 0)(with_labels)) == 9 * 5


@pytest.mark.parametrize("kind", [int, np.int32, np.int64, np.uint8])
def test_accepts_indices_of_any_integer_type(kind: Any) -> None:
    objective = channel("conv", kind(2), batch=kind(1))
    assert objective == channel("conv", 2, batch=1)
    assert repr(objective) == 'channel("conv", 2, batch=1)'
    assert value(objective) == pytest.approx(LAYERS["conv"][1, ..., 2].mean(), rel=1e-5)


@pytest.mark.parametrize(
    ("make", "kind", "message"),
    [
        (
            lambda: channel("a"),
            ArgumentError,
            "wrong arguments: missing a required argument: 'n_channel'.",
        ),
        (lambda: channel("a", 1, 2, 3), ArgumentError, "Expected channel(layer, n_channel, batch=None)."),
        (lambda: channel("a", 1, n=3), ArgumentError, "got an unexpected keyword argument"),
        (lambda: channel("a", -1), OutOfRangeError, "n_channel of channel() is -1. Expected a whole number from 0 up."),
        (
            lambda: channel("a", 2**31),
            OutOfRangeError,
            "n_channel of channel() is 2147483648. Expected a whole number from 0 to 2147483647.",
        ),
        (lambda: channel("a", 1.0), ArgumentError, "n_channel of channel() is 1.0. Expected a whole number from 0 up."),
        (
            lambda: channel("a", True),
            ArgumentError,
            "n_channel of channel() is True. Expected a whole number from 0 up.",
        ),
        (
            lambda: channel("a", None),
            ArgumentError,
            "n_channel of channel() is None. Expected a whole number from 0 up.",
        ),
        (
            lambda: channel("a", 1, batch=-1),
            OutOfRangeError,
            "batch of channel() is -1. Expected a whole number from 0 up.",
        ),
        (
            lambda: channel(3, 3),
            ArgumentError,
            "layer of channel() is 3. Expected the name of a layer, such as 'mixed4a'.",
        ),
        (lambda: neuron("a", 1, x=-2), OutOfRangeError, "x of neuron() is -2."),
    ],
)
def test_rejects_invalid_arguments(make: Any, kind: type[LucidError], message: str) -> None:
    with pytest.raises(kind) as error:
        make()
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("objective", "kind", "message"),
    [
        ("convv:1", UnknownNameError, "Tiny has no layer named 'convv'. Did you mean 'conv'?"),
        ("conv:4", OutOfRangeError, "Channel 4 is out of range. Expected a whole number from 0 to 3 for layer 'conv'."),
        ("dense:2", OutOfRangeError, "Expected a whole number from 0 to 1 for layer 'dense'."),
        ("conv:1000000", OutOfRangeError, "Channel 1000000 is out of range."),
        (neuron("relu", 9), OutOfRangeError, "Expected a whole number from 0 to 3 for layer 'relu'."),
        (deepdream("Conv"), UnknownNameError, "Did you mean 'conv'?"),
        (2 * channel("conv", 1) - channel("rleu", 0) * 3, UnknownNameError, "Did you mean 'relu'?"),
    ],
)
def test_checks_layers_and_channels_before_compiling(
    model: Tiny, objective: Any, kind: type[LucidError], message: str
) -> None:
    with pytest.raises(kind) as error:
        iter_vis(model, objective)
    assert message in str(error.value)
    assert model.asked == []


def test_checks_batch_index_before_compiling(model: Tiny) -> None:
    frames = iter_vis(model, channel("conv", 1, batch=1), image_size=4)
    with pytest.raises(OutOfRangeError, match=r"Batch index 1 is out of range\. Expected a whole number from 0 to 0"):
        next(frames)
    assert model.asked == []


def test_accepts_the_image_as_a_layer(model: Tiny) -> None:
    channel("input", 2).validate(model)
