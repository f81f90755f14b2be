"""From a model and an objective to images: `render_vis`, Lucid's call; `iter_vis`, the same as a stream of frames."""

from __future__ import annotations

import logging
import secrets
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import numpy as np
import tensorflow as tf
from tqdm.auto import tqdm

from lucid_widgets.errors import ArgumentError, whole_number
from lucid_widgets.frames import FloatArray, Frame
from lucid_widgets.misc.io.showing import show
from lucid_widgets.modelzoo.vision_models import as_model
from lucid_widgets.optvis import param
from lucid_widgets.optvis.engine.iteration import FrameIterator
from lucid_widgets.optvis.engine.optimizers import as_optimizer
from lucid_widgets.optvis.engine.program import import_model
from lucid_widgets.optvis.engine.setup import Parameterization, Setup, as_image_numbers
from lucid_widgets.optvis.engine.state import State
from lucid_widgets.optvis.objectives import as_objective, as_objectives
from lucid_widgets.optvis.objectives.tree import Objective
from lucid_widgets.optvis.speed.precision import as_precision
from lucid_widgets.optvis.transform import Transform, as_transforms
from lucid_widgets.optvis.vis_t import (
    make_optimizer,
    make_print_objective_func,
    make_t_image,
    make_transform_f,
    make_vis_T,
)
from lucid_widgets.recording import Recording

DEFAULT_IMAGE_SIZE = 128
"""Width and height in pixels where no parameterization is given."""

_log = logging.getLogger(__name__)


def iter_vis(
    model: Any,
    objective: Objective | Callable[[Any], Any] | str,
    param_f: Parameterization | None = None,
    *,
    steps: int = 512,
    seed: int = 0,
    transforms: Transform | Iterable[Transform] | None = None,
    optimizer: Any = None,
    relu_gradient_override: bool = True,
    image_size: int | None = None,
    every: int | None = None,
    image_numbers: Sequence[int] | None = None,
    state: State | None = None,
    jit_compile: bool | None = None,
    precision: str | None = None,
    record: int | Recording | None = None,
) -> FrameIterator:
    """Optimizes an image, and yields it as it takes shape.

    Args:
        model: A `Model` of the zoo, a Keras model, or the path of a frozen graph.
        objective: What to maximize: "layer:channel", an expression, an `Objective`, or a function `T -> scalar`.
        param_f: A function that returns the image tensor `[batch, height, width, channels]`; `param.image(128)` unless
            given.
        steps: Number of updates.
        seed: The same seed gives the same frames on the same machine.
        transforms: What the image must be robust to; `transform.default_transforms` unless given, `[]` for nothing.
        optimizer: A Keras optimizer; Adam with a learning rate of 0.05 unless given.
        relu_gradient_override: Wakes units that are dead on the initial image, in the first 16 steps.
        image_size: Width and height in pixels, instead of `param_f`.
        every: Yields a frame each so many steps; as often as is worth showing (about ten a second) unless given.
        image_numbers: The number under which each image of the batch draws what is random in it; 0, 1, 2 and so on
            unless given. `[3]` makes the fourth image of a batch alone, `[0, 0]` two that start alike.
        state: Goes on from there, as the run that it was taken from would have; its seed counts.
        jit_compile: Whether XLA compiles whole steps. Unless given it does where there is a GPU and it can, for the
            first 32 structures of a session, since what it compiled stays in memory (some 15 MB each); on a CPU it
            compiles only what it makes faster. Compiled steps draw other random numbers from the same seed.
        precision: "float32" or "bfloat16", for the network's convolutions and matrix products; all else is float32.
            Unless given, bfloat16 where all GPUs have units for it (compute capability 8.0), and never on a CPU.
        record: Keeps a frame each so many steps in the iterator's `recorded`, evenly spaced within 128 MiB; a
            `Recording` sets another bound. None keeps none.

    Returns:
        An iterator of `Frame`s: the initial image (`step` 0, or that of `state`), then the image after some steps, up
        to `steps`. Its `objective`, `steps` and `setup` may be set while it runs.

    Raises:
        UnknownNameError: For a layer that the model does not have.
        OutOfRangeError: For a channel, batch index, size or number of steps that does not exist.
        NonFiniteObjectiveError: From the iterator, when the objective becomes NaN or infinite.

    Example:
        >>> for frame in iter_vis(model, "mixed4a:152", steps=256):
        ...     print(frame.step, frame.objective)
    """
    return _frame_iterator(
        model,
        objective,
        param_f,
        optimizer,
        transforms,
        relu_gradient_override,
        image_size,
        steps=steps,
        seed=seed,
        every=every,
        image_numbers=image_numbers,
        state=state,
        jit_compile=jit_compile,
        precision=precision,
        record=record,
    )


def render_vis(
    model: Any,
    objective_f: Objective | Callable[[Any], Any] | str,
    param_f: Parameterization | None = None,
    optimizer: Any = None,
    transforms: Transform | Iterable[Transform] | None = None,
    thresholds: Iterable[int] | int = (512,),
    print_objectives: Sequence[Objective | Callable[[Any], Any] | str] | None = None,
    verbose: bool = True,
    relu_gradient_override: bool = True,
    use_fixed_seed: bool = False,
    *,
    image_size: int | None = None,
    show_image: bool = True,
    jit_compile: bool | None = None,
    precision: str | None = None,
) -> list[FloatArray]:
    """Optimizes an image so that it maximizes an objective, and shows it.

    Args:
        model: A `Model` of the zoo, a Keras model, or the path of a frozen graph.
        objective_f: What to maximize: "layer:channel", an expression, an `Objective`, or a function `T -> scalar`.
        param_f: A function that returns the image tensor `[batch, height, width, channels]`; `param.image(128)` unless
            given.
        optimizer: A Keras optimizer; Adam with a learning rate of 0.05 unless given.
        transforms: What the image must be robust to; `transform.default_transforms` unless given, `[]` for nothing.
        thresholds: Numbers of steps after which to keep the image; 0 keeps the initial one. (Lucid's images were one
            step ahead of their number.)
        print_objectives: Further objectives whose values to print at each threshold.
        verbose: Prints step and objective at each threshold, and shows a progress bar.
        relu_gradient_override: Wakes units that are dead on the initial image, in the first 16 steps.
        use_fixed_seed: The same images each time, instead of others.
        image_size: Width and height in pixels, instead of `param_f`.
        show_image: Shows the image at each threshold where `verbose` is on.
        jit_compile: Whether XLA compiles whole steps, as for `iter_vis`.
        precision: What the network is computed in, as for `iter_vis`.

    Returns:
        One array `[batch, height, width, channels]` in [0, 1] for each threshold, in the order of the steps. When
        interrupted, those reached, and last the image as it was.

    Raises:
        UnknownNameError: For a layer that the model does not have.
        OutOfRangeError: For a channel, batch index, size or threshold that does not exist.
        NonFiniteObjectiveError: When the objective becomes NaN or infinite.

    Example:
        >>> images = render_vis(model, "mixed4a:152", thresholds=(64, 512))

    Source: Lucid's `render.render_vis`.
    """
    stops = _thresholds(thresholds)
    monitors = as_objectives(print_objectives)
    visible = as_model(model)
    frames = _frame_iterator(
        visible,
        objective_f,
        param_f,
        optimizer,
        transforms,
        relu_gradient_override,
        image_size,
        steps=stops[-1],
        seed=0 if use_fixed_seed else secrets.randbits(62),
        stops=stops,
        jit_compile=jit_compile,
        precision=precision,
    )
    kept: list[FloatArray] = []
    frame: Frame | None = None
    with tqdm(total=stops[-1], unit="step", leave=False, disable=not (verbose and _has_reader())) as bar:
        try:
            for frame in frames:
                bar.update(frame.step - bar.n)
                if frame.step == 0:
                    for monitor in monitors:
                        monitor.validate(visible, len(frame.images))
                if frame.step not in stops:
                    continue
                kept.append(frame.images.copy())  # the caller's own, to write in as well
                if verbose:
                    _report(frame, show_image)
                    for monitor, value in zip(monitors, frames.measure(monitors) if monitors else (), strict=True):
                        print(f"{frame.step:02d}: {monitor.description}: {value:7.2f}")
        except KeyboardInterrupt:
            if frame is None:
                raise
            _log.warning("Interrupted after step %d; the image as it is now comes last.", frame.step)
            if frame.step not in stops:
                kept.append(frame.images.copy())
                if verbose:
                    _report(frame, show_image)
    return kept


def _frame_iterator(
    model: Any,
    objective: Objective | Callable[[Any], Any] | str,
    param_f: Parameterization | None,
    optimizer: Any,
    transforms: Transform | Iterable[Transform] | None,
    relu_gradient_override: bool,
    image_size: int | None,
    *,
    steps: int,
    seed: int,
    every: int | None = None,
    stops: Iterable[int] = (),
    image_numbers: Sequence[int] | None = None,
    state: State | None = None,
    jit_compile: bool | None = None,
    precision: str | None = None,
    record: int | Recording | None = None,
) -> FrameIterator:
    recording = Recording(record) if isinstance(record, int) else record
    visible = as_model(model)
    chosen = as_objective(objective)
    setup = Setup(
        _parameterization(param_f, image_size),
        as_transforms(transforms),
        as_optimizer(optimizer),
        relu_gradient_override,
        as_image_numbers(image_numbers),
        jit_compile,
        as_precision(precision),
    )
    return FrameIterator(
        visible, chosen, setup, steps=steps, seed=seed, every=every, stops=stops, state=state, recording=recording
    )


def _parameterization(param_f: Parameterization | None, image_size: int | None) -> Parameterization:
    if param_f is None:
        size = DEFAULT_IMAGE_SIZE if image_size is None else whole_number("image_size", image_size, 1)
        return partial(param.image, size, batch=1)  # spelt as the widget spells it: one program serves both
    if image_size is not None:
        raise ArgumentError("Both param_f and image_size are given.", "Expected one: param_f decides the size itself.")
    if tf.is_tensor(param_f) or not callable(param_f):
        plain = isinstance(param_f, (int, float, str))  # an array's own text may fill the screen
        other = repr(param_f) if plain else f"of type {type(param_f).__name__!r}"
        raise ArgumentError(
            f"param_f is {'a tensor' if tf.is_tensor(param_f) else other}.",
            "Expected a function that returns one, such as lambda: param.image(128).",
        )
    return param_f


def _thresholds(thresholds: Iterable[int] | int) -> list[int]:
    given = list(thresholds) if isinstance(thresholds, Iterable) else [thresholds]
    if not given:
        raise ArgumentError("thresholds is empty.", "Expected at least one number of steps, such as (512,).")
    return sorted({whole_number("thresholds", each, 0) for each in given})


def _report(frame: Frame, show_image: bool) -> None:
    print(frame.step, "" if frame.objective is None else frame.objective)
    if show_image:
        show(np.hstack(list(frame.images)))


def _has_reader() -> bool:
    """Whether a progress bar would be seen: in a notebook or a terminal, not in a log file."""
    return "ipykernel" in sys.modules or sys.stderr.isatty()


__all__ = [
    "DEFAULT_IMAGE_SIZE",
    "FrameIterator",
    "Recording",
    "State",
    "import_model",
    "iter_vis",
    "make_optimizer",
    "make_print_objective_func",
    "make_t_image",
    "make_transform_f",
    "make_vis_T",
    "render_vis",
]
