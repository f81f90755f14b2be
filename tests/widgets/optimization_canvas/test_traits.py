"""Traits of an OptimizationCanvas, and its output in a notebook."""

from __future__ import annotations

import base64
import threading
from pathlib import Path

import pytest
from pages import Page
from streams import Gated, frame
from widgets.optimization_canvas.canvases import Make, decoded

from lucid_widgets.errors import ArgumentError, LucidError
from lucid_widgets.frames import Frame
from lucid_widgets.widgets._core import bundles
from lucid_widgets.widgets.optimization_canvas import OptimizationCanvas


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

    @pytest.mark.parametrize(
        ("answers", "fewest", "most"), [("all", 18, 24), ("the first", 4, 8), ("none", 1, 4)], ids=lambda value: value
    )
    def test_publishes_numbers_as_often_as_a_page_can_use_them(
        self, make: Make, monkeypatch: pytest.MonkeyPatch, answers: str, fewest: int, most: int
    ) -> None:
        stream = Gated(open=True, count=500)
        widget, page = make(lambda: stream)
        now = [0.0]
        live = widget._live
        live.clock = live.flow._clock = lambda: now[0]  # type: ignore[method-assign]
        if answers != "none":
            live.flow.hello("a")
        take = live._take

        def a_little_later(frame: Frame) -> None:
            now[0] += 0.01
            if answers == "all":
                live.flow.hello("a")
            take(frame)

        monkeypatch.setattr(live, "_take", a_little_later)
        widget.run()
        widget.wait()
        updates = [update for update in page.updates if "current_step" in update]
        assert fewest <= len(updates) <= most  # five seconds on the fake clock
        assert updates[-1]["current_step"] == widget.current_step == 499

    @pytest.mark.slow
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
