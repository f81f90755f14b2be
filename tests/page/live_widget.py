"""A page connected to a real Python widget, without a notebook."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any, ClassVar

from page.fake_notebook import FakeNotebook
from pages import Page
from playwright.sync_api import Browser

OpenLive = Callable[..., "LiveWidget"]

_CONNECT = """() => {
  const apply = (messages) => {
    for (const { state, content } of messages) state ? host.change(state) : host.deliver(content);
  };
  window.apply = apply;
  let last = Promise.resolve();
  host.onsend = (message) => {
    last = last.then(async () => apply(await toPython(message)));
    window.answered = last;
  };
}"""


_CONNECT_BINARY = """() => {
  const bytes = (data) => Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
  window.apply = (messages) => {
    for (const { state, data, content, buffers } of messages) {
      if (content) host.deliver(content, buffers.map(bytes));
      else {
        const views = Object.entries(data).map(([name, each]) => [name, host.bufferOf(bytes(each))]);
        host.change({ ...state, ...Object.fromEntries(views) });
      }
    }
  };
  let last = Promise.resolve();
  host.onsend = (message) => {
    last = last.then(async () => apply(await toPython(message)));
    window.answered = last;
  };
}"""


class LiveWidget(FakeNotebook):
    """
    A page with one widget, whose commands a Python widget executes.

    Args:
      browser: Where to open it.
      widget: The Python widget.
      comm: The page's end of its comm.
      **options: As for `FakeNotebook`.
    """

    connect: ClassVar[str] = _CONNECT

    def __init__(self, browser: Browser, widget: Any, comm: Page, **options: Any) -> None:
        self.widget = widget
        self.comm = comm
        self._updates, self._messages = len(comm.updates), len(comm.messages)
        state = {name: value for name, value in comm.state.items() if _is_json(value)}
        super().__init__(browser, bundle=widget._bundle, defaults=state, **options)
        self.tab.answer = self._to_python
        self.page.evaluate(self.connect)

    def _to_python(self, message: dict[str, Any]) -> list[dict[str, Any]]:
        self.comm.send(**message)
        return self._news()

    def _news(self) -> list[dict[str, Any]]:
        """Deliver what Python has sent since the last call: changes of state before replies, their usual order."""
        updates, messages = self.comm.updates[self._updates :], self.comm.messages[self._messages :]
        # The worker may have sent more meanwhile.
        self._updates += len(updates)
        self._messages += len(messages)
        states = [{name: value for name, value in state.items() if _is_json(value)} for state in updates]
        return [{"state": state} for state in states] + [{"content": content} for content, _ in messages]

    def push(self) -> None:
        """Deliver to the page what a test has changed in Python."""
        self.page.evaluate("(news) => apply(news)", self._news())
        self.settle()

    def settle(self) -> None:
        """Wait until the page is idle, including replies from Python to what it gathers for up to 80 ms."""
        super().settle()
        super().settle()


class BinaryWidget(LiveWidget):
    """A page whose widget also sends bytes, in its state and in messages."""

    connect: ClassVar[str] = _CONNECT_BINARY

    def __init__(self, browser: Browser, widget: Any, comm: Page, **options: Any) -> None:
        super().__init__(browser, widget, comm, **options)
        self.page.evaluate("() => [...host.sent].forEach((message) => host.onsend(message))")
        self.push()

    def _news(self) -> list[dict[str, Any]]:
        updates, messages = self.comm.updates[self._updates :], self.comm.messages[self._messages :]
        self._updates += len(updates)
        self._messages += len(messages)
        news: list[dict[str, Any]] = []
        for state in updates:
            data = {name: _text(value) for name, value in state.items() if not _is_json(value)}
            plain = {name: value for name, value in state.items() if name not in data}
            news.append({"state": plain, "data": data})
        return news + [{"content": content, "buffers": list(map(_text, buffers))} for content, buffers in messages]


def _text(data: Any) -> str:
    return base64.b64encode(bytes(data)).decode()


def _is_json(value: Any) -> bool:
    return not isinstance(value, (bytes, memoryview))
