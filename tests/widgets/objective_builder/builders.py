"""What ObjectiveBuilder's tests share."""

from __future__ import annotations

from typing import Any

from optvis.tiny_network import Tiny

from lucid_widgets.widgets.objective_builder import ObjectiveBuilder


class Net(Tiny):
    """The tiny network for images of one size."""

    first_look = ("relu", 1)


def kinds(builder: ObjectiveBuilder) -> list[str]:
    return [term["kind"] for term in builder.terms]


def ids(builder: ObjectiveBuilder) -> list[int]:
    return [term["id"] for term in builder.terms]


def ok(reply: dict[str, Any]) -> Any:
    assert reply["ok"], reply
    return reply.get("value")
