"""What a page holds: the memory of its scripts, and the elements of our views."""

from __future__ import annotations

from playwright.sync_api import Page

# Prototypes of elements are found, too.
_OURS = """function() {
  const ours = this.filter((each) => !Object.hasOwn(each, "constructor") && each.closest(".lucidw"));
  const removed = ours.filter((each) => !each.isConnected);
  return [ours.length - removed.length, removed.length];
}"""

# Chromium keeps the form controls of a page for its history, also those that were removed, until it lists them again.
# The second look nearly always finds them gone.
_LOOKS_FOR_REMOVED = 4
_MS_BETWEEN_LOOKS = 500


class PageMemory:
    """Looks at the page after collecting its garbage."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._devtools = page.context.new_cdp_session(page)
        self._devtools.send("Performance.enable")

    def look(self) -> dict[str, float]:
        """Memory of the scripts in MB, and the numbers of our elements that are on the page and that were removed."""
        for _ in range(_LOOKS_FOR_REMOVED):
            elements, removed = self._elements()
            if removed == 0:
                break
            self._page.wait_for_timeout(_MS_BETWEEN_LOOKS)
        metrics = {each["name"]: each["value"] for each in self._devtools.send("Performance.getMetrics")["metrics"]}
        return {"page MB": metrics["JSHeapUsedSize"] / 1e6, "elements": elements, "removed": removed}

    def _elements(self) -> tuple[int, int]:
        prototype = self._devtools.send("Runtime.evaluate", {"expression": "Element.prototype"})["result"]["objectId"]
        found = self._devtools.send("Runtime.queryObjects", {"prototypeObjectId": prototype, "objectGroup": "look"})
        counts = self._devtools.send(
            "Runtime.callFunctionOn",
            {"objectId": found["objects"]["objectId"], "functionDeclaration": _OURS, "returnByValue": True},
        )
        self._devtools.send("Runtime.releaseObjectGroup", {"objectGroup": "look"})
        on_page, removed = counts["result"]["value"]
        return on_page, removed
