"""The node of a frozen graph that takes the image, also in graphs that take bytes or whole files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from lucid_widgets.errors import ModelError, either, unknown_name
from lucid_widgets.modelzoo.base.input_probe import WHOLE_NUMBERS, InputKnowledge
from lucid_widgets.modelzoo.graphdef.constants import PLACEHOLDERS, dtype_of, placeholders

__all__ = ["ImageNode", "find_image_node"]

_FLOATS = (tf.float32, tf.float16, tf.bfloat16, tf.float64)
_FILES = tf.string
_RANGES = {tf.as_dtype(name): value_range for name, value_range in WHOLE_NUMBERS.items()}

# Loops of TensorFlow 1 pass the order of writes along as floats, in these operations.
_FLOWS = ("Enter", "Exit", "Merge", "Switch", "NextIteration", "TensorArrayV3", "TensorArrayWriteV3", "LoopCond")
# Operations that read something about an image other than its pixels.
_NO_PIXELS = ("Shape", "ShapeN", "Size", "Rank")
_MAX_NAMES = 8
_SIDE = 32
v1 = tf.compat.v1
_FAILURES = (ValueError, TypeError, tf.errors.OpError)

Shape = tuple[int | None, int | None, int | None]


class ImageNode(NamedTuple):
    """The node that takes the image.

    Attributes:
        name: Its name.
        shape: `(height, width, channels)` that the graph declares, or `(None, None, 3)`.
        dtype: The float type that it outputs.
        value_range: Its values for black and for white, if the image is made from whole numbers or a file before it;
            None if the graph does not say what it expects.
        found: How the range was found.
    """

    name: str
    shape: Shape
    dtype: tf.DType = tf.float32
    value_range: tuple[Any, Any] | None = None
    found: InputKnowledge = "declared"


def find_image_node(graph_def: Any, input_name: str | None, owner: str) -> ImageNode:
    """Return the node that takes the image: `input_name`, or the graph's only placeholder that can.

    A placeholder for whole numbers or for files (JPEG, PNG) has no gradient. In its place, the image enters at the node
    after it that first holds a batch of float images, if there is only one. The values of that node for black and white
    follow from the type of the numbers, or are computed from a black and a white file.

    Raises:
        UnknownNameError: If there is no node `input_name`.
        ModelError: If there is no such node, or more than one, or nothing in the graph uses it.
    """
    nodes = {node.name: node for node in graph_def.node}
    name = _only_float(graph_def, owner) if input_name is None else input_name.removesuffix(":0")
    if name is not None and name not in nodes:
        raise unknown_name("input", name, owner, placeholders(graph_def) or list(nodes))
    if name is not None and not _needs_conversion(nodes[name]):
        if not any(edge.partition(":")[0] == name for node in graph_def.node for edge in node.input):
            raise ModelError(
                f"No layer of {owner} uses {name!r}.",
                "Pass input_name=..., the name of the node that takes the image.",
            )
        return ImageNode(name, _declared_shape(nodes[name]), _float_type(nodes[name]), _range_of_cast(nodes, name))
    sources = [name] if name is not None else _of_whole_numbers(graph_def)
    if not sources:
        raise _no_image(graph_def, owner)
    return _after_conversion(graph_def, nodes, sources, owner)


def _needs_conversion(node: Any) -> bool:
    """Whether an image cannot enter at this node: a placeholder without gradient, or for one image without batch."""
    return node.op in PLACEHOLDERS and (not dtype_of(node).is_floating or _rank(node) == 3)


def _of_whole_numbers(graph_def: Any) -> list[str]:
    """Return the placeholders that may take an image as whole numbers or as a file, those of images first."""
    nodes = {node.name: node for node in graph_def.node}
    names = placeholders(graph_def, (*_RANGES, _FILES))
    names = [name for name in names if dtype_of(nodes[name]) == _FILES or _rank(nodes[name]) not in (0, 1, 2)]
    images = [name for name in names if _rank(nodes[name]) in (3, 4)]
    return images or names


def _only_float(graph_def: Any, owner: str) -> str | None:
    """Return the only float placeholder, or the only one of them whose shape is that of images; None if none is."""
    candidates = placeholders(graph_def, _FLOATS)
    nodes = {node.name: node for node in graph_def.node}
    # A placeholder with a default is usually a training switch or a dropout rate, not the image.
    names = [name for name in candidates if nodes[name].op != "PlaceholderWithDefault"] or candidates
    images = [name for name in names if _rank(nodes[name]) == 4]
    names = images if len(images) == 1 else names
    if names and not images and all(_rank(nodes[name]) in (0, 1, 2) for name in names):
        # Rates and switches: the image may be one of the placeholders for whole numbers.
        names = [] if _of_whole_numbers(graph_def) else names
    if len(names) > 1:
        raise ModelError(
            f"{owner} has {len(names)} float placeholders: {either(names).replace(' or ', ' and ')}.",
            "Pass input_name=..., the name of the one that takes the image, and the values of others as constants=...",
        )
    return names[0] if names else None


def _rank(node: Any) -> int | None:
    rank: int | None = tf.TensorShape(node.attr["shape"].shape).rank if "shape" in node.attr else None
    return rank


def _float_type(node: Any) -> tf.DType:
    """Return the float type that a node outputs."""
    named = ("DstT", "element_dtype", "dtype", "T")
    types = (tf.as_dtype(node.attr[name].type) for name in named if name in node.attr)
    return next((dtype for dtype in types if dtype.is_floating), tf.float32)


def _declared_shape(node: Any) -> Shape:
    if _rank(node) != 4:
        return (None, None, 3)
    height, width, channels = tf.TensorShape(node.attr["shape"].shape).as_list()[1:]
    return (height, width, channels)


def _range_of_cast(nodes: Mapping[str, Any], name: str) -> tuple[Any, Any] | None:
    """Return the range of whole numbers that a node casts to floats; None for other nodes."""
    node = nodes[name]
    if node.op != "Cast":
        return None
    source = tf.as_dtype(node.attr["SrcT"].type)
    certain = source == tf.uint8 or nodes[node.input[0].partition(":")[0]].op in PLACEHOLDERS
    return _RANGES.get(source) if certain else None


def _after_conversion(graph_def: Any, nodes: Mapping[str, Any], sources: Sequence[str], owner: str) -> ImageNode:
    """Return the node that turns the values of one of these placeholders into a batch of float images."""
    found = list(_first_images(graph_def, sources))
    taken, dtype = either(sources), dtype_of(nodes[sources[0]])
    what = f"{taken} takes {dtype.name} values" if not dtype.is_floating else f"{taken} takes a single image"
    if not found:
        raise ModelError(
            f"{owner} has no float input for images: {what}, and nothing outside of loops makes float images of them.",
            "Gradients need float images. Export the part of the network after its preprocessing.",
        )
    if len(found) > 1 or len(sources) > 1:
        raise ModelError(
            f"{owner} has no float input for images: {what}.",
            f"Gradients need float images. Pass input_name={either([op.name for op in found[:_MAX_NAMES]])}, float "
            "nodes after it, and image_value_range=(low, high), the values there of black and white.",
        )
    [op] = found
    sides = op.outputs[0].shape[1:].as_list() if op.outputs[0].shape.rank == 4 else [None, None, None]
    height, width, channels = sides
    node = ImageNode(op.name, (height, width, channels or 3), op.outputs[0].dtype)
    if dtype.is_floating:
        return node
    if op.type == "Cast" and op.inputs[0].dtype in _RANGES and dtype in _RANGES:
        return node._replace(value_range=_RANGES[dtype])
    return node._replace(value_range=_values_at(graph_def, nodes[sources[0]], node), found="measured")


def _first_images(graph_def: Any, sources: Sequence[str]) -> Iterator[tf.Operation]:
    """Yield the first operations outside loops that hold batches of float images made from these placeholders."""
    graph = tf.Graph()
    with graph.as_default():
        tf.graph_util.import_graph_def(graph_def, name="")
    waiting = [(graph.get_operation_by_name(source), 0) for source in sources]
    seen, found = set(), set()
    while waiting:
        op, depth = waiting.pop()
        if op.name in seen:
            continue
        seen.add(op.name)
        if op.type in _NO_PIXELS:
            continue
        depth += {"Enter": 1, "Exit": -1}.get(op.type, 0)
        output = op.outputs[0] if op.outputs and op.type not in _FLOWS and op.name not in sources else None
        if output is not None and output.dtype.is_floating and output.shape.rank in (None, 4) and depth == 0:
            found.add(op.name)
            continue
        waiting.extend((user, depth) for output in op.outputs for user in output.consumers())
    return (graph.get_operation_by_name(node.name) for node in graph_def.node if node.name in found)


def _values_at(graph_def: Any, source: Any, image: ImageNode) -> tuple[Any, Any] | None:
    """Return the values of `image` for a black and a white image at a placeholder; None if it takes neither."""
    with tf.init_scope():
        pairs = list(_black_and_white(source, image.shape))
    with tf.Graph().as_default() as graph:
        part = v1.graph_util.extract_sub_graph(graph_def, [image.name])
        tf.graph_util.import_graph_def(part, name="")
    # A session, because a `tf.function` would make its result wait for operations inside loops, which is an error.
    with v1.Session(graph=graph, config=v1.ConfigProto(device_count={"GPU": 0})) as session:
        for black, white in pairs:
            try:
                images = [session.run(f"{image.name}:0", {f"{source.name}:0": fed}) for fed in (black, white)]
            except _FAILURES:  # of a decoder for another kind of file
                continue
            if all(each.ndim == 4 and each.size and np.isfinite(each.astype(np.float32)).all() for each in images):
                low, high = (_per_channel(each) for each in images)
                return (low, high) if low != high else None
    return None


def _black_and_white(source: Any, shape: Shape) -> Iterator[tuple[Any, Any]]:
    """Yield pairs of a black and a white image in the forms that a placeholder may take."""
    dtype, rank = dtype_of(source), _rank(source)
    height, width, channels = (side or usual for side, usual in zip(shape, (_SIDE, _SIDE, 3), strict=True))
    if dtype in _RANGES:
        declared = tf.TensorShape(source.attr["shape"].shape).as_list() if rank else [None] * 4
        usual = (1, height, width, channels)[-len(declared) :]
        sides = [side or other for side, other in zip(declared, usual, strict=True)]
        low, high = (np.full(sides, bound, dtype.as_numpy_dtype) for bound in _RANGES[dtype])
        yield low, high
        return
    for encode in (tf.io.encode_jpeg, tf.io.encode_png):
        files = [encode(np.full((height, width, channels), level, np.uint8)) for level in (0, 255)]
        for low, high in (files, map(tf.io.encode_base64, files)):
            black, white = low.numpy(), high.numpy()
            yield (black, white) if rank == 0 else (np.array([black], object), np.array([white], object))


def _per_channel(images: npt.NDArray[Any]) -> float | tuple[float, ...]:
    means = (round(float(value), 3) for value in images.mean(axis=(0, 1, 2), dtype=np.float64))
    channels = tuple(int(value) if value.is_integer() else value for value in means)
    return channels[0] if len(set(channels)) == 1 else channels


def _no_image(graph_def: Any, owner: str) -> ModelError:
    others = placeholders(graph_def)
    if others:
        return ModelError(
            f"{owner} has no placeholder for images; {either(others)} takes something else.",
            "Pass input_name=..., the name of the node that takes the image as floats.",
        )
    return ModelError(
        f"{owner} has no placeholder for an image.", "Pass input_name=..., the name of the node that takes the image."
    )
