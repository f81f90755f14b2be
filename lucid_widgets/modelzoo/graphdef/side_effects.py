"""Operations of a stranger's graph that reach beyond the network: to files, other processes, or code.

A frozen graph is a program, and TensorFlow runs every operation in it. Visualizing a network needs none of these.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import tensorflow as tf
from google.protobuf.message import DecodeError
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

from lucid_widgets.errors import ModelError
from lucid_widgets.misc.outside import file_bytes

__all__ = ["refuse_side_effects", "refuse_side_effects_of_saved_model"]

# Full names of operations, by what they do.
_EFFECTS = {
    "reads or writes files": (
        r"ReadFile|WriteFile|MatchingFiles|RecordInput|DumpTensor|ImportEvent|GenerateVocabRemapping|LoadAndRemapMatrix"
        r"|FixedUnigramCandidateSampler|FileSystemSetConfiguration"
        r"|(Identity|WholeFile|TextLine|TFRecord|FixedLengthRecord|LMDB)Reader(V2)?"
        r"|\w*Dataset\w*|\w*Iterator\w*"
        r"|\w*SummaryWriter|CreateSummary\w*|Write\w*Summary"
        r"|Debug(Identity|NumericSummary|NanCount|Gradient)\w*"
    ),
    "reads or writes checkpoints": r"(DTensor|Distributed)?(Save|Restore)(V2|Slices?)?|MergeV2Checkpoints",
    "reads a vocabulary file": r"InitializeTableFromTextFile(V2)?",
    "calls Python code": r"PyFunc|PyFuncStateless|EagerPyFunc",
    "communicates with other processes": (
        r"Rpc\w+|RemoteCall|_?(Host)?(Send|Recv)|DataService\w+|Collective\w+|_?Nccl\w+|_?Xla\w*(Send|Recv|Host)\w*"
    ),
    "ends the process": r"Abort",
}
_PATTERNS = {effect: re.compile(names) for effect, names in _EFFECTS.items()}

# What TensorFlow's own code for saving and for tables of words consists of. It is in every SavedModel.
_PARTS_OF_SAVED_MODELS = ("reads or writes checkpoints", "reads a vocabulary file")


def refuse_side_effects(graph_def: Any, file: Path) -> None:
    """Remove operations with side effects from a GraphDef, in place, or refuse the graph if the network runs them.

    Training leaves operations for checkpoints in some frozen graphs. They are removed with everything that depends on
    them, unless something that depends on an input of the graph does.

    Args:
        graph_def: The GraphDef.
        file: Its file, for error messages.

    Raises:
        ModelError: If a part of the network depends on such an operation. The message names it.
    """
    calls = _Calls(graph_def.library)
    effects = {node.name: found for node in graph_def.node if (found := calls.effect_of(node)) is not None}
    if not effects:
        return
    users = _users(graph_def.node)
    network = _downstream([node.name for node in graph_def.node if _is_input(node)], users)
    for name, (op, effect) in effects.items():
        if name in network or _downstream([name], users) & network:
            raise _refusal(file, name, op, effect)
    dangling = _downstream(effects, users)
    kept = [node for node in graph_def.node if node.name not in dangling]
    del graph_def.node[:]
    graph_def.node.extend(kept)


def refuse_side_effects_of_saved_model(folder: Path) -> None:
    """Refuse a SavedModel with such an operation before TensorFlow loads it, because loading runs initializers.

    Raises:
        ModelError: If it has one. The message names it.
    """
    saved = SavedModel()
    file = folder / "saved_model.pb"
    try:
        saved.ParseFromString(file_bytes(file, error=ModelError))
    except DecodeError:
        return  # TensorFlow cannot read it either, and says so
    for graph_def in (meta_graph.graph_def for meta_graph in saved.meta_graphs):
        nodes = [*graph_def.node, *(node for function in graph_def.library.function for node in function.node_def)]
        for node in nodes:
            found = _effect(node)
            if found is not None and found not in _PARTS_OF_SAVED_MODELS:
                raise _refusal(file, node.name, node.op, found)


def _refusal(file: Path, name: str, op: str, effect: str) -> ModelError:
    return ModelError(
        f"{str(file)!r} is refused, because its node {name!r} ({op}) {effect}.",
        "A network needs no such operation. Get the file from a source that you trust, or remove the node.",
    )


class _Calls:
    """The functions of a graph, and which of them have side effects."""

    def __init__(self, library: Any) -> None:
        self._functions = {function.signature.name: function for function in library.function}
        self._effects: dict[str, tuple[str, str] | None] = {}

    def effect_of(self, node: Any) -> tuple[str, str] | None:
        """The operation with a side effect that a node is, or that it calls, and the effect; None if there is none."""
        effect = _effect(node)
        if effect:
            return node.op, effect
        called = [node.op, *(name for value in node.attr.values() for name in _function_names(value))]
        return next(filter(None, map(self._effect_in, called)), None)

    def _effect_in(self, name: str) -> tuple[str, str] | None:
        if name not in self._functions:
            return None
        if name not in self._effects:
            self._effects[name] = None  # a function may call itself
            self._effects[name] = next(filter(None, map(self.effect_of, self._functions[name].node_def)), None)
        return self._effects[name]


def _effect(node: Any) -> str | None:
    if node.op == "PrintV2" and node.attr["output_stream"].s.startswith(b"file:"):
        return "writes a file"
    return next((effect for effect, pattern in _PATTERNS.items() if pattern.fullmatch(node.op)), None)


def _is_input(node: Any) -> bool:
    """Whether a node takes images. The code that writes checkpoints has a placeholder too, for the name of the file."""
    if node.op == "PlaceholderWithDefault":
        return bool(node.attr["dtype"].type != tf.string.as_datatype_enum)
    return node.op in ("Placeholder", "PlaceholderV2")


def _function_names(value: Any) -> list[str]:
    return [function.name for function in (value.func, *value.list.func) if function.name]


def _users(nodes: Iterable[Any]) -> Mapping[str, list[str]]:
    """Names of the nodes that use each node, as a value or as a control input."""
    users: dict[str, list[str]] = defaultdict(list)
    for node in nodes:
        for edge in node.input:
            users[edge.lstrip("^").partition(":")[0]].append(node.name)
    return users


def _downstream(names: Iterable[str], users: Mapping[str, list[str]]) -> set[str]:
    """These nodes, and all nodes that depend on them."""
    reached: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting.extend(users.get(name, ()))
    return reached
