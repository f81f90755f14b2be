"""`as_model`: what it accepts, and the errors for everything else."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path
from typing import Any

import keras
import pytest
from keras import layers

from lucid_widgets.errors import ModelError
from lucid_widgets.modelzoo.vision_models import GraphDefModel, InceptionV1, KerasModel, as_model


def tiny_keras_model() -> Any:
    image = keras.Input((None, None, 3), name="image")
    return keras.Model(image, layers.Conv2D(2, 1, name="conv")(image), name="tiny")


def test_returns_a_model_unchanged(towers: GraphDefModel) -> None:
    assert as_model(towers) is towers


def test_keras_model_has_one_adapter_while_it_is_used() -> None:
    model = tiny_keras_model()
    adapter = as_model(model)
    assert as_model(model) is adapter
    gone = weakref.ref(adapter)
    del adapter
    gc.collect()
    assert gone() is None


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
            r"^'int' is not a model\. Expected a model, a Keras model, or the path of a \.pb or \.keras file or of a "
            r"SavedModel\.$",
        ),
        (None, r"^'NoneType' is not a model\."),
        (InceptionV1, r"^InceptionV1 is a class\. Pass an instance: InceptionV1\(\)\.$"),
        ("no/such/file.pb", r"^There is no file 'no/such/file\.pb'\. Expected the path of a frozen graph"),
    ],
)
def test_rejects_what_is_not_a_model(thing: Any, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        as_model(thing)


def test_rejects_other_files(tmp_path: Path) -> None:
    (tmp_path / "net.onnx").write_bytes(b"x")
    with pytest.raises(ModelError, match=r"net\.onnx' is not a kind of file that holds a model\. Expected"):
        as_model(tmp_path / "net.onnx")
    with pytest.raises(ModelError, match=r"' is a folder\. Expected the path of"):
        as_model(tmp_path)
    (tmp_path / "broken.keras").write_bytes(b"x")
    with pytest.raises(ModelError, match=r"^Keras cannot load '.*broken\.keras': "):
        as_model(tmp_path / "broken.keras")


def test_does_not_run_code_in_a_keras_file(tmp_path: Path) -> None:
    image = keras.Input((8, 8, 3))
    keras.Model(image, layers.Lambda(lambda x: x + 1)(image)).save(tmp_path / "code.keras")
    with pytest.raises(ModelError, match=r"Keras cannot load .*(?i:lambda)"):
        as_model(tmp_path / "code.keras")
