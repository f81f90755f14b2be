"""A page without a browser: the page's end of a widget's comm."""

from __future__ import annotations

import itertools
import threading
import uuid
from collections.abc import Callable
from typing import Any

from streams import PATIENCE_SECONDS

from lucid_widgets._runner.worker import worker


class Page:
    """Record what a widget sends, as a page would, and send messages to it."""

    def __init__(self) -> None:
        self.comm_id = uuid.uuid4().hex
        self.state: dict[str, Any] = {}
        self.updates: list[dict[str, Any]] = []
        self.messages: list[tuple[dict[str, Any], list[bytes]]] = []
        self.threads: list[threading.Thread] = []
        self.closed = False
        self.client = "page"
        self._rids = itertools.count(1)
        self._changed = threading.Condition()
        self._callback: Callable[[Any], None] | None = None

    # Interface of the comm, called by the widget.

    def opened(self, data: dict[str, Any], buffers: list[Any] | None) -> None:
        self._update(data, buffers)

    def received(self, data: dict[str, Any], buffers: list[Any] | None) -> None:
        with self._changed:
            self.threads.append(threading.current_thread())
            if data["method"] == "custom":
                self.messages.append((data["content"], [bytes(each) for each in buffers or []]))
            elif data["method"] == "update":
                self._update(data, buffers)
            self._changed.notify_all()

    def _update(self, data: dict[str, Any], buffers: list[Any] | None) -> None:
        state = dict(data["state"])
        for path, buffer in zip(data.get("buffer_paths", []), buffers or [], strict=True):
            place: Any = state
            for key in path[:-1]:  # within lists, which are copies
                place = place[key]
            place[path[-1]] = bytes(buffer)
        self.updates.append(state)
        self.state |= state

    # Interface of the page, called by the test.

    def deliver(self, data: dict[str, Any]) -> None:
        assert self._callback is not None
        self._callback({"content": {"data": data}, "buffers": []})

    def send(self, type: str, **content: Any) -> None:
        self.deliver({"method": "custom", "content": {"type": type, **content}})

    def want(self, seen: int = 0, client: str = "page") -> None:
        self.send("want", client=client, seen=seen)

    def command(self, name: str, /, **args: Any) -> dict[str, Any]:
        """Send a command and return the reply, which is available when the handler returns."""
        return self.command_with_buffers(name, **args)[0]

    def command_with_buffers(self, name: str, /, **args: Any) -> tuple[dict[str, Any], list[bytes]]:
        rid = f"r{next(self._rids)}"
        self.send("cmd", rid=rid, name=name, args=args)
        (reply,) = [each for each in self.messages if each[0].get("rid") == rid]
        return reply

    def frames(self) -> list[dict[str, Any]]:
        return [content for content, _ in self.messages if content["type"] == "frame"]

    def until(self, predicate: Callable[[], object]) -> None:
        with self._changed:
            assert self._changed.wait_for(predicate, PATIENCE_SECONDS), (self.state.get("status"), self.messages[-3:])


class FakeComm:
    """The interface that ipywidgets expects of a comm."""

    kernel = object()

    def __init__(self, page: Page) -> None:
        self.page = page
        self.comm_id = page.comm_id

    def on_msg(self, callback: Callable[[Any], None]) -> None:
        self.page._callback = callback

    def send(self, data: Any = None, metadata: Any = None, buffers: Any = None) -> None:
        self.page.received(data, buffers)

    def close(self, *_: Any, **__: Any) -> None:
        self.page.closed = True


def settled() -> None:
    """Wait until the worker has finished all tasks so far."""
    done = threading.Event()
    worker.call_soon(done.set)
    if worker._thread is not None:
        assert done.wait(PATIENCE_SECONDS)
