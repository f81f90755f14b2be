"""The precision of the network: float32, or bfloat16 where the processor is fast at it.

Only convolutions and matrix products, the expensive operations, are computed in bfloat16. Their inputs and weights are
rounded just before, and their results are converted back to float32. Stored weights, the image, the objective and the
optimizer stay float32. CPUs are slower at bfloat16 and never use it by default; GPUs support it natively since compute
capability 8.0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import tensorflow as tf

from lucid_widgets.errors import ArgumentError
from lucid_widgets.modelzoo.base.network import WITHOUT_BATCH
from lucid_widgets.modelzoo.base.token_grid import as_given
from lucid_widgets.modelzoo.vision_base import T
from lucid_widgets.optvis.speed.private_names import find

Precision = Literal["float32", "bfloat16"]

PRECISIONS: tuple[Precision, ...] = ("float32", "bfloat16")
_EXPENSIVE = ("Conv2D", "MatMul")
_MIN_CAPABILITY = (8, 0)


def as_precision(precision: str | None) -> Precision | None:
    """Return a checked `precision=`; None stays None, the default of the devices.

    Raises:
        ArgumentError: It is anything else.
    """
    for known in PRECISIONS:
        if precision == known:
            return known
    if precision is None:
        return None
    raise ArgumentError(f"precision is {precision!r}.", "Expected 'float32', 'bfloat16' or None.")


def chosen(precision: Precision | None) -> Precision:
    """Return a precision, or the default of the devices if it is None."""
    if precision is not None:
        return precision
    gpus = tf.config.list_physical_devices("GPU")
    return "bfloat16" if gpus and all(_capability(gpu) >= _MIN_CAPABILITY for gpu in gpus) else "float32"


def _capability(gpu: Any) -> tuple[int, ...]:
    return tuple(tf.config.experimental.get_device_details(gpu).get("compute_capability", (0, 0)))


def in_low_precision(network: Callable[[Any], T], images: Any, ask: Callable[[T], Any]) -> T:
    """Return the layers of a network whose convolutions and matrix products are computed in bfloat16.

    Args:
        network: A function from images to `T`, the function from a layer's name to its tensor.
        images: `[batch, height, width, channels]`, in the graph that is being traced.
        ask: Evaluates an objective on a `T`, which shows which layers it needs.

    Returns:
        `T`. Its layers are float32.
    """
    full = network(images)
    capture = find("capture")
    if capture is None:
        return full
    names = _names_asked(full, ask)

    def layers(given: Any) -> list[Any]:
        inner = network(given)
        return [tf.identity(inner(name)) for name in names]

    function = tf.function(layers, autograph=False).get_concrete_function(tf.TensorSpec(images.shape, images.dtype))
    here = tf.compat.v1.get_default_graph()
    first, *weights = function.inputs
    inputs = {inner.name: capture(here, outer) for inner, outer in zip(weights, function.captured_inputs, strict=True)}
    inputs[first.name] = images
    outputs = [each.name for each in function.outputs]
    definition = in_bfloat16(function.graph.as_graph_def())
    made = tf.graph_util.import_graph_def(definition, inputs, outputs, name="low_precision")
    by_name = dict(zip(names, made, strict=True))
    return as_given(full, lambda name: by_name[name] if name in by_name else full(name))


def _names_asked(full: T, ask: Callable[[T], Any]) -> list[str]:
    """Return the layers that an objective asks for, by evaluating it in a scratch graph."""
    names: list[str] = []

    def noted(name: str) -> Any:
        if name not in (*names, "input", *WITHOUT_BATCH):
            names.append(name)
        return full(name)

    tf.function(lambda: ask(as_given(full, noted)), autograph=False).get_concrete_function()
    return names


def in_bfloat16(definition: Any) -> Any:
    """Return a GraphDef whose convolutions and matrix products compute in bfloat16. All names stay the same."""
    rewritten = tf.compat.v1.GraphDef(versions=definition.versions, library=definition.library)
    for node in definition.node:
        if node.op not in _EXPENSIVE or node.attr["T"].type != tf.float32.as_datatype_enum:
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


__all__ = ["PRECISIONS", "Precision", "as_precision", "chosen", "in_bfloat16", "in_low_precision"]
