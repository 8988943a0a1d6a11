"""Who may ask what the schema is."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final, Literal, TypeAlias

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    OperationDefinitionNode,
    SelectionSetNode,
)

from colonnade.permissions import ADMIN, Principal
from colonnade.server.documents import RequestError
from colonnade.server.refusal import Refusal
from colonnade.server.shape import INTROSPECTION

Introspection: TypeAlias = Literal["everyone", "admins", "nobody"]

_SUGGESTION: Final = re.compile(r" Did you mean .*\?", re.DOTALL)


@contextmanager
def describing(
    allowed: Introspection, principal: Principal | None
) -> Generator[Callable[[DocumentNode], None]]:
    """For the time in which a document is prepared for `principal`: a check that raises `Refusal` if it introspects.

    Whoever may not introspect is not told either which names a wrong one resembles: that would be the schema, name by
    name. `__typename` is no introspection, clients need it everywhere.
    """
    if allowed == "everyone" or (allowed == "admins" and principal is not None and principal.holds(ADMIN)):
        yield lambda document: None
        return
    try:
        yield _check
    except RequestError as problem:
        raise RequestError(problem.code, [_silent(error) for error in problem.errors]) from None


def introspects(document: DocumentNode) -> bool:
    """Whether any part of a document asks what the schema is."""
    waiting: list[SelectionSetNode] = [
        definition.selection_set
        for definition in document.definitions
        if isinstance(definition, OperationDefinitionNode | FragmentDefinitionNode)
    ]
    while waiting:
        for selection in waiting.pop().selections:
            if isinstance(selection, FieldNode) and selection.name.value in INTROSPECTION:
                return True
            if not isinstance(selection, FragmentSpreadNode):  # the fragment is a definition of its own
                inner: SelectionSetNode | None = getattr(selection, "selection_set", None)
                if inner is not None:
                    waiting.append(inner)
    return False


def _check(document: DocumentNode) -> None:
    if introspects(document):
        raise Refusal(
            403, "INTROSPECTION_DISABLED", "this deployment does not say what its schema is; ask who runs it"
        )


def _silent(error: GraphQLError) -> GraphQLError:
    return GraphQLError(
        _SUGGESTION.sub("", error.message), error.nodes, error.source, error.positions, error.path
    )
