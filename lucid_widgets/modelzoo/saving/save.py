"""`Model.save`: a network and how to feed it, in one file."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from lucid_widgets.errors import ArgumentError
from lucid_widgets.misc.io.saving import write_whole
from lucid_widgets.modelzoo.saving.freeze import Frozen, frozen_model, frozen_session
from lucid_widgets.modelzoo.saving.metadata import with_metadata


class OnClassOrInstance:
    """A method that may be called on an instance, or, as in Lucid, on the class; then its first argument is None."""

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
    """Writes a network as a frozen graph with metadata, which `Model.load` and `as_model` read, and Lucid too.

    On a model, `model.save(path)`, everything that is not passed is the model's own, and its labels, its channel order
    and its list of layers are saved with it. On the class, `Model.save(path, ...)` freezes the graph of TensorFlow 1's
    default session, as Lucid did, and the other arguments are needed.

    Args:
        model: None on the class.
        save_url: The file to write, with the suffix `.pb`.
        input_name: The node that takes the image.
        output_names: The layers to keep, with all below them. By default a model's listed layers.
        image_shape: `(height, width, channels)` that the network was made for.
        image_value_range: What the network expects for black and for white.

    Raises:
        ArgumentError: Something that is needed on the class was not passed, or the file is no `.pb`.
        ModelError: There is no session to save; or the model has none of the layers.
        UnknownNameError: There is no such layer or node.

    Example:
        >>> as_model(keras_model).save("my_model.pb")
        >>> Model.load("my_model.pb").layers

    Source: Lucid's `Model.save`.
    """
    path = Path(save_url).expanduser()
    if path.suffix != ".pb":
        raise ArgumentError(f"{str(path)!r} has not the suffix .pb.", "Lucid reads graphs by that suffix.")
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
            {"name": layer.name, "depth": layer.channels, "tags": [layer.kind]} for layer in frozen.layers
        ]
    if outputs is not None:
        extra["output_names"] = list(outputs)
    metadata = {"input_name": frozen.input_name, **given, **extra}
    write_whole(path, with_metadata(frozen.graph_def, metadata).SerializeToString())
