"""The rows of a list of terms, as pure values: what a page shows, edits and sends back.

A row is a term with an id, which stays with it while it is moved and edited, and a switch. It may be unfinished: then
it says what is missing, and there is no new objective until it is switched off, removed or finished.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lucid_widgets.errors import ArgumentError, LucidError, finite_number, unknown_name
from lucid_widgets.optvis.objectives.registry import OBJECTIVES
from lucid_widgets.optvis.objectives.term_fields import Field, fields_of, suggested_arguments
from lucid_widgets.optvis.objectives.terms import CUSTOM, NUMBER, Term, objective_of, terms_of
from lucid_widgets.optvis.objectives.tree import Objective
from lucid_widgets.widgets._terms.array_store import ArrayStore

MOST_ROWS = 200

_MISSING = {
    "layer": "Choose a layer.",
    "channel": "Choose a channel.",
    "channels": "Name a channel for each image, such as 3, 17, 42.",
    "label": "Choose a class.",
    "vector": "Give the direction, or draw one at random.",
    "pattern": "A pattern comes from Python: objectives.tensor_direction(layer, array).",
    "picture": "Choose a picture.",
    "shape": "Give the image's shape.",
}


@dataclass(frozen=True)
class Row:
    """One row.

    Args:
        id: A number that no other row of the list has or had.
        term: Which may miss arguments.
        enabled: Whether it counts.
    """

    id: int
    term: Term
    enabled: bool = True

    def problem(self, model: Any, batch: int | None) -> dict[str, str]:
        """Why this row is no term yet: `message`, `hint` and the `field` to blame, if there is one. Empty if it is."""
        for field in fields_of(self.term.kind):
            if _is_empty(self.term.arguments.get(field.name)) and not field.optional:
                return {"message": _MISSING.get(field.type, "Give a number."), "hint": "", "field": field.name}
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
    """A list of rows. Every change gives another one.

    Args:
        rows: In order.
        next_id: The id of the row that is added next.
    """

    rows: tuple[Row, ...] = ()
    next_id: int = 1

    def __iter__(self) -> Any:
        return iter(self.rows)

    def index(self, id: Any) -> int:
        """The place of a row."""
        for index, row in enumerate(self.rows):
            if row.id == id:
                return index
        raise ArgumentError(f"There is no term {id!r} any more.", "The list has changed meanwhile.")

    def objective(self) -> Objective:
        """The sum of the rows that are switched on."""
        on = [row.term for row in self.rows if row.enabled]
        if not on:
            raise ArgumentError("No term is switched on.", "Switch one on, or add another.")
        return objective_of(on)

    def showing(self, objective: Objective) -> Rows:
        """The rows of another objective. Rows that are switched off keep their places, those that stay their ids."""
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
        """With another row, at the end unless an index is given."""
        if len(self.rows) >= MOST_ROWS:
            raise ArgumentError(f"There are {len(self.rows)} terms already.", "Remove one first.")
        at = len(self.rows) if index is None else index
        return Rows((*self.rows[:at], Row(self.next_id, term), *self.rows[at:]), self.next_id + 1)

    def duplicated(self, id: Any) -> Rows:
        """With a row's twin below it."""
        at = self.index(id)
        twice = self.added(self.rows[at].term, at + 1)
        return twice.changed(self.next_id, enabled=self.rows[at].enabled)

    def removed(self, id: Any) -> Rows:
        """Without a row."""
        at = self.index(id)
        return replace(self, rows=self.rows[:at] + self.rows[at + 1 :])

    def moved(self, id: Any, to: Any) -> Rows:
        """With a row at another place, counted from 0."""
        at = self.index(id)
        if isinstance(to, bool) or not isinstance(to, int):
            raise ArgumentError(f"A term cannot be moved to {to!r}.", "Expected a whole number.")
        rest = self.rows[:at] + self.rows[at + 1 :]
        to = min(max(to, 0), len(rest))
        return replace(self, rows=(*rest[:to], self.rows[at], *rest[to:]))

    def changed(self, id: Any, **changes: Any) -> Rows:
        """With a row's `enabled`, or its term's `kind`, `weight`, `negative` or `arguments`, changed.

        Arguments are merged into those there are; another kind keeps the arguments that it shares with the last.
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
    """Rows from what somebody assigned: dicts with a `kind`, and whatever else `Row.record` writes or does not."""
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
    """`kind`, if there are terms of it."""
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
    """The arguments of another kind, with those of a term that mean the same in it: layers, channels, and so on."""
    had: dict[str, list[Any]] = {}
    for field in fields_of(term.kind):
        had.setdefault(_meaning(field), []).append(term.arguments.get(field.name))
    arguments = suggested_arguments(kind)
    for field in fields_of(kind):
        values = had.get(_meaning(field), [])
        # The image itself is where terms on the image begin, and no others.
        if values and not _is_empty(values[0]) and (field.default == "input") == (values[0] == "input"):
            arguments[field.name] = values.pop(0)
    return arguments


def _meaning(field: Field) -> str:
    return field.type if field.type not in ("whole", "real") else field.name


def _opened(term: Term) -> Term:
    """A custom term whose objective can be written holds the text, so that it can be edited."""
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
