"""How much a page builds: the measure of work that is the same on every machine."""

from __future__ import annotations

from playwright.sync_api import Page

_WATCH = """() => {
  window.elementsMade = new Set();
  new MutationObserver((changes) => {
    for (const node of changes.flatMap((change) => [...change.addedNodes])) {
      if (node instanceof Element) [node, ...node.querySelectorAll("*")].forEach((each) => elementsMade.add(each));
    }
  }).observe(document.body, { childList: true, subtree: true });
}"""


class Mutations:
    """Counts the elements that a page adds to itself from now on, except the options of native selects."""

    def __init__(self, page: Page) -> None:
        self._page = page
        page.evaluate(_WATCH)

    @property
    def elements(self) -> int:
        return int(self._page.evaluate("() => [...elementsMade].filter((each) => each.tagName !== 'OPTION').length"))
