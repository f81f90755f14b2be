"""A batch through a network in slices, each of which the caches of a processor hold.

Where a layer's output is larger than the caches, the next layer fetches it from memory: an image of 32 then takes about
as long as one alone. By eights it takes two thirds of that, with the very same numbers but for rounding.

Where oneDNN computes, slices would gain less than a tenth at best, and the last layers of GoogLeNet would take a fifth
longer: all images go at once there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from lucid_widgets.optvis.speed import cpu_kernels, xla

SLICE_BYTES = 100_000_000
"""What the tensors of a slice may hold together, from the images to the objective, without their gradients. Measured on
two cores, 128 and 224 px, with GoogLeNet, EmojiNet and SqueezeNet."""

FEWEST_IMAGES = 2
"""Fewer leave a core idle now and then."""

MOST_SLICES = 8
"""The network is traced for each of them."""


def bytes_held(forward: Callable[[], Any]) -> int:
    """What all tensors hold that a function makes, by their shapes.

    It is traced in a graph of its own, and never run: it may use tensors of the graph under way.
    """
    with tf.init_scope():
        graph = tf.function(forward, autograph=False).get_concrete_function().graph
    sizes = (out.shape.num_elements() for op in graph.get_operations() for out in op.outputs if op.type != "Const")
    return sum(4 * size for size in sizes if size)


def slices_of(images: Any, objective: Callable[[Any], Any]) -> int:
    """In how many slices a batch goes through a network quickest; 1 where steps have to be compiled soon, or by XLA,
    and where oneDNN computes.

    Args:
        images: `[batch, height, width, channels]`, in the graph that is being traced.
        objective: From images like these to their objective. Only traced, and only where that matters.
    """
    count = images.shape[0]
    late_on_a_processor = xla.compiles_parts(images)
    if not late_on_a_processor or cpu_kernels.uses_onednn() or count <= FEWEST_IMAGES:
        return 1
    held = bytes_held(lambda: objective(tf.zeros(images.shape)))
    most = max(FEWEST_IMAGES, count * SLICE_BYTES // max(1, held))
    return min(MOST_SLICES, -(-count // most))


def in_slices(network: Callable[[Any], Callable[[str], Any]], images: Any, number: int) -> Callable[[str], Any]:
    """The layers of a network that is run on some of the images after the other.

    Args:
        network: From images to `T`, a function from the name of a layer to its tensor.
        images: `[batch, height, width, channels]`.
        number: Of slices; the batch is known where there are several.

    Returns:
        `T` for the whole batch. A tensor that has no row for each image is computed from all images at once.
    """
    if number == 1:
        return network(images)
    graph = tf.compat.v1.get_default_graph()
    count = images.shape[0]
    slices = tf.split(images, [(count + place) // number for place in range(number)])
    parts: list[Callable[[str], Any]] = []
    whole: list[Callable[[str], Any]] = []

    def layers(name: str) -> Any:
        outputs: list[Any] = []
        with graph.as_default():  # also where a loop or branch of an objective asks
            for place, some in enumerate(slices):
                if place == len(parts):
                    # One after the other: together they would crowd each other out of the caches.
                    with tf.control_dependencies(outputs[-1:]):
                        parts.append(network(tf.identity(some)))
                outputs.append(parts[place](name))
                if not _has_rows(outputs[-1], some):
                    whole[:] = whole or [network(images)]
                    return whole[0](name)
            return tf.concat(outputs, 0)

    return layers


def _has_rows(output: Any, images: Any) -> bool:
    return tf.is_tensor(output) and bool(output.shape.rank) and output.shape[0] == images.shape[0]


__all__ = ["bytes_held", "in_slices", "slices_of"]
