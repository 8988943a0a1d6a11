"""A schema as text: what is committed, how it differs from what is composed, and what of that breaks clients."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from graphql import GraphQLError, GraphQLSchema, build_schema, find_breaking_changes, find_dangerous_changes

from colonnade.composer import Composition
from colonnade.errors import ConfigurationError

_BULLET: Final = "- "


@dataclass(frozen=True, slots=True)
class SchemaChange:
    """How a schema changes. `breaking`: clients that worked stop working; `dangerous`: some may be surprised.

    `diff`: the lines of a unified diff, none where the texts are equal.
    """

    breaking: tuple[str, ...]
    dangerous: tuple[str, ...]
    diff: tuple[str, ...]

    @classmethod
    def between(cls, old: str, new: str) -> SchemaChange:
        """The change from one schema to another. Raises `ConfigurationError` for text that is not a schema."""
        before, after = _schema(old), _schema(new)
        return cls(
            breaking=tuple(sorted(change.description for change in find_breaking_changes(before, after))),
            dangerous=tuple(sorted(change.description for change in find_dangerous_changes(before, after))),
            diff=tuple(_diff(old, new)),
        )

    def undeclared(self, declaration: str) -> tuple[str, ...]:
        """The breaking changes that `declaration`, a Markdown text, does not have as an item of a list."""
        declared = {
            line.strip().removeprefix(_BULLET).strip()
            for line in declaration.splitlines()
            if line.strip().startswith(_BULLET)
        }
        return tuple(change for change in self.breaking if change not in declared)


def sdl(composition: Composition) -> str:
    """The composed schema in GraphQL's own language; the same text in every process."""
    return composition.schema.as_str().rstrip() + "\n"


def _schema(text: str) -> GraphQLSchema:
    try:
        return build_schema(text)
    except (GraphQLError, TypeError) as error:
        raise ConfigurationError(f"the snapshot is not a GraphQL schema: {error}") from error


def _diff(old: str, new: str) -> Iterator[str]:
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), "committed", "composed", lineterm="")
    yield from lines
