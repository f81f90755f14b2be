"""`ClassTraits`: the classes that the network sees in the images on the page."""

from __future__ import annotations

from typing import Any

import traitlets

from lucid_widgets.widgets._core.traits import Flag, Records, Whole


class ClassTraits(traitlets.HasTraits):
    """Traits for `SeenClasses`."""

    show_classes: bool = Flag(
        True, help="Whether the page shows the classes that the network sees in the image. If not, none are computed."
    )
    _classes: list[dict[str, Any]] = Records(
        output=True,
        help="The most probable classes of images, the newest result last: the `key` of the image, and `rows` with"
        " [index, label, probability] of each class: for one image one row, for a batch the mean and then each image.",
    )
    _class_rows: int = Whole(
        0, output=True, help="Number of classes that the page lists; 0 if the network has no layer that scores classes."
    )


__all__ = ["ClassTraits"]
