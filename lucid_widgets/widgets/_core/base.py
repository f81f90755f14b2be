"""The base of our widgets: what ipywidgets, anywidget and the kernels leave to be taken care of.

Locks, in the one order in which they may be taken: a widget's `_lock`, then a runner's, a picture's or the
worker's own. The inner ones are leaves: held for a few assignments, and nothing is called under them that
could want another. The worker holds none while it is inside a stream, and takes `_lock` to publish. So nobody
may wait for the worker with `_lock` held, which rules out waiting in message handlers and in callbacks of
`observe`.
"""

from __future__ import annotations

import base64
import sys
import threading
import traceback
import uuid
from collections.abc import Callable, Iterable, Mapping
from inspect import signature
from typing import Any, ClassVar

import anywidget
import ipywidgets
import traitlets
from IPython.display import display, update_display

from lucid_widgets.errors import ArgumentError, LucidError, did_you_mean, unknown_name
from lucid_widgets.runner import on_worker, stop_all
from lucid_widgets.widgets._core.bundles import STATIC, hot_reload, read_bundle
from lucid_widgets.widgets._core.traits import Text

Buffers = list[bytes]
Command = Callable[..., Any]

_TRACEBACK_CHARACTERS = 8000


class Reply:
    """What a command gives back to the page: a JSON value and buffers."""

    def __init__(self, value: Any, buffers: Buffers) -> None:
        self.value = value
        self.buffers = buffers


class LucidBase(anywidget.AnyWidget):
    """A widget whose state changes under one lock, and whose page sends commands and gets replies.

    Subclasses name their `_bundle`, their `_commands` and what to do with other messages.
    """

    _bundle: ClassVar[str] = ""
    # Keywords of the constructor that its signature does not name.
    _keywords: ClassVar[tuple[str, ...]] = ()
    # What the page may change with the command "set".
    _editable: ClassVar[tuple[str, ...]] = ()
    # Traits that the page knows by another name, as the Python one is taken by a method.
    _wire_names: ClassVar[Mapping[str, str]] = {}

    _esm: Any = Text(output=True, help="The page's JavaScript.")
    _css: Any = Text(output=True, help="The page's style sheet.")

    _closed: bool
    _displays: list[str]
    _unsent: set[str]
    _committing: dict[str, Any]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        if hot_reload() and "_bundle" in vars(cls):
            cls._esm, cls._css = STATIC / f"{cls._bundle}.js", STATIC / f"{cls._bundle}.css"
        super().__init_subclass__(**kwargs)

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        self = super().__new__(cls, *args, **kwargs)
        self._lock = threading.RLock()
        self._closed = False
        self._displays = []
        # In Colab a message that is not sent by a cell or in answer to the page does not arrive.
        self._only_answers = "google.colab" in sys.modules
        self._unsent = set()
        self._committing = {}
        return self

    def __init__(self, **kwargs: Any) -> None:
        for name in kwargs:
            if not ipywidgets.DOMWidget.class_own_traits().keys() >= {name}:
                raise _unexpected_keyword(type(self), name)
        super().__init__(**kwargs)
        self._unpin()
        self.on_msg(lambda _, content, buffers: self._receive(content))

    @traitlets.default("_esm")
    def _default_esm(self) -> str:
        return read_bundle(f"{self._bundle}.js")

    @traitlets.default("_css")
    def _default_css(self) -> str:
        return read_bundle(f"{self._bundle}.css")

    # For subclasses.

    def _commands(self) -> Mapping[str, Command]:
        """What the page can ask for, by name; called with the message's `args` as keywords."""
        return {}

    def _set(self, **values: Any) -> None:
        """The command "set", for those that have it: changes what is `_editable`."""
        for name in values:
            if name not in self._editable:
                raise unknown_name("setting", name, type(self).__name__, self._editable)
        self._change(values)

    def _on_message(self, content: dict[str, Any]) -> None:
        """Any message but a command."""

    def _png(self) -> bytes | None:
        """The newest picture, for whoever shows no widgets."""
        return None

    def _html(self) -> str | None:
        """What moves, for whoever shows no widgets."""
        return None

    # Changes.

    def _change(self, values: Mapping[str, Any]) -> None:
        """Sets traits, all of them or, if one is refused, none. Whoever assigns a trait comes through here.

        Subclasses check what belongs together, and act on it.
        """
        with self._lock:
            self._commit(self._checked(values))

    def _checked(self, values: Mapping[str, Any]) -> dict[str, Any]:
        traits = self.traits()
        return {name: traits[name]._validate(self, value) for name, value in values.items()}

    def _commit(self, values: Mapping[str, Any]) -> None:
        """Sets traits that were checked. Observers are called, and the page is told, when all are set."""
        outer, self._committing = self._committing, dict(values)
        try:
            with self.hold_sync(), self.hold_trait_notifications():
                for name, value in values.items():
                    self.set_trait(name, value)
        finally:
            self._committing = outer

    def _is_committing(self, name: str, value: Any) -> bool:
        return name in self._committing and self._committing[name] is value

    # Messages.

    def _handle_msg(self, msg: Any) -> None:
        try:
            with self._lock:
                super()._handle_msg(msg)
                unsent, self._unsent = self._unsent, set()
                if unsent:
                    self.send_state(unsent)
        except KeyboardInterrupt:
            stop_all()
            raise

    def _receive(self, content: Any) -> None:
        if not isinstance(content, dict) or self._closed:
            return
        if content.get("type") != "cmd":
            self._on_message(content)
            return
        reply: dict[str, Any] = {"type": "reply", "rid": content.get("rid")}
        buffers: Buffers = []
        try:
            result = self._run_command(content.get("name"), content.get("args") or {})
            if isinstance(result, Reply):
                reply["value"], buffers = result.value, result.buffers
            reply["ok"] = True
        except Exception as error:
            reply |= {"ok": False, "error": described(error)}
        self.send(reply, buffers)

    def _run_command(self, name: Any, args: dict[str, Any]) -> Any:
        commands = self._commands()
        if name not in commands:
            raise unknown_name("command", str(name), type(self).__name__, list(commands))
        return commands[name](**args)

    def _send(self, msg: Any, buffers: Any = None) -> None:
        if self._only_answers and on_worker():
            if msg.get("method") == "update":
                self._unsent |= self._trait_names([*msg["state"], *(path[0] for path in msg["buffer_paths"])])
            return
        super()._send(msg, buffers=buffers)
        self._unpin()

    def _unpin(self) -> None:
        """Lets the page's messages be handled while a cell runs, where the kernel can do that.

        ipykernel 7.4 answers for them on the thread that last sent something, which mostly is the cells'. It
        notes that thread in the comm; without the note it keeps to the thread that the page chose.
        """
        if self.comm is not None:
            self.comm.__dict__.pop("_reply_subshell_id", None)

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> Any:
        state = super().get_state(key, drop_defaults)
        return {self._wire_names.get(name, name): value for name, value in state.items()}

    def _trait_names(self, wire_names: Iterable[str]) -> set[str]:
        python_names = {wire: name for name, wire in self._wire_names.items()}
        return {python_names.get(name, name) for name in wire_names}

    # Display and end.

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None:
            return None
        data, metadata = bundle
        return {**data, **self._still()}, metadata

    def _still(self) -> dict[str, str]:
        """The widget as a notebook can keep it without its state, by kind of data."""
        found: dict[str, str] = {}
        page, png = self._html(), self._png()
        if page is not None:
            found["text/html"] = page
        if png is not None:
            found["image/png"] = base64.b64encode(png).decode("ascii")
        return found

    def _ipython_display_(self, **_: Any) -> None:
        """Displays the widget under an id, by which `freeze` finds it again.

        ipywidgets 7 would display it by itself, without the picture of `_repr_mimebundle_`.
        """
        bundle = self._repr_mimebundle_()
        if bundle is None:
            return
        data, metadata = bundle
        self._displays.append(uuid.uuid4().hex)
        display(data, metadata=metadata, raw=True, display_id=self._displays[-1])

    def freeze(self) -> None:
        """Puts the widget's newest picture in its place, in every cell that shows it.

        A notebook that is saved then has the picture, for readers without a kernel and for those that show no widgets,
        such as GitHub. The widget itself lives on; display it again to see it.

        Raises:
            ArgumentError: If there is no picture yet, or no cell shows the widget.
        """
        still = self._still()
        if not still:
            raise ArgumentError("There is no picture yet.", "Run first.")
        if not self._displays:
            raise ArgumentError("No cell shows the widget.", "Display it first: its name as the last line of a cell.")
        displays, self._displays = self._displays, []
        for place in displays:
            update_display({**still, "text/plain": repr(self)}, raw=True, display_id=place)

    def close(self) -> None:
        """Removes the widget from the page and lets go of it."""
        with self._lock:
            self._closed = True
            super().close()


def described(error: BaseException) -> dict[str, str]:
    """An error as the page shows it: title, message, hint and traceback."""
    if isinstance(error, LucidError):
        return {"title": "", "message": error.message, "hint": error.hint, "traceback": ""}
    lines = "".join(traceback.format_exception(error))
    return {
        "title": type(error).__name__,
        "message": str(error) or type(error).__name__,
        "hint": "",
        "traceback": lines[-_TRACEBACK_CHARACTERS:],
    }


def _unexpected_keyword(cls: type, name: str) -> TypeError:
    known = {"layout", *cls._keywords}  # type: ignore[attr-defined]
    for base in cls.__mro__:
        if issubclass(base, LucidBase) and "__init__" in vars(base):
            kinds = signature(vars(base)["__init__"]).parameters.values()
            known |= {each.name for each in kinds if each.kind not in (each.VAR_KEYWORD, each.VAR_POSITIONAL)}
    advice = did_you_mean(name, sorted(known - {"self"}))
    return TypeError(f"{cls.__name__} has no argument {name!r}. {advice}")
