"""Documents that are known from before run as they would, and are neither parsed nor validated again."""

from __future__ import annotations

from typing import Any

import pytest

from colonnade.limits import Limits
from colonnade.server import Server, documents
from colonnade.server.known_documents import KnownDocuments, pickled
from colonnade.server.persisted import PersistedDocuments
from colonnade.testing.clock import FrozenClock
from colonnade.testing.memory_store import MemoryStore
from tests.server.sample import SCHEMA, ask, body_of, post

HELLO = "{ hello }"
DEEP = "query Deep { __schema { types { fields { type { name } } } } }"
FRAGMENTS = "query A { ...F } query B { ...F __typename } fragment F on Query { hello }"
MISSING = "query Missing($name: String!) { hello @include(if: true) __type(name: $name) { name } }"
REPEATED = "query Repeated { hello hello hello hello }"
TEXTS = [HELLO, DEEP, FRAGMENTS, MISSING, REPEATED]
KNOWN = KnownDocuments(lambda: pickled(TEXTS, SCHEMA._schema))


def served(known: KnownDocuments, limits: Limits | None = None) -> Server:
    clock = FrozenClock()
    persisted = PersistedDocuments(MemoryStore(clock), clock, known=known)
    return Server(SCHEMA, lambda request: request, limits, persisted=persisted)


def told(server: Server, body: dict[str, Any]) -> Any:
    found = body_of(ask(post(body), of=server))
    for error in found.get("errors", []):
        error.get("extensions", {}).pop("requestId", None)
    return found


@pytest.mark.parametrize(
    "body",
    [
        {"query": HELLO},
        {"query": DEEP},
        {"query": FRAGMENTS, "operationName": "B"},
        {"query": FRAGMENTS},
        {"query": MISSING},
        {"query": MISSING, "variables": {"name": "Query"}},
    ],
    ids=["plain", "nested", "chosen", "not chosen", "without its variable", "with its variable"],
)
def test_an_answer_is_the_same(body: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    expected = told(served(KnownDocuments()), body)
    held = pickled(TEXTS, SCHEMA._schema)

    def never(*_: object, **__: object) -> Any:
        raise AssertionError("known already")

    monkeypatch.setattr(documents, "parse", never)
    monkeypatch.setattr(documents, "validate", never)
    server = served(KnownDocuments(lambda: held))
    assert told(server, body) == expected
    assert told(server, body) == expected, "the next time"


@pytest.mark.parametrize(
    ("limits", "text", "code"),
    [
        (Limits(tokens=3), DEEP, "GRAPHQL_PARSE_FAILED"),
        (Limits(aliases=1), "{ one: hello two: hello }", "ALIAS_LIMIT_EXCEEDED"),
        (Limits(comparisons=1), REPEATED, "COMPARISON_LIMIT_EXCEEDED"),
        (Limits(cost=1), DEEP, "COST_LIMIT_EXCEEDED"),
    ],
    ids=["tokens", "aliases", "comparisons", "cost"],
)
def test_limits_are_held_against_what_is_known(limits: Limits, text: str, code: str) -> None:
    held = pickled([text], SCHEMA._schema)
    assert held
    server = served(KnownDocuments(lambda: held), limits)
    expected = told(served(KnownDocuments(), limits), {"query": text})
    assert expected["errors"][0]["extensions"]["code"] == code
    for _ in range(2):
        assert told(server, {"query": text}) == expected


def test_what_is_not_valid_is_not_held() -> None:
    assert len(pickled([HELLO, "{ nope }", "{ hello", ""], SCHEMA._schema)) == 1
    assert "nope" in told(served(KNOWN), {"query": "{ nope }"})["errors"][0]["message"]


def test_nothing_is_read_before_a_document_is_asked_for() -> None:
    def never() -> dict[str, bytes]:
        raise AssertionError("too early")

    served(KnownDocuments(never))


def test_each_who_asks_has_a_document_of_its_own() -> None:
    one, other = KNOWN.document(HELLO), KNOWN.document(HELLO)
    assert one == other
    assert one is not other
    assert KNOWN.document("{ \ud800 }") is None
