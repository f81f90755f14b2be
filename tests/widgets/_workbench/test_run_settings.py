"""Run settings: their code makes the same bytes, and a settings file restores them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from pages import Page
from PIL import Image

from lucid_widgets.errors import ArgumentError, ExpressionError, LucidError, OutOfRangeError, UnknownNameError
from lucid_widgets.misc.io import fit_image, load
from lucid_widgets.optvis import param, transform
from lucid_widgets.widgets._core.uploads import Uploads
from lucid_widgets.widgets._workbench.run_settings import OPTIMIZERS, RunSettings
from lucid_widgets.widgets.lucid_widget import LucidWidget

pytestmark = pytest.mark.slow

MIXED = 'channel("late", 2) + 0.5 * channel("early", 1)'


@pytest.fixture(scope="module")
def model() -> Any:
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [
            keras.Input((None, None, 3)),
            keras.layers.Conv2D(4, 3, activation="relu", name="early"),
            keras.layers.Conv2D(6, 3, name="late"),
        ],
        name="tiny",
    )


@pytest.fixture
def photograph(tmp_path: Path) -> Path:
    path = tmp_path / "a photograph's.png"
    ramp = np.linspace(0, 255, 40 * 60 * 3).reshape(40, 60, 3).astype(np.uint8)
    Image.fromarray(ramp).save(path)
    return path


@pytest.fixture
def make(model: Any, pages: list[Page]) -> Callable[..., LucidWidget]:
    def make(objective: Any = "late:1", **kwargs: Any) -> LucidWidget:
        return LucidWidget(model, objective, **{"steps": 24, "image_size": 24, **kwargs})

    return make


Make = Callable[..., LucidWidget]


def made_by(code: str, **given: Any) -> Any:
    """The image that the code makes."""
    names: dict[str, Any] = dict(given)
    exec(compile(code, "code", "exec"), names)
    return names["image"]


class TestCode:
    @pytest.mark.parametrize(
        "settings",
        [
            {},
            {"alpha": True, "shift": 2.5, "rotate": 0, "learning_rate": 0.1, "seed": 7, "batch": 3, "steps": 20},
            {"parameterization": "pixels", "decorrelate": False, "alpha": True, "robust_to": "standard"},
            {"parameterization": "maco", "robust_to": "crops", "batch": 2, "steps": 6, "image_size": 40},
            {"parameterization": "maco", "alpha": True, "steps": 6, "image_size": 40},
            {"parameterization": "direct_ascent", "batch": 2, "steps": 6, "image_size": 40, "learning_rate": 0.002},
            {"parameterization": "cppn", "robust_to": "nothing", "optimizer": "RMSprop", "image_size": 40},
            {"robust_to": "tokens", "optimizer": "AdamCosine", "alpha": True},
            {"robust_to": "tokens", "shift": 3.0, "rotate": 0},
        ],
        ids=str,
    )
    def test_code_makes_the_same_bytes(self, settings: dict[str, Any], make: Make, model: Any) -> None:
        widget = make(**settings)
        widget.run()
        assert widget.wait(120) == "done"
        image = made_by(widget.code, model=model)
        assert image.shape[-1] == (4 if settings.get("alpha") else 3)
        assert image.tobytes() == widget.image.tobytes()

    @pytest.mark.parametrize("settings", [{}, {"alpha": True, "parameterization": "pixels"}], ids=str)
    def test_code_with_a_start_image_from_a_file(
        self, settings: dict[str, Any], make: Make, model: Any, photograph: Path
    ) -> None:
        widget = make(start_image=photograph, **settings)
        widget.run()
        assert widget.wait(120) == "done"
        assert str(photograph) in widget.code or repr(str(photograph)) in widget.code
        assert made_by(widget.code, model=model).tobytes() == widget.image.tobytes()

    def test_code_with_a_start_image_from_an_array(self, make: Make, model: Any) -> None:
        start = np.random.default_rng(0).random((30, 50, 3))
        widget = make(start_image=start)
        widget.run()
        assert widget.wait(120) == "done"
        assert "start_image" in widget.code.splitlines()[0]
        assert made_by(widget.code, model=model, start_image=start).tobytes() == widget.image.tobytes()

    def test_code_for_the_embedded_model_is_complete(self, pages: list[Page]) -> None:
        widget = LucidWidget(image_size=32, steps=4)
        assert widget.code == (
            "from lucid_widgets import iter_vis, models\n"
            "\n"
            "model = models.EmojiNet()\n"
            "for frame in iter_vis(\n"
            "    model,\n"
            "    'channel(\"mixed4a\", 152)',\n"
            "    image_size=32,\n"
            "    steps=4,\n"
            "    seed=0,\n"
            "):\n"
            "    pass\n"
            "image = frame.images\n"
        )

    def test_code_names_what_the_user_must_define(self, make: Make) -> None:
        code = make(
            lambda T: T("late")[..., 0],
            image_size=None,
            param_f=lambda: param.image(16),
            transforms=[],
            optimizer=keras.optimizers.SGD(1.0),
        ).code
        assert code.startswith(
            "# Define these before running this code: model, objective, param_f, transforms, optimizer.\n"
        )
        assert "transforms=transforms," in code

    @pytest.mark.parametrize(
        "changes",
        [
            [{"channel": 2}],
            [{"objective": MIXED}, {"learning_rate": 0.01, "rotate": 0}, {"objective": "late:3"}],
            [{"robust_to": "standard"}, {"robust_to": "affine", "shift": 2}],
        ],
        ids=lambda changes: str(len(changes)),
    )
    def test_code_of_a_steered_run_makes_the_same_bytes(
        self, changes: list[dict[str, Any]], make: Make, model: Any
    ) -> None:
        widget = make(alpha=len(changes) == 2, steps=1000)
        for change in changes:
            widget.step(5)
            assert widget.wait(120) == "paused"
            for name, value in change.items():
                setattr(widget, name, value)
        planned = widget.code
        assert f"        {5 * len(changes)}: {{" in planned
        widget.steps = 5 * len(changes) + 7
        widget.run()
        assert widget.wait(120) == "done"
        assert widget.code == planned.replace("steps=1000", f"steps={widget.steps}")
        assert made_by(widget.code, model=model).tobytes() == widget.image.tobytes()
        (run,) = widget.runs
        assert widget.run_code(run["id"]) == widget.code
        # A restored run, too, has the changes from before it came to rest.
        widget.seed = 7
        widget.restore(run["id"])
        widget.steps += 3
        widget.run()
        assert widget.wait(120) == "done"
        assert made_by(widget.code, model=model).tobytes() == widget.image.tobytes()

    def test_code_of_a_run_with_a_falling_learning_rate_that_got_more_steps(self, make: Make, model: Any) -> None:
        widget = make(optimizer="AdamCosine", steps=6)
        widget.run()
        assert widget.wait(120) == "done"
        widget.steps = 12
        widget.run()
        assert widget.wait(120) == "done"
        assert "decay_steps=6" in widget.code
        assert "decay_steps=12" in widget.code
        assert made_by(widget.code, model=model).tobytes() == widget.image.tobytes()

    def test_code_follows_the_settings_once_run_would_start_over(self, make: Make, model: Any) -> None:
        widget = make(steps=4)
        widget.run()
        assert widget.wait(120) == "done"
        widget.channel = 2
        assert widget.code.startswith("# w.run_code(1) is the code of the image that is shown.\n")
        assert 'channel("late", 2)' in widget.code
        assert "changes=" not in widget.code

    def test_code_names_a_function_that_took_over(self, make: Make, model: Any) -> None:
        def loud(T: Any) -> Any:
            return T("late")[..., 2]

        widget = make(steps=6)
        widget.step(2)
        assert widget.wait(120) == "paused"
        widget.objective = loud
        assert widget.code.startswith("# Define these before running this code: model, objective_2.\n")
        assert '2: {"objective": objective_2}' in widget.code

    def test_code_of_a_stopped_run_makes_its_image(self, make: Make, model: Any) -> None:
        widget = make(steps=1000)
        widget.step(3)
        assert widget.wait(120) == "paused"
        shown = widget.image
        (run,) = widget.runs
        widget.reset()
        assert made_by(widget.run_code(run["id"]), model=model).tobytes() == shown.tobytes()


class TestSettings:
    def test_settings_survive_a_round_trip(self, make: Make, tmp_path: Path, photograph: Path) -> None:
        chosen = {
            "parameterization": "pixels",
            "decorrelate": False,
            "alpha": True,
            "robust_to": "standard",
            "shift": 3.0,
            "scale": 0.2,
            "rotate": 45.0,
            "optimizer": "Lion",
            "learning_rate": 0.25,
            "batch": 2,
            "seed": 9,
        }
        widget = make('channel("late", 2) - 0.5 * channel("early", 1)', start_image=photograph, **chosen)
        widget.save_settings(tmp_path / "settings.json")
        held = json.loads((tmp_path / "settings.json").read_text())
        assert held["format"] == 1
        assert held["model"] == "tiny"
        assert held.items() >= chosen.items()
        other = make()
        other.load_settings(tmp_path / "settings.json")
        assert other.settings == widget.settings
        assert other.shift == 3.0
        assert other.objective == widget.objective
        assert other._start_image_about == {"name": photograph.name, "width": 60, "height": 40}
        np.testing.assert_array_equal(other.start_image, load(photograph))

    @pytest.mark.parametrize(
        ("wrong", "error", "words"),
        [
            ({"shfit": 3}, ArgumentError, "There is no setting 'shfit'. Did you mean 'shift'"),
            ({"shift": "far"}, ArgumentError, "shift is 'far'"),
            ({"shift": -1}, OutOfRangeError, "shift is -1. Expected a finite number from 0 to 256."),
            ({"shift": float("nan")}, ArgumentError, "Expected a finite number"),
            ({"seed": -1}, OutOfRangeError, "from 0 to"),
            ({"optimizer": "Adamm"}, ArgumentError, "Did you mean 'Adam'"),
            ({"expression": "channel("}, ExpressionError, ""),
            ({"expression": "nowhere:1"}, UnknownNameError, "nowhere"),
            ({"format": 2}, ArgumentError, "later version"),
            ({"format": "x"}, ArgumentError, "holds no settings of lucid_widgets"),
            ({"start_image": "x.png"}, ArgumentError, "start_image is not an image"),
            ({"start_image": {"data": "!"}}, ArgumentError, "not base64"),
            ({"start_image": {"data": "AAAA", "name": "x.png"}}, ArgumentError, "x.png is not an image"),
        ],
        ids=str,
    )
    def test_invalid_settings_change_nothing(
        self, wrong: dict[str, Any], error: type[LucidError], words: str, make: Make
    ) -> None:
        widget = make()
        before = widget.settings
        with pytest.raises(error) as caught:
            widget.load_settings({"format": 1, "steps": 7, "decorrelate": False, **wrong})
        assert words in str(caught.value)
        assert widget.settings == before
        assert widget.steps == 24

    def test_rejects_files_that_are_not_settings(self, make: Make, tmp_path: Path) -> None:
        (tmp_path / "x.json").write_text("{")
        with pytest.raises(ArgumentError, match="is not JSON"):
            make().load_settings(tmp_path / "x.json")
        with pytest.raises(ArgumentError, match="Settings cannot be of type list"):
            make().settings = []  # type: ignore[assignment]

    def test_keeps_settings_that_are_not_named(self, make: Make) -> None:
        widget = make(shift=2)
        widget.settings = {"format": 1, "rotate": 5}
        assert (widget.shift, widget.rotate) == (2.0, 5.0)

    def test_settings_leave_out_what_only_code_can_express(self, make: Make) -> None:
        widget = make(lambda T: T("late")[..., 0], transforms=[transform.jitter(2)])
        assert not {"expression", "shift", "robust_to"} & set(widget.settings)
        assert widget._set_in_code == ["robust_to", "shift", "scale", "rotate"]
        with pytest.raises(ArgumentError, match="The argument transforms decides it"):
            widget.shift = 3

    def test_a_name_of_transforms_sets_what_the_image_is_robust_to(self, make: Make) -> None:
        widget = make(transforms="nothing")
        assert (widget.robust_to, widget._set_in_code) == ("nothing", [])
        widget.robust_to = "affine"
        assert widget.robust_to == "affine"
        with pytest.raises(ArgumentError, match="Did you mean 'standard'"):
            make(transforms="standrad")


class TestLearningRate:
    def test_learning_rate_follows_until_it_is_set(self, make: Make) -> None:
        widget = make()
        widget.optimizer = "SGD"
        assert widget.learning_rate == OPTIMIZERS["SGD"]
        widget.parameterization = "cppn"
        assert widget.learning_rate == pytest.approx(OPTIMIZERS["SGD"] / 10)
        widget.learning_rate = 3
        widget.optimizer = "Adam"
        assert widget.learning_rate == 3

    def test_keeps_a_learning_rate_given_with_the_optimizer(self, make: Make) -> None:
        assert make(optimizer="SGD", learning_rate=2).learning_rate == 2


class TestStartImage:
    def test_run_starts_from_the_center_of_the_image(self, make: Make, photograph: Path) -> None:
        widget = make(start_image=photograph)
        widget.step()
        assert widget.wait(120) == "paused"
        expected = fit_image(load(photograph)[:, 10:50], 24)
        np.testing.assert_allclose(widget.recorded[0].images[0], expected, atol=1e-3)

    def test_start_image_can_be_removed(self, make: Make, photograph: Path) -> None:
        widget = make(start_image=photograph)
        widget.start_image = None
        assert widget.start_image is None
        assert (widget._start_image_about, widget._start_image_thumbnail) == ({}, b"")
        assert "start" not in widget.code.replace("# Set in code", "")

    @pytest.mark.parametrize("wrong", [3, np.zeros((2, 2, 7)), np.zeros(5), np.full((4, 4, 3), np.nan)], ids=repr)
    def test_invalid_start_image_changes_nothing(self, wrong: Any, make: Make) -> None:
        widget = make()
        with pytest.raises(ArgumentError):
            widget.start_image = wrong
        assert widget.start_image is None

    def test_fit_image_crops_the_center_and_resizes(self) -> None:
        wide = np.zeros((2, 6, 3))
        wide[:, 2:4] = 1.0
        np.testing.assert_array_equal(fit_image(wide, 2), np.ones((2, 2, 3)))
        assert fit_image(wide, 4, 3).shape == (3, 4, 3)
        opaque = fit_image(wide, 2, alpha=True)
        np.testing.assert_array_equal(opaque[..., 3], np.ones((2, 2)))
        grey = fit_image(np.full((4, 4), 0.5), 2)
        np.testing.assert_allclose(grey, 128 / 255, atol=1e-6)


class TestUploads:
    def test_assembles_chunks(self) -> None:
        uploads = Uploads()
        assert uploads.add("a", 0, 2, "QUJD") is None
        assert uploads.add("b", 0, 1, "WA==") == b"X"
        assert uploads.add("a", 1, 2, "REU=") == b"ABCDE"

    @pytest.mark.parametrize(
        ("pieces", "words"),
        [
            ([(1, 2, "QUJD")], "missing"),
            ([(0, 3, "QUJD"), (2, 3, "QUJD")], "missing"),
            ([(0, 1, "?")], "damaged"),
            ([(0, 1, "QUJDREVG")], "too large"),
            ([(2, 2, "QUJD")], "from 0 to 1"),
            ([("x", 2, "QUJD")], "whole number"),
        ],
    )
    def test_rejects_invalid_arguments(self, pieces: list[tuple[Any, Any, str]], words: str) -> None:
        uploads = Uploads(max_bytes=5)
        *before, last = pieces
        for piece in before:
            uploads.add("a", *piece)
        with pytest.raises(LucidError, match=words):
            uploads.add("a", *last)


def test_equal_settings_share_a_compiled_program() -> None:
    one, other = RunSettings(alpha=True), RunSettings(alpha=True, shift=2.0)
    assert not one.needs_new_image(other)
    assert one.steers(other)
    assert one.transforms()[0] is other.transforms()[0]
