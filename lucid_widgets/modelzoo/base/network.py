"""`Network`, the interface that each kind of model implements, and `T`, the type of a layer function."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import tensorflow as tf

from lucid_widgets.errors import ModelError
from lucid_widgets.modelzoo.survey.connections import WholeGraph
from lucid_widgets.modelzoo.survey.layer import Layer

__all__ = ["SCORES", "WITHOUT_BATCH", "Network", "T"]

T = Callable[[str], Any]
"""A function from a layer's name to its tensor, as `Model.import_graph` returns it."""

WITHOUT_BATCH = ("labels", "global_step")
"""What objectives ask `T` for, besides layers, that is the same for every image of the batch."""

SCORES = ":scores"
"""End of the name of a layer that holds the weights of an attention layer, `[batch, heads, from, to]`."""


class Network(ABC):
    """The layers of a network, and how to build them in a TensorFlow graph.

    To support another kind of model, implement these five methods, and set `network` in the constructor of a
    subclass of `Model`.
    """

    @abstractmethod
    def layers(self) -> Sequence[Layer]:
        """Return the layers worth listing, in the order of the network."""

    @abstractmethod
    def describe(self, name: str) -> Layer | None:
        """Return the layer of this name, listed or not, or None if the network has no such tensor."""

    def why_not(self, name: str) -> ModelError | None:
        """Return the reason why a tensor that the network has cannot be described, or None if there is no such tensor.

        Called only for names that `describe` does not accept.
        """
        return None

    @abstractmethod
    def has(self, name: str) -> bool:
        """Return whether the network has a tensor of this name. Called often, so it must be cheap."""

    @abstractmethod
    def names(self) -> Sequence[str]:
        """Return the names that error messages may suggest, including layers that `layers` leaves out."""

    def before_activation(self, name: str) -> tuple[str, str] | None:
        """Return the layer that holds what an activation is applied to, and the activation's name, such as "softmax".

        None if the layer `name` is not known to end in an activation. Networks that know it override this method.
        """
        return None

    def whole_graph(self, names: Sequence[str]) -> WholeGraph | None:
        """Return the network in a scratch graph, with the tensors of the named layers, or None if there is none.

        It shows how the layers are connected. Networks that survey such a graph anyway override this method.
        """
        return None

    @abstractmethod
    def evaluator(self, image: tf.Tensor, prefix: str, input_map: Mapping[str, tf.Tensor]) -> T:
        """Return a function that builds a layer, and the layers below it, in the current graph.

        The function is called only with names that `has` accepts. It must build each layer at most once.

        Args:
            image: float32 images `[batch, height, width, channels]` in the network's own range and channel order.
            prefix: Absolute name scope for the new operations, ending in a slash.
            input_map: Tensors that replace the network's own, by name and port (`"mixed4a:0"`).
        """
