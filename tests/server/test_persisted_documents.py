"""Documents by their hash: learnt once, then named; trusted ones known from the start."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from colonnade.errors import ConfigurationError, StoreUnavailable
from colonnade.http import Response
from colonnade.server import Server
from colonnade.server.documents import LONGEST_KEPT
from colonnade.server.persisted import KEPT, PersistedDocuments, digest_of, trusted_documents
from colonnade.store import Item, Key, Writes
from colonnade.testing.clock import FrozenClock
from colonnade.testing.memory_store import MemoryStore
from tests.server.sample import SCHEMA, ask, body_of, codes_of, get, post

HELLO = "{ hello }"
DIGEST = hashlib.sha256(HELLO.encode()).hexdigest()


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def documents(clock: FrozenClock) -> PersistedDocuments:
    return PersistedDocuments(MemoryStore(clock), clock)


def asked(documents: PersistedDocuments | None, body: dict[str, Any]) -> Response:
    return ask(post(body), of=Server(SCHEMA, lambda request: request, persisted=documents))


def named(digest: object = DIGEST, version: object = 1) -> dict[str, Any]:
    return {"extensions": {"persistedQuery": {"version": version, "sha256Hash": digest}}}


class Unavailable(MemoryStore):
    """A store that answers nothing."""

    async def get(self, key: Key) -> Item | None:
        raise StoreUnavailable("the table table-7 does not answer")

    async def transact(self, writes: Writes) -> None:
        raise StoreUnavailable("the table table-7 does not answer")


def test_without_a_store_a_document_runs_and_its_hash_is_for_later(clock: FrozenClock) -> None:
    documents = PersistedDocuments(Unavailable(clock), clock)
    assert body_of(asked(documents, {"query": HELLO, **named()})) == {"data": {"hello": "hello world"}}
    response = asked(documents, named())
    (error,) = body_of(response)["errors"]
    assert (response.status, error["extensions"]["code"]) == (503, "UNAVAILABLE")
    assert error["extensions"]["retryable"] is True
    assert "table-7" not in error["message"]


def test_an_unknown_hash_asks_for_the_document_and_is_known_from_then_on(
    documents: PersistedDocuments,
) -> None:
    first = asked(documents, named())
    assert body_of(first)["errors"][0]["message"] == "PersistedQueryNotFound"
    assert codes_of(first) == ["PERSISTED_QUERY_NOT_FOUND"]
    for body in ({"query": HELLO, **named()}, named()):
        assert body_of(asked(documents, body)) == {"data": {"hello": "hello world"}}


def test_a_known_document_is_run_by_get(documents: PersistedDocuments) -> None:
    asked(documents, {"query": HELLO, **named()})
    extensions = quote(json.dumps(named()["extensions"]))
    server = Server(SCHEMA, lambda request: request, persisted=documents)
    assert body_of(ask(get(f"extensions={extensions}"), of=server)) == {"data": {"hello": "hello world"}}


def test_a_hash_of_another_document_is_refused_and_not_kept(documents: PersistedDocuments) -> None:
    response = asked(documents, {"query": "{ double(number: 2) }", **named()})
    assert (response.status, codes_of(response)) == (400, ["PERSISTED_QUERY_MISMATCH"])
    assert codes_of(asked(documents, named())) == ["PERSISTED_QUERY_NOT_FOUND"]


@pytest.mark.parametrize(
    "entry",
    [
        named("x"),
        named(DIGEST.upper()),
        named(None),
        named(7),
        named(version=2),
        {"extensions": {"persistedQuery": []}},
    ],
)
def test_a_malformed_hash_is_refused(documents: PersistedDocuments, entry: dict[str, Any]) -> None:
    response = asked(documents, entry)
    assert (response.status, codes_of(response)) == (400, ["BAD_REQUEST"])


def test_an_invalid_document_is_not_kept(documents: PersistedDocuments) -> None:
    bad = "{ nope }"
    asked(documents, {"query": bad, **named(digest_of(bad))})
    assert codes_of(asked(documents, named(digest_of(bad)))) == ["PERSISTED_QUERY_NOT_FOUND"]


def test_a_giant_runs_and_is_not_kept(documents: PersistedDocuments) -> None:
    """A row costs by its length, and anybody may send one."""
    for length, found in ((LONGEST_KEPT, []), (LONGEST_KEPT + 1, ["PERSISTED_QUERY_NOT_FOUND"])):
        giant = f"{HELLO} #".ljust(length, "x")
        again = named(digest_of(giant))
        assert body_of(asked(documents, {"query": giant, **again})) == {"data": {"hello": "hello world"}}
        assert [
            error["extensions"]["code"] for error in body_of(asked(documents, again)).get("errors", ())
        ] == found


def test_a_document_is_forgotten_when_it_was_not_sent_for_long(
    documents: PersistedDocuments, clock: FrozenClock
) -> None:
    asked(documents, {"query": HELLO, **named()})
    clock.advance(KEPT)
    assert codes_of(asked(documents, named())) == ["PERSISTED_QUERY_NOT_FOUND"]


def test_without_a_store_of_documents_a_query_is_needed() -> None:
    assert codes_of(asked(None, named())) == ["BAD_REQUEST"]
    assert codes_of(asked(None, {})) == ["BAD_REQUEST"]


def test_a_trusted_document_is_known_without_the_store(clock: FrozenClock) -> None:
    trusted = PersistedDocuments(MemoryStore(clock), clock, {DIGEST: HELLO})
    assert body_of(asked(trusted, named())) == {"data": {"hello": "hello world"}}


def test_only_trusted_documents_run_where_the_deployment_says_so(clock: FrozenClock) -> None:
    only = PersistedDocuments(MemoryStore(clock), clock, {DIGEST: HELLO}, only_trusted=True)
    for body in (named(), {"query": HELLO}, {"query": HELLO, **named()}):
        assert "data" in body_of(asked(only, body))
    for body in ({"query": "{ grin }"}, {"query": "{ grin }", **named(digest_of("{ grin }"))}, {}):
        response = asked(only, body)
        assert (response.status, codes_of(response)) == (403, ["UNTRUSTED_DOCUMENT"])


@pytest.mark.parametrize("held", [[HELLO], {"any name": HELLO}])
def test_trusted_documents_are_read_from_what_build_tools_write(tmp_path: Path, held: object) -> None:
    path = tmp_path / "documents.json"
    path.write_text(json.dumps(held))
    assert trusted_documents(path) == {DIGEST: HELLO}


@pytest.mark.parametrize("text", ["", "{", "7", "[7]", '{"a": 7}'])
def test_a_malformed_list_of_trusted_documents_stops_the_start(tmp_path: Path, text: str) -> None:
    path = tmp_path / "documents.json"
    path.write_text(text)
    with pytest.raises(ConfigurationError):
        trusted_documents(path)


def test_a_document_that_is_only_sent_costs_no_access_to_the_store(clock: FrozenClock) -> None:
    class Untouched:
        def __getattr__(self, name: str) -> Any:
            raise AssertionError(f"the store was asked to {name}")

    assert "data" in body_of(asked(PersistedDocuments(Untouched(), clock), {"query": HELLO}))
