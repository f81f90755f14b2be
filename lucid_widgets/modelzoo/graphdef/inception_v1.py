"""Inception V1 (GoogLeNet), the network of Lucid's tutorials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from lucid_widgets.modelzoo.base.class_facts import ClassFact
from lucid_widgets.modelzoo.files.downloads import INCEPTION5H, first_member
from lucid_widgets.modelzoo.files.weights import (
    SYNSET_FILES,
    PathLike,
    find_weights,
    list_beside,
    local_weights,
    on_lucids_server,
    read_labels,
    read_synset_ids,
)
from lucid_widgets.modelzoo.graphdef.edits import add_pre_relu_concats
from lucid_widgets.modelzoo.graphdef.zoo_model import ZooModel
from lucid_widgets.modelzoo.survey.layer import Layer, LayerList

__all__ = ["InceptionV1"]

_DENSE = ("nn0", "softmax0", "nn1", "softmax1", "softmax2")


class InceptionV1(ZooModel):
    """Inception V1 (GoogLeNet), with the layers `conv2d0` to `mixed5b`, each also as `<layer>_pre_relu`.

    Args:
        path: The frozen graph: Google's `tensorflow_inception_graph.pb`, or one with the same node names. Default: the
            file in the folder that the environment variable `LUCID_WIDGETS_MODEL_DIR` names; if there is none, the
            weights are downloaded once (50 MB), at the first use of the network.
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
    listed: ClassVar[Mapping[str, int]] = {
        **{"conv2d0": 64, "conv2d1": 64, "conv2d2": 192, "mixed3a": 256, "mixed3b": 480, "mixed4a": 508},
        **{"mixed4b": 512, "mixed4c": 512, "mixed4d": 528, "mixed4e": 832, "mixed5a": 832, "mixed5b": 1024},
        **{"head0_bottleneck": 128, "nn0": 1024, "softmax0": 1008, "head1_bottleneck": 128, "nn1": 1024},
        **{"softmax1": 1008, "softmax2": 1008},
    }
    source: ClassVar[str] = "gs://modelzoo/vision/other_models/InceptionV1.pb"

    def __init__(self, path: PathLike | None = None, *, labels: Sequence[str] | PathLike | None = None) -> None:
        super().__init__(path, labels=labels)
        if on_lucids_server(self.model_path) and (file := self._download()) is not None:
            self.model_path = str(file)  # so that models compare equal before and after the download

    @classmethod
    def _download(cls) -> Path | None:
        """Return the path that a download will have, or None if there is no download."""
        return first_member(INCEPTION5H)

    @classmethod
    def _local(cls) -> Path | None:
        return local_weights(cls.file_names, INCEPTION5H)

    @classmethod
    def _find(cls, path: PathLike | None) -> Path:
        return find_weights("InceptionV1", cls.file_names, path, INCEPTION5H)

    @cached_property
    def labels(self) -> list[str] | None:  # type: ignore[override]
        """Class names in output order, or None if no list of the right length was found."""
        _ = self.network  # finds the file
        return read_labels(list_beside(self.model_path or "", self.label_files, self._classes, read_labels))

    def _synsets_beside(self) -> Path | None:
        """A list of the classes' WordNet ids next to the graph, or None; on the class, Lucid's address of one."""
        _ = self.network
        return list_beside(self.model_path or "", SYNSET_FILES, self._classes, read_synset_ids)

    synsets_path: Any = ClassFact(lambda cls: cls._synsets_address(), _synsets_beside)

    @classmethod
    def _labels_address(cls) -> str:
        return "gs://modelzoo/labels/ImageNet_alternate.txt"

    @classmethod
    def _synsets_address(cls) -> str:
        return "gs://modelzoo/labels/ImageNet_alternate_synsets.txt"

    @property
    def _classes(self) -> int | None:
        return self.get_layer("softmax2").channels

    def edit_graph(self, graph_def: Any) -> Any:
        """Add the `_pre_relu` concatenations, which Lucid's class adds after import."""
        return add_pre_relu_concats(graph_def)

    @classmethod
    def _known_layers(cls) -> LayerList:
        layers = [Layer(name, "dense" if name in _DENSE else "conv", count, 0.0) for name, count in cls.listed.items()]
        return LayerList(layers, owner=cls.__name__)

    def _list_layers(self) -> Sequence[Layer]:
        return [self.get_layer(name) for name in self.listed if self.network.has(name)]

    def _browsable_layers(self, listed: Sequence[Layer]) -> Sequence[Layer]:
        variants = (f"{layer.name}{end}" for layer in listed for end in ("_pre_relu", "_pre_activation", ""))
        return [self.get_layer(name) for name in variants if self.network.has(name)]
