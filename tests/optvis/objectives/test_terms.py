"""Objectives as lists of terms, and terms as fields of a form."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from optvis.tiny_network import images, in_numpy, tensors

from lucid_widgets.errors import ExpressionError, LucidError
from lucid_widgets.optvis import objectives
from lucid_widgets.optvis.objectives.registry import OBJECTIVES
from lucid_widgets.optvis.objectives.terms import CUSTOM, NUMBER, Term, objective_of, terms_of
from lucid_widgets.optvis.objectives.text import large_arrays, parse, read
from lucid_widgets.optvis.objectives.tree import Objective
from lucid_widgets.widgets._terms.fields import Field, fields_of, suggested_arguments, suggested_weight

names = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=12)
finite = st.floats(-1e6, 1e6, width=32)
wholes = st.integers(0, 2000)
arrays = st.lists(finite, min_size=1, max_size=20).map(np.float32)
# Large enough that the text shows them as "...".
stills = st.integers(0, 5).map(lambda i: np.full((40, 40, 3), i / 8, np.float32))
BY_TYPE: dict[str, st.SearchStrategy[Any]] = {
    "layer": names,
    "channel": wholes,
    "channels": st.lists(wholes, min_size=1, max_size=5),
    "label": st.one_of(wholes, names),
    # The only text that is neither a layer nor a class names a unit.
    "text": st.builds("{}:{}".format, names.filter(str.strip), wholes),
    "vector": arrays,
    "pattern": stills,
    "image": stills,
    "images": stills.map(lambda still: np.stack([still, still / 2])),
    "mask": st.just(np.ones((1, 4, 4, 3), np.float32)),
    "shape": st.just([1, 8, 8, 3]),
    "whole": wholes,
    "real": finite.map(float),
}


def values(field: Field) -> st.SearchStrategy[Any]:
    given_ = BY_TYPE[field.type]
    return st.one_of(given_, st.none()) if field.optional else given_


def terms_of_kind(kind: str) -> st.SearchStrategy[Term]:
    arguments = st.fixed_dictionaries({field.name: values(field) for field in fields_of(kind)})
    weight = st.one_of(st.just(1), st.floats(0, 1e6).filter(lambda weight: weight != 1))
    return st.builds(Term, st.just(kind), arguments, weight, st.booleans())


terms = st.lists(st.sampled_from(sorted(OBJECTIVES)).flatmap(terms_of_kind), min_size=1, max_size=6)


def again(objective: Objective) -> Objective:
    """Return the objective that the text of an objective parses to."""
    return parse(repr(objective), [*large_arrays(objective)])


def plain(term: Term) -> tuple[Any, ...]:
    """Return a term in a form that can be compared, for any arguments."""
    return (term.kind, term.weight, term.negative, term.unweighted)


@given(terms)
def test_text_of_terms_parses_to_the_same_objective(made: list[Term]) -> None:
    objective = objective_of(made)
    assert again(objective) == objective


@given(terms)
def test_splitting_inverts_the_sum_of_terms(made: list[Term]) -> None:
    objective = objective_of(made)
    apart = terms_of(objective)
    assert [plain(term) for term in apart] == [plain(term) for term in made]
    assert objective_of(apart) == objective


def test_every_objective_has_fields() -> None:
    types = {field.type for kind in OBJECTIVES for field in fields_of(kind)}
    assert types <= BY_TYPE.keys()
    for kind, maker in OBJECTIVES.items():
        assert [field.name for field in fields_of(kind)] == list(maker.signature.parameters)
    assert fields_of("channel") == (
        Field("layer", "layer"),
        Field("n_channel", "channel", of="layer"),
        Field("batch", "whole", optional=True),
    )
    assert fields_of("no such kind") == ()


def test_suggestions_subtract_what_is_to_be_avoided() -> None:
    assert suggested_weight("channel") == (1, False)
    assert suggested_weight("total_variation") == (0.001, True)
    # The values of these two are negative already.
    assert [suggested_weight(kind)[1] for kind in ("alignment", "penalize_boundary_complexity")] == [False, False]
    assert suggested_arguments("L1") == {"layer": "input", "constant": 0.5, "batch": None}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('channel("conv", 1)', [("channel", 1, False)]),
        ('-channel("conv", 1) + 2', [("channel", 1, True), (NUMBER, 2, False)]),
        ('0.5 * L1() - 3 * (L2() - deepdream("conv"))', [("L1", 0.5, False), ("L2", 3, True), ("deepdream", 3, False)]),
        ("2 * L1() * L2() - 1", [(CUSTOM, 2, False), (NUMBER, 1, True)]),
        ("0 * L1()", [("L1", 0, False)]),
    ],
)
def test_split_flattens_sums_and_extracts_weights_and_signs(text: str, wanted: list[tuple[str, float, bool]]) -> None:
    objective = parse(text)
    assert [(term.kind, term.weight, term.negative) for term in terms_of(objective)] == wanted


@pytest.mark.parametrize("text", ["3 * (L1() - 2 * L2())", '1 * channel("conv", 1)', "2 * (3 * (L1() + 4) - L2())"])
def test_splitting_other_forms_keeps_the_value(text: str) -> None:
    objective = parse(text)
    T = tensors(in_numpy(images()))
    together = objective_of(terms_of(objective))
    assert float(together(T)) == pytest.approx(float(objective(T)), rel=1e-6)
    assert objective_of(terms_of(together)) == together


def test_products_and_functions_are_single_terms() -> None:
    product = objectives.L1() * objectives.L2()
    mine = Objective(lambda T: T("input"), "mine")
    for whole in (product, mine):
        (first, second) = terms_of(2 * whole - objectives.L1())
        assert (first.kind, first.weight) == (CUSTOM, 2)
        assert first.unweighted == whole
        assert second.kind == "L1"
        assert objective_of([first, second]) == 2 * whole - objectives.L1()


def test_user_objective_with_a_registered_name_is_a_custom_term() -> None:
    @objectives.wrap_objective
    def channel(layer: str) -> Any:
        return lambda T: T(layer)

    assert terms_of(channel("conv"))[0].kind == CUSTOM


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ([], "There are no objectives to add"),
        ([Term(NUMBER, weight=3)], "A number alone"),
        ([Term("chanel")], "There is no objective named 'chanel'. Did you mean 'channel'"),
        ([Term("L1", weight=-1)], "weight of a term is -1. Expected a finite number from 0 up."),
        ([Term("L1", weight=float("nan"))], "weight of a term is nan. Expected a finite number"),
        ([Term("channel", {"layer": "conv"})], "missing a required argument: 'n_channel'"),
        ([Term(CUSTOM, {"text": "L1("})], "The text ends too early"),
        ([Term(CUSTOM)], "The objective is empty"),
    ],
)
def test_rejects_invalid_terms(made: list[Term], said: str) -> None:
    with pytest.raises(LucidError, match=said):
        objective_of(made)


def test_places_are_those_of_the_leaves_in_the_text() -> None:
    text = 'channel("conv", 1) - 0.5 * (L1() +  neuron("relu", 2))'
    _, places = read(text)
    assert [text[place.start : place.end] for place in places] == ['channel("conv", 1)', "L1()", 'neuron("relu", 2)']
    assert [repr(place.leaf) for place in places] == ['channel("conv", 1)', "L1()", 'neuron("relu", 2)']
    (short,) = read("conv:1")[1]
    assert (short.start, short.end) == (0, 6)


def test_large_arrays_are_passed_in_addition_to_the_text() -> None:
    first, second = (np.full((40, 40, 3), value, np.float32) for value in (0.25, 0.75))
    objective = objectives.L1() - objectives.input_diff(first) - 2 * objectives.input_diff(second)
    assert repr(objective) == "L1() - input_diff(...) - 2 * input_diff(...)"
    kept = [*large_arrays(objective)]
    assert [array.mean() for array in kept] == [0.25, 0.75]
    assert parse(repr(objective), kept) == objective
    # A text without any "..." ignores the arrays.
    assert parse("L1()", kept) == objectives.L1()
    for written, given_, said in [
        ("L1() - input_diff(...)", kept, "fewer"),
        ("L1() - input_diff(...)", [], "not known here"),
        ("input_diff(...) + input_diff(...) + input_diff(...)", kept, "not known here"),
    ]:
        with pytest.raises(ExpressionError, match=said) as caught:
            parse(written, given_)
        assert written[caught.value.position :].startswith("...")


def test_terms_do_not_share_their_arguments() -> None:
    objective = parse('channel("conv", 1) + L1()')
    first, again_ = terms_of(objective), terms_of(objective)
    assert all(a.arguments is not b.arguments for a, b in itertools.product(first, again_))
