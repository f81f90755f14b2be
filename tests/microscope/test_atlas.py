"""Atlases: directions and attributions that are computed by hand, layouts, and what a second run makes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import zarr
from microscope.atlases import drawn_atlas
from PIL import Image

from lucid_widgets import Atlas, ImageSet, Microscope, models, render_atlas, render_many, render_model
from lucid_widgets.attribution.from_layer import FromLayer
from lucid_widgets.errors import ArgumentError, LucidError, MissingFileError, ModelError, UnknownNameError
from lucid_widgets.evidence.passes.plan import make_plan as make_pass
from lucid_widgets.microscope.atlas import layout as layouts
from lucid_widgets.microscope.atlas import rendering
from lucid_widgets.microscope.atlas.grids import RIDGE, cells_of, whitening_of
from lucid_widgets.microscope.atlas.layout import laid_out, turned
from lucid_widgets.microscope.atlas.samples import take_samples
from lucid_widgets.misc.io.serialize_array import to_uint8
from lucid_widgets.modelzoo.graphdef.inception_v1 import InceptionV1
from lucid_widgets.optvis import objectives

pytestmark = pytest.mark.slow

SETTINGS: dict[str, Any] = {"steps": 2, "image_size": 4, "batch": 4, "transforms": "nothing", "verbose": False}
FIRST = np.array([[1, 0], [0, 2], [0, 0]], np.float32)  # two channels: red, and twice green
HEAD = np.array([[4, -4, 8], [0, 16, -8]], np.float32)  # two channels by three classes
LABELS = ["red", "green", "both"]
COUNT = 24


@pytest.fixture(scope="module")
def network() -> Any:
    """The logits are linear in the layer "first", which is linear in the pixels."""
    image = keras.Input((4, 4, 3))
    first = keras.layers.Conv2D(2, 1, use_bias=False, name="first")
    scores = keras.layers.Dense(3, use_bias=False, name="scores")
    made = keras.Model(image, scores(keras.layers.GlobalAveragePooling2D(name="mean")(first(image))))
    first.set_weights([FIRST[None, None]])
    scores.set_weights([HEAD])
    return models.from_keras(made, image_value_range=(0, 1), labels=LABELS, name="Linear")


@pytest.fixture(scope="module")
def data() -> ImageSet:
    """Images of one color each: the first half red, the second half green."""
    images = np.zeros((COUNT, 4, 4, 3), np.uint8)
    images[: COUNT // 2, ..., 0] = np.arange(120, 120 + COUNT // 2)[:, None, None]
    images[COUNT // 2 :, ..., 1] = np.arange(60, 60 + COUNT // 2)[:, None, None]
    return ImageSet.from_array(images, labels=["r"] * (COUNT // 2) + ["g"] * (COUNT // 2))


def left_and_right(per_image: int) -> np.ndarray:
    """Red images on the left of the upper half, green ones on the right of the lower half."""
    red = np.arange(COUNT * per_image) < COUNT * per_image // 2
    return np.where(red[:, None], [[0.1, 0.2]], [[0.9, 0.7]])


@pytest.fixture(scope="module")
def atlas(network: Any, data: ImageSet, tmp_path_factory: pytest.TempPathFactory) -> Atlas:
    return render_atlas(
        network,
        "first",
        data,
        tmp_path_factory.mktemp("atlas"),
        grids=(4, 2),
        per_image=2,
        layout=left_and_right(2),
        **SETTINGS,
    )


def test_attributions_of_a_linear_head(atlas: Atlas) -> None:
    red = np.arange(120, 120 + COUNT // 2).mean() / 255
    green = 2 * np.arange(60, 60 + COUNT // 2).mean() / 255
    assert atlas.grids == (2, 4)
    assert atlas.places(2).tolist() == [[0, 0], [1, 1]]
    assert atlas.places(4).tolist() == [[0, 0], [2, 3]]
    assert atlas.sizes(2).tolist() == [COUNT, COUNT]
    # The logits are means over 16 positions, so one position has a sixteenth of their gradient.
    wanted = np.stack([red * HEAD[0], green * HEAD[1]]) / 16
    assert atlas.attributions(2) == pytest.approx(wanted, abs=1e-5)
    assert atlas.attribution("both", "red", grid=2) == pytest.approx(wanted[:, 2] - wanted[:, 0], abs=1e-5)
    cell = atlas.cell(4, 0, 0)
    assert cell.count == COUNT
    assert [label for label, _ in cell.classes] == ["both", "red"]
    assert [value for _, value in cell.classes] == pytest.approx([8 * red / 16, 4 * red / 16], abs=1e-5)


def test_directions_are_whitened_means(atlas: Atlas) -> None:
    activations = atlas.activations().astype(float)
    products = activations.T @ activations / len(activations)
    assert products[0, 1] == 0  # no image is both red and green
    matrix = np.linalg.inv(products + RIDGE * np.trace(products) / 2 * np.eye(2))
    assert whitening_of(atlas.activations()) == pytest.approx(matrix, rel=1e-5)
    assert atlas.directions(2) == pytest.approx(np.eye(2), abs=1e-6)


def test_whitening_removes_what_all_cells_share() -> None:
    activations = np.array([[10, 1], [10, -1]] * 10, np.float32)
    layout = np.array([[0.2, 0.5], [0.8, 0.5]] * 10)
    arguments: dict[str, Any] = {"fewest": 1, "whitening": whitening_of(activations)}
    cells = cells_of(layout, activations, np.zeros((20, 0), np.float32), np.arange(20), 2, **arguments)
    inverse = np.array([1 / (100 + 0.505), 1 / (1 + 0.505)])
    wanted = np.array([10, 1]) * inverse / np.linalg.norm(np.array([10, 1]) * inverse)
    assert cells.directions == pytest.approx(np.stack([wanted, wanted * [1, -1]]), rel=1e-5)
    plain = cells_of(layout, activations, np.zeros((20, 0), np.float32), np.arange(20), 2, fewest=1, whitening=None)
    assert plain.directions[0] == pytest.approx(np.array([10, 1]) / np.sqrt(101), rel=1e-5)


def test_images_are_those_of_the_directions(atlas: Atlas, network: Any) -> None:
    wanted = [objectives.direction_neuron("first", each, cossim_pow=1) for each in atlas.directions(2)]
    settings = {name: value for name, value in SETTINGS.items() if name != "batch"}
    alone = render_many(network, wanted, batch=2, **settings)
    assert np.array_equal(atlas.images(2), to_uint8(alone))
    picture = atlas.picture()
    assert picture.shape == (8, 8, 3)
    assert np.array_equal(picture[:4, :4], atlas.images(2)[0])
    assert (picture[:4, 4:] == 255).all()
    assert atlas.complete
    assert atlas.counts == (4, 4)


def test_names_the_images_of_a_cell(atlas: Atlas, data: ImageSet) -> None:
    cell = atlas.cell(2, 1, 1)
    assert len(set(cell.images)) == 6
    assert all(int(name) >= COUNT // 2 for name in cell.images)
    named, crops = atlas.crops(2, cell.number)
    assert {label for _, label in named} == {"g"}
    for (name, _), crop in zip(named, crops, strict=True):
        assert (crop == data.image(int(name))[0, 0]).all()


def test_opens_with_zarr_alone(atlas: Atlas) -> None:
    images = zarr.open_group(f"{atlas.path}/layers.zarr", mode="r")["grid2/images"]
    assert images.shape == (1, 2, 4, 4, 3)
    group = zarr.open_group(f"{atlas.path}/atlas.zarr", mode="r")
    assert np.array_equal(group["grid2/attributions"][...], atlas.attributions(2))
    assert Microscope.open(atlas.path).record("grid2:1")["objective"] == (
        'direction_neuron("first", directions[1], cossim_pow=1)'
    )


def test_a_second_run_makes_only_what_has_changed(
    network: Any, data: ImageSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def again(layout: np.ndarray, **more: Any) -> list[int]:
        rendered: list[int] = []
        render_atlas(
            network,
            "first",
            data,
            tmp_path,
            **{"grids": 4, "per_image": 1, "layout": layout, "fewest": 2, **SETTINGS, "batch": 1, **more},
            on_progress=lambda progress: rendered.append(progress.done),
        )
        return rendered

    layout = left_and_right(1)
    assert again(layout) == [1, 2]
    monkeypatch.setattr(rendering, "take_samples", None)
    assert again(layout) == []
    moved = layout.copy()
    moved[0] = [0.6, 0.7]  # a red one leaves, and is alone in its cell: another mean, but the same direction
    assert again(moved) == []
    moved[:6] = [0.9, 0.7]  # the cell of the green ones gets another direction
    assert again(moved) == [2]
    assert again(moved, whiten=False) == [2]


def test_methods_and_alignment(atlas: Atlas) -> None:
    random = np.random.default_rng(0)
    centers = np.array([[9, 0, 0, 1], [0, 9, 0, 1], [0, 0, 9, 1]], np.float32)
    activations = (np.repeat(centers, 20, 0) + random.normal(size=(60, 4))).astype(np.float32)
    places = laid_out(activations, "tsne", seed=0)
    assert places.shape == (60, 2)
    assert places.min() == 0
    assert places.max() == 1
    means = places.reshape(3, 20, 2).mean(1)
    apart = min(np.linalg.norm(means[a] - means[b]) for a, b in [(0, 1), (0, 2), (1, 2)])
    assert places.reshape(3, 20, 2).std(1).max() < apart / 2
    angle = 0.7
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ np.diag([1, -1])
    assert turned(3 * places @ turn + 5, places) == pytest.approx(places, abs=1e-5)
    # A layout that hardly matches keeps its spread.
    other = turned(np.random.default_rng(1).normal(size=places.shape), places)
    assert other.mean(0) == pytest.approx(places.mean(0), abs=1e-5)
    assert other.var(0).sum() == pytest.approx(places.var(0).sum(), rel=1e-5)
    # The same layout again, which is then turned; only outliers had been moved.
    onto = laid_out(activations, "tsne", seed=0, onto=places[:, ::-1])
    assert onto == pytest.approx(places[:, ::-1], abs=0.1)


def test_aligned_atlases_need_the_same_image_parts(
    network: Any, data: ImageSet, atlas: Atlas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[Any] = []
    monkeypatch.setattr(rendering, "checked_method", lambda layout: "umap")
    monkeypatch.setattr(layouts, "aligned_umap", lambda values, options, normalize: given.append(options) or flipped)
    flipped = 7 - 4 * left_and_right(2)
    second = render_atlas(network, "first", data, tmp_path, grids=2, per_image=2, like=atlas, **SETTINGS)
    assert second.layout == pytest.approx(atlas.layout, abs=1e-6)
    assert given[0]["random_state"] == 0
    with pytest.raises(ArgumentError, match=r"of other image parts. Expected the same images, per_image=2 and seed=0"):
        render_atlas(network, "first", data, tmp_path / "b", grids=2, per_image=3, like=atlas, **SETTINGS)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"layout": "umpa"}, UnknownNameError, "umap"),
        ({"layout": [[0.5, 2.0]]}, ArgumentError, "layout has the shape"),
        ({"layout": [[0.5, 0.5]]}, ArgumentError, "1 positions for 24 activations"),
        ({"layer": "fist"}, UnknownNameError, "first"),
        ({"layer": "scores"}, ArgumentError, "no positions"),
        ({"grids": ()}, ArgumentError, "grids is empty"),
        ({"grids": 0}, LucidError, "grid is 0"),
        ({"fewest": 99}, ArgumentError, "No cell of the grid 2 × 2 has 99 activations"),
        ({"images": np.zeros((0, 4, 4, 3), np.uint8)}, ArgumentError, "no images"),
        ({"workers": 2, "client": object()}, ArgumentError, "Both workers and client"),
        ({"transforms": [lambda image: image]}, ArgumentError, "a function of your own"),
    ],
)
def test_refuses(
    network: Any, data: ImageSet, tmp_path: Path, changes: dict[str, Any], error: type[Exception], message: str
) -> None:
    arguments = {"layer": "first", "images": data, "grids": 2, "per_image": 1, "layout": left_and_right(1), **SETTINGS}
    with pytest.raises(error, match=message):
        render_atlas(network, out=tmp_path, **{**arguments, **changes})


def test_umap_is_asked_for_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(module: str, what: str, extra: str) -> Any:
        raise ArgumentError(f"{what} needs {module}, which is not installed.", f'Run pip install "x[{extra}]".')

    monkeypatch.setattr(layouts, "needed", missing)
    with pytest.raises(ArgumentError, match=r'x\[atlas\]". layout="tsne" needs only scikit-learn'):
        layouts.checked_method("umap")


def test_refuses_other_stores(network: Any, data: ImageSet, atlas: Atlas, tmp_path: Path) -> None:
    arguments = {"grids": 2, "per_image": 1, "layout": left_and_right(1), **SETTINGS}
    render_model(network, ["first"], tmp_path, steps=1, image_size=4, transforms="nothing", verbose=False)
    with pytest.raises(ArgumentError, match="holds images of render_model"):
        render_atlas(network, "first", data, tmp_path, **arguments)
    with pytest.raises(ArgumentError, match="holds no atlas"):
        Atlas.open(tmp_path)
    with pytest.raises(MissingFileError):
        Atlas.open(tmp_path / "none")
    drawn = drawn_atlas(tmp_path / "drawn")
    with pytest.raises(ArgumentError, match="holds an atlas of Drawn"):
        render_atlas(network, "first", data, drawn.path, **arguments)
    with pytest.raises(UnknownNameError, match="panda"):
        drawn.attribution("pandas", grid=4)
    with pytest.raises(ArgumentError, match=r"no grid 5\. Expected one of 4, 8"):
        drawn.places(5)


def test_attributions_of_emojinet_are_gradient_times_activation(tmp_path: Path) -> None:
    model = models.EmojiNet()
    images = models.emoji_images(2)
    found = render_atlas(
        model,
        "mixed5a",
        images,
        tmp_path,
        grids=1,
        per_image=1,
        layout=np.full((2, 2), 0.5),
        fewest=1,
        path=1,
        steps=1,
        image_size=32,
        verbose=False,
    )
    samples = zarr.open_group(f"{found.path}/atlas.zarr", mode="r")["samples"]
    for index in range(2):
        network = FromLayer(model, images.image(index)[None].astype(np.float32) / 255, "mixed5a")
        position = int(samples["positions"][index])
        for label in (found.labels[3], found.labels[40]):
            objective = objectives.class_logit(found.about["class_layer"], label)
            _, gradient = network.gradients(objective, network.values[None])
            product = (gradient[0] * network.values).reshape(-1, gradient.shape[-1]).sum(1)[position]
            assert samples["attributions"][index, found.labels.index(label)] == pytest.approx(
                product, rel=1e-3, abs=1e-5
            )
    assert found.attributions(1)[0] == pytest.approx(np.asarray(samples["attributions"]).mean(0), rel=1e-4, abs=1e-6)


def test_a_layer_above_the_classes_has_no_attributions(network: Any, data: ImageSet, tmp_path: Path) -> None:
    image = keras.Input((4, 4, 3))
    branch = keras.layers.Conv2D(2, 1, name="branch")(image)
    pooled = keras.layers.GlobalAveragePooling2D(name="pooled")(keras.layers.Conv2D(2, 1, name="other")(image))
    scores = keras.layers.Dense(3, name="scores")(pooled)
    model = models.from_keras(keras.Model(image, [branch, scores]), (0, 1), labels=LABELS, name="Branches")
    arguments = {"grids": 2, "per_image": 1, "layout": left_and_right(1), **SETTINGS}
    with pytest.raises(ModelError, match="do not depend on 'branch'"):
        render_atlas(model, "branch", data, tmp_path, **arguments)
    found = render_atlas(model, "branch", data, tmp_path, classes=False, **arguments)
    assert found.labels == ()
    assert found.cell(2, 0, 0).classes == ()


def test_attributions_of_a_real_network(models_dir: Path) -> None:
    model = InceptionV1(models_dir / "inception_v1_bvlc.pb")
    with Image.open(models_dir / "dog_cat.jpg") as image:
        photograph = np.asarray(image.convert("RGB").resize((224, 224)))
    passes: dict[str, Any] = {"reduction": "max", "neuron": None, "image_size": None, "keep": 1, "batch": 1, "seed": 0}
    look = make_pass(model, ImageSet.from_array([photograph]), ["mixed5a"], **passes)
    samples = take_samples(look, "softmax2_pre_activation", 2, 1, verbose=False)
    assert samples.attributions.shape == (2, 1000)
    network = FromLayer(model, photograph[None].astype(np.float32) / 255, "mixed5a")
    objective = objectives.class_logit("softmax2_pre_activation", 10)
    _, gradient = network.gradients(objective, network.values[None])
    products = (gradient[0] * network.values).reshape(49, -1).sum(1)
    assert samples.attributions[:, 10] == pytest.approx(products[samples.positions], rel=1e-3, abs=1e-5)


def test_attributions_along_a_path_add_up() -> None:
    model, images = models.EmojiNet(), models.emoji_images(2)
    passes: dict[str, Any] = {"reduction": "max", "neuron": None, "image_size": 32, "keep": 1, "batch": 2, "seed": 0}
    look = make_pass(model, images, ["mixed5a"], **passes)
    assert look.layers[0].field.grid == (2, 2)
    samples = take_samples(look, "logits", 40, 16, verbose=False)
    for index in range(2):
        own = samples.images == index
        positions, first = np.unique(samples.positions[own], return_index=True)
        assert len(positions) == 4
        network = FromLayer(model, images.image(index, look.size)[None].astype(np.float32) / 255, "mixed5a")
        whole, nothing = network.logits(np.stack([network.values, 0 * network.values]))
        assert samples.attributions[own][first].sum(0) == pytest.approx(whole - nothing, abs=0.2)
