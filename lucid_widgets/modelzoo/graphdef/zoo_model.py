"""`ZooModel`, the base class of the networks in Lucid's zoo, with the facts that are known without the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from lucid_widgets.modelzoo.base.class_facts import ClassFact
from lucid_widgets.modelzoo.files.weights import (
    SYNSET_FILES,
    PathLike,
    find_weights,
    list_beside,
    local_weights,
    own_file,
    read_labels,
    read_synset_ids,
)
from lucid_widgets.modelzoo.graphdef.model import GraphDefModel
from lucid_widgets.modelzoo.survey.layer import Layer, LayerList

__all__ = ["ZooModel", "file_names", "under"]

# Looked for next to the graph, in this order. Lists of another length than the number of classes are skipped.
_LABELS = "gs://modelzoo/labels"
_LABEL_FILES = {
    "ImageNet": (
        *("ImageNet_standard.txt", "ImageNet_standard_with_dummy.txt", "ImageNet_alternate.txt"),
        "imagenet_synset_words.txt",
    ),
    "Places205": ("Places205.txt",),
    "Places365": ("Places365.txt",),
}


class ZooModel(GraphDefModel):
    """A network of Lucid's zoo.

    Lucid downloaded the file. This package downloads only that of `InceptionV1`, so the others must be on this machine;
    if one is missing, the error says which file names are looked for, and in which folders. The constructor needs no
    file and downloads nothing.

    Args:
        path: The frozen graph. Default: `<class>.pb`, or the file's path on Lucid's server (such as
            `slim_models/InceptionV3.pb`), in the folder that the environment variable `LUCID_WIDGETS_MODEL_DIR` names
            or in the cache folder.
        labels: Class names, or the path of a text file with one name per line. Default: a known list next to the graph
            that has as many entries as the network has classes.

    Attributes:
        source: The file's address on Lucid's server. On the class, `model_path` is the same.
        dataset: What the network was trained on.
        listed: The layers that Lucid lists, with their numbers of channels; the last one is the output.
            `model.layers` lists those that the file contains, and `layers` of the class all of them.
        dense: How many of them, at the end, have no positions.
        alternative: Another network with the same architecture whose weights are available.

    Raises:
        ModelError: If the file is not a frozen graph; if `path` is given and there is no such file; and, at the first
            use of the network, if no file was found.

    Example:
        >>> InceptionV3_slim.listed["InceptionV3/InceptionV3/Mixed_5b/concat"]
        256
        >>> model = InceptionV3_slim("InceptionV3.pb")
    """

    source: ClassVar[str] = ""
    dataset: str | None = "ImageNet"
    listed: ClassVar[Mapping[str, int]] = {}
    dense: ClassVar[int] = 1
    alternative: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "source" not in vars(cls):
            return
        cls.model_path, cls.labels_path = cls.source, cls._labels_address()

    def __init__(self, path: PathLike | None = None, *, labels: Sequence[str] | PathLike | None = None) -> None:
        self._given = labels
        own = own_file(self, path)
        if own is None and self._local() is None:
            # As in Lucid, the model can be asked for what is known without its file. `network` looks for it again.
            self.name = self.name or self.model_name or type(self).__name__
            return
        super().__init__(self._find(own), labels=labels)

    def _open(self) -> None:
        super().__init__(self._find(None), labels=self._given)

    @classmethod
    def _local(cls) -> Path | None:
        """Return the file if it is on this machine, or None."""
        return local_weights(file_names(cls.__name__, cls.source))

    @classmethod
    def _find(cls, path: PathLike | None) -> Path:
        """Return the file that was named, or else the one on this machine, or else a download if there is one."""
        names = file_names(cls.__name__, cls.source)
        also = f" {cls.alternative} has the same architecture." if cls.alternative else ""
        return find_weights(cls.__name__, names, path, note=f" Lucid downloaded them from {cls.source}.{also}")

    @cached_property
    def labels(self) -> list[str] | None:  # type: ignore[override]
        """Class names in output order, or None if no list of the right length was found."""
        _ = self.network  # finds the file
        classes = list(self.listed.values())[-1] if self.listed else 0
        for file in (Path(self.model_path or "").with_name(name) for name in _LABEL_FILES.get(self.dataset or "", ())):
            found = read_labels(file) if file.is_file() else None
            # Many networks of TF-Slim have a background class before ImageNet's 1000.
            if found is not None and (len(found), classes) == (1000, 1001):
                return ["dummy", *found]
            if found is not None and len(found) == classes:
                return found
        return None

    @classmethod
    def _labels_address(cls) -> str | None:
        if cls.dataset is None:
            return None
        return f"{_LABELS}/{cls.dataset}{_standard(cls) if cls.dataset == 'ImageNet' else ''}.txt"

    @classmethod
    def _synsets_address(cls) -> str | None:
        return f"{_LABELS}/ImageNet{_standard(cls)}_synsets.txt" if cls.dataset == "ImageNet" else None

    def _synsets_beside(self) -> Path | None:
        """A list of the classes' WordNet ids next to the graph, or None; on the class, Lucid's address of one."""
        if self.dataset != "ImageNet" or not self.listed:
            return None
        _ = self.network
        return list_beside(self.model_path or "", SYNSET_FILES, list(self.listed.values())[-1], read_synset_ids)

    synsets_path: Any = ClassFact(lambda cls: cls._synsets_address(), _synsets_beside)

    @classmethod
    def _known_layers(cls) -> LayerList:
        first = len(cls.listed) - cls.dense
        kinds = ["conv"] * first + ["dense"] * cls.dense
        layers = [Layer(name, kind, count, 0.0) for kind, (name, count) in zip(kinds, cls.listed.items(), strict=False)]
        return LayerList(layers, owner=cls.__name__)

    def _list_layers(self) -> Sequence[Layer]:
        names = [name for name in self.listed if self.network.has(name)]
        return [self.get_layer(name) for name in names] if names else super()._list_layers()


def _standard(cls: type[ZooModel]) -> str:
    """The part of Lucid's file names that tells lists with a background class from those without one."""
    return "_standard_with_dummy" if list(cls.listed.values())[-1:] == [1001] else "_standard"


def file_names(name: str, source: str) -> tuple[str, ...]:
    """Return the file names to look for, given the name of a network and the file's address on Lucid's server.

    Three of Lucid's files are called InceptionV1.pb, so the folder is part of the second name.
    """
    return f"{name}.pb", "/".join(source.split("/")[-2:])


def under(prefix: str, **channels: int) -> dict[str, int]:
    """Return layers whose names share a pattern: `under("a/{}/Relu", b=64)` is `{"a/b/Relu": 64}`."""
    return {prefix.format(name): count for name, count in channels.items()}
