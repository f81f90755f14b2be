"""Compare images of other libraries with ours: the same network, classes and steps, and one evaluator for all.

    python tests/benchmarks/fidelity/peers.py [--folder peers] [--classes 16] [--steps 128] [--seed 0]
                                              [--only Lucent ...]

Each library maximizes the logits of EmojiNet, for images of 96 pixels where it lets us choose, with its own defaults
for everything else. Lucent gets the same network in PyTorch, whose logits are compared with Keras first. The output is
a table in Markdown:

- *recovery*, *top-5*: share of the answers of both oracles in `tests/data` that name the class;
- *logit*: mean logit of the class for the image itself, at 96 pixels;
- *transformed*: the same for 64 fixed shifts, rotations and scales of the image;
- *crops*: the same for 96 fixed crops, of a half, a quarter and a tenth of the side, which is what MaCo maximizes;
- *fine*: share of the energy above a quarter of a cycle per pixel, without the mean;
- *seconds*: wall time per image, with everything.

Environments of other libraries are made and kept in the folder, as by `tests/benchmarks/peers.py`, and so are their
images and one contact sheet per row. A library that cannot be installed or that fails is listed with the reason.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

sys.path.insert(0, str(Path(__file__).parents[1]))
from oracles import emojinet_logits, load_oracles, ranks
from peers import environment
from recovery import contact_sheet, render

from lucid_widgets.evidence.checks.subjects import _transformed
from lucid_widgets.modelzoo.emojinet import EmojiNet
from lucid_widgets.modelzoo.emojinet.architecture import BLOCKS, build
from lucid_widgets.modelzoo.emojinet.classes import LABELS
from lucid_widgets.optvis import param, transform

SIZE = 96

LOADED = """
import json, sys, time
import numpy as np
task = json.loads({task!r})
began = time.perf_counter()
"""
SAVED = """
np.savez(task["out"], images=np.asarray(images, np.float32), seconds=time.perf_counter() - began)
"""
XPLIQUE = """
import keras
from xplique.features_visualizations import Objective, optimize
model = keras.models.load_model(task["model"])
objective = Objective.neuron(model, "logits", task["classes"])
made, _ = optimize(objective, nb_steps=task["steps"], custom_shape=(task["size"], task["size"]))
images = made[-1]
"""
XPLIQUE_MACO = """
import keras
from xplique.features_visualizations import Objective, maco
model = keras.models.load_model(task["model"])
images = [
    maco(Objective.neuron(model, "logits", index), nb_steps=task["steps"], values_range=(0, 1))[0]
    for index in task["classes"]
]
"""
TF_KERAS_VIS = """
import keras
from tf_keras_vis.activation_maximization import ActivationMaximization
from tf_keras_vis.utils.scores import CategoricalScore
plain = keras.models.load_model(task["model"])
# The library's defaults are meant for values up to 255.
image = keras.Input((task["size"], task["size"], 3))
model = keras.Model(image, plain(keras.layers.Rescaling(1 / 255)(image)))
visualize = ActivationMaximization(model, clone=False)
seed = np.random.default_rng(0).uniform(0, 255, (len(task["classes"]), task["size"], task["size"], 3))
images = visualize(CategoricalScore(task["classes"]), seed_input=seed.astype(np.float32), steps=task["steps"]) / 255
"""
# Keras's padding "same" puts the odd pixel at the end, and its pools do not count what lies outside.
LUCENT = """
import torch
import torch.nn.functional as F
# If torchvision's operators do not match this torch, its import fails on two of them, which are not used here.
library = torch.library.Library("torchvision", "FRAGMENT")
for name in ("nms", "qnms"):
    try:
        library.define(name + "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    except RuntimeError:
        pass
from lucent.optvis import objectives, param, render

weights = np.load(task["weights"], allow_pickle=False)

def padded(x, size, stride):
    sides = []
    for length in (x.shape[3], x.shape[2]):
        total = max((-(-length // stride) - 1) * stride + size - length, 0)
        sides += [total // 2, total - total // 2]
    return F.pad(x, sides)

class Network(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.logits = torch.nn.Linear(*weights["logits/kernel"].shape)
        with torch.no_grad():
            self.logits.weight[:] = torch.from_numpy(weights["logits/kernel"].T.copy())
            self.logits.bias[:] = torch.from_numpy(weights["logits/bias"])
        for parameter in self.parameters():
            parameter.requires_grad_(False)
        self.kernels = {
            name[: -len("/kernel")]: torch.from_numpy(weights[name].transpose(3, 2, 0, 1).copy())
            for name in weights.files if name.endswith("/kernel") and weights[name].ndim == 4
        }

    def convolve(self, x, name, stride=1):
        kernel = self.kernels[name]
        return F.conv2d(padded(x, kernel.shape[2], stride), kernel, torch.from_numpy(weights[name + "/bias"]), stride)

    def pool(self, x, stride):
        counts = F.avg_pool2d(padded(torch.ones_like(x[:1, :1]), 3, stride), 3, stride)
        return F.avg_pool2d(padded(x, 3, stride), 3, stride) / counts

    def forward(self, x):
        x = F.relu(self.convolve(2 * x - 1, "conv2d0_pre_relu", 2))
        x = F.relu(self.convolve(x, "conv2d1_pre_relu"))
        for name, is_pooled in task["blocks"]:
            x = self.pool(x, 2) if is_pooled else x
            narrow = [F.relu(self.convolve(x, f"{name}_{size}x{size}_bottleneck_pre_relu")) for size in (3, 5)]
            x = F.relu(torch.cat([
                self.convolve(x, name + "_1x1_pre_relu"),
                self.convolve(narrow[0], name + "_3x3_pre_relu"),
                self.convolve(narrow[1], name + "_5x5_pre_relu"),
                self.pool(self.convolve(x, name + "_pool_reduce"), 1),
            ], 1))
        return self.logits(x.mean((2, 3)))

model = Network().eval()
probe = torch.from_numpy(weights["probe"].transpose(0, 3, 1, 2).copy())
error = float((model(probe).detach() - torch.from_numpy(weights["answer"])).abs().max())
assert error < 1e-2, f"the converted network differs by {error}"
indices = task["classes"]
objective = sum((objectives.channel("logits", index, batch=i) for i, index in enumerate(indices[1:], 1)),
                objectives.channel("logits", indices[0], batch=0))
images = render.render_vis(model, objective, lambda: param.image(task["size"], batch=len(indices)),
                           thresholds=(task["steps"],), show_image=False, progress=False, preprocess=False,
                           fixed_image_size=task["size"])[-1]
"""

PEERS: dict[str, tuple[str, list[str], str]] = {
    "xplique, optimize": ("xplique", ["xplique", "tensorflow", "keras"], XPLIQUE),
    "xplique, MaCo": ("xplique", ["xplique", "tensorflow", "keras"], XPLIQUE_MACO),
    "tf-keras-vis": ("tf-keras-vis", ["tf-keras-vis", "tensorflow", "keras"], TF_KERAS_VIS),
    "Lucent": ("Lucent", ["torch-lucent", "torch==2.13.0"], LUCENT),
}


def _like_xplique(steps: int) -> dict[str, Any]:
    crops = transform.random_crops(32, SIZE, largest=0.5, smallest=0.05, steps=steps, noise=0.08)
    return {"optimizer": keras.optimizers.Nadam(1.0), "transforms": [crops]}


OURS: dict[str, tuple[Callable[..., Any], int, int, Callable[[int], dict[str, Any]]]] = {
    # Parameterization, size, images per call, and settings.
    "lucid_widgets, as Lucid": (param.image, SIZE, 32, lambda _: {}),
    "lucid_widgets, MaCo as xplique's": (param.maco, 512, 1, _like_xplique),
}


def logits_of(images: np.ndarray) -> np.ndarray:
    return np.asarray(emojinet_logits()(images, training=False))


def cropped(image: np.ndarray) -> np.ndarray:
    """Return the crops of an image that `row` judges, at the size of the network."""
    boxes = []
    for side in (1 / 2, 1 / 4, 1 / 10):
        centers = np.random.default_rng(0).normal(0.5, 0.15, (32, 2))
        boxes.append(np.concatenate([centers - side / 2, centers + side / 2], 1))
    every = np.concatenate(boxes)
    return np.asarray(tf.image.crop_and_resize(image[None], every, np.zeros(len(every), np.int32), (SIZE, SIZE)))


def save_task(folder: Path, classes: list[int], steps: int) -> dict[str, Any]:
    """Write the network for all libraries, and return what they need to know."""
    network = EmojiNet().keras_model
    plain = build(len(LABELS))
    plain.set_weights(network.get_weights())
    fixed = keras.models.clone_model(
        keras.Model(plain.input, plain.get_layer("logits").output), input_tensors=keras.Input((SIZE, SIZE, 3))
    )
    fixed.set_weights(plain.get_weights())
    fixed.save(folder / "emojinet.keras")
    weights = {
        f"{layer.name}/{kind}": np.asarray(value)
        for layer in plain.layers
        if layer.weights
        for kind, value in zip(("kernel", "bias"), layer.get_weights(), strict=True)
    }
    probe = np.random.default_rng(0).random((2, SIZE, SIZE, 3)).astype(np.float32)
    np.savez(folder / "weights.npz", **(weights | {"probe": probe, "answer": logits_of(probe)}))  # type: ignore[arg-type]
    pooled = {"mixed3a", "mixed4a", "mixed5a"}
    return {
        "model": str((folder / "emojinet.keras").resolve()),
        "weights": str((folder / "weights.npz").resolve()),
        "blocks": [(block.name, block.name in pooled) for block in BLOCKS],
        "classes": classes,
        "steps": steps,
        "size": SIZE,
    }


def of_peer(name: str, task: dict[str, Any], folder: Path) -> tuple[np.ndarray, float]:
    """Return the images of a library, and the seconds that they took."""
    place, packages, script = PEERS[name]
    out = (folder / f"{name.replace(', ', '-')}.npz").resolve()
    python = environment(folder / place, packages)
    told = json.dumps({**task, "out": str(out)})
    done = subprocess.run(
        [python, "-c", LOADED.format(task=told) + script + SAVED],
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError((done.stderr.strip().splitlines() or ["it failed"])[-1])
    with np.load(out, allow_pickle=False) as found:
        return found["images"], float(found["seconds"])


def of_ours(name: str, classes: list[int], steps: int, seed: int) -> tuple[np.ndarray, float]:
    """Return our images for a row, and the seconds that they took."""
    make, size, batch, settings = OURS[name]
    began = time.perf_counter()
    parts = [
        render(EmojiNet(), make, classes[start : start + batch], size, steps, batch=batch, seed=seed, **settings(steps))
        for start in range(0, len(classes), batch)
    ]
    return np.concatenate(parts), time.perf_counter() - began


def row(name: str, images: np.ndarray, seconds: float, classes: list[int], folder: Path) -> str:
    """Return a row of the table."""
    small = np.clip(np.asarray(tf.image.resize(images, (SIZE, SIZE), "area", antialias=True)), 0, 1)
    wanted = np.array(classes)
    found = ranks(load_oracles(), small, wanted)
    contact_sheet(small, classes, found).save(folder / f"{name.replace(', ', '-').replace(' ', '-')}.png")
    plain = logits_of(small)[np.arange(len(wanted)), wanted].mean()
    moved = np.mean(
        [logits_of(_transformed(image))[:, index].mean() for image, index in zip(small, wanted, strict=True)]
    )
    crops = np.mean([logits_of(cropped(image))[:, index].mean() for image, index in zip(images, wanted, strict=True)])
    spectrum = np.abs(np.fft.rfft2(small - small.mean((1, 2), keepdims=True), axes=(1, 2))) ** 2
    frequencies = np.hypot(np.fft.fftfreq(SIZE)[:, None], np.fft.rfftfreq(SIZE)[None])
    fine = spectrum[:, frequencies > 0.25].sum() / spectrum.sum()
    figures = [f"{value:.2f}".removeprefix("0") for value in ((found == 0).mean(), (found < 5).mean())]
    figures += [f"{plain:.1f}", f"{moved:.1f}", f"{crops:.2f}", f"{fine:.3f}", f"{seconds / len(wanted):.1f}"]
    return f"| {name} | {' | '.join(figures)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path("peers"))
    parser.add_argument("--classes", type=int, default=16, help="number of classes, evenly spaced")
    parser.add_argument("--steps", type=int, default=128)
    parser.add_argument("--seed", type=int, default=0, help="of our images; most others draw a seed themselves")
    parser.add_argument("--only", nargs="+", choices=[*OURS, *PEERS], default=[*OURS, *PEERS])
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    classes = [int(index) for index in np.linspace(0, len(LABELS) - 1, options.classes).round()]
    task = save_task(options.folder, classes, options.steps)
    print(f"{len(classes)} classes, {options.steps} steps\n")
    print(f"| library | recovery | top-5 | logit | transformed | crops | fine | seconds |\n|{'---|' * 8}")
    for name in options.only:
        make = (
            partial(of_ours, name, classes, options.steps, options.seed)
            if name in OURS
            else partial(of_peer, name, task, options.folder)
        )
        try:
            images, seconds = make()
        except (RuntimeError, OSError) as error:
            print(f"| {name} | absent: {str(error)[:160]} | | | | | | |", flush=True)
            continue
        print(row(name, images, seconds, classes, options.folder), flush=True)


if __name__ == "__main__":
    main()
