"""The objective of a LucidWidget: all its forms agree, and invalid ones change nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pages import Page
from widgets.lucid_widget.workbenches import Make, said

from lucid_widgets.errors import (
    ArgumentError,
    ExpressionError,
    LucidError,
    ModelError,
    OutOfRangeError,
    UnknownNameError,
)
from lucid_widgets.optvis import objectives, param
from lucid_widgets.widgets.lucid_widget import LucidWidget

pytestmark = pytest.mark.slow


OURS = [
    "status",
    "current_step",
    "total_steps",
    "layer",
    "channel",
    "_channel_count",
    "expression",
    "steps",
    "image_size",
    "seed",
    "batch",
    "pixelated",
    "model_name",
    "layers",
]


class TestObjective:
    def test_default_is_a_channel_in_the_middle(self, make: Make) -> None:
        widget, page = make()
        assert said(widget) == ("middle", 0, 12, 'channel("middle", 0)')
        assert widget.objective == objectives.channel("middle", 0)
        assert page.state["model_name"] == "tiny"
        assert [each["name"] for each in page.state["layers"]][-3:] == ["early", "middle", "late"]
        known = {"name", "kind", "channels", "share", "shape", "receptive_field"}
        assert set(page.state["layers"][0]) == known

    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            ("late:5", ("late", 5, 6, 'channel("late", 5)')),
            (objectives.channel("late", 5), ("late", 5, 6, 'channel("late", 5)')),
            ('channel("late", 5)', ("late", 5, 6, 'channel("late", 5)')),
            (objectives.deepdream("late"), ("", -1, 0, 'deepdream("late")')),
            (
                'channel("late", 1) - 0.5*channel("early", 2)',
                ("", -1, 0, 'channel("late", 1) - 0.5 * channel("early", 2)'),
            ),
        ],
    )
    def test_every_form_of_an_objective_sets_the_same_traits(
        self, given: Any, expected: tuple[Any, ...], make: Make
    ) -> None:
        assert said(make(given)[0]) == expected
        widget, page = make()
        widget.objective = given
        assert said(widget) == expected
        if isinstance(given, str):
            widget, page = make()
            assert page.command("set", expression=given)["ok"]
            assert said(widget) == expected
            assert page.state["expression"] == expected[3]

    @pytest.mark.parametrize("side", ["python", "page"])
    def test_layer_channel_and_expression_stay_in_sync(self, side: str, make: Make) -> None:
        widget, page = make("early:3")

        def change(**values: Any) -> None:
            if side == "page":
                assert page.command("set", **values)["ok"]
            else:
                for name, value in values.items():
                    setattr(widget, name, value)

        change(layer="middle")
        assert said(widget) == ("middle", 3, 12, 'channel("middle", 3)')
        change(channel=11)
        assert said(widget) == ("middle", 11, 12, 'channel("middle", 11)')
        change(layer="late")  # has no channel 11
        assert said(widget) == ("late", 5, 6, 'channel("late", 5)')
        change(expression='channel("early", 1) * 2')
        assert said(widget)[:3] == ("", -1, 0)
        change(layer="late")
        assert said(widget) == ("late", 0, 6, 'channel("late", 0)')
        assert page.state["expression"] == 'channel("late", 0)'
        assert widget.objective == objectives.channel("late", 0)

    def test_observers_and_the_page_see_consistent_traits(self, make: Make) -> None:
        widget, page = make("early:3")
        seen: list[Any] = []
        for name in ("layer", "channel", "_channel_count", "expression"):
            widget.observe(lambda _: seen.append(said(widget)), name)
        before = len(page.updates)
        widget.expression = "late:2"
        assert seen == [("late", 2, 6, 'channel("late", 2)')] * 4
        assert len(page.updates) == before + 1

    def test_observers_can_change_other_traits(self, make: Make) -> None:
        widget, page = make("early:3")
        widget.observe(lambda change: setattr(widget, "channel", 1), "layer")
        widget.layer = "late"
        assert said(widget) == ("late", 1, 6, 'channel("late", 1)')
        assert page.state["channel"] == 1

    def test_shows_a_function_as_a_custom_objective(self, make: Make) -> None:
        def loudness(T: Any) -> Any:
            return T("late")

        widget, page = make(loudness)
        assert said(widget)[:3] == ("", -1, 0)
        assert "loudness" in widget.expression
        reply = page.command("set", channel=3)
        assert reply["error"]["hint"] == "Choose a layer first."

    @pytest.mark.parametrize(
        ("values", "error", "message"),
        [
            ({"layer": "midle"}, UnknownNameError, "Did you mean 'middle'"),
            ({"layer": ""}, LucidError, "layer"),
            ({"layer": 3}, ArgumentError, "layer cannot be 3"),
            ({"channel": -1}, OutOfRangeError, "from 0 to 11 for layer 'middle'"),
            ({"channel": 10**6}, OutOfRangeError, "from 0 to 11"),
            ({"channel": 1.5}, ArgumentError, "whole number"),
            ({"channel": True}, ArgumentError, "whole number"),
            ({"channel": None}, ArgumentError, "whole number"),
            ({"expression": ""}, ExpressionError, "empty"),
            ({"expression": "middle:"}, ExpressionError, "no channel"),
            ({"expression": "middle:12"}, OutOfRangeError, "12"),
            ({"expression": "__import__('os')"}, ExpressionError, "__import__"),
            ({"image_size": 0}, OutOfRangeError, "from 8 to 2048"),
            ({"image_size": 7}, OutOfRangeError, "from 8 to 2048"),
            ({"image_size": 2049}, OutOfRangeError, "from 8 to 2048"),
            ({"steps": 0}, OutOfRangeError, "from 1 to"),
            ({"seed": -1}, OutOfRangeError, "from 0 to"),
            ({"seed": "now"}, ArgumentError, "whole number"),
            ({"batch": 0}, OutOfRangeError, "from 1 to"),
            ({"channel": 3, "image_size": 7}, OutOfRangeError, "from 8"),
            ({"image_size": 64, "channel": 99}, OutOfRangeError, "99"),
            ({"layer": "late", "expression": "late:1"}, ArgumentError, "one of the two ways"),
        ],
    )
    def test_invalid_values_raise_and_change_nothing(
        self, values: dict[str, Any], error: type[Exception], message: str, make: Make
    ) -> None:
        widget, page = make("middle:2")
        before = {name: page.state[name] for name in OURS}
        if len(values) == 1:
            with pytest.raises(error, match=message):
                setattr(widget, *next(iter(values.items())))
        reply = page.command("set", **values)
        assert reply["ok"] is False
        assert message in f"{reply['error']['message']} {reply['error']['hint']}"
        assert {name: page.state[name] for name in OURS} == before
        assert {name: value for name, value in widget.get_state().items() if name in OURS} == before

    @pytest.mark.parametrize(
        ("args", "kwargs", "error"),
        [
            (("nowhere:3",), {}, UnknownNameError),
            (("middle:12",), {}, OutOfRangeError),
            (("",), {}, ExpressionError),
            ((5,), {}, ArgumentError),
            ((), {"image_size": 7}, OutOfRangeError),
            ((), {"transforms": 3}, ArgumentError),
            ((), {"optimizer": "fast"}, ArgumentError),
            ((), {"param_f": 3}, ArgumentError),
            ((), {"param_f": param.image, "image_size": 64}, ArgumentError),
            ((), {"stepz": 3}, TypeError),
            ((), {"layer": "late"}, TypeError),
        ],
    )
    def test_invalid_argument_creates_no_widget(
        self, args: Any, kwargs: Any, error: type[Exception], model: Any, pages: list[Page]
    ) -> None:
        with pytest.raises(error):
            LucidWidget(model, *args, **kwargs)
        assert pages == []

    def test_rejects_invalid_models(self, pages: list[Page]) -> None:
        with pytest.raises(LucidError):
            LucidWidget(42)
        with pytest.raises((ModelError, OSError)):
            LucidWidget("nowhere.pb")
        assert pages == []

    def test_accepts_numpy_numbers(self, make: Make) -> None:
        widget, _ = make("middle:2")
        widget.channel = np.int64(4)
        assert widget.expression == 'channel("middle", 4)'
        assert type(widget.channel) is int
