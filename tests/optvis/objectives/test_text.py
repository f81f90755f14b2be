"""The text form: every objective can be written and parsed, and invalid text is rejected with its position."""

from __future__ import annotations

import string
import zlib
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import assume, given
from hypothesis import strategies as st

from lucid_widgets.errors import ArgumentError, ExpressionError
from lucid_widgets.optvis.objectives import Objective, channel, deepdream, neuron
from lucid_widgets.optvis.objectives.text import MAX_DEPTH, MAX_LENGTH, parse, single_channel

MAKERS = {"channel": channel, "neuron": neuron, "deepdream": deepdream}

odd_names = st.one_of(
    st.sampled_from(
        ["mixed4a", "a/b:0", 'say "hi"', "it's", "back\\slash", "<b>&amp;</b>", "two\nlines", "é\u2028ß", ")", ""]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
)
index = st.integers(0, 7)
leaves = st.one_of(
    st.builds(channel, odd_names, index, st.none() | st.integers(0, 1)),
    st.builds(neuron, odd_names, index, st.none() | st.integers(0, 2), st.none() | st.integers(0, 2)),
    st.builds(deepdream, odd_names),
)


def trees(numbers: st.SearchStrategy[float]) -> st.SearchStrategy[Any]:
    """Return formulas as nested tuples, which can be computed in two ways."""

    def grown(t: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        return st.one_of(
            st.tuples(st.sampled_from("+-*"), t, t),
            st.tuples(st.sampled_from("+-*"), numbers, t),
            st.tuples(st.sampled_from("+-*"), t, numbers),
            st.tuples(st.just("/"), t, numbers.filter(bool)),
            st.tuples(st.just("neg"), t),
        )

    # At least two levels, because small formulas are the least likely to fail.
    return grown(grown(st.recursive(leaves, grown, max_leaves=6)))


def compute(tree: Any, leaf: Any) -> Any:
    """Evaluate a formula with Python's operators, where `leaf` gives the value of an objective."""
    if isinstance(tree, Objective):
        return leaf(tree)
    if not isinstance(tree, tuple):
        return tree
    sign, *operands = tree
    left, *right = (compute(operand, leaf) for operand in operands)
    match sign:
        case "+":
            return left + right[0]
        case "-":
            return left - right[0]
        case "*":
            return left * right[0]
        case "/":
            return left / right[0]
    return -left


def network(name: str) -> Any:
    noise = np.random.default_rng(zlib.crc32(name.encode())).normal(size=(2, 3, 3, 8))
    return tf.constant(noise, tf.float32)


def by_hand(objective: Any) -> np.float64:
    """Return the value of a leaf by its documented formula."""
    arguments = dict(objective.arguments)
    acts = network(arguments.get("layer", arguments.get("layer_name"))).numpy().astype(np.float64)
    if arguments["batch"] is not None:
        acts = acts[arguments["batch"]][None]
    if objective.name == "deepdream":
        return np.mean(acts**2)
    if objective.name == "channel":
        return np.mean(acts[..., arguments["n_channel"]])
    row = 1 if arguments["x"] is None else arguments["x"]
    column = 1 if arguments["y"] is None else arguments["y"]
    return np.mean(acts[:, row, column, arguments["channel_n"]])


@pytest.mark.slow
@given(trees(st.integers(-9, 9) | st.floats(-3, 3).filter(lambda x: x == 0 or abs(x) > 0.01)))
def test_value_of_a_tree_is_that_of_its_formula(tree: Any) -> None:
    expected = compute(tree, by_hand)
    size = abs(compute(_all_plus(tree), lambda leaf: abs(by_hand(leaf))))
    assert float(compute(tree, lambda leaf: leaf)(network)) == pytest.approx(expected, abs=1e-5 * max(1, size))


def _all_plus(tree: Any) -> Any:
    if isinstance(tree, tuple):
        return (
            tuple(
                part if part in ("*", "/") else "+" if isinstance(part, str) else _all_plus(part)
                for part in tree
                if part != "neg"
            )
            if tree[0] != "neg"
            else _all_plus(tree[1])
        )
    return tree if isinstance(tree, Objective) else abs(tree)


@given(trees(st.integers() | st.floats(allow_nan=False, allow_infinity=False)))
def test_repr_parses_to_an_equal_objective(tree: Any) -> None:
    try:
        objective = compute(tree, lambda leaf: leaf)
    except ArgumentError:  # a weight too large for a float
        assume(False)
    text = repr(objective)
    again = parse(text)
    assert again == objective
    assert hash(again) == hash(objective)
    assert (repr(again), again.numbers, again.structure) == (text, objective.numbers, objective.structure)
    assert (again.name, again.description) == (objective.name, objective.description)
    assert eval(text, {"__builtins__": {}, **MAKERS}) == objective


@given(
    st.text(string.printable + "éα\u2028\x00١", max_size=40) | st.text("channel(\"a',1)+-*/.=:[]Nneuro ", max_size=60)
)
def test_any_text_is_parsed_or_rejected_with_a_position(text: str) -> None:
    rejection: ExpressionError | None = None
    try:
        objective = parse(text)
    except ExpressionError as error:
        rejection = error
    if rejection:
        assert rejection.text == text
        assert 0 <= rejection.position <= len(text)
        assert rejection.message
    else:
        assert parse(repr(objective)) == objective


@pytest.mark.parametrize(
    ("text", "objective"),
    [
        ("mixed4a:476", channel("mixed4a", 476)),
        ("  mixed4a : 476\n", channel("mixed4a", 476)),
        ("mixed4a:+476", channel("mixed4a", 476)),
        ("mixed4a/conv 1:3", channel("mixed4a/conv 1", 3)),
        ("probs:pre:3", channel("probs:pre", 3)),
        ("lstm:1:3", channel("lstm:1", 3)),
        ("conv-1:3", channel("conv-1", 3)),
        ("b:3+a:2", channel("b", 3) + channel("a", 2)),
        ("b:3 - 0.5 * block/conv@2:12", channel("b", 3) - 0.5 * channel("block/conv@2", 12)),
        ("-b:3", -channel("b", 3)),
        ("b:3/2 + deepdream('a')", channel("b", 3) / 2 + deepdream("a")),
        ("probs:pre:1 + a:2", channel("probs:pre", 1) + channel("a", 2)),
        ("channel('mixed4a', 476)", channel("mixed4a", 476)),
        ('channel(layer="mixed4a",n_channel=476)', channel("mixed4a", 476)),
        ('channel("a", 1, batch=None)', channel("a", 1)),
        ('neuron("a", 1, None, 2)', neuron("a", 1, y=2)),
        ('-channel("a", 1) * 2', -2 * channel("a", 1)),
        ('channel("a", 1) * -2', -2 * channel("a", 1)),
        ('--channel("a", 1)', 1 * channel("a", 1)),
        ('+channel("a", 1)', channel("a", 1)),
        ('2 * 3 * channel("a", 1) / 4', 1.5 * channel("a", 1)),
        ('1 / 4 * channel("a", 1)', 0.25 * channel("a", 1)),
        ('(1 + 2) * channel("a", 1) + .5e1', 3 * channel("a", 1) + 5),
        ('channel("a", 1) - channel("b", 2) - channel("c", 3)', channel("a", 1) - channel("b", 2) - channel("c", 3)),
        (
            'channel("a", 1) - (channel("b", 2) - channel("c", 3))',
            channel("a", 1) - (channel("b", 2) - channel("c", 3)),
        ),
        (r"""channel('it\'s "\"', 1)""", channel('it\'s ""', 1)),
        (r"""channel("it\'s \"", 1)""", channel("it's \"", 1)),
        (r"""channel('\\\'\u00e9\n', 1)""", channel("\\'é\n", 1)),
        (r"""channel('a\\', 1)""", channel("a\\", 1)),
    ],
)
def test_parse(text: str, objective: Objective) -> None:
    assert parse(text) == objective


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        ("", 0, "The objective is empty. Expected 'layer:channel', or an expression such as channel(\"layer\", 0)."),
        (" \n", 0, "The objective is empty."),
        (
            "mixed4a:",
            8,
            "'mixed4a:' names a layer but no channel. Expected a number after the colon, such as 'mixed4a:0'.",
        ),
        ("mixed4a:x", 8, "'x' is not a channel index. Expected a whole number from 0 up."),
        ("mixed4a: 1.5", 9, "'1.5' is not a channel index."),
        ("mixed4a:-1", 8, "Channel -1 is out of range. Expected a whole number from 0 up."),
        ("mixed4a:9999999999", 8, "n_channel of channel() is 9999999999. Expected a whole number"),
        ("mixed4a:99999999999", 8, "is not a channel index."),
        ("mixed4a:١", 8, "is not a channel index."),
        ("a:b-c:3", 1, "':' is not expected here."),
        (":3", 0, "':' is not expected here."),
        ("mixed4a", 0, "'mixed4a' alone is not an objective."),
        ("channel", 7, "The text ends too early. Expected '(' after channel."),
        ("chanel('a', 1)", 0, "There is no objective named 'chanel'. Did you mean 'channel' or 'channels'?"),
        ("channel('a', 1", 14, "The text ends too early. Expected ',' or ')'."),
        ("channel('a' 1)", 12, "'1' is not expected here. Expected ',' or ')'."),
        ("channel('a', 1))", 15, "This ')' has no matching '('."),
        ("channel('a', 1) channel", 16, "'channel' is not expected here. Expected '+', '-' or '*' between terms."),
        ("channel('a', 1) +", 17, "The text ends too early."),
        ("channel('a', 1, 2, 3)", 0, "too many positional arguments. Expected channel(layer, n_channel, batch=None)."),
        ("channel('a', 1, batch=1, batch=2)", 25, "'batch' is given twice."),
        ("channel(layer='a', 1)", 19, "A positional argument cannot follow a keyword argument."),
        ("channel('a', 1.0)", 0, "n_channel of channel() is 1.0. Expected a whole number from 0 up."),
        ("channel('a', True)", 0, "n_channel of channel() is True. Expected a whole number from 0 up."),
        ("channel('a', [1, 2])", 0, "n_channel of channel() is [1, 2]. Expected a whole number from 0 up."),
        ("channel(a, 1)", 8, "'a' is not a value. Expected a number, or text in quotes."),
        ("2 * neuron('a', -1)", 4, "channel_n of neuron() is -1. Expected a whole number from 0 up."),
        ("3 + 4", 0, "A number alone cannot be maximized."),
        ("channel('a', 1) / 0", 16, "An objective cannot be divided by zero."),
        ("1 / channel('a', 1)", 2, "An objective can only be divided by a number."),
        ("1e999 * channel('a', 1)", 0, "This number is too large."),
        ("1e300 * channel('a', 1) * 1e300", 24, "A weight is too large."),
        (r"channel('\x41', 1)", 8, "This text has an unknown escape sequence."),
        ("channel('a\nb', 1)", 8, "is not expected here."),
    ],
)
def test_rejects_invalid_text(text: str, position: int, message: str) -> None:
    with pytest.raises(ExpressionError) as error:
        parse(text)
    assert message in str(error.value)
    assert (error.value.position, error.value.text) == (position, text)


CALL = 'channel("a", 1)'


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "channel.__class__",
        f"{CALL}.__class__",
        f"{CALL}.evaluate",
        f"{CALL}[0]",
        "(lambda: 1)()",
        "lambda T: T('a')",
        f"[{CALL} for x in [1]]",
        f"{CALL} if 1 else {CALL}",
        f"{CALL} ** 2",
        f"{CALL} @ {CALL}",
        f"{CALL} // 2",
        f"{CALL} and {CALL}",
        f"{CALL}; {CALL}",
        f"x := {CALL}",
        f"channel({CALL}, 1)",
        "channel(*['a', 1])",
        "channel(**{'layer': 'a'})",
        "channel(f'{1}', 1)",
        "channel(r'a', 1)",
        "channel('a' 'b', 1)",
        "channel(('a'), 1)",
        "channel({'a': 1}, 1)",
        "channel('a', 0x10)",
        "channel('a', 1_0)",
        "channel('a', 1j)",
        "chаnnel('a', 1)",  # a Cyrillic letter
        "ｃhannel('a', 1)",  # a full-width letter
        "channel(“a”, 1)",
        "channel('a'‚ 1)",
        "channel('a', 1)\x00",
        "channel('a\\",
        "channel('a', " + "9" * 4301 + ")",
        "9" * 5000 + " * " + CALL,
        "# comment",
        "(" * 5000 + CALL + ")" * 5000,
        "-" * 5000 + CALL,
        "channel(" + "[" * 5000,
        "channel(" * 5000,
        "x" * (MAX_LENGTH + 1),
        CALL + "+" * 1_000_000,
        "a:" + " " * 50_000 + '"',
        " " * 90_000 + "x",
        "a" + " " * 90_000 + ":" + " " * 5000 + "'",
        "x " * 40_000,
        "'" * 90_000,
        "\\" * 90_000,
        "'" + "\\" * 90_001,
        "1." * 40_000,
    ],
    ids=lambda text: ascii(text[:24]),
)
@pytest.mark.timeout(20)  # a tenth of a second if the time is proportional to the length, minutes if to its square
def test_rejects_hostile_text_quickly(text: str) -> None:
    with pytest.raises(ExpressionError) as error:
        parse(text)
    assert error.value.text in text
    assert 0 <= error.value.position <= len(error.value.text)
    assert len(str(error.value)) < 1000


def test_depth_is_limited_independently_of_length() -> None:
    deep = MAX_DEPTH - 2  # the call, and a value in it, are two levels
    assert parse("(" * deep + CALL + ")" * deep) == channel("a", 1)
    with pytest.raises(ExpressionError, match="Expected at most 50 levels"):
        parse("(" * (deep + 1) + CALL + ")" * (deep + 1))
    long = Objective.sum(channel("mixed4a", n) for n in range(1000))
    assert parse(repr(long)) == long


@pytest.mark.parametrize(
    ("objective", "single"),
    [
        (channel("a", 3), ("a", 3)),
        (channel("a", 3, batch=0), None),
        (neuron("a", 3), None),
        (1 * channel("a", 3), None),
        (channel("a", 3) + 1, None),
        (deepdream("a"), None),
    ],
    ids=repr,
)
def test_single_channel_is_only_a_plain_channel(objective: Objective, single: tuple[str, int] | None) -> None:
    assert single_channel(objective) == single
