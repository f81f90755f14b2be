"""Attributions of networks that are computed by hand."""

from __future__ import annotations

from typing import Any, get_args

import keras
import numpy as np
import pytest
from attribution.networks import BIAS, IMAGE, WEIGHTS, network

from lucid_widgets import attribution, models, objectives
from lucid_widgets.attribution import At, Method
from lucid_widgets.errors import ArgumentError, ModelError, OutOfRangeError, UnknownNameError

FOX, OWL = (WEIGHTS[:, index].reshape(2, 2, 3) for index in range(2))


@pytest.fixture(scope="module")
def linear() -> Any:
    return network()


@pytest.fixture(scope="module")
def squares() -> Any:
    return network(lambda features: keras.layers.Multiply(name="squares")([features, features]))


def test_activations_come_from_one_pass(linear: Any) -> None:
    found = attribution.activations(linear, np.uint8(255 * IMAGE), ["scores", "features", "input"])
    assert list(found) == ["scores", "features", "input"]
    levels = np.uint8(255 * IMAGE) / 255
    np.testing.assert_allclose(found["features"], levels, rtol=1e-6)
    np.testing.assert_allclose(found["input"], levels, rtol=1e-6)
    np.testing.assert_allclose(found["scores"], levels.reshape(-1) @ WEIGHTS + BIAS, rtol=1e-5)


@pytest.mark.parametrize("method", ["integrated_gradients", "gradient_x_activation", "hires_cam"])
def test_of_a_linear_layer_is_weight_times_activation(linear: Any, method: Method) -> None:
    found = attribution.spatial_attribution(linear, IMAGE, "features", "fox", method=method, steps=4)
    np.testing.assert_allclose(found.contributions, FOX * IMAGE, rtol=1e-5)
    np.testing.assert_allclose(found.values, (FOX * IMAGE).sum(-1), rtol=1e-5)
    assert found.value == pytest.approx((FOX * IMAGE).sum() + 0.5, rel=1e-5)
    assert (found.baseline_value, found.error) == (pytest.approx(0.5), pytest.approx(0, abs=1e-5))
    channels = attribution.channel_attribution(linear, IMAGE, "features", "fox", method=method, steps=4)
    np.testing.assert_allclose(channels.values, (FOX * IMAGE).sum((0, 1)), rtol=1e-5)


@pytest.mark.parametrize(
    "target", [("owl", "fox"), (1, 0), objectives.class_logit("scores", "owl") - objectives.class_logit("scores", 0)]
)
def test_of_a_difference_of_classes(linear: Any, target: Any) -> None:
    found = attribution.spatial_attribution(linear, IMAGE, "features", target, steps=2)
    np.testing.assert_allclose(found.contributions, (OWL - FOX) * IMAGE, rtol=1e-5, atol=1e-6)
    assert found.baseline_value == pytest.approx(-1.5)


def test_starts_from_a_baseline(linear: Any) -> None:
    mean = np.asarray([0.5, 0.25, 0.0])
    found = attribution.spatial_attribution(linear, IMAGE, "features", "fox", baseline=mean, steps=2)
    np.testing.assert_allclose(found.contributions, FOX * (IMAGE - mean), rtol=1e-5, atol=1e-6)
    assert found.error == pytest.approx(0, abs=1e-5)


def test_grad_cam_averages_gradients_and_drops_negative_sums(linear: Any) -> None:
    found = attribution.spatial_attribution(linear, IMAGE, "features", "fox", method="grad_cam")
    np.testing.assert_allclose(found.contributions, FOX.mean((0, 1)) * IMAGE, rtol=1e-5, atol=1e-6)
    against = attribution.spatial_attribution(linear, IMAGE, "features", -objectives.class_logit("scores", "fox"))
    assert against.values.min() < 0
    none = attribution.spatial_attribution(
        linear, IMAGE, "features", -objectives.class_logit("scores", "fox"), method="grad_cam"
    )
    np.testing.assert_array_equal(none.values, np.maximum(-(FOX.mean((0, 1)) * IMAGE).sum(-1), 0))


def test_only_integrated_gradients_are_complete_for_a_curved_network(squares: Any) -> None:
    # The gradient of w * A**2 is 2 * w * A. Its mean along the path is w * A.
    path = attribution.spatial_attribution(squares, IMAGE, "features", "fox", steps=3)
    np.testing.assert_allclose(path.contributions, FOX * IMAGE**2, rtol=1e-5, atol=1e-6)
    assert path.error == pytest.approx(0, abs=1e-5)
    local = attribution.spatial_attribution(squares, IMAGE, "features", "fox", method="gradient_x_activation")
    np.testing.assert_allclose(local.contributions, 2 * FOX * IMAGE**2, rtol=1e-5, atol=1e-6)
    assert local.error == pytest.approx(1, rel=1e-4)


def test_smoothed_max_pools_share_their_gradient() -> None:
    pooled = network(lambda features: keras.layers.MaxPooling2D(2, name="pool")(features))
    arguments: Any = {"method": "gradient_x_activation"}
    sharp = attribution.spatial_attribution(pooled, IMAGE, "features", "fox", **arguments)
    largest = IMAGE.max((0, 1)) == IMAGE
    weights = WEIGHTS[:3, 0]
    np.testing.assert_allclose(sharp.contributions, largest * IMAGE * weights, rtol=1e-5)
    smooth = attribution.spatial_attribution(pooled, IMAGE, "features", "fox", smooth_max_pool=True, **arguments)
    np.testing.assert_allclose(smooth.contributions, IMAGE * weights / 4, rtol=1e-5)


def test_from_layer_to_layer_follows_the_direction_at_a_position(squares: Any) -> None:
    found = attribution.spatial_attribution(squares, IMAGE, "features", At("squares", 1, 0), steps=2)
    vector = IMAGE[1, 0] ** 2
    length = np.sqrt((vector**2).sum())
    expected = np.zeros((2, 2, 3))
    expected[1, 0] = vector**2 / length
    np.testing.assert_allclose(found.contributions, expected, rtol=1e-5)
    assert found.value == pytest.approx(length, rel=1e-5)


def test_a_branch_around_the_layer_keeps_its_values() -> None:
    def shortcut(features: Any) -> Any:
        half = keras.layers.Rescaling(0.5, name="half")(features)
        return keras.layers.Add(name="sum")([features, half])

    found = attribution.spatial_attribution(network(shortcut), IMAGE, "half", "fox", steps=2)
    np.testing.assert_allclose(found.contributions, FOX * IMAGE / 2, rtol=1e-5, atol=1e-6)
    assert found.baseline_value == pytest.approx((FOX * IMAGE).sum() + 0.5, rel=1e-5)


def test_layers_without_positions_have_channels_only(linear: Any) -> None:
    found = attribution.channel_attribution(linear, IMAGE, "flat", "owl", steps=2)
    np.testing.assert_allclose(found.values, WEIGHTS[:, 1] * IMAGE.reshape(-1), rtol=1e-5)
    with pytest.raises(ArgumentError, match=r"^Layer 'flat' has no positions: .* Use channel_attribution"):
        attribution.spatial_attribution(linear, IMAGE, "flat", "owl")


def test_pixels_are_a_layer_too(linear: Any) -> None:
    found = attribution.spatial_attribution(linear, IMAGE, "input", "fox", steps=2)
    np.testing.assert_allclose(found.contributions, FOX * IMAGE, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (IMAGE[..., :2], r"^The image has 2 channels, but .* takes 3\."),
        (IMAGE - 0.5, r"^The values of the image range from -0\.5 to 0\.5\."),
        (np.stack([IMAGE, IMAGE]), "^There are 2 images"),
        (255 * IMAGE, "above 1.5"),
    ],
)
def test_refuses_what_is_no_image_of_the_network(linear: Any, image: Any, message: str) -> None:
    for call in (
        lambda: attribution.activations(linear, image, ["features"]),
        lambda: attribution.spatial_attribution(linear, image, "features", "fox"),
    ):
        with pytest.raises(ArgumentError, match=message):
            call()


def test_refuses_unknown_names_before_work(linear: Any) -> None:
    def attribute(layer: str = "features", target: Any = "fox", **settings: Any) -> Any:
        return attribution.spatial_attribution(linear, IMAGE, layer, target, **settings)

    with pytest.raises(UnknownNameError, match=r"no layer named 'feature'.* 'features'"):
        attribute("feature")
    with pytest.raises(UnknownNameError, match=r"no class named 'foxx'. Did you mean 'fox'\?"):
        attribute(target="foxx")
    with pytest.raises(UnknownNameError, match=r"no class named 'ow'. Did you mean 'owl'\?"):
        attribute(target=("fox", "ow"))
    with pytest.raises(OutOfRangeError):
        attribute(target=2)
    with pytest.raises(UnknownNameError, match=r"no method named 'gradcam'. Did you mean 'grad_cam'"):
        attribute(method="gradcam")
    with pytest.raises(ArgumentError, match="tuple of 3"):
        attribute(target=("fox", "owl", "fox"))
    with pytest.raises(ArgumentError, match=r"^The baseline has the shape"):
        attribute(baseline=[1, 2])
    with pytest.raises(OutOfRangeError, match="row is 2"):
        attribute(target=At("features", 2, 0))
    with pytest.raises(ArgumentError, match="does not depend on layer 'flat'"):
        attribution.channel_attribution(linear, IMAGE, "flat", "features:0")
    with pytest.raises(OutOfRangeError, match="steps is 0"):
        attribute(steps=0)
    with pytest.raises(ArgumentError, match="layers is 'features'"):
        attribution.activations(linear, IMAGE, "features")
    with pytest.raises(ArgumentError, match="layers is empty"):
        attribution.activations(linear, IMAGE, [])


def test_a_model_without_labels_takes_indices() -> None:
    model = network()
    model.labels = None
    with pytest.raises(ModelError, match=r"has no labels\. Pass the index of the class"):
        attribution.spatial_attribution(model, IMAGE, "features", "fox")
    found = attribution.spatial_attribution(model, IMAGE, "features", 1, steps=2)
    np.testing.assert_allclose(found.contributions, OWL * IMAGE, rtol=1e-5, atol=1e-6)


def test_a_model_without_classes_takes_other_targets() -> None:
    image = keras.Input((2, 2, 3))
    features = keras.layers.Rescaling(2.0, name="double")(image)
    model = models.from_keras(keras.Model(image, features), image_value_range=(0, 1))
    for target in ("fox", 1):
        with pytest.raises(ModelError, match="no layer that scores classes"):
            attribution.spatial_attribution(model, IMAGE, "input", target)
    # A channel is a mean over four positions.
    found = attribution.spatial_attribution(model, IMAGE, "input", "double:1", steps=2)
    np.testing.assert_allclose(found.values, 2 * IMAGE[..., 1] / 4, rtol=1e-5)


def test_equal_structures_share_compiled_functions() -> None:
    model = network()
    for target in ("fox", "owl"):
        for method in get_args(Method):
            attribution.channel_attribution(model, IMAGE, "features", target, method=method, steps=2)
    # One for the activations, one for two ends of the path, and one for the ends and two steps.
    assert len(model.kept["attribution programs"]) == 3
