"""Arguments that a new or changed term gets without asking the user."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lucid_widgets.modelzoo.survey.class_layer import logit_layer
from lucid_widgets.modelzoo.vision_models import Model
from lucid_widgets.optvis.objectives.terms import Term
from lucid_widgets.widgets._terms.fields import fields_of, suggested_arguments, suggested_weight
from lucid_widgets.widgets._terms.rows import Rows, check_kind
from lucid_widgets.widgets._workbench.presets import middle_layer


def new_term(kind: str, layer: str, rows: Rows, model: Model, batch: int | None, size: int) -> Term:
    """A term with as many arguments as can be chosen without asking the user.

    Args:
        kind: The kind of term.
        layer: The layer to use; "" takes the last one that the rows use, or one in the middle of the model.
        rows: The rows that exist.
        model: The model.
        batch: Number of images; None if unknown.
        size: Width and height of the images in pixels.
    """
    arguments = suggested_arguments(kind)
    layers = model.browsable_layers
    logits = (logit_layer(model) or layers[-1].name) if kind == "class_logit" and layers else ""
    others = (row.term for row in reversed(rows.rows) if row.term.kind != "class_logit")
    used = (name for term in others for name in _layers_of(term))
    name = logits or layer or next(used, "") or middle_layer(model).name
    for field in fields_of(kind):
        if field.type == "layer" and field.default is None:
            arguments[field.name] = name
        elif field.type == "channel":
            arguments[field.name] = 0
        elif field.type == "channels":
            arguments[field.name] = list(range(batch or 1))
        elif field.type == "label" and not model.labels:
            arguments[field.name] = 0
        elif field.type == "shape":
            arguments[field.name] = [1, size, size, model.image_shape[-1] or 3]
    weight, negative = suggested_weight(kind)
    return Term(kind, arguments, weight, negative)


def changed_row(
    rows: Rows, id: Any, changes: Mapping[str, Any], model: Model, make_term: Callable[[str], Term]
) -> Rows:
    """Change a row, and adapt what the change made impossible.

    Another layer limits the channel to those it has. Another kind brings its own weight, unless the user chose one.

    Args:
        rows: The rows that exist.
        id: The row to change.
        changes: The properties of the row, see `Rows.changed`.
        model: The model.
        make_term: Makes a new term of a kind.
    """
    if "kind" in changes:
        return _changed_kind(rows, id, changes, make_term)
    rows = rows.changed(id, **changes)
    term = rows.rows[rows.index(id)].term
    return rows.changed(id, arguments=_channels_in_range(term, changes["arguments"], model))


def _changed_kind(rows: Rows, id: Any, changes: Mapping[str, Any], make_term: Callable[[str], Term]) -> Rows:
    before = rows.rows[rows.index(id)].term
    fresh = make_term(check_kind(changes["kind"]))
    weight: dict[str, Any] = {}
    if (before.weight, before.negative) == suggested_weight(before.kind):
        weight = {"weight": fresh.weight, "negative": fresh.negative}
    rows = rows.changed(id, **{**weight, **changes})
    now = rows.rows[rows.index(id)].term.arguments
    # The layer of a class logit is fixed, and no layer of another term fits.
    classes = fresh.kind == "class_logit"
    missing = {name: value for name, value in fresh.arguments.items() if classes or now.get(name) is None}
    return rows.changed(id, arguments={**missing, **changes["arguments"]})


def _channels_in_range(term: Term, given: Mapping[str, Any], model: Model) -> dict[str, int]:
    """The channels of a term whose layers were changed, limited to the channels that the layers have."""
    limited = {}
    for field in fields_of(term.kind):
        layer, channel = term.arguments.get(field.of), term.arguments.get(field.name)
        if field.type == "channel" and field.of in given and isinstance(layer, str) and isinstance(channel, int):
            count = model.get_layer(layer).channels
            limited[field.name] = channel if count is None else min(channel, count - 1)
    return limited


def _layers_of(term: Term) -> list[str]:
    found = [term.arguments.get(field.name) for field in fields_of(term.kind) if field.type == "layer"]
    return [name for name in found if isinstance(name, str) and name not in ("", "input")]
