"""What XLA compiles: where the engine asks for it, equal numbers, and a clear error for operations that XLA lacks."""

from __future__ import annotations

import itertools
from functools import partial
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from lucid_widgets.errors import ArgumentError
from lucid_widgets.modelzoo.vision_models import from_keras
from lucid_widgets.optvis import affine, param, transform
from lucid_widgets.optvis.param.fourier import rgb_of_spectrum
from lucid_widgets.optvis.render import iter_vis
from lucid_widgets.optvis.speed import devices, xla
from lucid_widgets.optvis.speed.plan import MOST_EARLY_STEPS

pytestmark = pytest.mark.slow

RNG = np.random.default_rng(5)


@xla.fused
def cubed(t: Any, factor: float) -> Any:
    """factor * t ** 3."""
    return factor * t**3


def traced(scope: Any, shape: tuple[int | None, ...] = (2, 3)) -> Any:
    @tf.function(autograph=False, input_signature=[tf.TensorSpec(shape, tf.float32)])
    def both(t: Any) -> Any:
        with xla.compiling(scope):
            y = cubed(t, 2.0)
        return y, tf.gradients(y, t, tf.ones_like(y) * 10)[0]

    return both


def kinds(function: Any) -> set[str]:
    return {op.type for op in function.get_concrete_function().graph.get_operations()}


def test_a_fused_function_is_compiled_only_in_parts_scope() -> None:
    t = np.asarray([[1, 2, 3], [-1, 0, 0.5]], np.float32)
    for scope, compiled in [("parts", True), ("nothing", False), ("whole", False)]:
        both = traced(scope)
        value, grad = both(t)
        np.testing.assert_allclose(value, 2 * t**3, rtol=1e-6)
        np.testing.assert_allclose(grad, 10 * 6 * t**2, rtol=1e-6)
        assert ("XlaLaunch" in kinds(both)) == compiled
    assert cubed.__doc__ == "factor * t ** 3."


def test_the_compiled_default_image_and_its_gradient_are_equal() -> None:
    spectrum = RNG.normal(size=(2, 2, 3, 7, 5)).astype(np.float32)
    weights = RNG.normal(size=(2, 7, 8, 3)).astype(np.float32)

    def both(scope: Any) -> Any:
        @tf.function(autograph=False, input_signature=[tf.TensorSpec(spectrum.shape, tf.float32)])
        def made(t: Any) -> Any:
            with xla.compiling(scope):
                rgb = rgb_of_spectrum(t, weights.shape, True)
            return rgb, tf.gradients(rgb, t, weights)[0]

        return made(spectrum)

    for compiled, plain in zip(both("parts"), both("nothing"), strict=True):
        np.testing.assert_allclose(compiled, plain, rtol=1e-4, atol=1e-6)


def test_a_custom_backward_function_receives_the_result() -> None:
    @xla.fused(backward=lambda t, y, grad, factor: grad * y * factor)
    def scaled(t: Any, factor: float) -> Any:
        return tf.exp(factor * t)

    @tf.function(autograph=False, input_signature=[tf.TensorSpec([3], tf.float32)])
    def both(t: Any) -> Any:
        with xla.compiling("parts"):
            y = scaled(t, 2.0)
        return y, tf.gradients(y, t)[0]

    value, grad = both([0.0, 0.5, -1.0])
    np.testing.assert_allclose(value, np.exp([0, 1, -2]), rtol=1e-6)
    np.testing.assert_allclose(grad, 2 * np.exp([0, 1, -2]), rtol=1e-6)


def test_beyond_the_limit_functions_are_not_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    def calls() -> bool:
        return "XlaLaunch" in kinds(traced("parts", (5, 7)))

    monkeypatch.setattr(xla, "_kept", {})
    monkeypatch.setattr(xla, "MAX_COMPILED", 1)
    assert not calls(), "there is room for the function but not for its gradient"
    monkeypatch.setattr(xla, "MAX_COMPILED", 2)
    assert calls()
    monkeypatch.setattr(xla, "MAX_COMPILED", 0)
    assert calls(), "functions that are already compiled are used"


def test_unknown_sizes_are_not_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not any("Call" in kind for kind in kinds(traced("parts", (None, 3))))
    monkeypatch.setattr(xla, "is_available", lambda: False)
    assert not any("Call" in kind for kind in kinds(traced("parts")))


@pytest.mark.parametrize("size", [(9, 11), (12, 7)])
def test_sampling_by_gather_equals_tensorflows(size: tuple[int, int]) -> None:
    images = RNG.random((4, 9, 11, 3)).astype(np.float32)
    # The third is entirely outside; the fourth is only shifted by whole pixels.
    rows = np.asarray(
        [[1.1, -0.3, 0.7, 0.2, 0.9, -1.4], [0.5, 0, 2, 0, 0.5, 2], [1, 0, 99, 0, 1, -99], [1, 0, 3, 0, 1, -2]],
        np.float32,
    )
    theirs = affine._sampled(tf.constant(images), tf.unstack(rows, axis=1), size, 0.25)
    np.testing.assert_allclose(
        affine._between(tf.constant(images), *affine._places((9, 11), size, rows), 0.25), theirs, atol=2e-5
    )


def network(name: str) -> keras.Model:
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [
            keras.Input((24, 24, 3)),
            keras.layers.Conv2D(4, 3, padding="same", activation="relu"),
            keras.layers.MaxPool2D(3, 2, padding="same"),
            keras.layers.Conv2D(4, 3, name="top"),
        ],
        name=name,
    )


def last(model: Any, **settings: Any) -> Any:
    run = partial(iter_vis, model, "top:1", partial(param.image, 24, batch=2), steps=MOST_EARLY_STEPS + 6, seed=1)
    *_, frame = run(**settings)
    return frame


@pytest.mark.parametrize(("jit_compile", "transforms"), [(None, None), (True, [])])  # XLA draws other random numbers
def test_late_steps_equal_those_of_plain_tensorflow(
    jit_compile: bool | None, transforms: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled = last(from_keras(network("compiled")), jit_compile=jit_compile, transforms=transforms)
    monkeypatch.setattr(xla, "is_available", lambda: False)
    plain = last(from_keras(network("plain")), jit_compile=False, transforms=transforms)
    np.testing.assert_allclose(compiled.images, plain.images, atol=1e-3)
    assert compiled.objective == pytest.approx(plain.objective, rel=1e-3)


def test_whole_steps_do_not_depend_on_calls() -> None:
    model = from_keras(network("cut"))
    by_threes = last(model, jit_compile=True, every=3)
    assert np.array_equal(last(model, jit_compile=True, every=5).images, by_threes.images)


def test_beyond_the_limit_whole_steps_are_compiled_on_request_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "has_gpu", lambda: True)
    monkeypatch.setattr(xla, "MAX_WHOLE", 1)
    monkeypatch.setattr(xla, "_wholes", itertools.count())
    run = partial(last, transforms=[])
    first, beyond, asked, never = [
        run(from_keras(network(name)), **settings).images
        for name, settings in [
            ("first", {}),
            ("beyond", {}),
            ("asked", {"jit_compile": True}),
            ("never", {"jit_compile": False}),
        ]
    ]
    assert np.array_equal(first, asked)
    assert np.array_equal(beyond, never)
    assert not np.array_equal(first, beyond), "both compilers round alike here, so nothing was tested"


def test_an_operation_unknown_to_xla_is_explained() -> None:
    with pytest.raises(ArgumentError, match=r"XLA cannot compile this run.*Pass jit_compile=False"):
        last(from_keras(network("refused")), jit_compile=True, transforms=transform.standard_transforms)


def test_on_a_gpu_steps_unknown_to_xla_fall_back_to_tensorflow(monkeypatch: pytest.MonkeyPatch) -> None:
    chain = last(from_keras(network("chain")), transforms=transform.standard_transforms, jit_compile=False)
    whole = last(from_keras(network("whole")), jit_compile=True)
    monkeypatch.setattr(devices, "has_gpu", lambda: True)
    fallen_back = last(from_keras(network("chain-gpu")), transforms=transform.standard_transforms)
    np.testing.assert_allclose(fallen_back.images, chain.images, atol=1e-3)
    # The first steps lack the CPU's gradients here, which round differently.
    np.testing.assert_allclose(last(from_keras(network("whole-gpu"))).images, whole.images, atol=1e-3)
