"""Editing an objective term by term: the part of a widget that keeps a list of rows and its objective in step."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from lucid_widgets.errors import ExpressionError, LucidError
from lucid_widgets.modelzoo.vision_models import Model
from lucid_widgets.optvis.objectives import Objective
from lucid_widgets.optvis.objectives.maker import Call
from lucid_widgets.optvis.objectives.term_fields import (
    described_kinds,
    fields_of,
    suggested_arguments,
    suggested_weight,
)
from lucid_widgets.optvis.objectives.terms import Term
from lucid_widgets.optvis.objectives.text import Place, large_arrays, parse
from lucid_widgets.optvis.objectives.text import read as read_places
from lucid_widgets.widgets._core.base import Command, LucidBase, Reply, described
from lucid_widgets.widgets._core.traits import Record, Records
from lucid_widgets.widgets._core.uploads import Uploads
from lucid_widgets.widgets._terms.array_store import ArrayStore
from lucid_widgets.widgets._terms.rows import Rows, check_kind, rows_of
from lucid_widgets.widgets._workbench.presets import class_layer, middle_layer
from lucid_widgets.widgets._workbench.start_image import StartImage


class TermEditing(LucidBase):
    """A widget with an objective that can be edited as a list of terms.

    Subclasses say what the terms are about (`_editing`), show the rows of a new objective (`_terms_showing`) and accept
    an objective that the rows make (`_change` with "objective").
    """

    terms: list[dict[str, Any]] = Records(
        help="The objective's terms: dicts of kind, arguments, weight, negative, enabled and more. Can be assigned."
    )
    problem: dict[str, str] = Record(
        output=True, help="Why the terms make no objective at the moment, so that it stays what it was; else empty."
    )
    kinds: list[dict[str, Any]] = Records(output=True, help="The kinds of terms and their arguments.")
    labels: list[str] = Records(output=True, help="The names of the model's classes, as far as they are known.")

    _rows: Rows
    _arrays: ArrayStore
    _coming: Uploads
    _files: dict[str, bytes]  # of pictures that came from files, by the names of their arrays
    _edited: Rows | None

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        self = super().__new__(cls, *args, **kwargs)
        self._rows, self._edited = Rows(), None
        self._arrays, self._coming, self._files = ArrayStore(), Uploads(), {}
        return self

    # For subclasses.

    def _editing(self) -> tuple[Model, Objective, int | None, int]:
        """The model, the objective, the number of images (None where unknown) and their size in pixels."""
        raise NotImplementedError

    def _publish_kinds(self, model: Model) -> None:
        self.set_trait("kinds", described_kinds())
        self.set_trait("labels", list(model.labels or ()))

    def _terms_showing(self, objective: Objective, batch: int | None) -> dict[str, Any]:
        """The traits that show an objective as terms, also where it was the terms that made it."""
        if self._edited is None:
            self._rows = self._rows.showing(objective)
        else:
            self._rows = self._edited
        return self._term_traits(batch)[0]

    def _term_traits(self, batch: int | None) -> tuple[dict[str, Any], Objective | None]:
        """The traits of the rows as they are, and the objective that they make, if they do."""
        model = self._editing()[0]
        problems = [row.problem(model, batch) for row in self._rows]
        records = [row.record(problem, self._arrays) for row, problem in zip(self._rows, problems, strict=True)]
        used = _array_names(records)
        self._arrays.forget_all_but(used)
        self._files = {name: file for name, file in self._files.items() if name in used}
        trouble: Mapping[str, Any] = next(
            (p for row, p in zip(self._rows, problems, strict=True) if p and row.enabled), {}
        )
        made = None
        if not trouble:
            try:
                made = self._rows.objective()
            except LucidError as error:
                trouble = {"message": error.message, "hint": error.hint}
        return {"terms": records, "problem": trouble}, made

    def _follow(self, rows: Rows | None, size_before: int) -> None:
        """Shows rows that were assigned, and lets what was made for the image's size fit another. Ends a `_change`."""
        size = self._editing()[3]
        if rows is not None or size != size_before:
            self._use_rows(self._fitted(self._rows if rows is None else rows, size_before, size))

    def _fitted(self, rows: Rows, before: int, size: int) -> Rows:
        for row in rows if before != size else ():
            for field in fields_of(row.term.kind):
                value = row.term.arguments.get(field.name)
                if field.type == "shape" and value is not None and list(value)[1:3] == [before, before]:
                    rows = rows.changed(row.id, arguments={field.name: [value[0], size, size, *value[3:]]})
                elif field.type == "picture" and value is not None:
                    file = self._files.get(self._arrays.record(value).get("array", ""))
                    if file is not None:
                        rows = rows.changed(row.id, arguments={field.name: self._fitted_picture(file, size)})
        return rows

    def _fitted_picture(self, file: bytes, size: int) -> Any:
        """A picture of that size from a file, which is remembered for other sizes."""
        picture = StartImage.of_bytes(file, "").fitted(size, alpha=False)
        self._files[self._arrays.record(picture)["array"]] = file
        return picture

    def _assigned_rows(self, terms: Any) -> Rows:
        return rows_of(terms, self._arrays, self._rows.next_id)

    def _read(self, text: str) -> Objective:
        """An objective from its text, in which "..." is what it is in the present one."""
        return parse(text, [*large_arrays(self._editing()[1])])

    # What the page can do.

    def _commands(self) -> Mapping[str, Command]:
        return {
            **super()._commands(),
            "add_term": self._add_term,
            "edit_term": lambda id, **changes: self._edit(lambda rows: self._changed_row(rows, id, changes)),
            "duplicate_term": self._duplicate_term,
            "remove_term": lambda id: self._edit(lambda rows: rows.removed(id)),
            "move_term": lambda id, to: self._edit(lambda rows: rows.moved(id, to)),
            "check": self._check,
            "term_picture": self._take_picture,
        }

    def _edit(self, change: Callable[[Rows], Rows]) -> None:
        with self._lock:
            self._use_rows(change(self._rows))

    def _use_rows(self, rows: Rows) -> None:
        """Shows other rows, and takes over the objective that they make, if they do."""
        before, self._rows = self._rows, rows
        try:
            traits, made = self._term_traits(self._editing()[2])
            if made is None or made == self._editing()[1]:
                self._commit(traits)
                return
            self._edited = rows
            self._change({"objective": made})
        except BaseException:
            self._rows = before
            raise
        finally:
            self._edited = None

    def _add_term(self, kind: Any, layer: str = "") -> Reply:
        with self._lock:
            added = self._rows.added(self._new_term(check_kind(kind), layer))
            self._use_rows(added)
        return Reply({"id": added.next_id - 1}, [])

    def _duplicate_term(self, id: Any) -> Reply:
        with self._lock:
            twice = self._rows.duplicated(id)
            self._use_rows(twice)
        return Reply({"id": twice.next_id - 1}, [])

    def _new_term(self, kind: str, layer: str) -> Term:
        """A term that is as finished as it can be without asking anybody anything."""
        model, _, batch, size = self._editing()
        arguments = suggested_arguments(kind)
        fitting = (class_layer(model) or model.layers[-1].name) if kind == "class_logit" and model.layers else ""
        others = (row.term for row in reversed(self._rows.rows) if row.term.kind != "class_logit")
        used = (layer for term in others for layer in _layers_of(term))
        name = fitting or layer or next(used, "") or middle_layer(model).name
        for field in fields_of(kind):
            if field.type == "layer" and field.default is None:
                arguments[field.name] = name
            elif field.type == "channel":
                arguments[field.name] = 0
            elif field.type == "channels":
                arguments[field.name] = list(range(batch or 1))
            elif field.type == "label" and not model.labels:
                arguments[field.name] = 0
            elif field.type == "shape":
                arguments[field.name] = [1, size, size, model.image_shape[-1] or 3]
        weight, negative = suggested_weight(kind)
        return Term(kind, arguments, weight, negative)

    def _changed_row(self, rows: Rows, id: Any, changes: Mapping[str, Any]) -> Rows:
        """A change of a row, and what a person would have to change next."""
        given = {name: self._arrays.value(value) for name, value in dict(changes.get("arguments", {})).items()}
        if "kind" in changes:
            return self._changed_kind(rows, id, {**changes, "arguments": given})
        rows = rows.changed(id, **{**changes, "arguments": given})
        term = rows.rows[rows.index(id)].term
        return rows.changed(id, arguments=self._channels_in_range(term, given))

    def _changed_kind(self, rows: Rows, id: Any, changes: Mapping[str, Any]) -> Rows:
        """Another kind, which brings its own weight, unless the person has chosen one."""
        before = rows.rows[rows.index(id)].term
        fresh = self._new_term(check_kind(changes["kind"]), "")
        weight: dict[str, Any] = {}
        if (before.weight, before.negative) == suggested_weight(before.kind):
            weight = {"weight": fresh.weight, "negative": fresh.negative}
        rows = rows.changed(id, **{**weight, **changes})
        now = rows.rows[rows.index(id)].term.arguments
        classes = fresh.kind == "class_logit"
        missing = {name: value for name, value in fresh.arguments.items() if classes or now.get(name) is None}
        return rows.changed(id, arguments={**missing, **changes["arguments"]})

    def _channels_in_range(self, term: Term, given: Mapping[str, Any]) -> dict[str, int]:
        """The channels of those layers of a term that were changed, no larger than the layer allows."""
        model, near = self._editing()[0], {}
        for field in fields_of(term.kind):
            layer, channel = term.arguments.get(field.of), term.arguments.get(field.name)
            if field.type == "channel" and field.of in given and isinstance(layer, str) and isinstance(channel, int):
                count = model.get_layer(layer).channels
                near[field.name] = channel if count is None else min(channel, count - 1)
        return near

    def _check(self, text: Any) -> Reply:
        """What is wrong with a text, and where; None if nothing is."""
        model, now, batch, _ = self._editing()
        try:
            _, places = read_places(str(text), [*large_arrays(now)])
        except ExpressionError as error:
            return Reply({**described(error), "position": error.position, "length": 0}, [])
        for place in places:
            try:
                place.leaf.validate(model, batch)
            except LucidError as error:
                start, length = _culprit(str(text), place, error)
                return Reply({**described(error), "position": start, "length": length}, [])
        return Reply(None, [])

    def _take_picture(self, id: Any, field: str, upload: str, part: int, parts: int, data: str) -> Reply:
        """One part of a picture's file; with the last one, the picture becomes an argument of a term."""
        file = self._coming.add(upload, part, parts, data)
        if file is not None:
            picture = self._fitted_picture(file, self._editing()[3])
            self._edit(lambda rows: rows.changed(id, arguments={field: picture}))
        return Reply({"received": part + 1}, [])


def _layers_of(term: Term) -> list[str]:
    found = [term.arguments.get(field.name) for field in fields_of(term.kind) if field.type == "layer"]
    return [name for name in found if isinstance(name, str) and name not in ("", "input")]


def _array_names(records: Any) -> set[str]:
    values = (value for record in records for value in record["arguments"].values())
    return {value["array"] for value in values if isinstance(value, dict) and "array" in value}


def _culprit(text: str, place: Place, error: LucidError) -> tuple[int, int]:
    """Where in a leaf's text an error is: at the name or number that its message speaks of, else all of it."""
    arguments = place.leaf.arguments.values() if isinstance(place.leaf, Call) else ()
    for value in arguments:
        if isinstance(value, (str, int)) and re.search(rf"(?<!\w){re.escape(repr(value))}(?!\w)", error.message):
            for written in (json.dumps(value, ensure_ascii=False), repr(value)):
                found = re.compile(rf"(?<!\w){re.escape(written)}(?!\w)").search(text, place.start, place.end)
                if found:
                    return found.start(), len(written)
    return place.start, place.end - place.start
