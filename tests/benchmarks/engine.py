"""Cost of a step compared with the bare network and with other libraries. All ratios are measured within one run.

    python tests/benchmarks/engine.py [--quick] [--networks EmojiNet InceptionV1 SqueezeNet] [--sizes 128 224]
                                      [--batches 1 6 32] [--structures 1000] [--peers [FOLDER]]

For each network, layer, image size and batch, the contenders take turns of a few steps each. The median turn counts:

- ours: `iter_vis` with its defaults, late steps;
- chain: the same with `transform.standard_transforms`, Lucid's chain;
- bare: the network alone with constant weights: the forward pass and the gradient with respect to the images of our
  run (a few percent slower than with noise), one call of a `tf.function` per step;
- bare+: the same with our gradients of convolutions, pools and normalizations;
- Lucid: the loop of the original in graph mode (`original.py`), one `Session.run` per step.

Further tables: whole steps compiled by XLA; time to the first frame, cold and with a compiled program; time to trace;
the objective reached in the same wall time; cost by size, batch and depth; memory over many structures. `--peers` adds
xplique, tf-keras-vis and Lucent. Each gets its own virtual environment, which is temporary or kept in FOLDER (see
`peers.py`); libraries that cannot be installed are listed as missing. `--quick` measures the middle layer at 128 px and
takes about ten minutes; everything takes one to two hours. InceptionV1 and SqueezeNet need their files in
LUCID_WIDGETS_MODEL_DIR.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import tensorflow as tf

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))
from needs import models_folder
from original import Original, frozen
from peers import compare_with_peers

from lucid_widgets.modelzoo.vision_models import EmojiNet, InceptionV1, as_model
from lucid_widgets.optvis import param, transform
from lucid_widgets.optvis.engine.program import Program
from lucid_widgets.optvis.overrides import gradient_override_map
from lucid_widgets.optvis.overrides.redirected_relu_grad import REDIRECTED_STEPS
from lucid_widgets.optvis.render import iter_vis
from lucid_widgets.optvis.speed.cpu_kernels import late_gradients
from lucid_widgets.optvis.speed.plan import MOST_EARLY_STEPS, plan

TURNS = 9
SECONDS = 0.5
"""Approximate length of a turn."""
PATIENCE = 45.0
"""Longest time for a row, in seconds. It gets at least three turns in any case."""

NETWORKS: dict[str, tuple[Callable[[], Any], list[str]]] = {
    "EmojiNet": (EmojiNet, ["conv2d1", "mixed4a", "mixed5b"]),
    "InceptionV1": (lambda: InceptionV1(models_folder() / "inception_v1_bvlc.pb"), ["conv2d2", "mixed4a", "mixed5b"]),
    "SqueezeNet": (
        lambda: as_model(models_folder() / "squeezenet_v1_1.keras"),
        ["fire3_concat", "fire5_concat", "fire9_concat"],
    ),
}


class Contender(Protocol):
    def advance(self, steps: int) -> int:
        """Make about `steps` steps, and return how many it made."""


class Ours:
    """Our engine, called as a user calls it, after the steps with redirected gradients."""

    def __init__(self, model: Any, layer: str, size: int, batch: int, **settings: Any) -> None:
        make = partial(param.image, size, batch=batch)
        self._begin = partial(iter_vis, model, f"{layer}:0", make, steps=10**9, **settings)
        self.frames = self._begin()
        next(self.frames)
        self.frames._first_late = REDIRECTED_STEPS + 4  # large batches would take minutes
        self.advance(self.frames._first_late + 4)

    def restart(self) -> None:
        """Start a new run with the compiled program."""
        self.frames = self._begin()
        next(self.frames)

    def advance(self, steps: int) -> int:
        first = self.frames.step
        while self.frames.step < first + steps:
            next(self.frames)
        return self.frames.step - first


class Bare:
    """The network alone: the mean of a layer and its gradient with respect to the image."""

    def __init__(self, model: Any, layer: str, images: Any, fast: bool) -> None:
        self.images = tf.constant(images)
        definition, source, target = frozen(model, layer)

        def step(images: Any) -> Any:
            with gradient_override_map(late_gradients()) if fast else nullcontext():
                (activations,) = tf.graph_util.import_graph_def(definition, {source: images}, [target])
                value = tf.reduce_mean(activations[..., 0])
                return value, tf.gradients(value, images)[0]

        self.step = tf.function(step, autograph=False).get_concrete_function(self.images)
        self.advance(2)

    def advance(self, steps: int) -> int:
        for _ in range(steps):
            self.step(self.images)[1].numpy()
        return steps


def in_turns(contenders: dict[str, Contender]) -> dict[str, float]:
    """Seconds per step of each contender: the median of alternating turns."""
    began = time.perf_counter()
    lengths: dict[str, int] = {}
    for name, contender in contenders.items():
        started = time.perf_counter()
        made = contender.advance(2)
        lengths[name] = max(1, round(SECONDS * made / (time.perf_counter() - started)))
    turns: dict[str, list[float]] = {name: [] for name in contenders}
    for turn in range(TURNS):
        if turn >= 3 and time.perf_counter() - began > PATIENCE:
            break
        for name, contender in contenders.items():
            started = time.perf_counter()
            made = contender.advance(lengths[name])
            turns[name].append((time.perf_counter() - started) / made)
    return {name: statistics.median(taken) for name, taken in turns.items()}


def steps_table(name: str, model: Any, layers: list[str], sizes: list[int], batches: list[int]) -> None:
    print(f"\n### {name}: milliseconds per step, and ratios\n")
    print(
        "| layer | px | batch | ours | chain | bare | bare+ | Lucid | ours/Lucid | ours/bare | ours/bare+ | an image |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|---|")
    for layer in layers:
        for size in sizes:
            single = None
            for batch in batches:
                original = Original(model, layer, 0, size, batch)
                ours = Ours(model, layer, size, batch)
                images = next(ours.frames).images
                taken = in_turns(
                    {
                        "ours": ours,
                        "chain": Ours(model, layer, size, batch, transforms=transform.standard_transforms),
                        "bare": Bare(model, layer, images, fast=False),
                        "bare+": Bare(model, layer, images, fast=True),
                        "Lucid": original,
                    }
                )
                original.close()
                own = taken["ours"]
                single = single or own / batch
                figures = " | ".join(f"{taken[each] * 1e3:.1f}" for each in ("ours", "chain", "bare", "bare+", "Lucid"))
                ratios = " | ".join(f"{own / taken[each]:.2f}" for each in ("Lucid", "bare", "bare+"))
                print(f"| {layer} | {size} | {batch} | {figures} | {ratios} | {own / batch / single:.2f} |", flush=True)


def first_frames(name: str, make: Callable[[], Any], layer: str) -> None:
    """Seconds from `iter_vis` to the first step, with and without a compiled program, and seconds to trace a step."""
    model = make()
    _ = model.layers
    taken = []
    for unit in (0, 1):
        began = time.perf_counter()
        frames = iter_vis(model, f"{layer}:{unit}", steps=1)
        next(frames)
        initial = time.perf_counter() - began
        next(frames)
        taken.append((initial, time.perf_counter() - began))
    (cold_image, cold), (warm_image, warm) = taken
    objective, setup, _ = iter_vis(model, f"{layer}:0", steps=1, image_size=96)._task
    program = Program(model, objective, setup, plan())
    state, _ = program.start(0)
    began = time.perf_counter()
    program.advance(state, objective, 0, MOST_EARLY_STEPS)
    traced = time.perf_counter() - began
    print(f"{name} {layer}, 128 px: cold, initial image {cold_image:.2f} s, first step {cold:.2f} s; ", end="")
    print(f"another channel, initial image {warm_image:.3f} s, first step {warm:.3f} s; ", end="")
    print(f"to trace a step {traced:.2f} s", flush=True)


def costs(name: str, model: Any, layers: list[str]) -> None:
    """Cost of one of our steps by size, batch and depth."""
    print(f"\n### {name}: milliseconds of our steps\n")
    print("| layer | px | batch | ms | ms an image |\n|---|---|---|---|---|")
    middle = layers[1]
    by_size = [(middle, size, 1) for size in (64, 128, 192, 256)]
    by_batch = [(middle, 128, batch) for batch in (2, 4, 8, 16, 32)]
    for layer, size, batch in [*by_size, *by_batch, *((each, 128, 1) for each in layers)]:
        taken = in_turns({"ours": Ours(model, layer, size, batch)})["ours"] * 1e3
        print(f"| {layer} | {size} | {batch} | {taken:.1f} | {taken / batch:.1f} |", flush=True)


def whole_steps(name: str, model: Any, layer: str) -> None:
    """Whether XLA compiles faster whole steps on this machine. On a GPU it is the default."""
    taken = in_turns(
        {jit: Ours(model, layer, 128, 1, jit_compile=jit == "all by XLA") for jit in ("parts", "all by XLA")}
    )
    figures = ", ".join(f"{jit} {seconds * 1e3:.1f} ms" for jit, seconds in taken.items())
    print(f"{name} {layer}, 128 px, a step: {figures}, ratio {taken['all by XLA'] / taken['parts']:.2f}", flush=True)


def same_time(model: Any, layer: str, seconds: float) -> None:
    """Objectives that our engine and the original loop reach in the same time, each with its own transforms."""
    ours, original = Ours(model, layer, 128, 1), Original(model, layer, 0, 128, 1)
    original.advance(4)
    for name, contender in (("ours", ours), ("Lucid's loop", original)):
        contender.restart()
        began, steps = time.perf_counter(), 0
        while time.perf_counter() - began < seconds:
            steps += contender.advance(4)
        if isinstance(contender, Ours):
            value = statistics.mean(next(contender.frames).objective or 0.0 for _ in range(8))
        else:
            value = statistics.mean(contender.objective() for _ in range(32))
        print(f"{layer}:0 after {seconds:.0f} s with {name}: {steps} steps, objective {value:.1f}")
    original.close()


def memory(rounds: int, late: bool) -> None:
    """Resident memory while the structure keeps changing, with early steps only or with both kinds of steps."""
    model = EmojiNet()
    status = Path("/proc/self/status")
    if not status.exists():
        print("memory: absent, for this system has no /proc")
        return

    def resident() -> int:
        return int(next(line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmRSS"))) >> 10

    seen = []
    for index in range(rounds):  # far more sizes than programs are kept, all small compared with what is measured
        frames = iter_vis(model, "conv2d0:1", steps=4, image_size=16 + index % 64)
        next(frames)
        frames._first_late = 2 if late else MOST_EARLY_STEPS
        for _ in frames:
            pass
        seen.append(resident())
    places = [0, *(rounds * part // 8 for part in range(1, 8)), rounds - 1]
    print(f"memory after structure {', '.join(str(place + 1) for place in places)} of {rounds}", end="")
    print(f"{', late steps too' if late else ''}: {', '.join(str(seen[place]) for place in places)} MiB", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one layer and size per network")
    parser.add_argument(
        "--networks",
        nargs="*",
        choices=list(NETWORKS),
        default=list(NETWORKS),
        help="pass none to measure only memory (and peers)",
    )
    parser.add_argument(
        "--sizes", nargs="+", type=int, default=[128, 224], help="image sizes in the table of steps, in pixels"
    )
    parser.add_argument("--batches", nargs="+", type=int, default=[1, 6, 32], help="batch sizes in the table of steps")
    parser.add_argument(
        "--peers",
        nargs="?",
        const="",
        metavar="FOLDER",
        help="compare with xplique, tf-keras-vis and Lucent; FOLDER keeps their environments",
    )
    parser.add_argument("--structures", type=int, default=1000, help="number of structures in the memory test")
    options = parser.parse_args()
    print(f"TensorFlow {tf.__version__}, {len(tf.config.list_physical_devices('GPU'))} GPUs")
    for name in options.networks:
        make, layers = NETWORKS[name]
        try:
            model = make()
        except Exception as error:
            print(f"{name}: absent ({error})")
            continue
        first_frames(name, make, layers[1])
        if options.quick:
            steps_table(name, model, layers[1:2], [128], [1, 6, 32])
        else:
            steps_table(name, model, layers, options.sizes, options.batches)
            costs(name, model, layers)
        whole_steps(name, model, layers[1])
        same_time(model, layers[1], 5.0 if options.quick else 20.0)
    rounds = 100 if options.quick else options.structures
    memory(rounds, late=False)
    memory(rounds, late=True)
    if options.peers is not None:
        compare_with_peers(Path(options.peers) if options.peers else None)


if __name__ == "__main__":
    main()
