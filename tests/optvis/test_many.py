"""`render_many`: each image is the one that its objective makes alone."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from optvis.tiny_network import Tiny, images

from lucid_widgets import objectives, render_many
from lucid_widgets.errors import ArgumentError, OutOfRangeError
from lucid_widgets.optvis import many, param
from lucid_widgets.optvis.default_image import batch_images
from lucid_widgets.optvis.many import Each, each_its_own, iter_many
from lucid_widgets.optvis.objectives import L1, class_logit
from lucid_widgets.optvis.objectives.units import with_class_indices
from lucid_widgets.optvis.render import frame_iterator, iter_vis
from lucid_widgets.optvis.speed import devices, microbatches

pytestmark = pytest.mark.slow

SETTINGS: dict[str, Any] = {"steps": 8, "seed": 3, "image_size": 16}


def alone(model: Tiny, objective: Any) -> np.ndarray:
    *_, last = iter_vis(model, objective, **SETTINGS)
    return last.images[0]


@pytest.mark.parametrize("batch", [None, 2, 1])
def test_each_image_equals_the_one_rendered_alone(model: Tiny, batch: int | None) -> None:
    wanted = ["relu:1", "conv:2", "relu:3", lambda T: tf.reduce_mean(T("conv")[..., 0]), "relu:0"]
    made = render_many(model, wanted, batch=batch, verbose=False, **SETTINGS)
    assert made.shape == (5, 16, 16, 3)
    for image, objective in zip(made, wanted, strict=True):
        np.testing.assert_allclose(image, alone(model, objective), atol=1e-4)


def test_units_of_a_layer_share_one_term_and_even_batches(model: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    def recorded(model: Any, objective: Any, param_f: Any, *settings: Any, **more: Any) -> Any:
        seen.append((objective, param_f.args[-1]))
        return frame_iterator(model, objective, param_f, *settings, **more)

    monkeypatch.setattr(many, "frame_iterator", recorded)
    places = [place for place, _ in iter_many(model, [f"relu:{unit % 4}" for unit in range(5)], batch=4, **SETTINGS)]
    assert places == [0, 1, 2, 3, 4]
    assert seen == [(objectives.channels("relu", [0, 1, 2]), 3), (objectives.channels("relu", [3, 0, 3]), 3)]


def test_iter_many_yields_objectives_of_a_structure_together(model: Tiny) -> None:
    stream = iter_many(model, ["relu:0", "conv:1", "relu:2"], batch=1, **SETTINGS)
    assert [place for place, _ in stream] == [0, 2, 1]


def test_classes_by_name_share_a_program(model: Tiny) -> None:
    by_name = [class_logit("dense", "cat"), class_logit("dense", "dog"), 2 * class_logit("dense", "cat") - L1() + 1]
    by_index = [class_logit("dense", 0), class_logit("dense", 1), 2 * class_logit("dense", 0) - L1() + 1]
    assert [with_class_indices(each, model) for each in by_name] == by_index
    made = render_many(model, by_name[:2], batch=1, verbose=False, **SETTINGS)
    assert len(model.kept["compiled programs"]) == 1
    np.testing.assert_array_equal(made, render_many(model, by_index[:2], batch=1, verbose=False, **SETTINGS))


def test_each_sums_over_the_images(model: Tiny) -> None:
    batch = images(3)
    parts = [objectives.channel("conv", 1), 2 * objectives.channel("relu", 0), objectives.L2()]
    together = Each(parts)

    @tf.function(autograph=False)
    def value(objective: Any, of: Any) -> Any:
        T = model.import_graph(of)
        return objective(lambda name: of if name == "input" else T(name))

    single = [float(value(part, batch[i : i + 1])) for i, part in enumerate(parts)]
    assert float(value(together, batch)) == pytest.approx(sum(single), rel=1e-5)
    assert together.numbers == tuple(n for part in parts for n in part.numbers)
    assert each_its_own(parts[1:2]) is parts[1]
    with pytest.raises(ArgumentError, match="3 objectives for 2 images"):
        together.validate(model, 2)


def test_accepts_a_parameterization(model: Tiny) -> None:
    made = render_many(
        model, ["relu:1", "relu:2"], lambda batch: param.image(12, 10, batch=batch, fft=False), steps=2, verbose=False
    )
    assert made.shape == (2, 10, 12, 3)


def default_batch(model: Tiny, size: int) -> int:
    return many.default_batch(model, objectives.channel("relu", 1), batch_images(model, size))


def test_the_default_batch_depends_on_the_image_size(model: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "has_gpu", lambda: False)
    by_size = {size: default_batch(model, size) for size in (64, 128, 256, 1024)}
    assert by_size[64] == microbatches.MAX_BATCH
    assert microbatches.MIN_BATCH < by_size[256] < microbatches.MAX_BATCH
    assert by_size[1024] == microbatches.MIN_BATCH
    assert sorted(by_size.values(), reverse=True) == list(by_size.values())
    monkeypatch.setattr(devices, "has_gpu", lambda: True)
    assert default_batch(model, 256) == microbatches.MAX_BATCH


def test_the_default_batch_does_not_depend_on_free_memory(model: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    before = default_batch(model, 256)
    monkeypatch.setattr(os, "sysconf", lambda name: 1)
    assert default_batch(model, 256) == before


@pytest.mark.parametrize(
    ("held", "gpu", "expected"),
    [
        (1, False, 32),
        (8_000_000, False, 30),
        (20_000_000, False, 12),
        (80_000_000, False, 4),  # a CPU gets 4 images even if they hold more than is fastest
        (500_000_000, False, 2),  # two steps of 3 * 500 MB fit into 4 GB
        (2_000_000_000, False, 1),
        (8_000_000, True, 32),
        (100_000_000, True, 13),
    ],
)
def test_the_batch_size_follows_from_the_bytes_of_one_image(
    held: int, gpu: bool, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "has_gpu", lambda: gpu)
    assert microbatches.batch_size(held) == expected


@pytest.mark.parametrize("render", [render_many, iter_many])
def test_an_unknown_keyword_is_an_error_that_suggests_a_known_one(model: Tiny, render: Any) -> None:
    with pytest.raises(TypeError, match=r"unexpected keyword argument 'transform'\. Did you mean 'transforms'"):
        render(model, ["relu:1"], transform=[])


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        ({"steps": -1}, OutOfRangeError),
        ({"seed": 0.5}, ArgumentError),
        ({"transforms": 3}, ArgumentError),
        ({"optimizer": 0.05}, ArgumentError),
        ({"precision": "float16"}, ArgumentError),
        ({"image_size": 0}, OutOfRangeError),
    ],
    ids=str,
)
def test_iter_many_checks_its_arguments_before_it_renders(model: Tiny, settings: Any, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        iter_many(model, ["relu:1"], **settings)
    assert model.asked == []


def test_rejects_invalid_objectives_and_batches_at_once(model: Tiny) -> None:
    with pytest.raises(ArgumentError, match="There are no objectives"):
        render_many(model, [])
    with pytest.raises(OutOfRangeError):
        iter_many(model, ["relu:1", "relu:99"])
    with pytest.raises(OutOfRangeError):
        iter_many(model, ["relu:1"], batch=0)
    with pytest.raises(ArgumentError, match="Both param_f and image_size"):
        iter_many(model, ["relu:1"], param.image, image_size=8)
