"""What a processor computes otherwise: all of it together in the network that has all of it, GoogLeNet; and oneDNN."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from optvis.tiny_network import Tiny

from lucid_widgets.modelzoo.graphdef.substitutes import substituting
from lucid_widgets.modelzoo.vision_models import InceptionV1
from lucid_widgets.optvis import param
from lucid_widgets.optvis.engine import program
from lucid_widgets.optvis.overrides import gradient_override_map
from lucid_widgets.optvis.render import iter_vis
from lucid_widgets.optvis.speed import devices, xla
from lucid_widgets.optvis.speed.cpu_kernels import EARLY_GRADIENTS, SUBSTITUTES, as_one, late_gradients


@pytest.mark.parametrize("onednn", [True, False])
def test_googlenet_has_the_same_numbers(models_dir: Path, onednn: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "uses_onednn", lambda: onednn)
    model = InceptionV1(models_dir / "inception_v1_bvlc.pb")
    images = np.random.default_rng(0).random((2, 63, 64, 3)).astype(np.float32)

    def numbers(scope: Any, gradients: Any, substitutes: dict[str, Any]) -> tuple[Any, Any, set[str]]:
        @tf.function(autograph=False, input_signature=[tf.TensorSpec(images.shape, tf.float32)])
        def compute(images: Any) -> Any:
            with xla.compiling(scope), gradient_override_map(gradients), substituting(substitutes):
                layer = model.import_graph(images)("mixed3b")
                return layer, tf.gradients(tf.reduce_mean(tf.square(layer)), images)[0]

        kinds = {op.type for op in compute.get_concrete_function().graph.get_operations()}
        return *(each.numpy() for each in compute(images)), kinds

    layer, grad, kinds = numbers("nothing", {}, {})
    assert {"LRN", "LRNGrad", "MaxPoolGrad", "Conv2DBackpropInput"} <= kinds
    early = numbers("nothing", EARLY_GRADIENTS, SUBSTITUTES)
    assert not {"Conv2DBackpropInput", "XlaLaunch"} & early[2]
    late = numbers("parts", late_gradients(), SUBSTITUTES)
    assert not {"LRN", "LRNGrad", "Conv2DBackpropInput"} & late[2]
    assert ("MaxPoolGrad" in late[2]) == onednn
    for ours in (early, late):
        np.testing.assert_allclose(ours[0], layer, atol=1e-5 * np.abs(layer).max())
        np.testing.assert_allclose(ours[1], grad, atol=1e-4 * np.abs(grad).max())


@pytest.mark.parametrize("asked", ["0", "1"])
def test_whether_there_is_onednn(asked: str) -> None:
    """In a Python of its own, for TensorFlow asks once; the answer is not the one that stands for "cannot say"."""
    code = "from lucid_widgets.optvis.speed import devices; print(devices._port.IsMklEnabled(), devices.uses_onednn())"
    environment = {**os.environ, "TF_ENABLE_ONEDNN_OPTS": asked}
    told = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    own, ours = told.stdout.split()
    assert ours == own
    if platform.system() == "Linux" and platform.machine() == "x86_64":  # built with it
        assert ours == str(asked == "1")


@pytest.mark.parametrize("onednn", [True, False])
def test_a_function_is_kept_apart_for_onednn(onednn: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "uses_onednn", lambda: onednn)

    @tf.function(autograph=False, input_signature=[tf.TensorSpec([], tf.int32)])
    def doubled(count: Any) -> Any:
        double = as_one(lambda x: 2 * x)
        return tf.while_loop(lambda made, _: made < count, lambda made, x: (made + 1, double(x)), (0, 1))[1]

    assert int(doubled(5)) == 32
    library = doubled.get_concrete_function().graph.as_graph_def().library.function
    assert any(function.attr["_noinline"].b for function in library) == onednn


def test_steps_are_kept_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[Any] = []
    monkeypatch.setattr(program, "as_one", lambda function: kept.append(function) or function)
    list(iter_vis(Tiny(), "conv:1", partial(param.image, 3), transforms=(), steps=1))
    assert len(kept) == 1
