"""The base class of all widgets. It handles cases that ipywidgets, anywidget and the kernels do not.

Locks are taken in one order only: a widget's `_lock`, then a lock of the runner, of an encoded frame or of the worker.
Those inner locks are leaves: code that holds one makes a few assignments and takes no other lock.
The worker holds no lock while it is inside a stream, and takes `_lock` to publish. So no code may wait for the worker
while it holds `_lock`. Message handlers and callbacks of `observe` run with `_lock` held, so they must never wait.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

import anywidget
import ipywidgets
import traitlets
from IPython.display import display

from lucid_widgets.errors import ArgumentError, LucidError, unknown_name
from lucid_widgets.misc.outside import in_log
from lucid_widgets.runner import stop_all
from lucid_widgets.widgets._core.bundles import STATIC, hot_reload, read_bundle
from lucid_widgets.widgets._core.cell_reruns import CellContext, in_cell
from lucid_widgets.widgets._core.commands import (
    Buffers,
    Command,
    Reply,
    checked_arguments,
    error_report,
    let_page_choose_thread,
    message_data,
    unexpected_keyword,
)
from lucid_widgets.widgets._core.flow_control import MAX_CLIENTS, client_of
from lucid_widgets.widgets._core.part import Part
from lucid_widgets.widgets._core.still_images import Outputs, no_image_yet, still_data
from lucid_widgets.widgets._core.traits import Text
from lucid_widgets.widgets._network.held import let_go

P = TypeVar("P", bound=Part)

_log = logging.getLogger(__name__)


class LucidBase(anywidget.AnyWidget):
    """A widget that changes its state under one lock, answers the page's commands, and owns parts.

    A subclass declares its traits, names its `_bundle`, makes its parts in `_make_parts` and checks assignments in
    `_change`.
    """

    _bundle: ClassVar[str] = ""
    # Keywords of the constructor that its signature does not name.
    _keywords: ClassVar[tuple[str, ...]] = ()
    # Traits that the page may change with the command "set".
    _editable: ClassVar[tuple[str, ...]] = ()

    _esm: Any = Text(output=True, help="The page's JavaScript.")
    _css: Any = Text(output=True, help="The page's style sheet.")

    _closed: bool
    _parts: list[Part]
    _outputs: Outputs
    _cell: CellContext
    _unsent: set[str]
    _committing: dict[str, Any]
    # Whether a command of the page is being carried out.
    _commanded: bool
    # Whether a page has ever sent a message.
    _watched: bool
    # Whether a cell has asked for the widget's id, by which pages and containers show it.
    _offered: bool
    # Whether the connection is closed until something asks for the id.
    _withdrawn: bool
    # The layout that was made for this widget; None if the user passed one.
    _own_layout: ipywidgets.Layout | None
    # The pages that show the widget; None before the first one.
    _pages: set[str] | None
    # Whether `_png` and `_html` can change.
    _changes: ClassVar[bool] = True
    # What brings the first image.
    _brings_image: ClassVar[str] = "Run first."
    # Whether it makes images that pages ask for, so that a part hears from them all the time, and `stop` ends a run.
    _streams: ClassVar[bool] = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        if hot_reload() and "_bundle" in vars(cls):
            cls._esm, cls._css = STATIC / f"{cls._bundle}.js", STATIC / f"{cls._bundle}.css"
        super().__init_subclass__(**kwargs)

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        # Fields and parts exist before `__init__`, so that a constructor can assign settings, and refuse them,
        # before the widget opens its connection. A widget that was refused is closed all the same.
        self = super().__new__(cls, *args, **kwargs)
        self._lock = threading.RLock()
        self._closed = False
        self._parts = []
        self._cell = CellContext()
        self._outputs = Outputs(self._cell)
        # Colab delivers only messages that a cell sends, and messages that answer the page.
        self._only_answers = "google.colab" in sys.modules
        self._unsent = set()
        self._committing = {}
        self._commanded = False
        self._watched = False
        self._offered = self._withdrawn = False
        self._own_layout = None
        self._pages = None
        self._make_parts()
        return self

    def __init__(self, **kwargs: Any) -> None:
        for name in kwargs:
            if name not in ipywidgets.DOMWidget.class_own_traits():
                raise unexpected_keyword(type(self), name, LucidBase)
        super().__init__(**kwargs)
        let_page_choose_thread(self.comm)
        if not isinstance(kwargs.get("layout"), ipywidgets.Layout):
            self._own_layout = self.layout
        self._offered = False  # only to ipywidgets itself
        self.on_msg(lambda _, content, buffers: self._receive(content))

    @traitlets.default("_esm")
    def _default_esm(self) -> str:
        return read_bundle(f"{self._bundle}.js")

    @traitlets.default("_css")
    def _default_css(self) -> str:
        return read_bundle(f"{self._bundle}.css")

    # Parts.

    def _make_parts(self) -> None:
        """Create the parts. Runs before `__init__`, when traits still have their default values."""

    def _own(self, part: P) -> P:
        self._parts.append(part)
        return part

    def _settle(self) -> None:
        for part in self._parts:
            part.settle()
        self._keep_still()

    def _keep_still(self) -> None:
        """Put the newest image into the notebook, for readers without widgets. Called without the lock."""
        self._outputs.keep(lambda: still_data(self._html(), self._png()), watched=self._watched)

    @property
    def _is_shown(self) -> bool:
        """Whether a page shows the widget; of a widget without a stream, also whether one may show it later."""
        if self._streams:
            return any(part.is_shown() for part in self._parts)
        return self._offered if self._pages is None else bool(self._pages)

    # The connection.

    @property
    def model_id(self) -> Any:
        """The id by which pages and containers show the widget."""
        self._offered |= in_cell()  # and not to a page that asks for all widgets when it is loaded
        if self._withdrawn:
            self._withdrawn = False
            for hidden in {"_repr_mimebundle_", "_ipython_display_"} & set(vars(self)):  # by `close`
                delattr(self, hidden)
            self.layout.open()
            self.open()
            let_page_choose_thread(self.comm)
        return super().model_id

    def _give_up(self) -> None:
        """Give back the connection and what pages keep, until the widget is shown; or for good, if it ever was."""
        if self._offered or self._streams or self._closed:
            self.close()
            self._let_go()
            return
        with self._lock:
            self._close_connection()
            self._withdrawn = True

    def _let_go(self) -> None:
        """Let go of the model: IPython keeps what a cell has shown, and a model may have gigabytes."""
        let_go(self)
        for part in self._parts:
            part.let_go()

    def _close_connection(self) -> None:
        super().close()
        if self._own_layout is not None:
            self._own_layout.close()

    # For subclasses.

    def _commands(self) -> Mapping[str, Command]:
        """Commands of the page that belong to no part. They win over those of parts."""
        return {"set": self._set} if self._editable else {}

    def _on_message(self, content: dict[str, Any]) -> None:
        """Handle a message of the page that is not a command."""
        pages = self._pages or set()
        match content.get("type"):
            case "hello" if len(pages) < MAX_CLIENTS:
                self._pages = {*pages, client_of(content)}
            case "bye":
                self._pages = pages - {client_of(content)}

    def _png(self) -> bytes | None:
        """The newest image, for readers without widgets."""
        return None

    def _html(self) -> str | None:
        """An animated HTML page, for readers without widgets."""
        return None

    # Changes.

    def _set(self, **values: Any) -> None:
        """The command "set": change traits that are `_editable`."""
        for name in values:
            if name not in self._editable:
                raise unknown_name("setting", name, type(self).__name__, self._editable)
        self._change(values)

    def _change(self, values: Mapping[str, Any]) -> None:
        """Set all the given traits or, if one value is invalid, none of them.

        Every assignment comes through here, whether a user or the page makes it. Subclasses override it to check
        values that depend on each other, and to act on the change.
        """
        with self._lock:
            self._commit(self._checked(values))

    def _refuse_if_closed(self) -> None:
        """Raise an `ArgumentError` if the widget is closed. Methods that start or change something call this first."""
        if self._closed:
            name = type(self).__name__
            raise ArgumentError(
                f"This {name} is closed.", f"Its results can still be read; make a new {name} for anything else."
            )

    def _checked(self, values: Mapping[str, Any]) -> dict[str, Any]:
        self._refuse_if_closed()
        traits = self.traits()
        return {name: traits[name]._validate(self, value) for name, value in values.items()}

    def _commit(self, values: Mapping[str, Any]) -> None:
        """Set traits whose values were checked. Observers and the page are notified when all of them are set."""
        outer, self._committing = self._committing, dict(values)
        try:
            with self.hold_sync(), self.hold_trait_notifications():
                for name, value in values.items():
                    self.set_trait(name, value)
        finally:
            self._committing = outer

    def _is_committing(self, name: str, value: Any) -> bool:
        return name in self._committing and self._committing[name] is value

    def _publish(self, **values: Any) -> None:
        """Set output traits, and tell the page in one message."""
        with self._lock, self.hold_sync():
            for name, value in values.items():
                self.set_trait(name, value)

    # Messages.

    def _handle_msg(self, msg: Any) -> None:
        data = message_data(msg)
        if data is None:
            _log.warning("%s ignored a message of an unknown form.", type(self).__name__)
            return
        self._watched = True
        try:
            with self._lock:
                try:
                    super()._handle_msg(msg)
                except (LucidError, traitlets.TraitError) as error:
                    # Nothing on the page waits for an answer, so the page gets the values that are valid.
                    _log.warning("%s refused a value of the page: %s", type(self).__name__, in_log(error))
                    self._unsent |= {str(name) for name in data.get("state", ())} & set(self.keys)
                unsent, self._unsent = self._unsent, set()
                if unsent:
                    self.send_state(unsent)
        except KeyboardInterrupt:
            stop_all()
            raise

    def set_state(self, sync_data: Any) -> None:
        """Set the traits that the page has changed. It cannot change those that only Python sets."""
        given = dict(sync_data)
        refused = {name for name in given if getattr(self.traits().get(name), "read_only", False)}
        self._unsent |= refused & set(self.keys)
        super().set_state({name: value for name, value in given.items() if name not in refused})

    def _receive(self, content: Any) -> None:
        if not isinstance(content, dict) or self._closed:
            return
        if content.get("type") == "ping":
            self.send({"type": "pong"})
            return
        if content.get("type") != "cmd":
            self._on_message(content)
            return
        reply: dict[str, Any] = {"type": "reply", "rid": content.get("rid")}
        buffers: Buffers = []
        try:
            result = self._run_command(content.get("name"), content.get("args", {}))
            if isinstance(result, Reply):
                reply["value"], buffers = result.value, result.buffers
            reply["ok"] = True
        except Exception as error:
            reply |= {"ok": False, "error": error_report(error)}
        self.send(reply, buffers)

    def _run_command(self, name: Any, args: Any) -> Any:
        commands: dict[str, Command] = {}
        for part in self._parts:
            commands |= part.commands()
        commands |= self._commands()
        if not isinstance(name, str) or name not in commands:
            raise unknown_name("command", str(name), type(self).__name__, list(commands))
        checked = checked_arguments(name, commands[name], args)
        outer, self._commanded = self._commanded, True
        try:
            return commands[name](**checked)
        finally:
            self._commanded = outer

    def _send(self, msg: Any, buffers: Any = None) -> None:
        if self._only_answers and threading.current_thread() is not threading.main_thread():
            if msg.get("method") == "update":
                self._unsent |= {*msg["state"], *(path[0] for path in msg["buffer_paths"])}
            return
        send = super()._send
        self._cell.send(lambda: send(msg, buffers=buffers))

    # Display.

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> Any:
        """Return the state of all traits, or of `key`, whatever `drop_defaults` says.

        `ipywidgets.embed` leaves out traits that have their default values. The names by which a page finds the
        widget's code are among them, and anywidget has no defaults for those on the page, so nothing would be drawn.
        """
        if self._closed:  # so is its layout, which has no id any more
            key = set(self.keys if key is None else [key] if isinstance(key, str) else key) - {"layout"}
        return super().get_state(key, drop_defaults=False)

    def _view(self) -> Any:
        """MIME bundle of the view, without an image; None if there is no view."""
        return super()._repr_mimebundle_()

    def _repr_mimebundle_(self, **_: Any) -> Any:
        bundle = self._view()
        if bundle is None:
            return None
        data, metadata = bundle
        return {**data, **still_data(self._html(), self._png())}, metadata

    def _ipython_display_(self, **_: Any) -> None:
        """Display the widget under an id, which `freeze` needs to find it again.

        ipywidgets 7 would display the widget without the image of `_repr_mimebundle_`.
        """
        if self._closed:  # ipywidgets has removed what displays it
            display({"text/plain": repr(self)}, raw=True)
            return
        bundle = self._view()
        if bundle is not None:
            self._outputs.show(bundle, still_data(self._html(), self._png()), changes=self._changes)

    def freeze(self) -> None:
        """Replace the widget by its newest image, in every cell that shows it.

        A notebook that is saved then shows the image to readers without a kernel in all hosts. (Sites that show no
        widgets, such as GitHub, find an image in a notebook that JupyterLab or Notebook 7 saved, or that was executed
        without a page, even if you do not call this.) The widget itself keeps working; display it again to see it.

        Raises:
            ArgumentError: If there is no image yet, or no cell shows the widget.
        """
        still = still_data(self._html(), self._png())
        if not still:
            raise no_image_yet(moving=any(part.is_moving() for part in self._parts), resting=self._brings_image)
        self._outputs.replace(still, repr(self))

    def close(self) -> None:
        """Remove the widget from the page and end its runs. Its results can still be read and saved."""
        with self._lock:
            first, self._closed = not self._closed, True
        if first:
            for part in self._parts:
                part.close()
        with self._lock:
            self._withdrawn = False
            self._close_connection()
