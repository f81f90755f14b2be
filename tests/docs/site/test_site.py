"""The documentation builds without warnings, and its pages load nothing from other hosts."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

from needs import ROOT

# Elements that make a browser load what the attribute names. A link (`<a href>`) loads nothing by itself.
LOADING = {
    ("script", "src"),
    ("img", "src"),
    ("iframe", "src"),
    ("link", "href"),
    ("source", "src"),
    ("source", "srcset"),
    ("video", "src"),
}
MOST_BYTES = 3_300_000


class Resources(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "link" and values.get("rel") in ("canonical", "next", "prev"):
            return
        self.found += [value for name, value in attrs if (tag, name) in LOADING and value]


def test_loads_nothing_from_other_hosts(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 40
    for page in pages:
        parser = Resources()
        parser.feed(page.read_text())
        outside = [url for url in parser.found if re.match(r"(https?:)?//", url)]
        assert not outside, f"{page.relative_to(site)} loads {outside}"


def test_style_sheets_load_nothing_from_other_hosts(site: Path) -> None:
    for sheet in site.rglob("*.css"):
        assert not re.findall(r"(?:url\(|@import)\s*['\"]?(?:https?:)?//", sheet.read_text()), sheet


def test_images_and_players_stay_small() -> None:
    files = [path for path in (ROOT / "docs").rglob("*") if path.suffix in (".webp", ".png", ".html")]
    assert sum(path.stat().st_size for path in files) < MOST_BYTES


def test_every_image_and_player_exists(site: Path) -> None:
    for page in site.rglob("*.html"):
        parser = Resources()
        parser.feed(page.read_text())
        local = [url.split("#")[0].split("?")[0] for url in parser.found if not url.startswith("data:")]
        missing = [url for url in local if url and not (page.parent / url).resolve().exists()]
        if page.name != "404.html":  # whose addresses begin at the root of the site
            assert not missing, f"{page.relative_to(site)} misses {missing}"
