"""What runs on the workers of a Dask cluster.

Dask's scheduler imports this module too, so it loads TensorFlow only when a task runs.
"""

from __future__ import annotations

import importlib
import threading
import warnings
from collections.abc import Mapping
from typing import Any

from lucid_widgets.errors import ModelError
from lucid_widgets.microscope.tasks import Recipe, Task
from lucid_widgets.misc._optional import needed

_lock = threading.Lock()
_packed: dict[str, bytes] = {}
_models: dict[str, Any] = {}


def packed_model(model: Any) -> bytes:
    """Return a model as bytes, in the way in which Dask sends objects to its workers."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of Keras, which reads its variables in an old way
        found: bytes = _serializer().dumps(model)
    return found


def model_plugin(key: str, packed: bytes) -> Any:
    """Return a Dask plugin that gives a model to each worker, also to those that join later or start again.

    Args:
        key: Name of the model. A worker keeps one model, together with the programs compiled for it.
        packed: The model, from `packed_model`.
    """
    distributed = needed("distributed", "Rendering on several workers", "microscope")

    class ModelOnWorker(distributed.WorkerPlugin):  # type: ignore[name-defined]
        name = f"lucid-model-{key}"

        def __init__(self) -> None:
            self.key, self.packed = key, packed

        def setup(self, worker: Any) -> None:
            keep_model(self.key, self.packed)

    return ModelOnWorker()


def keep_model(key: str, packed: bytes) -> None:
    """Take a model on a worker. It is unpacked by the first task that needs it."""
    with _lock:
        if key not in _packed:
            _packed.clear()
            _models.clear()
            _packed[key] = packed


def run_remotely(
    key: str, url: str, task: Task, recipe: Recipe, about: Mapping[str, Any]
) -> tuple[float, dict[int, str]]:
    """Run `work.run_task` on a worker, with the model that it was given.

    Args:
        key: Name of the model.
        url: Path or URL of the store.
        task: The task.
        recipe: How images are optimized.
        about: What the task's record says besides.
    """
    work = importlib.import_module("lucid_widgets.microscope.work")
    with _lock:
        if key not in _models:
            if key not in _packed:
                raise ModelError("This worker does not have the model.", "Run again: Dask then sends it.")
            _models[key] = _serializer().loads(_packed[key])
        model = _models[key]
    found: tuple[float, dict[int, str]] = work.run_task(model, url, task, recipe, about)
    return found


def _serializer() -> Any:
    # Not Dask's own module: it has a special way for Keras models, which fails with Keras 3.
    return needed("cloudpickle", "Rendering on several workers", "microscope")


__all__ = ["keep_model", "model_plugin", "packed_model", "run_remotely"]
