"""`ObjectiveBuilder`: builds any objective of the package by clicking, and shows its code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, ClassVar

from lucid_widgets.misc.outside import in_html
from lucid_widgets.modelzoo.survey.stages import survey_stages
from lucid_widgets.modelzoo.vision_models import Model, as_model, embedded_model
from lucid_widgets.optvis.objectives import Objective, as_objective
from lucid_widgets.widgets._core import cell_reruns
from lucid_widgets.widgets._core.base import LucidBase
from lucid_widgets.widgets._core.traits import Record, Records, Text, Whole
from lucid_widgets.widgets._network.held import HeldModel
from lucid_widgets.widgets._terms.term_editor import (
    Subject,
    TermEditor,
    kinds_trait,
    labels_trait,
    problem_trait,
    terms_trait,
)
from lucid_widgets.widgets._workbench.presets import default_objective


class ObjectiveBuilder(LucidBase):
    """Builds an objective term by term. The matching code stays in sync and can be edited directly.

    Terms, code and Python stay in sync: a change of one shows in the other two. While a term is unfinished or the code
    has a mistake, the page explains the problem, and `objective` stays unchanged.

    Args:
        model: A `Model` of the zoo, a Keras model, or the path of a frozen graph (`.pb`) or of a `.keras` file;
            default: EmojiNet, which is part of this package.
        objective: The objective to start with: "layer:channel", an expression, an `Objective`, or a function
            `T -> scalar`; default: the model's `first_look`, or channel 0 of a layer in the middle.
        batch: Number of images that will be optimized together, 1 to 64. Terms can refer to one of them.
        image_size: Width and height of these images in pixels, 8 to 2048. Images from files are resized to it.
        **kwargs: Arguments of any widget, such as `layout`.

    Raises:
        UnknownNameError: If the model does not have the layer or class.
        OutOfRangeError: If the channel is out of range.
        ExpressionError: If the text is not an objective.

    Example:
        >>> builder = ObjectiveBuilder(model, "mixed4a:56")
        >>> builder.observe(lambda change: print(change.new), "expression")
        >>> builder
        >>> render_vis(model, builder.objective)
    """

    _bundle: ClassVar[str] = "objective_builder"
    _model = HeldModel()
    _editable: ClassVar[tuple[str, ...]] = ("expression", "terms", "batch", "image_size")

    model_name: str = Text("", output=True, help="Name of the model.")
    layers: list[dict[str, Any]] = Records(
        output=True, help="The model's layers in order: name, kind, channels (None if unknown) and share of compute."
    )
    _stages: dict[str, Any] = Record(
        output=True, help="The network's stages, groups of successive `layers`, and the links between them."
    )
    expression: str = Text("", help='The objective as Python code. "layer:channel" can be assigned too.')
    batch: int = Whole(1, min=1, max=64, help="Number of images that will be optimized together.")
    image_size: int = Whole(128, min=8, max=2048, help="Width and height of these images in pixels.")
    terms: list[dict[str, Any]] = terms_trait()
    problem: dict[str, str] = problem_trait()
    _term_kinds: list[dict[str, Any]] = kinds_trait()
    _labels: list[str] = labels_trait()

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
        self._objective = default_objective(self._model) if objective is None else as_objective(objective, self._model)
        self._change({"objective": self._objective, "batch": batch, "image_size": image_size})
        self._terms.publish_kinds(self._model)
        layers = [asdict(layer) for layer in self._model.browsable_layers]
        self._publish(model_name=self._model.name, layers=layers, _stages=asdict(survey_stages(self._model)))
        super().__init__(**kwargs)
        cell_reruns.remember(self)

    def _make_parts(self) -> None:
        self._terms = self._own(
            TermEditor(
                self,
                subject=lambda: Subject(self._model, self._objective, self.batch, self.image_size),
                accept=lambda objective: self._change({"objective": objective}),
            )
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.model_name}: {self.expression}>"

    @property
    def model(self) -> Model:
        """The model whose layers the terms can use."""
        return self._model

    @property
    def objective(self) -> Objective:
        """The objective, which can always be optimized. Accepts every value that the argument `objective` accepts."""
        return self._objective

    @objective.setter
    def objective(self, objective: Objective | Callable[[Any], Any] | str) -> None:
        self._change({"objective": as_objective(objective, self._model)})

    def _html(self) -> str:
        return f"<p>Objective for {in_html(self.model_name)}:</p><pre>{in_html(self.expression)}</pre>"

    def _change(self, values: Mapping[str, Any]) -> None:
        with self._lock:
            checked = self._checked({name: value for name, value in values.items() if name != "objective"})
            rows = self._terms.rows_from(checked.pop("terms")) if "terms" in checked else None
            size_before, batch = self.image_size, checked.get("batch", self.batch)
            if "objective" in values or "expression" in checked:
                objective = values["objective"] if "objective" in values else self._terms.parse(checked["expression"])
                objective.validate(self._model, batch)
                checked |= {"expression": repr(objective), **self._terms.traits_showing(objective, batch)}
                self._objective = objective
            elif "batch" in checked:
                checked |= self._terms.traits(batch)
            self._commit(checked)
            self._terms.follow(rows, size_before)
        self._keep_still()


__all__ = ["ObjectiveBuilder"]
