"""Images from a model and an objective: `render_vis`, as in Lucid, and `iter_vis`, which yields frames as they come."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from lucid_widgets.errors import ArgumentError, whole_number
from lucid_widgets.frames import FloatArray, Frame
from lucid_widgets.misc.environment import shows_progress
from lucid_widgets.misc.io.collapse_channels import visible_channels
from lucid_widgets.misc.io.showing import show
from lucid_widgets.misc.keywords import suggest_keywords
from lucid_widgets.misc.waiting import ProgressBar, ticking
from lucid_widgets.modelzoo.base.private_names import outside_graphs
from lucid_widgets.modelzoo.vision_models import as_model
from lucid_widgets.optvis import objectives as objectives
from lucid_widgets.optvis import param as param
from lucid_widgets.optvis import transform as transform
from lucid_widgets.optvis.arguments import as_flag, check_param_f
from lucid_widgets.optvis.classification import sees
from lucid_widgets.optvis.default_image import DEFAULT_IMAGE_SIZE, default_parameterization
from lucid_widgets.optvis.engine.changes import as_changes
from lucid_widgets.optvis.engine.iteration import FrameIterator
from lucid_widgets.optvis.engine.network import import_model
from lucid_widgets.optvis.engine.optimizers import as_optimizer
from lucid_widgets.optvis.engine.setup import Parameterization, Setup, as_noise_ids
from lucid_widgets.optvis.engine.state import State
from lucid_widgets.optvis.objectives import as_objective, as_objectives
from lucid_widgets.optvis.objectives.tree import Objective
from lucid_widgets.optvis.overrides import gradient_override_map as gradient_override_map
from lucid_widgets.optvis.overrides import redirected_relu_grad as redirected_relu_grad
from lucid_widgets.optvis.speed.precision import as_precision
from lucid_widgets.optvis.transform import Transforms, as_transforms
from lucid_widgets.optvis.vis_t import (
    make_optimizer,
    make_print_objective_func,
    make_t_image,
    make_transform_f,
    make_vis_T,
)
from lucid_widgets.recording import Recording

_log = logging.getLogger(__name__)


@suggest_keywords
def iter_vis(
    model: Any,
    objective: Objective | Callable[[Any], Any] | str,
    param_f: Parameterization | None = None,
    *,
    steps: int = 512,
    seed: int = 0,
    transforms: Transforms = None,
    optimizer: Any = None,
    relu_gradient_override: bool = True,
    image_size: int | None = None,
    every: int | None = None,
    noise_ids: Sequence[int] | None = None,
    state: State | None = None,
    jit_compile: bool | None = None,
    precision: str | None = None,
    record_every: int | Recording | None = None,
    changes: Mapping[int, Mapping[str, Any]] | None = None,
) -> FrameIterator:
    """Optimize an image and yield frames while it takes shape.

    Args:
        model: Whatever `as_model` accepts: a `Model`, a Keras model, a path, or the name of a network of the zoo.
        objective: What to maximize: "layer:channel", an expression, an `Objective`, or a function `T -> scalar`.
        param_f: A function that returns the image tensor `[batch, height, width, channels]`. Default: `param.image` of
            128 pixels, or of the size and the number of channels that the network asks for.
        steps: Number of steps (updates of the optimizer). Default: 512.
        seed: Any integer. The same seed gives the same frames on the same machine. Default: 0.
        transforms: Transforms that the image should be robust to, or "affine", "standard", "crops", "tokens" or
            "nothing".
            Default: "affine", which is `transform.default_transforms`.
        optimizer: A Keras optimizer. Default: Adam with a learning rate of 0.05.
        relu_gradient_override: Redirect ReLU gradients in the first 16 steps, which activates units that are dead on
            the initial image. In every step, units behind a GELU or SiLU rise where their own slope would turn them
            off. Default: True.
        image_size: Longer side in pixels, in place of `param_f`. Images are square, unless the network was made for
            others. Default: None.
        every: Number of steps from one frame to the next. Default: None, about ten frames per second.
        noise_ids: One integer per image of the batch. It selects the random numbers that the image gets: `[3]` renders
            the fourth image of a batch alone, `[0, 0]` renders two images from the same noise. Default: 0, 1, 2, ...
        state: The state of an earlier run to continue, including its seed. Default: None, a new run.
        jit_compile: Whether XLA compiles whole steps. By default it does where there is a GPU, and only for the first
            32 structures of a session, because compiled programs stay in memory (about 15 MB each). Without a GPU, XLA
            compiles only the small parts of a step that it speeds up. XLA draws different random numbers from the same
            seed.
        precision: "float32" or "bfloat16", for convolutions and matrix products; everything else is float32. Default:
            bfloat16 if all GPUs support it natively (compute capability 8.0), float32 on a CPU.
        record_every: Number of steps between the frames that the iterator keeps in `recorded`, thinned out evenly to
            fit into 128 MiB. Pass a `Recording` to set another limit. Default: None, keep none.
        changes: What changes during the run: a dict from the number of steps made before the change to a dict with any
            of "objective", "transforms" and "optimizer" (of the same kind, such as Adam with another learning rate).
            It repeats a run that was steered, byte for byte. Default: None, nothing.

    Returns:
        An iterator of `Frame`s. The first holds the initial image (step 0, or the step of `state`), the last the image
        after `steps` steps. `objective`, `steps` and `setup` of the iterator can be set while it runs, and its
        `changes` list these changes with their steps.

    Raises:
        UnknownNameError: The model has no such layer.
        OutOfRangeError: A channel, batch index, size or number of steps is out of range.
        NonFiniteObjectiveError: Raised by the iterator when the objective becomes NaN or infinite.

    Example:
        >>> for frame in iter_vis(model, "mixed4a:152", steps=256):
        ...     print(frame.step, frame.objective, *classify(model, frame.images, top=3)[0])
        >>> # The first 64 steps maximize one channel, the others another one.
        >>> frames = iter_vis(model, "mixed4a:152", steps=256, changes={64: {"objective": "mixed4a:56"}})
    """
    return frame_iterator(
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
        noise_ids=noise_ids,
        state=state,
        jit_compile=jit_compile,
        precision=precision,
        record_every=record_every,
        changes=changes,
    )


@suggest_keywords
@outside_graphs()
def render_vis(
    model: Any,
    objective_f: Objective | Callable[[Any], Any] | str,
    param_f: Parameterization | None = None,
    optimizer: Any = None,
    transforms: Transforms = None,
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
    """Optimize an image to maximize an objective, and show it.

    Args:
        model: Whatever `as_model` accepts: a `Model`, a Keras model, a path, or the name of a network of the zoo.
        objective_f: What to maximize: "layer:channel", an expression, an `Objective`, or a function `T -> scalar`.
        param_f: A function that returns the image tensor `[batch, height, width, channels]`. Default: `param.image` of
            128 pixels, or of the size and the number of channels that the network asks for.
        optimizer: A Keras optimizer. Default: Adam with a learning rate of 0.05.
        transforms: Transforms that the image should be robust to, or "affine", "standard", "crops", "tokens" or
            "nothing".
            Default: "affine", which is `transform.default_transforms`.
        thresholds: Numbers of steps after which to keep the image; 0 keeps the initial image. (Lucid's images were one
            step ahead of their number.) Default: (512,).
        print_objectives: Further objectives whose values to print at each threshold. Default: None.
        verbose: Print step and objective at each threshold, and the three most probable classes of the image if the
            model has a class layer. In a notebook or a terminal, also show a progress bar, which names the slow work
            before the first step. Default: True.
        relu_gradient_override: Redirect ReLU gradients in the first 16 steps, which activates units that are dead on
            the initial image. In every step, units behind a GELU or SiLU rise where their own slope would turn them
            off. Default: True.
        use_fixed_seed: Render the same images at every call. Default: False.
        image_size: Longer side in pixels, in place of `param_f`. Images are square, unless the network was made for
            others. Default: None.
        show_image: Show the image at each threshold if `verbose` is on. Default: True.
        jit_compile: Whether XLA compiles whole steps, as for `iter_vis`.
        precision: Precision of the network, as for `iter_vis`.

    Returns:
        One array `[batch, height, width, channels]` in [0, 1] per threshold, in order of the steps. If the kernel is
        interrupted: the images of the thresholds reached so far, then the current image.

    Raises:
        UnknownNameError: The model has no such layer.
        OutOfRangeError: A channel, batch index, size or threshold is out of range.
        NonFiniteObjectiveError: The objective became NaN or infinite.

    Example:
        >>> images = render_vis(model, "mixed4a:152", thresholds=(64, 512))

    Source: Lucid's `render.render_vis`.
    """
    stops = _thresholds(thresholds)
    visible = as_model(model)
    monitors = as_objectives(print_objectives, visible)
    for monitor in monitors:
        monitor.validate(visible)
    frames = frame_iterator(
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
    hidden = not (verbose and shows_progress())
    with ProgressBar(total=stops[-1], unit="step", leave=False, disable=hidden) as bar, ticking(bar):
        try:
            bar.set_description_str("preparing")
            for frame in frames:
                waits = frames.needs_compile
                bar.set_description_str("compiling" if waits else "", refresh=waits)
                if frame.objective is not None:
                    bar.set_postfix_str(f"objective {frame.objective:.4g}", refresh=False)
                bar.update(frame.step - bar.n)
                if frame.step == 0:
                    for monitor in monitors:
                        monitor.validate(visible, len(frame.images))
                if frame.step not in stops:
                    continue
                kept.append(frame.images.copy())  # a copy that the caller may write to
                if verbose:
                    _report(visible, frame, show_image)
                    for monitor, value in zip(monitors, frames.measure(monitors) if monitors else (), strict=True):
                        print(f"{frame.step:02d}: {monitor.description}: {value:7.2f}")
        except KeyboardInterrupt:
            if frame is None:
                raise
            _log.warning("Interrupted after step %d; the current image is returned last.", frame.step)
            if frame.step not in stops:
                kept.append(frame.images.copy())
                if verbose:
                    _report(visible, frame, show_image)
    return kept


@outside_graphs()
def frame_iterator(
    model: Any,
    objective: Objective | Callable[[Any], Any] | str,
    param_f: Parameterization | None,
    optimizer: Any,
    transforms: Transforms,
    relu_gradient_override: bool,
    image_size: int | None,
    *,
    steps: int,
    seed: int,
    every: int | None = None,
    stops: Iterable[int] = (),
    noise_ids: Sequence[int] | None = None,
    state: State | None = None,
    jit_compile: bool | None = None,
    precision: str | None = None,
    record_every: int | Recording | None = None,
    changes: Mapping[int, Mapping[str, Any]] | None = None,
    early_steps: int | None = None,
) -> FrameIterator:
    """Return the run of `iter_vis`, whose arguments these are, and of `render_vis`.

    Args:
        early_steps: Number of steps made by the program that compiles quickly. Default: None, what suits the size
            of the images.
    """
    recording = Recording(record_every) if isinstance(record_every, int) else record_every
    steps, seed = whole_number("steps", steps, 0), whole_number("seed", seed)
    every = None if every is None else whole_number("every", every, 1)
    if state is not None and not isinstance(state, State):
        raise ArgumentError(
            f"state is of type {type(state).__name__!r}.", "Expected a State, such as State.load(path) returns."
        )
    visible = as_model(model)
    chosen = as_objective(objective, visible)
    rest = (
        as_transforms(transforms),
        as_optimizer(optimizer),
        as_flag("relu_gradient_override", relu_gradient_override),
        as_noise_ids(noise_ids),
        None if jit_compile is None else as_flag("jit_compile", jit_compile),
        as_precision(precision),
    )
    # After all other arguments are checked, because the choice of a size may build the layer.
    setup = Setup(_parameterization(param_f, image_size, visible, chosen), *rest, early_steps)
    return FrameIterator(
        visible,
        chosen,
        setup,
        steps=steps,
        seed=seed,
        every=every,
        stops=stops,
        state=state,
        recording=recording,
        changes=as_changes(changes, chosen, setup, visible),
    )


def _parameterization(
    param_f: Parameterization | None, image_size: int | None, model: Any, objective: Objective
) -> Parameterization:
    if param_f is None:
        size = None if image_size is None else whole_number("image_size", image_size, 1)
        objective.validate(model)
        return default_parameterization(model, objective, size)
    check_param_f(param_f, image_size)
    return param_f


def _thresholds(thresholds: Iterable[int] | int) -> list[int]:
    if isinstance(thresholds, (str, bytes)):
        raise ArgumentError(f"thresholds is {thresholds!r}.", "Expected numbers of steps, such as (64, 512).")
    given = list(thresholds) if isinstance(thresholds, Iterable) else [thresholds]
    if not given:
        raise ArgumentError("thresholds is empty.", "Expected at least one number of steps, such as (512,).")
    return sorted({whole_number("thresholds", each, 0) for each in given})


def _report(model: Any, frame: Frame, show_image: bool) -> None:
    print(f"step {frame.step}" if frame.objective is None else f"step {frame.step} · objective {frame.objective:.4g}")
    classes = sees(model, frame.images)
    if classes:
        print(f"sees: {classes}")
    if show_image:
        show(np.hstack(list(visible_channels(frame.images))))


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
