"""`Layer` and `LayerList`."""

from __future__ import annotations

import copy

import pytest

from lucid_widgets.errors import UnknownNameError
from lucid_widgets.modelzoo.vision_models import Layer, LayerList

CONV = Layer("conv2d0", "conv", 64, 0.25)
HEAD = Layer("softmax", "dense", None, 1.0)
LAYERS = LayerList([CONV, HEAD], owner="Net")


def test_layer_list_is_indexed_by_number_and_name() -> None:
    assert LAYERS[0] is CONV
    assert LAYERS[-1] is LAYERS["softmax"] is HEAD
    assert LAYERS["conv2d0"].depth == 64
    assert LAYERS.names == ("conv2d0", "softmax")
    assert "conv2d0" in LAYERS
    assert HEAD in LAYERS
    assert "conv" not in LAYERS
    with pytest.raises(UnknownNameError, match=r"^Net has no layer named 'conv2d'\. Did you mean 'conv2d0'\?$"):
        LAYERS["conv2d"]


def test_slices_and_copies_stay_layer_lists() -> None:
    for again in (LAYERS[:], copy.deepcopy(LAYERS)):
        assert isinstance(again, LayerList)
        assert (again.owner, again) == ("Net", LAYERS)


def test_prints_an_aligned_table() -> None:
    assert repr(LAYERS) == "conv2d0  conv   64\nsoftmax  dense  ?"
    assert repr(LayerList()) == "(no layers)"


def test_layers_are_frozen() -> None:
    with pytest.raises(AttributeError):
        CONV.name = "other"  # type: ignore[misc]
