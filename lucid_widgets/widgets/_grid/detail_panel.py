"""`DetailPanel`: a place under a grid or an explorer where one of its units can be opened in a `LucidWidget`."""

from __future__ import annotations

import sys
import threading
import weakref
from collections.abc import Callable
from typing import Any

import ipywidgets
import traitlets

from lucid_widgets.errors import LucidError
from lucid_widgets.widgets._core.part import Part
from lucid_widgets.widgets._core.traits import Flag, Text, Whole

MOST_NAME = 80
"""Most characters of an objective that the page names."""

_VIEW = "application/vnd.jupyter.widget-view+json"


class OpenedTraits(traitlets.HasTraits):
    """Traits for `DetailPanel`."""

    opened_unit: int = Whole(-1, min=-1, output=True, help="The channel that is open in a LucidWidget; -1 for none.")
    _opened_name: str = Text(
        "", output=True, help="Name of what is open in a LucidWidget if it is none of the units shown; empty otherwise."
    )
    _has_slot: bool = Flag(False, output=True, help="Whether a notebook or a layout has asked for `slot`.")


class DetailPanel(Part):
    """Holds one `LucidWidget` at a time, in a box that works in every host and every layout.

    The box, and the column of owner and box, are made when first needed. `opened_unit` follows the open widget,
    in which a user may choose another unit.

    Args:
        widget: The owner. It needs `OpenedTraits`.
        objective_of: Returns the objective of a unit of the owner, or its text; None if it has no such unit.
    """

    _box: Any = None
    _column: Any = None
    _content: Any = None

    def __init__(self, widget: Any, objective_of: Callable[[int], Any]) -> None:
        super().__init__(widget)
        self._objective_of = objective_of
        self._number = -1

    @property
    def box(self) -> Any:
        """The box that shows the open widget."""
        if self._box is None:
            # In a box that is not a column, a widget is only as wide as its contents. Without "visible", the box clips
            # its child's focus ring.
            children = [] if self._content is None else [self._content]
            self._box = ipywidgets.VBox(children, layout={"overflow": "visible", "width": "100%"})
            self.widget._publish(_has_slot=True)
        return self._box

    @property
    def content(self) -> Any:
        """The open widget; None if there is none, or if the user closed it."""
        return None if self._content is None or self._content.comm is None else self._content

    def show(self, number: int, objective: Any, make: Callable[[], Any]) -> Any:
        """Return the open widget, which takes the objective and keeps its settings; if there is none, open a new one.

        Args:
            number: The unit.
            objective: Its objective.
            make: Makes a widget for it.
        """
        widget = self.content
        if widget is None:
            try:
                widget = make()
            except AssertionError as error:
                if "marimo" not in sys.modules:
                    raise
                # marimo asserts that a cell runs, and a click on the page is none.
                raise LucidError(
                    "marimo makes widgets only while a cell runs.", "Call open_unit(number) in a cell."
                ) from error
            widget.observe(_follower(weakref.ref(self)), "expression")
            self.put(widget)
        else:
            widget.reset()
            widget.objective = objective
        self._number = number
        self.follow()
        return widget

    def close_unit(self) -> None:
        """Close the open widget, and tell the page."""
        with self.lock:
            self.clear()
            self.follow()

    def follow(self) -> None:
        """Publish which unit is open: the one that was opened, or another one that the user chose in the widget."""
        with self.lock:
            content = self.content
            if self.widget._closed:
                return
            if content is None:
                return self.widget._publish(opened_unit=-1, _opened_name="")
            numbers = (self._number, content.channel)
            number = next((each for each in numbers if each >= 0 and self._is_of(content, each)), -1)
            name = f"{content.layer}:{content.channel}" if content.channel >= 0 else content.expression[:MOST_NAME]
            self.widget._publish(opened_unit=number, _opened_name="" if number >= 0 else name)

    def _is_of(self, content: Any, number: int) -> bool:
        try:
            wanted = self._objective_of(number)
        except LucidError:  # such as a unit that is not in the store
            return False
        if wanted is None:
            return False
        return bool(content.expression == wanted if isinstance(wanted, str) else content.objective == wanted)

    def put(self, widget: Any) -> None:
        """Open a widget. Closes the one that was open."""
        self.clear()
        self._content = widget
        if self._box is not None:
            self._box.children = (widget,)

    def clear(self) -> None:
        """Close the open widget."""
        content, self._content = self._content, None
        if self._box is not None:
            self._box.children = ()
        if content is not None:
            content.close()

    def below(self, bundle: Any) -> Any:
        """A MIME bundle of the owner, changed so that it shows the box below the owner."""
        if self._column is None:
            layout = {"overflow": "visible", "grid_gap": "8px"}
            self._column = ipywidgets.VBox([self.widget, self.box], layout=layout)
        data, metadata = bundle
        return {**data, _VIEW: {**data[_VIEW], "model_id": self._column.model_id}}, metadata

    def close(self) -> None:
        self.clear()
        for widget in (self._column, self._box):
            if widget is not None:
                widget.close()
                widget.layout.close()
        self._column = self._box = None


def _follower(panel: weakref.ref[DetailPanel]) -> Callable[[Any], None]:
    """Return an observer of the open widget, which does not keep its owner alive."""

    def follow() -> None:
        alive = panel()
        if alive is not None:
            alive.follow()

    # On a thread, because the owner's lock must not be taken while the open widget's is held.
    return lambda change: threading.Thread(target=follow, name="lucid-widgets-opened", daemon=True).start()


__all__ = ["DetailPanel", "OpenedTraits"]
