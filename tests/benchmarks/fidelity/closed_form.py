"""Test two parameterizations on a linear unit, whose optimum is known in closed form.

    python tests/benchmarks/fidelity/closed_form.py [--steps 256]

The unit is the sum of the image times a random kernel. Pixels in an L2 ball should become the kernel. An image of fixed
amplitudes, as in MaCo, should get the phases of the kernel. Both run without transforms. The output is the normalized
cross-correlation (NCC) with the optimum, and for the fixed amplitudes the value that is reached and their errors.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

sys.path.insert(0, str(Path(__file__).parents[2]))
from optvis.param.known_optima import correlation

from lucid_widgets.modelzoo.vision_models import from_keras
from lucid_widgets.optvis.param.maco import image_of_phases, natural_spectrum
from lucid_widgets.optvis.param.unit_balls import unit_ball_L2
from lucid_widgets.optvis.render import render_vis

SIDE = 32


def linear(kernel: np.ndarray) -> Any:
    """Return a model with one unit, "unit:0": the sum of the image times a kernel `[height, width, 3]` of its size."""
    height, width, depth = kernel.shape
    network = keras.Sequential(
        [keras.Input((height, width, depth)), keras.layers.Conv2D(1, (height, width), use_bias=False, name="unit")]
    )
    network.get_layer("unit").set_weights([kernel[..., None]])
    return from_keras(network, image_value_range=(0, 1), name="linear unit")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=256)
    steps = parser.parse_args().steps
    kernel = np.random.default_rng(0).normal(size=(SIDE, SIDE, 3)).astype(np.float32)
    model = linear(kernel)
    settings: dict[str, Any] = {"thresholds": (steps,), "transforms": [], "verbose": False, "use_fixed_seed": True}
    ball = render_vis(model, "unit:0", lambda: unit_ball_L2((1, SIDE, SIDE, 3)), **settings)[-1][0]
    amplitudes = natural_spectrum(SIDE, SIDE)
    start = np.random.default_rng(1).normal(size=(1, 3, *amplitudes.shape)).astype(np.float32)

    def fixed() -> Any:
        return tf.transpose(image_of_phases(tf.Variable(start), amplitudes), [0, 2, 3, 1])

    found = render_vis(model, "unit:0", fixed, keras.optimizers.Nadam(0.2), **settings)[-1][0]
    phases = np.angle(np.fft.rfft2(np.moveaxis(kernel, -1, 0)))
    best = np.moveaxis(np.fft.irfft2(amplitudes * np.exp(1j * phases), (SIDE, SIDE)), 0, -1)
    made = np.abs(np.fft.rfft2(np.moveaxis(found, -1, 0)))[:, 1:, 1:-1]
    wanted = np.broadcast_to(amplitudes[1:, 1:-1], made.shape)
    error = np.linalg.norm(made - wanted) / np.linalg.norm(wanted)
    print(f"pixels in an L2 ball  NCC with the kernel   {correlation(ball, kernel):.4f}")
    print(f"fixed amplitudes      NCC with the optimum  {correlation(found, best):.4f}")
    print(f"                      value / optimum       {(found * kernel).sum() / (best * kernel).sum():.4f}")
    print(f"                      error of amplitudes   {error:.1e}")
    print(f"                      of the worst one      {np.abs(made / wanted - 1).max():.1e}")


if __name__ == "__main__":
    main()
