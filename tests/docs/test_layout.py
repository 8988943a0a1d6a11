"""Links that work in the repository work on the site."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from infra.local.documentation.layout import lay_out, navigated, place, relinked
from infra.local.toolchain import ROOT

PAGE = ROOT / "docs" / "concepts" / "state.md"


def linked(text: str) -> tuple[str, list[Path]]:
    followed: list[Path] = []
    return relinked(text, PAGE, followed.append), followed


@pytest.mark.parametrize(
    ("written", "on_the_site"),
    [
        ("[a](../http.md#errors)", "[a](../http.md#errors)"),
        ("[a](#here)", "[a](#here)"),
        ("[a](https://example.org/x.md)", "[a](https://example.org/x.md)"),
        ("![a](../pictures/state.svg)", "![a](../pictures/state.svg)"),
        ("[a](../../CONTRIBUTING.md#write)", "[a](../repository/CONTRIBUTING.md#write)"),
        ("[a](../../examples/applause)", "[a](../repository/examples/applause/README.md)"),
        ("[a](../../tests/contract)", "[a](../repository/tests/contract/files.md)"),
        ("[`a`](../../sdk/src/colonnade/jobs.py)", "[`a`](../repository/sdk/src/colonnade/jobs.py.md)"),
        ('<img src="../../handlers/icon.svg">', '<img src="../repository/handlers/icon.svg">'),
        ("[a]: ../../LICENSE", "[a]: ../repository/LICENSE.md"),
        ("`[a](../../LICENSE)`", "`[a](../../LICENSE)`"),
        ("```\n[a](../../LICENSE)\n```", "```\n[a](../../LICENSE)\n```"),
    ],
)
def test_a_link_leads_where_it_did(written: str, on_the_site: str) -> None:
    assert linked(written)[0] == on_the_site


def test_what_is_linked_comes_along() -> None:
    assert linked("[a](../http.md), [b](../../LICENSE)")[1] == [ROOT / "docs" / "http.md", ROOT / "LICENSE"]


def test_a_link_that_leads_nowhere_is_refused() -> None:
    with pytest.raises(FileNotFoundError, match=r"docs/concepts/state.md links to \.\./nowhere.md"):
        linked("[a](../nowhere.md)")


def test_pages_of_docs_keep_their_places() -> None:
    assert place(ROOT / "docs" / "http.md") == PurePosixPath("http.md")


def test_what_the_navigation_names_elsewhere_comes_along() -> None:
    assert {ROOT / "LICENSE", ROOT / "sdk" / "README.md"} <= set(navigated())
    assert [path for path in navigated() if not path.exists()] == []


def test_source_is_shown_as_it_is_and_search_leaves_it_out(tmp_path: Path) -> None:
    lay_out(tmp_path / "pages", also=[ROOT / "plugins.lock.json"])
    shown = (tmp_path / "pages" / "repository" / "plugins.lock.json.md").read_text()

    assert f"```json\n{(ROOT / 'plugins.lock.json').read_text()}\n```" in shown
    assert shown.startswith("---\nsearch:\n  exclude: true\n")


def test_what_was_laid_out_before_is_gone(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "old.md").write_text("# Old")

    lay_out(tmp_path / "pages", also=[])

    assert not (tmp_path / "pages" / "old.md").exists()
    assert (tmp_path / "pages" / "repository" / "sdk" / "src" / "colonnade" / "jobs.py.md").exists()
