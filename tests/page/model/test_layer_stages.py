"""The layer list grouped by the stages of the network: headings that fold, by mouse and by keyboard, and search."""

from __future__ import annotations

from typing import Any

from page.fake_notebook import FakeNotebook, OpenWidget
from page.mutations import Mutations
from playwright.sync_api import expect


def stage(name: str, first: int, count: int, layer: str, **more: Any) -> dict[str, Any]:
    facts = {"channels": 64, "size": [14, 14], "reduction": 16, "branches": 1, "residual": False}
    return {"name": name, "first": first, "count": count, "layer": layer, **facts, **more}


def network(stages: int, blocks: int) -> dict[str, Any]:
    """A network of stages of the same number of layers, as the page gets it."""
    names = [f"conv{s}_block{b}_out" for s in range(1, stages + 1) for b in range(1, blocks + 1)]
    layers = [
        {"name": name, "kind": "conv", "channels": 64, "share": i / len(names), "shape": [14, 14, 64]}
        for i, name in enumerate([*names, "predictions"])
    ]
    groups = [stage(f"conv{s + 1}", s * blocks, blocks, names[(s + 1) * blocks - 1]) for s in range(stages)]
    groups.append(stage("predictions", len(names), 1, "predictions", size=None, reduction=None))
    links = [[place - 1, place] for place in range(len(groups))]
    return {"layers": layers, "_stages": {"stages": groups, "links": links}}


def headings(notebook: FakeNotebook) -> list[str]:
    rows = notebook.part("layers").locator(".lucidw-stage").all()
    return [f"{row.inner_text()} {row.get_attribute('aria-expanded')}".replace("\n", " ") for row in rows]


def test_long_list_opens_the_stage_of_the_selected_layer(open_widget: OpenWidget) -> None:
    notebook = open_widget(**network(4, 30), layer="conv3_block2_out", unfolded=False)
    notebook.page.set_viewport_size({"width": 1024, "height": 1400})  # all of the list
    tree = notebook.part("layers")
    expect(tree).to_have_attribute("role", "tree")
    chosen = tree.locator("[aria-selected=true]")
    expect(chosen).to_be_in_viewport()
    # Below the heading of its stage, a layer needs no more than the rest of its name.
    assert chosen.inner_text().startswith("block2_out")
    assert (chosen.get_attribute("title") or "").startswith("conv3_block2_out, conv")
    assert [chosen.get_attribute(f"aria-{name}") for name in ("level", "posinset", "setsize")] == ["2", "2", "30"]
    assert headings(notebook)[:3] == [f"conv{n} 14 × 14 30 layers {str(n == 3).lower()}" for n in (1, 2, 3)]
    notebook.change(layer="conv1_block30_out")
    expect(tree.locator("[aria-selected=true]")).to_be_in_viewport()
    notebook.change(layer="conv1_block1_out")
    assert headings(notebook)[0].endswith("true")


def test_short_list_is_open_and_a_stage_of_one_layer_has_no_heading(open_widget: OpenWidget) -> None:
    notebook = open_widget(**network(3, 3), layer="predictions")
    assert [heading.split()[-1] for heading in headings(notebook)] == ["true"] * 3
    rows = notebook.part("layers").locator("[data-layer]")
    assert rows.count() == 10
    assert rows.last.get_attribute("aria-level") == "1"
    expect(rows.last).to_have_attribute("aria-selected", "true")


def test_stages_fold_by_mouse_and_by_keyboard(open_widget: OpenWidget) -> None:
    notebook = open_widget(**network(4, 30), layer="conv1_block1_out")
    tree, keyboard = notebook.part("layers"), notebook.page.keyboard
    tree.locator(".lucidw-stage").first.click()
    assert [heading.split()[0] for heading in headings(notebook)] == ["conv1", "conv2", "conv3", "conv4"]
    assert all(heading.endswith("false") for heading in headings(notebook))
    tree.focus()

    def pointed() -> str:
        return notebook.page.locator(f"#{tree.get_attribute('aria-activedescendant')} .lucidw-name").inner_text()

    for key, name in [
        *(("Home", "conv1"), ("ArrowDown", "conv2"), ("ArrowRight", "conv2"), ("ArrowDown", "block1_out")),
        *(("ArrowDown", "block2_out"), ("ArrowLeft", "conv2"), ("ArrowLeft", "conv2"), ("ArrowDown", "conv3")),
        *(("Enter", "conv3"), ("ArrowDown", "block1_out")),
    ]:
        keyboard.press(key)
        assert pointed() == name
    assert notebook.commands() == []
    keyboard.press("Enter")
    assert notebook.command("set")["args"] == {"layer": "conv3_block1_out"}


def test_search_opens_what_it_finds(open_widget: OpenWidget) -> None:
    notebook = open_widget(**network(4, 30), layer="predictions", unfolded=False)
    closed = [f"conv{n} 14 × 14 30 layers false" for n in range(1, 5)]
    assert headings(notebook) == closed
    notebook.part("layer-search").fill("conv")
    notebook.part("layers").evaluate("(list) => { list.scrollTop = 400; }")
    notebook.part("layer-search").fill("")
    assert headings(notebook) == closed
    notebook.part("layer-search").fill("block7_")
    assert headings(notebook) == [f"conv{n} 14 × 14 1 layer true" for n in range(1, 5)]
    expect(notebook.part("layers").locator("[data-layer=conv1_block7_out]")).to_be_in_viewport()
    notebook.page.keyboard.press("ArrowDown")
    notebook.page.keyboard.press("ArrowDown")
    notebook.page.keyboard.press("ArrowDown")
    notebook.page.keyboard.press("Enter")
    assert notebook.command("set")["args"] == {"layer": "conv2_block7_out"}


def test_before_and_after_an_activation_are_one_row_of_their_stage(open_widget: OpenWidget) -> None:
    after = ["conv2d0", *(f"mixed3{letter}" for letter in "abcdef"), "mixed4a"]
    names = [f"{name}{end}" for name in after for end in ("_pre_relu", "")]
    layers = [{"name": name, "kind": "concat", "channels": 64, "share": 0.5} for name in names]
    stages = [stage("conv2d", 0, 2, "conv2d0"), stage("mixed3", 2, 12, "mixed3f"), stage("mixed4", 14, 2, "mixed4a")]
    notebook = open_widget(layers=layers, _stages={"stages": stages, "links": []}, layer="mixed3a_pre_relu")
    assert headings(notebook) == ["mixed3 14 × 14 6 layers true"]
    expect(notebook.part("layers").locator("[aria-selected=true]")).to_have_attribute("data-layer", "mixed3a")


def test_a_network_of_a_few_layers_has_no_headings(open_widget: OpenWidget) -> None:
    notebook = open_widget(**network(3, 2), layer="conv1_block1_out")
    expect(notebook.part("layers")).to_have_attribute("role", "listbox")
    assert notebook.part("layers").get_by_role("option").count() == 7


def test_narrow_widget_groups_its_select(open_widget: OpenWidget) -> None:
    notebook = open_widget(**network(2, 3), layer="conv1_block1_out", width=500)
    groups = notebook.part("layer-select").locator("optgroup")
    assert [group.get_attribute("label") for group in groups.all()] == [
        "conv1 · 14 × 14",
        "conv2 · 14 × 14",
        "predictions",
    ]
    assert groups.first.locator("option").count() == 3


def test_folding_five_thousand_layers_builds_only_the_rows_in_view(open_widget: OpenWidget) -> None:
    notebook = open_widget(**network(20, 250), layer="conv10_block200_out")
    notebook.part("layers").evaluate("(list) => { list.scrollTop = 0; }")
    mutations = Mutations(notebook.page)
    for _ in range(10):
        notebook.part("layers").locator(".lucidw-stage").first.evaluate("(row) => row.click()")
    assert mutations.elements / 10 < 600  # of about 60 rows


def test_the_heading_of_a_stage_stays_above_its_layers(open_widget: OpenWidget) -> None:
    notebook = open_widget(**network(4, 90), layer="conv2_block80_out", unfolded=False)
    tree = notebook.part("layers")
    pinned = tree.locator(".lucidw-pinned-stage")
    expect(pinned).to_contain_text("conv2")
    distance = "(each) => each.getBoundingClientRect().top - each.closest('.lucidw-list').getBoundingClientRect().top"
    assert pinned.evaluate(distance) == 0
    # A row that the keys reach is not hidden behind it.
    tree.focus()
    for _ in range(75):
        notebook.page.keyboard.press("ArrowUp")
    assert tree.locator(".lucidw-cursor").evaluate(distance) >= 24
    notebook.page.keyboard.press("End")
    expect(pinned).to_contain_text("conv2")
    pinned.click()
    assert [heading.split()[-1] for heading in headings(notebook)] == ["false"] * 4
    expect(pinned).to_be_hidden()
