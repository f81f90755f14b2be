"""ObjectiveBuilder: terms, code and objective stay in sync, and unfinished terms do no harm."""

from __future__ import annotations

from typing import Any

import ipywidgets
import pytest
from pages import Page
from widgets.objective_builder.builders import Net, ids, kinds, ok

from lucid_widgets.errors import ArgumentError, ExpressionError, LucidError, OutOfRangeError, UnknownNameError
from lucid_widgets.optvis import objectives
from lucid_widgets.optvis.objectives.text import parse
from lucid_widgets.optvis.objectives.tree import Objective
from lucid_widgets.widgets.objective_builder import ObjectiveBuilder


def test_starts_with_the_first_look(builder: ObjectiveBuilder, page: Page) -> None:
    assert builder.objective == objectives.channel("relu", 1)
    assert builder.expression == page.state["expression"] == 'channel("relu", 1)'
    assert builder.terms == [
        {
            "id": 1,
            "kind": "channel",
            "negative": False,
            "weight": 1,
            "enabled": True,
            "arguments": {"layer": "relu", "n_channel": 1, "batch": None},
            "fixed": False,
            "text": 'channel("relu", 1)',
            "problem": {},
        }
    ]
    assert [layer["name"] for layer in page.state["layers"]] == ["conv", "relu", "dead", "dense"]
    assert page.state["_labels"] == ["cat", "dog"]
    assert repr(builder) == '<ObjectiveBuilder Tiny: channel("relu", 1)>'


def test_page_and_python_edit_the_same_terms(builder: ObjectiveBuilder, page: Page) -> None:
    heard: list[str] = []
    builder.observe(lambda change: heard.append(change.new), "expression")
    new = ok(page.command("add_term", kind="total_variation"))["id"]
    ok(page.command("edit_term", id=new, weight=0.5))
    ok(page.command("edit_term", id=1, arguments={"n_channel": 3}))
    ok(page.command("edit_term", id=1, negative=True))
    assert heard == [
        'channel("relu", 1) - 0.001 * total_variation()',
        'channel("relu", 1) - 0.5 * total_variation()',
        'channel("relu", 3) - 0.5 * total_variation()',
        '-channel("relu", 3) - 0.5 * total_variation()',
    ]
    assert builder.objective == parse(builder.expression)
    builder.expression = "conv:2"
    assert page.state["expression"] == 'channel("conv", 2)'
    assert [(term["kind"], term["arguments"]["layer"]) for term in page.state["terms"]] == [("channel", "conv")]
    builder.objective = 2 * objectives.neuron("relu", 0) + objectives.L1()
    assert [(term["kind"], term["weight"]) for term in page.state["terms"]] == [("neuron", 2), ("L1", 1)]


def test_terms_can_be_assigned_in_short_form(builder: ObjectiveBuilder, page: Page) -> None:
    builder.terms = [
        {"kind": "channel", "arguments": {"layer": "conv", "n_channel": 2}},
        {"kind": "L2", "negative": True, "weight": 0.25},
        {"kind": "deepdream", "arguments": {"layer": "relu"}, "enabled": False},
    ]
    assert builder.expression == 'channel("conv", 2) - 0.25 * L2(constant=0.5)'
    assert len(page.state["terms"]) == 3
    before = builder.terms
    builder.terms = [{**term, "weight": 3} for term in before[:1]]
    assert builder.expression == '3 * channel("conv", 2)'
    for wrong, said in [
        ("channel", "Expected a list of dicts|cannot be"),
        ([{"weight": 1}], "a dict with a kind"),
        ([{"kind": "chanel"}], "Did you mean 'channel'"),
        ([{"kind": "channel", "arguments": {"layers": "conv"}}], "Did you mean 'layer'"),
        ([{"kind": "L1", "weight": -1}], "weight of a term is -1. Expected a finite number from 0 up."),
        ([{"kind": "L1", "weight": "much"}], "weight of a term is .much.. Expected a finite number from 0 up"),
        ([{"kind": "L1", "enabled": 1}], "Expected True or False"),
    ]:
        with pytest.raises(LucidError, match=said):
            builder.terms = wrong
    assert builder.expression == '3 * channel("conv", 2)'


def test_rows_keep_their_ids_while_they_are_moved_and_edited(builder: ObjectiveBuilder, page: Page) -> None:
    for kind in ("L1", "L2"):
        ok(page.command("add_term", kind=kind))
    assert kinds(builder) == ["channel", "L1", "L2"]
    twin = ok(page.command("duplicate_term", id=2))["id"]
    assert ids(builder) == [1, 2, twin, 3]
    ok(page.command("move_term", id=3, to=0))
    assert ids(builder) == [3, 1, 2, twin]
    ok(page.command("move_term", id=3, to=99))
    assert ids(builder) == [1, 2, twin, 3]
    ok(page.command("remove_term", id=2))
    assert ids(builder) == [1, twin, 3]
    assert builder.expression == 'channel("relu", 1) - 0.05 * L1(constant=0.5) - 0.05 * L2(constant=0.5)'
    new = ok(page.command("add_term", kind="L1"))["id"]
    assert new not in (1, 2, 3, twin)
    refused = page.command("remove_term", id=2)
    assert refused["error"]["message"] == "The term 2 no longer exists."


def test_disabled_term_stays_when_the_text_is_edited(builder: ObjectiveBuilder, page: Page) -> None:
    ok(page.command("add_term", kind="L1"))
    ok(page.command("edit_term", id=1, enabled=False))
    assert builder.expression == "-0.05 * L1(constant=0.5)"
    ok(page.command("set", expression='channel("conv", 0) + L2() + deepdream("conv")'))
    assert [(term["id"], term["kind"], term["enabled"]) for term in builder.terms] == [
        (1, "channel", False),
        (2, "channel", True),
        (3, "L2", True),
        (4, "deepdream", True),
    ]
    ok(page.command("edit_term", id=1, enabled=True))
    assert builder.expression == 'channel("relu", 1) + channel("conv", 0) + L2() + deepdream("conv")'


def test_an_assignment_in_python_replaces_disabled_terms(builder: ObjectiveBuilder, page: Page) -> None:
    builder.terms = [
        {"kind": "channel", "arguments": {"layer": "relu", "n_channel": 1}},
        {"kind": "deepdream", "arguments": {"layer": "conv"}, "enabled": False},
    ]
    builder.expression = 'channel("relu", 1)'  # nothing new
    assert kinds(builder) == ["channel", "deepdream"]
    builder.expression = 'channel("conv", 0) - 0.05 * L1(constant=0.5)'
    assert kinds(builder) == ["channel", "L1"]
    ok(page.command("edit_term", id=ids(builder)[0], enabled=False))
    builder.objective = objectives.channel("relu", 2)
    assert [(term["kind"], term["enabled"]) for term in builder.terms] == [("channel", True)]


def test_flags_an_unfinished_term_and_keeps_the_objective(builder: ObjectiveBuilder, page: Page) -> None:
    new = ok(page.command("add_term", kind="class_logit"))["id"]
    assert builder.terms[1]["problem"] == {"message": "Choose a class.", "hint": "", "field": "label"}
    assert builder.problem["message"] == "Choose a class."
    assert builder.expression == 'channel("relu", 1)'
    ok(page.command("edit_term", id=1, weight=2))  # waits until the term is finished
    assert builder.expression == 'channel("relu", 1)'
    ok(page.command("edit_term", id=new, arguments={"label": "dog"}))
    assert builder.problem == {}
    assert builder.expression == '2 * channel("relu", 1) + class_logit("dense", "dog")'
    ok(page.command("edit_term", id=new, arguments={"label": "dgo"}))
    assert builder.terms[1]["problem"]["hint"] == "Did you mean 'dog'?"
    ok(page.command("edit_term", id=new, enabled=False))
    assert builder.problem == {}
    assert builder.expression == '2 * channel("relu", 1)'


def test_keeps_the_objective_if_no_term_is_enabled(builder: ObjectiveBuilder, page: Page) -> None:
    ok(page.command("remove_term", id=1))
    assert builder.terms == []
    assert builder.problem["message"] == "No term is enabled."
    assert builder.objective == objectives.channel("relu", 1)
    ok(page.command("add_term", kind="channel"))
    assert builder.problem == {}


def test_change_of_layer_limits_the_channel(builder: ObjectiveBuilder, page: Page) -> None:
    builder.expression = "relu:3"
    ok(page.command("edit_term", id=1, arguments={"layer": "dense"}))
    assert builder.expression == 'channel("dense", 1)'


def test_change_of_kind_keeps_matching_arguments(builder: ObjectiveBuilder, page: Page) -> None:
    builder.expression = 'channel("relu", 3)'
    steps = [
        ("neuron", 'neuron("relu", 3)'),
        ("channel_interpolate", 'channel_interpolate("relu", 3, "relu", 0)'),
        ("deepdream", 'deepdream("relu")'),
        ("total_variation", "-0.001 * total_variation()"),
        ("L1", "-0.05 * L1(constant=0.5)"),
        ("channel", 'channel("relu", 0)'),
    ]
    for kind, text in steps:
        ok(page.command("edit_term", id=1, kind=kind))
        assert builder.expression == text
    ok(page.command("edit_term", id=1, weight=7))
    ok(page.command("edit_term", id=1, kind="L2"))  # a weight that the user chose stays
    assert builder.expression == "7 * L2(constant=0.5)"
    ok(page.command("edit_term", id=1, kind="class_logit"))
    assert builder.terms[0]["arguments"]["layer"] == "dense"


def test_custom_terms_are_code(builder: ObjectiveBuilder, page: Page) -> None:
    builder.expression = "2 * L1() * L2() - 1"
    first, second = builder.terms
    assert (first["kind"], first["weight"], first["arguments"]) == ("custom", 2, {"text": "L1() * L2()"})
    assert (second["kind"], second["weight"], second["negative"]) == ("number", 1, True)
    ok(page.command("edit_term", id=first["id"], arguments={"text": 'L1() * channel("conv", 9)'}))
    assert builder.terms[0]["problem"]["message"] == "Channel 9 is out of range."
    ok(page.command("edit_term", id=first["id"], arguments={"text": 'L1() * channel("conv", 3)'}))
    assert builder.expression == '2 * L1() * channel("conv", 3) - 1'


def test_weights_but_cannot_parse_a_users_function(builder: ObjectiveBuilder, page: Page) -> None:
    mine = Objective(lambda T: T("input"), "brightness")
    builder.objective = mine
    assert (builder.terms[0]["fixed"], builder.terms[0]["text"]) == (True, "Objective(brightness)")
    ok(page.command("add_term", kind="L1"))
    ok(page.command("edit_term", id=1, weight=3))
    assert builder.objective == 3 * mine - 0.05 * objectives.L1(constant=0.5)
    builder.terms = [{"kind": "custom", "arguments": {"objective": mine}}]
    assert builder.objective is mine


def test_checks_typed_text_without_changing_anything(builder: ObjectiveBuilder, page: Page) -> None:
    def check(text: str) -> Any:
        found = ok(page.command("check", text=text))
        return found and (found["message"], text[found["position"] :][: found["length"]])

    assert check('channel("conv", 1) - L1()') is None
    assert check("conv:1") is None
    assert check('chanel("conv", 1)')[0] == "There is no objective named 'chanel'."
    assert check("channel('cnov', 1)") == ("Tiny has no layer named 'cnov'.", "'cnov'")
    assert check('L1() + channel("conv", 17)') == ("Channel 17 is out of range.", "17")
    assert check('class_logit("dense", "dgo")') == ("Tiny has no class named 'dgo'.", '"dgo"')
    assert check('channel("conv", 1, batch=4)') == ("Batch index 4 is out of range.", "4")
    assert check("direction('conv', [1, 2])")[1] == "'conv'"
    assert ok(page.command("check", text="L1() +"))["position"] == 6
    assert builder.expression == 'channel("relu", 1)'


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"expression": "cnov:1"}, UnknownNameError),
        ({"expression": "conv:9"}, OutOfRangeError),
        ({"expression": "conv:"}, ExpressionError),
        ({"batch": 0}, OutOfRangeError),
        ({"image_size": 7}, OutOfRangeError),
        ({"model_name": "x"}, ArgumentError),
        ({"terms": 3}, ArgumentError),
    ],
)
def test_rejected_settings_change_nothing(
    builder: ObjectiveBuilder, page: Page, change: dict[str, Any], error: type[Exception]
) -> None:
    before = dict(page.state)
    with pytest.raises(error):
        builder._change(change) if "terms" not in change and "model_name" not in change else setattr(
            builder, *next(iter(change.items()))
        )
    assert page.state == before
    reply = page.command("set", **change)
    assert not reply["ok"]
    assert page.state == before


def test_unknown_keywords_are_errors() -> None:
    with pytest.raises(TypeError, match="Did you mean 'objective'"):
        ObjectiveBuilder(Net(), objectiv="relu:1")


def test_batch_limits_the_images_that_terms_can_name(builder: ObjectiveBuilder, page: Page) -> None:
    with pytest.raises(OutOfRangeError, match="Batch index 1"):
        builder.expression = 'channel("relu", 0, batch=1)'
    builder.batch = 2
    builder.expression = 'channel("relu", 0, batch=1)'
    ok(page.command("add_term", kind="channels"))
    assert builder.terms[1]["arguments"]["n_channels"] == [0, 1]
    builder.batch = 3
    assert builder.terms[1]["problem"]["message"] == "channels() received 2 channels for 3 images."
    assert builder.objective == parse('channel("relu", 0, batch=1) + channels("relu", [0, 1])')


def test_shape_arguments_follow_the_image_size(builder: ObjectiveBuilder, page: Page) -> None:
    ok(page.command("add_term", kind="penalize_boundary_complexity"))
    assert builder.expression.endswith("0.01 * penalize_boundary_complexity([1, 128, 128, 3])")
    builder.image_size = 64
    builder.batch = 4
    assert builder.expression.endswith("0.01 * penalize_boundary_complexity([1, 64, 64, 3])")


def test_works_in_a_layout_of_plain_widgets(builder: ObjectiveBuilder) -> None:
    label = ipywidgets.Label()
    box = ipywidgets.VBox([builder, label])
    builder.observe(lambda change: setattr(label, "value", change.new), "expression")
    ipywidgets.link((builder, "expression"), (text := ipywidgets.Text(), "value"))
    text.value = 'neuron("conv", 2)'
    assert builder.objective == objectives.neuron("conv", 2)
    assert label.value == 'neuron("conv", 2)'
    box.close()


def test_describes_every_kind_of_term(page: Page) -> None:
    found = {each["kind"]: [field["name"] for field in each["fields"]] for each in page.state["_term_kinds"]}
    assert found["channel_interpolate"] == ["layer1", "n_channel1", "layer2", "n_channel2"]
    assert len(found) == len(objectives.__all__) - len(
        {"Objective", "as_objective", "handle_batch", "wrap_objective", "direction_cossim"}
    )


def test_a_saved_notebook_shows_the_objective_as_text(builder: ObjectiveBuilder) -> None:
    builder.objective = "conv:0"
    data, _ = builder._repr_mimebundle_()
    assert "<pre>channel(&quot;conv&quot;, 0)</pre>" in data["text/html"]
