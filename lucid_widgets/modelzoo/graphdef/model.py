"""Frozen TensorFlow 1 graphs: Lucid's classes, and `from_graphdef` for any other `.pb` file."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import tensorflow as tf

from lucid_widgets.errors import ModelError
from lucid_widgets.modelzoo.files.downloads import INCEPTION5H
from lucid_widgets.modelzoo.files.weights import SYNSET_FILES, find_weights, list_beside, read_labels, read_synset_ids
from lucid_widgets.modelzoo.graphdef.edits import add_pre_relu_concats
from lucid_widgets.modelzoo.graphdef.files import find_input, input_shape, read_graphdef
from lucid_widgets.modelzoo.graphdef.layers import GraphSurvey
from lucid_widgets.modelzoo.graphdef.lazy_import import LazyImport, SharedWeights, split_port
from lucid_widgets.modelzoo.survey.layer_errors import cannot_compute, first_line
from lucid_widgets.modelzoo.vision_base import Layer, Model, T, check_value_range

PathLike = str | os.PathLike[str]

_SETTINGS = ("name", "input_name", "image_value_range", "is_BGR", "image_shape")


class GraphDefModel(Model):
    """A frozen GraphDef file as a model.

    Subclass it as in Lucid, with what is known about the network as class attributes (`model_path`, `labels_path`,
    `image_shape`, `image_value_range`, `is_BGR`, `input_name`), or pass the same to `from_graphdef`.

    Args:
        path: The `.pb` file; the class attribute `model_path` where it is None.
        labels: Class names, or the path of a text file with one on each line; `labels_path` where it is None.
        **settings: `name`, `input_name`, `image_value_range`, `is_BGR` or `image_shape`, where they differ from the
            class's.

    Raises:
        ModelError: The file cannot be used as it is: missing, empty, not a graph, not frozen, channels first, or
            without a single placeholder for the image.

    Example:
        >>> class MyNet(GraphDefModel):
        ...     model_path = "my_net.pb"
        ...     image_value_range = (0, 1)
        >>> T = MyNet().import_graph(image)
    """

    def __init__(
        self, path: PathLike | None = None, *, labels: Sequence[str] | PathLike | None = None, **settings: Any
    ) -> None:
        unknown = set(settings) - set(_SETTINGS)
        if unknown:
            raise TypeError(f"{type(self).__name__} got an unexpected keyword argument {min(unknown)!r}.")
        vars(self).update(settings)
        file = path if path is not None else self.model_path
        if file is None:
            raise ModelError(f"{type(self).__name__} has no file.", "Pass path=..., or set model_path in the class.")
        self.model_path = os.fspath(file)
        self.name = self.name or self.model_name or type(self).__name__
        self.graph_def = self.edit_graph(self._read(file))
        self._nodes = {node.name: node for node in self.graph_def.node}
        self.input_name: str = find_input(self.graph_def, self.input_name, self.name)
        self.image_value_range = check_value_range(self.image_value_range)
        if tuple(self.image_shape) == Model.image_shape:
            self.image_shape = input_shape(self.graph_def, self.input_name)
        found = read_labels(labels if labels is not None else self.labels_path)
        if found is not None:
            self.labels = found

    def _read(self, file: PathLike) -> Any:
        """The GraphDef in a file; a hook for other kinds of files."""
        return read_graphdef(file)

    def edit_graph(self, graph_def: Any) -> Any:
        """The graph as it is to be used; a hook for subclasses, which takes the place of Lucid's `post_import`.

        Args:
            graph_def: As read from the file.

        Returns:
            A GraphDef, the same or another.
        """
        return graph_def

    @cached_property
    def _weights(self) -> SharedWeights:
        return SharedWeights(self._nodes)

    @cached_property
    def _survey(self) -> GraphSurvey:
        return GraphSurvey(self.graph_def, self._nodes, self.input_name, self.image_shape, self.name)

    def _list_layers(self) -> Sequence[Layer]:
        return self._survey.layers()

    def _describe(self, name: str) -> Layer | None:
        place = split_port(name)
        return self._survey.describe(*place) if place else None

    def _has(self, name: str) -> bool:
        place = split_port(name)
        if place is None or place[0] not in self._nodes:
            return False
        # Only the scratch graph knows how many outputs a node has; the first exists but for a few odd ones.
        return (place[1] == 0 and self._nodes[place[0]].op != "NoOp") or self._describe(name) is not None

    def _unlisted_names(self) -> Sequence[str]:
        listed = set(self.layers.names)
        return [name for name, node in self._nodes.items() if node.op != "Const" and name not in listed]

    def _evaluator(self, image: tf.Tensor, prefix: str, input_map: Mapping[str, tf.Tensor]) -> T:
        asked = ""

        def failure(at: str, error: Exception) -> Exception:
            return cannot_compute(
                self.name,
                asked,
                at=at,
                reason=first_line(error),
                received=image.shape[1:3],
                expected=self.image_shape[:2],
            )

        given = {f"{self.input_name}:0": image, **input_map}
        imports = LazyImport(self.graph_def, self._nodes, self._weights, prefix, given, failure, self.name)

        def tensor(name: str) -> tf.Tensor:
            nonlocal asked
            asked = name
            return imports.tensor(*(split_port(name) or (name, 0)))

        return tensor


def from_graphdef(
    path: PathLike,
    input_name: str | None = None,
    image_value_range: tuple[Any, Any] = (-1, 1),
    is_BGR: bool = False,
    labels: Sequence[str] | PathLike | None = None,
    image_shape: tuple[int | None, int | None, int | None] | None = None,
    name: str | None = None,
) -> GraphDefModel:
    """Any frozen TensorFlow graph as a model.

    Args:
        path: A `.pb` file with a frozen GraphDef, channels last.
        input_name: The node that takes the image; found by itself where there is exactly one float placeholder.
        image_value_range: What the network expects for black and for white.
        is_BGR: Whether it expects blue first.
        labels: Class names in output order, or the path of a text file with one on each line.
        image_shape: `(height, width, channels)` it was made for; by default what the placeholder declares.
        name: What to call it; the file's name by default.

    Returns:
        The model.

    Raises:
        ModelError: The file cannot be used as it is; the message says why and what to do.
        UnknownNameError: There is no node `input_name`.

    Example:
        >>> model = from_graphdef("tensorflow_inception_graph.pb", image_value_range=(-117, 138))
    """
    return GraphDefModel(
        path,
        labels=labels,
        name=name or Path(path).stem,
        input_name=input_name,
        image_value_range=image_value_range,
        is_BGR=is_BGR,
        image_shape=image_shape or Model.image_shape,
    )


class InceptionV1(GraphDefModel):
    """Inception V1 (GoogLeNet), Lucid's network: `conv2d0` to `mixed5b`, and `<layer>_pre_relu` for each of them.

    Args:
        path: The frozen graph, Google's `tensorflow_inception_graph.pb` or one with the same node names. Without it
            the folder in the environment variable `LUCID_WIDGETS_MODEL_DIR` is looked into; if it is not there, it is
            downloaded (50 MB) and kept.
        labels: Class names, or the path of a text file with one on each line. Without them a list of the right
            length is taken from a known file beside the graph, if there is one.

    Example:
        >>> model = InceptionV1("tensorflow_inception_graph.pb")
        >>> model.layers["mixed4a_pre_relu"].channels
        508
    """

    dataset = "ImageNet"
    image_value_range = (-117, 138)
    image_shape = (224, 224, 3)
    input_name = "input"
    first_look = ("mixed4a_pre_relu", 476)  # with which Lucid's tutorial begins
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
        """The names of the classes in output order, or None where no fitting list was found."""
        return read_labels(list_beside(self.model_path or "", self.label_files, self._classes, read_labels))

    @cached_property
    def synsets_path(self) -> Path | None:  # type: ignore[override]
        """A list of the classes' WordNet ids beside the graph, or None."""
        return list_beside(self.model_path or "", SYNSET_FILES, self._classes, read_synset_ids)

    @property
    def _classes(self) -> int | None:
        return self.get_layer("softmax2").channels

    def edit_graph(self, graph_def: Any) -> Any:
        """Adds the `_pre_relu` concatenations, which Lucid's class adds after import."""
        return add_pre_relu_concats(graph_def)

    def _list_layers(self) -> Sequence[Layer]:
        variants = (f"{name}{end}" for name in self.listed for end in ("_pre_relu", "_pre_activation", ""))
        return [self.get_layer(name) for name in variants if self._has(name)]
