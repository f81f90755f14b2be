"""The layers of a model as records: `Layer`, and `LayerList`, which is indexed by number or by name."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NoReturn

from lucid_widgets.errors import unknown_name
from lucid_widgets.modelzoo.aligned_activations import get_aligned_activations


@dataclass(frozen=True)
class Layer:
    """A tensor of a model that can be optimized.

    Args:
        name: What `T` and the objectives call it, such as `"mixed4a"`.
        kind: A plain word: conv, dense, relu, pre_relu, concat, add, pool, norm, softmax, ...
        channels: The size of its last axis; None where the model does not fix it.
        share: The part of the network's multiply-adds, in [0, 1], that it takes to compute this layer.
        shape: That of one image's activations at the network's own size, `(height, width, channels)` or
            `(channels,)`, with None for what is not fixed; None where nobody knows.
        receptive_field: The side of the part of the image that one position sees, in pixels; None where that is the
            whole image, or unknown.
    """

    name: str
    kind: str
    channels: int | None
    share: float
    shape: tuple[int | None, ...] | None = None
    receptive_field: int | None = None

    @property
    def depth(self) -> int | None:
        """The number of channels, under Lucid's name for it."""
        return self.channels

    @property
    def tags(self) -> frozenset[str]:
        """Its kind, and "pre_relu" where its name ends so: Lucid's name for what a layer is."""
        return frozenset([self.kind, "pre_relu"] if self.name.endswith("_pre_relu") else [self.kind])

    @property
    def size(self) -> int | None:
        """An old name of `channels`."""
        warnings.warn("Layer.size is now Layer.channels.", DeprecationWarning, stacklevel=2)
        return self.channels

    @property
    def activations(self) -> NoReturn:
        """Always raises an `ArgumentError`: Lucid downloaded activations that are not served any more."""
        get_aligned_activations(self)

    def __getitem__(self, name: str) -> Any:
        """`layer["name"]`, `layer["depth"]` and so on, as in Lucid; `layer["type"]` is an old name of its kind."""
        if name == "type":
            warnings.warn('layer["type"] is now layer.kind.', DeprecationWarning, stacklevel=2)
            return self.kind
        known = ("name", "kind", "channels", "share", "depth", "tags")
        if name not in known:
            raise unknown_name("property", str(name), f"Layer {self.name!r}", known)
        return getattr(self, name)


class LayerList(tuple[Layer, ...]):
    """An immutable sequence of layers, in the order of the network.

    Example:
        >>> layers = LayerList([Layer("conv", "conv", 64, 0.1), Layer("fc", "dense", 10, 1.0)], owner="Tiny")
        >>> layers["fc"].channels
        10
        >>> layers
        conv  conv   64
        fc    dense  10
    """

    owner: str

    def __new__(cls, layers: Iterable[Layer] = (), *, owner: str = "This model") -> LayerList:
        self = super().__new__(cls, layers)
        self.owner = owner
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The names, in order."""
        return tuple(layer.name for layer in self)

    def __getitem__(self, key: Any) -> Any:
        """The layer at a position or of a name; a slice gives a `LayerList`."""
        if isinstance(key, str):
            for layer in self:
                if layer.name == key:
                    return layer
            raise unknown_name("layer", key, self.owner, self.names)
        if isinstance(key, slice):
            return LayerList(super().__getitem__(key), owner=self.owner)
        return super().__getitem__(key)

    def __contains__(self, item: object) -> bool:
        return item in self.names if isinstance(item, str) else super().__contains__(item)

    def __repr__(self) -> str:
        if not self:
            return "(no layers)"
        name_width = max(len(layer.name) for layer in self)
        kind_width = max(len(layer.kind) for layer in self)
        return "\n".join(
            f"{layer.name:<{name_width}}  {layer.kind:<{kind_width}}  "
            f"{'?' if layer.channels is None else layer.channels}"
            for layer in self
        )
