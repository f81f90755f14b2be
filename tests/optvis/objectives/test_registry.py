"""The text of an objective can call the objectives of this package, and nothing else."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

import pytest
import tensorflow as tf

from lucid_widgets.errors import ExpressionError
from lucid_widgets.optvis import objectives
from lucid_widgets.optvis.objectives import Objective, as_objective, wrap_objective
from lucid_widgets.optvis.objectives.maker import ObjectiveMaker
from lucid_widgets.optvis.objectives.registry import OBJECTIVES, is_registered
from lucid_widgets.optvis.objectives.text import parse


@wrap_objective
def strongest(layer: str) -> Callable[[Any], Any]:
    return lambda T: tf.reduce_max(T(layer))


def test_parser_calls_every_registered_name() -> None:
    for name, maker in OBJECTIVES.items():
        with pytest.raises(ExpressionError, match=rf"{name}\(\) was called with the wrong arguments"):
            parse(f"{name}(no_such_argument=1)")
        assert name == maker.name


@pytest.mark.parametrize(
    "name",
    [
        "strongest",  # wrapped by a user, and in scope
        "Objective",
        "as_objective",
        "wrap_objective",
        "handle_batch",
        "parse",
        "_dot_cossim",
        "direction_cossim",  # an alias, which repr never writes
        "registry",
        "__import__",
        "eval",
        "open",
        "print",
        "__doc__",
        "__builtins__",
        "tf",
        "lambda",
        "None",
        "True",
    ],
)
def test_parser_calls_only_registered_names(name: str) -> None:
    assert name not in OBJECTIVES
    for text in (f'{name}("conv")', f'{name}("conv", 1)', f"{name}()", f'1 * {name}("conv") + channel("conv", 1)'):
        with pytest.raises(ExpressionError, match=rf"There is no objective named '{name}'\."):
            parse(text)


def test_parser_calls_no_builtin_and_no_other_attribute_of_the_module() -> None:
    module = [name for name in vars(objectives) if name not in OBJECTIVES]
    for name in {*dir(builtins), *module}:
        with pytest.raises(ExpressionError):
            parse(f'{name}("conv", 1)')


def test_wrapping_a_function_does_not_register_it(monkeypatch: pytest.MonkeyPatch) -> None:
    before = dict(OBJECTIVES)
    objective = strongest("conv")
    assert dict(OBJECTIVES) == before
    assert not is_registered(objective)
    # A user's function that has the name of a registered one is not called in its place.
    monkeypatch.setattr(objectives, "channel", strongest)
    parsed = parse('channel("conv", 1)')
    assert is_registered(parsed)
    assert parsed == OBJECTIVES["channel"]("conv", 1)


def test_an_impostor_with_a_registered_name_is_not_registered() -> None:
    @wrap_objective
    def channel(layer: str) -> Callable[[Any], Any]:
        return lambda T: T(layer)

    assert not is_registered(channel("conv"))
    assert not is_registered(2 * objectives.channel("conv", 1))
    assert is_registered(objectives.channel("conv", 1))


def test_registry_cannot_be_changed() -> None:
    with pytest.raises(TypeError, match="does not support item assignment"):
        OBJECTIVES["strongest"] = strongest  # type: ignore[index]


def test_registry_holds_every_public_objective() -> None:
    public = {name for name in objectives.__all__ if isinstance(getattr(objectives, name), ObjectiveMaker)}
    assert {*OBJECTIVES, "direction_cossim"} == public
    assert all(getattr(objectives, name) is maker for name, maker in OBJECTIVES.items())


def test_a_wrapped_objective_is_used_from_python() -> None:
    assert as_objective(strongest("conv")).name == "strongest"
    assert isinstance(strongest("conv") + objectives.channel("conv", 1), Objective)
