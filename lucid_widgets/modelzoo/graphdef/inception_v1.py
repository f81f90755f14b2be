"""Inception V1 (GoogLeNet), the network of Lucid's tutorials."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from lucid_widgets.modelzoo.files.downloads import INCEPTION5H
from lucid_widgets.modelzoo.files.weights import (
    SYNSET_FILES,
    PathLike,
    find_weights,
    list_beside,
    read_labels,
    read_synset_ids,
)
from lucid_widgets.modelzoo.graphdef.edits import add_pre_relu_concats
from lucid_widgets.modelzoo.graphdef.model import GraphDefModel
from lucid_widgets.modelzoo.survey.layer import Layer

__all__ = ["InceptionV1"]


class InceptionV1(GraphDefModel):
    """Inception V1 (GoogLeNet), with the layers `conv2d0` to `mixed5b`, each also as `<layer>_pre_relu`.

    Args:
        path: The frozen graph: Google's `tensorflow_inception_graph.pb`, or one with the same node names. Default: the
            file in the folder that the environment variable `LUCID_WIDGETS_MODEL_DIR` names; if there is none, the
            weights are downloaded once (50 MB).
        labels: Class names, or the path of a text file with one name per line. Default: a known list next to the graph
            that has as many entries as the network has classes.

    Example:
        >>> model = InceptionV1("tensorflow_inception_graph.pb")
        >>> model.layers["mixed4a_pre_relu"].channels
        508
    """

    dataset = "ImageNet"
    image_value_range = (-117, 138)
    image_shape = (224, 224, 3)
    input_name = "input"
    first_look = ("mixed4a_pre_relu", 476)  # the first image in Lucid's tutorial
    file_names: ClassVar[tuple[str, ...]] = ("inception_v1_bvlc.pb", "tensorflow_inception_graph.pb")
    label_files: ClassVar[tuple[str, ...]] = (
        *("imagenet_synset_words.txt", "ImageNet_alternate.txt"),
        "imagenet_comp_graph_label_strings.txt",
    )
    listed: ClassVar[tuple[str, ...]] = (
        *("conv2d0", "conv2d1", "conv2d2", "mixed3a", "mixed3b", "mixed4a", "mixed4b", "mixed4c", "mixed4d"),
        *("mixed4e", "mixed5a", "mixed5b", "head0_bottleneck", "nn0", "softmax0", "head1_bottleneck", "nn1"),
        *("softmax1", "softmax2"),
    )

    def __init__(self, path: PathLike | None = None, *, labels: Sequence[str] | PathLike | None = None) -> None:
        super().__init__(find_weights("InceptionV1", self.file_names, path, INCEPTION5H), labels=labels)

    @cached_property
    def labels(self) -> tuple[str, ...] | None:  # type: ignore[override]
        """Class names in output order, or None if no list of the right length was found."""
        return read_labels(list_beside(self.model_path or "", self.label_files, self._classes, read_labels))

    @cached_property
    def synsets_path(self) -> Path | None:  # type: ignore[override]
        """A list of the classes' WordNet ids next to the graph, or None."""
        return list_beside(self.model_path or "", SYNSET_FILES, self._classes, read_synset_ids)

    @property
    def _classes(self) -> int | None:
        return self.get_layer("softmax2").channels

    def edit_graph(self, graph_def: Any) -> Any:
        """Add the `_pre_relu` concatenations, which Lucid's class adds after import."""
        return add_pre_relu_concats(graph_def)

    def _list_layers(self) -> Sequence[Layer]:
        variants = (f"{name}{end}" for name in self.listed for end in ("_pre_relu", "_pre_activation", ""))
        return [self.get_layer(name) for name in variants if self.network.has(name)]
