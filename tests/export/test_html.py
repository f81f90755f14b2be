"""The HTML file plays offline in a real browser, escapes all text, and can neither run other scripts nor connect."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from export.animations import textures
from page.player.players import plain_frames
from PIL import Image
from playwright.sync_api import Browser, Page

from lucid_widgets.export import encode_animation, save_animation
from lucid_widgets.export.html import html_page
from lucid_widgets.export.preview import preview_html, preview_png
from lucid_widgets.export.sprite_frames import make_sprite_frames, notes_of
from lucid_widgets.frames import Frame

FRAMES = plain_frames(12, 16, 16)


@pytest.fixture
def offline(browser: Browser) -> Iterator[Page]:
    """A page without a network. At the end, its console must be empty."""
    context = browser.new_context(offline=True, viewport={"width": 800, "height": 900})
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if "getImageData" not in message.text else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    context.close()
    assert said == []


def shown(page: Page) -> int:
    """Index of the frame on the canvas, read from its pixels."""
    pixel = page.evaluate("[...document.querySelector('canvas').getContext('2d').getImageData(3, 3, 1, 1).data]")
    assert pixel[2:] == [77, 255]
    return int(pixel[0] + 256 * pixel[1])


def seen(page: Page, seconds: float) -> list[int]:
    """The different frames shown during some time, in order."""
    colors = page.evaluate(
        """(milliseconds) => new Promise((done) => {
          const seen = [];
          const ink = document.querySelector("canvas").getContext("2d");
          const look = (now) => {
            const frame = ink.getImageData(3, 3, 1, 1).data[0];
            if (seen.at(-1) !== frame) seen.push(frame);
            if (now < end) requestAnimationFrame(look);
            else done(seen);
          };
          const end = performance.now() + milliseconds;
          requestAnimationFrame(look);
        })""",
        1000 * seconds,
    )
    return list(colors)


@pytest.mark.browser
def test_plays_offline(tmp_path: Path, offline: Page) -> None:
    saved = save_animation(FRAMES, tmp_path / "moving.html", fps=10, mode="alternate")
    assert (saved.frames, saved.bytes) == (12, (tmp_path / "moving.html").stat().st_size)
    offline.goto((tmp_path / "moving.html").as_uri())
    offline.wait_for_selector("canvas[data-frame]")
    frames = seen(offline, 3)  # there and back takes 2.2 s
    assert set(frames) == set(range(12))
    steps = np.abs(np.diff(frames))
    assert np.median(steps) == 1, frames  # a loaded machine may skip some


@pytest.mark.browser
@pytest.mark.parametrize("scripts", [True, False])
def test_opens_in_a_sandbox(browser: Browser, scripts: bool) -> None:
    """Other sites embed the file in a frame without an origin, and some of them allow no scripts in it."""
    context = browser.new_context(offline=True)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    sprites = make_sprite_frames(FRAMES)
    text = html_page(sprites, fps=10, title="eye").decode()
    page.set_content(f"<iframe sandbox='{'allow-scripts' if scripts else ''}' width=600 height=700></iframe>")
    page.evaluate("(text) => (document.querySelector('iframe').srcdoc = text)", text)
    frame = page.frame_locator("iframe")
    if scripts:
        frame.locator("canvas[data-frame='5']").wait_for()
        frame.locator("[data-lucidw=play]").click()
        frame.locator("[data-lucidw=export]").click()
        assert frame.locator(".lucidw-export-row strong").all_inner_texts() == ["Current frame", "Sprite sheet"]
    else:
        image = frame.get_by_role("img", name="eye")
        image.wait_for()
        assert image.evaluate("(image) => [image.complete, image.naturalWidth]") == [True, 16]
        assert "It plays where scripts are allowed." in frame.locator("body").inner_text()
    assert problems == []
    context.close()


@pytest.mark.browser
def test_the_page_saves_a_frame_and_the_sheet(tmp_path: Path, offline: Page) -> None:
    offline.set_content(encode_animation(FRAMES, "html").decode())
    offline.locator("[data-lucidw=play]").click()
    offline.locator("[data-lucidw=scrubber]").fill("7")
    offline.locator("[data-lucidw=export]").click()
    assert "Python writes the other formats" in offline.locator(".lucidw-export-why").inner_text()
    with offline.expect_download() as download:
        offline.locator("[data-lucidw=export-frame]").check()
        offline.locator("[data-lucidw=export-save]").click()
    assert download.value.suggested_filename == "animation-8.png"
    with Image.open(download.value.path()) as picture:
        np.testing.assert_array_equal(np.asarray(picture.convert("RGB")), FRAMES[7])
    with offline.expect_download() as download:
        offline.locator("[data-lucidw=export-stored]").check()
        offline.locator("[data-lucidw=export-save]").click()
    assert download.value.suggested_filename == "animation-16x16-3.png"
    with Image.open(download.value.path()) as picture:
        assert picture.size == (48, 64)


@pytest.mark.browser
def test_escapes_text(offline: Page) -> None:
    title = '</script><script>document.title = "got in"</script>"><img src=x onerror=alert(1)>'
    labels = [f"<b>{index}</b><!-- </script>" for index in range(12)]
    page = html_page(make_sprite_frames(FRAMES), title=title, notes=notes_of(FRAMES, 12, labels=labels), playing=False)
    offline.set_content(page.decode())
    assert offline.title() == title
    assert offline.locator("[data-lucidw=caption]").inner_text() == labels[0]
    assert offline.locator("img, b").count() == 0


@pytest.mark.browser
def test_the_policy_blocks_other_scripts_and_connections(browser: Browser) -> None:
    html = encode_animation(FRAMES, "html").decode().replace("</body>", "<script>window.extra = 1</script></body>")
    page = browser.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.set_content(html)
    page.wait_for_selector("canvas[data-frame]")
    assert page.evaluate("window.extra") is None
    assert page.evaluate("fetch('https://example.org').then(() => 'left', () => 'stayed')") == "stayed"
    assert any("Content Security Policy" in text for text in said)
    page.close()


def test_refers_to_nothing_outside_the_file() -> None:
    html = encode_animation(FRAMES, "html").decode()
    addresses = set(re.findall(r"https?://[^\s\"'`)]+", html))
    assert addresses <= {"http://www.w3.org/2000/svg"}
    assert html.count("<script") == 2


def test_contains_steps_and_objectives_of_frames() -> None:
    frames = [Frame(8 * index, 2.0 * index, np.zeros((1, 4, 4, 3))) for index in range(3)]
    assert '"steps":[0,8,16]' in encode_animation(iter(frames), "html").decode()


def test_preview_is_an_animated_image() -> None:
    html = preview_html(textures(12, 16, 16), 20, "alternate", 'a "b" <c>')
    assert re.fullmatch(
        r'<img alt="a &quot;b&quot; &lt;c&gt;" width="16" height="16" src="data:image/webp;base64,[^"]+">', html
    )
    with Image.open(io.BytesIO(base64.b64decode(html.split(",")[1].removesuffix('">')))) as image:
        assert image.n_frames == 22
        times = []
        for index in range(22):
            image.seek(index)
            image.load()
            times.append(image.info["duration"])
        assert times == [50] * 22


@pytest.mark.slow
def test_a_long_preview_has_fewer_frames_and_the_same_duration() -> None:
    frames = plain_frames(500, 400, 640)
    html = preview_html(frames, 50, "loop", "")
    with Image.open(io.BytesIO(base64.b64decode(html.split(",")[1].removesuffix('">')))) as image:
        assert (image.n_frames, image.size) == (60, (320, 200))
        total = 0
        for index in range(60):
            image.seek(index)
            image.load()
            total += image.info["duration"]
        assert total == 10_000
    with Image.open(io.BytesIO(preview_png(frames))) as strip:
        assert strip.size == (6 * 205, 128)
        first, last = strip.getpixel((5, 5)), strip.getpixel((6 * 205 - 5, 5))
    assert (first[0] + 256 * first[1], last[0] + 256 * last[1]) == (0, 499)
