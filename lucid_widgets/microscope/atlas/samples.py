"""`Samples`: activations at random positions of images, and what each speaks for. Needs TensorFlow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from lucid_widgets.attribution.from_layer import with_given
from lucid_widgets.errors import ArgumentError, ModelError
from lucid_widgets.evidence.passes.plan import Plan
from lucid_widgets.evidence.passes.reductions import network_images
from lucid_widgets.frames import FloatArray
from lucid_widgets.images.sources import digest
from lucid_widgets.misc.environment import shows_progress
from lucid_widgets.misc.waiting import ProgressBar
from lucid_widgets.modelzoo.survey.fingerprint import fingerprint
from lucid_widgets.optvis.engine.tracing import Traced
from lucid_widgets.optvis.overrides import gradient_override_map

USUAL = 10_000
"""Number of activations at which the default of `per_image` aims."""


@dataclass(frozen=True, eq=False)
class Samples:
    """Activations at random positions.

    Attributes:
        activations: float32 `[n, channels]`.
        attributions: float32 `[n, classes]`: for each class, the gradient of its logit, averaged over a path from zero
            to the activations of the layer, times the activation, summed over channels. Without a class layer, there
            are no classes.
        images: Number of the image in its set, int32 `[n]`.
        positions: Position in the layer, counted row by row, int32 `[n]`.
    """

    activations: FloatArray
    attributions: FloatArray
    images: npt.NDArray[np.int32]
    positions: npt.NDArray[np.int32]

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return the arrays to store."""
        return dict(vars(self))


def samples_key(plan: Plan, class_layer: str | None, per_image: int, path: int) -> str | None:
    """Return a hash of everything that determines the samples; None if the network has no fingerprint."""
    layers = [plan.layers[0].name, *([class_layer] if class_layer else [])]
    network = fingerprint(plan.model, layers, plan.size)
    rest = (plan.identity["preprocessing"], tf.__version__, path)
    return None if network is None else digest(network, layers, places_key(plan, per_image), rest)


def places_key(plan: Plan, per_image: int) -> str:
    """Return a hash of what determines the image parts: atlases with the same one can be aligned."""
    return digest(plan.images.fingerprint, per_image, plan.seed)


def take_samples(plan: Plan, class_layer: str | None, per_image: int, path: int, *, verbose: bool) -> Samples:
    """Return activations at random positions of all images that can be read.

    The positions depend on the seed and on the number of the image only. They are drawn as shares of height and width,
    so that other layers and other networks are sampled at the same places.

    Args:
        plan: Names one layer, with its images and its seed.
        class_layer: The layer with the logits, above this layer; None for none.
        per_image: Number of positions for each image.
        path: Number of points between zero and the activations at which gradients are taken; 1 for the activations
            themselves.
        verbose: Whether a notebook or a terminal shows a progress bar.

    Raises:
        ArgumentError: No image can be read, or the layer has no positions.
        ModelError: The classes do not depend on the layer, or the activations are not finite.
    """
    layer = plan.layers[0]
    rows, columns = layer.field.grid
    if rows * columns == 1:
        raise ArgumentError(f"Layer {layer.name!r} has no positions.", "Choose a convolutional layer.")
    compute = _program(plan, class_layer, path)
    parts: list[tuple[npt.NDArray[Any], ...]] = []
    hidden = not (verbose and shows_progress())
    with ProgressBar(total=len(plan.images), unit="image", leave=False, disable=hidden) as bar:
        for indices, images in plan.images.batches(plan.batch, plan.size):
            shares = np.stack([np.random.default_rng([plan.seed, index]).random((per_image, 2)) for index in indices])
            places = np.floor(shares[..., 0] * rows) * columns + np.floor(shares[..., 1] * columns)
            places = places.astype(np.int32)
            missing = ((0, plan.batch - len(indices)), (0, 0))
            filled = np.pad(images, (*missing, (0, 0), (0, 0)))  # so that all batches share one compiled function
            found = compute(tf.constant(filled), tf.constant(np.pad(places, missing)))
            activations, attributions = (np.asarray(each)[: len(indices)] for each in found)
            if not (np.isfinite(activations).all() and np.isfinite(attributions).all()):
                raise ModelError(
                    f"Activations of {layer.name!r} are not finite.", "Check the weights and the input range."
                )
            of_image = np.repeat(indices, per_image)
            parts.append((_flat(activations), _flat(attributions), of_image, places.reshape(-1)))
            bar.update(len(indices))
    if not parts:
        raise ArgumentError(f"None of the images of {plan.images.name!r} can be read.", "Check the files.")
    activations, attributions, of_images, positions = (np.concatenate(each) for each in zip(*parts, strict=True))
    return Samples(activations, attributions, of_images.astype(np.int32), positions.astype(np.int32))


def _flat(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return values.reshape(values.shape[0] * values.shape[1], values.shape[2])


def _program(plan: Plan, class_layer: str | None, path: int) -> Any:
    model, name = plan.model, plan.layers[0].name
    channels = model.image_shape[-1] or 3
    shares = [1.0] if path == 1 else [(point + 0.5) / path for point in range(path)]

    def compute(images: tf.Tensor, places: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        shown = network_images(images, channels)
        given = model.import_graph(shown)(name)
        # Patches of a transformer, as rows and columns.
        acts = model.token_grid.fold(given) if model.token_grid is not None and given.shape.rank == 3 else given
        if acts is None or acts.shape.rank != 4:
            raise ArgumentError(f"Layer {name!r} has no positions.", "Choose a convolutional layer.")
        shape = tf.shape(acts)
        lines = tf.reshape(acts, [shape[0], shape[1] * shape[2], acts.shape[3]])
        chosen = tf.gather(lines, places, batch_dims=1)
        if class_layer is None:
            return tf.cast(chosen, tf.float32), tf.zeros([shape[0], places.shape[1], 0])
        # All points of the path in one batch.
        at = tf.concat([share * given for share in shares], 0)
        scores = with_given(model, tf.concat([shown] * path, 0), name, at)(class_layer)
        scores = tf.reduce_mean(scores, list(range(1, scores.shape.rank - 1))) if scores.shape.rank > 2 else scores
        # One gradient per class would take as many passes as there are classes. The gradient is linear in the weights
        # of the classes, so its own derivative by these weights has the answer for all of them.
        weights = tf.zeros_like(scores)
        gradient = tf.compat.v1.gradients(scores, at, grad_ys=weights)[0]
        if gradient is None:
            raise ModelError(
                f"The classes do not depend on {name!r}.", "Pass classes=False, or choose an earlier layer."
            )
        found = []
        for index in range(places.shape[1]):
            mask = tf.one_hot(places[:, index], shape[1] * shape[2], dtype=acts.dtype)
            along = acts * tf.reshape(mask, [*tf.unstack(shape[:3]), 1])
            along = along if acts is given else tf.compat.v1.gradients(acts, given, grad_ys=along)[0]
            tangent = tf.stop_gradient(tf.concat([along] * path, 0))
            changes = tf.compat.v1.gradients(gradient, weights, grad_ys=tangent)[0]
            found.append(tf.reduce_mean(tf.reshape(changes, [path, shape[0], scores.shape[-1]]), 0))
        return tf.cast(chosen, tf.float32), tf.cast(tf.stack(found, 1), tf.float32)

    def explained(images: tf.Tensor, places: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        try:
            with gradient_override_map({"MaxPool": _max_pool_grad}):
                return compute(images, places)
        except LookupError as error:
            raise ModelError(
                f"The classes of {model.name} cannot be attributed to {name!r}: {error}",
                "Pass classes=False, or choose a later layer.",
            ) from error

    return Traced(explained, lambda _: None)


def _max_pool_grad(op: Any, grad: tf.Tensor) -> tf.Tensor:
    """Return the gradient of a maximum pool, made of operations that have gradients themselves.

    TensorFlow's own second derivative, `MaxPoolGradGrad`, differs from finite differences on a CPU if windows overlap.
    """
    image = op.inputs[0]
    names = ("ksize", "strides", "padding", "data_format")
    settings = {name: op.get_attr(name) for name in names}
    padding, data_format = settings["padding"].decode(), settings["data_format"].decode()
    if data_format != "NHWC" or padding not in ("SAME", "VALID"):
        raise LookupError(f"Maximum pools with {data_format} and padding {padding} have no second derivative.")
    _, largest = tf.raw_ops.MaxPoolWithArgmax(
        input=image,
        ksize=settings["ksize"],
        strides=settings["strides"],
        padding=padding,
        include_batch_in_index=True,
    )
    size = tf.size(image, tf.int64)
    sums = tf.math.unsorted_segment_sum(tf.reshape(grad, [-1]), tf.reshape(largest, [-1]), size)
    return tf.reshape(sums, tf.shape(image))


__all__ = ["USUAL", "Samples", "places_key", "samples_key", "take_samples"]
