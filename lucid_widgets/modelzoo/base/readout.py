"""`Readout`: linear functions of a layer's channels, which a model can have as a layer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from lucid_widgets.errors import ArgumentError, unknown_name
from lucid_widgets.frames import FloatArray
from lucid_widgets.modelzoo.base.network import WITHOUT_BATCH

__all__ = ["CODES", "READOUT", "AttachedReadout", "Readout", "as_readout", "check_readout_name"]

READOUT = "readout"
"""Kind of the layers that a readout adds."""

CODES = ":codes"
"""End of the name of the layer that holds a readout after its activation function."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z_0-9./@]*")


@dataclass(frozen=True, eq=False)
class Readout:
    """Linear functions of the channels of a layer, computed at each position.

    `model.with_readout` makes a layer of it, whose channels are the directions:
    `layer @ directions.T + bias`.

    Args:
        directions: One direction per channel of the new layer, `[units, channels]`.
        bias: What is added, `[units]`. Default: 0.
        names: A name for each unit. Default: none.
        layer: The layer that the directions belong to. Default: unknown.

    Raises:
        ArgumentError: If an array has the wrong shape, or holds NaN or infinity.

    Example:
        >>> readout = readouts.Readout(np.eye(256)[:2], names=("first", "second"))
        >>> model.with_readout("pair", readout, after="mixed4a").get_layer("pair").channels
        2
    """

    directions: FloatArray = field(repr=False)
    bias: FloatArray = field(default_factory=lambda: np.zeros(0, np.float32), repr=False, kw_only=True)
    names: Sequence[str] = field(default=(), kw_only=True)
    layer: str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        directions = checked("directions", self.directions, 2)
        units = len(directions)
        bias = checked("bias", self.bias, 1) if np.size(self.bias) else np.zeros(units, np.float32)
        if len(bias) != units:
            raise ArgumentError(f"bias has {len(bias)} numbers for {units} directions.", "Expected one per direction.")
        names = tuple(str(name) for name in self.names)
        if names and len(names) != units:
            raise ArgumentError(f"There are {len(names)} names for {units} directions.", "Expected one per direction.")
        vars(self).update(directions=directions, bias=bias, names=names)

    @property
    def units(self) -> int:
        """Number of channels of the new layer."""
        return len(self.directions)

    @property
    def channels(self) -> int:
        """Number of channels that the layer below must have."""
        return int(self.directions.shape[1])

    @property
    def activation(self) -> str | None:
        """Name of the activation function whose results are the layer `<name>:codes`; None if there is none."""
        return None

    def index(self, name: str) -> int:
        """Return the channel of a unit, by its name.

        Raises:
            UnknownNameError: If no unit has that name.
        """
        if name not in self.names:
            raise unknown_name("unit", str(name), type(self).__name__, list(self.names))
        return tuple(self.names).index(name)

    def values(self, activations: npt.ArrayLike) -> FloatArray:
        """Return the values of the units.

        Args:
            activations: Activations of the layer below, `[..., channels]`.

        Returns:
            `[..., units]`.
        """
        found: FloatArray = np.asarray(activations, np.float32) @ self.directions.T + self.bias
        return found

    def codes(self, values: tf.Tensor) -> tf.Tensor:
        """Return the values of the units after the activation function; only called if there is one."""
        raise NotImplementedError


class AttachedReadout(NamedTuple):
    """A readout that is a layer of a model.

    Attributes:
        name: Name of its layer.
        after: Name of the layer that it reads.
        readout: The readout.
    """

    name: str
    after: str
    readout: Readout

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the layers that it adds."""
        return (self.name,) if self.readout.activation is None else (self.name, f"{self.name}{CODES}")


def checked(name: str, values: Any, rank: int) -> FloatArray:
    """Return numbers as a float32 array of this rank.

    Raises:
        ArgumentError: If they have another rank, or are not finite numbers.
    """
    try:
        array = np.asarray(values, np.float32)
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"{name} is not an array of numbers ({error}).") from error
    if array.ndim != rank or not array.size:
        raise ArgumentError(
            f"{name} has the shape {array.shape}.", f"Expected {'[units, channels]' if rank == 2 else 'one axis'}."
        )
    if not np.isfinite(array).all():
        raise ArgumentError(f"{name} holds NaN or infinity.", "Expected finite numbers.")
    return array


def as_readout(given: Any) -> Readout:
    """Return a `Readout` for one, or for directions `[units, channels]` or `[channels]`."""
    if isinstance(given, Readout):
        return given
    return Readout(np.atleast_2d(given) if np.ndim(given) == 1 else given)


def check_readout_name(name: Any, taken: Any, owner: str) -> str:
    """Return the name for a new layer.

    Args:
        name: The name.
        taken: Returns whether a layer has a name.
        owner: Name of the model, for error messages.

    Raises:
        ArgumentError: If the text of an objective could not hold the name, or a layer of the model has it.
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name) or name in ("input", *WITHOUT_BATCH):
        raise ArgumentError(
            f"{name!r} cannot be the name of a layer.",
            "Expected letters, digits and any of _ . / @, the first one a letter, and none of 'input', 'labels' and "
            "'global_step'.",
        )
    if taken(name):
        raise ArgumentError(f"{owner} already has a layer {name!r}.", "Choose another name for the readout.")
    return name
