"""`Records`: what each finished task of a store has made, one JSON file per task."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from lucid_widgets.errors import ArgumentError
from lucid_widgets.microscope.folder import MOST_BYTES, FileMark, Folder
from lucid_widgets.misc.outside import parsed_json
from lucid_widgets.misc.outside.records import is_list_of, is_text, is_whole

RECORDS = "records"

Record = dict[str, Any]

_TOGETHER = "all.json"
_ONE = re.compile(r"(\d+)-(\d+)\.json")

_Known = dict[str, tuple[FileMark, Record]]


class Records:
    """The records of a store.

    Args:
        folder: The folder of the store.
    """

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        # What was read before, by the names of the files.
        self._known: _Known = {}
        self._together: dict[str, FileMark] = {}

    def again(self) -> Records:
        """Return the same records, which read only the files that have changed since."""
        other = Records(self._folder)
        other._known, other._together = dict(self._known), dict(self._together)
        return other

    def write(self, layer: str, place: int, chunk: int, record: Mapping[str, Any]) -> None:
        """Write the record of a task.

        Args:
            layer: Name of the layer's folder.
            place: Place of the variant.
            chunk: Number of the task.
            record: What it has made.
        """
        self._folder.write(_name(layer, place, chunk), _encoded(record))

    def remove(self, layer: str, place: int, chunk: int) -> None:
        """Remove an earlier record of a task, if there is one."""
        name = _name(layer, place, chunk)
        if self._folder.read(name) is not None:
            self._folder.remove(f"{RECORDS}/{layer}/{_TOGETHER}")
            self._folder.remove(name)

    def write_together(self, layer: str, records: Mapping[tuple[str, int, int], Record]) -> None:
        """Write the records of a layer as one file, from which readers get them with one request."""
        data = _encoded({f"{place}-{chunk}.json": record for (_, place, chunk), record in sorted(records.items())})
        name = f"{RECORDS}/{layer}/{_TOGETHER}"
        if records and len(data) <= MOST_BYTES and self._folder.read(name) != data:
            self._folder.write(name, data)

    def read(self, layer: str, *, together: bool) -> dict[tuple[str, int, int], Record]:
        """Return records by layer, place of the variant and chunk.

        Args:
            layer: Name of the layer's folder; empty for all.
            together: Whether to believe the files of `write_together` about files of the same size.
        """
        below = f"{RECORDS}/{layer}" if layer else RECORDS
        listed = {name: mark for name, mark in self._folder.listed(below).items() if name.endswith(".json")}
        known = {name: self._known[name] for name, mark in listed.items() if self._seen(name, mark)}
        if together:
            known |= self._from_together(listed, known)
        rest = [name for name in listed if name not in known and _ONE.fullmatch(name.rpartition("/")[2])]
        known |= _parsed(self._folder.read_all(rest).items(), listed)
        self._known |= known
        found = {}
        for name, (_, record) in sorted(known.items()):
            place = _ONE.fullmatch(name.rpartition("/")[2])
            if place:
                found[record["layer"], int(place[1]), int(place[2])] = record
        return found

    def _seen(self, name: str, mark: FileMark) -> bool:
        return name in self._known and self._known[name][0] == mark

    def _from_together(self, listed: Mapping[str, FileMark], known: _Known) -> _Known:
        """The records of the layers of which one is not known yet."""
        missing = [name for name in listed if name not in known and _ONE.fullmatch(name.rpartition("/")[2])]
        folders = sorted({name.rpartition("/")[0] for name in missing})
        places = [f"{folder}/{_TOGETHER}" for folder in folders]
        wanted = [place for place in places if place in listed and self._together.get(place) != listed[place]]
        self._together |= {place: listed[place] for place in wanted}
        found: _Known = {}
        for place, data in self._folder.read_all(wanted).items():
            with contextlib.suppress(ArgumentError):
                records = parsed_json(data, place)
                if isinstance(records, dict):
                    folder = place.rpartition("/")[0]
                    each = ((f"{folder}/{name}", _encoded(record)) for name, record in records.items())
                    same = [(name, text) for name, text in each if name in listed and listed[name].size == len(text)]
                    found |= {name: one for name, one in _parsed(same, listed).items() if name not in known}
        return found


def _parsed(files: Iterable[tuple[str, bytes]], listed: Mapping[str, FileMark]) -> _Known:
    found: _Known = {}
    for name, data in files:
        # A damaged record is a task that is not finished.
        with contextlib.suppress(ArgumentError):
            record = parsed_json(data, name)
            if _is_record(record):
                found[name] = listed[name], record
    return found


def _name(layer: str, place: int, chunk: int) -> str:
    return f"{RECORDS}/{layer}/{place}-{chunk}.json"


def _encoded(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True).encode()


def _is_record(record: Any) -> bool:
    """Whether a value from a file is a record of a task."""
    if not isinstance(record, dict):
        return False
    units, named = record.get("units"), record.get("objectives")
    return (
        all(isinstance(record.get(name), str) for name in ("key", "layer", "sha256", "fingerprint"))
        and all(isinstance(record.get(name), dict) for name in ("variant", "failed", "recipe", "versions"))
        and is_list_of(is_whole, units)
        and is_list_of(is_whole, record.get("points"))
        and is_list_of(is_text, named)
        and len(units or ()) == len(named or ())
        and all(unit.isdecimal() and is_text(reason) for unit, reason in record["failed"].items())
    )


__all__ = ["RECORDS", "Record", "Records"]
