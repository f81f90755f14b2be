"""`SettingsCommands`: commands of the page for all settings together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from lucid_widgets.widgets._core.commands import Command, Reply
from lucid_widgets.widgets._core.part import Part
from lucid_widgets.widgets._core.uploads import Uploads
from lucid_widgets.widgets._workbench import presets, settings_file
from lucid_widgets.widgets._workbench.start_image import StartImage

if TYPE_CHECKING:
    from lucid_widgets.widgets.lucid_widget import LucidWidget


class SettingsCommands(Part):
    """Commands of the page: presets, Python code, settings files and start images."""

    widget: LucidWidget

    def __init__(self, widget: LucidWidget) -> None:
        super().__init__(widget)
        self._uploads = Uploads()

    def commands(self) -> Mapping[str, Command]:
        return {
            "preset": self.widget.use_preset,
            "find_class": lambda query="": Reply(presets.find_classes(self.widget.model, str(query))),
            "code": self._code,
            "settings": lambda: Reply(settings_file.to_text(self.widget.settings)),
            "upload": self._upload,
            "remove_start_image": lambda: self.widget._change({"start_image": None}),
            "restore": self.widget.restore,
        }

    def _code(self, run: int | None = None) -> Reply:
        """Python code for the current settings, or for those of a kept run."""
        return Reply(self.widget.code if run is None else self.widget.run_code(run))

    def _upload(self, kind: str, name: str, upload: str, part: int, parts: int, data: str) -> None:
        """Take one chunk of a settings file or of a start image."""
        file = self._uploads.add(upload, part, parts, data)
        if file is None:
            return
        file_name = str(name)[:200]
        if kind == "settings":
            self.widget.settings = settings_file.from_text(file, file_name)
        else:
            self.widget._change({"start_image": StartImage.of_bytes(file, file_name)})
