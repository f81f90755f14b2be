"""The rows of a list of terms, as immutable values: what a page shows, edits and sends back.

A row is a term with an id and a switch. It keeps its id while it is moved and edited. A row may be unfinished. It then
names what is missing, and the rows make no objective until it is finished, switched off or removed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lucid_widgets.errors import ArgumentError, LucidError, finite_number, unknown_name
from lucid_widgets.optvis.objectives.registry import OBJECTIVES
from lucid_widgets.optvis.objectives.terms import CUSTOM, NUMBER, Term, objective_of, terms_of
from lucid_widgets.optvis.objectives.tree import Objective
from lucid_widgets.widgets._terms.array_store import ArrayStore
from lucid_widgets.widgets._terms.fields import Field, fields_of, suggested_arguments

MAX_ROWS = 200

_MISSING = {
    "layer": "Choose a layer.",
    "channel": "Choose a channel.",
    "channels": "Name one channel per image, such as 3, 17, 42.",
    "label": "Choose a class.",
    "text": "Enter a text.",
    "vector": "Enter a direction, or draw a random one.",
    "pattern": "Set the pattern in Python: objectives.tensor_direction(layer, array).",
    "image": "Choose an image.",
    "images": "Set the images in Python: objectives.distribution_diff(layer, images).",
    "shape": "Enter the shape of the image.",
}


@dataclass(frozen=True)
class Row:
    """One row.

    Args:
        id: A number that no other row of the list has or had.
        term: The term. Arguments may be missing.
        enabled: Whether the row is part of the objective.
    """

    id: int
    term: Term
    enabled: bool = True

    def problem(self, model: Any, batch: int | None) -> dict[str, str]:
        """Why the row is not a valid term (`message`, `hint`, and the `field` to blame or ""); empty if it is valid."""
        for field in fields_of(self.term.kind):
            if _is_empty(self.term.arguments.get(field.name)) and not field.optional:
                return {"message": _MISSING.get(field.type, "Enter a number."), "hint": "", "field": field.name}
        try:
            self.term.objective.validate(model, batch)
        except LucidError as error:
            return {"message": error.message, "hint": error.hint, "field": ""}
        return {}

    def record(self, problem: Mapping[str, str], arrays: ArrayStore) -> dict[str, Any]:
        """The row as JSON."""
        term = self.term
        whole = term.arguments.get("objective")
        if isinstance(whole, Objective):
            arguments: dict[str, Any] = {"text": repr(whole)}
        else:
            arguments = {name: arrays.record(value) for name, value in term.arguments.items()}
        return {
            "id": self.id,
            "kind": term.kind,
            "negative": term.negative,
            "weight": term.weight,
            "enabled": self.enabled,
            "arguments": arguments,
            "fixed": isinstance(whole, Objective) and not _can_be_read(whole),
            "text": "" if problem else repr(term.unweighted),
            "problem": dict(problem),
        }


@dataclass(frozen=True)
class Rows:
    """A list of rows. Every change returns a new list.

    Args:
        rows: In order.
        next_id: Id of the next row that is added.
    """

    rows: tuple[Row, ...] = ()
    next_id: int = 1

    def __iter__(self) -> Any:
        return iter(self.rows)

    def index(self, id: Any) -> int:
        """Index of the row with an id."""
        for index, row in enumerate(self.rows):
            if row.id == id:
                return index
        raise ArgumentError(f"The term {id!r} no longer exists.", "The list has changed in the meantime.")

    def objective(self) -> Objective:
        """The sum of the enabled rows."""
        on = [row.term for row in self.rows if row.enabled]
        if not on:
            raise ArgumentError("No term is enabled.", "Enable one, or add another.")
        return objective_of(on)

    def enabled(self) -> Rows:
        """The enabled rows only."""
        return replace(self, rows=tuple(row for row in self.rows if row.enabled))

    def showing(self, objective: Objective) -> Rows:
        """Rows that show another objective. Disabled rows keep their places, and the others keep their ids in order."""
        terms = iter(terms_of(objective))
        rows: list[Row] = []
        for row in self.rows:
            if not row.enabled:
                rows.append(row)
            elif (term := next(terms, None)) is not None:
                rows.append(replace(row, term=_opened(term)))
        left = [_opened(term) for term in terms]
        new = [Row(self.next_id + i, term) for i, term in enumerate(left)]
        return Rows((*rows, *new), self.next_id + len(new))

    def added(self, term: Term, index: int | None = None) -> Rows:
        """Add a row at an index, or at the end."""
        if len(self.rows) >= MAX_ROWS:
            raise ArgumentError(f"The list already has {len(self.rows)} terms.", "Remove one first.")
        at = len(self.rows) if index is None else index
        return Rows((*self.rows[:at], Row(self.next_id, term), *self.rows[at:]), self.next_id + 1)

    def duplicated(self, id: Any) -> Rows:
        """Add a copy of a row below it."""
        at = self.index(id)
        copied = self.added(self.rows[at].term, at + 1)
        return copied.changed(self.next_id, enabled=self.rows[at].enabled)

    def removed(self, id: Any) -> Rows:
        """Remove a row."""
        at = self.index(id)
        return replace(self, rows=self.rows[:at] + self.rows[at + 1 :])

    def moved(self, id: Any, to: Any) -> Rows:
        """Move a row to another index."""
        at = self.index(id)
        if isinstance(to, bool) or not isinstance(to, int):
            raise ArgumentError(f"A term cannot be moved to {to!r}.", "Expected a whole number.")
        rest = self.rows[:at] + self.rows[at + 1 :]
        to = min(max(to, 0), len(rest))
        return replace(self, rows=(*rest[:to], self.rows[at], *rest[to:]))

    def changed(self, id: Any, **changes: Any) -> Rows:
        """Change a row's `enabled`, or its term's `kind`, `weight`, `negative` or `arguments`.

        New arguments are merged with the existing ones. A term of another kind keeps the arguments that both kinds
        have.
        """
        at = self.index(id)
        row = self.rows[at]
        known = ("enabled", "kind", "weight", "negative", "arguments")
        for name in changes:
            if name not in known:
                raise unknown_name("property", name, "A term", known)
        enabled = _flag("enabled", changes.get("enabled", row.enabled))
        row = replace(row, enabled=enabled, term=_changed(row.term, changes))
        return replace(self, rows=(*self.rows[:at], row, *self.rows[at + 1 :]))


def rows_of(records: Sequence[Mapping[str, Any]], arrays: ArrayStore, next_id: int = 1) -> Rows:
    """Rows from assigned dicts. A dict needs a `kind`; all other keys that `Row.record` writes are optional."""
    rows = Rows(next_id=next_id)
    if not isinstance(records, Iterable) or isinstance(records, (str, Mapping)):
        raise ArgumentError(f"terms cannot be {records!r}.", "Expected a list of dicts.")
    for record in records:
        if not isinstance(record, Mapping) or "kind" not in record:
            raise ArgumentError(f"A term cannot be {record!r}.", "Expected a dict with a kind, such as 'channel'.")
        given = {name: arrays.value(value) for name, value in dict(record.get("arguments", {})).items()}
        fresh = Term(check_kind(record["kind"]), suggested_arguments(record["kind"]))
        changes = {name: record[name] for name in ("weight", "negative") if name in record}
        rows = rows.added(_changed(fresh, {**changes, "arguments": given}))
        rows = rows.changed(rows.next_id - 1, enabled=record.get("enabled", True))
    return rows


def check_kind(kind: Any) -> str:
    """`kind`, after checking that it exists."""
    if kind in OBJECTIVES or kind in (CUSTOM, NUMBER):
        return str(kind)
    raise unknown_name("kind", str(kind), "A term", [*OBJECTIVES, CUSTOM, NUMBER])


def _changed(term: Term, changes: Mapping[str, Any]) -> Term:
    kind = check_kind(changes.get("kind", term.kind))
    arguments = dict(term.arguments) if kind == term.kind else _carried_over(term, kind)
    given = dict(changes.get("arguments", {}))
    known = ("text", "objective") if kind == CUSTOM else [field.name for field in fields_of(kind)]
    for name in given:
        if name not in known:
            raise unknown_name("argument", str(name), f"A term of the kind {kind!r}", list(known))
    if kind == CUSTOM and "text" in given:
        arguments = {}
    weight = changes.get("weight", term.weight)
    finite_number("weight of a term", weight, 0)
    return Term(kind, arguments | given, weight, _flag("negative", changes.get("negative", term.negative)))


def _carried_over(term: Term, kind: str) -> dict[str, Any]:
    """Arguments for another kind: suggestions, and the values of arguments that mean the same in both kinds."""
    had: dict[str, list[Any]] = {}
    for field in fields_of(term.kind):
        had.setdefault(_meaning(field), []).append(term.arguments.get(field.name))
    arguments = suggested_arguments(kind)
    for field in fields_of(kind):
        values = had.get(_meaning(field), [])
        # "input" is the layer of terms about the image itself, and of no others.
        if values and not _is_empty(values[0]) and (field.default == "input") == (values[0] == "input"):
            arguments[field.name] = values.pop(0)
    return arguments


def _meaning(field: Field) -> str:
    return field.type if field.type not in ("whole", "real") else field.name


def _opened(term: Term) -> Term:
    """The term; a custom term whose objective can be written as text holds the text, so that it can be edited."""
    whole = term.arguments.get("objective")
    if isinstance(whole, Objective) and _can_be_read(whole):
        return replace(term, arguments={"text": repr(whole)})
    return term


def _can_be_read(objective: Objective) -> bool:
    try:
        return Term(CUSTOM, {"text": repr(objective)}).unweighted == objective
    except LucidError:
        return False


def _is_empty(value: Any) -> bool:
    return value is None or value == "" if not isinstance(value, (np.ndarray, list, tuple)) else len(value) == 0


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ArgumentError(f"{name} cannot be {value!r}.", "Expected True or False.")
    return value
