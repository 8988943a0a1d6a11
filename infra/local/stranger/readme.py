"""What the README tells a stranger to do, read from the README: a path that is timed is the one that is told."""

from __future__ import annotations

import re
from dataclasses import dataclass


class NotTold(ValueError):
    """The README no longer says something that a stranger needs."""

    def __init__(self, what: str) -> None:
        super().__init__(f"README.md does not tell {what} where the stranger's path looks for it.")


@dataclass(frozen=True, slots=True)
class Told:
    """The first commands and the first query. `plugin`: begins a plugin and runs its tests, line by line."""

    serve: str
    query: str
    plugin: tuple[str, ...]


def told_by(readme: str) -> Told:
    """Raises `NotTold`."""
    first = _first(r"## Two commands.*?```sh\n(.*?)```", readme, "what to run first")
    query = _first(r"## A first query.*?```graphql\n(.*?)```", readme, "a first query")
    plugin = _first(r"## Add a plugin.*?```sh\n(.*?)```", readme, "how to begin a plugin")
    serve, *_ = _commands(first)
    return Told(serve, query, tuple(_commands(plugin)))


def _first(pattern: str, text: str, what: str) -> str:
    found = re.search(pattern, text, re.DOTALL)
    if found is None:
        raise NotTold(what)
    return found[1]


def _commands(block: str) -> list[str]:
    """The lines of a block of shell, without what they say about themselves."""
    return [command for line in block.splitlines() if (command := re.sub(r"\s+#.*", "", line).strip())]
