"""`classify`: probabilities computed by hand on tiny networks, whatever their class layer holds."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from optvis.tiny_network import Tiny, images, in_numpy, pixels

from lucid_widgets import classify, iter_vis, models, objectives, render_vis
from lucid_widgets.errors import ArgumentError, ModelError, OutOfRangeError
from lucid_widgets.modelzoo.survey.class_layer import class_layer, logit_layer, score_layer
from lucid_widgets.optvis.classification import MAX_SIZES, Prediction, class_objective, percent, sees


def softmax(scores: Any) -> Any:
    return np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)


def by_index(found: tuple[Prediction, ...]) -> list[float]:
    return [each.probability for each in sorted(found, key=lambda each: each.index)]


def dense(activation: str | None, weights: Any, *, labels: list[str] | None, bias: Any = None) -> Any:
    """A network from the mean of each color to classes."""
    image = keras.Input((None, None, 3))
    weights = np.asarray(weights, np.float32)
    layer = keras.layers.Dense(weights.shape[1], activation=activation, name="preds")
    model = keras.Model(image, layer(keras.layers.GlobalAveragePooling2D()(image)))
    layer.set_weights([weights, np.zeros(weights.shape[1]) if bias is None else np.asarray(bias)])
    return models.from_keras(model, image_value_range=(0, 1), labels=labels)


COLORS = [[1.0, 0.0, 2.0], [0.0, 3.0, -1.0], [0.5, 0.5, 0.0]]
GRAY = np.full((4, 4, 3), 0.5, np.float32)


def test_logits_are_put_through_a_softmax() -> None:
    model, given = Tiny(), images()
    expected = softmax(in_numpy(given)["dense"])
    found = classify(model, given)
    assert len(found) == 2
    for each, probabilities in zip(found, expected, strict=True):
        assert [one.probability for one in each] == pytest.approx(sorted(probabilities, reverse=True), abs=1e-6)
        best = int(np.argmax(probabilities))
        assert (each[0].index, each[0].label) == (best, Tiny.labels[best])


def test_one_program_serves_all_images_of_a_size() -> None:
    model, given = Tiny(), images(batch=3)
    together = classify(model, given)
    assert together == [classify(model, each)[0] for each in given]
    assert model.asked == ["dense"]
    for side in range(2, 4 + MAX_SIZES):
        classify(model, np.zeros((side, side, 3), np.float32))
    assert len(model.kept["class programs"]) == MAX_SIZES


@pytest.mark.parametrize("activation", ["softmax", "sigmoid"])
def test_probabilities_are_taken_as_they_are(activation: str) -> None:
    model = dense(activation, COLORS, labels=["red", "green", "blue"])
    scores = GRAY.mean((0, 1)) @ np.asarray(COLORS)
    expected = softmax(scores) if activation == "softmax" else 1 / (1 + np.exp(-scores))
    assert by_index(classify(model, GRAY)[0]) == pytest.approx(expected, abs=1e-6)


def test_a_softmax_made_of_other_operations_is_recognized_by_its_sum() -> None:
    class Decomposed(Tiny):
        def __init__(self) -> None:
            super().__init__()
            build = self.network.evaluator
            self.network.evaluator = lambda *args: (  # type: ignore[method-assign]
                lambda name: tf.exp(build(*args)(name)) / tf.reduce_sum(tf.exp(build(*args)(name)), -1, keepdims=True)
            )

    given = images(batch=1)
    assert by_index(classify(Decomposed(), given)[0]) == pytest.approx(softmax(in_numpy(given)["dense"])[0], abs=1e-6)


def test_scores_with_positions_are_averaged_before_the_softmax() -> None:
    image = keras.Input((None, None, 3))
    layer = keras.layers.Conv2D(2, 1, name="scores")
    network = keras.Model(image, layer(image))
    weights = np.asarray([[2.0, -1.0], [0.0, 1.0], [1.0, 1.0]], np.float32)
    layer.set_weights([weights[None, None], np.zeros(2)])
    model = models.from_keras(network, image_value_range=(0, 1), labels=["a", "b"])
    given = images(batch=1)[0]
    assert by_index(classify(model, given)[0]) == pytest.approx(softmax(given.mean((0, 1)) @ weights), abs=1e-6)


def test_without_labels_the_last_layer_shows_whether_there_are_classes() -> None:
    model = dense("softmax", COLORS, labels=None)
    assert (class_layer(model), score_layer(model), logit_layer(model)) == (None, "preds", "preds:pre")
    assert classify(model, GRAY, top=1)[0][0].label == "class 1"
    logits = dense(None, COLORS, labels=None)
    assert (class_layer(logits), score_layer(logits), logit_layer(logits)) == (None, "preds", "preds")
    assert classify(logits, GRAY, top=1)[0][0].label == "class 1"
    embedding = dense("tanh", COLORS, labels=None)
    assert score_layer(embedding) is None
    assert sees(embedding, GRAY[None]) == ""
    with pytest.raises(ModelError, match="no layer that scores classes"):
        classify(embedding, GRAY)


def test_equal_probabilities_come_in_the_order_of_the_classes() -> None:
    model = dense(None, np.zeros((3, 7)), labels=list("abcdefg"))
    assert [each.label for each in classify(model, GRAY)[0]] == list("abcde")
    assert len(classify(model, GRAY, top=100)[0]) == 7
    with pytest.raises(OutOfRangeError):
        classify(model, GRAY, top=0)


def test_bytes_are_divided_by_255_and_alpha_is_blended_over_gray() -> None:
    model = dense(None, COLORS, labels=["red", "green", "blue"])
    levels = np.asarray(images(batch=1)[0] * 255, np.uint8)
    assert classify(model, levels) == classify(model, levels / np.float32(255))
    transparent = np.concatenate([images(batch=1)[0], np.zeros((4, 5, 1), np.float32)], -1)
    expected = softmax(np.full(3, 0.5) @ np.asarray(COLORS))
    assert by_index(classify(model, transparent)[0]) == pytest.approx(expected, abs=1e-6)
    white = classify(model, np.ones((4, 4, 3), np.float32))
    assert classify(model, np.ones((4, 4, 1), np.float32)) == white


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (np.full((4, 4, 3), 200.0), "above 1.5"),
        (np.full((4, 4, 3), np.nan), "NaN"),
        (np.zeros((4, 4)), r"shape \(4, 4\)"),
        (np.zeros((4, 4, 3), np.int64), "int64"),
        (np.zeros((0, 4, 3)), "shape"),
    ],
)
def test_what_is_no_image_is_refused(given: Any, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        classify(Tiny(), given)


def test_an_image_of_another_size_is_resized_if_the_network_insists_on_its_own() -> None:
    image = keras.Input((4, 4, 3))
    layer = keras.layers.Dense(2, name="scores")
    network = keras.Model(image, layer(keras.layers.Flatten()(image)))
    model = models.from_keras(network, image_value_range=(0, 1), labels=["a", "b"])
    small = classify(model, GRAY)
    assert by_index(classify(model, np.full((1, 9, 7, 3), 0.5, np.float32))[0]) == pytest.approx(
        by_index(small[0]), abs=1e-6
    )
    with pytest.raises(ModelError):
        classify(model, np.zeros((4, 4, 7), np.float32))


def test_percents_do_not_claim_certainty() -> None:
    words = {0: "0 %", 0.001: "<1 %", 0.006: "1 %", 0.624: "62 %", 0.997: ">99 %", 1: "100 %"}
    assert {probability: percent(probability) for probability in words} == words
    assert str(Prediction(3, "ladybug", 0.62)) == "ladybug 62 %"


def test_a_class_becomes_an_objective() -> None:
    assert class_objective(Tiny(), 1) == objectives.class_logit("dense", "dog")
    # Probabilities have almost no gradient.
    fused = dense("softmax", COLORS, labels=["red", "green", "red"])
    assert repr(class_objective(fused, 0)) == 'class_logit("preds:pre", "red")'
    # The name would stand for the first of the two classes.
    assert repr(class_objective(fused, 2)) == 'class_logit("preds:pre", 2)'
    with pytest.raises(OutOfRangeError):
        class_objective(fused, 3)


def test_text_that_names_a_class_maximizes_its_logit() -> None:
    fused = dense("softmax", COLORS, labels=["red", "green", "blue"])
    assert repr(objectives.as_objective("green", fused)) == 'class_logit("preds:pre", "green")'


def test_render_vis_prints_what_the_network_sees(capsys: pytest.CaptureFixture[str]) -> None:
    given = images(batch=1)
    render_vis(Tiny(), "relu:0", pixels(given), thresholds=(0,), transforms=[], show_image=False)
    probabilities = softmax(in_numpy(given)["dense"])[0]
    words = [f"{Tiny.labels[each]} {percent(probabilities[each])}" for each in np.argsort(-probabilities)]
    assert capsys.readouterr().out.splitlines() == ["step 0", f"sees: {', '.join(words)}"]
    render_vis(Tiny(), "relu:0", pixels(images()), thresholds=(0,), transforms=[], show_image=False)
    assert "(mean of 2 images)" in capsys.readouterr().out


def test_lines_hold_the_first_of_several_names() -> None:
    model = dense(None, COLORS, labels=["wool, woolen", "net", "sea"], bias=[9, 0, 0])
    assert sees(model, GRAY[None], 1) == "wool >99 %"


@pytest.mark.slow
def test_planned_changes_take_what_the_first_objective_takes() -> None:
    model = Tiny()
    by_name = iter_vis(model, "relu:0", pixels(images()), steps=4, every=2, changes={2: {"objective": "dog"}})
    in_full = {2: {"objective": objectives.class_logit("dense", "dog")}}
    expected = iter_vis(model, "relu:0", pixels(images()), steps=4, every=2, changes=in_full)
    for one, other in zip(by_name, expected, strict=True):
        np.testing.assert_array_equal(one.images, other.images)
    assert repr(by_name.changes[-1].objective) == 'class_logit("dense", "dog")'
