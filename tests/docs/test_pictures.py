"""Pictures of the documentation: each is shown, described, readable in both themes, and made of nothing from elsewhere."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {page: page.read_text() for page in DOCS.rglob("*.md")}
PICTURES = sorted((DOCS / "pictures").glob("*.svg"))
SVG = "{http://www.w3.org/2000/svg}"


def named(picture: Path) -> str:
    return picture.stem


@pytest.mark.parametrize("picture", [*PICTURES, DOCS / "architecture.svg"], ids=named)
def test_a_picture_is_shown_with_words_for_whoever_cannot_see_it(picture: Path) -> None:
    shown = [
        alternative
        for page, text in PAGES.items()
        for alternative, link in re.findall(r"!\[([^\]]*)\]\(([^)\s]+)\)", text)
        if (page.parent / link).resolve() == picture
    ]

    assert shown
    assert all(len(alternative) > 60 for alternative in shown)


@pytest.mark.parametrize("picture", [*PICTURES, DOCS / "architecture.svg"], ids=named)
def test_a_picture_says_what_it_is_and_follows_the_theme(picture: Path) -> None:
    text = picture.read_text()
    root = ET.fromstring(text)

    assert [(root.findtext(f"{SVG}{part}") or "")[-1:] for part in ("title", "desc")] != ["", ""]
    assert "@media (prefers-color-scheme: dark)" in text
    assert re.findall(r"(?:href|src)=\"[^#]|url\((?!#)|<script|<image", text) == []


def test_pictures_of_concepts_are_drawn_alike() -> None:
    assert len({re.findall(r"(?s)<style>.*?</style>", picture.read_text())[0] for picture in PICTURES}) == 1


@pytest.mark.parametrize("picture", PICTURES, ids=named)
def test_every_class_is_one_of_the_style(picture: Path) -> None:
    text = picture.read_text()
    style = re.findall(r"(?s)<style>(.*?)</style>", text)[0]
    used = {name for classes in re.findall(r'class="([^"]+)"', text) for name in classes.split()}

    assert used <= set(re.findall(r"\.([a-z]+) \{", style))


@pytest.mark.parametrize("page", sorted((DOCS / "concepts").glob("*.md")), ids=named)
def test_every_concept_has_a_picture_and_is_short(page: Path) -> None:
    assert PAGES[page].count("![") == 1
    assert len(PAGES[page].split()) < 500
