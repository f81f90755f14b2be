"""Kept runs, presets, and the commands of the workbench."""

from __future__ import annotations

import base64
import functools
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pages import Page, settled
from PIL import Image
from widgets._workbench.labeled import Make, finished

from lucid_widgets.errors import ArgumentError
from lucid_widgets.frames import Frame
from lucid_widgets.modelzoo.vision_models import embedded_model
from lucid_widgets.optvis import objectives
from lucid_widgets.widgets._network.in_use import NetworkInUse
from lucid_widgets.widgets._workbench.kept_runs import SIDE, KeptRun, KeptRuns
from lucid_widgets.widgets._workbench.run_settings import RunSettings
from lucid_widgets.widgets._workbench.steering import Made

pytestmark = pytest.mark.slow


@functools.cache
def made() -> Made:
    return Made(NetworkInUse(embedded_model()), objectives.channel("late", 1), RunSettings())


def run_of(number: int, size: int = 4) -> KeptRun:
    return KeptRun(number, RunSettings(), made(), Frame(3, 1.0, np.zeros((1, size, size, 3), np.float32)))


class TestRuns:
    def test_drops_the_oldest_run_when_there_are_too_many(self) -> None:
        runs = KeptRuns(max_runs=2)
        for number in (1, 2, 3):
            runs.keep(run_of(number))
        assert [run.id for run in runs] == [2, 3]

    def test_drops_the_oldest_run_when_memory_is_full(self) -> None:
        runs = KeptRuns(max_bytes=2 * 4 * 4 * 3 * 4)
        for number in (1, 2, 3):
            runs.keep(run_of(number))
        assert [run.id for run in runs] == [2, 3]
        runs.keep(run_of(4, size=100))
        assert [run.id for run in runs] == [4]

    def test_makes_filmstrips_coarser_before_it_drops_runs(self) -> None:
        frames = tuple(Frame(step, 1.0, np.zeros((1, 4, 4, 3), np.float32)) for step in range(32))
        size = 4 * 4 * 3 * 4
        runs = KeptRuns(max_bytes=40 * size)
        for number in (1, 2):
            runs.keep(KeptRun(number, RunSettings(), made(), Frame(32, 1.0, frames[0].images), recorded=frames))
        assert [(run.id, len(run.recorded)) for run in runs] == [(1, 8), (2, 16)]

    def test_sheet_has_thumbnails_side_by_side(self) -> None:
        runs = KeptRuns()
        assert runs.sheet() == b""
        for number in (1, 2, 3):
            runs.keep(run_of(number))
        assert Image.open(io.BytesIO(runs.sheet())).size == (3 * SIDE, SIDE)

    @pytest.mark.parametrize("number", [7, "1", None, True])
    def test_rejects_runs_that_are_not_kept(self, number: Any) -> None:
        runs = KeptRuns()
        runs.keep(run_of(1))
        with pytest.raises(ArgumentError, match=r"is not kept\. Kept runs: 1\."):
            runs.get(number)


class TestHistory:
    def test_keeps_finished_runs_with_their_settings(self, make: Make) -> None:
        widget = finished(make(shift=3, seed=5))
        (run,) = widget.runs
        assert (run["id"], run["step"], run["seed"], run["shift"], run["steered"]) == (1, 12, 5, 3.0, False)
        assert run["expression"] == 'channel("late", 1)'
        assert run["objective"] == pytest.approx(widget.objective_value)
        np.testing.assert_array_equal(widget.run_image(1), widget.image)

    def test_restores_a_run_of_another_image_size(self, make: Make) -> None:
        widget = finished(make(shift=3))
        first = widget.image
        widget.image_size = 24
        widget.shift = 1
        assert widget.image is None
        finished(widget)
        assert [run["image_size"] for run in widget.runs] == [16, 24]
        widget.restore(1)
        assert widget.wait(120) == "done"
        assert (widget.image_size, widget.shift, widget.current_step) == (16, 3.0, 12)
        np.testing.assert_array_equal(widget.image, first)
        assert len(widget.runs) == 2

    def test_one_step_after_a_reset_is_one_step(self, make: Make, pages: list[Page]) -> None:
        widget, page = finished(make()), pages[-1]
        assert page.state["_filmstrip"]
        assert page.command("reset")["ok"]
        assert page.command("step", n=1)["ok"]
        assert page.state["_filmstrip"] == {}
        assert widget.wait(120) == "paused"
        assert (widget.current_step, page.state["current_step"]) == (1, 1)

    def test_restores_number_curve_filmstrip_and_status(self, make: Make, pages: list[Page]) -> None:
        widget, page = finished(make(record_every=4)), pages[-1]
        names = ("status", "current_step", "total_steps", "objective_value", "history", "_filmstrip")
        before = {name: page.state[name] for name in names}
        assert before["_filmstrip"]["steps"] == [0, 4, 8, 12]
        finished_at = widget.image
        widget.seed = 9
        assert page.state["history"] == []
        widget.restore(1)
        assert widget.wait(120) == "done"
        settled()
        assert {name: page.state[name] for name in names} == before
        assert page.state["_frame_meta"]["objective"] == before["objective_value"]
        np.testing.assert_array_equal(widget.image, finished_at)
        assert len(widget.runs) == 1
        widget.steps = 16
        finished(widget)
        assert page.state["_filmstrip"]["steps"] == [0, 4, 8, 12, 16]
        assert widget.image.tobytes() == finished(make(steps=16)).image.tobytes()

    def test_an_image_is_described_by_the_run_that_made_it(self, make: Make, pages: list[Page]) -> None:
        widget, page = make(steps=8), pages[-1]
        widget.step(3)
        assert widget.wait(120) == "paused"
        widget.channel = 2
        finished(widget)
        widget.channel = 5
        made_by = page.state["_frame_meta"]["made_by"]
        assert (made_by["model"], made_by["id"], made_by["seed"], made_by["steered"]) == ("tiny", 1, 0, True)
        assert made_by["objectives"] == [[0, 'channel("late", 1)'], [3, 'channel("late", 2)']]
        assert made_by["expression"] == 'channel("late", 2)'
        assert page.command("png")["value"]["filename"] == "tiny-late-2-8.png"
        assert len(widget.history) == 5  # the curve is that of the image, and begins with its last objective
        assert [run["expression"] for run in widget.runs] == ['channel("late", 2)']

    def test_restored_run_continues_as_if_it_had_never_stopped(self, make: Make) -> None:
        widget = make(steps=1000)
        widget.step(3)
        assert widget.wait(120) == "paused"
        middle = widget.current_step
        widget.seed = 9  # a new image
        assert widget.wait(120) == "paused"
        widget.restore(widget.runs[0]["id"])
        assert widget.wait(120) == "paused"
        assert widget.current_step == middle
        widget.steps = middle + 8
        finished(widget)
        assert widget.image.tobytes() == finished(make(steps=middle + 8)).image.tobytes()

    def test_notes_that_settings_changed_during_the_run(self, make: Make) -> None:
        widget = make(steps=1000)
        widget.step(2)
        assert widget.wait(120) == "paused"
        widget.learning_rate = 0.01
        assert not widget.runs[0]["steered"]
        widget.steps = widget.current_step + 4
        finished(widget)
        (run,) = widget.runs
        assert run["steered"]

    def test_changed_numbers_compile_nothing(self, make: Make) -> None:
        widget = make(steps=1000)
        widget.step(2)
        assert widget.wait(120) == "paused"
        frames = widget._run_of_model.iterator
        assert frames is not None
        structure = frames.setup.structure
        widget.settings = {"format": 1, "learning_rate": 0.01, "shift": 1, "scale": 0.2, "rotate": 3}
        assert frames.setup.structure == structure
        assert frames.setup.numbers == (0.01, 0.9, 0.999, 1e-8, 1.0, 0.2, 3.0, 0.5)
        widget.robust_to = "nothing"
        assert widget._run_of_model.iterator is frames
        assert frames.setup.transforms == ()
        widget.step()
        assert widget.wait(120) == "paused"

    def test_saves_and_forgets_a_run(self, make: Make, tmp_path: Path) -> None:
        widget = finished(make())
        widget.save_run(1, tmp_path / "run.npy")
        np.testing.assert_array_equal(np.load(tmp_path / "run.npy"), widget.image)
        widget.forget_run(1)
        assert (widget.runs, widget._runs_sheet) == ([], b"")
        with pytest.raises(ArgumentError, match="not kept"):
            widget.restore(1)


class TestPage:
    def test_page_gets_classes_code_and_settings(self, make: Make, pages: list[Page]) -> None:
        widget, page = make(), pages[-1]
        assert page.command("find_class", query="giant")["value"] == [{"index": 2, "label": "giant panda"}]
        assert page.command("code")["value"] == widget.code
        assert json.loads(page.command("settings")["value"]) == widget.settings
        page.command("preset", name="class", label="bear")
        assert widget.expression == 'class_logit("logits", "bear")'

    def test_page_uploads_images_and_settings(self, make: Make, pages: list[Page]) -> None:
        widget, page = make(), pages[-1]
        buffer = io.BytesIO()
        Image.fromarray(np.full((10, 30, 3), 128, np.uint8)).save(buffer, "PNG")

        def send(kind: str, data: bytes) -> Any:
            text = base64.b64encode(data).decode()
            return page.command("upload", kind=kind, name="x.png", upload="u", part=0, parts=1, data=text)

        assert send("image", buffer.getvalue())["ok"]
        assert page.state["_start_image_about"] == {"name": "x.png", "width": 30, "height": 10}
        assert bytes(page.state["_start_image_thumbnail"])[:2] == b"\xff\xd8"
        answer = send("image", b"<svg onload=alert(1)>")
        assert not answer["ok"]
        assert "x.png is not an image" in answer["error"]["message"]
        answer = send("settings", b'{"cells": []}')
        assert answer["error"]["message"] == "x.png holds no settings of lucid_widgets."
        assert send("settings", b'{"format": 1, "shift": 2}')["ok"]
        assert widget.shift == 2.0
        answer = send("settings", b'{"format": 1, "shift": 3, "sacle": 1}')
        assert "Did you mean 'scale'" in answer["error"]["hint"]
        assert widget.shift == 2.0
        assert page.command("remove_start_image")["ok"]
        assert page.state["_start_image_about"] == {}

    def test_page_shows_runs_and_restores_them(self, make: Make, pages: list[Page]) -> None:
        widget, page = make(), pages[-1]
        finished(widget)
        answer, buffers = page.command_with_buffers("run_image", run=1)
        assert answer["value"]["filename"] == "tiny-run1-12.png"
        assert buffers[0][:4] == b"\x89PNG"
        assert page.command("set", decorrelate=False)["ok"]
        assert not widget.decorrelate
        assert page.command("set", optimizer="SGD")["ok"]
        assert page.state["learning_rate"] == widget.learning_rate
        assert page.command("restore", run=1)["ok"]
        assert widget.wait(120) == "done"
        assert page.state["decorrelate"] is True
        assert page.command("forget_run", run=1)["ok"]
        assert page.state["runs"] == []
