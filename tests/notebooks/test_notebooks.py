"""Every notebook runs from top to bottom with an empty namespace; those that are read have their outputs."""

from __future__ import annotations

import ast
import base64
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from evidence.fewer import FEWER
from jupyter_client import KernelManager
from nbclient import NotebookClient
from needs import ROOT
from notebooks.refresh import RECIPES as RECIPE_NOTEBOOKS
from notebooks.refresh import WIDGET, WITH_OUTPUTS
from PIL import Image
from warm.processes import user_environment

NOTEBOOKS = ROOT / "notebooks"
CELL_SECONDS = 300
MOST_BYTES = 1_500_000
LIVE = ("quickstart.ipynb", "objective_builder.ipynb", "can_i_trust_it.ipynb", "explore_an_image.ipynb")
# The sizes of what each recipe notebook shows, with the parameters of its test.
RECIPES = {
    "caricature.ipynb": ("steps = 2", [(96, 96)] * 2 + [(96, 96)] * 4 + [(96, 96)] * 2),
    "activation_atlas.ipynb": ("steps, layer, count = 2, 'mixed5a', 60", [(96, 96), (384, 384), (288, 288)]),
    "style_and_texture.ipynb": ("steps, size = 2, 48", [(96, 96)] * 2 + [(96, 96), (48, 48), (48, 48)]),
    "transparency_and_cppn.ipynb": ("steps, size = 2, 48", [(48, 48), (192, 192)]),
    "neuron_interactions.ipynb": ("steps = 2", [(288, 288)]),
}

pytestmark = pytest.mark.kernel


# Feature images in few steps, before the program that is fast but takes seconds to compile.
FEW_STEPS = """from lucid_widgets.widgets._explorer import explorer, features
explorer.STEPS = features.STEPS = 8
del explorer, features"""

FEWER_COMPARISONS = f"""from lucid_widgets.evidence.checks import subjects
vars(subjects).update({FEWER})
del subjects"""


def executed(
    name: str,
    kernel: str,
    parameters: str = "",
    manager: KernelManager | None = None,
    *,
    before: str = "",
    **variables: str,
) -> Any:
    """The notebook, run. `parameters` come after the cell that is tagged so.

    `manager` has a kernel that runs, `before` is the code of a cell before all others, and `variables` are added to the
    environment.
    """
    book = nbformat.read(NOTEBOOKS / name, as_version=4)
    for cell in book.cells:
        if parameters and "parameters" in cell.metadata.get("tags", []):
            cell.source += f"\n{parameters}"
            break
    else:
        assert not parameters
    if manager is not None:  # names of the notebook before must not hide that this one lacks an import
        before = "%reset -f"
    if before:
        book.cells.insert(0, nbformat.v4.new_code_cell(before))
    client = NotebookClient(book, manager, timeout=CELL_SECONDS, kernel_name=kernel)
    try:
        # The kernel "python3" also imports TensorFlow as it does on a user's machine.
        client.execute(cwd=str(NOTEBOOKS), env=user_environment() | variables)
    finally:
        if manager is not None and client.kc is not None:
            client.kc.stop_channels()
    assert "".join(text for kind, text in streams(book) if kind == "stderr") == ""
    return book


def streams(book: nbformat.NotebookNode) -> list[tuple[str, str]]:
    outputs = [output for cell in book.cells if cell.cell_type == "code" for output in cell.outputs]
    return [(output["name"], output["text"]) for output in outputs if output["output_type"] == "stream"]


def data(book: nbformat.NotebookNode, kind: str) -> list[str]:
    outputs = [output for cell in book.cells if cell.cell_type == "code" for output in cell.outputs]
    return [output["data"][kind] for output in outputs if kind in output.get("data", {})]


def pictures(book: nbformat.NotebookNode) -> list[np.ndarray]:
    """What `show` has shown, in order."""
    urls = [url for html in data(book, "text/html") for url in re.findall(r"data:image/PNG;base64,([^\"']+)", html)]
    return [np.asarray(Image.open(BytesIO(base64.b64decode(each)))) for each in urls]


def test_there_is_no_notebook_without_a_test() -> None:
    assert {path.name for path in NOTEBOOKS.glob("*.ipynb")} == {*LIVE, *WITH_OUTPUTS}
    assert set(RECIPES) == set(RECIPE_NOTEBOOKS)


def test_quickstart() -> None:
    # In a browser, tests/browser/test_paths.py runs it with the fast program, which takes seconds to compile.
    book = executed("quickstart.ipynb", "python3", LUCID_WIDGETS_PLAIN="1")
    saved = book.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
    states = [saved[view["model_id"]]["state"] for view in data(book, WIDGET)]
    first, panda = (state for state in states if "layer" in state)  # the third widget is a progress bar
    assert first["model_name"] == panda["model_name"] == "EmojiNet"
    assert (first["layer"], first["channel"]) == ("mixed4a", 56)
    assert panda["expression"] == 'class_logit("logits", "panda")'
    assert first["current_step"] > 0
    # render_vis showed one picture for each of its two thresholds, and they are of the right size and not flat.
    shown = pictures(book)
    assert [picture.shape for picture in shown] == [(128, 128, 3)] * 2
    assert shown[1].std() > shown[0].std() > 5


def test_objective_builder(warm_kernel: str) -> None:
    book = executed("objective_builder.ipynb", warm_kernel)
    saved = book.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
    builders = [
        each["state"] for each in saved.values() if "_term_kinds" in each["state"] and "status" not in each["state"]
    ]
    (widget,) = [
        each["state"] for each in saved.values() if "_term_kinds" in each["state"] and "status" in each["state"]
    ]
    assert [builder["expression"] for builder in builders] == [
        'channel("mixed4a", 152) + 0.2 * Objective(contrast)',
    ]
    # An assignment replaced all terms, the deep dream that was switched off as well.
    assert [(term["fixed"], term["enabled"]) for term in builders[0]["terms"]] == [(False, True), (True, True)]
    assert builders[0]["problem"] == {}
    assert widget["model_name"] == "EmojiNet"
    texts = data(book, "text/plain")
    assert 'class_logit("logits", "panda") - 0.0005 * total_variation()' in texts
    assert any('\'class_logit("logits", "ladybird")' in text for text in texts)
    assert any("('custom', " in text and "('L1', " in text for text in texts)
    (picture,) = pictures(book)
    assert picture.shape == (128, 128, 3)
    assert picture.std() > 5


def test_can_i_trust_it(warm_kernel: str) -> None:
    parameters = "images = models.emoji_images(160)\nseeds, steps = 2, 4"
    book = executed("can_i_trust_it.ipynb", warm_kernel, parameters, before=FEWER_COMPARISONS)
    saved = book.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
    states = [saved[view["model_id"]]["state"] for view in data(book, WIDGET)]
    panel, workbench = (state for state in states if "_evidence" in state)
    assert panel["_evidence"]["unit"] == workbench["_evidence"]["unit"] == "mixed5b:7"
    shown = data(book, "text/html")
    assert [html.count("data:image/jpeg") for html in shown].count(9) == 2
    assert any("Control</th>" in html for html in shown), "no report"


def test_explore_an_image(warm_kernel: str) -> None:
    book = executed("explore_an_image.ipynb", warm_kernel, before=FEW_STEPS)
    saved = book.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
    states = [each["state"] for each in saved.values() if "_pieces" in each["state"]]
    (explorer,) = [state for state in states if "views" in state["_pieces"]]
    assert explorer["view"] == "groups"
    assert [score[1] for score in explorer["_scores"] if score[0] in explorer["_explained"]] == ["panda", "fox"]
    assert len(explorer["_found_groups"]["groups"]) == 4
    assert explorer["made"] == 4
    assert sorted(state["view"] for state in states) == ["class", "fires", "groups"]
    assert any("attribution.spatial_attribution(model, image, 'mixed4a'," in text for _, text in streams(book))


@pytest.fixture(scope="module")
def recipe_kernel(warm_kernel: str) -> Iterator[KernelManager]:
    """One kernel for all recipes: their programs for the embedded network are compiled once."""
    manager = KernelManager(kernel_name=warm_kernel)
    manager.start_kernel(cwd=str(NOTEBOOKS))
    yield manager
    manager.shutdown_kernel(now=True)


@pytest.mark.slow
@pytest.mark.parametrize("name", RECIPES)
def test_recipe(name: str, warm_kernel: str, recipe_kernel: KernelManager) -> None:
    parameters, sizes = RECIPES[name]
    book = executed(name, warm_kernel, parameters, recipe_kernel)
    shown = pictures(book)
    assert [picture.shape[:2] for picture in shown] == sizes
    if name.startswith("transparency"):
        assert shown[0].shape[-1] == 4  # with opacity


def test_tutorial(warm_kernel: str) -> None:
    book = executed("tutorial.ipynb", warm_kernel, "steps = 40")
    shown = pictures(book)
    # One each for six renders, four moments, and a batch of four side by side.
    assert [picture.shape for picture in shown] == [(128, 128, 3)] * 10 + [(96, 4 * 96, 3)]
    assert all(picture.std() > 5 for picture in [*shown[:6], *shown[9:]])
    moments = [picture.std() for picture in shown[6:10]]
    assert moments == sorted(moments)  # from almost nothing to a picture
    (expression,) = (text for text in data(book, "text/plain") if text.startswith("channel("))
    assert expression.startswith('channel("mixed4a", ')
    (widget,) = (text for text in data(book, "text/plain") if "LucidWidget" in text)
    assert "EmojiNet" in widget or "<lucid_widgets" in widget


def test_interpolation(warm_kernel: str) -> None:
    book = executed("interpolation.ipynb", warm_kernel, "steps = 16")
    shown = pictures(book)
    # Two ends, both at once, seven rows of five and one picture between them.
    assert len(shown) == 2 + 2 + 5 + 5 + 5 + 1 + 4 * 5 + 5
    assert {picture.shape for picture in shown} == {(96, 96, 3)}
    (jumps,) = (ast.literal_eval(text) for text in data(book, "text/plain") if text.startswith("{"))
    # What a few steps of alignment do is little; see test_the_committed_row_was_told_to_agree.
    assert jumps["independent"] > max(jumps["partly shared"], jumps["and aligned"]) > 0
    row = np.stack(shown[-5:]).astype(float)
    ends, neighbours = np.abs(row[0] - row[-1]).mean(), np.abs(np.diff(row, axis=0)).mean()
    assert ends > neighbours  # it goes somewhere
    (moving,) = data(book, "image/png")
    assert Image.open(BytesIO(base64.b64decode(moving))).n_frames == 8  # there and back, the ends once


def test_export_animations(warm_kernel: str) -> None:
    book = executed("export_animations.ipynb", warm_kernel, "steps = 16")
    printed = "".join(output.text for cell in book.cells for output in cell.get("outputs", []) if "text" in output)
    sizes = {name: int(size) for name, size in re.findall(r"^(it\.\w+) +(\d+) kB, (?:12|22) frames$", printed, re.M)}
    assert set(sizes) == {"it.gif", "it.webp", "it.apng", "it.html", "it.png", "it.jpg"}
    assert sizes["it.webp"] < sizes["it.gif"]
    assert re.search(r"^\d+ kB$", printed, re.M)  # the MP4
    assert "@keyframes sprite {" in printed  # the player goes there and back, so each frame has its keyframe
    players = [text for text in data(book, "text/plain") if text.startswith("<SpritePlayer")]
    assert [re.search(r"(\d+) frames of (\d+×\d+)", text).groups() for text in players] == [
        ("12", "96×96"),
        ("12", "192×96"),
        ("3", "96×96"),
    ]
    counts = [Image.open(BytesIO(base64.b64decode(picture))).n_frames for picture in data(book, "image/png")]
    assert [count for count in counts if count > 1] == [22]
    saved = book.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
    states = [saved[view["model_id"]] for view in data(book, WIDGET)]
    assert [
        [len(each["path"]) for each in state["buffers"]] for state in states if "_sprite_frames" in state["state"]
    ] == [[2]] * 3


@pytest.mark.parametrize("name", WITH_OUTPUTS)
def test_committed_outputs(name: str) -> None:
    path: Path = NOTEBOOKS / name
    assert path.stat().st_size < MOST_BYTES
    book = nbformat.read(path, as_version=4)
    outputs = [output for cell in book.cells if cell.cell_type == "code" for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"]
    assert not data(book, WIDGET)  # it could not be shown without its kernel
    moving = [html for html in data(book, "text/html") if "data:image/webp" in html]
    fewest = len(RECIPES[name][1]) if name in RECIPES else 11
    assert len(pictures(book)) >= fewest or len(moving) == 3


def test_the_committed_row_was_told_to_agree() -> None:
    book = nbformat.read(NOTEBOOKS / "interpolation.ipynb", as_version=4)
    (jumps,) = (ast.literal_eval(text) for text in data(book, "text/plain") if text.startswith("{"))
    assert jumps["independent"] > 2 * jumps["partly shared"] > 2.4 * jumps["and aligned"] > 0
