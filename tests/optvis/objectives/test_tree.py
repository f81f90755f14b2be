"""Objectives as formulas: values, structure and numbers, immutability, and text."""

from __future__ import annotations

import copy
import pickle
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from optvis.tiny_network import images, in_numpy, tensors

from lucid_widgets.errors import ArgumentError
from lucid_widgets.optvis.objectives import Objective, channel, deepdream, direction, neuron

LAYERS = in_numpy(images())
A, B, C = channel("conv", 0), channel("conv", 1), deepdream("dense")
a, b, c = LAYERS["conv"][..., 0].mean(), LAYERS["conv"][..., 1].mean(), (LAYERS["dense"] ** 2).mean()


def value(objective: Objective) -> float:
    return float(objective(tensors(LAYERS)))


@pytest.mark.parametrize(
    ("objective", "expected"),
    [
        (A + B, a + b),
        (A - B, a - b),
        (A * B, a * b),
        (-A, -a),
        (+A, a),
        (2 * A, 2 * a),
        (A * 2, 2 * a),
        (A / 4, a / 4),
        (A + 2, a + 2),
        (2 + A, 2 + a),
        (A - 2, a - 2),
        (1 - A, 1 - a),
        (0 * A, 0),
        (A - A, 0),
        (2 * (A - 3 * B) * -C, -2 * (a - 3 * b) * c),
        (-(A + B) - (B - C), -(a + b) - (b - c)),
        ((A + B) * (B - C) * (C + 1), (a + b) * (b - c) * (c + 1)),
        (1 + A + 2 - B - 3, a - b),
        (sum([A, B, C]), a + b + c),
        (Objective.sum([A, B, C]), a + b + c),
        (Objective.sum(x for x in (A, 2 * B)), a + 2 * b),
        (sum([A]), a),
        (Objective(lambda T: tf.reduce_max(T("conv"))) - A, LAYERS["conv"].max() - a),
    ],
)
def test_value(objective: Objective, expected: float) -> None:
    assert value(objective) == pytest.approx(expected, rel=1e-5, abs=1e-6)


@pytest.mark.parametrize(
    "two", [2, 2.0, np.int64(2), np.uint8(2), np.float32(2), np.float64(2), np.float16(2), Fraction(2), Fraction(4, 2)]
)
def test_accepts_numbers_of_any_type(two: Any) -> None:
    for objective in (two * A, A * two):
        assert type(objective) is type(2 * A)
        assert objective == 2 * A
    assert two + A == 2 + A
    assert A + two == A + 2
    assert two - A == 2 - A
    assert A / two == A * 0.5
    assert repr(two * A).replace("2.0", "2") == '2 * channel("conv", 0)'


def test_combines_objectives_with_functions_of_T() -> None:
    def brightness(T: Any) -> Any:
        return T("input")

    T = {"conv": tf.constant([[[[3.0]]]]), "input": tf.constant(5.0)}.__getitem__
    for objective, value in (
        (A + brightness, 8.0),
        (brightness - A, 2.0),
        (A - (lambda T: T("input")), -2.0),
        (2 * A * brightness, 30.0),
    ):
        assert float(objective(T)) == value
    assert (A - brightness).name == "channel, brightness"


@pytest.mark.parametrize("operand", ["2", None, True, [1], 1j])
def test_rejects_operands_that_are_not_numbers(operand: Any) -> None:
    for combine in (lambda: A + operand, lambda: operand * A, lambda: A - operand, lambda: A / operand):
        with pytest.raises(TypeError):
            combine()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: A * float("nan"), "A weight is NaN. Expected a finite number."),
        (lambda: A + float("inf"), "A weight is too large. Expected a finite number."),
        (lambda: A * 10**400, "A weight is too large."),
        (lambda: 1e308 * A * 10, "A weight is too large."),
        (lambda: A / 0, "An objective cannot be divided by zero."),
        (lambda: A / np.float32(0), "An objective cannot be divided by zero."),
        (lambda: Objective.sum([]), "There are no objectives to add. Expected at least one."),
    ],
)
def test_rejects_invalid_numbers(make: Any, message: str) -> None:
    with pytest.raises(ArgumentError) as error:
        make()
    assert message in str(error.value)


def test_rejects_division_by_an_objective() -> None:
    with pytest.raises(TypeError):
        A / B


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (A + B + C, A + (B + C)),
        (A * B * C, A * (B * C)),
        (2 * (3 * A), 6 * A),
        (2 * A * B, A * (2 * B)),
        (-1 * -A, 1 * A),
        (A - B, A + -1 * B),
        (sum([A, B]), A + B),
        (1 + A + 2, 3 + A),
        (A + 1 - 1, A),
        (A / 2, 0.5 * A),
        (neuron("a", 1, None), neuron("a", channel_n=1)),
    ],
    ids=repr,
)
def test_equal_formulas_are_equal_trees(one: Objective, other: Objective) -> None:
    assert one == other
    assert hash(one) == hash(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (A + B, B + A),
        (A, 2 * A),
        (2 * A, 3 * A),
        (A, -A),
        (A + 1, A),
        (A + B, A * B),
        (channel("x", 1), channel("y", 1)),
        (channel("x", 1), channel("x", 2)),
        (channel("x", 1), channel("x", 1, batch=0)),
        (channel("x", 1), neuron("x", 1)),
    ],
    ids=repr,
)
def test_different_formulas_are_different_trees(one: Objective, other: Objective) -> None:
    assert one != other


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (channel("x", 1), channel("x", 2)),
        (channel("x", 1, batch=0), channel("x", 2, batch=3)),
        (neuron("x", 1, 2, 3), neuron("x", 4, 5, 6)),
        (2 * A + 3, 5.5 * B - 4),
        (-A, 7 * A),
        (A - 0.5 * B, B + 9 * A),
    ],
)
def test_numbers_do_not_change_the_structure(one: Objective, other: Objective) -> None:
    assert one.structure == other.structure
    assert len(one.numbers) == len(other.numbers)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (channel("x", 1), channel("y", 1)),
        (channel("x", 1), channel("x", 1, batch=0)),
        (channel("x", 1), neuron("x", 1)),
        (neuron("x", 1, 2), neuron("x", 1, y=2)),
        (A, 2 * A),
        (A + B, A * B),
        (A + B, A + B + C),
        (A + 1, A),
    ],
    ids=repr,
)
def test_everything_else_changes_the_structure(one: Objective, other: Objective) -> None:
    assert one.structure != other.structure


def test_numbers_are_fed_from_left_to_right() -> None:
    objective = 2 * channel("conv", 3) - (neuron("conv", 1, 0, 4, batch=1) + 5) * 0.25 + 7
    assert objective.numbers == (2, 3, -0.25, 1, 0, 4, 1, 5, 7)
    other = -1 * channel("conv", 2) - (neuron("conv", 0, 1, 2, batch=0) + 3) * 0.5 + 1
    assert other.structure == objective.structure
    fed = objective.evaluate(tensors(LAYERS), iter(other.numbers))
    assert float(fed) == pytest.approx(value(other))
    assert value(other) != pytest.approx(value(objective))


def test_operators_do_not_change_their_operands() -> None:
    total = A + B
    before = repr(total), total.numbers, total.structure, total.name
    _ = total + C, total * 3, -total, total - A, 1 - total, total / 2
    total += C
    assert (repr(A + B), (A + B).numbers, (A + B).structure, (A + B).name) == before
    assert total == A + B + C
    with pytest.raises(TypeError):
        A.arguments["n_channel"] = 3  # type: ignore[index]


def test_leaves_from_left_to_right() -> None:
    assert list((2 * (A + 3) * B - C).leaves()) == [A, B, C]
    assert list(A.leaves()) == [A]


@pytest.mark.parametrize(
    ("objective", "code"),
    [
        (A, 'channel("conv", 0)'),
        (A - 0.5 * B, 'channel("conv", 0) - 0.5 * channel("conv", 1)'),
        (-A + B, '-channel("conv", 0) + channel("conv", 1)'),
        (2 * (A + B), '2 * (channel("conv", 0) + channel("conv", 1))'),
        (A * (B + 1), 'channel("conv", 0) * (channel("conv", 1) + 1)'),
        (-(A * B), '-channel("conv", 0) * channel("conv", 1)'),
        (A - (B + C), 'channel("conv", 0) - (channel("conv", 1) + deepdream("dense"))'),
        (1 - A, '1 - channel("conv", 0)'),
        (A - 1.5, 'channel("conv", 0) - 1.5'),
        (neuron("x", 1, y=2), 'neuron("x", 1, y=2)'),
        (neuron("x", 1, 3, batch=0), 'neuron("x", 1, x=3, batch=0)'),
        (channel('a"b\\c\n', 1), 'channel("a\\"b\\\\c\\n", 1)'),
        (channel("é/ß", 1), 'channel("é/ß", 1)'),
        (1e-7 * A, '1e-07 * channel("conv", 0)'),
    ],
)
def test_repr_is_code(objective: Objective, code: str) -> None:
    assert repr(objective) == code


def test_objectives_can_be_copied_and_pickled() -> None:
    objective = 0.5 * channel("mixed4a", 3) - direction("mixed4a", [1.0, 2.0], batch=1) + 1
    for again in (copy.deepcopy(objective), pickle.loads(pickle.dumps(objective))):
        assert again == objective
        assert repr(again) == repr(objective)
    named = channel("mixed4a", 3)
    named.description = "an eye"
    assert copy.deepcopy(named).description == "an eye"


def test_rejects_arrays_as_weights() -> None:
    assert np.float32(2) * channel("a", 0) == 2.0 * channel("a", 0)
    for wrong in (lambda: channel("a", 0) + np.ones(3), lambda: np.ones(3) * channel("a", 0)):
        with pytest.raises(TypeError, match="Call"):
            wrong()
