"""A recipe as JSON, and back: all of it or, if anything is wrong, nothing."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lucid_widgets.errors import ArgumentError, did_you_mean
from lucid_widgets.widgets._workbench.run_settings import FIELDS, RunSettings
from lucid_widgets.widgets._workbench.start_image import StartImage

FORMAT = 1
"""Written into settings, so that a later version can tell how to read them."""

_ABOUT = ("format", "model")


def to_json(recipe: RunSettings, model: str, *, without: tuple[str, ...] = ()) -> dict[str, Any]:
    """What JSON can hold of a recipe.

    Args:
        recipe: The settings.
        model: The model's name, for whoever reads the file; it is not loaded by it.
        without: Fields to leave out: what only code can say.
    """
    values = {name: getattr(recipe, name) for name in FIELDS if name not in without}
    if values.get("start_image") is not None:
        values["start_image"] = values["start_image"].to_json()
    return {"format": FORMAT, "model": model, **values}


def from_json(settings: Any) -> dict[str, Any]:
    """The values that settings name, by field; those they leave out stay as they are.

    Raises:
        ArgumentError: They are no settings, of a later version, or name something that does not exist. What a value may
            be is for the widget to say.
    """
    if not isinstance(settings, Mapping):
        raise ArgumentError(
            f"{type(settings).__name__} is no settings.", "Expected a dict, as LucidWidget.settings is."
        )
    version = settings.get("format")
    if version != FORMAT or isinstance(version, bool):
        later = isinstance(version, int) and version > FORMAT
        raise ArgumentError(
            f"The settings have the format {version!r}.",
            "They are of a later version of lucid_widgets: update it." if later else f'Expected "format": {FORMAT}.',
        )
    for name in settings:
        if name not in (*FIELDS, *_ABOUT):
            raise ArgumentError(f"There is no setting {name!r}.", did_you_mean(str(name), FIELDS))
    values = {name: value for name, value in settings.items() if name not in _ABOUT}
    if values.get("start_image") is not None:
        values["start_image"] = StartImage.from_json(values["start_image"])
    return values


def to_text(settings: Mapping[str, Any]) -> str:
    """The text of a settings file."""
    return json.dumps(settings, indent=2, ensure_ascii=False) + "\n"


def from_text(text: str | bytes, name: str = "The file") -> Any:
    """The settings in a file's text.

    Raises:
        ArgumentError: It is not JSON.
    """
    try:
        return json.loads(text)
    except ValueError as error:
        raise ArgumentError(
            f"{name} is not JSON: {error}.", "Expected what LucidWidget.save_settings writes."
        ) from None


def read(path: str | os.PathLike[str]) -> Any:
    """The settings in a file."""
    return from_text(Path(path).read_bytes(), os.fspath(path))


__all__ = ["FORMAT", "from_json", "from_text", "read", "to_json", "to_text"]
