"""What the command line says, and to whom."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def say(text: str = "") -> None:
    """A line of the answer."""
    sys.stdout.write(f"{text}\n")


def complain(text: str) -> None:
    """A line about why there is no answer."""
    sys.stderr.write(f"colonnade: {text}\n")


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows as columns of equal width, without blanks at the ends of lines."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
