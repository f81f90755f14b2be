"""The defaults that depend on the model: size and channels of its image, and what the image must be robust to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import tensorflow as tf

from lucid_widgets.errors import ArgumentError
from lucid_widgets.modelzoo.base.volume_sheet import VolumeSheet
from lucid_widgets.optvis import param
from lucid_widgets.optvis.engine.network import import_model
from lucid_widgets.optvis.engine.tracing import Traced
from lucid_widgets.optvis.objectives.maker import Call
from lucid_widgets.optvis.objectives.tree import Objective
from lucid_widgets.optvis.transform import Transform, default_transforms, random_affine, random_roll
from lucid_widgets.optvis.transform.chains import transforms_of_tokens

DEFAULT_IMAGE_SIZE = 128
"""Width and height in pixels for networks that do not ask for another size."""

COLORS = 3

COSINE_RATE = 0.08
"""First learning rate for transformers, which falls along a cosine during the run."""

# For networks that insist on a size and do not say which: those of well-known data sets.
_USUAL_SIZES = (224, 32, 28, 64, 96, 299, 227, 256)


# The number of leading arguments varies, which types cannot follow.
_image: Any = param.image
_volume: Any = param.volume


@dataclass(frozen=True)
class ImageFormat:
    """Number of channels and aspect ratio of a model's images.

    Attributes:
        channels: Number of channels.
        height: Height that the model was made for, if it was made for images that are not square; else None. 1 for
            signals.
        width: Its width, likewise.
        volume: The size of the volumes that the model takes; None for images.
    """

    channels: int = COLORS
    height: int | None = None
    width: int | None = None
    volume: VolumeSheet | None = None

    @classmethod
    def of(cls, model: Any) -> ImageFormat:
        """Return the format of a model's images."""
        height, width, channels = model.image_shape
        if model.volume_sheet is not None:
            return cls(channels, height, width, model.volume_sheet)
        if height == 1 and width != 1:
            return cls(channels or 1, 1, width)
        oblong = height is not None and width is not None and height != width
        return cls(channels or COLORS, *((height, width) if oblong else (None, None)))

    def sides(self, size: int) -> tuple[int, int]:
        """Return height and width of an image whose longer side is `size`; those of a sheet if it is a volume."""
        if self.volume is not None:
            return self.volume.sides
        if self.height == 1:
            return 1, size
        if self.height is None or self.width is None:
            return size, size
        longer = max(self.height, self.width)
        return max(1, round(size * self.height / longer)), max(1, round(size * self.width / longer))

    def sizes(self, size: int) -> tuple[int, ...]:
        """Return the leading arguments of `make`: the depth of a volume; the width, and the height if it differs."""
        depth = () if self.volume is None else (self.volume.depth,)
        height, width = self.sides(size) if self.volume is None else (self.volume.height, self.volume.width)
        return (*depth, width) if height == width else (*depth, width, height)

    @property
    def make(self) -> Any:
        """The parameterization: `param.image`, or `param.volume`."""
        return _image if self.volume is None else _volume

    @property
    def options(self) -> dict[str, int]:
        """Further arguments of `make`."""
        if self.height == 1:
            # Frequencies scaled by 1 / f, as suits images, saturate a signal at low ones within a few steps.
            return {"channels": self.channels, "fft": False}
        return {} if self.channels == COLORS else {"channels": self.channels}


def default_parameterization(model: Any, objective: Objective, size: int | None) -> Callable[[], Any]:
    """Return the parameterization of a single image.

    Args:
        model: A `Model`.
        objective: What is maximized.
        size: Longer side of the image in pixels; None for `default_size`.

    Raises:
        ArgumentError: If another size was passed for a model of volumes than they have.
    """
    wanted = ImageFormat.of(model)
    refuse_size_of_volumes(model, size)
    sides = wanted.sizes(default_size(model, objective) if size is None else size)
    return partial(wanted.make, *sides, batch=1, **wanted.options)  # written as in the widget, to share a program


def refuse_size_of_volumes(model: Any, size: int | None) -> None:
    """Raise an `ArgumentError` if a size was chosen for a model of volumes, which have the size of the network."""
    volume = ImageFormat.of(model).volume
    if size is not None and volume is not None and size != max(volume.sides):
        raise ArgumentError(
            f"image_size is {size}, but {model.name} takes volumes.",
            f"Leave it out: sheets of their slices have {max(volume.sides)} pixels. Networks of open size get it from "
            "models.from_keras(..., volume=...).",
        )


def batch_images(model: Any, size: int) -> Callable[[int], Any]:
    """Return the default parameterization for images of this size, as a function of the number of images."""
    wanted = ImageFormat.of(model)
    return partial(_batch_images, wanted.make, wanted.sizes(size), tuple(wanted.options.items()))


def _batch_images(make: Any, sizes: tuple[int, ...], options: tuple[tuple[str, Any], ...], batch: int) -> Any:
    return make(*sizes, batch=batch, **dict(options))


def default_size(model: Any, objective: Objective, usual: int = DEFAULT_IMAGE_SIZE) -> int:
    """Return the longer side of the default image in pixels.

    This is `usual`, unless the network was made for smaller images or the objective cannot be computed at that size.

    Args:
        model: A `Model`.
        objective: What is maximized.
        usual: Size for networks that do not ask for another one.
    """
    own, images = _own_size(model), ImageFormat.of(model)
    if own is not None and (own <= usual or images.height == 1 or images.volume is not None):
        return own
    if is_possible(model, objective, usual):
        return usual
    candidates = _USUAL_SIZES if own is None else (own,)
    return next((size for size in candidates if is_possible(model, objective, size)), usual)


def possible_size(model: Any, objective: Objective, size: int) -> int:
    """Return `size`, or the network's own size if it has one and the objective cannot be computed at `size`."""
    own = _own_size(model)
    if own is None or own == size or is_possible(model, objective, size) or not is_possible(model, objective, own):
        return size
    return own


def is_possible(model: Any, objective: Objective, size: int) -> bool:
    """Whether TensorFlow can build the layers of an objective for images whose longer side is `size`.

    The answer is kept with the model.
    """
    leaves = list(objective.leaves())
    layers = {leaf.arguments[name] for leaf in leaves if isinstance(leaf, Call) for name in leaf.maker.units}
    functions = [leaf for leaf in leaves if not isinstance(leaf, Call)]
    known = model.kept.setdefault("possible sizes", {})
    key = (model.revision, frozenset(layers), tuple(leaf.structure for leaf in functions), size)
    if key not in known:
        wanted = ImageFormat.of(model)

        def build(image: tf.Tensor) -> None:
            T = import_model(model, image)
            for layer in layers - {"input"}:
                T(layer)
            for function in functions:
                function(T)

        try:
            Traced(build, lambda _: None).prepare(tf.TensorSpec((1, *wanted.sides(size), wanted.channels), tf.float32))
            known[key] = True
        except Exception:  # of a layer or function of a user, which the run itself will report
            known[key] = False
    return bool(known[key])


def default_robustness(model: Any) -> Literal["affine", "tokens"]:
    """Return the name of the transforms that suit a model: "tokens" if it has a token grid."""
    return "affine" if model.token_grid is None else "tokens"


def default_shift(model: Any) -> float:
    """Return the largest shift of a model's image in pixels: half a patch if it has a token grid of a known size."""
    height, grid = model.image_shape[0], model.token_grid
    if grid is None:
        return random_affine.shift
    return random_roll.distance if height is None else float(max(1, height // grid.rows // 2))


def transforms_for(model: Any) -> tuple[Transform, ...]:
    """Return the transforms that suit a model, for calls that do not name any."""
    if default_robustness(model) == "affine":
        return tuple(default_transforms)
    return tuple(transforms_of_tokens(default_shift(model)))


def _own_size(model: Any) -> int | None:
    height, width, _ = model.image_shape
    return None if height is None or width is None else max(height, width)


__all__ = [
    "COLORS",
    "COSINE_RATE",
    "DEFAULT_IMAGE_SIZE",
    "ImageFormat",
    "batch_images",
    "default_parameterization",
    "default_robustness",
    "default_shift",
    "default_size",
    "is_possible",
    "possible_size",
    "refuse_size_of_volumes",
    "transforms_for",
]
