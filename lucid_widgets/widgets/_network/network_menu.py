"""`NetworkMenu`: which network a widget visualizes, and the change to another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lucid_widgets.widgets._core.part import Part
from lucid_widgets.widgets._network.in_use import NetworkInUse
from lucid_widgets.widgets._network.network_traits import traits_of
from lucid_widgets.widgets._workbench import changes

if TYPE_CHECKING:
    from lucid_widgets.widgets.lucid_widget import LucidWidget


class NetworkMenu(Part):
    """Shows the network of a `LucidWidget`, and puts another one in its place."""

    widget: LucidWidget

    def show(self) -> None:
        """Publish what depends on the network alone."""
        self.widget._publish(**traits_of(self.widget.model))

    def use(self, network: NetworkInUse) -> None:
        """Visualize another network. The image moves to the kept runs, and the objective is the network's own.

        Raises:
            LucidError: If the network has nothing to visualize. Nothing has changed then.
        """
        widget = self.widget
        with self.lock:
            widget._refuse_if_closed()
            run, name_before = widget._run_of_model, widget.model_name
            fresh = changes.of_network(network.model, run)
            fresh["objective"].validate(network.model, widget._batch_after({}))
            traits = traits_of(network.model)
            widget._live.reset()
            with widget.hold_sync():
                run.network = network
                widget._publish(**traits)
                widget._terms.publish_kinds(network.model)
                widget._change(fresh)
                if widget.title == name_before:
                    widget._commit({"title": network.name})
            widget._undoing.clear()


__all__ = ["NetworkMenu"]
