"""LucidWidget: layer, channel and expression stay in sync, and what a change does to a run."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from pages import Page
from streams import PATIENCE_SECONDS, Extendable, frame

from lucid_widgets.errors import (
    ArgumentError,
    ExpressionError,
    LucidError,
    ModelError,
    OutOfRangeError,
    UnknownNameError,
)
from lucid_widgets.modelzoo.vision_models import EmojiNet, from_keras
from lucid_widgets.optvis import objectives, param
from lucid_widgets.recording import Recording
from lucid_widgets.widgets._workbench import model_run
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


@pytest.fixture(scope="module")
def model() -> Any:
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [
            keras.Input((None, None, 3)),
            keras.layers.Conv2D(4, 3, name="early"),
            keras.layers.Conv2D(12, 3, name="middle"),
            keras.layers.Conv2D(6, 1, name="late"),
        ],
        name="tiny",
    )


class FakeFrames(Extendable):
    """Replaces the engine: makes frames at once, and remembers its arguments."""

    def __init__(self, model: Any, objective: Any, param_f: Any, *, steps: int, seed: int, **options: Any) -> None:
        super().__init__(steps)
        self._open = False  # until the test opens it
        self.objective, self.param_f, self.seed, self.options = objective, param_f, seed, options
        self.setup, self.changes = None, ()


class Runs(list[FakeFrames]):
    """The runs of a test, in order."""

    def __init__(self) -> None:
        super().__init__()
        self._grown = threading.Condition()

    def make(self, *args: Any, **kwargs: Any) -> FakeFrames:
        with self._grown:
            self.append(FakeFrames(*args, **kwargs))
            self._grown.notify_all()
        return self[-1]

    def until(self, count: int) -> None:
        """Wait until the worker is inside the run with this number."""
        with self._grown:
            assert self._grown.wait_for(lambda: len(self) >= count, PATIENCE_SECONDS)
        assert self[count - 1].waiting.wait(PATIENCE_SECONDS)


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Runs:
    made = Runs()
    monkeypatch.setattr(model_run, "iter_vis", made.make)
    return made


@pytest.fixture
def make(model: Any, pages: list[Page]) -> Callable[..., tuple[LucidWidget, Page]]:
    def make(*args: Any, **kwargs: Any) -> tuple[LucidWidget, Page]:
        widget = LucidWidget(model, *args, **kwargs)
        return widget, pages[-1]

    return make


Make = Callable[..., tuple[LucidWidget, Page]]


def said(widget: LucidWidget) -> tuple[Any, ...]:
    return widget.layer, widget.channel, widget._channel_count, widget.expression


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


class TestRuns:
    def test_passes_settings_to_the_run(self, make: Make, runs: Runs) -> None:
        widget, _ = make("late:2", steps=7, seed=3, image_size=32, batch=2, relu_gradient_override=False)
        widget.run()
        runs.until(1)
        (run,) = runs
        assert run.objective == objectives.channel("late", 2)
        assert (run.steps, run.seed, run.options["relu_gradient_override"]) == (7, 3, False)
        assert (run.param_f.func, run.param_f.args, run.param_f.keywords) == (param.image, (32,), {"batch": 2})
        widget.stop()
        run.open()

    def test_continues_from_the_image_when_the_objective_changes(self, make: Make, runs: Runs) -> None:
        widget, page = make("late:2")
        widget.run()
        runs.until(1)
        assert page.command("set", channel=4)["ok"]
        widget.expression = 'deepdream("early")'
        assert runs[0].objective == objectives.deepdream("early")
        assert len(runs) == 1
        widget.stop()
        runs[0].open()

    def test_change_rejected_by_the_run_changes_nothing(self, make: Make, runs: Runs) -> None:
        class Strict(FakeFrames):
            @property
            def objective(self) -> Any:
                return None

            @objective.setter
            def objective(self, objective: Any) -> None:
                if objective is not None:
                    raise ArgumentError("Not now.")

        widget, _ = make("late:2")
        widget.run()
        runs.until(1)
        widget._run_of_model.iterator = Strict(None, None, None, steps=1, seed=0)  # type: ignore[assignment]
        with pytest.raises(ArgumentError, match="Not now"):
            widget.channel = 3
        widget.stop()
        runs[0].open()
        assert said(widget) == ("late", 2, 6, 'channel("late", 2)')

    @pytest.mark.parametrize("name", ["image_size", "seed", "batch"])
    def test_settings_that_need_a_new_image_start_over(self, name: str, make: Make, runs: Runs) -> None:
        widget, _ = make(steps=3)
        setattr(widget, name, 9)
        assert widget.status == "idle"
        assert runs == []

        widget.run()  # moving: starts over
        runs.until(1)
        setattr(widget, name, 10)
        runs[0].open()
        runs.until(2)
        assert widget._live.runner.in_motion
        assert runs[1].param_f.args == ((10,) if name == "image_size" else (128,))

        widget.pause()  # paused: stays paused, with the new initial image
        runs[1].allow()
        assert widget.wait() == "paused"
        setattr(widget, name, 11)
        runs.until(3)
        setattr(widget, name, 12)  # again, before that image arrives
        runs[2].allow()
        runs.until(4)
        runs[3].allow()
        assert widget.wait() == "paused"
        assert widget.current_step == 0

        setattr(widget, name, 12)  # no change
        assert widget.status == "paused"
        widget.run()
        runs[3].open()
        assert widget.wait() == "done"
        setattr(widget, name, 13)  # ended: cleared
        assert widget.status == "idle"
        assert widget.image is None
        assert len(runs) == 4

    def test_continues_after_steps_were_raised(self, make: Make, runs: Runs) -> None:
        widget, page = make(steps=2)
        widget.run()
        runs.until(1)
        runs[0].open()
        assert widget.wait() == "done"
        assert page.state["total_steps"] == 2
        assert page.command("set", steps=5)["ok"]
        assert page.state["total_steps"] == 5
        widget.run()
        assert widget.wait() == "done"
        assert widget.current_step == 5
        assert len(runs) == 1
        widget.run()  # no steps left: starts over
        runs.until(2)
        runs[1].open()
        widget.wait()
        assert runs[1].seed == runs[0].seed

    def test_run_after_stop_starts_over(self, make: Make, runs: Runs) -> None:
        widget, _ = make()
        widget.run()
        runs.until(1)
        widget.stop()
        widget.run()
        runs[0].open()
        runs.until(2)
        widget.stop()
        runs[1].open()

    def test_keeps_changes_made_while_the_run_is_created(
        self, make: Make, runs: Runs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        widget, _ = make("late:2", steps=9)
        fake = model_run.iter_vis

        def slow(*args: Any, **kwargs: Any) -> Any:
            frames = fake(*args, **kwargs)
            widget.channel = 5
            widget.steps = 4
            return frames

        monkeypatch.setattr(model_run, "iter_vis", slow)
        widget.run()
        runs.until(1)
        assert runs[0].objective == objectives.channel("late", 5)
        assert runs[0].steps == 4
        widget.stop()
        runs[0].open()

    def test_overtaken_run_does_not_record_into_the_next_one(
        self, make: Make, runs: Runs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        widget, _ = make("late:2", steps=3)
        fake = model_run.iter_vis
        recordings: list[Recording] = []

        def overtaken(*args: Any, record_every: Recording, **kwargs: Any) -> Any:
            recordings.append(record_every)
            if len(recordings) == 1:
                widget.seed = 7  # the next run begins while this one is being made
                record_every.add(frame(2, value=99))
            return fake(*args, **kwargs)

        monkeypatch.setattr(model_run, "iter_vis", overtaken)
        widget.run()
        runs.until(1)
        runs[0].open()
        runs.until(2)
        runs[1].open()
        assert widget.wait() == "done"
        assert recordings[0] is not recordings[1]
        assert 99 not in [each.objective for each in widget.recorded]

    def test_param_f_decides_the_size(self, make: Make, runs: Runs) -> None:
        def image() -> Any:
            return param.image(20)

        widget, page = make(param_f=image)
        widget.run()
        runs.until(1)
        assert runs[0].param_f is image
        reply = page.command("set", image_size=64)
        assert reply["error"]["message"] == "image_size has no effect here."
        widget.stop()
        runs[0].open()

    def test_repr_and_file_name(self, make: Make) -> None:
        widget, _ = make("late:2", steps=9)
        assert repr(widget) == '<LucidWidget tiny, channel("late", 2): idle, step 0 of 9>'
        assert widget._name() == "tiny-late-2"


class TestRealCore:
    def test_runs_from_the_click_to_the_last_image(self, make: Make) -> None:
        widget, page = make("late:2", steps=6, image_size=16, batch=2)
        assert page.command("run")["ok"]
        assert widget.wait(60) == "done"
        assert page.state["current_step"] == 6
        assert [step for step, _ in page.state["history"]] == [1, 2, 3, 4, 5, 6]
        assert widget.image is not None
        assert widget.image.shape == (2, 16, 16, 3)
        assert page.state["_frame_meta"]["columns"] == 2

    def test_same_seed_makes_the_same_image(self, make: Make) -> None:
        images = []
        for seed in (1, 1, 2):
            widget, _ = make("late:2", steps=3, image_size=16, seed=seed)
            widget.run()
            widget.wait(60)
            images.append(widget.image)
        assert (images[0] == images[1]).all()
        assert (images[0] != images[2]).any()

    def test_change_of_channel_continues_the_run(self, make: Make) -> None:
        widget, _ = make("late:2", steps=1000, image_size=16)
        widget.step(3)
        assert widget.wait(60) == "paused"
        step = widget.current_step
        assert [point[0] for point in widget.history] == list(range(1, step + 1))
        widget.channel = 4
        widget.step(1)
        assert widget.wait(60) == "paused"
        assert widget.current_step > step
        # Objectives of two channels cannot be compared, so the curve starts again.
        assert [point[0] for point in widget.history] == list(range(step + 1, widget.current_step + 1))
        widget.stop()

    def test_step_makes_exactly_n_updates(self, make: Make) -> None:
        widget, page = make("late:2", steps=1000, image_size=16)
        steps = []
        for _ in range(8):
            widget.step()
            assert widget.wait(60) == "paused"
            steps.append(widget.current_step)
        assert steps == [1, 2, 3, 4, 5, 6, 7, 8]
        assert page.command("step", n=5)["ok"]
        assert widget.wait(60) == "paused"
        assert widget.current_step == 13
        assert page.command("step")["ok"]
        assert widget.wait(60) == "paused"
        assert page.state["current_step"] == 14
        widget.stop()

    def test_shows_the_error_of_a_nonfinite_objective(self, make: Make) -> None:
        widget, page = make(lambda T: T("late") * float("nan"), image_size=16, steps=5)
        widget.run()
        with pytest.raises(LucidError):
            widget.wait(60)
        assert page.state["status"] == "error"
        assert "step 1" in page.state["error"]["message"]
        assert page.state["_frame_meta"]["step"] == 0

    def test_closed_widget_is_garbage_collected(self, make: Make, pages: list[Page]) -> None:
        widget, page = make("late:2", image_size=16)
        widget.run()
        gone = weakref.ref(widget)
        widget.close()
        assert widget.status == "stopped"
        pages.clear()
        del widget, page
        gc.collect()
        assert gone() is None


def test_default_model_is_emojinet(pages: list[Page]) -> None:
    w = LucidWidget()
    assert w.model_name == "EmojiNet"
    assert (w.layer, w.channel) == EmojiNet.first_look
    assert LucidWidget().model is w.model, "what is compiled for one serves the other"


def test_first_look_is_the_default_objective(model: Any, pages: list[Page]) -> None:
    ours = from_keras(model)
    ours.first_look = ("middle", 7)
    assert (LucidWidget(ours).layer, LucidWidget(ours).channel) == ("middle", 7)
    assert LucidWidget(ours, "late:2").channel == 2
