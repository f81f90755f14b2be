"""Where the files of models are found on this machine."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from lucid_widgets.errors import ModelError
from lucid_widgets.modelzoo.files.downloads import Archive, cache_folder, fetch

PathLike = str | os.PathLike[str]

MODEL_DIR_VARIABLE = "LUCID_WIDGETS_MODEL_DIR"
"""The environment variable that names a folder of model files."""

SYNSET_ID = re.compile(r"[nvars]\d{8}")
"""WordNet's ids: a part of speech, and a number."""

SYNSET_FILES = ("ImageNet_standard_synsets.txt", "ImageNet_alternate_synsets.txt", "imagenet_synset_words.txt")
"""Lists of WordNet ids that may lie beside a network's file."""


def existing_file(path: PathLike, what: str = "a frozen TensorFlow graph (.pb)") -> Path:
    """`path` as a `Path`, or a `ModelError` where it is not a file.

    Args:
        path: As the user wrote it; `~` is expanded.
        what: What was expected, for the message.
    """
    file = Path(path).expanduser()
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
    """The file with a model's weights: `path`, one of `file_names` in the folder the environment names, or a download.

    Args:
        owner: The model's name, for the message.
        file_names: The names to look for, the best first.
        path: The file that the user passed, if any.
        archive: Where its first member can be downloaded. Where it is None, the folder of downloads is looked into
            too, for files that somebody put there.
        note: A sentence for the message, with a space before it.

    Raises:
        ModelError: There is none. The message names what to pass.
    """
    if path is not None:
        return existing_file(path)
    folder = os.environ.get(MODEL_DIR_VARIABLE)
    places = [Path(folder).expanduser()] if folder else []
    if archive is None:
        places.append(cache_folder())
    for candidate in (place / name for place in places for name in file_names):
        if candidate.is_file():
            return candidate
    if archive is not None:
        return fetch(archive, owner) / next(iter(archive.members))
    looked = f" The folder {folder!r} holds neither." if folder else ""
    raise ModelError(
        f"The weights of {owner} were not found.{looked}{note}",
        f'Pass {owner}(path=".../{file_names[0]}"), or put {" or ".join(file_names)} into '
        f"{str(cache_folder())!r} or the folder that the environment variable {MODEL_DIR_VARIABLE} names.",
    )


def list_beside(
    graph: PathLike,
    names: Sequence[str],
    classes: int | None,
    read: Callable[[Path], Sequence[str] | None],
) -> Path | None:
    """The first of these files beside a graph that holds as many entries as the network has classes, or None."""
    for file in (Path(graph).with_name(name) for name in names):
        if file.is_file() and len(read(file) or ()) == classes:
            return file
    return None


def read_synset_ids(file: Path) -> list[str]:
    """The WordNet ids at the start of each line of a text file.

    Raises:
        ModelError: A line begins with something else.
    """
    ids = [line.split(maxsplit=1)[0] for line in file.read_text("utf-8").splitlines() if line.strip()]
    wrong = next((each for each in ids if not SYNSET_ID.fullmatch(each)), None)
    if wrong is not None:
        raise ModelError(f"{str(file)!r} begins a line with {wrong!r}.", "Expected a WordNet id such as n02099601.")
    return ids


def read_labels(labels: Sequence[str] | PathLike | None) -> tuple[str, ...] | None:
    """Class names from a sequence, or from a text file with one on each line.

    A WordNet id at the start of a line (`n02099601 golden retriever`) is left out.
    """
    if labels is None:
        return None
    if not isinstance(labels, (str, os.PathLike)):
        return tuple(str(label) for label in labels)
    lines = existing_file(labels, "a text file with one label on each line").read_text("utf-8").splitlines()
    while lines and not lines[-1].strip():
        lines.pop()
    return tuple(re.sub(r"^n\d{8}\s+", "", line.strip()) for line in lines)
