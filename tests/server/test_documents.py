import threading
from typing import Any

import pytest
import strawberry

from colonnade.errors import ConfigurationError
from colonnade.limits import Limits
from colonnade.server import Server, documents
from colonnade.server.documents import Documents, RequestError
from tests.server.sample import SCHEMA, ask, body_of, post


@strawberry.type
class OtherQuery:
    @strawberry.field
    def other(self) -> str:
        return "other"


def test_valid_document_is_parsed_and_validated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Documents[Any](SCHEMA, Limits())
    first = kept.get("{ hello }")
    monkeypatch.setattr(documents, "validate", lambda *_: pytest.fail("validated again"))
    assert kept.get("{ hello }") is first


def test_schemas_share_no_documents() -> None:
    theirs = Server(strawberry.Schema(OtherQuery), lambda _: None)
    ours = Server(SCHEMA, lambda _: None)
    assert body_of(ask(post({"query": "{ hello }"}), of=ours)) == {"data": {"hello": "hello world"}}
    assert "errors" in body_of(ask(post({"query": "{ hello }"}), of=theirs))
    assert body_of(ask(post({"query": "{ other }"}), of=theirs)) == {"data": {"other": "other"}}
    assert "errors" in body_of(ask(post({"query": "{ other }"}), of=ours))


def test_invalid_documents_are_refused_each_time_and_not_kept() -> None:
    kept = Documents[Any](SCHEMA, Limits())
    for query in ("{ nope }", "{"):
        for _ in range(2):
            with pytest.raises(RequestError):
                kept.get(query)
    assert len(kept) == 0


def test_the_least_recently_used_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAX_DOCUMENTS", 2)
    kept = Documents[Any](SCHEMA, Limits())
    first = kept.get("{ hello }")
    second = kept.get("{ bug }")
    assert kept.get("{ hello }") is first
    kept.get("{ late }")
    assert len(kept) == 2
    assert kept.get("{ hello }") is first
    assert kept.get("{ bug }") is not second


def test_total_length_is_bounded_and_giants_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAX_CHARACTERS", 1_000)
    monkeypatch.setattr(documents, "LONGEST_KEPT", 100)
    kept = Documents[Any](SCHEMA, Limits())
    for number in range(50):
        kept.get("{ hello }".ljust(50 + number))
    assert 10 <= len(kept) <= 20
    kept.get("{ late }".ljust(101))
    assert kept.get("{ late }".ljust(101)) is not kept.get("{ late }".ljust(101))


def test_many_threads_may_ask_at_once() -> None:
    kept = Documents[Any](SCHEMA, Limits())
    found: list[object] = []

    def ask_for_all() -> None:
        found.extend(kept.get("{ hello }" + " " * (n % 7)) for n in range(70))

    threads = [threading.Thread(target=ask_for_all) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 560
    assert len(kept) == 7


def test_schema_with_extensions_is_refused_rather_than_run_without_them() -> None:
    from strawberry.extensions import MaskErrors

    with pytest.raises(ConfigurationError, match="extensions"):
        Server(strawberry.Schema(OtherQuery, extensions=[MaskErrors]), lambda _: None)
