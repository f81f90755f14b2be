"""The entries of the menu of networks, as records for the page."""

from __future__ import annotations

from typing import Any, Literal

from lucid_widgets.modelzoo.catalog.networks import Offer, model_files, offers
from lucid_widgets.modelzoo.nets_factory import models_map
from lucid_widgets.modelzoo.vision_models import Model
from lucid_widgets.widgets._network.in_use import UNKNOWN, NetworkInUse, Source
from lucid_widgets.widgets._network.variables import notebook_models

Kind = Literal["given", "variable", "name", "file"]
"""How a network is found: it was passed to the widget, or by the name of a variable, of a network, or of a file."""

KINDS: tuple[Kind, ...] = ("given", "variable", "name", "file")


def options(given: NetworkInUse, now: NetworkInUse) -> list[dict[str, Any]]:
    """All networks to choose from, in the order of the menu.

    Each has a `kind` and a `key` that name it, a `group`, a `name`, a line `about` it, a `state` ("current", "here",
    "download" or "missing"), and the `megabytes` of its download.

    Args:
        given: The network that the widget was made with, which comes first unless it is listed by its name.
        now: The network that the widget visualizes.
    """
    rows = [] if given.source.code else [_row("given", "", "given", given.name, "The model of this cell")]
    rows += [
        _row("variable", name, "notebook", name, _about(value))
        for name, value in notebook_models().items()
        if value is not given.model
    ]
    files = [_row("file", str(file), "files", file.name, str(file.parent)) for file in model_files()]
    named = [_of_offer(offer) for offer in offers()]
    for group in ("zoo", "files", "keras", "missing"):
        rows += [row for row in (*files, *named) if row["group"] == group]
    for row in rows:
        source = source_of_choice(row["kind"], row["key"])
        if now.source == source if source.code else now.model is given.model:
            row["state"] = "current"
    return rows


def source_of_choice(kind: str, key: str) -> Source:
    """Where the network of a choice comes from; unknown for the network that the widget was made with."""
    if kind == "given":
        return UNKNOWN
    if kind == "name" and key in models_map:
        return Source(f"models.{key}()")
    return Source(f"models.as_model({key})", key) if kind == "variable" else Source(f"models.as_model({key!r})")


def _of_offer(offer: Offer) -> dict[str, Any]:
    state = "here" if offer.is_here else "download" if offer.megabytes else "missing"
    group = offer.group if state != "missing" else "missing"
    return _row("name", offer.name, group, offer.name, offer.about, state, offer.megabytes)


def _row(
    kind: Kind, key: str, group: str, name: str, about: str, state: str = "here", megabytes: int = 0
) -> dict[str, Any]:
    return {
        "kind": kind,
        "key": key,
        "group": group,
        "name": name,
        "about": about,
        "state": state,
        "megabytes": megabytes,
    }


def _about(value: Any) -> str:
    kind = "model" if issubclass(type(value), Model) else "Keras model"
    return f"{kind} {value.name!r}"


__all__ = ["KINDS", "Kind", "options", "source_of_choice"]
