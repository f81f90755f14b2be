"""Public errors: their types, and how messages are worded."""

from __future__ import annotations

import doctest
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lucid_widgets import errors
from lucid_widgets.errors import (
    ArgumentError,
    ExpressionError,
    LucidError,
    ModelError,
    NonFiniteObjectiveError,
    OutOfRangeError,
    UnknownNameError,
    closest,
    did_you_mean,
    either,
    finite_number,
    out_of_range,
    unknown_name,
    whole_number,
)

LAYERS = ["conv2d0", "conv2d1", "mixed3a", "mixed4a", "mixed4a_pre_relu", "softmax2"]


def test_all_lists_every_public_name() -> None:
    own = {name for name, value in vars(errors).items() if getattr(value, "__module__", "") == errors.__name__}
    assert sorted(name for name in own if not name.startswith("_")) == sorted(errors.__all__)


def test_docstring_examples() -> None:
    assert doctest.testmod(errors).failed == 0


@pytest.mark.parametrize("kind", [ModelError, UnknownNameError, OutOfRangeError, ArgumentError, ExpressionError])
def test_errors_are_value_errors(kind: type[LucidError]) -> None:
    with pytest.raises(ValueError, match=r"^It broke. Fix it.$") as error:
        raise kind("It broke.", "Fix it.")
    assert isinstance(error.value, LucidError)
    assert (error.value.message, error.value.hint) == ("It broke.", "Fix it.")
    assert str(kind("It broke.")) == "It broke."


@given(st.lists(st.text(alphabet="aAb:0", max_size=4), max_size=20), st.text(alphabet="aAb:0", max_size=4))
def test_a_refused_name_is_never_suggested(known: list[str], name: str) -> None:
    hint = unknown_name("layer", name, "Net", known).hint
    assert repr(name) not in hint
    assert name not in closest(name, known)


def test_non_finite_objective_error_has_the_step() -> None:
    error = NonFiniteObjectiveError("NaN.", "Less.", step=12)
    assert isinstance(error, ArithmeticError)
    assert (str(error), error.step) == ("NaN. Less.", 12)


def test_expression_error_has_text_and_position() -> None:
    error = ExpressionError("No.", "Yes.", text="a:b", position=2)
    assert (str(error), error.text, error.position) == ("No. Yes.", "a:b", 2)


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
def test_closest_ranks_the_most_similar_name_first(name: str, first: str) -> None:
    found = closest(name, LAYERS)
    assert found[0] == first
    assert len(found) <= 3
    assert set(found) <= set(LAYERS)


def test_closest_finds_nothing_similar() -> None:
    assert closest("zzz", LAYERS) == []
    assert closest("", LAYERS) == []
    assert closest("mixed4a", []) == []


def test_closest_returns_at_most_count_names() -> None:
    assert len(closest("mixed", LAYERS, count=1)) == 1


def test_did_you_mean_suggests_similar_names() -> None:
    assert did_you_mean("mixd3a", ["mixed3a", "zzz"]) == "Did you mean 'mixed3a'?"


def test_did_you_mean_lists_valid_names_if_none_is_similar() -> None:
    assert did_you_mean("zzz", ["b", "c"]) == "Expected 'b' or 'c'."
    assert did_you_mean("zzz", []) == ""
    many = [f"b{i}" for i in range(15)]
    assert did_you_mean("zzz", many) == f"Expected {', '.join(map(repr, many[:12]))} or one of 3 more."


def test_either_joins_alternatives() -> None:
    assert either(["a"]) == "'a'"
    assert either(["a", "b"]) == "'a' or 'b'"
    assert either(["a", "b", "c"]) == "'a', 'b' or 'c'"


def test_unknown_name_names_owner_and_suggestion() -> None:
    error = unknown_name("layer", "mixed4", "InceptionV1", ["conv2d0", "mixed4a"])
    assert isinstance(error, UnknownNameError)
    assert str(error) == "InceptionV1 has no layer named 'mixed4'. Did you mean 'mixed4a'?"


def test_out_of_range_gives_both_bounds() -> None:
    error = out_of_range("Channel", 600, 0, 511, owner="layer 'mixed4a'")
    assert isinstance(error, OutOfRangeError)
    expected = "Channel 600 is out of range. Expected a whole number from 0 to 511 for layer 'mixed4a'."
    assert str(error) == expected
    assert str(out_of_range("Frame", 3, 0, 2)) == "Frame 3 is out of range. Expected a whole number from 0 to 2."


@pytest.mark.parametrize("value", [5, np.int64(5), np.uint8(5)])
def test_whole_number_accepts_any_integer_type(value: Any) -> None:
    assert whole_number("seed", value) == whole_number("steps", value, 5) == whole_number("steps", value, 0, 5) == 5
    assert type(whole_number("seed", value)) is int
    assert whole_number("seed", -value.__index__()) == -5
    assert whole_number("seed", 2**100) == 2**100


@pytest.mark.parametrize("value", [5.0, "5", None, [5], True, np.True_, math.nan])
def test_whole_number_rejects_other_types(value: Any) -> None:
    with pytest.raises(ArgumentError) as error:
        whole_number("seed", value)
    assert str(error.value) == f"seed is {value!r}. Expected a whole number."
    with pytest.raises(ArgumentError) as error:
        whole_number("steps", value, 1)
    assert str(error.value) == f"steps is {value!r}. Expected a whole number from 1 up."


@pytest.mark.parametrize(
    ("value", "bounds", "expected"),
    [
        (2, {"low": 3}, "steps is 2. Expected a whole number from 3 up."),
        (-1, {"low": 0, "high": 7}, "steps is -1. Expected a whole number from 0 to 7."),
        (8, {"low": 0, "high": 7}, "steps is 8. Expected a whole number from 0 to 7."),
        (8, {"high": 7}, "steps is 8. Expected a whole number of at most 7."),
        (9, {"low": 0, "high": 7, "owner": "'conv'"}, "steps is 9. Expected a whole number from 0 to 7 for 'conv'."),
    ],
)
def test_whole_number_checks_both_bounds(value: int, bounds: dict[str, Any], expected: str) -> None:
    with pytest.raises(OutOfRangeError) as error:
        whole_number("steps", value, **bounds)
    assert str(error.value) == expected


@pytest.mark.parametrize("value", [2, 2.0, np.float32(2), np.int8(2)])
def test_finite_number_accepts_any_real_type(value: Any) -> None:
    assert finite_number("weight", value) == finite_number("weight", value, 2, 2) == 2.0
    assert type(finite_number("weight", value)) is float


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, np.float32("nan"), True, "2", None, 2j, [2.0]])
def test_finite_number_rejects_other_values(value: Any) -> None:
    with pytest.raises(ArgumentError) as error:
        finite_number("weight", value, 0)
    assert str(error.value) == f"weight is {value!r}. Expected a finite number from 0 up."


def test_finite_number_rejects_an_int_beyond_the_range_of_float() -> None:
    with pytest.raises(ArgumentError, match=r"^weight is 1000.*\.\.\.\. Expected a finite number\.$"):
        finite_number("weight", 10**400)


@pytest.mark.parametrize(
    ("value", "low", "high", "expected"),
    [
        (-0.5, 0, 1, "weight is -0.5. Expected a finite number from 0 to 1."),
        (1.5, 0.25, 1.25, "weight is 1.5. Expected a finite number from 0.25 to 1.25."),
        (-1, 0, math.inf, "weight is -1. Expected a finite number from 0 up."),
        (2, -math.inf, 1, "weight is 2. Expected a finite number of at most 1."),
    ],
)
def test_finite_number_checks_both_bounds(value: float, low: float, high: float, expected: str) -> None:
    with pytest.raises(OutOfRangeError) as error:
        finite_number("weight", value, low, high)
    assert str(error.value) == expected


def test_long_values_are_shortened_in_messages() -> None:
    with pytest.raises(ArgumentError) as error:
        whole_number("seed", "x" * 1000)
    assert len(str(error.value)) < 150
