"""The parts of `ImageExplorer` as widgets of their own, for layouts of your own.

All of them have the traits of `ImageExplorer`, so `link`, `jslink` and `observe` connect them with each other and with
anything else:

    where = SpatialAttribution(model, image, "mixed4d", classes=["golden retriever"])
    what = SemanticDictionary(model, image, "mixed4d")
    ipywidgets.jslink((where, "position"), (what, "position"))
    ipywidgets.HBox([where, what])

A click on the image then shows the channels of that position.
"""

from __future__ import annotations

from typing import ClassVar

from lucid_widgets.widgets._explorer.explorer import Explorer


class SemanticDictionary(Explorer):
    """Lists the channels that fire most at a position of an image, with a feature image of each.

    Arguments and traits are those of `ImageExplorer`; `view` is always "fires".

    Example:
        >>> SemanticDictionary(model, image, "mixed4a", position=[3, 4])

    Source: Olah et al., "The Building Blocks of Interpretability", Distill 2018.
    """

    _shows: ClassVar[tuple[str, ...]] = ("fires",)
    _first_view: ClassVar[str] = "fires"


class ActivationGrid(Explorer):
    """Shows what the activations of each position of a layer look like, and fills in while the images are made.

    Arguments and traits are those of `ImageExplorer`; `view` is always "sees".

    Example:
        >>> ActivationGrid(model, image, "mixed4a")

    Source: Olah et al., "The Building Blocks of Interpretability", Distill 2018.
    """

    _shows: ClassVar[tuple[str, ...]] = ("sees",)
    _first_view: ClassVar[str] = "sees"


class SpatialAttribution(Explorer):
    """Shows on the image which positions of a layer speak for a class (orange) and against it (blue).

    Arguments and traits are those of `ImageExplorer`; `view` is always "class".

    Example:
        >>> SpatialAttribution(model, image, "mixed4a", classes=["dog", "cat"])

    Source: Olah et al., "The Building Blocks of Interpretability", Distill 2018.
    """

    _shows: ClassVar[tuple[str, ...]] = ("image",)
    _first_view: ClassVar[str] = "class"


class ChannelAttribution(Explorer):
    """Lists the channels of a layer that speak for a class and against it, and measures how faithful that is.

    Arguments and traits are those of `ImageExplorer`; `view` is always "class".

    Example:
        >>> ChannelAttribution(model, image, "mixed4a", classes=["dog", "cat"])

    Source: Olah et al., "The Building Blocks of Interpretability", Distill 2018.
    """

    _shows: ClassVar[tuple[str, ...]] = ("class",)
    _first_view: ClassVar[str] = "class"


class NeuronGroups(Explorer):
    """Shows groups of channels that fire together: where in the image, what they look for, and what they do to a class.

    Arguments and traits are those of `ImageExplorer`; `view` is always "groups".

    Example:
        >>> NeuronGroups(model, image, "mixed4a", groups=4)

    Source: Olah et al., "The Building Blocks of Interpretability", Distill 2018.
    """

    _shows: ClassVar[tuple[str, ...]] = ("image", "groups")
    _first_view: ClassVar[str] = "groups"


__all__ = ["ActivationGrid", "ChannelAttribution", "NeuronGroups", "SemanticDictionary", "SpatialAttribution"]
