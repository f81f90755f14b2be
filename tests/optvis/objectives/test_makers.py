"""Makers of objectives, and the functions that wrap and convert."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from optvis.tiny_network import Tiny, images, in_numpy, tensors

from lucid_widgets.errors import ArgumentError, ModelError, OutOfRangeError, UnknownNameError
from lucid_widgets.optvis import objectives
from lucid_widgets.optvis.objectives import (
    Objective,
    as_objective,
    channel,
    deepdream,
    handle_batch,
    neuron,
    wrap_objective,
)
from lucid_widgets.optvis.objectives.registry import OBJECTIVES

LAYERS = in_numpy(images())


def value(objective: Objective) -> float:
    return float(tf.reduce_sum(objective(tensors(LAYERS))))


@pytest.mark.parametrize(
    ("objective", "name", "description"),
    [
        (channel("mixed4a", 7), "channel", "Channel [mixed4a, 7, None]"),
        (channel("mixed4a_pre_relu", 0), "channel", "Channel [..., 0, None]"),
        (channel("a\nb", 0), "channel", "Channel [..., 0, None]"),
        (deepdream("mixed4a"), "deepdream", "Deepdream [mixed4a, None]"),
        (neuron("mixed4a", 7), "neuron", "Neuron [mixed4a, 7, None, None, None]"),
        (
            channel("a", 1) + neuron("b", 2),
            "channel, neuron",
            "Sum(Channel [a, 1, None] +\nNeuron [b, 2, None, None, None])",
        ),
        (channel("a", 1) * neuron("b", 2), "channel", "Channel [a, 1, None]"),
        (2 * channel("a", 1), "channel", "Channel [a, 1, None]"),
        (channel("a", 1) + 3, "channel", "Channel [a, 1, None]"),
    ],
)
def test_names_and_descriptions_are_those_of_lucid(objective: Objective, name: str, description: str) -> None:
    assert (objective.name, objective.description) == (name, description)


def test_maker_keeps_name_and_docstring_of_its_function() -> None:
    assert channel.__name__ == "channel"
    assert channel.__doc__ is not None
    assert channel.__doc__.startswith("Mean activation of one channel")
    assert repr(channel) == "<objective channel(layer, n_channel, batch=None)>"
    assert all(name == maker.name == maker.__name__ for name, maker in OBJECTIVES.items())


def test_as_objective_converts_short_forms() -> None:
    made = channel("a", 1)
    assert as_objective(made) is made
    assert as_objective("a:1") == made
    assert as_objective('channel("a", 1)') == made

    def brightness(T: Any) -> Any:
        return tf.reduce_mean(T("input"))

    custom = as_objective(brightness)
    assert (custom.name, custom.description) == ("brightness", "brightness")
    assert value(custom) == pytest.approx(LAYERS["input"].mean(), rel=1e-5)
    for wrong in (3, None):
        with pytest.raises(ArgumentError, match=r"is not an objective\. Expected text such as 'layer:channel'"):
            as_objective(wrong)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match=r"^A list is not an objective\. Add objectives, as in"):
        as_objective(["a:1"])  # type: ignore[arg-type]
    with pytest.raises(
        ArgumentError, match=r"deepdream is a function that returns an objective\. Expected the objective"
    ):
        as_objective(deepdream)


@pytest.mark.parametrize("parentheses", [True, False])
def test_wrap_objective_with_and_without_parentheses(parentheses: bool) -> None:
    def largest(layer: str, factor: float = 2.0) -> Any:
        """The largest."""
        return lambda T: factor * tf.reduce_max(T(layer))

    maker = wrap_objective()(largest) if parentheses else wrap_objective(largest)
    objective = maker("conv", factor=3.0)
    assert (objective.name, objective.description) == ("largest", "Largest [conv, 3.0]")
    assert maker.__doc__ == "The largest."
    assert repr(objective) == 'largest("conv", factor=3.0)'
    assert value(objective) == pytest.approx(3 * LAYERS["conv"].max(), rel=1e-5)
    assert "largest" not in OBJECTIVES


def test_require_format_passes_dense_layers_as_four_dimensions() -> None:
    shapes = []

    def look(require_format: str | None) -> None:
        @wrap_objective(require_format=require_format)
        def shape(layer: str) -> Any:
            return lambda T: shapes.append(tuple(T(layer).shape)) or T(layer)

        shape("dense")(tensors(LAYERS))

    look("NHWC")
    look(None)
    assert shapes == [(2, 1, 1, 2), (2, 2)]
    with pytest.raises(ModelError, match=r"'a' has the shape \(1,\). Expected \[batch, ..., channels\]"):
        channel("a", 0)(tensors({"a": np.zeros(1)}))


def test_wrapped_objective_is_checked_against_the_model(model: Tiny) -> None:
    @wrap_objective(numbers=("n",), layer="where", channel="n")
    def strongest(where: str, n: int) -> Any:
        return lambda T: tf.reduce_max(T(where)[..., n])

    with pytest.raises(OutOfRangeError, match="from 0 to 3"):
        strongest("conv", 4).validate(model)
    with pytest.raises(UnknownNameError):
        strongest("conf", 4).validate(model)
    assert strongest("conv", 1).structure == strongest("conv", 3).structure
    assert strongest("conv", 1).numbers == (1,)


def test_unhashable_arguments_are_compared_by_content_or_identity() -> None:
    @wrap_objective
    def along(layer: str, vector: Any) -> Any:
        return lambda T: tf.reduce_mean(T(layer) * vector)

    vector = tf.constant([1.0, 2, 3, 4])
    assert along("conv", vector) == along("conv", vector)
    assert along("conv", vector) != along("conv", tf.constant([1.0, 2, 3, 4]))
    assert along("conv", np.ones(4)).structure == along("conv", np.ones(4)).structure
    assert along("conv", np.ones(4)).structure != along("conv", np.zeros(4)).structure
    assert along("conv", [1, 2]).structure != along("conv", [1, 3]).structure
    expected = (LAYERS["conv"] * [1, 2, 3, 4]).mean()
    assert value(along("conv", vector)) == pytest.approx(expected, rel=1e-5)


def with_labels(name: str) -> Any:
    return ["cat", "dog"] if name == "labels" else tensors(LAYERS)(name)


def labeled_value(objective: Objective) -> float:
    return float(objective(with_labels))


@pytest.mark.parametrize("kind", [int, np.int64, tf.constant])
def test_handle_batch_restricts_a_function_to_one_image(kind: Callable[[int], Any]) -> None:
    @wrap_objective
    def strongest(layer: str, batch: Any = None) -> Any:
        @handle_batch(batch)
        def inner(T: Any) -> Any:
            assert T("labels") == ["cat", "dog"]
            return tf.reduce_max(T(layer))

        return inner

    assert labeled_value(strongest("conv")) == pytest.approx(LAYERS["conv"].max())
    assert labeled_value(strongest("conv", batch=kind(1))) == pytest.approx(LAYERS["conv"][1].max())


def test_handle_batch_rejects_invalid_batch_indices() -> None:
    with pytest.raises(OutOfRangeError, match=r"Batch index 2 is out of range\..*from 0 to 1 for a batch of 2"):
        handle_batch(2)(lambda T: T("conv"))(with_labels)
    for wrong, kind in ((-1, OutOfRangeError), (0.5, ArgumentError), ("1", ArgumentError)):
        with pytest.raises(kind, match=r"batch of handle_batch\(\) is "):
            handle_batch(wrong)


def test_facade_exports_lucids_names_and_channels() -> None:
    lucids = {
        "L1", "L2", "Objective", "alignment", "as_objective", "blur_alpha_each_step", "blur_input_each_step", "channel",
        "channel_interpolate", "class_logit", "deepdream", "direction", "direction_cossim", "direction_neuron",
        "diversity", "handle_batch", "input_diff", "neuron", "penalize_boundary_complexity", "tensor_direction",
        "total_variation", "wrap_objective",
    }  # fmt: skip
    assert set(objectives.__all__) == lucids | {
        *("accentuate", "attention", "channels", "distribution_diff", "facet", "image_direction", "similarity"),
        *("text_direction", "token", "voxel"),
    }
