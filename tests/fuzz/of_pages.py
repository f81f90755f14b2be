"""Damaged settings, expressions and messages of a page."""

from __future__ import annotations

import inspect
import json
import random
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from fuzz.mutate import damaged, junk, mutated, scrambled
from fuzz.of_files import valid_images

from lucid_widgets import FeatureGrid, LucidWidget, ObjectiveBuilder, OptimizationCanvas, SpritePlayer
from lucid_widgets.frames import Frame
from lucid_widgets.modelzoo.vision_models import embedded_model
from lucid_widgets.optvis.objectives.text import parse
from lucid_widgets.widgets._core.base import LucidBase
from lucid_widgets.widgets._workbench import settings_file
from lucid_widgets.widgets._workbench.start_image import StartImage

# Settings.


@cache
def _widget() -> LucidWidget:
    return LucidWidget()


@cache
def _settings() -> dict[str, Any]:
    image = StartImage.of_bytes(next(data for data, kind in valid_images() if kind == "png"), "cat.png").to_json()
    return {**_widget().settings, "start_image": image}


def settings(rng: random.Random, folder: Path) -> None:
    text = json.dumps(mutated(rng, _settings()))
    data = text.encode(errors="surrogatepass")
    widget = _widget()
    widget.load_settings(settings_file.from_text(damaged(rng, data) if rng.random() < 0.2 else data, "x.json"))
    compile(widget.code, "code", "exec")


# Expressions.

_PARTS = (
    *(
        "channel",
        "neuron",
        "L1",
        "direction",
        "deepdream",
        "class_logit",
        "(",
        ")",
        "[",
        "]",
        ",",
        "=",
        "+",
        "-",
        "*",
        "/",
    ),
    *(
        "mixed4a:3",
        '"mixed4a"',
        "'",
        '"',
        "...",
        "1e999",
        "9" * 400,
        "-0",
        "None",
        "True",
        "batch=",
        "layer=",
        "\\u0041",
    ),
    *("__import__('os').system('touch x')", "lambda: 0", "\n", "\0", "\u2028", "\ud800", "é", "x" * 2000, "((((", "@"),
)
_EXPRESSIONS = (
    'channel("mixed4a", 30) - 0.5 * neuron("mixed4b", 7, x=3)',
    'L1(constant=0.5) + 2 * direction("conv2d0", [1, 2, 3])',
    "mixed4a:30",
    'deepdream("mixed4a") / 3 - -class_logit("output", "cat")',
    "cat",
)


def expressions(rng: random.Random, folder: Path) -> None:
    text = scrambled(rng, _PARTS, rng.choice(_EXPRESSIONS))
    found = parse(text, model=embedded_model() if rng.random() < 0.5 else None)
    assert parse(repr(found)) == found


# Messages of the page.


@cache
def _widgets() -> tuple[LucidBase, ...]:
    frame = Frame(1, 0.5, np.full((1, 8, 8, 3), 0.5, np.float32), 0.0)
    return (
        LucidWidget(),
        FeatureGrid(run=False, cache=False),
        OptimizationCanvas([frame]),
        SpritePlayer([frame, frame]),
        ObjectiveBuilder(),
    )


# Commands that start work in the background, which would go on after the test.
_NOT_SENT = (
    "run",
    "step",
    "open",
    "again",
    "choose_network",
    "check_unit",
    "retry_evidence",
    "export",
    "export_estimate",
)
_ARGUMENTS = (
    *(
        "n",
        "unit",
        "id",
        "to",
        "name",
        "query",
        "run",
        "kind",
        "key",
        "text",
        "field",
        "job",
        "file",
        "offset",
        "index",
    ),
    *(
        "step",
        "upload",
        "part",
        "parts",
        "data",
        "layer",
        "low",
        "high",
        "bgr",
        "seen",
        "format",
        "fps",
        "what",
        "size",
    ),
)


class _Answers:
    """Takes the place of `send`, and keeps the answers."""

    def __init__(self) -> None:
        self.found: list[dict[str, Any]] = []

    def __call__(self, message: dict[str, Any], buffers: Any = None) -> None:
        json.dumps(message, allow_nan=False)
        self.found.append(message)


def messages(rng: random.Random, folder: Path) -> None:
    widget = rng.choice(_widgets())
    commands: list[str] = [*widget._commands()]
    for part in widget._parts:
        commands += part.commands()
    commands = [name for name in commands if name not in _NOT_SENT]
    state = {name: getattr(widget, name) for name in rng.sample(sorted(widget.traits(sync=True)), 2)}
    args = {name: rng.choice((0, 1, 3, "x", junk(rng))) for name in rng.sample(_ARGUMENTS, rng.randrange(4))}
    name = rng.choice(commands)
    if rng.random() < 0.7:  # mostly with the right names
        parameters = [each for each in _parameters(widget, name) if each != "changes"]
        args = {each: rng.choice((0, 1, 3, "x", "1", junk(rng))) for each in parameters}
    content: Any = rng.choice(
        (
            {"type": "cmd", "rid": "1", "name": name, "args": args},
            {"type": "cmd", "rid": "1", "name": name, "args": args},
            {"type": "cmd", "rid": "1", "name": "set", "args": {each: junk(rng) for each in widget._editable[:3]}},
            {"type": "want", "client": "a", "seen": 3, "board": 1, "places": [0, 1], "versions": [0, 0]},
            {"type": rng.choice(("hello", "hidden", "bye", "ping")), "client": "a", "known": {"status": "done"}},
        )
    )
    data = rng.choice(
        (
            {"method": "custom", "content": content},
            {"method": "custom", "content": content},
            {"method": "update", "state": {name: junk(rng) for name in state}, "buffer_paths": []},
            {"method": "request_state"},
        )
    )
    mutate = rng.random() < 0.4
    message: Any = {"content": {"data": mutated(rng, data) if mutate else data}, "buffers": []}
    answers = _Answers()
    vars(widget)["send"] = answers
    try:
        widget._handle_msg(message)
    finally:
        del vars(widget)["send"]
    for answer in answers.found:
        error = answer.get("error") or {}
        assert not error.get("traceback"), error["traceback"][-600:]


def _parameters(widget: LucidBase, name: str) -> list[str]:
    found = dict(widget._commands())
    for part in reversed(widget._parts):
        found = {**part.commands(), **found}
    return [
        each for each, kind in inspect.signature(found[name]).parameters.items() if kind.kind is not kind.VAR_KEYWORD
    ]
