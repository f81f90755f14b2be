"""A place under a widget in which another can be opened: a box, which every host and every layout has."""

from __future__ import annotations

from typing import Any

import ipywidgets

_VIEW = "application/vnd.jupyter.widget-view+json"


class DetailPanel:
    """Holds one widget at a time. Its box, and the panel of owner and box, are made when they are first needed."""

    def __init__(self) -> None:
        self._box: Any = None
        self._panel: Any = None
        self._inside: Any = None

    @property
    def box(self) -> Any:
        """The place itself."""
        if self._box is None:
            # In a box that is no column a widget would be no wider than it must. Cut off by its rim would be what a
            # child draws there, such as the ring of the focus.
            inside = [] if self._inside is None else [self._inside]
            self._box = ipywidgets.VBox(inside, layout={"overflow": "visible", "width": "100%"})
        return self._box

    @property
    def inside(self) -> Any:
        """The widget that is open; None if there is none, or somebody has closed it."""
        return None if self._inside is None or self._inside.comm is None else self._inside

    def put(self, widget: Any) -> None:
        """Shows a widget. The one before is closed."""
        self.clear()
        self._inside = widget
        if self._box is not None:
            self._box.children = (widget,)

    def clear(self) -> None:
        """Closes the widget."""
        inside, self._inside = self._inside, None
        if self._box is not None:
            self._box.children = ()
        if inside is not None:
            inside.close()

    def beneath(self, owner: Any, bundle: Any) -> Any:
        """The mimebundle of an owner that is displayed: its own, but it shows the place too, below."""
        if self._panel is None:
            self._panel = ipywidgets.VBox([owner, self.box], layout={"overflow": "visible", "grid_gap": "8px"})
        data, metadata = bundle
        return {**data, _VIEW: {**data[_VIEW], "model_id": self._panel.model_id}}, metadata

    def close(self) -> None:
        """Closes all that was made."""
        self.clear()
        for widget in (self._panel, self._box):
            if widget is not None:
                widget.close()
        self._panel = self._box = None
