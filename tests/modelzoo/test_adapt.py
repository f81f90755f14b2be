"""`as_model`: what it accepts, and the errors for everything else."""

from __future__ import annotations

import copy
import gc
import shutil
import weakref
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from lucid_widgets.errors import ModelError
from lucid_widgets.modelzoo.adapt import MAX_FILES
from lucid_widgets.modelzoo.vision_models import EmojiNet, GraphDefModel, KerasModel, as_model, from_keras
from lucid_widgets.optvis.render import iter_vis


def tiny_keras_model() -> Any:
    image = keras.Input((None, None, 3), name="image")
    return keras.Model(image, layers.Conv2D(2, 1, name="conv")(image), name="tiny")


class Scale(layers.Layer):
    """A layer with an extra numeric attribute."""

    def __init__(self, factor: float, **settings: Any) -> None:
        super().__init__(**settings)
        self.factors = {"all": factor}

    def call(self, x: Any) -> Any:
        return x * self.factors["all"]


class Doubled(keras.Model):
    """A subclassed model."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.factor = layers.Conv2D(1, 1), 2.0

    def call(self, x: Any) -> Any:
        return self.conv(x) * self.factor


def frames_of(model: Any, objective: str) -> Any:
    return iter_vis(model, objective, steps=1, image_size=4, transforms=[])


def program_of(model: Any, objective: str = "conv:1") -> Any:
    return frames_of(model, objective)._task[2]


def value_of(model: Any) -> float:
    *_, last = frames_of(model, "conv:1")
    return float(last.objective or 0)


def test_returns_a_model_unchanged(towers: GraphDefModel) -> None:
    assert as_model(towers) is towers


@pytest.mark.slow
def test_adapter_and_programs_live_as_long_as_the_keras_model() -> None:
    model = tiny_keras_model()
    gone = [weakref.ref(model), weakref.ref(as_model(model))]
    list(iter_vis(model, "conv:1", steps=1, image_size=4, transforms=[]))
    gc.collect()
    assert as_model(model) is gone[1]()
    gone += map(weakref.ref, as_model(model).kept["compiled programs"].values())
    assert len(gone) == 3
    del model
    gc.collect()
    assert [each() for each in gone] == [None, None, None]


def test_two_calls_on_a_keras_model_share_a_program() -> None:
    model = tiny_keras_model()
    assert program_of(model) is program_of(model)


def test_training_keeps_programs() -> None:
    model = tiny_keras_model()
    before = program_of(model)
    model.compile("sgd", "mse")
    model.fit(np.zeros((2, 4, 4, 3)), np.zeros((2, 4, 4, 2)), verbose=0)
    assert program_of(model) is before


def test_new_weights_are_used_by_the_same_program() -> None:
    model = tiny_keras_model()
    before = program_of(model), value_of(model)
    model.get_layer("conv").bias.assign([0, 7])
    assert program_of(model) is before[0]
    assert value_of(model) == pytest.approx(before[1] + 7, abs=1e-4)


@pytest.mark.parametrize("change", ["activation", "trainable", "number", "nested"])
def test_programs_are_not_used_after_a_layer_was_changed(change: str) -> None:
    scale = Scale(2.0)
    image = keras.Input((None, None, 3))
    inner = keras.Sequential([keras.Input((None, None, 3)), layers.Conv2D(2, 1), scale], name="inner")
    model = keras.Model(image, layers.Conv2D(2, 1, name="conv")(inner(image)))
    before = program_of(model)
    match change:
        case "activation":
            model.get_layer("conv").activation = keras.activations.relu
        case "trainable":
            model.get_layer("conv").trainable = False
        case "number":
            scale.factors["all"] = 3.0
        case "nested":
            inner.pop()
    assert program_of(model) is not before


def test_the_input_range_can_be_changed() -> None:
    model = tiny_keras_model()
    before = program_of(model)
    as_model(model).image_value_range = (0, 255)
    assert program_of(model) is not before
    assert as_model(model).image_value_range == (0, 255)


def test_layers_added_to_a_sequential_model_are_seen() -> None:
    model = keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(2, 1, name="first")])
    assert as_model(model).layers.names == ("first",)
    model.add(layers.ReLU(name="second"))
    assert as_model(model).layers.names == ("first", "second")


def test_a_subclassed_model_is_traced_again_after_a_change() -> None:
    model = Doubled()
    first = as_model(model)
    assert as_model(model) is first
    model.conv.bias.assign([1.0])
    second = as_model(model)
    assert second is not first
    model.factor = 5.0
    assert as_model(model) is not second


def test_a_copy_of_a_model_has_its_own_programs(towers: GraphDefModel) -> None:
    program_of(towers, "left:0")
    assert not copy.copy(towers).kept


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras, when it saves
def test_a_path_is_read_again_when_its_file_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny_keras_model().save(tmp_path / "tiny.keras")
    first = as_model(tmp_path / "tiny.keras")
    assert as_model(str(tmp_path / "tiny.keras")) is first
    monkeypatch.chdir(tmp_path)
    assert as_model("tiny.keras") is first
    keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(2, 1, name="other")]).save(tmp_path / "tiny.keras")
    assert as_model("tiny.keras").layers.names == ("other",)


def test_few_paths_are_kept(towers_file: Path, tmp_path: Path) -> None:
    paths = [Path(shutil.copy(towers_file, tmp_path / f"{n}.pb")) for n in range(MAX_FILES + 1)]
    gone = [weakref.ref(as_model(path)) for path in paths]
    gc.collect()
    assert [each() is None for each in gone] == [True] + [False] * MAX_FILES


def test_a_class_and_its_name_give_one_model() -> None:
    assert as_model(EmojiNet) is as_model("EmojiNet") is as_model(EmojiNet)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras, when it saves
def test_accepts_paths_of_graphs_and_keras_models(towers_file: Path, tmp_path: Path) -> None:
    assert as_model(str(towers_file)).layers["both"].channels == 3
    tiny_keras_model().save(tmp_path / "tiny.keras")
    loaded = as_model(tmp_path / "tiny.keras")
    assert isinstance(loaded, KerasModel)
    assert loaded.layers.names == ("conv",)


@pytest.mark.parametrize(
    ("thing", "message"),
    [
        (
            42,
            r"^'int' is not a model\. Expected a model, a Keras model, the name of a network of the zoo or of "
            r"keras\.applications, or the path of a \.pb, \.keras or \.h5 file, "
            r"a manifest \(\.json\) or a SavedModel\.$",
        ),
        (None, r"^The model is None\. Expected a model, a Keras model"),
        ("", r"^The name of the model is empty\. Expected a model"),
        (tiny_keras_model().to_json(), r"^The text is the configuration of a Keras model .* Make the model with keras"),
        (
            tiny_keras_model().get_config(),
            r"^The dictionary is the configuration of a Keras model, without its weights\.",
        ),
        ("x" * 5000, r"^'x{80}'\.\.\. is not a path\. Expected the path of a frozen graph"),
        ("a\0b", r"^'a\\x00b' is not a path\."),
        ("https://example.org/net.keras", r"net\.keras' is a URL\. Download the file, and pass its path\.$"),
        (tf.compat.v1.GraphDef(), r"^A GraphDef was passed as a model\. Write it to a file, and pass its path"),
        (tf.Module(), r"^'Module' is an object of TensorFlow, not a Keras model\. Pass the path of the SavedModel"),
        (dict, r"^dict is a class\. Pass an instance: dict\(\.\.\.\)\.$"),
        (layers.ReLU(name="r"), r"^'r' is a Keras layer\. Make it a model: keras\.Sequential\(\[keras\.Input"),
        (lambda: None, r"^The model is a function\. If it makes a model, pass what it returns\."),
        (partial(tiny_keras_model), r"^The model is a function\. If it makes a model, pass what it returns\."),
        (tiny_keras_model, r"^'tiny_keras_model' is a function\. If it makes a model, pass tiny_keras_model\(\)\."),
        ("InceptionV2", r"^There is neither a network nor a file named 'InceptionV2'\. Did you mean '.*InceptionV1'"),
        (keras.Sequential([layers.Conv2D(2, 1)], name="s"), r"'s' is not built.* Begin it with keras\.Input\(\(height"),
        ("no/such/file.pb", r"^There is no file 'no/such/file\.pb'\. Expected the path of a frozen graph"),
    ],
)
def test_rejects_what_is_not_a_model(thing: Any, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        as_model(thing)


def test_rejects_other_files(tmp_path: Path) -> None:
    (tmp_path / "net.onnx").write_bytes(b"x")
    with pytest.raises(ModelError, match=r"net\.onnx' is an ONNX network\. Convert the network to Keras or to a Saved"):
        as_model(tmp_path / "net.onnx")
    (tmp_path / "net.txt").write_bytes(b"x")
    with pytest.raises(ModelError, match=r"net\.txt' is not a kind of file that holds a model\. Expected"):
        as_model(tmp_path / "net.txt")
    with pytest.raises(ModelError, match=r"' is a folder\. Expected the path of"):
        as_model(tmp_path)
    (tmp_path / "broken.keras").write_bytes(b"x")
    with pytest.raises(ModelError, match=r"^Keras cannot load '.*broken\.keras': "):
        as_model(tmp_path / "broken.keras")


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras, when it saves
def test_files_without_layers_or_without_weights_say_what_to_do(tmp_path: Path) -> None:
    network = tiny_keras_model()
    (tmp_path / "net.json").write_text(network.to_json())
    network.save_weights(tmp_path / "net.weights.h5")
    for read in (as_model, from_keras):
        with pytest.raises(ModelError, match=r"net\.json' is the configuration of a Keras .*\.model_from_json"):
            read(tmp_path / "net.json")
        with pytest.raises(ModelError, match=r"h5' holds the weights of a Keras model, without its layers\. Make the"):
            read(tmp_path / "net.weights.h5")


def test_does_not_run_code_in_a_keras_file(tmp_path: Path) -> None:
    image = keras.Input((8, 8, 3))
    keras.Model(image, layers.Lambda(lambda x: x + 1)(image)).save(tmp_path / "code.keras")
    with pytest.raises(
        ModelError,
        match=r"Keras cannot load .*Lambda layer.* Load it with keras\.saving\.load_model\(path, .*safe_mode",
    ):
        as_model(tmp_path / "code.keras")


def test_a_file_with_an_unregistered_class_names_the_class(tmp_path: Path) -> None:
    image = keras.Input((8, 8, 3))
    keras.Model(image, Scale(2.0)(image)).save(tmp_path / "own.keras")
    with pytest.raises(
        ModelError, match=r"own\.keras': its class 'Scale' is not registered with Keras\. Load it"
    ) as error:
        as_model(tmp_path / "own.keras")
    assert len(str(error.value)) < 500


@pytest.mark.filterwarnings("ignore")  # Keras, about its older format
def test_accepts_files_of_keras_2(tmp_path: Path) -> None:
    tiny_keras_model().save(tmp_path / "tiny.h5")
    assert as_model(tmp_path / "tiny.h5").layers.names == ("conv",)
