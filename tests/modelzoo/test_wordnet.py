"""ImageNet's classes as WordNet synsets, and the errors if the list or the corpus is missing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nltk
import pytest

from lucid_widgets.errors import ArgumentError, ModelError, UnknownNameError
from lucid_widgets.modelzoo import aligned_activations, wordnet


class Synset:
    """Stands in for a synset of NLTK."""

    def __init__(self, pos: str, offset: int, *names: str) -> None:
        self._pos, self._offset, self._names = pos, offset, names

    def pos(self) -> str:
        return self._pos

    def offset(self) -> int:
        return self._offset

    def name(self) -> str:
        return self._names[0]

    def lemma_names(self) -> tuple[str, ...]:
        return self._names


TENCH = Synset("n", 1440764, "tench", "Tinca_tinca")
RETRIEVER = Synset("n", 2099601, "golden_retriever")


class Corpus:
    def ensure_loaded(self) -> None:
        pass

    def synset_from_pos_and_offset(self, pos: str, offset: int) -> Any:
        return {("n", 1440764): TENCH, ("n", 2099601): RETRIEVER}[pos, offset]


@pytest.fixture
def corpus(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(nltk.corpus, "wordnet", Corpus())
    monkeypatch.setenv("LUCID_WIDGETS_MODEL_DIR", str(tmp_path))
    file = tmp_path / wordnet.IMAGENET_LIST
    file.write_text("n01440764 tench, Tinca tinca\nn02099601 golden retriever\n\n")
    return file


def test_id_and_synset_convert_both_ways(corpus: Path) -> None:
    assert wordnet.id_from_synset(TENCH) == "n01440764"
    assert wordnet.synset_from_id("n01440764") is TENCH


@pytest.mark.parametrize("wrong", ["tench", "n123", "x01440764", 1440764, "n01440764 tench"])
def test_rejects_malformed_id(wrong: Any) -> None:
    with pytest.raises(ArgumentError, match="is not a WordNet id"):
        wordnet.synset_from_id(wrong)


def test_imagenet_classes_are_in_output_order(corpus: Path) -> None:
    assert wordnet.imagenet_synset_ids() == ["n01440764", "n02099601"]
    assert wordnet.imagenet_synsets() == [TENCH, RETRIEVER]


def test_finds_class_by_any_of_its_names(corpus: Path) -> None:
    assert wordnet.imagenet_synset_from_description("Golden retriever") is RETRIEVER
    assert wordnet.imagenet_synset_from_description("tinca tinca") is TENCH
    with pytest.raises(UnknownNameError, match="golden retriever"):
        wordnet.imagenet_synset_from_description("golden retreiver")


def test_finds_class_by_part_of_its_name(corpus: Path) -> None:
    assert wordnet.imagenet_synset_from_description("retrieve") is RETRIEVER
    with pytest.raises(
        ArgumentError,
        match=r"^2 classes of ImageNet have a name that contains 'en'\. Expected one of 'tench' or 'golden_r",
    ):
        wordnet.imagenet_synset_from_description("en")


def test_rejects_list_without_ids(corpus: Path) -> None:
    corpus.write_text("tench\n")
    with pytest.raises(ModelError, match=r"^A line of .* begins with 'tench'"):
        wordnet.imagenet_synset_ids()


def test_missing_list_is_named(corpus: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    corpus.unlink()
    monkeypatch.setenv("LUCID_WIDGETS_CACHE", str(tmp_path))
    with pytest.raises(ModelError, match=wordnet.IMAGENET_LIST):
        wordnet.imagenet_synset_ids()


def test_missing_corpus_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(nltk.data, "path", [str(tmp_path)])
    monkeypatch.setattr(
        nltk.corpus,
        "wordnet",
        nltk.corpus.util.LazyCorpusLoader("wordnet", nltk.corpus.reader.WordNetCorpusReader, None),
    )
    with pytest.raises(ArgumentError, match=r"nltk\.downloader wordnet"):
        wordnet.synset_from_id("n01440764")


def test_real_list_has_a_thousand_ids(models_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUCID_WIDGETS_MODEL_DIR", str(models_dir))
    ids = wordnet.imagenet_synset_ids()
    assert len(ids) == len(set(ids)) == 1000
    assert ids[0] == "n01440764"


def test_aligned_activations_point_to_get_activations() -> None:
    with pytest.raises(ArgumentError, match=r"model\.get_activations"):
        aligned_activations.get_aligned_activations(None)
