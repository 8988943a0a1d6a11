"""Documents, parsed and validated once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Final, Generic, TypeVar

import strawberry
from graphql import DocumentNode, GraphQLError, OperationDefinitionNode, parse, specified_rules, validate
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from colonnade.limits import Limits
from colonnade.server.comparing import comparisons
from colonnade.server.scanning import PastLimit, scan

MAX_DOCUMENTS: Final = 512
MAX_CHARACTERS: Final = 250_000
LONGEST_KEPT: Final = MAX_CHARACTERS // 10
"""Characters of a document above which it is remembered nowhere: a stranger could fill memory or the store with few."""

P = TypeVar("P")
"""What is made of an operation before it runs."""

# Strawberry's other rule explains null to authors of resolvers, not to clients, and only where it is a literal:
# `colonnade.masking` has the same words for every null that is not one.
RULES: Final = (*specified_rules, OneOfInputValidationRule)
"""What a document is validated by."""


class RequestError(Exception):
    """The operation cannot run as it was asked for; `errors` say why, and `code` is what they have in common."""

    def __init__(self, code: str, errors: list[GraphQLError]) -> None:
        super().__init__(code)
        self.code = code
        self.errors = errors


class Unresolved(RequestError):
    """The document has no operation of that name, or several and none was chosen."""


def over_limit(code: str, what: str, most: int) -> RequestError:
    """The error of a document that holds more than `most` of something."""
    return RequestError(
        code, [GraphQLError(f"{what}; at most {most} here. Ask for less, or in several operations")]
    )


@dataclass(slots=True)
class Parsed(Generic[P]):
    """A document. `prepared`: what has been made of its operations, by the name that chose one, for next time; `valid`:
    whether the schema has been asked, and has nothing against it; `known`: whether it was asked before this process started.
    """

    document: DocumentNode
    characters: int
    prepared: dict[str | None, P] = field(default_factory=dict[str | None, P])
    valid: bool = False
    known: bool = False


class Documents(Generic[P]):
    """The documents of one schema, the most recently used kept, for any number of threads: those that are valid, and those
    that go too far, so that to refuse them again is cheap.

    Bounded by number and by total length, since a parsed document takes up to 300 bytes a character. Documents that
    are not valid are not kept: nobody needs them twice.
    """

    def __init__(
        self,
        schema: strawberry.Schema,
        limits: Limits,
        known: Callable[[str], DocumentNode | None] = lambda _: None,
    ) -> None:
        # Strawberry has no public name for it.
        self.schema = schema._schema  # pyright: ignore[reportPrivateUsage]
        self._limits = limits
        self._known = known
        self._lock = Lock()
        self._entries: OrderedDict[str, Parsed[P]] = OrderedDict()
        self._characters = 0

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, query: str, check: Callable[[Parsed[P]], object] = lambda _: None) -> Parsed[P]:
        """The document of `query`, valid for this schema. Raises `RequestError`.

        `check`: asked before a document is validated, which takes longest; it raises for one that goes too far.
        """
        with self._lock:
            parsed = self._entries.get(query)
            if parsed is not None:
                self._entries.move_to_end(query)
                if parsed.valid:
                    return parsed
        if parsed is None:
            parsed = self._parse(query)
        try:
            check(parsed)
        except RequestError:
            self._keep(query, parsed)
            raise
        most = self._limits.comparisons
        if (found := comparisons(parsed.document, most)) > most:
            raise over_limit(
                "COMPARISON_LIMIT_EXCEEDED", f"it repeats itself: {found} pairs to compare", most
            )
        errors = [] if parsed.known else validate(self.schema, parsed.document, RULES)
        if errors:
            raise RequestError("GRAPHQL_VALIDATION_FAILED", errors)
        parsed.valid = True
        self._keep(query, parsed)
        return parsed

    def _parse(self, query: str) -> Parsed[P]:
        try:
            scan(query, self._limits)
            if (known := self._known(query)) is not None:
                return Parsed[P](known, len(query), known=True)
            most = self._limits.tokens
            return Parsed[P](parse(query, max_lexical_tokens=most, max_comments=most), len(query))
        except GraphQLError as error:
            raise RequestError("GRAPHQL_PARSE_FAILED", [error]) from None
        except PastLimit as past:
            raise over_limit(past.code, past.what, past.most) from None

    def _keep(self, query: str, parsed: Parsed[P]) -> None:
        if len(query) > LONGEST_KEPT:
            return
        with self._lock:
            if query in self._entries:
                return
            self._entries[query] = parsed
            self._characters += len(query)
            while len(self._entries) > MAX_DOCUMENTS or self._characters > MAX_CHARACTERS:
                _, dropped = self._entries.popitem(last=False)
                self._characters -= dropped.characters


def operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    """The operation that `name` chooses, or the only one. Raises `Unresolved`."""
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    if name is not None:
        chosen = [o for o in operations if o.name is not None and o.name.value == name]
        problem = f"the document has no operation named {name[:100]!r}"
    else:
        chosen = operations
        problem = "the document has several operations: choose one with `operationName`"
    if len(chosen) == 1:
        return chosen[0]
    if not operations:
        problem = "the document has no operation"
    raise Unresolved("OPERATION_RESOLUTION_FAILURE", [GraphQLError(problem)])
