"""Finds links in our Markdown that lead nowhere: files that are not there, headings that are not in them.

`python -m infra.local.links`. Addresses on the web are not followed.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from infra.local.toolchain import ROOT

FENCE = re.compile(r"^(```|~~~).*?^\1\s*$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]*`")
_INLINE = re.compile(r"\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
_REFERENCE = re.compile(r"^\[[^\]]+\]:\s*<?(\S+?)>?\s*$", re.MULTILINE)
_HTML = re.compile(r"<(?:img|a|source)\b[^>]*?\b(?:src|href|srcset)=\"([^\"]+)\"")
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)
ELSEWHERE = re.compile(r"^(?:[a-z][a-z0-9+.-]*:|//)", re.IGNORECASE)


def broken_links(page: Path) -> Iterator[str]:
    """Each link of a Markdown page, as it stands there, whose file or heading does not exist."""
    text = FENCE.sub("", page.read_text())
    prose = CODE.sub("", text)
    for link in (*_INLINE.findall(prose), *_REFERENCE.findall(prose), *_HTML.findall(prose)):
        if ELSEWHERE.match(link):
            continue
        path, _, heading = unquote(link).partition("#")
        target = page.parent / path if path else page
        missing = not target.exists()
        if missing or (heading and target.suffix == ".md" and heading not in set(anchors(target))):
            yield link


def anchors(page: Path) -> Iterator[str]:
    """What a link to a heading of this page is spelled like, as GitHub derives it."""
    seen: dict[str, int] = {}
    for title in _HEADING.findall(FENCE.sub("", page.read_text())):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title)
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        count = seen.get(slug, 0)
        seen[slug] = count + 1
        yield f"{slug}-{count}" if count else slug


def main() -> int:
    """The exit status: 1 when a page that git knows has a broken link."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    pages = [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).exists()]
    found = [f"{page.relative_to(ROOT)}: {link}" for page in pages for link in broken_links(page)]
    for line in found:
        sys.stdout.write(f"{line} leads nowhere\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
