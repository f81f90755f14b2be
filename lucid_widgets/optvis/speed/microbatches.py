"""Number of images computed at once: in one compiled call, and in one pass through the network.

Both numbers follow from the sizes of the tensors between the images and the objective. They never depend on free
memory or on timings, so that the same seed gives the same bytes: images depend on both by rounding.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from lucid_widgets.modelzoo.base.token_grid import as_given
from lucid_widgets.optvis.speed import devices, xla

MAX_BATCH = 32
"""Most images per call. Larger batches are no faster on a CPU, and progress would come in large steps."""

MIN_BATCH = 4
"""Fewest images per call on a CPU, as long as `CALL_BYTES` allows it. Smaller batches leave a core idle at times."""

BATCH_BYTES = 240_000_000
"""Size of all tensors of one call at which a CPU is fastest, if that is at least `MIN_BATCH` images. Late steps are
faster in larger batches, up to `MAX_BATCH`; early steps, which use no microbatches, are slower beyond this size. 64
steps of GoogLeNet and EmojiNet at 64 to 128 px took up to a third less time than with a third of it. Measured on two
cores; `costs` in `tests/benchmarks/engine.py` repeats it."""

CALL_BYTES = 4_000_000_000
"""Most memory for the tensors of one call, so that large images fit into an ordinary computer."""

_TENSORS_PER_FORWARD = 3
"""Memory of a step divided by that of its forward pass: gradients, and the border that transforms add."""

MICROBATCH_BYTES = 100_000_000
"""Size of all tensors of one microbatch, from the images to the objective, without their gradients. Measured on two
cores at 128 and 224 px with GoogLeNet, EmojiNet and SqueezeNet."""

MIN_MICROBATCH = 2
"""Fewest images per microbatch. A single image leaves a core idle at times."""

MAX_MICROBATCHES = 8
"""Most microbatches per batch. The network is traced for each of them."""


def bytes_held(forward: Callable[[], Any]) -> int:
    """Return the size in bytes of all tensors that a function creates, from their shapes.

    The function is traced in its own graph and never run. It may use tensors of the graph that is being traced.
    """
    with tf.init_scope():
        graph = tf.function(forward, autograph=False).get_concrete_function().graph
    sizes = (out.shape.num_elements() for op in graph.get_operations() for out in op.outputs if op.type != "Const")
    return sum(4 * size for size in sizes if size)


def batch_size(held: int) -> int:
    """Return the number of images per call that is fastest.

    Args:
        held: `bytes_held` from one image to its objective.
    """
    held = max(1, held)
    fastest = MAX_BATCH if devices.has_gpu() else min(MAX_BATCH, max(MIN_BATCH, BATCH_BYTES // held))
    return max(1, min(fastest, CALL_BYTES // (_TENSORS_PER_FORWARD * held)))


def microbatch_count(images: Any, objective: Callable[[Any], Any]) -> int:
    """Return into how many microbatches to split a batch for the fastest pass through the network.

    If a layer's output is larger than the CPU caches, the next layer reads it from memory, and an image in a batch of
    32 takes as long as a single one. In microbatches of 8 it takes two thirds of that.

    With oneDNN the result is 1: microbatches would save less than a tenth at best, and the last layers of GoogLeNet
    would take a fifth longer. It is also 1 in steps that must compile quickly or that XLA compiles whole.

    Args:
        images: `[batch, height, width, channels]`, in the graph that is being traced.
        objective: A function from such images to their objective. It is only traced.
    """
    count = images.shape[0]
    if not xla.compiles_parts(images) or devices.uses_onednn() or count <= MIN_MICROBATCH:
        return 1
    held = bytes_held(lambda: objective(tf.zeros(images.shape)))
    most = max(MIN_MICROBATCH, count * MICROBATCH_BYTES // max(1, held))
    return min(MAX_MICROBATCHES, -(-count // most))


def in_microbatches(network: Callable[[Any], Callable[[str], Any]], images: Any, number: int) -> Callable[[str], Any]:
    """Return the layers of a network that computes a batch in parts, one after the other.

    Args:
        network: A function from images to `T`, the function from a layer's name to its tensor.
        images: `[batch, height, width, channels]`; the batch size must be known if `number` is above 1.
        number: Number of microbatches.

    Returns:
        `T` for the whole batch, with the same numbers up to rounding. Tensors without one row per image are computed
        from all images at once.
    """
    if number == 1:
        return network(images)
    graph = tf.compat.v1.get_default_graph()
    count = images.shape[0]
    parts = tf.split(images, [(count + index) // number for index in range(number)])
    networks: list[Callable[[str], Any]] = [network(tf.ensure_shape(parts[0], parts[0].shape))]
    whole: list[Callable[[str], Any]] = []

    def layers(name: str) -> Any:
        outputs: list[Any] = []
        with graph.as_default():  # the objective may ask within a loop or branch, which has its own graph
            for index, part in enumerate(parts):
                if index == len(networks):
                    # One after the other: run in parallel, they would evict each other from the caches. tf.identity
                    # fails here: Grappler removes it and may move its control input to the split, which makes a cycle.
                    with tf.control_dependencies(outputs[-1:]):
                        start = tf.ensure_shape(part, part.shape)
                    networks.append(network(start))
                outputs.append(networks[index](name))
                if not _has_rows(outputs[-1], part):
                    whole[:] = whole or [network(images)]
                    return whole[0](name)
            return tf.concat(outputs, 0)

    return as_given(networks[0], layers)


def _has_rows(output: Any, images: Any) -> bool:
    return tf.is_tensor(output) and bool(output.shape.rank) and output.shape[0] == images.shape[0]


__all__ = ["batch_size", "bytes_held", "in_microbatches", "microbatch_count"]
