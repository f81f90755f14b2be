"""`wrap_objective`: objectives from functions of a network's tensors."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ParamSpec, Protocol, overload

from lucid_widgets.modelzoo.vision_base import T
from lucid_widgets.optvis.objectives.arguments import Kind, whole
from lucid_widgets.optvis.objectives.maker import Check, ObjectiveMaker, Resolve

P = ParamSpec("P")


class _Decorator(Protocol):
    def __call__(self, function: Callable[P, Callable[[T], Any]]) -> ObjectiveMaker[P]: ...


@overload
def wrap_objective(require_format: Callable[P, Callable[[T], Any]]) -> ObjectiveMaker[P]: ...
@overload
def wrap_objective(
    require_format: str | None = None,
    handle_batch: bool = False,
    *,
    numbers: Sequence[str] | Mapping[str, Kind] = (),
    layer: str | Sequence[str] = (),
    channel: str | Sequence[str] = (),
    aliases: Mapping[str, str] | None = None,
    check: Check | None = None,
    resolve: Resolve | None = None,
) -> _Decorator: ...
def wrap_objective(
    require_format: Any = None,
    handle_batch: bool = False,
    *,
    numbers: Sequence[str] | Mapping[str, Kind] = (),
    layer: str | Sequence[str] = (),
    channel: str | Sequence[str] = (),
    aliases: Mapping[str, str] | None = None,
    check: Check | None = None,
    resolve: Resolve | None = None,
) -> Any:
    """Decorate a function that returns a function of `T`, so that it returns an `Objective`.

    Works with and without parentheses, because releases of Lucid differed. The decorated function keeps its name,
    docstring and arguments, also for editors and type checkers.

    Args:
        require_format: "NHWC" passes every layer as `[batch, height, width, channels]`: `[batch, channels]` becomes
            `[batch, 1, 1, channels]`. Default: None, which passes layers as they are.
        handle_batch: Has no effect, as in Lucid. Take an argument `batch`, and decorate the inner function with
            `handle_batch(batch)`.
        numbers: Names of arguments that may reach the function as tensors, so that a running optimization can change
            them without compiling. They are whole numbers of at least 0; pass a mapping from names to checks (see
            `optvis.objectives.arguments`) for other values. Default: none.
        layer: Name of the argument that names a layer, or several names. The layer is checked against the model before
            anything is compiled. Default: none.
        channel: Name of the argument that is a channel of that layer, or one name for each layer. It is checked too.
            Default: none.
        aliases: Keyword-only arguments (default None) that are another name for an argument. Default: none.
        check: A function of the arguments (a mapping), the model and the number of images (None: unknown). It is called
            before anything is compiled, and raises an error if the objective cannot be computed. Default: None.
        resolve: A function of the arguments and the model that returns the objective to compile in place of this one,
            such as one with the index of a class in place of its name; None keeps it. Default: None.

    Returns:
        A function with the same arguments that returns an `Objective`. Its text form is Python code, but
        `as_objective` cannot parse it: text can only call the objectives of this package.

    Example:
        >>> @objectives.wrap_objective(require_format="NHWC")
        ... def contrast(layer, n_channel):
        ...     return lambda T: tf.math.reduce_variance(T(layer)[..., n_channel])
        >>> render_vis(model, contrast("mixed4a", 152))

    Source: Lucid's `objectives.wrap_objective`.
    """
    kinds = numbers if isinstance(numbers, Mapping) else dict.fromkeys(numbers, whole)
    units = dict(itertools.zip_longest(_names(layer), _names(channel)))
    bare = callable(require_format)

    def decorate(function: Callable[P, Callable[[T], Any]]) -> ObjectiveMaker[P]:
        return ObjectiveMaker(
            function, None if bare else require_format, kinds, units, dict(aliases or {}), check, resolve
        )

    return decorate(require_format) if bare else decorate


def _names(names: str | Sequence[str]) -> Sequence[str]:
    return (names,) if isinstance(names, str) else names


__all__ = ["wrap_objective"]
