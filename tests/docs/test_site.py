"""The site is built strictly, loads nothing from elsewhere, and is searched without a server."""

from __future__ import annotations

import json
import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from infra.local import toolchain
from infra.local.documentation.site import CannotBuild, build

SESSION = Path(__file__).with_name("site_session.mjs")


class Assets(HTMLParser):
    """Addresses that a browser asks for by itself to show a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        loads = {"href"} if tag == "link" else set() if tag == "a" else {"src", "srcset", "data", "poster"}
        self.found += [value or "" for name, value in attrs if name in loads]
        self.found += re.findall(r"url\((.*?)\)", dict(attrs).get("style") or "")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("documentation") / "site"
    build(place)
    return place


def test_every_page_of_the_navigation_is_there(site: Path) -> None:
    named = re.findall(r": ([\w/.-]+)\.md$", (toolchain.ROOT / "mkdocs.yml").read_text(), re.MULTILINE)
    built = [re.sub(r"\bREADME$", "index", name) for name in named]

    assert len(built) > 25
    assert [page for page in built if not (site / f"{page}.html").exists()] == []


def test_no_page_and_no_style_loads_anything_from_elsewhere(site: Path) -> None:
    asked = [asset for page in site.rglob("*.html") for asset in Assets(page.read_text()).found]
    asked += [
        url
        for style in site.rglob("*.css")
        for url in re.findall(r"url\([\"']?(.*?)[\"']?\)|@import [\"'](.*?)[\"']", style.read_text())
        for url in url
    ]

    assert len(asked) > 100
    assert [asset for asset in asked if re.match(r"(?:https?:)?//", asset)] == []


def test_search_finds_concepts_and_no_source(site: Path) -> None:
    index = json.loads((site / "search" / "search_index.json").read_text())
    places = {document["location"].partition("#")[0] for document in index["docs"]}

    assert {"index.html", "concepts/actions.html", "reference/errors.html"} <= places
    assert not [place for place in places if place.endswith(".py.html")]


def test_a_heading_that_is_not_there_stops_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def lay_out(pages: Path) -> None:
        (pages / "theme").mkdir(parents=True)
        (pages / "index.md").write_text("# Tour\n\n[gone](#no-such-heading)\n")

    monkeypatch.setattr("infra.local.documentation.site.lay_out", lay_out)

    with pytest.raises(CannotBuild, match="no-such-heading"):
        build(tmp_path / "site")


@pytest.mark.browser
def test_opened_as_a_file_it_is_readable_in_both_themes_and_searched(site: Path) -> None:
    command: list[str | Path] = [toolchain.node(), SESSION, toolchain.chromium(), site, "reorganisation"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
    seen: dict[str, Any] = json.loads(ran.stdout)

    assert seen["complaints"] == []
    assert [url for url in seen["requests"] if not url.startswith((f"file://{site}/", "data:"))] == []
    assert seen["backgrounds"] == ["rgb(255, 255, 255)", "rgb(13, 16, 23)"]
    assert seen["sideways"] == []
    assert [url for url in seen["found"] if "/concepts/actions.html" in url]
