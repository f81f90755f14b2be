"""Many objectives, one image for each: `render_many`, for sprite sheets, grids and studies of whole layers."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import tensorflow as tf
from tqdm.auto import tqdm

from lucid_widgets.errors import ArgumentError, whole_number
from lucid_widgets.frames import FloatArray
from lucid_widgets.modelzoo.vision_base import T
from lucid_widgets.modelzoo.vision_models import as_model
from lucid_widgets.optvis import param
from lucid_widgets.optvis.engine.program import has_gpu, import_model
from lucid_widgets.optvis.engine.tracing import initial_value
from lucid_widgets.optvis.objectives import as_objective, channels
from lucid_widgets.optvis.objectives.text import single_channel
from lucid_widgets.optvis.objectives.tree import Objective
from lucid_widgets.optvis.render import DEFAULT_IMAGE_SIZE, FrameIterator, iter_vis
from lucid_widgets.optvis.speed.microbatches import bytes_held

MOST_IMAGES = 32
"""Images of one compiled call at most: beyond, a processor gains nothing, and progress comes in lumps."""

MEMORY_SHARE = 0.25
"""Part of the free memory that the images of one call may take."""

BUSY_BYTES = 80_000_000
"""What the tensors of one call may hold together on a processor, where that makes at least `FEWEST_IMAGES`. From there
on an image takes longer again in the first steps, which are not made in slices (`slices.py`): of 128 px and by 32
instead of by 4, a third longer with GoogLeNet, and half as long again with SqueezeNet. Measured on two cores, 64 to 224
px, as `costs` in `tests/benchmarks/engine.py` does. A rule and no trial, for images depend on their batch by rounding,
and the same seed shall make the same ones."""

FEWEST_IMAGES = 4
"""Fewer leave a core idle now and then."""


def render_many(
    model: Any,
    objectives: Iterable[Objective | Callable[[Any], Any] | str],
    param_f: Callable[[int], Any] | None = None,
    *,
    steps: int = 512,
    seed: int = 0,
    image_size: int | None = None,
    batch: int | None = None,
    verbose: bool = True,
    **settings: Any,
) -> FloatArray:
    """Optimizes an image for each of many objectives, several in one compiled call.

    All start from the same noise and see the same transforms: an image is the one that `iter_vis` makes of its
    objective alone with the same seed (but for rounding), whatever the others are.

    Args:
        model: A `Model` of the zoo, a Keras model, or the path of a frozen graph.
        objectives: What to maximize, one for each image: "layer:channel", expressions, `Objective`s, or functions of T.
        param_f: A function from a number of images to a tensor of so many, `[batch, height, width, channels]`;
            `param.image(128, batch=batch)` unless given.
        steps: Number of updates.
        seed: The same seed gives the same images on the same machine.
        image_size: Width and height in pixels, instead of `param_f`.
        batch: Images of one call; unless given, as many as are made quickest and fit into memory, up to 32.
        verbose: Shows a progress bar.
        **settings: `transforms`, `optimizer`, `relu_gradient_override`, `jit_compile` and `precision`, as for
            `iter_vis`.

    Returns:
        `[len(objectives), height, width, channels]` in [0, 1], in the order of the objectives.

    Raises:
        UnknownNameError: For a layer that the model does not have.
        OutOfRangeError: For a channel, size or number that does not exist.
        NonFiniteObjectiveError: When an objective becomes NaN or infinite.

    Example:
        >>> sheet = render_many(model, [f"mixed4a:{unit}" for unit in range(64)], steps=128, image_size=96)
        >>> show(sheet)
    """
    wanted = list(objectives)
    images: list[Any] = [None] * len(wanted)
    made = iter_many(model, wanted, param_f, steps=steps, seed=seed, image_size=image_size, batch=batch, **settings)
    with tqdm(total=len(wanted), unit="image", leave=False, disable=not verbose) as bar:
        for place, image in made:
            images[place] = image
            bar.update()
    return np.stack(images)


def iter_many(
    model: Any,
    objectives: Iterable[Objective | Callable[[Any], Any] | str],
    param_f: Callable[[int], Any] | None = None,
    *,
    steps: int = 512,
    seed: int = 0,
    image_size: int | None = None,
    batch: int | None = None,
    **settings: Any,
) -> Iterator[tuple[int, FloatArray]]:
    """As `render_many`, but yields each image as soon as it is there.

    Args:
        model: As for `render_many`, and so are the others.
        objectives: What to maximize, one for each image.
        param_f: A function from a number of images to a tensor of so many.
        steps: Number of updates.
        seed: The seed.
        image_size: Width and height in pixels, instead of `param_f`.
        batch: Images of one call.
        **settings: As for `iter_vis`.

    Returns:
        An iterator of `(place, image)`: which of the objectives, and its image `[height, width, channels]`. Objectives
        of one kind come together. All are checked before the first is rendered.

    Raises:
        ArgumentError: There are no objectives.
    """
    visible = as_model(model)
    wanted = [as_objective(each) for each in objectives]
    if not wanted:
        raise ArgumentError("There are no objectives.", "Expected at least one, such as ['mixed4a:152'].")
    for objective in wanted:
        objective.validate(visible, 1)
    make = param_f or square_images(DEFAULT_IMAGE_SIZE if image_size is None else image_size)
    if param_f is not None and image_size is not None:
        raise ArgumentError("Both param_f and image_size are given.", "Expected one: param_f decides the size itself.")
    most = fitting_batch(visible, wanted[0], make) if batch is None else whole_number("batch", batch, 1)
    return _rendered(visible, wanted, make, most, {"steps": steps, "seed": seed, **settings})


def _rendered(
    model: Any, wanted: Sequence[Objective], make: Callable[[int], Any], most: int, settings: dict[str, Any]
) -> Iterator[tuple[int, FloatArray]]:
    for places in _groups(wanted):
        size = even_batch(len(places), most)
        for start in range(0, len(places), size):
            chunk = places[start : start + size]
            filled = [*chunk, *chunk[:1] * (size - len(chunk))]
            *_, last = batch_frames(model, [wanted[place] for place in filled], make, **settings)
            yield from zip(chunk, last.images.copy(), strict=False)


def batch_frames(
    model: Any, objectives: Sequence[Objective], make: Callable[[int], Any], **settings: Any
) -> FrameIterator:
    """The run of one batch: an image for each objective, all from the same noise and under the same transforms.

    Args:
        model: A `Model`.
        objectives: What to maximize. Runs with as many, of the same kind, share one compiled program.
        make: A function from a number of images to a tensor of so many.
        **settings: As for `iter_vis`.
    """
    size = len(objectives)
    return iter_vis(model, each_its_own(objectives), partial(make, size), image_numbers=[0] * size, **settings)


def even_batch(count: int, most: int) -> int:
    """Images of a batch, at most `most`, such that `count` of them make batches of about equal size.

    Not full ones and a rest: so they share one compiled program.
    """
    return -(-count // -(-count // most))


class Each(Objective):
    """The sum of objectives, each of which sees one image of the batch alone.

    Args:
        parts: As many as there are images.
    """

    def __init__(self, parts: Sequence[Objective]) -> None:
        self.parts = tuple(parts)
        self.name = ", ".join(part.name for part in self.parts)
        self.description = f"Each({self.name})"

    numbers = property(lambda self: tuple(n for part in self.parts for n in part.numbers))
    structure = property(lambda self: ("each", *(part.structure for part in self.parts)))

    def evaluate(self, T: T, numbers: Iterator[Any]) -> Any:
        return tf.add_n([tf.reduce_sum(part.evaluate(_of_image(T, i), numbers)) for i, part in enumerate(self.parts)])

    def leaves(self) -> Iterator[Objective]:
        for part in self.parts:
            yield from part.leaves()

    def validate(self, model: Any, batch: int | None = None) -> None:
        for part in self.parts:
            part.validate(model, 1)
        if batch is not None and batch != len(self.parts):
            raise ArgumentError(
                f"There are {len(self.parts)} objectives for {batch} images.", "Expected one objective for each image."
            )

    def __repr__(self) -> str:
        return f"Each({list(self.parts)!r})"


def each_its_own(objectives: Sequence[Objective]) -> Objective:
    """One objective for a batch in which each image has an objective of its own."""
    units = [single_channel(objective) for objective in objectives]
    layers = {unit[0] for unit in units if unit}
    if len(layers) == 1 and None not in units:
        return channels(layers.pop(), [unit[1] for unit in units if unit])
    return objectives[0] if len(objectives) == 1 else Each(objectives)


def _of_image(T: T, index: int) -> T:
    def tensor(name: str) -> Any:
        value = T(name)
        return value[index : index + 1] if tf.is_tensor(value) else value

    return tensor


def _groups(wanted: Sequence[Objective]) -> list[list[int]]:
    """The places of objectives that share a structure, in the order in which the structures come up."""
    groups: dict[Hashable, list[int]] = {}
    for place, objective in enumerate(wanted):
        groups.setdefault(objective.structure, []).append(place)
    return list(groups.values())


def square_images(size: int) -> Callable[[int], Any]:
    """The parameterization unless another is given, as a function of the number of images."""
    return partial(_square_images, size)


def _square_images(size: int, batch: int) -> Any:
    return param.image(size, batch=batch)


def fitting_batch(model: Any, objective: Objective, make: Callable[[int], Any]) -> int:
    """How many images of one call are made quickest, of those that fit into memory.

    On a processor as many as its caches like, on a GPU `MOST_IMAGES`; each time no more than fit into `MEMORY_SHARE` of
    the memory that is free, by what one image needs.

    Args:
        model: A `Model`.
        objective: What is maximized, for one image.
        make: A function from a number of images to a tensor of so many.
    """
    needed = max(1, _bytes_of_one(model, objective, make))
    quickest = MOST_IMAGES if has_gpu() else min(MOST_IMAGES, max(FEWEST_IMAGES, BUSY_BYTES // needed))
    # Forward, backward, and what the transforms add at the rim.
    return max(1, min(quickest, int(MEMORY_SHARE * _free_memory() / (3 * needed))))


def _bytes_of_one(model: Any, objective: Objective, make: Callable[[int], Any]) -> int:
    """What all tensors hold that lead from one image to its objective."""

    def one() -> Any:
        with tf.variable_creator_scope(lambda _, **initial: initial_value(**initial)):
            images = make(1)
        return objective(import_model(model, images))

    return bytes_held(one)


def _free_memory() -> int:
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # not on every system
        return 2 << 30
