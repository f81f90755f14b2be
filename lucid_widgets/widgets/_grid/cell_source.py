"""`CellSource`: where the images of a grid come from. A network renders them, or a store has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from lucid_widgets.errors import ArgumentError, whole_number
from lucid_widgets.frames import Frame
from lucid_widgets.runner import Status
from lucid_widgets.widgets._grid.cells import Cells


@dataclass(frozen=True)
class Chosen:
    """What a grid shows after a change.

    Args:
        traits: The traits that change.
        units: The channels, in order.
        labels: The labels of all channels of the layer; empty if there are none.
        size: Width and height of a cell's image.
    """

    traits: dict[str, Any]
    units: list[int]
    labels: list[str]
    size: int


class CellSource(Protocol):
    """What `FeatureGrid` needs of the source of its images."""

    @property
    def model(self) -> Any:
        """The `Model`; None if there is none."""

    @property
    def real(self) -> Any:
        """The `RealCells` of the grid."""

    def chosen(self, traits: dict[str, Any], after: Mapping[str, Any]) -> Chosen:
        """Check a change.

        Args:
            traits: The traits that change, each of them valid by itself.
            after: The traits that decide the cells, as they would be.
        """

    def start(self) -> None:
        """Called once the widget is open."""

    def shown(self) -> None:
        """Called with the lock after the cells were replaced."""

    def frames(self, cells: Cells) -> Iterable[Frame]:
        """The stream that fills cells. Called on the worker."""

    def run(self) -> None:
        """Make the missing images, or look for them. Returns at once."""

    def wait(self, timeout: float | None, verbose: bool) -> Status:
        """Block until there is nothing to wait for."""

    def workbench(self, unit: int) -> tuple[Any, Any]:
        """The objective of a unit, and a function that makes a `LucidWidget` for it."""


def units_of(layer: str, count: int, channels: Iterable[int] | None) -> list[int]:
    """The channels of a layer that a grid shows: those listed, or all if `channels` is None.

    Args:
        layer: Name of the layer.
        count: Number of its channels.
        channels: The channels.

    Raises:
        ArgumentError: If the list is empty, or names a channel twice.
        OutOfRangeError: If the layer does not have one of the channels.
    """
    if channels is None:
        return list(range(count))
    listed = [whole_number("channel", each, 0, count - 1, owner=f"layer {layer!r}") for each in channels]
    if not listed:
        raise ArgumentError("channels is empty.", "Expected at least one, or None for all.")
    if len(set(listed)) < len(listed):
        raise ArgumentError("channels names a channel twice.", "Expected each channel once.")
    return listed
