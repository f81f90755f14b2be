"""`activation_atlas`, and the helpers that put its map together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum, auto
from typing import Any

import numpy as np
import numpy.typing as npt

from lucid_widgets.errors import ArgumentError, whole_number
from lucid_widgets.frames import FloatArray, Frame
from lucid_widgets.modelzoo.aligned_activations import NUMBER_OF_AVAILABLE_SAMPLES
from lucid_widgets.modelzoo.vision_base import Layer
from lucid_widgets.modelzoo.vision_models import as_model
from lucid_widgets.recipes.activation_atlas.collect import collect_activations
from lucid_widgets.recipes.activation_atlas.layout import aligned_umap
from lucid_widgets.recipes.activation_atlas.render import render_icons

__all__ = [
    "ActivationTranslation",
    "activation_atlas",
    "aligned_activation_atlas",
    "bin_laid_out_activations",
    "iter_activation_atlas",
    "make_canvas",
]


class ActivationTranslation(Enum):
    """How the activations of two layers are made comparable.

    Attributes:
        ONE_TO_TWO: Those of the first are translated into the space of the second.
        BIDIRECTIONAL: Both are translated, and each is put next to its translation.
    """

    ONE_TO_TWO = auto()
    BIDIRECTIONAL = auto()


def activation_atlas(
    model: Any,
    layer: str | Layer,
    grid_size: int = 10,
    icon_size: int = 96,
    number_activations: int = NUMBER_OF_AVAILABLE_SAMPLES,
    icon_batch_size: int = 32,
    verbose: bool = False,
    **more: Any,
) -> FloatArray:
    """Draw an activation atlas of a layer from your own images.

    Args:
        model: Whatever `as_model` accepts.
        layer: A layer with positions, or its name.
        grid_size: Number of cells along each side. Default: 10.
        icon_size: Width and height of an icon in pixels. Default: 96.
        number_activations: Most activations to use. Default: 100,000.
        icon_batch_size: Number of icons drawn together. Default: 32.
        verbose: Whether UMAP prints its progress. Default: False.
        **more: `images`, from which the activations are collected, or `activations` `[n, channels]`; one of them is
            required, because Lucid's downloads no longer exist. Also `layout` `[n, 2]` in [0, 1], in place of UMAP;
            `threshold`, see `bin_laid_out_activations`; `n_steps` and `seed` of the icons.

    Returns:
        `[grid_size * icon_size, grid_size * icon_size, 3]` in [0, 1]. Cells with few activations are white.

    Raises:
        ArgumentError: There are neither images nor activations, or no cell has enough of them; or umap-learn is not
            installed.

    Example:
        >>> atlas = activation_atlas("EmojiNet", "mixed4a", grid_size=8, images=photographs)

    Source: Lucid's `activation_atlas`, which raised an error when it laid out the activations.
    """
    frames = iter_activation_atlas(
        model, layer, grid_size, icon_size, number_activations, icon_batch_size, verbose, **more
    )
    return np.array([frame.images[0] for frame in frames][-1])


def iter_activation_atlas(
    model: Any,
    layer: str | Layer,
    grid_size: int = 10,
    icon_size: int = 96,
    number_activations: int = NUMBER_OF_AVAILABLE_SAMPLES,
    icon_batch_size: int = 32,
    verbose: bool = False,
    *,
    images: Any = None,
    activations: npt.ArrayLike | None = None,
    layout: npt.ArrayLike | None = None,
    threshold: int = 5,
    n_steps: int = 128,
    seed: int = 0,
) -> Iterator[Frame]:
    """Yield a frame with the map after each batch of icons. The arguments are those of `activation_atlas`."""
    visible = as_model(model)
    if activations is None and images is None:
        raise ArgumentError(
            "There are neither images nor activations.",
            "Pass images=, a list of your own, or activations= [n, channels]; Lucid's downloads no longer exist.",
        )
    given = collect_activations(visible, layer, images) if activations is None else np.asarray(activations, np.float32)
    given = given[:number_activations]
    places = aligned_umap(given, verbose=verbose) if layout is None else np.asarray(layout)[:number_activations]
    directions, coordinates, _ = bin_laid_out_activations(places, given, grid_size, threshold)
    yield from _maps(
        visible, layer, directions, coordinates, grid_size, icon_size, icon_batch_size, n_steps, None, 1, seed
    )


def aligned_activation_atlas(
    model1: Any,
    layer1: str | Layer,
    model2: Any,
    layer2: str | Layer,
    grid_size: int = 10,
    icon_size: int = 80,
    num_steps: int = 1024,
    whiten_layers: bool = True,
    number_activations: int = NUMBER_OF_AVAILABLE_SAMPLES,
    icon_batch_size: int = 32,
    verbose: bool = False,
    *,
    activations1: npt.ArrayLike | None = None,
    activations2: npt.ArrayLike | None = None,
    layouts: Sequence[npt.ArrayLike] | None = None,
    threshold: int = 10,
    mode: ActivationTranslation = ActivationTranslation.BIDIRECTIONAL,
    seed: int = 0,
) -> Iterator[Iterator[FloatArray]]:
    """Draw the atlases of two layers in one layout, so that cells at the same place correspond.

    Args:
        model1: The model of the first atlas.
        layer1: Its layer.
        model2: The model of the second atlas.
        layer2: Its layer.
        grid_size: As for `activation_atlas`; so are the arguments that follow.
        icon_size: Width and height of an icon. Default: 80.
        num_steps: Number of steps of each icon. Default: 1024.
        whiten_layers: Whether to multiply directions by the inverse covariance of the activations. Default: True.
        number_activations: Most activations to use.
        icon_batch_size: Number of icons drawn together.
        verbose: Whether UMAP prints its progress.
        activations1: Activations of the first layer, `[n, channels]`, as `collect_activations` returns them. Required.
        activations2: Activations of the second layer for the same images and positions. Required.
        layouts: Two layouts `[n, 2]` in [0, 1], in place of UMAP. Default: None.
        threshold: See `bin_laid_out_activations`. Default: 10.
        mode: How the activations are made comparable. Default: in both directions.
        seed: Any integer. Default: 0.

    Yields:
        Two iterators, one for each atlas, of its map after each batch of icons.

    Raises:
        ArgumentError: The activations are missing, or differ in number.

    Source: Lucid's `aligned_activation_atlas`, which drew the second atlas twice if both iterators were made before
    either was read.
    """
    if activations1 is None or activations2 is None:
        raise ArgumentError(
            "The activations of both layers are needed.",
            "Pass activations1= and activations2=, from collect_activations with the same images; Lucid's downloads no "
            "longer exist.",
        )
    first, second = (np.asarray(each, np.float32)[:number_activations] for each in (activations1, activations2))
    if len(first) != len(second):
        raise ArgumentError(
            f"There are {len(first)} and {len(second)} activations.", "Expected those of the same images and positions."
        )
    found = aligned_umap(list(_combined(first, second, mode)), verbose=verbose) if layouts is None else layouts
    both = [(model1, layer1, first, found[0]), (model2, layer2, second, found[1])]
    for model, layer, own, layout in both:
        directions, coordinates, _ = bin_laid_out_activations(layout, own, grid_size, threshold)
        S = np.linalg.pinv(_covariance(own, own)).astype(np.float32) if whiten_layers else None
        frames = _maps(
            as_model(model),
            layer,
            directions,
            coordinates,
            grid_size,
            icon_size,
            icon_batch_size,
            num_steps,
            S,
            3,
            seed,
        )
        yield (np.array(frame.images[0]) for frame in frames)


def bin_laid_out_activations(
    layout: npt.ArrayLike, activations: npt.ArrayLike, grid_size: int, threshold: int = 5
) -> tuple[list[npt.NDArray[Any]], list[npt.NDArray[Any]], list[int]]:
    """Average activations within the cells of a grid over their layout.

    Args:
        layout: Positions, `[n, 2]` in [0, 1].
        activations: `[n, channels]`.
        grid_size: Number of cells along each side.
        threshold: Cells with at most this many activations are left out. Default: 5.

    Returns:
        For each remaining cell: the mean `[channels]`, the coordinates `[2]` of the cell along both axes of the layout,
        and the number of activations.

    Raises:
        ArgumentError: There is not one position for each activation, or no cell has enough of them.

    Source: Lucid's `main.bin_laid_out_activations`.
    """
    places, values = np.asarray(layout), np.asarray(activations)
    if len(places) != len(values):
        raise ArgumentError(
            f"There are {len(places)} positions for {len(values)} activations.", "Expected one for each."
        )
    cells = whole_number("grid_size", grid_size, 1)
    index = np.clip(np.floor(places * cells).astype(int), None, cells - 1)
    means, coordinates, counts = [], [], []
    # Along the second axis of the layout first, as in Lucid.
    for second in range(cells):
        for first in range(cells):
            inside = (index == (first, second)).all(axis=1)
            if inside.sum() > threshold:
                means.append(values[inside].mean(0))
                coordinates.append(np.array([first, second]))
                counts.append(int(inside.sum()))
    if not means:
        raise ArgumentError(
            f"No cell of the grid has more than {threshold} activations.",
            "Pass more activations, a smaller grid_size or a lower threshold.",
        )
    return means, coordinates, counts


def make_canvas(
    icon_batch: Sequence[npt.ArrayLike], coordinates: Sequence[npt.ArrayLike], grid_size: int
) -> npt.NDArray[Any]:
    """Put icons at their cells of a white canvas.

    Args:
        icon_batch: Icons, `[height, width, channels]` each.
        coordinates: Row and column of the cell of each icon. Icons without coordinates are left out.
        grid_size: Number of cells along each side.

    Returns:
        `[grid_size * height, grid_size * width, channels]`.

    Source: Lucid's `main.make_canvas`.
    """
    height, width, channels = np.asarray(icon_batch[0]).shape
    canvas = np.ones((grid_size, height, grid_size, width, channels))
    for icon, place in zip(icon_batch, coordinates, strict=False):
        row, column = map(int, np.asarray(place))
        canvas[row, :, column] = np.asarray(icon)
    return canvas.reshape(grid_size * height, grid_size * width, channels)


def _maps(
    model: Any,
    layer: str | Layer,
    directions: list[Any],
    coordinates: list[Any],
    grid_size: int,
    icon_size: int,
    batch: int,
    n_steps: int,
    S: Any,
    attempts: int,
    seed: int,
) -> Iterator[Frame]:
    icons: list[FloatArray] = []
    for start in range(0, len(directions), whole_number("icon_batch_size", batch, 1)):
        chunk = directions[start : start + batch]
        icons += render_icons(
            chunk, model, layer, size=icon_size, n_steps=n_steps, S=S, num_attempts=attempts, seed=seed + start
        )[0]
        canvas = np.asarray(make_canvas(icons, coordinates, grid_size), np.float32)
        yield Frame(step=len(icons), objective=None, images=canvas[None])


def _covariance(first: FloatArray, second: FloatArray) -> npt.NDArray[Any]:
    """Mean product of every two channels. As in Lucid, means are not subtracted."""
    return first.T.astype(np.float64) @ second / len(first)


def _combined(
    first: FloatArray, second: FloatArray, mode: ActivationTranslation
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    def pushed(acts: FloatArray, other: FloatArray) -> npt.NDArray[Any]:
        return acts @ (np.linalg.pinv(_covariance(acts, acts)) @ _covariance(acts, other))

    forward = pushed(first, second)
    if mode is ActivationTranslation.ONE_TO_TWO:
        return forward, second
    return np.concatenate([first, forward], 1), np.concatenate([pushed(second, first), second], 1)
