"""Which settings a LucidWidget passes to a run, and which changes continue it."""

from __future__ import annotations

from typing import Any

import pytest
from streams import frame
from widgets.lucid_widget.workbenches import FakeFrames, Make, Runs, said

from lucid_widgets.errors import ArgumentError
from lucid_widgets.optvis import objectives, param
from lucid_widgets.recording import Recording
from lucid_widgets.widgets._workbench import model_run

pytestmark = pytest.mark.slow


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
