"""`accentuate`: the same transforms for both images, the balance of the two gradients, and its limits."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from optvis.tiny_network import WEIGHTS, Tiny, images, pixels, tensors

from lucid_widgets.errors import ArgumentError
from lucid_widgets.modelzoo.adapt import as_model
from lucid_widgets.modelzoo.base.token_grid import same_transforms
from lucid_widgets.optvis import objectives, param, transform
from lucid_widgets.optvis.engine.optimizers import as_optimizer
from lucid_widgets.optvis.many import render_many
from lucid_widgets.optvis.render import iter_vis

START = images(1, 6, 6)[0]


def stepped(objective: Any, begin: Any, transforms: Any, **options: Any) -> tuple[Any, float]:
    """Return what one step of gradient ascent with learning rate 1 adds to an image, and the objective."""
    sgd = as_optimizer(tf.compat.v1.train.GradientDescentOptimizer(1.0))
    *_, frame = iter_vis(
        Tiny(), objective, pixels(begin), steps=1, every=1, optimizer=sgd, transforms=transforms, **options
    )
    return frame.images - begin, frame.objective


@pytest.mark.parametrize(
    "transforms", [[transform.random_affine(2)], [transform.random_crops(3)], "standard", "tokens"], ids=str
)
def test_the_start_image_gets_the_same_transforms(transforms: Any) -> None:
    def difference(T: Any) -> Any:
        again = same_transforms(T)
        assert again is not None
        return tf.reduce_sum(tf.abs(T("conv") - again(T("input"))("conv")))

    *_, frame = iter_vis(
        Tiny(), lambda T: difference(T) + 0 * T("conv"), pixels(images(2, 16, 16)), steps=3, transforms=transforms
    )
    assert frame.objective == pytest.approx(0, abs=1e-4)


def test_equal_strength_pulls_as_much_as_the_channel() -> None:
    begin = np.stack([START, START]) + np.asarray([0.1, -0.05, 0.02], np.float32)
    up, value = stepped(objectives.channel("conv", 1), begin, [])
    both, same = stepped(objectives.accentuate("conv", 1, "relu", START, 0.5), begin, [])
    assert same == pytest.approx(value, rel=1e-5)
    # By hand: the network sees 2 x - 1, and the gradient of the length of a difference is its direction.
    weights = np.where((2 * begin - 1) @ WEIGHTS + np.asarray([0, 0.5, -0.25, 0]) > 0, 1.0, 0.0)
    ours, start = (np.maximum((2 * each - 1) @ WEIGHTS + np.asarray([0, 0.5, -0.25, 0]), 0) for each in (begin, START))
    lengths = np.linalg.norm(ours - start, axis=-1, keepdims=True)
    away = ((ours - start) / np.maximum(lengths, 1e-6) * weights) @ WEIGHTS.T
    scale = np.abs(up).sum((1, 2, 3), keepdims=True) / np.abs(away).sum((1, 2, 3), keepdims=True)
    np.testing.assert_allclose(both, up - 0.5 * scale * away, rtol=1e-3, atol=1e-6)


def test_no_strength_is_the_channel() -> None:
    begin = START[None] + 0.1
    up, _ = stepped(objectives.channel("conv", 1), begin, "affine")
    same, _ = stepped(objectives.accentuate("conv", 1, "relu", START, 0), begin, "affine")
    np.testing.assert_allclose(same, up, atol=1e-7)


def test_many_are_made_one_by_one() -> None:
    """The pull of each image is measured in its own run, whatever else is rendered."""
    wanted = [objectives.accentuate("conv", 1, "relu", START, 2), objectives.channel("conv", 1)]
    make = partial(param.image, 6, init_val=START)
    settings: dict[str, Any] = {"steps": 6, "seed": 3, "transforms": []}
    many = render_many(Tiny(), wanted, lambda batch: make(batch=batch), verbose=False, **settings)
    *_, alone = iter_vis(Tiny(), wanted[0], partial(make, batch=1), noise_ids=[0], **settings)
    np.testing.assert_allclose(many[0], alone.images[0], atol=1e-5)
    assert np.abs(many[0] - START).mean() < 0.7 * np.abs(many[1] - START).mean()


def test_other_sizes_and_single_tensors_are_refused() -> None:
    wrong = objectives.accentuate("conv", 1, "relu", np.zeros((5, 6, 3)))
    with pytest.raises(ArgumentError, match=r"orig_img of accentuate\(\) has the shape \(5, 6, 3\)"):
        stepped(wrong, START[None], [])
    with pytest.raises(ArgumentError, match="outside an optimization"):
        objectives.accentuate("conv", 1, "relu", START)(tensors({}))


def test_a_photograph_is_accentuated(models_dir: Path) -> None:
    model = as_model(models_dir / "squeezenet_v1_1.keras")
    photo = np.random.default_rng(0).random((64, 64, 3)).astype(np.float32) * 0.5 + 0.25
    layer = [each.name for each in model.browsable_layers if each.channels][6]
    run = partial(iter_vis, model, param_f=partial(param.image, 64, init_val=photo), steps=12, every=12)
    *_, free = run(objectives.channel(layer, 3))
    first, kept = run(objectives.accentuate(layer, 3, layer, photo))
    assert np.abs(kept.images - photo).mean() < 0.7 * np.abs(free.images - photo).mean()
    assert first.step == 0
    assert kept.objective > kept.objectives[0]
