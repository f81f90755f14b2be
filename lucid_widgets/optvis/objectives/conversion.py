"""Short forms of objectives: text, and plain functions of `T`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from lucid_widgets.errors import ArgumentError
from lucid_widgets.modelzoo.vision_base import T
from lucid_widgets.optvis.arguments import accepts
from lucid_widgets.optvis.objectives.maker import ObjectiveMaker
from lucid_widgets.optvis.objectives.text import parse
from lucid_widgets.optvis.objectives.tree import Objective

ObjectiveLike: TypeAlias = Objective | Callable[[T], Any] | str
"""Whatever `as_objective` accepts."""


def as_objective(obj: ObjectiveLike, model: Any = None) -> Objective:
    """Return the objective that a short form stands for.

    Args:
        obj: An `Objective`, which is returned unchanged; text such as "mixed4a:476" or
            'channel("mixed4a", 152) - 0.5 * channel("mixed4a", 30)'; or a function `T -> scalar tensor`.
        model: A `Model`. In text, the name of one of its classes stands for that class, and the name of one of its
            layers for the whole layer; the last part of a layer's name suffices if it is unique. Default: none.

    Returns:
        An `Objective`.

    Raises:
        ExpressionError: If the text cannot be parsed.
        ArgumentError: If `obj` is of any other type, or a function such as `channel` that was not called.

    Example:
        >>> as_objective("mixed4a:476")
        channel("mixed4a", 476)

    Source: Lucid's `objectives.as_objective`, which returned None for types it did not know.
    """
    if isinstance(obj, Objective):
        return obj
    if isinstance(obj, str):
        return parse(obj, model=model)
    if isinstance(obj, ObjectiveMaker):
        raise ArgumentError(
            f"{obj.name} is a function that returns an objective.",
            f"Expected the objective that {obj.name}(...) returns.",
        )
    if callable(obj):
        name = getattr(obj, "__name__", type(obj).__name__)
        if not accepts(obj, 1):
            raise ArgumentError(
                f"{name} cannot be called with one argument.",
                "Expected a function of T that returns a scalar tensor, such as lambda T: tf.reduce_mean(T('layer')).",
            )
        return Objective(obj, name, name)
    pair = isinstance(obj, (tuple, list)) and len(obj) == 2 and isinstance(obj[0], str) and isinstance(obj[1], int)
    if pair:
        raise ArgumentError(f"{obj!r} is not an objective.", f"Write it as text: '{obj[0]}:{obj[1]}'.")
    if isinstance(obj, (list, tuple)):
        raise ArgumentError(
            f"A {type(obj).__name__} is not an objective.",
            "Add objectives, as in 'layer:1 + layer:2', or render one image for each with render_many.",
        )
    raise ArgumentError(
        f"{obj!r} is not an objective.",
        "Expected text such as 'layer:channel', an Objective, or a function of T that returns a scalar tensor.",
    )


def as_objectives(objs: ObjectiveLike | Iterable[ObjectiveLike] | None, model: Any = None) -> list[Objective]:
    """Return several objectives as a list, each converted by `as_objective`.

    Args:
        objs: An iterable of short forms, a single one, or None for no objectives.
        model: As for `as_objective`.
    """
    if objs is None:
        return []
    if isinstance(objs, (Objective, str)) or callable(objs):
        return [as_objective(objs, model)]
    return [as_objective(each, model) for each in objs]


__all__ = ["ObjectiveLike", "as_objective", "as_objectives"]
