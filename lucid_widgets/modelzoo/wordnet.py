"""ImageNet's classes as WordNet's synsets, under Lucid's names.

Needs NLTK and its WordNet corpus (Lucid downloaded the corpus when this module was imported):

    pip install "lucid-widgets[misc]"
    python -m nltk.downloader wordnet

The list of ImageNet's classes is a text file with a WordNet id at the start of each line, `imagenet_synset_words.txt`,
in one of the folders where weights are looked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from lucid_widgets._errors import ArgumentError, ModelError, unknown_name
from lucid_widgets.misc._optional import needed
from lucid_widgets.modelzoo.weights import find_weights

IMAGENET_LIST = "imagenet_synset_words.txt"

_ID = re.compile(r"[nvars]\d{8}")


def id_from_synset(synset: Any) -> str:
    """The WordNet id of a synset: its part of speech and eight digits, as in "n02099601".

    Args:
        synset: NLTK's.

    Source: Lucid's `wordnet.id_from_synset`.
    """
    return f"{synset.pos()}{synset.offset():08d}"


def synset_from_id(id_str: str) -> Any:
    """NLTK's synset of a WordNet id.

    Args:
        id_str: Such as "n02099601".

    Raises:
        ArgumentError: It is no such id, or NLTK or its corpus is missing.

    Example:
        >>> synset_from_id("n02099601")
        Synset('golden_retriever.n.01')

    Source: Lucid's `wordnet.synset_from_id`.
    """
    if not isinstance(id_str, str) or not _ID.fullmatch(id_str):
        raise ArgumentError(f"{id_str!r} is no WordNet id.", 'Expected a letter and eight digits, such as "n02099601".')
    return _wordnet().synset_from_pos_and_offset(id_str[0], int(id_str[1:]))


def imagenet_synset_ids() -> list[str]:
    """The WordNet ids of ImageNet's classes, in the order of the networks' outputs.

    Raises:
        ModelError: The list is not at hand; the message says where to put it.

    Source: Lucid's `wordnet.imagenet_synset_ids`.
    """
    file = find_weights("The list of ImageNet's classes", (IMAGENET_LIST,))
    ids = [line.split(maxsplit=1)[0] for line in file.read_text("utf-8").splitlines() if line.strip()]
    wrong = next((each for each in ids if not _ID.fullmatch(each)), None)
    if wrong is not None:
        raise ModelError(f"{str(file)!r} begins a line with {wrong!r}.", "Expected a WordNet id such as n02099601.")
    return ids


def imagenet_synsets() -> list[Any]:
    """NLTK's synsets of ImageNet's classes, in the order of the networks' outputs.

    Source: Lucid's `wordnet.imagenet_synsets`.
    """
    return [synset_from_id(each) for each in imagenet_synset_ids()]


def imagenet_synset_from_description(description: str, synsets: Iterable[Any] | None = None) -> Any:
    """The first class of ImageNet one of whose names is this.

    Args:
        description: Such as "golden retriever"; case does not count.
        synsets: Where to look; ImageNet's classes unless given.

    Raises:
        UnknownNameError: None has that name; the message has the nearest.

    Source: Lucid's `wordnet.imagenet_synset_from_description`.
    """
    wanted = description.lower().replace(" ", "_")
    names: dict[str, Any] = {}
    for synset in imagenet_synsets() if synsets is None else synsets:
        for name in synset.lemma_names():
            names.setdefault(name.lower(), synset)
    if wanted not in names:
        raise unknown_name("class", description, "ImageNet", [name.replace("_", " ") for name in names])
    return names[wanted]


def _wordnet() -> Any:
    corpus = needed("nltk.corpus", "modelzoo.wordnet").wordnet
    try:
        corpus.ensure_loaded()
    except LookupError as error:
        raise ArgumentError(
            "NLTK has no WordNet corpus here.", "Run python -m nltk.downloader wordnet, and try again."
        ) from error
    return corpus
