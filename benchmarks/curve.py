"""How long a start takes by how many types it composes, as a curve; readable on white and on black."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_WIDTH: Final = 760
_HEIGHT: Final = 300
_LEFT: Final = 56
_RIGHT: Final = 200
_TOP: Final = 34
_BOTTOM: Final = 44
_STEP: Final = 100
"""Types, and milliseconds, between two lines."""

_STYLE: Final = """
  text { font: 12px system-ui, sans-serif; fill: #1f2328; }
  .title { font-weight: 600; }
  .curve { fill: none; stroke: #0b5fd0; stroke-width: 2; } .dot { fill: #0b5fd0; }
  .line { stroke: #1f2328; opacity: .15; } .beside { stroke: #8c959f; stroke-width: 2; stroke-dasharray: 4 4; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; } .curve { stroke: #58a6ff; } .dot { fill: #58a6ff; }
    .line { stroke: #e6edf3; } .beside { stroke: #6e7681; }
  }
"""


def drawn(title: str, taken: Mapping[int, float], beside: tuple[str, float]) -> str:
    """An SVG of seconds by numbers of types; `beside`: what is named and drawn as a level line."""
    most_types = max(taken)
    most = (int(max(*taken.values(), beside[1]) * 1000) // _STEP + 1) * _STEP

    def x(types: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * types / most_types

    def y(seconds: float) -> float:
        return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * seconds * 1000 / most

    right = _WIDTH - _RIGHT
    parts = [f'<text class="title" x="0" y="16">{title}</text>']
    for level in range(0, most + 1, _STEP):
        at = y(level / 1000)
        parts.append(f'<line class="line" x1="{_LEFT}" x2="{right}" y1="{at:.1f}" y2="{at:.1f}"/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{level}</text>')
    for types, seconds in sorted(taken.items()):
        parts.append(
            f'<text x="{x(types):.1f}" y="{_HEIGHT - _BOTTOM + 18}" text-anchor="middle">{types}</text>'
        )
        parts.append(f'<circle class="dot" cx="{x(types):.1f}" cy="{y(seconds):.1f}" r="4"/>')
    points = " ".join(f"{x(types):.1f},{y(seconds):.1f}" for types, seconds in sorted(taken.items()))
    parts.append(f'<polyline class="curve" points="{points}"/>')
    last = max(taken)
    parts.append(f'<text x="{right + 10}" y="{y(taken[last]) + 4:.1f}">Colonnade, packaged</text>')
    height = y(beside[1])
    parts.append(f'<line class="beside" x1="{_LEFT}" x2="{right}" y1="{height:.1f}" y2="{height:.1f}"/>')
    parts += [
        f'<text x="{right + 10}" y="{height + 4 + 15 * number:.1f}">{words}</text>'
        for number, words in enumerate(beside[0].split("\n"))
    ]
    parts.append(
        f'<text x="{right}" y="{_HEIGHT - 8}" text-anchor="end">types; upwards, milliseconds of CPU</text>'
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{title}">\n'
        f"<style>{_STYLE}</style>\n" + "\n".join(parts) + "\n</svg>\n"
    )
