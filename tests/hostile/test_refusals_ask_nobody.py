"""Every refusal that needs no more than the request and what the process knows asks nobody: no table, chain, or server."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, NoReturn

import pytest

from colonnade.ids import UlidIds
from colonnade.queues import Queues
from colonnade.testing import FrozenClock
from handlers.http import HttpHandler
from handlers.runtime import Adapters, build
from tests.handlers.sample import event
from tests.hostile.attacks import ATTACKS
from tests.hostile.target import ENVIRONMENT, JSON, Counting

HELLO: Final = "{ __typename }"


class Untouched:
    """A port that notes whatever is asked of it, and answers nothing."""

    def __init__(self, calls: list[str]) -> None:
        self._calls = calls

    def __getattr__(self, name: str) -> NoReturn:
        self._calls.append(name)
        raise AttributeError(name)


class Watched:
    """This deployment's own application; `calls`: all that was asked of anything outside of the process."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        clock = FrozenClock()
        self.store = Counting(clock)
        self.calls = self.store.calls
        untouched: Any = Untouched(self.calls)
        queues = Queues(untouched, untouched)
        adapters = Adapters(self.store, untouched, clock, UlidIds(clock), queues, untouched, http=untouched)
        self._http = HttpHandler(build({**ENVIRONMENT, **environment}, adapters=adapters))

    def post(self, body: bytes, path: str = "/graphql", **more: str) -> tuple[int, set[str]]:
        """The status of the answer, and the codes in it."""
        answer = self._http(event(path=path, body=body, headers={**JSON, **more}))
        said = json.loads(answer["body"])
        answers: list[Any] = said if isinstance(said, list) else [said]
        return answer["statusCode"], {
            error["extensions"]["code"] for one in answers for error in one.get("errors", ())
        }


@cache
def watched(**environment: str) -> Watched:
    return Watched(environment)


def asking(document: str, **more: Any) -> bytes:
    return json.dumps({"query": document, **more}).encode()


@pytest.mark.parametrize("attack", [attack for attack in ATTACKS if attack.stage != "run"], ids=str)
def test_no_refused_attack_asks_anybody(attack: Any) -> None:
    target = watched()
    target.calls.clear()
    _, codes = target.post(attack.body)
    assert codes
    assert codes <= attack.codes
    assert not target.calls


def test_the_rate_limit_is_told_from_memory() -> None:
    target = watched(COLONNADE_BUCKET="2000", COLONNADE_RESTORE_RATE="1")
    for _ in range(2_100):
        if target.post(asking(HELLO))[1]:
            break
    target.calls.clear()
    assert [target.post(asking(HELLO)) for _ in range(20)] == [(429, {"RATE_LIMITED"})] * 20
    assert not target.calls


@pytest.mark.parametrize(
    "document", ["{ __schema { types { name } } }", '{ __type(name: "Query") { name } }', "{ nope }"]
)
def test_who_may_not_see_the_schema_costs_nothing(document: str) -> None:
    target = watched(COLONNADE_INTROSPECTION="nobody")
    target.calls.clear()
    _, codes = target.post(asking(document))
    assert codes in ({"INTROSPECTION_DISABLED"}, {"GRAPHQL_VALIDATION_FAILED"})
    assert not target.calls


def test_a_document_that_is_not_trusted_costs_nothing(tmp_path: Path) -> None:
    listed = tmp_path / "documents.json"
    listed.write_text(json.dumps({hashlib.sha256(HELLO.encode()).hexdigest(): HELLO}))
    target = Watched({"COLONNADE_TRUSTED_DOCUMENTS": str(listed), "COLONNADE_ONLY_TRUSTED_DOCUMENTS": "true"})
    _, codes = target.post(asking("{ viewer { id } }"))
    assert codes == {"UNTRUSTED_DOCUMENT"}
    assert not target.calls


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (asking(HELLO), {"content-type": "text/plain"}),
        (asking(HELLO), {"accept": "text/html"}),
        (asking(HELLO, variables=[1]), {}),
        (asking(HELLO, operationName="Nobody"), {}),
        (asking("query A { __typename } query B { __typename }"), {}),
        (b"[]", {}),
    ],
    ids=["type", "accept", "variables", "no such operation", "which operation", "empty batch"],
)
def test_a_malformed_request_costs_nothing(body: bytes, headers: Mapping[str, str]) -> None:
    target = watched()
    target.calls.clear()
    status, codes = target.post(body, **headers)
    assert 400 <= status < 500
    assert codes
    assert not target.calls
