"""`Model.save`, which writes a network and what it expects into one file."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Sequence
from typing import Any

from lucid_widgets.errors import ArgumentError
from lucid_widgets.misc.io.scoping import expanded
from lucid_widgets.misc.io.writing import write_whole
from lucid_widgets.modelzoo.saving.freeze import Frozen, frozen_model, frozen_session
from lucid_widgets.modelzoo.saving.metadata import with_metadata

__all__ = ["OnClassOrInstance", "save"]


class OnClassOrInstance:
    """A method that can also be called on the class, as in Lucid. Its first argument is None then."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        functools.update_wrapper(self, function)  # type: ignore[arg-type]

    def __get__(self, instance: Any, owner: type) -> Callable[..., Any]:
        return functools.partial(self._function, instance)


def save(
    model: Any,
    save_url: str | os.PathLike[str],
    input_name: str | None = None,
    output_names: Sequence[str] | str | None = None,
    image_shape: Sequence[int | None] | None = None,
    image_value_range: tuple[Any, Any] | None = None,
) -> None:
    """Write a network as a frozen graph with metadata, which `Model.load`, `as_model` and Lucid can read.

    Called on a model, `model.save(path)` takes the defaults of all other arguments from the model, and also saves its
    labels, channel order and list of layers. Called on the class, `Model.save(path, ...)` freezes the graph of
    TensorFlow 1's default session, as Lucid did; all arguments are required then.

    Args:
        model: The model, or None if called on the class.
        save_url: The file to write; its name must end in `.pb`.
        input_name: Name of the node that takes the image.
        output_names: The layers to keep, with those below them; default: the layers that the model lists.
        image_shape: `(height, width, channels)` that the network was made for.
        image_value_range: The values that the network expects for black and for white.

    Raises:
        ArgumentError: If an argument is missing in a call on the class, or the file name does not end in `.pb`.
        ModelError: If there is no session to save, or a layer of the model cannot be computed.
        UnknownNameError: If there is no such layer or node.

    Example:
        >>> as_model(keras_model).save("my_model.pb")
        >>> Model.load("my_model.pb").layers

    Source: Lucid's `Model.save`.
    """
    path = expanded(save_url)
    if path.suffix != ".pb":
        raise ArgumentError(
            f'{str(path)!r} does not end in ".pb".', "Model.load and Lucid recognize frozen graphs by this suffix."
        )
    outputs = [output_names] if isinstance(output_names, str) else output_names
    given = {"image_shape": image_shape, "image_value_range": image_value_range}
    if model is None:
        needed = {"input_name": input_name, "output_names": outputs, **given}
        missing = [key for key, value in needed.items() if value is None]
        if missing:
            raise ArgumentError(
                f"Model.save needs {' and '.join(missing)} for the graph of a session.",
                "Model.suggest_save_args() says what to pass.",
            )
        name = str(input_name).removesuffix(":0")
        frozen = Frozen(frozen_session(outputs or ()), name, ())
        extra: dict[str, Any] = {}
    else:
        frozen = frozen_model(model, input_name, outputs)
        given = {key: getattr(model, key) if value is None else value for key, value in given.items()}
        extra = {"name": model.name, "is_BGR": model.is_BGR}
        if model.labels is not None:
            extra["labels"] = list(model.labels)
        extra["layers"] = [
            {"name": layer.name, "depth": layer.channels, "tags": sorted(layer.tags), "kind": layer.kind}
            for layer in frozen.layers
        ]
    if outputs is not None:
        extra["output_names"] = list(outputs)
    metadata = {"input_name": frozen.input_name, **given, **extra}
    write_whole(path, with_metadata(frozen.graph_def, metadata).SerializeToString())
