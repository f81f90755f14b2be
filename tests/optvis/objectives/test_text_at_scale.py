"""Ten thousand objectives are written and parsed, and ten thousand hostile texts rejected."""

from __future__ import annotations

import copy
import functools
import operator
import pickle
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lucid_widgets.errors import ExpressionError
from lucid_widgets.optvis import objectives as O
from lucid_widgets.optvis.chain import Chain
from lucid_widgets.optvis.objectives import Objective
from lucid_widgets.optvis.objectives.registry import OBJECTIVES
from lucid_widgets.optvis.objectives.text import MAX_LENGTH, parse

pytestmark = pytest.mark.slow

COUNT = 10_000
NAMES = ["mixed4a", "block/conv:0", 'say "hi"', "it's", "<b>&amp;</b>", "two\nlines", "é\u2028ß", "back\\slash", ""]


class Maker:
    """Random objectives of every kind."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.kinds: dict[str, Callable[[], Objective]] = {
            "L1": lambda: O.L1(self.name(), self.number(), self.maybe()),
            "L2": lambda: O.L2(self.name(), self.number(), abs(self.number()), self.maybe()),
            "accentuate": lambda: O.accentuate(
                self.name(), self.index(), self.name(), self.array(2, 1, 3), self.number(), self.maybe()
            ),
            "alignment": lambda: O.alignment(self.name(), self.number()),
            "attention": lambda: O.attention(self.name(), self.index(), self.maybe(), self.maybe(), self.maybe()),
            "similarity": lambda: O.similarity(self.name(), self.array(3), self.maybe()),
            "text_direction": lambda: O.text_direction(self.name(), self.name() or "a dog", self.maybe()),
            "image_direction": lambda: O.image_direction(self.name(), self.array(2, 1, 3), self.maybe()),
            "facet": lambda: O.facet(self.name(), self.index(), self.name(), self.array(3), self.maybe()),
            "voxel": lambda: O.voxel(self.name(), self.index(), self.maybe(), self.maybe(), self.maybe()),
            "token": lambda: O.token(self.name(), self.index(), self.maybe(), self.maybe()),
            "blur_alpha_each_step": lambda: O.blur_alpha_each_step(self.maybe()),
            "blur_input_each_step": lambda: O.blur_input_each_step(self.maybe()),
            "channel": lambda: O.channel(self.name(), self.index(), self.maybe()),
            "channel_interpolate": lambda: O.channel_interpolate(self.name(), self.index(), self.name(), self.index()),
            "channels": lambda: O.channels(self.name(), [self.index() for _ in range(self.random.randint(1, 5))]),
            "class_logit": lambda: O.class_logit(self.name(), self.random.choice([self.index(), "a panda"])),
            "deepdream": lambda: O.deepdream(self.name(), self.maybe()),
            "direction": lambda: O.direction(self.name(), self.array(3), self.random.choice([0, 1, 0.5]), self.maybe()),
            "direction_neuron": lambda: O.direction_neuron(
                self.name(), self.array(2), self.maybe(), batch=self.maybe()
            ),
            "distribution_diff": lambda: O.distribution_diff(
                self.name(), abs(self.array(1, 2, 1, 3)) % 1, self.maybe(), self.random.choice([None, "mixed4a:7"])
            ),
            "diversity": lambda: O.diversity(self.name()),
            "input_diff": lambda: O.input_diff(self.array(2, 1, 3)),
            "neuron": lambda: O.neuron(self.name(), self.index(), self.maybe(), self.maybe(), self.maybe()),
            "penalize_boundary_complexity": lambda: O.penalize_boundary_complexity(
                (1, 8, 8, 3), self.index(), self.random.choice([None, self.array(8, 1)]), self.number()
            ),
            "tensor_direction": lambda: O.tensor_direction(self.name(), self.array(2, 1, 2)),
            "total_variation": lambda: O.total_variation(self.name(), self.maybe()),
        }

    def name(self) -> str:
        return self.random.choice(NAMES)

    def index(self) -> int:
        return self.random.choice([0, 1, 7, 2**31 - 1])

    def maybe(self) -> int | None:
        return self.random.choice([None, self.index()])

    def number(self) -> float:
        return self.random.choice([0.5, -2, 3, 1e-30, -1e30, self.random.gauss(0, 1)])

    def array(self, *shape: int) -> np.ndarray:
        scale = 10.0 ** self.random.randint(-20, 20)
        return np.asarray([self.random.gauss(0, scale) for _ in range(int(np.prod(shape)))]).reshape(shape)

    def leaf(self) -> Objective:
        return self.kinds[self.random.choice(list(self.kinds))]()

    def tree(self, depth: int = 3) -> Objective:
        if depth == 0 or self.random.random() < 0.25:
            return self.leaf()
        match self.random.choice("+-*w/n"):
            case "+":
                return self.tree(depth - 1) + self.random.choice([self.tree(depth - 1), 0.25])  # type: ignore[no-any-return]
            case "-":
                return self.random.choice([self.tree(depth - 1), 1]) - self.tree(depth - 1)
            case "*":
                return self.tree(depth - 1) * self.tree(depth - 1)
            case "w":
                return self.random.choice([-0.5, 2, 1e-3]) * self.tree(depth - 1)
            case "/":
                return self.tree(depth - 1) / self.random.choice([2, -0.1])
        return -self.tree(depth - 1)


def test_every_objective_parses_back() -> None:
    make = Maker(seed=0)
    assert set(make.kinds) == set(OBJECTIVES), "an objective is missing in this test"
    for _ in range(COUNT):
        objective = make.tree()
        text = repr(objective)
        again = parse(text)
        assert again == objective, text
        assert again.structure == objective.structure, text
        assert hash(again) == hash(objective), text
        assert repr(again) == text


ATTACKS: dict[str, Callable[[random.Random], str]] = {
    "attribute": lambda r: f"channel.__{r.choice(['class', 'globals', 'dict'])}__('a', {r.randint(0, 9)})",
    "call": lambda r: f"{r.choice(['eval', 'exec', '__import__', 'open', 'getattr'])}('{r.randint(0, 10**6)}')",
    "called twice": lambda r: f"channel('a', {r.randint(0, 9)})({r.randint(0, 9)})",
    "comprehension": lambda r: f"channels('a', [x for x in range({r.randint(1, 10**9)})])",
    "lambda": lambda r: f"lambda T: T('{r.randint(0, 9)}')",
    "power": lambda r: f"channel('a', 9**9**{r.randint(1, 10**6)})",
    "huge number": lambda r: f"{r.randint(1, 9)}{'9' * r.randint(400, 2000)} * channel('a', 1)",
    "huge exponent": lambda r: f"1e{r.randint(400, 10**12)} * channel('a', 1)",
    "huge index": lambda r: f"channel('a', {r.randint(2**31, 2**80)})",
    "nesting": lambda r: "(" * r.randint(60, 600) + "channel('a', 1)",
    "brackets": lambda r: "channels('a', " + "[" * r.randint(60, 600),
    "signs": lambda r: r.choice("+-") * r.randint(60, 600) + "channel('a', 1)",
    "look-alike": lambda r: f"ch{r.choice('аɑａ')}nnel('a', {r.randint(0, 9)})",
    "other digits": lambda r: f"channel('a', {r.choice('٣３৩')})",
    "f-string": lambda r: f"channel(f'{{{r.randint(0, 9)}}}', 1)",
    "assignment": lambda r: f"channel('a', (n := {r.randint(0, 9)}))",
    "statement": lambda r: f"channel('a', 1){r.choice(';#@$`~')} import os",
    "unpacking": lambda r: f"channel(*['a', {r.randint(0, 9)}])",
    "star": lambda r: f"channel(**{{'layer': {r.randint(0, 9)}}})",
    "subscript": lambda r: f"channel('a', 1)[{r.randint(0, 9)}]",
    "escape": lambda r: f"channel('\\x{r.randint(10, 99)}', 1)",
    "open text": lambda r: "channel('" + "a" * r.randint(0, 600),
    "null": lambda r: f"channel('a', {chr(r.randint(0, 8))}1)",
    "megabyte": lambda r: "channel('a', 1) + " * 60_000 + str(r.randint(0, 9)),
    "rubbish": lambda r: "".join(r.choice("()[]'\"+-*/=,.:_ 0e%&|^~<>!?{}") for _ in range(r.randint(1, 60))) + "§",
}
RARELY = {"megabyte": 20}


def test_rejects_hostile_text_with_position_and_reason() -> None:
    rng = random.Random(1)
    tried = 0
    for name, attack in ATTACKS.items():
        for _ in range(RARELY.get(name, -(-COUNT // (len(ATTACKS) - len(RARELY))))):
            text = attack(rng)
            with pytest.raises(ExpressionError) as error:
                parse(text)
            tried += 1
            assert error.value.message, text[:80]
            assert len(str(error.value)) < 1000, text[:80]
            if len(text) <= MAX_LENGTH:
                assert error.value.position is not None, text[:80]
                assert 0 <= error.value.position <= len(text), text[:80]
    assert tried >= COUNT


def test_long_formulas_take_linear_time(monkeypatch: pytest.MonkeyPatch) -> None:
    created: list[int] = []
    flat = Chain.flat

    def counted(chain: Any) -> Any:
        created.append(chain.count)
        return flat(chain)

    monkeypatch.setattr(Chain, "flat", counted)
    units = [O.channel("a", n) for n in range(2000)]
    total, product = sum(units), functools.reduce(operator.mul, units)
    from_right = functools.reduce(lambda right, left: left + right, reversed(units))
    text = parse(" + ".join(map(repr, units)))
    assert sum(created) < 10 * len(units)  # a copy of all terms for each sum would be 2,000,000
    assert total == from_right == text
    assert total.name == ", ".join(["channel"] * 2000)
    assert len(list(product.leaves())) == 2000
    assert pickle.loads(pickle.dumps(total)) == copy.deepcopy(total) == total


def test_numbers_of_a_sum_stay_in_the_place_of_the_first() -> None:
    a, b = O.channel("a", 1), O.channel("b", 2)
    assert repr(a + 1 + b + 2) == 'channel("a", 1) + 3 + channel("b", 2)'
    assert repr((a + 1) + (b - 1)) == 'channel("a", 1) + channel("b", 2)'
    assert repr(a + 1 - 1 + b + 2) == 'channel("a", 1) + channel("b", 2) + 2'
    assert repr(2 * a * (3 * b) * 0.5) == '3.0 * channel("a", 1) * channel("b", 2)'


def test_parses_a_long_sum() -> None:
    text: Any = " + ".join(f'channel("mixed4a", {n})' for n in range(1000))
    assert repr(parse(text)) == text
