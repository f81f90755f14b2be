"""In which precision a network is computed: float32, or bfloat16 where that is what the processor is quick at.

In bfloat16, only what costs is: convolutions and matrix products. Their inputs and weights are rounded just before, and
their results are float32 again, as are all weights, the image, the objective and the optimizer. On a CPU that would be
slower and is never chosen; GPUs since compute capability 8.0 have units for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import tensorflow as tf

from lucid_widgets.errors import ArgumentError
from lucid_widgets.modelzoo.vision_base import T

Precision = Literal["float32", "bfloat16"]

PRECISIONS: tuple[Precision, ...] = ("float32", "bfloat16")
_COSTLY = ("Conv2D", "MatMul")
_LEAST_CAPABILITY = (8, 0)


def as_precision(precision: str | None) -> Precision | None:
    """Checks `precision=`; None leaves it to `chosen`.

    Raises:
        ArgumentError: For anything else.
    """
    for known in PRECISIONS:
        if precision == known:
            return known
    if precision is None:
        return None
    raise ArgumentError(f"There is no precision {precision!r}.", "Expected 'float32' or 'bfloat16'.")


def chosen(precision: Precision | None) -> Precision:
    """The precision itself, or what suits the devices that are there."""
    if precision is not None:
        return precision
    gpus = tf.config.list_physical_devices("GPU")
    return "bfloat16" if gpus and all(_capability(gpu) >= _LEAST_CAPABILITY for gpu in gpus) else "float32"


def _capability(gpu: Any) -> tuple[int, ...]:
    return tuple(tf.config.experimental.get_device_details(gpu).get("compute_capability", (0, 0)))


def rounded(network: Callable[[Any], T], plain: T, images: Any, ask: Callable[[T], Any]) -> T:
    """A network whose convolutions and matrix products are computed in bfloat16.

    Args:
        network: From images to a function from names to layers.
        plain: What it gives for `images`, and for what is no layer.
        images: `[batch, height, width, channels]`, in the graph that is being traced.
        ask: Asks a function like `plain` for all layers that will be wanted.

    Returns:
        A function like `plain`. Its layers are float32.
    """
    names = _asked(plain, ask)

    def layers(given: Any) -> list[Any]:
        inner = network(given)
        return [tf.identity(inner(name)) for name in names]

    specification = tf.TensorSpec(images.shape, images.dtype)
    graph = tf.function(layers, autograph=False).get_concrete_function(specification).graph
    here = tf.compat.v1.get_default_graph()
    inputs = {inner.name: here.capture(outer) for outer, inner in graph.captures}
    inputs[graph.inputs[0].name] = images
    outputs = [each.name for each in graph.outputs]
    made = tf.graph_util.import_graph_def(in_bfloat16(graph.as_graph_def()), inputs, outputs, name="rounded")
    by_name = dict(zip(names, made, strict=True))
    return lambda name: by_name[name] if name in by_name else plain(name)


def _asked(plain: T, ask: Callable[[T], Any]) -> list[str]:
    """The layers that are asked for, in a scratch graph."""
    names: list[str] = []

    def noted(name: str) -> Any:
        if name not in (*names, "input", "labels"):
            names.append(name)
        return plain(name)

    tf.function(lambda: ask(noted), autograph=False).get_concrete_function()
    return names


def in_bfloat16(definition: Any) -> Any:
    """A GraphDef whose convolutions and matrix products round what they are given to bfloat16, under the same names."""
    rewritten = tf.compat.v1.GraphDef(versions=definition.versions, library=definition.library)
    for node in definition.node:
        if node.op not in _COSTLY or node.attr["T"].type != tf.float32.as_datatype_enum:
            rewritten.node.add().CopyFrom(node)
            continue
        product = rewritten.node.add()
        product.CopyFrom(node)
        product.name = f"{node.name}/bfloat16"
        product.attr["T"].type = tf.bfloat16.as_datatype_enum
        data = [each for each in node.input if not each.startswith("^")]
        for place, source in enumerate(data):
            product.input[place] = f"{node.name}/rounded_{place}"
            _add_cast(rewritten, product.input[place], source, tf.float32, tf.bfloat16)
        _add_cast(rewritten, node.name, product.name, tf.bfloat16, tf.float32)
    return rewritten


def _add_cast(definition: Any, name: str, source: str, before: Any, after: Any) -> None:
    cast = definition.node.add(name=name, op="Cast", input=[source])
    cast.attr["SrcT"].type = before.as_datatype_enum
    cast.attr["DstT"].type = after.as_datatype_enum


__all__ = ["PRECISIONS", "Precision", "as_precision", "chosen", "in_bfloat16", "rounded"]
