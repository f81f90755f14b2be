"""The page's commands, also from many threads."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pages import settled
from PIL import Image
from streams import PATIENCE_SECONDS, Gated, frame
from widgets.optimization_canvas.canvases import Make, decoded, level

from lucid_widgets.errors import ArgumentError


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

    def test_without_an_image_says_whether_one_comes(self, make: Make, tmp_path: Path) -> None:
        stream = Gated()
        widget, _ = make(stream)

        def hints() -> set[str]:
            found = set()
            for ask in (partial(widget.save, tmp_path / "x.png"), widget.freeze):
                with pytest.raises(ArgumentError, match="no image yet") as caught:
                    ask()
                found.add(caught.value.hint)
            return found

        assert hints() == {"Run first."}
        widget.run()
        assert hints() == {"Call wait() first."}
        stream.open()

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
