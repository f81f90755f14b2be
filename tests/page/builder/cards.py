"""Cards of terms in the objective builder, as a user works with them."""

from __future__ import annotations

from optvis.tiny_network import Tiny
from page.live_widget import LiveWidget
from playwright.sync_api import Locator


class Net(Tiny):
    """The tiny network with a default objective."""

    first_look = ("relu", 1)


class Card:
    """The card of one term."""

    def __init__(self, live: LiveWidget, index: int = -1) -> None:
        self.live = live
        self.el = live.page.locator("[data-lucidw=term]").nth(index)

    def part(self, name: str) -> Locator:
        return self.el.locator(f'[data-lucidw="{name}"]')

    def type(self, name: str, text: str) -> None:
        self.part(name).fill(text)
        self.part(name).press("Enter")
        self.live.settle()

    def layer(self, name: str, field: str = "layer") -> None:
        """Select a layer from the list."""
        self.part(f"field-{field}").click()
        self.live.part("term-layers").locator(f"[data-layer={name}]").click()
        self.live.settle()


def add(live: LiveWidget, kind: str) -> Card:
    live.part("add-term").click()
    live.part(f"add-{kind}").click()
    live.settle()
    return Card(live)
