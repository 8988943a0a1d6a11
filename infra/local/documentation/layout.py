"""Lays the pages of the site out in one folder, so that every link that works in the repository works on the site.

Pages of `docs/` keep their places. What they link to elsewhere in the repository comes along below `repository/`:
Markdown as pages, with what they link to; any other text as a page that shows it, which search leaves out; pictures as
they are; a folder as its README, or else as a list of its files.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from infra.local.links import CODE, ELSEWHERE, FENCE
from infra.local.toolchain import ROOT

DOCS = ROOT / "docs"
CONFIGURATION = ROOT / "mkdocs.yml"

_TARGET = re.compile(
    r"(\]\(\s*<?|^\[[^\]]+\]:\s*<?|<(?:img|a|source)\b[^>]*?\b(?:src|href)=\")([^)\s>\"]+)", re.M
)
_PICTURES = {".svg", ".png", ".jpg", ".webp", ".gif"}
_LANGUAGES = {".mjs": "js", ".sol": "solidity", ".lock": "text", ".template": "text", "": "text"}


def lay_out(folder: Path, also: Iterable[Path] | None = None) -> None:
    """Make `folder` hold exactly the pages of the site. Raises FileNotFoundError for a link that leads nowhere.

    `also`: files outside of `docs/` that belong to it, linked or not: those that the navigation names.
    """
    shutil.rmtree(folder, ignore_errors=True)
    waiting = [path for path in sorted(DOCS.rglob("*")) if path.is_file()]
    waiting += navigated() if also is None else also
    seen: set[Path] = set()
    while waiting:
        source = waiting.pop()
        if source not in seen:
            seen.add(source)
            target = folder / place(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            waiting += _show(source, target)


def navigated() -> list[Path]:
    """Files outside of `docs/` that the navigation names."""
    named = re.findall(r": repository/(.+)\.md$", CONFIGURATION.read_text(), re.MULTILINE)
    return [ROOT / name if (ROOT / name).is_file() else ROOT / f"{name}.md" for name in named]


def place(source: Path) -> PurePosixPath:
    """Where the site has a file or a folder of the repository."""
    if source.is_relative_to(DOCS):
        return PurePosixPath(source.relative_to(DOCS).as_posix())
    path = PurePosixPath("repository", source.relative_to(ROOT).as_posix())
    if source.is_dir():
        return path / "files.md"
    return path if source.suffix in {".md", *_PICTURES} else path.with_name(f"{path.name}.md")


def relinked(text: str, source: Path, linked: Callable[[Path], None]) -> str:
    """The text of a page with its links as the site has them; `linked` hears of each file that they lead to."""
    return "".join(
        part if kept else _TARGET.sub(lambda found: found[1] + _on_the_site(found[2], source, linked), part)
        for part, kept in _parts(text)
    )


def _show(source: Path, target: Path) -> list[Path]:
    """Put one file where the site has it, and return what it leads to."""
    linked: list[Path] = []
    if source.is_dir():
        target.write_text(_listing(source), encoding="utf-8")
    elif source.suffix == ".md":
        target.write_text(relinked(source.read_text("utf-8"), source, linked.append), encoding="utf-8")
    elif target.suffix == ".md":
        target.write_text(_source_page(source), encoding="utf-8")
    else:
        shutil.copyfile(source, target)
    return linked


def _parts(text: str) -> Iterable[tuple[str, bool]]:
    """The text in its order, each part with whether it is code, in which nothing is a link."""
    begin = 0
    for found in re.finditer(f"(?ms:{FENCE.pattern})|{CODE.pattern}", text):
        yield text[begin : found.start()], False
        yield found[0], True
        begin = found.end()
    yield text[begin:], False


def _on_the_site(link: str, source: Path, linked: Callable[[Path], None]) -> str:
    path, hash_mark, heading = link.partition("#")
    if not path or ELSEWHERE.match(link):
        return link
    target = (source.parent / unquote(path)).resolve()
    if not target.exists():
        raise FileNotFoundError(f"{source.relative_to(ROOT)} links to {link}, which is not there")
    if target.is_dir() and (target / "README.md").exists():
        target /= "README.md"
    linked(target)
    here, there = place(source).parent, place(target)
    ups = len(here.parts) - len(_common(here, there).parts)
    return "/".join([*[".."] * ups, *there.parts[len(_common(here, there).parts) :]]) + hash_mark + heading


def _common(here: PurePosixPath, there: PurePosixPath) -> PurePosixPath:
    return next(parent for parent in (here, *here.parents) if there.is_relative_to(parent))


def _source_page(source: Path) -> str:
    language = _LANGUAGES.get(source.suffix, source.suffix.removeprefix("."))
    text = source.read_text("utf-8")
    fence = "`" * max(3, *(len(ticks) + 1 for ticks in re.findall(r"`+", text)), 3)
    title = source.relative_to(ROOT).as_posix()
    return f"{_HIDDEN}# {title}\n\n{fence}{language}\n{text}\n{fence}\n"


def _listing(folder: Path) -> str:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "."],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    files = "\n".join(f"- `{name}`" for name in listed.stdout.splitlines())
    return f"{_HIDDEN}# {folder.relative_to(ROOT).as_posix()}/\n\n{files}\n"


_HIDDEN = "---\nsearch:\n  exclude: true\nhide:\n  - toc\n---\n\n"
