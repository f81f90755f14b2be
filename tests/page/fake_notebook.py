"""A minimal notebook that a widget's page cannot tell from a real one: a model, messages and elements."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from page.site import ADDRESS, STATIC, site
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Locator, Page

FAKE_HOST = Path(__file__).with_name("fake_host.js").read_text()
HELD_TIME = Path(__file__).with_name("held_time.js").read_text()

LAYERS = [
    {"name": "conv2d0", "kind": "Conv2D", "channels": 64, "share": 0.04},
    {"name": "mixed3a", "kind": "Concat", "channels": 256, "share": 0.38},
    {"name": "mixed4a", "kind": "Concat", "channels": 512, "share": 0.62},
    {"name": "mixed4b", "kind": "Concat", "channels": 512, "share": 0.68},
    {"name": "mixed5b", "kind": "Concat", "channels": 1024, "share": 1.0},
    {"name": "softmax2", "kind": "Softmax", "channels": 1000, "share": 1.0},
]

TRAITS: dict[str, Any] = {
    "status": "idle",
    "current_step": 0,
    "total_steps": 512,
    "objective_value": None,
    "rate": 0,
    "remaining": None,
    "history": [],
    "error": {},
    "_frame_bytes": None,
    "_frame_meta": {},
    "_filmstrip": {},
    "_filmstrip_sheet": None,
    "title": "InceptionV1",
    "pixelated": False,
    "model_name": "InceptionV1",
    "_loading": {},
    "_network_problem": {},
    "_input_range": {},
    "layers": LAYERS,
    "layer": "mixed4a",
    "channel": 476,
    "_channel_count": 512,
    "expression": 'channel("mixed4a", 476)',
    "steps": 512,
    "image_size": 256,
    "batch": 1,
    "seed": 3,
    "_class_layer": "softmax2",
    "_class_rows": 5,
    "_classes": [],
    "show_classes": True,
    "parameterization": "fourier",
    "decorrelate": True,
    "alpha": False,
    "robust_to": "affine",
    "shift": 6,
    "scale": 0.1,
    "rotate": 10,
    "optimizer": "Adam",
    "learning_rate": 0.05,
    "zoom": "fit",
    "shown": -1,
    "_set_in_code": [],
    "_volume": [],
    "_start_image_about": {},
    "_start_image_thumbnail": None,
    "_undo": {},
    "runs": [],
    "_runs_sheet": None,
}

HALFWAY: dict[str, Any] = {
    "current_step": 192,
    "objective_value": 974.62,
    "rate": 22.64,
    "remaining": 14.2,
    "history": [[0, 12.0], [64, 420.0], [128, 801.0], [192, 974.62]],
}

RUN: dict[str, Any] = {
    "id": 1,
    "model": "InceptionV1",
    "step": 512,
    "objective": 812.0,
    "expression": 'channel("mixed4a", 476)',
    "steps": 512,
    "seed": 3,
    "image_size": 256,
    "batch": 1,
    "parameterization": "fourier",
    "robust_to": "affine",
    "shift": 6,
    "scale": 0.1,
    "rotate": 10,
    "optimizer": "Adam",
    "learning_rate": 0.05,
    "start_image": "",
    "steered": False,
    "objectives": [[0, 'channel("mixed4a", 476)']],
    "rested_at": 1_700_000_000,
}

MADE_BY: dict[str, Any] = dict(RUN)

FAILED: dict[str, Any] = {
    "status": "error",
    "error": {
        "title": "The objective is not finite",
        "message": "The objective became NaN at step 193.",
        "hint": "A smaller learning rate usually helps.",
        "traceback": 'Traceback (most recent call last):\n  File "engine.py", line 88\nNonFiniteObjectiveError',
    },
}


class Tab:
    """A page of the browser, which one notebook after the other uses: opening one takes longer than most tests.

    Attributes:
        page: The page.
        answer: Answers what the notebook's page passes to `toPython`.
    """

    def __init__(self, context: BrowserContext) -> None:
        self.page: Page = context.new_page()
        self.answer: Callable[[Any], Any] = lambda message: None
        self.page.expose_function("toPython", lambda message: self.answer(message))


class Tabs:
    """The tabs of one window that no notebook uses at present."""

    def __init__(self, browser: Browser, scale: float) -> None:
        self._context = browser.new_context(device_scale_factor=scale, locale="en-US")
        self._free: list[Tab] = []

    def take(self) -> Tab:
        if not self._free:
            return Tab(self._context)
        tab = self._free.pop()
        tab.page.bring_to_front()  # Chromium draws one frame per second in a tab behind another
        return tab

    def give_back(self, tab: Tab) -> None:
        tab.page.mouse.move(0, 0)
        tab.page.goto("about:blank")
        self._free.append(tab)


_TABS: WeakKeyDictionary[Browser, dict[float, Tabs]] = WeakKeyDictionary()


def tabs(browser: Browser, scale: float) -> Tabs:
    """The tabs of a browser with this number of device pixels per CSS pixel."""
    scales = _TABS.setdefault(browser, {})
    return scales[scale] if scale in scales else scales.setdefault(scale, Tabs(browser, scale))


class FakeNotebook:
    """
    One page with one widget.

    Args:
      browser: Browser in which to open the page.
      bundle: Name of the bundle.
      host: "lab" or "colab", see fake_host.js.
      views: Number of views of the widget.
      width: Width of the window; the widget is 24 pixels narrower.
      scheme: Preferred color scheme of the system, "light" or "dark".
      head: HTML for the head of the page, such as a style sheet of a host.
      body: Attributes of the page's body.
      html: Attributes of the page's root element.
      motion: Preferred motion of the system, "reduce" or "no-preference".
      scale: Device pixels per CSS pixel.
      script: JavaScript to run before everything else.
      held: Whether time stands still for the bundle's timers until `pass_time`.
      unfolded: Whether to open all groups of settings, for tests of their controls.
      frame: Color of the image in the state, if any.
      data: Traits that are lists of bytes.
      writable: Traits that the page may set.
      defaults: Default values of the traits. Without a `status`, the page is not expected to request images.
      traits: Values that replace those of `defaults`.
    """

    def __init__(
        self,
        browser: Browser,
        *,
        bundle: str = "lucid_widget",
        host: str = "lab",
        views: int = 1,
        width: int = 1024,
        scheme: Any = "light",
        head: str = "",
        body: str = "",
        html: str = "",
        motion: Any = "no-preference",
        scale: float = 1,
        script: str = "",
        held: bool = False,
        unfolded: bool = True,
        frame: str = "",
        data: dict[str, list[bytes]] | None = None,
        writable: Sequence[str] = (),
        defaults: dict[str, Any] = TRAITS,
        **traits: Any,
    ) -> None:
        self._tabs = tabs(browser, scale)
        self.tab = self._tabs.take()
        self.page: Page = self.tab.page
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.emulate_media(color_scheme=scheme, reduced_motion=motion, forced_colors="none")
        self._console: list[str] = []
        self.page.on("pageerror", self._on_error)
        self.page.on("console", self._on_console)
        style = (STATIC / f"{bundle}.css").read_text()
        self._address = site().add(
            f"<!doctype html><html {html}><head><meta charset='utf-8'>{head}"
            f"<style>body{{margin:0;padding:12px}}</style><style>{style}</style>"
            f"<script>{script}</script><script>{HELD_TIME if held else ''}</script><script>{FAKE_HOST}</script>"
            f"</head><body {body}></body></html>"
        )
        encoded = {name: [b64encode(each).decode() for each in files] for name, files in (data or {}).items()}
        self.page.goto(self._address)
        self.page.evaluate(
            """async ([bundle, traits, kind, views, frame, data, writable]) => {
              const decode = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
              for (const [name, list] of Object.entries(data)) {
                traits[name] = list.map((text) => new DataView(decode(text).buffer));
              }
              if (frame) traits._frame_bytes = new DataView((await plain(frame)).buffer);
              window.host = await createHost({ bundle, traits, host: kind, writable });
              for (let i = 0; i < views; i++) {
                const cell = document.body.appendChild(document.createElement("div"));
                await host.render(cell);
              }
            }""",
            [f"{ADDRESS}{bundle}.js", {**defaults, **traits}, host, views, frame, encoded, list(writable)],
        )
        if unfolded:
            self.page.evaluate(
                # Unfolding a group about the unit asks Python for results.
                "() => document.querySelectorAll('.lucidw-group:not(.lucidw-evidence-group, .lucidw-photo-group,"
                " .lucidw-inputs-group)')"
                ".forEach((each) => { each.open = true; })"
            )
        if views and "status" in defaults:
            self.wait_for_request()

    def close(self) -> None:
        """Leave the page to the next notebook."""
        self.page.remove_listener("pageerror", self._on_error)
        self.page.remove_listener("console", self._on_console)
        self._tabs.give_back(self.tab)
        site().remove(self._address)

    def _on_error(self, error: Error) -> None:
        self._console.append(str(error))

    def _on_console(self, message: ConsoleMessage) -> None:
        if "GL Driver Message" in message.text:
            return  # Chromium without a graphics card says that reading pixels is slow
        # The tests read canvases back, so the browser's advice about it does not concern the page.
        if message.type in ("error", "warning") and "getImageData" not in message.text:
            self._console.append(message.text)

    def problems(self) -> list[str]:
        """Errors and warnings on the console that no test has expected."""
        return [*self._console, *self.page.evaluate("host.errors")]

    def expect_console(self, part: str) -> None:
        """Remove the one console message that a test provoked from the list."""
        found = [text for text in self._console if part in text]
        assert len(found) == 1, self._console
        self._console.remove(found[0])

    def wait(self, condition: str, timeout: float = 60_000) -> None:
        """Wait until the JavaScript expression is true."""
        self.page.wait_for_function(f"() => {condition}", timeout=timeout)

    def wait_for_request(self) -> None:
        """Wait until the page has requested its first image, as it does when it becomes visible."""
        self.wait("host.sent.some((message) => message.type === 'want')")

    def settle(self) -> None:
        """Wait until the page is idle: two animation frames and a short delay, and all images are decoded."""
        self.page.evaluate("settled()")

    def pass_time(self, milliseconds: float) -> None:
        """Let the bundle's timers run that become due within this time. Needs `held`."""
        self.page.evaluate("(milliseconds) => pass(milliseconds)", milliseconds)
        self.settle()

    def part(self, name: str, view: int = 0) -> Locator:
        """The element with data-lucidw="name" in one of the views."""
        return self.page.locator(".lucidw").nth(view).locator(f'[data-lucidw="{name}"]')

    def change(self, **traits: Any) -> None:
        """Set traits, as Python does."""
        self.page.evaluate("(traits) => host.change(traits)", traits)
        self.settle()

    def frame(self, number: int, color: str = "rgb(10, 200, 30)", size: tuple[int, int] = (4, 4), **meta: Any) -> None:
        """Send an image of a single color, as Python does."""
        message = {
            "type": "frame",
            "id": number,
            "step": 8,
            "objective": 1.0,
            "status": "running",
            "mime": "image/png",
            "width": size[0],
            "height": size[1],
            "rows": 1,
            "columns": 1,
            "lossless": False,
            **meta,
        }
        self.page.evaluate(
            "async ([message, color, size]) => host.deliver(message, [await plain(color, ...size)])",
            [message, color, list(size)],
        )

    def shown(self, number: int, view: int = 0) -> None:
        """Wait until this image is on the canvas."""
        self.wait(
            f"""document.querySelectorAll(".lucidw")[{view}]
              .querySelector("canvas[data-lucidw=canvas]").dataset.frameId === "{number}" """
        )

    def pixel(self, x: int = 1, y: int = 1, view: int = 0) -> list[int]:
        """The pixel that the canvas of a view actually holds, RGBA."""
        return list(
            self.part("canvas", view).evaluate(
                "(canvas, [x, y]) => [...canvas.getContext('2d').getImageData(x, y, 1, 1).data]", [x, y]
            )
        )

    def sent(self, kind: str | None = None) -> list[dict[str, Any]]:
        """Messages that the page has sent: all, or those of one type."""
        messages: list[dict[str, Any]] = self.page.evaluate("host.sent")
        return [message for message in messages if kind in (None, message["type"])]

    def types(self) -> list[str]:
        return [message["type"] for message in self.sent()]

    def commands(self, name: str | None = None) -> list[dict[str, Any]]:
        return [command for command in self.sent("cmd") if name in (None, command["name"])]

    def command(self, name: str | None = None) -> dict[str, Any]:
        """Wait for a command, of this name if one is given, remove it from the list and return it."""
        found = f"message.type === 'cmd' && {json.dumps(name)} in {{ null: 1, [message.name]: 1 }}"
        self.wait(f"host.sent.some((message) => {found})")
        command: dict[str, Any] = self.page.evaluate(
            f"() => host.sent.splice(host.sent.findIndex((message) => {found}), 1)[0]"
        )
        return command

    def forget(self) -> None:
        """Clear the list of sent messages."""
        self.page.evaluate("() => void host.sent.splice(0)")

    def reply(self, command: dict[str, Any], **fields: Any) -> None:
        """Answer a command, as Python does; with `ok=False`, refuse it."""
        self.page.evaluate("([command, fields]) => host.reply(command, fields)", [command, fields])
        self.settle()

    def refuse(self, command: dict[str, Any], message: str, hint: str = "") -> None:
        self.reply(command, ok=False, error={"title": "No", "message": message, "hint": hint})

    def remove_view(self, view: int = 0) -> None:
        self.page.evaluate("(view) => host.views[view].remove()", view)

    def add_view(self) -> None:
        self.page.evaluate("() => host.render(document.body.appendChild(document.createElement('div')))")
        self.settle()

    def set_hidden(self, hidden: bool) -> None:
        """Move the browser tab to the background or back."""
        self.page.evaluate("(hidden) => setHidden(hidden)", hidden)


OpenWidget = Callable[..., FakeNotebook]
