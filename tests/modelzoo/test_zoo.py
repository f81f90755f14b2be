"""Lucid's zoo by name: the facts known about each network, and what happens with and without its file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from modelzoo.tiny_nets import RIGHT, conv, evaluate, graph_def, images, placeholder, two_towers, write

from lucid_widgets.errors import ModelError, UnknownNameError
from lucid_widgets.modelzoo import nets_factory
from lucid_widgets.modelzoo import vision_models as models
from lucid_widgets.modelzoo.files import downloads
from lucid_widgets.modelzoo.graphdef.zoo_model import ZooModel

# Number of layers that Lucid lists for each network, and the largest number of channels among them.
LISTED = {
    "AlexNet": (11, 4096),
    "AlexNet_caffe_Places365": (5, 4096),
    "CaffeNet_caffe": (5, 4096),
    "Clip_ResNet50_4x": (0, 0),
    "InceptionResnetV2_slim": (89, 2080),
    "InceptionV1_caffe": (13, 1024),
    "InceptionV1_caffe_Places205": (13, 1024),
    "InceptionV1_caffe_Places365": (13, 1024),
    "InceptionV1_slim": (13, 1024),
    "InceptionV2_slim": (14, 1024),
    "InceptionV3_slim": (17, 2048),
    "InceptionV4_slim": (23, 1536),
    "MobilenetV1_025_slim": (15, 1001),
    "MobilenetV1_050_slim": (15, 1001),
    "MobilenetV1_slim": (15, 1024),
    "MobilenetV2_10_slim": (11, 1001),
    "MobilenetV2_14_slim": (11, 1001),
    "NasnetLarge_slim": (24, 4032),
    "NasnetMobile_slim": (18, 1056),
    "PnasnetLarge_slim": (16, 4320),
    "PnasnetMobile_slim": (13, 1080),
    "ResnetV1_101_slim": (35, 2048),
    "ResnetV1_152_slim": (52, 2048),
    "ResnetV1_50_slim": (18, 2048),
    "ResnetV2_101_slim": (39, 2048),
    "ResnetV2_152_slim": (56, 2048),
    "ResnetV2_50_slim": (22, 2048),
    "VGG16_caffe": (16, 4096),
    "VGG19_caffe": (19, 4096),
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of models, and an empty one of downloads."""
    (tmp_path / "models").mkdir()
    monkeypatch.setenv("LUCID_WIDGETS_MODEL_DIR", str(tmp_path / "models"))
    monkeypatch.setenv(downloads.CACHE_DIR_VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "models"


def zoo(name: str) -> type[ZooModel]:
    found: type[ZooModel] = getattr(models, name)
    return found


@pytest.mark.parametrize("name", LISTED)
def test_lists_as_many_layers_as_lucid(name: str) -> None:
    listed = zoo(name).listed
    assert (len(listed), max([0, *listed.values()])) == LISTED[name]


@pytest.mark.parametrize(
    ("name", "layer", "channels"),
    [
        ("VGG19_caffe", "conv3_4/conv3_4", 256),
        ("InceptionV1_caffe_Places205", "prob", 205),
        ("InceptionV2_slim", "InceptionV2/InceptionV2/Mixed_4e/concat", 576),
        ("InceptionResnetV2_slim", "InceptionResnetV2/InceptionResnetV2/Repeat_1/block17_20/Relu", 1088),
        ("MobilenetV1_025_slim", "MobilenetV1/MobilenetV1/Conv2d_7_pointwise/Relu6", 128),
        ("MobilenetV2_14_slim", "MobilenetV2/expanded_conv_9/add", 88),
        ("ResnetV1_152_slim", "resnet_v1_152/block3/unit_36/bottleneck_v1/Relu", 1024),
        ("ResnetV2_50_slim", "resnet_v2_50/block4/unit_1/bottleneck_v2/preact/Relu", 1024),
        ("NasnetLarge_slim", "reduction_cell_1/cell_output/concat", 2688),
        ("PnasnetMobile_slim", "cell_5/cell_output/concat", 540),
    ],
)
def test_listed_layer_has_this_many_channels(name: str, layer: str, channels: int) -> None:
    assert zoo(name).listed[layer] == channels


@pytest.mark.slow
def test_map_contains_all_networks_of_lucid_and_those_of_the_package() -> None:
    names = {*LISTED, "InceptionV1", "InceptionV1_adv_finetuned", "EmojiNet", "EmojiViT"}
    assert set(nets_factory.models_map) == names
    assert len(names) == 31 + 2
    for name, model_class in nets_factory.models_map.items():
        assert model_class is getattr(models, name)
        assert model_class.__doc__
    assert nets_factory.get_model("EmojiNet").layers["mixed4a"].channels == 256
    assert nets_factory.get_model("EmojiViT").layers["block0_add"].channels == 128


def test_rejects_unknown_name() -> None:
    with pytest.raises(UnknownNameError, match=r"^The model zoo has no network named 'InceptonV3'\. Did you mean 'Inc"):
        nets_factory.get_model("InceptonV3")


@pytest.mark.parametrize("name", [*LISTED, "InceptionV1_adv_finetuned"])
def test_missing_file_says_which_file_to_put_where(name: str, folder: Path) -> None:
    with pytest.raises(ModelError) as caught:
        nets_factory.get_model(name).get_layer("prob")
    message = str(caught.value)
    assert message.startswith(
        f"The weights of {name} were not found. The folder {str(folder)!r} does not contain them."
    )
    assert f"Lucid downloaded them from {getattr(models, name).source}." in message
    assert f'Pass {name}(path=".../{name}.pb"), or put {name}.pb or ' in message
    assert str(downloads.cache_folder()) in message


def test_distinguishes_files_of_one_name_by_their_folder(folder: Path, tmp_path: Path) -> None:
    def net() -> None:
        conv(placeholder("data"), RIGHT, "inception_3a_output")
        conv(placeholder("input"), RIGHT, "InceptionV1/InceptionV1/Mixed_3b/concat")

    for place in (folder / "caffe_models", tmp_path / "cache" / "slim_models"):
        place.mkdir(parents=True)
        write(graph_def(net), place / "InceptionV1.pb")
    caffe, slim = models.InceptionV1_caffe(), models.InceptionV1_slim()
    assert (caffe.layers.names, slim.layers.names) == (
        ("inception_3a_output",),
        ("InceptionV1/InceptionV1/Mixed_3b/concat",),
    )
    assert "caffe_models" in str(caffe.model_path)
    assert "slim_models" in str(slim.model_path)
    # A pixel of 0.25, 0.5, 1 is 63.75, 127.5, 255, and (63.75 - 123.68) + (127.5 - 116.779) + (255 - 103.939) in sum.
    (value,) = evaluate(caffe, ["inception_3a_output"], images())
    assert value[0, 0, 0, 0] == pytest.approx(101.852, abs=1e-3)
    (value,) = evaluate(slim, ["InceptionV1/InceptionV1/Mixed_3b/concat"], images())
    assert value[0, 0, 0, 0] == pytest.approx(-0.5 + 0 + 1)


def test_caffe_networks_expect_blue_first(folder: Path) -> None:
    def net() -> None:
        tf.nn.relu(conv(placeholder("data"), np.float32([[1], [0], [0]]), "first"), name="prob")

    write(graph_def(net), folder / "CaffeNet_caffe.pb")
    (value,) = evaluate(models.CaffeNet_caffe(), ["prob"], images())
    assert value[0, 0, 0, 0] == pytest.approx(255 - 103.939, abs=1e-3)


def classifier(name: str, classes: int) -> Any:
    def net() -> None:
        mean = tf.reduce_mean(placeholder("input"), [1, 2])
        tf.nn.softmax(tf.matmul(mean, tf.ones((3, classes))), name=name)

    return graph_def(net)


def test_finds_labels_of_the_right_length_next_to_the_file(folder: Path) -> None:
    write(classifier("MobilenetV1/Predictions/Softmax", 1001), folder / "MobilenetV1_slim.pb")
    assert models.MobilenetV1_slim().labels is None
    (folder / "ImageNet_standard.txt").write_text("\n".join(f"class {i}" for i in range(1000)))
    labels = models.MobilenetV1_slim().labels
    assert labels is not None
    assert (len(labels), labels[0], labels[1], labels[-1]) == (1001, "dummy", "class 0", "class 999")
    (folder / "Places365.txt").write_text("\n".join(f"place {i}" for i in range(365)))
    write(classifier("prob", 365), folder / "AlexNet_caffe_Places365.pb")
    places = models.AlexNet_caffe_Places365().labels
    assert places is not None
    assert places[-1] == "place 364"
    assert models.MobilenetV1_slim(labels=["a"]).labels == ["a"]


def test_file_with_other_layers_lists_those(folder: Path) -> None:
    definition = two_towers()
    for node in definition.node:
        node.name = "input_image" if node.name == "image" else node.name
        node.input[:] = ["input_image" if edge == "image" else edge for edge in node.input]
    model = models.Clip_ResNet50_4x(write(definition, folder / "clip.pb"))
    assert "both" in model.layers
    assert (model.labels, model.image_value_range, model.name) == (None, (0, 255), "Clip_ResNet50_4x")


@pytest.mark.models
def test_adversarially_trained_inception_has_pre_relu_layers(models_dir: Path, folder: Path) -> None:
    model = models.InceptionV1_adv_finetuned(models_dir / "inception_v1_bvlc.pb")
    assert model.layers["mixed4a_pre_relu"].kind == "pre_relu"
