"""`render_many`: one image for each of many objectives, for sprite sheets, grids and studies of whole layers."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import tensorflow as tf

from lucid_widgets.errors import ArgumentError, whole_number
from lucid_widgets.frames import FloatArray, Frame
from lucid_widgets.misc.environment import shows_progress
from lucid_widgets.misc.keywords import suggest_keywords
from lucid_widgets.misc.waiting import ProgressBar, ticking
from lucid_widgets.modelzoo.base.private_names import outside_graphs
from lucid_widgets.modelzoo.vision_base import T
from lucid_widgets.modelzoo.vision_models import as_model
from lucid_widgets.optvis.arguments import as_flag, check_param_f, list_of_objectives
from lucid_widgets.optvis.default_image import batch_images, default_size, refuse_size_of_volumes
from lucid_widgets.optvis.engine.network import import_model
from lucid_widgets.optvis.engine.optimizers import as_optimizer
from lucid_widgets.optvis.engine.tracing import initial_value
from lucid_widgets.optvis.objectives import as_objective, channels
from lucid_widgets.optvis.objectives.likeness.own_runs import needs_own_run
from lucid_widgets.optvis.objectives.text import single_channel
from lucid_widgets.optvis.objectives.tree import Objective
from lucid_widgets.optvis.objectives.units import with_class_indices
from lucid_widgets.optvis.objectives.views import image_of
from lucid_widgets.optvis.render import FrameIterator, frame_iterator
from lucid_widgets.optvis.speed.microbatches import batch_size, bytes_held
from lucid_widgets.optvis.speed.plan import EARLY_STEPS_OF_UNITS
from lucid_widgets.optvis.speed.precision import as_precision
from lucid_widgets.optvis.transform import Transforms, as_transforms


@suggest_keywords
@outside_graphs()
def render_many(
    model: Any,
    objectives: Iterable[Objective | Callable[[Any], Any] | str],
    param_f: Callable[[int], Any] | None = None,
    *,
    steps: int = 512,
    seed: int = 0,
    image_size: int | None = None,
    batch: int | None = None,
    transforms: Transforms = None,
    optimizer: Any = None,
    relu_gradient_override: bool = True,
    jit_compile: bool | None = None,
    precision: str | None = None,
    verbose: bool = True,
) -> FloatArray:
    """Optimize one image for each objective, several images per compiled call.

    All images start from the same noise and go through the same random transforms. Up to rounding, each image equals
    the one that `iter_vis` renders for its objective alone with the same seed, regardless of the other objectives.

    Args:
        model: Whatever `as_model` accepts: a `Model`, a Keras model, a path, or the name of a network of the zoo.
        objectives: What to maximize, one per image: "layer:channel", an expression, an `Objective`, or a function
            `T -> scalar`.
        param_f: A function from the number of images to the image tensor `[batch, height, width, channels]`. Default:
            `lambda batch: param.image(128, batch=batch)`, or with the size and the number of channels that the network
            asks for.
        steps: Number of steps (updates of the optimizer) per image. Default: 512.
        seed: Any integer. The same seed gives the same images on the same machine. Default: 0.
        image_size: Longer side in pixels, in place of `param_f`. Images are square, unless the network was made for
            others. Default: None.
        batch: Number of images per compiled call. Default: the fastest number for this model and image size, at most
            32. Lower it if memory runs out. The batch size changes images only by rounding.
        transforms: Transforms that the images should be robust to, or "affine", "standard", "crops", "tokens" or
            "nothing".
            Default: "affine", which is `transform.default_transforms`.
        optimizer: A Keras optimizer. Default: Adam with a learning rate of 0.05.
        relu_gradient_override: Redirect gradients of inactive units, as for `iter_vis`. Default: True.
        jit_compile: Whether XLA compiles whole steps, as for `iter_vis`.
        precision: "float32" or "bfloat16", as for `iter_vis`.
        verbose: Show a progress bar. Default: True.

    Returns:
        `[len(objectives), height, width, channels]` in [0, 1], in the order of the objectives.

    Raises:
        ArgumentError: There are no objectives, or an argument is invalid.
        UnknownNameError: The model has no such layer.
        OutOfRangeError: A channel, size or number is out of range.
        NonFiniteObjectiveError: An objective became NaN or infinite.

    Example:
        >>> sheet = render_many(model, [f"mixed4a:{unit}" for unit in range(64)], steps=128, image_size=96)
        >>> show(sheet)
    """
    wanted = list_of_objectives(objectives)
    images: list[Any] = [None] * len(wanted)
    stream = iter_many(
        model,
        wanted,
        param_f,
        steps=steps,
        seed=seed,
        image_size=image_size,
        batch=batch,
        transforms=transforms,
        optimizer=optimizer,
        relu_gradient_override=relu_gradient_override,
        jit_compile=jit_compile,
        precision=precision,
    )
    hidden = not (verbose and shows_progress())
    with ProgressBar(total=len(wanted), unit="image", leave=False, disable=hidden) as bar, ticking(bar):
        for index, image in stream:
            images[index] = image
            bar.update()
    return np.stack(images)


@suggest_keywords
def iter_many(
    model: Any,
    objectives: Iterable[Objective | Callable[[Any], Any] | str],
    param_f: Callable[[int], Any] | None = None,
    *,
    steps: int = 512,
    seed: int = 0,
    image_size: int | None = None,
    batch: int | None = None,
    transforms: Transforms = None,
    optimizer: Any = None,
    relu_gradient_override: bool = True,
    jit_compile: bool | None = None,
    precision: str | None = None,
) -> Iterator[tuple[int, FloatArray]]:
    """Optimize one image for each objective, and yield each image as soon as it is finished.

    All arguments are checked before the first image is rendered.

    Args:
        model: As for `render_many`, like all further arguments.
        objectives: What to maximize, one per image.
        param_f: A function from the number of images to the image tensor.
        steps: Number of steps per image. Default: 512.
        seed: Any integer. Default: 0.
        image_size: Longer side in pixels, in place of `param_f`. Images are square, unless the network was made for
            others. Default: None.
        batch: Number of images per compiled call. Default: the fastest number for this model and image size.
        transforms: Transforms that the images should be robust to, or "affine", "standard", "crops", "tokens" or
            "nothing".
            Default: "affine".
        optimizer: A Keras optimizer. Default: Adam with a learning rate of 0.05.
        relu_gradient_override: Redirect gradients of inactive units, as for `iter_vis`. Default: True.
        jit_compile: Whether XLA compiles whole steps.
        precision: "float32" or "bfloat16".

    Returns:
        An iterator of `(index, image)`: an objective's index and its image `[height, width, channels]`. Objectives
        of the same structure are rendered together, so the indices need not be in order.

    Raises:
        ArgumentError: There are no objectives, or an argument is invalid.
        UnknownNameError: The model has no such layer.
        OutOfRangeError: A channel, size or number is out of range.

    Example:
        >>> for index, image in iter_many(model, ["mixed4a:1", "mixed4a:2"], steps=128):
        ...     save(image, f"{index}.png")
    """
    visible = as_model(model)
    wanted = [as_objective(each, visible) for each in list_of_objectives(objectives)]
    for objective in wanted:
        objective.validate(visible, 1)
    wanted = [with_class_indices(objective, visible) for objective in wanted]
    if param_f is not None:
        check_param_f(param_f, image_size, of_batch=True)
    frames_of = partial(
        batch_frames,
        visible,
        steps=whole_number("steps", steps, 0),
        seed=whole_number("seed", seed),
        transforms=as_transforms(transforms),
        optimizer=as_optimizer(optimizer),
        relu_gradient_override=as_flag("relu_gradient_override", relu_gradient_override),
        jit_compile=None if jit_compile is None else as_flag("jit_compile", jit_compile),
        precision=as_precision(precision),
    )
    most = None if batch is None else whole_number("batch", batch, 1)
    # After all other arguments are checked, because the choice of a size may build the layers.
    make = param_f
    if make is None:
        refuse_size_of_volumes(visible, image_size)
        size = default_size(visible, Each(wanted)) if image_size is None else whole_number("image_size", image_size, 1)
        make = batch_images(visible, size)
    if most is None:
        most = default_batch(visible, wanted[0], make)
    return _rendered(wanted, most, partial(frames_of, make=make))


def _rendered(
    wanted: Sequence[Objective], most: int, frames_of: Callable[[Sequence[Objective]], FrameIterator]
) -> Iterator[tuple[int, FloatArray]]:
    for indices in _groups(wanted):
        size = 1 if needs_own_run(wanted[indices[0]]) else even_batch(len(indices), most)
        chunks = [indices[start : start + size] for start in range(0, len(indices), size)]
        # A full batch, so that all batches share one compiled program.
        filled = ([*chunk, *chunk[:1] * (size - len(chunk))] for chunk in chunks)
        runs = (frames_of([wanted[index] for index in each]) for each in filled)
        for chunk, images in zip(chunks, _without_waiting(runs), strict=True):
            yield from zip(chunk, images, strict=False)


def _without_waiting(runs: Iterator[FrameIterator]) -> Iterator[FloatArray]:
    """Yield the last images of runs, in order. While the late steps of one are compiled, the next ones begin."""
    begun: deque[FrameIterator] = deque()
    while run := begun.popleft() if begun else next(runs, None):
        last: list[Frame] = []
        for frame in run:
            last[:] = [frame]
            while not run.wait_until_ready(0) and len(begun) < MOST_BEGUN:
                following = next(runs, None)
                if following is None:
                    break
                begun.append(following)
                _make_early_steps(following)
        yield last[0].images.copy()


def _make_early_steps(run: FrameIterator) -> None:
    next(run)
    end = min(run.steps, EARLY_STEPS_OF_UNITS)
    while run.step < end:
        run.advance(end - run.step)


MOST_BEGUN = 4
"""Most batches that are begun while late steps are compiled. Each keeps its images and the optimizer's state."""


def batch_frames(
    model: Any,
    objectives: Sequence[Objective],
    make: Callable[[int], Any],
    *,
    steps: int,
    seed: int = 0,
    transforms: Transforms = None,
    optimizer: Any = None,
    relu_gradient_override: bool = True,
    jit_compile: bool | None = None,
    precision: str | None = None,
) -> FrameIterator:
    """Return the run of one batch: one image per objective, all from the same noise and the same random transforms.

    Args:
        model: A `Model`.
        objectives: What to maximize. Runs with the same number of objectives of the same structure share one compiled
            program.
        make: A function from the number of images to the image tensor.
        steps: Number of steps. The others are as for `iter_vis`.
        seed: Any integer.
        transforms: Transforms that the images should be robust to.
        optimizer: A Keras optimizer.
        relu_gradient_override: Redirect gradients of inactive units.
        jit_compile: Whether XLA compiles whole steps.
        precision: "float32" or "bfloat16".
    """
    size = len(objectives)
    return frame_iterator(
        model,
        each_its_own(objectives),
        partial(make, size),
        optimizer,
        transforms,
        relu_gradient_override,
        None,
        noise_ids=[0] * size,
        steps=steps,
        seed=seed,
        jit_compile=jit_compile,
        precision=precision,
        early_steps=EARLY_STEPS_OF_UNITS,
    )


def even_batch(count: int, most: int) -> int:
    """Return a batch size of at most `most` that divides `count` images into batches of about equal size.

    Full batches and a small rest would need two compiled programs.
    """
    return -(-count // -(-count // most))


def default_batch(model: Any, objective: Objective, make: Callable[[int], Any]) -> int:
    """Return how many images one compiled call renders fastest.

    The number depends only on the model, the objective's layers and the image size, so that the same seed gives the
    same bytes regardless of free memory: the batch size changes the rounding of images.

    Args:
        model: A `Model`.
        objective: What is maximized, for one image.
        make: A function from the number of images to the image tensor.
    """

    if needs_own_run(objective):
        return 1

    def one() -> Any:
        with tf.variable_creator_scope(lambda _, **initial: initial_value(**initial)):
            images = make(1)
        return objective(import_model(model, images))

    return batch_size(bytes_held(one))


class Each(Objective):
    """The sum of objectives, each of which sees one image of the batch.

    Args:
        parts: One objective per image.
    """

    def __init__(self, parts: Sequence[Objective]) -> None:
        self.parts = tuple(parts)
        self.name = ", ".join(part.name for part in self.parts)
        self.description = f"Each({self.name})"

    numbers = property(lambda self: tuple(n for part in self.parts for n in part.numbers))
    structure = property(lambda self: ("each", *(part.structure for part in self.parts)))

    def evaluate(self, T: T, numbers: Iterator[Any]) -> Any:
        return tf.add_n([tf.reduce_sum(part.evaluate(image_of(T, i), numbers)) for i, part in enumerate(self.parts)])

    def leaves(self) -> Iterator[Objective]:
        for part in self.parts:
            yield from part.leaves()

    def validate(self, model: Any, batch: int | None = None) -> None:
        for part in self.parts:
            part.validate(model, 1)
        if batch is not None and batch != len(self.parts):
            raise ArgumentError(
                f"There are {len(self.parts)} objectives for {batch} images.", "Expected one objective per image."
            )

    def __repr__(self) -> str:
        return f"Each({list(self.parts)!r})"


class ForImage(Objective):
    """An objective that sees a single image of the batch.

    Args:
        part: The objective.
        image: Index of the image.
    """

    def __init__(self, part: Objective, image: int) -> None:
        self.part, self.image = part, image
        self.name, self.description = part.name, part.description

    numbers = property(lambda self: self.part.numbers)
    structure = property(lambda self: ("for image", self.image, self.part.structure))

    def evaluate(self, T: T, numbers: Iterator[Any]) -> Any:
        return self.part.evaluate(image_of(T, self.image), numbers)


def each_its_own(objectives: Sequence[Objective]) -> Objective:
    """Return the objective of a batch in which each image has its own objective."""
    units = [single_channel(objective) for objective in objectives]
    layers = {unit[0] for unit in units if unit}
    if len(layers) == 1 and None not in units:
        return channels(layers.pop(), [unit[1] for unit in units if unit])
    return objectives[0] if len(objectives) == 1 else Each(objectives)


def _groups(wanted: Sequence[Objective]) -> list[list[int]]:
    """Return the indices of objectives grouped by structure, in order of first appearance."""
    groups: dict[Hashable, list[int]] = {}
    for index, objective in enumerate(wanted):
        groups.setdefault(objective.structure, []).append(index)
    return list(groups.values())


__all__ = [
    "Each",
    "ForImage",
    "batch_frames",
    "default_batch",
    "each_its_own",
    "even_batch",
    "iter_many",
    "render_many",
]
