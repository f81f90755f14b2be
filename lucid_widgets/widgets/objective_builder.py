"""`ObjectiveBuilder`: any objective of the package, built by clicking, with its code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, ClassVar

from lucid_widgets.modelzoo.vision_models import Model, as_model, embedded_model
from lucid_widgets.optvis.objectives import Objective, as_objective
from lucid_widgets.widgets._core.base import Command
from lucid_widgets.widgets._core.traits import Records, Text, Whole
from lucid_widgets.widgets._terms.editing import TermEditing
from lucid_widgets.widgets._workbench.presets import default_objective


class ObjectiveBuilder(TermEditing):
    """Builds an objective term by term, and shows its code, which can be edited too.

    The terms, the code and Python are in step: whatever is changed in one place shows in the others. While a term is
    unfinished, or the code has a mistake, the page says so, and `objective` stays what it was.

    Args:
        model: A `Model` of the zoo, a Keras model, or the path of a frozen graph (`.pb`) or a `.keras` file. Unless
            given, EmojiNet, which comes with the package.
        objective: What to begin with: "layer:channel", an expression, an `Objective`, or a function `T -> scalar`.
            Unless given, the model's `first_look`, or channel 0 of a layer in the middle.
        batch: Number of images that will be optimized at once, from 1 up: which images a term may look at.
        image_size: Their width and height in pixels, 8 to 2048: what pictures from files are scaled to.
        **kwargs: What all widgets take, such as `layout`.

    Raises:
        UnknownNameError: For a layer or class that the model does not have.
        OutOfRangeError: For a channel that does not exist.
        ExpressionError: For text that is no objective.

    Example:
        >>> builder = ObjectiveBuilder(model, "mixed4a:56")
        >>> builder.observe(lambda change: print(change.new), "expression")
        >>> builder
        >>> render_vis(model, builder.objective)
    """

    _bundle: ClassVar[str] = "objective_builder"
    _editable: ClassVar[tuple[str, ...]] = ("expression", "terms", "batch", "image_size")

    model_name: str = Text("", output=True, help="The model's name.")
    layers: list[dict[str, Any]] = Records(output=True, help="The model's layers, in order.")
    expression: str = Text("", help='The objective as code. "layer:channel" can be assigned too.')
    batch: int = Whole(1, min=1, max=64, help="Number of images that will be optimized at once.")
    image_size: int = Whole(128, min=8, max=2048, help="Width and height of these images in pixels.")

    def __init__(
        self,
        model: Any = None,
        objective: Objective | Callable[[Any], Any] | str | None = None,
        batch: int = 1,
        *,
        image_size: int = 128,
        **kwargs: Any,
    ) -> None:
        self._model = embedded_model() if model is None else as_model(model)
        self._objective = default_objective(self._model) if objective is None else as_objective(objective)
        self._change({"objective": self._objective, "batch": batch, "image_size": image_size})
        self._publish_kinds(self._model)
        self.set_trait("model_name", self._model.name)
        self.set_trait("layers", [asdict(layer) for layer in self._model.layers])
        super().__init__(**kwargs)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.model_name}: {self.expression}>"

    @property
    def model(self) -> Model:
        """The model whose layers there are to choose from."""
        return self._model

    @property
    def objective(self) -> Objective:
        """The objective, always one that can be optimized. Can be set to all that the argument `objective` takes."""
        return self._objective

    @objective.setter
    def objective(self, objective: Objective | Callable[[Any], Any] | str) -> None:
        self._change({"objective": as_objective(objective)})

    def _editing(self) -> tuple[Model, Objective, int | None, int]:
        return self._model, self._objective, self.batch, self.image_size

    def _commands(self) -> Mapping[str, Command]:
        return {**super()._commands(), "set": self._set}

    def _change(self, values: Mapping[str, Any]) -> None:
        with self._lock:
            checked = self._checked({name: value for name, value in values.items() if name != "objective"})
            rows = self._assigned_rows(checked.pop("terms")) if "terms" in checked else None
            size_before, batch = self.image_size, checked.get("batch", self.batch)
            if "objective" in values or "expression" in checked:
                objective = values["objective"] if "objective" in values else self._read(checked["expression"])
                objective.validate(self._model, batch)
                self._objective = objective
                checked |= {"expression": repr(objective), **self._terms_showing(objective, batch)}
            elif "batch" in checked:
                checked |= self._term_traits(batch)[0]
            self._commit(checked)
            self._follow(rows, size_before)
