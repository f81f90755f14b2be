"""The families of keras.applications with random weights: their input ranges, their outputs, and that they render.

With the environment variable `LUCID_WIDGETS_ALL_NETWORKS=1`, 22 networks render with the list of their classes, which
takes minutes. Without it, those that take longest do not render.
"""

from __future__ import annotations

import functools
import os
from typing import Any

import keras
import numpy as np
import pytest
from keras import applications, layers
from modelzoo.tiny_nets import evaluate

from lucid_widgets import LucidWidget
from lucid_widgets.errors import ArgumentError, UnknownNameError
from lucid_widgets.modelzoo.vision_models import KerasModel, from_keras
from lucid_widgets.optvis import param
from lucid_widgets.optvis.render import render_vis

pytestmark = pytest.mark.slow

# A network of each family at its own size, with the module of its preprocess_input. VGG19 is built of the layers of
# VGG16.
FAMILIES: dict[str, tuple[Any, dict[str, Any]]] = {
    "VGG16": (applications.vgg16, {"input_shape": (64, 64, 3)}),  # 120 million weights are for 224 x 224
    "ResNet50": (applications.resnet, {}),
    "ResNet50V2": (applications.resnet_v2, {}),
    "DenseNet121": (applications.densenet, {}),
    "InceptionV3": (applications.inception_v3, {}),
    "InceptionResNetV2": (applications.inception_resnet_v2, {}),
    "Xception": (applications.xception, {}),
    "MobileNet": (applications.mobilenet, {}),
    "MobileNetV2": (applications.mobilenet_v2, {}),
    "MobileNetV3Small": (applications.mobilenet_v3, {}),
    "NASNetMobile": (applications.nasnet, {}),
    "EfficientNetB0": (applications.efficientnet, {}),
    "EfficientNetV2B0": (applications.efficientnet_v2, {}),
    "ConvNeXtTiny": (applications.convnext, {}),
}
# More members of the families, also at their own size.
MORE: dict[str, tuple[Any, dict[str, Any]]] = {
    "VGG19": (applications.vgg19, {}),
    "ResNet101": (applications.resnet, {}),
    "ResNet152V2": (applications.resnet_v2, {}),
    "DenseNet169": (applications.densenet, {}),
    "MobileNetV3Large": (applications.mobilenet_v3, {}),
    "EfficientNetB1": (applications.efficientnet, {}),
    "EfficientNetV2S": (applications.efficientnet_v2, {}),
    "ConvNeXtSmall": (applications.convnext, {}),
}
ALL_NETWORKS = "LUCID_WIDGETS_ALL_NETWORKS" in os.environ
SLOWEST = ("InceptionResNetV2", "NASNetMobile", "EfficientNetV2B0")
RENDERED = [*FAMILIES, *MORE] if ALL_NETWORKS else [name for name in FAMILIES if name not in SLOWEST]
# Layers of deep networks behind at least one block of each kind, which are compared in place of the last feature map.
DEEP_ENOUGH = {
    "DenseNet121": "pool3_pool",
    "InceptionV3": "mixed5",
    "NASNetMobile": "normal_add_1_5",
    "EfficientNetB0": "block4a_project_bn",
    "EfficientNetV2B0": "block4b_add",
    "ConvNeXtTiny": "convnext_tiny_stage_2_block_0_layer_scale",
}


@functools.cache
def network(family: str, **settings: Any) -> Any:
    keras.utils.clear_session()
    keras.utils.set_random_seed(0)
    return getattr(applications, family)(**{"weights": None, **(FAMILIES | MORE)[family][1], **settings})


@functools.cache
def adapted(family: str) -> KerasModel:
    return from_keras(network(family))


def photographs(size: int = 64) -> np.ndarray:
    """Images in [0, 1] whose channels have different ranges, so that swapped channels are noticed."""
    noise = np.random.default_rng(1).uniform(size=(1, size, size, 3))
    return np.float32(noise * (1, 0.5, 0.25) + (0, 0.1, 0.7))


# InceptionResNetV2 consists of layers of its two parents.
@pytest.mark.parametrize("name", [name for name in FAMILIES if name != "InceptionResNetV2"])
def test_input_and_output_match_keras(name: str) -> None:
    adapter, model = adapted(name), network(name)
    photos = photographs(model.input_shape[1] or 224)
    expected = FAMILIES[name][0].preprocess_input(255 * photos)
    np.testing.assert_allclose(adapter.create_input(photos)[1], expected, rtol=1e-4, atol=2e-3)
    maps = [layer.name for layer in model.layers if len(layer.output.shape) == 4 and layer.output.shape[1] != 1]
    layer = DEEP_ENOUGH.get(name, maps[-1])
    (output,) = evaluate(adapter, [layer], photos)
    wanted = keras.Model(model.input, model.get_layer(layer).output)(expected, training=False).numpy()
    np.testing.assert_allclose(output, wanted, rtol=2e-3, atol=2e-3 * np.abs(wanted).max())


def test_families_with_scaling_layers_expect_0_to_255() -> None:
    check(adapted("ConvNeXtTiny"), (0, 255))
    check(adapted("EfficientNetB0"), (0, 255))


def test_densenet_range_matches_its_preprocess_input() -> None:
    expected = applications.densenet.preprocess_input(255 * photographs())
    np.testing.assert_allclose(adapted("DenseNet121").create_input(photographs())[1], expected, atol=1e-5)


CAFFE = ((-103.939, -116.779, -123.68), (151.061, 138.221, 131.32))
TORCH = ((-0.485 / 0.229, -0.456 / 0.224, -0.406 / 0.225), (0.515 / 0.229, 0.544 / 0.224, 0.594 / 0.225))


def check(adapter: Any, value_range: Any, is_BGR: bool = False) -> None:
    for bound, expected in zip(adapter.image_value_range, value_range, strict=True):
        np.testing.assert_allclose(bound, expected, rtol=1e-5)
    assert adapter.is_BGR is is_BGR


# How the family is recognized.


@pytest.mark.parametrize(
    ("name", "expected"),
    [("MobileNetV3Small", (-1, 1)), ("EfficientNetV2B0", TORCH), ("ConvNeXtTiny", TORCH)],
)
def test_families_without_their_preprocessing_layers(name: str, expected: Any) -> None:
    check(from_keras(network(name, include_preprocessing=False)), expected)


def test_recognizes_family_by_layers_under_any_name() -> None:
    vgg = network("VGG16", name="mine", include_top=False)
    check(from_keras(vgg), CAFFE, is_BGR=True)
    check(from_keras(keras.Model(vgg.input, vgg.get_layer("block2_pool").output)), CAFFE, is_BGR=True)
    image = keras.Input((64, 64, 3))
    nested = keras.Model(image, layers.GlobalAveragePooling2D()(vgg(layers.RandomFlip()(image))))
    check(from_keras(nested), CAFFE, is_BGR=True)
    check(from_keras(keras.Sequential([keras.Input((64, 64, 3)), vgg, layers.Flatten()])), CAFFE, is_BGR=True)


@pytest.mark.parametrize("name", ["VGG16", "ResNet50V2", "DenseNet121"])
def test_model_with_preprocess_input_inside_expects_0_to_255(name: str) -> None:
    keras.utils.clear_session()
    image = keras.Input((None, None, 3))
    ready = FAMILIES[name][0].preprocess_input(image)
    stem = layers.Conv2D(64, 3, name="block1_conv1")(layers.ZeroPadding2D()(ready))
    check(from_keras(keras.Model(image, stem)), (0, 255))


def like_vgg(filters: int, mark: str) -> Any:
    keras.utils.clear_session()
    image = keras.Input((None, None, 3))
    x = layers.Conv2D(filters, 3, padding="same", name="block1_conv1")(image)
    x = layers.Conv2D(64, 3, name=mark)(x)
    return keras.Model(image, layers.MaxPooling2D(name="block1_pool")(x), name="vgg16")


def test_similar_model_is_not_mistaken_for_a_family() -> None:
    check(from_keras(like_vgg(64, "block1_conv2")), CAFFE, is_BGR=True)
    check(from_keras(like_vgg(32, "block1_conv2")), (-1, 1))
    check(from_keras(like_vgg(64, "block1_conv_2")), (-1, 1))


def test_model_that_scales_0_to_1_expects_0_to_1() -> None:
    image = keras.Input((8, 8, 3))
    centered = keras.Model(image, layers.ReLU()(image * 2 - 1))
    check(from_keras(centered), (0, 1))
    check(from_keras(keras.Model(image, layers.ReLU()(image / 127.5 - 1))), (0, 255))
    # (1 - 0.45) / 0.2 is 2.75, but (255 - 0.45) / 0.2 is 1272.75.
    normal = layers.Normalization(mean=[0.45] * 3, variance=[0.04] * 3)
    check(from_keras(keras.Model(image, layers.ReLU()(normal(image)))), (0, 1))
    flipped = layers.Rescaling(1 / 255)(layers.RandomFlip()(image))
    check(from_keras(keras.Model(image, layers.ReLU()(flipped))), (0, 255))


# Explicit preprocessing.


def test_explicit_preprocessing_takes_precedence() -> None:
    vgg = like_vgg(64, "block1_conv2")
    check(from_keras(vgg, image_value_range=(0, 1)), (0, 1))
    check(from_keras(vgg, is_BGR=False), [bound[::-1] for bound in CAFFE])
    check(from_keras(vgg, preprocess="torch"), TORCH)
    check(from_keras(vgg, preprocess="raw"), (0, 255))
    check(from_keras(vgg, preprocess=applications.resnet.preprocess_input), CAFFE, is_BGR=True)
    check(from_keras(vgg, preprocess=applications.densenet.preprocess_input), TORCH)
    check(from_keras(vgg, preprocess=lambda x: x / 255), ([0] * 3, [1] * 3))


def test_rejects_unusable_preprocessing() -> None:
    vgg = like_vgg(64, "block1_conv2")
    with pytest.raises(
        UnknownNameError, match=r"^preprocess= has no convention named 'cafe'\. Did you mean 'caffe'\?$"
    ):
        from_keras(vgg, preprocess="cafe")
    with pytest.raises(ArgumentError, match=r"^'sqrt' is not a scale and an offset per channel\. Make it"):
        from_keras(vgg, preprocess=np.sqrt)
    with pytest.raises(ArgumentError, match=r"^preprocess= was passed with image_value_range= or is_BGR=\."):
        from_keras(vgg, image_value_range=(0, 1), preprocess="raw")


# Rendering.


@pytest.mark.parametrize("name", RENDERED)
@pytest.mark.filterwarnings("ignore::lucid_widgets.errors.GradientWarning")
def test_what_the_widget_offers_first_runs(name: str) -> None:
    widget = LucidWidget(adapted(name), steps=1, show_classes=ALL_NETWORKS)
    widget.run()
    assert widget.wait(300) == "done"
    image = widget.image
    widget.close()
    assert image is not None
    side = min(128, network(name).input_shape[1] or 128)
    assert image.shape == (1, side, side, 3)
    assert np.isfinite(image).all()


@pytest.mark.parametrize(("name", "layer", "size"), [("VGG16", "block2_conv1", 224), ("ConvNeXtTiny", "stem", 96)])
def test_families_render_at_any_size(name: str, layer: str, size: int) -> None:
    layer = next(each for each in adapted(name).layers.names if layer in each)
    (image,) = render_vis(adapted(name), f"{layer}:1", lambda: param.image(size), thresholds=(2,), verbose=False)
    assert image.shape == (1, size, size, 3)
    assert np.isfinite(image).all()
    assert image.std() > 0
