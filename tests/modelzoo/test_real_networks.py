"""Networks trained on ImageNet, and their answers for a photograph."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from modelzoo.tiny_nets import evaluate
from PIL import Image

from lucid_widgets.modelzoo.vision_models import InceptionV1, Model, as_model, from_graphdef, from_keras
from lucid_widgets.optvis.render import iter_vis

pytestmark = pytest.mark.models

# Share of the multiply-adds below each layer, counted independently.
SHARES = {
    "conv2d2": 0.30,
    "mixed3a": 0.38,
    "mixed3b": 0.57,
    "mixed4a": 0.62,
    "mixed4b": 0.68,
    "mixed4c": 0.74,
    "mixed4d": 0.81,
    "mixed4e": 0.92,
    "mixed5b": 1.0,
}


@pytest.fixture(scope="module")
def inception(models_dir: Path) -> InceptionV1:
    return InceptionV1(models_dir / "inception_v1_bvlc.pb")


def photograph(folder: Path, size: int) -> np.ndarray:
    image = Image.open(folder / "dog_cat.jpg").convert("RGB").resize((size, size), Image.Resampling.BICUBIC)
    return np.asarray(image, np.float32)[None] / 255


def best(model: Model, layer: str, image: np.ndarray) -> tuple[str, float]:
    (probabilities,) = evaluate(model, [layer], image)
    assert model.labels is not None
    return model.labels[probabilities[0].argmax()], float(probabilities.max())


def test_inception_classifies_the_dog(inception: InceptionV1, models_dir: Path) -> None:
    label, probability = best(inception, "softmax2", photograph(models_dir, 224))
    assert label == "golden retriever"
    assert probability == pytest.approx(0.55, abs=0.01)


@pytest.fixture(scope="module")
def squeezenet(models_dir: Path) -> Model:
    return from_keras(
        as_model(models_dir / "squeezenet_v1_1.keras").keras_model,  # type: ignore[attr-defined]
        image_value_range=((-104, -117, -123), (151, 138, 132)),
        is_BGR=True,
        labels=models_dir / "imagenet_synset_words.txt",
    )


def test_squeezenet_classifies_the_dog(squeezenet: Model, models_dir: Path) -> None:
    label, probability = best(squeezenet, "prob", photograph(models_dir, 227))
    assert label == "golden retriever"
    assert probability == pytest.approx(0.70, abs=0.01)


@pytest.mark.parametrize("size", [96, 224])
def test_squeezenet_visualization_increases_objective_and_contrast(squeezenet: Model, size: int) -> None:
    frames = list(iter_vis(squeezenet, "fire4_concat:3", steps=12, image_size=size, transforms=[], every=1))
    assert frames[-1].images.shape == (1, size, size, 3)
    first, *_, last = frames[1:]
    assert last.objective > 2 * first.objective > 0
    assert frames[-1].images.std() > 3 * frames[0].images.std()


def test_mixed4a_is_the_relu_of_its_pre_relu(inception: InceptionV1, models_dir: Path) -> None:
    pre, post = evaluate(inception, ["mixed4a_pre_relu", "mixed4a"], photograph(models_dir, 96))
    assert pre.min() < -1
    assert post.shape == (1, 6, 6, 512)
    np.testing.assert_array_equal(np.maximum(pre, 0), post)


def test_inception_lists_lucids_layers_with_shares(models_dir: Path) -> None:
    model = InceptionV1(models_dir / "inception_v1_bvlc.pb")
    layers = model.layers
    mixed = [f"mixed{block}" for block in ("3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b")]
    blocks = ["conv2d0", "conv2d1", "conv2d2", *mixed]
    expected = [name for block in blocks for name in (f"{block}_pre_relu", block)]
    assert list(layers.names) == [*blocks, "softmax2"]
    assert list(model.browsable_layers.names) == [*expected, "softmax2_pre_activation", "softmax2"]
    assert [layers[name].channels for name in ("conv2d0", "mixed4a_pre_relu", "softmax2")] == [64, 512, 1000]
    for name, share in SHARES.items():
        assert layers[name].share == pytest.approx(share, abs=0.006), name


def test_same_file_as_plain_graph_lists_every_tower(models_dir: Path) -> None:
    layers = from_graphdef(models_dir / "inception_v1_bvlc.pb", image_value_range=(-117, 138)).layers
    assert (layers["mixed4a_3x3_pre_relu"].kind, layers["mixed4a_3x3_pre_relu"].channels) == ("pre_relu", 208)
    assert "mixed4a_pre_relu" not in layers
