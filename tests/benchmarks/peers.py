"""The published loops of other libraries on the same task, each in its own virtual environment.

    python tests/benchmarks/peers.py [FOLDER]

The task is a channel at 128 px in 64 steps: a channel of SqueezeNet (Keras) for xplique and tf-keras-vis, and of
GoogLeNet for Lucent, whose network gets the weights of Google's file as far as they fit. Our engine runs the same
network just before and after. A library that cannot be installed, or that fails, is listed as absent with the reason.
If FOLDER is given, the environments are kept there and reused.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import numpy as np
import tensorflow as tf

sys.path.insert(0, str(Path(__file__).parents[1]))
from needs import models_folder

STEPS, SIZE, UNIT = 64, 128, 5
LAYER = "fire5_expand3x3"
GOOGLENET, GOOGLENET_LAYER = "inception_v1_bvlc.pb", "mixed4a"

OURS = """
from lucid_widgets.modelzoo.vision_models import InceptionV1, as_model
from lucid_widgets.optvis.render import iter_vis
from lucid_widgets.optvis.speed.plan import MOST_EARLY_STEPS
model = InceptionV1({model!r}) if {model!r}.endswith(".pb") else as_model({model!r})
frames = iter_vis(model, "{layer}:{channel}", steps=10**9, every=8, image_size={size})
next(frames)
while frames.step < MOST_EARLY_STEPS + 8:
    next(frames)
def run():
    for _ in range({steps} // 8):
        next(frames)
"""
FIXED = """
# Both need a network with a fixed input size.
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
import numpy, torch
# If torchvision's operators do not match this torch, its import fails on two of them, which are not used here.
library = torch.library.Library("torchvision", "FRAGMENT")
for name in ("nms", "qnms"):
    try:
        library.define(name + "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    except RuntimeError:
        pass
from lucent.optvis import param, render
from lucent.modelzoo import inceptionv1
model = inceptionv1(pretrained=False).eval()
weights = numpy.load({weights!r})
with torch.no_grad():
    for name, module in model.named_modules():
        if isinstance(module, torch.nn.Conv2d) and name.endswith("_pre_relu_conv"):
            stem = name[: -len("_pre_relu_conv")]
            w, b = (torch.from_numpy(weights[stem + end].T.copy()) for end in ("_w", "_b"))
            w = w.transpose(2, 3)
            # One layer has four more channels in the file than in Lucent's network.
            out, into = (min(sizes) for sizes in zip(w.shape[:2], module.weight.shape[:2]))
            module.weight[:out, :into] = w[:out, :into]
            module.bias[:out] = b[:out]
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
    "Lucent": (["torch-lucent", "torch==2.13.0"], LUCENT),
}


def timed(python: str, script: str) -> float:
    """Return the seconds that the script's `run()` takes."""
    done = subprocess.run([python, "-c", script + TIMED], capture_output=True, text=True, timeout=1200)
    if done.returncode:
        raise RuntimeError((done.stderr.strip().splitlines() or ["it failed"])[-1])
    return float(json.loads(done.stdout.strip().splitlines()[-1]))


def environment(folder: Path, packages: list[str]) -> str:
    """Return the Python of a virtual environment with these packages, and create the environment if it is missing."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        command = [str(python), "-m", "pip", "install", "--quiet", *packages]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError((done.stderr.strip().splitlines() or ["pip failed"])[-1])
    return str(python)


def save_weights(model: Path, file: Path) -> None:
    """Write the weights and biases of a frozen graph to a file, by name."""
    definition = tf.compat.v1.GraphDef.FromString(model.read_bytes())
    nodes = {node.name: node for node in definition.node if node.op == "Const" and node.name[-2:] in ("_w", "_b")}
    np.savez(file, **{name: tf.make_ndarray(node.attr["value"].tensor) for name, node in nodes.items()})


def compare_with_peers(kept: Path | None = None) -> None:
    """Print a table. Without a folder, the environments are temporary."""
    print(f"\n| {STEPS} steps at {SIZE} px | seconds | ours, before and after | ours/theirs |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as temporary:
        for name, (packages, script) in PEERS.items():
            file, layer = (GOOGLENET, GOOGLENET_LAYER) if name == "Lucent" else ("squeezenet_v1_1.keras", LAYER)
            model, weights = models_folder() / file, Path(temporary) / "weights.npz"
            if not model.is_file():
                print(f"| {name} | absent: {file} is not in LUCID_WIDGETS_MODEL_DIR | | |")
                continue
            if name == "Lucent":
                save_weights(model, weights)
            values = {"model": str(model), "layer": layer, "channel": UNIT, "steps": STEPS, "size": SIZE}
            values["weights"] = str(weights)
            ours = OURS.format(**values)
            try:
                python = environment((kept or Path(temporary)) / name, packages)
                before = timed(sys.executable, ours)
                theirs = timed(python, script.format(**values))
                after = timed(sys.executable, ours)
            except (RuntimeError, OSError, subprocess.TimeoutExpired, json.JSONDecodeError) as error:
                print(f"| {name} | absent: {str(error)[:160]} | | |", flush=True)
                continue
            ratio = (before + after) / 2 / theirs
            print(f"| {name} | {theirs:.2f} | {before:.2f}, {after:.2f} | {ratio:.2f} |", flush=True)


if __name__ == "__main__":
    compare_with_peers(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
