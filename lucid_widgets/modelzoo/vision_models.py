"""The models that can be looked into, and how to bring your own.

| name | what it is |
|---|---|
| `EmojiNet` | the network that comes with the package: 128 emoji and 32 textures |
| `InceptionV1` | Lucid's network (GoogLeNet), from a frozen graph |
| `from_graphdef` | any frozen TensorFlow graph (`.pb`) |
| `GraphDefModel` | the base of classes in Lucid's style, such as `InceptionV1` |
| `from_saved_model` | any SavedModel (a folder) |
| `from_keras` | any functional or Sequential Keras 3 model |
| `as_model` | whichever of these fits: a model, a Keras model, or a path |
| `Model` | what they have in common |
| `Layer`, `LayerList` | what `model.layers` is made of |
"""

from lucid_widgets.modelzoo.adapt import as_model
from lucid_widgets.modelzoo.emojinet import EmojiNet, embedded_model
from lucid_widgets.modelzoo.graphdef_models import GraphDefModel, InceptionV1, from_graphdef
from lucid_widgets.modelzoo.keras_models import KerasModel, from_keras
from lucid_widgets.modelzoo.saved_models import SavedModel, from_saved_model
from lucid_widgets.modelzoo.vision_base import Layer, LayerList, Model

__all__ = [
    "EmojiNet",
    "GraphDefModel",
    "InceptionV1",
    "KerasModel",
    "Layer",
    "LayerList",
    "Model",
    "SavedModel",
    "as_model",
    "embedded_model",
    "from_graphdef",
    "from_keras",
    "from_saved_model",
]
