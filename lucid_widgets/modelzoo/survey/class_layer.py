"""`class_layer`, `score_layer`, `logit_layer`: the layers of a model that score its classes."""

from __future__ import annotations

from typing import Any

from lucid_widgets.modelzoo.survey.layer import Layer

__all__ = ["class_layer", "logit_layer", "score_layer"]


def class_layer(model: Any) -> str | None:
    """Return the layer with one channel per label, preferably before the softmax; None if the model has no labels."""
    if model.labels is None:
        return None
    fitting = [layer for layer in _own_layers(model) if layer.channels == len(model.labels)]
    before = [layer for layer in fitting if layer.kind != "softmax"]
    return (before or fitting)[-1].name if fitting else None


def score_layer(model: Any) -> str | None:
    """Return the layer to read classes from, also for a model without labels; None if there is none.

    Without labels, the last layer scores classes if it is a softmax, or a dense layer without an activation, as losses
    with `from_logits=True` expect. An embedding or a regression that ends in such a layer cannot be told from it.
    """
    named = class_layer(model)
    own = _own_layers(model)
    if named is not None or not own:
        return named
    last = own[-1]
    before = model.network.before_activation(last.name)
    is_softmax = last.kind == "softmax" or (before is not None and before[1] == "softmax")
    is_logits = last.kind == "dense" and before is None and len(last.shape or ()) == 1
    return last.name if (is_softmax or is_logits) and (last.channels or 0) > 1 else None


def logit_layer(model: Any) -> str | None:
    """Return the layer whose channels to maximize for a class, which are logits where the model has them.

    While a network is sure of one class, the probabilities of all others have almost no gradient.
    """
    scores = score_layer(model)
    before = None if scores is None else model.network.before_activation(scores)
    return before[0] if before is not None and before[1] == "softmax" else scores


def _own_layers(model: Any) -> list[Layer]:
    """The layers of the network itself, without readouts."""
    added = {name for each in model.readouts for name in each.layers}
    return [layer for layer in model.browsable_layers if layer.name not in added]
