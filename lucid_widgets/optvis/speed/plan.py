"""`plan`: selects the speed optimizations for a program. The engine calls it once and knows none of them."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

import tensorflow as tf

from lucid_widgets.modelzoo.base.substitutes import substituting
from lucid_widgets.modelzoo.vision_base import T
from lucid_widgets.optvis.overrides import gradient_override_map
from lucid_widgets.optvis.overrides.gradient_override import GradientFunction
from lucid_widgets.optvis.speed import devices, xla
from lucid_widgets.optvis.speed.cpu_kernels import EARLY_GRADIENTS, SUBSTITUTES, kept_separate, late_gradients
from lucid_widgets.optvis.speed.graph_gradients import forget_gradients, skip_constant_inputs
from lucid_widgets.optvis.speed.microbatches import in_microbatches, microbatch_count
from lucid_widgets.optvis.speed.precision import Precision, chosen, in_low_precision

PLAIN_VARIABLE = "LUCID_WIDGETS_PLAIN"
"""Environment variable that turns all tricks off if it is set to anything but "" or "0"."""

FEWEST_EARLY_STEPS, MOST_EARLY_STEPS = 32, 96
"""Bounds on the steps made by the program that compiles quickly, while a thread compiles the program that runs fast."""

EARLY_PIXELS = 1_600_000
"""Pixels that take the early program about as long as the other one takes to compile, so that no run has to wait for
it. For one image of 128 x 128 pixels that is 96 steps; for 224 x 224, where each step takes longer, 32."""

EARLY_STEPS_OF_UNITS = 16
"""Early steps for batches of units, which share one program: their late steps save more than compiling takes. No
smaller than `REDIRECTED_STEPS`, because only early steps redirect gradients."""


@dataclass(frozen=True)
class Stage:
    """How one compiled program computes its steps. The defaults are plain TensorFlow.

    Attributes:
        first_step: The program computes no step before this one.
        parts: Whether XLA compiles the small parts of a step that it speeds up on a CPU.
        whole: Whether XLA compiles whole steps.
        separate: Whether a step is kept separate from the loop that calls it.
        gradients: Gradients that replace TensorFlow's, by operation type.
        substitutes: Operations that replace those of frozen graphs, by operation type.
        precision: Precision of convolutions and matrix products.
        skips: Whether gradients of weights and other constants are left out when a step is traced.
    """

    first_step: int = 0
    parts: bool = False
    whole: bool = False
    separate: bool = False
    gradients: Mapping[str, GradientFunction] = field(default_factory=dict)
    substitutes: Mapping[str, Any] = field(default_factory=dict)
    precision: Precision = "float32"
    skips: bool = False

    def compiled(self, step: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function that computes objective and gradients, as the loop should call it."""
        if self.whole:
            whole: Callable[..., Any] = tf.function(step, jit_compile=True, autograph=False)
            return whole
        return kept_separate(step) if self.separate else step

    def tracing_step(self) -> AbstractContextManager[None]:
        """Return the context in which a step is traced, including its gradients."""
        return xla.compiling("whole" if self.whole else "parts" if self.parts else "nothing")

    def tracing_network(self) -> AbstractContextManager[None]:
        """Return the context in which parameterization, transforms, network and objective are traced."""
        return gradient_override_map(self.gradients) if self.gradients else nullcontext()

    def before_gradients(self, params: Sequence[Any]) -> None:
        """Prepare the graph that is being traced for gradients with respect to `params`."""
        if self.skips:
            skip_constant_inputs(params)

    def tracing_images(self) -> AbstractContextManager[None]:
        """Return the context in which the images after the last step of a call are traced."""
        return xla.compiling("parts" if self.parts else "nothing")

    def layers(self, network: Callable[[Any], T], images: Any, ask: Callable[[T], Any]) -> T:
        """Return the layers of a network for a batch of images.

        Args:
            network: A function from images to `T`.
            images: `[batch, height, width, channels]`, in the graph that is being traced.
            ask: Evaluates the objective on a `T`, which shows which layers it needs.
        """
        if self.precision != "float32":
            return in_low_precision(network, images, ask)

        def substituted(some: Any) -> T:
            with substituting(self.substitutes) if self.substitutes else nullcontext():
                return network(some)

        return in_microbatches(substituted, images, microbatch_count(images, lambda like: ask(network(like))))


@dataclass(frozen=True)
class SpeedPlan:
    """How the programs of one structure are made fast. The defaults are the plain plan, without any trick.

    Attributes:
        early_steps: Number of steps computed by the early stage; None for what suits the size of the images.
        whole: Whether XLA compiles whole late steps.
        requested: Whether the caller passed `jit_compile`.
        precision: Precision of convolutions and matrix products.
        plain: Whether all tricks are off.
    """

    early_steps: int | None = None
    whole: bool = False
    requested: bool = False
    precision: Precision = "float32"
    plain: bool = True

    def early_steps_for(self, shape: Sequence[int]) -> int:
        """Return the number of steps that the early stage computes. It depends on nothing but a run's arguments.

        Args:
            shape: Shape of the images, `[batch, height, width, channels]`.
        """
        if self.plain:
            return sys.maxsize  # the plain plan has no other stage
        if self.early_steps is not None:
            return self.early_steps
        steps = EARLY_PIXELS // math.prod(shape[:3]) // 8 * 8
        return min(MOST_EARLY_STEPS, max(FEWEST_EARLY_STEPS, steps))

    def early(self) -> Stage:
        """Return the stage of the early program, which compiles quickly."""
        if self.plain:
            return Stage()
        gradients = {} if devices.has_gpu() else EARLY_GRADIENTS
        return Stage(gradients=gradients, substitutes=SUBSTITUTES, precision=self.precision, skips=True)

    def late(self) -> Stage:
        """Return the stage of the late program, which runs fast.

        Call this only when that program is traced, because each call may count toward `xla.MAX_WHOLE`.
        """
        whole = self.whole and (self.requested or xla.one_more_whole())
        gpu = devices.has_gpu()
        return Stage(
            first_step=FEWEST_EARLY_STEPS if self.early_steps is None else self.early_steps,
            parts=not gpu,
            whole=whole,
            separate=not whole,
            gradients={} if gpu or whole else late_gradients(),
            substitutes=SUBSTITUTES,
            precision=self.precision,
            skips=True,
        )

    def without_whole_steps(self) -> SpeedPlan | None:
        """Return the plan to use if XLA cannot compile a step; None if the error should reach the caller."""
        return replace(self, whole=False) if self.whole and not self.requested else None

    def running(self) -> AbstractContextManager[None]:
        """Return the context in which compiled programs run. It explains errors of XLA."""
        return xla.explained_errors()

    def finished(self, graph: Any) -> None:
        """Release what TensorFlow holds only until a graph is traced."""
        if not self.plain:
            forget_gradients(graph)


def plan(
    *, jit_compile: bool | None = None, precision: Precision | None = None, early_steps: int | None = None
) -> SpeedPlan:
    """Return the speed optimizations for a program on this machine.

    The plan is plain if the environment variable LUCID_WIDGETS_PLAIN is set, whatever the arguments are.

    Args:
        jit_compile: Whether XLA compiles whole steps. Default: None, on a GPU only, where it is faster.
        precision: Precision of convolutions and matrix products. Default: None, what suits the devices.
        early_steps: Number of early steps, unless the plan is plain. Default: None, what suits the size of the images.
    """
    if is_plain():
        return SpeedPlan()
    # On a CPU, convolutions compiled by XLA are slower than TensorFlow's.
    whole = devices.has_gpu() if jit_compile is None else jit_compile
    return SpeedPlan(early_steps, whole, jit_compile is not None, chosen(precision), plain=False)


def is_plain() -> bool:
    """Return whether the environment variable LUCID_WIDGETS_PLAIN turns all tricks off."""
    return os.environ.get(PLAIN_VARIABLE, "") not in ("", "0")


__all__ = [
    "EARLY_PIXELS",
    "EARLY_STEPS_OF_UNITS",
    "FEWEST_EARLY_STEPS",
    "MOST_EARLY_STEPS",
    "PLAIN_VARIABLE",
    "SpeedPlan",
    "Stage",
    "is_plain",
    "plan",
]
