"""Which layer holds the scores of the classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from lucid_widgets.modelzoo.survey.class_layer import class_layer
from lucid_widgets.modelzoo.vision_base import Layer


class Listed:
    """A model of which only layers and labels are known."""

    readouts = ()

    def __init__(self, layers: Sequence[Layer], labels: Sequence[str] | None) -> None:
        self.layers = self.browsable_layers = layers
        self.labels = labels


INNER = Layer("inner", "conv", 2, 0.3)
WIDE = Layer("wide", "conv", 8, 0.6)
LOGITS = Layer("logits", "dense", 2, 1.0)
SOFTMAX = Layer("softmax", "softmax", 2, 1.0)


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ([INNER, WIDE, LOGITS], "logits"),
        ([INNER, WIDE, LOGITS, SOFTMAX], "logits"),
        ([WIDE, INNER, LOGITS, SOFTMAX], "logits"),
        ([WIDE, SOFTMAX], "softmax"),
        ([WIDE], None),
        ([], None),
    ],
)
def test_class_layer_is_the_last_of_the_layers_with_a_channel_for_each_class(layers: Any, expected: str | None) -> None:
    assert class_layer(Listed(layers, ("cat", "dog"))) == expected  # type: ignore[arg-type]


def test_class_layer_of_a_model_without_labels() -> None:
    assert class_layer(Listed([INNER, LOGITS], None)) is None  # type: ignore[arg-type]
