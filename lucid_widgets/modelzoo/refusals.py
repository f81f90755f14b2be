"""Errors of `as_model` for objects and files that are not models. Each one says what to pass instead."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from lucid_widgets.errors import ModelError

__all__ = ["EXPECTED", "not_a_model", "not_a_model_file"]

EXPECTED = (
    "Expected a model, a Keras model, the name of a network of the zoo or of keras.applications, or the path of a "
    ".pb, .keras or .h5 file, a manifest (.json) or a SavedModel."
)

_ORIGINAL = "Pass the model that it was made from: a Keras model, a SavedModel or a frozen graph (.pb)."
_CONVERT = "Convert the network to Keras or to a SavedModel, and pass that."
_RESTORE = "Make the Keras model, call model.load_weights(path), and pass the model."

# The content of a file by its extension, and the hint.
_FILES = {
    ".tflite": ("is a TensorFlow Lite model, which has no gradients.", _ORIGINAL),
    ".onnx": ("is an ONNX network.", _CONVERT),
    **dict.fromkeys((".pt", ".pth", ".safetensors", ".bin"), ("is not a TensorFlow file.", _CONVERT)),
    **dict.fromkeys((".ckpt", ".index", ".npz", ".npy"), ("holds weights without layers.", _RESTORE)),
    ".pbtxt": (
        "is a graph in text form.",
        "Write it in binary form: tf.io.write_graph(graph_def, folder, 'net.pb', as_text=False).",
    ),
    **dict.fromkeys((".zip", ".tar", ".gz", ".tgz"), ("is an archive.", "Unpack it, and pass the file inside.")),
}


def not_a_model_file(path: Path) -> ModelError:
    """Return the error for a file that does not contain a model."""
    what, hint = _FILES.get(path.suffix.lower(), ("is not a kind of file that holds a model.", EXPECTED))
    return ModelError(f"{str(path)!r} {what}", hint)


def not_a_model(thing: Any) -> ModelError:
    """Return the error for an object that is neither a model nor a path."""
    name, library = getattr(thing, "__name__", type(thing).__name__), type(thing).__module__.partition(".")[0]
    if thing is None:
        return ModelError("The model is None.", EXPECTED)
    if isinstance(thing, keras.layers.Layer):
        return ModelError(
            f"{thing.name!r} is a Keras layer.",
            "Make it a model: keras.Sequential([keras.Input((height, width, 3)), layer]).",
        )
    if isinstance(thing, tf.compat.v1.GraphDef):
        return ModelError(
            "A GraphDef was passed as a model.",
            "Write it to a file, and pass its path: Path('net.pb').write_bytes(graph_def.SerializeToString()).",
        )
    if isinstance(thing, Mapping) and ("config" in thing or "layers" in thing):
        return ModelError(
            "The dictionary is the configuration of a Keras model, without its weights.",
            f"Pass the Keras model itself. {_RESTORE}",
        )
    if library == "torch":
        return ModelError(f"{name!r} is a PyTorch network.", _CONVERT)
    if library == "tf_keras":
        return ModelError(
            f"{name!r} is a model of Keras 2.", "Save it with model.export(folder), and pass the path of the folder."
        )
    if isinstance(thing, tf.Module) or library == "tensorflow":
        return ModelError(
            f"{name!r} is an object of TensorFlow, not a Keras model.",
            "Pass the path of the SavedModel. tf.saved_model.save(module, folder, signatures=function) writes one.",
        )
    if callable(thing) and not isinstance(thing, type):
        named = getattr(thing, "__name__", "").isidentifier()  # not a lambda, a functools.partial or the like
        return ModelError(
            f"{name!r} is a function." if named else "The model is a function.",
            f"If it makes a model, pass {f'{name}()' if named else 'what it returns'}. "
            "If it computes something from images, make it a model: "
            "keras.Model(image, function(image)) with image = keras.Input((height, width, 3)).",
        )
    if isinstance(thing, type):
        return ModelError(f"{name} is a class.", f"Pass an instance: {name}(...).")
    return ModelError(f"{type(thing).__name__!r} is not a model.", EXPECTED)
