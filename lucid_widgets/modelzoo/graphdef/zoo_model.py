"""The base of the networks in Lucid's zoo: what is known about each of them without its file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np

from lucid_widgets.modelzoo.files.weights import (
    SYNSET_FILES,
    PathLike,
    find_weights,
    list_beside,
    read_labels,
    read_synset_ids,
)
from lucid_widgets.modelzoo.graphdef.model import GraphDefModel
from lucid_widgets.modelzoo.survey.layer import Layer

IMAGENET_MEAN = np.array([123.68, 116.779, 103.939])
"""The mean of ImageNet's pixels in red, green, blue."""

IMAGENET_MEAN_BGR = np.flip(IMAGENET_MEAN, 0)

# Beside the graph, in this order; those of another length than the network has classes are passed over.
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

    Lucid downloaded each from a server. This package does not: the file has to be on this machine, and where it is
    not, the error says under which name and where it is looked for.

    Args:
        path: The frozen graph. Without it, the folder in the environment variable `LUCID_WIDGETS_MODEL_DIR` and the one
            of downloads are looked into, for `<class>.pb` and for the place that the file had on Lucid's server, such
            as `slim_models/InceptionV3.pb`.
        labels: Class names, or the path of a text file with one on each line. Without them a list of the right length
            is taken from a known file beside the graph, if there is one.

    Attributes:
        source: Where Lucid had the file.
        dataset: What the network was trained on.
        listed: The layers that Lucid lists, with their numbers of channels; the last one is the classes. `model.layers`
            are those of them that the file has.
        alternative: Another network of that architecture, which is at hand.

    Raises:
        ModelError: The file was not found, or is no frozen graph.

    Example:
        >>> InceptionV3_slim.listed["InceptionV3/InceptionV3/Mixed_5b/concat"]
        256
        >>> model = InceptionV3_slim("InceptionV3.pb")
    """

    source: ClassVar[str] = ""
    dataset: str | None = "ImageNet"
    listed: ClassVar[Mapping[str, int]] = {}
    alternative: ClassVar[str] = ""

    def __init__(self, path: PathLike | None = None, *, labels: Sequence[str] | PathLike | None = None) -> None:
        super().__init__(self._find(path), labels=labels)

    @classmethod
    def _find(cls, path: PathLike | None) -> Path:
        # Three of Lucid's files are called InceptionV1.pb, so the folder is part of the second name.
        names = (f"{cls.__name__}.pb", "/".join(cls.source.split("/")[-2:]))
        also = f" {cls.alternative} has the same architecture." if cls.alternative else ""
        return find_weights(cls.__name__, names, path, note=f" Lucid had them at {cls.source}.{also}")

    @cached_property
    def labels(self) -> tuple[str, ...] | None:  # type: ignore[override]
        """The names of the classes in output order, or None where no fitting list was found."""
        classes = list(self.listed.values())[-1] if self.listed else 0
        for file in (Path(self.model_path or "").with_name(name) for name in _LABEL_FILES.get(self.dataset or "", ())):
            found = read_labels(file) if file.is_file() else None
            # Many of Slim's networks have a class more, the first, for what is nothing.
            if found is not None and (len(found), classes) == (1000, 1001):
                return ("dummy", *found)
            if found is not None and len(found) == classes:
                return found
        return None

    @cached_property
    def synsets_path(self) -> Path | None:  # type: ignore[override]
        """A list of the classes' WordNet ids beside the graph, or None."""
        if self.dataset != "ImageNet" or not self.listed:
            return None
        return list_beside(self.model_path or "", SYNSET_FILES, list(self.listed.values())[-1], read_synset_ids)

    def _list_layers(self) -> Sequence[Layer]:
        names = [name for name in self.listed if self.network.has(name)]
        return [self.get_layer(name) for name in names] if names else super()._list_layers()


def under(prefix: str, **channels: int) -> dict[str, int]:
    """Layers in one place, by what follows it: `under("a/{}/Relu", b=64)` is `{"a/b/Relu": 64}`."""
    return {prefix.format(name): count for name, count in channels.items()}
