"""The figures as bars, each group beside its baseline; readable on white and on black."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final
from xml.sax.saxutils import escape

from benchmarks.cases import Group
from benchmarks.rounds import Figure

_WIDTH: Final = 760
_LABELS: Final = 372
_BAR: Final = 14
_LINE: Final = 20
_WIDEST: Final = 3.0
"""The ratio at which a bar ends: longer ones are broken, and their figure says how far they would reach."""

_BREAK: Final = 12
_GAP: Final = 4

_STYLE: Final = """
  text { font: 12px system-ui, sans-serif; fill: #1f2328; }
  .title { font-weight: 600; }
  .bar { fill: #8c959f; } .ours { fill: #0b5fd0; } .line { stroke: #1f2328; stroke-dasharray: 3 3; opacity: .5; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; } .bar { fill: #6e7681; } .ours { fill: #58a6ff; } .line { stroke: #e6edf3; }
  }
"""


def drawn(groups: Sequence[tuple[Group, Sequence[Figure]]]) -> str:
    """An SVG of all groups."""
    parts: list[str] = []
    top = 10
    for group, figures in groups:
        parts += _group(group, figures, top)
        top += _LINE * (len(figures) + 1) + 14
    told = "CPU time of Colonnade and others, as multiples of each group's baseline"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {top}" role="img" aria-label="{told}">\n'
        f"<style>{_STYLE}</style>\n" + "\n".join(parts) + "\n</svg>\n"
    )


def _group(group: Group, figures: Sequence[Figure], top: int) -> Iterator[str]:
    yield _text(0, top + 14, group.title, "title")
    room = _WIDTH - _LABELS - 60
    at_one = _LABELS + room / _WIDEST
    bottom = top + _LINE * (len(figures) + 1)
    yield f'<line class="line" x1="{at_one:.1f}" x2="{at_one:.1f}" y1="{top + _LINE}" y2="{bottom}"/>'
    for number, figure in enumerate(figures, 1):
        y = top + number * _LINE
        length = room * min(figure.ratio, _WIDEST) / _WIDEST
        kind = "ours" if figure.name.startswith("Colonnade") else "bar"
        yield _text(0, y + 14, figure.name)
        yield from _bar(length, y + 3, kind, broken=figure.ratio > _WIDEST)
        yield _text(_LABELS + length + 6, y + 14, f"{figure.ratio:.2f}")


def _bar(length: float, y: int, kind: str, *, broken: bool) -> Iterator[str]:
    pieces = [(0.0, length)]
    if broken:
        pieces = [(0.0, length - _BREAK - _GAP), (length - _BREAK, _BREAK)]
    for start, width in pieces:
        yield (
            f'<rect class="{kind}" x="{_LABELS + start:.1f}" y="{y}" width="{width:.1f}" height="{_BAR}" rx="2"/>'
        )


def _text(x: float, y: int, words: str, kind: str = "") -> str:
    marked = f' class="{kind}"' if kind else ""
    return f'<text{marked} x="{x:.1f}" y="{y}">{escape(words)}</text>'
