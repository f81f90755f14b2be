"""`AtlasStore`: the arrays of an atlas, next to its images in a store of `microscope.store`.

    my_atlas/
        layers.zarr/grid20/images      uint8 [1, cells, height, width, 3]: as in every store, one "channel" per cell
        atlas.zarr/                    a Zarr group; its attributes describe the atlas
            samples/                   activations, attributions, images and positions of all activations
            layout/places              float32 [activations, 2], in [0, 1]
            grid20/                    the arrays of `grids.Cells`
            examples/crops             uint8 [examples, 48, 48, 3], the parts of real images that the cells name

Each group is written whole and has the hash of what determines it, its key, which is written last. So a run that was
killed makes only the groups again that are missing or have another key.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from lucid_widgets.errors import ArgumentError
from lucid_widgets.microscope.folder import Folder
from lucid_widgets.misc._optional import needed
from lucid_widgets.misc.outside import parsed_json
from lucid_widgets.misc.outside.records import is_list_of, is_text, is_whole

FORMAT = 1
"""Version of the files."""

ATLAS = "atlas.zarr"

_ABOUT = "lucid_widgets"
_WHAT = "An activation atlas"


class AtlasStore:
    """The arrays of an atlas.

    Args:
        folder: The folder of the store.
    """

    def __init__(self, folder: Folder) -> None:
        self.folder = folder

    def about(self) -> dict[str, Any] | None:
        """Return the description of the atlas; None if there is none.

        Raises:
            ArgumentError: It is damaged, or another version of this package wrote it.
        """
        found = self._attributes("")
        if found is None or not found:
            return None
        if found.get("format") != FORMAT:
            raise ArgumentError(
                f"{self.folder.url} has format {found.get('format')!r}, and this version reads {FORMAT}.",
                "Pass another out.",
            )
        texts = all(is_text(found.get(name)) for name in ("model", "layer", "images", "variant", "places"))
        if not (texts and is_list_of(is_whole, found.get("grids")) and is_list_of(is_text, found.get("labels"))):
            raise ArgumentError(f"The atlas in {self.folder.url} is damaged.", "Delete it, or pass another out.")
        return found

    def describe(self, about: Mapping[str, Any]) -> None:
        """Write the description. From then on, the atlas can be opened."""
        described = {**about, "format": FORMAT}
        if self._attributes("") != described:
            self._root("a").attrs.put({_ABOUT: described})

    def key(self, name: str) -> str | None:
        """Return the key of a group; None if it is missing or was not finished."""
        found = (self._attributes(name) or {}).get("key")
        return found if isinstance(found, str) else None

    def keep(self, name: str, key: str | None, arrays: Mapping[str, npt.NDArray[Any]], **more: Any) -> None:
        """Write a group, in place of an earlier one.

        Args:
            name: Name of the group.
            key: Hash of everything that determines it; None if that is unknown.
            arrays: Its arrays.
            **more: What else to know about it, in JSON.
        """
        self.folder.remove(f"{ATLAS}/{name}")
        group = self._root("a").require_group(name)
        for each, values in arrays.items():
            # Not compressed: compressors may write different bytes for the same numbers.
            group.create_array(each, data=np.ascontiguousarray(values), compressors=None)
        group.attrs.put({_ABOUT: {**more, "key": key or ""}})

    def arrays(self, name: str, *wanted: str) -> dict[str, npt.NDArray[Any]]:
        """Return the arrays of a group.

        Args:
            name: Name of the group.
            *wanted: Only these arrays.
        """
        group = self._root("r")[name]
        return {each: np.asarray(group[each][...]) for each in wanted or sorted(group.array_keys())}

    def array(self, name: str, array: str) -> Any:
        """Return one array without reading it."""
        return self._root("r")[name][array]

    def more(self, name: str) -> dict[str, Any]:
        """Return what else a group says."""
        return self._attributes(name) or {}

    def _root(self, mode: str) -> Any:
        zarr = needed("zarr", _WHAT, "microscope")
        return zarr.open_group(self.folder.zarr_store(ATLAS, read_only=mode == "r"), mode=mode, zarr_format=3)

    def _attributes(self, name: str) -> dict[str, Any] | None:
        place = f"{ATLAS}/{name}/zarr.json" if name else f"{ATLAS}/zarr.json"
        data = self.folder.read(place)
        if data is None:
            return None
        found = parsed_json(data, place)
        about = found.get("attributes", {}).get(_ABOUT, {}) if isinstance(found, dict) else {}
        return dict(about) if isinstance(about, dict) else {}


def grid_name(size: int) -> str:
    """Return the name of a grid in the store."""
    return f"grid{size}"


__all__ = ["ATLAS", "FORMAT", "AtlasStore", "grid_name"]
