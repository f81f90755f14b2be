"""Finding a model's files on this machine, and reading lists of labels and WordNet ids."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from lucid_widgets.errors import ModelError
from lucid_widgets.misc.io.reading import is_remote, local_cache_path, read_handle
from lucid_widgets.misc.io.scoping import expanded, scope_url
from lucid_widgets.misc.outside import file_bytes
from lucid_widgets.modelzoo.files.downloads import Archive, cache_folder, fetch, first_member, unpacked

__all__ = [
    "MODEL_DIR_VARIABLE",
    "MODEL_FILE",
    "SYNSET_FILES",
    "SYNSET_ID",
    "PathLike",
    "downloaded",
    "existing_file",
    "find_weights",
    "list_beside",
    "local_weights",
    "on_lucids_server",
    "own_file",
    "read_labels",
    "read_synset_ids",
    "refuse_configuration",
    "usable_path",
]

PathLike = str | os.PathLike[str]

MODEL_DIR_VARIABLE = "LUCID_WIDGETS_MODEL_DIR"
"""Environment variable with the path of a folder of model files."""

SYNSET_ID = re.compile(r"[nvars]\d{8}")
"""Pattern of a WordNet id: the part of speech and eight digits."""

SYNSET_FILES = ("ImageNet_standard_synsets.txt", "ImageNet_alternate_synsets.txt", "imagenet_synset_words.txt")
"""File names of lists of WordNet ids that may lie next to a network's file."""


MODEL_FILE = "the path of a frozen graph (.pb), a Keras model (.keras) or a SavedModel"
"""The paths that `as_model` accepts, for error messages."""

MAX_LIST = 16 * 2**20
"""Most bytes of a list of labels or WordNet ids."""

_CONFIGURATION = re.compile(r"\s*\{.*\"(class_name|config)\"\s*:", re.DOTALL)
_LONGEST = 80


def on_lucids_server(path: PathLike | None) -> bool:
    """Whether a path is an address of a file that Lucid downloaded, which this package looks for on this machine."""
    return path is not None and os.fspath(path).startswith("gs://modelzoo/")


def downloaded(path: PathLike) -> PathLike:
    """Return a path as it is, and for an address (`https://...`) the path of its download, which is kept.

    Raises:
        ArgumentError: If the file cannot be downloaded.
    """
    url = scope_url(os.fspath(path)) if isinstance(path, str) else path
    if not isinstance(url, str) or not is_remote(url):
        return path
    with read_handle(url):
        return local_cache_path(url)


def own_file(model: Any, path: PathLike | None) -> PathLike | None:
    """Return the file that the caller named, or else the one that the author of a subclass named; None for neither.

    Lucid's users gave their own weights to a known architecture by setting `model_path` in a subclass.
    """
    named = path if path is not None else model.model_path
    return None if on_lucids_server(named) else named


def usable_path(path: PathLike, what: str) -> Path:
    """Return `path` as a `Path` with `~` expanded.

    Args:
        path: The path that the user passed.
        what: The expected kind of file, for the error message.

    Raises:
        ModelError: If no file can have that name, because it is a URL or the text of a file.
    """
    text = os.fspath(path)
    if isinstance(path, str):
        refuse_configuration(text, "The text")
    if "://" in text:
        raise ModelError(f"{text!r} is a URL.", "Download the file, and pass its path.")
    try:
        file = expanded(path)
        file.is_file()
        if "\0" not in text:
            return file
    except (OSError, ValueError):  # the name is too long, or has characters that names cannot have
        pass
    shown = repr(text) if len(text) <= _LONGEST else f"{text[:_LONGEST]!r}..."
    raise ModelError(f"{shown} is not a path.", f"Expected {what}.")


def refuse_configuration(text: str, owner: str) -> None:
    """Raise a `ModelError` if a text is what `model.to_json()` returns."""
    if _CONFIGURATION.match(text):
        raise ModelError(
            f"{owner} is the configuration of a Keras model (model.to_json()), without its weights.",
            "Make the model with keras.models.model_from_json(text), call load_weights(path) on it, and pass it.",
        )


def existing_file(path: PathLike, what: str = "a frozen TensorFlow graph (.pb)") -> Path:
    """Return `path` as a `Path` with `~` expanded.

    Args:
        path: The path that the user passed.
        what: The expected kind of file, for the error message.

    Raises:
        ModelError: If it is a folder, does not exist, or is not a path.
    """
    file = usable_path(path, what)
    if file.is_dir():
        raise ModelError(f"{str(file)!r} is a folder.", f"Expected {what}.")
    if not file.exists():
        raise ModelError(f"There is no file {str(file)!r}.", f"Expected {what}.")
    return file


def find_weights(
    owner: str,
    file_names: Sequence[str],
    path: PathLike | None = None,
    archive: Archive | None = None,
    note: str = "",
) -> Path:
    """Return the file with a model's weights.

    That is `path` if it is given; else the first of `file_names` in the folder that `LUCID_WIDGETS_MODEL_DIR` names;
    else a download.

    Args:
        owner: The model's name, for error messages.
        file_names: The file names to look for, the preferred one first.
        path: The file that the user passed, if any.
        archive: The archive whose first member is the file. If it is None, the cache folder is searched too, for files
            that the user put there.
        note: A sentence for the error message, starting with a space.

    Raises:
        ModelError: If there is no such file. The message says what to pass, and which folders were searched.
    """
    if path is not None:
        return existing_file(path)
    found = local_weights(file_names, archive)
    if found is not None:
        return found
    if archive is not None:
        fetch(archive, owner)
        return first_member(archive)
    folder = os.environ.get(MODEL_DIR_VARIABLE)
    looked = f" The folder {folder!r} does not contain them." if folder else ""
    raise ModelError(
        f"The weights of {owner} were not found.{looked}{note}",
        f'Pass {owner}(path=".../{file_names[0]}"), or put {" or ".join(file_names)} into '
        f"{str(cache_folder())!r} or the folder that the environment variable {MODEL_DIR_VARIABLE} names.",
    )


def local_weights(file_names: Sequence[str], archive: Archive | None = None) -> Path | None:
    """Return the file that `find_weights` would find without a path and without a download, or None."""
    folder = os.environ.get(MODEL_DIR_VARIABLE)
    places = [expanded(folder)] if folder else []
    if archive is None:
        places.append(cache_folder())
    for candidate in (place / name for place in places for name in file_names):
        if candidate.is_file():
            return candidate
    return None if archive is None or unpacked(archive) is None else first_member(archive)


def list_beside(
    graph: PathLike,
    names: Sequence[str],
    classes: int | None,
    read: Callable[[Path], Sequence[str] | None],
) -> Path | None:
    """Return the first of these files next to a graph that has one entry per class of the network, or None.

    Args:
        graph: The file of the graph.
        names: File names to look for, the preferred one first.
        classes: The number of classes.
        read: Returns the entries of a file.
    """
    for file in (Path(graph).with_name(name) for name in names):
        if file.is_file() and len(read(file) or ()) == classes:
            return file
    return None


def read_synset_ids(file: Path) -> list[str]:
    """Return the WordNet ids at the start of each line of a text file.

    Raises:
        ModelError: If a line does not begin with a WordNet id.
    """
    ids = [line.split(maxsplit=1)[0] for line in _lines(file) if line.strip()]
    wrong = next((each for each in ids if not SYNSET_ID.fullmatch(each)), None)
    if wrong is not None:
        raise ModelError(f"A line of {str(file)!r} begins with {wrong!r}.", "Expected a WordNet id such as n02099601.")
    return ids


def read_labels(labels: Sequence[str] | PathLike | None) -> list[str] | None:
    """Return class names from a sequence, or from a text file with one name per line; None for None.

    A WordNet id at the start of a line (`n02099601 golden retriever`) is removed.
    """
    if labels is None:
        return None
    if not isinstance(labels, (str, os.PathLike)):
        return [str(label) for label in labels]
    lines = _lines(existing_file(labels, "a text file with one label per line"))
    while lines and not lines[-1].strip():
        lines.pop()
    return [re.sub(r"^n\d{8}\s+", "", line.strip()) for line in lines]


def _lines(file: Path) -> list[str]:
    """Return the lines of a text file, such as a list of labels."""
    try:
        return file_bytes(file, MAX_LIST, error=ModelError).decode("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise ModelError(f"{str(file)!r} is not text in UTF-8: {error}.", "Expected a text file.") from None
