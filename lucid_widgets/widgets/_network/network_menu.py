"""`NetworkMenu`: shows the network of a widget, and changes to another one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lucid_widgets.errors import ArgumentError, unknown_name
from lucid_widgets.modelzoo.vision_models import as_model
from lucid_widgets.widgets._core.commands import Command, Reply, error_report
from lucid_widgets.widgets._core.part import Part
from lucid_widgets.widgets._network.diagram_record import diagram_record
from lucid_widgets.widgets._network.held import let_go
from lucid_widgets.widgets._network.in_use import NetworkInUse
from lucid_widgets.widgets._network.input_range import about_range, chosen_range
from lucid_widgets.widgets._network.loading import Loading
from lucid_widgets.widgets._network.network_traits import traits_of
from lucid_widgets.widgets._network.options import KINDS, options, source_of_choice
from lucid_widgets.widgets._network.variables import notebook_model
from lucid_widgets.widgets._workbench import changes

if TYPE_CHECKING:
    from lucid_widgets.widgets.lucid_widget import LucidWidget


class NetworkMenu(Part):
    """Lists networks, loads the one that the page chooses, and replaces the current one by it.

    Until the new network is there, and if it cannot be loaded, the widget works as before.
    """

    widget: LucidWidget

    def __init__(self, widget: LucidWidget) -> None:
        super().__init__(widget)
        self._given = widget._run_of_model.network
        self._loading: Loading | None = None

    def commands(self) -> Mapping[str, Command]:
        return {
            "diagram": lambda: Reply(diagram_record(self.widget.model)),
            "networks": lambda: Reply(options(self._given, self.widget._run_of_model.network)),
            "choose_network": self.choose,
            "cancel_network": self.cancel,
            "set_input_range": self.set_input_range,
        }

    def close(self) -> None:
        if self._loading is not None:
            self._loading.cancelled.set()

    def let_go(self) -> None:
        let_go(self._given)

    def show(self) -> None:
        """Publish the traits that depend only on the network."""
        self.widget._publish(**traits_of(self.widget._run_of_model.network))

    # Choosing.

    def choose(self, kind: str, key: str = "") -> None:
        """Load a network in the background, then visualize it. An earlier choice that is still loading is dropped.

        Args:
            kind: One of `KINDS`.
            key: The name of a network or of a variable, or a path; "" for the model that the widget was made with.
        """
        if kind not in KINDS or not isinstance(key, str):
            raise unknown_name("kind of network", str(kind), "The menu", list(KINDS))
        key = key.strip()
        if not key and kind != "given":
            raise ArgumentError("No network was named.", "Type the path of a file, or choose a network of the list.")
        with self.lock:
            self.widget._refuse_if_closed()
            self.cancel()
            name, weights = {
                "given": (self._given.name, ""),
                "file": (Path(key).name, ""),
                "variable": (key, ""),
                "name": (key, key),
            }[kind]
            make = partial(self._prepared, self._found(kind, key))
            self._loading = Loading(name, weights, make, self._report, self._end)
            self._report(self._loading, {"name": name, "phase": "downloading" if weights else "loading"})
            self._loading.start()

    def cancel(self) -> None:
        """Keep the present network, and forget an error. No effect if there is neither."""
        with self.lock:
            if self._loading is not None:
                self._loading.cancelled.set()
            self._loading = None
            self.widget._publish(_loading={}, _network_problem={})

    def _found(self, kind: str, key: str) -> Callable[[], NetworkInUse]:
        """How to get the network of a choice."""
        if kind == "given":
            return lambda: self._given
        source = source_of_choice(kind, key)
        thing = notebook_model(key) if kind == "variable" else Path(key) if kind == "file" else key
        return lambda: NetworkInUse(as_model(thing), source)

    def _prepared(self, found: Callable[[], NetworkInUse]) -> NetworkInUse:
        """The network, after work that takes long and is not repeated: `use` holds up the page's messages."""
        network = found()
        traits_of(network)
        changes.of_network(network.model, self.widget._run_of_model)
        return network

    # Called by the thread that loads.

    def _report(self, loading: Loading, about: dict[str, Any]) -> None:
        with self.lock:
            if loading is self._loading and not self.widget._closed:
                self.widget._publish(_loading=about)

    def _end(self, loading: Loading, result: NetworkInUse | Exception) -> None:
        with self.lock:
            if loading is not self._loading or self.widget._closed:
                return
            self._loading = None
            try:
                if isinstance(result, Exception):
                    raise result
                self.use(result)
            except Exception as error:
                self.widget._publish(_loading={}, _network_problem={"name": loading.name, **error_report(error)})

    # Changing.

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
            traits = traits_of(network)
            widget._live.reset()
            with widget.hold_sync():
                run.network = network
                widget._publish(**traits)
                widget._terms.publish_kinds(network.model)
                widget._change(fresh)
                if widget.title == name_before:
                    widget._commit({"title": network.name})
                self.cancel()
            widget._undoing.clear()

    def set_input_range(self, name: str) -> None:
        """Feed the network other pixel values, and start over: an image made with others is kept as a run.

        Args:
            name: One of `RANGES`.
        """
        with self.lock:
            self.widget._refuse_if_closed()
            run = self.widget._run_of_model
            run.network = run.network.with_range(chosen_range(name))
            self.widget._publish(_input_range=about_range(run.network))
            run.start_over()


__all__ = ["NetworkMenu"]
