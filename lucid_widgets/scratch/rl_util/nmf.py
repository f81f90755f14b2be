"""`LayerNMF`: the activations of a layer as sums of a few features, and images of these features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from lucid_widgets.errors import ArgumentError
from lucid_widgets.misc._optional import needed
from lucid_widgets.misc.channel_reducer import ChannelReducer
from lucid_widgets.modelzoo.vision_models import as_model
from lucid_widgets.optvis import objectives, param
from lucid_widgets.optvis.objectives.tree import Objective
from lucid_widgets.optvis.render import render_vis
from lucid_widgets.optvis.transform import Transform, jitter
from lucid_widgets.scratch.rl_util.attribution import get_acts, get_attr

__all__ = ["LayerNMF", "argmax_nd", "rescale_opacity"]

Array = npt.NDArray[Any]


def argmax_nd(
    x: npt.ArrayLike, axes: Sequence[int], *, max_rep: float = np.inf, max_rep_strict: bool | None = None
) -> tuple[Array, ...]:
    """Return the place of the largest value along several axes, repeating no place too often.

    Args:
        x: An array.
        axes: The axes.
        max_rep: Most times that a place may be returned. Where it is returned more often, the positions with the
            smallest values get their next best place. Default: any number.
        max_rep_strict: Whether to give up after all places were tried once. Needed with `max_rep`.

    Returns:
        An array for each of `axes`, with the shape of the other axes.

    Raises:
        ArgumentError: `max_rep` is not above 0, or `max_rep_strict` is missing.
    """
    if max_rep <= 0 or (np.isfinite(max_rep) and max_rep_strict is None):
        raise ArgumentError(f"max_rep is {max_rep}.", "Expected a number above 0, together with max_rep_strict=.")
    values = np.moveaxis(np.asarray(x), axes, range(len(axes)))
    sizes, rest = values.shape[: len(axes)], values.shape[len(axes) :]
    flat = values.reshape(int(np.prod(sizes)), -1)
    order = np.argsort(-flat, axis=0, kind="stable")
    chosen = order[0].copy()
    counts = np.bincount(chosen, minlength=len(order))
    for rank in range(1, len(order) + (0 if max_rep_strict else 1)):
        left, changed = counts.copy(), False
        for place in np.argsort(flat[chosen, np.arange(len(chosen))], kind="stable"):
            value = chosen[place]
            if left[value] > max_rep:
                chosen[place] = order[rank % len(order)][place]
                left[value] -= 1
                counts[value] -= 1
                counts[chosen[place]] += 1
                changed = True
        if not changed:
            break
    return np.unravel_index(chosen.reshape(rest), sizes)


class LayerNMF:
    """The activations of a layer for observations, as sums of a few features.

    Args:
        model: Whatever `as_model` accepts.
        layer_name: A layer with positions.
        obses: Images in [0, 1] as the network takes them, `[batch, height, width, channels]`.
        obses_full: The same images to show, of any size. Default: `obses`.
        features: Number of features; None for one feature per channel. Default: 10.
        attr_layer_name: A later layer. The features then describe the attributions of that layer to this one, positive
            and negative. Default: None, the activations.
        attr_opts: Arguments of `get_attr` for these. Default: 10 steps of integration.

    Attributes:
        channel_dirs: The channels of each feature, `[features, channels]`.
        acts_reduced: How strongly each feature is active, `[batch, height, width, features]`.

    Source: Lucid's `rl_util.nmf.LayerNMF`.
    """

    def __init__(
        self,
        model: Any,
        layer_name: str,
        obses: npt.ArrayLike,
        obses_full: npt.ArrayLike | None = None,
        features: int | None = 10,
        *,
        attr_layer_name: str | None = None,
        attr_opts: Mapping[str, Any] | None = None,
    ) -> None:
        self.model, self.layer_name, self.features = as_model(model), layer_name, features
        self.obses = np.asarray(obses)
        self.obses_full = self.obses if obses_full is None else np.asarray(obses_full)
        self.reducer = None if features is None else ChannelReducer(features)
        acts = get_acts(self.model, layer_name, self.obses)
        self.patch_h, self.patch_w = (self.obses_full.shape[axis] / acts.shape[axis] for axis in (1, 2))
        self.pad_h = self.pad_w = 0
        self.padded_obses = self.obses_full
        if self.reducer is None:
            self.acts_reduced, self.channel_dirs = acts, np.eye(acts.shape[-1])
            return
        if attr_layer_name is None:
            self.acts_reduced = self.reducer.fit_transform(acts)
        else:
            options = {"integrate_steps": 10} if attr_opts is None else attr_opts
            attrs = get_attr(self.model, attr_layer_name, layer_name, self.obses, **options)
            self.reducer.fit(np.concatenate([np.maximum(0, attrs), np.maximum(0, -attrs)]))
            self.acts_reduced = self.reducer.transform(acts)
        self.channel_dirs = self.reducer.components

    def transform(self, acts: Array) -> Array:
        """Return how strongly each feature is active in activations `[..., channels]`."""
        return acts.copy() if self.reducer is None else np.asarray(self.reducer.transform(acts))

    def inverse_transform(self, acts_r: Array) -> Array:
        """Return the activations of features `[..., features]`."""
        return acts_r.copy() if self.reducer is None else acts_r @ self.channel_dirs

    def vis_traditional(
        self,
        feature_list: Sequence[int] | int | None = None,
        *,
        transforms: Sequence[Transform] = (jitter(2),),
        l2_coeff: float = 0.0,
        l2_layer_name: str | None = None,
        **more: Any,
    ) -> Array:
        """Visualize features by optimization.

        Args:
            feature_list: The features. Default: all.
            transforms: As for `render_vis`. Default: a jitter of 2 pixels.
            l2_coeff: Weight of a penalty for strong activations of another layer. Default: 0.
            l2_layer_name: That layer.
            **more: Further arguments of `render_vis`, such as `thresholds`.

        Returns:
            `[len(feature_list), 64, 64, channels]`.

        Raises:
            ArgumentError: `l2_coeff` is given without `l2_layer_name`.

        Source: Lucid's `vis_traditional`, which failed for features that were not the first ones.
        """
        chosen = range(self.acts_reduced.shape[-1]) if feature_list is None else feature_list
        numbers = [chosen] if isinstance(chosen, (int, np.integer)) else list(chosen)
        wanted = Objective.sum(
            [
                objectives.direction_neuron(self.layer_name, self.channel_dirs[feature], batch=place)
                for place, feature in enumerate(numbers)
            ]
        )
        if l2_coeff:
            if l2_layer_name is None:
                raise ArgumentError("l2_coeff was passed without a layer.", "Pass l2_layer_name= as well.")
            wanted = wanted - l2_coeff * objectives.L2(l2_layer_name)
        make = partial(param.image, 64, batch=len(numbers))
        images = render_vis(self.model, wanted, make, transforms=list(transforms), verbose=False, **more)
        return np.asarray(images[-1])

    def pad_obses(self, *, expand_mult: float = 1) -> None:
        """Surround the observations by a checkerboard, from which patches at the edge are cut."""
        high, wide = (int(np.ceil(size * expand_mult)) for size in (self.patch_h, self.patch_w))
        if high <= self.pad_h and wide <= self.pad_w:
            return
        self.pad_h, self.pad_w = high, wide
        count, height, width, channels = self.obses_full.shape
        board = np.indices((height + 2 * high, width + 2 * wide)).sum(0) % 2 * 0.25 + 0.75
        padded = np.broadcast_to(board[None, ..., None], (count, *board.shape, channels))
        self.padded_obses = padded.astype(self.obses_full.dtype)
        self.padded_obses[:, high : high + height, wide : wide + width] = self.obses_full

    def get_patch(self, obs_index: int, pos_h: float, pos_w: float, *, expand_mult: float = 1) -> Array:
        """Return the part of an observation around a position of the layer, which may lie between two of them."""

        def around(pad: int, pos: float, patch: float) -> slice:
            return slice(*(round(pad + (pos + side * expand_mult) * patch) for side in (-0.5, 0.5)))

        rows = around(self.pad_h, pos_h, self.patch_h)
        return self.padded_obses[obs_index, rows, around(self.pad_w, pos_w, self.patch_w)]

    def vis_dataset(
        self, feature: int, *, subdiv_mult: float = 1, expand_mult: float = 1, top_frac: float = 0.1
    ) -> tuple[Array, list[list[int]]]:
        """Show at each position the observation in which a feature is most active there.

        Args:
            feature: The feature.
            subdiv_mult: Number of patches per position of the layer along each axis. Default: 1.
            expand_mult: Size of a patch in positions of the layer. Default: 1.
            top_frac: Share of the observations that may be shown. Default: 0.1.

        Returns:
            An image with opacity, `[height, width, 4]`, and the index of the observation of each patch.

        Raises:
            ArgumentError: `subdiv_mult` is too small for the layer.
        """
        zoom = needed("scipy.ndimage", "vis_dataset").zoom
        height, width = self.acts_reduced.shape[1:3]
        factors = [subdiv_mult - (subdiv_mult - 1) / (size + 2) for size in (height, width)]
        padded = np.pad(self.acts_reduced[..., feature], [(0, 0), (1, 1), (1, 1)], mode="edge")
        acts = zoom(padded, [1, *factors], order=1, mode="nearest")[:, 1:-1, 1:-1]
        if acts.size == 0:
            raise ArgumentError(
                f"subdiv_mult is {subdiv_mult}, too small for {height} x {width} positions.", "Pass a larger one."
            )
        places = np.indices((height + 2, width + 2)).transpose(1, 2, 0).astype(float)
        places = zoom(places, [*factors, 1], order=1, mode="nearest")[1:-1, 1:-1] - 0.5
        shown = acts.shape[0] * top_frac
        most = np.inf if shown == 0 else np.ceil(acts.shape[1] * acts.shape[2] / shown)
        indices = argmax_nd(acts, [0], max_rep=most, max_rep_strict=False)[0]
        strength = np.take_along_axis(acts, indices[None], 0)[0]
        return self._tiled(indices, places, strength, expand_mult), indices.tolist()

    def vis_dataset_thumbnail(
        self, feature: int, *, num_mult: int = 1, expand_mult: float = 1, max_rep: float | None = None
    ) -> tuple[Array, list[list[int]]]:
        """Show the observations in which a feature is most active, each at its most active position.

        Args:
            feature: The feature.
            num_mult: Number of patches along each side. Default: 1.
            expand_mult: Size of a patch in positions of the layer. Default: 1.
            max_rep: Most patches from one position. Default: `num_mult`.

        Returns:
            As for `vis_dataset`.

        Raises:
            ArgumentError: There are fewer observations than patches.
        """
        count = num_mult**2
        acts = self.acts_reduced[..., feature]
        if len(acts) < count:
            raise ArgumentError(f"There are {len(acts)} observations.", f"Expected at least {count}.")
        rows, columns = argmax_nd(acts, [1, 2], max_rep=max_rep or num_mult, max_rep_strict=True)
        strength = acts[np.arange(len(acts)), rows, columns]
        best = np.argsort(-strength, kind="stable")[:count]
        # From top to bottom, then each row from left to right.
        best = best[np.lexsort((columns[best], rows[best]))].reshape(num_mult, num_mult)
        best = np.stack([row[np.argsort(columns[row], kind="stable")] for row in best])
        places = np.stack([rows[best], columns[best]], -1) + 0.5
        return self._tiled(best, places, strength[best], expand_mult), best.tolist()

    def _tiled(self, indices: Array, places: Array, strength: Array, expand_mult: float) -> Array:
        """Put patches of observations side by side, each as opaque as its feature is active."""
        self.pad_obses(expand_mult=expand_mult)
        opacity = strength / (strength.max() or 1)
        rows, columns = indices.shape
        patches = [
            [self.get_patch(int(indices[i, j]), *places[i, j], expand_mult=expand_mult) for j in range(columns)]
            for i in range(rows)
        ]
        # Patches differ by a pixel where positions are no whole number of pixels apart.
        height = min(patch.shape[0] for row in patches for patch in row)
        width = min(patch.shape[1] for row in patches for patch in row)

        def with_opacity(patch: Array, value: float) -> Array:
            cut = patch[:height, :width]
            return np.concatenate([cut, np.full((height, width, 1), value, cut.dtype)], -1)

        tiles = [[with_opacity(patches[i][j], opacity[i, j]) for j in range(columns)] for i in range(rows)]
        return np.concatenate([np.concatenate(row, axis=1) for row in tiles])


def rescale_opacity(
    images: npt.ArrayLike,
    min_opacity: float = 15 / 255,
    opaque_frac: float = 0.1,
    max_scale: float = 10,
    keep_zeros: bool = False,
) -> Array:
    """Make the most opaque part of images fully opaque, and nothing invisible.

    Args:
        images: `[..., height, width, 4]`.
        min_opacity: Smallest opacity of the result. Default: 15 / 255.
        opaque_frac: Share of each image that becomes fully opaque. Default: 0.1.
        max_scale: Largest factor by which opacities are scaled. Default: 10.
        keep_zeros: Whether invisible pixels stay invisible. Default: False.

    Source: Lucid's `nmf.rescale_opacity`.
    """
    given = np.asarray(images)
    opacity = given[..., 3]
    flat = opacity.reshape(*opacity.shape[:-2], -1)
    threshold = np.percentile(flat, (1 - opaque_frac) * 100, axis=-1)
    threshold = np.maximum(threshold, flat.max(-1) / max_scale)[..., None, None]
    scaled = np.minimum(1, min_opacity + opacity * (1 - min_opacity) / np.where(threshold == 0, 1, threshold))
    if keep_zeros:
        scaled = np.where(opacity == 0, 0, scaled)
    return np.concatenate([given[..., :3], scaled[..., None]], -1)
