"""What is rendered: variants of a unit, the layers of a plan, and the tasks, each of which makes a few images."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from lucid_widgets.errors import ArgumentError
from lucid_widgets.frames import FloatArray

if TYPE_CHECKING:  # stores are read without TensorFlow
    from lucid_widgets.optvis.engine.optimizers import Adam

KINDS = ("channel", "neuron")
"""What a unit is: a channel, or the neuron of a channel in the center of the layer."""

COSINE_POWER = 1
"""Power of the cosine between activations and a direction, by which their product is multiplied."""


@dataclass(frozen=True)
class Variant:
    """One way to visualize every unit.

    Args:
        kind: "channel" or "neuron".
        sign: 1 for what excites the unit, -1 for what inhibits it.
        seed: Seed of the random numbers.
    """

    kind: str = "channel"
    sign: int = 1
    seed: int = 0

    @property
    def name(self) -> str:
        """A short name, such as "channel", "channel negative" or "neuron seed 3"."""
        words = [self.kind, "negative" if self.sign < 0 else "", f"seed {self.seed}" if self.seed else ""]
        return " ".join(word for word in words if word)

    def to_json(self) -> dict[str, Any]:
        """Return the variant as a dict that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_json(cls, about: Mapping[str, Any]) -> Variant:
        """Return the variant that `to_json` described.

        Raises:
            ArgumentError: It describes none.
        """
        kind, sign, seed = about.get("kind"), about.get("sign"), about.get("seed")
        if kind not in KINDS or sign not in (1, -1) or not isinstance(seed, int):
            raise ArgumentError(f"{dict(about)!r} describes no variant.", "The store is damaged; render it again.")
        return cls(str(kind), int(sign), seed)


@dataclass(frozen=True)
class Recipe:
    """How images are optimized.

    Args:
        steps: Number of steps (updates of the optimizer).
        transforms: The transforms, or the name of some, as for `render_vis`.
        points: The steps at which the objective is measured, the first and the last included.
        optimizer: The optimizer; None for the default of `render_many`.
    """

    steps: int
    transforms: Any
    points: tuple[int, ...]
    optimizer: Adam | None = None


@dataclass(frozen=True)
class LayerPlan:
    """The images of one layer.

    Args:
        name: Name of the layer.
        channels: Number of its channels.
        shape: Height, width and number of colors of an image.
        size: Longer side of an image in pixels.
        batch: Number of images of a task.
        key: Cache key of the layer's images, without the variant and the batch.
        fingerprint: Checksum of the network up to the layer.
        share: Share of the network's multiply-adds that the layer takes.
        labels: Labels of the channels, if they are the classes of the network.
        recipe: The settings, as text and numbers.
        source: The layer of the network, where `name` is another name, as in an atlas.
        directions: The directions to visualize in place of channels, float32 `[channels, channels of the source]`.
    """

    name: str
    channels: int
    shape: tuple[int, int, int]
    size: int
    batch: int
    key: str
    fingerprint: str
    share: float = 0.0
    labels: tuple[str, ...] = ()
    recipe: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""
    directions: FloatArray | None = field(default=None, compare=False, repr=False)

    def tasks(self, variant: Variant) -> Iterator[Task]:
        """Yield the tasks of a variant, in the order of the channels."""
        for chunk, start in enumerate(range(0, self.channels, self.batch)):
            units = tuple(range(start, min(start + self.batch, self.channels)))
            described = repr((self.key, variant.to_json(), self.batch, units))
            vectors = None if self.directions is None else self.directions[start : start + self.batch]
            content = b"" if vectors is None else vectors.tobytes() + bytes([COSINE_POWER])
            key = hashlib.sha256(described.encode() + content).hexdigest()
            yield Task(self.name, variant, chunk, units, self.batch, self.size, key, self.source or self.name, vectors)


@dataclass(frozen=True)
class Task:
    """A few images that are rendered together. Equal keys mean equal images.

    Args:
        layer: The layer.
        variant: What to render of each unit.
        chunk: Number of the task within layer and variant.
        units: The channels.
        batch: Number of images of a full batch. A smaller batch is filled up, so that all share one program.
        size: Longer side of the images in pixels.
        key: Hash of everything that determines the images.
        source: The layer of the network; the same as `layer`, but in an atlas.
        directions: The directions to visualize in place of channels, one per unit.
    """

    layer: str
    variant: Variant
    chunk: int
    units: tuple[int, ...]
    batch: int
    size: int
    key: str
    source: str = ""
    directions: FloatArray | None = field(default=None, compare=False, repr=False)


def curve_points(steps: int, count: int = 8) -> tuple[int, ...]:
    """Return the steps at which an objective is measured.

    >>> curve_points(64)
    (0, 8, 16, 24, 32, 40, 48, 56, 64)
    """
    return tuple(sorted({round(steps * place / count) for place in range(count + 1)}))


def variants_of(seeds: Sequence[int], *, negative: bool, neurons: bool) -> list[Variant]:
    """Return the variants that the arguments of `render_model` ask for, each once."""
    signs = (1, -1) if negative else (1,)
    kinds = KINDS if neurons else KINDS[:1]
    return [Variant(kind, sign, seed) for seed in dict.fromkeys(seeds) for kind in kinds for sign in signs]


__all__ = ["COSINE_POWER", "KINDS", "LayerPlan", "Recipe", "Task", "Variant", "curve_points", "variants_of"]
