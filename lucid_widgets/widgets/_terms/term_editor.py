"""`TermEditor`: an objective as a list of terms that the page and Python can edit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from lucid_widgets.errors import ArgumentError, LucidError
from lucid_widgets.modelzoo.vision_models import Model
from lucid_widgets.optvis.objectives import Objective
from lucid_widgets.optvis.objectives.text import large_arrays, parse
from lucid_widgets.widgets._core.commands import Command, Reply
from lucid_widgets.widgets._core.part import Part
from lucid_widgets.widgets._core.traits import Record, Records
from lucid_widgets.widgets._core.uploads import Uploads
from lucid_widgets.widgets._terms.array_store import ArrayStore
from lucid_widgets.widgets._terms.check import check
from lucid_widgets.widgets._terms.fields import described_kinds, fields_of
from lucid_widgets.widgets._terms.rows import Rows, check_kind, rows_of
from lucid_widgets.widgets._terms.suggestions import changed_row, new_term
from lucid_widgets.widgets._workbench.start_image import StartImage

if TYPE_CHECKING:
    from lucid_widgets.widgets._core.base import LucidBase


class Subject(NamedTuple):
    """The context of the terms.

    Attributes:
        model: The model whose layers the terms name.
        objective: The current objective of the widget.
        batch: Number of images; None if unknown.
        image_size: Width and height of the images in pixels.
    """

    model: Model
    objective: Objective
    batch: int | None
    image_size: int


class TermEditor(Part):
    """Keeps a list of rows and the widget's objective in agreement.

    A row may be unfinished or switched off. While the rows make no objective, the widget keeps the one it has.

    When the objective changes, the widget's `_change` calls `traits_showing` for the new objective, and `follow` at
    its end. When rows change so that they make another objective, the editor passes it to `accept`, which leads to
    `_change` too. The widget needs the traits `terms`, `problem`, `_term_kinds` and `_labels`.

    Args:
        widget: The owner.
        subject: Returns the current context of the terms.
        accept: Called with an objective that the widget should use.
    """

    def __init__(
        self, widget: LucidBase, *, subject: Callable[[], Subject], accept: Callable[[Objective], None]
    ) -> None:
        super().__init__(widget)
        self._subject, self._accept = subject, accept
        self._rows = Rows()
        # The rows that make the objective which is being accepted.
        self._accepting: Rows | None = None
        self._arrays = ArrayStore()
        self._uploads = Uploads()
        # Image files, by the names of the arrays that were made from them.
        self._files: dict[str, bytes] = {}

    def commands(self) -> Mapping[str, Command]:
        return {
            "add_term": self._add,
            "edit_term": self._edit,
            "duplicate_term": self._duplicate,
            "remove_term": lambda id: self._use(self._rows.removed(id)),
            "move_term": lambda id, to: self._use(self._rows.moved(id, to)),
            "check": self._check,
            "term_image": self._take_image_file,
        }

    # For the widget.

    def publish_kinds(self, model: Model) -> None:
        """Publish the kinds of terms, and the model's labels."""
        self.widget._publish(_term_kinds=described_kinds(), _labels=list(model.labels or ()))

    def parse(self, text: str) -> Objective:
        """Parse an objective. Arrays written as "..." are taken from the current objective."""
        subject = self._subject()
        return parse(text, [*large_arrays(subject.objective)], model=subject.model)

    def rows_from(self, terms: Any) -> Rows:
        """Rows for a value that was assigned to the trait `terms`."""
        return rows_of(terms, self._arrays, self._rows.next_id)

    def traits_showing(self, objective: Objective, batch: int | None) -> dict[str, Any]:
        """Traits that show an objective as terms. Rows that make this objective stay as they are.

        Rows that are switched off stay where the page edits the code. Python, which assigns a whole objective, replaces
        them as well.
        """
        if self._accepting is not None:
            self._rows = self._accepting
        elif self.widget._commanded or objective == self._subject().objective:
            self._rows = self._rows.showing(objective)
        else:
            self._rows = self._rows.enabled().showing(objective)
        return self.traits(batch)

    def traits(self, batch: int | None) -> dict[str, Any]:
        """Traits that show the rows as they are."""
        return self._traits_and_objective(batch)[0]

    def follow(self, rows: Rows | None, size_before: int) -> None:
        """End a change of the widget: use assigned rows, and adapt terms that were made for another image size."""
        size = self._subject().image_size
        if rows is not None or size != size_before:
            self._use(self._fitted(self._rows if rows is None else rows, size_before, size))

    def image_of(self, start: StartImage | None) -> Any:
        """Return an image for a term, of the size of the widget's image, which follows that size from now on.

        Raises:
            ArgumentError: If there is none.
        """
        if start is None:
            raise ArgumentError("There is no photo.", "Choose a start image first.")
        return self._fitted_image(start.data, self._subject().image_size)

    # Rows.

    def _use(self, rows: Rows) -> None:
        """Show other rows, and accept the objective that they make, if they make one."""
        with self.lock:
            before, self._rows = self._rows, rows
            try:
                subject = self._subject()
                traits, made = self._traits_and_objective(subject.batch)
                if made is None or made == subject.objective:
                    self.widget._commit(traits)
                    return
                self._accepting = rows
                self._accept(made)
            except BaseException:
                self._rows = before
                raise
            finally:
                self._accepting = None

    def _traits_and_objective(self, batch: int | None) -> tuple[dict[str, Any], Objective | None]:
        """The traits of the rows as they are, and the objective that they make; None if they make none."""
        model = self._subject().model
        problems = [row.problem(model, batch) for row in self._rows]
        records = [row.record(problem, self._arrays) for row, problem in zip(self._rows, problems, strict=True)]
        used = _array_names(records)
        self._arrays.forget_all_but(used)
        self._files = {name: file for name, file in self._files.items() if name in used}
        first_problem: Mapping[str, Any] = next(
            (problem for row, problem in zip(self._rows, problems, strict=True) if problem and row.enabled), {}
        )
        made = None
        if not first_problem:
            try:
                made = self._rows.objective()
            except LucidError as error:
                first_problem = {"message": error.message, "hint": error.hint}
        return {"terms": records, "problem": first_problem}, made

    def _fitted(self, rows: Rows, before: int, size: int) -> Rows:
        for row in rows if before != size else ():
            for field in fields_of(row.term.kind):
                value = row.term.arguments.get(field.name)
                if field.type == "shape" and value is not None and list(value)[1:3] == [before, before]:
                    rows = rows.changed(row.id, arguments={field.name: [value[0], size, size, *value[3:]]})
                elif field.type == "image" and value is not None:
                    file = self._files.get(self._arrays.record(value).get("array", ""))
                    if file is not None:
                        rows = rows.changed(row.id, arguments={field.name: self._fitted_image(file, size)})
        return rows

    def _fitted_image(self, file: bytes, size: int) -> Any:
        """An image of that size from a file. The file is kept, to be fitted again if the size changes."""
        image = StartImage.of_bytes(file, "").fitted(size, alpha=False)
        self._files[self._arrays.record(image)["array"]] = file
        return image

    # Commands of the page.

    def _add(self, kind: str, layer: str = "") -> Reply:
        with self.lock:
            added = self._rows.added(self._new_term(check_kind(kind), layer))
            self._use(added)
        return Reply({"id": added.next_id - 1})

    def _edit(self, id: Any, **changes: Any) -> None:
        with self.lock:
            arguments = {name: self._arrays.value(value) for name, value in dict(changes.get("arguments", {})).items()}
            model = self._subject().model
            self._use(changed_row(self._rows, id, {**changes, "arguments": arguments}, model, self._new_term))

    def _duplicate(self, id: Any) -> Reply:
        with self.lock:
            duplicated = self._rows.duplicated(id)
            self._use(duplicated)
        return Reply({"id": duplicated.next_id - 1})

    def _new_term(self, kind: str, layer: str = "") -> Any:
        subject = self._subject()
        return new_term(kind, layer, self._rows, subject.model, subject.batch, subject.image_size)

    def _check(self, text: str) -> Reply:
        """The mistake in a text, with its position; None if there is none."""
        subject = self._subject()
        return Reply(check(str(text), subject.model, subject.objective, subject.batch))

    def _take_image_file(self, id: Any, field: str, upload: str, part: int, parts: int, data: str) -> Reply:
        """Take one chunk of an image file. After the last one, the image becomes an argument of a term."""
        file = self._uploads.add(upload, part, parts, data)
        if file is not None:
            image = self._fitted_image(file, self._subject().image_size)
            with self.lock:
                self._use(self._rows.changed(id, arguments={field: image}))
        return Reply({"received": part + 1})


def terms_trait() -> Any:
    """The trait `terms: list[dict[str, Any]]`."""
    return Records(
        help="Terms of the objective: dicts with kind, arguments, weight, negative, enabled and more. Can be assigned."
    )


def problem_trait() -> Any:
    """The trait `problem: dict[str, str]`."""
    return Record(
        output=True,
        help="Why the terms make no objective, so that `objective` stays as it was (message, hint), or an empty dict.",
    )


def kinds_trait() -> Any:
    """The trait `_term_kinds: list[dict[str, Any]]`."""
    return Records(output=True, help="The kinds of terms, and the arguments of each.")


def labels_trait() -> Any:
    """The trait `_labels: list[str]`."""
    return Records(output=True, help="Labels of the model's classes; empty if unknown.")


def _array_names(records: Any) -> set[str]:
    values = (value for record in records for value in record["arguments"].values())
    return {value["array"] for value in values if isinstance(value, dict) and "array" in value}
