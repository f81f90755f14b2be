"""Others' published loops on the same task, each in a virtual environment of its own.

    python tests/benchmarks/peers.py

The task: a channel at 128 px, 64 steps; of SqueezeNet (Keras) for xplique and tf-keras-vis, of GoogLeNet for Lucent,
whose weights are random, for what is timed does not depend on them. Ours runs the same network in the same minutes. A
peer that cannot be installed, or that fails, is named as absent with the reason: no figure is taken from elsewhere.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from needs import models_folder

STEPS, SIZE, UNIT = 64, 128, 5
LAYER = "fire5_expand3x3"
GOOGLENET, GOOGLENET_LAYER = "inception_v1_bvlc.pb", "mixed4a"

OURS = """
from lucid_widgets.modelzoo.vision_models import InceptionV1, as_model
from lucid_widgets.optvis.render import iter_vis
from lucid_widgets.optvis.engine import EARLY_STEPS
model = InceptionV1({model!r}) if {model!r}.endswith(".pb") else as_model({model!r})
frames = iter_vis(model, "{layer}:{channel}", steps=10**9, every=8, image_size={size})
next(frames)
while frames.step < EARLY_STEPS + 8:
    next(frames)
def run():
    for _ in range({steps} // 8):
        next(frames)
"""
FIXED = """
# Both need a network whose input has a size.
import keras
model = keras.models.load_model({model!r})
fixed = keras.models.clone_model(model, input_tensors=keras.Input(({size}, {size}, 3)))
fixed.set_weights(model.get_weights())
model = fixed
"""
XPLIQUE = (
    FIXED
    + """
from xplique.features_visualizations import Objective, optimize
objective = Objective.channel(model, {layer!r}, {channel})
def run():
    optimize(objective, nb_steps={steps}, custom_shape=({size}, {size}), save_every=None)
"""
)
TF_KERAS_VIS = (
    FIXED
    + """
from tf_keras_vis.activation_maximization import ActivationMaximization
from tf_keras_vis.utils.model_modifiers import ExtractIntermediateLayer
from tf_keras_vis.utils.scores import CategoricalScore
visualize = ActivationMaximization(model, ExtractIntermediateLayer({layer!r}), clone=True)
def run():
    visualize(CategoricalScore({channel}), steps={steps})
"""
)
LUCENT = """
import torch
from lucent.optvis import param, render
from lucent.modelzoo import inceptionv1
model = inceptionv1(pretrained=False).eval()
def run():
    render.render_vis(model, "mixed4a:{channel}", lambda: param.image({size}), thresholds=({steps},), show_image=False,
                      progress=False, preprocess=False, fixed_image_size={size})
"""
TIMED = """
import json, statistics, time
run()
taken = []
for _ in range(3):
    began = time.perf_counter()
    run()
    taken.append(time.perf_counter() - began)
print(json.dumps(statistics.median(taken)))
"""

PEERS = {
    "xplique": (["xplique", "tensorflow", "keras"], XPLIQUE),
    "tf-keras-vis": (["tf-keras-vis", "tensorflow", "keras"], TF_KERAS_VIS),
    "Lucent": (["torch-lucent", "torch", "torchvision"], LUCENT),
}


def timed(python: str, script: str) -> float:
    """Seconds of the script's `run()`."""
    done = subprocess.run([python, "-c", script + TIMED], capture_output=True, text=True, timeout=1200)
    if done.returncode:
        raise RuntimeError((done.stderr.strip().splitlines() or ["it failed"])[-1])
    return float(json.loads(done.stdout.strip().splitlines()[-1]))


def environment(folder: Path, packages: list[str]) -> str:
    """The Python of a new virtual environment with these packages."""
    venv.create(folder, with_pip=True)
    python = str(folder / "bin" / "python")
    done = subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError((done.stderr.strip().splitlines() or ["pip failed"])[-1])
    return python


def compare_with_peers() -> None:
    print(f"\n| {STEPS} steps at {SIZE} px | seconds | ours, before and after | ours/theirs |\n|---|---|---|---|")
    for name, (packages, script) in PEERS.items():
        file, layer = (GOOGLENET, GOOGLENET_LAYER) if name == "Lucent" else ("squeezenet_v1_1.keras", LAYER)
        model = models_folder() / file
        if not model.is_file():
            print(f"| {name} | absent: {file} is not in LUCID_WIDGETS_MODEL_DIR | | |")
            continue
        values = {"model": str(model), "layer": layer, "channel": UNIT, "steps": STEPS, "size": SIZE}
        ours = OURS.format(**values)
        with tempfile.TemporaryDirectory() as folder:
            try:
                python = environment(Path(folder), packages)
                before = timed(sys.executable, ours)
                theirs = timed(python, script.format(**values))
                after = timed(sys.executable, ours)
            except (RuntimeError, OSError, subprocess.TimeoutExpired, json.JSONDecodeError) as error:
                print(f"| {name} | absent: {str(error)[:160]} | | |", flush=True)
                continue
        ratio = (before + after) / 2 / theirs
        print(f"| {name} | {theirs:.2f} | {before:.2f}, {after:.2f} | {ratio:.2f} |", flush=True)


if __name__ == "__main__":
    compare_with_peers()
