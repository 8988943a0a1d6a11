"""The curve as a picture: CPU time for each subscriber, and the memory of the process, over their number."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final

from benchmarks.fan_out.delivering import Delivered

_WIDTH: Final = 760
_HEIGHT: Final = 300
_TOP: Final = 56
_BOTTOM: Final = 250
_PANEL: Final = 300

_STYLE: Final = """
  text { font: 12px system-ui, sans-serif; fill: #1f2328; } .title { font-weight: 600; }
  .axis { stroke: #8c959f; } .shared { stroke: #0b5fd0; fill: #0b5fd0; } .distinct { stroke: #b35900; fill: #b35900; }
  .curve { fill: none; stroke-width: 2; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; } .shared { stroke: #58a6ff; fill: #58a6ff; } .distinct { stroke: #f0a050; fill: #f0a050; }
    .curve { fill: none; }
  }
"""

_NAMES: Final = {"shared": "one shared document", "distinct": "distinct principals"}


def drawn(found: Sequence[Delivered]) -> str:
    """An SVG of both panels, each from zero."""
    told = "CPU time for each subscriber and memory of a deliverer, by the number of subscribers"
    cpu = {
        kind: [(o.subscribers, o.cpu / o.subscribers * 1_000) for o in _of(found, kind)] for kind in _NAMES
    }
    memory = {kind: [(o.subscribers, o.memory) for o in _of(found, kind)] for kind in _NAMES}
    parts = [
        *_panel(60, "CPU time for each subscriber and event, ms", cpu),
        *_panel(440, "Most memory of the process, MiB", memory),
        *_legend(),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{told}">\n'
        f"<style>{_STYLE}</style>\n" + "\n".join(parts) + "\n</svg>\n"
    )


def _of(found: Sequence[Delivered], kind: str) -> list[Delivered]:
    return sorted((one for one in found if one.kind == kind), key=lambda one: one.subscribers)


def _panel(left: int, title: str, curves: dict[str, list[tuple[int, float]]]) -> Iterator[str]:
    sizes = sorted({size for points in curves.values() for size, _ in points})
    most = max(value for points in curves.values() for _, value in points) * 1.15
    first, last = math.log10(sizes[0]), math.log10(sizes[-1])

    def x(size: int) -> float:
        return left + 12 + (_PANEL - 40) * (math.log10(size) - first) / max(last - first, 1e-9)

    def y(value: float) -> float:
        return _BOTTOM - (_BOTTOM - _TOP) * value / most

    yield _text(left, 20, title, "title")
    yield f'<path class="axis" fill="none" d="M{left} {_TOP} V{_BOTTOM} H{left + _PANEL}"/>'
    for size in sizes:
        yield _text(x(size), _BOTTOM + 18, f"{size:,}", anchor="middle")
    for share in (0.0, 0.5, 1.0):
        yield _text(left - 6, y(most * share) + 4, f"{most * share:.3g}", anchor="end")
    for kind, points in curves.items():
        line = " ".join(f"{x(size):.1f},{y(value):.1f}" for size, value in points)
        yield f'<polyline class="{kind} curve" points="{line}"/>'
        for size, value in points:
            yield f'<circle class="{kind}" cx="{x(size):.1f}" cy="{y(value):.1f}" r="3"/>'


def _legend() -> Iterator[str]:
    for number, (kind, name) in enumerate(_NAMES.items()):
        yield f'<circle class="{kind}" cx="{66 + 190 * number}" cy="{_HEIGHT - 14}" r="4"/>'
        yield _text(76 + 190 * number, _HEIGHT - 10, name)
    yield _text(_WIDTH - 20, _HEIGHT - 10, "subscribers of one topic", anchor="end")


def _text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    marked = f' class="{kind}"' if kind else ""
    return f'<text{marked} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{words}</text>'
