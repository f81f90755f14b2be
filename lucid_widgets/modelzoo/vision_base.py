"""`Model`, the base class of all models, with Lucid's attributes and methods.

A subclass that names the file of a frozen graph is a complete model. Classes for other files and libraries set
`network` themselves.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from lucid_widgets.errors import ModelError
from lucid_widgets.misc.io import showing
from lucid_widgets.modelzoo import wordnet
from lucid_widgets.modelzoo.base.activations import nested_activations
from lucid_widgets.modelzoo.base.graph_owner import GraphOwner
from lucid_widgets.modelzoo.base.image_input import (
    IMAGENET_MEAN,
    IMAGENET_MEAN_BGR,
    InputLayout,
    check_value_range,
    is_channels_first,
    upright,
)
from lucid_widgets.modelzoo.base.model_base import ModelBase
from lucid_widgets.modelzoo.base.network import Network, T
from lucid_widgets.modelzoo.files.weights import (
    PathLike,
    downloaded,
    existing_file,
    on_lucids_server,
    read_labels,
    read_synset_ids,
)
from lucid_widgets.modelzoo.graphdef.constants import certain_constants, with_constants
from lucid_widgets.modelzoo.graphdef.files import read_graphdef
from lucid_widgets.modelzoo.graphdef.inputs import find_image_node
from lucid_widgets.modelzoo.graphdef.preparation import graph_range
from lucid_widgets.modelzoo.saving import load as saved
from lucid_widgets.modelzoo.saving.save import OnClassOrInstance, save
from lucid_widgets.modelzoo.saving.suggest import suggest_save_args
from lucid_widgets.modelzoo.survey.layer import Layer, LayerList

__all__ = [
    "IMAGENET_MEAN",
    "IMAGENET_MEAN_BGR",
    "FrozenGraphModel",
    "Layer",
    "LayerList",
    "Model",
    "Network",
    "SerializedModel",
    "T",
]

_SETTINGS = ("name", "input_name", "image_value_range", "is_BGR", "image_shape", "constants")


class Model(GraphOwner):
    """A network whose layers can be visualized, by default one that is stored as a frozen graph.

    A subclass in Lucid's style names the file, and what the network expects:

        class MyNet(Model):
            model_path = "my_net.pb"
            image_value_range = (0, 1)

    Args:
        path: The file of the frozen graph (`.pb`); default: `model_path`.
        labels: Class names, or the path of a text file with one name per line; default: `labels_path`.
        **settings: `name`, `input_name`, `image_value_range`, `is_BGR`, `image_shape` and `constants`, where they
            differ from the attributes of the class.

    Attributes:
        model_path: The file of the network, if it has one.
        model_name: The name of a subclass's models; default: the name of the class.
        labels_path: A text file with one class name per line.
        synsets_path: A text file with the WordNet id of a class at the start of each line.
        dataset: What the network was trained on, if known.
        constants: Values of the graph's other placeholders, by name, such as `{"scale": 2.0}`. Rates of dropout and
            switches for training, such as `keep_prob` and `is_training`, get the value that turns them off. Layers that
            depend on a placeholder without a value cannot be computed.

    Raises:
        ModelError: If the file cannot be used: it is missing, empty, not a graph, not frozen, has channels first, or
            does not have exactly one placeholder for the image.
    """

    model_name: str | None = None
    model_path: PathLike | None = None
    labels_path: PathLike | None = None
    synsets_path: PathLike | None = None
    dataset: str | None = None
    constants: Mapping[str, Any] | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "post_import" in vars(cls):
            raise ModelError(
                f"{cls.__name__} defines post_import, which nothing calls.",
                "Define edit_graph(self, graph_def), and return the GraphDef to import.",
            )

    def __init__(
        self, path: PathLike | None = None, *, labels: Sequence[str] | PathLike | None = None, **settings: Any
    ) -> None:
        unknown = set(settings) - set(_SETTINGS)
        if unknown:
            raise TypeError(f"{type(self).__name__} got an unexpected keyword argument {min(unknown)!r}.")
        # A range of None leaves the choice to the class, or to what the graph shows.
        left_open = {"image_value_range"} if settings.get("image_value_range") is None else set()
        vars(self).update({key: value for key, value in settings.items() if key not in left_open})
        file = path if path is not None else self.model_path
        if file is None:
            raise ModelError(
                f"{type(self).__name__} does not say where its network is.",
                'Set model_path = ".../frozen_graph.pb" in the class, or use models.from_keras, models.from_graphdef '
                "or models.from_saved_model.",
            )
        self.model_path = os.fspath(file)
        self.name = self.name or self.model_name or type(self).__name__
        graph_def = self.edit_graph(self._read(file))
        graph_def = with_constants(graph_def, self.constants or {}, self.name)
        image = find_image_node(graph_def, self.input_name, self.name)
        certain = certain_constants(graph_def, image.name)
        graph_def = with_constants(graph_def, certain, self.name)
        self.constants = {**certain, **(self.constants or {})} or None
        self.input_name = image.name
        if self.image_value_range is not ModelBase.image_value_range:
            self.image_value_range = check_value_range(self.image_value_range)
        elif image.value_range is not None:
            self._take_range(image.found, image.value_range)
        if tuple(self.image_shape) == Model.image_shape:
            self.image_shape = image.shape
        self._layout = InputLayout(is_channels_first(image.shape), image.dtype)
        if self._layout.channels_first:
            self.image_shape = upright(self.image_shape)
        self._take_graph(graph_def)
        if self.image_value_range is ModelBase.image_value_range:
            seen = graph_range(self.network, graph_def, self.input_name, self.image_shape)
            self._take_range("measured" if seen else "guessed", seen or (-1, 1))
        named = labels if labels is not None else self.labels_path
        found = None if isinstance(named, str) and on_lucids_server(named) else read_labels(named)
        if found is not None:
            self.labels = found

    def _read_graph(self) -> Any:
        graph_def = self.edit_graph(self._read(self.model_path or ""))
        return with_constants(graph_def, self.constants or {}, self.name)

    def _read(self, file: PathLike) -> Any:
        """Return the GraphDef in a file; subclasses override it to read other kinds of files."""
        return read_graphdef(file)

    def edit_graph(self, graph_def: Any) -> Any:
        """Return the GraphDef to import; subclasses override it to change the graph, as Lucid's `post_import` did.

        Args:
            graph_def: The GraphDef in the file.
        """
        return graph_def

    def load_graphdef(self) -> None:
        """Do nothing: a model loads its graph when it is created. Lucid's notebooks call this method."""

    def show_graph(self) -> Any:
        """Draw the network, with a box for each layer, and return the widget, a `NetworkGraph`."""
        return showing.graph(self)

    @cached_property
    def synset_ids(self) -> list[str]:
        """WordNet ids of the classes in output order, such as "n02099601".

        Raises:
            ModelError: If there is no `synsets_path`, or the file is missing or does not hold WordNet ids.
        """
        if self.synsets_path is None:
            raise ModelError(
                f"{self.name} has no list of synsets.",
                "Set synsets_path to a text file with the WordNet id of a class at the start of each line.",
            )
        return read_synset_ids(existing_file(self.synsets_path, "a text file with a WordNet id on each line"))

    @cached_property
    def synsets(self) -> list[Any]:
        """NLTK synsets of the classes in output order; see `modelzoo.wordnet`."""
        return [wordnet.synset_from_id(each) for each in self.synset_ids]

    def get_activations(
        self,
        layer: str | Layer,
        examples: Any,
        batch_size: int = 64,
        dtype: Any = None,
        ind_shape: Sequence[int] | None = None,
        center_only: bool = False,
    ) -> Any:
        """Activations of a layer for an n-dimensional array of images; see `modelzoo.get_activations`."""
        return nested_activations(self, layer, examples, batch_size, dtype, ind_shape, center_only)

    save = OnClassOrInstance(save)
    suggest_save_args = staticmethod(suggest_save_args)

    @staticmethod
    def load(url: PathLike) -> SerializedModel:
        """Load a model from a file that `save` wrote, in this package or in Lucid (`.pb`), or a manifest (`.json`).

        Args:
            url: The path of the file, or its address (`https://...`, `gs://...`), from which it is downloaded once.

        Raises:
            ModelError: If the file is neither. The message says what is missing.

        Example:
            >>> model = Model.load("my_model.pb")

        Source: Lucid's `Model.load`, which returned None for other files.
        """
        url = downloaded(url)
        if saved.is_manifest(url):
            return Model.load_from_manifest(url)
        return Model.load_from_graphdef(url)

    @staticmethod
    def load_from_metadata(model_url: PathLike, metadata: Mapping[str, Any]) -> SerializedModel:
        """Load a model from a frozen graph (`.pb`) and its metadata, as `SerializedModel` accepts it.

        Source: Lucid's `Model.load_from_metadata`.
        """
        return SerializedModel(downloaded(model_url), metadata)

    @staticmethod
    def load_from_graphdef(graphdef_url: PathLike) -> SerializedModel:
        """Load a model from a graph that `save` wrote.

        Raises:
            ModelError: If the file holds no metadata, or no graph.

        Source: Lucid's `Model.load_from_graphdef`.
        """
        file = existing_file(downloaded(graphdef_url))
        return SerializedModel(file, saved.metadata_in(file))

    @staticmethod
    def load_from_manifest(manifest_url: PathLike) -> FrozenGraphModel:
        """Load a model from a manifest: a JSON file with metadata and, as `model_path`, the path of a frozen graph.

        Args:
            manifest_url: The manifest. Paths in it are relative to its folder.

        Raises:
            ModelError: If the file is missing, is not JSON, lacks an entry, or has another `type` than `"frozen"`.

        Source: Lucid's `Model.load_from_manifest`, which failed for manifests without `layers`.
        """
        file = existing_file(manifest_url, "a manifest (.json)")
        return FrozenGraphModel(file.parent, saved.read_manifest(file))


class SerializedModel(Model):
    """A frozen graph with metadata; made by `Model.load`.

    Args:
        path: The `.pb` file.
        metadata: `input_name`, `image_shape` and `image_value_range`. Optional: `is_BGR`, `labels`, `name` and
            `layers`, a list of names, or of dictionaries with `name`, `depth` and `tags`.

    Attributes:
        metadata: As it was passed.

    Raises:
        ModelError: If an entry is missing or malformed.
    """

    def __init__(self, path: PathLike, metadata: Mapping[str, Any]) -> None:
        self.metadata = dict(metadata)
        super().__init__(path, **saved.model_settings(path, self.metadata))

    @classmethod
    def from_directory(cls, model_path: PathLike, manifest_path: PathLike | None = None) -> FrozenGraphModel:
        """Old name of `Model.load_from_manifest`, for a folder with a `manifest.json`."""
        warnings.warn("from_directory is now Model.load_from_manifest.", DeprecationWarning, stacklevel=2)
        return Model.load_from_manifest(manifest_path or Path(model_path) / "manifest.json")

    def _list_layers(self) -> Sequence[Layer]:
        entries = {_name_of(entry): entry for entry in self.metadata.get("layers") or ()}
        # `get_layer` would look for similar names among the layers, which are being listed.
        absent = [name for name in entries if self.network.describe(name) is None]
        if absent:
            warnings.warn(
                f"The metadata of {self.name} lists {', '.join(map(repr, absent))}, which its graph does not have. "
                "Such layers are left out.",
                stacklevel=2,
            )
        listed = [self._listed(entry) for name, entry in entries.items() if name not in absent]
        return listed or super()._list_layers()

    def _listed(self, entry: str | Mapping[str, Any]) -> Layer:
        if isinstance(entry, str):
            return self.get_layer(entry)
        found = self.get_layer(entry["name"])
        # A saved layer is an identity of its tensor, so the graph no longer shows the kind of the layer.
        kind = str(entry.get("kind") or next(iter(entry.get("tags") or ()), found.kind))
        return replace(found, kind=kind, channels=found.channels or entry.get("depth"))


def _name_of(entry: str | Mapping[str, Any]) -> str:
    return entry if isinstance(entry, str) else str(entry["name"])


class FrozenGraphModel(SerializedModel):
    """A frozen graph and its manifest; made by `Model.load_from_manifest`.

    Args:
        model_directory: The folder that paths in the manifest are relative to.
        manifest: The metadata, as for `SerializedModel`, and `model_path`, the file of the graph. `labels_path` may
            name a text file of labels.

    Attributes:
        manifest: As it was passed.

    Raises:
        ModelError: If the manifest lacks an entry, or has another `type` than `"frozen"`.

    Source: Lucid's `FrozenGraphModel`.
    """

    def __init__(self, model_directory: PathLike, manifest: Mapping[str, Any]) -> None:
        self.manifest = dict(manifest)
        super().__init__(*saved.graph_of_manifest(Path(model_directory), self.manifest))
