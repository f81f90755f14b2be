"""How mistakes are worded."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lucid_widgets.errors import (
    ArgumentError,
    ExpressionError,
    LucidError,
    ModelError,
    NonFiniteObjectiveError,
    OutOfRangeError,
    UnknownNameError,
    at_least,
    closest,
    did_you_mean,
    either,
    out_of_range,
    unknown_name,
    whole_number,
)

LAYERS = ["conv2d0", "conv2d1", "mixed3a", "mixed4a", "mixed4a_pre_relu", "softmax2"]


@pytest.mark.parametrize("kind", [ModelError, UnknownNameError, OutOfRangeError, ArgumentError, ExpressionError])
def test_errors_are_what_a_caller_would_catch(kind: type[LucidError]) -> None:
    with pytest.raises(ValueError, match=r"^It broke. Mend it.$") as error:
        raise kind("It broke.", "Mend it.")
    assert isinstance(error.value, LucidError)
    assert (error.value.message, error.value.hint) == ("It broke.", "Mend it.")
    assert str(kind("It broke.")) == "It broke."


def test_errors_that_say_where() -> None:
    error = NonFiniteObjectiveError("NaN.", "Less.", step=12)
    assert isinstance(error, ArithmeticError)
    assert (str(error), error.step) == ("NaN. Less.", 12)
    expression = ExpressionError("No.", "Yes.", text="a:b", position=2)
    assert (str(expression), expression.text, expression.position) == ("No. Yes.", "a:b", 2)


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("mixed4", "mixed4a"),
        ("Mixed4A", "mixed4a"),
        ("mixd3a", "mixed3a"),
        ("softmax", "softmax2"),
        ("pre_relu", "mixed4a_pre_relu"),
        ("import/mixed3a:0", "mixed3a"),
    ],
)
def test_closest(name: str, first: str) -> None:
    found = closest(name, LAYERS)
    assert found[0] == first
    assert len(found) <= 3
    assert set(found) <= set(LAYERS)


def test_closest_to_nothing() -> None:
    assert closest("zzz", LAYERS) == []
    assert closest("", LAYERS) == []
    assert closest("mixed4a", []) == []
    assert closest("mixed", LAYERS, count=1) != []
    assert len(closest("mixed", LAYERS, count=1)) == 1


def test_did_you_mean() -> None:
    assert did_you_mean("mixd3a", ["mixed3a", "zzz"]) == "Did you mean 'mixed3a'?"
    assert did_you_mean("zzz", ["b", "c"]) == "There is 'b', 'c'."
    assert did_you_mean("zzz", []) == ""
    many = [f"b{i}" for i in range(15)]
    assert did_you_mean("zzz", many) == f"There is {', '.join(map(repr, many[:12]))} and 3 more."


def test_either() -> None:
    assert either(["a"]) == "'a'"
    assert either(["a", "b"]) == "'a' or 'b'"
    assert either(["a", "b", "c"]) == "'a', 'b' or 'c'"


def test_unknown_name() -> None:
    error = unknown_name("layer", "mixed4", "InceptionV1", ["conv2d0", "mixed4a"])
    assert isinstance(error, UnknownNameError)
    assert str(error) == "InceptionV1 has no layer named 'mixed4'. Did you mean 'mixed4a'?"


def test_out_of_range() -> None:
    error = out_of_range("Channel", 600, 0, 511, owner="layer 'mixed4a'")
    assert isinstance(error, OutOfRangeError)
    expected = "Channel 600 is out of range. Expected a whole number from 0 to 511 for layer 'mixed4a'."
    assert str(error) == expected
    assert str(out_of_range("Step", 3, 0, 2)) == "Step 3 is out of range. Expected a whole number from 0 to 2."


@pytest.mark.parametrize("value", [5, np.int64(5), np.uint8(5)])
def test_whole_numbers(value: Any) -> None:
    assert whole_number("seed", value) == at_least("steps", value, 5) == 5
    assert type(whole_number("seed", value)) is int
    assert whole_number("seed", -value.__index__()) == -5


@pytest.mark.parametrize("value", [5.0, "5", None, [5]])
def test_what_is_no_whole_number(value: Any) -> None:
    with pytest.raises(ArgumentError) as error:
        whole_number("seed", value)
    assert str(error.value) == f"seed is {value!r}. Expected a whole number."
    with pytest.raises(ArgumentError) as error:
        at_least("steps", value, 1)
    assert str(error.value) == f"steps is {value!r}. Expected a whole number from 1 up."


def test_at_least() -> None:
    with pytest.raises(OutOfRangeError) as error:
        at_least("steps", 2, 3)
    assert str(error.value) == "steps is 2. Expected a whole number from 3 up."
