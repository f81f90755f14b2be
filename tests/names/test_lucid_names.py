"""Lucid's names keep their import path, their arguments, the order of these and their defaults.

A function may take additional arguments after Lucid's if they have defaults, and may add defaults where Lucid had none.
"""

from __future__ import annotations

import ast
import importlib
import inspect
from typing import Any

import pytest
from names.lucid_api import rows
from names.lucid_removed import REMOVED

from lucid_widgets.errors import ArgumentError


def found(module: str, name: str) -> Any:
    thing = importlib.import_module(f"lucid_widgets.{module}")
    for part in name.split("."):
        thing = getattr(thing, part)
    return thing


def lucids(signature: str) -> list[tuple[str, Any]]:
    """Lucid's positional arguments, each with its default or `inspect.Parameter.empty`."""
    arguments = signature.partition("(")[2]
    parsed = ast.parse(f"def f({arguments}: ...").body[0]
    assert isinstance(parsed, ast.FunctionDef)
    names = [each.arg for each in parsed.args.args if each.arg != "self"]
    defaults = [ast.literal_eval(each) for each in parsed.args.defaults]
    return list(zip(names, [inspect.Parameter.empty] * (len(names) - len(defaults)) + defaults, strict=True))


@pytest.mark.parametrize(("module", "entry"), [row for row in rows() if "(" not in row[1]], ids=str)
def test_name_exists(module: str, entry: str) -> None:
    owner, _, name = entry.rpartition(".")
    # Ask dir(), so that properties are not evaluated; a dataclass lists fields without default elsewhere.
    holder = found(module, owner) if owner else importlib.import_module(f"lucid_widgets.{module}")
    assert name in {*dir(holder), *getattr(holder, "__dataclass_fields__", ())}


@pytest.mark.parametrize(("module", "entry"), [row for row in rows() if "(" in row[1]], ids=str)
def test_signature_starts_with_lucids_arguments(module: str, entry: str) -> None:
    ours = inspect.signature(found(module, entry.partition("(")[0])).parameters.values()
    by_position = [each for each in ours if each.kind is each.POSITIONAL_OR_KEYWORD and each.name != "self"]
    expected = lucids(entry)
    assert [each.name for each in by_position[: len(expected)]] == [name for name, _ in expected]
    for parameter, (_, default) in zip(by_position, expected, strict=False):
        if default is not ... and default is not inspect.Parameter.empty:
            assert parameter.default == default
    assert all(each.default is not each.empty for each in by_position[len(expected) :])


@pytest.mark.parametrize("name", REMOVED)
def test_a_removed_name_says_what_to_use_instead(name: str) -> None:
    module, _, attribute = name.rpartition(".")
    with pytest.raises(ArgumentError) as raised:
        found(module, attribute)(None, None)
    assert raised.value.hint
