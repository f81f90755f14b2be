"""Which images an OptimizationCanvas sends, to whom, and in what format."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from pages import settled
from streams import PATIENCE_SECONDS, Gated, frame
from widgets.optimization_canvas.canvases import Make, decoded, level

from lucid_widgets.frames import Frame


class TestPictures:
    def test_a_want_with_a_wrong_type_counts_as_the_first(self, make: Make, caplog: pytest.LogCaptureFixture) -> None:
        widget, page = make(lambda: [frame(0)])
        widget.run()
        widget.wait()
        for seen in ("x", None, 1.5, [1]):
            page.send("want", client=f"page {seen}", seen=seen)
        assert len(page.frames()) == 4
        assert caplog.text == ""  # of ipywidgets, which logs what a handler raises

    def test_answers_a_page_that_asks_for_a_sign_of_life(self, make: Make) -> None:
        _, page = make(lambda: [frame(0)])
        page.send("ping", client="page")
        assert page.messages[-1][0] == {"type": "pong"}

    def test_answers_a_want_with_the_newest_image(self, make: Make) -> None:
        stream = Gated()
        widget, page = make(lambda: stream)
        now = [0.0]
        widget._live.flow._clock = lambda: now[0]  # type: ignore[method-assign]
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
        now[0] += 0.5
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
        widget._live.flow._clock = lambda: 0.0  # type: ignore[method-assign]
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
