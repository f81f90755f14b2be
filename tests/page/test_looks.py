"""Looks, computed from the page: contrast in every theme, no overflow at any width, sharp on every screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from page.fake_notebook import FAILED, HALFWAY, FakeNotebook, OpenWidget

LOOKS = Path(__file__).with_name("looks.js").read_text()

JUPYTER_LIGHT = """<style>:root { --jp-layout-color1: white; --jp-ui-font-color0: rgba(0, 0, 0, 1);
  --jp-brand-color1: #1976d2; --jp-ui-inverse-font-color0: rgba(255, 255, 255, 1);
  --jp-error-color1: #d32f2f; }</style>"""
JUPYTER_DARK = """<style>:root { --jp-layout-color1: #212121; --jp-ui-font-color0: rgba(255, 255, 255, 1);
  --jp-brand-color1: #2196f3; --jp-ui-inverse-font-color0: rgba(0, 0, 0, 1);
  --jp-error-color1: #d32f2f; }</style>"""
CODE_DARK = """<style>:root { --vscode-editor-background: #1e1e1e; --vscode-editor-foreground: #d4d4d4;
  --vscode-button-background: #0e639c; --vscode-button-foreground: #ffffff; --vscode-errorForeground: #f48771;
  --vscode-textLink-foreground: #3794ff; }</style>"""
CODE_LIGHT = """<style>:root { --vscode-editor-background: #ffffff; --vscode-editor-foreground: #000000;
  --vscode-button-background: #007acc; --vscode-button-foreground: #ffffff; --vscode-errorForeground: #a1260d;
  --vscode-textLink-foreground: #006ab1; }</style>"""

THEMES: dict[str, dict[str, Any]] = {
    "light": {"scheme": "light"},
    "dark": {"scheme": "dark"},
    # The theme of the host takes precedence over that of the system, so these differ on purpose.
    "jupyter-light": {"scheme": "dark", "head": JUPYTER_LIGHT, "body": 'data-jp-theme-light="true"'},
    "jupyter-dark": {"scheme": "light", "head": JUPYTER_DARK, "body": 'data-jp-theme-light="false"'},
    "colab-dark": {"scheme": "light", "html": 'theme="dark"'},
    "marimo-dark": {"scheme": "light", "body": 'class="dark"'},
    "code-dark": {"scheme": "light", "head": CODE_DARK, "body": 'class="vscode-dark"'},
    "code-light": {"scheme": "dark", "head": CODE_LIGHT, "body": 'class="vscode-light"'},
}


def look(notebook: FakeNotebook) -> FakeNotebook:
    notebook.page.add_script_tag(content=LOOKS)
    return notebook


@pytest.mark.parametrize("theme", THEMES)
def test_text_has_contrast_in_every_state(open_widget: OpenWidget, theme: str) -> None:
    notebook = look(open_widget(**THEMES[theme], motion="reduce", expression=""))

    def judge() -> None:
        result = notebook.page.evaluate("poorContrast(document.querySelector('.lucidw'), 4.5)")
        assert result["judged"] > 35
        assert result["poor"] == []

    judge()
    notebook.frame(1, size=(64, 64))
    notebook.shown(1)
    notebook.change(**HALFWAY, status="running", expression='channel("mixed4a", 476) - 0.5')
    notebook.part("seed").fill("x")
    notebook.page.keyboard.press("Enter")
    notebook.part("primary").click()
    notebook.part("busy-notice").wait_for()
    judge()
    notebook.refuse(notebook.command(), "No.", "Perhaps later.")
    notebook.change(status="compiling")
    judge()
    notebook.change(**FAILED)
    notebook.part("error").locator("summary").click()
    judge()


@pytest.mark.parametrize("theme", ["dark", "jupyter-dark", "colab-dark", "marimo-dark", "code-dark"])
def test_dark_theme_is_dark_and_opaque(open_widget: OpenWidget, theme: str) -> None:
    notebook = open_widget(**THEMES[theme])
    ground = notebook.page.locator(".lucidw").evaluate(
        """(e) => {
          const context = document.createElement("canvas").getContext("2d");
          context.fillStyle = getComputedStyle(e).backgroundColor;
          context.fillRect(0, 0, 1, 1);
          return [...context.getImageData(0, 0, 1, 1).data];
        }"""
    )
    assert max(ground[:3]) < 50
    assert ground[3] == 255


@pytest.mark.parametrize("bundle", ["optimization_canvas", "lucid_widget"])
def test_nothing_overflows_and_targets_are_large_at_any_width(open_widget: OpenWidget, bundle: str) -> None:
    layer = "a_very_long_layer_name_that_no_column_was_made_for/conv2d_with_bias_and_relu"
    name = "AModelWhoseNameIsLongerThanAnybodyWouldExpect"
    notebook = look(
        open_widget(
            bundle=bundle,
            **{
                **HALFWAY,
                **FAILED,
                "model_name": name,
                "title": name,
                "layers": [{"name": layer, "kind": "Conv2D", "channels": 20480, "share": 0.5}],
                "layer": layer,
                "channel": 20000,
                "_channel_count": 20480,
                "total_steps": 100000,
                "objective_value": -123456.0,
                "remaining": 7500,
            },
        )
    )
    notebook.frame(1, size=(64, 64))
    notebook.shown(1)
    root = "document.querySelector('.lucidw')"
    for width in (280, 320, 400, 500, 640, 760, 919, 920, 1040, 1400):
        notebook.page.set_viewport_size({"width": width + 24, "height": 900})
        notebook.settle()
        assert notebook.page.evaluate(f"overflowing({root})") == [], width
        assert notebook.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, width
        assert notebook.page.evaluate(f"smallTargets({root}, 24)") == [], width
        picture = notebook.part("canvas").bounding_box()
        assert picture
        assert picture["width"] == pytest.approx(picture["height"], abs=1)
        assert picture["width"] >= min(520, 0.44 * width), width


def test_narrow_layout_puts_image_and_buttons_first(open_widget: OpenWidget) -> None:
    notebook = open_widget(width=400)
    tops = [
        (notebook.part(name).bounding_box() or {"y": -1})["y"]
        for name in ("expression", "empty", "primary", "layer-select", "channel", "objective", "image_size")
    ]
    assert tops == sorted(tops)
    assert tops[0] > 0


@pytest.mark.parametrize("scale", [1, 2])
def test_canvas_matches_image_size(open_widget: OpenWidget, scale: int) -> None:
    notebook = open_widget(scale=scale)
    canvas = notebook.part("canvas")
    for number, size in enumerate([(64, 64), (512, 128), (128, 512), (2048, 2048), (3, 3)], start=1):
        notebook.frame(number, size=size)
        notebook.shown(number)
        notebook.settle()
        assert canvas.evaluate("(c) => [c.width, c.height]") == list(size)
        box = canvas.bounding_box()
        assert box
        assert box["width"] / box["height"] == pytest.approx(size[0] / size[1], rel=0.02)
        assert box["width"] <= 530
        assert box["height"] <= 521


def test_badge_shows_size_of_one_image(open_widget: OpenWidget) -> None:
    notebook = open_widget()
    badge = notebook.page.locator(".lucidw-size")
    for number, (size, grid, words) in enumerate(
        [((64, 64), (1, 1), "64 px"), ((90, 60), (2, 3), "6 × 30 px"), ((64, 32), (1, 1), "64 × 32 px")], start=1
    ):
        notebook.frame(number, size=size, width=size[0], height=size[1], rows=grid[0], columns=grid[1])
        notebook.shown(number)
        assert badge.inner_text() == words


def test_reduced_motion_disables_animations(open_widget: OpenWidget) -> None:
    moving = """() => document.getAnimations().length + [...document.querySelectorAll(".lucidw *")]
      .filter((e) => parseFloat(getComputedStyle(e).transitionDuration) > 0).length"""
    assert open_widget(status="compiling").page.evaluate(moving) > 0
    assert open_widget(status="compiling", motion="reduce").page.evaluate(moving) == 0


def test_forced_colors_keep_expression_and_progress_visible(open_widget: OpenWidget) -> None:
    notebook = open_widget(**HALFWAY, status="running")
    notebook.page.emulate_media(forced_colors="active")
    color = "(e) => getComputedStyle(e).color"
    assert notebook.part("expression").evaluate(color) != "rgba(0, 0, 0, 0)"
    assert notebook.page.locator(".lucidw-progress .lucidw-bar").evaluate(
        "(e) => getComputedStyle(e).color"
    ) != notebook.page.locator(".lucidw-progress .lucidw-track").evaluate("(e) => getComputedStyle(e).backgroundColor")


def test_styles_do_not_affect_the_page(open_widget: OpenWidget) -> None:
    outside = "<button id='b'>b</button><input id='i'><details id='d'><summary>s</summary></details>"
    plain = open_widget(views=0)
    styled = open_widget()
    measure = """(html) => {
      const cell = document.body.appendChild(document.createElement("div"));
      cell.innerHTML = html;
      return ["b", "i", "d"].map((id) => {
        const style = getComputedStyle(document.getElementById(id));
        return [style.font, style.color, style.backgroundColor, style.padding, style.border, style.margin].join();
      });
    }"""
    plain.page.evaluate("() => document.querySelectorAll('style').forEach((style, i) => i && style.remove())")
    assert styled.page.evaluate(measure, outside) == plain.page.evaluate(measure, outside)
