"""What VS Code documents about its outputs, checked on the bundles: a page of another origin, without a network."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from needs import ROOT

BUNDLES = sorted((ROOT / "lucid_widgets" / "static").glob("*.js"))

# Namespaces and names in license notices and error messages. Nothing is fetched from them.
NAMES_ONLY = ("http://www.w3.org/", "https://anywidget.dev", "https://threejs.org", "https://github.com/")


@pytest.mark.parametrize("path", BUNDLES, ids=lambda path: path.stem)
def test_a_bundle_needs_only_itself(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.findall(r"(?:^|[;}\s])import\s*(?:[\w{*][^;(]*?from\s*)?[\"'][^\"']+[\"']", text)
    assert not re.findall(r"\bimport\(\s*[\"'`]", text)
    addresses = set(re.findall(r"https?://[\w./-]+", text))
    assert [each for each in sorted(addresses) if not each.startswith(NAMES_ONLY)] == []
    for forbidden in ("localStorage", "sessionStorage", "document.cookie", "indexedDB", "window.parent", "window.top"):
        assert forbidden not in text, forbidden
    assert not re.search(r"\b(?:alert|confirm|prompt)\(", text)
