"""Models as Lucid's notebooks define and use them: class attributes, layers, synsets, helpers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from modelzoo.tiny_nets import VALUE_RANGE, evaluate, images, two_towers, write

from lucid_widgets.errors import ArgumentError, ModelError, UnknownNameError
from lucid_widgets.misc.io import showing
from lucid_widgets.modelzoo import util, wordnet
from lucid_widgets.modelzoo.graphdef.graph import FrozenGraph
from lucid_widgets.modelzoo.serialized_models import FrozenGraphModel, SerializedModel
from lucid_widgets.modelzoo.vision_base import Layer, Model
from lucid_widgets.modelzoo.vision_models import InceptionV1, as_model

v1 = tf.compat.v1


@pytest.fixture
def network(tmp_path: Path) -> type[Model]:
    """A class as in Lucid's documentation."""
    (tmp_path / "synsets.txt").write_text("n02099601\nn01440764\n")
    (tmp_path / "labels.txt").write_text("golden retriever\ntench\n")

    class FrozenNetwork(Model):
        model_path = str(write(two_towers(), tmp_path / "towers.pb"))
        labels_path = str(tmp_path / "labels.txt")
        synsets_path = str(tmp_path / "synsets.txt")
        image_shape = (8, 8, 3)
        image_value_range = VALUE_RANGE
        input_name = "image"

    return FrozenNetwork


def test_class_with_model_path_is_a_complete_model(network: type[Model]) -> None:
    model = network()
    assert isinstance(model, network)
    assert isinstance(model.network, FrozenGraph)
    assert (model.name, as_model(model)) == ("FrozenNetwork", model)
    assert model.labels == ["golden retriever", "tench"]
    model.load_graphdef()
    (both,) = evaluate(model, ["both"], images())
    np.testing.assert_allclose(both[0, 0, 0], [0, 3, 7])


def test_model_name_replaces_the_class_name(network: Any) -> None:
    class Named(network):  # type: ignore[misc]
        model_name = "two towers"

    assert Named().name == "two towers"


def test_model_without_path_says_what_to_set() -> None:
    with pytest.raises(ModelError, match=r"^Model does not say where its network is\. Set model_path"):
        Model()


def test_rejects_post_import(network: Any) -> None:
    with pytest.raises(ModelError, match=r"Late defines post_import, which nothing calls\. Define edit_graph"):

        class Late(network):  # type: ignore[misc]
            def post_import(self, scope: str) -> None: ...


def test_synsets_are_read_from_synsets_path(network: type[Model], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wordnet, "synset_from_id", str.upper)
    model = network()
    assert model.synset_ids == ["n02099601", "n01440764"]
    assert model.synsets == ["N02099601", "N01440764"]
    model = network()
    model.synsets_path = None
    with pytest.raises(ModelError, match=r"^FrozenNetwork has no list of synsets\. Set synsets_path"):
        model.synset_ids  # noqa: B018


def test_real_network_has_synsets_and_labels(models_dir: Path) -> None:
    model = InceptionV1(models_dir / "inception_v1_bvlc.pb")
    assert model.dataset == "ImageNet"
    assert len(model.synset_ids) == len(model.labels or ()) == 1000
    assert model.synset_ids[207] == "n02099601"
    assert (model.labels or ())[207] == "golden retriever"


def test_show_graph_draws_the_network(network: type[Model]) -> None:
    graph = network().show_graph()
    drawn = [name for name, *_ in graph._graph_layers]
    assert {"left", "right", "both"} <= set(drawn)
    assert ["both", "concat", "8 × 8", 3] in graph._graph_layers
    links = [[drawn[to], "image" if source < 0 else drawn[source]] for source, to in graph._graph_links]
    assert {("left", "image"), ("both", "left"), ("both", "right")} <= {tuple(link) for link in links}
    graph.selected = "both"
    assert graph.layer.channels == 3
    still = graph._repr_mimebundle_()[0]["text/html"]
    assert f"<summary>{graph.model_name}: {len(drawn)} layers</summary>" in still
    assert "<tr><th>both</th><th>concat</th><th>8 × 8</th><th>3</th></tr>" in still
    assert "<td>left</td>" in still
    with pytest.raises(UnknownNameError, match="no layer named 'bot'"):
        graph.selected = "bot"
    graph.close()
    again = showing.graph(two_towers())
    assert {name for name, *_ in again._graph_layers} <= set(drawn)
    again.close()


def test_create_input_returns_given_and_scaled_images(network: type[Model]) -> None:
    given, fed = network().create_input(tf.constant(images()[0]))
    np.testing.assert_allclose(given, images()[0])
    np.testing.assert_allclose(fed, images() * 4)


def test_placeholder_is_created_only_in_a_session(network: type[Model]) -> None:
    with tf.Graph().as_default(), v1.Session() as session:
        T = network().import_graph()
        assert session.run(T("left"), {T("input"): images()[0]})[0, 0, 0].tolist() == [0, 3]
    with pytest.raises(ArgumentError, match=r"^No images were given\. Pass t_input"):
        network().create_input()


def test_layers_have_lucids_attributes() -> None:
    layer = Layer("mixed4a_pre_relu", "concat", 512, 0.5)
    assert (layer.depth, layer["depth"], layer["name"]) == (512, 512, "mixed4a_pre_relu")
    assert layer.tags == layer["tags"] == {"conv", "pre_relu"}
    assert Layer("conv2d0", "conv", 64, 0.1).tags == {"conv"}
    with pytest.warns(DeprecationWarning, match=r"Layer\.channels"):
        assert layer.size == 512
    with pytest.warns(DeprecationWarning, match=r"layer\.kind"):
        assert layer["type"] == "concat"
    with pytest.raises(UnknownNameError, match=r"no property named 'dept'\. Did you mean 'depth'"):
        layer["dept"]
    with pytest.raises(ArgumentError, match=r"model\.get_activations"):
        layer.activations  # noqa: B018


def test_loads_folder_with_manifest(tmp_path: Path) -> None:
    write(two_towers(), tmp_path / "towers.pb")
    manifest = {
        "model_path": "./towers.pb",
        "input_name": "image",
        "image_shape": [8, 8, 3],
        "image_value_range": [0, 4],
    }
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    with pytest.warns(DeprecationWarning, match=r"Model\.load_from_manifest"):
        old = SerializedModel.from_directory(tmp_path)
    for model in (old, FrozenGraphModel(tmp_path, manifest)):
        assert model.manifest == manifest
        np.testing.assert_allclose(evaluate(model, ["logits"], images())[0], [[3, 7, 10, 0]])


def test_graph_def_helper_finds_nodes_by_name_type_and_distance() -> None:
    helper = util.GraphDefHelper(two_towers())
    assert [node.name for node in helper.by_op["Relu"]] == ["left", "right"]
    assert helper.by_op["Placebo"] == []
    near = {node.name for node in helper.neighborhood(helper.by_name["both"], degree=1)}
    assert near == {"left", "right", "axis", "both", "pool"}
    assert "image" in {node.name for node in helper.neighborhood(helper.by_name["both"])}


def test_freezes_a_session() -> None:
    with tf.Graph().as_default(), v1.Session() as session:
        image = v1.placeholder(tf.float32, [None, 2], "image")
        variable = v1.get_variable("w", initializer=np.float32([[1], [2]]), use_resource=False)
        tf.matmul(image, variable, name="out")
        session.run(v1.global_variables_initializer())
        frozen = util.frozen_default_graph_def(["image"], ["out"])
        with pytest.raises(UnknownNameError, match="'imag'"):
            util.frozen_default_graph_def(["imag"], ["out"])
    assert {node.op for node in frozen.node} <= {"Placeholder", "Const", "Identity", "MatMul"}
