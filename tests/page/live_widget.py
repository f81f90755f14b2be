"""A page connected to a real Python widget, without a notebook."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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


class LiveWidget(FakeNotebook):
    """
    A page with one widget, whose commands a Python widget executes.

    Args:
      browser: Where to open it.
      widget: The Python widget.
      comm: The page's end of its comm.
      **options: As for `FakeNotebook`.
    """

    def __init__(self, browser: Browser, widget: Any, comm: Page, **options: Any) -> None:
        self.widget = widget
        self.comm = comm
        self._updates, self._messages = len(comm.updates), len(comm.messages)
        state = {name: value for name, value in comm.state.items() if _is_json(value)}
        super().__init__(browser, bundle=widget._bundle, defaults=state, **options)
        self.tab.answer = self._to_python
        self.page.evaluate(_CONNECT)

    def _to_python(self, message: dict[str, Any]) -> list[dict[str, Any]]:
        self.comm.send(**message)
        return self._news()

    def _news(self) -> list[dict[str, Any]]:
        """Deliver what Python has sent since the last call: changes of state before replies, their usual order."""
        updates, messages = self.comm.updates[self._updates :], self.comm.messages[self._messages :]
        self._updates, self._messages = len(self.comm.updates), len(self.comm.messages)
        states = [{name: value for name, value in state.items() if _is_json(value)} for state in updates]
        return [{"state": state} for state in states] + [{"content": content} for content, _ in messages]

    def push(self) -> None:
        """Deliver to the page what a test has changed in Python."""
        self.page.evaluate("(news) => apply(news)", self._news())
        self.settle()

    def settle(self) -> None:
        """Wait until the page is idle, including replies from Python."""
        super().settle()
        self.page.evaluate(
            "async () => { let seen; do { seen = window.answered; await seen; } while (seen !== window.answered); }"
        )
        super().settle()


def _is_json(value: Any) -> bool:
    return not isinstance(value, (bytes, memoryview))
