"""`activation_grid`: what the activations of each position of a layer look like, as one image."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
from PIL import Image

from lucid_widgets.attribution.geometry import as_grid
from lucid_widgets.attribution.grid_cells import GridCells
from lucid_widgets.attribution.inputs import activations, checked_image, checked_layer, require_positions
from lucid_widgets.errors import ArgumentError, finite_number, unknown_name, whole_number
from lucid_widgets.frames import FloatArray
from lucid_widgets.misc.environment import shows_progress
from lucid_widgets.misc.io.serialize_array import to_uint8
from lucid_widgets.misc.waiting import ProgressBar, ticking
from lucid_widgets.modelzoo.adapt import as_model
from lucid_widgets.modelzoo.vision_base import Layer
from lucid_widgets.optvis.default_image import possible_size
from lucid_widgets.optvis.objectives import channel

Magnitude = Literal["size", "opacity", "none"]
"""How an activation grid shows the length of each position's activation vector."""

CELL = 64
"""Default width and height of a cell in pixels, for networks that take images of this size."""

STEPS = 64
"""Default number of steps."""

CALL_STEPS = 4
"""Steps that some positions make before the next ones. So all positions soon show something, and the parameters that
they share follow all of them."""

_GRAY = 0.5
_SMALLEST = 0.25
_REGULARIZER = 0.1


@dataclass(frozen=True)
class ActivationGrid:
    """An image of what each position's activations look like.

    Attributes:
        layer: Name of the layer.
        images: One image per position, `[rows, columns, cell_size, cell_size, channels]` in [0, 1].
        magnitudes: Length of each position's activation vector relative to the largest, `[rows, columns]`.
        picture: All of them as one image, `[rows * cell_size, columns * cell_size, channels]`, with the magnitudes as
            `magnitude` says.
        step: Number of steps so far.
    """

    layer: str
    images: FloatArray = field(repr=False)
    magnitudes: FloatArray = field(repr=False)
    picture: FloatArray = field(repr=False)
    step: int = 0


def activation_grid(
    model: Any,
    image: npt.ArrayLike,
    layer: str | Layer,
    *,
    cell_size: int | None = None,
    steps: int = STEPS,
    magnitude: Magnitude = "size",
    cossim_pow: float = 1.0,
    whiten: npt.ArrayLike | None = None,
    seed: int = 0,
    verbose: bool = True,
) -> ActivationGrid:
    """Visualize the activation vector of every position of a layer.

    Each cell is optimized so that the layer's activations in its center point in the direction of one position's. All
    positions are optimized together, a few of them per compiled call. Neighbors share a parameterization of low
    resolution, so that they agree where their activations do, and need fewer steps.

    Args:
        model: Whatever `as_model` accepts.
        image: `[height, width, channels]`, floats in [0, 1] or uint8.
        layer: The layer, or its name.
        cell_size: Width and height of a cell in pixels. Default: 64, or the network's own image size if it takes no
            other one.
        steps: Number of steps per position. Default: 64.
        magnitude: "size" draws weaker cells smaller, so that their areas are proportional to the magnitudes, "opacity"
            fades them into gray, and "none" ignores the magnitudes. Default: "size".
        cossim_pow: Power of the cosine similarity in the objective, as for `objectives.direction`. A higher power
            prefers activations that point in the direction alone. Default: 1.
        whiten: Activation vectors of the layer for other images, `[..., channels]`. The directions are multiplied by
            the inverse of their covariance, which removes what most images have in common. Default: no whitening.
        seed: Any integer. Default: 0.
        verbose: Show a progress bar. Default: True.

    Returns:
        An `ActivationGrid`.

    Raises:
        ArgumentError: The image has the wrong shape or range, or the layer has no positions.
        UnknownNameError: The model has no such layer, or `magnitude` is unknown.
        NonFiniteObjectiveError: The objective became NaN or infinite.

    Example:
        >>> grid = attribution.activation_grid(model, image, "mixed4a", cell_size=32, steps=16)
        >>> show(grid.picture)

    Source: Olah et al., "The Building Blocks of Interpretability", Distill 2018.
    """
    frames = iter_activation_grid(
        model,
        image,
        layer,
        cell_size=cell_size,
        steps=steps,
        magnitude=magnitude,
        cossim_pow=cossim_pow,
        whiten=whiten,
        seed=seed,
    )
    hidden = not (verbose and shows_progress())
    found = next(frames)
    with ProgressBar(total=steps, unit="step", leave=False, disable=hidden) as bar, ticking(bar):
        for found in frames:
            bar.update(found.step - bar.n)
    return found


def iter_activation_grid(
    model: Any,
    image: npt.ArrayLike,
    layer: str | Layer,
    *,
    cell_size: int | None = None,
    steps: int = STEPS,
    magnitude: Magnitude = "size",
    cossim_pow: float = 1.0,
    whiten: npt.ArrayLike | None = None,
    seed: int = 0,
) -> Iterator[ActivationGrid]:
    """Yield an activation grid while it is made: the gray start, and then after every few steps of all positions.

    Arguments and errors are those of `activation_grid`. They are checked before the first grid is made.
    """
    visible = as_model(model)
    name = checked_layer(visible, layer)
    if magnitude not in get_args(Magnitude):
        raise unknown_name("magnitude", str(magnitude), "activation_grid", get_args(Magnitude))
    size = cell_side(visible, name, CELL) if cell_size is None else whole_number("cell_size", cell_size, 8)
    total = whole_number("steps", steps, 1)
    power, start = finite_number("cossim_pow", cossim_pow, 0), whole_number("seed", seed)
    values = activations(visible, checked_image(visible, image), [name])[name]
    require_positions(name, values, "Choose a layer below it.")
    grid = as_grid(values, visible.token_grid)
    if grid is None:
        raise ArgumentError(
            f"The positions of layer {name!r} form no rectangle: its activations have the shape {values.shape}.",
            "Choose another layer.",
        )
    directions = grid if whiten is None else _whitened(grid, whiten, name)
    cells = GridCells(visible, name, directions, size, power, start)
    magnitudes = np.linalg.norm(grid, axis=-1)
    magnitudes = (magnitudes / max(float(magnitudes.max()), 1e-12)).astype(np.float32)

    def result() -> ActivationGrid:
        images = cells.images.copy()  # the next steps change them
        return ActivationGrid(name, images, magnitudes, picture_of(images, magnitudes, magnitude), cells.step)

    def grids() -> Iterator[ActivationGrid]:
        yield result()
        while cells.step < total:
            for _ in cells.advance(min(CALL_STEPS, total - cells.step)):
                pass
            yield result()

    return grids()


def cell_side(model: Any, layer: str, size: int) -> int:
    """Return the width and height of the cells of a layer: `size`, or what the network needs."""
    return possible_size(model, channel(layer, 0), size)


def _whitened(grid: FloatArray, samples: npt.ArrayLike, layer: str) -> FloatArray:
    given = np.asarray(samples, np.float64)
    channels = grid.shape[-1]
    if given.ndim < 2 or given.shape[-1] != channels or given.size < 2 * channels:
        raise ArgumentError(
            f"whiten has the shape {given.shape}.",
            f"Expected at least two activation vectors, [..., {channels}], of layer {layer!r}.",
        )
    covariance = np.atleast_2d(np.cov(given.reshape(-1, channels), rowvar=False))
    # Regularized, because there are rarely more samples than channels.
    covariance = np.atleast_2d(covariance) + _REGULARIZER * max(float(np.trace(covariance)) / channels, 1e-12) * np.eye(
        channels
    )
    return np.linalg.solve(covariance, grid.reshape(-1, channels).T).T.reshape(grid.shape).astype(np.float32)


def picture_of(images: FloatArray, magnitudes: FloatArray, magnitude: Magnitude) -> FloatArray:
    """Return the cells `[rows, columns, size, size, channels]` as one image that shows their magnitudes."""
    rows, columns, size, _, depth = images.shape
    cells = images
    if magnitude == "opacity":
        strength = magnitudes[..., None, None, None]
        cells = _GRAY + (images - _GRAY) * strength
    elif magnitude == "size":
        cells = np.full_like(images, 1.0)
        for row, column in np.ndindex(rows, columns):
            side = max(1, round(size * max(_SMALLEST, float(magnitudes[row, column]) ** 0.5)))
            at = (size - side) // 2
            cells[row, column, at : at + side, at : at + side] = _resized(images[row, column], side)
    return np.ascontiguousarray(cells.transpose(0, 2, 1, 3, 4).reshape(rows * size, columns * size, depth))


def _resized(image: FloatArray, side: int) -> FloatArray:
    if image.shape[0] == side:
        return image
    channels = [
        Image.fromarray(to_uint8(image[..., each])).resize((side, side), Image.Resampling.LANCZOS)
        for each in range(image.shape[-1])
    ]
    return np.stack([np.asarray(each, np.float32) / np.float32(255) for each in channels], -1)


__all__ = ["ActivationGrid", "Magnitude", "activation_grid", "cell_side", "iter_activation_grid", "picture_of"]
