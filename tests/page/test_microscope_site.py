"""A site of feature visualizations: files that refer only to each other, search, and accessibility."""

from __future__ import annotations

import json
import re
import urllib.parse
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from microscope.stores import FIGURED, SIZE, drawn_index, drawn_store
from PIL import Image
from playwright.sync_api import Browser, Page

from lucid_widgets import Microscope, microscope
from lucid_widgets.errors import ArgumentError
from lucid_widgets.microscope.publishing.pages import curve
from lucid_widgets.microscope.store import Store
from lucid_widgets.microscope.tasks import Variant

HOSTILE = 'block/"><script>alert(1)</script>'
LAYERS = {"low": 10, HOSTILE: 9, "scores": 6}
LABELS = ["panda", "fox", "owl", "<i>cat</i>", "dog", "red panda"]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Microscope:
    return drawn_store(tmp_path_factory.mktemp("store"), LAYERS, labels={"scores": LABELS})


@pytest.fixture(scope="module")
def folder(store: Microscope, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return microscope.site(store, tmp_path_factory.mktemp("site"), related=3).parent


@pytest.fixture
def page(browser: Browser) -> Any:
    page = browser.new_page(viewport={"width": 900, "height": 700})
    problems: list[str] = []
    requests: list[str] = []
    page.on("console", lambda message: problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("requestfailed", lambda request: problems.append(request.url))
    page.on("request", lambda request: requests.append(request.url))
    yield page
    page.close()
    assert not problems
    assert not [each for each in requests if not each.startswith(("file://", "data:"))]


def test_has_a_page_for_each_layer_and_unit_and_all_references_exist(folder: Path, store: Microscope) -> None:
    assert len(list(folder.glob("layers/*.html"))) == len(LAYERS)
    assert len(list(folder.glob("units/*/*.html"))) == sum(LAYERS.values())
    # Of each layer, one unit failed and the last task is missing.
    finished = sum(int(store.finished(layer).sum()) for layer in store.layers)
    assert finished == (8 - 1) + (8 - 1) + (4 - 1)
    assert len(list(folder.glob("images/*/*.png"))) == finished
    for place in folder.rglob("*.html"):
        for reference in re.findall(r'(?:href|src)="([^"]+)"', place.read_text()):
            if not reference.startswith(("data:", "#")):
                assert (place.parent / urllib.parse.unquote(reference)).is_file(), (place, reference)
    image = np.asarray(Image.open(folder / "images/0/0-4.png"))
    assert np.array_equal(image, store.image("low:4"))
    assert image.shape == (SIZE, SIZE, 3)


def test_text_of_a_store_stays_text(folder: Path) -> None:
    for place in folder.rglob("*.html"):
        text = place.read_text()
        assert "<script>alert" not in text
        assert "<i>" not in text
        assert "Drawn <b>" not in text
    listed = (folder / "units.js").read_text().removeprefix("window.lucidUnits = ").removesuffix(";\n")
    assert [layer["name"] for layer in json.loads(listed)] == list(LAYERS)


def test_a_unit_page_says_what_is_known(folder: Path) -> None:
    assert "It became inf." in (folder / "units/0/1.html").read_text()
    assert "It has not been rendered yet." in (folder / "units/0/9.html").read_text()
    text = (folder / "units/0/4.html").read_text()
    assert "channel(&quot;low&quot;, 4)" in text
    assert text.count('<li><a href="../../units/0/') == 3


def test_search_finds_layers_units_and_classes(folder: Path, page: Page) -> None:
    page.goto((folder / "units/0/4.html").as_uri())
    search = page.get_by_role("searchbox")

    def found(text: str) -> list[str]:
        search.fill(text)
        return page.locator(".search li").all_inner_texts()

    assert found("low") == ["low, 10 channels"]
    assert found("low:7") == ["low:7"]
    assert found("panda") == ["scores:0 panda", "scores:5 red panda"]
    assert found("cat") == ["scores:3 <i>cat</i>"]
    assert found("zebra") == []
    assert page.get_by_role("status").inner_text() == "0 found"
    found("low:7")
    search.press("Enter")
    page.wait_for_url("**/units/0/7.html")
    assert page.get_by_role("heading", level=1).inner_text() == "low:7"


def test_search_compares_figures_of_real_images(store: Microscope, page: Page, tmp_path: Path) -> None:
    values = {"low": np.tile(FIGURED["low"], 2), "scores": np.tile(FIGURED["high"], 3)}
    index = drawn_index(values, [0, 0, 1, 1])
    first = microscope.site(store, tmp_path, evidence=index)
    page.goto(first.as_uri())
    search = page.get_by_role("searchbox")

    def found(text: str) -> list[str]:
        search.fill(text)
        return page.locator(".search li").all_inner_texts()

    assert found("selectivity > .6") == [
        *("low:0 1.00", "low:5 1.00"),
        *("scores:0 panda 0.80", "scores:2 owl 0.80", "scores:4 dog 0.80"),
    ]
    assert found("panda selectivity<0.5") == ["scores:5 red panda 0.00"]
    assert found("selectivity > high") == []
    assert found("low:5") == ["low:5"]
    first = microscope.site(store, tmp_path, related=0)
    page.goto(first.as_uri())
    assert found("selectivity > .6") == []


@pytest.mark.parametrize("name", ["index.html", "layers/2.html", "units/0/4.html", "units/0/1.html"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_is_accessible_and_fits_narrow_screens(folder: Path, page: Page, axe: str, name: str, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto((folder / name).as_uri())
    page.evaluate(axe)
    found = page.evaluate("axe.run({ preload: false }).then((found) => found.violations.map((each) => each.id))")
    assert found == []
    page.set_viewport_size({"width": 320, "height": 600})
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_curve_is_scaled_to_its_box() -> None:
    drawn = curve(np.array([0, 50, 100]), np.array([1.0, 3.0, 2.0]))
    assert 'd="M10.0 110.0 L160.0 10.0 L310.0 60.0"' in drawn
    assert "Objective: 1 at step 0, 2 at step 100" in drawn
    assert curve(np.array([0, 1]), np.array([np.nan, 1.0])) == ""


def test_refuses_a_store_without_images(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    store.prepare({"model": "Net", "versions": {}}, [], [Variant()], [], 3)
    with pytest.raises(ArgumentError, match="has no image yet"):
        microscope.site(tmp_path / "store", tmp_path / "site")
    assert not (tmp_path / "site").exists()
