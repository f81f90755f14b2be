"""`load_keras`, which reads a saved Keras model without running code in the file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import keras

from lucid_widgets.errors import ModelError
from lucid_widgets.modelzoo.files.weights import refuse_configuration

__all__ = ["SUFFIXES", "load_keras"]

SUFFIXES = (".keras", ".h5", ".hdf5")
"""Endings of the names of files that hold a Keras model."""

_LONGEST = 300
_UNKNOWN = re.compile(r"(?:Could not locate|Unknown) (class|function|layer|object):? '([^']+)'")


def load_keras(file: Path) -> Any:
    """Return the Keras model in a file.

    Raises:
        ModelError: If Keras cannot load it safely. The message says how to load it.
    """
    if file.suffix not in SUFFIXES:
        if file.suffix == ".json":
            refuse_configuration(file.read_text("utf-8", errors="replace"), repr(str(file)))
        raise ModelError(
            f"{str(file)!r} is not a file of Keras.",
            "Expected a .keras or .h5 file. as_model reads files of other kinds.",
        )
    try:
        return keras.saving.load_model(file, compile=False, safe_mode=True)
    except Exception as error:  # Keras passes on errors of any type
        if file.name.endswith(".weights.h5") or "No model config found" in str(error):
            raise ModelError(
                f"{str(file)!r} holds the weights of a Keras model, without its layers.",
                "Make the Keras model, call model.load_weights(path), and pass the model.",
            ) from error
        by_hand = "keras.saving.load_model(path, custom_objects={...}, safe_mode=False)"
        raise ModelError(
            f"Keras cannot load {str(file)!r}: {_reason(str(error))}",
            f"Load it with {by_hand} if you trust it, and pass the model in place of the path.",
        ) from error


def _reason(message: str) -> str:
    unknown = _UNKNOWN.search(message)
    if unknown:
        return f"its {unknown[1]} {unknown[2]!r} is not registered with Keras."
    if re.search("lambda", message, re.IGNORECASE):
        return "it has a Lambda layer, whose code would run when it is loaded."
    # Keras appends the whole configuration of the model; the reason comes last.
    last = message.rpartition("Exception encountered: ")[2].strip()
    line = last.splitlines()[0] if last else "no reason was given"
    return f"{line[:_LONGEST].rstrip('.')}."
