"""`ImageExplorer`: what a network sees in an image, where, and how that makes a class."""

from __future__ import annotations

from typing import ClassVar

from lucid_widgets.frames import FloatArray
from lucid_widgets.widgets._explorer.explorer import Explorer
from lucid_widgets.widgets._explorer.picture import sample, sample_names


class ImageExplorer(Explorer):
    """Shows what a network sees in an image, where, and how that makes a class.

    The image stays on the left, with the positions of a layer over it. The four views on the right answer

    - "fires": which channels fire most at a position,
    - "sees": what the activations of each position look like,
    - "class": which positions and channels speak for a class, and how faithful that attribution is,
    - "groups": which channels fire together, and what each group does to the class.

    Feature images are made in the background while the page shows them, and shared with `FeatureGrid` through the
    cache. `image`, `layer`, `position`, `pins`, `classes`, `view`, `method`, `groups` and `units` can be changed at any
    time, in Python, on the page or by `link`; an invalid value raises an error and changes nothing. A change of layer
    needs at most one forward pass.

    Args:
        model: A `Model` of the zoo or its name, a Keras model, or the path of a frozen graph (`.pb`) or of a `.keras`
            file; default: EmojiNet, which is part of this package.
        image: A path or a URL, which is cropped and resized to the network's image size; an array `[height, width,
            channels]`, floats in [0, 1] or uint8, that has this size; or one of `samples()`. Default: the first sample.
        layer: Name of the layer; default: one in the middle of the model.
        position: Row and column of a position; default: the center.
        classes: The class that is explained, by name or index, or two of them for the first minus the second. Default:
            the most probable class.
        view: "fires", "sees", "class" or "groups"; default: "fires".
        method: How attributions are computed, as for `spatial_attribution`; default: "integrated_gradients".
        groups: Number of groups, 2 to 12; default: 6.
        units: Channels to show, in order; default: the strongest.
        cache: Whether feature images are kept on disk, as those of `FeatureGrid`.
        **kwargs: Arguments of any widget, such as `layout`.

    Raises:
        ModelError: If the model cannot be used, or has no layer that scores classes although `classes` names one.
        UnknownNameError: If the model does not have the layer or the class.
        ArgumentError: If the image has the wrong shape, size or range.

    Example:
        >>> explorer = ImageExplorer(models.EmojiNet(), classes=["panda", "fox"], view="class")
        >>> explorer
        >>> explorer.layer = "mixed5a"

    Source: after Olah et al., "The Building Blocks of Interpretability", Distill 2018.
    """

    _shows: ClassVar[tuple[str, ...]] = ("image", "layer", "classes", "views", "code")

    @staticmethod
    def samples() -> list[str]:
        """Names of the sample images."""
        return sample_names()

    @staticmethod
    def sample(name: str) -> FloatArray:
        """Return a sample image, float32 `[height, width, 3]` in [0, 1].

        Raises:
            UnknownNameError: If there is no such sample.
        """
        return sample(name)


__all__ = ["ImageExplorer"]
