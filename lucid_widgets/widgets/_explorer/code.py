"""Python code that computes the numbers that an explorer shows."""

from __future__ import annotations

from typing import Any

from lucid_widgets.misc.outside import in_code
from lucid_widgets.optvis.classification import class_name
from lucid_widgets.widgets._network.in_use import NetworkInUse


def code_of(
    network: NetworkInUse,
    image: str,
    *,
    view: str,
    layer: str,
    position: list[int],
    spatial: bool,
    target: Any,
    method: str,
    groups: int,
) -> str:
    """Return code that runs as it is, if it names no variable of the user.

    Args:
        network: The network.
        image: Code that makes the image; empty if the user's code has it.
        view: What is shown. The other arguments are the traits of the explorer.
        layer: The layer.
        position: The position: row and column, or the index of a token.
        spatial: Whether the layer has positions.
        target: The target of attributions: the index of a class, or a pair of them; None for a network without classes.
        method: The method of attributions.
        groups: Number of groups.
    """
    statements, variable = network.code()
    names = {"attribution"} | ({"models"} if any("models." in each for each in statements) else set())
    names |= {name for name in ("ImageExplorer", "load") if f"{name}(" in image or f"{name}." in image}
    missing = [variable] if variable else []
    missing += [] if image else ["image"]
    lines = [f"# Define these before running this code: {', '.join(missing)}."] if missing else []
    lines += [f"from lucid_widgets import {', '.join(sorted(names, key=str.lower))}"]
    lines += ["from lucid_widgets.misc.io import fit_image"] if "fit_image(" in image else []
    lines += ["", *statements, *([f"image = {image}"] if image else []), ""]
    lines += _calls(network, view, layer, position, spatial, target, method, groups)
    return "\n".join([*lines, ""])


def _calls(
    network: NetworkInUse,
    view: str,
    layer: str,
    position: list[int],
    spatial: bool,
    target: Any,
    method: str,
    groups: int,
) -> list[str]:
    options = "" if method == "integrated_gradients" else f", method={method!r}"
    words = "" if target is None else in_code(_words(network, target))
    if view == "class":
        axis = "spatial" if spatial else "channel"
        return [
            f"why = attribution.{axis}_attribution(model, image, {layer!r}, {target!r}{options})  # {words}",
            "by_channel = why.contributions.reshape(-1, why.contributions.shape[-1]).sum(0)",
            "curves = attribution.faithfulness(model, image, why, points=20, random_orders=1)",
        ]
    if view == "groups":
        targets, comment = ("[]", "") if target is None else (f"[{target!r}]", f"  # {words}")
        return [
            f"found = attribution.neuron_groups(model, image, {layer!r}, {groups}, targets={targets}){comment}",
            "found.maps, found.images, found.effects",
        ]
    if view == "sees":
        return [f"grid = attribution.activation_grid(model, image, {layer!r})", "grid.picture"]
    at = f"[{', '.join(map(str, position))}]" if spatial else ""
    return [
        f"values = attribution.activations(model, image, [{layer!r}])[{layer!r}]{at}",
        "strongest = values.argsort()[::-1][:12]",
    ]


def _words(network: NetworkInUse, target: Any) -> str:
    indices = target if isinstance(target, tuple) else (target,)
    # One line: a line break in a label would end the comment, and the rest would be code.
    labels = [" ".join(class_name(network.model, each).split()) for each in indices]
    return " minus ".join(labels)


__all__ = ["code_of"]
