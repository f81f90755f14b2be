"""The models of the zoo, and functions that make models of your own networks.

| name | what it is |
|---|---|
| `EmojiNet` | the network included in the package: 128 emoji and 32 textures |
| `EmojiViT` | the transformer included in the package, with the same classes |
| `emoji_images` | labeled images for both |
| `InceptionV1` | the network of Lucid's tutorials (GoogLeNet) |
| `InceptionV1_slim`, `VGG16_caffe`, `AlexNet`, ... | the other networks of Lucid's zoo, which need their files |
| `nets_factory.get_model` | any of these by name |
| `from_graphdef` | a frozen TensorFlow graph (`.pb`) |
| `from_saved_model` | a SavedModel (a folder) |
| `from_keras` | a Keras 3 model |
| `from_clip` | the image encoder of a CLIP of KerasHub, with its text encoder |
| `as_model` | any of these, selected by the type of the argument: a model, a Keras model, or a path |
| `Model` | the base class of all models; `Model.load` reads what `model.save` wrote, here or in Lucid |
| `GraphDefModel` | a model with a GraphDef |
| `Network` | the interface to implement for another kind of model |
| `TokenGrid` | which tokens of a transformer are patches, and where |
| `VolumeSheet` | how volumes are shown as sheets of slices |
| `Layer`, `LayerList` | the elements and the type of `model.layers` |
"""

from lucid_widgets.modelzoo.adapt import as_model
from lucid_widgets.modelzoo.base.token_grid import TokenGrid
from lucid_widgets.modelzoo.base.volume_sheet import VolumeSheet
from lucid_widgets.modelzoo.caffe_models import (
    AlexNet_caffe_Places365,
    CaffeNet_caffe,
    InceptionV1_caffe,
    InceptionV1_caffe_Places205,
    InceptionV1_caffe_Places365,
    VGG16_caffe,
    VGG19_caffe,
)
from lucid_widgets.modelzoo.embeddings import from_clip
from lucid_widgets.modelzoo.emojinet import EmojiNet, embedded_model, emoji_images
from lucid_widgets.modelzoo.emojivit import EmojiViT
from lucid_widgets.modelzoo.graphdef.inception_v1 import InceptionV1
from lucid_widgets.modelzoo.graphdef.model import GraphDefModel, from_graphdef
from lucid_widgets.modelzoo.graphdef.saved_model import SavedModel, from_saved_model
from lucid_widgets.modelzoo.keras.model import KerasModel, from_keras
from lucid_widgets.modelzoo.other_models import AlexNet, Clip_ResNet50_4x, InceptionV1_adv_finetuned
from lucid_widgets.modelzoo.slim_models import (
    InceptionResnetV2_slim,
    InceptionV1_slim,
    InceptionV2_slim,
    InceptionV3_slim,
    InceptionV4_slim,
    MobilenetV1_025_slim,
    MobilenetV1_050_slim,
    MobilenetV1_slim,
    MobilenetV2_10_slim,
    MobilenetV2_14_slim,
    NasnetLarge_slim,
    NasnetMobile_slim,
    PnasnetLarge_slim,
    PnasnetMobile_slim,
    ResnetV1_50_slim,
    ResnetV1_101_slim,
    ResnetV1_152_slim,
    ResnetV2_50_slim,
    ResnetV2_101_slim,
    ResnetV2_152_slim,
)
from lucid_widgets.modelzoo.vision_base import Layer, LayerList, Model, Network

__all__ = [
    "AlexNet",
    "AlexNet_caffe_Places365",
    "CaffeNet_caffe",
    "Clip_ResNet50_4x",
    "EmojiNet",
    "EmojiViT",
    "GraphDefModel",
    "InceptionResnetV2_slim",
    "InceptionV1",
    "InceptionV1_adv_finetuned",
    "InceptionV1_caffe",
    "InceptionV1_caffe_Places205",
    "InceptionV1_caffe_Places365",
    "InceptionV1_slim",
    "InceptionV2_slim",
    "InceptionV3_slim",
    "InceptionV4_slim",
    "KerasModel",
    "Layer",
    "LayerList",
    "MobilenetV1_025_slim",
    "MobilenetV1_050_slim",
    "MobilenetV1_slim",
    "MobilenetV2_10_slim",
    "MobilenetV2_14_slim",
    "Model",
    "NasnetLarge_slim",
    "NasnetMobile_slim",
    "Network",
    "PnasnetLarge_slim",
    "PnasnetMobile_slim",
    "ResnetV1_50_slim",
    "ResnetV1_101_slim",
    "ResnetV1_152_slim",
    "ResnetV2_50_slim",
    "ResnetV2_101_slim",
    "ResnetV2_152_slim",
    "SavedModel",
    "TokenGrid",
    "VGG16_caffe",
    "VGG19_caffe",
    "VolumeSheet",
    "as_model",
    "embedded_model",
    "emoji_images",
    "from_clip",
    "from_graphdef",
    "from_keras",
    "from_saved_model",
]
