"""Messages between the page and Python when the page runs a command, and keywords that a widget does not have."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from lucid_widgets.errors import ArgumentError, LucidError, UnknownKeywordError, did_you_mean
from lucid_widgets.misc.outside.records import Field, check_fields, is_list_of, is_number, is_text, is_whole

Buffers = list[bytes]
Command = Callable[..., Any]

_TRACEBACK_CHARACTERS = 8000


class Reply:
    """The result of a command: a JSON value and binary buffers."""

    def __init__(self, value: Any, buffers: Buffers | None = None) -> None:
        self.value = value
        self.buffers = buffers or []


def let_page_choose_thread(comm: Any) -> None:
    """Let the kernel handle the messages of a page while a cell runs, where it can.

    JupyterLab sends the messages of widgets to a thread of the kernel that it started for them, a subshell. ipykernel
    7.4 would instead use the thread that last sent something through the comm, which is mostly the one that runs cells.
    After a restart that JupyterLab did not notice, it names a subshell that is gone; then the message goes to the
    thread that runs cells. Kernels without this choice are left alone.

    Args:
        comm: The comm of a widget; None if there is no kernel.
    """
    choose = getattr(comm, "_reply_subshell_for", None)
    if choose is None:
        return

    def route(data: Any, wanted: str | None) -> str | None:
        comm.__dict__.pop("_reply_subshell_id", None)
        chosen: str | None = choose(data, wanted)
        thread = getattr(comm.kernel, "shell_channel_thread", None)
        return chosen if thread is not None and chosen in thread.manager.list_subshell() else None

    comm._reply_subshell_for = route


def error_report(error: BaseException) -> dict[str, str]:
    """Return an error as a dict for the page: title, message, hint and traceback.

    Errors of this package explain themselves, so they have neither title nor traceback.
    """
    if isinstance(error, LucidError):
        return {"title": "", "message": error.message, "hint": error.hint, "traceback": ""}
    lines = "".join(traceback.format_exception(error))
    return {
        "title": type(error).__name__,
        "message": str(error) or type(error).__name__,
        "hint": "",
        "traceback": lines[-_TRACEBACK_CHARACTERS:],
    }


# What an argument of a page's message may be, by the annotation of the command's parameter. Others are not checked.
_ARGUMENTS = {
    "str": Field(is_text, "a text"),
    "int": Field(is_whole, "a whole number"),
    "float": Field(is_number, "a finite number"),
    "bool": Field(lambda value: isinstance(value, bool), "true or false"),
    "list[int]": Field(lambda value: is_list_of(is_whole, value), "a list of whole numbers"),
    "Mode": Field(is_text, "a text"),
}


def checked_arguments(name: str, command: Command, args: Any) -> Mapping[str, Any]:
    """Return the arguments of a page's message, after checking their names and types.

    Args:
        name: Name of the command.
        command: The function to call. Its annotations say which type an argument has.
        args: What the page sent.

    Raises:
        ArgumentError: If an argument is missing, unknown, or of another type.
    """
    if not isinstance(args, Mapping):
        raise ArgumentError(f"The arguments of the command {name!r} are a {type(args).__name__}.", "Expected a dict.")
    parameters = inspect.signature(command).parameters
    try:
        inspect.signature(command).bind(**{str(key): value for key, value in args.items()})
    except TypeError as error:
        expected = ", ".join(str(each).partition(":")[0] for each in parameters.values())
        raise ArgumentError(
            f"The command {name!r} cannot be run: {error}.", f"Expected {expected or 'no arguments'}."
        ) from None
    fields: dict[str, Field] = {}
    for key, parameter in parameters.items():
        kind, _, optional = str(parameter.annotation).partition(" | ")
        if kind in _ARGUMENTS:
            fields[key] = _ARGUMENTS[kind]
            if key in args and args[key] is None and optional != "None":
                raise ArgumentError(f"The command {name!r} has {key}=None.", f"Expected {fields[key].expected}.")
    check_fields(args, fields, f"The command {name!r}")
    return args


def message_data(msg: Any) -> Mapping[str, Any] | None:
    """The data of a message of the page, or None if it is not of the form that ipywidgets expects."""
    try:
        data = msg["content"]["data"]
        state, paths = data.get("state", {}), data.get("buffer_paths", [])
        buffers = msg.get("buffers") or []
    except (TypeError, KeyError, AttributeError):
        return None
    if not isinstance(data.get("method"), str) or not isinstance(state, Mapping):
        return None
    if data["method"] == "custom" and "content" not in data:
        return None
    fits = isinstance(paths, list) and len(paths) <= len(buffers) and all(map(partial(_leads_into, state), paths))
    return data if fits else None


def _leads_into(state: Any, path: Any) -> bool:
    """Whether a path leads to a place of the state, where ipywidgets puts a buffer."""
    if not isinstance(path, list) or not path:
        return False
    for index, key in enumerate(path):
        here = state
        last = index == len(path) - 1
        if isinstance(here, dict) and isinstance(key, str) and (last or key in here):
            state = here.get(key)
        elif isinstance(here, list) and is_whole(key) and 0 <= key < len(here):
            state = here[key]
        else:
            return False
    return True


def unexpected_keyword(cls: Any, name: str, last: type) -> TypeError:
    """An error about a keyword that the constructors of `cls` and its bases up to `last` do not have."""
    known = {"layout", *cls._keywords}
    for base in cls.__mro__:
        if issubclass(base, last) and "__init__" in vars(base):
            kinds = inspect.signature(vars(base)["__init__"]).parameters.values()
            known |= {each.name for each in kinds if each.kind not in (each.VAR_KEYWORD, each.VAR_POSITIONAL)}
    advice = did_you_mean(name, sorted(known - {"self"}))
    return UnknownKeywordError(f"{cls.__name__} has no argument {name!r}.", advice)
