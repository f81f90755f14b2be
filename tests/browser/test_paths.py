"""Six people with one task each, in JupyterLab, from running a cell to a saved file.

The figures are recorded, not judged: `pytest -s tests/browser/test_paths.py` prints the clicks, keys and seconds of
each path, with kernels that import TensorFlow before a cell runs; `LUCID_WIDGETS_TEST_KERNEL=python3` is what people
have. With `LUCID_WIDGETS_SCREENSHOTS=folder`, each path is taken in both themes and at both widths, and each stage is
photographed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from browser.hands import PATIENCE, SCREENSHOTS, Hands
from browser.lab import OpenNotebook
from needs import ROOT, models_folder
from PIL import Image

pytestmark = pytest.mark.browser

Person = Callable[..., Hands]


@dataclass(frozen=True)
class Room:
    """What JupyterLab looks like: its theme, and the size of its window."""

    name: str
    theme: str
    width: int
    height: int

    @property
    def is_narrow(self) -> bool:
        return self.width < 500


LIGHT = Room("light, wide", "JupyterLab Light", 1300, 1000)
DARK = Room("dark, wide", "JupyterLab Dark", 1300, 1000)
# The widget is less than 370 pixels wide.
NARROW_LIGHT = Room("light, narrow", "JupyterLab Light", 480, 900)
NARROW_DARK = Room("dark, narrow", "JupyterLab Dark", 480, 900)


def in_room(usual: Room) -> Any:
    """Take a path in its usual room, or in all of them for screenshots."""
    rooms = [LIGHT, DARK, NARROW_LIGHT, NARROW_DARK] if SCREENSHOTS else [usual]
    return pytest.mark.parametrize("room", rooms, ids=lambda room: room.name)


OWN_MODEL = """
import keras
from lucid_widgets import LucidWidget

layers = keras.layers
convolutions = [layers.Conv2D(8, 3, activation="relu", name="c1"), layers.Conv2D(16, 3, activation="relu", name="c2")]
image = keras.Input((64, 64, 3))
pooled = layers.GlobalAveragePooling2D()(keras.Sequential(convolutions, name="backbone")(image))
my_net = keras.Model(image, layers.Dense(4, name="scores")(pooled), name="my_net")
LucidWidget(my_net, steps=32)
"""


@pytest.fixture
def person(open_notebook: OpenNotebook, record_property: Callable[[str, object], None]) -> Iterator[Person]:
    """Seat someone at a notebook. Afterwards, print and record what the path took."""
    seated: list[tuple[Hands, Room]] = []

    def seat(name: str, cells: list[str], room: Room) -> Hands:
        notebook = open_notebook(cells, width=room.width, height=room.height)
        notebook.theme(room.theme)
        if room.is_narrow:
            notebook.page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
        hands = Hands(f"{name}, {room.name}", notebook)
        seated.append((hands, room))
        return hands

    yield seat
    for hands, room in seated:
        root = hands.notebook.widget().root
        width, overflow = root.evaluate("root => [root.clientWidth, root.scrollWidth - root.clientWidth]")
        hands.page.evaluate("() => window.jupyterapp.shell.expandLeft()")
        hands.notebook.theme("JupyterLab Light")
        print("\n" + hands.report())
        for what, figures in hands.marks.items():
            record_property(f"{hands.name}: {what}", figures)
        assert overflow <= 0
        assert (width < 370) == room.is_narrow


def side(path: Path) -> int:
    """Width of an image file."""
    with Image.open(path) as image:
        return image.width


def is_animation(path: Path) -> bool:
    with Image.open(path) as image:
        return image.format == "GIF" and getattr(image, "n_frames", 1) > 1


@in_room(LIGHT)
def test_researcher_renders_a_channel(person: Person, room: Room) -> None:
    weights = models_folder() / "inception_v1_bvlc.pb"
    model, unit = ("models.EmojiNet()", "mixed4a:38")
    if weights.is_file():
        model, unit = (f"models.InceptionV1(path={str(weights)!r})", "mixed4a_pre_relu:476")
    cell = f"from lucid_widgets import LucidWidget, models\nLucidWidget({model}, {unit!r}, steps=64)"
    hands = person("researcher", [cell], room)
    hands.run_cell()
    widget = hands.widget()
    hands.mark("widget")
    hands.click(widget.part("run"))
    hands.sees_image(widget)
    widget.wait_for_status("done", seconds=PATIENCE)
    hands.click(widget.part("export"))
    hands.look("export")
    path = hands.receives(lambda: hands.click(widget.part("export-save")))
    hands.mark("GIF")
    assert is_animation(path)
    assert hands.clicks == 3


@in_room(LIGHT)
def test_student_runs_the_quickstart(person: Person, room: Room) -> None:
    book = json.loads((ROOT / "notebooks" / "quickstart.ipynb").read_text(encoding="utf-8"))
    cells = ["".join(cell["source"]) for cell in book["cells"] if cell["cell_type"] == "code"]
    hands = person("student", cells[:2], room)
    hands.run_cell()
    widget = hands.widget()
    hands.sees_image(widget)
    assert hands.clicks == 0
    if room.is_narrow:  # a menu takes the place of the list
        hands.clicks += 2
        widget.part("layer-select").select_option("mixed3a")
    else:
        hands.click(widget.part("layer-search"))
        hands.press(*"mixed3a", "Enter")
    widget.wait_for(lambda: 'channel("mixed3a"' in widget.part("expression").input_value())
    hands.mark("another layer")
    hands.run_cell(1)
    widget.wait_for_status("done", seconds=PATIENCE)
    hands.mark("finished")
    hands.click(widget.part("export"))
    hands.click(widget.root.locator(".lucidw-export-row", has_text="Latest image"))
    path = hands.receives(lambda: hands.click(widget.part("export-save")))
    hands.mark("PNG")
    assert side(path) == 128


@in_room(NARROW_DARK)
def test_teacher_saves_a_gif_of_a_finished_run(person: Person, room: Room) -> None:
    cell = (
        "from lucid_widgets import LucidWidget\nw = LucidWidget(objective='panda', image_size=96, steps=64)\nw.run()\nw"
    )
    hands = person("teacher", [cell, "w.timelapse(fps=12)"], room)
    hands.run_cell()
    widget = hands.widget()
    hands.sees_image(widget)
    widget.wait_for_status("done", seconds=PATIENCE)
    hands.click(widget.part("export"))
    path = hands.receives(lambda: hands.click(widget.part("export-save")))
    hands.mark("GIF")
    assert is_animation(path)
    assert hands.clicks <= 3
    # The same from the player of the run.
    hands.clicks = 0
    hands.click(widget.part("play-run"))
    player = widget.part("run-player")
    player.locator('[data-lucidw="count"]').wait_for()
    hands.mark("player")
    hands.click(player.locator('[data-lucidw="export"]'))
    assert is_animation(hands.receives(lambda: hands.click(player.locator('[data-lucidw="export-save"]'))))
    hands.mark("GIF of player")
    assert hands.clicks <= 3


@in_room(NARROW_LIGHT)
def test_somebody_brings_their_own_model(person: Person, room: Room) -> None:
    hands = person("own model", [OWN_MODEL], room)
    hands.run_cell()
    widget = hands.widget()
    hands.click(widget.part("run"))
    hands.sees_image(widget)
    widget.wait_for_status("done", seconds=PATIENCE)
    hands.click(widget.part("export"))
    assert is_animation(hands.receives(lambda: hands.click(widget.part("export-save"))))
    hands.mark("GIF")
    assert hands.clicks == 3


@in_room(DARK)
def test_keyboard_user_needs_no_mouse(person: Person, room: Room) -> None:
    hands = person("keyboard", ["from lucid_widgets import LucidWidget\nLucidWidget(steps=32)"], room)
    hands.run_cell()
    widget = hands.widget()
    # Into the widget: Escape leaves the new cell's editor, Up selects the cell, and Tab enters its output.
    hands.press("Escape", "ArrowUp")
    hands.tab_to("primary")
    hands.press("Space")
    hands.sees_image(widget)
    widget.wait_for_status("done", seconds=PATIENCE)
    assert side(hands.receives(lambda: hands.press("s"))) == 128
    hands.mark("PNG")
    hands.tab_to("export")
    hands.press("Enter")
    assert hands.focused() == "export-save"
    assert is_animation(hands.receives(lambda: hands.press("Enter")))
    hands.mark("GIF")
    # Escape closes the dialog, then leaves the widget: the notebook's keys work again.
    hands.press("Escape")
    assert hands.focused() == "export"
    hands.press("Escape")
    assert hands.focused() == ""
    assert hands.clicks == 0
