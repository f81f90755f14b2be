"""All that a processor computes otherwise, together, in the network that has all of it: GoogLeNet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from lucid_widgets.modelzoo.substitutes import substituting
from lucid_widgets.modelzoo.vision_models import InceptionV1
from lucid_widgets.optvis import xla
from lucid_widgets.optvis.overrides import gradient_override_map
from lucid_widgets.optvis.quicker import EARLY_GRADIENTS, LATE_GRADIENTS, SUBSTITUTES


def test_googlenet_has_the_same_numbers(models_dir: Path) -> None:
    model = InceptionV1(models_dir / "inception_v1_bvlc.pb")
    images = np.random.default_rng(0).random((2, 63, 64, 3)).astype(np.float32)

    def numbers(scope: Any, gradients: dict[str, Any], substitutes: dict[str, Any]) -> tuple[Any, Any, set[str]]:
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
    late = numbers("parts", LATE_GRADIENTS, SUBSTITUTES)
    assert not {"LRN", "LRNGrad", "MaxPoolGrad", "Conv2DBackpropInput"} & late[2]
    for ours in (early, late):
        np.testing.assert_allclose(ours[0], layer, atol=1e-5 * np.abs(layer).max())
        np.testing.assert_allclose(ours[1], grad, atol=1e-4 * np.abs(grad).max())
