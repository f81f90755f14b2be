"""Generated code: no text that comes from outside can become a statement in it."""

from __future__ import annotations

import ast
import io
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from lucid_widgets.errors import ArgumentError
from lucid_widgets.optvis.objectives import as_objective
from lucid_widgets.widgets._network.in_use import NetworkInUse
from lucid_widgets.widgets._workbench.codegen import code_of
from lucid_widgets.widgets._workbench.run_settings import RunSettings
from lucid_widgets.widgets._workbench.start_image import StartImage
from lucid_widgets.widgets._workbench.steering import Made


def png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (2, 2)).save(file, "png")
    return file.getvalue()


PNG = png()
HOSTILE = "cat.png\nimport os; os.system('touch X')\n#"


def statements(name: str, place: str, note: str) -> list[Any]:
    """Types of the statements of the code for a start image with these names, which skip the check of `of_bytes`."""
    settings = RunSettings(start_image=StartImage(PNG, name, place))
    made = Made(NetworkInUse.of(None), as_objective("mixed4a:3"), settings)
    return [type(each) for each in ast.parse(code_of(made, 8, notes=[note])).body]


@given(name=st.text(min_size=1), place=st.text(), note=st.text())
@example(name=HOSTILE, place="", note="")
@example(name="cat.png", place=HOSTILE, note=HOSTILE)
@example(name="'); import os #", place="", note="\u2028import os")
def test_names_and_notes_add_no_statement(name: str, place: str, note: str) -> None:
    assert statements(name, place, note) == statements("cat.png", "", "a note")


@pytest.mark.parametrize("character", ["\n", "\r", "\x0b", "\x0c", "\x1c", "\x1e", "\x85", "\u2028", "\u2029", "\x00"])
def test_start_images_refuse_control_characters_in_names(character: str) -> None:
    for names in [(f"cat{character}.png", ""), ("cat.png", f"a{character}b/cat.png")]:
        with pytest.raises(ArgumentError, match="contains a control character"):
            StartImage.of_bytes(PNG, *names)
    with pytest.raises(ArgumentError, match="contains a control character"):
        StartImage.from_json({**StartImage(PNG, "cat.png").to_json(), "name": f"cat{character}.png"})
    assert StartImage.of_bytes(PNG, "Frühling 猫.png").name == "Frühling 猫.png"
