"""OptimizationCanvas with a fake page: traits, images, commands, and how a run ends."""

from __future__ import annotations

import base64
import io
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pages import Page, settled
from PIL import Image
from streams import PATIENCE_SECONDS, Extendable, Gated, frame

from lucid_widgets.errors import ArgumentError, LucidError, ModelError
from lucid_widgets.frames import Frame
from lucid_widgets.widgets._core import bundles
from lucid_widgets.widgets.optimization_canvas import OptimizationCanvas

Make = Callable[..., tuple[OptimizationCanvas, Page]]


@pytest.fixture
def make(pages: list[Page]) -> Make:
    def make(frames: Any, **kwargs: Any) -> tuple[OptimizationCanvas, Page]:
        widget = OptimizationCanvas(frames, **kwargs)
        return widget, pages[-1]

    return make


def decoded(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)))


def level(step: int) -> int:
    """Brightness of all pixels of a fake frame."""
    return step % 256


class TestRunning:
    def test_run_returns_at_once_and_publishes_the_last_image_lossless(self, make: Make) -> None:
        widget, page = make([frame(step, size=8) for step in range(5)])
        widget.run()
        assert widget.wait() == "done"
        assert page.state["status"] == "done"
        assert page.state["current_step"] == widget.current_step == 4
        assert page.state["total_steps"] == 4
        assert page.state["objective_value"] == 4.0
        assert page.state["history"] == [[1, 1.0], [2, 2.0], [3, 3.0], [4, 4.0]]
        assert page.state["error"] == {}
        assert page.state["_frame_meta"]["lossless"] is True
        assert page.state["_frame_meta"]["step"] == 4
        assert (decoded(page.state["_frame_bytes"]) == level(4)).all()
        assert widget.image is not None
        assert widget.image.shape == (1, 8, 8, 3)

    def test_state_is_valid_json(self, make: Make) -> None:
        images = np.full((1, 4, 4, 3), np.nan, np.float32)
        frames = [Frame(1, float("nan"), images, objectives=np.float32([np.inf]))]
        widget, page = make(frames)
        widget.run()
        widget.wait()
        state = {
            name: value
            for name, value in page.state.items()
            if name not in ("_frame_bytes", "_filmstrip_sheet", "layout")
        }
        json.dumps(state, allow_nan=False)
        assert state["objective_value"] is None

    def test_repeated_run_commands_start_one_run(self, make: Make) -> None:
        made: list[Gated] = []
        one_is_made = threading.Event()

        def stream() -> Gated:
            made.append(Gated())
            one_is_made.set()
            return made[-1]

        widget, page = make(stream)
        for _ in range(10):
            assert page.command("run")["ok"]
        assert one_is_made.wait(PATIENCE_SECONDS)
        made[0].allow()
        page.until(lambda: page.state["status"] == "running")
        widget.stop()
        made[0].allow()
        settled()
        assert len(made) == 1

    def test_page_controls_the_run(self, make: Make) -> None:
        stream = Gated()
        widget, page = make(lambda: stream)
        page.command("step", n=2)
        stream.allow(2)
        assert widget.wait() == "paused"
        assert widget.current_step == 1
        page.command("resume")
        stream.allow()
        page.until(lambda: page.state["status"] == "running")
        page.command("pause")
        stream.allow()
        assert widget.wait() == "paused"
        page.command("stop")
        assert widget.status == page.state["status"] == "stopped"
        assert widget.image is not None
        page.command("reset")
        assert widget.status == page.state["status"] == "idle"
        assert widget.image is None
        assert page.state["_frame_bytes"] == b""
        assert page.state["_frame_meta"] == {}
        assert page.state["history"] == []
        assert page.state["current_step"] == 0

    @pytest.mark.parametrize("name", ["run", "resume"])
    def test_cancels_a_pause_that_is_about_to_begin(self, make: Make, name: str) -> None:
        stream = Gated(count=6)
        widget, _ = make(lambda: stream)
        widget.step(2)
        stream.until_asked_after(-1)
        getattr(widget, name)()
        stream.allow(2)
        stream.until_asked_after(1)
        widget.pause()
        getattr(widget, name)()
        stream.open()
        assert widget.wait() == "done"
        assert widget.current_step == 5

    def test_run_after_the_end_starts_over(self, make: Make) -> None:
        made: list[Extendable] = []

        def stream() -> Extendable:
            made.append(Extendable(3))
            return made[-1]

        widget, _ = make(stream)
        widget.run()
        widget.wait()
        widget.run()
        widget.wait()
        assert [each.step for each in made] == [3, 3]

    def test_continues_an_iterator_whose_steps_were_raised(self, make: Make) -> None:
        stream = Extendable(3)
        widget, page = make(stream)
        assert page.state["total_steps"] == 3
        widget.run()
        widget.wait()
        stream.steps = 5
        widget.run()
        assert widget.wait() == "done"
        assert widget.current_step == 5
        with pytest.raises(ArgumentError, match="run once already"):
            widget.run()
        reply = page.command("run")
        assert not reply["ok"]
        assert "lambda" in reply["error"]["hint"]

    def test_stop_takes_effect_before_the_next_frame(self, make: Make) -> None:
        stream = Gated()
        widget, page = make(lambda: stream)
        widget.run()
        assert stream.waiting.wait(PATIENCE_SECONDS)
        page.command("stop")
        assert page.state["status"] == "stopped"
        stream.allow()
        assert stream.closed.wait(PATIENCE_SECONDS)
        settled()
        assert widget.image is None
        assert page.state["status"] == "stopped"

    def test_shows_an_error_and_keeps_the_image(self, make: Make) -> None:
        def stream() -> Iterator[Frame]:
            yield frame(0)
            yield frame(1)
            raise ModelError("It broke.", "Mend it.")

        widget, page = make(stream)
        widget.run()
        with pytest.raises(ModelError):
            widget.wait()
        assert page.state["status"] == "error"
        assert page.state["error"] == {"title": "", "message": "It broke.", "hint": "Mend it.", "traceback": ""}
        assert (decoded(page.state["_frame_bytes"]) == level(1)).all()
        widget.reset()
        assert page.state["error"] == {}

    def test_shows_the_traceback_of_an_unexpected_error(self, make: Make) -> None:
        def stream() -> Iterator[Frame]:
            raise ZeroDivisionError("by nought")
            yield

        widget, page = make(stream)
        widget.run()
        with pytest.raises(ZeroDivisionError):
            widget.wait()
        error = page.state["error"]
        assert error["title"] == "ZeroDivisionError"
        assert error["message"] == "by nought"
        assert "in stream" in error["traceback"]

    def test_invalid_frames_end_the_run_with_an_error(self, make: Make) -> None:
        widget, page = make([Frame(0, None, np.zeros((1, 4, 4, 0)))])
        widget.run()
        with pytest.raises(ArgumentError, match=r"shape \(1, 4, 4, 0\) cannot be shown"):
            widget.wait()
        assert "(1, 4, 4, 0) cannot be shown" in page.state["error"]["message"]

    def test_widgets_take_turns(self, make: Make) -> None:
        first, _ = make([frame(step) for step in range(50)])
        second, page = make([frame(step) for step in range(50)])
        first.run()
        second.run()
        assert first.wait() == second.wait() == "done"
        assert page.state["current_step"] == 49


class TestPictures:
    def test_answers_a_want_with_the_newest_image(self, make: Make) -> None:
        stream = Gated()
        widget, page = make(lambda: stream)
        widget.run()
        page.want()
        assert page.frames() == []
        stream.allow()
        page.until(lambda: len(page.frames()) == 1)
        first, buffers = page.messages[-1]
        assert {name: first[name] for name in ("type", "step", "objective", "mime", "rows", "columns", "lossless")} == {
            "type": "frame",
            "step": 0,
            "objective": None,
            "mime": "image/jpeg",
            "rows": 1,
            "columns": 1,
            "lossless": False,
        }
        assert (first["width"], first["height"]) == (4, 4)
        assert decoded(buffers[0]).shape == (4, 4, 3)
        stream.allow(3)
        stream.until_asked_after(3)
        widget._live.flow._clients["page"].sent_at = 0  # long ago
        page.want(seen=first["id"])
        assert [each["step"] for each in page.frames()] == [0, 3]
        widget.stop()
        stream.allow()

    def test_ids_increase_across_runs_and_start_at_the_clock(self, make: Make) -> None:
        widget, page = make([frame(step) for step in range(3)])
        ids = []
        for _ in range(3):
            page.want(seen=ids[-1] if ids else 0)
            widget.run()
            widget.wait()
            ids.append(page.state["_frame_meta"]["id"])
        assert ids == sorted(set(ids))
        assert ids[0] > 1_700_000_000_000

    def test_waiting_page_gets_the_lossless_image_at_rest(self, make: Make) -> None:
        stream = Gated()
        widget, page = make(lambda: stream)
        widget.step()
        stream.allow()
        widget.wait()
        settled()
        page.want(seen=page.state["_frame_meta"]["id"])
        sent = len(page.frames())
        widget.step()
        stream.allow()
        widget.wait()
        settled()
        assert [each["lossless"] for each in page.frames()[sent:]][-1:] == [True]
        assert page.frames()[-1]["status"] == "paused"

    def test_sends_the_lossless_image_at_rest(self, make: Make) -> None:
        widget, page = make([frame(3)])
        widget.run()
        widget.wait()
        page.want()
        assert page.frames()[-1]["lossless"]
        assert (decoded(page.messages[-1][1][0]) == level(3)).all()

    def test_meta_and_bytes_change_in_one_message(self, make: Make) -> None:
        widget, page = make([frame(step) for step in range(4)])
        widget.run()
        widget.wait()
        changes = [update for update in page.updates if {"_frame_bytes", "_frame_meta"} & update.keys()]
        assert changes
        assert all({"_frame_bytes", "_frame_meta"} <= update.keys() for update in changes)

    def test_tiles_a_batch_into_one_image(self, make: Make) -> None:
        widget, page = make([frame(9, size=8, batch=5)])
        widget.run()
        widget.wait()
        meta = page.state["_frame_meta"]
        assert (meta["rows"], meta["columns"], meta["width"], meta["height"]) == (2, 3, 24, 16)
        assert decoded(page.state["_frame_bytes"]).shape == (16, 24, 3)

    @pytest.mark.parametrize(("channels", "mime"), [(1, "image/jpeg"), (3, "image/jpeg"), (4, "image/png")])
    def test_images_of_a_moving_run_are_jpeg_if_possible(self, channels: int, mime: str, make: Make) -> None:
        gate = threading.Event()

        def stream() -> Iterator[Frame]:
            yield Frame(0, None, np.full((1, 4, 4, channels), 0.5, np.float32))
            assert gate.wait(PATIENCE_SECONDS)

        widget, page = make(stream)
        page.want()
        widget.run()
        page.until(page.frames)
        assert page.frames()[0]["mime"] == mime
        gate.set()
        widget.wait()

    def test_sends_no_images_without_a_page(self, make: Make) -> None:
        stream = Gated(open=True, count=2000)
        widget, page = make(lambda: stream)
        widget.run()
        widget.wait()
        assert page.frames() == []
        assert len(page.updates) < 40

    def test_page_that_never_acknowledges_costs_nothing(self, make: Make) -> None:
        widget, page = make(lambda: Gated(open=True, count=2000))
        page.want()
        widget.run()
        assert widget.wait() == "done"
        assert len(page.frames()) < 10
        assert widget._live.flow._clients["page"].sent > 0

    def test_pages_have_separate_accounts(self, make: Make) -> None:
        stream = Gated()
        widget, page = make(lambda: stream)
        page.want(client="one")
        page.want(client="two")
        widget.run()
        stream.allow()
        page.until(page.frames)
        page.send("hidden", client="two")
        page.want(seen=page.frames()[-1]["id"], client="one")
        widget.stop()
        stream.allow()

    @pytest.mark.parametrize(
        "message", [None, 5, {}, {"type": "what"}, {"type": "want"}, {"type": "bye", "client": []}]
    )
    def test_ignores_invalid_messages(self, message: Any, make: Make) -> None:
        widget, page = make([frame(0)])
        page.deliver({"method": "custom", "content": message})
        widget.run()
        assert widget.wait() == "done"


class TestCommands:
    def test_png_is_the_newest_image_lossless(self, make: Make) -> None:
        widget, page = make([frame(7, size=8)], title="An eye: <b>")
        widget.run()
        widget.wait()
        reply, buffers = page.command_with_buffers("png")
        assert reply["value"] == {"filename": "An-eye-b-7.png", "width": 8, "height": 8}
        assert (decoded(buffers[0]) == level(7)).all()

    def test_rejects_png_before_the_first_image(self, make: Make) -> None:
        _, page = make([frame(0)])
        reply = page.command("png")
        assert reply["ok"] is False
        assert reply["error"]["message"] == "There is no image yet."

    def test_set_changes_the_trait(self, make: Make) -> None:
        widget, page = make([frame(0)])
        seen: list[Any] = []
        widget.observe(lambda change: seen.append(change["new"]), "pixelated")
        assert page.command("set", pixelated=True)["ok"]
        assert widget.pixelated is True
        assert page.state["pixelated"] is True
        assert seen == [True]

    @pytest.mark.parametrize(
        ("args", "message"),
        [
            ({"pixelated": 3}, "pixelated cannot be 3"),
            ({"status": "done"}, "no setting named 'status'"),
            ({"pixelate": True}, "no setting named 'pixelate'"),
        ],
    )
    def test_rejected_set_changes_nothing(self, args: dict[str, Any], message: str, make: Make) -> None:
        widget, page = make([frame(0)])
        before = widget.get_state()
        reply = page.command("set", **args)
        assert reply["ok"] is False
        assert message in reply["error"]["message"]
        assert widget.get_state() == before

    def test_answers_unknown_commands_and_arguments(self, make: Make) -> None:
        _, page = make([frame(0)])
        assert "Did you mean 'run'" in page.command("runn")["error"]["hint"]
        assert page.command("step", n=0)["error"]["message"] == "n is 0."
        assert page.command("run", fast=True)["ok"] is False

    def test_save_writes_files(self, make: Make, tmp_path: Path) -> None:
        widget, _ = make([frame(200, size=6, batch=2)])
        with pytest.raises(ArgumentError, match="no image yet"):
            widget.save(tmp_path / "x.png")
        widget.run()
        widget.wait()
        widget.save(tmp_path / "x.png")
        assert (np.asarray(Image.open(tmp_path / "x.png")) == 200).all()
        widget.save(tmp_path / "x.npy")
        assert np.load(tmp_path / "x.npy").shape == (2, 6, 6, 3)


class TestTraits:
    def test_each_trait_is_documented_and_shared(self, make: Make) -> None:
        widget, page = make([frame(0)])
        own = {name: trait for name, trait in widget.traits().items() if name in vars(OptimizationCanvas)}
        assert len(own) == 15
        for name, trait in own.items():
            assert trait.help, name
            assert trait.metadata["sync"], name
        names = {"status", "current_step", "total_steps", "objective_value", "rate", "remaining", "history", "error"}
        assert names | {"_frame_bytes", "_frame_meta", "title", "pixelated"} <= page.state.keys()

    def test_output_traits_cannot_be_set(self, make: Make) -> None:
        widget, _ = make([frame(0)])
        with pytest.raises(LucidError, match="status cannot be set"):
            widget.status = "done"

    def test_suggests_a_name_for_an_unknown_keyword(self, pages: list[Page]) -> None:
        with pytest.raises(TypeError, match=r"no argument 'pixellated'\. Did you mean 'pixelated'"):
            OptimizationCanvas([], pixellated=True)
        with pytest.raises(TypeError, match="no argument 'status'"):
            OptimizationCanvas([], status="done")
        assert pages == []

    def test_accepts_layout(self, make: Make) -> None:
        widget, _ = make([], layout={"width": "300px"})
        assert widget.layout.width == "300px"

    def test_rejects_frames_that_are_not_a_stream(self, pages: list[Page]) -> None:
        with pytest.raises(ArgumentError, match="42 is not a stream"):
            OptimizationCanvas(42)  # type: ignore[arg-type]
        assert pages == []

    def test_repr_is_short(self, make: Make) -> None:
        widget, _ = make([frame(0), frame(12)], title="eye")
        assert repr(widget) == "<OptimizationCanvas, 'eye': idle, step 0 of 12>"

    def test_publishes_numbers_four_times_per_second(self, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
        stream = Gated(open=True, count=500)
        widget, page = make(lambda: stream)
        now = [0.0]
        widget._live.clock = lambda: now[0]  # type: ignore[method-assign]
        take = widget._live._take
        monkeypatch.setattr(widget._live, "_take", lambda f: (now.__setitem__(0, now[0] + 0.01), take(f)))
        widget.run()
        widget.wait()
        updates = [update for update in page.updates if "current_step" in update]
        assert 18 <= len(updates) <= 24  # five seconds on the fake clock

    def test_concurrent_writes_and_incoming_state_keep_every_change_in_order(self, make: Make) -> None:
        count = 20_000
        widget, page = make([frame(0)])
        seen: list[int] = []
        widget.observe(lambda change: seen.append(change["new"]), "current_step")
        over = threading.Event()
        messages = 0

        def page_talks() -> None:
            nonlocal messages
            while not over.is_set():
                page.deliver({"method": "update", "state": {"pixelated": messages % 2 == 0}, "buffer_paths": []})
                messages += 1

        talker = threading.Thread(target=page_talks)
        talker.start()
        for step in range(1, count + 1):
            widget.set_trait("current_step", step)
        over.set()
        talker.join()
        assert messages > 10
        assert seen == list(range(1, count + 1))
        assert [update["current_step"] for update in page.updates if "current_step" in update][-count:] == seen


class TestManyThreads:
    def test_concurrent_commands_neither_deadlock_nor_corrupt_state(self, make: Make) -> None:
        widget, page = make(lambda: Gated(open=True, count=10**9))
        other, _ = make(lambda: Gated(open=True, count=10**9))
        other.run()
        commands = ["run", "pause", "resume", "step", "stop", "reset", "png", "set", "run", "run"]

        def press(offset: int) -> None:
            for i in range(300):
                name = commands[(i * (offset + 1)) % len(commands)]
                page.send("cmd", rid=f"{offset}-{i}", name=name, args={})
                page.want(client=str(offset))

        threads = [threading.Thread(target=press, args=(i,)) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE_SECONDS)
            assert not thread.is_alive()
        widget.run()
        widget.pause()
        assert widget.wait() == "paused"
        settled()
        assert page.state["status"] == widget.status == "paused"
        replies = [content["rid"] for content, _ in page.messages if content["type"] == "reply"]
        assert len(replies) == len(set(replies)) == 1200
        other.stop()


class TestDisplay:
    def test_output_contains_the_image(self, make: Make) -> None:
        widget, _ = make([frame(77, size=8)])
        assert "image/png" not in widget._repr_mimebundle_()[0]
        widget.run()
        widget.wait()
        data, metadata = widget._repr_mimebundle_()
        assert (decoded(base64.b64decode(data["image/png"])) == 77).all()
        assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == widget.model_id
        assert data["text/plain"] == repr(widget)
        assert metadata == {}

    def test_bundles_are_sent_as_multiline_text(self, make: Make) -> None:
        widget, page = make([])
        assert page.state["_esm"].count("\n") > 1
        assert page.state["_esm"].startswith("/* lucid_widgets sha256:")
        assert ".lucidw" in page.state["_css"]
        assert type(widget._esm) is str

    def test_explains_a_missing_bundle(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(bundles, "STATIC", tmp_path)
        bundles.read_bundle.cache_clear()
        with pytest.raises(LucidError, match=r"missing: .*optimization_canvas\.js.*npm run build"):
            OptimizationCanvas([])
        bundles.read_bundle.cache_clear()


class TestEnd:
    def test_close_ends_the_run_and_the_connection(self, make: Make) -> None:
        stream = Gated(open=True, count=10**9)
        widget, page = make(lambda: stream)
        page.want()
        widget.run()
        page.until(page.frames)
        widget.close()
        assert stream.closed.is_set()
        assert page.closed
        sent = len(page.messages), len(page.updates)
        settled()
        assert (len(page.messages), len(page.updates)) == sent
        widget.close()
        widget.stop()

    def test_removing_the_last_view_ends_the_run(self, make: Make) -> None:
        stream = Gated()
        widget, page = make(lambda: stream)
        page.send("hello", client="a")
        now = [0.0]
        widget._live.flow._clock = lambda: now[0]
        widget.run()
        stream.allow()
        page.send("bye", client="a")
        stream.allow()
        assert stream.waiting.wait(PATIENCE_SECONDS)
        now[0] = 2.5
        stream.allow()
        assert widget.wait() == "stopped"

    def test_observer_can_close_a_running_widget(self, make: Make) -> None:
        widget, _ = make(lambda: Gated(open=True, count=10**9))
        closed = threading.Event()

        def on_step(change: Any) -> None:
            widget.close()
            closed.set()

        widget.observe(on_step, "current_step")
        widget.run()
        assert closed.wait(PATIENCE_SECONDS)


class TestColab:
    """Colab delivers only answers to the page."""

    @pytest.fixture
    def colab(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(__import__("sys").modules, "google.colab", object())  # type: ignore[arg-type]

    @pytest.mark.usefixtures("colab")
    def test_worker_sends_nothing_and_the_next_answer_has_everything(self, make: Make) -> None:
        stream = Gated()
        widget, page = make(lambda: stream)
        worker_steps = threading.Event()
        widget.observe(lambda _: worker_steps.set(), "_frame_bytes")
        widget.run()
        page.want()
        assert page.messages[-1][0]["type"] == "none"
        assert page.messages[-1][0]["id"] == 0
        assert page.messages[-1][0]["status"] in ("running", "compiling")
        stream.allow()
        assert worker_steps.wait(PATIENCE_SECONDS)
        assert stream.waiting.wait(PATIENCE_SECONDS)
        assert all(thread is threading.main_thread() for thread in page.threads)
        page.want()
        assert page.frames()
        assert page.state["_frame_bytes"] == widget._frame_bytes
        assert page.state["status"] == "running"
        page.want(seen=page.frames()[-1]["id"])
        assert page.messages[-1][0]["type"] == "none"
        widget.stop()
        stream.allow()
        settled()
        assert all(thread is threading.main_thread() for thread in page.threads)
