"""`Layer`, a record of one layer of a model, and `LayerList`, which is indexed by number or by name."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NoReturn

from lucid_widgets.errors import unknown_name
from lucid_widgets.modelzoo.aligned_activations import get_aligned_activations

__all__ = ["DEFAULT_SIZE", "Layer", "LayerList"]

DEFAULT_SIZE = 224
"""Height and width in pixels at which a network that accepts any size is surveyed."""

_OWNER = "_owner"
# AlexNet's convolutions have the names that TensorFlow gives by default: Conv2D, Conv2D_1, ...
_BEFORE_RELU = re.compile(r"_pre_relu$|^Conv2D(_\d+)?$")
_SURVEY = "_survey"
_LATE = ("share", "receptive_field")
_WITHOUT_POSITIONS = ("dense", "softmax")


@dataclass(frozen=True)
class Layer:
    """A tensor of a model that can be visualized.

    Args:
        name: The name that `T` and the objectives use, such as `"mixed4a"`.
        kind: What the layer does: conv, dense, relu, pre_relu, concat, add, pool, norm, softmax, ...
        channels: Size of the last axis; None if the model does not fix it.
        share: Share of the network's multiply-adds, in [0, 1], that computing this layer takes.
        shape: Shape of one image's activations at the network's own image size, `(height, width, channels)`,
            `(channels,)` or, in a transformer, `(tokens, channels)`, with None for sizes that are not fixed; None if
            it is unknown.
        receptive_field: Side of the receptive field of one position, in pixels; None if it is the whole image, or
            unknown.
    """

    name: str
    kind: str
    channels: int | None
    share: float
    shape: tuple[int | None, ...] | None = None
    # Without a class attribute of this name, a layer that does not have the value yet looks it up in `__getattr__`.
    receptive_field: int | None = field(default_factory=lambda: None)

    @classmethod
    def surveyed_later(
        cls,
        name: str,
        kind: str,
        channels: int | None,
        shape: tuple[int | None, ...] | None,
        survey: Callable[[], tuple[float, int | None]],
    ) -> Layer:
        """Return a layer whose share and receptive field are computed when one of them is first read.

        Args:
            name: As in `Layer`.
            kind: As in `Layer`.
            channels: As in `Layer`.
            shape: As in `Layer`.
            survey: Returns the share and the receptive field.
        """
        layer = cls(name, kind, channels, 0.0, shape)
        for late in _LATE:
            del vars(layer)[late]
        vars(layer)[_SURVEY] = survey
        return layer

    def __getattr__(self, name: str) -> Any:
        survey = vars(self).get(_SURVEY) if name in _LATE else None
        if survey is None:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        vars(self).update(zip(_LATE, survey(), strict=True))
        return vars(self)[name]

    def __getstate__(self) -> dict[str, Any]:
        known = {late: getattr(self, late) for late in _LATE}
        return {name: value for name, value in {**vars(self), **known}.items() if name != _SURVEY}

    @property
    def depth(self) -> int | None:
        """Lucid's name for `channels`."""
        return self.channels

    @property
    def tags(self) -> frozenset[str]:
        """Lucid's tags, by which its recipes and notebooks select layers.

        "conv" for a layer with positions in rows and columns, "dense" for one without positions, and the kind for
        other layers, such as those of a transformer; also "pre_relu" if the name ends in it or is that of a
        convolution itself, as in `AlexNet`. `kind` tells apart convolutions, concatenations, pools and so on.
        """
        if self.shape is not None:
            tag = {1: "dense", 3: "conv"}.get(len(self.shape), self.kind)
        else:
            tag = "dense" if self.kind in _WITHOUT_POSITIONS else "conv"
        return frozenset([tag, "pre_relu"] if _BEFORE_RELU.search(self.name) else [tag])

    @property
    def height(self) -> int | None:
        """Height of one image's activations; None if the layer has no rows, or their number is not fixed."""
        return self.shape[0] if self.shape is not None and len(self.shape) == 3 else None

    @property
    def width(self) -> int | None:
        """Width of one image's activations; None if the layer has no columns, or their number is not fixed."""
        return self.shape[1] if self.shape is not None and len(self.shape) == 3 else None

    @property
    def model_name(self) -> str | None:
        """Name of the model that lists the layer; None for a layer without a model."""
        return vars(self).get(_OWNER, (None, None))[0]

    @property
    def model_class(self) -> type | None:
        """Class of the model that lists the layer; None for a layer without a model."""
        return vars(self).get(_OWNER, (None, None))[1]

    def belonging_to(self, model_name: str, model_class: type) -> Layer:
        """Return the layer, after noting the model that lists it. Equal layers of two models remain equal."""
        vars(self)[_OWNER] = model_name, model_class
        return self

    def to_json(self) -> str:
        """Return the name of the layer, which is what `save` writes to a JSON file.

        Source: Lucid's `Layer.to_json`.
        """
        return self.name

    @property
    def size(self) -> int | None:
        """Deprecated name of `channels`."""
        warnings.warn("Layer.size is now Layer.channels.", DeprecationWarning, stacklevel=2)
        return self.channels

    @property
    def activations(self) -> NoReturn:
        """Raise an `ArgumentError`: the activations that Lucid downloaded are no longer served."""
        get_aligned_activations(self)

    def __getitem__(self, name: str) -> Any:
        """`layer["name"]`, `layer["depth"]`, ..., as in Lucid. `layer["type"]` is a deprecated name of the kind."""
        if name == "type":
            warnings.warn('layer["type"] is now layer.kind.', DeprecationWarning, stacklevel=2)
            return self.kind
        known = ("name", "kind", "channels", "share", "depth", "tags", "width", "height")
        if name not in known:
            raise unknown_name("property", str(name), f"Layer {self.name!r}", known)
        return getattr(self, name)


class LayerList(tuple[Layer, ...]):
    """An immutable sequence of layers, in the order of the network.

    Attributes:
        owner: The model's name, for error messages.
        variants: Layers that are found by name without being listed, such as `mixed4a_pre_relu`.

    Example:
        >>> layers = LayerList([Layer("conv", "conv", 64, 0.1), Layer("fc", "dense", 10, 1.0)], owner="Tiny")
        >>> layers["fc"].channels
        10
        >>> layers
        conv  conv   64
        fc    dense  10
    """

    owner: str
    variants: tuple[Layer, ...]

    def __new__(
        cls, layers: Iterable[Layer] = (), *, owner: str = "This model", variants: Iterable[Layer] = ()
    ) -> LayerList:
        self = super().__new__(cls, layers)
        self.owner = owner
        self.variants = tuple(variants)
        return self

    def __getnewargs_ex__(self) -> tuple[tuple[tuple[Layer, ...]], dict[str, Any]]:
        """Return how a copy is made. Without it, `copy` and `pickle` would leave out the attributes."""
        return (tuple(self),), {"owner": self.owner, "variants": self.variants}

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the layers, in order."""
        return tuple(layer.name for layer in self)

    def __getitem__(self, key: Any) -> Any:
        """The layer at this position or of this name. A slice returns a `LayerList`."""
        if isinstance(key, str):
            for layer in (*self, *self.variants):
                if layer.name == key:
                    return layer
            raise unknown_name("layer", key, self.owner, [*self.names, *(each.name for each in self.variants)])
        if isinstance(key, slice):
            return LayerList(super().__getitem__(key), owner=self.owner, variants=self.variants)
        try:
            return super().__getitem__(key)
        except IndexError:
            raise IndexError(f"{self.owner} has {len(self)} layers, so there is no layer {key}.") from None

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
