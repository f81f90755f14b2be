"""`check` and what it is made of. tests/benchmarks/trust.py runs it on units whose truth is known."""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from evidence.networks import images, labels, whole_network

from lucid_widgets import ActivationIndex, ImageSet, check, iter_vis, models, param
from lucid_widgets.errors import ArgumentError
from lucid_widgets.evidence import Line, Report
from lucid_widgets.evidence.checks import Recipe, lines
from lucid_widgets.evidence.checks.check import judged
from lucid_widgets.evidence.checks.lines import data_line
from lucid_widgets.evidence.checks.shuffled import shuffled
from lucid_widgets.evidence.checks.similarity import (
    area_under_curve,
    in_common,
    path_similarity,
    share_less_like,
    spearman,
)
from lucid_widgets.evidence.checks.subjects import diverse, excite, has_converged, make_subjects
from lucid_widgets.evidence.measuring import unit_values
from lucid_widgets.evidence.passes.reductions import Reduction
from lucid_widgets.optvis.objectives import Objective, channel

pytestmark = pytest.mark.slow


def test_rank_correlation_equals_the_textbook_formula() -> None:
    first = np.array([[1.0, 2, 3, 4, 5], [5, 4, 3, 2, 1]])
    second = np.array([[2.0, 1, 4, 3, 5]])
    # Without ties it is 1 - 6 sum(d^2) / (n (n^2 - 1)).
    np.testing.assert_allclose(spearman(first, second), [[1 - 6 * 4 / 120], [-(1 - 6 * 4 / 120)]])
    # Ties share the mean of their ranks: 1.5, 1.5, 3 against 1, 2, 3.
    assert spearman(np.array([[0.0, 0, 7]]), np.array([[1.0, 2, 3]]))[0, 0] == pytest.approx(np.sqrt(3) / 2)
    assert area_under_curve(np.array([1.0, 2]), np.array([0.0, 1])) == (3 + 0.5) / 4


def test_path_similarity_is_one_among_real_images_and_none_without_a_difference() -> None:
    random = np.random.default_rng(0)
    shared = random.normal(size=50)
    top = shared + 0.3 * random.normal(size=(8, 50))
    arbitrary = random.normal(size=(30, 50))
    assert path_similarity(shared + 0.3 * random.normal(size=(8, 50)), top, arbitrary) == pytest.approx(1, abs=0.1)
    assert path_similarity(random.normal(size=(30, 50)), top, arbitrary) == pytest.approx(0, abs=0.15)
    assert path_similarity(top, arbitrary[:9], arbitrary[9:]) is None


def test_share_is_that_of_ordinary_images_which_are_less_alike() -> None:
    top = np.array([[1.0, 2, 3, 4], [1, 2, 3, 4]])
    ordinary = np.array([[4.0, 3, 2, 1], [1, 2, 4, 3], [2, 1, 4, 3], [1, 2, 3, 4]])  # -1, 0.8, 0.6 and 1
    assert share_less_like(np.array([[1.0, 3, 2, 4]]), top, ordinary) == (2 + 0.5) / 4  # 0.8
    assert share_less_like(np.array([[1.0, 2, 3, 4], [1, 3, 2, 4]]), top, ordinary) == 3 / 4  # 0.9 on average


def test_seeds_that_got_stuck_do_not_count() -> None:
    assert excite(np.array([1.5, 8.0, 4.0], np.float32)).tolist() == [False, True, True]
    assert excite(np.array([0.0, -1.0], np.float32)).tolist() == [True, True]  # nothing to measure them by


def test_optimization_has_converged_once_it_beats_every_real_image_twice() -> None:
    assert has_converged(np.array([1.5, 8.0, 4.0], np.float32), 8)
    assert not has_converged(np.array([1.5, 8.0, 4.0], np.float32), 8.5)
    assert not has_converged(np.array([1.5, 8.0, 3.9], np.float32), 2)  # by chance, perhaps


def test_visualizations_get_more_steps_until_they_beat_real_images() -> None:
    """The unit is the mean red of the image. It grows with each step, and real images are almost red."""
    image = keras.Input((8, 8, 3))
    layer = keras.layers.Conv2D(2, 1, activation="relu", name="red")
    made = keras.Model(image, keras.layers.AveragePooling2D(4, name="mean")(layer(image)))
    layer.set_weights([np.array([[[[1, 0], [0, 1], [0, 0]]]], np.float32), np.zeros(2, np.float32)])
    network = models.from_keras(made, image_value_range=(0, 1), name="Red")
    random = np.random.default_rng(0)
    steps = {}
    for highest in (0.1, 0.98):
        data = ImageSet.from_array(random.uniform(0, highest, (40, 8, 8, 3)).astype(np.float32))
        index = ActivationIndex.build(network, data, ["mean"], path=False, verbose=False)
        subjects = drained(
            make_subjects(network, channel("mean", 0), index["mean:0"], seeds=2, steps=2, size=(8, 8), seed=0)
        )
        steps[highest] = subjects.steps
        assert len(subjects.own) + subjects.stuck == 2
    assert steps == {0.1: 2, 0.98: 8}


def drained(steps: Any) -> Any:
    """What a generator returns."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def test_real_images_have_in_common_what_ordinary_ones_lack() -> None:
    top = np.array([[1.0, 2, 3, 4], [1, 2, 3, 4], [2, 1, 3, 4]])  # 1, 0.8 and 0.8
    ordinary = np.array([[4.0, 3, 2, 1], [1, 2, 4, 3]])  # -1, -1, -0.8 and 0.8, 0.8, 0.6
    low, high = -2.8 / 3, 2.2 / 3
    expected = (2.6 / 3 - (low + high) / 2) / ((high - low) / 2)
    assert in_common(top, ordinary) == pytest.approx(expected)
    assert in_common(top, ordinary[:1]) is None
    assert in_common(top[:1], ordinary) is None
    assert in_common(top, np.repeat(ordinary[:1], 2, 0)) is None


def test_control_fails_if_real_images_have_no_more_in_common_than_by_chance(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = ImageSet.from_array(images(60))
    index = ActivationIndex.build(whole_network(), data, ["first", "second"], path=False, verbose=False)
    unit = index["second:2"]
    sample = index.statistics.sample_values[:, index.numbers("second")]
    top = sample[[shown.image for shown in unit.top[:9]]]
    values = {"own": {"second": top}, "control": {"second": sample[::-1][:2]}, "top": {"second": top}}
    monkeypatch.setattr(lines, "CLEAR_GAP", -2.0)
    monkeypatch.setattr(lines, "LEAST_GAP", -2.0)

    def control(chance: float) -> Line:
        subjects: Any = SimpleNamespace(unit=unit, index=index, chance=np.full(20, chance))
        return lines.control_line(subjects, values)

    common = control(0).figures["common"]
    below, above = control(common - 0.01), control(common + 0.01)
    assert (below.verdict, below.figures["chance"]) == ("consistent", 1)
    assert (above.verdict, above.figures["chance"]) == ("do not rely on it", 0)
    assert "those of 0 % of its units" in above.text


def test_silent_unit_fails_whatever_its_visualization_is() -> None:
    """Its bias is beyond what any real image reaches."""
    data = ImageSet.from_array(images(60))
    highest = ActivationIndex.build(whole_network(), data, ["second"], path=False, verbose=False)["second:2"].max
    silent = whole_network()
    layer = silent.keras_model.get_layer("second")
    kernel, bias = layer.get_weights()
    bias[2] -= 1.3 * highest
    layer.set_weights([kernel, bias])
    unit = ActivationIndex.build(silent, data, ["second"], path=False, verbose=False)["second:2"]
    subjects: Any = SimpleNamespace(unit=unit)
    found = data_line(subjects, np.array([highest], np.float32))
    assert found.verdict == "do not rely on it"
    assert found.text == "None of 60 images activates the unit; only the visualization does."
    assert judged([found])[0] == "do not rely on it"


def line(name: str, verdict: str) -> Line:
    return Line(name, verdict, "")  # type: ignore[arg-type]


def test_rule_names_the_checks_that_decided() -> None:
    names = ("Data", "Seeds", "Method", "Path", "Control")
    verdict, rule = judged([line(name, "consistent") for name in names])
    assert (verdict, rule) == ("consistent", "Data, Path, Seeds and Control all agree.")
    assert judged([line(name, "mixed" if name == "Method" else "consistent") for name in names])[0] == "consistent"
    verdict, rule = judged([line(name, "mixed" if name == "Seeds" else "consistent") for name in names])
    assert (verdict, rule) == ("mixed", "Seeds is not clear, and no check failed.")
    verdict, rule = judged([line(name, "do not rely on it" if name == "Path" else "mixed") for name in names])
    assert (verdict, rule) == ("do not rely on it", "Path failed, and one such check is enough.")


def test_shuffled_weights_keep_their_distribution() -> None:
    network = whole_network()
    other = shuffled(network, images(4), seed=1)
    assert other is not None
    for before, after in zip(network.keras_model.get_weights(), other.keras_model.get_weights(), strict=True):
        assert np.array_equal(np.sort(before, None), np.sort(after, None))
        assert before.ndim < 2 or not np.array_equal(before, after)


def test_check_makes_a_report_that_can_be_saved(tmp_path: Path) -> None:
    network = whole_network()
    data = ImageSet.from_array(images(60), labels(60))
    index = ActivationIndex.build(network, data, ["first", "second"], path=False, verbose=False)
    report = check(network, "second:2", index, seeds=2, steps=2, verbose=False)
    assert [each.name for each in report.lines] == ["Data", "Seeds", "Method", "Path", "Control"]
    assert report["Data"].figures["highest"] == index["second:2"].max
    assert set(report["Seeds"].figures) >= {"same", "other", "diverse", "diverse_activation"}
    assert report["Path"].figures["layers"] == ["first", "second"]
    report.save(tmp_path / "report.json")
    again = Report.from_json(json.loads((tmp_path / "report.json").read_text()))
    assert again.to_json() == report.to_json()
    report.save(tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text()
    assert page.startswith("<!doctype html>")
    assert "http" not in page
    assert report.verdict in page
    dead = check(network, "second:7", index, seeds=2, steps=1, verbose=False)
    assert dead.verdict == dead["Data"].verdict == "do not rely on it"
    with pytest.raises(ArgumentError, match="not a single channel"):
        check(network, "second:1 + second:2", index)


def test_recipe_makes_the_visualizations_that_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is one step of gradient descent against the unit, from a real image. The one with pixels stays as it is."""
    network = whole_network()
    index = ActivationIndex.build(network, ImageSet.from_array(images(60)), ["second"], path=False, verbose=False)
    start = images(60)[index["second:2"].top[0].image][None].astype(np.float32) / 255
    sizes, asked, made = [], [], []

    def real(width: int, height: int, *, batch: int) -> Any:
        sizes.append((width, height, batch))
        return tf.identity(tf.Variable(np.repeat(start, batch, 0)))

    def against(layer: str, number: int) -> Objective:
        asked.append((layer, number))
        return -1 * channel(layer, number)

    def kept(*arguments: Any, **settings: Any) -> Any:
        made.append((yield from make_subjects(*arguments, **settings)))
        return made[-1]

    monkeypatch.setattr(sys.modules["lucid_widgets.evidence.checks.check"], "make_subjects", kept)
    recipe = Recipe(real, [], keras.optimizers.SGD(1e-6), against)
    check(network, "second:2", index, seeds=2, steps=1, recipe=recipe, verbose=False)
    (subjects,) = made
    assert {layer for layer, _ in asked} == {"second"}
    assert asked[0] == ("second", 2)
    assert len({number for _, number in asked}) == 5  # and four other units
    assert {size[:2] for size in sizes} == {(12, 12)}
    before, after = (
        unit_values(network, ["second"], each, Reduction("mean"))["second"][:, 2] for each in (start, subjects.own)
    )
    assert before > 0
    assert (after < before).all()
    np.testing.assert_allclose(subjects.own, start.repeat(2, 0), atol=0.01)  # no noise at the start, no transforms
    assert np.abs(subjects.pixels - start).mean() > 0.1


def test_diversity_shows_both_meanings_of_a_unit() -> None:
    """The unit is the sum of two channels: one for alarm clocks, one for lips."""
    model = models.EmojiNet()
    layer, meanings = "mixed5a", [0, 9]
    base = model.keras_model.get_layer(layer).output
    both = keras.layers.Conv2D(1, 1, use_bias=False, name="both")
    made = keras.Model(model.keras_model.input, both(base))
    kernel = np.zeros((1, 1, base.shape[-1], 1), np.float32)
    kernel[0, 0, meanings] = 1
    both.set_weights([kernel])
    network = models.from_keras(made, image_value_range=(0, 1), name="Both")
    unit = channel("both", 0)

    def ratios(objective: Objective) -> Any:
        make: Any = partial(param.image, 64, batch=4)
        images = [frame.images for frame in iter_vis(network, objective, make, steps=32)][-1]
        clock, lips = unit_values(model, [layer], images)[layer][:, meanings].T
        return clock / lips

    mixed = ratios(unit)
    assert mixed.max() < 1.6
    assert mixed.min() > 1 / 1.6
    apart = ratios(diverse(unit, layer, 4, 3.3))
    assert apart.max() > 1.8
    assert apart.min() < 1 / 1.7
