"""Stages of networks, compared with what a reader of their names and sizes would say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import keras
import pytest
from keras import layers as L

from lucid_widgets.modelzoo.keras.model import from_keras
from lucid_widgets.modelzoo.survey.layer import Layer
from lucid_widgets.modelzoo.survey.stage_names import shared_name, stage_keys, without_shared_prefix
from lucid_widgets.modelzoo.survey.stages import MOST_STAGES, Stage, divide, survey_stages
from lucid_widgets.modelzoo.vision_models import EmojiNet


def layer(name: str, side: int | None = None, channels: int = 8, kind: str = "conv") -> Layer:
    return Layer(name, kind, channels, 0.5, (channels,) if side is None else (side, side, channels))


def named(stages: tuple[Stage, ...]) -> list[tuple[str, int]]:
    return [(stage.name, stage.count) for stage in stages]


# Names as the networks of Lucid's zoo and of keras.applications have them.
KEYS = {
    "mixed4a": "mixed4",
    "mixed4a_pre_relu": "mixed4",
    "mixed10": "mixed10",
    "Mixed_5b/Branch_0/Conv2d_0a_1x1/Relu": "Mixed_5",
    "conv2_block1_1_conv": "conv2",
    "block1a_dwconv": "block1",
    "block_16_project_BN": "block_16",
    "expanded_conv_3_expand": "expanded_conv_3",
    "block35_1_mixed": "block35",
    "fire2_squeeze1x1": "fire2",
    "layer1.0.conv1": "layer1",
    "encoder/block_2/attention/add": "encoder/block_2",
    "backbone/c2": "backbone/c2",
    "backbone/stem_conv": "backbone/stem",
    "head_bn": "head",
    # These only say what the layer does.
    "conv2d0_pre_relu": None,
    "conv2d_7": None,
    "Conv2d_1a_3x3": None,
    "batch_normalization_3": None,
    "max_pooling2d": None,
    "localresponsenorm0": None,
    "multi_head_attention_2": None,
    "add_12": None,
    "fc6": None,
    "predictions": None,
    "softmax2": None,
}


@pytest.mark.parametrize("name", KEYS)
def test_key_is_the_numbered_start_of_a_name(name: str) -> None:
    assert stage_keys([name]) == [KEYS[name]]


def test_names_lose_the_scope_that_they_share() -> None:
    inner = [f"Mixed_{n}{letter}/concat" for n in (3, 4) for letter in "abcde"]
    assert without_shared_prefix([f"InceptionV3/InceptionV3/{name}" for name in inner]) == inner
    assert without_shared_prefix([f"regnet_stage_{n}_conv" for n in range(3)]) == [f"stage_{n}_conv" for n in range(3)]
    blocks = [f"block_{n}_expand" for n in range(16)]
    assert without_shared_prefix(["Conv1", *blocks]) == ["Conv1", *blocks]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["stem_conv", "stem_bn"], "stem"),
        (["conv2d0", "conv2d1_pre_relu"], "conv2d"),
        (["avgpool", "logits"], "avgpool – logits"),
        (["convolve", "converge"], "convolve – converge"),
        (["logits_pre_relu", "logits"], "logits"),
    ],
)
def test_group_without_a_key_is_named_by_what_its_layers_share(names: list[str], expected: str) -> None:
    assert shared_name(names) == expected


def test_inception_v1_as_lucid_lists_it() -> None:
    sides = {"conv2d0": 112, "conv2d1": 56, "conv2d2": 56, "mixed3a": 28, "mixed3b": 28, "mixed4a": 14, "mixed4b": 14}
    sides |= {"mixed5a": 7, "mixed5b": 7}
    layers = [layer(f"{name}{end}", side) for name, side in sides.items() for end in ("_pre_relu", "")]
    stages = divide([*layers, layer("softmax2_pre_activation"), layer("softmax2", kind="softmax")]).stages
    assert named(stages) == [("conv2d", 6), ("mixed3", 4), ("mixed4", 4), ("mixed5", 4), ("softmax2", 2)]
    assert [stage.layer for stage in stages] == ["conv2d2", "mixed3b", "mixed4b", "mixed5b", "softmax2_pre_activation"]
    assert [stage.size for stage in stages] == [(56, 56), (28, 28), (14, 14), (7, 7), None]
    assert [stage.first for stage in stages] == [0, 6, 10, 14, 18]


def test_resnet_of_keras_applications() -> None:
    names = ["conv1_pad", "conv1_conv", "conv1_bn", "conv1_relu", "pool1_pad", "pool1_pool"]
    layers = [layer(name, 112) for name in names[:4]] + [layer(name, 56, kind="pool") for name in names[4:]]
    for stage, side in ((2, 56), (3, 28), (4, 14), (5, 7)):
        parts = ("1_conv", "1_relu", "2_conv", "add", "out")
        layers += [layer(f"conv{stage}_block{n}_{part}", side) for n in (1, 2) for part in parts]
    stages = divide([*layers, layer("avg_pool", kind="pool"), layer("predictions")]).stages
    assert named(stages) == [
        *(("conv1", 6), ("conv2", 10), ("conv3", 10), ("conv4", 10), ("conv5", 10)),
        ("avg_pool – predictions", 2),
    ]
    assert [stage.layer for stage in stages][:2] == ["conv1_relu", "conv2_block2_out"]
    assert stages[0].size == (112, 112)


def test_names_that_tell_nothing_leave_it_to_the_size() -> None:
    sides = [149, 147, 147, 73, 73, 71, 71, 35, 35, 35, 35, 35, 35, 35, 17, 35, 17, 17, 17]
    layers = [layer(f"conv2d_{n}", side) for n, side in enumerate(sides)]
    layers[-1] = replace(layers[-1], name="mixed3", kind="concat")
    stages = divide([*layers, layer("avg_pool", kind="pool"), layer("predictions")]).stages
    # A branch that is smaller already does not end the stage at 35 x 35.
    assert named(stages) == [("", 3), ("", 4), ("", 9), ("", 3), ("avg_pool – predictions", 2)]
    assert [stage.size for stage in stages] == [(147, 147), (71, 71), (35, 35), (17, 17), None]
    assert stages[3].layer == "mixed3"


def test_an_hourglass_keeps_its_narrow_part() -> None:
    sides = [64, 64, 32, 32, 16, 16, 32, 32, 64, 64]
    stages = divide([layer(f"conv2d_{n}", side) for n, side in enumerate(sides)]).stages
    assert [(stage.size, stage.count) for stage in stages] == [((side, side), 2) for side in (64, 32, 16, 32, 64)]


@pytest.mark.parametrize("sides", [[2 ** (n % 9) for n in range(300)], [8] * 300, [None] * 300, [8]])
def test_stages_are_few_and_hold_every_layer_once(sides: list[int | None]) -> None:
    stages = divide([layer(f"stage{n}_x", side) for n, side in enumerate(sides)]).stages
    assert 1 <= len(stages) <= MOST_STAGES
    assert [place for stage in stages for place in range(stage.first, stage.first + stage.count)] == [
        *range(len(sides))
    ]


def test_no_layers_have_no_stages() -> None:
    assert divide([]).stages == ()


# Connections, on networks that fit on one line.


def conv(name: str, **options: Any) -> Any:
    return L.Conv2D(4, 3, padding="same", name=name, **options)


def residual_net() -> Any:
    image = keras.Input((32, 32, 3))
    x = L.ReLU(name="stem_relu")(conv("stem_conv")(image))
    for stage in (1, 2):
        x = conv(f"stage{stage}_down", strides=2)(x)
        y = L.ReLU(name=f"stage{stage}_relu")(conv(f"stage{stage}_conv")(x))
        x = L.Add(name=f"stage{stage}_add")([x, y])
    return keras.Model(image, L.Dense(10, name="scores")(L.GlobalAveragePooling2D(name="pool")(x)))


def test_links_sums_and_sizes_of_a_residual_network() -> None:
    found = survey_stages(from_keras(residual_net(), image_value_range=(0, 1)))
    assert named(found.stages) == [("stem", 2), ("stage1", 4), ("stage2", 4), ("pool – scores", 2)]
    assert found.links == ((-1, 0), (0, 1), (1, 2), (2, 3))
    assert [stage.residual for stage in found.stages] == [False, True, True, False]
    assert [stage.branches for stage in found.stages] == [1, 1, 1, 1]
    assert [stage.size for stage in found.stages] == [(32, 32), (16, 16), (8, 8), None]
    assert [stage.reduction for stage in found.stages] == [1, 2, 4, None]
    assert [stage.channels for stage in found.stages] == [4, 4, 4, 10]


def test_long_links_of_an_hourglass_and_branches() -> None:
    image = keras.Input((32, 32, 3))
    down1 = conv("down1_b")(conv("down1_a")(image))
    down2 = conv("down2_b")(conv("down2_a", strides=2)(down1))
    parts = [conv(f"bottom1_{part}", strides=2)(down2) for part in "abc"]
    bottom = L.Concatenate(name="bottom1_join")(parts)
    up2 = conv("up2_b")(L.Concatenate(name="up2_join")([L.UpSampling2D(name="up2_grow")(bottom), down2]))
    up1 = conv("up1_b")(L.Concatenate(name="up1_join")([L.UpSampling2D(name="up1_grow")(up2), down1]))
    found = survey_stages(from_keras(keras.Model(image, up1), image_value_range=(0, 1)))
    assert [stage.name for stage in found.stages] == ["down1", "down2", "bottom1", "up2", "up1"]
    assert found.links == ((-1, 0), (0, 1), (0, 4), (1, 2), (1, 3), (2, 3), (3, 4))
    assert [stage.branches for stage in found.stages] == [1, 1, 3, 2, 2]


@pytest.mark.slow
def test_network_for_images_of_any_size_has_reductions() -> None:
    found = survey_stages(EmojiNet())
    assert named(found.stages) == [("conv2d", 4), ("mixed3", 4), ("mixed4", 6), ("mixed5", 4), ("avgpool – probs", 3)]
    assert [(stage.size, stage.reduction) for stage in found.stages[:4]] == [(None, n) for n in (2, 4, 8, 16)]
    assert [stage.branches for stage in found.stages] == [1, 4, 4, 4, 1]
    assert found.stages[-1].layer == "logits"


def test_stages_are_computed_once_for_a_model() -> None:
    model = EmojiNet()
    assert survey_stages(model) is survey_stages(model)
