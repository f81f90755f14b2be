"""Code from three documents about Lucid runs unchanged, on the network that they use.

The documents are an answer to "does render.render_vis(model, obj) come from Lucid?", Lucid's notebook on aligned
interpolation, and a beginner's guide. Imports and calls are as printed there. Only the number of steps is reduced, so
that the tests take a minute instead of an hour.
"""

# mypy: ignore-errors
# ruff: noqa: E731
# The calls are written as in the documents.

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

import lucid_widgets
from lucid_widgets.optvis import render as our_render

pytestmark = pytest.mark.slow

STEPS = 2
NEURON_1 = ("mixed4a_pre_relu", 476)
NEURON_2 = ("mixed4a_pre_relu", 460)


@pytest.fixture(scope="module")
def old() -> Iterator[SimpleNamespace]:
    """The names that the documents import, with their import statements."""
    lucid_widgets.load_ipython_extension(None)
    names: dict[str, Any] = {}
    exec(
        "import lucid.modelzoo.vision_models as models\n"
        "from lucid.misc.io import load, save, show\n"
        "from lucid.misc.io.showing import imshow\n"
        "import lucid.optvis.objectives as objectives\n"
        "import lucid.optvis.param as param\n"
        "import lucid.optvis.render as render\n"
        "import lucid.optvis.transform as transform\n"
        "from lucid.optvis.param import spatial, color, lowres\n"
        "from lucid import render as render_of_lucid\n"
        "from lucid.optvis import objectives as objectives_of_optvis\n",
        names,
    )
    yield SimpleNamespace(**names)
    lucid_widgets.unload_ipython_extension(None)


@pytest.fixture(scope="module")
def model(old: SimpleNamespace, models_dir: Path) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LUCID_WIDGETS_MODEL_DIR", str(models_dir))
        found = old.models.InceptionV1()
    found.load_graphdef()
    return found


@pytest.fixture
def render(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """`render`, with a `render_vis` that accepts the same arguments but ends after a few steps."""
    monkeypatch.setattr(our_render, "render_vis", shortened(our_render.render_vis))
    return our_render


def shortened(render_vis: Callable[..., Any]) -> Callable[..., Any]:
    signature = inspect.signature(render_vis)

    @wraps(render_vis)
    def shorter(*args: Any, **kwargs: Any) -> Any:
        call = signature.bind(*args, **kwargs)
        asked = call.arguments.get("thresholds", (512,))
        call.arguments["thresholds"] = range(STEPS, STEPS + len(asked))
        images = render_vis(*call.args, **call.kwargs)
        assert len(images) == len(asked)
        return images

    return shorter


def check(images: list[Any], batch: int) -> None:
    for image in images:
        assert image.shape == (batch, 128, 128, 3)
        assert np.isfinite(image).all()
        assert image.std() > 0.001
        assert 0 <= image.min() <= image.max() <= 1


class TestAnswerAboutRenderVis:
    def test_canonical_usage(self, old: SimpleNamespace, model: Any, render: ModuleType) -> None:
        assert old.render_of_lucid.render_vis is render.render_vis
        check(old.render_of_lucid.render_vis(model, "mixed4a:476"), 1)

    def test_imshow(self, old: SimpleNamespace) -> None:
        old.imshow(np.zeros((4, 4, 3)))

    def test_channel_of_another_layer(self, model: Any, render: ModuleType) -> None:
        check(render.render_vis(model, "mixed3b:42"), 1)

    def test_difference_of_channels(self, old: SimpleNamespace, model: Any, render: ModuleType) -> None:
        objectives = old.objectives_of_optvis
        obj = objectives.channel("mixed3b", 42) - objectives.channel("mixed3b", 43)
        check(render.render_vis(model, obj), 1)

    def test_listed_arguments(self, model: Any, render: ModuleType) -> None:
        image = render.render_vis(model, "mixed4a:476", image_size=128, show_image=False, thresholds=(1,))
        check(image, 1)


class TestBeginnersGuide:
    def test_neuron(self, model: Any, render: ModuleType) -> None:
        _ = render.render_vis(model, "mixed4a_pre_relu:476")
        check(_, 1)

    def test_explicit_objective(self, old: SimpleNamespace, model: Any, render: ModuleType) -> None:
        obj = old.objectives.channel("mixed4a_pre_relu", 465)
        _ = render.render_vis(model, obj)
        check(_, 1)

    def test_sum(self, old: SimpleNamespace, model: Any, render: ModuleType) -> None:
        channel = lambda n: old.objectives.channel("mixed4a_pre_relu", n)
        obj = channel(476) + channel(465)
        _ = render.render_vis(model, obj)
        check(_, 1)

    def test_no_transforms(self, model: Any, render: ModuleType) -> None:
        transforms = []
        _ = render.render_vis(model, "mixed4a_pre_relu:476", transforms=transforms)
        check(_, 1)

    def test_pixel_parameterization(self, old: SimpleNamespace, model: Any, render: ModuleType) -> None:
        param_f = lambda: old.param.image(128, fft=False, decorrelate=False)
        _ = render.render_vis(model, "mixed4a_pre_relu:2", param_f)
        check(_, 1)


class TestAlignedInterpolation:
    def test_two_neurons_in_sequence(self, old: SimpleNamespace, model: Any, render: ModuleType) -> None:
        for neuron in [NEURON_1, NEURON_2]:
            param_f = lambda: old.param.image(128)
            objective = old.objectives.channel(*neuron)
            _ = render.render_vis(model, objective, param_f)
            check(_, 1)

    def test_two_neurons_in_one_batch(self, old: SimpleNamespace, model: Any, render: ModuleType) -> None:
        objectives = old.objectives
        param_f = lambda: old.param.image(128, batch=2)
        objective = objectives.channel(*NEURON_1, batch=0) + objectives.channel(*NEURON_2, batch=1)
        check(render.render_vis(model, objective, param_f), 2)

    def test_sum_of_linear_combinations(self, old: SimpleNamespace, model: Any, render: ModuleType) -> None:
        channel = old.objectives.channel
        param_f = lambda: old.param.image(128, batch=5)
        objective = old.objectives.Objective.sum(
            [
                1.00 * channel(*NEURON_1, batch=0),
                0.75 * channel(*NEURON_1, batch=1),
                0.50 * channel(*NEURON_1, batch=2),
                0.25 * channel(*NEURON_1, batch=3),
                0.00 * channel(*NEURON_1, batch=4),
                0.00 * channel(*NEURON_2, batch=0),
                0.25 * channel(*NEURON_2, batch=1),
                0.50 * channel(*NEURON_2, batch=2),
                0.75 * channel(*NEURON_2, batch=3),
                1.00 * channel(*NEURON_2, batch=4),
            ]
        )
        check(render.render_vis(model, objective, param_f), 5)

    def test_channel_interpolate(self, old: SimpleNamespace, model: Any, render: ModuleType) -> None:
        objective = old.objectives.channel_interpolate(*NEURON_1, *NEURON_2)
        param_f = lambda: old.param.image(128, batch=5)
        _ = render.render_vis(model, objective, param_f=param_f, thresholds=[1024])
        check(_, 5)

    def test_one_neuron_from_five_initial_images(self, old: SimpleNamespace, model: Any, render: ModuleType) -> None:
        objective = sum([old.objectives.channel(*NEURON_2, batch=i) for i in range(5)])
        param_f = lambda: old.param.image(128, batch=5, sd=0.5)
        images = render.render_vis(model, objective, param_f=param_f, thresholds=[1024], verbose=False)[-1]
        check([images], 5)
        old.show(images)

    def test_default_parameterization_written_out(self, old: SimpleNamespace, model: Any, render: ModuleType) -> None:
        def default_image_param_f(batch=1, size=128, channels=3):
            shape = (batch, size, size, channels)
            fft_parameterization = old.spatial.fft_image(shape)
            rgb_parameterization = old.color.to_valid_rgb(fft_parameterization, decorrelate=True)
            return rgb_parameterization

        objective = old.objectives.channel(*NEURON_1)
        check(render.render_vis(model, objective, default_image_param_f), 1)

    @pytest.mark.parametrize(
        "low",
        [(1, 128, 128, 3), (1, 128 // 16, 128 // 16, 3), (2, 128 // 16, 128 // 16, 3)],
        ids=["shared", "in space", "in batch and space"],
    )
    def test_shared_parameterizations(
        self, old: SimpleNamespace, model: Any, render: ModuleType, low: tuple[int, ...]
    ) -> None:
        def shared_param_f():
            shared = old.lowres.lowres_tensor((6, 128, 128, 3), low)
            return old.color.to_valid_rgb(shared, decorrelate=True)

        objective = old.objectives.channel_interpolate(*NEURON_1, *NEURON_2)
        images = render.render_vis(model, objective, param_f=shared_param_f)
        check(images, 6)
        ends = np.abs(images[-1][0] - images[-1][5]).max()
        assert (ends == 0) == (low[0] == 1)  # with everything shared along the batch, all six images are equal

    @pytest.mark.parametrize("aligned", [False, True], ids=["interpolated", "and aligned"])
    def test_unique_and_shared(self, old: SimpleNamespace, model: Any, render: ModuleType, aligned: bool) -> None:
        objectives, lowres_tensor = old.objectives, old.lowres.lowres_tensor

        def interpolate_f():
            unique = old.spatial.fft_image((6, 128, 128, 3))
            shared = [
                lowres_tensor((6, 128, 128, 3), (1, 128 // 2, 128 // 2, 3)),
                lowres_tensor((6, 128, 128, 3), (1, 128 // 4, 128 // 4, 3)),
                lowres_tensor((6, 128, 128, 3), (1, 128 // 8, 128 // 8, 3)),
                lowres_tensor((6, 128, 128, 3), (2, 128 // 8, 128 // 8, 3)),
                lowres_tensor((6, 128, 128, 3), (1, 128 // 16, 128 // 16, 3)),
                lowres_tensor((6, 128, 128, 3), (2, 128 // 16, 128 // 16, 3)),
            ]
            return old.color.to_valid_rgb(unique + sum(shared), decorrelate=True)

        if not aligned:
            objective = objectives.channel_interpolate(*NEURON_1, *NEURON_2)
            images = render.render_vis(model, objective, param_f=interpolate_f, verbose=False)
            result = images[-1]
            old.show(result)
        else:
            interpolation_objective = objectives.channel_interpolate(*NEURON_1, *NEURON_2)
            alignment_objective = objectives.alignment("mixed3b", decay_ratio=5) + objectives.alignment(
                "mixed4a", decay_ratio=5
            )
            objective = interpolation_objective + 1e-1 * alignment_objective
            images = render.render_vis(
                model, objective, param_f=interpolate_f, verbose=True, thresholds=(32, 64, 256, 512, 1024)
            )
            assert len(images) == 5
        check(images, 6)
