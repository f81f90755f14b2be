"""Measure the time from a loaded transformer to the first step, next to that of a `tf.function` without this package.

    python tests/benchmarks/transformers/first_step.py [--repeats 3]

Each measurement runs in a new process. The network is the DINOv2 in the folder of networks.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))
from needs import models_folder

FIRST_STEP = """
import sys, time
import keras, tensorflow as tf
from lucid_widgets import iter_vis, models
network = keras.models.load_model(sys.argv[2])
started, cpu = time.monotonic(), time.process_time()
if sys.argv[1] == "bare":
    layer = keras.Model(network.input, network.get_layer(sys.argv[3]).output)
    image = tf.Variable(tf.random.normal((1, 224, 224, 3), stddev=0.1))
    optimizer = keras.optimizers.Adam(0.05)
    optimizer.build([image])
    @tf.function
    def step():
        with tf.GradientTape() as tape:
            loss = -tf.reduce_mean(layer(tf.sigmoid(image))[:, 1:, 7])
        optimizer.apply(tape.gradient(loss, [image]), [image])
        return loss
    float(step())
else:
    model = models.from_keras(network, preprocess="torch")
    for frame in iter_vis(model, f"{sys.argv[3]}:7", image_size=224, steps=4):
        if frame.step:
            break
print(time.monotonic() - started, time.process_time() - cpu)
"""


def measure(options: argparse.Namespace) -> None:
    file = models_folder() / "dinov2_small_focus.keras"
    for layer in ("block5_mlp_gelu", "block11_mlp_gelu"):
        times: dict[str, list[tuple[float, float]]] = {"bare": [], "ours": []}
        for _ in range(options.repeats):
            for name, seen in times.items():
                command = [sys.executable, "-c", FIRST_STEP, name, str(file), layer]
                done = subprocess.run(command, capture_output=True, text=True, check=True)
                wall, cpu = (float(word) for word in done.stdout.split())
                seen.append((wall, cpu))
        (bare, bare_cpu), (ours, ours_cpu) = (np.median(seen, axis=0) for seen in times.values())
        print(
            f"{layer}: first step after {ours:.1f} s, bare TensorFlow {bare:.1f} s: {ours / bare:.2f} times; "
            f"processor time {ours_cpu:.1f} s and {bare_cpu:.1f} s",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3, help="processes of each kind")
    measure(parser.parse_args())


if __name__ == "__main__":
    main()
