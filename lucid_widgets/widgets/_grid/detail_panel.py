"""`DetailPanel`: a place under a widget where another widget can be opened."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import ipywidgets

from lucid_widgets.errors import LucidError
from lucid_widgets.widgets._core.part import Part

_VIEW = "application/vnd.jupyter.widget-view+json"


class DetailPanel(Part):
    """Holds one widget at a time, in a box that works in every host and every layout.

    The box, and the column of owner and box, are made when they are first needed.
    """

    _box: Any = None
    _column: Any = None
    _content: Any = None

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

    def show(self, objective: Any, make: Callable[[], Any]) -> Any:
        """Return the open widget, which takes the objective and keeps its settings; if there is none, open a new one.

        Args:
            objective: The new objective.
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
            self.put(widget)
        else:
            widget.reset()
            widget.objective = objective
        return widget

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
        self._column = self._box = None
