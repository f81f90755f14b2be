"""ImageNet's classes as WordNet's synsets, under Lucid's names.

Needs NLTK and its WordNet corpus (Lucid downloaded the corpus when this module was imported):

    pip install "lucid-widgets[misc]"
    python -m nltk.downloader wordnet

The list of ImageNet's classes is a text file with a WordNet id at the start of each line, `imagenet_synset_words.txt`,
in one of the folders where weights are looked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lucid_widgets.errors import ArgumentError, either, unknown_name
from lucid_widgets.misc._optional import needed
from lucid_widgets.modelzoo.files.weights import SYNSET_ID, find_weights, read_synset_ids

IMAGENET_LIST = "imagenet_synset_words.txt"


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
    if not isinstance(id_str, str) or not SYNSET_ID.fullmatch(id_str):
        raise ArgumentError(f"{id_str!r} is no WordNet id.", 'Expected a letter and eight digits, such as "n02099601".')
    return _wordnet().synset_from_pos_and_offset(id_str[0], int(id_str[1:]))


def imagenet_synset_ids() -> list[str]:
    """The WordNet ids of ImageNet's classes, in the order of the networks' outputs.

    Raises:
        ModelError: The list is not at hand; the message says where to put it.

    Source: Lucid's `wordnet.imagenet_synset_ids`.
    """
    file = find_weights("The list of ImageNet's classes", (IMAGENET_LIST,))
    return read_synset_ids(file)


def imagenet_synsets() -> list[Any]:
    """NLTK's synsets of ImageNet's classes, in the order of the networks' outputs.

    Source: Lucid's `wordnet.imagenet_synsets`.
    """
    return [synset_from_id(each) for each in imagenet_synset_ids()]


def imagenet_synset_from_description(search_term: str, *, synsets: Iterable[Any] | None = None) -> Any:
    """The class of ImageNet one of whose names is this; or else the only one that has this in its name.

    Args:
        search_term: Such as "golden retriever"; case does not count.
        synsets: Where to look; ImageNet's classes unless given.

    Raises:
        UnknownNameError: None has it in its name; the message has the nearest.
        ArgumentError: Several have; the message lists them.

    Source: Lucid's `wordnet.imagenet_synset_from_description`. (It knew a class by the first of its names only.)
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
            f"ImageNet has {len(found)} classes with {search_term!r} in a name.", f"Expected one of {either([*found])}."
        )
    return next(iter(found.values()))


def _wordnet() -> Any:
    corpus = needed("nltk.corpus", "modelzoo.wordnet").wordnet
    try:
        corpus.ensure_loaded()
    except LookupError as error:
        raise ArgumentError(
            "NLTK has no WordNet corpus here.", "Run python -m nltk.downloader wordnet, and try again."
        ) from error
    return corpus
