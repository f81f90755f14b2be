"""Presets in a widget: what they change, what they keep, and real images that one waits for."""

from __future__ import annotations

import threading
import time
from typing import Any

import keras
import numpy as np
import pytest
from pages import Page
from waiting import until
from widgets._workbench.labeled import Make, finished

from lucid_widgets.errors import ArgumentError, ModelError, UnknownNameError
from lucid_widgets.optvis import objectives
from lucid_widgets.runner import call_soon
from lucid_widgets.widgets._workbench.presets import PRESETS, find_classes
from lucid_widgets.widgets.lucid_widget import LucidWidget

pytestmark = pytest.mark.slow

REAL = np.random.default_rng(0).integers(0, 256, (6, 24, 24, 3), np.uint8)


def wait_for_real_images(widget: LucidWidget) -> None:
    until(lambda: widget._evidence_build["state"] == "ready")


def wait_for_worker() -> None:
    idle = threading.Event()
    call_soon(idle.set)
    assert idle.wait(120)


def change_to(widget: LucidWidget, change: str) -> None:
    if change == "folded":
        widget.show_evidence = False
    elif change == "another unit":
        widget.channel = 3
    elif change == "another objective":
        widget.objective = "late:3"
    else:
        widget.use_preset("large shapes first")  # of the same unit
        assert widget.expression == 'channel("late", 2)'


class TestPresets:
    @pytest.mark.parametrize("name", PRESETS)
    def test_each_preset_makes_an_image(self, name: str, make: Make) -> None:
        widget = make(image_size=24, images=REAL, start_image=REAL[0])
        widget.show_evidence = name == "like real images"
        if widget.show_evidence:
            wait_for_real_images(widget)
        widget.use_preset(name)
        widget.steps = 2
        finished(widget)
        assert np.isfinite(widget.image).all()

    def test_class_preset_uses_the_layer_before_the_softmax(self, make: Make) -> None:
        widget = make()
        assert widget._class_layer == "logits"
        widget.use_preset("class", label="panda")
        assert widget.expression == 'class_logit("logits", "panda")'
        with pytest.raises(UnknownNameError, match="Did you mean 'panda'"):
            widget.use_preset("class", label="pnda")
        assert widget.expression == 'class_logit("logits", "panda")'

    def test_presets_keep_the_current_channel(self, make: Make) -> None:
        widget = make("late:5")
        widget.use_preset("interpolation")
        assert widget.objective == objectives.channel_interpolate("late", 5, "late", 0)
        assert widget.batch == 6

    @pytest.mark.parametrize(
        ("name", "settings"),
        [
            ("natural amplitudes", ("maco", "crops", "Nadam", 0.2)),
            ("large shapes first", ("direct_ascent", "affine", "Adam", 0.002)),
            ("deep dream", ("pixels", "affine", "Adam", 0.02)),
            ("channel", ("fourier", "affine", "Adam", 0.05)),
        ],
    )
    def test_presets_bring_what_suits_their_parameterization(
        self, make: Make, name: str, settings: tuple[str, str, str, float]
    ) -> None:
        widget = make(optimizer="Lion", parameterization="cppn", transforms="tokens")
        widget.use_preset(name)
        assert (widget.parameterization, widget.robust_to, widget.optimizer, widget.learning_rate) == settings

    def test_only_the_dream_preset_keeps_the_start_image(self, make: Make) -> None:
        widget = make(start_image=np.zeros((8, 8, 3)))
        widget.use_preset("deep dream")
        assert widget.start_image is not None
        widget.use_preset("channel")
        assert widget.start_image is None

    def test_a_channel_in_a_photo_keeps_photo_and_channel(self, make: Make) -> None:
        widget = make("late:5", start_image=REAL[0])
        widget.use_preset("in a photo")
        assert widget.expression.startswith('accentuate("late", 5, "late", ')
        assert widget.start_image is not None
        widget.image_size = 20  # the photo of the term follows
        (term,) = widget.terms
        assert term["arguments"]["orig_img"]["shape"] == [20, 20, 3]
        widget.use_preset("natural amplitudes")
        assert widget.expression == 'channel("late", 5)'
        with pytest.raises(ArgumentError, match=r"There is no photo\. Choose a start image first\."):
            widget.use_preset("in a photo")

    def test_like_real_images_needs_real_images(self, make: Make) -> None:
        with pytest.raises(ArgumentError, match=r"There are no real images\. Pass some"):
            make().use_preset("like real images")

    @pytest.mark.parametrize("objective", ["late:2", objectives.class_logit("logits", "panda")])
    def test_like_real_images_waits_until_they_are_known(self, make: Make, objective: Any) -> None:
        widget = make(objective, images=REAL)
        before = widget.expression
        changed = threading.Event()
        widget.observe(lambda change: changed.set(), "expression")
        widget.use_preset("like real images")
        assert widget.show_evidence
        assert changed.wait(120)
        channel = 2 if objective == "late:2" else 0
        assert widget.expression.startswith(f'channel("late", {channel}) - 10.0 * distribution_diff(')
        assert before != widget.expression
        assert widget.error == {}

    @pytest.mark.parametrize("change", ["another unit", "another objective", "another preset", "folded"])
    def test_like_real_images_does_not_come_late(self, make: Make, change: str) -> None:
        widget = make("late:2", images=REAL)
        making = widget._real._making
        with widget._lock:  # the pass cannot report before the change
            widget.use_preset("like real images")
            change_to(widget, change)
        expression = widget.expression
        widget.show_evidence = True
        wait_for_real_images(widget)
        wait_for_worker()  # after what the pass left to do
        assert making.find("late", 2) is not None
        assert widget.expression == expression

    @pytest.mark.parametrize("change", ["another objective", "another preset"])
    def test_like_real_images_comes_before_what_is_chosen_meanwhile(self, make: Make, change: str) -> None:
        widget = make("late:2", images=REAL)
        begun = threading.Event()
        with widget._lock:
            widget.use_preset("like real images")
            waiting = widget._real._waiting

            def slowly() -> None:
                begun.set()
                time.sleep(0.5)
                waiting.then()

            widget._real._waiting = waiting._replace(then=slowly)
        assert begun.wait(120)
        change_to(widget, change)
        expression = widget.expression
        wait_for_worker()
        assert widget.expression == expression
        assert "distribution_diff" not in expression

    def test_a_preset_that_does_not_exist_stops_no_other(self, make: Make) -> None:
        widget = make("late:2", images=REAL)
        changed = threading.Event()
        widget.observe(lambda change: changed.set(), "expression")
        with widget._lock:
            widget.use_preset("like real images")
            with pytest.raises(UnknownNameError):
                widget.use_preset("like real image")
        assert changed.wait(120)
        assert "distribution_diff" in widget.expression

    def test_settings_decided_in_code_stay(self, make: Make) -> None:
        widget = make(transforms=[])
        widget.use_preset("diversity")
        assert widget.batch == 4

    def test_class_preset_needs_labels(self, pages: list[Page]) -> None:
        plain = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(3, 3)])
        widget = LucidWidget(plain, image_size=8)
        assert widget._class_layer == ""
        with pytest.raises(ModelError, match="no labels"):
            widget.use_preset("class")
        with pytest.raises(UnknownNameError, match="Did you mean 'deep dream'"):
            widget.use_preset("deepdream")

    def test_finds_classes_by_all_words_best_match_first(self, labeled: Any) -> None:
        found = find_classes(labeled, "Pan")
        assert [each["label"] for each in found] == ["panda", "pan", "giant panda"]
        assert found[2]["index"] == 2
        assert [each["label"] for each in find_classes(labeled, "panda giant")] == ["giant panda"]
        assert find_classes(labeled, "fish") == []
        assert find_classes(labeled, "gaint panda")[0] == {"index": 2, "label": "giant panda", "near": True}
        assert len(find_classes(labeled, "")) == 4
