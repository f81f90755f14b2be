"""`from_graphdef`, which makes a model of any frozen TensorFlow graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lucid_widgets.misc.io.scoping import expanded
from lucid_widgets.modelzoo.base.input_probe import tell_guess
from lucid_widgets.modelzoo.files.weights import PathLike
from lucid_widgets.modelzoo.vision_base import Model

__all__ = ["GraphDefModel", "from_graphdef"]


class GraphDefModel(Model):
    """A model that is read from a frozen graph, or turned into one; takes the arguments of `Model`.

    Attributes:
        graph_def: The frozen graph.

    Example:
        >>> class MyNet(GraphDefModel):
        ...     model_path = "my_net.pb"
        ...     image_value_range = (0, 1)
        >>> T = MyNet().import_graph(image)
    """

    graph_def: Any


def from_graphdef(
    path: PathLike,
    input_name: str | None = None,
    image_value_range: tuple[Any, Any] | None = None,
    is_BGR: bool = False,
    labels: Sequence[str] | PathLike | None = None,
    image_shape: tuple[int | None, int | None, int | None] | None = None,
    name: str | None = None,
    *,
    constants: Mapping[str, Any] | None = None,
) -> GraphDefModel:
    """Make a model of a frozen TensorFlow graph.

    Args:
        path: A `.pb` file with a frozen GraphDef, channels last.
        input_name: The node that takes the image; default: the only float placeholder for images. If the graph takes
            whole numbers or files, it is the node after which they are float images.
        image_value_range: The values that the network expects for black and for white: numbers, or one per channel;
            default: the values of black and white if the graph takes whole numbers or files; else measured on what
            the graph does before its first convolution; else (-1, 1), with a warning that it is a guess.
        is_BGR: Whether the network expects blue first.
        labels: Class names in output order, or the path of a text file with one name per line.
        image_shape: `(height, width, channels)` that the network was made for; default: the placeholder's shape.
        name: Name of the model; default: the file's name without its suffix.
        constants: Values of other placeholders, by name, such as `{"scale": 2.0}`. Rates of dropout and switches for
            training are off without it.

    Raises:
        ModelError: If the file cannot be used. The message says why, and what to do.
        UnknownNameError: If there is no node `input_name`, or no placeholder of a name in `constants`.
        ArgumentError: If a value in `constants` has the wrong type or shape.

    Example:
        >>> model = from_graphdef("tensorflow_inception_graph.pb", image_value_range=(-117, 138))
    """
    model = GraphDefModel(
        path,
        labels=labels,
        name=name or expanded(path).stem,
        input_name=input_name,
        image_value_range=image_value_range,
        is_BGR=is_BGR,
        image_shape=image_shape or Model.image_shape,
        constants=constants,
    )
    if model.input_range == "guessed":
        tell_guess(model.name, model.image_value_range, "models.from_graphdef")
    return model
