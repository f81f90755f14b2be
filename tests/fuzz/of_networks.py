"""Damaged graphs, metadata and manifests."""

from __future__ import annotations

import json
import random
from functools import cache
from pathlib import Path
from typing import Any

import tensorflow as tf
from fuzz.mutate import damaged, mutated
from modelzoo.tiny_nets import graph_def, placeholder, two_towers

from lucid_widgets.modelzoo.vision_models import Model, from_graphdef

# Graphs and manifests.

_METADATA = {
    "model_path": "net.pb",
    "labels": ["a", "b", "c", "d"],
    "labels_path": "labels.txt",
    "name": "towers",
    "input_name": "image",
    "image_shape": [None, 8, 3],
    "image_value_range": [0, 4],
    "is_BGR": False,
    "type": "frozen",
    "layers": [{"name": "left", "depth": 2, "tags": ["conv"]}, "both", {"name": "gone", "depth": 4}],
}


@cache
def _graph() -> bytes:
    return bytes(two_towers().SerializeToString())


def _look(model: Any) -> None:
    str(model.layers)
    str(model.labels)
    if model.layers.names:
        model.get_layer(model.layers.names[0])


def manifests(rng: random.Random, folder: Path) -> None:
    (folder / "net.pb").write_bytes(_graph())
    (folder / "labels.txt").write_text("a\nb\n")
    text = json.dumps(mutated(rng, _METADATA)).encode(errors="surrogatepass")
    (folder / "m.json").write_bytes(damaged(rng, text) if rng.random() < 0.2 else text)
    _look(Model.load(folder / "m.json"))


def metadata(rng: random.Random, folder: Path) -> None:
    def build() -> None:
        placeholder()
        text = json.dumps(mutated(rng, {key: value for key, value in _METADATA.items() if key != "labels_path"}))
        tf.constant(text.encode(errors="surrogatepass"), name="lucid_metadata_json")

    made = two_towers()
    made.node.append(graph_def(build).node[-1])
    (folder / "net.pb").write_bytes(made.SerializeToString())
    _look(Model.load(folder / "net.pb"))


def graphs(rng: random.Random, folder: Path) -> None:
    (folder / "net.pb").write_bytes(damaged(rng, _graph()) if rng.random() < 0.5 else _edited(rng))
    _look(from_graphdef(folder / "net.pb", image_value_range=(0, 1)))


_OPS = (
    "WriteFile",
    "ReadFile",
    "PrintV2",
    "PyFunc",
    "EagerPyFunc",
    "Abort",
    "Relu",
    "NoSuchOp",
    "TFRecordReader",
    "If",
)


def _edited(rng: random.Random) -> bytes:
    """A graph in which a few nodes have other operations, inputs, names or attributes."""
    made = two_towers()
    for _ in range(rng.randrange(1, 4)):
        node, other = rng.choice(made.node), rng.choice(made.node)
        match rng.randrange(6):
            case 0:
                node.op = rng.choice(_OPS)
            case 1:
                node.name = rng.choice((other.name, "", "a\0b", "é", "../x", "^x"))
            case 2:
                node.input.append(rng.choice((other.name, f"^{other.name}", f"{other.name}:9", "nobody", "")))
            case 3 if node.input:
                node.input.pop(rng.randrange(len(node.input)))
            case 4 if node.attr:
                key = rng.choice(sorted(node.attr))
                node.attr[key].Clear() if rng.random() < 0.5 else node.attr[key].CopyFrom(
                    other.attr.get(key, node.attr[key])
                )
            case _:
                made.node.add().CopyFrom(node)
    return bytes(made.SerializeToString())
