"""Every way an endpoint can misbehave: the next one answers, or the error has its kind, in bounded time."""

from __future__ import annotations

import time

import pytest

from colonnade.chains import BASE, Call
from colonnade.errors import (
    ChainIdMismatch,
    ChainProtocolError,
    ChainTimeout,
    ChainUnavailable,
)
from colonnade.evm import checksum
from infra.rpc.transport import AnswerTooLarge
from tests.infra.rpc.behaviours import BEHAVIOURS, LIMIT, deadline_for
from tests.infra.rpc.conftest import Connect
from tests.infra.rpc.http_server import Exchange, ScriptedServer

ECHO = checksum(b"\xec" * 20)
HELLO = Call(ECHO, b"hello")
NOWHERE = "http://127.0.0.1:1"


@pytest.mark.parametrize("misbehaviour", BEHAVIOURS)
async def test_the_next_endpoint_answers_when_one_misbehaves(
    misbehaviour: str, bad: ScriptedServer, good: ScriptedServer, connect: Connect
) -> None:
    bad.otherwise = BEHAVIOURS[misbehaviour]
    reader = connect(bad.url, good.url, deadline_seconds=2.0, response_bytes=LIMIT).reader(BASE)
    started = time.monotonic()
    assert await reader.call(HELLO) == b"hello"
    assert time.monotonic() - started < 2.0
    assert (len(bad.exchanges), len(good.exchanges)) == (1, 1)


@pytest.mark.parametrize("misbehaviour", BEHAVIOURS)
async def test_an_endpoint_that_misbehaves_alone_is_a_typed_error_in_bounded_time(
    misbehaviour: str, bad: ScriptedServer, connect: Connect
) -> None:
    bad.otherwise = BEHAVIOURS[misbehaviour]
    deadline = deadline_for(misbehaviour)
    reader = connect(bad.url, deadline_seconds=deadline, response_bytes=LIMIT).reader(BASE)
    started = time.monotonic()
    with pytest.raises(ChainUnavailable, match=bad.name):
        await reader.call(HELLO)
    assert time.monotonic() - started < deadline + 1.0
    assert len(bad.exchanges) == 1


@pytest.mark.parametrize(
    ("misbehaviour", "kind", "words"),
    [
        ("hangs", ChainTimeout, "did not answer in time"),
        ("drips", ChainTimeout, "did not answer in time"),
        ("HTML 502", ChainUnavailable, "answered HTTP 502"),
        ("HTML 200", ChainProtocolError, "not JSON"),
        ("401", ChainProtocolError, "answered HTTP 401: check its URL and key"),
        ("redirect", ChainProtocolError, "redirects"),
        ("huge", AnswerTooLarge, "more than 100000 bytes"),
        ("batches refused", ChainProtocolError, "the batch is refused: no batches"),
        ("foreign ids", ChainProtocolError, "belongs to no request"),
        ("half the answers", ChainProtocolError, "3 of 3 requests are not answered"),
        ("number results", ChainProtocolError, "not an object"),
        ("wrong chain", ChainIdMismatch, "serves chain 1, not 8453"),
    ],
)
async def test_each_failure_has_its_kind(
    misbehaviour: str, kind: type[ChainUnavailable], words: str, bad: ScriptedServer, connect: Connect
) -> None:
    bad.otherwise = BEHAVIOURS[misbehaviour]
    chains = connect(bad.url, deadline_seconds=deadline_for(misbehaviour), response_bytes=LIMIT)
    with pytest.raises(ChainUnavailable, match=words) as failed:
        await chains.reader(BASE).call(HELLO)
    assert type(failed.value) is kind


async def test_failures_of_one_kind_stay_of_that_kind(
    bad: ScriptedServer, good: ScriptedServer, connect: Connect
) -> None:
    bad.otherwise = good.otherwise = Exchange.hang
    with pytest.raises(ChainTimeout, match=f"{bad.name} did not answer.*{good.name} did not answer"):
        await connect(bad.url, good.url, deadline_seconds=0.4).reader(BASE).call(HELLO)


async def test_failures_of_several_kinds_are_told_together(
    bad: ScriptedServer, good: ScriptedServer, connect: Connect
) -> None:
    bad.otherwise = Exchange.hang
    good.otherwise = BEHAVIOURS["HTML 200"]
    with pytest.raises(
        ChainUnavailable, match=f"{bad.name} did not answer.*{good.name}: .*not JSON"
    ) as failed:
        await connect(bad.url, good.url, deadline_seconds=0.4).reader(BASE).call(HELLO)
    assert type(failed.value) is ChainUnavailable
    assert failed.value.retryable
