"""ImageNet's classes as WordNet synsets.

The functions need NLTK and its WordNet corpus, which Lucid downloaded on import:

    pip install "lucid-widgets[misc]"
    python -m nltk.downloader wordnet

They also need the list of ImageNet's classes, `imagenet_synset_words.txt`, a text file with a WordNet id at the start
of each line, in one of the folders that are searched for weights.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lucid_widgets.errors import ArgumentError, either, unknown_name
from lucid_widgets.misc._optional import needed
from lucid_widgets.modelzoo.files.weights import SYNSET_ID, find_weights, read_synset_ids

__all__ = [
    "IMAGENET_LIST",
    "IMAGENET_SYNSETS_PATH",
    "id_from_synset",
    "imagenet_synset_from_description",
    "imagenet_synset_ids",
    "imagenet_synsets",
    "synset_from_id",
]

IMAGENET_LIST = "imagenet_synset_words.txt"

IMAGENET_SYNSETS_PATH = "gs://modelzoo/labels/ImageNet_standard_synsets.txt"
"""Lucid's address of the same list."""


def id_from_synset(synset: Any) -> str:
    """Return the WordNet id of a synset: its part of speech and eight digits, as in "n02099601".

    Args:
        synset: A synset of NLTK.

    Source: Lucid's `wordnet.id_from_synset`.
    """
    return f"{synset.pos()}{synset.offset():08d}"


def synset_from_id(id_str: str) -> Any:
    """Return the NLTK synset of a WordNet id.

    Args:
        id_str: The id, such as "n02099601".

    Raises:
        ArgumentError: If it is not a WordNet id, or NLTK or its corpus is missing.

    Example:
        >>> synset_from_id("n02099601")
        Synset('golden_retriever.n.01')

    Source: Lucid's `wordnet.synset_from_id`.
    """
    if not isinstance(id_str, str) or not SYNSET_ID.fullmatch(id_str):
        raise ArgumentError(
            f"{id_str!r} is not a WordNet id.", 'Expected a letter and eight digits, such as "n02099601".'
        )
    return _wordnet().synset_from_pos_and_offset(id_str[0], int(id_str[1:]))


def imagenet_synset_ids() -> list[str]:
    """Return the WordNet ids of ImageNet's classes, in the order of the networks' outputs.

    Raises:
        ModelError: If the list was not found. The message says where to put it.

    Source: Lucid's `wordnet.imagenet_synset_ids`.
    """
    file = find_weights("The list of ImageNet's classes", (IMAGENET_LIST,))
    return read_synset_ids(file)


def imagenet_synsets() -> list[Any]:
    """Return the NLTK synsets of ImageNet's classes, in the order of the networks' outputs.

    Source: Lucid's `wordnet.imagenet_synsets`.
    """
    return [synset_from_id(each) for each in imagenet_synset_ids()]


def imagenet_synset_from_description(search_term: str, *, synsets: Iterable[Any] | None = None) -> Any:
    """Return the ImageNet class with this name, or else the only class whose name contains it.

    Args:
        search_term: A name such as "golden retriever", in any case.
        synsets: The synsets to search; default: ImageNet's classes.

    Raises:
        UnknownNameError: If no name contains the term. The message suggests similar names.
        ArgumentError: If the names of several classes contain it. The message lists them.

    Source: Lucid's `wordnet.imagenet_synset_from_description`, which compared only the first name of a class.
    """
    wanted = search_term.lower().replace(" ", "_")
    names: dict[str, Any] = {}
    for synset in imagenet_synsets() if synsets is None else synsets:
        for name in synset.lemma_names():
            names.setdefault(name.lower(), synset)
    if wanted in names:
        return names[wanted]
    found = {synset.name(): synset for name, synset in names.items() if wanted in name}
    if not found:
        raise unknown_name("class", search_term, "ImageNet", [name.replace("_", " ") for name in names])
    if len(found) > 1:
        raise ArgumentError(
            f"{len(found)} classes of ImageNet have a name that contains {search_term!r}.",
            f"Expected one of {either([*found])}.",
        )
    return next(iter(found.values()))


def _wordnet() -> Any:
    corpus = needed("nltk.corpus", "modelzoo.wordnet").wordnet
    try:
        corpus.ensure_loaded()
    except LookupError as error:
        raise ArgumentError(
            "NLTK's WordNet corpus is not installed.", "Run python -m nltk.downloader wordnet."
        ) from error
    return corpus
