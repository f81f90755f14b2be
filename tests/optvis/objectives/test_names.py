"""Short forms of objectives: classes, layers and the ends of their names; examples in errors fit the model."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lucid_widgets.errors import ExpressionError, ModelError
from lucid_widgets.modelzoo.adapt import as_model
from lucid_widgets.modelzoo.survey.layer import Layer, LayerList
from lucid_widgets.optvis.objectives import as_objective, channel, class_logit, deepdream
from lucid_widgets.optvis.objectives.text import parse
from lucid_widgets.optvis.objectives.text.grammar import MAX_TERMS

LAYERS = [
    Layer("c1", "conv", 4, 0.1),
    Layer("backbone/c2", "conv", 8, 0.5),
    Layer("backbone/c3", "conv", 8, 0.6),
    Layer("head/c3", "conv", 8, 0.7),
    Layer("scores", "dense", 2, 1.0),
]


@dataclass
class Listed:
    """A model that is nothing but a list of layers."""

    labels: tuple[str, ...] | None = ("panda", "red fox")
    first_look: tuple[str, int] | None = None
    readouts: tuple[Any, ...] = ()
    layers: LayerList = field(default_factory=lambda: LayerList(LAYERS, owner="net"))
    network: Any = field(default_factory=lambda: SimpleNamespace(before_activation=lambda name: None))

    @property
    def browsable_layers(self) -> LayerList:
        return self.layers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("panda", class_logit("scores", "panda")),
        (" red fox ", class_logit("scores", "red fox")),
        ("c1", deepdream("c1")),
        ("c2", deepdream("backbone/c2")),
        ("c2:1", channel("backbone/c2", 1)),
        ("c3:1", channel("c3", 1)),  # two layers end so: validation says which there are
        ("-c2:1", -channel("backbone/c2", 1)),
        ("0.5*c2:1 - panda", 0.5 * channel("backbone/c2", 1) - class_logit("scores", "panda")),
        ("c1:1 + head/c3:4", channel("c1", 1) + channel("head/c3", 4)),
    ],
)
def test_short_names_of_a_model(text: str, expected: Any) -> None:
    assert as_objective(text, Listed()) == expected
    assert parse(repr(expected)) == expected


@pytest.mark.parametrize(
    ("text", "model", "hint"),
    [
        ("pandaa", Listed(), "Did you mean 'panda'? Expected 'layer:channel', such as 'scores:0'"),
        ("zzz", Listed(first_look=("c1", 3)), "such as 'c1:3', or an expression such as channel(\"c1\", 3)."),
        ("panda", Listed(labels=None), "Expected 'layer:channel'"),
        ("zzz", None, "Expected 'layer:channel', or an expression such as channel(\"layer\", 0)."),
    ],
)
def test_examples_in_errors_are_of_this_model(text: str, model: Any, hint: str) -> None:
    with pytest.raises(ExpressionError) as error:
        as_objective(text, model)
    assert hint in error.value.hint


def test_text_in_a_formula() -> None:
    assert "c1:3" + deepdream("a") == channel("c1", 3) + deepdream("a")
    assert deepdream("a") - "c1:3" == deepdream("a") - channel("c1", 3)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([" + ", "-", " - 2*", "+.5 * "]), st.integers(0, 7), st.sampled_from(["c1", "a/b.c"])
        ),
        min_size=1,
        max_size=8,
    )
)
def test_sums_of_short_forms_are_sums_of_channels(terms: list[tuple[str, int, str]]) -> None:
    text = "".join(f"{sign}{layer}:{number}" for sign, number, layer in terms)
    written = "".join(f"{sign}channel({layer!r}, {number})" for sign, number, layer in terms)
    assert parse(text) == parse(written)


def test_the_number_of_terms_is_limited() -> None:
    with pytest.raises(ExpressionError, match=f"Expected at most {MAX_TERMS:,}"):
        parse("+".join(["L1()"] * 13_000))


def test_an_objective_in_place_of_the_model() -> None:
    with pytest.raises(ModelError, match=r"is an objective, not a model\. .*LucidWidget\(model, \"mixed4a:56\"\)"):
        as_model("mixed4a:56")
