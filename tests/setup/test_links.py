from pathlib import Path

import pytest

from infra.local.links import anchors, broken_links


@pytest.fixture
def page(tmp_path: Path) -> Path:
    (tmp_path / "guide.md").write_text(
        "# The guide\n\n## Local & remote: `make dev`\n\n## Twice\n\n## Twice\n"
    )
    (tmp_path / "picture.svg").write_text("<svg/>")
    return tmp_path / "README.md"


@pytest.mark.parametrize(
    "link",
    [
        "[guide](guide.md)",
        "[guide](./guide.md#the-guide)",
        "[section](guide.md#local--remote-make-dev)",
        "[second](guide.md#twice-1)",
        "[here](#top)",
        "![picture](picture.svg)",
        '<img src="picture.svg" alt="">',
        "[web](https://example.com/nothing)",
        "[mail](mailto:a@example.com)",
        "[guide]: guide.md",
        "`[not a link](nowhere.md)`",
        "```\n[not a link](nowhere.md)\n```",
    ],
)
def test_a_link_that_leads_somewhere_is_no_fault(page: Path, link: str) -> None:
    page.write_text(f"# Top\n\n{link}\n")
    assert list(broken_links(page)) == []


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("[guide](guides.md)", "guides.md"),
        ("[section](guide.md#no-such-heading)", "guide.md#no-such-heading"),
        ("[third](guide.md#twice-2)", "guide.md#twice-2"),
        ("[here](#bottom)", "#bottom"),
        ("![picture](pictures/a.svg)", "pictures/a.svg"),
        ('<img width="9" src="a.svg">', "a.svg"),
        ("[guide]: guides.md", "guides.md"),
    ],
)
def test_a_link_that_leads_nowhere_is_found(page: Path, text: str, link: str) -> None:
    page.write_text(f"# Top\n\n{text}\n")
    assert list(broken_links(page)) == [link]


def test_headings_inside_code_are_no_anchors(page: Path) -> None:
    page.write_text("# Top\n\n```\n# comment\n```\n")
    assert list(anchors(page)) == ["top"]
