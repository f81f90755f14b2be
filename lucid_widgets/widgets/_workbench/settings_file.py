"""Run settings as JSON. Reading accepts all settings of a file or, if anything is wrong, none."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from lucid_widgets.errors import ArgumentError, did_you_mean
from lucid_widgets.misc.io.scoping import expanded
from lucid_widgets.misc.outside import file_bytes, parsed_json
from lucid_widgets.widgets._workbench.run_settings import FIELDS, RunSettings
from lucid_widgets.widgets._workbench.start_image import StartImage

FORMAT = 1
"""Version of the format, so that later versions of this package know how to read old files."""

MAX_BYTES = 64 * 2**20
"""Most bytes of a settings file. It may hold a start image."""

_ABOUT = ("format", "model")


def to_json(settings: RunSettings, model: str, *, without: tuple[str, ...] = ()) -> dict[str, Any]:
    """Settings as a dict that JSON can hold.

    Args:
        settings: The settings.
        model: Name of the model, for human readers. Reading ignores it.
        without: Fields to leave out, because only code can express them.
    """
    values = {name: getattr(settings, name) for name in FIELDS if name not in without}
    if values.get("start_image") is not None:
        values["start_image"] = values["start_image"].to_json()
    return {"format": FORMAT, "model": model, **values}


def from_json(settings: Any) -> dict[str, Any]:
    """The values in saved settings, by field. The widget checks the values themselves.

    Raises:
        ArgumentError: If this is not a settings dict, comes from a later version, or has an unknown field.
    """
    if not isinstance(settings, Mapping):
        raise ArgumentError(
            f"Settings cannot be of type {type(settings).__name__}.", "Expected a dict like LucidWidget.settings."
        )
    version = settings.get("format")
    if version != FORMAT or isinstance(version, bool):
        if isinstance(version, int) and version > FORMAT:
            raise ArgumentError(
                f"The settings have the format {version!r}.",
                "They come from a later version of lucid_widgets. Update the package.",
            )
        raise _no_settings("This dict")
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
    """The settings in the text of a file.

    Raises:
        ArgumentError: If the text is not JSON, or holds something else.
    """
    settings = parsed_json(text, name, "Expected a file written by LucidWidget.save_settings.")
    if not isinstance(settings, Mapping) or "format" not in settings:
        raise _no_settings(name)
    return settings


def _no_settings(name: str) -> ArgumentError:
    return ArgumentError(
        f"{name} holds no settings of lucid_widgets.", f'Expected what save_settings() writes, with "format": {FORMAT}.'
    )


def read(path: str | os.PathLike[str]) -> Any:
    """The settings in a file."""
    return from_text(file_bytes(expanded(path), MAX_BYTES), os.fspath(path))


__all__ = ["FORMAT", "from_json", "from_text", "read", "to_json", "to_text"]
