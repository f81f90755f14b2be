"""What a program compiles and when: layers, traces, and programs that runs share."""

from __future__ import annotations

import gc
import threading
import weakref
from collections import OrderedDict
from dataclasses import replace
from functools import partial
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from optvis.engine.runs import OURS, START, adam_towards_target, closeness, program
from optvis.tiny_network import Counted, Tiny, in_numpy, pixels

from lucid_widgets.errors import ArgumentError, ModelError
from lucid_widgets.optvis import param
from lucid_widgets.optvis.engine import program_cache
from lucid_widgets.optvis.engine.optimizers import Adam, as_optimizer
from lucid_widgets.optvis.objectives import as_objective, channel, class_logit, deepdream, neuron, wrap_objective
from lucid_widgets.optvis.render import iter_vis
from lucid_widgets.optvis.transform import jitter, random_affine, standard_transforms

pytestmark = pytest.mark.slow


def test_builds_only_the_layers_of_the_objective(model: Tiny) -> None:
    list(iter_vis(model, channel("relu", 0), pixels(START), steps=1, transforms=[]))
    assert set(model.asked) == {"relu"}


def test_only_a_different_layer_traces_again(model: Tiny) -> None:
    traced = Counted(pixels(START))
    objective = channel("conv", 0) - 0.5 * neuron("conv", 1, 0, 1, batch=0)
    frames = iter_vis(model, objective, traced, steps=60, transforms=[], every=1, optimizer=keras.optimizers.SGD(0.0))
    next(frames)
    assert traced.calls == 1
    conv = in_numpy(START)["conv"]

    def value() -> float:
        return next(frames).objective

    assert value() == pytest.approx(conv[..., 0].mean() - 0.5 * conv[0, 0, 1, 1], rel=1e-5)
    calls = traced.calls
    frames.objective = channel("conv", 3) - -2 * neuron("conv", 2, 2, 0, batch=1)
    assert not frames.needs_compile
    assert value() == pytest.approx(conv[..., 3].mean() + 2 * conv[1, 2, 0, 2], rel=1e-5)
    frames.objective = objective
    assert value() == pytest.approx(conv[..., 0].mean() - 0.5 * conv[0, 0, 1, 1], rel=1e-5)
    assert traced.calls == calls

    frames.objective = "relu:2"
    assert frames.needs_compile
    assert value() == pytest.approx(in_numpy(START)["relu"][..., 2].mean(), rel=1e-5)
    assert traced.calls > calls
    # Back to the first layer: its program is still compiled.
    calls = traced.calls
    frames.objective = objective
    assert not frames.needs_compile
    value()
    assert traced.calls == calls


def test_another_class_by_its_name_compiles_nothing(model: Tiny) -> None:
    traced = Counted(pixels(START))
    frames = iter_vis(model, class_logit("dense", "cat"), traced, steps=60, transforms=[], every=1)
    next(frames), next(frames)
    calls = traced.calls
    frames.objective = class_logit("dense", "dog")
    assert not frames.needs_compile
    next(frames)
    assert traced.calls == calls
    assert repr(frames.objective) == 'class_logit("dense", "dog")'
    measured = frames.measure([class_logit("dense", each) for each in ("cat", 0, "dog", 1)])
    assert measured[:2] == [measured[0]] * 2 != [measured[2]] * 2 == measured[2:]
    by_index = iter_vis(model, class_logit("dense", 0), pixels(START), steps=2, transforms=[])
    by_name = iter_vis(model, class_logit("dense", "cat"), pixels(START), steps=2, transforms=[])
    np.testing.assert_array_equal([*by_index][-1].images, [*by_name][-1].images)


def test_equal_structures_share_a_program(model: Tiny) -> None:
    assert program(model, param_f=OURS) is program(model, "conv:3", OURS)
    make = partial(param.image, 16)
    assert program(model, param_f=make) is program(model, param_f=partial(param.image, 16))
    assert program(model, param_f=make) is not program(model, param_f=partial(param.image, 17))
    assert program(model, param_f=make) is not program(model, param_f=partial(param.image, 16, batch=2))
    arrays = [partial(param.pixel_image, (1, 1, 1, 3), init_val=np.full((1, 1, 1, 3), each)) for each in (0, 0, 1)]
    assert program(model, param_f=arrays[0]) is program(model, param_f=arrays[1])
    assert program(model, param_f=arrays[0]) is not program(model, param_f=arrays[2])


@pytest.mark.parametrize(
    "other",
    [
        {"objective": "relu:1"},
        {"objective": deepdream("conv")},
        {"transforms": (jitter(1),)},
        {"optimizer": Adam(0.1)},
        {"relu_gradient_override": False},
        {"param_f": pixels(START)},
    ],
    ids=lambda settings: next(iter(settings)),
)
def test_different_structures_do_not_share_a_program(model: Tiny, other: Any) -> None:
    assert program(model) is not program(model, **other)


def test_two_models_do_not_share_a_program(model: Tiny) -> None:
    assert program(model) is not program(Tiny())


def test_threads_trace_a_shared_program_once(model: Tiny) -> None:
    alone = Tiny()
    list(iter_vis(alone, "conv:1", OURS, steps=1, transforms=[]))
    runs = [iter_vis(model, f"conv:{i}", OURS, steps=2, transforms=[], every=1) for i in range(4)]
    ready = threading.Barrier(len(runs))

    def go(frames: Any) -> None:
        next(frames)
        ready.wait()
        next(frames)

    threads = [threading.Thread(target=go, args=(frames,)) for frames in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [frames.step for frames in runs] == [1] * 4
    assert model.asked == alone.asked  # the layer is built while tracing


def test_programs_of_package_functions_are_shared_between_runs(model: Tiny) -> None:
    same = {"param_f": partial(param.image, 3), "transforms": standard_transforms, "optimizer": Adam()}
    assert program(model, "conv:1", **same) is program(model, "conv:0", **same)
    assert program(model, "conv:1", **same) is not program(model, "relu:1", **same)


def test_user_functions_are_traced_again_in_each_run(model: Tiny) -> None:
    size = 4

    def sized() -> Any:
        return param.image(size)

    def brightness(T: Any) -> Any:
        return tf.reduce_mean(T("input")) * size

    @wrap_objective
    def scaled(layer: str) -> Any:
        return lambda T: tf.reduce_mean(T(layer)) * size

    def darker(t: Any) -> Any:
        return t / size

    before = [next(iter_vis(model, "conv:1", sized, steps=1)).images.shape]
    settings: list[dict[str, Any]] = [
        {"objective": brightness},
        {"objective": scaled("relu")},
        {"objective": channel("conv", 1), "transforms": [darker]},
    ]
    first = [list(iter_vis(model, **each, image_size=4, steps=1))[-1].objective for each in settings]
    size = 8
    assert [*before, next(iter_vis(model, "conv:1", sized, steps=1)).images.shape] == [(1, 4, 4, 3), (1, 8, 8, 3)]
    second = [list(iter_vis(model, **each, image_size=4, steps=1))[-1].objective for each in settings]
    assert second[:2] == pytest.approx([2 * value for value in first[:2]])
    assert second[2] != first[2]


def test_user_functions_are_traced_once_within_a_run(model: Tiny) -> None:
    counted = Counted(pixels(START))
    frames = iter_vis(model, "conv:1", counted, steps=9, transforms=[], every=1)
    next(frames), next(frames)
    calls = counted.calls
    frames.objective = "conv:2"
    next(frames)
    frames.objective = "relu:2"
    next(frames)
    frames.objective = "conv:0"
    next(frames)
    # Only the other layer was compiled.
    assert counted.calls - calls == calls - 1


def test_the_least_recently_used_program_is_dropped_first(model: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program_cache, "MAX_PROGRAMS", 3)
    made = partial(program, model, param_f=OURS)
    first, second, third = (made(transforms=[random_affine(margin=margin)]) for margin in range(3))
    assert made(transforms=[random_affine(margin=0)]) is first
    made(transforms=[random_affine(margin=3)])
    assert made(transforms=[random_affine(margin=0)]) is first
    assert made(transforms=[random_affine(margin=2)]) is third
    assert made(transforms=[random_affine(margin=1)]) is not second


def test_programs_of_the_model_that_was_used_longest_ago_are_dropped_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program_cache, "MAX_OF_ALL_MODELS", 3)
    monkeypatch.setattr(program_cache, "_caches", OrderedDict())
    first, second = Tiny(), Tiny()
    conv, relu, other = program(first, "conv:1", OURS), program(first, "relu:1", OURS), program(second, "conv:1", OURS)
    dead = program(first, "dead:1", OURS)
    # The fourth program took the place of the other model's.
    assert [program(first, f"{layer}:1", OURS) for layer in ("conv", "relu", "dead")] == [conv, relu, dead]
    assert program(second, "conv:1", OURS) is not other
    # That one took the place of the program of the first model that was used longest ago.
    assert [program(first, f"{layer}:1", OURS) for layer in ("relu", "dead")] == [relu, dead]
    assert program(first, "conv:1", OURS) is not conv


def test_a_run_survives_the_loss_of_its_cached_program(model: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program_cache, "MAX_PROGRAMS", 1)
    frames = iter_vis(model, closeness, pixels(START), steps=4, transforms=[], every=2)
    next(frames), next(frames)
    program(model, "relu:0", OURS)
    np.testing.assert_allclose(next(frames).images, adam_towards_target(4)[0][-1], atol=1e-5)


def test_programs_are_released_with_their_model() -> None:
    model = Tiny()
    frames = iter_vis(model, "conv:1", OURS, steps=1, transforms=[])
    list(frames)
    gone, kept = weakref.ref(model), weakref.ref(program(model, param_f=OURS))
    del model
    gc.collect()
    assert gone() is not None  # the iterator still needs it
    del frames
    gc.collect()
    assert gone() is None
    assert kept() is None


def test_a_program_without_its_model_is_an_error() -> None:
    model = Tiny()
    orphan = program(model)
    state, _ = orphan.start(0)
    del model
    gc.collect()
    with pytest.raises(ModelError, match=r"The model is gone\. Keep a reference to it"):
        orphan.advance(state, as_objective("conv:1"), 1, 96)


def test_numbers_of_custom_objectives_are_fed_as_tensors(model: Tiny) -> None:
    traces = []

    @wrap_objective(numbers=("power",))
    def scaled(power: int) -> Any:
        def inner(T: Any) -> Any:
            traces.append(power)
            return tf.reduce_mean(T("input")) * tf.cast(power, tf.float32)

        return inner

    frames = iter_vis(
        model, scaled(2), pixels(START), steps=9, transforms=[], every=1, optimizer=keras.optimizers.SGD(0.0)
    )
    next(frames)
    assert next(frames).objective == pytest.approx(2 * START.mean(), rel=1e-5)
    count = len(traces)
    frames.objective = scaled(5)
    assert next(frames).objective == pytest.approx(5 * START.mean(), rel=1e-5)
    assert len(traces) == count


def test_numbers_of_optimizer_and_transforms_compile_nothing(model: Tiny) -> None:
    counted = Counted(OURS)
    frames = iter_vis(model, "conv:1", counted, steps=9, transforms=[random_affine()], every=1)
    next(frames), next(frames)
    calls = counted.calls
    frames.setup = replace(frames.setup, optimizer=Adam(0.0), transforms=[random_affine(shift=0, scale=0, rotate=0)])
    still = next(frames)
    assert counted.calls == calls
    # Without random numbers and at a learning rate of zero, nothing moves and the objective stays what it is.
    following = [next(frames) for _ in range(2)]
    assert all(np.array_equal(frame.images, still.images) for frame in following)
    assert following[0].objective == following[1].objective
    with pytest.raises(ArgumentError, match="cannot change its parameterization"):
        frames.setup = replace(frames.setup, optimizer=as_optimizer(keras.optimizers.SGD()))
