"""Answers that a client waits for and cannot be sent: it is made to connect again, rather than to wait for ever."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from colonnade.errors import ConnectionThrottled, ConnectionUnavailable, StoreUnavailable
from colonnade.store import Writes
from colonnade.subscriptions import sending
from colonnade.testing import MemoryStore
from colonnade.testing.scripted_connections import ScriptedConnections
from tests.subscriptions.stage import Stage

MORE_THAN_PATIENCE = 6


def busy(stage: Stage, client: str, times: int) -> None:
    stage.sockets.fail(client, *[ConnectionThrottled("slowly")] * times)


async def test_an_acknowledgement_arrives_after_a_while_of_throttling() -> None:
    stage = Stage()
    client = stage.sockets.open()
    busy(stage, client, MORE_THAN_PATIENCE - 1)
    await stage.say(client, type="connection_init")
    assert stage.heard(client) == [{"type": "connection_ack"}]
    assert stage.sockets.closed == []


async def test_a_client_that_cannot_be_acknowledged_is_hung_up_on() -> None:
    stage = Stage()
    client = stage.sockets.open()
    busy(stage, client, MORE_THAN_PATIENCE)
    await stage.say(client, type="connection_init")
    assert stage.heard(client) == []
    assert stage.sockets.closed == [client]


async def test_a_client_that_cannot_be_told_of_a_refusal_is_hung_up_on() -> None:
    stage = Stage()
    client = await stage.connect()
    busy(stage, client, MORE_THAN_PATIENCE)
    await stage.follow(client, "subscription { nothing }")
    assert stage.sockets.closed == [client]


async def test_a_result_that_cannot_be_sent_is_not_followed_by_its_completion() -> None:
    stage = Stage()
    client = await stage.connect()
    busy(stage, client, MORE_THAN_PATIENCE)
    await stage.follow(client, "{ whoami }")
    assert stage.heard(client) == []
    assert stage.sockets.closed == [client]


class Hanging(ScriptedConnections):
    """Lets whoever posts wait for ever."""

    async def post(self, connection_id: str, text: str) -> None:
        await asyncio.Event().wait()


async def test_a_gateway_that_does_not_answer_holds_up_no_function(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "_ANSWER_SECONDS", 0.05)
    stage = Stage(sockets=Hanging())
    client = stage.sockets.open()
    await stage.say(client, type="connection_init")
    assert stage.sockets.closed == [client]


class NoWrites(MemoryStore):
    async def transact(self, writes: Writes) -> None:
        raise StoreUnavailable("no writes today")


async def test_a_client_that_cannot_be_written_down_is_hung_up_on() -> None:
    stage = Stage()
    stage.use(replace(stage.ports, store=NoWrites(stage.clock)))
    client = stage.sockets.open()
    with pytest.raises(StoreUnavailable):
        await stage.say(client, type="connection_init")
    assert stage.sockets.closed == [client]


async def test_a_subscriber_that_cannot_be_told_of_the_end_is_hung_up_on() -> None:
    stage = Stage()
    client = await stage.connect()
    await stage.follow(client)
    busy(stage, client, MORE_THAN_PATIENCE)
    await stage.deliverer.revoke("session-eve")
    assert stage.sockets.closed == [client]


class Stubborn(ScriptedConnections):
    """Closes nothing at the first attempt."""

    attempts = 0

    async def close(self, connection_id: str) -> None:
        self.attempts += 1
        if self.attempts == 1:
            raise ConnectionUnavailable("not now")
        await super().close(connection_id)


async def test_a_connection_that_cannot_be_closed_now_is_closed_by_a_job() -> None:
    stage = Stage(sockets=Stubborn())
    client = stage.sockets.open()
    busy(stage, client, MORE_THAN_PATIENCE)
    await stage.say(client, type="connection_init")
    assert stage.sockets.closed == []
    await stage.work_on_all()
    assert stage.sockets.closed == [client]
