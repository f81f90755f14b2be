"""Start-up time of a second call: seconds from `iter_vis` to the first step, for each way to pass a model.

    python tests/benchmarks/second_call.py [--limit 0.1]

The first call compiles. The second one should find the program, whether it gets a Keras model, a path, or the name or
class of a network of the zoo. Exits with an error if a second call takes longer than the limit.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import keras

from lucid_widgets.modelzoo.vision_models import EmojiNet, as_model
from lucid_widgets.optvis.render import iter_vis


def seconds(model: Any, objective: str) -> float:
    """Seconds until the first step of a run with 64 px."""
    began = time.perf_counter()
    list(iter_vis(model, objective, steps=1, image_size=64))
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--limit", type=float, default=0.1, help="longest time allowed, in seconds")
    limit = parser.parse_args().limit
    keras.utils.set_random_seed(0)
    network = keras.applications.MobileNetV2((96, 96, 3), alpha=0.35, weights=None)
    slow = []
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "network.keras"
        network.save(path)
        frozen = Path(scratch) / "network.pb"
        as_model(network).save(frozen)
        print("| passed as | first call (s) | second call (s) |\n|---|---|---|")
        for name, model, objective in (
            ("Keras model", network, "block_5_add:3"),
            (".keras file", str(path), "block_5_add:3"),
            (".pb file", str(frozen), "block_5_add:3"),
            ("name", "EmojiNet", "mixed4a:152"),
            ("class", EmojiNet, "mixed4a:152"),
        ):
            first, second = (seconds(model, objective) for _ in range(2))
            print(f"| {name} | {first:.2f} | {second:.3f} |")
            slow += [name] * (second > limit)
    if slow:
        sys.exit(f"A second call took longer than {limit} s: {', '.join(slow)}.")


if __name__ == "__main__":
    main()
