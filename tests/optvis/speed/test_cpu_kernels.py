"""CPU replacements for TensorFlow kernels, all together in GoogLeNet, which contains all of them; and oneDNN."""

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

from lucid_widgets.modelzoo.base.substitutes import substituting
from lucid_widgets.modelzoo.vision_models import InceptionV1
from lucid_widgets.optvis import param
from lucid_widgets.optvis.overrides import gradient_override_map
from lucid_widgets.optvis.render import iter_vis
from lucid_widgets.optvis.speed import devices, plan, private_names, xla
from lucid_widgets.optvis.speed.cpu_kernels import EARLY_GRADIENTS, SUBSTITUTES, kept_separate, late_gradients

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("onednn", [True, False])
def test_googlenet_keeps_its_numbers(models_dir: Path, onednn: bool, monkeypatch: pytest.MonkeyPatch) -> None:
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


VARIABLE = "TF_ENABLE_ONEDNN_OPTS"
ASK_ONEDNN = """
from lucid_widgets.optvis.speed import devices, private_names
print(private_names.find("mkl_enabled")(), devices.uses_onednn())
"""


def test_uses_onednn_follows_the_environment_variable() -> None:
    here = devices.uses_onednn()
    assert here == private_names.find("mkl_enabled")()
    # The other value in a new process, because TensorFlow reads the variable once.
    environment = {**os.environ, VARIABLE: str(int(not here))}
    done = subprocess.run(
        [sys.executable, "-c", ASK_ONEDNN], env=environment, capture_output=True, text=True, check=True
    )
    theirs, ours = done.stdout.split()
    assert ours == theirs
    if platform.system() == "Linux" and platform.machine() == "x86_64":  # built with oneDNN
        assert ours == str(not here)
        # Without the variable, TensorFlow uses it on processors that have instructions for neural networks.
        known = set(Path("/proc/cpuinfo").read_text().split())
        if VARIABLE not in os.environ and known & {"avx512_vnni", "avx512_bf16", "avx_vnni", "amx_tile"}:
            assert here


@pytest.mark.parametrize("onednn", [True, False])
def test_a_function_is_kept_separate_with_onednn_only(onednn: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "uses_onednn", lambda: onednn)

    @tf.function(autograph=False, input_signature=[tf.TensorSpec([], tf.int32)])
    def doubled(count: Any) -> Any:
        double = kept_separate(lambda x: 2 * x)
        return tf.while_loop(lambda made, _: made < count, lambda made, x: (made + 1, double(x)), (0, 1))[1]

    assert int(doubled(5)) == 32
    library = doubled.get_concrete_function().graph.as_graph_def().library.function
    assert any(function.attr["_noinline"].b for function in library) == onednn


def test_the_engine_keeps_steps_in_a_loop_separate(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[Any] = []
    monkeypatch.setattr(plan, "kept_separate", lambda function: kept.append(function) or function)
    frames = iter_vis(Tiny(), "conv:1", partial(param.image, 3), transforms=(), steps=plan.MOST_EARLY_STEPS + 1)
    while next(frames).step < plan.MOST_EARLY_STEPS:
        pass
    assert len(kept) <= 1  # the thread that compiles may have begun
    next(frames)
    assert len(kept) == 1
