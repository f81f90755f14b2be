"""Values for the names that examples in docstrings use without defining them."""

from __future__ import annotations

import ast
import doctest
import functools
import importlib
import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import lucid_widgets

# Names whose values need TensorFlow.
TENSORFLOW = re.compile(r"\b(model|keras|tf|iter_vis|render_vis|render_many|w)\b")

# Layers of EmojiNet, and their numbers of channels.
CHANNELS = {
    **{"conv2d0": 24, "conv2d1": 48, "mixed3a": 104, "mixed3b": 168, "mixed4a": 256},
    **{"mixed4b": 288, "mixed4c": 320, "mixed5a": 416, "mixed5b": 448},
}

FILES = ("dog.jpg", "painting.jpg", "squeezenet.keras", "my_model.pb")


def source_of(text: str) -> str:
    """The code of the examples in a docstring."""
    return "".join(example.source for example in doctest.DocTestParser().get_examples(text))


def names_for(text: str, folder: Path) -> dict[str, Any]:
    """Values of the names that the examples of a docstring use. Writes the files that they read into `folder`."""
    source = source_of(text)
    for file in FILES:
        if f'"{file}"' in source:
            write(folder / file)
    used = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
    public = {name: getattr(lucid_widgets, name) for name in used & set(lucid_widgets.__all__)}
    short = {name: shortened(public[name]) for name in used & {"render_vis", "render_many"}}
    return {**public, **short, **{name: MAKERS[name]() for name in used & set(MAKERS)}}


def shortened(render: Callable[..., Any]) -> Callable[..., Any]:
    """The same function with few steps: examples show a number of steps that makes good images."""
    signature = inspect.signature(render)

    @functools.wraps(render)
    def short(*args: Any, **kwargs: Any) -> Any:
        call = signature.bind(*args, **kwargs)
        if "thresholds" in signature.parameters:
            call.arguments["thresholds"] = range(2, 2 + len(call.arguments.get("thresholds", (512,))))
        else:
            call.arguments["steps"] = 2
        return render(*call.args, **call.kwargs)

    return short


def write(path: Path) -> None:
    match path.suffix:
        case ".jpg":
            Image.fromarray(np.uint8(255 * noise(120, 160, 3))).save(path)
        case ".keras":
            small_network().save(path)
        case ".pb":
            small_model().save(path)


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).random(shape, np.float32)


@functools.cache
def small_network() -> Any:
    """A Keras network with EmojiNet's layers, channels and classes, which is built and run much faster."""
    keras = importlib.import_module("keras")
    layers = keras.layers
    keras.utils.set_random_seed(0)
    stack: list[Any] = [keras.Input((None, None, 3))]
    for index, (name, channels) in enumerate(CHANNELS.items()):
        size = 8 if index == 0 else 1
        stack += [layers.Conv2D(channels, size, size, name=f"{name}_pre_relu"), layers.ReLU(name=name)]
    stack += [layers.GlobalAveragePooling2D(name="avgpool"), layers.Dense(160, name="logits")]
    return keras.Sequential([*stack, layers.Softmax(name="probs")], name="small")


@functools.cache
def small_model() -> Any:
    models = importlib.import_module("lucid_widgets.modelzoo.vision_models")
    classes = importlib.import_module("lucid_widgets.modelzoo.emojinet.classes")
    return models.from_keras(small_network(), image_value_range=(0, 1), labels=classes.LABELS)


def canvas_after_a_run() -> Any:
    w = lucid_widgets.OptimizationCanvas(
        lucid_widgets.iter_vis(small_model(), "mixed4a:30", lambda: lucid_widgets.param.image(32), steps=8),
        record_every=1,
    )
    w.run()
    w.wait()
    return w


def imported(module: str, name: str = "") -> Callable[[], Any]:
    def load() -> Any:
        found = importlib.import_module(module)
        return getattr(found, name) if name else found

    return load


MAKERS: dict[str, Callable[[], Any]] = {
    "Model": imported("lucid_widgets.modelzoo.vision_models", "Model"),
    "activations": lambda: noise(14, 14, 3) @ noise(3, 64),  # of rank 3, so that factorizations converge
    "as_model": imported("lucid_widgets.modelzoo.adapt", "as_model"),
    "gradient_override_map": imported("lucid_widgets.optvis.overrides.gradient_override", "gradient_override_map"),
    "data": lambda: [(image, label) for label, image in enumerate(noise(4, 32, 32, 3))],
    "image": lambda: np.uint8(255 * noise(64, 64, 3)),
    "images": lambda: noise(3, 32, 32, 3),
    "keras": imported("keras"),
    "keras_model": small_network,
    "key": lambda: "0" * 64,
    "model": small_model,
    "np": lambda: np,
    "objective": lambda: lucid_widgets.objectives.channel("mixed4a", 30),
    "photographs": lambda: noise(1000, 16, 16, 3),
    "redirected_relu_grad": imported("lucid_widgets.optvis.overrides.redirected_relu_grad", "redirected_relu_grad"),
    "tf": imported("tensorflow"),
    "w": canvas_after_a_run,
    "x": lambda: importlib.import_module("tensorflow").constant(noise(1, 8, 8, 4)),
}
